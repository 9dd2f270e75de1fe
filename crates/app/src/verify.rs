//! `skyriver verify`: re-reads everything that is kept and says whether it is what was kept. Looks into
//! the data directory itself; a server may use it meanwhile.

use crate::cli::{ConfigArgs, Failure};
use clap::Args;
use serde_json::json;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use store::{ChainReport, Conservation, Limits, Reader};

/// Re-read everything: hash chain, checksums, list of files, and whether what the ledger counts is there.
#[derive(Args, Debug)]
pub struct Verify {
    /// Data directory; that of the configuration unless named.
    #[arg(long)]
    pub dir: Option<PathBuf>,
    /// Make anew what can be made from what is kept: counts, registry, newest readings, marks of damage;
    /// and bring back what a backup still has. No server may use the directory.
    #[arg(long)]
    pub repair: bool,
    /// A backup of the directory, for what it lost.
    #[arg(long, requires = "repair", value_name = "BACKUP")]
    pub from: Option<PathBuf>,
    /// One JSON object.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

impl Verify {
    /// Reads, counts and prints; says whether all is well.
    ///
    /// # Errors
    /// When the directory holds no database, or it cannot be read.
    pub fn run(&self, out: &mut impl Write) -> Result<bool, Failure> {
        let loaded = self.config.load()?;
        let dir = self.dir.as_ref().unwrap_or(&loaded.config.store.dir);
        if self.repair {
            let repaired = store::repair(dir, self.from.as_deref(), Limits::default())?;
            if !self.json {
                tell_repair(&repaired, out)?;
            }
        }
        let reader = Reader::look(dir, Limits::default())?;
        let chain = reader.verify_chain()?;
        let kept = reader.verify_conservation(|done, all| progress("files counted", done, all))?;
        let is_well = chain.problems.is_empty() && kept.is_kept();
        if self.json {
            json_out(out, &chain, &kept, is_well)?;
        } else {
            text_out(out, &chain, &kept, is_well)?;
        }
        Ok(is_well)
    }
}

fn tell_repair(repaired: &store::Repaired, out: &mut impl Write) -> std::io::Result<()> {
    let store::Repaired { files, unmarked, blobs, registry, series, ledger, lost } = repaired;
    for (what, names) in [("file", files), ("blob", blobs)] {
        for name in names {
            writeln!(out, "REPAIRED  {what} {name}: brought back from the backup")?;
        }
    }
    for name in unmarked {
        writeln!(out, "REPAIRED  {name}: it is whole, and no longer marked as damaged")?;
    }
    for (count, what) in [
        (registry, "entries of the registry, from their versions"),
        (series, "oldest and newest readings, from the files"),
        (ledger, "lines of the ledger, counted anew"),
    ] {
        if *count > 0 {
            writeln!(out, "REPAIRED  {count} {what}")?;
        }
    }
    for (what, why) in lost {
        writeln!(out, "LOST      {what}: {why}")?;
    }
    if repaired.is_nothing() {
        writeln!(out, "repair    nothing to do")?;
    }
    Ok(())
}

/// How far something long is, for who looks; not into files.
pub fn progress(what: &str, done: usize, all: usize) {
    let mut err = std::io::stderr();
    if err.is_terminal() {
        let _ = write!(err, "\r  {done} of {all} {what}   ");
        if done == all {
            let _ = writeln!(err);
        }
        let _ = err.flush();
    }
}

fn text_out(
    out: &mut impl Write,
    chain: &ChainReport,
    kept: &Conservation,
    is_well: bool,
) -> std::io::Result<()> {
    writeln!(
        out,
        "chain     {} days and {} turns, {} parts, {} files",
        chain.days, chain.turns, chain.parts, chain.files
    )?;
    let said = |is_so: bool| if is_so { "" } else { "   NOT EQUAL" };
    for (disposition, count) in &kept.frames {
        writeln!(
            out,
            "frames    {:<12} ledger {:>12}   found {:>12}{}",
            disposition.name(),
            count.ledger,
            count.found,
            said(count.ledger == count.found)
        )?;
    }
    let count = kept.readings;
    writeln!(
        out,
        "readings  {:<12} ledger {:>12}   found {:>12}{}   and {} derived",
        "stored",
        count.ledger,
        count.found,
        said(count.ledger == count.found),
        kept.derived
    )?;
    for damage in &chain.problems {
        writeln!(out, "DAMAGED   {}: {}", damage.what, damage.why)?;
    }
    for what in &kept.unreadable {
        writeln!(out, "UNREADABLE {what}")?;
    }
    writeln!(out, "head      {}", chain.head_text())?;
    writeln!(
        out,
        "{}",
        if is_well {
            "all is as it was kept"
        } else {
            "not all is as it was kept; the first line that says so names where\nhint: skyriver verify --repair --from BACKUP brings back what a backup has and counts anew what can be counted"
        }
    )
}

fn json_out(
    out: &mut impl Write,
    chain: &ChainReport,
    kept: &Conservation,
    is_well: bool,
) -> std::io::Result<()> {
    let frames: Vec<_> = kept
        .frames
        .iter()
        .map(|(disposition, count)| {
            json!({ "disposition": disposition.name(), "ledger": count.ledger, "found": count.found })
        })
        .collect();
    let problems: Vec<_> = chain
        .problems
        .iter()
        .map(|damage| json!({ "what": damage.what, "why": damage.why }))
        .collect();
    let report = json!({
        "is_well": is_well,
        "chain": {
            "days": chain.days, "turns": chain.turns, "parts": chain.parts, "files": chain.files,
            "head": chain.head_text(), "problems": problems,
        },
        "frames": frames,
        "readings": { "ledger": kept.readings.ledger, "found": kept.readings.found },
        "derived": kept.derived,
        "unreadable": kept.unreadable,
    });
    writeln!(out, "{report}")
}
