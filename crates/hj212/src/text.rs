//! Bytes to text: UTF-8 first, then GBK.

use std::borrow::Cow;

/// How the text of a segment is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Nothing but ASCII.
    Ascii,
    /// UTF-8, as the 2017 edition asks.
    Utf8,
    /// GBK or GB2312, usual in surface-water stations.
    Gbk,
    /// Neither; decoding puts U+FFFD where it fails.
    Unknown,
}

/// Tells how `bytes` are encoded.
pub fn encoding(bytes: &[u8]) -> Encoding {
    if bytes.is_ascii() {
        Encoding::Ascii
    } else if core::str::from_utf8(bytes).is_ok() {
        Encoding::Utf8
    } else if encoding_rs::GBK.decode_without_bom_handling_and_without_replacement(bytes).is_some()
    {
        Encoding::Gbk
    } else {
        Encoding::Unknown
    }
}

/// Decodes `bytes` as UTF-8 or else as GBK; borrows when they are UTF-8 already.
///
/// Bytes that are neither become U+FFFD.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match core::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::GBK.decode_without_bom_handling(bytes).0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf8_and_gbk_give_the_same_text() {
        let gbk: &[u8] = &[0xC7, 0xE5, 0xCF, 0xB4];
        assert_eq!((encoding(gbk), decode(gbk)), (Encoding::Gbk, Cow::from("清洗")));
        assert_eq!(
            (encoding("清洗".as_bytes()), decode("清洗".as_bytes())),
            (Encoding::Utf8, Cow::from("清洗"))
        );
        assert_eq!(encoding(b"ok"), Encoding::Ascii);
        assert_eq!(encoding(&[0xFF, 0xFF]), Encoding::Unknown);
    }
}
