//! Four rivers, drawn downstream, and five roads.

use super::areas::bent;
use super::waters::{STREAMS, along, length_km};
use super::{Spot, names};
use crate::noise::Dice;
use model::{Line, LineKind};
use std::sync::LazyLock;

struct Course {
    key: &'static str,
    name: (&'static str, &'static str),
    kind: LineKind,
    /// How much traffic a road carries, 1 for the busiest; 0 for rivers.
    traffic: f64,
    corners: &'static [(f64, f64)],
}

const COURSES: [Course; 9] = [
    Course {
        key: "pine-ink",
        name: ("松墨河", "Pine-ink River"),
        kind: LineKind::River,
        traffic: 0.0,
        corners: &[
            (-6.3, 2.5),
            (-4.6, 2.1),
            (-3.0, 2.4),
            (-1.3, 1.5),
            (0.6, 1.4),
            (2.4, 0.5),
            (4.2, 0.6),
            (6.2, -0.3),
        ],
    },
    Course {
        key: "brush-wash",
        name: ("笔洗河", "Brush-wash River"),
        kind: LineKind::River,
        traffic: 0.0,
        corners: &[(-3.9, 4.7), (-3.6, 3.6), (-3.2, 2.9), (-3.0, 2.4)],
    },
    Course {
        key: "paperweight",
        name: ("镇纸河", "Paperweight River"),
        kind: LineKind::River,
        traffic: 0.0,
        corners: &[
            (-6.2, -1.6),
            (-4.2, -1.9),
            (-2.4, -2.6),
            (-0.2, -2.4),
            (1.6, -2.9),
            (3.6, -2.7),
            (6.1, -3.2),
        ],
    },
    Course {
        key: "letter",
        name: ("信笺河", "Letter River"),
        kind: LineKind::River,
        traffic: 0.0,
        corners: &[(2.6, 5.0), (2.9, 3.5), (2.3, 2.3), (2.6, 1.3), (2.4, 0.5)],
    },
    Course {
        key: "dash",
        name: ("破折号快速路", "Dash Expressway"),
        kind: LineKind::Road,
        traffic: 1.0,
        corners: &[(-6.1, -0.7), (-3.2, -0.4), (0.2, -0.6), (3.4, -0.4), (6.1, -0.9)],
    },
    Course {
        key: "full-stop",
        name: ("句号大道", "Full-stop Avenue"),
        kind: LineKind::Road,
        traffic: 0.8,
        corners: &[(0.6, -4.7), (0.4, -2.2), (0.2, -0.6), (0.3, 1.9), (-0.3, 4.8)],
    },
    Course {
        key: "comma",
        name: ("逗号路", "Comma Road"),
        kind: LineKind::Road,
        traffic: 0.5,
        corners: &[(-5.6, 3.1), (-2.6, 3.3), (0.1, 3.0), (2.9, 3.1), (5.3, 3.0)],
    },
    Course {
        key: "ruled-line",
        name: ("横格路", "Ruled-line Road"),
        kind: LineKind::Road,
        traffic: 0.5,
        corners: &[(-5.7, -3.0), (-2.8, -3.4), (0.5, -3.5), (3.0, -3.6), (5.5, -3.8)],
    },
    Course {
        key: "bracket",
        name: ("括号路", "Bracket Road"),
        kind: LineKind::Road,
        traffic: 0.6,
        corners: &[(-3.6, -4.2), (-3.4, -2.2), (-3.2, -0.4), (-3.5, 1.4), (-2.6, 3.3)],
    },
];

/// Where each river is cut into reaches, as parts of its length: at its water sites, or, where there are
/// none, at its gate and outfall.
const CUTS: [&[f64]; 4] = [&[0.36, 0.53, 0.66], &[0.25, 0.55], &[0.25, 0.45, 0.70], &[0.30, 0.60]];
const REACH_NAMES: [(&str, &str); 4] =
    [("一段", "Reach 1"), ("二段", "Reach 2"), ("三段", "Reach 3"), ("四段", "Reach 4")];

/// Rivers, their reaches, and roads, as the registry wants them.
pub(crate) fn lines() -> Vec<Line> {
    static LINES: LazyLock<Vec<Line>> = LazyLock::new(|| {
        let reaches = (0..STREAMS.len()).flat_map(reaches);
        courses().into_iter().chain(reaches).collect()
    });
    LINES.clone()
}

/// The key of the reach that holds a part of a river's length. A cut belongs to the reach above it.
pub(crate) fn reach_of(stream: usize, part: f64) -> String {
    let number = CUTS[stream].iter().filter(|cut| **cut < part - 1e-9).count();
    format!("{}-{}", STREAMS[stream].key, number + 1)
}

fn reaches(stream: usize) -> impl Iterator<Item = Line> {
    let river = &COURSES[stream];
    let path = river.path();
    let ends = CUTS[stream].iter().copied().chain([1.0]);
    let starts = [0.0].into_iter().chain(CUTS[stream].iter().copied());
    starts.zip(ends).enumerate().map(move |(number, (from, to))| Line {
        key: format!("{}-{}", river.key, number + 1),
        name: names(
            format!("{}{}", river.name.0, REACH_NAMES[number].0),
            format!("{} {}", river.name.1, REACH_NAMES[number].1),
        ),
        kind: LineKind::Reach,
        within: river.key.to_owned(),
        path: stretch(&path, from, to).iter().map(|spot| spot.degrees()).collect(),
        ..Line::default()
    })
}

/// The part of a path between two parts of its length, with the corners between.
fn stretch(path: &[Spot], from: f64, to: f64) -> Vec<Spot> {
    let whole = length_km(path);
    let mut spots = vec![along(path, from)];
    let mut km = 0.0;
    for pair in path.windows(2) {
        km += pair[0].distance(pair[1]);
        if km > from * whole + 1e-9 && km < to * whole - 1e-9 {
            spots.push(pair[1]);
        }
    }
    spots.push(along(path, to));
    spots
}

fn courses() -> Vec<Line> {
    COURSES
        .iter()
        .map(|course| Line {
            key: course.key.to_owned(),
            name: names(course.name.0, course.name.1),
            kind: course.kind,
            path: course.path().iter().map(|spot| spot.degrees()).collect(),
            ..Line::default()
        })
        .collect()
}

/// The path of one line, or none.
pub(crate) fn path(key: &str) -> Vec<Spot> {
    COURSES.iter().find(|course| course.key == key).map(Course::path).unwrap_or_default()
}

/// The roads with their traffic.
pub(crate) fn roads() -> Vec<(Vec<Spot>, f64)> {
    COURSES
        .iter()
        .filter(|course| course.kind == LineKind::Road)
        .map(|course| (course.path(), course.traffic))
        .collect()
}

impl Course {
    fn path(&self) -> Vec<Spot> {
        let corners: Vec<Spot> = self.corners.iter().map(|&(x, y)| Spot::new(x, y)).collect();
        let dice = Dice::new(0).named(self.key);
        let (times, share) = match self.kind {
            LineKind::River | LineKind::Reach => (3, 0.13),
            LineKind::Road => (1, 0.02),
        };
        // each stretch is bent by itself: corners stay, so a confluence stays a shared point
        let mut path = Vec::new();
        for (number, pair) in corners.windows(2).enumerate() {
            path.extend(bent(pair.to_vec(), dice.numbered(number as u64), times, share));
            path.pop();
        }
        path.extend(corners.last());
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_four_rivers_and_two_of_them_end_in_the_first() {
        let lines = lines();
        let rivers: Vec<&Line> = lines.iter().filter(|line| line.kind == LineKind::River).collect();
        assert_eq!(rivers.len(), 4);
        for tributary in [1, 3] {
            let mouth = rivers[tributary].path.last().unwrap();
            assert!(rivers[0].path.contains(mouth), "{}", rivers[tributary].name.en);
        }
        assert_eq!(roads().len(), 5);
    }

    #[test]
    fn reaches_run_on_from_one_to_the_next_and_make_up_their_river() {
        let lines = lines();
        for river in lines.iter().filter(|line| line.kind == LineKind::River) {
            let reaches: Vec<&Line> =
                lines.iter().filter(|line| line.within == river.key).collect();
            assert!((3..=4).contains(&reaches.len()));
            assert!(reaches.windows(2).all(|pair| pair[0].path.last() == pair[1].path.first()));
            assert_eq!(reaches[0].path.first(), river.path.first());
            assert_eq!(reaches.last().unwrap().path.last(), river.path.last());
        }
        assert_eq!(reach_of(0, 0.36), "pine-ink-1");
        assert_eq!(reach_of(0, 0.37), "pine-ink-2");
    }
}
