//! SM4 of HJ 212-2025: what code bases that quote the standard agree on. The text itself was not seen.
//!
//! ECB over each full block of 16 bytes of the `CP` content; the last 0–15 bytes stay plain. Length and
//! checksum are those of the plaintext, so a frame can be checked only after decryption. ECB gives no
//! integrity and shows equal blocks: it is no substitute for a tunnel.

use sm4::Sm4;
use sm4::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};

use crate::crc::crc;
use crate::envelope::hex4;
use crate::frame::{Encrypted, Frame};

/// The key of a device: 16 characters, registered and changed every 90 days.
#[derive(Clone)]
pub struct Key(Sm4);

impl core::fmt::Debug for Key {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// A key of 16 bytes.
    pub fn new(bytes: &[u8; 16]) -> Self {
        Self(Sm4::new(bytes.into()))
    }

    /// Encrypts the full blocks of `content` in place.
    pub fn encrypt(&self, content: &mut [u8]) {
        for block in content.chunks_exact_mut(16) {
            if let Ok(block) = block.try_into() {
                self.0.encrypt_block(block);
            }
        }
    }

    /// Decrypts the full blocks of `content` in place.
    pub fn decrypt(&self, content: &mut [u8]) {
        for block in content.chunks_exact_mut(16) {
            if let Ok(block) = block.try_into() {
                self.0.decrypt_block(block);
            }
        }
    }
}

/// Whether the CP of this command must be encrypted in HJ 212-2025: 2000–2999, 1014, 3020.
pub const fn must_encrypt(cn: u16) -> bool {
    matches!(cn, 1014 | 2000..=2999 | 3020)
}

/// Decrypts an [encrypted](Frame::encrypted) frame into a plain one, `##` to CR LF, to be [read](crate::read).
///
/// The keys are tried in order: put the present one first and the former one after it. A key is right
/// when the checksum is right and the content has the grammar of `CP` (one wrong key in 256 passes the
/// checksum). `None` if no key is right or the frame is not encrypted.
pub fn decrypt(frame: &Frame<'_>, keys: &[Key]) -> Option<Vec<u8>> {
    let content = frame.cp?;
    let ciphertext = match frame.encrypted? {
        Encrypted::Raw => content.to_vec(),
        Encrypted::HexLiteral => literal(content)?,
    };
    let received = hex4(frame.envelope.crc_digits)?;
    keys.iter().find_map(|key| {
        let mut plain = ciphertext.clone();
        key.decrypt(&mut plain);
        let mut segment = frame.header.text.to_vec();
        segment.extend_from_slice(b"CP=&&");
        segment.extend_from_slice(&plain);
        segment.extend_from_slice(b"&&");
        if crc(&segment) != received || !has_grammar(&plain) {
            return None;
        }
        let mut raw = format!("##{:04}", segment.len()).into_bytes();
        raw.extend_from_slice(&segment);
        raw.extend_from_slice(format!("{received:04X}\r\n").as_bytes());
        Some(raw)
    })
}

/// Tells whether the content of `CP` is ciphertext, judged by its bytes: the literal form, or control
/// and high bytes in the first block of a version-2 frame whose plaintext must be ASCII there.
pub(crate) fn looks_encrypted(frame: &Frame<'_>) -> Option<Encrypted> {
    let content = frame.cp?;
    if content.starts_with(b"{0x") || content.starts_with(b"{}") {
        return literal(content).map(|_| Encrypted::HexLiteral);
    }
    let version_2 = frame.flag().is_some_and(|flag| flag.version() == 2);
    let fits = frame.envelope.declared_len == frame.envelope.segment.len();
    let closed = frame.envelope.segment.ends_with(b"&&");
    let first = content.get(..16)?;
    let binary = first.iter().any(|byte| !(0x20..0x7F).contains(byte));
    (version_2 && fits && closed && binary && frame.cn().is_some_and(must_encrypt))
        .then_some(Encrypted::Raw)
}

/// The bytes of `{0xE4,0x3E,…}rest`.
fn literal(content: &[u8]) -> Option<Vec<u8>> {
    let close = memchr::memchr(b'}', content)?;
    let inside = content.get(1..close)?;
    let mut bytes = Vec::with_capacity(inside.len() / 5 + content.len() - close);
    if !inside.is_empty() {
        for number in inside.split(|byte| *byte == b',') {
            let digits = number.trim_ascii().strip_prefix(b"0x")?;
            bytes.push(u8::from_str_radix(core::str::from_utf8(digits).ok()?, 16).ok()?);
        }
    }
    bytes.extend_from_slice(&content[close + 1..]);
    Some(bytes)
}

/// Whether decrypted content looks like CP: printable, and each item a name and a value.
fn has_grammar(content: &[u8]) -> bool {
    let text = core::str::from_utf8(content).is_ok_and(|text| !text.contains(char::is_control));
    let begins = content.first().is_none_or(u8::is_ascii_alphanumeric);
    text && begins && (content.is_empty() || content.contains(&b'='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_block_of_the_annex_is_reproduced() {
        let key = Key::new(b"0000000000000000");
        let mut block = *b"DataTime=2024052";
        key.encrypt(&mut block);
        assert_eq!(
            block,
            [
                0xE4, 0x3E, 0x15, 0x9A, 0xCF, 0xAB, 0x24, 0x2C, 0xB5, 0x31, 0x55, 0xFB, 0x8B, 0x92,
                0x81, 0xA1
            ]
        );
        key.decrypt(&mut block);
        assert_eq!(&block, b"DataTime=2024052");
    }

    #[test]
    fn the_printed_form_becomes_bytes() {
        assert_eq!(literal(b"{0xE4,0x3E}ab"), Some(vec![0xE4, 0x3E, b'a', b'b']));
        assert_eq!(literal(b"{}ab"), Some(b"ab".to_vec()));
        assert_eq!(literal(b"{0xE4,3E}"), None);
        assert_eq!(literal(b"{0xE4"), None);
    }
}
