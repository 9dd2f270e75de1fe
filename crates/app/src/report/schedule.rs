//! Reports that are made by themselves: one of each period that is over, kept as a file of its content, from which
//! every form is written when somebody wants it.

use super::civil::{Every, last_over};
use super::{Error, Kind, named};
use account::report::Report;
use jiff::civil::Date;
use standards::Span;
use std::fs;
use std::path::{Path, PathBuf};

/// The folder of kept reports below the data directory.
const FOLDER: &str = "reports";
/// Reports of one kind that are listed, the newest first.
const LISTED_MAX: usize = 400;

/// A report that is kept.
pub struct Kept {
    /// Its kind.
    pub kind: &'static Kind,
    /// Its days.
    pub span: Span,
}

impl Kept {
    /// Its days as its file and its address name them.
    pub fn days(&self) -> String {
        days(self.span)
    }
}

fn days(span: Span) -> String {
    format!("{}_{}", span.first(), span.last())
}

fn path(dir: &Path, kind: &Kind, span: Span) -> PathBuf {
    dir.join(FOLDER).join(kind.key).join(format!("{}.json", days(span)))
}

/// The period of a kind that is over and not yet reported; none before the hour of the day after its end.
pub fn due(dir: &Path, kind: &Kind, today: Date, hour: i8, from_hour: u64) -> Option<Span> {
    let span = last_over(kind.every, today).filter(|_| kind.every != Every::Once)?;
    let is_first_day = span.last().tomorrow().ok() == Some(today);
    let is_time = !is_first_day || u64::try_from(hour).unwrap_or(0) >= from_hour;
    (is_time && !path(dir, kind, span).exists()).then_some(span)
}

/// Keeps a report: whole or not at all.
///
/// # Errors
/// When it cannot be written.
pub fn keep(dir: &Path, kind: &Kind, span: Span, report: &Report) -> Result<(), Error> {
    let path = path(dir, kind, span);
    let failed = |source| Error::File { path: path.clone(), source };
    let text = serde_json::to_vec(report).map_err(|error| Error::Form(error.to_string()))?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let whole = path.with_extension("part");
    fs::write(&whole, text).map_err(failed)?;
    fs::rename(&whole, &path).map_err(failed)
}

/// The reports that are kept, of each kind the newest first.
pub fn kept(dir: &Path) -> Vec<Kept> {
    let mut found = vec![];
    for kind in super::KINDS {
        let folder = dir.join(FOLDER).join(kind.key);
        let files = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut spans: Vec<Span> = files.filter_map(|file| span(&file.path())).collect();
        spans.sort_by_key(|span| std::cmp::Reverse(span.first()));
        spans.truncate(LISTED_MAX);
        found.extend(spans.into_iter().map(|span| Kept { kind, span }));
    }
    found
}

/// The days that a file's name tells.
fn span(path: &Path) -> Option<Span> {
    if path.extension()? != "json" {
        return None;
    }
    days_of(path.file_stem()?.to_str()?)
}

fn days_of(text: &str) -> Option<Span> {
    let (first, last) = text.split_once('_')?;
    Span::new(first.parse().ok()?, last.parse().ok()?)
}

/// A kept report; none when there is no such one.
///
/// # Errors
/// When its file cannot be read.
pub fn read_kept(dir: &Path, kind: &str, text: &str) -> Result<Option<Report>, Error> {
    // Neither is a path: a kind is one of ours, and days are dates.
    let Some((kind, span)) = named(kind).zip(days_of(text)) else { return Ok(None) };
    let path = path(dir, kind, span);
    if !path.exists() {
        return Ok(None);
    }
    let text = fs::read(&path).map_err(|source| Error::File { path: path.clone(), source })?;
    let report = serde_json::from_slice(&text);
    report.map(Some).map_err(|error| Error::Form(format!("{}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::super::example;
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_period_is_reported_once_and_not_before_its_hour() {
        let dir = tempfile::tempdir().unwrap();
        let day = named("day").unwrap();
        let today = date(2026, 3, 2);
        assert_eq!(due(dir.path(), day, today, 5, 6), None);
        let span = due(dir.path(), day, today, 6, 6).unwrap();
        assert_eq!(span.first(), date(2026, 3, 1));
        keep(dir.path(), day, span, &example::report().unwrap()).unwrap();
        assert_eq!(due(dir.path(), day, today, 7, 6), None);
        let listed = kept(dir.path());
        assert_eq!(listed.len(), 1);
        let read = read_kept(dir.path(), "day", &listed[0].days()).unwrap();
        assert_eq!(read, Some(example::report().unwrap()));
    }

    #[test]
    fn what_is_missed_on_its_day_is_made_later_and_no_name_leads_elsewhere() {
        let dir = tempfile::tempdir().unwrap();
        assert!(due(dir.path(), named("month").unwrap(), date(2026, 3, 9), 0, 6).is_some());
        for days in ["../../secret", "2026-03-01", "2026-03-01_../x"] {
            assert!(read_kept(dir.path(), "day", days).unwrap().is_none(), "{days}");
        }
    }
}
