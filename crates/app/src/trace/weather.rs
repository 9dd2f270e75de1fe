//! The wind of a window from the stations that measure it, and how sure its direction is.

use super::gather::{Origin, Steps, by_step, by_step_of, origins};
use super::{Question, Refused};
use model::{PlaceId, PlaceKind, Registry, Timestamp};
use space::distance_m;
use space::trace::{Refusal, Stability, Wind, Winds};
use store::{Known, Reader};

/// Wind of a station farther away than this is not the wind here, m.
const FAR_M: f64 = 50_000.0;
/// What the direction of one station says of the whole ground, one standard deviation, degrees: Hanna's usual hourly value is near it.
const ALONE_SD_DEG: f64 = 15.0;
/// The least that stations together are believed to, degrees.
const LEAST_SD_DEG: f64 = 8.0;
/// Below this mean speed direction wanders, m/s.
const WEAK_M_S: f64 = 1.5;
/// By so much, degrees.
const WANDERS_DEG: f64 = 25.0;

/// Which station measures the wind.
pub struct Mast {
    /// Its key.
    pub key: String,
    id: PlaceId,
    speed: Vec<Origin>,
    direction: Vec<Origin>,
}

/// The wind, and where it was measured.
pub struct Blown {
    /// The winds by step.
    pub winds: Winds,
    /// Keys of the stations.
    pub stations: Vec<String>,
}

/// Stations of wind near a place, weather stations first; at most eight.
pub fn masts(registry: &Registry, near: [f64; 2]) -> Vec<Mast> {
    let all = registry.places().iter().enumerate();
    let standing = all.filter(|(_, place)| {
        !matches!(place.kind, PlaceKind::Vehicle | PlaceKind::Patrol | PlaceKind::Stack)
    });
    let mast = |(at, place): (usize, &model::Place)| {
        let id = PlaceId(at as u32);
        let speed = origins(registry, id, "wind_speed");
        let direction = origins(registry, id, "wind_dir");
        if speed.is_empty() || direction.is_empty() {
            return None;
        }
        let metres = distance_m(near, [place.lon, place.lat]);
        let is_weather = place.kind == PlaceKind::WeatherStation;
        let mast = Mast { key: place.key.clone(), id, speed, direction };
        (metres <= FAR_M).then_some((!is_weather, metres, mast))
    };
    let mut found: Vec<_> = standing.filter_map(mast).collect();
    found.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.id.0.cmp(&b.2.id.0)));
    // masts of weather stations alone when there are any: sensors on roofs and poles stand in the lee
    let has_weather = found.first().is_some_and(|(is_other, ..)| !is_other);
    let kept = found.into_iter().filter(|(is_other, ..)| !(has_weather && *is_other));
    kept.map(|(.., mast)| mast).take(8).collect()
}

/// The wind from `from` to `to` in steps; seconds are counted from `zero`.
///
/// # Errors
/// When no station measures wind, it is missing for more than half of the time, or stands in another unit.
pub fn blown(
    reader: &Reader,
    masts: &[Mast],
    (from, to, step_ms): (Timestamp, Timestamp, i64),
    zero: Timestamp,
    known: Known,
) -> Result<Blown, Refused> {
    let count = ((to - from) / step_ms).max(1) as usize;
    let mut by_mast: Vec<Vec<Option<Wind>>> = vec![];
    for mast in masts {
        let speed = by_step(reader, &mast.speed, (from, to, step_ms), known)?;
        let direction = directions(reader, &mast.direction, (from, to, step_ms), known)?;
        let at = |steps: &Steps, step: usize| {
            let start = from + step as i64 * step_ms;
            let own = (start - steps.start).div_euclid(steps.step_ms);
            steps.values.get(&own).copied()
        };
        let wind = |step: usize| Some(Wind::from_deg(at(&speed, step)?, at(&direction, step)?));
        by_mast.push((0..count).map(wind).collect());
    }
    let mean = |step: usize| {
        let known: Vec<Wind> = by_mast.iter().filter_map(|winds| winds[step]).collect();
        let count = known.len() as f64;
        let sum = |part: fn(&Wind) -> f64| known.iter().map(part).sum::<f64>() / count;
        (!known.is_empty())
            .then(|| Wind { east_m_s: sum(|w| w.east_m_s), north_m_s: sum(|w| w.north_m_s) })
    };
    let means: Vec<Option<Wind>> = (0..count).map(mean).collect();
    let sd = sd_deg(&by_mast, &means);
    let start_s = (from - zero) as f64 / 1e3;
    let winds = Winds::new(start_s, step_ms as f64 / 1e3, &means, sd).map_err(refused)?;
    Ok(Blown { winds, stations: masts.iter().map(|mast| mast.key.clone()).collect() })
}

/// Mean directions by step: they go round, so sine and cosine are averaged.
fn directions(
    reader: &Reader,
    origins: &[Origin],
    span: (Timestamp, Timestamp, i64),
    known: Known,
) -> Result<Steps, Refused> {
    let of = |part: fn(f64) -> f64| by_step_of(reader, origins, span, known, part);
    let (sines, cosines) = (of(|deg| deg.to_radians().sin())?, of(|deg| deg.to_radians().cos())?);
    let angle = |(step, sin): (&i64, &f64)| {
        let cos = cosines.values.get(step)?;
        Some((*step, sin.atan2(*cos).to_degrees().rem_euclid(360.0)))
    };
    let values = sines.values.iter().filter_map(angle).collect();
    Ok(Steps { values, ..sines })
}

/// How sure the direction is: how stations differ from their mean, more when the wind is weak.
fn sd_deg(by_mast: &[Vec<Option<Wind>>], means: &[Option<Wind>]) -> f64 {
    let (mut square, mut count) = (0.0, 0.0);
    for winds in by_mast {
        for (own, mean) in winds.iter().zip(means) {
            let (Some(own), Some(mean)) = (own, mean) else { continue };
            let off = own.comes_from_deg() - mean.comes_from_deg();
            square += ((off + 180.0).rem_euclid(360.0) - 180.0).powi(2);
            count += 1.0;
        }
    }
    let base = if by_mast.len() < 2 || count < 2.0 {
        ALONE_SD_DEG
    } else {
        (square / count).sqrt().max(LEAST_SD_DEG)
    };
    let known: Vec<f64> = means.iter().flatten().map(Wind::speed_m_s).collect();
    let speed = known.iter().sum::<f64>() / known.len().max(1) as f64;
    let weak = WANDERS_DEG * (1.0 - speed / WEAK_M_S).max(0.0);
    base.hypot(weak).min(80.0)
}

/// How air mixes, and to which height, from the wind and where the sun stands.
pub fn mixing(
    winds: &Winds,
    question: &Question,
    at: [f64; 2],
    zero: Timestamp,
) -> (Stability, f64) {
    let middle = question.from + (question.to - question.from) / 2;
    let (from_s, to_s) = ((question.from - zero) as f64 / 1e3, (question.to - zero) as f64 / 1e3);
    let sun = sun(middle, at);
    let speed = winds.mean(from_s, to_s).speed_m_s();
    // a half of a clear sky's: clouds are not known
    (Stability::of(speed, 0.7 * sun), 300.0 + 900.0 * sun)
}

/// Sine of the sun's height, 0 below the horizon (Cooper 1969 for the declination).
fn sun(at: Timestamp, [lon, lat]: [f64; 2]) -> f64 {
    let days = at.as_ms() as f64 / model::DAY_MS as f64;
    let year = std::f64::consts::TAU * (days - 10_957.0 + 10.0) / 365.25;
    let declination = -23.44_f64.to_radians() * year.cos();
    let hour = std::f64::consts::TAU * (days.rem_euclid(1.0) - 0.5) + lon.to_radians();
    let lat = lat.to_radians();
    (lat.sin() * declination.sin() + lat.cos() * declination.cos() * hour.cos()).max(0.0)
}

fn refused(refusal: Refusal) -> Refused {
    super::said::refused(refusal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sun_is_high_at_noon_in_june_and_down_at_midnight() {
        let noon = Timestamp::from_ms(1_782_014_400_000); // 2026-06-21T04:00Z, noon near 120° E
        let high = sun(noon, [120.0, 35.0]);
        assert!((high - (35.0_f64 - 23.44).to_radians().cos()).abs() < 0.01, "{high}");
        assert!(sun(noon + 12 * model::HOUR_MS, [120.0, 35.0]) < 1e-9);
        let winter = sun(noon + 183 * model::DAY_MS, [120.0, 35.0]);
        assert!((winter - (35.0_f64 + 23.44).to_radians().cos()).abs() < 0.02, "{winter}");
    }

    #[test]
    fn two_masts_that_disagree_make_the_direction_less_sure_and_so_does_a_weak_wind() {
        let row = |deg: f64, speed: f64| vec![Some(Wind::from_deg(speed, deg)); 6];
        let sd = |a: f64, b: f64, speed: f64| {
            let (one, other) = (row(a, speed), row(b, speed));
            let means: Vec<_> = one
                .iter()
                .zip(&other)
                .map(|(a, b)| {
                    let (a, b) = (a.unwrap(), b.unwrap());
                    Some(Wind {
                        east_m_s: f64::midpoint(a.east_m_s, b.east_m_s),
                        north_m_s: f64::midpoint(a.north_m_s, b.north_m_s),
                    })
                })
                .collect();
            sd_deg(&[one, other], &means)
        };
        assert!((sd(350.0, 10.0, 4.0) - 10.0).abs() < 0.01);
        assert!((sd(270.0, 270.0, 4.0) - LEAST_SD_DEG).abs() < 0.01);
        assert!(sd(270.0, 270.0, 0.3) > 20.0);
    }
}
