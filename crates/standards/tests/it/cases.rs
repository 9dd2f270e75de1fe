//! A hundred thousand random cases, answered by `tests/independent/cases.py` and here.

use crate::LAW;
use standards::air::{Hours, Pollutant, Programme};
use standards::water::WaterBody;
use standards::{Day, Exact, Zone, statistics};
use std::path::Path;
use std::process::Command;

const SEED: &str = "20260301";
const COUNT: &str = "100000";

#[test]
fn a_hundred_thousand_random_cases_agree_with_the_independent_computation() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/independent/cases.py");
    let Ok(output) = Command::new("python3")
        .arg(script)
        .args(["--seed", SEED, "--count", COUNT])
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
    else {
        println!("skipped: there is no python3 to compute the answers");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let day = Zone::shanghai().unwrap().day("2026-03-02".parse().unwrap()).unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = text.lines();
    println!("{}", lines.next().unwrap());
    let mut compared = 0;
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let [kind, arguments, expected] = cells[..] else { unreachable!("{line}") };
        let arguments: Vec<&str> = arguments.split(' ').collect();
        check(kind, &arguments, expected, &day, line);
        compared += 1;
    }
    assert_eq!(compared.to_string(), COUNT);
}

fn check(kind: &str, arguments: &[&str], expected: &str, day: &Day, line: &str) {
    match (kind, arguments) {
        ("iaqi", [edition, column, c]) => {
            let edition = LAW.air_index_edition(&format!("HJ 633-{edition}")).unwrap();
            let column = edition.column(column).unwrap();
            let pollutant = Pollutant::named(column.name().split('_').next().unwrap()).unwrap();
            let c = Exact::parse(c).unwrap();
            let new = edition.edition().ends_with("2026");
            let c = if new { c.half_even(edition.decimals(pollutant)).unwrap() } else { c };
            let iaqi = column.iaqi(&c).unwrap();
            assert_eq!(iaqi.map_or("none".to_owned(), |iaqi| iaqi.to_string()), expected, "{line}");
        }
        ("round", [decimals, value]) => {
            let rounded = Exact::parse(value).unwrap().half_even(decimals.parse().unwrap());
            assert_eq!(rounded.unwrap(), fraction(expected), "{line}");
        }
        ("percentile", [p, values @ ..]) => {
            let values: Vec<Exact> = values.iter().map(|v| Exact::parse(v).unwrap()).collect();
            let value = statistics::percentile(&values, p.parse().unwrap()).unwrap();
            assert_eq!(value, Some(fraction(expected)), "{line}");
        }
        ("day" | "ozone", hours) => {
            let hours: Vec<Option<f64>> = hours.iter().map(|hour| hour.parse().ok()).collect();
            let edition = LAW.air_index_edition("HJ 633-2026").unwrap();
            let hours = Hours::new(day.start(), [&hours; 6]);
            let report = edition.day(day, &hours, Programme::default());
            let row = report.row(if kind == "day" { "NO2_24h" } else { "O3_8h" }).unwrap();
            let value = row.average.filter(|_| row.reason.is_none());
            assert_eq!(value, expected_or_none(expected), "{line}");
        }
        ("class", [body, key, value]) => {
            let body = if *body == "lake" { WaterBody::Lake } else { WaterBody::River };
            let item = LAW.water().limits().item(key, body).unwrap();
            let class = item.class(&Exact::parse(value).unwrap()).unwrap();
            assert_eq!(class.symbol(), expected, "{line}");
        }
        ("nowcast", hours) => {
            let hours: Vec<Option<Exact>> = hours.iter().map(|h| Exact::parse(h).ok()).collect();
            let nowcast = LAW.world().us_index().nowcast(&hours).unwrap();
            let Some(value) = nowcast else { return assert_eq!(expected, "none", "{line}") };
            // Exact where every step fits, else to nine places.
            let is_exact = fraction_or_large(expected) == Some(value);
            let is_near = || {
                value.half_even(9) == Ok(value)
                    && (value.to_f64() - quotient(expected)).abs() < 1e-8
            };
            assert!(is_exact || is_near(), "{value} {line}");
        }
        _ => unreachable!("{line}"),
    }
}

fn expected_or_none(text: &str) -> Option<Exact> {
    (text != "none").then(|| fraction(text))
}

fn fraction(text: &str) -> Exact {
    fraction_or_large(text).unwrap()
}

fn fraction_or_large(text: &str) -> Option<Exact> {
    let (n, d) = text.split_once('/').unwrap_or((text, "1"));
    Exact::fraction(n.parse().ok()?, d.parse().ok()?).ok()
}

fn quotient(text: &str) -> f64 {
    let (n, d) = text.split_once('/').unwrap_or((text, "1"));
    n.parse::<f64>().unwrap() / d.parse::<f64>().unwrap()
}
