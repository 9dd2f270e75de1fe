//! A Gaussian process for the air of a district, fitted on what its stations said in the hours before.
//!
//! On the scale of a [`Shape`] the values of an hour are a mean that nobody knows, an exponential covariance with a
//! nugget, and the noise of each instrument by its grade. Range, nugget and sill are found by restricted maximum likelihood
//! over all hours of the window together (eight stations cannot tell a range from one look), in blocks of near
//! stations, so that a thousand of them cost no more than some hundred (composite likelihood). How much an hour differs
//! from the usual is a random scale, so that predictions have Student's distribution, with degrees of freedom from
//! the same window. To take what a station usually differs by off first was tried and made strangers' places worse.

use super::blocks::{Block, blocks};
use super::shape::{Kind, Shape};
use super::student::{Hour, student};
use crate::{Plane, Point};
use nalgebra::{DMatrix, DVector};

/// How far an instrument is trusted, as relative standard deviations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grade {
    /// What it is off by for days on end.
    pub bias: f64,
    /// What one value is off by.
    pub noise: f64,
    /// It is of the best grade there is: it may hang, but is not voted out by its neighbours.
    pub is_reference: bool,
}

impl Grade {
    /// Of both together, as a variance.
    pub(crate) fn variance(&self) -> f64 {
        self.bias * self.bias + self.noise * self.noise
    }

    /// A standard analyser.
    pub const STANDARD: Self = Self { bias: 0.02, noise: 0.03, is_reference: true };
    /// A micro-station.
    pub const MICRO: Self = Self { bias: 0.12, noise: 0.08, is_reference: false };
    /// An instrument on a vehicle.
    pub const MOBILE: Self = Self { bias: 0.15, noise: 0.15, is_reference: false };
    /// A dust monitor inside its premises.
    pub const DUST: Self = Self { bias: 0.30, noise: 0.15, is_reference: false };
}

/// Where something is measured, and how well.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Station {
    /// Where it stands.
    pub at: Point,
    /// How far it is trusted.
    pub grade: Grade,
}

/// Values at one place are those of one place: closer than this two stations share all but their noise, m.
pub(crate) const NEAR_M: f64 = 50.0;
/// Share of the nugget that two stations at one place have in common: inlets a few metres apart differ.
pub(crate) const AT_ONE_PLACE: f64 = 0.5;
/// Hours of the window that are looked at, spread over it.
const HOURS_MAX: usize = 48;
/// Shares of the sill that the nugget may have, to the rest of it.
const NUGGETS: [f64; 6] = [0.05, 0.12, 0.25, 0.5, 1.0, 2.0];
/// The standard deviation below which no difference between stations is believed, on the transformed scale.
const SD_MIN: f64 = 0.02;

/// How values of two spots go together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Covariance {
    /// Distance at which the correlation has fallen to 1/e, m.
    pub range_m: f64,
    /// Variance that neighbours do not share, as a share of the one they do.
    pub nugget: f64,
    /// Variance that they share, on the transformed scale.
    pub sill: f64,
    /// Degrees of freedom of an hour's own scale.
    pub freedom: f64,
    /// Nothing could be fitted: too few stations or hours. Usual numbers stand in.
    pub is_assumed: bool,
}

/// What is known before the hour's values come in.
#[derive(Clone, Debug)]
pub struct Process {
    pub(crate) plane: Plane,
    pub(crate) shape: Shape,
    pub(crate) stations: Vec<Station>,
    pub(crate) at_m: Vec<[f64; 2]>,
    pub(crate) covariance: Covariance,
    /// Standard deviation that a relative one of 1 is on the transformed scale.
    unit: f64,
}

impl Process {
    /// Fits on the hours before: a row an hour, a column a station, on equal steps of time.
    /// Without hours, or with fewer than three stations, usual numbers are assumed and the process says so.
    pub fn fit(kind: Kind, stations: &[Station], hours: &[Vec<Option<f64>>]) -> Self {
        let finite = |value: &Option<f64>| value.filter(|value| value.is_finite());
        let shape = Shape::of(kind, hours.iter().flatten().filter_map(finite));
        let plane = Plane::at(middle(stations));
        let at_m: Vec<_> = stations.iter().map(|station| plane.metres(station.at)).collect();
        let step = hours.len().div_ceil(HOURS_MAX).max(1);
        let rows = |row: &Vec<Option<f64>>| {
            let cell = |at: usize| row.get(at).and_then(finite).map(|value| shape.there(value));
            (0..stations.len()).map(cell).collect::<Vec<_>>()
        };
        let all: Vec<Vec<Option<f64>>> = hours.iter().map(rows).collect();
        let seen: Vec<Vec<Option<f64>>> = all.iter().rev().step_by(step).cloned().collect();
        let blocks = blocks(&at_m, &seen);
        let unit = if kind == Kind::Plain { spread(&all) } else { 1.0 };
        let covariance = search(&blocks, &at_m, stations, unit);
        let stations = stations.to_vec();
        Self { plane, shape, stations, at_m, covariance, unit }
    }

    /// What was found.
    pub fn covariance(&self) -> Covariance {
        self.covariance
    }

    /// Variance that a relative standard deviation of 1 is on the transformed scale.
    pub(crate) fn unit2(&self) -> f64 {
        self.unit * self.unit
    }
}

/// Correlation of two spots, in units of the sill: 1 plus the nugget at one place.
pub(crate) fn correlation(a: [f64; 2], b: [f64; 2], range_m: f64, nugget: f64) -> f64 {
    let apart = (a[0] - b[0]).hypot(a[1] - b[1]);
    (-apart / range_m).exp() + if apart < NEAR_M { AT_ONE_PLACE * nugget } else { 0.0 }
}

fn middle(stations: &[Station]) -> Point {
    crate::bounds(stations.iter().map(|station| station.at)).map_or([0.0; 2], |b| b.middle())
}

/// A usual size of what is plain: its standard deviation over the window.
fn spread(rows: &[Vec<Option<f64>>]) -> f64 {
    let values: Vec<f64> = rows.iter().flatten().flatten().copied().collect();
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    let square = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    (square / values.len().max(1) as f64).sqrt().max(1e-9)
}

/// Range, nugget and sills of largest restricted likelihood.
fn search(blocks: &[Block], at_m: &[[f64; 2]], stations: &[Station], unit: f64) -> Covariance {
    let variance_min = (SD_MIN * unit).powi(2);
    let assumed = Covariance {
        range_m: 10_000.0,
        nugget: 0.2,
        sill: 0.12 * unit * unit,
        freedom: 6.0,
        is_assumed: true,
    };
    if blocks.iter().all(|block| block.stations.len() < 3) {
        return assumed;
    }
    let noise2 = |at: usize| stations[at].grade.variance() * unit * unit;
    let mut best: Option<(f64, Covariance)> = None;
    let mut sill = assumed.sill;
    for pass in 0..2 {
        best = None;
        for range_m in ranges(at_m) {
            for nugget in NUGGETS {
                let taken: Vec<Hour> = blocks
                    .iter()
                    .filter_map(|block| block.hours(at_m, range_m, nugget, |at| noise2(at) / sill))
                    .flatten()
                    .collect();
                let Some(found) = student(&taken, variance_min) else { continue };
                if best.is_none_or(|(likelihood, _)| found.likelihood > likelihood) {
                    let (sill, freedom) = (found.scale, found.freedom);
                    let new = Covariance { range_m, nugget, sill, freedom, ..assumed };
                    best = Some((found.likelihood, new));
                }
            }
        }
        if let (0, Some((_, found))) = (pass, best) {
            sill = found.sill;
        }
    }
    let Some((_, mut found)) = best else { return assumed };
    found.is_assumed = false;
    found
}

/// Ranges worth trying: from half of the usual distance between neighbours to twice the extent.
fn ranges(at_m: &[[f64; 2]]) -> impl Iterator<Item = f64> {
    let apart = |a: &[f64; 2], b: &[f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
    let step = at_m.len().div_ceil(60).max(1);
    let (mut nearest, mut extent) = (vec![], 0.0_f64);
    for (me, point) in at_m.iter().enumerate().step_by(step) {
        let mut least = f64::INFINITY;
        for (other, there) in at_m.iter().enumerate() {
            let metres = apart(point, there);
            extent = extent.max(metres);
            if other != me && metres > NEAR_M {
                least = least.min(metres);
            }
        }
        if least.is_finite() {
            nearest.push(least);
        }
    }
    let low = 0.5 * crate::linear::median(&mut nearest).unwrap_or(2_000.0).max(100.0);
    let high = (2.0 * extent).max(4.0 * low);
    (0..8).map(move |at| low * (high / low).powf(f64::from(at) / 7.0))
}

/// The covariance of some stations in units of the sill, with the noise of each.
pub(crate) fn covariance_of(
    at_m: &[[f64; 2]],
    noise: &[f64],
    range_m: f64,
    nugget: f64,
) -> DMatrix<f64> {
    DMatrix::from_fn(at_m.len(), at_m.len(), |a, b| {
        let own = if a == b { noise[a] + (1.0 - AT_ONE_PLACE) * nugget } else { 0.0 };
        correlation(at_m[a], at_m[b], range_m, nugget) + own
    })
}

/// A column of ones.
pub(crate) fn ones(size: usize) -> DVector<f64> {
    DVector::from_element(size, 1.0)
}
