//! Writes reports: a CSV row each, or a JSON object a line with every step.

use super::{Air, Error, Lang};
use jiff::civil::DateTime;
use serde::Serialize;
use standards::Said;
use standards::air::{AirIndex, IndexReport, Pollutant, PollutantRow};
use std::io::Write;

/// Which report it is.
pub struct Period<'a> {
    pub station: &'a str,
    /// The civil time at which the period starts.
    pub civil: DateTime,
    pub of: super::Period,
}

/// Writes reports one after the other.
pub enum Writer<'w, W: Write> {
    Csv(Box<csv::Writer<&'w mut W>>),
    Json(&'w mut W),
    Outline(&'w mut W, bool),
}

/// The columns before those of the pollutants.
const HEAD: [&str; 11] = [
    "station",
    "time",
    "edition",
    "aqi",
    "level",
    "category_zh",
    "category_en",
    "primary",
    "computed",
    "reason",
    "doubtful",
];

impl<'w, W: Write> Writer<'w, W> {
    /// Starts writing; CSV starts with its header.
    pub fn new(out: &'w mut W, options: &Air) -> Result<Self, Error> {
        if options.json {
            return Ok(Self::Json(out));
        }
        if options.explain.is_some() {
            return Ok(Self::Outline(out, options.lang == Lang::Zh));
        }
        let mut csv = csv::Writer::from_writer(out);
        let mut header: Vec<String> = HEAD.map(str::to_owned).to_vec();
        for p in Pollutant::ALL {
            header.extend([p.to_string(), format!("iaqi_{p}"), format!("hours_{p}")]);
        }
        csv.write_record(&header)?;
        Ok(Self::Csv(Box::new(csv)))
    }

    /// Writes one report.
    pub fn report(
        &mut self,
        period: &Period<'_>,
        index: &AirIndex,
        report: &IndexReport,
    ) -> Result<(), Error> {
        match self {
            Self::Csv(csv) => csv.write_record(cells(period, index, report))?,
            Self::Outline(out, chinese) => {
                writeln!(out, "{} {}", period.station, period.text())?;
                write!(out, "{}", index.explain(report).outline(*chinese))?;
            }
            Self::Json(out) => {
                #[derive(Serialize)]
                struct Line<'a> {
                    station: &'a str,
                    time: String,
                    #[serde(flatten)]
                    report: &'a IndexReport,
                }
                let line = Line { station: period.station, time: period.text(), report };
                serde_json::to_writer(&mut **out, &line)?;
                out.write_all(b"\n")?;
            }
        }
        Ok(())
    }

    /// Ends the output.
    pub fn finish(self) -> Result<(), Error> {
        match self {
            Self::Csv(mut csv) => csv.flush()?,
            Self::Json(out) | Self::Outline(out, _) => out.flush()?,
        }
        Ok(())
    }
}

impl Period<'_> {
    fn text(&self) -> String {
        match self.of {
            super::Period::Hour => self.civil.strftime("%Y-%m-%d %H:%M").to_string(),
            _ => self.civil.date().to_string(),
        }
    }
}

fn cells(period: &Period<'_>, index: &AirIndex, report: &IndexReport) -> Vec<String> {
    let text = |number: Option<u16>| number.map(|n| n.to_string()).unwrap_or_default();
    let aqi = report.aqi.as_ref().ok().copied();
    let category = aqi.and_then(|aqi| index.category(aqi));
    let primary: Vec<&str> = report.primary.iter().map(|p| p.symbol()).collect();
    let mut cells = vec![
        period.station.to_owned(),
        period.text(),
        report.edition.to_string(),
        text(aqi),
        text(category.map(|c| u16::from(c.level))),
        category.map(|c| c.name_zh.to_string()).unwrap_or_default(),
        category.map(|c| c.name_en.to_string()).unwrap_or_default(),
        primary.join("+"),
        text(report.computed),
        report.aqi.as_ref().err().map(Said::en).unwrap_or_default(),
        if report.is_doubtful() { "yes" } else { "" }.to_owned(),
    ];
    for p in Pollutant::ALL {
        let row = deciding(report, p);
        let rounded = row.and_then(|row| row.rounded);
        cells.push(rounded.map(|r| r.fixed(index.decimals(p))).unwrap_or_default());
        cells.push(text(row.and_then(|row| row.iaqi)));
        cells.push(text(row.and_then(|row| row.capture).map(|capture| capture.have)));
    }
    cells
}

/// The row that gives a pollutant its single index, or the first when none does.
fn deciding(report: &IndexReport, pollutant: Pollutant) -> Option<&PollutantRow> {
    let rows = || report.rows.iter().filter(|row| row.pollutant == pollutant);
    let best = report.iaqi(pollutant);
    rows().find(|row| row.iaqi == best)
}
