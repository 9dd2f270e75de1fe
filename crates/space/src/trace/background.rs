//! What each instrument would have said without the source.
//!
//! A background is the instrument's own level plus that of the hour that its neighbours share. Both are lower quantiles and
//! not means, found in turn, since a rise only adds. With few instruments the shared part is not separable and stays nothing.
//! What rises an instrument has on ordinary days says how much of one is news. Where every instrument lies in the plume all the
//! time, no quantile is clean air: then what clean air says has to be known from elsewhere.

use super::Sounding;
use crate::linear::median;
use std::collections::BTreeMap;

/// Share of values that lie below an instrument's own level.
const OWN: f64 = 0.25;
/// Share of neighbours that lie below the shared level.
const SHARED: f64 = 0.4;
/// Instruments that share a level: the nearest ones, for air is not the same everywhere.
const NEAR: usize = 30;
/// Instruments from which a shared level can be told.
const SHARED_MIN: usize = 5;

/// A sounding above its background.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rise {
    /// Index of the sounding.
    pub sounding: usize,
    /// By how much it lies above, in the unit of the value; negative below.
    pub value: f64,
    /// What such differences usually are when there is nothing, one standard deviation.
    pub noise: f64,
}

/// What lies above its background, sounding by sounding; those that are no numbers are left out.
pub fn rises(soundings: &[Sounding]) -> Vec<Rise> {
    let usable: Vec<usize> =
        (0..soundings.len()).filter(|at| soundings[*at].value.is_finite()).collect();
    let beside = beside(soundings, &usable);
    let mut own: BTreeMap<usize, f64> = BTreeMap::new();
    let mut shared = vec![0.0; soundings.len()];
    for _ in 0..3 {
        let mut by_series: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        for at in &usable {
            let value = soundings[*at].value - shared[*at];
            by_series.entry(soundings[*at].series).or_default().push(value);
        }
        own =
            by_series.into_iter().map(|(series, values)| (series, quantile(values, OWN))).collect();
        let over_own = |at: &usize| above(&soundings[*at], &own);
        for (at, near) in usable.iter().zip(&beside) {
            if near.len() >= SHARED_MIN {
                shared[*at] = quantile(near.iter().map(over_own).collect(), SHARED);
            }
        }
    }
    let left = |at: usize| {
        let shared = if soundings[at].clean.is_some() { 0.0 } else { shared[at] };
        above(&soundings[at], &own) - shared
    };
    // what lies below is noise alone: its size is that of the noise above
    let mut below: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    let mut all_below = vec![];
    for at in &usable {
        let value = left(*at);
        if value < 0.0 {
            below.entry(soundings[*at].series).or_default().push(-value);
            all_below.push(-value);
        }
    }
    let least = median(&mut all_below).unwrap_or(0.0) * 1.4826;
    let scale = usable.iter().map(|at| soundings[*at].value.abs()).fold(0.0, f64::max);
    let least = least.max(1e-4 * scale).max(1e-9);
    let noise: BTreeMap<usize, f64> = below
        .into_iter()
        .map(|(series, mut values)| (series, 1.4826 * median(&mut values).unwrap_or(least)))
        .collect();
    let noise_of = |series: usize| noise.get(&series).copied().unwrap_or(least).max(least);
    usable
        .iter()
        .map(|at| {
            let usual = soundings[*at].usual.unwrap_or(0.0);
            let noise = noise_of(soundings[*at].series).max(usual);
            Rise { sounding: *at, value: left(*at), noise }
        })
        .collect()
}

/// Above clean air where that is known, else above the instrument's own level.
fn above(sounding: &Sounding, own: &BTreeMap<usize, f64>) -> f64 {
    sounding.value - sounding.clean.unwrap_or_else(|| own[&sounding.series])
}

/// What rises of each instrument usually are, out of windows in which nothing is asked for: the air itself and many small sources
/// make some everywhere, and only what is more is news. One standard deviation, from what nine in ten do not exceed.
pub fn usual(windows: &[Vec<Sounding>]) -> BTreeMap<usize, f64> {
    let mut by_series: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for window in windows {
        for rise in rises(window) {
            by_series.entry(window[rise.sounding].series).or_default().push(rise.value.abs());
        }
    }
    let sd = |values: Vec<f64>| quantile(values, 0.9) / 1.645;
    by_series.into_iter().map(|(series, values)| (series, sd(values))).collect()
}

/// Of each usable sounding: those of its instant at the nearest instruments, itself among them.
fn beside(soundings: &[Sounding], usable: &[usize]) -> Vec<Vec<usize>> {
    let mut by_time: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    let key = |at: usize| soundings[at].from_s.round() as i64;
    for at in usable {
        by_time.entry(key(*at)).or_default().push(*at);
    }
    let near = |at: &usize| {
        let [x, y] = soundings[*at].at_m;
        let square = |other: &usize| {
            let [u, v] = soundings[*other].at_m;
            (u - x).powi(2) + (v - y).powi(2)
        };
        let mut all = by_time[&key(*at)].clone();
        if all.len() > NEAR {
            all.select_nth_unstable_by(NEAR, |a, b| square(a).total_cmp(&square(b)));
            all.truncate(NEAR);
        }
        all
    };
    usable.iter().map(near).collect()
}

fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = share * (values.len().max(1) - 1) as f64;
    let (low, high) = (at.floor() as usize, at.ceil() as usize);
    let value = |at: usize| values.get(at).copied().unwrap_or(0.0);
    value(low) + (value(high) - value(low)) * at.fract()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub fn sounding(series: usize, at_m: [f64; 2], from_s: f64, value: f64) -> Sounding {
        Sounding {
            series,
            at_m,
            to_m: None,
            height_m: 2.0,
            from_s,
            to_s: from_s + 60.0,
            value,
            clean: None,
            usual: None,
        }
    }

    #[test]
    fn where_clean_air_is_known_a_plume_that_never_leaves_is_a_rise() {
        let value = |time: usize| 3.0 + 0.2 * (time as f64).sin();
        let mut soundings: Vec<_> =
            (0..12).map(|time| sounding(0, [0.0; 2], 60.0 * time as f64, value(time))).collect();
        assert!(rises(&soundings).iter().all(|rise| rise.value < 0.5));
        for it in &mut soundings {
            (it.clean, it.usual) = (Some(1.9), Some(0.1));
        }
        let found = rises(&soundings);
        assert!(found.iter().all(|rise| (rise.value - 1.1).abs() < 0.21), "{found:?}");
        assert!(found.iter().all(|rise| rise.noise >= 0.1));
    }

    #[test]
    fn a_rise_stands_above_own_level_and_shared_course() {
        let course = |time: usize| 30.0 + 10.0 * (time as f64 * 0.3).sin();
        let mut soundings = vec![];
        for series in 0..8 {
            for time in 0..24 {
                let rise = if series == 3 && time > 18 { 25.0 } else { 0.0 };
                let wobble = ((series * 7 + time * 13) % 5) as f64 * 0.2;
                let value = course(time) + 2.0 * series as f64 + rise + wobble;
                soundings.push(sounding(series, [0.0; 2], 60.0 * time as f64, value));
            }
        }
        soundings[5].value = f64::NAN;
        let found = rises(&soundings);
        assert_eq!(found.len(), soundings.len() - 1);
        for rise in found {
            let it = &soundings[rise.sounding];
            let expected = if it.series == 3 && it.from_s > 18.0 * 60.0 { 25.0 } else { 0.0 };
            assert!((rise.value - expected).abs() < 3.0, "{rise:?} {it:?}");
            assert!(rise.noise > 0.0 && rise.noise < 3.0);
        }
    }
}
