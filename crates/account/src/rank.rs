//! Ranks that know their own noise: between which places a unit may lie, and how likely it is truly better than
//! another one.
//!
//! Two things make a rank uncertain: hours that are missing, and instruments that are not exact. Both are
//! drawn many times. A missing hour is drawn as *what the others had then, plus what sets this unit apart,
//! plus a stretch of its own residuals* (in one piece, so that a long gap is not averaged away); what sets it
//! apart is drawn by moving blocks as well (Künsch 1989, *Annals of Statistics* 17, 1217–1241). Each draw
//! ranks all units; the interval of a rank are quantiles of its ranks. The same seed gives the same answer.
//! Means here are estimates for showing doubt: the rank that counts is made exactly, elsewhere.

/// How often steps and units are told apart by turns, and when neither moves any more.
const PASSES_MAX: usize = 50;
const STILL: f64 = 1e-6;

/// How ranks are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// How often everything is drawn.
    pub draws: usize,
    /// Where the draws begin.
    pub seed: u64,
    /// The share of draws that an interval holds.
    pub coverage: f64,
    /// Relative standard uncertainty of a unit's mean by its instruments; 0 when that is not looked at.
    pub instrument: f64,
    /// How many steps a block of residuals has.
    pub block: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { draws: 1_000, seed: 1, coverage: 0.9, instrument: 0.0, block: 24 }
    }
}

/// A unit among the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ranked {
    /// Mean of what was measured.
    pub mean: f64,
    /// Its place by that mean; the smallest mean is 1, equal means share a place.
    pub rank: u32,
    /// The best place that it may have.
    pub best: u32,
    /// The worst place that it may have.
    pub worst: u32,
    /// Steps that were measured.
    pub measured: usize,
}

/// All units, and what was drawn of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// In the order given; `None` where nothing was measured: no rank.
    pub units: Vec<Option<Ranked>>,
    /// By unit: its mean in each draw.
    means: Vec<Vec<f64>>,
}

impl Ranking {
    /// How likely the first unit truly has the smaller mean; `None` when one of them has no rank.
    pub fn is_better(&self, first: usize, second: usize) -> Option<f64> {
        let (a, b) = (self.means.get(first)?, self.means.get(second)?);
        if a.is_empty() || b.is_empty() {
            return None;
        }
        let halves: u32 = a.iter().zip(b).map(|(a, b)| u32::from(a < b) + u32::from(a <= b)).sum();
        Some(f64::from(halves) / 2.0 / a.len() as f64)
    }
}

/// Ranks units by their means, the smallest first. Each has one value a step, `None` where it is missing; all have
/// equally many steps (shorter ones end in gaps).
pub fn rank(units: &[&[Option<f64>]], settings: &Settings) -> Ranking {
    let steps = units.iter().map(|unit| unit.len()).max().unwrap_or(0);
    let common = common(units, steps);
    let apart: Vec<Option<Apart>> = units.iter().map(|unit| Apart::of(unit, &common)).collect();
    let draw = |(unit, apart): (usize, &Option<Apart>)| {
        apart.as_ref().map_or(vec![], |apart| {
            let mut chance = Chance::new(settings.seed, unit as u64);
            (0..settings.draws).map(|_| apart.mean(&mut chance, settings)).collect()
        })
    };
    let means: Vec<Vec<f64>> = apart.iter().enumerate().map(draw).collect();
    let measured: Vec<Option<f64>> =
        apart.iter().map(|apart| apart.as_ref().map(|apart| apart.measured_mean)).collect();
    let ranks = places(&measured);
    let drawn: Vec<Vec<Option<u32>>> = (0..settings.draws)
        .map(|draw| places(&means.iter().map(|unit| unit.get(draw).copied()).collect::<Vec<_>>()))
        .collect();
    let ranked = (0..units.len()).map(|unit| {
        let apart = apart[unit].as_ref()?;
        let mut own: Vec<u32> = drawn.iter().filter_map(|draw| draw[unit]).collect();
        own.sort_unstable();
        let rank = ranks[unit]?;
        let tail = (1.0 - settings.coverage) / 2.0;
        let at = |share: f64| own.get((share * own.len() as f64) as usize).copied();
        let (best, worst) = (at(tail).unwrap_or(rank), at(1.0 - tail).unwrap_or(rank));
        let measured = apart.residuals.len();
        Some(Ranked { mean: apart.measured_mean, rank, best, worst, measured })
    });
    Ranking { units: ranked.collect(), means }
}

/// What all units together had at each step; `None` when none was measured then.
///
/// A table of units and steps with holes, taken apart into what a step and what a unit adds, by turns until
/// neither moves any more: so a step is not high because a low unit is missing, and a unit not because its clean
/// hours are.
fn common(units: &[&[Option<f64>]], steps: usize) -> Vec<Option<f64>> {
    let at = |unit: &&[Option<f64>], step: usize| unit.get(step).copied().flatten();
    let mut offsets = vec![0.0; units.len()];
    let mut common = vec![None; steps];
    for _ in 0..PASSES_MAX {
        for (step, common) in common.iter_mut().enumerate() {
            let values = units.iter().zip(&offsets);
            *common = mean(values.filter_map(|(unit, offset)| Some(at(unit, step)? - offset)));
        }
        let mut moved: f64 = 0.0;
        for (unit, offset) in units.iter().zip(&mut offsets) {
            let apart = (0..steps).filter_map(|step| Some(at(unit, step)? - common[step]?));
            let next = mean(apart).unwrap_or(*offset);
            moved = moved.max((next - *offset).abs());
            *offset = next;
        }
        if moved <= STILL {
            break;
        }
    }
    common
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

/// What sets a unit apart from the others.
struct Apart {
    measured_mean: f64,
    measured_sum: f64,
    /// Mean of unit − common over the measured steps.
    offset: f64,
    /// (unit − common − offset) of the measured steps, in their order.
    residuals: Vec<f64>,
    /// Runs of missing steps: how long, and the sum of the common values in them.
    gaps: Vec<(usize, f64)>,
    steps: usize,
}

impl Apart {
    fn of(unit: &[Option<f64>], common: &[Option<f64>]) -> Option<Self> {
        let at = |step: usize| unit.get(step).copied().flatten();
        let measured: Vec<(f64, f64)> =
            (0..common.len()).filter_map(|step| Some((at(step)?, common[step]?))).collect();
        let measured_sum: f64 = measured.iter().map(|(value, _)| value).sum();
        let count = measured.len() as f64;
        let offset = mean(measured.iter().map(|(value, common)| value - common))?;
        let residuals = measured.iter().map(|(value, common)| value - common - offset).collect();
        let mut gaps: Vec<(usize, f64)> = vec![];
        let mut was_gap = false;
        // A step at which nobody measured is no part of the span that anybody is ranked over.
        let spanned = (0..common.len()).filter_map(|step| Some((at(step), common[step]?)));
        for (value, common) in spanned {
            match (value, gaps.last_mut().filter(|_| was_gap)) {
                (None, Some((length, sum))) => (*length, *sum) = (*length + 1, *sum + common),
                (None, None) => gaps.push((1, common)),
                (Some(_), _) => {}
            }
            was_gap = value.is_none();
        }
        let missing: usize = gaps.iter().map(|(length, _)| length).sum();
        let steps = measured.len() + missing;
        Some(Self {
            measured_mean: measured_sum / count,
            measured_sum,
            offset,
            residuals,
            gaps,
            steps,
        })
    }

    /// The mean of the whole span, drawn once.
    fn mean(&self, chance: &mut Chance, settings: &Settings) -> f64 {
        let mut sum = self.measured_sum;
        if !self.gaps.is_empty() {
            let offset = self.offset + self.moved(chance, settings.block);
            for (length, common) in &self.gaps {
                sum += common + *length as f64 * offset + self.stretch(chance, *length);
            }
        }
        sum / self.steps as f64 * (1.0 + settings.instrument * chance.normal())
    }

    /// How far the offset may lie from the measured one: the mean of as many residuals, drawn in blocks.
    fn moved(&self, chance: &mut Chance, block: usize) -> f64 {
        let (count, block) = (self.residuals.len(), block.clamp(1, self.residuals.len()));
        let blocks = count.div_ceil(block);
        let drawn: f64 = (0..blocks).map(|_| self.stretch(chance, block)).sum();
        drawn / (blocks * block) as f64
    }

    /// The sum of a stretch of residuals from anywhere, round the end.
    fn stretch(&self, chance: &mut Chance, length: usize) -> f64 {
        let start = chance.below(self.residuals.len());
        (0..length).map(|step| self.residuals[(start + step) % self.residuals.len()]).sum()
    }
}

/// Places by value, the smallest first; equal values share one.
fn places(values: &[Option<f64>]) -> Vec<Option<u32>> {
    let mut sorted: Vec<f64> = values.iter().flatten().copied().collect();
    sorted.sort_by(f64::total_cmp);
    let place = |value: f64| sorted.partition_point(|other| *other < value) as u32 + 1;
    values.iter().map(|value| value.map(place)).collect()
}

/// Chance from a seed: splitmix64 (Steele, Lea and Flood 2014, OOPSLA).
struct Chance(u64);

impl Chance {
    fn new(seed: u64, stream: u64) -> Self {
        let mut chance = Self(seed ^ stream.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        chance.next();
        chance
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A whole number below `end`, which is not 0.
    fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }

    /// Of the standard normal distribution (Box and Muller 1958).
    fn normal(&mut self) -> f64 {
        let unit = |bits: u64| ((bits >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
        let (a, b) = (unit(self.next()), unit(self.next()));
        (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn few() -> Settings {
        Settings { draws: 200, ..Settings::default() }
    }

    #[test]
    fn whole_data_and_exact_instruments_leave_no_doubt() {
        let (a, b, c) = ([Some(1.0); 48], [Some(3.0); 48], [Some(2.0); 48]);
        let ranking = rank(&[&a, &b, &c], &few());
        let places: Vec<_> =
            ranking.units.iter().flatten().map(|unit| (unit.rank, unit.best, unit.worst)).collect();
        assert_eq!(places, [(1, 1, 1), (3, 3, 3), (2, 2, 2)]);
        assert_eq!(ranking.is_better(0, 1), Some(1.0));
        assert_eq!(ranking.is_better(1, 0), Some(0.0));
    }

    #[test]
    fn equal_units_share_a_place_and_neither_is_better() {
        let a = [Some(1.0); 24];
        let ranking = rank(&[&a, &a], &few());
        assert!(ranking.units.iter().flatten().all(|unit| unit.rank == 1));
        assert_eq!(ranking.is_better(0, 1), Some(0.5));
    }

    #[test]
    fn nothing_measured_is_no_rank() {
        let ranking = rank(&[&[None; 24], &[Some(1.0); 24]], &few());
        assert_eq!((ranking.units[0], ranking.is_better(0, 1)), (None, None));
        assert_eq!(rank(&[], &few()).units, []);
        assert_eq!(rank(&[&[], &[]], &few()).units, [None, None]);
    }

    #[test]
    fn inexact_instruments_blur_neighbours_and_not_the_far() {
        let (a, b, c) = ([Some(50.0); 24], [Some(51.0); 24], [Some(90.0); 24]);
        let ranking = rank(&[&a, &b, &c], &Settings { instrument: 0.05, ..few() });
        let unit = |at: usize| ranking.units[at].unwrap();
        assert_eq!((unit(0).best, unit(0).worst), (1, 2));
        assert_eq!((unit(2).best, unit(2).worst), (3, 3));
        assert!(ranking.is_better(0, 1).is_some_and(|better| (0.5..0.8).contains(&better)));
    }

    #[test]
    fn a_clean_night_that_is_missing_does_not_make_a_unit_bad() {
        // Both are equal; one lacks the clean hours. Its measured mean is higher, and its interval knows.
        let whole: Vec<_> =
            (0..96).map(|hour| Some(if hour % 24 < 8 { 10.0 } else { 40.0 })).collect();
        let lacking: Vec<_> = whole
            .iter()
            .enumerate()
            .map(|(hour, value)| value.filter(|_| hour % 24 >= 8))
            .collect();
        let third: Vec<_> = whole.iter().map(|value| value.map(|value| value + 20.0)).collect();
        let ranking = rank(&[&whole, &lacking, &third], &few());
        let unit = ranking.units[1].unwrap();
        assert!(unit.mean > 39.0 && unit.rank == 2 && unit.worst <= 2, "{unit:?}");
        assert!(ranking.is_better(1, 2).is_some_and(|better| better > 0.95));
    }

    #[test]
    fn the_same_seed_gives_the_same_answer() {
        let gap: Vec<_> =
            (0..50).map(|hour| (hour % 7 != 0).then(|| f64::from(hour % 11))).collect();
        let other: Vec<_> = (0..50).map(|hour| Some(f64::from(hour % 12))).collect();
        let ranking = |seed| rank(&[&gap, &other], &Settings { seed, ..few() });
        assert_eq!(ranking(4), ranking(4));
        assert_ne!(ranking(4).means, ranking(5).means);
    }
}
