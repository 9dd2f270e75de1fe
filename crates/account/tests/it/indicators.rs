//! Indicators: the founding figures on their bases, and what holds of every formula.

use account::indicator::{Editions, Indicator, Light, NoValue};
use account::programme::Template;
use account::{Rate, Text};
use proptest::prelude::*;
use standards::Exact;

fn templates() -> Vec<Template> {
    Template::built_in().unwrap()
}

fn named(key: &str) -> Indicator {
    let all = Indicator::built_in(&templates()).unwrap();
    all.into_iter().find(|own| own.key == key).unwrap()
}

fn printed(key: &str, decimals: u8, numbers: &[&str]) -> String {
    let own = Indicator { decimals, ..named(key) };
    let numbers: Vec<_> = numbers.iter().map(|own| Ok(Exact::parse(own).unwrap())).collect();
    own.value(&numbers).unwrap().printed
}

#[test]
fn the_founding_figures_come_out_each_on_its_basis() {
    assert_eq!(printed("back-villages", 1, &["26", "39"]), "66.7");
    assert_eq!(printed("completed", 1, &["7640000", "13310000"]), "57.4");
    // 59 % is of people, whose number is only implied; any of the implied wholes prints it.
    let (least, most) = Rate::implied("66500", "59").unwrap();
    for whole in [least.ceiling(), most.floor()] {
        assert_eq!(printed("back-people", 0, &["66500", &whole.to_string()]), "59");
    }
    // 74 % after three more villages is of villages again.
    assert_eq!(printed("back-villages", 0, &["29", "39"]), "74");
    let refused = named("back-people").in_line_with(&named("back-villages")).unwrap_err().0;
    assert!(refused.en.contains("by people") && refused.en.contains("by villages"), "{refused:?}");
    assert!(refused.zh.contains("按人计") && refused.zh.contains("按村计"), "{refused:?}");
    assert!(named("back-people").in_line_with(&named("back-people")).is_ok());
    assert!(named("on-time").in_line_with(&named("good-days")).is_err());
    // 226 of the days of 2020, and more done than due stays more than 100 %.
    assert_eq!(printed("good-days", 1, &["226", "366"]), "61.7");
    assert_eq!(printed("completed", 0, &["453", "384"]), "118");
}

#[test]
fn nothing_due_and_an_input_that_is_missing_are_reasons_and_no_numbers() {
    let own = named("on-time");
    let nought = || Ok(Exact::ZERO);
    assert_eq!(own.value(&[nought(), nought()]), Err(NoValue::NothingDue));
    let why = Text::new("没有办件", "there is no desk");
    let missing = own.value(&[nought(), Err(why)]).unwrap_err().text();
    assert_eq!(missing.en, "due, without approved deferrals: there is no desk");
    assert!(own.value(&[nought()]).is_err());
}

#[test]
fn a_rate_of_two_bases_is_refused_when_it_is_read() {
    let toml = include_str!("../../data/indicators/back-villages.toml");
    let says = |from: &str, to: &str| {
        let changed = toml.replace(from, to);
        assert_ne!(changed, toml);
        Indicator::parse(&changed, &templates()).unwrap_err().0
    };
    let said = says("due_villages", "due_people");
    assert!(said.en.contains("is of villages") && said.en.contains("is of people"), "{said:?}");
    assert!(says("basis = \"villages\"\n", "").zh.contains("口径"));
    assert!(says("due_villages", "due_houses").en.contains("due_villages"));
    assert!(says("valid_from", "valid_form").en.contains("valid_form"));
    assert!(says("source = ", "source = \"\" # ").en.contains("source"));
    assert!(says("times = 100", "times = 100.0").en.contains("decimal as text"));
    let target = "times = 100\ntarget = { value = \"60\", amber = \"65\", document = \"plan\" }";
    assert!(says("times = 100", target).en.contains("worse side"));
}

#[test]
fn a_share_of_hours_is_one_to_a_hundred_per_cent() {
    let toml = |percent: u8| {
        let input = format!(
            "{{ from = \"readings\", place = \"air-1\", parameter = \"pm25\", take = \"mean\", hours_percent_min = {percent} }}"
        );
        include_str!("../../data/indicators/pm25.toml")
            .replace("{ from = \"air\", take = \"pm25\" }", &input)
    };
    for percent in [1, 75, 100] {
        assert!(Indicator::parse(&toml(percent), &templates()).is_ok(), "{percent}");
    }
    for percent in [0, 101] {
        let said = Indicator::parse(&toml(percent), &templates()).unwrap_err().0;
        assert!(said.en.contains("1 to 100") && said.zh.contains("1–100"), "{said:?}");
    }
}

#[test]
fn a_light_compares_what_is_printed_in_the_good_direction() {
    let toml = include_str!("../../data/indicators/pm25.toml");
    let toml = format!("target = {{ value = 45, amber = 50, document = \"plan\" }}\n{toml}");
    let own = Indicator::parse(&toml, &templates()).unwrap();
    let light = |value: &str| own.light(value).unwrap();
    assert_eq!((light("45"), light("46"), light("51")), (Light::Green, Light::Amber, Light::Red));
    assert_eq!(named("pm25").light("45"), None);
}

#[test]
fn the_edition_of_a_day_is_the_adopted_one_that_began_last() {
    let templates = templates();
    let mut all = Editions::built_in(&templates).unwrap();
    let example = include_str!("../../data/indicators/on-time.toml");
    let of = |from: &str| example.replace("2016-01-01", from);
    for (sequence, from) in [(7, "2026-01-01"), (9, "2025-01-01")] {
        let toml = of(from);
        let own = Indicator::parse(&toml, &templates).unwrap();
        all.take(Some(sequence), &toml, own);
    }
    let on = |day: &str| all.on("on-time", day.parse().unwrap()).unwrap().sequence;
    assert_eq!((on("2024-12-31"), on("2025-06-01"), on("2026-06-01")), (None, Some(9), Some(7)));
    assert_eq!(all.of("on-time").len(), 3);
    assert!(all.on("on-time", "2015-12-31".parse().unwrap()).is_none());
}

proptest! {
    /// A share does not depend on the unit in which both are counted, is never clamped, and is 100 exactly when both are equal.
    #[test]
    fn a_share_is_the_same_in_any_unit(part in 0_i64..10_000, whole in 1_i64..10_000, unit in 1_i64..1_000) {
        let own = named("completed");
        let value = |unit: i64| own.value(&[Ok(Exact::whole(part * unit)), Ok(Exact::whole(whole * unit))]).unwrap();
        prop_assert_eq!(value(1).exact, value(unit).exact);
        let hundred = Exact::whole(100);
        prop_assert_eq!(value(unit).exact > hundred, part > whole);
        prop_assert_eq!(value(unit).exact == hundred, part == whole);
        let off = value(1).exact.minus(&Exact::parse(&value(1).printed).unwrap()).unwrap();
        let half = Exact::parse("0.05").unwrap();
        prop_assert!(off <= half && Exact::ZERO.minus(&off).unwrap() <= half);
    }

    /// Whatever the numerator, nothing due is no case.
    #[test]
    fn nothing_due_is_never_a_number(part in -1_000_i64..1_000) {
        let value = named("on-time").value(&[Ok(Exact::whole(part)), Ok(Exact::ZERO)]);
        prop_assert_eq!(value, Err(NoValue::NothingDue));
    }

    /// Terms may stand in any order; a term times −1 takes away.
    #[test]
    fn a_sum_does_not_depend_on_the_order_of_its_terms(numbers in prop::collection::vec(-500_i64..500, 2..6), turn in 0_usize..6) {
        let mut own = named("heavy-days");
        let term = own.numerator[0].clone();
        own.numerator = vec![term.clone(); numbers.len()];
        let amounts = |numbers: &[i64]| numbers.iter().map(|own| Ok(Exact::whole(*own))).collect::<Vec<_>>();
        let sum = own.value(&amounts(&numbers)).unwrap().exact;
        prop_assert_eq!(sum, Exact::whole(numbers.iter().sum()));
        let mut turned = numbers.clone();
        turned.rotate_left(turn % numbers.len());
        prop_assert_eq!(own.value(&amounts(&turned)).unwrap().exact, sum);
    }
}
