//! Files that are read, and files that are refused with a word of what to do.

use super::file::{Asked, Table, WindUnit};
use super::*;
use space::forecast::Weather;

fn read(text: &str) -> Result<Table, Error> {
    let zone = Zone::shanghai().unwrap();
    let asked = Asked {
        parameter: "PM2.5",
        other: None,
        zone: &zone,
        wind_unit: WindUnit::KilometresAnHour,
        is_wind_to: true,
    };
    let mut table = Table::default();
    table.read("a.csv", text.as_bytes(), &asked)?;
    Ok(table)
}

#[test]
fn winds_are_turned_and_converted_at_the_gate_and_what_is_no_number_is_told() {
    let table = read(
        "time,站点,PM2.5(ug/m3),ws,wd\n\
         2026-03-01 00:00,A,12,36,90\n\
         2026-03-01 01:00,A,-999,18,NW\n\
         2026-03-01 02:00,A,x7,0,\n\
         2026-03-01 02:30,A,5,1,1\n",
    )
    .unwrap();
    let rows: Vec<_> = table.stations["A"].values().collect();
    let wind = |at: usize| rows[at].weather.wind.map(|w| (w.speed_m_s, w.from_deg));
    assert_eq!([wind(0), wind(1)], [Some((10.0, 270.0)), Some((5.0, 135.0))]);
    assert_eq!(wind(2).map(|wind| wind.0), Some(0.0), "a calm needs no direction");
    assert_eq!(rows.iter().map(|row| row.value).collect::<Vec<_>>(), [Some(12.0), None, None]);
    assert_eq!(table.unit.as_deref(), Some("ug/m3"));
    let told: Vec<&str> = table.complaints.iter().map(|complaint| complaint.at.as_str()).collect();
    assert_eq!(told, ["a.csv line 4", "a.csv line 5"]);
}

#[test]
fn a_file_without_time_or_parameter_or_with_a_slip_in_a_year_is_refused() {
    let check = |text: &str, expected: &str| {
        let message = read(text).unwrap_err().to_string();
        assert!(message.contains(expected) && message.contains("hint: "), "{message}");
    };
    check("PM2.5\n1\n", "no column of time");
    check("time,PM10\n2026-03-01,1\n", "no column \"PM2.5\"");
    check("", "no column");
    check("time,PM2.5\n1026-03-01 00:00,1\n2026-03-01 00:00,1\n", "years");
}

#[test]
fn hours_are_civil_also_where_clocks_change() {
    let zone = Zone::named("Europe/Berlin").unwrap();
    let first = zone.day("2026-03-29".parse().unwrap()).unwrap().start().as_ms() / HOUR_MS;
    let civil = calendar(&zone, first, 25).unwrap();
    let hours: Vec<u8> = civil.iter().map(|at| at.hour).collect();
    assert_eq!(hours[..5], [0, 1, 3, 4, 5]);
    assert_eq!((civil[22].day, civil[23].day, civil[0].weekday), (29, 30, 7));
}

#[test]
fn a_mean_needs_half_of_the_places() {
    let zone = Zone::shanghai().unwrap();
    let one = |values: [Option<f64>; 2]| Hours {
        name: "A".into(),
        first_hour: 0,
        hours: calendar(&zone, 0, 2)
            .unwrap()
            .into_iter()
            .zip(values)
            .map(|(at, value)| Hour { at, value, weather: Weather::default() })
            .collect(),
        other: vec![],
        wind_of: None,
    };
    let all = [one([Some(1.0), None]), one([Some(3.0), None]), one([None, Some(9.0)])];
    let mean = Hours::mean(&all, "mean").unwrap();
    assert_eq!(mean.hours.iter().map(|hour| hour.value).collect::<Vec<_>>(), [Some(2.0), None]);
    assert!(Hours::mean(&[], "mean").is_none());
}
