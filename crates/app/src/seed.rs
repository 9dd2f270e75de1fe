//! Sealed seeds of sampling rounds: one file each, that nobody but the server's account may read, and that no route serves
//! before its day.
//!
//! They are not in the log, since whoever reads the log (by SQL, from a backup) would know the draw before it is made. A seed
//! is written before its commitment is published, and goes away once its round is opened: from then on the log has it.

use account::draw::Seed;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The folder of sealed seeds inside a data directory.
pub const FOLDER: &str = "sealed";

fn path(data_dir: &Path, commitment: &str) -> PathBuf {
    data_dir.join(FOLDER).join(format!("{commitment}.seed"))
}

/// Makes a seed of random bits and seals it; gives its commitment.
///
/// # Errors
/// When the system has no random bits, or the disk refuses.
pub fn seal(data_dir: &Path) -> io::Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    let seed = Seed(bytes);
    let commitment = seed.commitment();
    let path = path(data_dir, &commitment);
    let folder = data_dir.join(FOLDER);
    make_folder(&folder)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&path)?;
    file.write_all(seed.text().as_bytes())?;
    file.sync_all()?;
    File::open(&folder)?.sync_all()?;
    Ok(commitment)
}

fn make_folder(folder: &Path) -> io::Result<()> {
    let mut maker = fs::DirBuilder::new();
    maker.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut maker, 0o700);
    maker.create(folder)
}

/// The seed of a commitment; `None` when it is not there or another one.
pub fn unseal(data_dir: &Path, commitment: &str) -> Option<Seed> {
    let is_name = commitment.len() == 64 && commitment.bytes().all(|byte| byte.is_ascii_hexdigit());
    let text = is_name.then(|| fs::read_to_string(path(data_dir, commitment)).ok()).flatten()?;
    Seed::parse(&text).filter(|seed| seed.is_of(commitment))
}

/// Whether the seed of a commitment is kept still.
pub fn is_sealed(data_dir: &Path, commitment: &str) -> bool {
    unseal(data_dir, commitment).is_some()
}

/// Forgets a seed, once the log has it or its plan was not kept.
pub fn forget(data_dir: &Path, commitment: &str) {
    if let Err(error) = fs::remove_file(path(data_dir, commitment)) {
        tracing::warn!(error = %error, "a sealed seed that is no longer needed could not be removed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_found_by_its_commitment_alone_and_by_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let (one, other) = (seal(dir.path()).unwrap(), seal(dir.path()).unwrap());
        assert_ne!(one, other);
        assert!(unseal(dir.path(), &one).unwrap().is_of(&one));
        assert!(unseal(dir.path(), "../../etc/passwd").is_none());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&path(dir.path(), &one)), 0o600);
            assert_eq!(mode(&dir.path().join(FOLDER)), 0o700);
        }
        forget(dir.path(), &one);
        assert!(!is_sealed(dir.path(), &one) && is_sealed(dir.path(), &other));
    }
}
