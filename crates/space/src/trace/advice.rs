//! Which measurement would settle it.

use super::drift::Drift;
use super::posterior::{Answer, Share, Tuning};
use super::wind::Winds;
use super::{Emitter, Ground};

/// Where to measure next, while the wind stays as it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Advice {
    /// Where, m.
    pub at_m: [f64; 2],
    /// What the likeliest candidate would add there, in the unit of the values.
    pub first: f64,
    /// What the next one would.
    pub second: f64,
    /// Expected share of the doubt that it takes, 0 to 1.
    pub settles: f64,
}

/// The cell where the likeliest candidates differ most, each weighted by its probability. `None` when one
/// candidate is all but certain, or none would be told from another anywhere.
pub fn advise(
    answer: &Answer,
    winds: &Winds,
    at_s: f64,
    emitters: &[Emitter],
    ground: &Ground,
    (noise, tuning): (f64, &Tuning),
) -> Option<Advice> {
    const MANY: usize = 4;
    let told: Vec<_> =
        answer.candidates.iter().filter(|c| c.share != Share::None).take(MANY).collect();
    if told.len() < 2 || told[0].probability > 0.95 {
        return None;
    }
    let drift = Drift::new(winds, at_s, tuning.age_max_s, tuning.mixing, tuning.lid_m, 1.0);
    let release = |candidate: &super::Candidate| match candidate.share {
        Share::Known(at) => emitters[at].release(),
        _ => super::Release {
            at_m: candidate.at_m,
            height_m: ground.height_m,
            width_m: ground.cell_m,
        },
    };
    let releases: Vec<_> = told.iter().map(|candidate| release(candidate)).collect();
    let mut best: Option<Advice> = None;
    for cell in 0..ground.cols * ground.rows {
        let at_m = ground.middle_m(cell);
        let adds: Vec<f64> = told
            .iter()
            .zip(&releases)
            .map(|(candidate, release)| candidate.rate_g_s[1] * drift.coupling(release, at_m, 2.0))
            .collect();
        let level = |add: f64| (add / (2.0 * noise)).asinh();
        let mut settles = 0.0;
        for (a, one) in told.iter().enumerate() {
            for (b, other) in told.iter().enumerate().skip(a + 1) {
                let apart = (level(adds[a]) - level(adds[b])).abs();
                settles += 2.0 * one.probability * other.probability * (1.0 - (-apart).exp());
            }
        }
        if best.is_none_or(|best| settles > best.settles) {
            best = Some(Advice { at_m, first: adds[0], second: adds[1], settles });
        }
    }
    best.filter(|best| best.settles > 0.02)
}
