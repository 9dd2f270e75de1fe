//! `skyriver backup` and `skyriver restore`: a data directory as a copy, and back. A server may write the
//! directory while it is copied.

use crate::cli::{ConfigArgs, Failure};
use crate::clock;
use crate::verify::progress;
use clap::Args;
use std::io::Write;
use std::path::{Path, PathBuf};
use store::{Backup, Limits, Reader};

/// Copy the data directory, while a server runs, into a folder; a second time only what is new.
#[derive(Args, Debug)]
pub struct BackUp {
    /// Where to: an empty folder, or an older backup of the same directory.
    pub to: PathBuf,
    /// Data directory; that of the configuration unless named.
    #[arg(long)]
    pub dir: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Make a data directory from a backup, and check it.
#[derive(Args, Debug)]
pub struct Restore {
    /// The backup.
    pub from: PathBuf,
    /// The new data directory: it must not hold one already.
    pub to: PathBuf,
}

impl BackUp {
    /// Copies and says what was copied. `false` when the directory itself has lost something.
    ///
    /// # Errors
    /// When the folder holds something else, or cannot be written.
    pub fn run(&self, out: &mut impl Write) -> Result<bool, Failure> {
        let loaded = self.config.load()?;
        let dir = self.dir.as_ref().unwrap_or(&loaded.config.store.dir);
        copy(dir, &self.to, out)
    }
}

impl Restore {
    /// Copies back, re-reads everything, and says up to where it brought back.
    ///
    /// # Errors
    /// When the backup cannot be read, or the target is not empty or cannot be written.
    pub fn run(&self, out: &mut impl Write) -> Result<bool, Failure> {
        if self.to.join("skyriver.db").exists() {
            let error = format!(
                "{}: there is a data directory already\nhint: name a new folder; nothing was changed",
                self.to.display()
            );
            return Err(Failure::Other(error.into()));
        }
        let is_whole = copy(&self.from, &self.to, out)?;
        let reader = Reader::look(&self.to, Limits::default())?;
        let chain = reader.verify_chain()?;
        let kept = reader.verify_conservation(|done, all| progress("files counted", done, all))?;
        for damage in &chain.problems {
            writeln!(out, "DAMAGED   {}: {}", damage.what, damage.why)?;
        }
        let is_well = is_whole && chain.problems.is_empty() && kept.is_kept();
        let said = if is_well { "all is as it was kept" } else { "not all is there" };
        writeln!(out, "verified  {said}")?;
        Ok(is_well)
    }
}

fn copy(from: &Path, to: &Path, out: &mut impl Write) -> Result<bool, Failure> {
    let started = clock::stopwatch();
    let reader = Reader::look(from, Limits::default())?;
    let backup = reader.back_up(to, |done, all| progress("files", done, all))?;
    let Backup { sequence, files, copied, bytes, missing } = backup;
    for (file, why) in &missing {
        writeln!(out, "MISSING   {file}: {why}")?;
    }
    writeln!(
        out,
        "copied    {copied} of {files} files and the database, {bytes} bytes, in {:.1} s; up to sequence {}",
        started.elapsed().as_secs_f64(),
        sequence.0
    )?;
    Ok(missing.is_empty())
}
