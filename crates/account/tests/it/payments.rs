//! Published and computed payment cases (`tests/vectors-compensation.csv`, with their sources).

use account::scheme::{Direction, Inputs, Scheme, Takes};
use standards::Exact;
use std::collections::BTreeMap;

/// Which scheme a case is of, and what it calls the input.
fn scheme_of(id: &str) -> (&'static str, BTreeMap<&'static str, &'static str>) {
    let (key, input) = match id {
        _ if id.starts_with("AP-H") => ("hebei-counties", ("k", "place_from_end")),
        "AP-T1" => return ("taiyuan-2019-score", ["A", "B", "C", "D"].map(|n| (n, n)).into()),
        "AP-S1" => ("shanxi-2019", ("excess", "excess_ug_m3")),
        _ if id.starts_with("AP-A") => ("anyang-daily-aqi", ("above_pct", "above_percent")),
        _ if id.starts_with("AP-") => ("zhengzhou-2020-pm25", ("excess", "excess_ug_m3")),
        _ if id.starts_with("WP-Z") => ("zhoukou-sections", ("m", "exceed_multiple")),
        "WP-H1" => return ("henan-2010-load", [("cod_t", "cod_t"), ("nh3n_t", "nh3n_t")].into()),
        _ => panic!("no scheme for {id}"),
    };
    (key, [input].into())
}

#[test]
fn every_published_payment_comes_out_to_the_yuan() {
    let schemes = Scheme::built_in().unwrap();
    let mut table =
        csv::Reader::from_reader(include_bytes!("../vectors-compensation.csv").as_slice());
    let mut cases = 0;
    for row in table.records() {
        let row = row.unwrap();
        let (id, given, expected) = (&row[0], &row[3], Exact::parse(&row[4]).unwrap());
        let (key, names) = scheme_of(id);
        let scheme = schemes.iter().find(|scheme| scheme.key == key).unwrap();
        let inputs: Inputs = given
            .split(';')
            .map(|pair| pair.split_once('=').unwrap())
            .map(|(name, value)| (names[name].to_owned(), Exact::parse(value).unwrap()))
            .collect();
        let payment = scheme.apply(&inputs).unwrap();
        assert_eq!(payment.amount, expected, "{id}");
        let sum = payment.lines.iter().try_fold(Exact::ZERO, |sum, line| sum.plus(&line.amount));
        assert_eq!(sum.unwrap(), payment.amount, "{id}: the lines are the amount");
        cases += 1;
    }
    assert_eq!(cases, 22);
}

fn apply(key: &str, input: &str, value: &str) -> account::scheme::Payment {
    let schemes = Scheme::built_in().unwrap();
    let scheme = schemes.iter().find(|scheme| scheme.key == key).unwrap();
    scheme.apply(&[(input.to_owned(), Exact::parse(value).unwrap())].into()).unwrap()
}

#[test]
fn where_the_source_can_be_read_in_two_ways_both_amounts_are_there() {
    let shanxi = apply("shanxi-2019", "excess_ug_m3", "6");
    assert_eq!((shanxi.amount, shanxi.other), (Exact::whole(70), Some(Exact::whole(120))));
    assert_eq!(apply("shanxi-2019", "excess_ug_m3", "4").other, None);
    let anyang = apply("anyang-daily-aqi", "above_percent", "10");
    assert_eq!((anyang.amount, anyang.other), (Exact::whole(20), Some(Exact::whole(10))));
    assert_eq!(apply("anyang-daily-aqi", "above_percent", "11").other, None);
}

#[test]
fn below_the_mean_nothing_is_paid() {
    assert_eq!(apply("zhengzhou-2020-pm25", "excess_ug_m3", "-3").amount, Exact::ZERO);
    assert_eq!(apply("hebei-counties", "place_from_end", "11").amount, Exact::ZERO);
}

#[test]
fn the_last_three_pay_what_is_listed() {
    for (place, amount) in [("1", 100), ("2", 50), ("3", 30), ("4", 0), ("400", 0)] {
        let payment = apply("taiyuan-2019-money", "place_from_end", place);
        assert_eq!(payment.amount, Exact::whole(amount), "{place}");
    }
}

#[test]
fn what_is_taken_of_an_item_follows_from_the_only_name() {
    let taken: Vec<_> = Scheme::built_in()
        .unwrap()
        .iter()
        .map(|scheme| (scheme.key.clone(), scheme.takes_by_name().map(Takes::key)))
        .collect();
    let taken: Vec<_> = taken.iter().map(|(key, takes)| (key.as_str(), *takes)).collect();
    let expected = [
        ("anyang-daily-aqi", Some("percent")),
        ("hebei-counties", Some("place_from_end")),
        ("henan-2010-load", None),
        ("shanxi-2019", Some("excess")),
        ("taiyuan-2019-money", Some("place_from_end")),
        ("taiyuan-2019-score", None),
        ("zhengzhou-2020-pm25", Some("excess")),
        ("zhoukou-sections", Some("multiple")),
    ];
    assert_eq!(taken, expected);
}

#[test]
fn what_is_wrong_is_named() {
    let schemes = Scheme::built_in().unwrap();
    let scheme = schemes.iter().find(|scheme| scheme.key == "zhengzhou-2020-pm25").unwrap();
    let error = scheme.apply(&Inputs::new()).unwrap_err().to_string();
    assert!(error.contains("needs the input \"excess_ug_m3\""), "{error}");
    let text = include_str!("../../data/schemes/zhengzhou-2020-pm25.toml");
    for (from, to, says) in [
        ("rate = 20", "rate = 20.5", "decimal as text"),
        ("up_to = 5, rate = 10", "rate = 10", "the last has no up_to"),
        ("confidence = \"M\"", "confidence = \"sure\"", "one of H, M, R, O"),
        ("2020-10-01", "2020-13-01", "civil days"),
        ("unit =", "units =", "unknown field"),
    ] {
        let error = Scheme::parse(&text.replace(from, to)).unwrap_err().to_string();
        assert!(error.contains(says), "{from} -> {to}: {error}");
    }
}

#[test]
fn a_document_pays_by_one_score_and_names_its_scheme() {
    let text = include_str!("../../data/schemes/taiyuan-2019-score.toml");
    let with = |inputs: &str| {
        let text = text.replace("[formula]", &format!("input = [{inputs}]\n\n[formula]"));
        Scheme::parse(&text)
    };
    let of = |name: &str, scheme: &str| {
        format!("{{ name = \"{name}\", item = \"score\", of = \"{scheme}\", takes = \"value\" }}")
    };
    let read = with(&[of("A", "one"), of("B", "one")].join(", ")).unwrap();
    assert_eq!(read.input[0].of.as_deref(), Some("one"));
    let error = with(&[of("A", "one"), of("B", "other")].join(", ")).unwrap_err().to_string();
    assert!(error.contains("two scores, \"one\" and \"other\""), "{error}");
    let error = with(&of("A", "one").replace("score", "PM10")).unwrap_err().to_string();
    assert!(error.contains("of belongs to an input whose item is score"), "{error}");
    // The payment of Taiyuan states which score it goes by.
    let schemes = Scheme::built_in().unwrap();
    let money = schemes.iter().find(|scheme| scheme.key == "taiyuan-2019-money").unwrap();
    let of = money.input[0].of.as_deref();
    let score = schemes.iter().find(|scheme| Some(scheme.key.as_str()) == of).unwrap();
    assert_eq!((money.input[0].is_score(), score.direction), (true, Direction::Score));
}
