//! The trophic level index of lakes and reservoirs.

use crate::data::Data;
use crate::exact::{Exact, ExactError};
use crate::source::Source;
use crate::table::{Error, Problem};
use serde::Serialize;
use std::sync::Arc;

/// The formulas and grades of the index.
#[derive(Clone, Debug)]
pub struct Tli {
    items: Vec<TliItem>,
    grades: Vec<Grade>,
}

#[derive(Clone, Debug)]
struct TliItem {
    key: Arc<str>,
    constant: f64,
    slope: f64,
    weight: f64,
    source: Source,
}

#[derive(Clone, Debug)]
struct Grade {
    state: Arc<str>,
    state_zh: Arc<str>,
    upper: Option<f64>,
    inclusive: bool,
}

/// The index of one lake.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrophicIndex {
    /// The index of each item with its weight, to four places.
    pub parts: Vec<(Arc<str>, Exact)>,
    /// The weighted sum, to four places.
    pub sum: Exact,
    /// `mesotrophic`
    pub state: Arc<str>,
    /// `中营养`
    pub state_zh: Arc<str>,
    /// Where the formulas stand.
    pub source: Source,
}

/// Logarithms have no exact value: binary floats carry them far beyond these places.
const PLACES: usize = 4;

impl Tli {
    pub(super) fn load(data: &Data<'_>) -> Result<Self, Error> {
        let table = data.table(
            "water/tli.csv",
            &[
                "standard",
                "valid_from",
                "valid_to",
                "key",
                "unit",
                "constant",
                "slope",
                "correlation",
            ],
        )?;
        table.check_validity(&["key"])?;
        let mut items = Vec::new();
        let mut total = 0.0;
        for row in table.rows() {
            let correlation = row.exact("correlation")?.to_f64();
            total += correlation * correlation;
            items.push(TliItem {
                key: row.shared("key"),
                constant: row.exact("constant")?.to_f64(),
                slope: row.exact("slope")?.to_f64(),
                weight: correlation * correlation,
                source: row.source(),
            });
        }
        if items.is_empty() {
            return Err(table.error(Problem::Missing("any item".to_owned())));
        }
        for item in &mut items {
            item.weight /= total;
        }
        let table = data.table(
            "water/tli_grades.csv",
            &["standard", "valid_from", "valid_to", "state", "state_zh", "upper", "inclusive"],
        )?;
        table.check_validity(&["state"])?;
        let mut grades = Vec::new();
        for row in table.rows() {
            grades.push(Grade {
                state: row.shared("state"),
                state_zh: row.shared("state_zh"),
                upper: row.exact_or_none("upper")?.map(|upper| upper.to_f64()),
                inclusive: row.text("inclusive") == "yes",
            });
        }
        Ok(Self { items, grades })
    }

    /// The index from values by key: `chla` in mg/m³, `tp`, `tn`, `codmn` in mg/L, `sd` (transparency)
    /// in m. None unless all five are there and above nought.
    ///
    /// # Errors
    /// When a result does not fit exact arithmetic.
    pub fn index(&self, values: &[(&str, Exact)]) -> Result<Option<TrophicIndex>, ExactError> {
        let (mut parts, mut sum) = (Vec::new(), 0.0);
        for item in &self.items {
            let value = values.iter().find(|(key, _)| *key == &*item.key).map(|(_, value)| value);
            let Some(value) = value.filter(|value| **value > Exact::ZERO) else {
                return Ok(None);
            };
            let part = 10.0 * (item.constant + item.slope * value.to_f64().ln());
            sum += item.weight * part;
            parts.push((Arc::clone(&item.key), decimal(part)?));
        }
        let fits = |grade: &&Grade| match grade.upper {
            None => true,
            Some(upper) => sum < upper || (grade.inclusive && sum <= upper),
        };
        let (Some(grade), Some(first)) = (self.grades.iter().find(fits), self.items.first()) else {
            return Ok(None);
        };
        let (state, state_zh) = (Arc::clone(&grade.state), Arc::clone(&grade.state_zh));
        let source = first.source.clone();
        Ok(Some(TrophicIndex { parts, sum: decimal(sum)?, state, state_zh, source }))
    }
}

fn decimal(value: f64) -> Result<Exact, ExactError> {
    Exact::parse(&format!("{value:.PLACES$}"))
}
