//! Worlds of every scenario, and the proof that each checker bites.

use trial::{Plant, Scenario, run};

#[test]
fn the_same_seed_makes_the_same_world() {
    for name in ["mixed", "torn"] {
        let scenario = Scenario::named(name).unwrap();
        let [first, again] = [7, 7].map(|seed| run(seed, scenario, None).unwrap());
        assert_eq!(first, again, "{name}");
        assert_ne!(first.trace, run(8, scenario, None).unwrap().trace);
    }
}

#[test]
fn every_scenario_keeps_every_promise_and_does_what_it_says() {
    for scenario in Scenario::ALL {
        let scenario = Scenario::named(scenario.name).unwrap();
        let reports: Vec<_> = (1..=2).map(|seed| run(seed, scenario, None).unwrap()).collect();
        let sum = |of: fn(&trial::Report) -> u64| reports.iter().map(of).sum::<u64>();
        assert!(sum(|report| report.acknowledged) > 0, "{}", scenario.name);
        assert!(sum(|report| report.seals) > 0, "{}", scenario.name);
        assert_eq!(sum(|report| report.cuts) > 0, scenario.cut > 0, "{}", scenario.name);
        assert_eq!(
            sum(|report| report.refused) > 0,
            scenario.full + scenario.refuse > 0,
            "{}",
            scenario.name
        );
    }
}

#[test]
fn each_checker_finds_the_defect_that_was_planted_for_it() {
    let calm = Scenario::named("calm").unwrap();
    for (plant, promise) in Plant::ALL {
        let failure = run(1, calm, Some((plant, promise)));
        let failure = failure.expect_err(&format!("{plant:?} was not seen"));
        assert_eq!(failure.broken.promise, promise, "{plant:?}: {failure}");
        assert!(failure.turn >= trial::world::PLANTED, "{plant:?}: {failure}");
    }
}
