//! Intervals of ranks on real data: hide hours of dense stations, and see whether the intervals hold what the whole
//! data say. Reads the national week when `SKYRIVER_REAL_DATA` names a folder that has it.

use account::rank::{Settings, rank};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::PathBuf;

const WEEK: &str = "data/china_air_2020/national_hourly_20200402-20200408.csv.gz";
const HOURS: usize = 168;

/// Every hour of PM2.5 of stations that lack at most `gaps` of the week, in the order of their names.
fn week(gaps: usize) -> Option<Vec<Vec<Option<f64>>>> {
    let path = PathBuf::from(std::env::var_os("SKYRIVER_REAL_DATA")?).join(WEEK);
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).ok()?).read_to_string(&mut text).ok()?;
    let mut table = csv::Reader::from_reader(text.as_bytes());
    let mut stations: BTreeMap<(String, String), Vec<Option<f64>>> = BTreeMap::new();
    // Columns: Date (YYYYMMDD), Hour, city, WatchPoint, …, PM2.5 as the eighth. Some rows repeat or are of other weeks.
    for row in table.records() {
        let row = row.ok()?;
        let (day, hour) = (row[0].parse::<usize>().ok()?, row[1].parse::<usize>().ok()?);
        let Some(day) = day.checked_sub(20_200_402).filter(|day| *day < 7) else { continue };
        let key = (row[2].to_owned(), row[3].to_owned());
        let values = stations.entry(key).or_insert_with(|| vec![None; HOURS]);
        if let Some(place) = values.get_mut(24 * day + hour) {
            *place = row[7].parse::<f64>().ok().filter(|value| *value > 0.0);
        }
    }
    // The crawl has 93 of the week's hours: the others are no part of the span.
    let there = |hour: &usize| {
        2 * stations.values().filter(|values| values[*hour].is_some()).count() > stations.len()
    };
    let hours: Vec<usize> = (0..HOURS).filter(there).collect();
    let dense = |values: &Vec<Option<f64>>| {
        let is_live =
            values.iter().flatten().any(|value| Some(value) != values.iter().flatten().next());
        is_live && values.iter().filter(|value| value.is_none()).count() <= gaps
    };
    let whole = stations.values().map(|values| hours.iter().map(|hour| values[*hour]).collect());
    Some(whole.filter(dense).collect())
}

/// Hides whole stretches of hours: each station loses `share` of its week in pieces of up to a day.
fn hide(stations: &[Vec<Option<f64>>], share: f64, chance: &mut u64) -> Vec<Vec<Option<f64>>> {
    let mut next = |end: usize| {
        *chance =
            chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*chance >> 33) as usize % end
    };
    let hidden = |values: &Vec<Option<f64>>| {
        let mut values = values.clone();
        let wanted = (share * values.len() as f64) as usize;
        while values.iter().filter(|value| value.is_none()).count() < wanted {
            let (start, length) = (next(values.len()), 1 + next(24));
            (start..(start + length).min(values.len())).for_each(|hour| values[hour] = None);
        }
        values
    };
    stations.iter().map(hidden).collect()
}

#[test]
fn nine_of_ten_intervals_hold_the_rank_of_the_whole_data() {
    let Some(stations) = week(4) else {
        println!("skipped: no national week in SKYRIVER_REAL_DATA");
        return;
    };
    assert!(stations.len() >= 300, "{} dense stations", stations.len());
    let (mut inside, mut all, mut chance) = (0, 0, 7);
    for (round, group) in stations.chunks_exact(30).take(10).enumerate() {
        let settings = Settings { draws: 400, seed: round as u64, ..Settings::default() };
        let truth = rank(&refer(group), &Settings { draws: 1, ..settings });
        let hidden = hide(group, 0.15, &mut chance);
        let seen = rank(&refer(&hidden), &settings);
        for (truth, seen) in truth.units.iter().zip(&seen.units) {
            let (truth, seen) = (truth.unwrap(), seen.unwrap());
            inside += u32::from((seen.best..=seen.worst).contains(&truth.rank));
            all += 1;
        }
    }
    let share = f64::from(inside) / f64::from(all);
    println!("{inside} of {all} ranks lie in their 90 % interval: {:.1} %", 100.0 * share);
    assert!((0.87..=0.93).contains(&share), "{share}");
}

fn refer(stations: &[Vec<Option<f64>>]) -> Vec<&[Option<f64>]> {
    stations.iter().map(Vec::as_slice).collect()
}
