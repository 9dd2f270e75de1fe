//! Two usual ways to guess, which the posterior has to beat.

use super::wind::{CALM_M_S, Winds};
use super::{Emitter, Rise, Sounding};

/// Each emitter's mark by being upwind and near: for every rise the nearest emitter within 30° of where the wind
/// came from gets the rise. Highest is guessed.
pub fn upwind_nearest(
    soundings: &[Sounding],
    rises: &[Rise],
    winds: &Winds,
    emitters: &[Emitter],
) -> Vec<f64> {
    let mut marks = vec![0.0; emitters.len()];
    for rise in rises.iter().filter(|rise| rise.value > 4.0 * rise.noise) {
        let sounding = &soundings[rise.sounding];
        let wind = winds.mean(sounding.from_s, sounding.to_s);
        if wind.speed_m_s() < CALM_M_S {
            continue;
        }
        let nearest = emitters
            .iter()
            .enumerate()
            .filter_map(|(at, emitter)| {
                let (metres, bearing) = to(sounding, emitter);
                let off = (bearing - wind.comes_from_deg() + 180.0).rem_euclid(360.0) - 180.0;
                (off.abs() < 30.0).then_some((metres, at))
            })
            .min_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((_, at)) = nearest {
            marks[at] += rise.value / rise.noise;
        }
    }
    marks
}

/// Each emitter's mark by the conditional probability function (Ashbaugh, Malm and Sadeh 1985): the share of values in the
/// upper quarter of an instrument when the wind came from the emitter (within 15°), as mean over instruments.
pub fn cpf(
    soundings: &[Sounding],
    rises: &[Rise],
    winds: &Winds,
    emitters: &[Emitter],
) -> Vec<f64> {
    let series: std::collections::BTreeSet<usize> =
        rises.iter().map(|rise| soundings[rise.sounding].series).collect();
    let mut marks = vec![0.0; emitters.len()];
    for one in &series {
        let own: Vec<&Rise> =
            rises.iter().filter(|rise| soundings[rise.sounding].series == *one).collect();
        let mut values: Vec<f64> = own.iter().map(|rise| rise.value).collect();
        values.sort_by(f64::total_cmp);
        let limit = values[values.len() * 3 / 4];
        for (mark, emitter) in marks.iter_mut().zip(emitters) {
            let from_there = own.iter().filter(|rise| {
                let sounding = &soundings[rise.sounding];
                let wind = winds.mean(sounding.from_s, sounding.to_s);
                let off = to(sounding, emitter).1 - wind.comes_from_deg();
                ((off + 180.0).rem_euclid(360.0) - 180.0).abs() < 15.0
                    && wind.speed_m_s() >= CALM_M_S
            });
            let (high, all) = from_there.fold((0.0, 0.0), |(high, all), rise| {
                (high + f64::from(u8::from(rise.value > limit)), all + 1.0)
            });
            if all >= 3.0 {
                *mark += high / all / series.len() as f64;
            }
        }
    }
    marks
}

/// Distance, m, and bearing from an instrument to an emitter.
fn to(sounding: &Sounding, emitter: &Emitter) -> (f64, f64) {
    let [x, y] = [0, 1].map(|axis| emitter.at_m[axis] - sounding.at_m[axis]);
    (x.hypot(y), x.atan2(y).to_degrees().rem_euclid(360.0))
}
