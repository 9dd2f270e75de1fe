//! The rivers of the registry as a network: reaches that end where another one joins.

use crate::words::Words;
use model::{Line, LineKind, Place, Registry};
use space::Plane;
use space::river::{Network, Reach, Spot};

/// How near the end of a river has to come to another one to run into it, m.
const JOINS_M: f64 = 150.0;
/// How far from a river something may be registered and still stand on it, m.
const BESIDE_M: f64 = 500.0;
/// Speed where none is known, m/s.
const SPEED_M_S: f64 = 0.25;
/// Flow of a head where none is known, m³/s.
const HEAD_M3_S: f64 = 1.0;

/// The network, and where its reaches run.
pub struct Rivers {
    pub network: Network,
    /// The name of each reach's river.
    pub names: Vec<Words>,
    keys: Vec<String>,
    paths: Vec<Vec<[f64; 2]>>,
    plane: Plane,
}

struct Course {
    key: String,
    name: Words,
    path: Vec<[f64; 2]>,
}

impl Rivers {
    /// The rivers of a registry: reaches where a river has them, else itself. `None` without any.
    pub fn of(registry: &Registry) -> Option<Self> {
        let has_reach = |key: &str| registry.lines.iter().any(|line| line.within == key);
        let lines: Vec<&Line> = registry
            .lines
            .iter()
            .filter(|line| match line.kind {
                LineKind::Reach => true,
                LineKind::River => !has_reach(&line.key),
                LineKind::Road => false,
            })
            .filter(|line| line.path.len() > 1)
            .collect();
        let plane = Plane::at(*lines.first()?.path.first()?);
        let course = |line: &&Line| Course {
            key: line.key.clone(),
            name: Words::from(&line.name),
            path: line.path.iter().map(|point| plane.metres(*point)).collect(),
        };
        let courses: Vec<Course> = lines.iter().map(course).collect();
        Some(Self::joined(&courses, plane))
    }

    fn joined(courses: &[Course], plane: Plane) -> Self {
        // where each course ends on another one
        let end = |number: usize| courses[number].path[courses[number].path.len() - 1];
        let onto = |number: usize| {
            let others = (0..courses.len()).filter(|other| *other != number);
            let near = others.map(|other| {
                let (along, metres) = nearest(&courses[other].path, end(number));
                (metres, other, along)
            });
            // a course that begins here comes before one that passes by
            let is_start = |along: f64| along < JOINS_M;
            near.filter(|(metres, other, along)| {
                *metres < JOINS_M && *along < length(&courses[*other].path) - JOINS_M
            })
            .min_by(|a, b| {
                is_start(b.2).cmp(&is_start(a.2)).then(a.0.total_cmp(&b.0)).then(a.1.cmp(&b.1))
            })
        };
        let ends: Vec<Option<(usize, f64)>> = (0..courses.len())
            .map(|number| onto(number).map(|(_, other, along)| (other, along)))
            .collect();
        let mut rivers =
            Self { network: Network::default(), names: vec![], keys: vec![], paths: vec![], plane };
        // pieces of each course between the mouths of what joins it
        let mut first = vec![];
        let mut cuts: Vec<Vec<f64>> = vec![];
        for (number, course) in courses.iter().enumerate() {
            let joins = ends.iter().flatten().filter(|(other, _)| *other == number);
            let mut at: Vec<f64> =
                joins.map(|(_, along)| *along).filter(|along| *along >= JOINS_M).collect();
            at.sort_by(f64::total_cmp);
            at.dedup_by(|a, b| (*a - *b).abs() < JOINS_M);
            first.push(rivers.paths.len());
            let mut from = 0.0;
            for to in at.iter().copied().chain([length(&course.path)]) {
                rivers.paths.push(part(&course.path, from, to));
                rivers.names.push(course.name.clone());
                rivers.keys.push(course.key.clone());
                from = to;
            }
            cuts.push(at);
        }
        let piece_at = |course: usize, along: f64| {
            let before = cuts[course].iter().filter(|cut| **cut <= along + JOINS_M).count();
            first[course] + before
        };
        for (number, own_cuts) in cuts.iter().enumerate() {
            for piece in 0..=own_cuts.len() {
                let at = first[number] + piece;
                let into = if piece < own_cuts.len() {
                    Some(at + 1)
                } else {
                    ends[number].map(|(other, along)| piece_at(other, along))
                };
                let length_m = length(&rivers.paths[at]).max(1.0);
                let reach = Reach { length_m, speed_m_s: SPEED_M_S, flow_m3_s: 0.0, into };
                rivers.network.reaches.push(reach);
            }
        }
        rivers.fill_flow();
        rivers
    }

    /// Each head brings the same; below a mouth flows what comes together.
    fn fill_flow(&mut self) {
        let count = self.network.reaches.len();
        let is_head = |at: usize| !self.network.reaches.iter().any(|reach| reach.into == Some(at));
        let heads: Vec<usize> = (0..count).filter(|at| is_head(*at)).collect();
        for head in heads {
            let mut at = Some(head);
            for _ in 0..count {
                let Some(here) = at else { break };
                self.network.reaches[here].flow_m3_s += HEAD_M3_S;
                at = self.network.reaches[here].into;
            }
        }
    }

    /// Where something of the registry stands on the network: on its line when it names one.
    pub fn spot(&self, place: &Place) -> Option<Spot> {
        let at = self.plane.metres([place.lon, place.lat]);
        let is_own = |reach: usize| place.line.is_empty() || self.keys[reach] == place.line;
        let near = |only_own: bool| {
            let reaches = (0..self.paths.len()).filter(|reach| !only_own || is_own(*reach));
            let found = reaches.map(|reach| {
                let (along_m, metres) = nearest(&self.paths[reach], at);
                (metres, Spot { reach, along_m })
            });
            found.min_by(|a, b| a.0.total_cmp(&b.0)).filter(|(metres, _)| *metres < BESIDE_M)
        };
        near(true).or_else(|| near(false)).map(|(_, spot)| spot)
    }

    /// Longitude and latitude of a spot.
    pub fn point(&self, spot: Spot) -> Option<[f64; 2]> {
        let path = self.paths.get(spot.reach)?;
        let part = part(path, 0.0, spot.along_m);
        part.last().map(|at| self.plane.degrees(*at))
    }
}

fn length(path: &[[f64; 2]]) -> f64 {
    path.windows(2).map(|pair| (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1])).sum()
}

/// How far along a path lies the point of it that is nearest to a spot, and how far the spot is from it.
fn nearest(path: &[[f64; 2]], spot: [f64; 2]) -> (f64, f64) {
    let (mut best, mut done) = ((0.0, f64::INFINITY), 0.0);
    for pair in path.windows(2) {
        let (dx, dy) = (pair[1][0] - pair[0][0], pair[1][1] - pair[0][1]);
        let own = dx.hypot(dy);
        let (x, y) = (spot[0] - pair[0][0], spot[1] - pair[0][1]);
        let share = ((x * dx + y * dy) / (own * own).max(1e-12)).clamp(0.0, 1.0);
        let metres = (x - share * dx).hypot(y - share * dy);
        if metres < best.1 {
            best = (done + share * own, metres);
        }
        done += own;
    }
    best
}

/// A part of a path.
fn part(path: &[[f64; 2]], from: f64, to: f64) -> Vec<[f64; 2]> {
    let mut corners = vec![];
    let mut done = 0.0;
    for pair in path.windows(2) {
        let own = (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1]);
        let at = |along: f64| -> [f64; 2] {
            let share = ((along - done) / own.max(1e-12)).clamp(0.0, 1.0);
            std::array::from_fn(|axis| pair[0][axis] + share * (pair[1][axis] - pair[0][axis]))
        };
        if done + own >= from && done <= to {
            if corners.is_empty() {
                corners.push(at(from));
            }
            corners.push(at(to.min(done + own)));
        }
        done += own;
    }
    corners
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course(key: &str, path: &[[f64; 2]]) -> Course {
        Course { key: key.to_owned(), name: Words::new(key, key), path: path.to_vec() }
    }

    #[test]
    fn a_tributary_cuts_the_river_where_it_joins_and_brings_its_flow() {
        let courses = [
            course("main", &[[0.0, 0.0], [5_000.0, 0.0], [10_000.0, 0.0]]),
            course("side", &[[4_000.0, 3_000.0], [4_000.0, 50.0]]),
        ];
        let rivers = Rivers::joined(&courses, Plane::at([113.5, 34.8]));
        let reaches = &rivers.network.reaches;
        assert_eq!(
            reaches.iter().map(|reach| reach.into).collect::<Vec<_>>(),
            [Some(1), None, Some(1)]
        );
        let flows: Vec<f64> = reaches.iter().map(|reach| reach.flow_m3_s).collect();
        assert_eq!(flows, [1.0, 2.0, 1.0]);
        assert!((reaches[0].length_m - 4_000.0).abs() < 1.0);
    }

    #[test]
    fn reaches_of_one_river_follow_each_other_and_a_site_stands_on_its_own_line() {
        let courses = [
            course("upper", &[[0.0, 0.0], [3_000.0, 0.0]]),
            course("lower", &[[3_000.0, 0.0], [9_000.0, 0.0]]),
        ];
        let plane = Plane::at([113.5, 34.8]);
        let rivers = Rivers::joined(&courses, plane);
        assert_eq!(rivers.network.reaches[0].into, Some(1));
        let [lon, lat] = plane.degrees([2_990.0, 40.0]);
        let site = Place { lon, lat, line: "lower".to_owned(), ..Place::default() };
        assert_eq!(rivers.spot(&site).map(|spot| spot.reach), Some(1));
        let anywhere = Place { line: String::new(), ..site };
        assert_eq!(rivers.spot(&anywhere).map(|spot| spot.reach), Some(0));
    }
}
