//! Where the devices stand: 12 standard stations and a weather station by hand, 150 micro-stations
//! spread so that none is close to another, water sites along the rivers, what lets out and says so
//! itself, and what moves.

use super::areas::AREAS;
use super::routes::{PATROLS, VEHICLES};
use super::waters::sections;
use super::{Kind, STACKS, Spot, Stack, area_of, names};
use crate::noise::Dice;
use model::{Names, PlaceKind, Target};

/// A spot with a device.
#[derive(Clone, Debug, Default)]
pub(crate) struct Post {
    pub key: String,
    pub name: Names,
    pub kind: PlaceKind,
    pub spot: Spot,
    pub area: &'static str,
    /// Key of the reach it lies on, or empty.
    pub line: String,
    pub targets: Vec<Target>,
    pub height_m: Option<f64>,
    pub emits: &'static [&'static str],
}

const MICRO_STATIONS: usize = 150;
/// Spots thrown for each micro-station; the one farthest from its neighbours is taken.
const THROWS: i64 = 14;

type Hand = (&'static str, &'static str, f64, f64);

const STANDARD: [Hand; 12] = [
    ("折扇公园", "Fan Park", -0.6, -0.1),
    ("折扇图书馆", "Fan Library", 0.9, 0.6),
    ("折扇北门", "Fan North Gate", -1.2, 1.2),
    ("砚台中学", "Inkstone School", -2.2, -2.9),
    ("砚台开发区", "Inkstone Works Area", -4.0, -3.1),
    ("砚台南站", "Inkstone South", 0.9, -3.8),
    ("纸鸢广场", "Kite Square", 3.1, -0.9),
    ("纸鸢工业园", "Kite Industrial Park", 4.2, -2.3),
    ("灯谜医院", "Lantern Hospital", 1.2, 3.0),
    ("灯谜新城", "Lantern New Town", 3.9, 2.6),
    ("墨尺公园", "Ruler Park", -3.6, 1.9),
    ("墨尺村对照点", "Ruler Village Background", -5.0, 3.3),
];

const WEATHER: Hand = ("纸上气象站", "Paper Weather Station", -2.7, 0.1);

/// All posts: standard stations, micro-stations, the weather station, water sites, stacks and building
/// sites, vehicles, patrols. The order is the numbering.
pub(crate) fn posts() -> Vec<Post> {
    let by_hand = |key: String, hand: Hand, kind| {
        let spot = Spot::new(hand.2, hand.3);
        let area = area_of(spot).map_or("", |number| AREAS[number].key);
        Post { key, name: names(hand.0, hand.1), kind, spot, area, ..Post::default() }
    };
    let mut posts: Vec<Post> = STANDARD
        .iter()
        .enumerate()
        .map(|(n, hand)| by_hand(format!("std-{:02}", n + 1), *hand, PlaceKind::AirStation))
        .collect();
    for (number, spot) in scatter(&posts).into_iter().enumerate() {
        let area = &AREAS[area_of(spot).unwrap_or(0)];
        posts.push(Post {
            key: format!("micro-{:03}", number + 1),
            name: names(
                format!("{}微站{:03}", area.short.0, number + 1),
                format!("{} Micro {:03}", area.short.1, number + 1),
            ),
            kind: PlaceKind::MicroStation,
            spot,
            area: area.key,
            ..Post::default()
        });
    }
    posts.push(by_hand("weather-01".to_owned(), WEATHER, PlaceKind::WeatherStation));
    let area = |spot: Spot| area_of(spot).map_or("", |number| AREAS[number].key);
    posts.extend(sections(area));
    posts.extend(STACKS.iter().map(|stack| source(stack, area)));
    let movers = VEHICLES.iter().map(|mover| (mover, PlaceKind::Vehicle));
    for (mover, kind) in movers.chain(PATROLS.iter().map(|mover| (mover, PlaceKind::Patrol))) {
        let spot = HOME;
        let name = names(mover.name.0, mover.name.1);
        posts.push(Post {
            key: mover.key.to_owned(),
            name,
            kind,
            spot,
            area: area(spot),
            ..Post::default()
        });
    }
    posts
}

/// Where vehicles and people who patrol start from.
const HOME: Spot = Spot::new(-0.9, -0.7);
/// A site's monitor stands this far from the middle of the site, km.
const MONITOR_KM: f64 = 0.035;

/// A stack with its own analysers, or a building site with its dust monitor at the edge.
fn source(stack: &Stack, area: impl Fn(Spot) -> &'static str) -> Post {
    let is_site = stack.kind == Kind::Site;
    let aside = if is_site { MONITOR_KM } else { 0.0 };
    let spot = Spot::new(stack.x + aside, stack.y + aside);
    Post {
        key: stack.key.to_owned(),
        name: names(stack.name.0, stack.name.1),
        kind: if is_site { PlaceKind::DustSite } else { PlaceKind::Stack },
        spot,
        area: area(spot),
        height_m: (!is_site).then_some((stack.height_m / 1.2).round()),
        emits: if is_site {
            &["tsp", "pm10", "pm25"]
        } else {
            &["smoke", "so2", "nox", "pm25", "co"]
        },
        ..Post::default()
    }
}

/// Best-candidate sampling: even, but not a grid.
fn scatter(standard: &[Post]) -> Vec<Spot> {
    let dice = Dice::new(0).named("micro-stations");
    let mut taken: Vec<Spot> = standard.iter().map(|post| post.spot).collect();
    for number in 0..MICRO_STATIONS as i64 {
        let throw = |attempt: i64| {
            let index = number * 1_000 + attempt;
            Spot::new(12.0 * dice.uniform(2 * index) - 6.0, 9.6 * dice.uniform(2 * index + 1) - 4.8)
        };
        let room = |spot: Spot| {
            taken.iter().map(|other| other.distance(spot)).fold(f64::INFINITY, f64::min)
        };
        let best = (0..10 * THROWS)
            .map(throw)
            .filter(|&spot| area_of(spot).is_some())
            .take(THROWS as usize)
            .max_by(|&a, &b| room(a).total_cmp(&room(b)));
        taken.extend(best);
    }
    taken.split_off(standard.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn there_are_197_posts_each_in_a_sub_district() {
        let posts = posts();
        let count = |kind| posts.iter().filter(|post| post.kind == kind).count();
        assert_eq!(count(PlaceKind::AirStation), 12);
        assert_eq!(count(PlaceKind::MicroStation), 150);
        assert_eq!(count(PlaceKind::WeatherStation), 1);
        assert_eq!(count(PlaceKind::WaterSite), 12);
        assert_eq!((count(PlaceKind::Stack), count(PlaceKind::DustSite)), (6, 6));
        assert_eq!((count(PlaceKind::Vehicle), count(PlaceKind::Patrol)), (5, 5));
        assert_eq!(posts.len(), 197);
        assert!(posts.iter().all(|post| !post.area.is_empty()));
        let keys: BTreeSet<&str> = posts.iter().map(|post| post.key.as_str()).collect();
        assert_eq!(keys.len(), posts.len());
        assert!(posts.iter().all(|post| post.name.zh.chars().count() <= 12));
    }

    #[test]
    fn no_two_posts_stand_on_each_other() {
        let posts = posts();
        for (number, post) in posts.iter().enumerate() {
            for other in &posts[number + 1..] {
                if other.kind == PlaceKind::Vehicle || other.kind == PlaceKind::Patrol {
                    continue;
                }
                let apart = post.spot.distance(other.spot);
                let least = if post.kind == other.kind { 0.2 } else { 0.05 };
                assert!(apart > least, "{} and {} are {apart} km apart", post.key, other.key);
            }
        }
    }

    #[test]
    fn hand_placed_stations_stand_in_the_sub_district_they_are_named_after() {
        for post in posts().iter().filter(|post| post.kind == PlaceKind::AirStation) {
            let area = AREAS.iter().find(|area| area.key == post.area).unwrap();
            assert!(post.name.zh.starts_with(area.short.0), "{} in {}", post.name.zh, area.key);
        }
    }
}
