//! Patrols: what was walked, and whether it counts (requirements GOV-042 and GOV-043). An invalid patrol is kept with the
//! reasons.

use crate::Text;
use serde::{Deserialize, Serialize};

/// A patrol as a phone sends it: the document of an act of kind `patrol`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Patrol {
    /// Made on the phone.
    pub id: String,
    /// The reach or road.
    pub line: String,
    /// `foot`, `vehicle`, `boat`, `drone`, `meeting`: whether it counts is the rule's.
    pub kind: String,
    /// When it began, ms UTC by the phone's clock.
    pub started: i64,
    /// When it ended.
    pub ended: i64,
    /// Spans of rest, ms UTC.
    #[serde(default)]
    pub rests: Vec<[i64; 2]>,
    /// Time (ms UTC), degrees east, degrees north.
    #[serde(default)]
    pub track: Vec<(i64, f64, f64)>,
}

/// When a patrol counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PatrolRule {
    /// At least so many minutes on the way.
    pub minutes_min: f64,
    /// At least so many metres.
    pub metres_min: f64,
    /// At least this share of the line was passed within `corridor_m`.
    pub coverage_min: f64,
    /// How far from the line still counts as along it, m.
    pub corridor_m: f64,
    /// At least so many hours since the last valid one of the same person on the same line.
    pub gap_h_min: f64,
    /// Kinds that count.
    pub kinds: Vec<String>,
    /// Faster than this nobody patrols, m/s.
    pub speed_m_s_max: f64,
}

impl Default for PatrolRule {
    /// The project's own; a district sets its local rule.
    fn default() -> Self {
        Self {
            minutes_min: 10.0,
            metres_min: 500.0,
            coverage_min: 0.3,
            corridor_m: 100.0,
            gap_h_min: 1.0,
            kinds: ["foot", "vehicle", "boat"].map(str::to_owned).into(),
            speed_m_s_max: 30.0,
        }
    }
}

/// What a patrol came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Walked {
    /// Minutes on the way, without rests.
    pub minutes: f64,
    /// Metres along the track.
    pub metres: f64,
    /// Share of the line that was passed; `None` when the line has no length.
    pub coverage: Option<f64>,
    /// Why it does not count; none: it does.
    pub invalid: Vec<Invalid>,
}

/// Why a patrol does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invalid {
    /// Too few minutes.
    TooShort,
    /// Too few metres.
    TooNear,
    /// Not along the line.
    NotAlong,
    /// Too soon after the last one.
    TooSoon,
    /// A kind that does not count.
    Kind,
    /// It ends before it begins, its track goes back in time, or a position is none.
    Impossible,
    /// Faster than anybody patrols.
    TooFast,
}

const EARTH_M: f64 = 6_371_008.8;
/// The line is looked at every so many metres.
const SAMPLE_M: f64 = 25.0;
/// Samples of one line, whatever its length.
const SAMPLES_MAX: usize = 4_000;

impl Patrol {
    /// What it came to. `path` is the line, (longitude, latitude); `last_end` when the same person last validly
    /// patrolled it, ms UTC.
    pub fn walked(&self, path: &[[f64; 2]], last_end: Option<i64>, rule: &PatrolRule) -> Walked {
        let rested: i64 = self.rests.iter().map(|[from, to]| (to - from).max(0)).sum();
        let minutes = ((self.ended - self.started - rested).max(0)) as f64 / 60_000.0;
        let points: Vec<[f64; 2]> = self.track.iter().map(|(_, lon, lat)| [*lon, *lat]).collect();
        let metres = length(&points);
        let coverage = Self::coverage(path, &points, rule.corridor_m);
        let mut invalid = vec![];
        for (holds, why) in [
            (minutes < rule.minutes_min, Invalid::TooShort),
            (metres < rule.metres_min, Invalid::TooNear),
            (coverage.is_none_or(|share| share < rule.coverage_min), Invalid::NotAlong),
            (self.is_too_soon(last_end, rule), Invalid::TooSoon),
            (!rule.kinds.contains(&self.kind), Invalid::Kind),
            (self.is_impossible(), Invalid::Impossible),
            (self.is_too_fast(rule.speed_m_s_max), Invalid::TooFast),
        ] {
            if holds {
                invalid.push(why);
            }
        }
        Walked { minutes, metres, coverage, invalid }
    }

    fn is_too_soon(&self, last_end: Option<i64>, rule: &PatrolRule) -> bool {
        last_end.is_some_and(|last| ((self.started - last) as f64) < rule.gap_h_min * 3_600_000.0)
    }

    fn is_impossible(&self) -> bool {
        let is_nowhere = |(_, lon, lat): &(i64, f64, f64)| {
            !lon.is_finite() || !lat.is_finite() || lon.abs() > 180.0 || lat.abs() > 90.0
        };
        self.ended < self.started
            || self.track.iter().any(is_nowhere)
            || self.track.windows(2).any(|pair| pair[1].0 < pair[0].0)
    }

    fn is_too_fast(&self, max: f64) -> bool {
        self.track.windows(2).any(|pair| {
            let seconds = (pair[1].0 - pair[0].0) as f64 / 1_000.0;
            let metres = distance([pair[0].1, pair[0].2], [pair[1].1, pair[1].2]);
            // Positions are a few metres off: a jump of less says nothing about speed.
            metres > 50.0 && metres > max * seconds
        })
    }

    fn coverage(path: &[[f64; 2]], points: &[[f64; 2]], corridor: f64) -> Option<f64> {
        let samples = sampled(path);
        if samples.is_empty() {
            return None;
        }
        let is_passed =
            |sample: &&[f64; 2]| points.iter().any(|at| distance(*at, **sample) <= corridor);
        Some(samples.iter().filter(is_passed).count() as f64 / samples.len() as f64)
    }
}

/// Points along a line, evenly.
fn sampled(path: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let whole = length(path);
    if whole <= 0.0 || !whole.is_finite() {
        return vec![];
    }
    let step = SAMPLE_M.max(whole / SAMPLES_MAX as f64);
    let mut samples = vec![];
    let mut next = 0.0;
    let mut gone = 0.0;
    for pair in path.windows(2) {
        let here = distance(pair[0], pair[1]);
        while next <= gone + here && here > 0.0 {
            let share = (next - gone) / here;
            samples
                .push([0, 1].map(|axis| pair[0][axis] + share * (pair[1][axis] - pair[0][axis])));
            next += step;
        }
        gone += here;
    }
    samples
}

fn length(path: &[[f64; 2]]) -> f64 {
    path.windows(2).map(|pair| distance(pair[0], pair[1])).sum()
}

/// Metres between two positions of (longitude, latitude) in degrees, on a sphere.
fn distance([lon1, lat1]: [f64; 2], [lon2, lat2]: [f64; 2]) -> f64 {
    let half = |a: f64, b: f64| ((b - a).to_radians() / 2.0).sin().powi(2);
    let h = half(lat1, lat2) + lat1.to_radians().cos() * lat2.to_radians().cos() * half(lon1, lon2);
    2.0 * EARTH_M * h.sqrt().min(1.0).asin()
}

impl Invalid {
    /// Chinese and English.
    pub fn words(self) -> Text {
        let (zh, en) = match self {
            Self::TooShort => ("时间不足", "too few minutes"),
            Self::TooNear => ("里程不足", "too few metres"),
            Self::NotAlong => ("轨迹没有沿河段", "the track does not follow the line"),
            Self::TooSoon => ("距上次巡查太近", "too soon after the last one"),
            Self::Kind => ("这种方式不计入", "this kind does not count"),
            Self::Impossible => ("时间或位置不可能", "a time or a position that cannot be"),
            Self::TooFast => ("速度不可能", "faster than anybody patrols"),
        };
        Text { zh: zh.to_owned(), en: en.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One kilometre to the north.
    const REACH: [[f64; 2]; 2] = [[113.5, 34.80], [113.5, 34.809]];

    /// Along the reach, a position each 10 s.
    fn patrol(minutes: i64, share: f64) -> Patrol {
        let steps = minutes * 6;
        let at = |n: i64| (n * 10_000, 113.5, 34.80 + 0.009 * share * n as f64 / steps as f64);
        Patrol {
            id: "p".to_owned(),
            line: "reach".to_owned(),
            kind: "foot".to_owned(),
            started: 0,
            ended: minutes * 60_000,
            rests: vec![],
            track: (0..=steps).map(at).collect(),
        }
    }

    fn check(patrol: &Patrol, expected: &[Invalid]) {
        let walked = patrol.walked(&REACH, Some(-7_200_000), &PatrolRule::default());
        assert_eq!(walked.invalid, expected, "{walked:?}");
    }

    #[test]
    fn a_walk_along_the_reach_counts_and_says_how_far() {
        let walked = patrol(20, 1.0).walked(&REACH, None, &PatrolRule::default());
        assert!((walked.metres - 1_000.8).abs() < 1.0 && (walked.minutes - 20.0).abs() < 1e-9);
        assert_eq!((walked.coverage, walked.invalid), (Some(1.0), vec![]));
    }

    #[test]
    fn each_reason_is_named() {
        check(&patrol(5, 1.0), &[Invalid::TooShort]);
        check(&patrol(20, 0.2), &[Invalid::TooNear]);
        check(&Patrol { track: vec![], ..patrol(20, 1.0) }, &[Invalid::TooNear, Invalid::NotAlong]);
        check(&Patrol { kind: "meeting".to_owned(), ..patrol(20, 1.0) }, &[Invalid::Kind]);
        check(&Patrol { rests: vec![[0, 900_000]], ..patrol(20, 1.0) }, &[Invalid::TooShort]);
        let mut away = patrol(20, 1.0);
        away.track.iter_mut().for_each(|point| point.1 += 0.01);
        check(&away, &[Invalid::NotAlong]);
        let mut back = patrol(20, 1.0);
        back.track.swap(3, 4);
        check(&back, &[Invalid::Impossible]);
        let mut jump = patrol(20, 1.0);
        jump.track[50].1 += 0.01;
        check(&jump, &[Invalid::TooFast]);
        let soon = patrol(20, 1.0).walked(&REACH, Some(0), &PatrolRule::default());
        assert_eq!(soon.invalid, [Invalid::TooSoon]);
        let nowhere = patrol(20, 1.0).walked(&[], None, &PatrolRule::default());
        assert_eq!((nowhere.coverage, nowhere.invalid), (None, vec![Invalid::NotAlong]));
    }
}
