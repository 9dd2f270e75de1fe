//! Which days of some files change class between two sets of editions.

use super::{Air, Error, Period, Stations, Summary, Table, read_all, reports, spans};
use serde::Serialize;
use standards::air::{IndexReport, RuleSet};
use standards::{Standards, Zone};
use std::path::PathBuf;

/// The days that change, among all that both judge.
pub struct Changed {
    /// Station by station, in the order of days.
    pub days: Vec<ChangedDay>,
    /// How many days both judged.
    pub compared: usize,
}

/// A day that changes class.
#[derive(Clone, Debug, Serialize)]
pub struct ChangedDay {
    /// The station.
    pub station: String,
    /// The civil day.
    pub date: String,
    /// Index, level and name in the first set.
    pub before: String,
    /// In the second.
    pub after: String,
}

/// Judges the days of files by two sets.
///
/// # Errors
/// When a file cannot be read or a set is unknown.
pub fn changed_days(
    standards: &Standards,
    files: &[PathBuf],
    before: &str,
    after: &str,
) -> Result<Changed, Error> {
    let mut options = Air::of_files(Vec::new());
    let mut named = |name: &str| {
        options.edition = Some(name.to_owned());
        options.rule_set(standards)
    };
    let (Some(a), Some(b)) = (named(before)?, named(after)?) else {
        return Ok(Changed { days: Vec::new(), compared: 0 });
    };
    let zone = Zone::shanghai().map_err(Error::Zone)?;
    let (mut stations, mut summary) = (Stations::new(), Summary::default());
    for (name, bytes) in &read_all(files)? {
        Table { name, bytes, options: &options, zone: &zone }.read(&mut stations, &mut summary)?;
    }
    summary.tell(false, &mut std::io::stderr().lock())?;
    let question =
        spans::Spans { options: &options, standards, zone: &zone, set: None, stations: &stations };
    let mut changed = Changed { days: Vec::new(), compared: 0 };
    for (station, hours) in &stations {
        for day in question.days_of(hours)? {
            let report = |set: &RuleSet<'_>| reports(Period::Day, set.index, &day, hours).pop();
            let (Some((_, old)), Some((_, new))) = (report(&a), report(&b)) else { continue };
            changed.compared += usize::from(old.aqi.is_ok() && new.aqi.is_ok());
            let name = |set: &RuleSet<'_>, report: &IndexReport| match &report.aqi {
                Ok(aqi) => {
                    let level = set.index.category(*aqi);
                    format!(
                        "{aqi} {}",
                        level
                            .map(|own| format!("{} {}", own.name_zh, own.name_en))
                            .unwrap_or_default()
                    )
                }
                Err(reason) => reason.to_string(),
            };
            if old.level != new.level {
                changed.days.push(ChangedDay {
                    station: station.clone(),
                    date: day.date().to_string(),
                    before: name(&a, &old),
                    after: name(&b, &new),
                });
            }
        }
    }
    Ok(changed)
}
