//! Micro-stations against the standard station near each: what would make them right, with its doubt, ready to be proposed.
//!
//! [`space::drift`] finds it from hours in which both measured. Nobody's reading is changed here: the bodies of corrections are
//! for a person who may correct.

pub mod command;
mod words;

pub use words::doubts;

use super::stored::{good_hours, hourly, nearest};
use super::{Error, hour_name};
use crate::words::Words;
use draw::Language;
use engine::correct::Operation;
use model::{HOUR_MS, Parameter, Place, PlaceId, PlaceKind, Registry, Source, Timestamp};
use serde::{Serialize, Serializer};
use space::distance_m;
use space::drift::{Air, Correction, Met, propose};
use standards::Zone;
use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::ops::Range;
use store::{Known, Reader};
use utoipa::ToSchema;

/// Days that are looked at when nobody says.
pub const DAYS: i32 = 28;
/// How far a standard station may be away when nobody says, m.
pub const WITHIN_M: u32 = 1_000;
/// The farthest that one may ask for, m.
pub const WITHIN_M_MAX: u32 = 50_000;
/// What moves a cheap instrument besides what it measures.
const AIR: [&str; 2] = ["air_temp", "humidity"];
/// The air is made use of when so large a share of the pairs has it.
const AIR_SHARE: f64 = 0.9;

/// What is asked.
pub struct Asked<'a> {
    /// What is measured.
    pub parameter: &'a Parameter,
    /// Hours since 1970-01-01T00:00Z, the end not included.
    pub hours: Range<i64>,
    /// Standard stations farther away are none to be compared with, m.
    pub within_m: u32,
    /// As it was known when.
    pub known: Known,
    /// When that was: corrections end there.
    pub now: Timestamp,
    /// Of civil days.
    pub zone: &'a Zone,
    /// Of the reasons of corrections.
    pub language: Language,
}

/// A micro-station and the standard station nearest to it that measures the same.
pub struct Pair {
    id: PlaceId,
    place: Place,
    reference: Option<(PlaceId, Place, f64)>,
}

/// A micro-station against its standard station.
#[derive(Serialize, ToSchema)]
pub struct Drift {
    /// Key of the micro-station.
    place: String,
    /// The nearest standard station that measures the same; null when there is none.
    reference: Option<Reference>,
    /// Hours in which both measured.
    hours: usize,
    /// Civil days of these.
    days: usize,
    /// Key of the place of the temperature and humidity that were taken out to tell whether the gain changed.
    air_of: Option<String>,
    verdict: Verdict,
    /// The verdict in words; of none that can be told, why.
    says: Words,
    /// Null when none can be told.
    found: Option<Found>,
    /// Bodies of corrections, to be made in this order by who may; none where none is needed.
    corrections: Vec<Proposal>,
}

/// A standard station.
#[derive(Serialize, ToSchema)]
#[schema(as = DriftReference)]
pub struct Reference {
    /// Key of the place.
    place: String,
    name: Words,
    distance_m: f64,
}

/// What a comparison comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = DriftVerdict)]
pub enum Verdict {
    /// Right within its doubt.
    Right,
    /// A correction is needed.
    Off,
    /// No standard station is near enough.
    NothingNear,
    /// Too few hours in which both measured.
    TooFew,
    /// The two do not follow each other, or one of them never changes.
    Unrelated,
}

/// What would make a micro-station right: value × gain + offset.
#[derive(Serialize, ToSchema)]
#[schema(as = DriftFound)]
pub struct Found {
    gain: f64,
    /// Holds the gain with 90 %.
    gain_90: [f64; 2],
    /// In the parameter's unit.
    offset: f64,
    /// Holds the offset with 90 %.
    offset_90: [f64; 2],
    /// Nine in ten corrected hours are off by less than this, at the middle value of the span.
    off_90: f64,
    /// Hours that count as independent.
    independent: f64,
    /// Null unless the gain is another one in the newer half of the span, with 99 %.
    changed: Option<Changed>,
}

/// A gain that changed.
#[derive(Serialize, ToSchema)]
#[schema(as = DriftChange)]
pub struct Changed {
    /// Where the newer half begins: the change may lie before or after it.
    #[serde(serialize_with = "rfc_3339")]
    #[schema(value_type = String, format = DateTime)]
    middle: Timestamp,
    /// How much larger the gain is from then on.
    by: f64,
}

/// A correction as `POST /corrections/preview` and `POST /corrections` take it.
#[derive(Serialize, ToSchema)]
#[schema(as = DriftCorrection)]
pub struct Proposal {
    datastream: i32,
    #[serde(serialize_with = "rfc_3339")]
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[serde(serialize_with = "rfc_3339")]
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    #[schema(value_type = Object)]
    operation: Operation,
    why: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references")]
fn rfc_3339<S: Serializer>(at: &Timestamp, out: S) -> Result<S::Ok, S::Error> {
    out.collect_str(at)
}

/// The micro-stations that measured it within the span, each with the standard station nearest to it; only one when it is named.
pub fn pairs(registry: &Registry, asked: &Asked<'_>, only: Option<PlaceId>) -> Vec<Pair> {
    let parameter = asked.parameter.key.as_str();
    let at = |hour: i64| asked.zone.date(Timestamp::from_ms(hour.saturating_mul(HOUR_MS)));
    let last = at(asked.hours.end - 1).map(|day| day.to_string()).unwrap_or_default();
    let of = |kind: PlaceKind| {
        let all = registry.places().iter().enumerate();
        let ids = all.map(|(at, place)| (PlaceId(at as u32), place));
        ids.filter(move |(_, place)| place.kind == kind)
            .filter(|(id, place)| {
                place.is_there(&last) && !hourly(registry, *id, parameter).is_empty()
            })
            .collect::<Vec<_>>()
    };
    let standard = of(PlaceKind::AirStation);
    let micro = of(PlaceKind::MicroStation).into_iter();
    let pair = |(id, place): (PlaceId, &Place)| {
        let away = |other: &Place| distance_m([place.lon, place.lat], [other.lon, other.lat]);
        let others = standard.iter().map(|(id, other)| (*id, *other, away(other)));
        let nearest = others.min_by(|a, b| a.2.total_cmp(&b.2));
        let reference = nearest.map(|(id, other, away_m)| (id, other.clone(), away_m));
        Pair { id, place: place.clone(), reference }
    };
    micro.filter(|(id, _)| only.is_none_or(|only| only == *id)).map(pair).collect()
}

impl Pair {
    /// Whether its standard station is near enough, so that hours have to be read.
    pub fn is_near(&self, asked: &Asked<'_>) -> bool {
        self.reference.as_ref().is_some_and(|(.., away_m)| *away_m <= f64::from(asked.within_m))
    }
}

/// Hours of one place and parameter.
type Hourly = BTreeMap<i64, f64>;

/// Compares pairs.
///
/// # Errors
/// When nothing can be read.
pub fn compare(reader: &Reader, asked: &Asked<'_>, pairs: &[Pair]) -> Result<Vec<Drift>, Error> {
    // What several micro-stations share: standard stations and the air.
    let mut shared: BTreeMap<(PlaceId, &str), Hourly> = BTreeMap::new();
    let read = |place: PlaceId, parameter: &str| {
        good_hours(reader, asked.known, (place, parameter), &asked.hours)
    };
    let parameter = asked.parameter.key.as_str();
    let mut found = Vec::with_capacity(pairs.len());
    for pair in pairs {
        let Some((reference, _, away_m)) = pair.reference.as_ref().filter(|_| pair.is_near(asked))
        else {
            found.push(pair.alone(asked));
            continue;
        };
        let air_of = nearest(reader.view().registry(), &pair.place, &AIR);
        let wanted = [
            Some((*reference, parameter)),
            air_of.map(|id| (id, AIR[0])),
            air_of.map(|id| (id, AIR[1])),
        ];
        for (id, parameter) in wanted.into_iter().flatten() {
            if let Entry::Vacant(empty) = shared.entry((id, parameter)) {
                empty.insert(read(id, parameter)?);
            }
        }
        let own = read(pair.id, parameter)?;
        let [good, warm, damp] = wanted.map(|key| key.and_then(|key| shared.get(&key)));
        let met: Vec<Met> = own
            .iter()
            .filter_map(|(hour, says)| {
                let of = |hours: Option<&Hourly>| hours.and_then(|hours| hours.get(hour).copied());
                let air = of(warm).zip(of(damp));
                let air =
                    air.map(|(temperature_c, humidity_pct)| Air { temperature_c, humidity_pct });
                let at_s = *hour as f64 * 3_600.0;
                Some(Met { at_s, apart_m: *away_m, says: *says, good: of(good)?, air })
            })
            .collect();
        found.push(pair.judged(reader, asked, &met, air_of));
    }
    Ok(found)
}

/// Those with their air, when nearly all have it.
fn with_air(met: &[Met]) -> Option<Vec<Met>> {
    let known: Vec<Met> = met.iter().filter(|pair| pair.air.is_some()).copied().collect();
    (known.len() as f64 >= AIR_SHARE * met.len() as f64).then_some(known)
}

impl Pair {
    fn alone(&self, asked: &Asked<'_>) -> Drift {
        let reference = self.reference.as_ref();
        let near = reference.map(|(_, place, away_m)| (place, *away_m));
        Drift {
            place: self.place.key.clone(),
            reference: near.map(|(place, away_m)| Reference::of(place, away_m)),
            hours: 0,
            days: 0,
            air_of: None,
            verdict: Verdict::NothingNear,
            says: words::nothing_near(near, asked),
            found: None,
            corrections: vec![],
        }
    }

    fn judged(
        &self,
        reader: &Reader,
        asked: &Asked<'_>,
        met: &[Met],
        air_of: Option<PlaceId>,
    ) -> Drift {
        let day = |pair: &Met| asked.zone.date(Timestamp::from_ms(pair.at_s as i64 * 1_000)).ok();
        let days: BTreeSet<_> = met.iter().filter_map(day).collect();
        let mut drift = Drift { hours: met.len(), days: days.len(), ..self.alone(asked) };
        let reach_m = f64::from(asked.within_m);
        // A correction has no terms of the weather, so the line that it comes from has none either.
        let blind: Vec<Met> = met.iter().map(|pair| Met { air: None, ..*pair }).collect();
        let correction = match propose(&blind, reach_m) {
            Ok(correction) => correction,
            Err(refusal) => {
                (drift.verdict, drift.says) = words::refused(&refusal);
                return drift;
            }
        };
        let view = reader.view();
        let mut found = Found::of(&correction, &blind);
        // But a damp fortnight is no change of the instrument.
        found.changed = match with_air(met).map(|met| (propose(&met, reach_m), met)) {
            Some((Ok(with_air), met)) => {
                let place = air_of.and_then(|id| view.registry().place(id));
                drift.air_of = place.map(|place| place.key.clone());
                Changed::of(&with_air, &met)
            }
            _ => Changed::of(&correction, &blind),
        };
        drift.verdict = if correction.is_needed() { Verdict::Off } else { Verdict::Right };
        drift.says = words::judged(drift.verdict, found.changed.as_ref(), asked.zone);
        if drift.verdict == Verdict::Off {
            let why = words::why(&drift, &found, asked);
            drift.corrections = proposals(view.registry(), self.id, asked, (&found, why.as_str()));
        }
        drift.found = Some(found);
        drift
    }
}

impl Reference {
    fn of(place: &Place, away_m: f64) -> Self {
        let mut name = Words::from(&place.name);
        if name.en.is_empty() {
            name.en.clone_from(&name.zh);
        }
        Self { place: place.key.clone(), name, distance_m: away_m.round() }
    }
}

impl Found {
    fn of(correction: &Correction, met: &[Met]) -> Self {
        let mut says: Vec<f64> = met.iter().map(|pair| pair.says).collect();
        says.sort_by(f64::total_cmp);
        let usual = says.get(says.len() / 2).copied().unwrap_or_default();
        Self {
            gain: short(correction.gain),
            gain_90: correction.gain_90().map(short),
            offset: short(correction.offset),
            offset_90: correction.offset_90().map(short),
            off_90: short(correction.off_90(usual)),
            independent: correction.pairs.round(),
            changed: None,
        }
    }
}

impl Changed {
    fn of(correction: &Correction, met: &[Met]) -> Option<Self> {
        let (by, _) = correction.change.filter(|_| correction.has_changed())?;
        let middle_s = f64::midpoint(met.first()?.at_s, met.last()?.at_s);
        let middle = Timestamp::from_ms(middle_s as i64 * 1_000).floor(HOUR_MS);
        Some(Self { middle, by: short(by) })
    }
}

/// Four decimals: no instrument gives more.
fn short(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

/// Factor, then offset, of each datastream that the hours came from.
fn proposals(
    registry: &Registry,
    place: PlaceId,
    asked: &Asked<'_>,
    (found, why): (&Found, &str),
) -> Vec<Proposal> {
    let at = |hour: i64| Timestamp::from_ms(hour.saturating_mul(HOUR_MS));
    let (from, to) = (at(asked.hours.start), at(asked.hours.end).min(asked.now));
    let ids = hourly(registry, place, &asked.parameter.key).into_iter();
    let sent = ids.filter(|id| {
        let stream = registry.datastream(*id);
        stream.is_some_and(|stream| !matches!(stream.key.source, Source::Derived(_)))
    });
    let both = |id: model::DatastreamId| {
        let operations = [
            Operation::Factor { by: found.gain.to_string() },
            Operation::Offset { by: found.offset.to_string() },
        ];
        operations.map(|operation| Proposal {
            datastream: id.0,
            from,
            to,
            operation,
            why: why.to_owned(),
        })
    };
    sent.flat_map(both).collect()
}

/// The span in civil time.
fn span(asked: &Asked<'_>) -> [String; 2] {
    let now = asked.now.as_ms().div_euclid(HOUR_MS);
    [asked.hours.start, asked.hours.end.min(now)].map(|hour| hour_name(asked.zone, hour))
}
