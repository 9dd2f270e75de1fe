//! What readings say of the orders of a warning: hours before the first order of the place against hours since its measures are to be in place. Asked anew
//! each time, as it was known then; nothing of it is kept.

use crate::analysis::{Error, stored};
use control::emergency::{Check, Kept, Planned, Rule, Standing, Unclear, Warning, judge};
use model::{HOUR_MS, Timestamp};
use std::ops::Range;
use store::{Known, Reader};

/// One check of an order, and what came of it.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The entry of the plan that asks for it.
    pub entry: String,
    /// What is asked for.
    pub check: Check,
    /// What is said of it.
    pub kept: Kept,
    /// Hours that were compared with, since 1970-01-01T00:00Z, the end not included.
    pub before: Range<i64>,
    /// Hours that were compared.
    pub since: Range<i64>,
    /// Valid hours of both.
    pub hours: [usize; 2],
}

/// An order, and the warning that made it.
pub type Made<'a> = (&'a Warning, &'a Standing);

/// From where it is asked.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The readings.
    pub reader: &'a Reader,
    /// As they were known when.
    pub known: Known,
    /// What emergency response works by.
    pub rule: &'a Rule,
    /// Now, or then.
    pub now: Timestamp,
}

/// Every check of an order. Empty: the plan names nothing that readings can check.
///
/// # Errors
/// When readings cannot be read.
pub fn checked(asked: Asked<'_>, (warning, own): Made<'_>) -> Result<Vec<Checked>, Error> {
    let with_check = |planned: &Planned| {
        let check = planned.measure.check.clone()?;
        Some((planned.entry.clone(), check))
    };
    let checks = own.order.measures.iter().filter_map(with_check);
    checks.map(|(entry, check)| one(asked, (warning, own), entry, check)).collect()
}

fn one(
    asked: Asked<'_>,
    (warning, own): Made<'_>,
    entry: String,
    check: Check,
) -> Result<Checked, Error> {
    let given = first_given(warning, own).as_ms().div_euclid(HOUR_MS);
    let before = given - i64::from(asked.rule.before_hours)..given;
    // The first whole hour after the measures are to be in place, up to the last whole one.
    let begin = (own.order.act_by.as_ms() + HOUR_MS - 1).div_euclid(HOUR_MS);
    let end = own.ended.map_or(asked.now, |ended| ended.min(asked.now));
    let since = begin..end.as_ms().div_euclid(HOUR_MS).max(begin);
    let place = asked.reader.view().registry().place_id(&check.place);
    let values = |window: &Range<i64>| match place {
        Some(place) => {
            stored::good_hours(asked.reader, asked.known, (place, &check.parameter), window)
                .map(|hours| hours.into_values().collect())
        }
        None => Ok(vec![]),
    };
    let (was, is) = (values(&before)?, values(&since)?);
    let kept = if own.holds(asked.now) && asked.now < own.order.act_by {
        Kept::Unclear(Unclear::NotYet, None)
    } else {
        judge(&was, &is, &check, asked.rule.sure_percent)
    };
    Ok(Checked { entry, check, kept, before, since, hours: [was.len(), is.len()] })
}

/// When the first order was given to the place, or to the unit in general: what came after it is no state without measures.
fn first_given(warning: &Warning, own: &Standing) -> Timestamp {
    let order = &own.order;
    let is_same = |other: &&Standing| {
        let other = &other.order;
        other.place == order.place && (!order.place.is_empty() || other.unit == order.unit)
    };
    let given = warning.orders.iter().filter(is_same).map(|other| other.order.given);
    given.min().unwrap_or(order.given)
}

/// What is said of an order as a whole: not kept when a check says so; kept when all do; else unclear. Without a check unclear.
pub fn state(checks: &[Checked]) -> &'static str {
    let is = |name: &str| checks.iter().map(|own| own.kept.name()).any(|own| own == name);
    if is("not_kept") {
        "not_kept"
    } else if checks.is_empty() || is("unclear") {
        "unclear"
    } else {
        "kept"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use control::emergency::{Basis, Event, Level, Order, Step};

    #[test]
    fn a_second_order_of_a_place_is_compared_with_hours_before_its_first() {
        let at = |hour: i64| Timestamp::from_ms(hour * HOUR_MS);
        let order = |number, unit: &str, place: &str, hour| Order {
            number,
            unit: unit.to_owned(),
            place: place.to_owned(),
            measures: vec![],
            given: at(hour),
            receive_by: at(hour),
            act_by: at(hour),
            done_by: at(hour),
        };
        let level = |level, hour, orders| {
            let basis = Basis::Document { number: "7".to_owned(), issuer: "city".to_owned() };
            let (from, note) = (at(hour), String::new());
            Event { at: at(hour), step: Step::Level { level, from, basis, note, orders } }
        };
        let first = vec![order(1, "u", "kiln", 100), order(2, "u", "", 100)];
        let second = vec![order(3, "v", "kiln", 124), order(4, "v", "", 124)];
        let first = level(Level::Yellow, 100, first);
        let mut warning = Warning::begin("2026-W01", at(100), "leader", &first).unwrap();
        warning.apply(at(124), "leader", &level(Level::Red, 124, second));
        let given = |number| first_given(&warning, warning.order(number).unwrap());
        assert_eq!((given(1), given(3)), (at(100), at(100)), "whichever unit answers for it");
        assert_eq!((given(2), given(4)), (at(100), at(124)), "general measures are of a unit");
    }
}
