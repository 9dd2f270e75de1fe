//! Where something stands against a straight way from its begin to its deadline, and when it will be done at its pace.

use crate::{NoRate, Rate};
use jiff::civil::Date;
use serde::Serialize;
use standards::Exact;

/// A light, by stated thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
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
    use crate::Basis;

    fn exact(text: &str) -> Exact {
        Exact::parse(text).unwrap()
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
