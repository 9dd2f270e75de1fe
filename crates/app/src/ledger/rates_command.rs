//! The rates of `skyriver ledger --rates`, as a table and as JSON.

use super::rate::{Rate, rates};
use crate::cli::Failure;
use crate::clock;
use model::Timestamp;
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use store::{Limits, Reader};

/// Prints the rates of every device in a stretch of time.
///
/// # Errors
/// When the directory holds no database.
pub fn run(
    dir: &Path,
    range: (Timestamp, Timestamp),
    is_json: bool,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let reader = Reader::look_whole(dir, Limits::default())?;
    let rates = rates(&reader, range, clock::now())?;
    if is_json {
        let rows: Vec<Value> = rates.iter().map(as_json).collect();
        let (from, to) = (range.0.to_string(), range.1.to_string());
        writeln!(out, "{}", json!({ "from": from, "to": to, "rates": rows }))?;
        return Ok(());
    }
    writeln!(
        out,
        "{:<26} {:<8} {:>10} {:>9} {:>9} {:>9}  {:>8} {:>8} {:>8}",
        "device · 设备",
        "period",
        "interval",
        "due",
        "came",
        "valid",
        "传输率",
        "有效率",
        "传输有效率"
    )?;
    for rate in &rates {
        let percent = |share: Option<f64>| {
            share.map_or_else(|| "?".to_owned(), |share| format!("{:.1} %", share * 100.0))
        };
        let interval = rate.interval_ms.map_or_else(
            || "?".to_owned(),
            |ms| format!("{}{}s", if rate.is_learned { "≈" } else { "" }, ms / 1_000),
        );
        let due = rate.expected.map_or_else(|| "?".to_owned(), |due| due.to_string());
        writeln!(
            out,
            "{:<26} {:<8} {interval:>10} {due:>9} {:>9} {:>9}  {:>8} {:>8} {:>8}",
            rate.device,
            rate.period.name(),
            rate.came,
            rate.valid,
            percent(rate.transmission()),
            percent(rate.validity()),
            percent(rate.effective())
        )?;
    }
    if rates.iter().any(|rate| rate.is_learned) {
        writeln!(
            out,
            "≈ learned from what came, the device does not state it · 由来数推断，并非设备申明"
        )?;
    }
    Ok(())
}

fn as_json(rate: &Rate) -> Value {
    json!({
        "device": rate.device, "place": rate.place, "period": rate.period.name(),
        "interval_s": rate.interval_ms.map(|ms| ms as f64 / 1_000.0), "is_learned": rate.is_learned,
        "expected": rate.expected, "came": rate.came, "valid": rate.valid,
        "transmission": rate.transmission(), "validity": rate.validity(), "effective": rate.effective(),
    })
}
