//! The tree of a result, as a person reads it.

use crate::LAW;
use standards::air::{Grade, Hours, LimitsOn, Programme};
use standards::water::WaterBody;
use standards::{Exact, Zone};

#[test]
fn a_day_opens_down_to_its_averages() {
    let day = Zone::shanghai().unwrap().day("2026-03-01".parse().unwrap()).unwrap();
    let mut dusty = [Some(150.0); 24];
    dusty[0] = Some(162.0);
    let (quiet, co, few) = ([Some(20.0); 24], [Some(0.5); 24], [Some(9.0); 19]);
    let hours = Hours::new(day.start(), [&few, &quiet, &co, &quiet, &dusty, &quiet]);
    let edition = LAW.air_index(day.date()).unwrap();
    let step = edition.explain(&edition.day(&day, &hours, Programme::default()));
    let outline = step.outline(false);
    for line in [
        "daily AQI: 112 = max(25, 13, 10, 112, 29) [",
        "  level: 3 轻度污染 light pollution [HJ 633-2026, table 1",
        "  primary pollutants: PM10\n",
        "  SO2 IAQI: 19 of 20 hours needed [HJ 633-2026, table 3; A]\n",
        "    SO2 daily mean: 9 ug/m3\n",
        "  PM10 IAQI: 112 = ⌈(150 - 100) / (250 - 120) × (150 - 120) + 100⌉ [HJ 633-2026, table 3; A]\n",
        "    rounded half to even, 0 decimals: 150 ug/m3 [HJ 633-2026, clauses 4.2.2 and 4.2.3; GB/T 8170; A]\n",
        "      PM10 daily mean: 150.5 ug/m3\n",
        "    ! which running 8 h means belong to the day is not well established (confidence D",
    ] {
        assert!(outline.contains(line), "{line:?} is not in\n{outline}");
    }
    assert!(step.outline(true).contains("有效小时19个，至少需要20个"));
    let json = serde_json::to_value(&step).unwrap();
    assert_eq!(json["inputs"][0]["rule"]["confidence"], "A");
}

#[test]
fn composite_index_and_section_open_too() {
    let scheme = LAW.composite_scheme("equal").unwrap();
    let limits = LimitsOn {
        limits: LAW.air_limits(),
        date: "2026-03-01".parse().unwrap(),
        grade: Grade::Two,
    };
    let values = ["6", "12", "0.9", "137", "51", "19"].map(|text| Exact::parse(text).unwrap());
    let composite = scheme.composite(values, limits).unwrap().unwrap();
    let outline = composite.explain().outline(false);
    assert!(outline.starts_with("composite index: 2.96 = 0.1000 + 0.3000"), "{outline}");
    assert!(outline.contains("  PM10 single index: 0.8500 = 51 / 60 [GB 3095-2026"), "{outline}");

    let values = [("nh3n", Exact::parse("1.2").unwrap()), ("ph", Exact::whole(8))];
    let section = LAW.water().section(WaterBody::River, &values).unwrap();
    let outline = LAW.water().explain_section(WaterBody::River, &section).outline(true);
    assert!(outline.starts_with("水质类别：IV = 2 / 21\n"), "{outline}");
    assert!(outline.contains("  氨氮：IV = 1.2 (III: 1) ["), "{outline}");
    assert!(outline.contains("  pH值：I = 8 (6..9) ["), "{outline}");
}
