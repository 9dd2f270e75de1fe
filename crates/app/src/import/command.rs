//! `skyriver import places FILE`, over a stopped data directory.

use super::basemap;
use super::check::Severity;
use super::datum::Datum;
use super::plan::{Act, Options, Plan, plan, too_large};
use super::{FILE_BYTES_MAX, Fault, Format};
use crate::bring::cases::command::Cases;
use crate::bring::command::{Readings, Receipts};
use crate::bring::forecast::command::ForecastFiles;
use crate::cli::{ConfigArgs, Failure};
use crate::{clock, serve, user};
use clap::{Args, Subcommand};
use engine::Edit;
use model::ParameterTable;
use std::io::Write;
use std::path::{Path, PathBuf};
use store::{Author, Way};

/// Bring a file into a stopped data directory. While a server runs, its page and its API import.
#[derive(Subcommand, Debug)]
pub enum ImportCommand {
    /// Places, lines and areas: `GeoJSON`, a station list (CSV), or a registry file (TOML).
    Places(Places),
    /// Readings: CSV (plain or gzip), Parquet, or a log of HJ 212 frames, through the same ledger as devices.
    Readings(Box<Readings>),
    /// Cases of another system: CSV (plain or gzip), through the same moves as any case.
    Cases(Box<Cases>),
    /// A forecast from outside, such as a numerical model's: CSV (plain or gzip).
    Forecast(Box<ForecastFiles>),
    /// The receipts of files of readings that were imported.
    Receipts(Receipts),
    /// The base map: `PMTiles` (version 3) or `GeoJSON`. A server shows it at once.
    Basemap {
        /// The file.
        file: PathBuf,
        /// Data directory; that of the configuration unless named.
        #[arg(long)]
        dir: Option<PathBuf>,
        /// Where settings come from.
        #[command(flatten)]
        config: ConfigArgs,
    },
}

/// A file of places, lines and areas.
#[derive(Args, Debug)]
pub struct Places {
    /// The file.
    file: PathBuf,
    /// The datum of its positions: wgs84, gcj02 or bd09. It is never guessed.
    #[arg(long, default_value = "wgs84", value_parser = datum)]
    datum: Datum,
    /// Its form: auto, geojson, csv or toml.
    #[arg(long, default_value = "auto", value_parser = format)]
    format: Format,
    /// Only say what would happen.
    #[arg(long)]
    dry_run: bool,
    /// Import what is sound even when something is refused.
    #[arg(long)]
    partial: bool,
    /// Data directory; that of the configuration unless named.
    #[arg(long)]
    dir: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigArgs,
}

fn datum(name: &str) -> Result<Datum, String> {
    Datum::named(name).ok_or_else(|| "there are wgs84, gcj02 and bd09".to_owned())
}

fn format(name: &str) -> Result<Format, String> {
    Format::named(name).ok_or_else(|| "there are auto, geojson, csv and toml".to_owned())
}

/// The bytes of a file, unless it is larger than may be: that is known before it is read.
///
/// # Errors
/// When it is too large, or cannot be read.
pub fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = std::fs::metadata(path)?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(too_large(bytes).into());
    }
    Ok(std::fs::read(path)?)
}

impl ImportCommand {
    /// Does it; whether nothing was refused.
    ///
    /// # Errors
    /// When a server uses the directory, or the file cannot be read.
    pub fn run(self, out: &mut impl Write) -> Result<bool, Failure> {
        match self {
            Self::Places(places) => places.run(out),
            Self::Readings(readings) => readings.run(out),
            Self::Cases(cases) => cases.run(out),
            Self::Forecast(files) => files.run(out),
            Self::Receipts(receipts) => receipts.run(out),
            Self::Basemap { file, dir, config } => {
                let dir = match dir {
                    Some(dir) => dir,
                    None => config.load()?.config.store.dir,
                };
                let about = basemap::put(&dir, &file)?;
                let (kind, bytes) = (about.kind, about.bytes);
                writeln!(out, "base map: {kind:?}, {bytes} bytes, layers {:?}", about.layers)?;
                Ok(true)
            }
        }
    }
}

impl Places {
    fn run(self, out: &mut impl Write) -> Result<bool, Failure> {
        let bytes = read_file(&self.file)?;
        let mut config = self.config.load()?.config;
        if let Some(dir) = self.dir {
            config.store.dir = dir;
        }
        let mut engine = serve::open_engine(&config)?;
        let bbox = config.district.bbox.map(|box_| [box_.west, box_.south, box_.east, box_.north]);
        let options = Options { format: self.format, datum: self.datum, what: None, bbox };
        let parameters = ParameterTable::builtin()?;
        let plan = {
            let reader = engine.reader();
            let view = reader.view();
            plan(&bytes, &options, view.registry(), &parameters)?
        };
        tell(&plan, out)?;
        let is_whole = plan.count(Act::Refuse) == 0;
        if self.dry_run {
            writeln!(out, "dry run: nothing was written · 试运行：未写入")?;
            return Ok(is_whole);
        }
        if !is_whole && !self.partial {
            return Err(refused(plan.count(Act::Refuse)).into());
        }
        let receipt: String = user::token()?.chars().take(16).collect();
        let by = Author {
            who: "the command line".to_owned(),
            way: Way::Imported,
            receipt: Some(receipt.clone()),
        };
        let edit = Edit { entries: plan.entries(), by, seen: None };
        let count = engine.edit(clock::now(), edit)?;
        if count == 0 {
            writeln!(out, "nothing changed · 没有变化")?;
        } else {
            writeln!(out, "receipt · 回执 {receipt}: {count}")?;
        }
        Ok(is_whole)
    }
}

fn refused(count: usize) -> Fault {
    Fault::new(
        (
            format!("{count} 条有误，未导入任何内容"),
            format!("{count} entries are refused, so nothing was imported"),
        ),
        (
            "请改正后重试；--partial 只导入无误的条目",
            "mend them and try again; --partial imports the sound ones",
        ),
    )
}

fn tell(plan: &Plan, out: &mut impl Write) -> std::io::Result<()> {
    for item in &plan.items {
        for problem in &item.problems {
            let mark = if problem.severity == Severity::Error { "error" } else { "warning" };
            let (key, field) = (&item.key, &problem.field);
            writeln!(out, "{mark}: {} {key} {field}: {}", item.at, problem.message.en)?;
            writeln!(out, "  {}", problem.message.zh)?;
            if let Some(hint) = &problem.hint {
                writeln!(out, "  hint: {}\n  提示：{}", hint.en, hint.zh)?;
            }
        }
    }
    for note in &plan.notes {
        writeln!(out, "note: {}\n  {}", note.en, note.zh)?;
    }
    let [add, change, same, refuse] =
        [Act::Add, Act::Change, Act::Same, Act::Refuse].map(|act| plan.count(act));
    writeln!(out, "{add} new, {change} changed, {same} the same, {refuse} refused")
}
