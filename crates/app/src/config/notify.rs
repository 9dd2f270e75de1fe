//! `[notify]`: the ways by which people and programs are told.

use super::setting::{Given, Setting};
use crate::notify::outbox::Patience;
use crate::words::Words;
use std::path::PathBuf;

/// The ways by which people and programs are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notify {
    /// The mail server; empty: no mail is sent.
    pub smtp_host: String,
    /// Its port.
    pub smtp_port: u64,
    /// How TLS is spoken with it.
    pub smtp_tls: SmtpTls,
    /// From whom mails are.
    pub smtp_from: String,
    /// The name to sign in with.
    pub smtp_user: String,
    /// A file with the password.
    pub smtp_password_file: Option<PathBuf>,
    /// A file with web hooks.
    pub hooks: Option<PathBuf>,
    /// A file with the certificates that are trusted, PEM.
    pub roots: PathBuf,
    /// The address of the page, for links.
    pub page: String,
    /// Seconds until the second try; each pause is twice the one before.
    pub retry_s: u64,
    /// Tries before a delivery is given up.
    pub tries_max: u64,
}

/// How TLS is spoken with the mail server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SmtpTls {
    /// It begins without and must go on with it.
    #[default]
    Starttls,
    /// From the first byte.
    Tls,
    /// Not at all: for a server on the same machine.
    None,
}

impl Default for Notify {
    fn default() -> Self {
        Self {
            smtp_host: String::new(),
            smtp_port: 587,
            smtp_tls: SmtpTls::default(),
            smtp_from: String::new(),
            smtp_user: String::new(),
            smtp_password_file: None,
            hooks: None,
            roots: PathBuf::from("/etc/ssl/certs/ca-certificates.crt"),
            page: String::new(),
            retry_s: 60,
            tries_max: 10,
        }
    }
}

impl Notify {
    /// How often and how soon a delivery is tried again.
    pub fn patience(&self) -> Patience {
        Patience {
            pause_ms: i64::try_from(self.retry_s.saturating_mul(1_000)).unwrap_or(i64::MAX),
            tries_max: u32::try_from(self.tries_max).unwrap_or(u32::MAX),
        }
    }
}

impl SmtpTls {
    const NAMES: [(&str, Self); 3] =
        [("starttls", Self::Starttls), ("tls", Self::Tls), ("none", Self::None)];
}

impl Setting for SmtpTls {
    fn accepted() -> Words {
        Words::new(
            "请填写 \"starttls\"、\"tls\" 或 \"none\"",
            "write \"starttls\", \"tls\" or \"none\"",
        )
    }

    fn read(given: Given) -> Option<Self> {
        let text = given.text()?;
        Self::NAMES.into_iter().find(|(name, _)| *name == text).map(|(_, own)| own)
    }

    fn write(&self) -> String {
        let name = Self::NAMES.into_iter().find(|(_, own)| own == self);
        format!("{:?}", name.map_or("", |(name, _)| name))
    }
}
