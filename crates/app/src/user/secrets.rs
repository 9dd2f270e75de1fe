//! What proves that somebody is who they say, beside a password: one-time links, codes of an
//! authenticator (RFC 6238), recovery codes, tokens of the API. Of what we hand out only hashes are kept;
//! the key of an authenticator has to be kept as it is.

use super::{Error, random, token};
use model::{Right, Timestamp};
use ring::hmac;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use store::{Secret, SecretChange};

/// The kind of secret of a one-time link by which somebody sets a password.
pub const LINK: &str = "link";
/// The kind of secret of an authenticator.
pub const FACTOR: &str = "totp";
/// The kind of secret of a token of the API.
pub const TOKEN: &str = "token";
/// What the text of a token begins with, so that scanners find one that got lost.
const TOKEN_MARK: &str = "sky_";
/// Seconds for which a code of an authenticator stands.
const STEP_S: u64 = 30;
/// Digits of a code.
const DIGITS: u32 = 6;
/// Recovery codes that come with an authenticator.
const RECOVERY_CODES: usize = 10;

/// A one-time link, as it is kept under the hash of its token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Link {
    /// Who sets a password by it.
    pub account: String,
    /// Until when, ms.
    pub until: Timestamp,
}

/// An authenticator, as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Factor {
    /// Its key, base 32.
    pub key: String,
    /// Whether a code of it was given once: from then on it is asked for.
    pub confirmed: bool,
    /// The newest step whose code was used; none is taken twice.
    pub used: u64,
    /// Hashes of the recovery codes that are left.
    pub recovery: Vec<String>,
}

/// A token of the API, as it is kept under its id.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ApiToken {
    /// The hash of the whole text.
    pub hash: String,
    /// Whose it is; it lets do no more than they may.
    pub account: String,
    /// What it is for.
    pub purpose: String,
    /// Which rights of theirs it has.
    pub rights: Vec<Right>,
    /// When it was made.
    pub made: Timestamp,
    /// When it ends.
    pub until: Timestamp,
}

/// The hash of what was handed out. What we hand out has enough random bits for a fast hash.
pub fn hashed(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

/// A secret that is put in its place.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn put(kind: &str, key: &str, value: &impl Serialize) -> Result<SecretChange, Error> {
    let value = serde_json::to_string(value).map_err(|error| Error::Hash(error.to_string()))?;
    Ok(SecretChange::Put(Secret { kind: kind.to_owned(), key: key.to_owned(), value }))
}

/// A secret that is taken away.
pub fn remove(kind: &str, key: &str) -> SecretChange {
    SecretChange::Remove { kind: kind.to_owned(), key: key.to_owned() }
}

/// A new token: its id, its text that is shown once, the hash of it.
///
/// # Errors
/// When the system gives no random numbers.
pub fn new_token() -> Result<(String, String, String), Error> {
    let id = token()?[..12].to_owned();
    let text = format!("{TOKEN_MARK}{id}_{}", token()?);
    let hash = hashed(&text);
    Ok((id, text, hash))
}

/// The id within the text of a token.
pub fn token_id(text: &str) -> Option<&str> {
    let (id, secret) = text.strip_prefix(TOKEN_MARK)?.split_once('_')?;
    (id.len() == 12 && secret.len() == 64).then_some(id)
}

impl ApiToken {
    /// Whether a text is this token. Hashes are compared in constant time.
    pub fn is(&self, text: &str) -> bool {
        blake3::Hash::from_hex(&self.hash).is_ok_and(|kept| kept == blake3::hash(text.as_bytes()))
    }
}

impl Factor {
    /// A new authenticator that waits for its first code, and its recovery codes, shown once.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn new() -> Result<(Self, Vec<String>), Error> {
        let key = base32(&random()?[..20]);
        let code = |_| -> Result<String, Error> {
            // 120 bits: enough for a hash without salt.
            let text = base32(&random()?[..15]).to_lowercase();
            Ok(format!("{}-{}-{}-{}", &text[..6], &text[6..12], &text[12..18], &text[18..]))
        };
        let codes: Vec<String> = (0..RECOVERY_CODES).map(code).collect::<Result<_, _>>()?;
        let recovery = codes.iter().map(|code| hashed(code)).collect();
        Ok((Self { key, confirmed: false, used: 0, recovery }, codes))
    }

    /// What an authenticator reads: an address with the key in it.
    pub fn uri(&self, name: &str) -> String {
        let name: String = name.bytes().fold(String::new(), |mut text, byte| {
            let _ = if byte.is_ascii_alphanumeric() {
                write!(text, "{}", byte as char)
            } else {
                write!(text, "%{byte:02X}")
            };
            text
        });
        format!(
            "otpauth://totp/Skyriver:{name}?secret={}&issuer=Skyriver&algorithm=SHA1&digits={DIGITS}&period={STEP_S}",
            self.key
        )
    }

    /// Takes a code of the authenticator, of this step or the one before or after, each once; or a recovery
    /// code, each once. Says whether it was right; what is used up is noted in `self`.
    pub fn takes(&mut self, code: &str, unix_s: u64) -> bool {
        let code = code.trim();
        if code.len() == DIGITS as usize && code.bytes().all(|byte| byte.is_ascii_digit()) {
            let now = unix_s / STEP_S;
            let steps = now.saturating_sub(1).max(self.used + 1)..=now + 1;
            let Some(step) = steps.into_iter().find(|step| self.code(*step) == code) else {
                return false;
            };
            self.used = step;
            return true;
        }
        let hash = hashed(&code.to_lowercase());
        let left = self.recovery.len();
        self.recovery.retain(|kept| *kept != hash);
        self.recovery.len() < left
    }

    /// The code of a step of thirty seconds, RFC 6238 with HMAC-SHA-1 as authenticators expect it.
    pub fn code(&self, step: u64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &from_base32(&self.key));
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let bytes = tag.as_ref();
        let at = usize::from(bytes.last().copied().unwrap_or_default() & 15);
        let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).unwrap_or_default();
        let number = u32::from_be_bytes(four) & 0x7fff_ffff;
        format!("{:06}", number % 10_u32.pow(DIGITS))
    }
}

const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Base 32 of RFC 4648, without padding.
fn base32(bytes: &[u8]) -> String {
    let (mut text, mut bits, mut held) = (String::new(), 0_u32, 0);
    for byte in bytes {
        bits = (bits << 8) | u32::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            text.push(char::from(LETTERS[(bits >> held) as usize & 31]));
        }
    }
    if held > 0 {
        text.push(char::from(LETTERS[(bits << (5 - held)) as usize & 31]));
    }
    text
}

fn from_base32(text: &str) -> Vec<u8> {
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for letter in text.bytes() {
        let Some(value) = LETTERS.iter().position(|known| *known == letter) else { continue };
        bits = (bits << 5) | value as u32;
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 6238, appendix B.
    fn of_the_rfc() -> Factor {
        let key = base32(b"12345678901234567890");
        Factor { key, confirmed: true, used: 0, recovery: vec![] }
    }

    #[test]
    fn codes_are_those_of_rfc_6238_appendix_b() {
        // The last six of the eight digits that the appendix prints, SHA-1.
        for (unix_s, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(of_the_rfc().code(unix_s / STEP_S), code);
            assert!(of_the_rfc().takes(code, unix_s));
        }
    }

    #[test]
    fn a_code_is_taken_once_and_only_near_its_time() {
        let mut factor = of_the_rfc();
        assert!(!factor.takes("287082", 59 + 90));
        assert!(factor.takes("287082", 59 + 30));
        assert!(!factor.takes("287082", 59 + 30));
        // A clock that is wrong by a day takes no code of today.
        assert!(!of_the_rfc().takes("005924", 1_234_567_890 + 86_400));
        assert!(!of_the_rfc().takes("", 59) && !of_the_rfc().takes("28708", 59));
    }

    #[test]
    fn a_recovery_code_is_taken_once() {
        let (mut factor, codes) = Factor::new().unwrap();
        assert_eq!(codes.len(), RECOVERY_CODES);
        assert!(factor.takes(&codes[3].to_uppercase(), 0));
        assert!(!factor.takes(&codes[3], 0));
        assert!(factor.takes(&codes[4], 0));
        assert_eq!(factor.recovery.len(), RECOVERY_CODES - 2);
        assert!(factor.recovery.iter().all(|hash| !codes.contains(hash)));
    }

    #[test]
    fn base_32_is_that_of_rfc_4648() {
        for (bytes, text) in [("f", "MY"), ("fo", "MZXQ"), ("foobar", "MZXW6YTBOI")] {
            assert_eq!(base32(bytes.as_bytes()), text);
            assert_eq!(from_base32(text), bytes.as_bytes());
        }
    }

    #[test]
    fn only_the_whole_text_is_the_token() {
        let (id, text, hash) = new_token().unwrap();
        assert_eq!(token_id(&text), Some(id.as_str()));
        let made = Timestamp::from_ms(0);
        let (account, purpose) = ("one".to_owned(), String::new());
        let token = ApiToken { hash, account, purpose, rights: vec![], made, until: made };
        assert!(token.is(&text) && !token.is(&text[..text.len() - 1]));
        assert_eq!(token_id("sky_short_x"), None);
    }

    #[test]
    fn the_address_for_an_authenticator_names_it_and_escapes_names() {
        let uri = of_the_rfc().uri("值 a");
        assert!(uri.starts_with("otpauth://totp/Skyriver:%E5%80%BC%20a?secret=GEZDGNBV"), "{uri}");
    }
}
