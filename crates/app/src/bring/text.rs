//! A file of a table as text: unpacked, and in whichever of the two encodings it is.

use crate::import::Fault;
use crate::sheet::decoded;
use std::io::Read;

/// How a kind of file says that it is too large, or no such file.
pub struct Refusals {
    /// Bytes that it may have, as it is sent and unpacked.
    pub bytes_max: u64,
    /// It has more.
    pub too_large: fn() -> Fault,
    /// It cannot be read, because.
    pub unreadable: fn(&str) -> Fault,
}

/// Reads it: plain or gzip, UTF-8 or GB 18030.
///
/// # Errors
/// When it is too large, cut, or no text.
pub fn text(bytes: &[u8], refusals: &Refusals) -> Result<String, Fault> {
    let Refusals { bytes_max, too_large, unreadable } = refusals;
    if bytes.len() as u64 > *bytes_max {
        return Err(too_large());
    }
    let mut unpacked = vec![];
    let bytes = if bytes.starts_with(&[0x1F, 0x8B]) {
        let mut read = flate2::read::MultiGzDecoder::new(bytes).take(bytes_max + 1);
        read.read_to_end(&mut unpacked).map_err(|error| unreadable(&error.to_string()))?;
        if unpacked.len() as u64 > *bytes_max {
            return Err(too_large());
        }
        unpacked.as_slice()
    } else {
        bytes
    };
    let decoded = decoded(bytes);
    let (text, _) = decoded.ok_or_else(|| unreadable("it is neither UTF-8 nor GB 18030 text"))?;
    Ok(text)
}
