//! The bivariate polar plot: concentration by wind direction and speed (Carslaw & Beevers 2013,
//! doi 10.1016/j.envsoft.2012.09.005), in bins and as a smooth surface with its uncertainty.
//!
//! As openair's `polarPlot`: thirty bins of speed up to the largest, closed above; bins of 10° where directions are
//! given in tens, else of 5°; bins of one, two and three hours weigh ¼, ½ and ¾; the surface is fitted to square roots with a basis of 100
//! and is not shown farther than a tenth of the largest speed from a bin; its uncertainty is ± 2 standard errors of the fit
//! weighted by hours. Different on purpose: a bin stands at its middle (openair spreads thirty bins over thirty points
//! from 0 to the largest speed, which moves the outermost bin outwards by half a bin and the innermost to the centre); hours of calm are left out, since
//! their direction means nothing; a compass of sixteen points has sixteen sectors; the basis is [`Smooth`]'s.

use super::quantile::Moments;
use super::rose::{HOURS_MIN, sector};
use super::smooth::{Node, Smooth};
use super::{Doubt, NoPlot, Row, Settings, Wind};
use serde::Serialize;

/// Concentration by direction and speed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Polar {
    /// How it is binned.
    pub bins: Bins,
    /// Bins with enough hours.
    pub cells: Vec<PolarBin>,
    /// The smooth surface; none with too few bins.
    pub surface: Option<Surface>,
}

/// How directions and speeds are binned.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bins {
    /// Degrees of a bin.
    pub step_deg: f64,
    /// m/s of a bin.
    pub step_m_s: f64,
    /// The largest speed.
    pub max_m_s: f64,
    /// Hours with value and wind that is not calm.
    pub hours: usize,
}

/// One bin.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PolarBin {
    /// Its middle, degrees from north.
    pub from_deg: f64,
    /// Its middle, m/s.
    pub speed_m_s: f64,
    /// Hours in it.
    pub hours: usize,
    /// Their mean.
    pub mean: f64,
    /// Half of the mean's 95 % interval; none of fewer than six hours.
    pub half_width: Option<f64>,
}

/// A surface over the plane of winds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Surface {
    /// Cells along each side of the square from −max to max.
    pub side: usize,
    /// Cells near enough to a bin, from the south-west, row by row.
    pub cells: Vec<SurfaceCell>,
    /// Effective degrees of freedom of the fit.
    pub freedom: f64,
}

/// One cell of a surface.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SurfaceCell {
    /// Counted from the west.
    pub column: u16,
    /// Counted from the south.
    pub row: u16,
    /// The fitted mean.
    pub value: f64,
    /// Two standard errors less.
    pub lower: f64,
    /// Two standard errors more.
    pub upper: f64,
}

const SPEED_BINS: usize = 30;
const SIDE: usize = 101;
/// Dimension of the surface's basis, as openair's `k`.
const BASIS: usize = 100;
/// Cells farther than this share of the largest speed from every bin are not shown.
const FAR: f64 = 0.1;

/// All directions are points of the sixteen-point compass, and not all of them tens.
pub(super) fn is_compass(mut directions: impl Iterator<Item = f64> + Clone) -> bool {
    let divides = |deg: f64, step: f64| (deg / step).fract() == 0.0;
    let mut again = directions.clone();
    directions.all(|deg| divides(deg, 22.5)) && again.any(|deg| !divides(deg, 10.0))
}

fn step_deg(winds: impl Iterator<Item = f64> + Clone) -> f64 {
    if winds.clone().all(|deg| (deg / 10.0).fract() == 0.0) {
        10.0
    } else if is_compass(winds) {
        22.5
    } else {
        5.0
    }
}

/// Hours with a value and a wind that is not calm.
pub(super) fn windy(rows: &[Row]) -> Result<Vec<(Wind, f64)>, NoPlot> {
    let windy: Vec<_> = rows
        .iter()
        .filter_map(|row| Some((row.wind?, row.value?)))
        .filter(|(wind, _)| wind.speed_m_s > 0.0)
        .collect();
    if windy.len() < HOURS_MIN {
        return Err(NoPlot::NoWind { have: windy.len(), need: HOURS_MIN });
    }
    Ok(windy)
}

/// Bins of all windy hours: what each adds up to, by `add`.
pub(super) fn binned<T: Default + Clone>(
    windy: &[(Wind, f64)],
    add: impl Fn(&mut T, f64),
) -> (Bins, Vec<(f64, f64, T)>) {
    let step_deg = step_deg(windy.iter().map(|(wind, _)| wind.from_deg));
    let max_m_s = windy.iter().map(|(wind, _)| wind.speed_m_s).fold(0.0, f64::max);
    let step_m_s = max_m_s / SPEED_BINS as f64;
    let directions = (360.0 / step_deg).round() as usize;
    let mut bins = vec![T::default(); directions * SPEED_BINS];
    for (wind, value) in windy {
        let speed = (wind.speed_m_s / step_m_s).ceil() as usize;
        let speed = speed.clamp(1, SPEED_BINS) - 1;
        add(&mut bins[sector(wind.from_deg, step_deg) * SPEED_BINS + speed], *value);
    }
    let at = |(number, bin): (usize, T)| {
        let (direction, speed) = (number / SPEED_BINS, number % SPEED_BINS);
        (direction as f64 * step_deg, (speed as f64 + 0.5) * step_m_s, bin)
    };
    let of = Bins { step_deg, step_m_s, max_m_s, hours: windy.len() };
    (of, bins.into_iter().enumerate().map(at).collect())
}

pub(super) fn polar(
    rows: &[Row],
    settings: &Settings,
    doubts: &mut Vec<Doubt>,
) -> Result<Polar, NoPlot> {
    let windy = windy(rows)?;
    let (bins, all) = binned(&windy, Moments::add);
    let enough = |(from_deg, speed_m_s, bin): (f64, f64, Moments)| {
        let mean = bin.mean().filter(|_| bin.count >= settings.hours_min)?;
        Some(PolarBin { from_deg, speed_m_s, hours: bin.count, mean, half_width: bin.half_width() })
    };
    let cells: Vec<PolarBin> = all.into_iter().filter_map(enough).collect();
    let is_root = cells.iter().all(|cell| cell.mean >= 0.0);
    if !is_root {
        doubts.push(Doubt::NotSquareRoot);
    }
    let points: Vec<_> =
        cells.iter().map(|cell| (cell.from_deg, cell.speed_m_s, cell.hours, cell.mean)).collect();
    let surface = surface(&points, bins.max_m_s, is_root);
    if surface.is_none() {
        doubts.push(Doubt::NoSurface { bins: cells.len() });
    }
    Ok(Polar { bins, cells, surface })
}

/// East and north of a wind: towards where it comes from.
fn components(from_deg: f64, speed: f64) -> (f64, f64) {
    let (sin, cos) = from_deg.to_radians().sin_cos();
    (speed * sin, speed * cos)
}

/// A smooth surface through bins (direction, speed, hours, value), fitted to square roots if asked.
pub(super) fn surface(
    points: &[(f64, f64, usize, f64)],
    max_m_s: f64,
    is_root: bool,
) -> Option<Surface> {
    let node = |weight: fn(usize) -> f64| {
        points
            .iter()
            .map(|(deg, speed, hours, value)| {
                let (x, y) = components(*deg, speed / max_m_s);
                let value = if is_root { value.max(0.0).sqrt() } else { *value };
                Node { x, y, value, weight: weight(*hours) }
            })
            .collect::<Vec<_>>()
    };
    let nodes = node(|hours| if hours < 4 { hours as f64 / 4.0 } else { 1.0 });
    let centre = Smooth::fit(&nodes, BASIS)?;
    let spread = Smooth::fit(&node(|hours| hours as f64), BASIS)?;
    let back = |value: f64| if is_root { value.max(0.0).powi(2) } else { value };
    let step = 2.0 / (SIDE - 1) as f64;
    let near = near(&nodes);
    let cells = near.into_iter().enumerate().filter(|(_, is_near)| *is_near).map(|(at, _)| {
        let (column, row) = (at % SIDE, at / SIDE);
        let (x, y) = (column as f64 * step - 1.0, row as f64 * step - 1.0);
        let (value, error) = (centre.at(x, y), 2.0 * spread.error_at(x, y));
        SurfaceCell {
            column: column as u16,
            row: row as u16,
            value: back(value),
            lower: back(value - error),
            upper: back(value + error),
        }
    });
    Some(Surface { side: SIDE, cells: cells.collect(), freedom: centre.freedom() })
}

/// Which cells of the square lie near a bin.
fn near(nodes: &[Node]) -> Vec<bool> {
    let mut near = vec![false; SIDE * SIDE];
    let step = 2.0 / (SIDE - 1) as f64;
    let last = SIDE as i64 - 1;
    let cells = (FAR / step).ceil() as i64;
    for node in nodes {
        let (column, row) = (((node.x + 1.0) / step) as i64, ((node.y + 1.0) / step) as i64);
        for row in (row - cells).max(0)..=(row + cells + 1).min(last) {
            for column in (column - cells).max(0)..=(column + cells + 1).min(last) {
                let (x, y) = (column as f64 * step - 1.0, row as f64 * step - 1.0);
                let is_inside = x.hypot(y) <= 1.0 && (x - node.x).hypot(y - node.y) <= FAR;
                near[row as usize * SIDE + column as usize] |= is_inside;
            }
        }
    }
    near
}
