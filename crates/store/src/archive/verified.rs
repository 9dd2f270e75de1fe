//! A file whose bytes are checked, block by block, when they are first read.

use crate::blob::Hash;
use crate::manifest::ArchiveFile;
use bytes::Bytes;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes of a block: what is hashed as one.
const BLOCK_BYTES: u64 = 64 << 10;

/// A file and the hashes of its blocks.
#[derive(Debug)]
pub struct Verified {
    file: File,
    bytes: u64,
    hashes: Vec<Hash>,
    is_checked: Vec<AtomicBool>,
}

/// A verified file from some place on; what Parquet's reader wants.
#[derive(Clone, Debug)]
pub struct Tail {
    file: Arc<Verified>,
    start: u64,
}

/// Hash of a whole file, the hashes of its blocks one after another, and its length.
pub fn hash_file(path: &Path) -> io::Result<(Hash, Vec<u8>, u64)> {
    let mut file = File::open(path)?;
    let mut whole = blake3::Hasher::new();
    let (mut blocks, mut bytes) = (vec![], 0);
    let mut block = Vec::with_capacity(BLOCK_BYTES as usize);
    loop {
        block.clear();
        let read = file.by_ref().take(BLOCK_BYTES).read_to_end(&mut block)?;
        if read == 0 {
            return Ok((*whole.finalize().as_bytes(), blocks, bytes));
        }
        whole.update(&block);
        blocks.extend_from_slice(blake3::hash(&block).as_bytes());
        bytes += read as u64;
    }
}

impl Verified {
    /// Opens a file of the manifest.
    pub fn open(path: &Path, entry: &ArchiveFile) -> Result<Self> {
        let file = File::open(path).map_err(external)?;
        let bytes = file.metadata().map_err(external)?.len();
        if bytes != entry.bytes {
            let wanted = entry.bytes;
            return Err(ParquetError::General(format!("it has {bytes} bytes instead of {wanted}")));
        }
        let hashes = entry.blocks.as_chunks::<32>().0.to_vec();
        let is_checked = hashes.iter().map(|_| AtomicBool::new(false)).collect();
        Ok(Self { file, bytes, hashes, is_checked })
    }

    /// The whole file for Parquet's reader.
    pub fn tail(self: &Arc<Self>) -> Tail {
        Tail { file: Arc::clone(self), start: 0 }
    }

    fn read(&self, start: u64, length: usize) -> Result<Bytes> {
        let end = start.saturating_add(length as u64);
        if end > self.bytes {
            return Err(ParquetError::EOF("it ends before what its footer names".to_owned()));
        }
        for block in start / BLOCK_BYTES..end.div_ceil(BLOCK_BYTES) {
            self.check(block)?;
        }
        let mut buffer = vec![0; length];
        self.file.read_exact_at(&mut buffer, start).map_err(external)?;
        Ok(buffer.into())
    }

    /// Checks a block once in the life of an open file: what was good stays good unless the disk is
    /// rewritten under us, and then the next start finds it.
    fn check(&self, block: u64) -> Result<()> {
        let place = block as usize;
        let (Some(hash), Some(is_checked)) = (self.hashes.get(place), self.is_checked.get(place))
        else {
            return Err(ParquetError::General("the manifest has no hash for its end".to_owned()));
        };
        if is_checked.load(Ordering::Relaxed) {
            return Ok(());
        }
        let start = block * BLOCK_BYTES;
        let mut buffer = vec![0; BLOCK_BYTES.min(self.bytes - start) as usize];
        self.file.read_exact_at(&mut buffer, start).map_err(external)?;
        if blake3::hash(&buffer).as_bytes() != hash {
            let end = start + buffer.len() as u64;
            return Err(ParquetError::General(format!(
                "bytes {start}..{end} do not have the hash that the manifest gives them"
            )));
        }
        is_checked.store(true, Ordering::Relaxed);
        Ok(())
    }
}

impl Length for Tail {
    fn len(&self) -> u64 {
        self.file.bytes
    }
}

impl ChunkReader for Tail {
    type T = Self;

    fn get_read(&self, start: u64) -> Result<Self> {
        Ok(Self { file: Arc::clone(&self.file), start })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        self.file.read(start, length)
    }
}

impl Read for Tail {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.file.bytes.saturating_sub(self.start);
        let length = (buffer.len() as u64).min(left) as usize;
        let bytes = self.file.read(self.start, length).map_err(io::Error::other)?;
        buffer[..length].copy_from_slice(&bytes);
        self.start += length as u64;
        Ok(length)
    }
}

fn external(error: io::Error) -> ParquetError {
    ParquetError::External(error.into())
}
