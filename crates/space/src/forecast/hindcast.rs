//! A forecast of the past, as it could have been made then.

use super::score::{BANDS, Score, Sums, scores};
use super::{LEADS, Method, NoForecast, Series, Ways};
use serde::Serialize;

/// How each way would have done.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hindcast {
    /// Records by way and band.
    pub scores: Vec<Score>,
    /// Origins that were asked.
    pub origins: usize,
    /// Hours with a value that were learned from.
    pub learned_from: usize,
    /// The forecasts of 24 hours ahead, to draw.
    pub day_ahead: Vec<HindcastPoint>,
}

/// What was forecast a day before, and what came.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct HindcastPoint {
    /// Hours since 1970-01-01T00:00Z.
    pub hour: i64,
    /// The way.
    pub method: Method,
    /// Quantiles of the forecast.
    pub quantiles: [f64; 7],
    /// What came.
    pub value: f64,
}

/// Learns from the hours before `from` (counted from the first hour of the series) and asks every
/// `every_h` hours up to `until`. All ways are judged on the same pairs.
///
/// # Errors
/// When the window lies outside the series or too little is before it.
pub fn hindcast(
    series: Series<'_>,
    from: usize,
    until: usize,
    every_h: usize,
    seed: u64,
) -> Result<Hindcast, NoForecast> {
    if from == 0 || from >= until || until > series.hours.len() || every_h == 0 {
        return Err(NoForecast::Window);
    }
    let ways = Ways::learn(series, from, seed)?;
    let hours = series.hours;
    let mut sums = [[Sums::default(); 4]; 3];
    let mut day_ahead = Vec::new();
    let mut origins = 0;
    for origin in (from - 1..until.saturating_sub(1)).step_by(every_h) {
        origins += 1;
        for lead in 1..=LEADS.min(until - 1 - origin) {
            let ahead = &hours[origin + lead];
            let Some(value) = ahead.value else { continue };
            let asked = ways.ask(hours, origin, lead, ahead.at);
            if asked[0].is_none() || (ways.learned.is_some() && asked[2].is_none()) {
                continue;
            }
            let band = BANDS.iter().position(|[_, last]| lead <= *last).unwrap_or(3);
            for (way, quantiles) in asked.iter().enumerate() {
                if let Some(quantiles) = quantiles {
                    sums[way][band].add(quantiles, value);
                }
            }
            if lead == 24 {
                let (method, quantiles) = match asked {
                    [_, _, Some(learned)] => (Method::Learned, learned),
                    [Some(now), ..] => (Method::Persistence, now),
                    _ => continue,
                };
                let hour = series.first_hour + (origin + lead) as i64;
                day_ahead.push(HindcastPoint { hour, method, quantiles, value });
            }
        }
    }
    let learned_from = hours[..from].iter().filter(|hour| hour.value.is_some()).count();
    Ok(Hindcast { scores: scores(&sums), origins, learned_from, day_ahead })
}
