//! Thresholds: a number of the district's own, or a limit of the law in force on the day of the reading.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use standards::Standards;
use standards::air::{Averaging as LawAveraging, Grade, Pollutant};
use standards::water::{Class, WaterBody};
use std::sync::Arc;

/// From where on something is too much, or too little.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Threshold {
    /// A number in the parameter's unit.
    Value(f64),
    /// A limit of the law.
    Law {
        /// Which law.
        law: LawName,
        /// Of air: over what the limit holds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        averaging: Option<Averaging>,
        /// Of air: 1 or 2; 2 when nothing is said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        grade: Option<u8>,
        /// Of water: `I` to `V`, or nothing for the class that the place has to reach.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        class: Option<String>,
        /// So many times the limit; 1 when nothing is said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        times: Option<f64>,
    },
}

/// Which law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LawName {
    /// GB 3095, in the edition of the day.
    Air,
    /// GB 3838, running water.
    Water,
}

/// Over what a limit of air holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Averaging {
    /// Any hour.
    #[serde(rename = "1h")]
    Hour,
    /// The civil day's mean.
    #[serde(rename = "24h")]
    Day,
}

/// A threshold as it holds on a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// In the parameter's unit.
    pub value: f64,
    /// Whether too little is meant: dissolved oxygen.
    pub is_floor: bool,
    /// The edition it was taken from, or nothing when it is the district's own.
    pub edition: Arc<str>,
}

impl Limit {
    fn own(value: f64) -> Self {
        Self { value, is_floor: false, edition: Arc::from("") }
    }
}

/// What a threshold is for a parameter on a day, at a place that has to reach a class; none where the law says nothing.
pub fn limit_on(
    threshold: &Threshold,
    law: &Standards,
    parameter: &str,
    date: Date,
    target: Option<&str>,
) -> Option<Limit> {
    match threshold {
        Threshold::Value(value) => Some(Limit::own(*value)),
        Threshold::Law { law: LawName::Air, averaging, grade, times, .. } => {
            let averaging = match averaging {
                Some(Averaging::Day) => LawAveraging::Day,
                _ => LawAveraging::Hour,
            };
            let grade = if *grade == Some(1) { Grade::One } else { Grade::Two };
            let limit = law.limit(date, Pollutant::named(parameter)?.symbol(), averaging)?;
            let value = limit.value(grade).to_f64() * times.unwrap_or(1.0);
            Some(Limit { value, is_floor: false, edition: Arc::clone(&limit.standard) })
        }
        Threshold::Law { law: LawName::Water, class, times, .. } => {
            let class = Class::named(class.as_deref().or(target)?)?;
            let item = law.water().limits().item(parameter, WaterBody::River)?;
            let value = item.limit(class)?.to_f64() * times.unwrap_or(1.0);
            Some(Limit { value, is_floor: item.rises(), edition: Arc::from("GB 3838-2002") })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_limit_of_the_law_is_that_of_the_day() {
        let law = Standards::load().unwrap();
        let air = Threshold::Law {
            law: LawName::Air,
            averaging: Some(Averaging::Day),
            grade: None,
            class: None,
            times: None,
        };
        let check = |day, expected: f64| {
            let limit = limit_on(&air, &law, "pm25", day, None).unwrap();
            assert!((limit.value - expected).abs() < 1e-9, "{limit:?}");
        };
        check(date(2020, 4, 1), 75.0);
        check(date(2032, 1, 1), 50.0);
        let water = Threshold::Law {
            law: LawName::Water,
            averaging: None,
            grade: None,
            class: None,
            times: None,
        };
        let limit = |parameter, target| limit_on(&water, &law, parameter, date(2026, 3, 1), target);
        assert_eq!(limit("nh3n", Some("III")).map(|l| (l.value, l.is_floor)), Some((1.0, false)));
        assert_eq!(limit("do", Some("III")).map(|l| (l.value, l.is_floor)), Some((5.0, true)));
        assert_eq!(limit("nh3n", None), None, "no target, no threshold");
        assert_eq!(limit("turbidity", Some("III")), None, "no law for it");
    }
}
