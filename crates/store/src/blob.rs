//! The blobs of the log: columns one after another, little-endian, compressed. `FORMAT.md` draws them.
//!
//! Nothing here trusts what it reads: a blob comes with its hash, and a decoder that meets anything
//! unexpected says so instead of guessing.

mod frames;
mod readings;

pub use frames::{
    FrameIndex, decode_frames, device_number, device_of, disposition_of, encode_frames, reason_of,
};
pub use readings::{decode_readings, encode_readings};

use std::io;

/// The hash that stands beside a blob.
pub type Hash = [u8; 32];

/// A compressed blob and its hash.
pub struct Blob {
    pub bytes: Vec<u8>,
    pub hash: Hash,
}

/// Why a blob cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    #[error("its hash is not the one that was written beside it")]
    Hash,
    #[error("it begins with no known magic number")]
    Magic,
    #[error("its columns are shorter than its count says")]
    Length,
    #[error("a number in it has no meaning")]
    Number,
    #[error("it cannot be decompressed: {0}")]
    Zstd(#[from] io::Error),
}

/// Magic, version, rows: what every blob begins with, uncompressed.
const HEADER_BYTES: usize = 12;

fn header(magic: [u8; 4], version: u32, count: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(HEADER_BYTES);
    bytes.extend_from_slice(&magic);
    bytes.extend_from_slice(&version.to_le_bytes());
    bytes.extend_from_slice(&(count as u32).to_le_bytes());
    bytes
}

/// Checks hash and header; gives the number of rows and what follows the header.
fn open<'a>(
    bytes: &'a [u8],
    hash: &[u8],
    magic: [u8; 4],
    version: u32,
) -> Result<(usize, &'a [u8]), BlobError> {
    if blake3::hash(bytes).as_bytes() != hash {
        return Err(BlobError::Hash);
    }
    let (header, rest) = bytes.split_at_checked(HEADER_BYTES).ok_or(BlobError::Length)?;
    let mut header = Cursor(header);
    if header.take::<4>()? != magic || u32::from_le_bytes(header.take()?) != version {
        return Err(BlobError::Magic);
    }
    let count = u32::from_le_bytes(header.take()?);
    Ok((count as usize, rest))
}

/// Reads numbers off the front of a slice.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], BlobError> {
        let (head, tail) = self.0.split_first_chunk::<N>().ok_or(BlobError::Length)?;
        self.0 = tail;
        Ok(*head)
    }

    fn bytes(&mut self, count: usize) -> Result<&'a [u8], BlobError> {
        let (head, tail) = self.0.split_at_checked(count).ok_or(BlobError::Length)?;
        self.0 = tail;
        Ok(head)
    }

    /// A column of `count` numbers of `N` bytes.
    fn column<const N: usize>(&mut self, count: usize) -> Result<&'a [[u8; N]], BlobError> {
        let bytes = self.bytes(count.checked_mul(N).ok_or(BlobError::Length)?)?;
        Ok(bytes.as_chunks::<N>().0)
    }
}
