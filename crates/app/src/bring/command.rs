//! `skyriver import readings FILE…` and `skyriver import receipts`.

use super::over::Over;
use super::{Check, Direct, Fated, Fates, Job, Receipt, Unknown};
use super::{check, preview, receipts, take, taken_before};
use crate::cli::{ConfigArgs, Failure};
use crate::import::Fault;
use crate::{clock, user};
use clap::Args;
use engine::{Edit, Engine, RegistryFile};
use gateway::device::replay;
use gateway::file::{Format, Options, Origin};
use gateway::hj212::Clock;
use model::Period;
use serde_json::json;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Author, Limits, Reader, Way};

/// Rows of one turn over a stopped directory: nobody else waits.
const ROWS_PER_TURN: usize = 20_000;
/// Unknown stations that are told by name.
const TOLD_MAX: usize = 10;

/// Readings: CSV (plain or gzip), Parquet, or a log of HJ 212 frames.
#[derive(Args, Debug)]
pub struct Readings {
    /// The files; each has a receipt of its own.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Their shape: auto, national, prsa, openaq, long, generic, export, parquet or hj212.
    #[arg(long, default_value = "auto", value_parser = format)]
    format: Format,
    /// What columns mean where their names do not say it: `time=监测时间,device=站点,pm25=PM2.5`. Our words
    /// are those of an export's head, and keys of parameters for columns of values.
    #[arg(long, value_delimiter = ',', value_parser = pair)]
    columns: Vec<(String, String)>,
    /// The period of the values where the file does not say it: instant, minutes, hour or day.
    #[arg(long, default_value = "hour", value_parser = period)]
    period: Period,
    /// Whether the file names a period by its end; its shape says so unless given.
    #[arg(long)]
    named_by_end: Option<bool>,
    /// Take the sound rows even when others are bad or their stations unknown: those are counted as
    /// rejected or quarantined, and kept as they stand.
    #[arg(long)]
    partial: bool,
    /// Register unknown stations from the station list that lies beside the file (`station_info.csv`,
    /// `stations.csv`, `places.csv`).
    #[arg(long)]
    register: bool,
    /// Take a file even though it was taken before.
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    over: Over,
}

/// The receipts of files that were imported.
#[derive(Args, Debug)]
pub struct Receipts {
    /// One JSON object a receipt.
    #[arg(long)]
    json: bool,
    /// Data directory; that of the configuration unless named. A server may use it.
    #[arg(long)]
    dir: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigArgs,
}

fn format(name: &str) -> Result<Format, String> {
    Format::named(name).ok_or_else(|| {
        let names: Vec<_> = Format::ALL.iter().map(|format| format.name()).collect();
        format!("there are {}", names.join(", "))
    })
}

fn period(name: &str) -> Result<Period, String> {
    Period::named(name).ok_or_else(|| "there are instant, minutes, hour and day".to_owned())
}

/// `word=column`.
///
/// # Errors
/// When there is no `=`.
pub fn pair(text: &str) -> Result<(String, String), String> {
    let (word, name) = text.split_once('=').ok_or("write it as WORD=COLUMN")?;
    Ok((word.trim().to_owned(), name.trim().to_owned()))
}

impl Readings {
    /// Takes the files, one after another; whether all of them were whole.
    ///
    /// # Errors
    /// When a file is refused: nothing of that file was taken.
    pub fn run(&self, out: &mut impl Write) -> Result<bool, Failure> {
        let (config, mut engine) = self.over.open()?;
        let zone = config.district.zone.iana_name().unwrap_or("UTC").to_owned();
        let wire = Clock::new(&zone, clock::now)?;
        let mut is_whole = true;
        for file in &self.files {
            is_whole &= self.one(file, &wire, &mut engine, out)?;
            out.flush()?;
        }
        if !self.over.dry_run {
            derive(&mut engine)?;
        }
        Ok(is_whole)
    }

    fn one(
        &self,
        path: &Path,
        wire: &Clock,
        engine: &mut Engine,
        out: &mut impl Write,
    ) -> Result<bool, Failure> {
        let now = clock::now();
        let mut job = self.job(path, wire, engine);
        let mut bar = Bar::new();
        let (mut found, mut stations) = check(&job, now, &mut |rows| bar.show("read", rows))?;
        if !found.unknown.is_empty() && self.register {
            let count = register(path, wire, &found.unknown, engine, self.over.dry_run)?;
            bar.clear();
            if !self.over.json {
                writeln!(out, "stations   {count} registered from the list beside the file")?;
            }
            job.options.registry = registry(engine);
            (found, stations) = check(&job, now, &mut |rows| bar.show("read", rows))?;
        }
        bar.clear();
        let before = taken_before(&engine.reader(), &found.hash)?;
        if !self.over.json {
            tell(path, &found, out)?;
        }
        if let Some(receipt) = before.filter(|_| !job.is_again) {
            tell_known(&receipt, self.over.json, out)?;
            return Ok(true);
        }
        let mut feed = Direct::new(engine);
        if self.over.dry_run {
            let shown =
                preview(&job, &mut stations, &mut feed, now, &mut |rows| bar.show("shown", rows))?;
            bar.clear();
            tell_preview(path, &found, &shown, self.over.json, out)?;
            return Ok(found.is_whole());
        }
        if !found.is_whole() && !job.is_partial {
            return Err(refused(path, &found).into());
        }
        let receipt =
            take(&job, &found, &mut stations, &mut feed, now, &mut |rows| bar.show("taken", rows))?;
        bar.clear();
        tell_receipt(&receipt, self.over.json, out)?;
        Ok(found.is_whole())
    }

    fn job(&self, path: &Path, wire: &Clock, engine: &Engine) -> Job {
        let options = Options {
            format: self.format,
            columns: self.columns.clone(),
            period: self.period,
            named_by_end: self.named_by_end,
            registry: registry(engine),
            ..Options::new(wire.clone())
        };
        Job {
            origin: Origin::Path(path.to_owned()),
            options,
            is_partial: self.partial,
            is_again: self.again,
            who: "the command line".to_owned(),
            rows_per_turn: ROWS_PER_TURN,
        }
    }
}

impl Receipts {
    /// Lists them.
    ///
    /// # Errors
    /// When the directory holds no database.
    pub fn run(&self, out: &mut impl Write) -> Result<bool, Failure> {
        let loaded = self.config.load()?;
        let dir = self.dir.as_ref().unwrap_or(&loaded.config.store.dir);
        let reader = Reader::look(dir, Limits::default())?;
        for receipt in receipts(&reader)? {
            tell_receipt(&receipt, self.json, out)?;
        }
        Ok(true)
    }
}

fn registry(engine: &Engine) -> Arc<model::Registry> {
    Arc::new(engine.reader().view().registry().clone())
}

/// Derives what the readings touch, so that a server finds it done.
fn derive(engine: &mut Engine) -> Result<(), Failure> {
    let mut bar = Bar::new();
    let mut turns = 0;
    let now = clock::now();
    while engine.is_behind(now) {
        engine.turn(now, &[])?;
        turns += 1;
        bar.show("turns of derivation", turns);
    }
    bar.clear();
    Ok(())
}

/// Registers the unknown stations that a list beside the file knows; how many.
fn register(
    path: &Path,
    wire: &Clock,
    unknown: &[Unknown],
    engine: &mut Engine,
    is_dry: bool,
) -> Result<usize, Failure> {
    let roster = replay::load(path, wire, replay::Range::default())?.roster;
    let wanted = |mn: &str| unknown.iter().any(|unknown| unknown.station == mn);
    let mut entries = RegistryFile::default();
    for mut device in roster.devices.into_iter().filter(|device| wanted(&device.mn)) {
        // Nobody speaks as a station of a file unless somebody gives it a password.
        device.password = user::token()?.chars().take(32).collect();
        entries.devices.push(device);
    }
    let at = |place: &model::Place| entries.devices.iter().any(|one| one.place == place.key);
    let places: Vec<_> = roster.places.into_iter().filter(at).collect();
    let of = |area: &model::Area| places.iter().any(|place| place.area == area.key);
    entries.areas = roster.areas.into_iter().filter(of).collect();
    entries.places = places;
    let count = entries.devices.len();
    if !is_dry && count > 0 {
        let receipt = Some(user::token()?.chars().take(16).collect());
        let by = Author { who: "the command line".to_owned(), way: Way::Imported, receipt };
        engine.edit(clock::now(), Edit { entries, by, seen: None })?;
    }
    Ok(count)
}

fn refused(path: &Path, found: &Check) -> Fault {
    let (bad, unknown) = (found.bad.values().sum::<u64>(), found.unknown.len());
    let path = path.display();
    let hint = if unknown > 0 {
        (
            "--register 按旁边的站点表登记，或先执行 skyriver import places 站点表；--partial 只导入无误的行",
            "--register adds stations from the list beside the file, or first: skyriver import places LIST; --partial takes the sound rows",
        )
    } else {
        (
            "请改正后重试；--partial 只导入无误的行",
            "mend them and try again; --partial takes the sound rows",
        )
    };
    Fault::new(
        (
            format!("{path}：{bad} 行有误，{unknown} 个站点未登记；未导入任何内容"),
            format!(
                "{path}: {bad} rows are bad, {unknown} stations are not registered; nothing was imported"
            ),
        ),
        hint,
    )
}

fn tell(path: &Path, found: &Check, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "file       {} · {}, {} bytes", path.display(), found.format, found.bytes)?;
    writeln!(out, "hash       {}", found.hash)?;
    if let Some((first, last)) = found.span {
        writeln!(out, "span       {first} … {last}")?;
    }
    let bad: u64 = found.bad.values().sum();
    writeln!(
        out,
        "rows       {}: {} values, {} rows without any, {bad} bad",
        found.rows, found.values, found.empty
    )?;
    for row in &found.told {
        writeln!(out, "  line {}: {} · {}", row.line, row.what.en, row.what.zh)?;
    }
    let told = found.told.len() as u64;
    if bad > told {
        writeln!(out, "  … and {} more", bad - told)?;
    }
    for unknown in found.unknown.iter().take(TOLD_MAX) {
        let Unknown { station, place, rows } = unknown;
        writeln!(out, "  not registered · 未登记: {station} {place} ({rows} rows)")?;
    }
    if found.unknown.len() > TOLD_MAX {
        writeln!(out, "  … and {} more stations", found.unknown.len() - TOLD_MAX)?;
    }
    Ok(())
}

fn tell_known(receipt: &Receipt, is_json: bool, out: &mut impl Write) -> Result<(), Failure> {
    if is_json {
        return Ok(writeln!(out, "{}", json!({ "imported_before": receipt }))?);
    }
    writeln!(
        out,
        "nothing    this file was imported before, at {}, receipt {} · 此文件已导入过\nhint: --again takes it once more",
        receipt.at, receipt.receipt
    )?;
    Ok(())
}

fn tell_preview(
    path: &Path,
    found: &Check,
    shown: &Fated,
    is_json: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    if is_json {
        let bad: Vec<_> =
            found.told.iter().map(|row| json!({ "line": row.line, "what": row.what })).collect();
        let unknown: Vec<_> = found
            .unknown
            .iter()
            .map(|one| json!({ "station": one.station, "place": one.place, "rows": one.rows }))
            .collect();
        let answer = json!({
            "dry_run": true, "file": path.display().to_string(), "format": found.format,
            "hash": found.hash, "rows": found.rows, "empty": found.empty, "values": found.values,
            "bad": found.bad, "bad_rows": bad, "unknown_stations": unknown,
            "frames": shown.frames, "readings": shown.readings,
        });
        return Ok(writeln!(out, "{answer}")?);
    }
    tell_fates("rows", &shown.frames, out)?;
    tell_fates("readings", &shown.readings, out)?;
    writeln!(out, "dry run: nothing was written · 试运行：未写入")?;
    Ok(())
}

fn tell_receipt(receipt: &Receipt, is_json: bool, out: &mut impl Write) -> Result<(), Failure> {
    if is_json {
        return Ok(writeln!(out, "{}", serde_json::to_string(receipt)?)?);
    }
    let Receipt { receipt: name, file, format, at, who, rows, empty, .. } = receipt;
    let state = if receipt.state == super::State::Done {
        ""
    } else {
        "   BEGUN AND NOT ENDED: import the file again"
    };
    writeln!(out, "receipt    {name} · 回执: {file} ({format}), {at}, {who}{state}")?;
    tell_fates("rows", &receipt.frames, out)?;
    tell_fates("readings", &receipt.readings, out)?;
    writeln!(out, "           {rows} rows, {empty} of them without a value")?;
    for [first, last] in &receipt.ranges {
        writeln!(out, "           log entries {first} … {last}")?;
    }
    Ok(())
}

fn tell_fates(what: &str, fates: &Fates, out: &mut impl Write) -> std::io::Result<()> {
    write!(out, "{what:<10} {} new, {} there already", fates.stored, fates.duplicate)?;
    for (name, all) in [("rejected", &fates.rejected), ("quarantined", &fates.quarantined)] {
        for (reason, count) in all {
            write!(out, ", {count} {name} ({reason})")?;
        }
    }
    writeln!(out)
}

/// How far something long is, on a terminal.
struct Bar {
    is_shown: bool,
}

impl Bar {
    fn new() -> Self {
        Self { is_shown: false }
    }

    fn show(&mut self, what: &str, count: u64) {
        let mut err = std::io::stderr();
        if err.is_terminal() {
            let _ = write!(err, "\r  {count} {what}   ");
            let _ = err.flush();
            self.is_shown = true;
        }
    }

    fn clear(&mut self) {
        if std::mem::take(&mut self.is_shown) {
            let _ = write!(std::io::stderr(), "\r{:60}\r", "");
        }
    }
}
