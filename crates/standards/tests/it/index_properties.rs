//! What must hold whatever the numbers are.

use crate::LAW;
use proptest::prelude::*;
use standards::air::{Hours, Pollutant, Programme};
use standards::{Day, Exact, Zone};

fn day() -> Day {
    Zone::shanghai().unwrap().day("2026-03-02".parse().unwrap()).unwrap()
}

/// Values as devices send them: few digits, sometimes none.
fn hour() -> impl Strategy<Value = Option<f64>> {
    proptest::option::weighted(0.9, (0_u32..9000).prop_map(|n| f64::from(n) / 10.0))
}

fn hours() -> impl Strategy<Value = Vec<Option<f64>>> {
    proptest::collection::vec(hour(), 24)
}

proptest! {
    #[test]
    fn a_higher_concentration_never_gives_a_lower_index(a in 0_i128..30_000, b in 0_i128..30_000) {
        let (low, high) = (a.min(b), a.max(b));
        for edition in LAW.air_indices() {
            for column in edition.columns() {
                let iaqi = |n| column.iaqi(&Exact::fraction(n, 10).unwrap()).unwrap();
                if let (Some(low), Some(high)) = (iaqi(low), iaqi(high)) {
                    prop_assert!(low <= high, "{} {}", edition.edition(), column.name());
                }
            }
        }
    }

    #[test]
    fn the_single_index_is_the_ceiling_of_the_plain_fraction(n in 0_i128..50_000, d in 1_i128..240) {
        for edition in LAW.air_indices() {
            for column in edition.columns() {
                let c = Exact::fraction(n, d).unwrap();
                let (iaqi, naive) = (column.iaqi(&c).unwrap(), naive(edition.edition(), column.name(), n, d));
                prop_assert_eq!(iaqi, naive, "{} {} {}", edition.edition(), column.name(), c);
            }
        }
    }

    #[test]
    fn the_order_of_hours_does_not_matter_to_a_daily_mean(values in hours(), seed in any::<u64>()) {
        let edition = LAW.air_index_edition("HJ 633-2026").unwrap();
        let mut shuffled = values.clone();
        let mut state = seed | 1;
        for i in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(i, usize::try_from(state >> 33).unwrap() % (i + 1));
        }
        let report = |column: &[Option<f64>]| {
            let hours = Hours::new(day().start(), [column; 6]);
            edition.day(&day(), &hours, Programme::default())
        };
        let (one, other) = (report(&values), report(&shuffled));
        for column in ["SO2_24h", "NO2_24h", "CO_24h", "PM10_24h", "PM2.5_24h"] {
            prop_assert_eq!(one.row(column), other.row(column));
        }
    }

    #[test]
    fn the_largest_running_mean_equals_the_one_found_plainly(values in hours()) {
        let edition = LAW.air_index_edition("HJ 633-2012").unwrap();
        let report = edition.day(&day(), &Hours::new(day().start(), [&values; 6]), Programme::default());
        let means: Vec<Exact> = values
            .windows(8)
            .map(|w| w.iter().flatten().map(|v| Exact::from_reading(*v).unwrap()).collect::<Vec<_>>())
            .filter(|w| w.len() >= 6)
            .map(|w| {
                let sum = w.iter().fold(Exact::ZERO, |sum, v| sum.plus(v).unwrap());
                sum.over(&Exact::whole(i64::try_from(w.len()).unwrap())).unwrap()
            })
            .collect();
        let row = report.row("O3_8h").unwrap();
        prop_assert_eq!(row.average, means.iter().max().copied());
        prop_assert_eq!(usize::from(row.capture.unwrap().have), means.len());
    }

    #[test]
    fn hours_outside_the_day_change_nothing_in_the_new_daily_report(values in hours(), before in hours(), after in hours()) {
        let edition = LAW.air_index_edition("HJ 633-2026").unwrap();
        let alone = edition.day(&day(), &Hours::new(day().start(), [&values; 6]), Programme::default());
        let long = [before, values, after].concat();
        let first = day().start() - 24 * model::HOUR_MS;
        let among = edition.day(&day(), &Hours::new(first, [&long; 6]), Programme::default());
        prop_assert_eq!(alone, among);
    }

    #[test]
    fn the_index_is_the_largest_single_index_and_every_primary_has_it(columns in proptest::collection::vec(hours(), 6)) {
        let columns: [&[Option<f64>]; 6] = std::array::from_fn(|i| &*columns[i]);
        for edition in LAW.air_indices() {
            let report = edition.day(&day(), &Hours::new(day().start(), columns), Programme::default());
            let largest = Pollutant::ALL.into_iter().filter_map(|p| report.iaqi(p)).max();
            prop_assert_eq!(report.computed, largest);
            if let Ok(aqi) = report.aqi {
                prop_assert_eq!(Some(aqi), largest);
                prop_assert_eq!(report.primary.is_empty(), aqi <= 50);
                prop_assert!(report.primary.iter().all(|p| report.iaqi(*p) == Some(aqi)));
            }
        }
    }
}

/// Equation 1 in plain integers, straight from the table's text.
fn naive(edition: &str, column: &str, n: i128, d: i128) -> Option<u16> {
    let breakpoints = include_str!("../../data/air/index_breakpoints.csv");
    let nodes: Vec<(i128, i128)> = breakpoints
        .lines()
        .map(|line| line.split(',').collect::<Vec<_>>())
        .filter(|cells| cells[0] == edition && cells[3] == column)
        .map(|cells| (cells[4].parse().unwrap(), cells[6].parse().unwrap()))
        .collect();
    for pair in nodes.windows(2) {
        let ((low, i_low), (high, i_high)) = (pair[0], pair[1]);
        if n <= high * d {
            let numerator = (i_high - i_low) * (n - low * d);
            let denominator = (high - low) * d;
            let up = (numerator + denominator - 1).div_euclid(denominator);
            return u16::try_from(up + i_low).ok();
        }
    }
    let above = include_str!("../../data/air/index_above.csv");
    let start = format!("{edition},");
    let row = above.lines().find(|l| l.starts_with(&start) && l.split(',').nth(3) == Some(column));
    row.and_then(|row| row.split(',').nth(5)).and_then(|cap| cap.parse().ok())
}
