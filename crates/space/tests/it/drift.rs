//! Corrections of real sensors in weeks that they did not see, when `SKYRIVER_REAL_DATA` names a folder that has them.

use crate::real::{FILE, SENSORS, beside, rows};
use crate::rolling::{Way, corrected, uncorrected};

#[test]
fn a_correction_from_four_weeks_makes_the_next_week_better_and_its_interval_holds() {
    let folder = std::env::var_os("SKYRIVER_REAL_DATA").unwrap_or_default();
    let Some(rows) = rows(std::path::Path::new(&folder)) else {
        println!("skipped: SKYRIVER_REAL_DATA does not hold {FILE}");
        return;
    };
    assert!(rows.len() > 5_000);
    let way = Way { back_d: 28.0, knows_air: true, every_d: 1 };
    for [sensor, analyser, unit] in SENSORS {
        let beside = beside(&rows, sensor, analyser);
        let [mean, first] = uncorrected(&beside, way);
        let blind = corrected(&beside, Way { knows_air: false, ..way }, |_, _| ());
        let found = corrected(&beside, way, |_, found| assert!(found.weather.is_some()));
        let said = format!(
            "{sensor}, {unit}: mean {:.2}, first {:.2}, without air {:.2}, with {:.2}, bias {:.2}, covers {:.3}",
            mean.rmse(),
            first.rmse(),
            blind.rmse(),
            found.rmse(),
            found.bias(),
            found.covers()
        );
        println!("{said}");
        assert!(found.hours > 3_000.0 && found.weeks.len() > 20, "{said}");
        assert!(first.rmse() < mean.rmse(), "{said}");
        assert!(found.rmse() < 0.85 * first.rmse(), "{said}");
        assert!(found.rmse() < 1.01 * blind.rmse(), "{said}");
        assert!(found.bias().abs() < 0.25 * first.bias().abs(), "{said}");
        assert!((0.84..0.95).contains(&found.covers()), "{said}");
    }
}
