//! The pretend zone on paper: about 99 km² that exist nowhere, with names that cannot be taken for
//! real ones (a district on paper, its neighbourhoods and rivers named after what lies on a desk).
//!
//! Everything is drawn in kilometres east and north of an invented centre and is the same for every
//! seed, so that a data directory filled under one seed still fits the map of another.

mod areas;
mod lines;
mod places;
mod routes;
mod sights;
mod sources;
mod villages;
mod waters;

pub(crate) use lines::{lines, path, roads};
pub(crate) use places::{Post, posts};
pub(crate) use routes::{PATROLS, Route, VEHICLES};
pub(crate) use sights::{head_gates, sights};
pub(crate) use sources::{BLOBS, Blob, Kind, STACKS, Stack};
pub(crate) use waters::{
    OUTFALLS, SECTIONS, STREAMS, Section, along_stream, length_km, outfall_spot,
};

use model::{Area, Names};
use std::sync::LazyLock;

/// Degrees east of the centre.
const CENTRE_LON: f64 = 113.5;
/// Degrees north of the centre.
const CENTRE_LAT: f64 = 34.8;
/// Kilometres in a degree of longitude at the centre.
const KM_PER_LON: f64 = 91.41;
/// Kilometres in a degree of latitude.
const KM_PER_LAT: f64 = 110.94;

/// A position in kilometres east and north of the centre.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Spot {
    pub x: f64,
    pub y: f64,
}

impl Spot {
    pub(crate) const fn new(x: f64, y: f64) -> Self {
        Self { x, y }
    }

    pub(crate) fn of_degrees(lon: f64, lat: f64) -> Self {
        Self::new((lon - CENTRE_LON) * KM_PER_LON, (lat - CENTRE_LAT) * KM_PER_LAT)
    }

    /// Longitude and latitude, to the sixth decimal (a decimetre).
    pub(crate) fn degrees(self) -> [f64; 2] {
        let micro = |degrees: f64| (degrees * 1e6).round() / 1e6;
        [micro(CENTRE_LON + self.x / KM_PER_LON), micro(CENTRE_LAT + self.y / KM_PER_LAT)]
    }

    pub(crate) fn distance(self, other: Self) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

/// The zone's own name.
pub fn zone_name() -> Names {
    names("纸上区", "Paper District")
}

pub(crate) fn names(zh: impl Into<String>, en: impl Into<String>) -> Names {
    Names { zh: zh.into(), en: en.into() }
}

/// Sub-districts, villages, premises. Drawn once: every seed has the same.
pub(crate) fn areas() -> Vec<Area> {
    static AREAS: LazyLock<Vec<Area>> = LazyLock::new(|| {
        let mut areas = areas::areas();
        areas.extend(villages::villages());
        areas.extend(sights::premises());
        areas
    });
    AREAS.clone()
}

/// West, south, east and north of the zone, degrees.
pub(crate) fn extent() -> [f64; 4] {
    let rings = areas::AREAS.iter().flat_map(areas::Outline::ring);
    let nothing = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    rings
        .map(Spot::degrees)
        .fold(nothing, |[w, s, e, n], [lon, lat]| [w.min(lon), s.min(lat), e.max(lon), n.max(lat)])
}

/// The number of the sub-district that holds a spot.
pub(crate) fn area_of(spot: Spot) -> Option<usize> {
    static RINGS: LazyLock<Vec<Vec<Spot>>> =
        LazyLock::new(|| areas::AREAS.iter().map(areas::Outline::ring).collect());
    RINGS.iter().position(|ring| contains(ring, spot))
}

/// Whether a spot lies in a ring (closed or not).
pub(crate) fn contains(ring: &[Spot], spot: Spot) -> bool {
    let mut inside = false;
    let mut previous = ring.len() - 1;
    for current in 0..ring.len() {
        let (a, b) = (ring[current], ring[previous]);
        if (a.y > spot.y) != (b.y > spot.y)
            && spot.x < (b.x - a.x) * (spot.y - a.y) / (b.y - a.y) + a.x
        {
            inside = !inside;
        }
        previous = current;
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_and_kilometres_agree() {
        let spot = Spot::new(3.2, -1.7);
        let [lon, lat] = spot.degrees();
        assert!(spot.distance(Spot::of_degrees(lon, lat)) < 2e-4);
    }
}
