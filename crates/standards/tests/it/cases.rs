//! A hundred thousand random cases, answered by `tests/independent/cases.py` and here.

use crate::LAW;
use standards::air::{Assessment, DayValues, NotAssessed, PeriodStatistic, Question, ranking};
use standards::air::{Hours, Pollutant, Programme};
use standards::water::WaterBody;
use standards::{Day, Exact, Span, Zone, statistics};
use std::path::Path;
use std::process::Command;

/// The seed of every run unless `SKYRIVER_CASES_SEED` names another.
const SEED: &str = "20260301";
const COUNT: &str = "100000";

#[test]
fn a_hundred_thousand_random_cases_agree_with_the_independent_computation() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/independent/cases.py");
    #[expect(clippy::disallowed_methods, reason = "another seed is asked for from outside")]
    let seed = std::env::var("SKYRIVER_CASES_SEED").unwrap_or_else(|_| SEED.to_owned());
    let Ok(output) = Command::new("python3")
        .arg(script)
        .args(["--seed", &seed, "--count", COUNT])
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
        ("report_day" | "report_hour", [edition, hours @ ..]) => {
            assert_eq!(report(kind, edition, hours, day), expected, "{line}");
        }
        ("span", [edition, span, cells @ ..]) => {
            assert_eq!(span_of(edition, span, cells), expected, "{line}");
        }
        ("ranks", places) => {
            let places: Vec<_> = places.iter().map(|text| Exact::parse(text).ok()).collect();
            let ranks = ranking::by_composite(&places, 2).unwrap();
            let ranks: Vec<String> = ranks.into_iter().map(dash).collect();
            assert_eq!(ranks.join(" "), expected, "{line}");
        }
        ("section" | "cwqi", [body, values @ ..]) => {
            let body = if *body == "lake" { WaterBody::Lake } else { WaterBody::River };
            assert_eq!(water(kind, body, &pairs(values)), expected, "{line}");
        }
        ("tli", values) => {
            let index = LAW.water().tli().index(&pairs(values)).unwrap().unwrap();
            let (number, state) = expected.split_once(' ').unwrap();
            let off = index.sum.to_f64() - number.parse::<f64>().unwrap();
            assert!(off.abs() < 0.000_051 && &*index.state == state, "{line}");
        }
        _ => unreachable!("{line}"),
    }
}

fn pairs<'t>(cells: &[&'t str]) -> Vec<(&'t str, Exact)> {
    let pair = |cell: &&'t str| cell.split_once('=').map(|(k, v)| (k, Exact::parse(v).unwrap()));
    cells.iter().map(|cell| pair(cell).unwrap()).collect()
}

fn dash(value: Option<impl ToString>) -> String {
    value.map_or("-".to_owned(), |value| value.to_string())
}

/// A fraction as Python writes it.
fn python(value: Option<Exact>) -> String {
    value.map_or("-".to_owned(), |value| match value.parts() {
        (n, 1) => n.to_string(),
        (n, d) => format!("{n}/{d}"),
    })
}

/// The report of a day, or of the hour that ends its 24.
fn report(kind: &str, edition: &str, hours: &[&str], day: &Day) -> String {
    let hours: Vec<Option<f64>> = hours.iter().map(|hour| hour.parse().ok()).collect();
    let columns = std::array::from_fn(|at| &hours[24 * at..24 * (at + 1)]);
    let hours = Hours::new(day.start(), columns);
    let edition = LAW.air_index_edition(&format!("HJ 633-{edition}")).unwrap();
    let report = if kind == "report_day" {
        edition.day(day, &hours, Programme::default())
    } else {
        let last = day.start() + 23 * 3_600_000;
        edition.hour(day.date(), last, &hours, Programme::default())
    };
    let primary: Vec<&str> = report.primary.iter().map(|p| p.symbol()).collect();
    let primary = if primary.is_empty() { "-".to_owned() } else { primary.join("+") };
    let mut cells = vec![dash(report.aqi.as_ref().ok()), dash(report.computed), primary];
    cells.extend(Pollutant::ALL.map(|p| dash(report.iaqi(p))));
    cells.join(" ")
}

/// A month or a year of days under a set of editions, as `law.py` lists it.
fn span_of(edition: &str, span: &str, cells: &[&str]) -> String {
    let span: Span = span.parse().unwrap();
    let dates = span.first().series(jiff::Span::new().days(1));
    let days = cells.chunks(7).zip(dates).map(|(cells, date)| {
        let values = std::array::from_fn(|at| Exact::parse(cells[at]).ok());
        DayValues { aqi: cells[6].parse().ok(), ..DayValues::given(date, values) }
    });
    let set = LAW.rule_set_named(edition).unwrap();
    let question = Question { span, set, settings: LAW.settings(), dust: &[] };
    let own: Assessment = LAW.assess(question, days).unwrap();
    let mut cells = Vec::new();
    for pollutant in Pollutant::ALL {
        for is_mean in [true, false] {
            let items = own.evaluation.items.iter().filter(|item| item.pollutant == pollutant);
            for item in items.filter(|own| (own.statistic == PeriodStatistic::Mean) == is_mean) {
                let meets = item.meets.map(|meets| if meets { "yes" } else { "no" });
                let reason = item.reason.as_ref().map(NotAssessed::code);
                let (value, rounded) = (python(item.value), python(item.rounded));
                let (meets, over) = (dash(meets), python(item.exceedance));
                let have = item.have;
                cells.push(format!(
                    "{pollutant}:{have}:{value}:{rounded}:{meets}:{over}:{}",
                    dash(reason)
                ));
            }
        }
    }
    cells.push(format!("composite:{}", python(own.composite.as_ref().ok().map(|own| own.rounded))));
    let days = &own.evaluation.days;
    let share = python(days.good_percent);
    cells.push(format!("days:{}:{}:{}:{share}", days.valid, days.good, days.heavy));
    cells.join(" ")
}

fn water(kind: &str, body: WaterBody, values: &[(&str, Exact)]) -> String {
    if kind == "cwqi" {
        return python(Some(LAW.water().cwqi(body, values).unwrap().sum));
    }
    let report = LAW.water().section(body, values).unwrap();
    let mut deciding: Vec<&str> = report.deciding.iter().map(|key| &**key).collect();
    deciding.sort_unstable();
    let deciding = if deciding.is_empty() { "-".to_owned() } else { deciding.join("+") };
    let mut cells = vec![report.class.unwrap().symbol().to_owned(), deciding];
    for own in &report.main_pollutants {
        let row = report.items.iter().find(|row| row.key == own.key).unwrap();
        cells.push(format!("{}:{}", row.class as usize, python(own.multiple)));
    }
    cells.join(" ")
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
