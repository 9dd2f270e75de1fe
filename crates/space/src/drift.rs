//! Drift of instruments: cheap ones beside good ones, met in space or in time, and a correction with its doubt.
//!
//! A pair is one look of both at nearly one place and time. `good = gain × cheap + offset`, and where the weather is known terms for
//! temperature and humidity, is fitted by Huber's weights with a prior that the instrument is right (gain 1 ± 0.3, offset 0 ± a tenth of the
//! middle value, weather nothing), so that few pairs propose little. Neighbouring hours say nearly the same: pairs count for as many as what
//! is left of them says. What single values differ by is told from quarters of the time that the line did not see. The correction
//! is a proposal: nobody's reading is changed here.

use crate::linear::{median, student_quantile};
use nalgebra::{SMatrix, SVector};

/// Both at one place and time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Met {
    /// When, s.
    pub at_s: f64,
    /// How far apart, m.
    pub apart_m: f64,
    /// What the instrument in question said.
    pub says: f64,
    /// What the better one said.
    pub good: f64,
    /// The air around the instrument, when it is known.
    pub air: Option<Air>,
}

/// What moves a cheap instrument besides what it measures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Air {
    /// °C.
    pub temperature_c: f64,
    /// Relative humidity, %.
    pub humidity_pct: f64,
}

/// What would make an instrument right.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correction {
    /// Times the value.
    pub gain: f64,
    /// Plus so much, in the mean air of the pairs.
    pub offset: f64,
    /// What temperature and humidity add, when all pairs have them.
    pub weather: Option<Weather>,
    /// Of gain, offset and both terms of the weather.
    variance: Square,
    /// What single values differ by after it, one standard deviation: nine in ten lie within 1.645 of it.
    pub scatter: f64,
    /// Pairs that count as independent.
    pub pairs: f64,
    /// How much larger the gain is in the newer half of the time than in the older, all else the same, and its standard deviation.
    pub change: Option<(f64, f64)>,
}

/// What the air adds to a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weather {
    /// Mean of the pairs: there nothing is added.
    pub mean: Air,
    /// Standard deviation among the pairs.
    pub usual: Air,
    /// What one such deviation adds: of temperature, of humidity.
    pub adds: [f64; 2],
}

/// Why none is proposed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NoCorrection {
    /// Too few pairs within reach.
    TooFew {
        /// How many independent ones there are.
        pairs: f64,
    },
    /// The two do not follow each other: correlation of what they said.
    Unrelated {
        /// −1 to 1.
        correlation: f64,
    },
}

/// Pairs that are taken as one, s.
const BLOCK_S: f64 = 6.0 * 3_600.0;
/// Independent pairs below which nothing is proposed.
pub const PAIRS_MIN: f64 = 5.0;
/// Correlation below which two do not speak of one thing.
const CORRELATION_MIN: f64 = 0.4;
/// Deviations beyond which a value weighs less.
const HUBER: f64 = 1.345;
/// Days from which on their scores tell the doubt.
const DAYS_MIN: usize = 12;
/// Standard deviations that hold nine in ten.
const NINE_IN_TEN: f64 = 1.645;
/// The same for 99 in a hundred.
const NEARLY_ALL: f64 = 2.576;
/// How many standard deviations from its mean the air is believed to go on as it did.
const AIR_MOST: f64 = 3.0;

/// Terms of a line: gain, offset, temperature, humidity, gain of the newer half.
const TERMS: usize = 5;
type Row = SVector<f64, TERMS>;
type Square = SMatrix<f64, TERMS, TERMS>;

impl Correction {
    /// A value made right, and the standard deviation of that. Without the air its terms are left out and the doubt holds them.
    pub fn apply(&self, says: f64, air: Option<Air>) -> (f64, f64) {
        let row = row(says, self.weather.as_ref(), air);
        let adds = self.weather.map_or([0.0; 2], |weather| weather.adds);
        let value = self.gain * says + self.offset + adds[0] * row[2] + adds[1] * row[3];
        let unknown = if air.is_none() { adds[0].powi(2) + adds[1].powi(2) } else { 0.0 };
        let line = row.dot(&(self.variance * row)).max(0.0);
        (value, (line + unknown + self.scatter.powi(2)).sqrt())
    }

    /// What holds the gain with 90 %.
    pub fn gain_90(&self) -> [f64; 2] {
        self.held(self.gain, 0)
    }

    /// What holds the offset with 90 %.
    pub fn offset_90(&self) -> [f64; 2] {
        self.held(self.offset, 1)
    }

    fn held(&self, value: f64, term: usize) -> [f64; 2] {
        let far = NINE_IN_TEN * self.variance[(term, term)].sqrt();
        [value - far, value + far]
    }

    /// How far nine in ten of the values like this one may be off after it, where the air is not taken off.
    pub fn off_90(&self, says: f64) -> f64 {
        NINE_IN_TEN * self.apply(says, None).1
    }

    /// Whether it says more than that the instrument is right: gain or offset lie beyond their 90 %.
    pub fn is_needed(&self) -> bool {
        let [gain, offset] = [0, 1].map(|term| self.variance[(term, term)].sqrt());
        (self.gain - 1.0).abs() > NINE_IN_TEN * gain && (self.gain - 1.0).abs() > 0.03
            || self.offset.abs() > NINE_IN_TEN * offset && self.offset.abs() > 0.5 * self.scatter
    }

    /// Whether the gain has changed within the time of the pairs, with 99 %.
    pub fn has_changed(&self) -> bool {
        self.change.is_some_and(|(change, sd)| change.abs() > NEARLY_ALL * sd)
    }
}

/// Proposes a correction from pairs within `reach_m`. The air is made use of when every pair has it.
///
/// # Errors
///
/// When pairs are too few, or the two do not follow each other.
pub fn propose(pairs: &[Met], reach_m: f64) -> Result<Correction, NoCorrection> {
    let usable =
        |pair: &&Met| pair.apart_m <= reach_m && pair.says.is_finite() && pair.good.is_finite();
    let mut near: Vec<Met> = pairs.iter().filter(usable).copied().collect();
    near.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
    let mut blocks: Vec<i64> = near.iter().map(|pair| block(pair, BLOCK_S)).collect();
    blocks.dedup();
    let blocks = blocks.len() as f64;
    if blocks < PAIRS_MIN {
        return Err(NoCorrection::TooFew { pairs: blocks });
    }
    let correlation = correlation(&near);
    if correlation.is_nan() || correlation < CORRELATION_MIN {
        return Err(NoCorrection::Unrelated { correlation });
    }
    let unrelated = NoCorrection::Unrelated { correlation };
    let weather = weather(&near);
    let rows: Vec<Row> =
        near.iter().map(|pair| row(pair.says, weather.as_ref(), pair.air)).collect();
    let first = line(&near, &rows, blocks).ok_or(unrelated)?;
    let independent = independent(&near, &rows, &first, blocks);
    let whole = line(&near, &rows, independent).ok_or(unrelated)?;
    let adds = [whole.terms[2], whole.terms[3]];
    Ok(Correction {
        gain: whole.terms[0],
        offset: whole.terms[1],
        weather: weather.map(|weather| Weather { adds, ..weather }),
        variance: whole.variance,
        scatter: unseen(&near, &rows, independent).unwrap_or(0.0).max(whole.outer()),
        pairs: independent,
        change: change(&near, rows, independent),
    })
}

/// The number of the span of time that a pair lies in.
fn block(pair: &Met, span_s: f64) -> i64 {
    (pair.at_s / span_s).floor() as i64
}

/// Mean and usual deviation of the air, when each pair has it.
fn weather(pairs: &[Met]) -> Option<Weather> {
    let air: Vec<Air> = pairs.iter().map(|pair| pair.air).collect::<Option<_>>()?;
    let both = |value: fn(&Air) -> f64| {
        let count = air.len() as f64;
        let mean = air.iter().map(value).sum::<f64>() / count;
        let square = air.iter().map(|air| (value(air) - mean).powi(2)).sum::<f64>() / count;
        (mean, square.sqrt().max(1e-6))
    };
    let (temperature, humidity) = (both(|air| air.temperature_c), both(|air| air.humidity_pct));
    let all = [temperature.0, temperature.1, humidity.0, humidity.1];
    all.iter().all(|value| value.is_finite()).then_some(Weather {
        mean: Air { temperature_c: temperature.0, humidity_pct: humidity.0 },
        usual: Air { temperature_c: temperature.1, humidity_pct: humidity.1 },
        adds: [0.0; 2],
    })
}

fn row(says: f64, weather: Option<&Weather>, air: Option<Air>) -> Row {
    let mut row = Row::from([says, 1.0, 0.0, 0.0, 0.0]);
    if let (Some(weather), Some(air)) = (weather, air) {
        let far =
            |value: f64, mean: f64, usual: f64| ((value - mean) / usual).clamp(-AIR_MOST, AIR_MOST);
        let Weather { mean, usual, .. } = weather;
        row[2] = far(air.temperature_c, mean.temperature_c, usual.temperature_c);
        row[3] = far(air.humidity_pct, mean.humidity_pct, usual.humidity_pct);
    }
    row
}

/// Correlation of ranks (Spearman), which a wild value does not move; not a number when one side never changes.
fn correlation(pairs: &[Met]) -> f64 {
    let ranks = |value: fn(&Met) -> f64| {
        let mut order: Vec<usize> = (0..pairs.len()).collect();
        order.sort_by(|a, b| value(&pairs[*a]).total_cmp(&value(&pairs[*b])));
        let mut ranks = vec![0.0; pairs.len()];
        let mut first = 0;
        while first < order.len() {
            let same =
                |at: &&usize| value(&pairs[**at]).total_cmp(&value(&pairs[order[first]])).is_eq();
            let last = first + order[first..].iter().take_while(same).count();
            let rank = f64::midpoint(first as f64, last as f64 - 1.0);
            order[first..last].iter().for_each(|at| ranks[*at] = rank);
            first = last;
        }
        ranks
    };
    let (a, b) = (ranks(|pair| pair.says), ranks(|pair| pair.good));
    let middle = (pairs.len() as f64 - 1.0) / 2.0;
    let sum = |a: &[f64], b: &[f64]| -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - middle) * (b - middle)).sum()
    };
    sum(&a, &b) / (sum(&a, &a) * sum(&b, &b)).sqrt()
}

/// A line and what is left of the values that it came from.
struct Line {
    terms: Row,
    variance: Square,
    /// By the middle of what is left.
    scatter: f64,
    /// What one pair of this scatter weighs.
    share: f64,
    left: Vec<f64>,
}

impl Line {
    /// What single values differ by, of those that the line saw.
    fn outer(&self) -> f64 {
        outer(self.left.clone()).unwrap_or(0.0).max(self.scatter)
    }
}

/// The standard deviation with which nine in ten of some values lie within their 90 %.
fn outer(mut left: Vec<f64>) -> Option<f64> {
    for value in &mut left {
        *value = value.abs();
    }
    left.sort_by(f64::total_cmp);
    let at = (0.9 * left.len() as f64) as usize;
    left.get(at).map(|value| value / NINE_IN_TEN)
}

/// A robust line with a prior, whose pairs count as `independent` ones. A term that is nought in all rows stays nought.
fn line(pairs: &[Met], rows: &[Row], independent: f64) -> Option<Line> {
    const GAIN_SD: f64 = 0.3;
    const ROUNDS: usize = 40;
    let level =
        median(&mut pairs.iter().map(|pair| pair.good.abs()).collect::<Vec<_>>())?.max(1e-9);
    let (gain, offset, air) =
        (GAIN_SD.powi(-2), (0.1 * level).powi(-2), (GAIN_SD * level).powi(-2));
    let prior = Row::from([gain, offset, air, air, gain]);
    let mut found = Line {
        terms: Row::from([1.0, 0.0, 0.0, 0.0, 0.0]),
        variance: Square::zeros(),
        scatter: level,
        share: 0.0,
        left: vec![],
    };
    for _ in 0..ROUNDS {
        let left = |(pair, row): (&Met, &Row)| pair.good - found.terms.dot(row);
        found.left = pairs.iter().zip(rows).map(left).collect();
        let mut sizes: Vec<f64> = found.left.iter().map(|left| left.abs()).collect();
        found.scatter = (1.4826 * median(&mut sizes)?).max(1e-6 * level);
        let share = (independent / pairs.len() as f64).min(1.0) / found.scatter.powi(2);
        let mut matrix = Square::from_diagonal(&prior);
        let mut right = Row::from([prior[0], 0.0, 0.0, 0.0, 0.0]);
        for ((pair, row), left) in pairs.iter().zip(rows).zip(&found.left) {
            let far = left.abs() / found.scatter;
            let weighted = row * (share * if far > HUBER { HUBER / far } else { 1.0 });
            matrix += weighted * row.transpose();
            right += weighted * pair.good;
        }
        let factor = matrix.cholesky()?;
        found.terms = factor.solve(&right);
        found.variance = factor.inverse();
        found.share = share;
    }
    let (scores, days) = scores(pairs, rows, &found);
    if days >= DAYS_MIN {
        // errors grow with the value and last for days: what days say, not what equal and independent errors would
        let both = scores * found.share.powi(2) + Square::from_diagonal(&prior);
        found.variance = found.variance * both * found.variance;
    }
    Some(found)
}

/// Squares of the scores of days and of what neighbouring days share (Newey and West 1987), and how many days there are; a score is a
/// row times what is left, wild values cut.
fn scores(pairs: &[Met], rows: &[Row], line: &Line) -> (Square, usize) {
    const DAY_S: f64 = 86_400.0;
    const LAGS: [f64; 3] = [1.0, 2.0 / 3.0, 1.0 / 3.0];
    let wild = HUBER * line.scatter;
    let mut days: Vec<(i64, Row)> = vec![];
    for ((pair, row), left) in pairs.iter().zip(rows).zip(&line.left) {
        let (day, score) = (block(pair, DAY_S), row * left.clamp(-wild, wild));
        match days.last_mut() {
            Some(last) if last.0 == day => last.1 += score,
            _ => days.push((day, score)),
        }
    }
    let mut sum = Square::zeros();
    for (at, (day, score)) in days.iter().enumerate() {
        for (later, other) in days[at..].iter().take(LAGS.len()) {
            let Some(weight) = LAGS.get((later - day) as usize) else { break };
            let both = score * other.transpose() * *weight;
            sum += if later == day { both } else { both + both.transpose() };
        }
    }
    // the line has bent to these days as far as its terms let it
    let free = days.len().saturating_sub(TERMS).max(1);
    (sum * (days.len() as f64 / free as f64), days.len())
}

/// How many independent pairs these count for: what is left of days, against what it would be if each hour stood alone.
fn independent(pairs: &[Met], rows: &[Row], line: &Line, most: f64) -> f64 {
    let wild = HUBER * line.scatter;
    let alone: f64 = line.left.iter().map(|left| left.clamp(-wild, wild).powi(2)).sum();
    let together = scores(pairs, rows, line).0[(1, 1)];
    let count = pairs.len() as f64 * alone / together.max(1e-12 * alone);
    if count.is_finite() { count.clamp(PAIRS_MIN.min(most), most) } else { most }
}

/// What single values differ by from lines that did not see their quarter of the time.
fn unseen(pairs: &[Met], rows: &[Row], independent: f64) -> Option<f64> {
    const PARTS: usize = 4;
    if independent < PARTS as f64 * PAIRS_MIN {
        return None;
    }
    let mut left = vec![];
    for part in 0..PARTS {
        let [from, to] = [part, part + 1].map(|part| part * pairs.len() / PARTS);
        let others = [&pairs[..from], &pairs[to..]].concat();
        let rows_of = [&rows[..from], &rows[to..]].concat();
        let line = line(&others, &rows_of, independent * 0.75)?;
        left.extend((from..to).map(|at| pairs[at].good - line.terms.dot(&rows[at])));
    }
    outer(left)
}

/// The change of the gain at the middle of the time, offset and weather being the same in both halves.
fn change(pairs: &[Met], mut rows: Vec<Row>, independent: f64) -> Option<(f64, f64)> {
    if independent < 2.0 * PAIRS_MIN {
        return None;
    }
    let middle = f64::midpoint(pairs.first()?.at_s, pairs.last()?.at_s);
    for (pair, row) in pairs.iter().zip(&mut rows) {
        row[4] = if pair.at_s >= middle { row[0] } else { 0.0 };
    }
    let found = line(pairs, &rows, independent)?;
    let (_, days) = scores(pairs, &rows, &found);
    // of few days the doubt itself is in doubt
    let wider = if days >= DAYS_MIN {
        student_quantile(0.995, (days - TERMS) as f64) / NEARLY_ALL
    } else {
        1.0
    };
    Some((found.terms[4], wider * found.variance[(4, 4)].sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(count: u32, gain: f64, offset: f64) -> Vec<Met> {
        (0..count)
            .map(|at| {
                let good = 60.0 + 35.0 * (f64::from(at) * 0.7).sin();
                let noise = 0.4 * (f64::from(at * 37 % 11) - 5.0);
                Met {
                    at_s: 3_600.0 * f64::from(at),
                    apart_m: 40.0,
                    says: (good - offset) / gain + noise,
                    good,
                    air: None,
                }
            })
            .collect()
    }

    #[test]
    fn a_gain_is_found_within_its_doubt_and_a_wild_value_does_not_move_it() {
        let mut met = pairs(400, 0.8, 4.0);
        met[7].says = 5_000.0;
        let found = propose(&met, 100.0).unwrap();
        assert!((found.gain - 0.8).abs() < 0.06, "{found:?}");
        assert!(found.is_needed());
        let [low, high] = found.gain_90();
        assert!(low < 0.8 && 0.8 < high && high < 0.9, "{low} {high}");
        let [low, high] = found.offset_90();
        assert!(low < 4.0 && 4.0 < high, "{low} {high}");
        let (value, sd) = found.apply(100.0, None);
        assert!((found.off_90(100.0) / sd - 1.645).abs() < 1e-9);
        assert!((value - 84.0).abs() < 2.0 * sd && sd < 15.0, "{value} {sd}");
    }

    /// What looks like chance and is the same each time, −1 to 1.
    fn chance(at: u32) -> f64 {
        let mut bits = u64::from(at).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        f64::from(((bits ^ (bits >> 31)) >> 40) as u32) / f64::from(1 << 23) - 1.0
    }

    /// Four weeks beside a good one, moved by humidity, with chance of single hours and of days, the gain changing after two.
    fn moved(humid: f64, by_day: f64, later: f64) -> Vec<Met> {
        let pair = |at: u32| {
            let hour = f64::from(at);
            let air = Air {
                temperature_c: 20.0 + 5.0 * (hour * 0.26).sin(),
                humidity_pct: 60.0 + 20.0 * (hour * 0.019).cos() + 10.0 * (hour * 0.26).cos(),
            };
            let good = 60.0 + 35.0 * (hour * 0.7).sin() + 10.0 * chance(at);
            let noise = 4.0 * chance(10_000 + at) + by_day * chance(20_000 + at / 24);
            let gain = if at < 336 { 0.9 } else { 0.9 * later };
            let says = (good + noise - humid * (air.humidity_pct - 60.0)) / gain;
            Met { at_s: 3_600.0 * hour, apart_m: 0.0, says, good, air: Some(air) }
        };
        (0..672).map(pair).collect()
    }

    #[test]
    fn what_humidity_does_is_taken_off_and_doubted_where_it_is_not_known() {
        let met = moved(0.8, 0.0, 1.0);
        let found = propose(&met, 100.0).unwrap();
        let weather = found.weather.unwrap();
        let a_percent = weather.adds[1] / weather.usual.humidity_pct;
        assert!((a_percent - 0.8).abs() < 0.05, "{weather:?}");
        assert!((found.gain - 0.9).abs() < 0.03, "{found:?}");
        let without: Vec<Met> = met.iter().map(|pair| Met { air: None, ..*pair }).collect();
        let blind = propose(&without, 100.0).unwrap();
        assert!(blind.weather.is_none() && blind.scatter > 2.0 * found.scatter);
        let (known, unknown) = (found.apply(80.0, met[9].air), found.apply(80.0, None));
        assert!(unknown.1 > 2.0 * known.1, "{known:?} {unknown:?}");
        // of one pair without air nobody can take it off
        let mut one = met;
        one[300].air = None;
        assert!(propose(&one, 100.0).unwrap().weather.is_none());
    }

    #[test]
    fn nine_in_ten_of_the_weeks_after_lie_in_the_interval() {
        let met = moved(0.4, 3.0, 1.0);
        let found = propose(&met[..504], 100.0).unwrap();
        let inside = |pair: &&Met| {
            let (value, sd) = found.apply(pair.says, pair.air);
            (pair.good - value).abs() < 1.645 * sd
        };
        let share = met[504..].iter().filter(inside).count() as f64 / 168.0;
        assert!((0.83..0.97).contains(&share), "{share}");
    }

    #[test]
    fn days_that_are_off_together_count_for_fewer_pairs() {
        let alone = propose(&moved(0.0, 0.0, 1.0), 100.0).unwrap();
        let by_day = propose(&moved(0.0, 8.0, 1.0), 100.0).unwrap();
        assert!(alone.pairs > 1.5 * by_day.pairs, "{} {}", alone.pairs, by_day.pairs);
    }

    #[test]
    fn a_changed_gain_is_told_from_one_that_stays() {
        let stays = propose(&moved(0.4, 3.0, 1.0), 100.0).unwrap();
        assert!(!stays.has_changed(), "{stays:?}");
        let found = propose(&moved(0.4, 3.0, 0.8), 100.0).unwrap();
        let (change, sd) = found.change.unwrap();
        assert!(found.has_changed() && (change + 0.18).abs() < 3.0 * sd, "{found:?}");
    }

    #[test]
    fn one_that_is_right_is_left_alone() {
        assert!(!propose(&pairs(400, 1.0, 0.0), 100.0).unwrap().is_needed());
    }

    #[test]
    fn few_far_equal_or_unrelated_pairs_propose_nothing() {
        assert!(matches!(propose(&pairs(12, 0.8, 0.0), 100.0), Err(NoCorrection::TooFew { .. })));
        assert!(matches!(propose(&pairs(400, 0.8, 0.0), 10.0), Err(NoCorrection::TooFew { .. })));
        let mut equal = pairs(400, 1.0, 0.0);
        for pair in &mut equal {
            (pair.says, pair.good) = (30.0, 30.0);
        }
        assert!(matches!(propose(&equal, 100.0), Err(NoCorrection::Unrelated { .. })));
        let mut wild = pairs(400, 1.0, 0.0);
        wild.iter_mut()
            .enumerate()
            .for_each(|(at, pair)| pair.says = f64::from((at * 7_919 % 101) as u32));
        assert!(matches!(propose(&wild, 100.0), Err(NoCorrection::Unrelated { .. })));
    }
}
