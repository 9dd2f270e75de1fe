//! Programmes: what was planned, begun, built and handed over, as cumulative totals (requirements GOV-140 to 142).
//!
//! Order is checked and never enforced: a total that breaks it is kept and named.

use crate::{Basis, NoRate, Rate};
use jiff::civil::Date;
use standards::{Exact, ExactError};

/// How far something is, in the order in which it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Planned.
    Planned,
    /// Begun.
    Started,
    /// The structure stands.
    StructureDone,
    /// Completed.
    Completed,
    /// Handed over to those it is for.
    HandedOver,
}

/// All stages, in their order.
pub const STAGES: [Stage; 5] =
    [Stage::Planned, Stage::Started, Stage::StructureDone, Stage::Completed, Stage::HandedOver];

/// Cumulative totals at the end of a period, by stage; what nobody stated is missing and not 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals([Option<Exact>; 5]);

/// Something about totals that somebody should look at. The figures stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Warning {
    /// More is further than has come so far: more completed than started.
    Order {
        /// The earlier stage.
        earlier: Stage,
        /// The later stage, of which there is more.
        later: Stage,
        /// By how much.
        by: Exact,
    },
    /// A cumulative total became smaller.
    Shrunk {
        /// Of which stage.
        stage: Stage,
        /// By how much.
        by: Exact,
    },
}

impl Totals {
    /// Totals from what was stated.
    pub fn of(stated: &[(Stage, Exact)]) -> Self {
        let mut totals = Self::default();
        for (stage, total) in stated {
            totals.0[*stage as usize] = Some(*total);
        }
        totals
    }

    /// The total of a stage, when it was stated.
    pub fn at(&self, stage: Stage) -> Option<Exact> {
        self.0[stage as usize]
    }

    /// Where planned ≥ started ≥ structure done ≥ completed ≥ handed over is broken, each stage against the last
    /// one before it that was stated. Starting more than was planned is legal and shown as what it is.
    ///
    /// # Errors
    /// When a number cannot be computed with.
    pub fn order(&self) -> Result<Vec<Warning>, ExactError> {
        let mut warnings = vec![];
        let stated: Vec<_> = STAGES.iter().filter_map(|s| Some((*s, self.at(*s)?))).collect();
        for pair in stated.windows(2) {
            let [(earlier, before), (later, after)] = [pair[0], pair[1]];
            if after > before {
                warnings.push(Warning::Order { earlier, later, by: after.minus(&before)? });
            }
        }
        Ok(warnings)
    }

    /// What was added since an earlier period, by stage, and which totals shrank.
    ///
    /// # Errors
    /// When a number cannot be computed with.
    pub fn since(&self, before: &Self) -> Result<(Self, Vec<Warning>), ExactError> {
        let (mut added, mut warnings) = (Self::default(), vec![]);
        for stage in STAGES {
            let (Some(now), Some(then)) = (self.at(stage), before.at(stage)) else { continue };
            let increment = now.minus(&then)?;
            if increment.is_negative() {
                warnings.push(Warning::Shrunk { stage, by: then.minus(&now)? });
            }
            added.0[stage as usize] = Some(increment);
        }
        Ok((added, warnings))
    }

    /// The rate of one stage over another, with its basis; `None` when one of them was not stated.
    pub fn rate(&self, of: Stage, over: Stage, basis: Basis) -> Option<Rate> {
        Some(Rate { numerator: self.at(of)?, denominator: self.at(over)?, basis })
    }
}

/// A light, by stated thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Light {
    /// On its way.
    Green,
    /// Behind, not far.
    Amber,
    /// Far behind.
    Red,
}

/// From which share of what should be done by now a light is green, and from which amber.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// Green from here on.
    pub green: Exact,
    /// Amber from here on; below it is red.
    pub amber: Exact,
}

/// Where something stands against a straight way from its begin to its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What should be done by now, of 1.
    pub expected: Exact,
    /// What is done, of 1; above 1 when more was done than due.
    pub done: Exact,
    /// The light.
    pub light: Light,
    /// When it will be done if it goes on as it went since its begin; `None` when nothing is done yet, or it is beyond all calendars.
    pub done_on: Option<Date>,
}

/// How something that was begun on a day and is due on another stands today. The basis of the forecast is the mean
/// pace since the begin, and nothing else.
///
/// # Errors
/// [`NoRate::NothingDue`] when nothing is due or the deadline is not after the begin.
pub fn progress(
    done: &Rate,
    begun: Date,
    due: Date,
    today: Date,
    thresholds: Thresholds,
) -> Result<Progress, NoRate> {
    let days = |from: Date, to: Date| i128::from((to - from).get_days());
    let (whole, gone) = (days(begun, due), days(begun, today));
    if whole <= 0 {
        return Err(NoRate::NothingDue);
    }
    let expected = Exact::fraction(gone.clamp(0, whole), whole)?;
    let share = done.share()?;
    let is_at =
        |threshold: &Exact| -> Result<bool, NoRate> { Ok(share >= expected.times(threshold)?) };
    let light = match (is_at(&thresholds.green)?, is_at(&thresholds.amber)?) {
        (true, _) => Light::Green,
        (false, true) => Light::Amber,
        _ => Light::Red,
    };
    let done_on = if share >= Exact::whole(1) {
        Some(today)
    } else if share > Exact::ZERO && gone > 0 {
        let needed = Exact::fraction(gone, 1)?.over(&share)?.ceiling();
        let needed = i64::try_from(needed).ok();
        needed.and_then(|days| begun.checked_add(jiff::Span::new().try_days(days).ok()?).ok())
    } else {
        None
    };
    Ok(Progress { expected, done: share, light, done_on })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Exact {
        Exact::parse(text).unwrap()
    }

    #[test]
    fn more_completed_than_started_warns_and_is_kept() {
        let totals = Totals::of(&[
            (Stage::Planned, exact("384")),
            (Stage::Started, exact("453")),
            (Stage::Completed, exact("460.5")),
        ]);
        let order = |earlier, later, by| Warning::Order { earlier, later, by };
        let broken = [
            order(Stage::Planned, Stage::Started, exact("69")),
            order(Stage::Started, Stage::Completed, exact("7.5")),
        ];
        assert_eq!(totals.order().unwrap(), broken);
        let rate = totals.rate(Stage::Started, Stage::Planned, Basis::Units).unwrap();
        assert_eq!(rate.percent(0).unwrap(), "118");
        assert_eq!(totals.rate(Stage::HandedOver, Stage::Planned, Basis::Units), None);
    }

    #[test]
    fn a_total_that_shrinks_is_named_with_its_increment() {
        let before = Totals::of(&[(Stage::Started, exact("10")), (Stage::Planned, exact("20"))]);
        let now = Totals::of(&[(Stage::Started, exact("9.5"))]);
        let (added, warnings) = now.since(&before).unwrap();
        assert_eq!(warnings, [Warning::Shrunk { stage: Stage::Started, by: exact("0.5") }]);
        assert_eq!(
            (added.at(Stage::Started), added.at(Stage::Planned)),
            (Some(exact("-0.5")), None)
        );
    }

    #[test]
    fn a_light_follows_its_thresholds_and_the_forecast_the_pace_so_far() {
        let thresholds = Thresholds { green: exact("0.95"), amber: exact("0.8") };
        let day = |text: &str| text.parse::<Date>().unwrap();
        let check = |done: &str, light, done_on: Option<&str>| {
            let done = Rate::parse(done, "100", Basis::FloorArea).unwrap();
            let (begun, due, today) = (day("2021-01-01"), day("2021-12-27"), day("2021-06-30"));
            let progress = progress(&done, begun, due, today, thresholds).unwrap();
            assert_eq!(progress.expected, exact("0.5"));
            assert_eq!((progress.light, progress.done_on), (light, done_on.map(day)));
        };
        check("50", Light::Green, Some("2021-12-27"));
        check("45", Light::Amber, Some("2022-02-05"));
        check("20", Light::Red, Some("2023-06-20"));
        check("0", Light::Red, None);
        check("120", Light::Green, Some("2021-06-30"));
        let none = Rate::parse("0", "0", Basis::Units).unwrap();
        let (a, b) = (day("2021-01-01"), day("2021-12-31"));
        assert_eq!(progress(&none, a, b, b, thresholds), Err(NoRate::NothingDue));
        assert_eq!(progress(&none, b, a, b, thresholds), Err(NoRate::NothingDue));
    }
}
