//! `skyriver backup` and `skyriver restore`: a data directory as a copy, and back. A server may write the
//! directory while it is copied.

use crate::cli::{ConfigArgs, Failure};
use crate::verify::progress;
use crate::{clock, export, user};
use clap::Args;
use model::{Sequence, Source, Timestamp};
use std::io::Write;
use std::path::{Path, PathBuf};
use store::{Backup, Limits, Reader, Store};

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
    pub to_dir: PathBuf,
    /// Bring it back to this entry of the log, or to this day or instant: what came later is dropped.
    #[arg(long = "to", value_name = "SEQUENCE|TIME")]
    pub until: Option<String>,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Rehearse: restore a backup into a scratch folder, check it, and say how old it is and how long it took.
#[derive(Args, Debug)]
pub struct Drill {
    /// The backup.
    pub from: PathBuf,
    /// Fail when the newest reading is older than this, in hours.
    #[arg(long)]
    pub age_h_max: Option<u64>,
    /// Where the scratch folder is made; the system's place for such folders unless named.
    #[arg(long)]
    pub scratch: Option<PathBuf>,
    /// One JSON object.
    #[arg(long)]
    pub json: bool,
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
    /// Copies back, drops what came later when that is wanted, re-reads everything, and says up to where
    /// it brought back.
    ///
    /// # Errors
    /// When the backup cannot be read, or the target is not empty or cannot be written.
    pub fn run(&self, out: &mut impl Write) -> Result<bool, Failure> {
        refuse_full(&self.to_dir)?;
        let reader = Reader::look(&self.from, Limits::default())?;
        let until = match self.until.as_deref() {
            None => None,
            Some(text) => Some(if let Ok(sequence) = text.parse::<u64>() {
                Sequence(sequence)
            } else {
                let zone = self.config.load()?.config.district.zone;
                reader.sequence_at(export::instant(text, &zone)?)?
            }),
        };
        drop(reader);
        let is_whole = copy(&self.from, &self.to_dir, out)?;
        if let Some(until) = until {
            rewind(&self.to_dir, until, out)?;
        }
        let is_well = is_whole && check(&self.to_dir, out)?;
        let said = if is_well { "all is as it was kept" } else { "not all is there" };
        writeln!(out, "verified  {said}")?;
        Ok(is_well)
    }
}

impl Drill {
    /// Restores, checks, measures; the scratch folder is removed at the end. `false` when what came back
    /// is damaged or too old.
    ///
    /// # Errors
    /// When the backup cannot be read, or the scratch folder cannot be written.
    pub fn run(&self, out: &mut impl Write) -> Result<bool, Failure> {
        let base = self.scratch.clone().unwrap_or_else(std::env::temp_dir);
        let name = format!("skyriver-drill-{}", &user::token()?[..12]);
        let scratch = Scratch(base.join(name));
        let started = clock::stopwatch();
        let mut said = vec![];
        let is_whole = copy(&self.from, &scratch.0, &mut said)?;
        let restored = started.elapsed();
        let is_sound = check(&scratch.0, &mut said)?;
        let checked = started.elapsed();
        let (sequence, newest) = newest(&scratch.0)?;
        let opened = started.elapsed();
        let age_s = newest.map(|at| (clock::now() - at) / 1_000);
        let is_fresh = self.age_h_max.is_none_or(|max| {
            age_s.is_some_and(|age| u64::try_from(age).unwrap_or(0) <= max.saturating_mul(3_600))
        });
        let is_well = is_whole && is_sound && is_fresh;
        if self.json {
            let report = serde_json::json!({
                "is_well": is_well, "is_whole": is_whole && is_sound, "is_fresh": is_fresh,
                "sequence": sequence.0, "newest_reading": newest.map(|at| at.to_string()),
                "recovery_point_s": age_s, "restore_s": restored.as_secs_f64(),
                "verify_s": checked.saturating_sub(restored).as_secs_f64(),
                "open_s": opened.saturating_sub(checked).as_secs_f64(), "recovery_time_s": opened.as_secs_f64(),
            });
            writeln!(out, "{report}")?;
            return Ok(is_well);
        }
        out.write_all(&said)?;
        let at = newest.map_or_else(|| "none".to_owned(), |at| at.to_string());
        let age =
            age_s.map_or_else(String::new, |age| format!(", {:.1} h ago", age as f64 / 3_600.0));
        writeln!(out, "point     newest reading {at}{age}; entry {} of the log", sequence.0)?;
        writeln!(
            out,
            "time      {:.1} s: restored in {:.1}, verified in {:.1}, opened in {:.1}",
            opened.as_secs_f64(),
            restored.as_secs_f64(),
            checked.saturating_sub(restored).as_secs_f64(),
            opened.saturating_sub(checked).as_secs_f64()
        )?;
        if !is_fresh {
            writeln!(out, "TOO OLD   the newest reading is older than --age-h-max allows")?;
        }
        let word =
            if is_well { "this backup brings everything back" } else { "this backup FAILED" };
        writeln!(out, "drill     {word}")?;
        Ok(is_well)
    }
}

/// A folder that is gone when the drill ends, however it ends.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn refuse_full(to: &Path) -> Result<(), Failure> {
    if to.join("skyriver.db").exists() {
        let error = format!(
            "{}: there is a data directory already\nhint: name a new folder; nothing was changed",
            to.display()
        );
        return Err(Failure::Other(error.into()));
    }
    Ok(())
}

/// Drops what came after an entry.
fn rewind(dir: &Path, until: Sequence, out: &mut impl Write) -> Result<(), Failure> {
    match store::rewind(dir, until, clock::now(), Limits::default())? {
        None => writeln!(out, "kept      all: nothing is newer than entry {until}")?,
        Some(store::Rewound { sequence, at, readings, frames, files }) => writeln!(
            out,
            "brought back to entry {sequence}, {at}: {readings} readings and {frames} frames dropped, \
             {files} files taken apart"
        )?,
    }
    // What was taken apart is garbage now; a start removes it.
    drop(Store::open(dir, Limits::default())?);
    Ok(())
}

/// Re-reads everything; names what is damaged.
fn check(dir: &Path, out: &mut impl Write) -> Result<bool, Failure> {
    let reader = Reader::look(dir, Limits::default())?;
    let chain = reader.verify_chain()?;
    let kept = reader.verify_conservation(|done, all| progress("files counted", done, all))?;
    for damage in &chain.problems {
        writeln!(out, "DAMAGED   {}: {}", damage.what, damage.why)?;
    }
    Ok(chain.problems.is_empty() && kept.is_kept())
}

/// The newest entry of the log, and the newest instant at which a device measured.
fn newest(dir: &Path) -> Result<(Sequence, Option<Timestamp>), Failure> {
    let (store, _) = Store::open(dir, Limits::default())?;
    let view = store.view();
    let streams = view.registry().datastreams();
    let sent = streams.iter().filter(|one| matches!(one.key.source, Source::Device(_)));
    let newest = sent.filter_map(|one| view.latest(one.id)).map(|reading| reading.time).max();
    Ok((store.last_sequence(), newest))
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
