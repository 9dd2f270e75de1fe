//! What speaks for a candidate and against it, as facts from which sentences are made.

use super::Emitter;
use super::scene::{Fit, Scene};
use super::wind::Winds;
use std::collections::BTreeMap;

/// Facts about one candidate.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Why {
    /// Where the wind came from in the window, degrees from north over east.
    pub wind_from_deg: f64,
    /// How sure that is, one standard deviation, degrees.
    pub wind_sd_deg: f64,
    /// Mean speed, m/s.
    pub wind_speed_m_s: f64,
    /// Instruments that lay in its plume and rose: series, and by how much at most.
    pub rose: Vec<(usize, f64)>,
    /// Instruments that lay in its plume and did not rise.
    pub stayed: Vec<usize>,
    /// Instruments that rose and never lay in its plume.
    pub unexplained: Vec<usize>,
    /// Seconds between the first and the last of those that rose in its plume.
    pub within_s: f64,
    /// What it reports now as a multiple of its usual.
    pub reported: Option<f64>,
}

/// What counts as a rise, in units of the noise.
const ROSE: f64 = 4.0;

pub(crate) fn why(scene: &Scene, fit: &Fit, winds: &Winds, emitter: Option<&Emitter>) -> Why {
    let most = fit.adds.iter().map(|(_, add)| *add).fold(0.0, f64::max);
    let mut lies: BTreeMap<usize, bool> = BTreeMap::new();
    for (at, add) in &fit.adds {
        let series = scene.soundings[scene.rises[*at].sounding].series;
        *lies.entry(series).or_default() |= *add > 0.05 * most;
    }
    let in_plume = |series: usize| lies.get(&series).copied().unwrap_or(false);
    let mut highest: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
    for rise in &scene.rises {
        let sounding = &scene.soundings[rise.sounding];
        let entry = highest.entry(sounding.series).or_insert((0.0, f64::INFINITY));
        if rise.value > ROSE * rise.noise {
            entry.0 = entry.0.max(rise.value);
            entry.1 = entry.1.min(sounding.from_s);
        }
    }
    let rose =
        |(series, (value, _)): (&usize, &(f64, f64))| (*value > 0.0).then_some((*series, *value));
    let (explained, unexplained): (Vec<_>, Vec<_>) =
        highest.iter().filter_map(rose).partition(|(series, _)| in_plume(*series));
    let starts = explained.iter().map(|(series, _)| highest[series].1);
    let (first, last) =
        starts.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), s| (a.min(s), b.max(s)));
    let stayed = highest.iter().filter(|(series, (value, _))| *value <= 0.0 && in_plume(**series));
    let (from, to) = scene
        .rises
        .iter()
        .map(|rise| &scene.soundings[rise.sounding])
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(from, to), sounding| {
            (from.min(sounding.from_s), to.max(sounding.to_s))
        });
    let wind = winds.mean(from, to);
    Why {
        wind_from_deg: wind.comes_from_deg(),
        wind_sd_deg: winds.direction_sd_deg,
        wind_speed_m_s: wind.speed_m_s(),
        rose: explained,
        stayed: stayed.map(|(series, _)| *series).collect(),
        unexplained: unexplained.into_iter().map(|(series, _)| series).collect(),
        within_s: (last - first).max(0.0),
        reported: emitter.and_then(|emitter| emitter.reported),
    }
}
