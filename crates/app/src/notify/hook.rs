//! Web hooks: a signed POST to an address that somebody stated in the configuration.
//!
//! One connection, one request, one answer, of which only the status line is read. A redirect is a failure: the address is what
//! was stated, and nothing else. The name is looked up once, and the address that was checked is the one that is connected to.

use super::{NoticeKind, Subscription};
use axum::http::Uri;
use ring::hmac;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// How long all of one delivery may take.
const TIME_MAX: Duration = Duration::from_secs(15);
/// Bytes of an answer until its status is known.
const STATUS_BYTES_MAX: usize = 4_096;
/// Web hooks, and characters of a secret, at least.
const HOOKS_MAX: usize = 50;
const SECRET_MIN: usize = 16;

/// A web hook: `[[hook]]` of the file that `notify.hooks` names.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hook {
    /// Names it.
    pub key: String,
    /// Where it is.
    pub url: String,
    /// What its deliveries are signed with.
    pub secret: String,
    /// What it is told.
    pub kinds: BTreeSet<NoticeKind>,
    /// Only of this unit and those below it.
    #[serde(default)]
    pub unit: String,
    /// Whether it may be this machine or a link-local address, and speak without TLS.
    #[serde(default)]
    pub local: bool,
}

/// The secret is not shown.
impl std::fmt::Debug for Hook {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Hook({} {})", self.key, self.url)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    hook: Vec<Hook>,
}

/// Reads the file of web hooks.
///
/// # Errors
/// What is wrong with it, and of which web hook.
pub fn read(path: &Path) -> Result<Vec<Hook>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    parse(&text)
}

/// Reads web hooks (TOML).
///
/// # Errors
/// What is wrong with them, and of which one.
pub fn parse(text: &str) -> Result<Vec<Hook>, String> {
    let Document { hook } = toml::from_str(text).map_err(|error| error.to_string())?;
    if hook.len() > HOOKS_MAX {
        return Err(format!("{HOOKS_MAX} hooks are the most"));
    }
    let mut seen = BTreeSet::new();
    for own in &hook {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if own.key.is_empty() || !own.key.chars().all(is_plain) || !seen.insert(&own.key) {
            return Err(format!(
                "hook {:?}: a key is of a to z, 0 to 9 and -, and stands once",
                own.key
            ));
        }
        if own.secret.chars().count() < SECRET_MIN {
            return Err(format!("hook {}: secret has at least {SECRET_MIN} characters", own.key));
        }
        if own.kinds.is_empty() || own.kinds.contains(&NoticeKind::Test) {
            return Err(format!("hook {}: kinds says what it is told", own.key));
        }
        Target::of(own).map_err(|error| format!("hook {}: {error}", own.key))?;
    }
    Ok(hook)
}

impl Hook {
    /// What it wants to know.
    pub fn subscription(&self) -> Subscription {
        Subscription { kinds: self.kinds.clone(), ..Subscription::default() }
    }
}

/// Where a web hook is, taken apart.
struct Target {
    is_tls: bool,
    host: String,
    port: u16,
    path: String,
}

impl Target {
    fn of(hook: &Hook) -> Result<Self, String> {
        let uri: Uri = hook.url.parse().map_err(|error| format!("url: {error}"))?;
        let is_tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if hook.local => false,
            Some("http") => {
                return Err("url: http goes without TLS; use https, or local = true".to_owned());
            }
            _ => return Err("url: it begins with https://".to_owned()),
        };
        let authority = uri.authority().ok_or("url: it has no host")?;
        if authority.as_str().contains('@') {
            return Err(
                "url: it holds a name and a password; the signature is what proves".to_owned()
            );
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = authority.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Self { is_tls, host, port, path })
    }

    /// As the header `Host` names it.
    fn named(&self) -> String {
        let Self { host, port, .. } = self;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }

    /// An address of it that may be connected to.
    async fn address(&self, is_local: bool) -> Result<SocketAddr, String> {
        let found = tokio::net::lookup_host((self.host.as_str(), self.port)).await;
        let found = found.map_err(|error| format!("{} is not found: {error}", self.host))?;
        let mut refused = None;
        for address in found {
            if is_local || !is_inside(address.ip()) {
                return Ok(address);
            }
            refused = Some(address.ip());
        }
        Err(match refused {
            Some(ip) => format!(
                "{} is {ip}, this machine or its link: set local = true to allow it",
                self.host
            ),
            None => format!("{} has no address", self.host),
        })
    }
}

/// Whether an address is this machine, its own link, or nobody's: what a web hook could be turned against.
fn is_inside(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            ip.is_loopback()
                || ip.is_link_local()
                || ip.is_unspecified()
                || ip.is_broadcast()
                || ip.is_multicast()
                || ip.octets()[0] == 0
        }
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(ip) => is_inside(IpAddr::V4(ip)),
            None => {
                ip.is_loopback()
                    || ip.is_unspecified()
                    || ip.is_multicast()
                    || ip.is_unicast_link_local()
            }
        },
    }
}

/// The value of `X-Skyriver-Signature`: `v1=` and HMAC-SHA256 of `TIMESTAMP.BODY`, hexadecimal.
pub fn signature(secret: &str, timestamp_s: i64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{timestamp_s}.{body}").as_bytes());
    let mut text = "v1=".to_owned();
    for byte in tag.as_ref() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// How TLS is spoken: with those whom the certificates of a file (PEM) vouch for.
///
/// # Errors
/// When the file holds something else.
pub fn client(roots_pem: &[u8]) -> Result<Arc<ClientConfig>, String> {
    let said = |error: &dyn std::error::Error| format!("notify.roots: {error}");
    let mut store = RootCertStore::empty();
    for root in CertificateDer::pem_slice_iter(roots_pem) {
        store.add_parsable_certificates([root.map_err(|error| said(&error))?]);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| said(&error))?
        .with_root_certificates(store)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// Delivers one body.
///
/// # Errors
/// Why it was not taken.
pub async fn deliver(
    hook: &Hook,
    tls: Arc<ClientConfig>,
    (id, body): (&str, &str),
    timestamp_s: i64,
) -> Result<(), String> {
    let target = Target::of(hook)?;
    let work = async {
        let address = target.address(hook.local).await?;
        let said = |error: std::io::Error| format!("{address}: {error}");
        let stream = TcpStream::connect(address).await.map_err(said)?;
        let signature = signature(&hook.secret, timestamp_s, body);
        let Target { host, path, .. } = &target;
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nUser-Agent: skyriver\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nX-Skyriver-Delivery: {id}\r\nX-Skyriver-Timestamp: {timestamp_s}\r\n\
             X-Skyriver-Signature: {signature}\r\nConnection: close\r\n\r\n",
            target.named(),
            body.len()
        );
        let request = format!("{head}{body}");
        let status = if target.is_tls {
            let name = ServerName::try_from(host.clone()).map_err(|error| error.to_string())?;
            let stream = TlsConnector::from(tls).connect(name, stream).await.map_err(said)?;
            ask(stream, &request).await
        } else {
            ask(stream, &request).await
        };
        match status? {
            200..=299 => Ok(()),
            300..=399 => Err("it answers with a redirect, which is not followed".to_owned()),
            status => Err(format!("it answers {status}")),
        }
    };
    tokio::time::timeout(TIME_MAX, work)
        .await
        .unwrap_or_else(|_| Err(format!("no answer within {} s", TIME_MAX.as_secs())))
}

/// Sends a request, and reads the status of its answer.
async fn ask(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    request: &str,
) -> Result<u16, String> {
    let said = |error: std::io::Error| error.to_string();
    stream.write_all(request.as_bytes()).await.map_err(said)?;
    stream.flush().await.map_err(said)?;
    let mut head = vec![];
    let mut part = [0; 512];
    while !head.contains(&b'\n') && head.len() < STATUS_BYTES_MAX {
        let count = stream.read(&mut part).await.map_err(said)?;
        if count == 0 {
            break;
        }
        head.extend_from_slice(&part[..count]);
    }
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let mut words = line.split_ascii_whitespace();
    let is_http = words.next().is_some_and(|version| version.starts_with("HTTP/1."));
    let status = words.next().and_then(|status| status.parse().ok());
    status.filter(|_| is_http).ok_or_else(|| "the answer is no HTTP".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hooks(url: &str, local: bool) -> Result<Vec<Hook>, String> {
        parse(&format!(
            "[[hook]]\nkey = \"a\"\nurl = \"{url}\"\nsecret = \"0123456789abcdef\"\nkinds = [\"case_urged\"]\nlocal = {local}\n"
        ))
    }

    #[test]
    fn an_address_without_tls_or_with_a_password_is_refused_by_name() {
        assert!(hooks("https://hooks.example/a?b=c", false).is_ok());
        for (url, says) in [
            ("http://hooks.example/", "without TLS"),
            ("ftp://hooks.example/", "https://"),
            ("https://ann:secret@hooks.example/", "password"),
            ("/nowhere", "https://"),
        ] {
            let error = hooks(url, false).unwrap_err();
            assert!(error.contains(says) && error.starts_with("hook a"), "{error}");
        }
        let weak = "[[hook]]\nkey = \"a\"\nurl = \"https://x.example\"\nsecret = \"short\"\nkinds = [\"case_urged\"]\n";
        assert!(parse(weak).unwrap_err().contains("16 characters"));
    }

    #[test]
    fn an_address_of_version_six_stands_in_brackets() {
        let named = |url| Target::of(&hooks(url, false).unwrap()[0]).unwrap().named();
        assert_eq!(named("https://[2001:db8::1]/a"), "[2001:db8::1]:443");
        assert_eq!(named("https://hooks.example:8443/a"), "hooks.example:8443");
    }

    #[test]
    fn this_machine_and_its_link_are_inside() {
        for ip in [
            "127.0.0.1",
            "169.254.169.254",
            "0.0.0.0",
            "::1",
            "fe80::1",
            "::ffff:127.0.0.1",
            "224.0.0.1",
        ] {
            assert!(is_inside(ip.parse().unwrap()), "{ip}");
        }
        for ip in ["10.1.2.3", "192.0.2.1", "2001:db8::1"] {
            assert!(!is_inside(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn the_signature_is_that_of_any_other_implementation() {
        // python3 -c "import hmac;print(hmac.new(b'0123456789abcdef',b'1700000000.{}','sha256').hexdigest())"
        let expected = "v1=e4f8e2ecae2295b2ddb2f0b5584c8275e226c0ebe9b3b819e70156bb67122e3e";
        assert_eq!(signature("0123456789abcdef", 1_700_000_000, "{}"), expected);
    }
}
