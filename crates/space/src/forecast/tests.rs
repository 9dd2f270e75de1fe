//! Forecasts of made-up hours whose future is known.

use super::*;

/// A day's wave of 40 ± 20 with weather that carries nothing, and a noise that remembers.
fn hours(count: usize) -> Vec<Hour> {
    let mut noise = 0.0;
    (0..count)
        .map(|hour| {
            noise = 0.9 * noise + ((hour * 7_919 % 101) as f64 - 50.0) / 20.0;
            let wave = (hour as f64 * std::f64::consts::TAU / 24.0).sin();
            let day = hour / 24;
            let at = Civil {
                year: 2026,
                month: (day / 30 % 12) as u8 + 1,
                day: (day % 30) as u8 + 1,
                hour: (hour % 24) as u8,
                weekday: (day % 7) as u8 + 1,
            };
            let value = (40.0 + 20.0 * wave + noise).max(0.0);
            Hour { at, value: Some(value), weather: Weather::default() }
        })
        .collect()
}

fn score(hindcast: &Hindcast, method: Method) -> Score {
    let whole = |score: &&Score| score.method == method && score.band == [1, LEADS];
    *hindcast.scores.iter().find(whole).unwrap()
}

#[test]
fn the_learned_way_beats_both_others_on_a_wave_with_memory_and_its_intervals_hold() {
    let hours = hours(24 * 200);
    let series = Series { first_hour: 0, hours: &hours };
    let record = hindcast(series, 24 * 160, 24 * 200, 7, 1).unwrap();
    let [learned, persistence] = [Method::Learned, Method::Persistence].map(|m| score(&record, m));
    assert!(learned.crps < 0.6 * persistence.crps, "{learned:?} {persistence:?}");
    assert!(learned.within_90 > 0.75 && learned.within_90 < 0.98, "{learned:?}");
    assert!(learned.skill_persistence.unwrap() > 0.4);
    assert!(persistence.skill_persistence.unwrap().abs() < 1e-12);
}

#[test]
fn nothing_after_the_origin_is_looked_at() {
    let mut hours = hours(24 * 200);
    let ahead: Vec<Civil> = hours[24 * 150..24 * 153].iter().map(|hour| hour.at).collect();
    let whole = forecast(Series { first_hour: 0, hours: &hours[..24 * 150] }, &ahead, 1).unwrap();
    for hour in &mut hours[24 * 150..] {
        hour.value = Some(1e6);
    }
    let again = forecast(Series { first_hour: 0, hours: &hours[..24 * 150] }, &ahead, 1).unwrap();
    assert_eq!(whole, again);
    assert!(whole.steps[..60].iter().any(|step| step.method == Method::Learned));
    assert_eq!((whole.steps.len(), whole.steps[0].hour), (72, 24 * 150));
    for step in &whole.steps {
        assert!(step.quantiles.is_sorted(), "{step:?}");
    }
    // A hindcast learns from what is before its window: a change within changes only the score.
    let before =
        hindcast(Series { first_hour: 0, hours: &hours }, 24 * 150, 24 * 152, 6, 1).unwrap();
    for hour in &mut hours[24 * 150..] {
        hour.value = None;
    }
    hours[24 * 151].value = Some(3.0);
    let after =
        hindcast(Series { first_hour: 0, hours: &hours }, 24 * 150, 24 * 152, 6, 1).unwrap();
    assert_eq!(before.learned_from, after.learned_from);
}

#[test]
fn too_short_or_stale_a_history_is_refused_and_a_short_one_is_not_learned_from() {
    let mut hours = hours(24 * 100);
    let ahead: Vec<Civil> = hours[..72].iter().map(|hour| hour.at).collect();
    let of = |hours: &[Hour]| forecast(Series { first_hour: 0, hours }, &ahead, 1);
    assert_eq!(of(&hours[..300]), Err(NoForecast::TooFew { have: 300, need: 336 }));
    assert_eq!(
        forecast(Series { first_hour: 0, hours: &hours }, &ahead[..5], 1),
        Err(NoForecast::Ahead(5))
    );
    let short = of(&hours).unwrap();
    assert!(
        short.steps.iter().all(|step| step.method != Method::Learned),
        "a hundred days are few"
    );
    assert!(!short.scores.is_empty());
    for hour in &mut hours[24 * 100 - 6..] {
        hour.value = None;
    }
    assert_eq!(of(&hours), Err(NoForecast::Stale(6)));
    assert_eq!(of(&[]), Err(NoForecast::TooFew { have: 0, need: 336 }));
    let series = Series { first_hour: 0, hours: &hours };
    assert_eq!(hindcast(series, 10, 5, 6, 1), Err(NoForecast::Window));
}

#[test]
fn an_outside_forecast_is_judged_on_what_came_and_the_rest_is_counted() {
    let hours = hours(100);
    let value = |hour: i64| hours[hour as usize].value.unwrap();
    let row = |origin_hour, hour, value| Outside { origin_hour, hour, value, interval: None };
    let rows = [
        row(10, 20, value(20) + 1.0),
        row(10, 22, value(22) - 1.0),
        row(10, 10, 1.0),
        row(10, 500, 1.0),
        row(-5, 20, 1.0),
        row(10, 20, f64::NAN),
    ];
    let series = Series { first_hour: 0, hours: &hours };
    let score = judge(series, &rows).unwrap();
    assert_eq!((score.count, score.hours, score.left_out), (2, 2, 4));
    assert!((score.mae - 1.0).abs() < 1e-12 && score.bias.abs() < 1e-12);
    assert_eq!((score.intervals, score.within_90), (0, None));
    assert!(judge(series, &rows[2..]).is_err());
}

#[test]
fn the_score_of_an_outside_forecast_is_what_a_hand_computes() {
    let values = [10.0, 20.0, 30.0, 20.0, 40.0];
    let mut hours = hours(5);
    for (hour, value) in hours.iter_mut().zip(values) {
        hour.value = Some(value);
    }
    let row = |origin_hour, hour, value, interval| Outside { origin_hour, hour, value, interval };
    let rows = [
        row(0, 1, 24.0, Some([20.0, 30.0])),
        row(0, 2, 27.0, Some([20.0, 29.0])),
        row(0, 4, 40.0, None),
        row(1, 2, 35.0, Some([30.0, 40.0])),
        row(1, 3, 18.0, Some([10.0, 19.0])),
    ];
    let series = Series { first_hour: 0, hours: &hours };
    let score = judge(series, &rows).unwrap();
    let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
    // Errors 4, −3, 0, 5, −2; those of persistence −10, −20, −30, −10, 0.
    assert_eq!((score.count, score.hours, score.left_out, score.intervals), (5, 4, 0, 4));
    assert!(near(score.mae, 14.0 / 5.0) && near(score.rmse, (54.0_f64 / 5.0).sqrt()));
    assert!(near(score.bias, 4.0 / 5.0));
    assert!(near(score.persistence_mae, 70.0 / 5.0));
    assert!(near(score.persistence_rmse, (1_500.0_f64 / 5.0).sqrt()));
    assert!(near(score.skill.unwrap(), 0.8) && near(score.within_90.unwrap(), 0.5));
    let bands = judge_bands(series, &rows);
    let named: Vec<_> = bands.iter().map(|own| (own.band.unwrap(), own.count)).collect();
    assert_eq!(named, [([1, 6], 5), ([1, 72], 5)]);
}
