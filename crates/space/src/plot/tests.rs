//! Plots of made-up hours whose answer is known, and of bad input.

use super::*;

/// Hours from 2026-01-05, a Monday; `at` gives value and wind.
pub fn place(hours: i64, at: impl Fn(i64) -> (Option<f64>, Option<Wind>)) -> Place {
    let row = |hour: i64| {
        let (value, wind) = at(hour);
        Row { hour, at: civil(hour), value, other: value.map(|value| 2.0 * value + 1.0), wind }
    };
    Place { name: "A".into(), rows: (0..hours).map(row).collect() }
}

/// Months of thirty days: enough calendar for what is asked here.
fn civil(hour: i64) -> Civil {
    let day = hour / 24;
    Civil {
        year: 2026 + (day / 360) as i16,
        month: (day / 30 % 12) as u8 + 1,
        day: (day % 30) as u8 + 1,
        hour: (hour % 24) as u8,
        weekday: (day % 7) as u8 + 1,
    }
}

fn blows(speed_m_s: f64, from_deg: f64) -> Wind {
    Wind { speed_m_s, from_deg }
}

/// A source in the east: 50 and more when the wind comes from 90°, 10 otherwise.
fn east(hour: i64) -> (Option<f64>, Option<Wind>) {
    let from_deg = (hour * 70 % 360) as f64;
    let value = if (from_deg - 90.0).abs() <= 20.0 { 50.0 + (hour % 7) as f64 } else { 10.0 };
    (Some(value), Some(blows(1.0 + (hour % 9) as f64, from_deg)))
}

fn of(kind: Kind, place: Place) -> Result<Plot, NoPlot> {
    plot(kind, &[place], &Settings::default())
}

#[test]
fn a_source_in_the_east_shows_there_in_every_plot_by_wind() {
    let Numbers::Probability(cpf) = of(Kind::Cpf, place(3_600, east)).unwrap().numbers else {
        panic!("not what was asked")
    };
    let highest = cpf.sectors.iter().max_by(|a, b| a.share.unwrap().total_cmp(&b.share.unwrap()));
    assert!((highest.unwrap().from_deg - 90.0).abs() <= 20.0);
    let Numbers::Polar(polar) = of(Kind::Polar, place(3_600, east)).unwrap().numbers else {
        panic!("not what was asked")
    };
    let surface = polar.surface.unwrap();
    let highest = surface.cells.iter().max_by(|a, b| a.value.total_cmp(&b.value)).unwrap();
    assert!(highest.column > 55, "{highest:?}");
    assert!(highest.row.abs_diff(50) < 25, "{highest:?}");
    let Numbers::Rose(rose) = of(Kind::PollutionRose, place(3_600, east)).unwrap().numbers else {
        panic!("not what was asked")
    };
    let total: f64 = rose.sectors.iter().flat_map(|sector| &sector.percent).sum();
    assert!((total + rose.calm_percent - 100.0).abs() < 1e-9);
    assert!(rose.sectors[3].mean.unwrap() > 45.0);
}

#[test]
fn every_kind_is_made_from_enough_hours_and_named_once() {
    for kind in Kind::ALL {
        let places = [place(9_000, east), place(9_000, |hour| east(hour + 1))];
        let made = plot(kind, &places, &Settings::default());
        assert!(made.is_ok(), "{kind:?}: {made:?}");
        assert_eq!(Kind::named(kind.name()), Some(kind));
    }
}

#[test]
fn no_values_no_wind_and_too_little_are_refused_with_numbers() {
    let none = |_| (None, Some(blows(2.0, 10.0)));
    for kind in Kind::ALL {
        let refused = plot(kind, &[place(100, none), place(100, none)], &Settings::default());
        let has_no_need = matches!(kind, Kind::WindRose | Kind::Capture);
        assert_eq!(refused.is_ok(), has_no_need, "{kind:?}");
    }
    let windless = of(Kind::Polar, place(500, |_| (Some(1.0), None)));
    assert_eq!(windless, Err(NoPlot::NoWind { have: 0, need: 24 }));
    assert_eq!(of(Kind::Cpf, place(23, east)), Err(NoPlot::NoWind { have: 23, need: 24 }));
    assert_eq!(of(Kind::Trend, place(3_000, east)), Err(NoPlot::TooFewMonths { have: 5, need: 6 }));
    assert_eq!(of(Kind::Correlation, place(500, east)), Err(NoPlot::OnlyOne));
    assert_eq!(of(Kind::Calendar, place(0, east)), Err(NoPlot::NoValues));
    let settings = Settings { percentile: 100.0, ..Settings::default() };
    let refused = plot(Kind::Cpf, &[place(500, east)], &settings);
    assert!(matches!(refused, Err(NoPlot::Setting { what: "percentile", .. })));
}

#[test]
fn radians_are_refused_and_kilometres_an_hour_doubted() {
    let radians = |hour: i64| (Some(1.0), Some(blows(2.0, (hour % 62) as f64 / 10.0)));
    assert_eq!(of(Kind::Polar, place(500, radians)), Err(NoPlot::Radians));
    let fast = |hour: i64| (Some(1.0), Some(blows(18.0, (hour * 10 % 360) as f64)));
    let doubts = of(Kind::WindRose, place(500, fast)).unwrap().doubts;
    assert_eq!(doubts, [Doubt::WindUnit { mean_m_s: 18.0 }]);
}

#[test]
fn a_wind_that_blows_to_is_told_by_its_neighbours() {
    let to = |hour: i64| {
        let (value, wind) = east(hour);
        let turned = |wind: Wind| Wind { from_deg: (wind.from_deg + 180.0) % 360.0, ..wind };
        (value, wind.map(turned))
    };
    let mut places = vec![place(500, east), place(500, east), place(500, to)];
    for (place, name) in places.iter_mut().zip(["A", "B", "C"]) {
        place.name = name.into();
    }
    let doubts = plot(Kind::WindRose, &places, &Settings::default()).unwrap().doubts;
    assert_eq!(doubts, [Doubt::WindReversed { place: "C".into() }]);
}

#[test]
fn calm_negative_values_impossible_winds_and_gaps_are_told() {
    let bad = |hour: i64| match hour {
        100..200 => (None, Some(blows(2.0, 90.0))),
        200..300 => (Some(-1.0), Some(blows(0.0, 0.0))),
        300..310 => (Some(5.0), Some(blows(2.0, 400.0))),
        310..320 => (Some(5.0), Some(blows(-9.0, 40.0))),
        _ => (Some(5.0), Some(blows(2.0, (hour * 10 % 360) as f64))),
    };
    let made = of(Kind::Polar, place(600, bad)).unwrap();
    assert_eq!(
        made.doubts,
        [
            Doubt::Negative { count: 100, of: 500 },
            Doubt::WindOutside { count: 20 },
            Doubt::Calm { count: 100, of: 480 },
            Doubt::Gap { place: "A".into(), from_hour: 100, hours: 100 },
        ]
    );
    let Numbers::Polar(polar) = made.numbers else { panic!("not what was asked") };
    assert_eq!(polar.bins.hours, 380, "neither calm nor impossible");
}

#[test]
fn a_number_that_is_none_is_a_gap() {
    let mut broken = place(500, east);
    broken.rows[7].value = Some(f64::NAN);
    broken.rows[8].value = Some(f64::INFINITY);
    let summary = of(Kind::Variation, broken).unwrap().summary;
    assert_eq!((summary.hours, summary.values), (500, 498));
}

#[test]
fn a_compass_of_sixteen_points_has_sixteen_sectors() {
    let compass = |hour: i64| (Some(1.0), Some(blows(2.0, (hour % 16) as f64 * 22.5)));
    let Numbers::Rose(rose) = of(Kind::WindRose, place(1_600, compass)).unwrap().numbers else {
        panic!("not what was asked")
    };
    assert_eq!(rose.sectors.len(), 16);
    assert!(rose.sectors.iter().all(|sector| sector.hours == 100));
}

#[test]
fn a_trend_without_noise_is_certain_and_one_of_noise_is_not() {
    let falling = |hour: i64| (Some(100.0 - hour as f64 / 8_640.0), None);
    let Numbers::Trend(trend) = of(Kind::Trend, place(8_640 * 5, falling)).unwrap().numbers else {
        panic!("not what was asked")
    };
    assert!(trend.is_deseasonalised && trend.p < 0.01, "{}", trend.p);
    assert!((trend.slope.value + 1.0).abs() < 0.05, "{:?}", trend.slope);
    let noise = |hour: i64| (Some(((hour / 720) * 7_919 % 23) as f64), None);
    let Numbers::Trend(trend) = of(Kind::Trend, place(8_640 * 5, noise)).unwrap().numbers else {
        panic!("not what was asked")
    };
    assert!(trend.p > 0.05 && trend.slope.lower < 0.0 && trend.slope.upper > 0.0, "{trend:?}");
}

#[test]
fn constant_values_correlate_with_nothing() {
    let places = [place(100, |_| (Some(3.0), None)), place(100, east)];
    let Numbers::Correlation(made) =
        plot(Kind::Correlation, &places, &Settings::default()).unwrap().numbers
    else {
        panic!("not what was asked")
    };
    assert_eq!((made.pairs[0].hours, made.pairs[0].r), (100, None));
    let Numbers::Scatter(made) =
        of(Kind::Scatter, place(100, |_| (Some(3.0), None))).unwrap().numbers
    else {
        panic!("not what was asked")
    };
    assert_eq!((made.slope, made.r), (None, None));
}
