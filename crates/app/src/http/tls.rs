//! TLS by rustls: the listener, and its certificate, which may be renewed while the server runs.
//!
//! A handshake never keeps others from being accepted, and ends after a while.

use super::connections::{Connection, Connections, Peer};
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How long a handshake may take.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
/// Handshakes that are done and wait to be served.
const WAITING_MAX: usize = 64;
/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(30);

/// Why TLS cannot be spoken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// One of the two files is named, the other is not.
    #[error("http.{missing} is not set\nhint: TLS needs both http.tls_cert and http.tls_key")]
    Half {
        /// The key that is not set.
        missing: &'static str,
    },
    /// A file cannot be read as what it should be.
    #[error("http.{key}: {file} cannot be read as PEM\nhint: it has to hold {wanted}", file = .file.display())]
    File {
        /// The key that names it.
        key: &'static str,
        /// The file.
        file: PathBuf,
        /// What it should hold.
        wanted: &'static str,
        /// Why.
        #[source]
        source: pem::Error,
    },
    /// Certificate and key cannot be used together.
    #[error(
        "http.tls_cert and http.tls_key cannot be used together\nhint: the key has to be the certificate's, an RSA key of 2048 bits or more, or an elliptic one"
    )]
    Unusable(#[source] rustls::Error),
}

/// The files of a certificate and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// The certificate and those above it, PEM.
    pub cert: PathBuf,
    /// Its key, PEM.
    pub key: PathBuf,
}

impl Files {
    /// The files that the configuration names; `None` when TLS is not wanted.
    ///
    /// # Errors
    /// When only one of them is named.
    pub fn of(cert: Option<&Path>, key: Option<&Path>) -> Result<Option<Self>, Error> {
        match (cert, key) {
            (None, None) => Ok(None),
            (Some(_), None) => Err(Error::Half { missing: "tls_key" }),
            (None, Some(_)) => Err(Error::Half { missing: "tls_cert" }),
            (Some(cert), Some(key)) => {
                Ok(Some(Self { cert: cert.to_owned(), key: key.to_owned() }))
            }
        }
    }

    /// Reads them.
    ///
    /// # Errors
    /// When they cannot be read, or not be used together.
    pub fn load(&self) -> Result<Arc<ServerConfig>, Error> {
        let of_cert = |source| Error::File {
            key: "tls_cert",
            file: self.cert.clone(),
            wanted: "the certificate and those above it (BEGIN CERTIFICATE)",
            source,
        };
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&self.cert)
            .map_err(of_cert)?
            .collect::<Result<_, _>>()
            .map_err(of_cert)?;
        if chain.is_empty() {
            return Err(of_cert(pem::Error::NoItemsFound));
        }
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|source| Error::File {
            key: "tls_key",
            file: self.key.clone(),
            wanted: "one key (BEGIN PRIVATE KEY)",
            source,
        })?;
        let provider = Arc::new(ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(Error::Unusable)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(Error::Unusable)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    /// When they last changed.
    fn changed(&self) -> [Option<SystemTime>; 2] {
        [&self.cert, &self.key].map(|file| std::fs::metadata(file).ok()?.modified().ok())
    }
}

/// A listener that speaks TLS.
pub struct Tls {
    done: mpsc::Receiver<(TlsStream<Connection>, SocketAddr)>,
    address: SocketAddr,
}

impl Tls {
    /// Speaks TLS on what a listener accepts, with what the files hold; reads them anew when they change, or
    /// on SIGHUP. Files that cannot be used then are told of, and the old ones stay in use.
    ///
    /// # Errors
    /// When the files cannot be used, or the listener has no address.
    pub fn new(connections: Connections, files: Files) -> Result<Self, StartError> {
        let config = Arc::new(RwLock::new(files.load()?));
        let address = connections.local_addr()?;
        let (send, done) = mpsc::channel(WAITING_MAX);
        tokio::spawn(accept(connections, Arc::clone(&config), send.clone()));
        tokio::spawn(renew(files, config, send));
        Ok(Self { done, address })
    }
}

/// Why a listener did not start to speak TLS.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The files.
    #[error(transparent)]
    Files(#[from] Error),
    /// The listener.
    #[error(transparent)]
    Listener(#[from] io::Error),
}

type Done = mpsc::Sender<(TlsStream<Connection>, SocketAddr)>;
type Shared = Arc<RwLock<Arc<ServerConfig>>>;

async fn accept(mut connections: Connections, config: Shared, done: Done) {
    loop {
        let (connection, peer) = tokio::select! {
            accepted = connections.accept() => accepted,
            () = done.closed() => return,
        };
        let acceptor = {
            let config = config.read().unwrap_or_else(PoisonError::into_inner);
            TlsAcceptor::from(Arc::clone(&config))
        };
        let done = done.clone();
        tokio::spawn(async move {
            let shaken = tokio::time::timeout(HANDSHAKE_MAX, acceptor.accept(connection)).await;
            match shaken {
                Ok(Ok(stream)) => drop(done.send((stream, peer)).await),
                Ok(Err(error)) => tracing::debug!(error = %error, "a TLS handshake failed"),
                Err(_) => tracing::debug!("a TLS handshake took too long"),
            }
        });
    }
}

async fn renew(files: Files, config: Shared, done: Done) {
    let mut seen = files.changed();
    let Ok(mut hangup) = signal(SignalKind::hangup()) else { return };
    loop {
        let is_told = tokio::select! {
            _ = hangup.recv() => true,
            () = tokio::time::sleep(LOOK) => false,
            () = done.closed() => return,
        };
        let changed = files.changed();
        if !is_told && changed == seen {
            continue;
        }
        seen = changed;
        match files.load() {
            Ok(new) => {
                *config.write().unwrap_or_else(PoisonError::into_inner) = new;
                tracing::info!("the certificate was read anew");
            }
            Err(error) => {
                let error = crate::shell::chain(&error);
                tracing::error!(error, "the new certificate cannot be used; the old one stays");
            }
        }
    }
}

impl Listener for Tls {
    type Io = TlsStream<Connection>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        match self.done.recv().await {
            Some(done) => done,
            // The task that accepts ends with this listener only.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl Connected<IncomingStream<'_, Tls>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Tls>) -> Self {
        Self(*stream.remote_addr())
    }
}
