//! `skyriver ledger`: what became of every frame and reading, from the data directory itself; a server
//! may use it meanwhile.

pub mod rate;
mod rates_command;

use crate::cli::{ConfigArgs, Failure};
use crate::clock;
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::{Counted, Disposition, HOUR_MS, LedgerEntry, LedgerTotals, Reason, Timestamp};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use store::{Limits, Reader};

/// Show what became of every frame and reading.
#[derive(Args, Debug)]
pub struct Ledger {
    /// Data directory; that of the configuration unless named.
    #[arg(long)]
    pub dir: Option<PathBuf>,
    /// Only what arrived on this civil day of the district, `2026-03-01`.
    #[arg(long, value_name = "DATE")]
    pub day: Option<jiff::civil::Date>,
    /// Only what arrived in this civil month of the district, `2026-03`.
    #[arg(long, value_name = "MONTH", conflicts_with = "day")]
    pub month: Option<String>,
    /// How much of what was due came and was valid, for each device: 传输率, 有效率, 传输有效率. Of the day
    /// or month of the readings, today unless named.
    #[arg(long)]
    pub rates: bool,
    /// Split the counts.
    #[arg(long, value_enum, default_value_t = By::Reason)]
    pub by: By,
    /// One JSON object.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    config: ConfigArgs,
}

/// How counts are split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum By {
    /// By reason.
    Reason,
    /// By hour of arrival (UTC).
    Hour,
    /// By device.
    Device,
}

/// One line: what it is split by, unit, disposition.
type Key = (String, Counted, Disposition);

impl Ledger {
    /// Reads the ledger and prints it.
    ///
    /// # Errors
    /// When the directory holds no database, or it cannot be read.
    pub fn run(&self, out: &mut impl Write) -> Result<(), Failure> {
        let loaded = self.config.load()?;
        let dir = self.dir.as_ref().unwrap_or(&loaded.config.store.dir);
        let zone = &loaded.config.district.zone;
        let range = self.range(zone)?;
        if self.rates {
            let today = || span(clock::civil_today(zone), 1, zone);
            let range = range.map_or_else(today, Ok)?;
            return rates_command::run(dir, range, self.json, out);
        }
        let reader = Reader::look(dir, Limits::default())?;
        let (from, to) = range.unwrap_or((Timestamp::MIN, Timestamp::MAX));
        let entries = reader.ledger(from, to)?;
        let mut totals = [LedgerTotals::default(), LedgerTotals::default()];
        let mut rows: BTreeMap<Key, u64> = BTreeMap::new();
        for entry in &entries {
            totals[usize::from(entry.unit == Counted::Reading)].add(entry.disposition, entry.count);
            let name = self.name(entry, &reader);
            *rows.entry((name, entry.unit, entry.disposition)).or_default() += entry.count;
        }
        if self.json { json_out(out, &totals, &rows) } else { text_out(out, &totals, &rows) }
            .map_err(Failure::from)
    }

    /// The day or month that is asked for.
    fn range(&self, zone: &TimeZone) -> Result<Option<(Timestamp, Timestamp)>, Failure> {
        if let Some(day) = &self.day {
            return span(*day, 1, zone).map(Some);
        }
        let Some(month) = &self.month else { return Ok(None) };
        let first = format!("{month}-01").parse::<Date>()?;
        span(first, i64::from(first.days_in_month()), zone).map(Some)
    }

    fn name(&self, entry: &LedgerEntry, reader: &Reader) -> String {
        match self.by {
            By::Reason if entry.reason == Reason::None => String::new(),
            By::Reason => entry.reason.name().to_owned(),
            By::Hour => entry.hour.floor(HOUR_MS).to_string(),
            By::Device => {
                let view = reader.view();
                let device = entry.device.and_then(|id| view.registry().device(id));
                device.map_or_else(|| "unknown".to_owned(), |device| device.mn.clone())
            }
        }
    }
}

/// Civil days as instants.
fn span(first: Date, days: i64, zone: &TimeZone) -> Result<(Timestamp, Timestamp), Failure> {
    let end = first.checked_add(jiff::Span::new().try_days(days)?)?;
    let ms = |day: Date| -> Result<Timestamp, jiff::Error> {
        let at = day.to_zoned(zone.clone())?;
        Ok(Timestamp::from_ms(at.timestamp().as_millisecond()))
    };
    Ok((ms(first)?, ms(end)?))
}

fn unit_name(unit: Counted) -> &'static str {
    if unit == Counted::Frame { "frame" } else { "reading" }
}

fn text_out(
    out: &mut impl Write,
    totals: &[LedgerTotals; 2],
    rows: &BTreeMap<Key, u64>,
) -> std::io::Result<()> {
    for (name, t) in ["frames", "readings"].into_iter().zip(totals) {
        writeln!(
            out,
            "{name:<8} received {} = stored {} + duplicate {} + rejected {} + quarantined {}   {}",
            t.received,
            t.stored,
            t.duplicate,
            t.rejected,
            t.quarantined,
            if t.is_balanced() { "balanced" } else { "NOT BALANCED" }
        )?;
    }
    writeln!(out)?;
    for ((name, unit, disposition), count) in rows {
        writeln!(out, "{count:>12}  {:<8} {:<12} {name}", unit_name(*unit), disposition.name())?;
    }
    Ok(())
}

fn json_out(
    out: &mut impl Write,
    totals: &[LedgerTotals; 2],
    rows: &BTreeMap<Key, u64>,
) -> std::io::Result<()> {
    let rows: Vec<_> = rows
        .iter()
        .map(|((name, unit, disposition), count)| {
            json!({ "name": name, "unit": unit_name(*unit), "disposition": disposition.name(), "count": count })
        })
        .collect();
    let balanced = totals.iter().all(LedgerTotals::is_balanced);
    let ledger = json!({
        "frames": totals[0], "readings": totals[1], "balanced": balanced, "rows": rows
    });
    writeln!(out, "{ledger}")
}
