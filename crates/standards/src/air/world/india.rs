//! The National Air Quality Index of India.

use crate::data::Data;
use crate::exact::{Exact, ExactError};
use crate::source::{Doubt, DoubtAbout, Source};
use crate::table::Error;
use serde::Serialize;
use std::sync::Arc;

/// The Indian index. Columns are named `PM2.5`, `O3_8h`, `O3_1h`; µg/m³, carbon monoxide mg/m³.
#[derive(Clone, Debug)]
pub struct IndiaIndex {
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Row {
    column: Arc<str>,
    above: Exact,
    upto: Exact,
    index_low: u16,
    index_high: u16,
    category: Arc<str>,
    source: Source,
}

/// A sub-index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IndiaValue {
    /// The unrounded sub-index; none in the open category above the table.
    pub index: Option<Exact>,
    /// `Satisfactory`; none above the table.
    pub category: Option<Arc<str>>,
    /// What is in doubt.
    pub doubts: Vec<Doubt>,
}

impl IndiaIndex {
    pub(crate) fn load(data: &Data<'_>) -> Result<Self, Error> {
        let table = data.table(
            "air/india_breakpoints.csv",
            &[
                "standard",
                "valid_from",
                "valid_to",
                "column",
                "unit",
                "above",
                "upto",
                "index_low",
                "index_high",
                "category",
            ],
        )?;
        table.check_validity(&["column", "index_low"])?;
        let mut rows = Vec::new();
        for row in table.rows() {
            rows.push(Row {
                column: row.shared("column"),
                above: row.exact("above")?,
                upto: row.exact("upto")?,
                index_low: row.number("index_low")?,
                index_high: row.number("index_high")?,
                category: row.shared("category"),
                source: row.source(),
            });
        }
        Ok(Self { rows })
    }

    /// The sub-index of a concentration; none for an unknown column.
    ///
    /// # Errors
    /// When a number does not fit exact arithmetic.
    pub fn index(&self, column: &str, value: &Exact) -> Result<Option<IndiaValue>, ExactError> {
        let rows = || self.rows.iter().filter(|row| &*row.column == column);
        if rows().next().is_none() {
            return Ok(None);
        }
        let Some(row) = rows().find(|row| *value <= row.upto) else {
            return Ok(Some(IndiaValue { index: None, category: None, doubts: Vec::new() }));
        };
        let rise = Exact::whole(i64::from(row.index_high) - i64::from(row.index_low));
        let slope = rise.over(&row.upto.minus(&row.above)?)?;
        let index =
            slope.times(&value.minus(&row.above)?)?.plus(&Exact::whole(row.index_low.into()))?;
        let mut doubts = Vec::new();
        if row.source.confidence.is_doubtful() {
            doubts.push(Doubt { about: DoubtAbout::Row, source: row.source.clone() });
        }
        let category = Some(Arc::clone(&row.category));
        Ok(Some(IndiaValue { index: Some(index), category, doubts }))
    }
}
