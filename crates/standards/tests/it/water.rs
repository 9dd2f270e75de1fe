//! Surface water: published sections, rivers, indices, grades.

use crate::{LAW, vectors};
use standards::Exact;
use standards::air::Direction;
use standards::water::{Class, ResultGrade, Shares, Versus, WaterBody, WaterLaw, mean_ph};
use std::collections::HashMap;

const KEYS: [&str; 9] =
    ["ph", "do", "codmn", "cod", "bod5", "nh3n", "tp", "volatile_phenol", "petroleum"];

fn exact(text: &str) -> Exact {
    Exact::parse(text).unwrap()
}

fn law() -> &'static WaterLaw {
    LAW.water()
}

fn values(row: &HashMap<String, String>) -> Vec<(&'static str, Exact)> {
    KEYS.into_iter()
        .filter(|key| !row[*key].is_empty())
        .map(|key| (key, exact(&row[key])))
        .collect()
}

#[test]
fn published_sections_have_their_class_and_main_pollutants() {
    for row in vectors::rows("water/classification.csv") {
        let report = law().section(WaterBody::River, &values(&row)).unwrap();
        assert_eq!(report.class.unwrap().symbol(), row["published_class"], "{row:?}");
        let named: Vec<String> = report
            .main_pollutants
            .iter()
            .map(|main| match main.multiple {
                Some(multiple) => format!("{}({})", main.key, multiple.fixed(1)),
                None => main.key.to_string(),
            })
            .collect();
        let expected = match &*row["rule2011_main_pollutants"] {
            "" => &row["published_main_pollutants"],
            rule => rule,
        };
        assert_eq!(named.join(";"), *expected, "{row:?}");
        assert_eq!(report.of, 21);
        assert_eq!(report.assessed, values(&row).len());
    }
}

#[test]
fn a_section_says_what_decided_and_what_it_could_not_judge() {
    let values =
        [("do", exact("4.2")), ("tp", exact("0.25")), ("tn", exact("9")), ("chla", exact("3"))];
    let report = law().section(WaterBody::River, &values).unwrap();
    assert_eq!(report.class, Some(Class::IV));
    let deciding: Vec<&str> = report.deciding.iter().map(|key| &**key).collect();
    assert_eq!((deciding, report.assessed), (vec!["do", "tp"], 2));
    let apart: Vec<&str> = report.not_judged.iter().map(|key| &**key).collect();
    assert_eq!(apart, ["tn", "chla"], "rivers have no limit of total nitrogen");

    let lake = law().section(WaterBody::Lake, &values).unwrap();
    assert_eq!(lake.class, Some(Class::WorseThanV), "0.25 is above the lake's 0.2");
    let tn = lake.items.iter().find(|row| &*row.key == "tn").unwrap();
    assert_eq!((tn.class, tn.decides), (Class::WorseThanV, false));
    assert_eq!(law().section(WaterBody::River, &[]).unwrap().class, None);
}

#[test]
fn a_value_on_a_limit_has_the_better_class() {
    let class = |key, value| {
        law().limits().item(key, WaterBody::River).unwrap().class(&exact(value)).unwrap()
    };
    assert_eq!(class("cod", "15"), Class::I);
    assert_eq!(class("cod", "15.01"), Class::III);
    assert_eq!(class("do", "5"), Class::III);
    assert_eq!(class("do", "4.99"), Class::IV);
    assert_eq!((class("ph", "6"), class("ph", "9")), (Class::I, Class::I));
    assert_eq!((class("ph", "5.99"), class("ph", "9.01")), (Class::WorseThanV, Class::WorseThanV));
}

#[test]
fn heavy_metals_and_cyanide_are_named_first() {
    let values =
        [("nh3n", exact("9")), ("codmn", exact("14")), ("cod", exact("50")), ("pb", exact("0.06"))];
    let report = law().section(WaterBody::River, &values).unwrap();
    let named: Vec<&str> = report.main_pollutants.iter().map(|main| &*main.key).collect();
    assert_eq!(named, ["pb", "nh3n", "cod"]);
}

#[test]
fn rivers_are_rated_by_their_shares_as_published() {
    for row in vectors::rows("water/river_rating.csv") {
        let (good, worse) = (exact(&row["share_1_3_pct"]), exact(&row["share_worse_5_pct"]));
        let state = law().rating(Shares { good, worse }).unwrap();
        assert_eq!(**state, row["rating"], "{row:?}");
    }
}

#[test]
fn few_sections_are_judged_by_their_mean_and_many_by_their_shares() {
    let section = |nh3n: &str| vec![("nh3n", exact(nh3n)), ("ph", exact("7"))];
    let few = law().river(&[section("0.4"), section("1.8")]).unwrap();
    let mean = few.by_mean.unwrap();
    assert_eq!((mean.class, few.state.as_deref()), (Some(Class::IV), Some("light")));
    let many: Vec<_> = ["0.4", "0.5", "0.9", "1", "2.1"].into_iter().map(section).collect();
    let many = law().river(&many).unwrap();
    assert_eq!((many.sections, many.by_class), (5, [0, 2, 2, 0, 0, 1]));
    assert_eq!(many.shares.unwrap().good, exact("80"));
    assert_eq!((many.state.as_deref(), many.by_mean.is_none()), (Some("good"), true));
    assert_eq!(many.main_pollutants, [("nh3n".into(), exact("20"))]);
    assert_eq!(law().river(&[]).unwrap().state, None);
}

#[test]
fn the_city_index_comes_out_part_by_part() {
    let sections = vectors::rows("water/classification.csv");
    for row in vectors::rows("water/cwqi.csv") {
        let parts =
            |parts: Vec<(&'static str, Exact)>| law().cwqi(WaterBody::River, &parts).unwrap();
        let unit_case = || {
            let (key, value) = row["id"].strip_prefix("CW-U-").unwrap().split_once('-').unwrap();
            vec![(KEYS.into_iter().find(|known| *known == key).unwrap(), exact(value))]
        };
        let section = sections.iter().find(|section| section["section"] == row["from"]);
        let cwqi = parts(section.map_or_else(unit_case, values));
        for part in &cwqi.parts {
            let expected = exact(&row[&format!("i_{}", part.key)]);
            assert_eq!(part.index.half_even(4).unwrap(), expected, "{} {row:?}", part.key);
        }
        if !row["partial_sum_9_items"].is_empty() {
            assert_eq!(cwqi.parts.len(), 9);
            assert_eq!(
                cwqi.sum.half_even(4).unwrap(),
                exact(&row["partial_sum_9_items"]),
                "{row:?}"
            );
        }
    }
    let city = WaterLaw::cwqi_city((exact("6"), 3), (exact("8"), 1)).unwrap();
    assert_eq!(city.to_string(), "6.5");
    let change = WaterLaw::cwqi_change(&exact("4"), &exact("5")).unwrap().unwrap();
    assert_eq!(change.to_string(), "-20");
}

#[test]
fn the_trophic_level_comes_out_to_the_fourth_place() {
    for row in vectors::rows("water/tli.csv") {
        let columns = [
            ("chla", "chla_mg_m3"),
            ("tp", "tp_mg_l"),
            ("tn", "tn_mg_l"),
            ("sd", "sd_m"),
            ("codmn", "codmn_mg_l"),
        ];
        let values = columns.map(|(key, column)| (key, exact(&row[column])));
        let tli = law().tli().index(&values).unwrap().unwrap();
        for (key, part) in &tli.parts {
            assert_eq!(*part, exact(&row[&format!("tli_{key}")]), "{key} {row:?}");
        }
        assert_eq!(tli.sum, exact(&row["tli_sum"]), "{row:?}");
        assert_eq!(*tli.state, row["state"]);
    }
    assert!(law().tli().index(&[("chla", exact("1"))]).unwrap().is_none(), "all five are needed");
}

#[test]
fn means_of_ph_rounding_and_changes_come_out_as_worked() {
    let mut seen = 0;
    for row in vectors::rows("water/misc.csv") {
        let pairs: HashMap<&str, &str> =
            row["input"].split(';').filter_map(|pair| pair.split_once('=')).collect();
        match &*row["kind"] {
            "ph_mean" => {
                let values: Vec<Exact> = row["input"].split('|').map(exact).collect();
                let mean = mean_ph(&values).unwrap().unwrap();
                assert_eq!(
                    (mean.fixed(2), mean.fixed(4)),
                    (row["expected"].clone(), "7.0803".into())
                );
            }
            "round" if pairs["decimals"] == "3" => {
                // Total phosphorus has three places.
                let (rounded, _) =
                    law().limits().rounded("tp", &exact(pairs["value"])).unwrap().unwrap();
                assert_eq!(rounded, exact(&row["expected"]), "{row:?}");
            }
            "round" => {
                let rounded = exact(pairs["value"]).half_even(pairs["decimals"].parse().unwrap());
                assert_eq!(rounded.unwrap(), exact(&row["expected"]), "{row:?}");
            }
            "trend_share" => {
                let shares =
                    |g: &str, d: &str| Shares { good: exact(pairs[g]), worse: exact(pairs[d]) };
                let change = law().change(shares("G1", "D1"), shares("G2", "D2")).unwrap();
                let (x, name) = row["expected"].split_once(';').unwrap();
                assert_eq!(change.points, exact(x.strip_prefix("x=").unwrap()));
                assert_eq!(change.name, name);
                assert!(!change.doubts.is_empty(), "the ten-point line is recalled");
            }
            _ => continue,
        }
        seen += 1;
    }
    assert_eq!(seen, 9);
}

#[test]
fn the_order_of_main_pollutants_follows_their_multiples() {
    // NH3-N 1.3, TP 0.6 and COD 0.2 above class III.
    let values =
        [("cod", exact("24")), ("tp", exact("0.32")), ("nh3n", exact("2.3")), ("do", exact("4.5"))];
    let report = law().section(WaterBody::River, &values).unwrap();
    assert_eq!(report.class, Some(Class::WorseThanV));
    let named: Vec<_> =
        report.main_pollutants.iter().map(|m| (&*m.key, m.multiple.map(|m| m.fixed(1)))).collect();
    let multiple = |text: &str| Some(text.to_owned());
    assert_eq!(
        named,
        [("nh3n", multiple("1.3")), ("tp", multiple("0.6")), ("cod", multiple("0.2"))]
    );
}

#[test]
fn outflow_is_compared_with_inflow_by_class_and_by_item() {
    let report = |nh3n: &str, oxygen: &str| {
        law().section(WaterBody::River, &[("nh3n", exact(nh3n)), ("do", exact(oxygen))]).unwrap()
    };
    let (inflow, outflow) = (report("1.2", "6"), report("0.9", "5.5"));
    assert_eq!(WaterLaw::versus_class(&outflow, &inflow), Versus::Better);
    let item = |key| law().versus_item(WaterBody::River, key, &outflow, &inflow);
    assert_eq!(
        (item("nh3n"), item("do"), item("tp")),
        (Versus::Better, Versus::Worse, Versus::Undetermined)
    );
    let none = law().section(WaterBody::River, &[]).unwrap();
    assert_eq!(WaterLaw::versus_class(&outflow, &none), Versus::Undetermined);
}

#[test]
fn states_change_by_steps_and_items_by_rank() {
    assert_eq!(WaterLaw::change_of_state(Class::I, Class::II), "none");
    assert_eq!(WaterLaw::change_of_state(Class::IV, Class::III), "some_better");
    assert_eq!(WaterLaw::change_of_state(Class::II, Class::V), "obvious_worse");
    let falling: Vec<Exact> = ["5", "4", "3.5", "2", "1"].map(exact).to_vec();
    assert_eq!(law().trend(&falling).unwrap().unwrap().direction, Direction::Fall);
    assert!(law().trend(&falling[..4]).unwrap().is_err());
}

#[test]
fn black_and_odorous_water_is_graded_by_results_points_and_reaches() {
    let grade = law().black_odorous();
    let result = |key, value, depth: Option<&str>| {
        grade.result(key, &exact(value), depth.map(exact).as_ref()).unwrap().unwrap()
    };
    assert_eq!(result("do", "2.0", None), ResultGrade::Light);
    assert_eq!(result("do", "2.1", None), ResultGrade::Not);
    assert_eq!(result("do", "0.19", None), ResultGrade::Heavy);
    assert_eq!(result("nh3n", "8.0", None), ResultGrade::Light);
    assert_eq!(result("nh3n", "15.1", None), ResultGrade::Heavy);
    assert_eq!(result("orp", "-201", None), ResultGrade::Heavy);
    assert_eq!(result("transparency", "20", None), ResultGrade::Light);
    assert_eq!(result("transparency", "9", Some("20")), ResultGrade::Not, "40 % of 20 cm is 8");
    let results = |heavy: usize| -> Vec<_> {
        (0..10).map(|n| ("do", exact(if n < heavy { "0.1" } else { "1" }))).collect()
    };
    assert!(!grade.point(&results(6)).unwrap().is_heavy, "60 % is not more than 60 %");
    assert!(grade.point(&results(7)).unwrap().is_heavy);
    let body = grade.body(&[true, true, true, true, false, true]).unwrap();
    assert_eq!((body.is_heavy, body.heavy_reaches), (true, vec![(0, 3)]));
    assert!(grade.body(&[true, true, true, false, false, false]).unwrap().heavy_reaches.is_empty());
}

#[test]
fn drinking_water_sources_and_detection_have_their_limits() {
    let limits = law().limits();
    assert_eq!(limits.source_limits().len(), 85);
    let iron = limits.source_limits().iter().find(|limit| &*limit.name_en == "Iron").unwrap();
    assert_eq!(iron.limit, exact("0.3"));
    assert_eq!(limits.detection_limits("nh3n").count(), 2);
    assert_eq!(law().below_detection(&exact("0.05")).unwrap(), exact("0.025"));
}
