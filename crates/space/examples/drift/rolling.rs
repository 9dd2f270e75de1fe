//! Each week a correction from the weeks before, judged on the week that comes.

use crate::real::{Beside, DAY_S, FIRST_D};
use space::drift::{Correction, Met, propose};

const WEEK_D: f64 = 7.0;
/// Fewer pairs tell nothing of a week.
const HOURS_MIN: usize = 10;

/// What a district has to correct with.
#[derive(Clone, Copy)]
pub struct Way {
    /// Days that a correction looks back.
    pub back_d: f64,
    /// Whether temperature and humidity are told to it.
    pub knows_air: bool,
    /// The analyser stands beside it on one day of so many.
    pub every_d: i64,
}

/// Marks of the weeks after the first calibration.
#[derive(Default)]
pub struct Marks {
    pub hours: f64,
    square: f64,
    sum: f64,
    covered: f64,
    /// Bias of each week.
    pub weeks: Vec<f64>,
}

impl Marks {
    fn week(&mut self, said: &[(f64, f64)], met: &[Met]) {
        let off: Vec<f64> = said.iter().zip(met).map(|(said, pair)| said.0 - pair.good).collect();
        self.hours += met.len() as f64;
        self.square += off.iter().map(|off| off * off).sum::<f64>();
        self.sum += off.iter().sum::<f64>();
        let inside = said.iter().zip(&off).filter(|(said, off)| off.abs() <= 1.645 * said.1);
        self.covered += inside.count() as f64;
        self.weeks.push(off.iter().sum::<f64>() / met.len() as f64);
    }

    pub fn rmse(&self) -> f64 {
        (self.square / self.hours).sqrt()
    }

    pub fn bias(&self) -> f64 {
        self.sum / self.hours
    }

    /// Share of hours within the stated 90 %.
    pub fn covers(&self) -> f64 {
        self.covered / self.hours
    }
}

/// The weeks after the first calibration, with the pairs that a correction may look at.
fn weeks(beside: &Beside, way: Way) -> Vec<(Vec<Met>, Vec<Met>)> {
    let last = beside.met.last().map_or(0.0, |pair| pair.at_s / DAY_S);
    let mut weeks = vec![];
    let mut from = FIRST_D;
    while from < last {
        let within = |pair: &&Met, from: f64, to: f64| (from..to).contains(&(pair.at_s / DAY_S));
        let there = |pair: &&Met| ((pair.at_s / DAY_S) as i64) % way.every_d == 0;
        let air = |pair: &Met| Met { air: pair.air.filter(|_| way.knows_air), ..*pair };
        let before = beside.met.iter().filter(|pair| within(pair, from - way.back_d, from));
        let next = beside.met.iter().filter(|pair| within(pair, from, from + WEEK_D)).map(air);
        let next: Vec<Met> = next.collect();
        if next.len() >= HOURS_MIN {
            weeks.push((before.filter(there).map(air).collect(), next));
        }
        from += WEEK_D;
    }
    weeks
}

/// The mean of the first weeks for ever; the first calibration for ever.
pub fn uncorrected(beside: &Beside, way: Way) -> [Marks; 2] {
    let mut marks = [Marks::default(), Marks::default()];
    for (_, week) in weeks(beside, way) {
        marks[0].week(&vec![(beside.first_mean, 0.0); week.len()], &week);
        marks[1].week(&week.iter().map(|pair| (pair.says, 0.0)).collect::<Vec<_>>(), &week);
    }
    marks
}

/// Corrected week by week; where none is proposed the one before stays. Each correction is handed over with its pairs.
pub fn corrected(beside: &Beside, way: Way, mut seen: impl FnMut(&[Met], &Correction)) -> Marks {
    let mut marks = Marks::default();
    let mut own: Option<Correction> = None;
    for (before, week) in weeks(beside, way) {
        if let Ok(found) = propose(&before, 1.0) {
            seen(&before, &found);
            own = Some(found);
        }
        let said = |pair: &Met| own.map_or((pair.says, 0.0), |own| own.apply(pair.says, pair.air));
        marks.week(&week.iter().map(said).collect::<Vec<_>>(), &week);
    }
    marks
}
