//! Mail by SMTP (RFC 5321), over TLS unless the configuration says otherwise.
//!
//! One mail, one conversation: the few words of it that a notice needs, written here, since the crate that speaks all of SMTP
//! brings seventeen others. The text goes as base64, so that no line of it can be taken for a word.

use super::outbox::Notice;
use crate::config::{Notify, SmtpTls};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::fmt::rfc2822;
use model::Timestamp;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// How long a whole conversation may take.
const TIME_MAX: Duration = Duration::from_secs(30);
/// Bytes and lines of one answer.
const LINE_BYTES_MAX: u64 = 4_096;
const LINES_MAX: usize = 100;
/// Bytes of text in one encoded word of a header, and letters in one line of a body.
const WORD_BYTES: usize = 42;
const LINE_LETTERS: usize = 76;

/// The way of mail.
#[derive(Clone)]
pub struct Mailer {
    host: String,
    port: u16,
    tls: SmtpTls,
    config: Arc<ClientConfig>,
    from: (String, String),
    secret: Option<(String, String)>,
}

impl Mailer {
    /// The way that the configuration states; none when it states no server.
    ///
    /// # Errors
    /// What is wrong with the settings.
    pub fn of(config: &Notify, tls: Arc<ClientConfig>) -> Result<Option<Self>, String> {
        if config.smtp_host.is_empty() {
            return Ok(None);
        }
        let from = mailbox(&config.smtp_from).ok_or_else(|| {
            format!(
                "notify.smtp_from: {:?} is no mailbox such as Skyriver <a@mail.example>",
                config.smtp_from
            )
        })?;
        let port = u16::try_from(config.smtp_port).map_err(|error| error.to_string())?;
        let secret = match &config.smtp_password_file {
            None => None,
            Some(path) => {
                let secret = std::fs::read_to_string(path)
                    .map_err(|error| format!("notify.smtp_password_file: {error}"))?;
                let secret = secret.trim_end_matches(['\r', '\n']).to_owned();
                Some((config.smtp_user.clone(), secret))
            }
        };
        if secret.is_some() && config.smtp_tls == SmtpTls::None {
            return Err("notify.smtp_tls: a password is not sent without TLS".to_owned());
        }
        let host = config.smtp_host.clone();
        Ok(Some(Self { host, port, tls: config.smtp_tls, config: tls, from, secret }))
    }

    /// Sends a notice to an address.
    ///
    /// # Errors
    /// Why it was not taken.
    pub async fn send(
        &self,
        id: &str,
        notice: &Notice,
        to: &str,
        now: Timestamp,
    ) -> Result<(), String> {
        if !is_address(to) {
            return Err("the address is none".to_owned());
        }
        let mail = written(&self.from, to, id, notice, now)?;
        let work = self.converse(to, &mail);
        tokio::time::timeout(TIME_MAX, work)
            .await
            .unwrap_or_else(|_| Err(format!("no end within {} s", TIME_MAX.as_secs())))
    }

    async fn converse(&self, to: &str, mail: &str) -> Result<(), String> {
        let said = |error: std::io::Error| format!("{}:{}: {error}", self.host, self.port);
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await.map_err(said)?;
        match self.tls {
            SmtpTls::None => {
                let mut talk = Talk::begin(stream).await?;
                talk.ask("EHLO skyriver", 250).await?;
                self.hand_over(&mut talk, to, mail).await
            }
            SmtpTls::Tls => {
                let stream = self.wrapped(stream).await.map_err(said)?;
                let mut talk = Talk::begin(stream).await?;
                talk.ask("EHLO skyriver", 250).await?;
                self.hand_over(&mut talk, to, mail).await
            }
            SmtpTls::Starttls => {
                let mut talk = Talk::begin(stream).await?;
                talk.ask("EHLO skyriver", 250).await?;
                talk.ask("STARTTLS", 220).await?;
                // What came before TLS and was not read yet is nobody's word.
                if !talk.0.buffer().is_empty() {
                    return Err("the server goes on before TLS".to_owned());
                }
                let stream = self.wrapped(talk.0.into_inner()).await.map_err(said)?;
                let mut talk = Talk(BufReader::new(stream));
                talk.ask("EHLO skyriver", 250).await?;
                self.hand_over(&mut talk, to, mail).await
            }
        }
    }

    async fn wrapped<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
    ) -> std::io::Result<tokio_rustls::client::TlsStream<S>> {
        let name = ServerName::try_from(self.host.clone()).map_err(std::io::Error::other)?;
        TlsConnector::from(Arc::clone(&self.config)).connect(name, stream).await
    }

    async fn hand_over<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        talk: &mut Talk<S>,
        to: &str,
        mail: &str,
    ) -> Result<(), String> {
        if let Some((user, secret)) = &self.secret {
            let proof = STANDARD.encode(format!("\0{user}\0{secret}"));
            talk.ask(&format!("AUTH PLAIN {proof}"), 235)
                .await
                .map_err(|error| format!("signing in: {error}"))?;
        }
        talk.ask(&format!("MAIL FROM:<{}>", self.from.1), 250).await?;
        talk.ask(&format!("RCPT TO:<{to}>"), 250).await?;
        talk.ask("DATA", 354).await?;
        talk.ask(&format!("{mail}\r\n."), 250).await?;
        // It is taken; how they part does not matter.
        let _ = talk.ask("QUIT", 221).await;
        Ok(())
    }
}

/// A conversation: a word, an answer.
struct Talk<S>(BufReader<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> Talk<S> {
    async fn begin(stream: S) -> Result<Self, String> {
        let mut talk = Self(BufReader::new(stream));
        talk.hear(220).await?;
        Ok(talk)
    }

    async fn ask(&mut self, word: &str, expected: u16) -> Result<(), String> {
        let said = |error: std::io::Error| error.to_string();
        self.0.get_mut().write_all(format!("{word}\r\n").as_bytes()).await.map_err(said)?;
        self.0.get_mut().flush().await.map_err(said)?;
        self.hear(expected).await
    }

    /// The answer, which may have several lines; all but the last have a `-` after the code.
    async fn hear(&mut self, expected: u16) -> Result<(), String> {
        for _ in 0..LINES_MAX {
            let mut line = vec![];
            let mut part = (&mut self.0).take(LINE_BYTES_MAX);
            part.read_until(b'\n', &mut line).await.map_err(|error| error.to_string())?;
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            if line.is_empty() {
                return Err("the server closed the conversation".to_owned());
            }
            if line.as_bytes().get(3) == Some(&b'-') {
                continue;
            }
            let code = line.get(..3).and_then(|code| code.parse::<u16>().ok());
            let is_expected = code == Some(expected);
            return if is_expected {
                Ok(())
            } else {
                Err(format!("the server answers {}", line.chars().take(200).collect::<String>()))
            };
        }
        Err("the answer of the server has no end".to_owned())
    }
}

/// The mail as it goes over the wire, without the line that ends it.
fn written(
    from: &(String, String),
    to: &str,
    id: &str,
    notice: &Notice,
    now: Timestamp,
) -> Result<String, String> {
    let (name, address) = from;
    let domain = address.rsplit('@').next().unwrap_or_default();
    let now = jiff::Timestamp::from_millisecond(now.as_ms()).map_err(|error| error.to_string())?;
    let date = rfc2822::DateTimePrinter::new()
        .timestamp_to_string(&now)
        .map_err(|error| error.to_string())?;
    let from = match name.as_str() {
        "" => address.clone(),
        name => format!("{} <{address}>", word(name)),
    };
    let mut mail = format!(
        "From: {from}\r\nTo: {to}\r\nSubject: {}\r\nDate: {date}\r\nMessage-ID: <{id}@{domain}>\r\n\
         Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: base64\r\n",
        word(&notice.subject)
    );
    let body = STANDARD.encode(notice.body.replace('\n', "\r\n"));
    for line in body.as_bytes().chunks(LINE_LETTERS) {
        mail += "\r\n";
        mail += &String::from_utf8_lossy(line);
    }
    Ok(mail)
}

/// Text in a header: as it is when it is plain, else as encoded words (RFC 2047).
fn word(text: &str) -> String {
    let is_plain =
        |c: char| c == ' ' || (c.is_ascii_graphic() && !matches!(c, '=' | '"' | '<' | '>'));
    if text.chars().all(is_plain) && text.len() <= 200 {
        return text.to_owned();
    }
    let mut words = vec![];
    let mut part = String::new();
    for c in text.chars().filter(|c| !c.is_control()) {
        if part.len() + c.len_utf8() > WORD_BYTES {
            words.push(std::mem::take(&mut part));
        }
        part.push(c);
    }
    words.push(part);
    let coded: Vec<String> =
        words.iter().map(|part| format!("=?utf-8?B?{}?=", STANDARD.encode(part))).collect();
    coded.join("\r\n ")
}

/// Name and address of `Name <address>`, or of an address alone.
fn mailbox(text: &str) -> Option<(String, String)> {
    let (name, address) = match text.trim().strip_suffix('>') {
        Some(rest) => rest.split_once('<')?,
        None => ("", text.trim()),
    };
    is_address(address).then(|| (name.trim().to_owned(), address.to_owned()))
}

/// Whether something is the address of a mailbox: of the plain ones that every server takes.
pub fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let is_local = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let is_domain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    let is_sound = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with('.');
    text.len() <= 254
        && local.len() <= 64
        && is_sound(local)
        && is_sound(domain)
        && !text.contains("..")
        && local.chars().all(is_local)
        && domain.chars().all(is_domain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::NoticeKind;

    #[test]
    fn an_address_cannot_hold_a_word_of_the_conversation() {
        for good in ["ann@mail.example", "a.b+c@x-y.example"] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "ann",
            "@x.example",
            "a@",
            "a b@x.example",
            "a@x.example\r\nDATA",
            "a..b@x.example",
            "<a@x.example>",
            "安@x.example",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
        assert_eq!(
            mailbox("Sky River <a@x.example>"),
            Some(("Sky River".into(), "a@x.example".into()))
        );
        assert_eq!(mailbox("Sky <a@x.example>, b@x.example"), None);
    }

    #[test]
    fn a_subject_in_chinese_goes_as_encoded_words_and_text_as_base64() {
        let long = "碧空清流".repeat(20);
        let coded = word(&long);
        let parts: Vec<&str> = coded.split("\r\n ").collect();
        assert!(parts.len() > 1 && parts.iter().all(|part| part.len() <= 75), "{coded}");
        let text: String = parts
            .iter()
            .map(|part| part.trim_start_matches("=?utf-8?B?").trim_end_matches("?="))
            .map(|part| String::from_utf8(STANDARD.decode(part).unwrap()).unwrap())
            .collect();
        assert_eq!(text, long);
        let [about, to] = ["2026-000001", "ann"].map(str::to_owned);
        let (kind, sequence) = (NoticeKind::CaseUrged, 5);
        let body = ".\nRCPT TO:<x>\n".to_owned();
        let notice =
            Notice { kind, about, sequence, to, subject: "a\r\nBcc: b@x.example".to_owned(), body };
        let from = (String::new(), "s@x.example".to_owned());
        let mail = written(&from, "ann@x.example", "id", &notice, Timestamp::from_ms(0)).unwrap();
        assert!(!mail.contains("Bcc:") && !mail.contains("RCPT"), "{mail}");
        assert!(
            mail.contains("Date: Thu, 1 Jan 1970 00:00:00") && mail.contains("base64\r\n\r\n"),
            "{mail}"
        );
    }
}
