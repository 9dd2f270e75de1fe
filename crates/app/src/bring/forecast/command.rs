//! `skyriver import forecast FILE…`, over a stopped data directory.

use super::{Asked, BYTES_MAX, Checked, ForecastReceipt, check, check_source, take};
use crate::bring::over::{Over, WHO, read_file};
use crate::cli::Failure;
use crate::clock;
use crate::import::Fault;
use clap::Args;
use engine::Engine;
use model::ParameterTable;
use serde_json::json;
use standards::Zone;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A forecast from outside: CSV (plain or gzip) with the columns issued, time, place, parameter, value, and low, high, unit if there are.
#[derive(Args, Debug)]
pub struct ForecastFiles {
    /// The files; each has a receipt of its own, or none when it says nothing new.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Whose forecast it is: `cmaq`, `wrf-chem`, `met-bureau`.
    #[arg(long, value_parser = source)]
    source: String,
    /// The file names an hour by its end; by its start unless given.
    #[arg(long)]
    named_by_end: bool,
    #[command(flatten)]
    over: Over,
}

fn source(name: &str) -> Result<String, String> {
    check_source(name).map(|()| name.to_owned()).map_err(|words| words.en)
}

impl ForecastFiles {
    /// Takes the files, one after another; whether nothing was refused.
    ///
    /// # Errors
    /// When a file is refused: nothing of that file was taken.
    pub fn run(&self, out: &mut impl Write) -> Result<bool, Failure> {
        let (config, mut engine) = self.over.open()?;
        let zone = Zone::named(config.district.zone.iana_name().unwrap_or("UTC"))?;
        let parameters = ParameterTable::builtin()?;
        let mut is_whole = true;
        for file in &self.files {
            is_whole &= self.one(file, (&zone, &parameters), &mut engine, out)?;
            out.flush()?;
        }
        Ok(is_whole)
    }

    fn one(
        &self,
        path: &Path,
        (zone, parameters): (&Zone, &ParameterTable),
        engine: &mut Engine,
        out: &mut impl Write,
    ) -> Result<bool, Failure> {
        let bytes = read_file(path, BYTES_MAX)?;
        let now = clock::now();
        let found = {
            let reader = engine.reader();
            let view = reader.view();
            let (registry, source) = (view.registry(), self.source.as_str());
            let named_by_end = self.named_by_end;
            check(&bytes, &Asked { registry, parameters, zone, source, named_by_end, now })?
        };
        if !self.over.json {
            tell(path, &found, out)?;
        }
        if found.bad > 0 && !self.over.dry_run {
            return Err(refused(found.bad).into());
        }
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let of = (self.source.as_str(), &*name);
        let receipt = take(engine, (now, WHO), &found, of, self.over.dry_run)?;
        if self.over.json {
            let (dry_run, bad_rows) = (self.over.dry_run, &found.told);
            let answer = json!({ "dry_run": dry_run, "receipt": receipt, "bad_rows": bad_rows });
            writeln!(out, "{answer}")?;
        } else {
            tell_receipt(&receipt, self.over.dry_run, out)?;
        }
        Ok(found.bad == 0)
    }
}

fn refused(bad: u64) -> Fault {
    Fault::new(
        (
            format!("{bad} 行有误，未导入任何内容"),
            format!("{bad} rows are bad, so nothing was imported"),
        ),
        (
            "请改正后重试；--dry-run 逐行列出问题",
            "mend them and try again; --dry-run names each by its line",
        ),
    )
}

fn tell(path: &Path, found: &Checked, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "file       {} · {} bytes", path.display(), found.bytes)?;
    writeln!(out, "hash       {}", found.hash)?;
    writeln!(out, "rows       {}: {} bad", found.rows, found.bad)?;
    for row in &found.told {
        let (line, column, text) = (row.line, &row.column, &row.found);
        writeln!(out, "  line {line}, {column} {text:?}: {} · {}", row.what.en, row.what.zh)?;
    }
    Ok(())
}

fn tell_receipt(own: &ForecastReceipt, is_dry: bool, out: &mut impl Write) -> std::io::Result<()> {
    let ForecastReceipt { new, changed, known, issued, source, .. } = own;
    writeln!(out, "issued     {}", issued.join(", "))?;
    writeln!(out, "runs       {new} new, {changed} changed, {known} there already")?;
    if is_dry {
        return writeln!(out, "dry run: nothing was written · 试运行：未写入");
    }
    if !own.says_new() {
        return writeln!(out, "nothing    it says nothing new · 没有新内容");
    }
    writeln!(out, "receipt    {} · 回执: {} ({source}), {}", own.receipt, own.file, own.at)
}
