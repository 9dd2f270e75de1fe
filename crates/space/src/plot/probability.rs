//! Conditional probability: of the hours with wind from there, the share above a percentile of all hours.
//!
//! By direction (CPF, Ashbaugh et al. 1985) and by direction and speed (CBPF, Uria-Tellaetxe & Carslaw 2014,
//! doi 10.1016/j.envsoft.2014.04.010). The threshold is the percentile of all hours with value and wind, type 7; *above* is strict.
//! Intervals are Wilson's at 95 %, as if hours were independent, which they are not: read them as a lower bound of the doubt.

use super::polar::{Bins, Surface, binned, surface, windy};
use super::quantile::quantiles;
use super::rose::sector;
use super::{NoPlot, Row, Settings};
use serde::Serialize;

/// Where the high values come from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Probability {
    /// The percentile asked for.
    pub percentile: f64,
    /// The value there.
    pub threshold: f64,
    /// Share of all windy hours above it: what each direction has to be compared with.
    pub base: f64,
    /// Sectors of 10° (22.5° of a compass) clockwise from north.
    pub sectors: Vec<Sector>,
    /// How the bins are made; only by direction and speed.
    pub bins: Option<Bins>,
    /// Bins with enough hours; only by direction and speed.
    pub cells: Vec<ProbabilityBin>,
    /// The smooth surface; only by direction and speed.
    pub surface: Option<Surface>,
}

/// One direction.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sector {
    /// Its middle, degrees from north.
    pub from_deg: f64,
    /// Windy hours.
    pub hours: usize,
    /// Those above the threshold.
    pub above: usize,
    /// Their share; none without hours.
    pub share: Option<f64>,
    /// Its 95 % interval.
    pub lower: f64,
    /// Its 95 % interval.
    pub upper: f64,
}

/// One bin.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ProbabilityBin {
    /// Its middle, degrees from north.
    pub from_deg: f64,
    /// Its middle, m/s.
    pub speed_m_s: f64,
    /// Windy hours.
    pub hours: usize,
    /// Those above the threshold.
    pub above: usize,
    /// Their share.
    pub share: f64,
    /// Its 95 % interval.
    pub lower: f64,
    /// Its 95 % interval.
    pub upper: f64,
}

#[derive(Clone, Copy, Default)]
struct Count {
    hours: usize,
    above: usize,
}

pub(super) fn by_direction(rows: &[Row], settings: &Settings) -> Result<Probability, NoPlot> {
    let windy = windy(rows)?;
    // In order to be the percentile of what is counted.
    let values: Vec<f64> = windy.iter().map(|(_, value)| *value).collect();
    let threshold = quantiles(&values, &[settings.percentile / 100.0])[0].unwrap_or(0.0);
    let (bins, _) = binned(&windy, |(): &mut (), _| ());
    let mut counts = vec![Count::default(); (360.0 / bins.step_deg).round() as usize];
    for (wind, value) in &windy {
        let count = &mut counts[sector(wind.from_deg, bins.step_deg)];
        count.hours += 1;
        count.above += usize::from(*value > threshold);
    }
    let above: usize = counts.iter().map(|count| count.above).sum();
    let sectors = counts.iter().enumerate().map(|(at, count)| {
        let (lower, upper) = wilson(*count);
        Sector {
            from_deg: at as f64 * bins.step_deg,
            hours: count.hours,
            above: count.above,
            share: (count.hours > 0).then(|| count.above as f64 / count.hours as f64),
            lower,
            upper,
        }
    });
    Ok(Probability {
        percentile: settings.percentile,
        threshold,
        base: above as f64 / windy.len() as f64,
        sectors: sectors.collect(),
        bins: None,
        cells: Vec::new(),
        surface: None,
    })
}

pub(super) fn by_direction_and_speed(
    rows: &[Row],
    settings: &Settings,
) -> Result<Probability, NoPlot> {
    let by_direction = by_direction(rows, settings)?;
    let threshold = by_direction.threshold;
    let (bins, all) = binned(&windy(rows)?, |count: &mut Count, value| {
        count.hours += 1;
        count.above += usize::from(value > threshold);
    });
    let enough = all.into_iter().filter(|(_, _, count)| count.hours >= settings.hours_min);
    let cells: Vec<ProbabilityBin> = enough
        .map(|(from_deg, speed_m_s, count)| {
            let (lower, upper) = wilson(count);
            let share = count.above as f64 / count.hours as f64;
            let Count { hours, above } = count;
            ProbabilityBin { from_deg, speed_m_s, hours, above, share, lower, upper }
        })
        .collect();
    let points: Vec<_> =
        cells.iter().map(|cell| (cell.from_deg, cell.speed_m_s, cell.hours, cell.share)).collect();
    let mut surface = surface(&points, bins.max_m_s, true);
    for cell in surface.iter_mut().flat_map(|surface| &mut surface.cells) {
        for share in [&mut cell.value, &mut cell.lower, &mut cell.upper] {
            *share = share.clamp(0.0, 1.0);
        }
    }
    Ok(Probability { bins: Some(bins), cells, surface, ..by_direction })
}

/// Wilson's 95 % interval of a share; 0 to 1 without hours.
fn wilson(count: Count) -> (f64, f64) {
    const Z: f64 = 1.959_964;
    if count.hours == 0 {
        return (0.0, 1.0);
    }
    let n = count.hours as f64;
    let share = count.above as f64 / n;
    let middle = share + Z * Z / (2.0 * n);
    let half = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let by = 1.0 + Z * Z / n;
    (((middle - half) / by).max(0.0), ((middle + half) / by).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilsons_interval_of_published_counts() {
        // Newcombe 1998, table I: 81 of 263, 15 of 148.
        for ((above, hours), (lower, upper)) in
            [((81, 263), (0.2553, 0.3662)), ((15, 148), (0.0624, 0.1605)), ((0, 20), (0.0, 0.1611))]
        {
            let found = wilson(Count { hours, above });
            assert!((found.0 - lower).abs() < 1e-4, "{found:?}");
            assert!((found.1 - upper).abs() < 1e-4, "{found:?}");
        }
    }
}
