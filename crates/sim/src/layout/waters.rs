//! What is in and at the rivers: how much water they carry, who lets into them, where they are
//! measured.

use super::lines::{path, reach_of};
use super::{Kind, Post, Spot, names};
use model::{PlaceKind, Target};

/// A river as water: where it comes from and where it goes.
pub(crate) struct Stream {
    /// Key of its line.
    pub key: &'static str,
    /// Number of the river it ends in.
    pub into: Option<usize>,
    /// Usual flow at its head, m³/s.
    pub flow_m3_s: f64,
    /// What it brings at its head, mg/L: oxygen-consuming matter (as `CODMn`), ammonia N, total P,
    /// total N.
    pub head_mg_l: Matter,
}

/// `CODMn`, NH3-N, total P, total N.
pub(crate) type Matter = [f64; 4];

/// Where waste water enters.
pub(crate) struct Outfall {
    pub key: &'static str,
    pub name: (&'static str, &'static str),
    pub stream: usize,
    /// Part of the river's length from its head.
    pub part: f64,
    pub kind: Kind,
    /// g/s at full strength.
    pub load_g_s: Matter,
}

/// Where water is measured.
pub(crate) struct Section {
    pub key: &'static str,
    pub name: (&'static str, &'static str),
    pub stream: usize,
    pub part: f64,
    /// The class it has to reach from 2021 on, and from 2026 on.
    targets: (&'static str, &'static str),
}

/// In the order of the rivers' lines.
pub(crate) const STREAMS: [Stream; 4] = [
    Stream { key: "pine-ink", into: None, flow_m3_s: 6.5, head_mg_l: [4.2, 0.35, 0.10, 1.8] },
    Stream { key: "brush-wash", into: Some(0), flow_m3_s: 0.8, head_mg_l: [4.8, 0.6, 0.13, 2.2] },
    Stream { key: "paperweight", into: None, flow_m3_s: 2.6, head_mg_l: [5.4, 0.7, 0.16, 2.6] },
    Stream { key: "letter", into: Some(0), flow_m3_s: 0.6, head_mg_l: [3.6, 0.25, 0.08, 1.5] },
];

const fn outfall(
    (key, name): (&'static str, (&'static str, &'static str)),
    (stream, part): (usize, f64),
    kind: Kind,
    load_g_s: Matter,
) -> Outfall {
    Outfall { key, name, stream, part, kind, load_g_s }
}

pub(crate) const OUTFALLS: [Outfall; 6] = [
    outfall(
        ("outfall-01", ("折扇污水厂", "Fan Treatment Works")),
        (0, 0.55),
        Kind::Homes,
        [9.0, 1.6, 0.32, 9.0],
    ),
    outfall(
        ("outfall-02", ("样本食品厂", "Specimen Foods")),
        (2, 0.30),
        Kind::Works,
        [4.5, 0.6, 0.18, 1.8],
    ),
    outfall(
        ("outfall-03", ("假设化工厂排口", "Hypothesis Outfall")),
        (3, 0.35),
        Kind::Works,
        [0.9, 0.22, 0.02, 0.5],
    ),
    outfall(
        ("outfall-04", ("砚台雨污口", "Inkstone Storm Drain")),
        (2, 0.60),
        Kind::Homes,
        [3.2, 0.7, 0.10, 1.6],
    ),
    outfall(
        ("outfall-05", ("墨尺村排口", "Ruler Village Drain")),
        (1, 0.50),
        Kind::Homes,
        [1.1, 0.20, 0.04, 0.5],
    ),
    outfall(
        ("outfall-06", ("纸鸢园区污水厂", "Kite Park Works")),
        (2, 0.82),
        Kind::Furnace,
        [3.5, 0.5, 0.12, 3.0],
    ),
];

const fn section(
    (key, name): (&'static str, (&'static str, &'static str)),
    (stream, part): (usize, f64),
    targets: (&'static str, &'static str),
) -> Section {
    Section { key, name, stream, part, targets }
}

impl Section {
    /// The classes it has to reach, oldest first.
    pub(crate) fn targets(&self) -> Vec<Target> {
        let target =
            |from: &str, class: &str| Target { from: from.to_owned(), class: class.to_owned() };
        vec![target("2021-01-01", self.targets.0), target("2026-01-01", self.targets.1)]
    }
}

/// The district's own eight first, then the city's four at the border; names say which these are.
pub(crate) const SECTIONS: [Section; 12] = [
    section(("water-01", ("松墨桥", "Pine-ink Bridge")), (0, 0.36), ("IV", "III")),
    section(("water-02", ("句号大道桥", "Full-stop Bridge")), (0, 0.53), ("IV", "IV")),
    section(("water-03", ("松墨下段", "Pine-ink Lower Reach")), (0, 0.66), ("V", "IV")),
    section(("water-04", ("笔洗河口", "Brush-wash Mouth")), (1, 0.90), ("IV", "III")),
    section(("water-05", ("镇纸上段", "Paperweight Upper Reach")), (2, 0.25), ("IV", "IV")),
    section(("water-06", ("镇纸中段", "Paperweight Middle Reach")), (2, 0.45), ("V", "IV")),
    section(("water-07", ("镇纸下段", "Paperweight Lower Reach")), (2, 0.70), ("V", "V")),
    section(("water-08", ("信笺河口", "Letter Mouth")), (3, 0.92), ("III", "III")),
    section(
        ("water-09", ("松墨入境（市控）", "Pine-ink Inflow (city)")),
        (0, 0.05),
        ("III", "III"),
    ),
    section(("water-10", ("松墨出境（市控）", "Pine-ink Outflow (city)")), (0, 0.95), ("IV", "IV")),
    section(
        ("water-11", ("镇纸入境（市控）", "Paperweight Inflow (city)")),
        (2, 0.06),
        ("IV", "III"),
    ),
    section(
        ("water-12", ("镇纸出境（市控）", "Paperweight Outflow (city)")),
        (2, 0.94),
        ("V", "IV"),
    ),
];

/// The water sites as posts, given the sub-district of a spot.
pub(crate) fn sections(area_of: impl Fn(Spot) -> &'static str) -> Vec<Post> {
    SECTIONS
        .iter()
        .map(|section| {
            let spot = along(&path(STREAMS[section.stream].key), section.part);
            Post {
                key: section.key.to_owned(),
                name: names(section.name.0, section.name.1),
                kind: PlaceKind::WaterSite,
                line: reach_of(section.stream, section.part),
                targets: section.targets(),
                spot,
                area: area_of(spot),
                ..Post::default()
            }
        })
        .collect()
}

/// Where an outfall is.
pub(crate) fn outfall_spot(outfall: &Outfall) -> Spot {
    along_stream(outfall.stream, outfall.part)
}

/// Length of a path, km.
pub(crate) fn length_km(path: &[Spot]) -> f64 {
    path.windows(2).map(|pair| pair[0].distance(pair[1])).sum()
}

/// The spot at a part of a river's length.
pub(crate) fn along_stream(stream: usize, part: f64) -> Spot {
    along(&path(STREAMS[stream].key), part)
}

/// The spot at a part of a path's length.
pub(crate) fn along(path: &[Spot], part: f64) -> Spot {
    let mut left = part.clamp(0.0, 1.0) * length_km(path);
    for pair in path.windows(2) {
        let piece = pair[0].distance(pair[1]);
        if left <= piece {
            let share = left / piece;
            return Spot::new(
                pair[0].x + share * (pair[1].x - pair[0].x),
                pair[0].y + share * (pair[1].y - pair[0].y),
            );
        }
        left -= piece;
    }
    path.last().copied().unwrap_or(Spot::new(0.0, 0.0))
}
