//! Where vehicles drive and people walk: loops of roads, and banks of rivers.

use super::Spot;
use super::lines::path;
use super::waters::length_km;
use crate::calendar::LocalTime;
use crate::noise::Dice;
use model::{HOUR_MS, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

/// The way of something that moves.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    path: Arc<[Spot]>,
    length_km: f64,
    speed_km_h: f64,
    /// Local hours from and to which it is on its way.
    duty: (f64, f64),
    dice: Dice,
}

/// What moves: key, names, its way, its speed in km/h, its hours.
pub(crate) struct Mover {
    pub key: &'static str,
    pub name: (&'static str, &'static str),
    way: &'static [(&'static str, &'static str, &'static str)],
    speed_km_h: f64,
    duty: (f64, f64),
}

const fn mover(
    key: &'static str,
    name: (&'static str, &'static str),
    way: &'static [(&'static str, &'static str, &'static str)],
    speed_km_h: f64,
    duty: (f64, f64),
) -> Mover {
    Mover { key, name, way, speed_km_h, duty }
}

/// Vehicles. A piece of a way is a road, from its crossing with one road to that with another; empty
/// means from its beginning, to its end.
pub(crate) const VEHICLES: [Mover; 5] = [
    mover(
        "vehicle-01",
        ("走航车甲", "Survey Car One"),
        &[
            ("dash", "bracket", "full-stop"),
            ("full-stop", "dash", "comma"),
            ("comma", "full-stop", "bracket"),
            ("bracket", "comma", "dash"),
        ],
        28.0,
        (0.0, 24.0),
    ),
    mover(
        "vehicle-02",
        ("走航车乙", "Survey Car Two"),
        &[
            ("bracket", "dash", "ruled-line"),
            ("ruled-line", "bracket", "full-stop"),
            ("full-stop", "ruled-line", "dash"),
            ("dash", "full-stop", "bracket"),
        ],
        28.0,
        (0.0, 24.0),
    ),
    mover(
        "vehicle-03",
        ("公交01", "Bus 01"),
        &[("dash", "", ""), ("dash", "e", "b")],
        22.0,
        (5.5, 23.0),
    ),
    mover(
        "vehicle-04",
        ("公交02", "Bus 02"),
        &[("comma", "", ""), ("comma", "e", "b")],
        20.0,
        (5.5, 23.0),
    ),
    mover(
        "vehicle-05",
        ("渣土车01", "Tipper 01"),
        &[("full-stop", "", ""), ("full-stop", "e", "b")],
        25.0,
        (0.0, 24.0),
    ),
];

/// People on patrol along the rivers; the last two by night.
pub(crate) const PATROLS: [Mover; 5] = [
    mover(
        "patrol-01",
        ("巡河一组", "River Patrol One"),
        &[("pine-ink", "", ""), ("pine-ink", "e", "b")],
        4.2,
        (6.5, 20.0),
    ),
    mover(
        "patrol-02",
        ("巡河二组", "River Patrol Two"),
        &[("paperweight", "", ""), ("paperweight", "e", "b")],
        4.0,
        (6.5, 20.0),
    ),
    mover(
        "patrol-03",
        ("巡河三组", "River Patrol Three"),
        &[("letter", "", ""), ("letter", "e", "b")],
        3.6,
        (7.0, 19.0),
    ),
    mover(
        "patrol-04",
        ("夜巡一组", "Night Patrol One"),
        &[("brush-wash", "", ""), ("brush-wash", "e", "b")],
        3.8,
        (18.0, 7.5),
    ),
    mover(
        "patrol-05",
        ("夜巡二组", "Night Patrol Two"),
        &[("paperweight", "", ""), ("paperweight", "e", "b")],
        4.2,
        (18.0, 7.5),
    ),
];

impl Mover {
    /// Its way under a seed: where it stands on it at an hour follows from that.
    pub(crate) fn route(&self, dice: Dice) -> Route {
        static WAYS: LazyLock<HashMap<&'static str, Arc<[Spot]>>> = LazyLock::new(|| {
            VEHICLES.iter().chain(&PATROLS).map(|mover| (mover.key, mover.whole_way())).collect()
        });
        let path = WAYS.get(self.key).cloned().unwrap_or_else(|| self.whole_way());
        Route {
            length_km: length_km(&path).max(0.1),
            path,
            speed_km_h: self.speed_km_h,
            duty: self.duty,
            dice: dice.named("route").named(self.key),
        }
    }

    fn whole_way(&self) -> Arc<[Spot]> {
        let mut whole: Vec<Spot> = Vec::new();
        for piece in self.way {
            let skip = usize::from(!whole.is_empty());
            whole.extend(self::piece(*piece).into_iter().skip(skip));
        }
        whole.into()
    }
}

impl Route {
    /// Whether it is on its way.
    pub(crate) fn is_on_duty(&self, time: Timestamp) -> bool {
        let hour = LocalTime::of(time).hour;
        let (from, to) = self.duty;
        if from < to { (from..to).contains(&hour) } else { hour >= from || hour < to }
    }

    /// Where it is. It runs its way round and round, now faster, now slower.
    pub(crate) fn at(&self, time: Timestamp) -> Spot {
        let hours = time.as_ms() as f64 / HOUR_MS as f64;
        // traffic and talk on the way: at most half of the speed, forwards always
        let delay = 0.16 * self.dice.smooth(time, 0.75 * HOUR_MS as f64);
        let km = self.speed_km_h * (hours + delay) + self.length_km * self.dice.uniform(0);
        super::waters::along(&self.path, km.rem_euclid(self.length_km) / self.length_km)
    }
}

/// A piece of a line between two others, in that direction.
fn piece((line, from, to): (&str, &str, &str)) -> Vec<Spot> {
    let path = path(line);
    let whole = length_km(&path);
    let part = |other: &str, end: f64| match other {
        "" => end,
        "b" => 0.0,
        "e" => 1.0,
        _ => crossing(&path, &self::path(other)) / whole,
    };
    let (from, to) = (part(from, 0.0), part(to, 1.0));
    let steps = 24;
    (0..=steps)
        .map(|step| {
            super::waters::along(&path, from + (to - from) * f64::from(step) / f64::from(steps))
        })
        .collect()
}

/// The kilometre of a path at which it comes nearest to another.
fn crossing(path: &[Spot], other: &[Spot]) -> f64 {
    let whole = length_km(path);
    let apart = |km: f64| {
        let here = super::waters::along(path, km / whole);
        let there = other.windows(2).map(|pair| foot(pair[0], pair[1], here).distance(here));
        there.fold(f64::INFINITY, f64::min)
    };
    let steps = (whole / 0.02) as i32;
    (0..=steps)
        .map(|step| 0.02 * f64::from(step))
        .min_by(|a, b| apart(*a).total_cmp(&apart(*b)))
        .unwrap_or(0.0)
}

/// The point between two spots that is nearest to a third.
fn foot(a: Spot, b: Spot, spot: Spot) -> Spot {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let part = ((spot.x - a.x) * dx + (spot.y - a.y) * dy) / (dx * dx + dy * dy).max(1e-12);
    let part = part.clamp(0.0, 1.0);
    Spot::new(a.x + part * dx, a.y + part * dy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::SECOND_MS;

    #[test]
    fn nobody_jumps_and_all_get_on() {
        let start = Timestamp::from_ms(1_772_326_800_000);
        for mover in VEHICLES.iter().chain(&PATROLS) {
            let route = mover.route(Dice::new(3));
            let mut covered = 0.0;
            for step in 0..720 {
                let time = start + step * 10 * SECOND_MS;
                let km = route.at(time).distance(route.at(time + 10 * SECOND_MS));
                assert!(km < 2.2 * mover.speed_km_h / 360.0 + 0.05, "{} {km}", mover.key);
                covered += km;
            }
            assert!(covered > mover.speed_km_h, "{} {covered}", mover.key);
        }
    }

    #[test]
    fn at_any_hour_somebody_is_on_patrol() {
        for hour in 0..24 {
            let time = Timestamp::from_ms(1_772_326_800_000 + hour * HOUR_MS);
            let on = PATROLS.iter().filter(|m| m.route(Dice::new(1)).is_on_duty(time));
            assert!(on.count() >= 2, "{hour}");
        }
    }
}
