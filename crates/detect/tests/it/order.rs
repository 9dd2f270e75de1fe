//! Late samples: the order of their coming does not change the end.

use crate::world::{fed, hours, site, state};
use detect::{Change, Fed, Input, Outcome, State, Subject, step};
use model::{HOUR_MS, MINUTE_MS, PlaceKind, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Four micro-stations, 1 km apart, each with fine and coarse dust; one has wind.
fn watched() -> State {
    let mut state = state();
    for place in 0..4 {
        let at = site(place, PlaceKind::MicroStation, [113.5, 34.8 + 0.009 * f64::from(place)]);
        let id = place as i32;
        state.watch(hours(id * 3, &at, "pm25"));
        state.watch(hours(id * 3 + 1, &at, "pm10"));
        if place == 0 {
            state.watch(hours(2, &at, "wind_dir"));
        }
    }
    state
}

/// Open findings by rule and subject, as those who listen know them.
fn listen(open: &mut BTreeSet<String>, outcomes: &[Outcome]) {
    for outcome in outcomes {
        let name = format!("{} {:?}", outcome.rule, outcome.subject);
        match outcome.change {
            Change::Raised(_) => assert!(open.insert(name.clone()), "{name} raised twice"),
            Change::Cleared { .. } => assert!(open.remove(&name), "{name} cleared, not raised"),
        }
    }
}

fn play(batches: &[Vec<Fed>], now: Timestamp) -> (State, BTreeSet<String>) {
    let mut state = watched();
    let mut open = BTreeSet::new();
    for batch in batches {
        let outcomes = step(&mut state, now, &Input { samples: batch });
        listen(&mut open, &outcomes);
    }
    // Devices are looked at by the clock, once a minute.
    let outcomes = step(&mut state, now + 2 * MINUTE_MS, &Input::default());
    listen(&mut open, &outcomes);
    (state, open)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn the_order_of_late_samples_does_not_change_the_end(
        values in prop::collection::vec((0_usize..9, 0_i64..12, 0_u32..20), 1..160),
        cut in 1_usize..20,
        seed in any::<u64>(),
    ) {
        // Twelve hours are the window in which order does not matter; one value for each hour of each series.
        let mut samples: Vec<Fed> = vec![];
        for (series, hour, value) in values {
            let stream = [0, 1, 2, 3, 4, 6, 7, 9, 10][series];
            let time = Timestamp::from_ms(hour * HOUR_MS);
            let sample = fed(stream, time, f64::from(value) * 18.0);
            if !samples.iter().any(|own| own.datastream == sample.datastream && own.time == time) {
                samples.push(sample);
            }
        }
        let now = Timestamp::from_ms(13 * HOUR_MS);
        let mut other = samples.clone();
        let mut dice = seed;
        for at in (1..other.len()).rev() {
            dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            other.swap(at, (dice >> 33) as usize % (at + 1));
        }
        let (one, open_one) = play(&samples.chunks(cut).map(<[Fed]>::to_vec).collect::<Vec<_>>(), now);
        let (two, open_two) = play(&[other], now);
        // When the clock saw something of a device depends on when it looked.
        let lives = |state: &State| {
            let of_series = |subject: &Subject| matches!(subject, Subject::Series(_));
            state.standing().into_iter().filter(|((_, subject), _)| of_series(subject)).collect::<Vec<_>>()
        };
        prop_assert_eq!(lives(&one), lives(&two));
        prop_assert_eq!(open_one, open_two);
    }
}

#[test]
fn a_corrected_value_takes_back_what_it_raised() {
    let mut state = watched();
    let mut open = BTreeSet::new();
    let at = |hour: i64| Timestamp::from_ms(hour * HOUR_MS);
    for hour in 0..6 {
        let value = if hour == 5 { 300.0 } else { 40.0 + hour as f64 };
        let outcomes =
            step(&mut state, at(hour + 1), &Input { samples: &[fed(0, at(hour), value)] });
        listen(&mut open, &outcomes);
    }
    assert_eq!(open.len(), 1, "{open:?}");
    let outcomes = step(&mut state, at(6), &Input { samples: &[fed(0, at(5), 42.0)] });
    assert!(
        matches!(
            outcomes[..],
            [Outcome { change: Change::Cleared { why: detect::Ended::Revised, .. }, .. }]
        ),
        "{outcomes:?}"
    );
}

#[test]
fn what_is_recalled_is_not_raised_again_and_ends_when_it_ends() {
    let mut state = watched();
    let at = |hour: i64| Timestamp::from_ms(hour * HOUR_MS);
    let mut samples: Vec<Fed> = (0..5).map(|hour| fed(0, at(hour), 40.0 + hour as f64)).collect();
    samples.push(fed(0, at(5), 300.0));
    let outcomes = step(&mut state, at(6), &Input { samples: &samples });
    let Change::Raised(raised) = &outcomes[0].change else { panic!("{outcomes:?}") };
    let mut again = watched();
    again.recall(&raised.rule, outcomes[0].subject, raised.began, raised.at, true);
    assert_eq!(step(&mut again, at(6), &Input { samples: &samples }), []);
    let calm = [fed(0, at(6), 42.0), fed(0, at(7), 43.0)];
    let outcomes = step(&mut again, at(8), &Input { samples: &calm });
    assert!(
        matches!(outcomes[..], [Outcome { change: Change::Cleared { .. }, .. }]),
        "{outcomes:?}"
    );
}
