//! The tree of sources in memory, so that a check is a pure function and its tests need no disk.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::failure::{Failure, Result};

/// Folders that builds make; nothing in them is a source.
const MADE: [&str; 8] = [
    ".git",
    "target",
    "node_modules",
    "dist",
    "__pycache__",
    "corpus",
    "artifacts",
    "test-results",
];
/// Larger files are not read: no source is so long.
const TEXT_BYTES_MAX: u64 = 4 << 20;

/// Every file by its path from the root, with `/`; text where it is text.
#[derive(Debug, Default)]
pub struct Sources {
    paths: BTreeSet<String>,
    texts: BTreeMap<String, String>,
}

impl Sources {
    /// Reads the tree below `root`, without what builds make.
    pub fn read(root: &Path) -> Result<Sources> {
        let mut sources = Sources::default();
        sources.read_folder(root, "")?;
        Ok(sources)
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str) -> Result<()> {
        let failure =
            |error: std::io::Error| Failure::new(format!("{}: {error}", folder.display()));
        for entry in fs::read_dir(folder).map_err(failure)? {
            let entry = entry.map_err(failure)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            let kind = entry.file_type().map_err(failure)?;
            if kind.is_dir() && !MADE.contains(&name.as_str()) {
                self.paths.insert(path.clone());
                self.read_folder(&entry.path(), &format!("{path}/"))?;
            } else if kind.is_file() && !MADE.contains(&name.as_str()) {
                self.read_file(&entry.path(), path);
            }
        }
        Ok(())
    }

    /// A file that vanishes meanwhile, or is no text, is simply not there.
    fn read_file(&mut self, file: &Path, path: String) {
        let is_short = fs::metadata(file).is_ok_and(|data| data.len() <= TEXT_BYTES_MAX);
        if let Some(text) = is_short.then(|| fs::read_to_string(file).ok()).flatten() {
            self.texts.insert(path.clone(), text);
        }
        self.paths.insert(path);
    }

    /// A tree for a test.
    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Sources {
        let mut sources = Sources::default();
        for (path, text) in files {
            let folders = path.match_indices('/').map(|(at, _)| path[..at].to_string());
            sources.paths.extend(folders.chain([(*path).to_string()]));
            sources.texts.insert((*path).to_string(), (*text).to_string());
        }
        sources
    }

    /// True for a file and for a folder.
    pub fn has(&self, path: &str) -> bool {
        path.is_empty() || self.paths.contains(path)
    }

    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str)
    }

    /// The text of one file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// All text files, sorted by path.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Text files whose names end in one of these extensions.
    pub fn with_extension<'a>(
        &'a self,
        extensions: &'a [&str],
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.texts()
            .filter(|(path, _)| extension(path).is_some_and(|found| extensions.contains(&found)))
    }
}

/// What stands after the last dot of a file's name.
pub fn extension(path: &str) -> Option<&str> {
    path.rsplit('/').next()?.rsplit_once('.').map(|(_, extension)| extension)
}
