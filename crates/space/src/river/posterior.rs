//! How well a release somewhere explains the rises of all sites.

use super::{Network, Spot};
use crate::linear::median;

/// What a site measured on equal steps.
#[derive(Clone, Debug, PartialEq)]
pub struct SiteSeries {
    /// Where it stands.
    pub at: Spot,
    /// Values, mg/L, oldest first, all sites on the same steps.
    pub values: Vec<Option<f64>>,
}

/// Where a release may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Source {
    /// A known outfall, by its index.
    Outfall(usize),
    /// A stretch without one: its reach, from and to, m.
    Stretch(usize, [f64; 2]),
}

/// One answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RiverCandidate {
    /// Where.
    pub source: Source,
    /// 0 to 1.
    pub probability: f64,
    /// Likeliest step at which it began.
    pub start: usize,
    /// Likeliest length, steps.
    pub length: usize,
    /// Likeliest load, g/s.
    pub load_g_s: f64,
    /// Sites below it that rose, and those below it that did not.
    pub rose: usize,
    /// See `rose`.
    pub stayed: usize,
}

/// All of them.
#[derive(Clone, Debug, PartialEq)]
pub struct RiverAnswer {
    /// Likeliest first; sums to 1.
    pub candidates: Vec<RiverCandidate>,
    /// Probability of any unknown stretch together.
    pub unknown: f64,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RiverRefusal {
    /// No site rose.
    NoRise,
    /// No site has enough values.
    TooFew,
}

/// Factors on speed that are tried, with weights.
const SPEEDS: [(f64, f64); 3] = [(0.75, 0.25), (1.0, 0.5), (1.35, 0.25)];
/// Share of the travel time over which a pulse is smeared.
const SMEAR: f64 = 0.12;
/// Probability of unknown stretches before anything was seen.
const UNKNOWN: f64 = 0.2;
/// Power of the evidence: steps follow each other.
const TEMPER: f64 = 0.3;
/// Steps on each side that tell what is usual: a release is shorter than half of them together.
const AROUND: usize = 12;
/// Pieces of a stretch without an outfall, m.
const PIECE_M: f64 = 1_000.0;

struct Level {
    at: Spot,
    rises: Vec<Option<f64>>,
    noise: f64,
}

/// Which outfall, or which unknown stretch, let out what the sites saw. Steps are of `step_s` seconds.
///
/// # Errors
///
/// When no site has enough values, or none rose.
pub fn trace_river(
    network: &Network,
    sites: &[SiteSeries],
    outfalls: &[Spot],
    step_s: f64,
) -> Result<RiverAnswer, RiverRefusal> {
    let levels: Vec<Level> = sites.iter().filter_map(level).collect();
    if levels.is_empty() {
        return Err(RiverRefusal::TooFew);
    }
    let is_high =
        |level: &Level| level.rises.iter().flatten().any(|rise| *rise > 5.0 * level.noise);
    if !levels.iter().any(is_high) {
        return Err(RiverRefusal::NoRise);
    }
    let mut spots: Vec<(Source, Spot, f64)> = vec![];
    let each = (1.0 - UNKNOWN) / outfalls.len().max(1) as f64;
    spots.extend(outfalls.iter().enumerate().map(|(at, spot)| (Source::Outfall(at), *spot, each)));
    let pieces = pieces(network);
    let each = UNKNOWN / pieces.len().max(1) as f64;
    spots.extend(pieces.into_iter().map(|(reach, [from, to])| {
        (Source::Stretch(reach, [from, to]), Spot { reach, along_m: f64::midpoint(from, to) }, each)
    }));
    let judged: Vec<(f64, RiverCandidate)> = spots
        .iter()
        .map(|(source, spot, prior)| judge(network, &levels, *source, *spot, *prior, step_s))
        .collect();
    let most = judged.iter().map(|(log, _)| *log).fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = judged.iter().map(|(log, _)| (log - most).exp()).sum();
    let mut candidates: Vec<RiverCandidate> = judged
        .into_iter()
        .map(|(log, candidate)| RiverCandidate {
            probability: (log - most).exp() / total,
            ..candidate
        })
        .collect();
    candidates.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    let is_unknown = |candidate: &&RiverCandidate| matches!(candidate.source, Source::Stretch(..));
    let unknown = candidates.iter().filter(is_unknown).map(|candidate| candidate.probability).sum();
    Ok(RiverAnswer { candidates, unknown })
}

/// What lies above the usual of a site, and how much that usually is. The usual is the middle of the values around: what a river
/// brings from its head swells and falls over days, and against one middle for all of them that looks like a small long release.
fn level(site: &SiteSeries) -> Option<Level> {
    let mut known: Vec<f64> =
        site.values.iter().flatten().copied().filter(|v| v.is_finite()).collect();
    if known.len() < 12 {
        return None;
    }
    let middle = median(&mut known)?;
    let usual = |step: usize| {
        let around = step.saturating_sub(AROUND)..(step + AROUND + 1).min(site.values.len());
        let near = site.values[around].iter().flatten().copied().filter(|v| v.is_finite());
        median(&mut near.collect::<Vec<f64>>()).unwrap_or(middle)
    };
    let rises: Vec<Option<f64>> = (0..site.values.len())
        .map(|step| site.values[step].filter(|v| v.is_finite()).map(|v| v - usual(step)))
        .collect();
    let mut off: Vec<f64> = rises.iter().flatten().filter(|v| **v < 0.0).map(|v| -v).collect();
    let noise = (1.4826 * median(&mut off).unwrap_or(0.0)).max(0.02 * middle.abs()).max(1e-6);
    Some(Level { at: site.at, rises, noise })
}

fn pieces(network: &Network) -> Vec<(usize, [f64; 2])> {
    let of = |(number, reach): (usize, &super::Reach)| {
        let count = (reach.length_m / PIECE_M).ceil().clamp(1.0, 200.0) as usize;
        let length = reach.length_m / count as f64;
        (0..count)
            .map(move |at| (number, [at as f64 * length, (at + 1) as f64 * length]))
            .collect::<Vec<_>>()
    };
    network.reaches.iter().enumerate().flat_map(of).collect()
}

fn judge(
    network: &Network,
    levels: &[Level],
    source: Source,
    spot: Spot,
    prior: f64,
    step_s: f64,
) -> (f64, RiverCandidate) {
    let count = levels.iter().map(|level| level.rises.len()).max().unwrap_or(0);
    let mut best = (f64::NEG_INFINITY, 0, 1, 0.0);
    let mut logs = vec![];
    for (factor, weight) in SPEEDS {
        let below: Vec<(&Level, f64, f64)> = levels
            .iter()
            .filter_map(|level| {
                let flow = network.reaches.get(level.at.reach)?.flow_m3_s.max(1e-3);
                Some((level, network.travel_s(spot, level.at)? / factor / step_s, flow))
            })
            .collect();
        for length in [1, 3, 6, 12] {
            for start in 0..count {
                for load in 0..10 {
                    let load = 0.1 * 2.5_f64.powi(load);
                    let gain: f64 = below
                        .iter()
                        .map(|(level, travel, flow)| {
                            gain(level, start, length, *travel, load / flow)
                        })
                        .sum();
                    let log = TEMPER * gain + weight.ln();
                    logs.push(log);
                    if log > best.0 {
                        best = (log, start, length, load);
                    }
                }
            }
        }
    }
    let most = best.0;
    let sum: f64 = logs.iter().map(|log| (log - most).exp()).sum();
    let log = if logs.is_empty() {
        0.0
    } else {
        most + sum.ln() - (logs.len() as f64 / SPEEDS.len() as f64).ln()
    };
    let is_below = |level: &&Level| network.travel_s(spot, level.at).is_some();
    let high = |level: &&Level| level.rises.iter().flatten().any(|rise| *rise > 5.0 * level.noise);
    let rose = levels.iter().filter(is_below).filter(high).count();
    let stayed = levels.iter().filter(is_below).count() - rose;
    let candidate = RiverCandidate {
        source,
        probability: 0.0,
        start: best.1,
        length: best.2,
        load_g_s: best.3,
        rose,
        stayed,
    };
    (log + prior.ln(), candidate)
}

/// By how much likelier a site's rises are with a pulse of `added` mg/L that began at a step and travelled so many steps.
fn gain(level: &Level, start: usize, length: usize, travel: f64, added: f64) -> f64 {
    let smear = (SMEAR * travel).max(0.5);
    let (from, to) = (start as f64 + travel, (start + length) as f64 + travel);
    let scale = 2.0 * level.noise;
    let first = (from - 4.0 * smear).max(0.0) as usize;
    let last = ((to + 4.0 * smear).max(0.0) as usize).min(level.rises.len());
    let rise = |x: f64| 1.0 / (1.0 + (-1.702 * x / smear).exp());
    let mut sum = 0.0;
    for step in first..last {
        let Some(value) = level.rises[step] else { continue };
        let x = step as f64 + 0.5;
        let expected = added * (rise(x - from) - rise(x - to));
        let level = (value / scale).asinh();
        let off = [level, level - (expected / scale).asinh()];
        let log = off.map(|off| -2.5 * (1.0 + off * off).ln());
        sum += log[1] - log[0];
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::river::Reach;
    use crate::river::tests::fork;

    /// A spill from the head of the first reach: at sites of reach 0 and 2, not at reach 1.
    fn seen(spot: Spot, sites: &[Spot]) -> Vec<SiteSeries> {
        let net = fork();
        sites
            .iter()
            .enumerate()
            .map(|(number, at)| {
                let value = |step: usize| {
                    let base = 0.5 + 0.03 * ((step * 13 + number * 7) % 9) as f64 / 9.0;
                    let travel = net.travel_s(spot, *at).map(|s| s / 3_600.0);
                    let flow = net.reaches[at.reach].flow_m3_s;
                    let on = travel.is_some_and(|t| (20.0 + t..24.0 + t).contains(&(step as f64)));
                    Some(base + if on { 6.0 / flow } else { 0.0 })
                };
                SiteSeries { at: *at, values: (0..72).map(value).collect() }
            })
            .collect()
    }

    #[test]
    fn a_spill_is_traced_to_its_outfall_by_who_rose_and_when() {
        let outfalls = [
            Spot { reach: 0, along_m: 1_000.0 },
            Spot { reach: 0, along_m: 5_000.0 },
            Spot { reach: 1, along_m: 500.0 },
        ];
        let sites = [
            Spot { reach: 0, along_m: 3_000.0 },
            Spot { reach: 1, along_m: 3_500.0 },
            Spot { reach: 2, along_m: 1_000.0 },
            Spot { reach: 2, along_m: 8_000.0 },
        ];
        for (truth, spot) in outfalls.iter().enumerate() {
            let answer = trace_river(&fork(), &seen(*spot, &sites), &outfalls, 3_600.0).unwrap();
            let first = answer.candidates[0];
            assert_eq!(first.source, Source::Outfall(truth), "{answer:?}");
            // a longer release at a slower speed explains nearly the same
            assert!((17..=24).contains(&first.start), "{first:?}");
            assert!(first.load_g_s > 2.0 && first.load_g_s < 30.0);
            let sum: f64 = answer.candidates.iter().map(|candidate| candidate.probability).sum();
            assert!((sum - 1.0).abs() < 1e-9);
        }
    }

    /// Rivers as those of a real district, by reach: length, m; flow, m³/s; the reach it runs into. Nobody told the flows.
    const REAL: [(f64, f64, Option<usize>); 5] = [
        (9_000.0, 6.5, Some(1)),
        (8_000.0, 7.1, Some(2)),
        (6_000.0, 7.9, None),
        (7_000.0, 0.6, Some(1)),
        (7_000.0, 0.8, Some(2)),
    ];

    fn network(speed_m_s: f64, flow: impl Fn(usize) -> f64) -> Network {
        let reach = |(at, (length_m, _, into)): (usize, &(f64, f64, Option<usize>))| Reach {
            length_m: *length_m,
            speed_m_s,
            flow_m3_s: flow(at),
            into: *into,
        };
        Network { reaches: REAL.iter().enumerate().map(reach).collect() }
    }

    /// Hours at a site: its own level that swells for days, a daily course, and three hours of a spill as the real river brings them.
    fn real_hours(truth: &Network, from: Spot, at: Spot, (start, load): (f64, f64)) -> SiteSeries {
        let value = |step: usize| {
            let hour = step as f64;
            let swell = 0.2 * (hour * 0.07 + at.reach as f64).sin();
            let base = 0.5 * (1.0 + swell)
                + 0.03 * (hour * 0.26 + at.along_m).sin()
                + 0.02 * ((step * 13 % 9) as f64 / 9.0);
            let pulse = truth.travel_s(from, at).map_or(0.0, |seconds| {
                let travel = seconds / 3_600.0;
                let looks = [-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5];
                let on = looks.iter().filter(|look| {
                    (start..start + 3.0).contains(&(hour - travel * (1.0 + *look * 0.12)))
                });
                on.count() as f64 / 7.0 * load / truth.reaches[at.reach].flow_m3_s
            });
            Some(base + pulse)
        };
        SiteSeries { at, values: (0..72).map(value).collect() }
    }

    #[test]
    fn a_swell_from_the_head_and_flows_that_nobody_told_make_no_unknown_stretch_of_an_outfall() {
        let spot = |reach, along_m| Spot { reach, along_m };
        let outfalls = [
            spot(0, 5_300.0),
            spot(1, 2_700.0),
            spot(2, 1_200.0),
            spot(3, 2_450.0),
            spot(4, 3_500.0),
        ];
        let sites = [
            spot(0, 1_000.0),
            spot(0, 7_600.0),
            spot(1, 4_100.0),
            spot(2, 300.0),
            spot(2, 5_200.0),
            spot(3, 6_400.0),
            spot(4, 6_300.0),
        ];
        let assumed = network(0.25, |reach| [1.0, 2.0, 3.0, 1.0, 1.0][reach]);
        let (mut first, mut sum) = (0, 0.0);
        for speed in [0.2, 0.27] {
            let truth = network(speed, |reach| REAL[reach].1);
            for (number, from) in outfalls.iter().enumerate() {
                let start = 20.0 + 0.37 * number as f64;
                let seen = sites.map(|at| real_hours(&truth, *from, at, (start, 6.0)));
                let answer = trace_river(&assumed, &seen, &outfalls, 3_600.0).unwrap();
                let own =
                    answer.candidates.iter().find(|one| one.source == Source::Outfall(number));
                let own = own.unwrap().probability;
                let is_first = answer.candidates[0].source == Source::Outfall(number);
                first += usize::from(is_first && own > answer.unknown);
                sum -= own.ln();
            }
        }
        assert!(first >= 8, "{first} of 10");
        assert!(sum / 10.0 < 0.6, "log score {}", sum / 10.0);
    }

    #[test]
    fn nothing_risen_and_nothing_measured_are_refused() {
        let site = Spot { reach: 2, along_m: 1_000.0 };
        let mut calm = seen(Spot { reach: 1, along_m: 0.0 }, &[Spot { reach: 0, along_m: 10.0 }]);
        assert_eq!(trace_river(&fork(), &calm, &[site], 3_600.0), Err(RiverRefusal::NoRise));
        calm[0].values.truncate(5);
        assert_eq!(trace_river(&fork(), &calm, &[site], 3_600.0), Err(RiverRefusal::TooFew));
    }
}
