//! What a parameter will be in the next 72 hours at a place or over an area, with intervals.
//!
//! Three ways: *persistence* (what it is now), *climatology* (what it was at this hour of this month in past years) and *learned*
//! (boosted trees on what was measured up to now). All three give quantiles, and each is judged by a [`hindcast`]: trained on the past of a
//! date only, then asked at instants after it. No forecast is shown without its skill. A numerical forecast from outside is judged the same way by [`judge`] and [`judge_bands`].
//!
//! No weather forecast goes in: what the trees know of the weather is what it was. A model that knows more is given as an outside forecast, and
//! stands beside these with its own score.

mod baseline;
mod features;
mod hindcast;
mod learned;
mod outside;
mod scale;
mod score;
#[cfg(test)]
mod tests;

pub use hindcast::{Hindcast, HindcastPoint, hindcast};
pub use outside::{OUTSIDE_LEADS, Outside, OutsideScore, can_be_judged, judge, judge_bands};
pub use score::{BANDS, Band, Score};

use crate::plot::{Civil, Wind};
use baseline::{Climatology, Persistence};
use learned::Learned;
use serde::Serialize;

/// Hours ahead.
pub const LEADS: usize = 72;

/// The shares at which quantiles are given.
pub const LEVELS: [f64; 7] = [0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95];

/// The weather of an hour, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Weather {
    /// Wind.
    pub wind: Option<Wind>,
    /// Air temperature, °C.
    pub temperature_c: Option<f64>,
    /// What says how humid it is: relative humidity in % or dew point in °C, the same throughout.
    pub humidity: Option<f64>,
    /// Pressure, hPa.
    pub pressure_hpa: Option<f64>,
    /// Rain, mm.
    pub rain_mm: Option<f64>,
}

/// One hour of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hour {
    /// Its civil time.
    pub at: Civil,
    /// What was measured.
    pub value: Option<f64>,
    /// The weather.
    pub weather: Weather,
}

/// Hours without holes: a gap is an hour without value.
#[derive(Clone, Copy, Debug)]
pub struct Series<'a> {
    /// The first hour, since 1970-01-01T00:00Z.
    pub first_hour: i64,
    /// All hours from there.
    pub hours: &'a [Hour],
}

/// How a forecast is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// It stays as it is.
    Persistence,
    /// It is as it was in other years.
    Climatology,
    /// Boosted trees.
    Learned,
}

/// A forecast with its record.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Forecast {
    /// The last hour that was known.
    pub last_hour: i64,
    /// 72 steps.
    pub steps: Vec<Step>,
    /// Hindcast over the last part of the history, of every method.
    pub scores: Vec<Score>,
    /// Hours with a value that it was learned from.
    pub learned_from: usize,
    /// Hours of the hindcast, first and last.
    pub hindcast: Option<[i64; 2]>,
}

/// One hour ahead.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Step {
    /// Hours since 1970-01-01T00:00Z.
    pub hour: i64,
    /// The way that did best in the hindcast over the band of hours ahead to which this one belongs.
    pub method: Method,
    /// The quantiles at [`LEVELS`].
    pub quantiles: [f64; 7],
}

/// Why there is no forecast.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoForecast {
    /// Too short a history.
    #[error("{have} hours with a value; {need} are needed")]
    TooFew {
        /// Hours there are.
        have: usize,
        /// Hours needed.
        need: usize,
    },
    /// Nothing was measured lately.
    #[error("no value in the last {0} hours")]
    Stale(usize),
    /// The window does not lie within the history.
    #[error("the window lies outside the history")]
    Window,
    /// Not enough civil hours were given for the way ahead.
    #[error("{0} hours ahead were named; 72 are needed")]
    Ahead(usize),
}

/// Fewest hours with a value for any forecast: a fortnight.
pub const HOURS_MIN: usize = 14 * 24;
/// Fewest hours with a value for the learned one: four months.
pub const HOURS_LEARNED_MIN: usize = 120 * 24;
/// A last value older than this says nothing about now.
const STALE_H: usize = 6;

/// The ways that a history is long enough for.
pub(crate) struct Ways {
    persistence: Persistence,
    climatology: Climatology,
    learned: Option<Learned>,
}

impl Ways {
    /// Learns from the hours before `until`, counted from the first.
    fn learn(series: Series<'_>, until: usize, seed: u64) -> Result<Self, NoForecast> {
        let hours = &series.hours[..until];
        let have = hours.iter().filter(|hour| hour.value.is_some()).count();
        if have < HOURS_MIN {
            return Err(NoForecast::TooFew { have, need: HOURS_MIN });
        }
        let scale = scale::Scale::of(hours);
        let climatology = Climatology::of(hours);
        let learned = (have >= HOURS_LEARNED_MIN)
            .then(|| Learned::of(hours, scale, &climatology, seed))
            .flatten();
        Ok(Self { persistence: Persistence::of(hours, scale), climatology, learned })
    }

    /// Quantiles of every way for an hour ahead of an origin; persistence needs a value of late.
    fn ask(&self, hours: &[Hour], origin: usize, lead: usize, at: Civil) -> [Option<[f64; 7]>; 3] {
        [
            self.persistence.ask(hours, origin, lead),
            Some(self.climatology.ask(at)),
            self.learned
                .as_ref()
                .and_then(|learned| learned.ask(hours, origin, lead, at, &self.climatology)),
        ]
    }
}

/// The last value of the hours up to `origin` that is not stale.
fn latest(hours: &[Hour], origin: usize) -> Option<f64> {
    let first = origin.saturating_sub(STALE_H - 1);
    hours[first..=origin].iter().rev().find_map(|hour| hour.value)
}

/// Forecasts the 72 hours after the series; `ahead` names their civil times.
///
/// # Errors
/// When the history is too short or ends in a gap.
pub fn forecast(series: Series<'_>, ahead: &[Civil], seed: u64) -> Result<Forecast, NoForecast> {
    if ahead.len() < LEADS {
        return Err(NoForecast::Ahead(ahead.len()));
    }
    let count = series.hours.len();
    let have = series.hours.iter().filter(|hour| hour.value.is_some()).count();
    if have < HOURS_MIN {
        return Err(NoForecast::TooFew { have, need: HOURS_MIN });
    }
    if latest(series.hours, count - 1).is_none() {
        return Err(NoForecast::Stale(STALE_H));
    }
    let ways = Ways::learn(series, count, seed)?;
    let record = record(series, seed);
    let scores = record.map_or_else(Vec::new, |record| record.scores);
    let methods = BANDS.map(|band| best(&scores, &ways, band));
    let steps = (1..=LEADS).zip(ahead).filter_map(|(lead, at)| {
        let method = methods[BANDS.iter().position(|[_, last]| lead <= *last)?];
        let quantiles = ways.ask(series.hours, count - 1, lead, *at)[method as usize]?;
        Some(Step { hour: series.first_hour + (count - 1 + lead) as i64, method, quantiles })
    });
    let steps = steps.collect();
    let (first, last) = (window(count), count - 1);
    Ok(Forecast {
        last_hour: series.first_hour + last as i64,
        steps,
        hindcast: (!scores.is_empty())
            .then(|| [series.first_hour + first as i64, series.first_hour + last as i64]),
        scores,
        learned_from: have,
    })
}

/// Where the hindcast of a forecast begins: its last fifth, at most 90 days.
fn window(count: usize) -> usize {
    count - (count / 5).min(90 * 24)
}

/// How each way did of late; none when what is before is too short.
fn record(series: Series<'_>, seed: u64) -> Option<Hindcast> {
    const EVERY_H: usize = 6;
    let count = series.hours.len();
    hindcast(series, window(count), count, EVERY_H, seed).ok()
}

/// The way with the least continuous ranked probability score over a band of hours ahead.
fn best(scores: &[Score], ways: &Ways, band: Band) -> Method {
    let of_band = scores.iter().filter(|score| score.band == band);
    let able = of_band.filter(|score| score.method != Method::Learned || ways.learned.is_some());
    able.min_by(|a, b| a.crps.total_cmp(&b.crps)).map_or(Method::Persistence, |score| score.method)
}
