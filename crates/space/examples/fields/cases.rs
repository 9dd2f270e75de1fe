//! Stations left out, and what each method says of them.

use crate::real::{Table, beijing, national};
use crate::score::{Marks, parts};
use space::field::{Field, Grade, Kind, Process, Station};
use space::{Point, distance_m};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

/// What is known of the place that is asked for.
#[derive(Clone, Copy, PartialEq)]
enum Left {
    /// Nothing ever.
    Station,
    /// Nothing ever, and nothing of any station within so many metres.
    Block(f64),
    /// It fell silent a day ago.
    Silent,
}

struct Plan<'a> {
    name: &'a str,
    window_h: usize,
    every: usize,
    of_stations: usize,
    near: usize,
}

pub fn run(folder: &Path, file: Option<&str>) {
    let data = folder.join("data");
    let mut out = file.and_then(|file| std::fs::File::create(file).ok());
    if let Some(out) = &mut out {
        let _ = writeln!(out, "set,case,role,lon,lat,value");
    }
    for column in ["PM2.5", "NO2"] {
        let (city, country) = (beijing(&data, column), national(&data, column));
        let city_plan = Plan {
            name: &format!("Beijing {column}"),
            window_h: 168,
            every: 97,
            of_stations: 1,
            near: 30,
        };
        let country_plan = Plan {
            name: &format!("national {column}"),
            window_h: 48,
            every: 9,
            of_stations: 5,
            near: 32,
        };
        for left in [Left::Station, Left::Block(15_000.0), Left::Silent] {
            judge(&city, &city_plan, left, out.as_mut());
            judge(&country, &country_plan, left, out.as_mut());
        }
    }
}

fn judge(table: &Table, plan: &Plan, left: Left, mut out: Option<&mut std::fs::File>) {
    let mut marks: BTreeMap<&str, Marks> = BTreeMap::new();
    let mut case = 0;
    for hour in (plan.window_h.min(24)..table.hours.len()).step_by(plan.every) {
        for target in (0..table.at.len()).skip(hour % plan.of_stations).step_by(plan.of_stations) {
            let Some(truth) = table.hours[hour][target] else { continue };
            let others = others(table, hour, target, plan.near, left);
            if others.len() < 4 {
                continue;
            }
            case += 1;
            simple(&mut marks, table, hour, target, &others, truth);
            kriging(&mut marks, table, hour, target, &others, truth);
            let said = ours(&mut marks, table, hour, (target, &others), plan, left, truth);
            if let (Some(out), Some(said), true) =
                (out.as_deref_mut(), said, left == Left::Station && case % 4 == 0)
            {
                write(out, plan.name, case, table, hour, target, &others);
                for (role, value) in std::iter::once(("field", said.0))
                    .chain(said.1.iter().map(|q| ("quantile", *q)))
                {
                    let _ = writeln!(out, "{},{case},{role},,,{value}", plan.name);
                }
            }
        }
    }
    let how = match left {
        Left::Station => "station left out".to_owned(),
        Left::Block(metres) => format!("block left out ({:.0} km)", metres / 1e3),
        Left::Silent => "station silent for a day".to_owned(),
    };
    println!(
        "\n**{}, {how}**\n\n| method | RMSE | MAE | CRPS | 90 % interval covers, % | cases |\n|---|--:|--:|--:|--:|--:|",
        plan.name
    );
    for (name, marks) in marks {
        marks.print(name);
    }
}

/// The nearest stations that speak in the hour.
fn others(table: &Table, hour: usize, target: usize, near: usize, left: Left) -> Vec<usize> {
    let at = table.at[target];
    let least = if let Left::Block(metres) = left { metres } else { -1.0 };
    let mut all: Vec<(f64, usize)> = (0..table.at.len())
        .filter(|other| *other != target && table.hours[hour][*other].is_some())
        .map(|other| (distance_m(at, table.at[other]), other))
        .filter(|(metres, _)| *metres > least)
        .collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    all.truncate(near);
    all.into_iter().map(|(_, other)| other).collect()
}

fn simple(
    marks: &mut BTreeMap<&str, Marks>,
    table: &Table,
    hour: usize,
    target: usize,
    others: &[usize],
    truth: f64,
) {
    let value = |other: &usize| table.hours[hour][*other].unwrap_or(0.0);
    let one = |name, said: f64, marks: &mut BTreeMap<&str, Marks>| {
        marks.entry(name).or_default().take(truth, said, &[said; 99]);
    };
    one("1 nearest", value(&others[0]), marks);
    let weight = |other: &usize| distance_m(table.at[target], table.at[*other]).max(50.0).powi(-2);
    let (sum, weights) = others
        .iter()
        .fold((0.0, 0.0), |(s, w), other| (s + weight(other) * value(other), w + weight(other)));
    one("2 inverse distance", sum / weights, marks);
}

fn standard(table: &Table, which: impl IntoIterator<Item = usize>) -> Vec<Station> {
    let station = |at: usize| Station { at: table.at[at], grade: Grade::STANDARD };
    which.into_iter().map(station).collect()
}

/// Ordinary kriging of the hour's own values, its covariance fitted on that hour.
fn kriging(
    marks: &mut BTreeMap<&str, Marks>,
    table: &Table,
    hour: usize,
    target: usize,
    others: &[usize],
    truth: f64,
) {
    let stations = standard(table, others.iter().copied());
    let now: Vec<Option<f64>> = others.iter().map(|other| table.hours[hour][*other]).collect();
    let process = Process::fit(Kind::Plain, &stations, std::slice::from_ref(&now));
    take("3 ordinary kriging, by hour", marks, &process, &now, table.at[target], truth);
}

fn take<'a>(
    name: &'a str,
    marks: &mut BTreeMap<&'a str, Marks>,
    process: &Process,
    now: &[Option<f64>],
    at: Point,
    truth: f64,
) -> Option<(f64, Vec<f64>)> {
    let field = Field::of(process, now)?;
    let said = field.at(at)?;
    let quantiles: Vec<f64> = parts().filter_map(|p| field.quantile(at, p)).collect();
    marks.entry(name).or_default().take(truth, said.mean, &quantiles);
    Some((said.mean, quantiles))
}

fn ours(
    marks: &mut BTreeMap<&str, Marks>,
    table: &Table,
    hour: usize,
    (target, others): (usize, &[usize]),
    plan: &Plan,
    left: Left,
    truth: f64,
) -> Option<(f64, Vec<f64>)> {
    let mut which = others.to_vec();
    if left == Left::Silent {
        which.push(target);
    }
    let stations = standard(table, which.iter().copied());
    let from = hour.saturating_sub(plan.window_h);
    let window: Vec<Vec<Option<f64>>> = (from..=hour)
        .map(|then| {
            let is_silent = |at: usize| at == target && then + 24 > hour;
            which.iter().map(|at| table.hours[then][*at].filter(|_| !is_silent(*at))).collect()
        })
        .collect();
    let now: Vec<Option<f64>> =
        which.iter().map(|at| table.hours[hour][*at].filter(|_| *at != target)).collect();
    let process = Process::fit(Kind::Concentration, &stations, &window);
    take("4 field", marks, &process, &now, table.at[target], truth)
}

fn write(
    out: &mut std::fs::File,
    set: &str,
    case: usize,
    table: &Table,
    hour: usize,
    target: usize,
    others: &[usize],
) {
    let mut row = |role: &str, at: usize| {
        let ([lon, lat], value) = (table.at[at], table.hours[hour][at].unwrap_or(0.0));
        let _ = writeln!(out, "{set},{case},{role},{lon},{lat},{value}");
    };
    row("asked", target);
    for other in others {
        row("known", *other);
    }
}
