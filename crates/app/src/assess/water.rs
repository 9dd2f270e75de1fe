//! `skyriver assess water`: files of results in, the class of each site and period out, and outflow
//! against inflow.

mod read;
mod show;

use super::{Error, Lang, Period, Summary, read_all};
use clap::{Args, ValueEnum};
use jiff::civil::Date;
use standards::water::{Class, SiteReport, WaterBody, WaterResult};
use standards::{Span, Standards};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

/// Surface water, judged from CSV files of results: class, deciding items, multiples, target, index,
/// outflow against inflow.
///
/// Columns: `time`, `station`, one column an item (`pH`, `DO`, `CODMn`, `NH3-N`, `TP` …, in Chinese
/// too), and, where known, `target` (I to V) and `body` (river, lake). `docs/guides/assess.md` is the
/// page about it.
#[derive(Args, Clone, Debug)]
pub struct Water {
    /// Files, plain or gzip, UTF-8 or GBK; standard input when none is named.
    pub files: Vec<PathBuf>,
    /// Judge the water sites of a data directory instead; no server may use it meanwhile.
    #[arg(long, value_name = "DIR", conflicts_with = "files")]
    pub dir: Option<PathBuf>,
    /// The zone of civil days in a data directory.
    #[arg(long, default_value = "Asia/Shanghai")]
    pub zone: String,
    /// What is judged: `month` (default), `quarter`, `year`, `day`, or one span.
    #[arg(long, default_value = "month")]
    pub period: Period,
    /// The class to reach where the file names none: I, II, III, IV or V.
    #[arg(long)]
    pub target: Option<String>,
    /// River or lake where the file does not say.
    #[arg(long, value_enum, default_value_t = Body::River)]
    pub body: Body,
    /// Compare what flows out with what flows in: `INFLOW:OUTFLOW`, station names; may be repeated.
    #[arg(long = "pair", value_name = "INFLOW:OUTFLOW")]
    pub pairs: Vec<String>,
    /// Open each class down to clause and results.
    #[arg(long)]
    pub explain: bool,
    /// JSON, one object a line.
    #[arg(long, conflicts_with = "csv")]
    pub json: bool,
    /// CSV instead of a table.
    #[arg(long)]
    pub csv: bool,
    /// The language of tables and messages.
    #[arg(long, value_enum, default_value_t = Lang::En)]
    pub lang: Lang,
}

/// Running or standing water.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Body {
    /// Running water.
    River,
    /// Lakes and reservoirs.
    Lake,
}

/// What the files say about one site.
#[derive(Clone, Debug, Default)]
pub struct Site {
    /// Results by day, item and order in the files.
    pub results: BTreeMap<(Date, String), Vec<WaterResult>>,
    pub target: Option<Class>,
    pub body: Option<WaterBody>,
}

/// A site's period judged.
struct Row {
    station: String,
    span: Span,
    report: SiteReport,
}

impl Water {
    /// The question with everything as it is unless somebody says otherwise.
    pub fn of_files(files: Vec<PathBuf>) -> Self {
        Self {
            files,
            dir: None,
            zone: "Asia/Shanghai".to_owned(),
            period: Period::Month,
            target: None,
            body: Body::River,
            pairs: Vec::new(),
            explain: false,
            json: false,
            csv: false,
            lang: Lang::En,
        }
    }

    /// Reads the files, writes what came of them to `out` and what could not be used to standard error.
    ///
    /// # Errors
    /// When a file cannot be read or has no known columns; bad cells are no error.
    pub fn run(&self, out: &mut impl Write) -> Result<(), Error> {
        let standards = Standards::load().map_err(Error::Standards)?;
        let files = match &self.dir {
            Some(dir) => vec![super::directory::water(dir, &self.zone()?)?],
            None => read_all(&self.files)?,
        };
        let summary = self.judge(&standards, &files, out)?;
        out.flush()?;
        Ok(summary.tell(self.lang == Lang::Zh, &mut io::stderr().lock())?)
    }

    fn zone(&self) -> Result<jiff::tz::TimeZone, Error> {
        jiff::tz::TimeZone::get(&self.zone).map_err(|error| {
            let dir = self.dir.clone().unwrap_or_default();
            Error::Directory { dir, why: format!("zone {:?}: {error}", self.zone) }
        })
    }

    /// Judges files given as name and bytes.
    ///
    /// # Errors
    /// As [`Water::run`].
    pub fn judge(
        &self,
        standards: &Standards,
        files: &[(String, Vec<u8>)],
        out: &mut impl Write,
    ) -> Result<Summary, Error> {
        let target = self.target.as_deref().map(class).transpose()?;
        let mut summary = Summary::default();
        let mut sites: BTreeMap<String, Site> = BTreeMap::new();
        for (name, bytes) in files {
            read::Table { name, bytes, standards }.read(&mut sites, &mut summary)?;
        }
        let mut rows = Vec::new();
        for (station, site) in &sites {
            for span in self.spans(site) {
                let report = self.site(standards, site, span, target)?;
                summary.reports += 1;
                summary.published += u64::from(report.report.class.is_some());
                rows.push(Row { station: station.clone(), span, report });
            }
        }
        if rows.is_empty() {
            let what = "there is no result to judge in the files".to_owned();
            return Err(Error::Nothing(what, "see what was left out above".to_owned()));
        }
        self.write(standards, &rows, out)?;
        self.write_pairs(standards, &rows, out)?;
        Ok(summary)
    }

    fn site(
        &self,
        standards: &Standards,
        site: &Site,
        span: Span,
        target: Option<Class>,
    ) -> Result<SiteReport, Error> {
        let usual = if self.body == Body::Lake { WaterBody::Lake } else { WaterBody::River };
        let inside = site.results.iter().filter(|((date, _), _)| span.holds(*date));
        let results: Vec<(&str, WaterResult)> = inside
            .flat_map(|((_, key), results)| results.iter().map(|result| (key.as_str(), *result)))
            .collect();
        let body = site.body.unwrap_or(usual);
        Ok(standards.water().site(body, &results, site.target.or(target))?)
    }

    /// The periods in which the site has results.
    fn spans(&self, site: &Site) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        for (date, _) in site.results.keys() {
            let span = match self.period {
                Period::Hour | Period::Day => Span::new(*date, *date),
                Period::Month => Span::month(date.year(), date.month()),
                Period::Quarter => Span::quarter(date.year(), (date.month() + 2) / 3),
                Period::Year => Span::year(date.year()),
                Period::Span(span) => Some(span).filter(|span| span.holds(*date)),
            };
            spans.extend(span.filter(|span| spans.last() != Some(span)));
        }
        spans
    }
}

/// A class by its name, `III` or `3`.
fn class(text: &str) -> Result<Class, Error> {
    let text = text.trim().trim_end_matches('类');
    read::class(text)
        .ok_or_else(|| Error::Item(text.to_owned(), "classes are I, II, III, IV, V".to_owned()))
}
