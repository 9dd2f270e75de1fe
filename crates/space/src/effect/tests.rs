//! A measure of known size in made-up weather.

use super::*;
use crate::forecast::{Hour, Series, Weather};
use crate::plot::{Civil, Wind};

/// Three years of months of thirty days. The wind cleans the air; from day 600 to 629 a measure takes away a share.
fn hours(taken: f64) -> Vec<Hour> {
    (0..24 * 1_080)
        .map(|hour| {
            let day = hour / 24;
            let chance = (day * 7_919 % 1_009) as f64 / 1_009.0;
            let other = (day * 104_729 % 1_013) as f64 / 1_013.0;
            let speed_m_s = 1.0 + 5.0 * chance;
            let measure = if (600..630).contains(&day) { 1.0 - taken } else { 1.0 };
            let value = 120.0 / speed_m_s * measure * (0.9 + 0.2 * other);
            let wind = Some(Wind { speed_m_s, from_deg: 360.0 * other });
            let at = civil(day, hour % 24);
            Hour { at, value: Some(value), weather: Weather { wind, ..Weather::default() } }
        })
        .collect()
}

fn civil(day: usize, hour: usize) -> Civil {
    Civil {
        year: 2023 + (day / 360) as i16,
        month: (day / 30 % 12) as u8 + 1,
        // February has no thirtieth: the last days of every month are left out of the calendar by standing on the 28th.
        day: (day % 30).min(27) as u8 + 1,
        hour: hour as u8,
        weekday: (day % 7) as u8 + 1,
    }
}

fn ask(hours: &[Hour]) -> Result<Effect, NoEffect> {
    effect(Series { first_hour: 0, hours }, civil(600, 0), civil(627, 0), 1)
}

#[test]
fn a_measure_that_takes_a_third_is_found_with_its_interval_and_none_is_not_found() {
    let found = ask(&hours(0.33)).unwrap();
    assert!((found.percent + 33.0).abs() < 6.0, "{}", found.percent);
    assert!(found.interval[0] < -33.0 + 6.0 && found.interval[1] > -33.0 - 6.0);
    assert!(found.interval[1] < -10.0 && found.p < 0.1, "{:?} {}", found.interval, found.p);
    let none = ask(&hours(0.0)).unwrap();
    assert!(none.percent.abs() < 8.0 && none.p > 0.1, "{} {}", none.percent, none.p);
}

#[test]
fn the_normalised_trend_is_that_of_the_source_not_of_the_weather() {
    let mut hours = hours(0.0);
    for (hour, slot) in hours.iter_mut().enumerate() {
        // The source falls by a fifth over three years; the last year is windier.
        let day = hour / 24;
        let falling = 1.0 - 0.2 * day as f64 / 1_080.0;
        let wind = slot.weather.wind.unwrap();
        let speed_m_s = if day >= 720 { wind.speed_m_s + 1.5 } else { wind.speed_m_s };
        slot.weather.wind = Some(Wind { speed_m_s, ..wind });
        slot.value = Some(120.0 / speed_m_s * falling);
    }
    let made = normalised(Series { first_hour: 0, hours: &hours }, 1).unwrap();
    let first: f64 = made.months[..12].iter().map(|month| month.normalised).sum();
    let last: f64 = made.months[24..].iter().map(|month| month.normalised).sum();
    let measured_first: f64 = made.months[..12].iter().map(|month| month.measured).sum();
    let measured_last: f64 = made.months[24..].iter().map(|month| month.measured).sum();
    let (fell, seemed) = (1.0 - last / first, 1.0 - measured_last / measured_first);
    assert!((0.04..0.27).contains(&fell), "{fell}");
    assert!(seemed > 0.35, "{seemed}");
    assert!(made.slope.value < 0.0 && made.slope.lower <= made.slope.upper);
}

#[test]
fn too_few_days_a_short_or_endless_measure_and_no_weather_are_refused() {
    let hours = hours(0.0);
    let of = |hours: &[Hour], first, last| {
        effect(Series { first_hour: 0, hours }, civil(first, 0), civil(last, 0), 1)
    };
    assert_eq!(of(&hours, 620, 600), Err(NoEffect::Window));
    assert_eq!(of(&hours, 600, 601), Err(NoEffect::TooShort { have: 2, need: 3 }));
    assert!(matches!(of(&hours, 100, 1_000), Err(NoEffect::TooFewDays { .. })));
    assert!(matches!(of(&hours, 400, 900), Err(NoEffect::TooFewPlacebos { .. })));
    let short = &hours[..24 * 100];
    assert!(matches!(of(short, 50, 60), Err(NoEffect::TooFewDays { .. })));
    let mut bare = hours.clone();
    for hour in &mut bare {
        hour.weather = Weather::default();
    }
    assert_eq!(of(&bare, 600, 627), Err(NoEffect::TooShort { have: 0, need: 3 }));
    assert!(normalised(Series { first_hour: 0, hours: short }, 1).is_err());
}
