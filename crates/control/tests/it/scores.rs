//! Counts and scores of units, open to their cases.

use crate::world::{at, calendar, dispatch, fed_back, make, note, pass, people};
use control::{Case, Catalogue, Handled, Move, ScoreScheme, counts_by_handler, counts_by_unit};
use standards::Exact;

fn closed(hours: i64, number: &str) -> Case {
    let [.., verifier, _] = people();
    let mut case = fed_back(hours);
    number.clone_into(&mut case.number);
    make(&mut case, &verifier, hours + 1, pass()).unwrap();
    case
}

fn counts(cases: &[Case]) -> control::Counts {
    let catalogue = Catalogue::built_in().unwrap();
    let span = (at(0), at(1_000));
    let mut units = counts_by_unit(cases.iter(), &catalogue, &calendar(), span, at(1_000));
    units.remove("unit-a").unwrap_or_default()
}

#[test]
fn a_late_case_counts_as_closed_and_not_as_on_time() {
    let counts = counts(&[closed(1, "a"), closed(3, "b"), fed_back(1)]);
    assert_eq!(counts.closed, ["a", "b"]);
    assert_eq!(counts.on_time, ["a"]);
    assert_eq!(counts.on_time_rate().percent(), Some(Exact::whole(50)));
}

#[test]
fn no_case_is_no_rate_and_no_score() {
    let counts = counts(&[]);
    assert_eq!(counts.on_time_rate().percent(), None);
    let score = ScoreScheme::built_in().unwrap().score(&counts).unwrap();
    assert_eq!((score.points, score.is_ranked), (None, false));
}

#[test]
fn a_case_that_is_none_counts_against_nobody() {
    let [.., verifier, _] = people();
    let mut case = fed_back(9);
    make(&mut case, &verifier, 10, Move::Invalid { note: note("frozen sensor") }).unwrap();
    assert_eq!(counts(&[case]), control::Counts::default());
}

#[test]
fn the_published_formula_gives_the_published_points() {
    let scheme = ScoreScheme::built_in().unwrap();
    let mut counts = control::Counts::default();
    let cases = |count: usize| (0..count).map(|n| n.to_string()).collect::<Vec<_>>();
    counts.due = cases(100);
    counts.closed = cases(85);
    counts.on_time = cases(66);
    counts.reworks = cases(2);
    let score = scheme.score(&counts).unwrap();
    // On time 66 %: four points off 50; closing 85 %: five off 20; two reworks of 0.2; no urgent case.
    assert_eq!(score.points, Some(Exact::parse("60.6").unwrap()));
    assert!(
        score.is_ranked
            && score
                .lines
                .iter()
                .any(|(name, points)| name == "urgent_on_time" && points.is_none())
    );
}

#[test]
fn of_a_person_and_of_a_unit_only_what_was_reopened_in_the_span_counts() {
    let [_, dispatcher, handler, verifier, _] = people();
    let mut case = closed(1, "a");
    make(&mut case, &verifier, 30, Move::Reopen { note: note("smoke again") }).unwrap();
    make(&mut case, &dispatcher, 31, dispatch()).unwrap();
    make(&mut case, &handler, 32, Move::Accept { note: String::new() }).unwrap();
    let done = Move::FeedBack { note: note("put out"), photos: vec![] };
    make(&mut case, &handler, 33, done).unwrap();
    make(&mut case, &verifier, 100, pass()).unwrap();
    let of = |from: i64, to: i64| {
        let all = counts_by_handler([&case].into_iter(), (at(from), at(to)), at(1_000));
        all.get("handler").copied()
    };
    let count = |closed, reopened| Some(Handled { closed, reworks: 0, reopened });
    // Closed, later reopened, later closed again: each counts where it happened.
    assert_eq!(of(0, 20), count(1, 0));
    assert_eq!(of(20, 50), count(0, 1));
    assert_eq!(of(50, 200), count(1, 0));
    assert_eq!((of(0, 200), of(200, 300)), (count(1, 1), None));
    let catalogue = Catalogue::built_in().unwrap();
    let of_unit = |from: i64, to: i64| {
        let span = (at(from), at(to));
        let all = counts_by_unit([&case].into_iter(), &catalogue, &calendar(), span, at(1_000));
        all.get("unit-a").map_or((0, 0), |own| (own.closed.len(), own.reopened.len()))
    };
    assert_eq!(of_unit(0, 20), (1, 0), "nobody had reopened it by then");
    assert_eq!(of_unit(20, 31), (0, 1), "reopened, and not dispatched again yet");
    assert_eq!((of_unit(50, 200), of_unit(0, 200)), ((1, 0), (2, 1)));
    assert_eq!(of_unit(200, 300), (0, 0));
}
