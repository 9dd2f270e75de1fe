//! A river or a river system: by the mean of few sections, by the shares of many; and how it changed.

use super::{Class, SectionReport, WaterBody, WaterLaw};
use crate::air::{Direction, NotAssessed, Trend};
use crate::data::Data;
use crate::exact::{Exact, ExactError};
use crate::source::{Doubt, DoubtAbout, Source};
use crate::statistics::{mean, spearman};
use crate::table::{Error, Problem};
use serde::Serialize;
use std::sync::Arc;

/// Shares of sections in per cent, exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Shares {
    /// Classes I to III.
    pub good: Exact,
    /// Worse than class V.
    pub worse: Exact,
}

/// A river judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RiverReport {
    /// Sections with a class.
    pub sections: usize,
    /// How many sections have each class, in the order of [`Class::ALL`].
    pub by_class: [usize; 6],
    /// Their shares; none without sections.
    pub shares: Option<Shares>,
    /// The state, `good`; none without sections.
    pub state: Option<Arc<str>>,
    /// Few sections are judged by the mean of each item: that judgement.
    pub by_mean: Option<SectionReport>,
    /// What pollutes it: of many sections by the share above class III, at most three, with that
    /// share in per cent; few sections name their own.
    pub main_pollutants: Vec<(Arc<str>, Exact)>,
}

/// How a river changed between two periods.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// `dG - dD` in points of per cent: above nought is better.
    pub points: Exact,
    /// `none`, `some_better`, `obvious_worse` …
    pub name: &'static str,
    /// What is in doubt.
    pub doubts: Vec<Doubt>,
}

#[derive(Clone, Debug)]
pub(super) struct RatingRow {
    state: Arc<str>,
    good: (Option<Exact>, Option<Exact>),
    worse: (Option<Exact>, Option<Exact>),
}

#[derive(Clone, Debug)]
pub(super) struct CriticalRow {
    n: usize,
    critical_05: Exact,
    critical_01: Exact,
    source: Source,
}

pub(super) fn load_rating(data: &Data<'_>) -> Result<Vec<RatingRow>, Error> {
    let table = data.table(
        "water/river_rating.csv",
        &[
            "standard",
            "valid_from",
            "valid_to",
            "state",
            "good_min",
            "good_below",
            "worse_min",
            "worse_below",
        ],
    )?;
    table.check_validity(&["state"])?;
    let mut rows = Vec::new();
    for row in table.rows() {
        rows.push(RatingRow {
            state: row.shared("state"),
            good: (row.exact_or_none("good_min")?, row.exact_or_none("good_below")?),
            worse: (row.exact_or_none("worse_min")?, row.exact_or_none("worse_below")?),
        });
    }
    if rows.is_empty() {
        return Err(table.error(Problem::Missing("any state".to_owned())));
    }
    Ok(rows)
}

pub(super) fn load_critical(data: &Data<'_>) -> Result<Vec<CriticalRow>, Error> {
    let table = data.table(
        "water/trend_critical.csv",
        &["standard", "valid_from", "valid_to", "n", "critical_05", "critical_01"],
    )?;
    table.check_validity(&["n"])?;
    let mut rows = Vec::new();
    for row in table.rows() {
        rows.push(CriticalRow {
            n: row.number("n")?,
            critical_05: row.exact("critical_05")?,
            critical_01: row.exact("critical_01")?,
            source: row.source(),
        });
    }
    Ok(rows)
}

impl WaterLaw {
    /// The state of a river of many sections by its shares.
    pub fn rating(&self, shares: Shares) -> Option<&Arc<str>> {
        let within = |(min, below): (Option<Exact>, Option<Exact>), value: Exact| {
            min.is_none_or(|min| value >= min) && below.is_none_or(|below| value < below)
        };
        let fits =
            |row: &&RatingRow| within(row.good, shares.good) && within(row.worse, shares.worse);
        self.rating.iter().find(fits).map(|row| &row.state)
    }

    /// Judges a river from the values of its sections.
    ///
    /// # Errors
    /// When a value does not fit exact arithmetic.
    pub fn river(&self, sections: &[Vec<(&str, Exact)>]) -> Result<RiverReport, ExactError> {
        let mut reports = Vec::new();
        for values in sections {
            reports.push(self.section(WaterBody::River, values)?);
        }
        reports.retain(|report| report.class.is_some());
        let mut by_class = [0; 6];
        for class in reports.iter().filter_map(|report| report.class) {
            by_class[class as usize] += 1;
        }
        let count = reports.len();
        let share = |part: usize| Exact::fraction(100 * part as i128, count as i128);
        let mut report = RiverReport {
            sections: count,
            by_class,
            shares: None,
            state: None,
            by_mean: None,
            main_pollutants: Vec::new(),
        };
        if count == 0 {
            return Ok(report);
        }
        let good = by_class.iter().take(Class::III as usize + 1).sum();
        let shares = Shares { good: share(good)?, worse: share(by_class[5])? };
        report.shares = Some(shares);
        if count < self.method.few_sections_below {
            let mean = self.mean_section(sections)?;
            let state = mean.class.and_then(|class| self.limits.state(class));
            report.state = state.map(|state| Arc::clone(&state.name_en));
            report.by_mean = Some(mean);
            return Ok(report);
        }
        report.state = self.rating(shares).cloned();
        let mut above: Vec<(Arc<str>, usize)> = Vec::new();
        for row in reports.iter().flat_map(|report| &report.items) {
            if !row.decides || row.class <= Class::III {
                continue;
            }
            match above.iter_mut().find(|(key, _)| *key == row.key) {
                Some((_, count)) => *count += 1,
                None => above.push((Arc::clone(&row.key), 1)),
            }
        }
        above.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        for (key, part) in above.into_iter().take(self.method.main_pollutants_max) {
            report.main_pollutants.push((key, share(part)?));
        }
        Ok(report)
    }

    /// The judgement of the mean of each item; of pH by way of hydrogen ions.
    fn mean_section(&self, sections: &[Vec<(&str, Exact)>]) -> Result<SectionReport, ExactError> {
        let mut keys: Vec<&str> = Vec::new();
        for (key, _) in sections.iter().flatten() {
            if !keys.contains(key) {
                keys.push(key);
            }
        }
        let mut means = Vec::new();
        for key in keys {
            let of = |values: &Vec<(&str, Exact)>| {
                values.iter().find(|(own, _)| *own == key).map(|(_, value)| *value)
            };
            let values: Vec<Exact> = sections.iter().filter_map(of).collect();
            let is_ph =
                self.limits.item(key, WaterBody::River).is_some_and(|item| item.range().is_some());
            let mean = if is_ph { mean_ph(&values)? } else { mean(&values)? };
            if let Some(mean) = mean {
                means.push((key, mean));
            }
        }
        self.section(WaterBody::River, &means)
    }

    /// How shares changed: `x = dG - dD`, better above nought; up to ten points none, up to twenty
    /// some, more obvious.
    ///
    /// # Errors
    /// When a value does not fit exact arithmetic.
    pub fn change(&self, before: Shares, after: Shares) -> Result<Change, ExactError> {
        let points = after.good.minus(&before.good)?.minus(&after.worse.minus(&before.worse)?)?;
        let size = points.max(Exact::ZERO.minus(&points)?);
        let better = !points.is_negative();
        let name = match () {
            () if size <= self.method.trend_none_max => "none",
            () if size <= self.method.trend_some_max && better => "some_better",
            () if size <= self.method.trend_some_max => "some_worse",
            () if better => "obvious_better",
            () => "obvious_worse",
        };
        let source = &self.method.trend_source;
        let mut doubts = Vec::new();
        if source.confidence.is_doubtful() {
            doubts.push(Doubt { about: DoubtAbout::Row, source: source.clone() });
        }
        Ok(Change { points, name, doubts })
    }

    /// How a state changed: by no step, one, or more.
    pub fn change_of_state(before: Class, after: Class) -> &'static str {
        // Classes I and II are one state.
        let step = |class: Class| (class as usize).max(1);
        match (step(before), step(after)) {
            (a, b) if a == b => "none",
            (a, b) if a == b + 1 => "some_better",
            (a, b) if b == a + 1 => "some_worse",
            (a, b) if a > b => "obvious_better",
            _ => "obvious_worse",
        }
    }

    /// The trend of an item over periods in the order of time.
    ///
    /// # Errors
    /// When a value does not fit exact arithmetic.
    pub fn trend(&self, periods: &[Exact]) -> Result<Result<Trend, NotAssessed>, ExactError> {
        let (have, need) = (periods.len(), self.method.trend_periods_min);
        let row = self.critical.iter().find(|row| row.n == have).filter(|_| have >= need);
        let (Some(row), Some(r)) = (row, spearman(periods)?) else {
            let (have, need) = (have as u16, need as u16);
            return Ok(Err(NotAssessed::NoCriticalValue { have, need }));
        };
        let size = r.max(Exact::ZERO.minus(&r)?);
        let direction = match (size >= row.critical_05, r.is_negative()) {
            (false, _) => Direction::None,
            (true, false) => Direction::Rise,
            (true, true) => Direction::Fall,
        };
        let mut doubts = Vec::new();
        if row.source.confidence.is_doubtful() {
            doubts.push(Doubt { about: DoubtAbout::Row, source: row.source.clone() });
        }
        let (critical_05, critical_01) = (row.critical_05, row.critical_01);
        Ok(Ok(Trend { r, direction, critical_05, critical_01, doubts }))
    }
}

/// The mean of pH: the negative logarithm of the mean concentration of hydrogen ions, to six places.
///
/// Powers and logarithms have no exact value; binary floats carry them far beyond the places that are
/// kept, and the result is rounded from those six by the caller.
///
/// # Errors
/// When a value does not fit exact arithmetic.
pub fn mean_ph(values: &[Exact]) -> Result<Option<Exact>, ExactError> {
    if values.is_empty() {
        return Ok(None);
    }
    let ions: f64 = values.iter().map(|ph| 10_f64.powf(-ph.to_f64())).sum();
    let mean = -(ions / values.len() as f64).log10();
    Exact::parse(&format!("{mean:.6}")).map(Some)
}
