//! A span as a whole: its editions, settings, composite index, comparison and tree; areas by points.

use crate::LAW;
use jiff::civil::{Date, date};
use standards::air::comparison::{Direction, Item, compare};
use standards::air::{Assessment, DayValues, Pollutant, Question, area_days};
use standards::{Exact, Span};

fn exact(text: &str) -> Exact {
    Exact::parse(text).unwrap()
}

/// A year of equal days; the first `good` of them with an index of 80, the others of 220.
fn year(year: i16, values: [&str; 6], good: i64) -> (Span, Vec<DayValues>) {
    let span = Span::year(year).unwrap();
    let days = span.first().series(jiff::Span::new().days(1)).take_while(|day| span.holds(*day));
    let days = (1..).zip(days).map(|(n, date)| {
        let mut day = DayValues::given(date, values.map(|text| Some(exact(text))));
        (day.aqi, day.level) = if n <= good { (Some(80), Some(2)) } else { (Some(220), Some(5)) };
        day.primary = vec![Pollutant::Pm25];
        day
    });
    (span, days.collect())
}

fn assess(span: Span, days: Vec<DayValues>, set: &str, dust: &[Date]) -> Assessment {
    let set = LAW.rule_set_named(set).unwrap();
    let question = Question { span, set, settings: LAW.settings(), dust };
    LAW.assess(question, days).unwrap()
}

#[test]
fn the_annual_meeting_hears_eight_down_and_one_up() {
    // 108 good days became 226: the founding figure of +109.3 %.
    let (span, days) = year(2013, ["30", "50", "3.0", "190", "150", "90"], 108);
    let last = assess(span, days, "2012", &[]);
    let (span, days) = year(2014, ["20", "45", "2.2", "170", "120", "66"], 226);
    let this = assess(span, days, "2012", &[]);
    let table = compare(&this, &last).unwrap();
    assert_eq!((&*table.sentence.en, &*table.sentence.zh), ("eight down, one up", "八降一升"));
    assert!(table.caution.is_none());
    let row = |item: &str| table.rows.iter().find(|row| row.item == item).unwrap();
    let good = row("good_days");
    assert_eq!(
        (good.this.value.as_deref(), good.last.value.as_deref()),
        (Some("226"), Some("108"))
    );
    assert_eq!(
        (good.change.absolute.as_deref(), good.change.percent.as_deref()),
        (Some("+118"), Some("+109.3"))
    );
    assert_eq!(good.change.direction, Direction::Better);
    let pm25 = row("PM2.5");
    assert_eq!(
        (pm25.this.limit.as_deref(), pm25.this.exceed, pm25.this.multiple.as_deref()),
        (Some("35"), Some(true), Some("0.89"))
    );
    assert_eq!(pm25.change.percent.as_deref(), Some("-26.7"));
    // 20/60 + 45/40 + 2.2/4 + 170/160 + 120/70 + 66/35
    assert_eq!(row("composite").this.value.as_deref(), Some("6.67"));
    assert_eq!(row("good_share").change.percent, None);
}

#[test]
fn a_span_under_another_edition_says_that_limits_differ() {
    let (span, days) = year(2025, ["6", "20", "0.8", "120", "62", "31"], 365);
    let old = assess(span, days.clone(), "2012", &[]);
    let new = assess(span, days, "2026", &[]);
    assert_eq!((old.evaluation.meets, new.evaluation.meets), (Some(true), Some(false)));
    let table = compare(&new, &old).unwrap();
    assert!(table.caution.unwrap().en.contains("(2026 and 2012)"));
    assert!(new.is_doubtful() && new.cell(Item::Pollutant(Pollutant::Pm25)).doubtful);
}

#[test]
fn every_number_of_the_table_opens_down_to_its_days() {
    let (span, days) = year(2025, ["6", "20", "0.8", "120", "62", "36"], 365);
    let assessment = assess(span, days, "2026", &[date(2025, 4, 12)]);
    for item in Item::ALL {
        let step = assessment.explain(item, 3);
        assert_eq!(step.value, assessment.cell(item).value, "{item:?}");
        assert!(!step.inputs.is_empty(), "{item:?}");
    }
    let outline = assessment.explain(Item::Pollutant(Pollutant::Pm25), 2).outline(false);
    for line in [
        "PM2.5 mean, 2025: 36.0 ug/m3 = 36.0 > 30 [HJ 663-2026, table 1; B]\n",
        "  ! the rule is not well established (confidence C: HJ 663-2026, rounding clause",
        "  limit: 30 ug/m3 – exceeded by 0.20 times the limit [GB 3095-2026",
        "    before rounding: 36 ug/m3 = Σ / 364 – taken out for dust weather: 2025-04-12\n",
        "      2025-01-02: 36 ug/m3\n      and 362 more\n",
        "exceptional events: dust_2016 – new in HJ 663-2026, which events count",
    ] {
        assert!(outline.contains(line), "{line:?} is not in\n{outline}");
    }
    let outline = assessment.explain(Item::Pollutant(Pollutant::O3), 2).outline(false);
    assert!(
        outline.contains("k = 1 + (365 - 1) × 90 / 100 = 328.6; X(328) + 0.60 × (X(329) - X(328))"),
        "{outline}"
    );
    let json = serde_json::to_value(assessment.explain(Item::Composite, 1)).unwrap();
    assert_eq!(json["inputs"][5]["inputs"][0]["rule"]["edition"], "HJ 663-2026");
    assert_eq!(json["inputs"][6]["inputs"][0]["rule"]["doubtful"], true);
    assert!(json["inputs"][0]["title"]["zh"].is_string() && json["truncated"].is_null());
}

#[test]
fn what_the_law_leaves_open_can_be_set_and_an_unknown_setting_is_refused() {
    let (span, days) = year(2025, ["6", "20", "0.8", "120", "62", "36"], 365);
    let set = LAW.rule_set_named("2026").unwrap();
    let value = |settings: &standards::air::Settings| {
        let question = Question { span, set, settings, dust: &[] };
        LAW.assess(question, days.clone()).unwrap().composite.unwrap().rounded.to_string()
    };
    assert_eq!(value(LAW.settings()), "3.78");
    let with = |key, value| LAW.settings().clone().with(key, value).unwrap();
    assert_eq!(value(&with("composite_scheme", "weighted")), "7.433");
    assert_eq!(value(&with("composite_limits", "2012")), "3.46");
    let error = LAW.settings().clone().with("composite_scheme", "x").unwrap_err().to_string();
    assert!(error.ends_with("hint: composite_scheme is one of equal, weighted"), "{error}");
    assert!(LAW.settings().clone().with("colour", "x").is_err());
}

#[test]
fn an_area_is_judged_from_the_means_of_its_points_never_from_their_indices() {
    let day = |pm25: &str, aqi: u16| {
        let values = ["6", "20", "0.8", "90", "50", pm25].map(|text| Some(exact(text)));
        let mut day = DayValues::given(date(2026, 4, 1), values);
        day.aqi = Some(aqi);
        day
    };
    let set = |date| LAW.rule_set(date);
    let (clean, dirty) = ([day("20", 50)], [day("100", 137)]);
    let area = area_days(&[&clean, &dirty], set).unwrap();
    // 60 µg/m³ is an index of 100; the mean of the two indices would be 94.
    assert_eq!((area[0].aqi, area[0].values[5]), (Some(100), Some(exact("60"))));
    let empty = area_days(&[&clean, &[], &[], &[]], set).unwrap();
    assert_eq!((empty[0].aqi, empty[0].values[5]), (None, None), "one of four points is too few");
    let before = area_days(&[&clean], |_| None).unwrap();
    assert!(before.is_empty());
}

#[test]
fn sets_of_editions_follow_each_other_without_a_gap() {
    let name = |text: &str| LAW.rule_set(text.parse().unwrap()).map(|set| set.name().to_owned());
    assert_eq!(name("2026-02-28").as_deref(), Some("2012"));
    assert_eq!(name("2026-03-01").as_deref(), Some("2026"));
    assert_eq!(name("2031-01-01").as_deref(), Some("2026-final"));
    assert_eq!(name("2010-01-01"), None);
    assert_eq!(LAW.rule_sets().count(), 3);
}
