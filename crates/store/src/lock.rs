//! One server per data directory: a lock file that the system releases when the process ends.

use crate::Error;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::Path;

/// Holds the lock while it lives.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// Locks `dir/lock` and writes the process id into it.
    pub fn take(dir: &Path) -> Result<Self, Error> {
        let path = dir.join("lock");
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(Error::io("open the lock file", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // The process id is a courtesy: without it the message is still right.
                let pid =
                    file.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
                return Err(Error::InUse { dir: dir.to_owned(), pid });
            }
            Err(TryLockError::Error(error)) => return Err(Error::io("lock", &path)(error)),
        }
        let write = |file: &mut File| {
            file.set_len(0)?;
            writeln!(file, "{}", std::process::id())
        };
        write(&mut file).map_err(Error::io("write the lock file", &path))?;
        Ok(Self { file })
    }
}

impl Drop for Lock {
    /// Closing would do, but for a child process that was just forked and holds the file for a moment.
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}
