//! What the trees are told about an hour ahead: only what was known at the origin, and the calendar.

use super::scale::Scale;
use super::{Hour, latest};
use crate::plot::Civil;

/// How many things they are told.
pub(super) const WIDTH: usize = 22;

/// Features of the hour `lead` after `origin`; `usual` is the climatology's middle there, on the scale.
pub(super) fn features(
    hours: &[Hour],
    origin: usize,
    lead: usize,
    at: Civil,
    scale: Scale,
    usual: f64,
) -> [Option<f64>; WIDTH] {
    let on = |value: f64| scale.on(value);
    let mean = |window: usize| mean(hours, origin, window, |hour| hour.value).map(on);
    let weather = |window, of: fn(&Hour) -> Option<f64>| self::mean(hours, origin, window, of);
    let change = |window: usize, of: fn(&Hour) -> Option<f64>| {
        let before = self::mean(hours, origin.checked_sub(window)?, 3, of)?;
        Some(self::mean(hours, origin, 3, of)? - before)
    };
    // The same hour of the last whole day that is known.
    let back = lead.div_ceil(24) * 24 - lead;
    let same_hour = origin.checked_sub(back).and_then(|hour| hours[hour].value).map(on);
    let now = latest(hours, origin).map(on);
    let earlier = origin.checked_sub(6).and_then(|hour| latest(hours, hour)).map(on);
    [
        Some(lead as f64),
        now,
        mean(3),
        mean(12),
        mean(24),
        mean(72),
        same_hour,
        now.zip(earlier).map(|(now, earlier)| now - earlier),
        Some(usual),
        now.map(|now| now - usual),
        Some(f64::from(at.hour)),
        Some(f64::from(at.weekday)),
        Some(f64::from(at.month)),
        weather(6, east),
        weather(6, north),
        weather(24, north),
        weather(6, |hour| hour.weather.wind.map(|wind| wind.speed_m_s)),
        weather(6, |hour| hour.weather.temperature_c),
        change(24, |hour| hour.weather.temperature_c),
        weather(6, |hour| hour.weather.humidity),
        change(24, |hour| hour.weather.pressure_hpa),
        change(24, |hour| hour.weather.humidity),
    ]
}

fn east(hour: &Hour) -> Option<f64> {
    hour.weather.wind.map(|wind| wind.speed_m_s * wind.from_deg.to_radians().sin())
}

fn north(hour: &Hour) -> Option<f64> {
    hour.weather.wind.map(|wind| wind.speed_m_s * wind.from_deg.to_radians().cos())
}

/// Mean of the last `window` hours up to `origin`; none when not even a third of them are there.
fn mean(
    hours: &[Hour],
    origin: usize,
    window: usize,
    of: impl Fn(&Hour) -> Option<f64>,
) -> Option<f64> {
    let first = (origin + 1).saturating_sub(window);
    let (mut sum, mut count) = (0.0, 0);
    for value in hours[first..=origin].iter().filter_map(of) {
        sum += value;
        count += 1;
    }
    (count > 0 && count * 3 >= window).then(|| sum / f64::from(count as u32))
}
