//! The promises of the pretend zone, as a stranger to its insides can check them.

mod scenarios;

use model::{DAY_MS, Device, HOUR_MS, MINUTE_MS, PlaceKind, Timestamp};
use proptest::prelude::*;
use sim::{
    Event, Fault, FaultRates, Field, History, Kind, SCENARIOS, Scenario, Settings, Upload, What,
    Zone,
};
use std::collections::{BTreeMap, BTreeSet};

const NOW: Timestamp = Timestamp::from_ms(1_772_326_800_000);

fn zone(seed: u64) -> Zone {
    Zone::demo(seed, NOW)
}

/// Faults so frequent that every kind turns up within hours.
fn unlucky(seed: u64) -> Zone {
    let faults = FaultRates {
        resend: 0.05,
        bad_crc: 0.02,
        dropped: 0.02,
        outage: 3.0,
        silence: 2.0,
        clock_ahead: 3.0,
        frozen: 3.0,
        blocked: 3.0,
        broken: 3.0,
        maintenance: 3.0,
        calibration: true,
        stranger: true,
    };
    Zone::new(Settings { seed, scenario: Scenario::demo(NOW), faults })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_way_to_cut_a_stretch_gives_the_same_uploads(
        seed in 0_u64..1_000,
        start_min in 0_i64..40 * 24 * 60,
        cuts in prop::collection::btree_set(1_i64..20 * 60 * 1_000, 0..6),
    ) {
        let zone = unlucky(seed);
        let from = NOW + start_min * MINUTE_MS;
        let to = from + 20 * MINUTE_MS;
        let whole = zone.uploads(from, to);
        let edges: Vec<Timestamp> =
            std::iter::once(from).chain(cuts.iter().map(|&cut| from + cut)).chain([to]).collect();
        let parts: Vec<Upload> =
            edges.windows(2).flat_map(|edge| unlucky(seed).uploads(edge[0], edge[1])).collect();
        prop_assert_eq!(whole, parts);
    }

    #[test]
    fn the_truth_is_possible_everywhere(
        seed in 0_u64..1_000,
        hours in 0_i64..4 * 8_766,
        lon in 113.43_f64..113.57,
        lat in 34.755_f64..34.845,
    ) {
        let air = zone(seed).truth(NOW + hours * HOUR_MS, lon, lat);
        prop_assert!(air.pm25 > 0.0 && air.pm25 <= air.pm10, "{air:?}");
        prop_assert!(air.pm10 < 3_000.0 && air.so2 < 800.0 && air.no2 < 500.0, "{air:?}");
        prop_assert!(air.so2 > 0.0 && air.no2 > 0.0 && air.co > 0.1 && air.co < 20.0, "{air:?}");
        prop_assert!(air.o3 >= 0.0 && air.o3 < 500.0, "{air:?}");
    }

    #[test]
    fn a_step_aside_changes_the_air_little(
        hours in 0_i64..8_766,
        lon in 113.44_f64..113.56,
        lat in 34.76_f64..34.84,
    ) {
        // 10 m to the east, away from sources where a plume is as narrow as a site
        let zone = Zone::new(Settings { seed: 1, ..Settings::default() });
        let far = zone.sources().iter().all(|s| (s.lon - lon).hypot(s.lat - lat) > 0.006);
        prop_assume!(far);
        let time = NOW + hours * HOUR_MS;
        let (here, there) = (zone.truth(time, lon, lat), zone.truth(time, lon + 1.1e-4, lat));
        prop_assert!((here.pm25 - there.pm25).abs() < 2.0 + 0.03 * here.pm25, "{here:?} {there:?}");
        prop_assert!((here.no2 - there.no2).abs() < 4.0 + 0.08 * here.no2, "{here:?} {there:?}");
    }
}

#[test]
fn another_seed_is_another_world_on_the_same_map() {
    let (one, two) = (zone(1), zone(2));
    assert_eq!(one.registry().places, two.registry().places);
    assert_eq!(one.registry().devices, two.registry().devices);
    let from = NOW - HOUR_MS;
    assert_eq!(one.uploads(from, NOW), zone(1).uploads(from, NOW));
    assert_ne!(one.uploads(from, NOW), two.uploads(from, NOW));
}

#[test]
fn the_registry_is_whole_and_marked_as_simulated() {
    let inventory = zone(1).registry();
    assert_eq!((inventory.areas.len(), inventory.lines.len()), (61, 23));
    assert_eq!((inventory.places.len(), inventory.devices.len()), (214, 197));
    assert!(inventory.places.iter().all(|place| place.simulated));
    let count = |kind| inventory.places.iter().filter(|place| place.kind == kind).count();
    assert_eq!(count(PlaceKind::AirStation), 12);
    assert_eq!(count(PlaceKind::MicroStation), 150);
    let areas: BTreeSet<&str> = inventory.areas.iter().map(|area| area.key.as_str()).collect();
    let is_named = |zh: &str, en: &str| !en.is_empty() && (1..=12).contains(&zh.chars().count());
    for (place, device) in inventory.places.iter().zip(&inventory.devices) {
        assert_eq!(place.key, device.place);
        assert!(is_named(&place.name.zh, &place.name.en), "{:?}", place.name);
    }
    for place in inventory.places.iter().filter(|place| place.kind != PlaceKind::Gate) {
        assert!(areas.contains(place.area.as_str()), "{}", place.key);
    }
    assert!(inventory.areas.iter().all(|area| is_named(&area.name.zh, &area.name.en)));
    assert!(inventory.lines.iter().all(|line| is_named(&line.name.zh, &line.name.en)));
    let wire: BTreeSet<&str> = inventory.devices.iter().map(|device| device.mn.as_str()).collect();
    assert_eq!(wire.len(), 197);
    let well_formed = |device: &Device| {
        device.mn.len() == 24
            && device.mn.bytes().all(|byte| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte))
            && device.password.len() == 6
            && device.password.bytes().all(|byte| byte.is_ascii_digit())
    };
    assert!(inventory.devices.iter().all(well_formed));
}

#[test]
fn the_demo_fills_with_a_known_number_of_frames() {
    let uploads = zone(1).history(NOW, History::default());
    let count = |kind| uploads.iter().filter(|upload| upload.kind == kind).count();
    // 187 devices × 168 h; 12 × 7 days; (13 + 6 sites of dust) × 72; 150 + 12 × 2 + 1 + 12 each minute of an hour; three hours
    // of five vehicles, four times a minute, and of three to five patrols, twice a minute
    let near =
        |found: usize, whole: usize| found <= whole + whole / 50 && found + whole / 20 > whole;
    assert!(near(count(Kind::Hour), 187 * 168), "{}", count(Kind::Hour));
    assert!((80..=90).contains(&count(Kind::Day)), "{}", count(Kind::Day));
    assert!(near(count(Kind::Minute), (13 + 6) * 72), "{}", count(Kind::Minute));
    assert!(near(count(Kind::Realtime), 187 * 60 + 180 * (20 + 6)), "{}", count(Kind::Realtime));
    assert!(uploads.windows(2).all(|pair| pair[0].at <= pair[1].at));
}

#[test]
fn every_device_says_what_its_grade_measures() {
    let zone = Zone::new(Settings { faults: FaultRates::NONE, ..Settings::default() });
    let inventory = zone.registry();
    for upload in zone.uploads(NOW, NOW + 2 * HOUR_MS) {
        let codes: BTreeSet<&str> = upload.items.iter().map(|item| item.code).collect();
        let full = match inventory.places[upload.device].kind {
            PlaceKind::WaterSite => 9,
            PlaceKind::WeatherStation | PlaceKind::Vehicle => 5,
            PlaceKind::AirStation | PlaceKind::Stack => 6,
            _ => 2,
        };
        assert_eq!(codes.len(), full);
        assert_eq!(upload.fault, None);
        assert_eq!(upload.clock, upload.at);
        for item in &upload.items {
            assert_eq!(item.flag, 'N');
            let is_instant = matches!(item.field, Field::Rtd | Field::ZsRtd);
            assert_eq!(is_instant, upload.kind == Kind::Realtime);
            let value: f64 = item.value.parse().unwrap();
            let decimals = item.value.split('.').nth(1).map_or(0, str::len);
            let expected = match item.code {
                "a21026" | "a21002" => usize::from(upload.system == "31"),
                "a21005" | "a01001" | "a01007" | "a34013" | "a19001" | "a00000" | "w01010"
                | "w01009" | "w01003" | "w01019" => 1,
                "a01006" | "w01001" | "w21003" | "w21011" | "w21001" => 2,
                "l01001" | "l01002" => 6,
                _ => 0,
            };
            assert_eq!(decimals, expected, "{item:?}");
            assert!(value >= 0.0 || item.code == "a01001", "{item:?}");
            assert!(item.code != "a01008" || value < 360.0, "{item:?}");
        }
    }
}

#[test]
fn every_kind_of_fault_and_mark_turns_up_in_some_unlucky_nights() {
    let zone = unlucky(3);
    let known = zone.registry().devices.len();
    let (mut faults, mut marks) = (BTreeSet::new(), BTreeSet::new());
    // from two to four in the morning, when gas analysers are calibrated
    for night in 0..3 {
        let from = NOW + night * DAY_MS + 17 * HOUR_MS;
        let mut uploads = zone.uploads_of(&[Kind::Minute, Kind::Hour], from, from + 2 * HOUR_MS);
        uploads.extend(zone.uploads_of(&[Kind::Realtime], from, from + 20 * MINUTE_MS));
        for upload in uploads {
            faults.extend(upload.fault);
            marks.extend(upload.items.iter().map(|item| item.flag));
            let stranger = upload.device == known;
            assert_eq!(stranger, upload.fault == Some(Fault::Stranger));
        }
    }
    assert_eq!(faults.len(), 5, "{faults:?}");
    assert_eq!(marks, BTreeSet::from(['C', 'D', 'M', 'N']));
    assert!(!zone.faults(NOW, NOW + 7 * DAY_MS).is_empty());
}

#[test]
fn repeats_and_backlogs_carry_what_was_measured_then() {
    let zone = unlucky(4);
    let mut first: BTreeMap<(usize, Kind, Timestamp, i64), Upload> = BTreeMap::new();
    let mut repeats = 0;
    for upload in zone.uploads(NOW, NOW + HOUR_MS) {
        let key = (upload.device, upload.kind, upload.data_time, upload.clock - upload.at);
        if let Some(earlier) = first.get(&key) {
            repeats += 1;
            assert_eq!(earlier.items, upload.items);
            assert!(upload.at > earlier.at);
        } else {
            first.insert(key, upload);
        }
    }
    assert!(repeats > 50, "{repeats}");
}

#[test]
fn the_demo_shows_an_episode_yesterday_and_an_accident_now() {
    for seed in [1, 7, 42] {
        let zone = zone(seed);
        let mean = |hour: i64| {
            let places = zone.truth_hour(NOW - hour * HOUR_MS);
            places.iter().map(|air| air.pm25).sum::<f64>() / places.len() as f64
        };
        let days: Vec<f64> = (0..7)
            .map(|day| (0..24).step_by(3).map(|hour| mean(24 * day + hour)).sum::<f64>() / 8.0)
            .collect();
        let worst = days.iter().copied().fold(0.0, f64::max);
        assert!(worst > 120.0, "seed {seed}: {days:?}");
        assert!(days[1] > 1.4 * days[4], "seed {seed}: {days:?}");

        let quiet = Zone::new(Settings { seed, ..Settings::default() });
        let site = &zone.sources()[6];
        assert_eq!(site.key, "site-01");
        let near: Vec<[f64; 2]> = (0..16)
            .map(|n| {
                let angle = f64::from(n) * std::f64::consts::TAU / 16.0;
                [site.lon + 0.005 * angle.cos(), site.lat + 0.005 * angle.sin()]
            })
            .collect();
        let loud = zone.truth_at(NOW, &near);
        let calm = quiet.truth_at(NOW, &near);
        let rise = loud.iter().zip(&calm).map(|(l, c)| l.pm10 - c.pm10).fold(0.0, f64::max);
        assert!(rise > 60.0, "seed {seed}: {rise}");
    }
}

#[test]
fn a_stronger_release_never_cleans_the_air() {
    let with = |factor: f64| {
        let release = Event {
            start: NOW - HOUR_MS,
            end: NOW + HOUR_MS,
            what: What::Release { source: "stack-02".to_owned(), factor },
        };
        let scenario = Scenario { events: vec![release] };
        let zone = Zone::new(Settings { seed: 5, scenario, faults: FaultRates::NONE });
        let places = zone.registry().places;
        let positions: Vec<[f64; 2]> = places.iter().map(|place| [place.lon, place.lat]).collect();
        zone.truth_at(NOW, &positions).iter().map(|air| air.pm10).collect::<Vec<f64>>()
    };
    let (none, some, much) = (with(0.0), with(5.0), with(20.0));
    assert!(none.iter().zip(&some).all(|(a, b)| a <= b));
    assert!(some.iter().zip(&much).all(|(a, b)| a <= b));
    assert!(much.iter().sum::<f64>() > none.iter().sum::<f64>() + 50.0);
}

#[test]
fn twelve_water_sites_report_nine_quantities_each_hour() {
    let zone = Zone::new(Settings { seed: 1, faults: FaultRates::NONE, ..Settings::default() });
    let inventory = zone.registry();
    assert_eq!(inventory.devices.len(), 197);
    let areas: BTreeSet<&str> = inventory.areas.iter().map(|area| area.key.as_str()).collect();
    let is_water = |number: usize| inventory.places[number].kind == PlaceKind::WaterSite;
    assert!(inventory.places[163..175].iter().all(|place| areas.contains(place.area.as_str())));
    let hours = zone.uploads_of(&[Kind::Hour], NOW, NOW + DAY_MS);
    let water: Vec<&Upload> = hours.iter().filter(|upload| is_water(upload.device)).collect();
    assert_eq!(water.len(), 12 * 24);
    let mut frame = Vec::new();
    for upload in water {
        let codes: BTreeSet<&str> = upload.items.iter().map(|item| item.code).collect();
        assert_eq!(codes.len(), 9);
        upload.write(zone.device(upload.device).unwrap(), &mut frame).unwrap();
    }
    assert!(String::from_utf8(frame).unwrap().contains(";ST=21;CN=2061;"));
    assert!(zone.water(NOW, "pine-ink", 0.5).unwrap().oxygen > 1.0);
    assert_eq!(zone.water(NOW, "no such river", 0.5), None);
}

/// The world of a named scenario, and the same world without it; no faults by chance.
fn with_and_without(name: &str) -> (Zone, Zone) {
    let settings = Settings { seed: 8, faults: FaultRates::NONE, ..Settings::default() };
    // one that cannot be read would change nothing, and the tests would say so
    let scenario = Scenario::named(name, NOW).unwrap_or_default();
    (Zone::new(Settings { scenario, ..settings.clone() }), Zone::new(settings))
}

#[test]
fn every_scenario_changes_what_devices_say() {
    for (name, _) in SCENARIOS {
        let (with, without) = with_and_without(name);
        let hours = |zone: &Zone| {
            [5, 9, 20].map(|hour| {
                let from = NOW + hour * HOUR_MS;
                zone.uploads_of(&[Kind::Hour], from, from + HOUR_MS)
            })
        };
        assert_ne!(hours(&with), hours(&without), "{name}");
    }
}

#[test]
fn a_late_flood_brings_every_hour_at_last() {
    let (with, without) = with_and_without("late-flood");
    let hours = |zone: &Zone| {
        let uploads = zone.uploads_of(&[Kind::Hour], NOW, NOW + DAY_MS);
        let backlog = uploads.iter().filter(|upload| upload.fault == Some(Fault::Backlog)).count();
        let said: BTreeSet<(usize, Timestamp)> =
            uploads.iter().map(|upload| (upload.device, upload.data_time)).collect();
        (said, backlog)
    };
    let (flood, calm) = (hours(&with), hours(&without));
    assert_eq!(flood.0, calm.0);
    assert_eq!((flood.1, calm.1), (12 * 187, 0));
}

#[test]
fn a_dust_storm_is_coarse_and_a_fire_is_fine() {
    let rise = |name: &str, hours: i64| {
        let (with, without) = with_and_without(name);
        let mean = |zone: &Zone| {
            let air = zone.truth_hour(NOW + hours * HOUR_MS);
            let number = air.len() as f64;
            let fine = air.iter().map(|air| air.pm25).sum::<f64>() / number;
            (fine, air.iter().map(|air| air.pm10 - air.pm25).sum::<f64>() / number)
        };
        let ((fine, coarse), (usual_fine, usual_coarse)) = (mean(&with), mean(&without));
        (fine - usual_fine, coarse - usual_coarse)
    };
    let (storm, fire) = (rise("dust-storm", 22), rise("fire", 4));
    assert!(storm.1 > 400.0 && storm.0.abs() < 1.0, "{storm:?}");
    assert!(fire.0 > 1.0 && fire.0 > 2.0 * fire.1, "{fire:?}");
}

#[test]
fn an_opened_gate_raises_the_flow_and_thins_what_enters_below_it() {
    let (with, without) = with_and_without("gate-opened");
    let at = NOW + 8 * HOUR_MS;
    let (open, shut) =
        (with.water(at, "letter", 0.9).unwrap(), without.water(at, "letter", 0.9).unwrap());
    assert!(open.flow_m3_s > 5.0 * shut.flow_m3_s);
    assert!(open.nh3n < shut.nh3n);
}
