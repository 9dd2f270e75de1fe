//! What every import over a stopped data directory is asked with.

use crate::cli::{ConfigArgs, Failure};
use crate::config::Config;
use crate::import::Fault;
use crate::serve;
use clap::Args;
use engine::Engine;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Under this name the command line takes files.
pub const WHO: &str = "the command line";

/// How an import over a stopped data directory is done.
#[derive(Args, Debug)]
pub struct Over {
    /// Only say what would happen.
    #[arg(long)]
    pub dry_run: bool,
    /// One JSON object a file.
    #[arg(long)]
    pub json: bool,
    /// Data directory; that of the configuration unless named. No server may use it.
    #[arg(long)]
    dir: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigArgs,
}

impl Over {
    /// Opens the directory.
    ///
    /// # Errors
    /// When the configuration cannot be read, or the directory cannot be opened.
    pub fn open(&self) -> Result<(Config, Engine), Failure> {
        let mut config = self.config.load()?.config;
        if let Some(dir) = &self.dir {
            config.store.dir.clone_from(dir);
        }
        let engine = serve::open_engine(&config)?;
        Ok((config, engine))
    }
}

/// The bytes of a file; one more than may be tells that there are too many.
///
/// # Errors
/// When it cannot be read: names it.
pub fn read_file(path: &Path, bytes_max: u64) -> Result<Vec<u8>, Fault> {
    let mut bytes = vec![];
    let read = File::open(path).and_then(|file| file.take(bytes_max + 1).read_to_end(&mut bytes));
    read.map(|_| bytes).map_err(|error| Fault::unreadable(path, &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_there_is_named_and_a_long_one_is_read_one_byte_too_far() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("none.csv");
        let fault = read_file(&path, 9).unwrap_err();
        assert!(fault.message.en.contains("none.csv") && fault.message.zh.contains("none.csv"));
        std::fs::write(&path, "0123456789ab").unwrap();
        assert_eq!(read_file(&path, 9).unwrap().len(), 10);
    }
}
