//! Indices of others, and warning levels.

use crate::{LAW, vectors};
use standards::Exact;

fn exact(text: &str) -> Exact {
    Exact::parse(text).unwrap()
}

#[test]
fn the_us_index_comes_out_as_printed_or_as_its_formula_says() {
    for row in vectors::rows("air/us_aqi.csv") {
        let index =
            LAW.world().us_index().index(&row["column"], &exact(&row["concentration"])).unwrap();
        assert_eq!(index, row["expected_index"].parse().ok(), "{row:?}");
    }
}

#[test]
fn nowcast_comes_out_to_the_sixth_place() {
    for row in vectors::rows("air/nowcast_pm.csv") {
        let hours: Vec<Option<Exact>> =
            row["hourly_newest_first"].split(' ').map(|text| Exact::parse(text).ok()).collect();
        let nowcast = LAW.world().us_index().nowcast(&hours).unwrap();
        let text = nowcast.map_or_else(|| "none".to_owned(), |value| value.fixed(6));
        assert_eq!(text, row["expected_concentration"], "{row:?}");
    }
}

#[test]
fn sulfur_dioxide_in_the_us_is_fixed_at_200_between_its_columns() {
    let so2 = |hour, day| LAW.world().us_index().so2(&exact(hour), &exact(day)).unwrap();
    assert_eq!(so2("304", "10"), Some(200));
    assert_eq!(so2("305", "304"), Some(200));
    assert_eq!(so2("400", "305"), Some(201));
    assert_eq!(LAW.world().us_index().category(201).unwrap().name.as_ref(), "Very Unhealthy");
}

#[test]
fn above_the_us_scale_the_last_segment_goes_on_where_it_ends_the_scale() {
    let index = |column, value| LAW.world().us_index().index(column, &exact(value)).unwrap();
    assert_eq!(index("PM25_24h", "425.3"), Some(699));
    assert_eq!(index("O3_8h", "0.201"), None);
    assert_eq!(index("O3_1h", "0.124"), None);
}

#[test]
fn the_bands_of_europe_and_britain_include_their_upper_bounds() {
    let band = |index, pollutant, value| {
        LAW.world().band_index(index).unwrap().band(pollutant, &exact(value)).unwrap().unwrap().band
    };
    assert_eq!(band("EU EAQI 2024", "PM2.5", "5"), 1);
    assert_eq!(band("EU EAQI 2024", "PM2.5", "5.1"), 2);
    assert_eq!(band("EU EAQI 2024", "SO2", "275.1"), 6);
    assert_eq!(band("UK DAQI 2013", "PM2.5", "11.5"), 2);
    assert_eq!(band("UK DAQI 2013", "PM2.5", "11.4"), 1);
    assert_eq!(band("UK DAQI 2013", "O3", "240.5"), 9);
    assert_eq!(band("UK DAQI 2013", "O3", "241"), 10);
    let worst = LAW.world().band_index("EU EAQI 2024").unwrap();
    let worst = worst.overall(&[("PM2.5", exact("4")), ("O3", exact("121"))]).unwrap().unwrap();
    assert_eq!(&*worst.name, "Poor");
    assert!(
        LAW.world().band_index("EU EAQI 2024").unwrap().band("CO", &exact("1")).unwrap().is_none()
    );
}

#[test]
fn the_indian_index_has_its_nodes_and_no_number_above_the_table() {
    let index = |column, value| {
        let value = LAW.world().india_index().index(column, &exact(value)).unwrap().unwrap();
        assert!(value.index.is_none() || !value.doubts.is_empty());
        value.index.map(|index| index.to_string())
    };
    assert_eq!(index("PM2.5", "30").as_deref(), Some("50"));
    assert_eq!(index("PM2.5", "60").as_deref(), Some("100"));
    assert_eq!(index("CO", "1.5").as_deref(), Some("75"));
    assert_eq!(index("PM2.5", "250.1"), None);
}

#[test]
fn a_year_meets_the_strictest_who_level_at_or_below_which_it_lies() {
    let met = |value| {
        LAW.world()
            .who_levels()
            .met("PM2.5", "annual", &exact(value))
            .map(|level| level.level.to_string())
    };
    assert_eq!(met("5").as_deref(), Some("guideline"));
    assert_eq!(met("34.9").as_deref(), Some("interim target 1"));
    assert_eq!(met("35.1"), None);
    assert_eq!(LAW.world().who_levels().of("NO2", "24h").count(), 3);
}

#[test]
fn warning_levels_follow_the_forecast() {
    for row in vectors::rows("air/warnings.csv") {
        let forecast: Vec<u16> =
            row["forecast_daily_aqi"].split(' ').map(|aqi| aqi.parse().unwrap()).collect();
        for (rule, column) in
            [("national-2024", "national_2024"), ("national-2018", "national_2018")]
        {
            let warning = LAW.warning_rule(rule).unwrap().level(&forecast);
            let level = warning.as_ref().map_or("none", |warning| &*warning.level);
            assert_eq!(level, row[column], "{rule} {row:?}");
        }
    }
}
