//! One edition of the Chinese air quality index: its tables, and the report of a day or an hour.

mod load;

pub(crate) use load::load;

use super::hours::Hours;
use super::iaqi::Column;
use super::report::{IndexReport, NotAssessed, PollutantRow, ReportKind};
use super::statistic::{Average, CaptureRules, Statistic};
use super::{Pollutant, iaqi::Position};
use crate::exact::Exact;
use crate::period::Day;
use crate::source::{Doubt, DoubtAbout, Source};
use jiff::civil::Date;
use model::Timestamp;
use serde::Serialize;
use std::sync::Arc;

/// One edition of the air quality index (HJ 633).
#[derive(Clone, Debug)]
pub struct AirIndex {
    edition: Arc<str>,
    title_zh: Arc<str>,
    title_en: Arc<str>,
    early_from: Option<Date>,
    valid_from: Date,
    valid_to: Option<Date>,
    source: Source,
    columns: Vec<Column>,
    items: Vec<Item>,
    captures: CaptureRules,
    categories: Vec<Category>,
    groups: Vec<SensitiveGroup>,
    input: ConcentrationInput,
    input_source: Source,
    rounding_source: Source,
    decimals_ug_m3: u8,
    decimals_mg_m3: u8,
    primary_above: u16,
    missing_publish_above: Option<u16>,
}

/// What goes into the formula.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConcentrationInput {
    /// The unrounded average.
    Exact,
    /// The average rounded as it is published.
    Rounded,
}

/// A level of the index.
#[derive(Clone, Debug, Serialize)]
pub struct Category {
    /// 1 (best) to 6.
    pub level: u8,
    /// The lowest index of the level.
    pub low: u16,
    /// The highest index of the level.
    pub high: u16,
    /// The name, `优`.
    pub name_zh: Arc<str>,
    /// The name, `excellent`.
    pub name_en: Arc<str>,
    /// The name of the colour, `绿色`.
    pub colour_zh: Arc<str>,
    /// The colour the standard prescribes, `#00E400`.
    pub rgb: Arc<str>,
    /// Advice for everybody.
    pub general_zh: Arc<str>,
    /// Advice for everybody.
    pub general_en: Arc<str>,
    /// Advice for sensitive people.
    pub sensitive_zh: Arc<str>,
    /// Advice for sensitive people.
    pub sensitive_en: Arc<str>,
    /// Where the level stands in the law.
    pub source: Source,
}

/// People named when the single index of a pollutant is above 100.
#[derive(Clone, Debug, Serialize)]
pub struct SensitiveGroup {
    /// The pollutant.
    pub pollutant: Pollutant,
    /// `儿童青少年`
    pub name_zh: Arc<str>,
    /// `youth`
    pub name_en: Arc<str>,
    /// Where the group stands in the law.
    pub source: Source,
}

/// Which pollutants a place measures. By default all six.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Programme([Measured; 6]);

/// Whether a place measures a pollutant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Measured {
    /// It does; no valid value means missing.
    #[default]
    Yes,
    /// It does not, by design.
    NotByDesign {
        /// Measurements showed that for three years on end it never was the primary pollutant of a
        /// day with light or worse pollution; then the index is published without it.
        never_primary: bool,
    },
}

impl Default for Programme {
    fn default() -> Self {
        Self([Measured::Yes; 6])
    }
}

impl Programme {
    /// The same programme with `pollutant` as said.
    #[must_use]
    pub fn with(mut self, pollutant: Pollutant, measured: Measured) -> Self {
        self.0[pollutant.index()] = measured;
        self
    }

    fn of(self, pollutant: Pollutant) -> Measured {
        self.0[pollutant.index()]
    }
}

/// One line of a report: which average of which pollutant goes into which column.
#[derive(Clone, Debug)]
struct Item {
    kind: ReportKind,
    pollutant: Pollutant,
    statistic: Statistic,
    column: usize,
    /// Reported only when this column of the same pollutant gave no index for being above its table.
    only_above: Option<usize>,
}

/// Why there is no single index at all: the pollutant that came nearest to enough hours says it.
fn nothing_assessed(rows: &[PollutantRow]) -> NotAssessed {
    let too_few = rows.iter().filter_map(|row| match row.reason {
        Some(NotAssessed::TooFewHours { have, need }) if have > 0 => Some((have, need)),
        _ => None,
    });
    let nearest = too_few.max_by_key(|(have, _)| *have);
    nearest.map_or(NotAssessed::NoData, |(have, need)| NotAssessed::TooFewHours { have, need })
}

impl AirIndex {
    /// The edition's number, `HJ 633-2026`.
    pub fn edition(&self) -> &Arc<str> {
        &self.edition
    }

    /// The edition's title in Chinese and in English.
    pub fn titles(&self) -> (&str, &str) {
        (&self.title_zh, &self.title_en)
    }

    /// The first day and the last day of force, none when still in force.
    pub fn validity(&self) -> (Date, Option<Date>) {
        (self.valid_from, self.valid_to)
    }

    /// Where the edition's dates come from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The columns of the breakpoint table.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// A column by its name, `PM2.5_24h`.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| &**column.name() == name)
    }

    /// The six levels.
    pub fn categories(&self) -> &[Category] {
        &self.categories
    }

    /// The level an index belongs to.
    pub fn category(&self, aqi: u16) -> Option<&Category> {
        self.categories.iter().find(|category| aqi <= category.high)
    }

    /// Groups of people to name when a single index is above 100 (new in HJ 633-2026).
    pub fn sensitive_groups(&self, pollutant: Pollutant) -> impl Iterator<Item = &SensitiveGroup> {
        self.groups.iter().filter(move |group| group.pollutant == pollutant)
    }

    /// The same edition with the concentration going into the formula as said, where its text is
    /// silent (HJ 633-2012) or for comparison.
    #[must_use]
    pub fn with_input(mut self, input: ConcentrationInput) -> Self {
        self.input = input;
        self
    }

    /// How many hours before the period a report looks at, for its running means.
    pub fn hours_before(&self, kind: ReportKind) -> usize {
        let items = self.items.iter().filter(|item| item.kind == kind);
        items.map(|item| item.statistic.hours_before()).max().unwrap_or(0)
    }

    /// The daily report. Takes the hours of the day; hours before and after may be there too.
    pub fn day(&self, day: &Day, hours: &Hours<'_>, programme: Programme) -> IndexReport {
        let mut report = self.report(ReportKind::Day, programme, |pollutant, statistic| {
            let decimals = self.decimals(pollutant);
            self.captures.of_day(statistic, pollutant, day, hours, decimals)
        });
        self.note_early(day.date(), &mut report);
        report
    }

    /// The real-time report of the hour that starts at `hour`, a civil hour of `date`. Takes, where
    /// the edition has running means (HJ 633-2012), the 23 hours before it too.
    pub fn hour(
        &self,
        date: Date,
        hour: Timestamp,
        hours: &Hours<'_>,
        programme: Programme,
    ) -> IndexReport {
        let mut report = self.report(ReportKind::Hour, programme, |pollutant, statistic| {
            self.captures.of_hour(statistic, pollutant, hour, hours)
        });
        self.note_early(date, &mut report);
        report
    }

    /// The report of averages that are already formed; `average` is asked once for each line of the
    /// report.
    pub fn report(
        &self,
        kind: ReportKind,
        programme: Programme,
        average: impl Fn(Pollutant, Statistic) -> Average,
    ) -> IndexReport {
        let mut rows: Vec<PollutantRow> = Vec::with_capacity(8);
        for item in self.items.iter().filter(|item| item.kind == kind) {
            if let Some(above) = item.only_above {
                let name = self.columns[above].name();
                let wanted = rows.iter().any(|row| {
                    row.column == *name
                        && matches!(row.reason, Some(NotAssessed::AboveTable { .. }))
                });
                if !wanted {
                    continue;
                }
            }
            let mut row = self.row(item, average(item.pollutant, item.statistic));
            if row.iaqi.is_none() && programme.of(item.pollutant) != Measured::Yes {
                row.reason = Some(NotAssessed::NotMeasured);
            }
            rows.push(row);
        }
        self.conclude(kind, programme, rows)
    }

    /// Index and first pollutants from the rows.
    fn conclude(
        &self,
        kind: ReportKind,
        programme: Programme,
        rows: Vec<PollutantRow>,
    ) -> IndexReport {
        let mut best: [Option<u16>; 6] = [None; 6];
        for row in &rows {
            let slot = &mut best[row.pollutant.index()];
            *slot = (*slot).max(row.iaqi);
        }
        let computed = best.iter().copied().flatten().max();
        let excused = Measured::NotByDesign { never_primary: true };
        let missing = |p: &Pollutant| best[p.index()].is_none() && programme.of(*p) != excused;
        let aqi = match (computed, self.missing_publish_above) {
            (None, _) => Err(nothing_assessed(&rows)),
            (Some(computed), Some(limit))
                if computed <= limit && Pollutant::ALL.iter().any(missing) =>
            {
                let missing = Pollutant::ALL.into_iter().filter(missing).collect();
                Err(NotAssessed::PollutantsMissing { computed, missing, publish_above: limit })
            }
            (Some(computed), _) => Ok(computed),
        };
        let level = aqi.as_ref().ok().and_then(|aqi| self.category(*aqi)).map(|c| c.level);
        let primary = match aqi {
            Ok(aqi) if aqi > self.primary_above => {
                Pollutant::ALL.into_iter().filter(|p| best[p.index()] == Some(aqi)).collect()
            }
            _ => Vec::new(),
        };
        let edition = Arc::clone(&self.edition);
        IndexReport { edition, kind, aqi, computed, level, primary, rows, doubts: Vec::new() }
    }

    fn row(&self, item: &Item, average: Average) -> PollutantRow {
        let column = &self.columns[item.column];
        let mut row = PollutantRow {
            pollutant: item.pollutant,
            statistic: item.statistic,
            column: Arc::clone(column.name()),
            average: average.value,
            rounded: None,
            segment: None,
            iaqi: None,
            capture: average.capture,
            by_exception: average.by_exception,
            reason: average.reason,
            doubts: Vec::new(),
        };
        self.note_capture(item.statistic, &mut row);
        if let Some(value) = average.value
            && let Err(reason) = self.judge(column, value, &mut row)
        {
            row.reason = Some(reason);
        }
        row
    }

    /// Fills rounded value, segment and single index.
    fn judge(
        &self,
        column: &Column,
        value: Exact,
        row: &mut PollutantRow,
    ) -> Result<(), NotAssessed> {
        let rounded = value.half_even(self.decimals(row.pollutant))?;
        row.rounded = Some(rounded);
        if row.reason.is_some() {
            return Ok(());
        }
        let (input, other) = match self.input {
            ConcentrationInput::Exact => (value, rounded),
            ConcentrationInput::Rounded => (rounded, value),
        };
        match column.position(&input)? {
            Position::Inside(segment, iaqi) => {
                (row.segment, row.iaqi) = (Some(segment), Some(iaqi));
            }
            Position::Capped(iaqi) => row.iaqi = Some(iaqi),
            Position::Above(top) => {
                return Err(NotAssessed::AboveTable { column: Arc::clone(column.name()), top });
            }
        }
        if self.input_source.confidence.is_doubtful()
            && input != other
            && let (Some(otherwise), Some(iaqi)) = (column.iaqi(&other)?, row.iaqi)
            && otherwise != iaqi
        {
            let about = DoubtAbout::RoundingFirst { otherwise };
            row.doubts.push(Doubt { about, source: self.input_source.clone() });
        }
        Ok(())
    }

    /// Doubts about how many values are enough matter only where some are missing.
    fn note_capture(&self, statistic: Statistic, row: &mut PollutantRow) {
        let (Some(capture), Some(rule)) = (row.capture, self.captures.rule(statistic)) else {
            return;
        };
        if rule.source.confidence.is_doubtful() && capture.have < capture.of {
            row.doubts.push(Doubt { about: DoubtAbout::Capture, source: rule.source.clone() });
        }
        let ends = &self.captures.ends_source;
        if statistic.counts_running_means() && ends.confidence.is_doubtful() {
            row.doubts.push(Doubt { about: DoubtAbout::RunningMeansOfDay, source: ends.clone() });
        }
    }

    fn note_early(&self, date: Date, report: &mut IndexReport) {
        if date < self.valid_from && self.early_from.is_some_and(|early| early <= date) {
            let source = self.source.clone();
            report.doubts.push(Doubt { about: DoubtAbout::AppliedEarly, source });
        }
    }

    /// Where the rounding of concentrations stands.
    pub(crate) fn rounding_source(&self) -> &Source {
        &self.rounding_source
    }

    /// What of a row went into the formula.
    pub(crate) fn input_of(&self, row: &PollutantRow) -> Option<Exact> {
        match self.input {
            ConcentrationInput::Exact => row.average,
            ConcentrationInput::Rounded => row.rounded,
        }
    }

    /// Decimal places of a published concentration.
    pub fn decimals(&self, pollutant: Pollutant) -> u8 {
        if pollutant == Pollutant::Co { self.decimals_mg_m3 } else { self.decimals_ug_m3 }
    }

    /// In force on the date, or applied early.
    pub(crate) fn applies(&self, date: Date) -> bool {
        self.early_from.unwrap_or(self.valid_from) <= date
            && self.valid_to.is_none_or(|last| date <= last)
    }
}
