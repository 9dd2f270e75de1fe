//! Four rivers, drawn downstream, and five roads.

use super::areas::bent;
use super::{Spot, names};
use crate::noise::Dice;
use model::{Line, LineKind};

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

/// Rivers and roads as the registry wants them.
pub(crate) fn lines() -> Vec<Line> {
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
}
