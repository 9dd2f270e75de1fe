//! Published and hand-checked numbers of HJ 633, run to the last digit.

use crate::LAW;
use crate::vectors;
use standards::Exact;
use standards::air::{AirIndex, Average, Measured, Pollutant, Programme, ReportKind, Statistic};

fn exact(text: &str) -> Exact {
    Exact::parse(text).unwrap()
}

/// A report in which every average is given, as the vectors write them: one number a pollutant.
fn given(
    edition: &AirIndex,
    kind: ReportKind,
    programme: Programme,
    value: impl Fn(Pollutant) -> Option<Exact>,
) -> standards::air::IndexReport {
    edition.report(kind, programme, |pollutant, statistic| {
        // The vectors' daily ozone is the 8 h maximum, their hourly one the hour.
        let other_ozone = match kind {
            ReportKind::Day => Statistic::Max1h,
            ReportKind::Hour => Statistic::Running8h,
        };
        Average::given(if statistic == other_ozone { None } else { value(pollutant) })
    })
}

#[test]
fn all_738_single_indices_come_out_exactly() {
    let rows = vectors::rows("air/iaqi.csv");
    assert_eq!(rows.len(), 738);
    for row in rows {
        let edition = LAW.air_index_edition(&row["standard"]).unwrap();
        let column = edition.column(&row["column"]).unwrap();
        assert_eq!(column.unit(), row["unit"]);
        let iaqi = column.iaqi(&exact(&row["concentration"])).unwrap();
        let expected = row["expected_iaqi"].parse().ok();
        assert_eq!(iaqi, expected, "{row:?}");
    }
}

#[test]
fn whole_reports_give_index_single_indices_ties_and_category() {
    for row in vectors::rows("air/aqi_reports.csv") {
        let edition = LAW.air_index_edition(&row["standard"]).unwrap();
        let kind = match &*row["report"] {
            "daily" => ReportKind::Day,
            _ => ReportKind::Hour,
        };
        let report = given(edition, kind, Programme::default(), |p| Some(exact(&row[p.symbol()])));
        for p in Pollutant::ALL {
            let expected: u16 = row[&format!("i_{p}")].parse().unwrap();
            assert_eq!(report.iaqi(p), Some(expected), "{p} of {row:?}");
        }
        assert_eq!(report.aqi, Ok(row["aqi"].parse().unwrap()), "{row:?}");
        let category = edition.category(report.computed.unwrap()).unwrap();
        assert_eq!(*category.name_zh, row["category_zh"]);
        assert_eq!(report.level, Some(category.level));
        let mut expected: Vec<&str> = row["primary"].split('+').filter(|p| !p.is_empty()).collect();
        expected.sort_unstable();
        let mut primary: Vec<&str> = report.primary.iter().map(|p| p.symbol()).collect();
        primary.sort_unstable();
        assert_eq!(primary, expected, "{row:?}");
    }
}

#[test]
fn a_missing_pollutant_withholds_an_index_that_is_not_above_100() {
    let never_primary = Measured::NotByDesign { never_primary: true };
    for row in vectors::rows("air/missing_data.csv") {
        let edition = LAW.air_index_edition(&row["standard"]).unwrap();
        let pm25 = row["input"].split([' ', ',', ';']).nth(1).unwrap();
        let by_design = row["input"].contains("never measured by design");
        let programme = if by_design {
            Programme::default().with(Pollutant::Co, never_primary)
        } else {
            Programme::default()
        };
        let report = given(edition, ReportKind::Day, programme, |p| match p {
            Pollutant::Pm25 => Some(exact(pm25)),
            Pollutant::Co => None,
            _ if by_design => Some(exact("1")),
            _ => None,
        });
        assert_eq!(report.computed, row["computed_aqi"].parse().ok(), "{row:?}");
        assert_eq!(report.aqi.as_ref().ok().copied(), row["published_aqi"].parse().ok(), "{row:?}");
        let primary: Vec<&str> = report.primary.iter().map(|p| p.symbol()).collect();
        let expected = Some(&*row["published_primary"]).filter(|p| *p != "NA");
        assert_eq!(primary, Vec::from_iter(expected), "{row:?}");
        assert_eq!(report.level.is_some(), report.aqi.is_ok());
    }
}

#[test]
fn not_measured_by_design_without_the_three_years_counts_as_missing() {
    let edition = LAW.air_index_edition("HJ 633-2026").unwrap();
    let unproven = Measured::NotByDesign { never_primary: false };
    let programme = Programme::default().with(Pollutant::Co, unproven);
    let report =
        given(edition, ReportKind::Day, programme, |p| (p != Pollutant::Co).then(|| exact("40")));
    let reason = report.aqi.unwrap_err();
    assert_eq!(reason.to_string(), "CO missing; the others give 60, published only above 100");
    assert_eq!(standards::Said::zh(&reason), "缺少CO；其余项目计算结果为60，大于100时方可发布");
}

#[test]
fn the_old_edition_falls_back_to_the_24_h_mean_for_a_very_high_hour_of_sulfur_dioxide() {
    let edition = LAW.air_index_edition("HJ 633-2012").unwrap();
    let report = edition.report(ReportKind::Hour, Programme::default(), |p, statistic| {
        Average::given(Some(match (p, statistic) {
            (Pollutant::So2, Statistic::Hour) => exact("801"),
            (Pollutant::So2, _) => exact("475"),
            (Pollutant::Co, _) => exact("1"),
            _ => exact("10"),
        }))
    });
    assert_eq!(report.iaqi(Pollutant::So2), Some(150));
    let hour = report.row("SO2_1h").unwrap().reason.as_ref().unwrap();
    assert_eq!(hour.to_string(), "SO2_1h above 800: this column gives no index there");
    assert_eq!((report.aqi, report.primary), (Ok(150), vec![Pollutant::So2]));
}
