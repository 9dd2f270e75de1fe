//! What stands behind a plot.

use super::quantile::{Moments, quantile};
use super::{Kind, NoPlot, Row};
use serde::Serialize;

/// How many hours there are, and how their values are spread.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Hours in the selection.
    pub hours: usize,
    /// Hours with a value.
    pub values: usize,
    /// Hours with a wind.
    pub winds: usize,
    /// Mean of the values.
    pub mean: Option<f64>,
    /// Standard deviation.
    pub deviation: Option<f64>,
    /// The values at 0, 5, 25, 50, 75, 95 and 100 %.
    pub percentiles: [Option<f64>; 7],
}

/// Percent at which [`Summary::percentiles`] stand.
pub const PERCENTS: [f64; 7] = [0.0, 5.0, 25.0, 50.0, 75.0, 95.0, 100.0];

impl Summary {
    /// Of all hours of a selection.
    pub(super) fn of(kind: Kind, rows: &[Row]) -> Result<Self, NoPlot> {
        let mut values: Vec<f64> = rows.iter().filter_map(|row| row.value).collect();
        values.sort_unstable_by(f64::total_cmp);
        let needs_values = !matches!(kind, Kind::WindRose | Kind::Capture);
        if needs_values && values.is_empty() {
            return Err(NoPlot::NoValues);
        }
        let mut moments = Moments::default();
        for value in &values {
            moments.add(*value);
        }
        Ok(Self {
            hours: rows.len(),
            values: values.len(),
            winds: rows.iter().filter(|row| row.wind.is_some()).count(),
            mean: moments.mean(),
            deviation: moments.deviation(),
            percentiles: PERCENTS.map(|percent| quantile(&values, percent / 100.0)),
        })
    }
}
