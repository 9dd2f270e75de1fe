//! Taking the season out of monthly means: STL, seasonal-trend decomposition by loess
//! (Cleveland and others 1990, J. Official Statistics 6, 3–73).
//!
//! The settings are those openair gives to R's `stl`: period 12, seasonal window 11 of degree 1, trend window
//! 21, low-pass window 13, robust with 15 outer rounds of one inner one. Different on purpose: every point is fitted, where R by default fits every second or third
//! and draws lines between; with R's jumps set to 1 the two agree.

const PERIOD: usize = 12;
const SEASON_WINDOW: usize = 11;
const TREND_WINDOW: usize = 21;
const LOW_WINDOW: usize = 13;
const OUTER: usize = 15;

/// The series without its season: trend and remainder. As it is when it has two years or less, since
/// then there is no season to be told from anything else.
pub fn deseasonalised(series: &[f64]) -> Vec<f64> {
    if series.len() <= 2 * PERIOD {
        return series.to_vec();
    }
    let count = series.len();
    let mut trend = vec![0.0; count];
    let mut season = vec![0.0; count];
    let mut trust = vec![1.0; count];
    // The first round is the plain one, with all points trusted.
    for _ in 0..=OUTER {
        let level: Vec<f64> = series.iter().zip(&trend).map(|(value, t)| value - t).collect();
        let cycle = cycles(&level, &trust);
        let low = low_pass(&cycle);
        for at in 0..count {
            season[at] = cycle[at + PERIOD] - low[at];
        }
        let level: Vec<f64> = series.iter().zip(&season).map(|(value, s)| value - s).collect();
        for (at, slot) in trend.iter_mut().enumerate() {
            let fitted = loess(&level, &trust, TREND_WINDOW, at as f64);
            *slot = fitted.unwrap_or(level[at]);
        }
        trust = trusted(series, &season, &trend);
    }
    series.iter().zip(&season).map(|(value, season)| value - season).collect()
}

/// Each month's own series smoothed, and carried one year beyond both ends.
fn cycles(level: &[f64], trust: &[f64]) -> Vec<f64> {
    let mut cycle = vec![0.0; level.len() + 2 * PERIOD];
    for month in 0..PERIOD {
        let every = |values: &[f64]| -> Vec<f64> {
            values.iter().skip(month).step_by(PERIOD).copied().collect()
        };
        let (own, trust) = (every(level), every(trust));
        for year in -1..=own.len() as i64 {
            let near = year.clamp(0, own.len() as i64 - 1) as usize;
            let fitted = loess(&own, &trust, SEASON_WINDOW, year as f64);
            cycle[month + (year + 1) as usize * PERIOD] = fitted.unwrap_or(own[near]);
        }
    }
    cycle
}

/// Means over a year, twice, then over a quarter, then loess: what of the cycles is no season.
fn low_pass(cycle: &[f64]) -> Vec<f64> {
    let moved = moving(&moving(&moving(cycle, PERIOD), PERIOD), 3);
    let trust = vec![1.0; moved.len()];
    (0..moved.len())
        .map(|at| loess(&moved, &trust, LOW_WINDOW, at as f64).unwrap_or(moved[at]))
        .collect()
}

fn moving(values: &[f64], window: usize) -> Vec<f64> {
    values.windows(window).map(|part| part.iter().sum::<f64>() / window as f64).collect()
}

/// Locally weighted straight line at `at` through equidistant points.
fn loess(values: &[f64], trust: &[f64], window: usize, at: f64) -> Option<f64> {
    let count = values.len();
    let taken = window.min(count);
    let first = (at.round() as i64 - taken as i64 / 2).clamp(0, (count - taken) as i64) as usize;
    let (left, right) = (first as f64, (first + taken - 1) as f64);
    let mut reach = (at - left).max(right - at);
    if window > count {
        reach += ((window - count) / 2) as f64;
    }
    let weigh = |other: usize| {
        let apart = (other as f64 - at).abs();
        if apart > 0.999 * reach {
            0.0
        } else if apart <= 0.001 * reach {
            trust[other]
        } else {
            trust[other] * (1.0 - (apart / reach).powi(3)).powi(3)
        }
    };
    let weights: Vec<f64> = (first..first + taken).map(weigh).collect();
    let total: f64 = weights.iter().sum();
    if total <= 0.0 {
        return None;
    }
    let points = || weights.iter().enumerate().map(|(n, w)| (w / total, (first + n) as f64));
    let middle: f64 = points().map(|(w, x)| w * x).sum();
    let spread: f64 = points().map(|(w, x)| w * (x - middle).powi(2)).sum();
    let slope =
        if spread.sqrt() > 0.001 * (count as f64 - 1.0) { (at - middle) / spread } else { 0.0 };
    Some(points().map(|(w, x)| w * (1.0 + slope * (x - middle)) * values[x as usize]).sum())
}

/// Bisquare weights of the remainders: what is six medians away counts nothing.
fn trusted(series: &[f64], season: &[f64], trend: &[f64]) -> Vec<f64> {
    let remainders: Vec<f64> =
        (0..series.len()).map(|at| (series[at] - season[at] - trend[at]).abs()).collect();
    let mut sorted = remainders.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let six = 3.0 * (sorted[sorted.len() / 2] + sorted[(sorted.len() - 1) / 2]);
    let weight = |apart: &f64| {
        if *apart <= 0.001 * six {
            1.0
        } else if *apart > 0.999 * six {
            0.0
        } else {
            (1.0 - (apart / six).powi(2)).powi(2)
        }
    };
    remainders.iter().map(weight).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pure_season_is_taken_out_and_the_slope_stays() {
        let series: Vec<f64> = (0..60)
            .map(|month| 50.0 - 0.1 * f64::from(month) + 10.0 * (f64::from(month) / 1.909_86).sin())
            .collect();
        let plain = deseasonalised(&series);
        for month in 0..60_u32 {
            let expected = 50.0 - 0.1 * f64::from(month);
            assert!(
                (plain[month as usize] - expected).abs() < 0.2,
                "{month} {}",
                plain[month as usize]
            );
        }
    }

    #[test]
    fn two_years_have_no_season_to_take_out() {
        let series: Vec<f64> = (0..24).map(f64::from).collect();
        assert_eq!(deseasonalised(&series), series);
    }
}
