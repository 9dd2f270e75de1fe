//! Days and hours from hourly means: capture, running means, doubts, editions by date.

use crate::LAW;
use jiff::civil::{Date, date};
use model::HOUR_MS;
use standards::air::{
    Averaging, ConcentrationInput, Hours, IndexReport, NotAssessed, Pollutant, Programme,
};
use standards::{Day, Exact, Said, Zone};

const OLD: Date = date(2020, 4, 3);
const NEW: Date = date(2026, 3, 1);

/// The hours of a day, from 24 hours before its midnight, all pollutants at a quiet value.
struct World {
    day: Day,
    columns: [Vec<Option<f64>>; 6],
}

impl World {
    fn on(date: Date) -> Self {
        let day = Zone::shanghai().unwrap().day(date).unwrap();
        let columns = Pollutant::ALL.map(|p| {
            let quiet = if p == Pollutant::Co { 0.5 } else { 20.0 };
            vec![Some(quiet); 48]
        });
        Self { day, columns }
    }

    /// Sets the hours of the day (0 is midnight, negative the day before).
    fn set(&mut self, p: Pollutant, hours: std::ops::Range<i32>, value: Option<f64>) {
        for hour in hours {
            self.columns[p.index()][usize::try_from(hour + 24).unwrap()] = value;
        }
    }

    fn hours(&self) -> Hours<'_> {
        Hours::new(self.day.start() - 24 * HOUR_MS, self.columns.each_ref().map(|c| &**c))
    }

    fn day(&self) -> IndexReport {
        let edition = LAW.air_index(self.day.date()).unwrap();
        edition.day(&self.day, &self.hours(), Programme::default())
    }

    fn hour(&self, hour: i64) -> IndexReport {
        let edition = LAW.air_index(self.day.date()).unwrap();
        let start = self.day.start() + hour * HOUR_MS;
        edition.hour(self.day.date(), start, &self.hours(), Programme::default())
    }
}

#[test]
fn twenty_hours_make_a_day_and_nineteen_do_not() {
    let mut world = World::on(NEW);
    world.set(Pollutant::Pm25, 0..4, None);
    let row = world.day().row("PM2.5_24h").unwrap().clone();
    assert_eq!((row.iaqi, row.capture.unwrap().have), (Some(29), 20));
    world.set(Pollutant::Pm25, 4..5, None);
    let report = world.day();
    let row = report.row("PM2.5_24h").unwrap();
    let reason = row.reason.as_ref().unwrap();
    assert_eq!(reason.en(), "19 of 20 hours needed");
    assert_eq!(reason.zh(), "有效小时19个，至少需要20个");
    assert_eq!(row.average.unwrap(), Exact::whole(20), "the mean of what is there stays visible");
    assert!(matches!(report.aqi, Err(NotAssessed::PollutantsMissing { computed: 25, .. })));
}

#[test]
fn a_negative_or_impossible_hour_is_refused_and_counted() {
    let mut world = World::on(NEW);
    world.set(Pollutant::So2, 0..2, Some(-1.0));
    world.set(Pollutant::So2, 2..3, Some(f64::NAN));
    let capture = world.day().row("SO2_24h").unwrap().capture.unwrap();
    assert_eq!((capture.have, capture.refused), (21, 3));
}

#[test]
fn the_new_edition_rounds_the_mean_first_and_the_old_one_does_not() {
    let mut world = World::on(NEW);
    // 75 + 1/24: rounds to 75.
    world.set(Pollutant::Pm25, 0..24, Some(75.0));
    world.set(Pollutant::Pm25, 0..1, Some(76.0));
    let report = world.day();
    assert_eq!(report.row("PM2.5_24h").unwrap().iaqi, Some(114));
    assert!(report.row("PM2.5_24h").unwrap().doubts.is_empty());

    let old = LAW.air_index_edition("HJ 633-2012").unwrap();
    let report = old.day(&world.day, &world.hours(), Programme::default());
    let row = report.row("PM2.5_24h").unwrap();
    assert_eq!((row.iaqi, row.rounded), (Some(101), Some(Exact::whole(75))));
    assert!(row.doubts[0].en().contains("the other way gives 100"), "{}", row.doubts[0].en());
    let rounded = old.clone().with_input(ConcentrationInput::Rounded);
    let report = rounded.day(&world.day, &world.hours(), Programme::default());
    assert_eq!(report.row("PM2.5_24h").unwrap().iaqi, Some(100));
}

#[test]
fn ozone_takes_the_largest_running_mean_that_lies_within_the_day() {
    let mut world = World::on(NEW);
    world.set(Pollutant::O3, 8..16, Some(200.0));
    // The evening before belongs to no running mean of this day.
    world.set(Pollutant::O3, -8..0, Some(700.0));
    let report = world.day();
    let row = report.row("O3_8h").unwrap();
    assert_eq!((row.average, row.capture.unwrap().have), (Some(Exact::whole(200)), 17));
    assert_eq!((report.aqi.clone(), report.primary.clone()), (Ok(137), vec![Pollutant::O3]));
    assert!(report.is_doubtful() && row.doubts[0].zh().contains("可信度D"));
}

#[test]
fn a_running_mean_needs_six_of_its_eight_hours() {
    let mut world = World::on(OLD);
    world.set(Pollutant::O3, 0..24, None);
    world.set(Pollutant::O3, 8..13, Some(300.0));
    let row = world.day().row("O3_8h").unwrap().clone();
    assert_eq!((row.average, row.reason), (None, Some(NotAssessed::NoData)));
    world.set(Pollutant::O3, 13..14, Some(300.0));
    // Windows 6..14, 7..15 and 8..16 now hold six hours each.
    let row = world.day().row("O3_8h").unwrap().clone();
    assert_eq!(row.capture.unwrap().have, 3);
    assert!(row.by_exception, "300 is above the limit, so three running means are enough");
    assert_eq!(row.iaqi, Some(207));
}

#[test]
fn fewer_than_fourteen_running_means_count_only_above_the_limit() {
    let mut world = World::on(NEW);
    world.set(Pollutant::O3, 0..24, None);
    world.set(Pollutant::O3, 8..16, Some(160.4));
    let row = world.day().row("O3_8h").unwrap().clone();
    assert_eq!(row.reason.unwrap().en(), "5 of 14 running 8 h means needed");
    assert_eq!(row.rounded, Some(Exact::whole(160)));
    world.set(Pollutant::O3, 8..16, Some(160.6));
    let row = world.day().row("O3_8h").unwrap().clone();
    assert!(row.by_exception && row.iaqi == Some(101));
}

#[test]
fn the_old_daily_report_takes_the_larger_of_the_two_ozone_columns() {
    let mut world = World::on(OLD);
    world.set(Pollutant::O3, 14..15, Some(210.0));
    let report = world.day();
    assert_eq!(report.row("O3_1h").unwrap().iaqi, Some(105));
    assert_eq!(report.row("O3_8h").unwrap().iaqi, Some(22));
    assert_eq!((report.aqi.clone(), report.above(100)), (Ok(105), vec![Pollutant::O3]));
    assert!(World::on(NEW).day().row("O3_1h").is_none());
}

#[test]
fn the_real_time_report_runs_particles_over_24_hours_in_the_old_edition_only() {
    let (mut old, mut new) = (World::on(OLD), World::on(NEW));
    for world in [&mut old, &mut new] {
        world.set(Pollutant::Pm25, 5..6, Some(140.0));
    }
    let row = old.hour(5).row("PM2.5_24h").unwrap().clone();
    assert_eq!((row.average, row.capture.unwrap().of), (Some(Exact::whole(25)), 24));
    let report = new.hour(5);
    assert_eq!(report.row("PM2.5_24h").unwrap().average, Some(Exact::whole(140)));
    assert_eq!((report.aqi.clone(), report.primary.clone()), (Ok(186), vec![Pollutant::Pm25]));
    assert_eq!(report.level, Some(4));
}

#[test]
fn the_edition_is_chosen_by_the_civil_date_of_the_reading() {
    let on = |date: Date| LAW.air_index(date).map(|e| e.edition().to_string());
    assert_eq!(on(date(2026, 2, 28)).as_deref(), Some("HJ 633-2012"));
    assert_eq!(on(date(2026, 3, 1)).as_deref(), Some("HJ 633-2026"));
    assert_eq!(on(date(2099, 1, 1)).as_deref(), Some("HJ 633-2026"));
    assert_eq!(on(date(2012, 2, 28)), None);
}

#[test]
fn before_the_first_edition_was_in_force_everywhere_its_reports_say_so() {
    let report = World::on(date(2013, 3, 1)).day();
    assert_eq!(&*report.edition, "HJ 633-2012");
    assert!(report.doubts[0].en().contains("not yet in force everywhere"));
    assert!(World::on(date(2016, 1, 1)).day().doubts.is_empty());
}

#[test]
fn limits_follow_their_phases_and_the_last_day_is_included() {
    let grade2 = |date| {
        let limit = LAW.limit(date, "PM2.5", Averaging::Day).unwrap();
        limit.value(standards::air::Grade::Two).to_string()
    };
    assert_eq!(grade2(date(2026, 2, 28)), "75");
    assert_eq!(grade2(date(2026, 3, 1)), "60");
    assert_eq!(grade2(date(2030, 12, 31)), "60");
    assert_eq!(grade2(date(2031, 1, 1)), "50");
    assert!(LAW.limit(date(2026, 2, 28), "Cd", Averaging::Annual).is_none());
}

#[test]
fn a_report_as_json_has_a_number_or_a_reason() {
    let mut world = World::on(NEW);
    world.set(Pollutant::Co, 0..24, None);
    let json = serde_json::to_value(world.day()).unwrap();
    assert_eq!(json["aqi"], serde_json::Value::Null);
    assert_eq!(json["reason"]["code"], "pollutants_missing");
    assert_eq!(json["computed"], 29);
    assert_eq!(json["rows"][2]["reason"]["zh"], "无有效数据");
    assert_eq!(json["rows"][5]["rounded"], "20");
}

#[test]
fn a_reading_too_long_to_compute_exactly_is_a_reason_not_a_panic() {
    let mut world = World::on(NEW);
    world.set(Pollutant::No2, 3..4, Some(1e300));
    let reason = world.day().row("NO2_24h").unwrap().reason.clone().unwrap();
    assert_eq!(reason.en(), "the number is too large to compute exactly");
}

#[test]
fn the_new_edition_names_the_people_who_should_take_care() {
    let named = |edition| {
        let edition = LAW.air_index_edition(edition).unwrap();
        edition.sensitive_groups(Pollutant::Co).map(|g| g.name_en.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(named("HJ 633-2026"), ["cardiovascular disease"]);
    assert!(named("HJ 633-2012").is_empty());
}
