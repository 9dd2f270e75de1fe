//! TLS: the page is served over it, and files that cannot be used are refused before anything starts.

use crate::site::Site;
use app::config::{self, Config};
use app::http::tls::{Error, Files};
use app::serve::Server;
use engine::RegistryFile;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Writes a certificate of `localhost` and its key.
fn write(dir: &Path) -> (Files, CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let files = Files { cert: dir.join("cert.pem"), key: dir.join("key.pem") };
    fs::write(&files.cert, made.cert.pem()).unwrap();
    fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    (files, made.cert.der().clone())
}

/// Asks over TLS for the session, trusting one certificate.
async fn asked(address: SocketAddr, trusted: CertificateDer<'static>) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(client)).connect(name, stream).await?;
    let head = "GET /api/v1/session HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8(answer).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_served_over_tls_to_those_who_know_the_certificate() {
    let dir = tempfile::tempdir().unwrap();
    let (files, certificate) = write(dir.path());
    let site = Site::start_with("", |config| {
        config.http.tls_cert = Some(files.cert.clone());
        config.http.tls_key = Some(files.key.clone());
    });
    let site = site.await;
    assert!(site.server.first_start[0].1.starts_with("https://"));
    let answer = asked(site.server.http, certificate).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age="), "{answer}");
    let (_, stranger) = write(&tempfile::tempdir().unwrap().keep());
    assert!(asked(site.server.http, stranger).await.is_err());
    // Somebody who says nothing keeps nobody else out.
    let silent = TcpStream::connect(site.server.http).await.unwrap();
    let (_, again) = (silent, CertificateDer::from_pem(&files));
    assert!(asked(site.server.http, again).await.unwrap().starts_with("HTTP/1.1 200"));
}

trait FromFiles {
    fn from_pem(files: &Files) -> Self;
}

impl FromFiles for CertificateDer<'static> {
    fn from_pem(files: &Files) -> Self {
        use rustls::pki_types::pem::PemObject;
        CertificateDer::from_pem_file(&files.cert).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_used_are_named_before_anything_starts() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let ((files, _), (others, _)) = (write(dir.path()), write(other.path()));
    let of = |cert: &Path, key: &Path| Files { cert: cert.to_owned(), key: key.to_owned() };
    let refused = |files: Files| files.load().err().unwrap();
    assert!(matches!(refused(of(&files.cert, &others.key)), Error::Unusable(_)));
    assert!(matches!(refused(of(&files.key, &files.key)), Error::File { key: "tls_cert", .. }));
    assert!(matches!(refused(of(&files.cert, &files.cert)), Error::File { key: "tls_key", .. }));
    assert!(matches!(refused(of(&files.cert, Path::new("/nowhere"))), Error::File { .. }));
    assert!(matches!(Files::of(Some(&files.cert), None), Err(Error::Half { missing: "tls_key" })));
    let mut wrong = Config::default();
    wrong.store.dir = dir.path().join("data");
    wrong.http.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    wrong.hj212.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    wrong.http.tls_cert = Some(files.cert.clone());
    wrong.http.tls_key = Some(others.key.clone());
    let started = Server::start(&wrong, &RegistryFile::default()).await;
    assert!(matches!(started.err().unwrap(), app::serve::Error::Tls(_)));
    let text = format!("[http]\ntls_cert = {:?}\ntls_key = {:?}\n", files.cert, others.key);
    let file = dir.path().join("skyriver.toml");
    fs::write(&file, text).unwrap();
    let mut out = Vec::new();
    assert!(!config::check(Some(&file), &[], &[], &mut out).unwrap());
    let out = String::from_utf8(out).unwrap();
    assert!(out.contains("http.tls_cert and http.tls_key cannot be used together"), "{out}");
}
