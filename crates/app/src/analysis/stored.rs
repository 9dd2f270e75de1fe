//! Hours out of what is kept: good hourly values of places, and the wind and weather nearest to them.

use super::{Error, Hours, YEARS_MAX, calendar};
use model::{
    DatastreamId, DatastreamKey, HOUR_MS, Names, Period, Place, PlaceId, PlaceKind, Registry,
    Statistic, Timestamp,
};
use space::distance_m;
use space::forecast::{Hour, Weather};
use space::plot::Wind;
use standards::Zone;
use std::collections::BTreeMap;
use std::ops::Range;
use store::{Columns, Known, Reader};

/// What is asked for.
pub struct Asked<'a, N: Fn(&Names) -> String> {
    /// Keys of places; none: all standard air stations that measure the parameter.
    pub places: &'a [String],
    /// Key of the parameter.
    pub parameter: &'a str,
    /// Key of the second parameter.
    pub other: Option<&'a str>,
    /// Hours since 1970-01-01T00:00Z, the end not included.
    pub hours: Range<i64>,
    /// As it was known when.
    pub known: Known,
    /// Names in the language wanted.
    pub name: N,
}

/// Wind and weather of a place farther away than this are not those here, m.
const WEATHER_M_MAX: f64 = 50_000.0;
/// Weather parameters in the order in which they are read.
const WEATHER: [&str; 5] = ["wind_speed", "wind_dir", "air_temp", "humidity", "air_pressure"];

/// Where the hours of one place come from.
struct Sources {
    name: String,
    value: Vec<DatastreamId>,
    other: Vec<DatastreamId>,
    weather: [Vec<DatastreamId>; 5],
    wind_of: Option<String>,
}

/// Reads the hours of places, in the order asked for.
///
/// # Errors
/// When a place is unknown, does not measure the parameter, or nothing can be read.
pub fn read<N: Fn(&Names) -> String>(
    reader: &Reader,
    zone: &Zone,
    asked: &Asked<'_, N>,
) -> Result<Vec<Hours>, Error> {
    let found = {
        let view = reader.view();
        let registry = view.registry();
        chosen(registry, asked)?
            .into_iter()
            .map(|(id, place)| sources(registry, id, place, asked))
            .collect::<Vec<_>>()
    };
    let mut places = Vec::new();
    for sources in found {
        if let Some(hours) = hours(reader, zone, &sources, (&asked.hours, asked.known))? {
            places.push(hours);
        }
    }
    if places.is_empty() {
        return Err(Error::Unknown {
            problem: format!("no value of {} at these places and days", asked.parameter),
            hint: "choose other days, or a parameter that is measured there".to_owned(),
        });
    }
    Ok(places)
}

/// Keys of the places that are asked for.
///
/// # Errors
/// As [`read`].
pub fn keys<N: Fn(&Names) -> String>(
    reader: &Reader,
    asked: &Asked<'_, N>,
) -> Result<Vec<String>, Error> {
    let view = reader.view();
    let places = chosen(view.registry(), asked)?;
    Ok(places.into_iter().map(|(_, place)| place.key.clone()).collect())
}

fn chosen<'r, N: Fn(&Names) -> String>(
    registry: &'r Registry,
    asked: &Asked<'_, N>,
) -> Result<Vec<(PlaceId, &'r Place)>, Error> {
    if asked.places.is_empty() {
        let all = registry.places().iter().enumerate();
        let stations = all.map(|(at, place)| (PlaceId(at as u32), place)).filter(|(id, place)| {
            place.kind == PlaceKind::AirStation
                && !hourly(registry, *id, asked.parameter).is_empty()
        });
        return Ok(stations.collect());
    }
    let place = |key: &String| {
        let id = registry.place_id(key);
        id.and_then(|id| Some((id, registry.place(id)?))).ok_or_else(|| Error::Unknown {
            problem: format!("there is no place {key:?}"),
            hint: "places are listed by /api/v1/places and in the registry".to_owned(),
        })
    };
    asked.places.iter().map(place).collect()
}

fn sources<N: Fn(&Names) -> String>(
    registry: &Registry,
    id: PlaceId,
    place: &Place,
    asked: &Asked<'_, N>,
) -> Sources {
    let of = |parameter: &str| hourly(registry, id, parameter);
    let near = |parameters: &[&str]| nearest(registry, place, parameters);
    let wind = near(&WEATHER[..2]);
    let weather_of = near(&WEATHER[2..3]);
    let weather = std::array::from_fn(|at| {
        let from = if at < 2 { wind } else { weather_of };
        from.map_or_else(Vec::new, |from| hourly(registry, from, WEATHER[at]))
    });
    let name_of = |id: PlaceId| registry.place(id).map(|place| (asked.name)(&place.name));
    Sources {
        name: (asked.name)(&place.name),
        value: of(asked.parameter),
        other: asked.other.map(of).unwrap_or_default(),
        weather,
        wind_of: wind.filter(|from| *from != id).and_then(name_of),
    }
}

/// The nearest place that gives hours of all these parameters; itself when it does.
pub fn nearest(registry: &Registry, place: &Place, parameters: &[&str]) -> Option<PlaceId> {
    let all = registry.places().iter().enumerate();
    let has_all = |id: PlaceId| parameters.iter().all(|one| !hourly(registry, id, one).is_empty());
    let able =
        all.filter(|(_, other)| !matches!(other.kind, PlaceKind::Vehicle | PlaceKind::Patrol));
    let away = able.filter_map(|(at, other)| {
        let id = PlaceId(at as u32);
        let away_m = distance_m([place.lon, place.lat], [other.lon, other.lat]);
        (away_m <= WEATHER_M_MAX && has_all(id)).then_some((away_m, id))
    });
    away.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, id)| id)
}

/// Datastreams of a place that give hours of a parameter: hourly means, else what comes hourly, else what comes more often.
pub fn hourly(registry: &Registry, place: PlaceId, parameter: &str) -> Vec<DatastreamId> {
    let ids = registry.datastreams_of(place).iter();
    let mut ranked: Vec<(u8, DatastreamId)> = ids
        .filter_map(|id| registry.datastream(*id))
        .filter(|stream| stream.key.parameter == parameter)
        .filter_map(|stream| Some((rank(&stream.key)?, stream.id)))
        .collect();
    ranked.sort_unstable();
    let best = ranked.first().map(|(rank, _)| *rank);
    ranked.into_iter().filter(|(rank, _)| Some(*rank) == best).map(|(_, id)| id).collect()
}

/// Whether a place gives hours of a parameter.
pub fn measures(registry: &Registry, place: PlaceId, parameter: &str) -> bool {
    !hourly(registry, place, parameter).is_empty()
}

/// The good hourly values of a place within a window of hours, as they were known then, by hour since 1970.
///
/// # Errors
/// When nothing can be read.
pub fn good_hours(
    reader: &Reader,
    known: Known,
    (place, parameter): (PlaceId, &str),
    window: &Range<i64>,
) -> Result<BTreeMap<i64, f64>, Error> {
    let ids = hourly(reader.view().registry(), place, parameter);
    by_hour(reader, &ids, window, known)
}

fn rank(key: &DatastreamKey) -> Option<u8> {
    match (key.period, key.statistic) {
        (Period::Hour, Statistic::Mean) => Some(0),
        // What a stack's analyser gives: the mean converted to the reference oxygen.
        (Period::Hour, Statistic::MeanConverted) => Some(1),
        (Period::Hour, Statistic::Total | Statistic::Instant) => Some(2),
        (Period::Minutes, Statistic::Mean) => Some(3),
        (Period::Instant, _) => Some(4),
        _ => None,
    }
}

/// The hours of a place within a window; none when it has no value there.
fn hours(
    reader: &Reader,
    zone: &Zone,
    sources: &Sources,
    (window, known): (&Range<i64>, Known),
) -> Result<Option<Hours>, Error> {
    let value = by_hour(reader, &sources.value, window, known)?;
    let (Some((first, _)), Some((last, _))) = (value.first_key_value(), value.last_key_value())
    else {
        return Ok(None);
    };
    // A window that was asked for is shown whole, so that a gap at its ends is one.
    let first = if window.start == i64::MIN { *first } else { window.start };
    let end = if window.end == i64::MAX { last + 1 } else { window.end };
    if end - first > YEARS_MAX * 8_784 {
        return Err(Error::Refused(format!("more than {YEARS_MAX} years at once")));
    }
    let count = (end - first) as usize;
    let span = first..end;
    let other = by_hour(reader, &sources.other, &span, known)?;
    let mut weather = Vec::with_capacity(WEATHER.len());
    for ids in &sources.weather {
        weather.push(by_hour(reader, ids, &span, known)?);
    }
    let civil = calendar(zone, first, count)?;
    let hours = civil.into_iter().zip(first..).map(|(at, hour)| {
        let of = |column: usize| weather[column].get(&hour).copied();
        let wind = of(0).zip(of(1));
        Hour {
            at,
            value: value.get(&hour).copied(),
            weather: Weather {
                wind: wind.map(|(speed_m_s, from_deg)| Wind { speed_m_s, from_deg }),
                temperature_c: of(2),
                humidity: of(3),
                // Kept in kPa.
                pressure_hpa: of(4).map(|kpa| kpa * 10.0),
                rain_mm: None,
            },
        }
    });
    let hours = hours.collect();
    let other = if sources.other.is_empty() {
        vec![]
    } else {
        span.map(|hour| other.get(&hour).copied()).collect()
    };
    let (name, wind_of) = (sources.name.clone(), sources.wind_of.clone());
    Ok(Some(Hours { name, first_hour: first, hours, other, wind_of }))
}

/// The good values of datastreams by hour; of several the first, of several in an hour the last.
fn by_hour(
    reader: &Reader,
    ids: &[DatastreamId],
    window: &Range<i64>,
    known: Known,
) -> Result<BTreeMap<i64, f64>, Error> {
    let at = |hour: i64| Timestamp::from_ms(hour.saturating_mul(HOUR_MS));
    let from = if window.start == i64::MIN { Timestamp::MIN } else { at(window.start) };
    let to = if window.end == i64::MAX { Timestamp::MAX } else { at(window.end) };
    let failed = |error: store::Error| Error::Refused(error.to_string());
    let mut hours = BTreeMap::new();
    let scanned: Vec<Columns> = reader.scan_known(ids, from, to, known).map_err(failed)?;
    for rows in scanned.iter().rev() {
        for row in 0..rows.len() {
            if let Some(value) = rows.value[row].filter(|_| rows.flag[row].is_good()) {
                hours.insert(rows.time[row].as_ms().div_euclid(HOUR_MS), value);
            }
        }
    }
    Ok(hours)
}
