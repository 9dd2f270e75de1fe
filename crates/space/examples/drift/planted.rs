//! A gain that changes on a known day: after how many days it is found, and how often one is found that is not there.

use crate::real::{Beside, DAY_S, FIRST_D};
use space::drift::{Met, propose};

/// Days that are looked at together.
const BACK_D: usize = 28;
/// Days after which a change counts as not found.
const LONGEST_D: usize = 28;
/// How often the days are put in another order.
const ORDERS: u64 = 6;

/// What was found of changes of one size.
#[derive(Default)]
pub struct Found {
    pub planted: usize,
    /// Days until each that was found.
    pub after_d: Vec<usize>,
}

impl Found {
    pub fn share(&self) -> f64 {
        self.after_d.len() as f64 / self.planted.max(1) as f64
    }

    pub fn median_d(&self) -> Option<usize> {
        let mut days = self.after_d.clone();
        days.sort_unstable();
        days.get(days.len() / 2).copied()
    }
}

/// Days as they were, after the first calibration, those without pairs left out.
fn days(beside: &Beside) -> Vec<Vec<Met>> {
    let mut days: Vec<Vec<Met>> = vec![];
    let number = |pair: &Met| (pair.at_s / DAY_S) as u64;
    for pair in beside.met.iter().filter(|pair| pair.at_s >= FIRST_D * DAY_S) {
        match days.last_mut() {
            Some(day) if number(&day[0]) == number(pair) => {
                day.push(*pair);
            }
            _ => days.push(vec![*pair]),
        }
    }
    days
}

/// The same days in another order, so that no drift is left in them.
fn shuffled(days: &[Vec<Met>], seed: u64) -> Vec<Vec<Met>> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut order: Vec<usize> = (0..days.len()).collect();
    for at in (1..order.len()).rev() {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        order.swap(at, (state >> 33) as usize % (at + 1));
    }
    order.into_iter().map(|at| days[at].clone()).collect()
}

/// The pairs of some days, one day after another, what is said from day `from` on times `factor`.
fn together(days: &[Vec<Met>], first: usize, from: usize, factor: f64) -> Vec<Met> {
    let mut all = vec![];
    for (at, day) in days.iter().enumerate() {
        let times = if first + at >= from { factor } else { 1.0 };
        all.extend(day.iter().map(|pair| Met {
            at_s: DAY_S * (first + at) as f64 + pair.at_s % DAY_S,
            says: times * pair.says,
            ..*pair
        }));
    }
    all
}

fn has_changed(days: &[Vec<Met>], last: usize, from: usize, factor: f64) -> bool {
    let first = (last + 1).saturating_sub(BACK_D);
    propose(&together(&days[first..=last], first, from, factor), 1.0)
        .is_ok_and(|found| found.has_changed())
}

/// Share of 28 days, each a week after the one before, in which a change is found that nobody planted: in shuffled days, and as they were.
pub fn false_alarms(beside: &Beside) -> [f64; 2] {
    let days = days(beside);
    let share = |days: &[Vec<Met>]| {
        let ends: Vec<usize> = (BACK_D - 1..days.len()).step_by(7).collect();
        let found = ends.iter().filter(|last| has_changed(days, **last, usize::MAX, 1.0));
        found.count() as f64 / ends.len() as f64
    };
    let mixed: f64 = (0..ORDERS).map(|seed| share(&shuffled(&days, seed + 1))).sum();
    [mixed / ORDERS as f64, share(&days)]
}

/// Changes of one size, planted every four weeks in shuffled days and looked for each day after.
pub fn planted(beside: &Beside, factor: f64) -> Found {
    let days = days(beside);
    let mut found = Found::default();
    for seed in 1..=ORDERS {
        let days = shuffled(&days, seed);
        for from in (BACK_D..days.len() - LONGEST_D).step_by(BACK_D) {
            // what stood as changed already is no find
            if has_changed(&days, from - 1, usize::MAX, 1.0) {
                continue;
            }
            found.planted += 1;
            let after = (0..LONGEST_D).find(|day| has_changed(&days, from + day, from, factor));
            found.after_d.extend(after.map(|day| day + 1));
        }
    }
    found
}
