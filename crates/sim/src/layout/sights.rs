//! What is on the map and sends nothing itself: gates, outfalls, enterprises, and the premises of
//! sites and enterprises.

use super::areas::AREAS;
use super::lines::reach_of;
use super::waters::{STREAMS, along_stream, outfall_spot};
use super::{Kind, OUTFALLS, STACKS, Spot, area_of, names};
use crate::noise::Dice;
use model::{Area, AreaKind, Names, Place, PlaceKind};
use std::f64::consts::TAU;

/// A gate: key, name, the river, the part of its length.
const GATES: [(&str, (&str, &str), usize, f64); 6] = [
    ("gate-01", ("松墨首闸", "Pine-ink Head Gate"), 0, 0.03),
    ("gate-02", ("笔洗首闸", "Brush-wash Head Gate"), 1, 0.03),
    ("gate-03", ("镇纸首闸", "Paperweight Head Gate"), 2, 0.04),
    ("gate-04", ("信笺首闸", "Letter Head Gate"), 3, 0.03),
    ("gate-05", ("分号闸", "Semicolon Gate"), 0, 0.60),
    ("gate-06", ("省略号闸", "Ellipsis Gate"), 2, 0.56),
];

/// Enterprises without a stack of their own.
const ENTERPRISES: [(&str, (&str, &str), f64, f64); 5] = [
    ("enterprise-01", ("样本食品厂", "Specimen Foods"), -2.3, -2.3),
    ("enterprise-02", ("示意印刷厂", "Schematic Print Works"), 4.6, -2.0),
    ("enterprise-03", ("注释电镀厂", "Annotation Plating"), -4.3, -3.4),
    ("enterprise-04", ("附图家具厂", "Figure Furniture"), -4.9, 2.4),
    ("enterprise-05", ("引文涂料厂", "Quotation Paints"), 4.3, 3.2),
];

/// Gates, outfalls and enterprises, as the registry wants them.
pub(crate) fn sights() -> Vec<Place> {
    let gates = GATES.iter().map(|&(key, name, stream, part)| Place {
        line: reach_of(stream, part),
        ..place(key, name, PlaceKind::Gate, along_stream(stream, part))
    });
    let outfalls = OUTFALLS.iter().map(|outfall| Place {
        line: reach_of(outfall.stream, outfall.part),
        emits: ["codmn", "nh3n", "tp", "tn"].map(str::to_owned).to_vec(),
        ..place(outfall.key, outfall.name, PlaceKind::Outfall, outfall_spot(outfall))
    });
    let enterprises = ENTERPRISES
        .iter()
        .map(|&(key, name, x, y)| place(key, name, PlaceKind::Enterprise, Spot::new(x, y)));
    gates.chain(outfalls).chain(enterprises).collect()
}

fn place(key: &str, name: (&str, &str), kind: PlaceKind, spot: Spot) -> Place {
    let [lon, lat] = spot.degrees();
    Place {
        key: key.to_owned(),
        name: names(name.0, name.1),
        kind,
        lon,
        lat,
        area: area_of(spot).map_or_else(String::new, |number| AREAS[number].key.to_owned()),
        simulated: true,
        ..Place::default()
    }
}

/// The premises of building sites, of what stands under the stacks, and of the other enterprises.
pub(crate) fn premises() -> Vec<Area> {
    let stacks = STACKS.iter().map(|stack| {
        let across = if stack.kind == Kind::Site { stack.width_m / 1_000.0 * 1.3 } else { 0.34 };
        (stack.key, names(stack.name.0, stack.name.1), Spot::new(stack.x, stack.y), across)
    });
    let others = ENTERPRISES
        .iter()
        .map(|&(key, name, x, y)| (key, names(name.0, name.1), Spot::new(x, y), 0.22));
    stacks.chain(others).map(|(key, name, middle, km)| plot(key, name, middle, km)).collect()
}

/// A crooked quadrangle around a spot.
fn plot(key: &str, name: Names, middle: Spot, across_km: f64) -> Area {
    let dice = Dice::new(0).named("premises").named(key);
    let turn = 0.25 * TAU * dice.uniform(9);
    let corner = |number: i64| {
        let angle = turn + TAU * (number as f64 + 0.35 * (dice.uniform(number) - 0.5)) / 4.0;
        let reach = across_km * (0.58 + 0.25 * dice.uniform(20 + number));
        Spot::new(middle.x + reach * angle.cos(), middle.y + reach * angle.sin()).degrees()
    };
    Area {
        key: format!("premises-{key}"),
        name,
        kind: AreaKind::Premises,
        within: area_of(middle).map_or_else(String::new, |number| AREAS[number].key.to_owned()),
        ring: [0, 1, 2, 3, 0].map(corner).to_vec(),
        ..Area::default()
    }
}

/// Names of rivers that a scenario may open, with the gate at their head.
pub(crate) fn head_gates() -> impl Iterator<Item = (&'static str, &'static str)> {
    GATES[..4].iter().map(|gate| (gate.0, STREAMS[gate.2].key))
}
