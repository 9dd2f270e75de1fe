//! Readings of a parameter in equal steps, from whatever comes most often.

use super::{Question, Refused};
use model::{
    DatastreamId, DatastreamKey, HOUR_MS, Period, PlaceId, PlaceKind, Registry, Statistic,
    Timestamp,
};
use std::collections::BTreeMap;
use store::{Columns, Known, Reader};

/// Datastreams of one period.
#[derive(Clone, Debug)]
pub struct Origin {
    streams: Vec<DatastreamId>,
    is_hourly: bool,
}

/// Means in equal steps.
pub struct Steps {
    /// Where the first step begins.
    pub start: Timestamp,
    /// How long each is, ms.
    pub step_ms: i64,
    /// By number of the step.
    pub values: BTreeMap<i64, f64>,
}

/// A place and where its readings of a parameter come from.
#[derive(Clone, Debug)]
pub struct Witness {
    /// Which.
    pub id: PlaceId,
    /// Its key.
    pub key: String,
    /// Where it stands.
    pub at: [f64; 2],
    /// Where its readings come from, the finest first.
    pub from: Vec<Origin>,
}

/// Places of some kinds that measure a parameter; those of the question when it names any.
///
/// # Errors
/// When a named place is unknown.
pub fn witnesses(
    registry: &Registry,
    question: &Question,
    parameter: &str,
    kinds: &[PlaceKind],
) -> Result<Vec<Witness>, Refused> {
    for key in question.places.iter().chain(&question.about) {
        if registry.place_id(key).is_none() {
            return Err(Refused::not(
                "unknown_place",
                &format!("没有点位 {key}"),
                &format!("there is no place {key}"),
                "点位见 /api/v1/places",
                "/api/v1/places lists them",
            ));
        }
    }
    let all = registry.places().iter().enumerate().filter(|(_, place)| kinds.contains(&place.kind));
    let witness = |(at, place): (usize, &model::Place)| {
        let is_asked = question.places.is_empty() || question.places.contains(&place.key);
        let id = PlaceId(at as u32);
        let from = origins(registry, id, parameter);
        (is_asked && !from.is_empty()).then(|| Witness {
            id,
            key: place.key.clone(),
            at: [place.lon, place.lat],
            from,
        })
    };
    Ok(all.filter_map(witness).collect())
}

/// Where readings of a parameter at a place come from, the finest first.
pub fn origins(registry: &Registry, place: PlaceId, parameter: &str) -> Vec<Origin> {
    let known = registry.datastreams_of(place).iter().filter_map(|id| registry.datastream(*id));
    let mut ranked: Vec<(u8, DatastreamId)> = known
        .filter(|stream| stream.key.parameter == parameter)
        .filter_map(|stream| Some((rank(&stream.key)?, stream.id)))
        .collect();
    ranked.sort_unstable();
    let origin = |same: &[(u8, DatastreamId)]| Origin {
        streams: same.iter().map(|(_, id)| *id).collect(),
        is_hourly: same[0].0 == 2,
    };
    ranked.chunk_by(|a, b| a.0 == b.0).map(origin).collect()
}

fn rank(key: &DatastreamKey) -> Option<u8> {
    match (key.period, key.statistic) {
        (Period::Minutes, Statistic::Mean) => Some(0),
        (Period::Instant, Statistic::Instant | Statistic::Mean) => Some(1),
        (Period::Hour, Statistic::Mean | Statistic::Instant) => Some(2),
        _ => None,
    }
}

/// Means of the good values in equal steps, from the finest datastreams that tell at least half of them; from those that
/// tell most of the time where none do. What comes hourly has steps of an hour.
///
/// # Errors
/// When the store cannot be read.
pub fn by_step(
    reader: &Reader,
    origins: &[Origin],
    span: (Timestamp, Timestamp, i64),
    known: Known,
) -> Result<Steps, Refused> {
    by_step_of(reader, origins, span, known, |value| value)
}

/// As [`by_step`], of a function of the values.
///
/// # Errors
/// When the store cannot be read.
pub fn by_step_of(
    reader: &Reader,
    origins: &[Origin],
    (from, to, step_ms): (Timestamp, Timestamp, i64),
    known: Known,
    of: impl Fn(f64) -> f64,
) -> Result<Steps, Refused> {
    let mut best = Steps { start: from, step_ms, values: BTreeMap::new() };
    for origin in origins {
        let (start, own_ms) = if origin.is_hourly {
            (from.floor(HOUR_MS), HOUR_MS.max(step_ms))
        } else {
            (from, step_ms)
        };
        let scanned = reader.scan_known(&origin.streams, start, to, known)?;
        let mut sums: BTreeMap<i64, (f64, f64)> = BTreeMap::new();
        for (time, value) in scanned.iter().flat_map(good) {
            let sum = sums.entry((time - start).div_euclid(own_ms)).or_default();
            *sum = (sum.0 + of(value), sum.1 + 1.0);
        }
        let values: BTreeMap<i64, f64> =
            sums.into_iter().map(|(step, (sum, count))| (step, sum / count)).collect();
        let told = |values: &BTreeMap<i64, f64>, step_ms: i64| values.len() as i64 * step_ms;
        let is_enough = 2 * told(&values, own_ms) >= to - from;
        if told(&values, own_ms) > told(&best.values, best.step_ms) {
            best = Steps { start, step_ms: own_ms, values };
        }
        if is_enough {
            break;
        }
    }
    Ok(best)
}

/// The good values of a column with their instants.
fn good(rows: &Columns) -> impl Iterator<Item = (Timestamp, f64)> + '_ {
    let good = (0..rows.len()).filter(|row| rows.flag[*row].is_good());
    good.filter_map(|row| Some((rows.time[row], rows.value[row]?)))
}

/// How many times its usual a place reports within a window: its highest step over its middle one of the day before.
///
/// # Errors
/// When the store cannot be read.
pub fn times_usual(
    reader: &Reader,
    origins: &[Origin],
    (from, to, step_ms): (Timestamp, Timestamp, i64),
    known: Known,
) -> Result<Option<f64>, Refused> {
    let steps = by_step(reader, origins, (from - 24 * HOUR_MS, to, step_ms), known)?;
    let is_before = |step: i64| steps.start + step * steps.step_ms < from;
    let (before, now): (Vec<_>, Vec<_>) =
        steps.values.iter().partition(|(step, _)| is_before(**step));
    let mut usual: Vec<f64> = before.into_iter().map(|(_, value)| *value).collect();
    if usual.len() < 12 {
        return Ok(None);
    }
    usual.sort_by(f64::total_cmp);
    let middle = usual[usual.len() / 2];
    let most = now.into_iter().map(|(_, value)| *value).fold(f64::NEG_INFINITY, f64::max);
    Ok((middle > 0.0 && most.is_finite()).then(|| most / middle))
}
