//! The five sub-districts. They tile the zone: two neighbours share every point of their border.

use super::{Spot, names};
use crate::noise::Dice;
use model::Area;

/// A sub-district: key, name, and its corners as numbers of [`CORNERS`], counter-clockwise.
pub(crate) struct Outline {
    pub key: &'static str,
    /// Without the word for sub-district, as places in it are named.
    pub short: (&'static str, &'static str),
    corners: &'static [usize],
}

pub(crate) const AREAS: [Outline; 5] = [
    Outline { key: "fan", short: ("折扇", "Fan"), corners: &[11, 12, 13, 14, 15] },
    Outline { key: "inkstone", short: ("砚台", "Inkstone"), corners: &[0, 1, 2, 3, 12, 11] },
    Outline { key: "kite", short: ("纸鸢", "Kite"), corners: &[3, 4, 5, 13, 12] },
    Outline { key: "lantern", short: ("灯谜", "Lantern"), corners: &[5, 6, 7, 8, 14, 13] },
    Outline { key: "ruler", short: ("墨尺", "Ruler"), corners: &[8, 9, 10, 0, 11, 15, 14] },
];

/// 0 to 10 run around the zone from the south-west, 11 to 15 around its middle.
const CORNERS: [Spot; 16] = [
    Spot::new(-5.6, -3.9),
    Spot::new(-2.0, -4.6),
    Spot::new(1.8, -4.5),
    Spot::new(5.4, -4.6),
    Spot::new(5.9, -1.2),
    Spot::new(5.6, 1.8),
    Spot::new(4.8, 4.6),
    Spot::new(1.0, 4.7),
    Spot::new(-2.4, 4.4),
    Spot::new(-5.4, 4.1),
    Spot::new(-5.9, 0.2),
    Spot::new(-1.9, -1.4),
    Spot::new(1.7, -1.7),
    Spot::new(2.2, 1.2),
    Spot::new(-0.2, 2.1),
    Spot::new(-2.3, 1.1),
];

/// Times that each border is bent in the middle of its pieces.
const BENDS: u32 = 4;

/// The sub-districts as the registry wants them.
pub(crate) fn areas() -> Vec<Area> {
    AREAS
        .iter()
        .map(|outline| Area {
            key: outline.key.to_owned(),
            name: names(
                format!("{}街道", outline.short.0),
                format!("{} Sub-district", outline.short.1),
            ),
            ring: closed(&outline.ring()).iter().map(|spot| spot.degrees()).collect(),
            ..Area::default()
        })
        .collect()
}

impl Outline {
    /// The border in kilometres, not closed.
    pub(crate) fn ring(&self) -> Vec<Spot> {
        let corner = |number: usize| self.corners[number % self.corners.len()];
        (0..self.corners.len())
            .flat_map(|number| border(corner(number), corner(number + 1)))
            .collect()
    }
}

/// The points from one corner up to, not including, the next. The bends depend on the pair of
/// corners alone, so both neighbours draw the same line.
fn border(from: usize, to: usize) -> Vec<Spot> {
    let (low, high) = (from.min(to), from.max(to));
    let dice = Dice::new(0).named("border").numbered((low * CORNERS.len() + high) as u64);
    let mut points = bent(vec![CORNERS[low], CORNERS[high]], dice, BENDS, 0.09);
    if from > to {
        points.reverse();
    }
    points.pop();
    points
}

/// Moves the middle of each piece sideways by up to `share` of its length, again and again.
pub(super) fn bent(mut points: Vec<Spot>, dice: Dice, times: u32, share: f64) -> Vec<Spot> {
    for round in 0..times {
        let mut next = Vec::with_capacity(points.len() * 2);
        for (number, pair) in points.windows(2).enumerate() {
            let (a, b) = (pair[0], pair[1]);
            let push = share * (2.0 * dice.numbered(u64::from(round)).uniform(number as i64) - 1.0);
            let middle = Spot::new(
                f64::midpoint(a.x, b.x) - push * (b.y - a.y),
                f64::midpoint(a.y, b.y) + push * (b.x - a.x),
            );
            next.extend([a, middle]);
        }
        next.extend(points.last());
        points = next;
    }
    points
}

fn closed(ring: &[Spot]) -> Vec<Spot> {
    ring.iter().chain(ring.first()).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::contains;

    fn area_km2(ring: &[Spot]) -> f64 {
        let ring = closed(ring);
        ring.windows(2).map(|pair| pair[0].x * pair[1].y - pair[1].x * pair[0].y).sum::<f64>() / 2.0
    }

    #[test]
    fn the_zone_has_about_99_square_kilometres() {
        let total: f64 = AREAS.iter().map(|outline| area_km2(&outline.ring())).sum();
        assert!((98.5..99.5).contains(&total), "{total}");
        assert!(AREAS.iter().all(|outline| area_km2(&outline.ring()) > 8.0));
    }

    #[test]
    fn the_sub_districts_tile_the_zone() {
        let rings: Vec<Vec<Spot>> = AREAS.iter().map(Outline::ring).collect();
        let mut inside = 0;
        for row in 0..200 {
            for column in 0..240 {
                let spot =
                    Spot::new(f64::from(column) * 0.05 - 6.0013, f64::from(row) * 0.05 - 5.0007);
                let holders = rings.iter().filter(|ring| contains(ring, spot)).count();
                assert!(holders <= 1, "{spot:?} lies in {holders} sub-districts");
                let middle = spot.x.abs() < 5.0 && spot.y.abs() < 3.3;
                assert!(holders == 1 || !middle, "{spot:?} lies in none");
                inside += holders;
            }
        }
        let km2 = inside as f64 * 0.05 * 0.05;
        assert!((98.0..100.0).contains(&km2), "{km2}");
    }

    #[test]
    fn rings_are_closed() {
        assert!(areas().iter().all(|area| area.ring.first() == area.ring.last()));
    }
}
