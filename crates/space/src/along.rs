//! What vehicles measured along a line, piece by piece, with how often it was looked at.
//!
//! A vehicle that stands still says the same again and again, so what counts is the *pass*: the samples of one vehicle in a piece
//! without a break. A piece's value is the mean of its passes; its interval comes from how passes differ there and from what
//! the instrument is off by all day. One pass alone takes the spread that passes of other pieces have.

use crate::field::Grade;
use crate::linear::student_quantile;

/// One value on the way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OnWay {
    /// Which vehicle.
    pub vehicle: usize,
    /// When, s.
    pub at_s: f64,
    /// Where, m.
    pub at_m: [f64; 2],
    /// What it said.
    pub value: f64,
}

/// A piece of a line and what was measured on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// Its corners, m.
    pub path_m: Vec<[f64; 2]>,
    /// Values.
    pub count: usize,
    /// Passes of vehicles.
    pub passes: usize,
    /// Mean of the passes with a 90 % interval: low, mean, high; `None` where nobody passed.
    pub value: Option<[f64; 3]>,
}

/// A break after which a vehicle's next value is another pass, s.
const BREAK_S: f64 = 300.0;
/// Relative spread of passes where no piece has two of them.
const SPREAD: f64 = 0.3;

/// The line cut into pieces of equal length, at most `piece_m` each; values count for the nearest piece within `reach_m`.
pub fn along(
    path_m: &[[f64; 2]],
    samples: &[OnWay],
    (piece_m, reach_m): (f64, f64),
    grade: Grade,
) -> Vec<Piece> {
    let cut = cut(path_m, piece_m);
    let mut on: Vec<Vec<OnWay>> = vec![vec![]; cut.len()];
    for sample in samples.iter().filter(|sample| sample.value.is_finite()) {
        let far = |piece: &Vec<[f64; 2]>| {
            piece.windows(2).map(|pair| apart(sample.at_m, pair)).fold(f64::INFINITY, f64::min)
        };
        let nearest = cut.iter().map(far).enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
        if let Some((piece, _)) = nearest.filter(|(_, metres)| *metres <= reach_m) {
            on[piece].push(*sample);
        }
    }
    let passes: Vec<Vec<f64>> = on.iter_mut().map(|samples| passes(samples)).collect();
    let spread = spread(&passes);
    let value = |passes: &[f64]| interval(passes, spread, grade);
    cut.into_iter()
        .zip(&on)
        .zip(&passes)
        .map(|((path_m, samples), passes)| Piece {
            path_m,
            count: samples.len(),
            passes: passes.len(),
            value: value(passes),
        })
        .collect()
}

/// Means of the passes.
fn passes(samples: &mut [OnWay]) -> Vec<f64> {
    samples.sort_by(|a, b| a.vehicle.cmp(&b.vehicle).then(a.at_s.total_cmp(&b.at_s)));
    let is_same =
        |a: &OnWay, b: &OnWay| a.vehicle == b.vehicle && (b.at_s - a.at_s).abs() <= BREAK_S;
    let mean = |pass: &[OnWay]| pass.iter().map(|s| s.value).sum::<f64>() / pass.len() as f64;
    samples.chunk_by(is_same).map(mean).collect()
}

/// How passes of one piece usually differ, as a share of their mean.
fn spread(passes: &[Vec<f64>]) -> f64 {
    let (mut square, mut free) = (0.0, 0.0);
    for piece in passes.iter().filter(|piece| piece.len() > 1) {
        let mean = piece.iter().sum::<f64>() / piece.len() as f64;
        if mean > 0.0 {
            square += piece.iter().map(|value| (value / mean - 1.0).powi(2)).sum::<f64>();
            free += piece.len() as f64 - 1.0;
        }
    }
    // the usual spread counts as two passes of evidence
    ((square + 2.0 * SPREAD * SPREAD) / (free + 2.0)).sqrt()
}

fn interval(passes: &[f64], spread: f64, grade: Grade) -> Option<[f64; 3]> {
    let count = passes.len() as f64;
    if passes.is_empty() {
        return None;
    }
    let mean = passes.iter().sum::<f64>() / count;
    let own = passes.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    // its own passes, with two of the usual spread beside them
    let free = count - 1.0 + 2.0;
    let variance = (own + 2.0 * (spread * mean).powi(2)) / free / count;
    let sd = (variance + (grade.bias * mean).powi(2)).sqrt();
    let half = student_quantile(0.95, free) * sd;
    let low = if mean >= 0.0 { (mean - half).max(0.0) } else { mean - half };
    Some([low, mean, mean + half])
}

/// Pieces of equal length, with the corners between their ends.
fn cut(path_m: &[[f64; 2]], piece_m: f64) -> Vec<Vec<[f64; 2]>> {
    let length = |pair: &[[f64; 2]]| (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
    let total: f64 = path_m.windows(2).map(length).sum();
    if total <= 0.0 {
        return vec![];
    }
    let count = (total / piece_m).ceil().clamp(1.0, 10_000.0);
    let step = total / count;
    let mut pieces = vec![vec![path_m[0]]];
    let mut done = 0.0;
    for pair in path_m.windows(2) {
        let own = length(pair);
        while pieces.len() < count as usize && done + own > step * pieces.len() as f64 {
            let part = (step * pieces.len() as f64 - done) / own;
            let at: [f64; 2] =
                std::array::from_fn(|axis| pair[0][axis] + part * (pair[1][axis] - pair[0][axis]));
            if let Some(piece) = pieces.last_mut() {
                piece.push(at);
            }
            pieces.push(vec![at]);
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(pair[1]);
        }
        done += own;
    }
    pieces
}

/// How far a spot lies from a straight piece, m.
fn apart(spot: [f64; 2], pair: &[[f64; 2]]) -> f64 {
    let [a, b] = [pair[0], pair[1]];
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let square = (dx * dx + dy * dy).max(1e-12);
    let part = (((spot[0] - a[0]) * dx + (spot[1] - a[1]) * dy) / square).clamp(0.0, 1.0);
    (spot[0] - a[0] - part * dx).hypot(spot[1] - a[1] - part * dy)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(vehicle: usize, at_s: f64, x: f64, value: f64) -> OnWay {
        OnWay { vehicle, at_s, at_m: [x, 10.0], value }
    }

    fn ask(samples: &[OnWay]) -> Vec<Piece> {
        let path = [[0.0, 0.0], [450.0, 0.0], [1_000.0, 0.0]];
        along(&path, samples, (250.0, 60.0), Grade::MOBILE)
    }

    #[test]
    fn a_vehicle_that_stands_still_is_one_pass_and_five_passes_are_surer() {
        let still: Vec<_> = (0..50).map(|n| on(0, 10.0 * f64::from(n), 100.0, 60.0)).collect();
        let often: Vec<_> = (0..5).map(|n| on(0, 3_600.0 * f64::from(n), 100.0, 60.0)).collect();
        let (still, often) = (ask(&still), ask(&often));
        assert_eq!((still[0].count, still[0].passes, often[0].passes), (50, 1, 5));
        let width = |piece: &Piece| piece.value.map(|[low, _, high]| high - low).unwrap();
        assert!(width(&often[0]) < 0.7 * width(&still[0]), "{often:?} {still:?}");
        assert_eq!(still.iter().filter(|piece| piece.value.is_none()).count(), 3);
    }

    #[test]
    fn pieces_are_equally_long_keep_corners_and_take_what_is_near() {
        let pieces = ask(&[on(0, 0.0, 700.0, 80.0), on(0, 9_000.0, 5_000.0, 900.0)]);
        assert_eq!(pieces.len(), 4);
        assert_eq!(pieces[1].path_m, [[250.0, 0.0], [450.0, 0.0], [500.0, 0.0]]);
        let [low, mean, high] = pieces[2].value.unwrap();
        assert!(low < mean && mean < high && (mean - 80.0).abs() < 1e-9);
        assert_eq!(pieces.iter().map(|piece| piece.count).sum::<usize>(), 1);
        assert!(along(&[[0.0, 0.0]], &[], (250.0, 60.0), Grade::MOBILE).is_empty());
    }

    #[test]
    fn a_value_that_is_no_number_is_left_out() {
        assert!(ask(&[on(0, 0.0, 10.0, f64::NAN)]).iter().all(|piece| piece.count == 0));
    }
}
