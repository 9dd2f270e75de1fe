//! Spans of days: percentiles, capture, compliance, composite index, classes of days.

use crate::{LAW, vectors};
use jiff::civil::{Date, date};
use standards::air::{
    Composite, DayValues, Direction, Evaluation, Grade, LimitsOn, NotAssessed, PeriodStatistic,
    Pollutant,
};
use standards::{Exact, Said, Span, statistics};

fn exact(text: &str) -> Exact {
    Exact::parse(text).unwrap()
}

fn limits_on(date: Date) -> LimitsOn<'static> {
    LimitsOn { limits: LAW.air_limits(), date, grade: Grade::Two }
}

#[test]
fn every_published_percentile_comes_out_exactly() {
    for row in vectors::rows("air/percentile.csv") {
        let values: Vec<Exact> = match row["values"].split_once("..") {
            Some((from, to)) => {
                (from.parse().unwrap()..=to.parse().unwrap()).map(Exact::whole).collect()
            }
            None => row["values"].split(';').map(exact).collect(),
        };
        let p = row["p"].parse().unwrap();
        let mut turned = values.clone();
        turned.reverse();
        for values in [values, turned] {
            assert_eq!(
                statistics::percentile(&values, p).unwrap(),
                Some(exact(&row["expected"])),
                "{row:?}"
            );
        }
    }
    assert_eq!(statistics::percentile(&[], 95).unwrap(), None);
}

#[test]
fn the_composite_index_comes_out_as_worked_and_as_published() {
    for row in vectors::rows("air/composite.csv") {
        let limits = &row["limits"];
        let date = match () {
            () if limits.contains("2012") => date(2016, 1, 1),
            () if limits.contains("transition") => date(2026, 3, 1),
            () => date(2031, 1, 1),
        };
        let weighted = limits.contains("weights");
        let scheme = LAW.composite_scheme(if weighted { "weighted" } else { "equal" }).unwrap();
        let values = Pollutant::ALL.map(|p| match p {
            Pollutant::Co => exact(&row["CO_p95"]),
            Pollutant::O3 => exact(&row["O3_8h_p90"]),
            p => exact(&row[p.symbol()]),
        });
        let Composite { singles, sum, primary, doubts, .. } =
            scheme.composite(values, limits_on(date)).unwrap().unwrap();
        for single in &singles {
            assert_eq!(single.index.fixed(4), row[&format!("i_{}", single.pollutant)], "{row:?}");
        }
        assert_eq!(sum.fixed(4), row["sum_4dp"], "{row:?}");
        assert_eq!(sum.fixed(2), row["sum_2dp"], "{row:?}");
        // What a city gets that rounds each part first.
        let mut of_rounded = Exact::ZERO;
        for single in &singles {
            let index = single.index.half_even(2).unwrap();
            of_rounded = of_rounded.plus(&index.times(&single.weight).unwrap()).unwrap();
        }
        assert_eq!(of_rounded.fixed(2), row["sum_of_singles_rounded_2dp"], "{row:?}");
        let primary: Vec<&str> = primary.iter().map(|p| p.symbol()).collect();
        assert_eq!(primary.join("+"), row["primary"], "{row:?}");
        assert_eq!(doubts.is_empty(), !weighted);
        if !row["published"].is_empty() {
            // Cities publish from unrounded concentrations: 0.02 is what that can move.
            let off = sum.half_even(2).unwrap().minus(&exact(&row["published"])).unwrap();
            assert!(off <= exact("0.02") && off >= exact("-0.02"), "{row:?}");
        }
    }
}

/// A year of equal days, except those that `change` touches.
fn year(year: i16, change: impl Fn(&mut DayValues)) -> (Span, Vec<DayValues>) {
    let span = Span::year(year).unwrap();
    let quiet = ["6", "20", "0.8", "120", "50", "24"].map(|text| Some(exact(text)));
    let days = span.first().series(jiff::Span::new().days(1)).take_while(|day| span.holds(*day));
    let days = days
        .map(|date| {
            let mut day = DayValues::given(date, quiet);
            (day.aqi, day.level, day.primary) = (Some(67), Some(2), vec![Pollutant::O3]);
            change(&mut day);
            day
        })
        .collect();
    (span, days)
}

fn evaluate(span: Span, days: &[DayValues]) -> Evaluation {
    let rules = LAW.period_rules(span.last()).unwrap();
    rules.evaluate(span, days, limits_on(span.last())).unwrap()
}

#[test]
fn a_clean_year_meets_every_limit_statistic_by_statistic() {
    let (span, days) = year(2025, |_| {});
    let evaluation = evaluate(span, &days);
    assert_eq!(evaluation.items.len(), 10);
    assert_eq!((evaluation.meets, evaluation.days.good), (Some(true), 365));
    assert_eq!(evaluation.days.by_primary[Pollutant::O3.index()], 365);
    assert_eq!(evaluation.days.by_level[1], 365);
    assert_eq!(evaluation.days.good_percent.unwrap().fixed(1), "100.0");
}

#[test]
fn a_value_on_the_limit_meets_it_and_one_above_has_its_multiple() {
    let on = |pm25: &str| {
        let (span, days) = year(2025, |day| day.values[5] = Some(exact(pm25)));
        let evaluation = evaluate(span, &days);
        let mean = evaluation.items.iter().find(|item| {
            (item.pollutant, item.statistic) == (Pollutant::Pm25, PeriodStatistic::Mean)
        });
        (mean.unwrap().clone(), evaluation.meets)
    };
    // 35.5 rounds to the even 36, 35.4 to 35.
    let (item, meets) = on("35.4");
    assert_eq!((item.meets, item.exceedance, meets), (Some(true), None, Some(true)));
    let (item, meets) = on("35.5");
    assert_eq!(
        (item.meets, item.exceedance.unwrap().fixed(2), meets),
        (Some(false), "0.03".into(), Some(false))
    );
}

#[test]
fn a_year_needs_324_days_and_every_month_its_27() {
    let (span, mut days) = year(2025, |day| {
        if day.date.month() == 5 && day.date.day() > 26 {
            day.values[5] = None;
        }
    });
    let reason = |days: &[DayValues]| {
        let evaluation = evaluate(span, days);
        let item = evaluation.items.iter().find(|item| item.pollutant == Pollutant::Pm25).unwrap();
        (item.reason.clone(), item.meets, evaluation.meets)
    };
    let (may, meets, all) = reason(&days);
    assert_eq!(may.unwrap().en(), "26 of 27 days needed in 2025-05");
    assert_eq!((meets, all), (None, None));
    days.truncate(323);
    assert_eq!(reason(&days).0, Some(NotAssessed::TooFewDays { have: 318, need: 324 }));
}

#[test]
fn order_and_repeated_days_change_nothing() {
    let (span, days) = year(2025, |day| {
        day.values[4] = Some(Exact::whole(i64::from(day.date.day_of_year())));
    });
    let mut turned = days.clone();
    turned.reverse();
    turned.extend_from_slice(&days[..40]);
    let text = |days: &[DayValues]| serde_json::to_string(&evaluate(span, days)).unwrap();
    assert_eq!(text(&days), text(&turned));
    assert!(text(&days).contains(r#""value":"346.8""#), "the 95th percentile of 1..365");
}

#[test]
fn dust_days_stay_out_of_means_and_in_counts() {
    let excluded = LAW.dust_excluded(date(2025, 4, 12));
    assert_eq!(excluded, [Pollutant::Pm10, Pollutant::Pm25]);
    assert!(LAW.dust_excluded(date(2016, 12, 31)).is_empty());
    let (span, days) = year(2025, |day| {
        if day.date == date(2025, 4, 12) {
            day.values[4] = Some(Exact::whole(2000));
            (day.aqi, day.level) = (Some(500), Some(6));
            *day = day.clone().without(&excluded);
        }
    });
    let evaluation = evaluate(span, &days);
    let pm10 = evaluation.items.iter().find(|item| item.pollutant == Pollutant::Pm10).unwrap();
    assert_eq!((pm10.value, pm10.have), (Some(Exact::whole(50)), 364));
    assert_eq!((evaluation.days.heavy, evaluation.days.good), (1, 364));
}

#[test]
fn months_have_statistics_but_no_annual_limit() {
    let (_, days) = year(2025, |_| {});
    let evaluation = evaluate("2025-03".parse().unwrap(), &days);
    assert_eq!((evaluation.items.len(), evaluation.meets), (6, None));
    assert!(evaluation.items.iter().all(|item| item.limit.is_none() && item.need == Some(27)));
}

#[test]
fn what_rests_on_unseen_text_says_so() {
    let (span, days) = year(2027, |_| {});
    let evaluation = evaluate(span, &days);
    assert_eq!(&*evaluation.edition, "HJ 663-2026");
    assert!(
        evaluation.items.iter().all(|item| !item.doubts.is_empty()),
        "its decimals are doubtful"
    );
}

#[test]
fn an_area_needs_three_quarters_of_its_points_or_half_of_few() {
    let rules = LAW.period_rules_edition("HJ 663-2013").unwrap();
    let (one, none) = (Some(Exact::whole(10)), None);
    let area = |points: &[Option<Exact>]| rules.area(points).unwrap().0;
    assert_eq!(area(&[one, one, one, none]), Ok(Exact::whole(10)));
    assert_eq!(area(&[one, one, none, none]), Err(NotAssessed::TooFewPoints { have: 2, need: 3 }));
    assert_eq!(area(&[one, none]), Ok(Exact::whole(10)));
    assert_eq!(area(&[none, none]), Err(NotAssessed::NoData));
    assert!(
        rules.area(&[one, one, one, none]).unwrap().1.is_some(),
        "the share is not well established"
    );
}

#[test]
fn a_trend_needs_five_years_and_a_critical_value() {
    let rules = LAW.period_rules_edition("HJ 663-2013").unwrap();
    let years = |texts: &str| -> Vec<Exact> { texts.split(' ').map(exact).collect() };
    let trend = rules.trend(&years("88 76 70 61 50")).unwrap().unwrap();
    assert_eq!((trend.direction, trend.r), (Direction::Fall, Exact::whole(-1)));
    let trend = rules.trend(&years("50 49 51 50 50.5 50.2")).unwrap().unwrap();
    assert_eq!(trend.direction, Direction::None);
    let reason = rules.trend(&years("1 2 3 4")).unwrap().unwrap_err();
    assert_eq!(reason.zh(), "4年没有临界值，至少需要5年");
}
