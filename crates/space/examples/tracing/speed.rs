//! 300 stations, 1 000 candidates, twelve five-minute values.

use space::trace::{Emitter, Ground, Sounding, Tuning, Wind, Winds, trace};
use std::time::Instant;

pub fn run() {
    let part = |at: u32, of: u32| {
        f64::from(at.wrapping_mul(2_654_435_761).wrapping_mul(of) >> 8) / f64::from(1 << 24)
    };
    let mut soundings = vec![];
    for series in 0..300_u32 {
        for step in 0..12_u32 {
            let at_m = [10_000.0 * part(series, 7), 10_000.0 * part(series, 31)];
            let rise =
                if (at_m[0] - 6_000.0).hypot(at_m[1] - 5_000.0) < 900.0 { 60.0 } else { 0.0 };
            let from_s = 300.0 * f64::from(step);
            let value =
                40.0 + 3.0 * part(series * 12 + step, 13) + if step > 3 { rise } else { 0.0 };
            soundings.push(Sounding {
                series: series as usize,
                at_m,
                to_m: None,
                height_m: 3.0,
                from_s,
                to_s: from_s + 300.0,
                value,
                clean: None,
                usual: None,
            });
        }
    }
    let wind: Vec<_> =
        (0..40).map(|at| Some(Wind::from_deg(2.5, 250.0 + 15.0 * f64::from(at % 5)))).collect();
    let Ok(winds) = Winds::new(-8_400.0, 300.0, &wind, 15.0) else { return };
    let emitters: Vec<Emitter> = (0..100)
        .map(|at| Emitter {
            at_m: [10_000.0 * part(at, 3), 10_000.0 * part(at, 17)],
            height_m: 20.0,
            width_m: 10.0,
            emits: true,
            reported: None,
        })
        .collect();
    let ground =
        Ground { corner_m: [0.0; 2], cell_m: 10_000.0 / 30.0, cols: 30, rows: 30, height_m: 5.0 };
    let started = Instant::now();
    let answer = trace(&soundings, &[], &winds, &emitters, &ground, &Tuning::default());
    let ms = started.elapsed().as_secs_f64() * 1e3;
    println!(
        "\ntracing, 300 stations × 12 values, 100 emitters and 900 cells: {ms:.0} ms ({})",
        answer.is_ok()
    );
}
