//! Each scenario that comes with the program does near its place what its title says, and nothing
//! elsewhere.

use super::{NOW, with_and_without};
use model::{HOUR_MS, MINUTE_MS};
use sim::{Kind, Zone};
use std::collections::BTreeMap;

/// What devices say about an hour, counted from now, by place and code.
fn said(zone: &Zone, hour: i64) -> BTreeMap<(String, &'static str), f64> {
    let devices = zone.registry().devices;
    let end = NOW + (hour + 1) * HOUR_MS;
    let mut said = BTreeMap::new();
    for upload in zone.uploads_of(&[Kind::Hour], end, end + 5 * MINUTE_MS) {
        for item in upload.items.iter().filter(|item| item.field.name() == "Avg") {
            if let (Some(device), Ok(value)) = (devices.get(upload.device), item.value.parse()) {
                said.insert((device.place.clone(), item.code), value);
            }
        }
    }
    said
}

/// How much more a scenario makes devices say about an hour; NaN, which no test takes for small, where
/// one said nothing.
fn rises((with, without): &(Zone, Zone), hour: i64) -> impl Fn(&str, &'static str) -> f64 + use<> {
    let (with, without) = (said(with, hour), said(without, hour));
    move |place, code| {
        let key = (place.to_owned(), code);
        let value = |said: &BTreeMap<_, f64>| said.get(&key).copied().unwrap_or(f64::NAN);
        value(&with) - value(&without)
    }
}

#[test]
fn a_winter_episode_fills_the_whole_plain_and_goes() {
    let zones = with_and_without("winter-episode");
    let (before, height, after) = (rises(&zones, 4), rises(&zones, 60), rises(&zones, 103));
    for place in ["std-01", "std-08", "std-12", "micro-040"] {
        assert!(height(place, "a34004") > 60.0, "{place}");
        assert!(before(place, "a34004").abs() < 1e-9, "{place}");
        assert!(after(place, "a34004").abs() < 30.0, "{place}");
    }
}

#[test]
fn a_night_time_discharge_passes_the_sites_below_it_one_after_the_other() {
    let zones = with_and_without("night-discharge");
    let hours: Vec<_> = (16..40).step_by(2).map(|hour| rises(&zones, hour)).collect();
    let course =
        |place: &str| -> Vec<f64> { hours.iter().map(|rise| rise(place, "w21003")).collect() };
    let peak = |course: &[f64]| {
        let at = (0..course.len()).max_by(|&a, &b| course[a].total_cmp(&course[b])).unwrap_or(0);
        (at, course[at])
    };
    let (below, far) = (peak(&course("water-06")), peak(&course("water-12")));
    assert!(below.1 > 0.5, "{below:?}");
    assert!(far.1 > 0.1 && far.1 < below.1 && far.0 > below.0, "{below:?} {far:?}");
    for elsewhere in ["water-05", "water-11", "water-02", "water-08"] {
        assert!(course(elsewhere).iter().all(|rise| rise.abs() < 1e-9), "{elsewhere}");
    }
}

#[test]
fn a_fire_shows_downwind_of_it_and_not_upwind() {
    let (with, without) = with_and_without("fire");
    let time = NOW + 4 * HOUR_MS;
    let ring: Vec<[f64; 2]> = (0..24)
        .map(|n| {
            let angle = f64::from(n) * std::f64::consts::TAU / 24.0;
            [113.535 + 0.009 * angle.cos(), 34.825 + 0.0075 * angle.sin()]
        })
        .collect();
    let (burnt, usual) = (with.truth_at(time, &ring), without.truth_at(time, &ring));
    let mut rises: Vec<f64> = burnt.iter().zip(&usual).map(|(b, u)| b.pm25 - u.pm25).collect();
    rises.sort_by(f64::total_cmp);
    assert!(rises[23] > 100.0, "{rises:?}");
    assert!(rises[8] < 2.0, "{rises:?}");
    // over, and blown away
    let after = NOW + 12 * HOUR_MS;
    assert_eq!(with.truth_at(after, &ring), without.truth_at(after, &ring));
}

#[test]
fn a_dust_storm_raises_coarse_dust_everywhere() {
    let zones = with_and_without("dust-storm");
    let (before, height) = (rises(&zones, 1), rises(&zones, 20));
    for (place, code) in [("std-01", "a34002"), ("std-12", "a34002"), ("site-06", "a34001")] {
        assert!(height(place, code) > 300.0, "{place}");
        assert!(before(place, code).abs() < 1e-9, "{place}");
    }
    assert!(height("std-01", "a34004").abs() < 5.0);
}

#[test]
fn a_site_out_of_control_shows_at_its_own_monitor() {
    let zones = with_and_without("site-out-of-control");
    let rise = rises(&zones, 5);
    assert!(rise("site-02", "a34002") > 100.0, "{}", rise("site-02", "a34002"));
    for elsewhere in ["site-05", "std-05"] {
        assert!(rise(elsewhere, "a34002").abs() < 8.0, "{elsewhere}");
    }
}

#[test]
fn an_opened_gate_thins_its_river_and_no_other() {
    let zones = with_and_without("gate-opened");
    let rise = rises(&zones, 8);
    assert!(rise("water-08", "w21003") < 0.0);
    for elsewhere in ["water-01", "water-04", "water-06"] {
        assert!(rise(elsewhere, "w21003").abs() < 1e-9, "{elsewhere}");
    }
}

#[test]
fn a_blocked_inlet_loses_dust_at_that_device_only() {
    let zones = with_and_without("blocked-inlet");
    let (shown, usual) = (said(&zones.0, 47), said(&zones.1, 47));
    for place in ["std-05", "micro-007"] {
        let key = (place.to_owned(), "a34004");
        assert!(shown[&key] < 0.6 * usual[&key], "{place}: {} of {}", shown[&key], usual[&key]);
    }
    for elsewhere in ["std-04", "micro-008"] {
        let key = (elsewhere.to_owned(), "a34004");
        assert!((shown[&key] - usual[&key]).abs() < 1e-9, "{elsewhere}");
    }
    // gases have an inlet of their own
    let key = ("std-05".to_owned(), "a21004");
    assert!((shown[&key] - usual[&key]).abs() < 1e-9);
}
