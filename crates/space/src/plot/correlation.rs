//! Each place against each other one: Pearson's correlation over the hours that both measured.

use super::scatter::{pearson, products};
use super::{NoPlot, Place, Row};
use serde::Serialize;

/// Correlations of places.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Correlation {
    /// Names, in the order asked for.
    pub places: Vec<String>,
    /// Pairs, the first place before the second.
    pub pairs: Vec<Pair>,
}

/// Two places.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Pair {
    /// Number of the first.
    pub a: usize,
    /// Number of the second.
    pub b: usize,
    /// Hours that both measured.
    pub hours: usize,
    /// Pearson's correlation; none of fewer than ten hours, or when one never changes.
    pub r: Option<f64>,
    /// Its 95 % interval (Fisher), as if hours were independent.
    pub interval: Option<[f64; 2]>,
}

const HOURS_MIN: usize = 10;
/// More places than this make no picture that can be read.
const PLACES_MAX: usize = 40;

pub(super) fn correlation(places: &[Place]) -> Result<Correlation, NoPlot> {
    if places.len() < 2 {
        return Err(NoPlot::OnlyOne);
    }
    if places.len() > PLACES_MAX {
        let (value, most) = (places.len() as f64, PLACES_MAX as f64);
        return Err(NoPlot::Setting { what: "places", value, least: 2.0, most });
    }
    let mut pairs = Vec::new();
    for (a, first) in places.iter().enumerate() {
        for (b, second) in places.iter().enumerate().skip(a + 1) {
            let both = together(&first.rows, &second.rows);
            let [_, _, xx, yy, xy] = products(&both);
            let r = pearson(xx, yy, xy).filter(|_| both.len() >= HOURS_MIN);
            let interval = r.map(|r| fisher(r, both.len()));
            pairs.push(Pair { a, b, hours: both.len(), r, interval });
        }
    }
    Ok(Correlation { places: places.iter().map(|place| place.name.clone()).collect(), pairs })
}

/// Values of the same hours; both are ascending.
fn together(a: &[Row], b: &[Row]) -> Vec<(f64, f64)> {
    let mut theirs = b.iter().peekable();
    let mut both = Vec::new();
    for mine in a {
        while theirs.next_if(|row| row.hour < mine.hour).is_some() {}
        let same = theirs.peek().filter(|row| row.hour == mine.hour);
        if let (Some(x), Some(y)) = (mine.value, same.and_then(|row| row.value)) {
            both.push((x, y));
        }
    }
    both
}

fn fisher(r: f64, count: usize) -> [f64; 2] {
    let half = 1.959_964 / (count as f64 - 3.0).sqrt();
    let z = r.clamp(-0.999_999_999, 0.999_999_999).atanh();
    [(z - half).tanh(), (z + half).tanh()]
}
