//! How well units did, counted and scored by versioned formulas (requirements GOV-020 to GOV-025).

use crate::case::{Case, Happened, Run, Stage};
use crate::moves::Move;
use crate::{Calendar, Catalogue, Text};
use model::Timestamp;
use serde::Deserialize;
use standards::{Exact, ExactError};
use std::collections::BTreeMap;

/// A share whose denominator may be nothing: then there is *no case*, never 0 % or 100 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    /// How many.
    pub part: u32,
    /// Of how many.
    pub whole: u32,
}

impl Ratio {
    /// In percent; `None` when there is no case.
    pub fn percent(self) -> Option<Exact> {
        Exact::fraction(100 * i128::from(self.part), i128::from(self.whole)).ok()
    }
}

/// What is counted of a unit and a period; each list names the cases behind its number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Due in the period: their time ended in it, or they were closed in it.
    pub due: Vec<String>,
    /// Of those, deferred by an approved suspension at the end of the period.
    pub deferred: Vec<String>,
    /// Closed in the period.
    pub closed: Vec<String>,
    /// Closed, and the unit kept its time.
    pub on_time: Vec<String>,
    /// Urgent ones that were due and not deferred.
    pub urgent_due: Vec<String>,
    /// Urgent ones that were closed on time.
    pub urgent_on_time: Vec<String>,
    /// Overdue and open at the end of the period.
    pub overdue: Vec<String>,
    /// Urged at least once.
    pub urged: Vec<String>,
    /// A verifier said that they were not done; once for each time.
    pub reworks: Vec<String>,
    /// Reopened in the period, once for each time; they count for the unit that had closed them.
    pub reopened: Vec<String>,
}

impl Counts {
    /// Closed on time / (due − deferred).
    pub fn on_time_rate(&self) -> Ratio {
        self.rate(&self.on_time)
    }

    /// Closed / (due − deferred).
    pub fn closing_rate(&self) -> Ratio {
        self.rate(&self.closed)
    }

    fn rate(&self, part: &[String]) -> Ratio {
        let whole = self.due.len().saturating_sub(self.deferred.len());
        Ratio { part: part.len() as u32, whole: whole as u32 }
    }
}

/// Counts of each unit in `from..to`, as it stands at `now`. Cases that turned out to be none count against nobody.
pub fn counts_by_unit<'a>(
    cases: impl Iterator<Item = &'a Case>,
    catalogue: &Catalogue,
    calendar: &Calendar,
    (from, to): (Timestamp, Timestamp),
    now: Timestamp,
) -> BTreeMap<String, Counts> {
    let end = to.min(now);
    let mut units: BTreeMap<String, Counts> = BTreeMap::new();
    for case in cases.filter(|case| !case.is_set_aside()) {
        let category = catalogue.category(&case.collected.category);
        let is_urgent = category.is_some_and(|category| category.urgent);
        for (at, run) in case.runs.iter().enumerate() {
            let closed_in = run.closed.is_some_and(|closed| (from..end).contains(&closed));
            let is_open = run.closed.is_none_or(|closed| closed >= end) && run.from < end;
            let is_late = is_open && run.is_overdue(calendar, end);
            if !closed_in && !is_late {
                continue;
            }
            let counts = units.entry(run.unit.clone()).or_default();
            let number = || case.number.clone();
            counts.due.push(number());
            let kept_time = closed_in && !run.is_overdue(calendar, end);
            let is_last = at + 1 == case.runs.len();
            let is_deferred = is_open && is_last && case.suspended_until(end).is_some();
            for (holds, list) in [
                (is_deferred, &mut counts.deferred),
                (closed_in, &mut counts.closed),
                (kept_time, &mut counts.on_time),
                (is_urgent && !is_deferred, &mut counts.urgent_due),
                (is_urgent && kept_time, &mut counts.urgent_on_time),
                (is_late, &mut counts.overdue),
                (is_last && case.urged > 0, &mut counts.urged),
            ] {
                if holds {
                    list.push(number());
                }
            }
            counts.reworks.extend((0..run.reworks).map(|_| number()));
        }
        for reopened in reopenings(case, from, end) {
            // Runs follow each other: the last one that was closed by then is the one that was opened again.
            let closed_by_then =
                |run: &&Run| run.closed.is_some_and(|closed| closed <= reopened.at);
            if let Some(run) = case.runs.iter().rfind(closed_by_then) {
                units.entry(run.unit.clone()).or_default().reopened.push(case.number.clone());
            }
        }
    }
    units
}

/// When a case was reopened within a span.
fn reopenings(case: &Case, from: Timestamp, end: Timestamp) -> impl Iterator<Item = &Happened> {
    let is_in = move |own: &&Happened| {
        matches!(own.made, Move::Reopen { .. }) && (from..end).contains(&own.at)
    };
    case.history.iter().filter(is_in)
}

/// What is counted of a person and a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Handled {
    /// Cases that were closed in it.
    pub closed: usize,
    /// How often a verifier said of those that they were not done.
    pub reworks: usize,
    /// How often a case was reopened in it.
    pub reopened: usize,
}

/// Counts of each person who handled a case that was closed or reopened in `from..to`, as it stands at `now`.
pub fn counts_by_handler<'a>(
    cases: impl Iterator<Item = &'a Case>,
    (from, to): (Timestamp, Timestamp),
    now: Timestamp,
) -> BTreeMap<String, Handled> {
    let span = from..to.min(now);
    let mut people: BTreeMap<String, Handled> = BTreeMap::new();
    for case in cases.filter(|case| !case.is_set_aside()) {
        let is_closed_in = |run: &&Run| run.closed.is_some_and(|at| span.contains(&at));
        let closed: Vec<_> = case.runs.iter().filter(is_closed_in).collect();
        let reopened = reopenings(case, span.start, span.end).count();
        if closed.is_empty() && reopened == 0 {
            continue;
        }
        for who in &case.handlers {
            let own = people.entry(who.clone()).or_default();
            own.closed += usize::from(!closed.is_empty());
            own.reworks += closed.iter().map(|run| run.reworks as usize).sum::<usize>();
            own.reopened += reopened;
        }
    }
    people
}

/// A formula of scores, as dated data.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scheme {
    /// Names it.
    pub key: String,
    /// For people.
    pub name: Text,
    /// First civil day.
    pub valid_from: String,
    /// Last civil day; empty: still.
    #[serde(default)]
    pub valid_to: String,
    /// `H`, `M`, `R` or `O`, as in the requirements.
    pub confidence: String,
    /// Where it stands.
    pub source: String,
    /// Units with fewer due cases are shown and not ranked.
    pub cases_min: u32,
    /// What is earned and lost.
    pub rate: Vec<RateRule>,
    /// Off for each rework, points.
    pub rework: String,
    /// Off for each reopened case, points.
    pub reopened: String,
}

/// Points for a rate: all of them from a threshold on, less below it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateRule {
    /// `on_time`, `closing` or `urgent_on_time`.
    pub of: String,
    /// All points.
    pub points: String,
    /// From this percentage on.
    pub full_from: String,
    /// Off for each percentage point below.
    pub off_each: String,
}

/// Decimals of points as they are printed, and so as they are compared (GB/T 8170).
pub const POINTS_DECIMALS: u8 = 1;

/// What a unit scored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score {
    /// Points; `None`: no case.
    pub points: Option<Exact>,
    /// Line by line: what, and points; `None` where there was no case.
    pub lines: Vec<(String, Option<Exact>)>,
    /// Whether it has enough cases to be ranked.
    pub is_ranked: bool,
}

impl Scheme {
    /// Reads a formula (TOML).
    ///
    /// # Errors
    /// Says what is wrong with it, for people.
    pub fn parse(text: &str) -> Result<Self, String> {
        let scheme: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        let numbers =
            scheme.rate.iter().flat_map(|rule| [&rule.points, &rule.full_from, &rule.off_each]);
        for number in numbers.chain([&scheme.rework, &scheme.reopened]) {
            Exact::parse(number).map_err(|error| format!("{}: {number:?}: {error}", scheme.key))?;
        }
        let is_known =
            |rule: &RateRule| ["on_time", "closing", "urgent_on_time"].contains(&rule.of.as_str());
        match scheme.rate.iter().find(|rule| !is_known(rule)) {
            Some(rule) => Err(format!("{}: there is no rate {:?}", scheme.key, rule.of)),
            None => Ok(scheme),
        }
    }

    /// The formula that is built in, as an example.
    ///
    /// # Errors
    /// Never, as a test shows.
    pub fn built_in() -> Result<Self, String> {
        Self::parse(include_str!("../data/score.toml"))
    }

    /// The score of a unit.
    ///
    /// # Errors
    /// When a number cannot be computed with.
    pub fn score(&self, counts: &Counts) -> Result<Score, ExactError> {
        let mut lines = vec![];
        for rule in &self.rate {
            let ratio = match rule.of.as_str() {
                "closing" => counts.closing_rate(),
                "urgent_on_time" => Ratio {
                    part: counts.urgent_on_time.len() as u32,
                    whole: counts.urgent_due.len() as u32,
                },
                _ => counts.on_time_rate(),
            };
            lines.push((rule.of.clone(), rule.earned(ratio)?));
        }
        for (name, each, cases) in [
            ("rework", &self.rework, &counts.reworks),
            ("reopened", &self.reopened, &counts.reopened),
        ] {
            let off = Exact::parse(each)?.times(&Exact::whole(cases.len() as i64))?;
            lines.push((name.to_owned(), Some(Exact::ZERO.minus(&off)?)));
        }
        let has_cases = !counts.due.is_empty();
        let sum = lines.iter().filter_map(|(_, points)| points.as_ref());
        let sum = sum.into_iter().try_fold(Exact::ZERO, |sum, points| sum.plus(points))?;
        Ok(Score {
            points: has_cases.then_some(sum),
            lines,
            is_ranked: counts.due.len() >= self.cases_min as usize,
        })
    }
}

impl RateRule {
    fn earned(&self, ratio: Ratio) -> Result<Option<Exact>, ExactError> {
        let Some(percent) = ratio.percent() else { return Ok(None) };
        let (points, full) = (Exact::parse(&self.points)?, Exact::parse(&self.full_from)?);
        if percent >= full {
            return Ok(Some(points));
        }
        let off = full.minus(&percent)?.times(&Exact::parse(&self.off_each)?)?;
        Ok(Some(points.minus(&off)?.max(Exact::ZERO)))
    }
}

impl Stage {
    /// Whether a case of this stage waits for its unit.
    pub fn is_with_unit(self) -> bool {
        matches!(self, Self::Dispatched | Self::Handling)
    }
}
