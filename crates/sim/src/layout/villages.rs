//! The 39 villages: each sub-district parted among its villages, so that they tile it.
//!
//! A village is what lies nearer to its middle than to any other middle of its sub-district; the middles
//! are spread evenly and then moved to the middle of what is theirs, a few times.

use super::areas::{AREAS, Outline};
use super::{Spot, contains, names};
use crate::noise::Dice;
use model::{Area, AreaKind};

/// Names by sub-district, in the order of [`AREAS`]: all of them things that lie on a desk.
const NAMES: [&[(&str, &str)]; 5] = [
    &[
        ("扇骨", "Fan-rib"),
        ("扇面", "Fan-leaf"),
        ("扇坠", "Fan-tassel"),
        ("书签", "Bookmark"),
        ("腰封", "Belly-band"),
        ("扉页", "Flyleaf"),
        ("索引", "Index"),
    ],
    &[
        ("砚池", "Ink-pool"),
        ("墨床", "Ink-rest"),
        ("水盂", "Water-pot"),
        ("印泥", "Seal-paste"),
        ("笔架", "Brush-rack"),
        ("笔帘", "Brush-roll"),
        ("吸墨纸", "Blotter"),
        ("墨水瓶", "Ink-bottle"),
        ("蘸水笔", "Dip-pen"),
    ],
    &[
        ("风筝线", "Kite-string"),
        ("纸飞机", "Paper-plane"),
        ("折纸鹤", "Paper-crane"),
        ("纸风车", "Paper-windmill"),
        ("订书机", "Stapler"),
        ("回形针", "Paperclip"),
        ("图钉", "Drawing-pin"),
    ],
    &[
        ("谜面", "Riddle"),
        ("谜底", "Answer"),
        ("谜格", "Riddle-form"),
        ("灯罩", "Lampshade"),
        ("走马灯", "Zoetrope"),
        ("便利贴", "Sticky-note"),
        ("卷笔刀", "Sharpener"),
        ("橡皮擦", "Eraser"),
    ],
    &[
        ("三角板", "Set-square"),
        ("量角器", "Protractor"),
        ("圆规", "Compasses"),
        ("方格纸", "Graph-paper"),
        ("铅笔盒", "Pencil-case"),
        ("复写纸", "Carbon-paper"),
        ("放大镜", "Magnifier"),
        ("丁字尺", "T-square"),
    ],
];

/// Times that the middles are moved.
const ROUNDS: usize = 6;

/// The villages as the registry wants them, sub-district by sub-district.
pub(crate) fn villages() -> Vec<Area> {
    let mut villages = Vec::new();
    for (outline, names_here) in AREAS.iter().zip(NAMES) {
        for (number, (ring, name)) in
            cells(outline, names_here.len()).iter().zip(names_here).enumerate()
        {
            let mut ring: Vec<[f64; 2]> = ring.iter().map(|spot| spot.degrees()).collect();
            ring.dedup();
            ring.extend(ring.first().copied());
            ring.dedup();
            villages.push(Area {
                key: format!("{}-{:02}", outline.key, number + 1),
                name: names(format!("{}村", name.0), format!("{} Village", name.1)),
                kind: AreaKind::Village,
                within: outline.key.to_owned(),
                ring,
                ..Area::default()
            });
        }
    }
    villages
}

/// Parts a sub-district into so many rings.
fn cells(outline: &Outline, count: usize) -> Vec<Vec<Spot>> {
    let ring = outline.ring();
    let mut middles = scattered(&ring, Dice::new(0).named("villages").named(outline.key), count);
    for _ in 0..ROUNDS {
        middles = parted(&ring, &middles).iter().map(|cell| centroid(cell)).collect();
    }
    parted(&ring, &middles)
}

/// Spots in a ring, none close to another.
fn scattered(ring: &[Spot], dice: Dice, count: usize) -> Vec<Spot> {
    let throws = (0..1_000)
        .map(|n| Spot::new(12.0 * dice.uniform(2 * n) - 6.0, 9.6 * dice.uniform(2 * n + 1) - 4.8));
    let inside: Vec<Spot> = throws.filter(|&spot| contains(ring, spot)).collect();
    let mut taken: Vec<Spot> = Vec::with_capacity(count);
    for _ in 0..count {
        let room = |spot: &Spot| {
            taken.iter().map(|other| other.distance(*spot)).fold(f64::INFINITY, f64::min)
        };
        let best = inside.iter().copied().max_by(|a, b| room(a).total_cmp(&room(b)));
        taken.extend(best);
    }
    taken
}

fn parted(ring: &[Spot], middles: &[Spot]) -> Vec<Vec<Spot>> {
    middles
        .iter()
        .map(|middle| {
            let others = middles.iter().filter(|other| *other != middle);
            others.fold(ring.to_vec(), |cell, other| nearer(&cell, *middle, *other))
        })
        .collect()
}

/// What of a ring lies nearer to one spot than to another (Sutherland and Hodgman's clipping).
fn nearer(ring: &[Spot], one: Spot, other: Spot) -> Vec<Spot> {
    let side = |spot: Spot| {
        let (middle_x, middle_y) = (f64::midpoint(one.x, other.x), f64::midpoint(one.y, other.y));
        (spot.x - middle_x) * (one.x - other.x) + (spot.y - middle_y) * (one.y - other.y)
    };
    let mut kept = Vec::with_capacity(ring.len());
    for (number, &from) in ring.iter().enumerate() {
        let to = ring[(number + 1) % ring.len()];
        let (before, after) = (side(from), side(to));
        if before >= 0.0 {
            kept.push(from);
        }
        if (before < 0.0) != (after < 0.0) {
            let share = before / (before - after);
            kept.push(Spot::new(
                from.x + share * (to.x - from.x),
                from.y + share * (to.y - from.y),
            ));
        }
    }
    kept
}

fn centroid(ring: &[Spot]) -> Spot {
    let (mut area, mut x, mut y) = (0.0, 0.0, 0.0);
    for (number, a) in ring.iter().enumerate() {
        let b = ring[(number + 1) % ring.len()];
        let cross = a.x * b.y - b.x * a.y;
        area += cross;
        x += (a.x + b.x) * cross;
        y += (a.y + b.y) * cross;
    }
    Spot::new(x / (3.0 * area), y / (3.0 * area))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rings() -> Vec<(String, Vec<Spot>)> {
        let spots = |area: Area| {
            let ring = area.ring.iter().map(|[lon, lat]| Spot::of_degrees(*lon, *lat)).collect();
            (area.within, ring)
        };
        villages().into_iter().map(spots).collect()
    }

    #[test]
    fn there_are_39_villages_with_names_of_their_own() {
        let villages = villages();
        assert_eq!(villages.len(), 39);
        let mut names: Vec<&str> = villages.iter().map(|area| area.name.en.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 39);
        assert!(villages.iter().all(|area| area.ring.len() > 3));
        assert!(villages.iter().all(|area| area.ring.first() == area.ring.last()));
    }

    #[test]
    fn every_spot_of_a_sub_district_lies_in_one_village_of_it() {
        let rings = rings();
        for outline in &AREAS {
            let whole = outline.ring();
            let mut apart = 0;
            let mut looked = 0;
            for row in 0..96 {
                for column in 0..120 {
                    let (column, row) = (f64::from(column), f64::from(row));
                    let spot = Spot::new(column * 0.1 - 6.0013, row * 0.1 - 4.8007);
                    let holders = rings
                        .iter()
                        .filter(|(within, ring)| within == outline.key && contains(ring, spot));
                    let expected = usize::from(contains(&whole, spot));
                    looked += expected;
                    apart += usize::from(holders.count() != expected);
                }
            }
            // on a border the sixth decimal decides
            assert!(looked > 800 && apart <= 2, "{}: {apart} of {looked}", outline.key);
        }
    }
}
