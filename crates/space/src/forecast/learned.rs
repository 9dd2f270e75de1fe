//! Boosted trees for all leads at once, with intervals from hours that the trees had not seen.

use super::baseline::Climatology;
use super::features::{WIDTH, features};
use super::scale::Scale;
use super::{Hour, LEADS, LEVELS};
use crate::boost::{Bins, Boost, Shape};
use crate::plot::{Civil, quantile};

/// Trees and the spread of what they get wrong.
#[derive(Clone, Debug)]
pub(super) struct Learned {
    scale: Scale,
    bins: Bins,
    boost: Boost,
    /// What is left of now, against what is usual, lead by lead: the trees learn what differs from that.
    memory: Vec<f64>,
    /// How large that difference is, lead by lead, so that the trees weigh an hour ahead like three days.
    sizes: Vec<f64>,
    /// Predictions on the scale that part the errors in three.
    parts: [f64; 2],
    /// How large errors are in each month, against all.
    months: [f64; 12],
    /// Errors at the levels, by lead band and by how high the prediction is.
    errors: Vec<[f64; 7]>,
}

const SHAPE: Shape = Shape { trees: 100, depth: 5, shrink: 0.07, leaf_min: 150 };
/// Ends of the bands of leads that share their errors.
const BANDS: [usize; 6] = [2, 5, 11, 23, 47, LEADS];
/// Rows that are learned from at most: more adds minutes and no skill.
const ROWS_MAX: usize = 40_000;
/// Leads of each origin.
const LEADS_EACH: usize = 4;
/// Days that are left out together when errors are found, and how many parts there are.
const BLOCK_DAYS: usize = 15;
const FOLDS: usize = 3;

/// One hour ahead that was, to learn from.
struct Example {
    origin: usize,
    lead: usize,
    target: f64,
    now: f64,
    usual: f64,
}

impl Example {
    /// What is left of now, and for the rest what is usual.
    fn start(&self, memory: &[f64]) -> f64 {
        self.usual + memory[self.lead - 1] * (self.now - self.usual)
    }
}

/// One prediction of an hour that the trees had not seen.
struct Missed {
    band: usize,
    month: usize,
    predicted: f64,
    error: f64,
}

impl Learned {
    pub fn of(hours: &[Hour], scale: Scale, usual: &Climatology, seed: u64) -> Option<Self> {
        let mut examples = examples(hours, scale, usual);
        let memory = memory(&examples);
        for example in &mut examples {
            example.target -= example.start(&memory);
        }
        let sizes = sizes(&examples);
        for example in &mut examples {
            example.target /= sizes[example.lead - 1];
        }
        let mut rows = Vec::with_capacity(examples.len() * WIDTH);
        for Example { origin, lead, .. } in &examples {
            let at = hours[origin + lead].at;
            let middle = scale.on(usual.ask(at)[3]);
            rows.extend(features(hours, *origin, *lead, at, scale, middle));
        }
        let target: Vec<f64> = examples.iter().map(|example| example.target).collect();
        let bins = Bins::of(&rows, WIDTH);
        let table = bins.table(&rows);
        let fold = |example: &Example| (example.origin / (24 * BLOCK_DAYS)) % FOLDS;
        let mut errors = Vec::with_capacity(examples.len());
        for left_out in 0..FOLDS {
            let numbers = |is_in: bool| -> Vec<u32> {
                let chosen = examples.iter().enumerate();
                let chosen = chosen.filter(|(_, example)| (fold(example) == left_out) == is_in);
                chosen.map(|(at, _)| at as u32).collect()
            };
            let boost = Boost::fit(&table, &target, &numbers(false), SHAPE, seed);
            for number in numbers(true) {
                let number = number as usize;
                let (example, predicted) = (&examples[number], boost.predict_row(&table, number));
                let size = sizes[example.lead - 1];
                let month = hours[example.origin + example.lead].at.month;
                errors.push(Missed {
                    band: band(example.lead),
                    month: usize::from(month.clamp(1, 12)) - 1,
                    predicted: example.start(&memory) + size * predicted,
                    error: size * (target[number] - predicted),
                });
            }
        }
        let all: Vec<u32> = (0..examples.len() as u32).collect();
        let boost = Boost::fit(&table, &target, &all, SHAPE, seed);
        let months = monthly(&errors);
        let (parts, errors) = spread(&errors, &months)?;
        Some(Self { scale, bins, boost, memory, sizes, parts, months, errors })
    }

    pub fn ask(
        &self,
        hours: &[Hour],
        origin: usize,
        lead: usize,
        at: Civil,
        usual: &Climatology,
    ) -> Option<[f64; 7]> {
        let now = self.scale.on(super::latest(hours, origin)?);
        let middle = self.scale.on(usual.ask(at)[3]);
        let row = features(hours, origin, lead, at, self.scale, middle);
        let start = middle + self.memory.get(lead.checked_sub(1)?)? * (now - middle);
        let size = self.sizes.get(lead - 1)?;
        let predicted = start + size * self.boost.predict(&self.bins.row(&row));
        let part = part(&self.parts, predicted);
        let errors = self.errors.get(band(lead) * 3 + part)?;
        let wide = self.months[usize::from(at.month.clamp(1, 12)) - 1];
        Some(errors.map(|error| self.scale.back(predicted + wide * error)))
    }
}

fn band(lead: usize) -> usize {
    BANDS.iter().position(|end| lead <= *end).unwrap_or(BANDS.len() - 1)
}

fn part(parts: &[f64; 2], predicted: f64) -> usize {
    parts.iter().filter(|edge| predicted > **edge).count()
}

/// Origins spread evenly over the history, each with leads spread over the three days.
fn examples(hours: &[Hour], scale: Scale, usual: &Climatology) -> Vec<Example> {
    let step = (hours.len() * LEADS_EACH).div_ceil(ROWS_MAX).max(1);
    let mut examples = Vec::new();
    for (number, origin) in (72..hours.len()).step_by(step).enumerate() {
        let Some(now) = super::latest(hours, origin) else { continue };
        for each in 0..LEADS_EACH {
            // 29 has no part in 18 nor in 72, so that all leads take their turn.
            let lead = 1 + (number * 29 + each * (LEADS / LEADS_EACH)) % LEADS;
            let Some(ahead) = hours.get(origin + lead) else { continue };
            let Some(value) = ahead.value else { continue };
            let (target, now) = (scale.on(value), scale.on(now));
            let usual = scale.on(usual.ask(ahead.at)[3]);
            examples.push(Example { origin, lead, target, now, usual });
        }
    }
    examples
}

/// How much of what is unusual now is left, lead by lead, by least squares over the leads around.
fn memory(examples: &[Example]) -> Vec<f64> {
    let mut products = vec![(0.0, 0.0); LEADS];
    for Example { lead, target, now, usual, .. } in examples {
        let (apart, then) = (now - usual, target - usual);
        products[lead - 1].0 += apart * then;
        products[lead - 1].1 += apart * apart;
    }
    let around = |lead: usize| {
        let reach = lead / 4;
        let near = &products[lead - reach..=(lead + reach).min(LEADS - 1)];
        let (with, own) = near.iter().fold((0.0, 0.0), |sum, p| (sum.0 + p.0, sum.1 + p.1));
        if own > 0.0 { (with / own).clamp(0.0, 1.0) } else { 0.0 }
    };
    (0..LEADS).map(around).collect()
}

/// The root of the mean square of what is to be learned, lead by lead, over the leads around.
fn sizes(examples: &[Example]) -> Vec<f64> {
    let mut squares = vec![(0.0, 0.0); LEADS];
    for Example { lead, target, .. } in examples {
        squares[lead - 1].0 += target * target;
        squares[lead - 1].1 += 1.0;
    }
    let around = |lead: usize| {
        let reach = lead / 4;
        let near = &squares[lead - reach..=(lead + reach).min(LEADS - 1)];
        let (sum, count) = near.iter().fold((0.0, 0.0), |sum, s| (sum.0 + s.0, sum.1 + s.1));
        if sum > 0.0 { (sum / count).sqrt() } else { 1.0 }
    };
    (0..LEADS).map(around).collect()
}

/// How large errors are in each month and the ones beside it, against all; 1 where nobody has seen it.
fn monthly(errors: &[Missed]) -> [f64; 12] {
    let mut squares = [(0.0, 0.0); 12];
    let mut all = (0.0, 0.0);
    for Missed { month, error, .. } in errors {
        for beside in [11, 0, 1] {
            let sums = &mut squares[(month + beside) % 12];
            *sums = (sums.0 + error * error, sums.1 + 1.0);
        }
        all = (all.0 + error * error, all.1 + 1.0);
    }
    squares.map(|(sum, count)| {
        let is_known = count > 0.0 && sum > 0.0 && all.0 > 0.0;
        if is_known { ((sum / count) / (all.0 / all.1)).sqrt() } else { 1.0 }
    })
}

/// Errors at the levels, each against its month's, by band and third of the predictions.
fn spread(errors: &[Missed], months: &[f64; 12]) -> Option<([f64; 2], Vec<[f64; 7]>)> {
    let mut predicted: Vec<f64> = errors.iter().map(|missed| missed.predicted).collect();
    predicted.sort_unstable_by(f64::total_cmp);
    let parts = [quantile(&predicted, 1.0 / 3.0)?, quantile(&predicted, 2.0 / 3.0)?];
    let mut groups = vec![Vec::new(); BANDS.len() * 3];
    for missed in errors {
        let group = missed.band * 3 + part(&parts, missed.predicted);
        groups[group].push(missed.error / months[missed.month]);
    }
    let quantiles = groups.into_iter().map(|mut group| {
        group.sort_unstable_by(f64::total_cmp);
        LEVELS.map(|level| quantile(&group, level).unwrap_or(0.0))
    });
    Some((parts, quantiles.collect()))
}
