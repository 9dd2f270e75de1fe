//! `skyriver compact`: seals and folds everything that is settled, over a stopped data directory.

use crate::cli::{ConfigArgs, Failure};
use crate::sealing::Sealing;
use crate::{clock, serve};
use clap::Args;
use model::{DAY_MS, HOUR_MS, Timestamp};
use std::io::Write;
use std::path::PathBuf;

/// Make few archive files of many; a running server does it by itself.
#[derive(Args, Debug)]
pub struct Compact {
    /// Data directory; that of the configuration unless named.
    #[arg(long)]
    pub dir: Option<PathBuf>,
    /// Fold what came less than a day ago, too.
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

impl Compact {
    /// Seals, folds, removes what was replaced, and says what there was and is.
    ///
    /// # Errors
    /// When a server uses the directory, or a file cannot be read or written; what was done stays done.
    pub fn run(&self, out: &mut impl Write) -> Result<(), Failure> {
        let mut config = self.config.load()?.config;
        if let Some(dir) = &self.dir {
            config.store.dir.clone_from(dir);
        }
        let mut engine = serve::open_engine(&config)?;
        let now = clock::now();
        while engine.is_behind(now) {
            engine.turn(now, &[])?;
        }
        let settling = serve::settling(&config);
        Sealing::default().all(&mut engine, settling);
        let reader = engine.reader();
        let sizes = || (reader.archive_files().len(), reader.sizes().archive_bytes);
        let (files, bytes) = sizes();
        let settled = if self.all { now } else { now - DAY_MS };
        let settled = reader.sequence_at(settled)?;
        let before = (now - settling.seal_after_h.saturating_mul(HOUR_MS)).utc_day();
        let folded = engine.store_mut().fold_all(now, settled, before)?;
        engine.store_mut().remove_gone(Timestamp::MAX)?;
        let (files_now, bytes_now) = sizes();
        writeln!(out, "folded    {folded} times")?;
        writeln!(out, "files     {files} -> {files_now}")?;
        writeln!(out, "bytes     {bytes} -> {bytes_now}")?;
        Ok(())
    }
}
