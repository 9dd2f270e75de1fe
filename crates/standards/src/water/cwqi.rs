//! The city water quality index (CWQI): each item over its limit of class III, summed.

use super::{Class, WaterBody, WaterLaw};
use crate::exact::{Exact, ExactError};
use crate::source::{Doubt, DoubtAbout};
use crate::statistics;
use serde::Serialize;
use std::sync::Arc;

/// The index of a section, or of the mean of a city's sections.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cwqi {
    /// One part an item that was measured.
    pub parts: Vec<CwqiPart>,
    /// The exact sum; of fewer than all items a partial index.
    pub sum: Exact,
    /// How many items there are.
    pub of: usize,
    /// What is in doubt: how pH counts.
    pub doubts: Vec<Doubt>,
}

/// One item's part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CwqiPart {
    /// `nh3n`
    pub key: Arc<str>,
    /// The value.
    pub value: Exact,
    /// Its index.
    pub index: Exact,
}

impl WaterLaw {
    /// The index from values by item key: value over limit; for dissolved oxygen limit over value;
    /// for pH the distance from neutral over the distance of the range's end. Without a value of
    /// nought for dissolved oxygen, which has no index.
    ///
    /// # Errors
    /// [`ExactError::DivisionByZero`] for dissolved oxygen of nought, [`ExactError::TooLarge`] when
    /// a value does not fit.
    pub fn cwqi(&self, body: WaterBody, values: &[(&str, Exact)]) -> Result<Cwqi, ExactError> {
        let (mut parts, mut sum, mut doubts) = (Vec::new(), Exact::ZERO, Vec::new());
        for (key, value) in values {
            let Some(item) = self.limits.item(key, body).filter(|item| item.decides) else {
                continue;
            };
            let neutral = self.method.ph_neutral;
            let index = match (item.range(), item.limit(Class::III)) {
                (Some((low, _)), _) if *value <= neutral => {
                    neutral.minus(value)?.over(&neutral.minus(&low)?)?
                }
                (Some((_, high)), _) => value.minus(&neutral)?.over(&high.minus(&neutral)?)?,
                (None, Some(limit)) if item.rises() => limit.over(value)?,
                (None, Some(limit)) => value.over(&limit)?,
                (None, None) => continue,
            };
            let source = &self.method.ph_source;
            if item.range().is_some() && source.confidence.is_doubtful() && doubts.is_empty() {
                doubts.push(Doubt { about: DoubtAbout::Row, source: source.clone() });
            }
            sum = sum.plus(&index)?;
            parts.push(CwqiPart { key: Arc::clone(&item.key), value: *value, index });
        }
        Ok(Cwqi { parts, sum, of: self.limits.deciding_count(), doubts })
    }

    /// The index of a city from those of its rivers (M sections) and its lakes (N points).
    ///
    /// # Errors
    /// [`ExactError::DivisionByZero`] without any section.
    pub fn cwqi_city(rivers: (Exact, i64), lakes: (Exact, i64)) -> Result<Exact, ExactError> {
        let weighted = |(index, count): (Exact, i64)| index.times(&Exact::whole(count));
        let sum = weighted(rivers)?.plus(&weighted(lakes)?)?;
        sum.over(&Exact::whole(rivers.1 + lakes.1))
    }

    /// The change of an index in per cent: below nought is better.
    ///
    /// # Errors
    /// When a value does not fit exact arithmetic.
    pub fn cwqi_change(now: &Exact, base: &Exact) -> Result<Option<Exact>, ExactError> {
        let change = statistics::change(now, base)?;
        change.map(|change| change.times(&Exact::whole(100))).transpose()
    }
}
