//! Archive files held open with their footers.

use super::OpenFile;
use crate::manifest::ArchiveFile;
use parquet::errors::Result;
use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Open files by their number in the manifest; the one opened first goes first.
#[derive(Debug, Default)]
pub struct FileCache {
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    files: HashMap<i64, Arc<OpenFile>>,
    order: VecDeque<i64>,
}

impl FileCache {
    /// The open file of an entry of the manifest. A file that cannot be opened is tried again the
    /// next time: somebody may have put a good copy in its place.
    pub fn open(&self, archive: &Path, entry: &ArchiveFile, max: usize) -> Result<Arc<OpenFile>> {
        let lock = || self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = lock().files.get(&entry.id) {
            return Ok(Arc::clone(file));
        }
        let file = Arc::new(OpenFile::open(archive, entry)?);
        let mut open = lock();
        if open.files.insert(entry.id, Arc::clone(&file)).is_none() {
            open.order.push_back(entry.id);
        }
        while open.order.len() > max {
            if let Some(oldest) = open.order.pop_front() {
                open.files.remove(&oldest);
            }
        }
        Ok(file)
    }

    /// Closes a file, so that the next reader opens what lies under its name then.
    pub fn forget(&self, id: i64) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.files.remove(&id);
        open.order.retain(|known| *known != id);
    }
}
