//! A forecast from outside, such as a numerical model's, judged on what came.

use super::score::{BANDS, Band};
use super::{LEADS, NoForecast, Series, latest};
use serde::Serialize;
use std::collections::BTreeSet;

/// The most hours ahead that are taken: ten days.
pub const OUTSIDE_LEADS: usize = 240;

/// One hour of a forecast from outside.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outside {
    /// The last whole hour that was over when it was made: the origin, from which leads are counted.
    pub origin_hour: i64,
    /// The hour that it speaks of.
    pub hour: i64,
    /// What it says, in the parameter's unit.
    pub value: f64,
    /// Its 90 % interval, when it gives one.
    pub interval: Option<[f64; 2]>,
}

/// How it did, beside persistence on the same pairs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OutsideScore {
    /// Hours ahead, first and last; none: all that there are.
    pub band: Option<Band>,
    /// Pairs of forecast and value.
    pub count: usize,
    /// Hours that the pairs speak of: runs that overlap speak of an hour several times.
    pub hours: usize,
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
    /// Pairs of which it gave an interval.
    pub intervals: usize,
    /// Share of them whose value lay within the interval; 0.9 is right.
    pub within_90: Option<f64>,
}

/// A row with what came, and what was there when it was made.
struct Pair {
    row: Outside,
    came: f64,
    now: f64,
}

impl Pair {
    /// None when the row cannot be judged.
    fn of(series: Series<'_>, row: &Outside) -> Option<Self> {
        let at = |hour: i64| {
            let at = usize::try_from(hour - series.first_hour).ok()?;
            (at < series.hours.len()).then_some(at)
        };
        let (origin, ahead) = (at(row.origin_hour)?, at(row.hour)?);
        let is_ahead = ahead > origin && row.value.is_finite();
        let now = latest(series.hours, origin).filter(|_| is_ahead)?;
        Some(Self { row: *row, came: series.hours[ahead].value?, now })
    }
}

/// Whether a row can be judged: its value came, and one was there when it was made.
pub fn can_be_judged(series: Series<'_>, row: &Outside) -> bool {
    Pair::of(series, row).is_some()
}

/// Judges a forecast from outside against a series.
///
/// # Errors
/// When no row can be judged.
pub fn judge(series: Series<'_>, rows: &[Outside]) -> Result<OutsideScore, NoForecast> {
    let pairs: Vec<Pair> = rows.iter().filter_map(|row| Pair::of(series, row)).collect();
    if pairs.is_empty() {
        return Err(NoForecast::TooFew { have: 0, need: 1 });
    }
    let mean = |of: &dyn Fn(&Pair) -> f64| pairs.iter().map(of).sum::<f64>() / pairs.len() as f64;
    let error = |pair: &Pair| pair.row.value - pair.came;
    let stays = |pair: &Pair| pair.now - pair.came;
    let mae = mean(&|pair| error(pair).abs());
    let persistence_mae = mean(&|pair| stays(pair).abs());
    let with = pairs.iter().filter_map(|pair| Some((pair.row.interval?, pair.came)));
    let hits: Vec<bool> = with.map(|([low, high], came)| (low..=high).contains(&came)).collect();
    let within = hits.iter().filter(|is_within| **is_within).count() as f64;
    Ok(OutsideScore {
        band: None,
        count: pairs.len(),
        hours: pairs.iter().map(|pair| pair.row.hour).collect::<BTreeSet<_>>().len(),
        left_out: rows.len() - pairs.len(),
        rmse: mean(&|pair| error(pair).powi(2)).sqrt(),
        mae,
        bias: mean(&error),
        persistence_rmse: mean(&|pair| stays(pair).powi(2)).sqrt(),
        persistence_mae,
        skill: (persistence_mae > 0.0).then(|| 1.0 - mae / persistence_mae),
        intervals: hits.len(),
        within_90: (!hits.is_empty()).then(|| within / hits.len() as f64),
    })
}

/// Judges it band by band of hours ahead: those of the house's own forecasts, and what lies beyond; bands of which nothing came are left out.
pub fn judge_bands(series: Series<'_>, rows: &[Outside]) -> Vec<OutsideScore> {
    let of_band = |band: Band| {
        let lead = |row: &Outside| usize::try_from(row.hour - row.origin_hour).unwrap_or(0);
        let within = |row: &&Outside| (band[0]..=band[1]).contains(&lead(row));
        let rows: Vec<Outside> = rows.iter().filter(within).copied().collect();
        judge(series, &rows).ok().map(|score| OutsideScore { band: Some(band), ..score })
    };
    BANDS.into_iter().chain([[LEADS + 1, OUTSIDE_LEADS]]).filter_map(of_band).collect()
}
