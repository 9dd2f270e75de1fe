//! A forecast from outside, such as a numerical model's, judged on what came.

use super::{NoForecast, Series, latest};
use serde::Serialize;

/// One hour of a forecast from outside.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outside {
    /// The hour at which it was made.
    pub issued_hour: i64,
    /// The hour that it speaks of.
    pub hour: i64,
    /// What it says, in the parameter's unit.
    pub value: f64,
}

/// How it did, beside persistence on the same pairs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OutsideScore {
    /// Pairs of forecast and value.
    pub count: usize,
    /// Rows that could not be judged: no value came, none was there when it was made, or it is of the past.
    pub left_out: usize,
    /// Root of its mean squared error.
    pub rmse: f64,
    /// Its mean absolute error.
    pub mae: f64,
    /// Mean of forecast less value.
    pub bias: f64,
    /// Root of persistence's mean squared error.
    pub persistence_rmse: f64,
    /// Persistence's mean absolute error.
    pub persistence_mae: f64,
    /// 1 − mean absolute error / persistence's.
    pub skill: Option<f64>,
}

/// Judges a forecast from outside against a series.
///
/// # Errors
/// When no row can be judged.
pub fn judge(series: Series<'_>, rows: &[Outside]) -> Result<OutsideScore, NoForecast> {
    let at = |hour: i64| {
        let at = usize::try_from(hour - series.first_hour).ok()?;
        (at < series.hours.len()).then_some(at)
    };
    let pair = |row: &Outside| {
        let (origin, ahead) = (at(row.issued_hour)?, at(row.hour)?);
        let is_ahead = ahead > origin && row.value.is_finite();
        let now = latest(series.hours, origin).filter(|_| is_ahead)?;
        Some((row.value, series.hours[ahead].value?, now))
    };
    let pairs: Vec<_> = rows.iter().filter_map(pair).collect();
    if pairs.is_empty() {
        return Err(NoForecast::TooFew { have: 0, need: 1 });
    }
    let mean = |of: &dyn Fn(&(f64, f64, f64)) -> f64| {
        pairs.iter().map(of).sum::<f64>() / pairs.len() as f64
    };
    let mae = mean(&|(said, came, _)| (said - came).abs());
    let persistence_mae = mean(&|(_, came, now)| (now - came).abs());
    Ok(OutsideScore {
        count: pairs.len(),
        left_out: rows.len() - pairs.len(),
        rmse: mean(&|(said, came, _)| (said - came).powi(2)).sqrt(),
        mae,
        bias: mean(&|(said, came, _)| said - came),
        persistence_rmse: mean(&|(_, came, now)| (now - came).powi(2)).sqrt(),
        persistence_mae,
        skill: (persistence_mae > 0.0).then(|| 1.0 - mae / persistence_mae),
    })
}
