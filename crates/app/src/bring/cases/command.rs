//! `skyriver import cases FILE…`, over a stopped data directory.

use super::{By, CasesReceipt, Checked, Engine, check, only_mapping, take, taken_before};
use crate::bring::over::{Over, WHO, read_file};
use crate::cli::Failure;
use crate::clock;
use crate::import::Fault;
use clap::Args;
use control::{Event, Mapping, Mappings};
use engine::desk::Brought;
use model::Act;
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Cases of another system: CSV (plain or gzip), read by a mapping of columns.
#[derive(Args, Debug)]
pub struct Cases {
    /// The files; each has a receipt of its own.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The mapping: the key of one that is known (boston311), or a file (TOML) with one.
    #[arg(long)]
    mapping: String,
    /// Take the sound rows even when others are bad; those are left out and counted.
    #[arg(long)]
    partial: bool,
    /// Take a file even though it was taken before.
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    over: Over,
}

struct Direct<'a>(&'a mut engine::Engine);

impl Engine for Direct<'_> {
    fn cases(&mut self, cases: Vec<Vec<Event>>, is_dry: bool) -> Result<Brought, Fault> {
        let brought = self.0.bring_cases(clock::now(), WHO, &cases, is_dry);
        brought.map_err(|error| failed(&error))
    }

    fn act(&mut self, act: Act) -> Result<(), Fault> {
        self.0.act(clock::now(), vec![act]).map(drop).map_err(|error| failed(&error))
    }
}

/// What the engine could not do, as a fault of the file.
pub fn failed(error: &(dyn std::error::Error + 'static)) -> Fault {
    let what = crate::shell::chain(error);
    Fault::new(
        (format!("案件未能写入：{what}"), format!("the cases were not kept: {what}")),
        ("排除原因后重新导入同一文件", "mend the cause and import the same file again"),
    )
}

impl Cases {
    /// Takes the files, one after another; whether all of them were whole.
    ///
    /// # Errors
    /// When a file is refused: nothing of that file was taken.
    pub fn run(&self, out: &mut impl Write) -> Result<bool, Failure> {
        let (_, mut engine) = self.over.open()?;
        let settings = engine.desk()?.settings();
        let mapping = self.mapping(&settings.mappings)?;
        let mut is_whole = true;
        for file in &self.files {
            let by = By {
                mapping: &mapping,
                catalogue: &settings.catalogue,
                calendar: &settings.calendar,
                now: clock::now(),
            };
            is_whole &= self.one(file, &by, &mut engine, out)?;
            out.flush()?;
        }
        Ok(is_whole)
    }

    fn mapping(&self, known: &Mappings) -> Result<Mapping, Failure> {
        if let Some(mapping) = known.named(&self.mapping) {
            return Ok(mapping.clone());
        }
        let path = Path::new(&self.mapping);
        if !path.is_file() {
            let all: Vec<&str> = known.all.iter().map(|own| own.key.as_str()).collect();
            let (name, all) = (&self.mapping, all.join(", "));
            let said = (
                format!("没有映射 {name}，也没有该文件；已有：{all}"),
                format!("there is no mapping {name} and no file of that name; there are {all}"),
            );
            let hint =
                ("写法见 docs/guides/cases.md", "docs/guides/cases.md shows how to write one");
            return Err(Fault::new(said, hint).into());
        }
        Ok(only_mapping(&std::fs::read_to_string(path)?)?)
    }

    fn one(
        &self,
        path: &Path,
        by: &By,
        engine: &mut engine::Engine,
        out: &mut impl Write,
    ) -> Result<bool, Failure> {
        let bytes = read_file(path, super::BYTES_MAX)?;
        let found = check(&bytes, by)?;
        if !self.over.json {
            tell(path, &found, out)?;
        }
        let before = taken_before(&engine.reader(), &found.hash)?;
        if let Some(receipt) = before.filter(|_| !self.again) {
            if self.over.json {
                writeln!(out, "{}", json!({ "imported_before": receipt }))?;
            } else {
                let (name, at) = (&receipt.receipt, &receipt.at);
                writeln!(
                    out,
                    "nothing    this file was imported before, at {at}, receipt {name} · 此文件已导入过"
                )?;
            }
            return Ok(true);
        }
        if found.bad > 0 && !self.partial && !self.over.dry_run {
            return Err(super::refused(found.bad).into());
        }
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        let begun = CasesReceipt::begin(&found, &by.mapping.key, &name, WHO, by.now);
        let (receipt, _) = take(&found, by, begun, self.over.dry_run, &mut Direct(engine))?;
        if self.over.json {
            let bad = &found.told;
            writeln!(
                out,
                "{}",
                json!({ "dry_run": self.over.dry_run, "receipt": receipt, "bad_rows": bad })
            )?;
        } else {
            tell_receipt(&receipt, self.over.dry_run, out)?;
        }
        Ok(found.bad == 0)
    }
}

fn tell(path: &Path, found: &Checked, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "file       {} · {} bytes", path.display(), found.bytes)?;
    writeln!(out, "hash       {}", found.hash)?;
    writeln!(out, "rows       {}: {} sound, {} bad", found.rows, found.cases.len(), found.bad)?;
    for row in &found.told {
        let (line, column, text) = (row.line, &row.column, &row.found);
        writeln!(out, "  line {line}, {column} {text:?}: {} · {}", row.what.en, row.what.zh)?;
    }
    for (note, count) in &found.notes {
        writeln!(out, "  {count} {}", note.replace('_', " "))?;
    }
    let own = &found.on_time;
    writeln!(
        out,
        "on time    {} as the file has them ({} overdue), {} differ, {} without a target, {} not said",
        own.same, own.overdue, own.differ, own.no_target, own.not_said
    )?;
    if !own.differing.is_empty() {
        writeln!(out, "  differ: {}", own.differing.join(", "))?;
    }
    Ok(())
}

fn tell_receipt(receipt: &CasesReceipt, is_dry: bool, out: &mut impl Write) -> std::io::Result<()> {
    let CasesReceipt { new, moved, known, differs, acts, .. } = receipt;
    writeln!(
        out,
        "cases      {new} new, {moved} with more, {known} there already, {differs} gone on with here; {acts} acts"
    )?;
    if is_dry {
        return writeln!(out, "dry run: nothing was written · 试运行：未写入");
    }
    if let Some((first, last)) = &receipt.numbers {
        writeln!(out, "numbers    {first} … {last}")?;
    }
    writeln!(
        out,
        "receipt    {} · 回执: {} ({}), {}",
        receipt.receipt, receipt.file, receipt.system, receipt.at
    )
}
