//! What flows in a river: load beside concentration, and the outflow against the inflow (GOV-087, GOV-088).
//!
//! Water that is let in makes a concentration fall without one gram less in the river. So a change is told by both: a fall
//! of concentration with the load as it was is *dilution*, and is never called better.

use serde::{Deserialize, Serialize};
use standards::{Exact, ExactError};

/// Concentration and flow over one span, each a mean over the days that have both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flowing {
    /// mg/L.
    pub concentration: Exact,
    /// m³/s; none where it is not measured.
    pub flow: Option<Exact>,
}

/// How a span compares with the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Concentration and load both fell.
    Less,
    /// The concentration fell, the load did not: dilution.
    Diluted,
    /// The load fell, the concentration did not.
    Thicker,
    /// Neither fell.
    NotLess,
    /// The concentration fell; nobody measured the flow, so nothing can be said of the load.
    LoadUnknown,
    /// The concentration did not fall; nobody measured the flow.
    NotLessLoadUnknown,
}

impl Flowing {
    /// The load, kg/d: 86.4 × m³/s × mg/L.
    ///
    /// # Errors
    /// When the numbers do not fit exact arithmetic.
    pub fn load(&self) -> Result<Option<Exact>, ExactError> {
        let Some(flow) = self.flow else { return Ok(None) };
        let seconds = Exact::fraction(864, 10)?;
        Ok(Some(flow.times(&self.concentration)?.times(&seconds)?))
    }

    /// What flowed past in so many days of what is above a concentration, tonnes; nothing where it was not above it.
    ///
    /// # Errors
    /// As [`Flowing::load`].
    pub fn tonnes_above(&self, target: &Exact, days: u32) -> Result<Option<Exact>, ExactError> {
        let concentration = self.concentration.minus(target)?.max(Exact::ZERO);
        let Some(daily) = (Self { concentration, ..*self }).load()? else { return Ok(None) };
        daily.times(&Exact::whole(days.into()))?.over(&Exact::whole(1_000)).map(Some)
    }

    /// How it compares with what was before.
    ///
    /// # Errors
    /// As [`Flowing::load`].
    pub fn against(&self, before: &Self) -> Result<Change, ExactError> {
        let is_thinner = self.concentration < before.concentration;
        Ok(match (is_thinner, self.load()?.zip(before.load()?)) {
            (true, None) => Change::LoadUnknown,
            (false, None) => Change::NotLessLoadUnknown,
            (true, Some((now, then))) if now < then => Change::Less,
            (true, Some(_)) => Change::Diluted,
            (false, Some((now, then))) if now < then => Change::Thicker,
            (false, Some(_)) => Change::NotLess,
        })
    }
}

/// What two sections have on the days on which both measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paired {
    /// Days with both.
    pub days: usize,
    /// Mean of the inflow on them.
    pub inflow: Exact,
    /// Mean of the outflow on them.
    pub outflow: Exact,
}

impl Paired {
    /// Pairs two lists of (day, value), each sorted by its days; `None` without a common day.
    ///
    /// # Errors
    /// When the numbers do not fit exact arithmetic.
    pub fn of<D: Ord>(
        inflow: &[(D, Exact)],
        outflow: &[(D, Exact)],
    ) -> Result<Option<Self>, ExactError> {
        let (mut sums, mut days) = ((Exact::ZERO, Exact::ZERO), 0_usize);
        for (day, above) in inflow {
            let Ok(at) = outflow.binary_search_by(|(own, _)| own.cmp(day)) else { continue };
            sums = (sums.0.plus(above)?, sums.1.plus(&outflow[at].1)?);
            days += 1;
        }
        if days == 0 {
            return Ok(None);
        }
        let count = Exact::whole(days as i64);
        Ok(Some(Self { days, inflow: sums.0.over(&count)?, outflow: sums.1.over(&count)? }))
    }

    /// Outflow less inflow.
    ///
    /// # Errors
    /// When the numbers do not fit exact arithmetic.
    pub fn difference(&self) -> Result<Exact, ExactError> {
        self.outflow.minus(&self.inflow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flowing(concentration: &str, flow: Option<&str>) -> Flowing {
        Flowing {
            concentration: Exact::parse(concentration).unwrap(),
            flow: flow.map(|flow| Exact::parse(flow).unwrap()),
        }
    }

    #[test]
    fn a_fall_by_more_water_alone_is_dilution() {
        let before = flowing("2.0", Some("0.5"));
        assert_eq!(before.load().unwrap().unwrap().fixed(1), "86.4");
        let check = |concentration, flow, expected| {
            let now = flowing(concentration, flow);
            assert_eq!(now.against(&before).unwrap(), expected, "{concentration} {flow:?}");
        };
        check("1.0", Some("1.0"), Change::Diluted);
        check("1.0", Some("1.2"), Change::Diluted);
        check("1.0", Some("0.5"), Change::Less);
        check("2.5", Some("0.1"), Change::Thicker);
        check("2.0", Some("0.5"), Change::NotLess);
        check("1.0", None, Change::LoadUnknown);
        check("2.0", None, Change::NotLessLoadUnknown);
    }

    #[test]
    fn tonnes_are_of_what_is_above_the_target_and_never_below_nothing() {
        let check = |concentration, flow, target: &str, expected: Option<&str>| {
            let own = flowing(concentration, flow);
            let tonnes = own.tonnes_above(&Exact::parse(target).unwrap(), 31).unwrap();
            assert_eq!(tonnes.map(|own| own.fixed(5)).as_deref(), expected, "{own:?}");
        };
        // 25 mg/L × 0.5 m³/s × 86.4 × 31 d = 33 480 kg; of the 5 mg/L above 20 a fifth.
        check("25", Some("0.5"), "0", Some("33.48000"));
        check("25", Some("0.5"), "20", Some("6.69600"));
        check("19", Some("0.5"), "20", Some("0.00000"));
        check("25", None, "20", None);
    }

    #[test]
    fn only_days_with_both_are_compared() {
        let list = |values: &[(u8, &str)]| -> Vec<(u8, Exact)> {
            values.iter().map(|(day, value)| (*day, Exact::parse(value).unwrap())).collect()
        };
        let (inflow, outflow) =
            (list(&[(1, "9"), (2, "1.2"), (3, "1.4")]), list(&[(2, "1"), (3, "1"), (4, "0")]));
        let paired = Paired::of(&inflow, &outflow).unwrap().unwrap();
        assert_eq!((paired.days, paired.inflow.fixed(1)), (2, "1.3".into()));
        assert_eq!(paired.difference().unwrap().fixed(1), "-0.3");
        assert_eq!(Paired::of(&inflow, &list(&[(7, "1")])).unwrap(), None);
    }
}
