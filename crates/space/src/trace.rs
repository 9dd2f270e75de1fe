//! Where it comes from: a posterior over known emitters and over unknown places, from what was measured and the wind.
//!
//! **Forward**: what a source let out is carried by the winds of the past and widened by them ([`Drift`]: a train
//! of Gaussian segments, reflected at the ground, that is the usual plume in a steady wind and a growing puff in calm air).
//! **Backward**: each hypothesis (one source somewhere at some rate, two of them, or none near) is asked how well it
//! explains all soundings together, each measured against its own background. Errors of such models are factors, not
//! differences, so the comparison is made on the scale of `asinh`; neighbouring values are not independent, so evidence
//! is tempered. Wind direction, wind speed and spread are uncertain: a small ensemble of them is averaged.
//!
//! All positions are metres on a plane ([`crate::Plane`]), times seconds on any one clock, values those of the
//! instrument per gram: the rate comes out in g/s when values are µg/m³.

mod advice;
mod background;
mod drift;
mod evidence;
mod gain;
mod kernel;
mod posterior;
mod rivals;
mod scene;
mod wind;

pub use advice::{Advice, advise};
pub use background::{Rise, rises, usual};
pub use drift::{Drift, Mixing, Release, Stability};
pub use evidence::Why;
pub use posterior::{Answer, Candidate, Region, Share, Tuning, trace};
pub use rivals::{cpf, upwind_nearest};
pub use wind::{Doubt, Wind, Winds};

/// One value of one instrument over a stretch of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Sounding {
    /// Which instrument: values of one series share a background.
    pub series: usize,
    /// Where it was, m.
    pub at_m: [f64; 2],
    /// The other end, when it measures along a beam.
    pub to_m: Option<[f64; 2]>,
    /// Above the ground, m.
    pub height_m: f64,
    /// First second.
    pub from_s: f64,
    /// Last second.
    pub to_s: f64,
    /// What it said.
    pub value: f64,
    /// What it would have said without a source, in the unit of `value`, when that is known from elsewhere; else the window
    /// tells it.
    pub clean: Option<f64>,
    /// What rises of this instrument usually are, when it is known ([`usual`]).
    pub usual: Option<f64>,
}

/// Somebody noticed it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Complaint {
    /// Where, m.
    pub at_m: [f64; 2],
    /// When.
    pub at_s: f64,
}

/// A source that is known to be there.
#[derive(Clone, Debug, PartialEq)]
pub struct Emitter {
    /// Where it stands, m.
    pub at_m: [f64; 2],
    /// Height at which its plume levels off, m.
    pub height_m: f64,
    /// How wide it is, m.
    pub width_m: f64,
    /// Whether it lets out what was measured; one that does not is no candidate.
    pub emits: bool,
    /// What it reports now as a multiple of its usual, when it reports.
    pub reported: Option<f64>,
}

/// Where unknown places are looked for: square cells from the south-west.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ground {
    /// South-western corner, m.
    pub corner_m: [f64; 2],
    /// Side of a cell, m.
    pub cell_m: f64,
    /// Cells from west to east.
    pub cols: usize,
    /// Cells from south to north.
    pub rows: usize,
    /// Height of what is looked for, m.
    pub height_m: f64,
}

impl Ground {
    /// The middle of a cell, m.
    pub fn middle_m(&self, cell: usize) -> [f64; 2] {
        let share = |at: usize| (at as f64 + 0.5) * self.cell_m;
        [self.corner_m[0] + share(cell % self.cols), self.corner_m[1] + share(cell / self.cols)]
    }

    /// Whether a position lies on it.
    pub fn holds(&self, at_m: [f64; 2]) -> bool {
        let inside = |axis: usize, count: usize| {
            let along = (at_m[axis] - self.corner_m[axis]) / self.cell_m;
            (0.0..count as f64).contains(&along)
        };
        inside(0, self.cols) && inside(1, self.rows)
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Refusal {
    /// No wind for more than half of the time.
    NoWind {
        /// Share of the time without, 0 to 1.
        missing: f64,
    },
    /// Wind that cannot be: its unit is another one.
    WindUnit {
        /// Middle speed as given, m/s.
        speed_m_s: f64,
    },
    /// Fewer than two instruments said something.
    TooFew {
        /// How many did.
        series: usize,
    },
    /// Nothing rose above its background.
    NoRise,
}

#[cfg(test)]
mod tests {
    use super::background::tests::sounding;
    use super::*;

    const FAR: [[f64; 2]; 3] = [[0.0, 0.0], [2_000.0, 900.0], [2_500.0, -1_200.0]];

    fn emitters() -> Vec<Emitter> {
        let emitter =
            |at_m| Emitter { at_m, height_m: 5.0, width_m: 10.0, emits: true, reported: None };
        FAR.map(emitter).to_vec()
    }

    fn ground() -> Ground {
        Ground { corner_m: [-1_000.0, -2_000.0], cell_m: 500.0, cols: 10, rows: 8, height_m: 5.0 }
    }

    fn west_wind() -> Winds {
        let wind = |at: u32| Some(Wind::from_deg(2.5, 265.0 + 5.0 * f64::from(at % 3)));
        Winds::new(-7_200.0, 300.0, &(0..48).map(wind).collect::<Vec<_>>(), 12.0).unwrap()
    }

    /// Twelve instruments on a grid; a release of `rate` g/s from a place began in the middle of the window.
    fn seen(from: [f64; 2], rate: f64, winds: &Winds) -> Vec<Sounding> {
        let release = Release { at_m: from, height_m: 5.0, width_m: 10.0 };
        let mut all = vec![];
        for series in 0..12 {
            let at_m =
                [300.0 + 900.0 * f64::from(series % 4), -1_200.0 + 1_100.0 * f64::from(series / 4)];
            for step in 0..24 {
                let from_s = 300.0 * f64::from(step);
                let drift = Drift::new(winds, from_s + 150.0, 3_600.0, Stability::D, 800.0, 1.1);
                let on = if step >= 12 { rate } else { 0.0 };
                let noise = 0.5 * f64::from((series * 31 + step * 17) % 7) - 1.5;
                let value =
                    40.0 + f64::from(series) + on * drift.coupling(&release, at_m, 2.0) + noise;
                let it = sounding(series as usize, at_m, from_s, value);
                all.push(Sounding { to_s: from_s + 300.0, ..it });
            }
        }
        all
    }

    #[test]
    fn the_emitter_that_let_out_is_first_with_its_rate_and_says_why() {
        let winds = west_wind();
        for (truth, from) in FAR.iter().take(2).enumerate() {
            let soundings = seen(*from, 2.0, &winds);
            let answer =
                trace(&soundings, &[], &winds, &emitters(), &ground(), &Tuning::default()).unwrap();
            let first = &answer.candidates[0];
            assert_eq!(first.share, Share::Known(truth), "{answer:?}");
            assert!(first.rate_g_s[0] < 2.0 && 2.0 < first.rate_g_s[2], "{:?}", first.rate_g_s);
            assert!(!first.why.rose.is_empty() && (first.why.wind_from_deg - 270.0).abs() < 8.0);
            let sum: f64 = answer.candidates.iter().map(|candidate| candidate.probability).sum();
            assert!((sum - 1.0).abs() < 1e-9);
            let [half, most] = &answer.regions;
            assert!(
                half.cells.len() + half.emitters.len() <= most.cells.len() + most.emitters.len()
            );
        }
    }

    #[test]
    fn a_place_in_no_register_is_called_unknown() {
        let winds = west_wind();
        let soundings = seen([600.0, 950.0], 3.0, &winds);
        let answer =
            trace(&soundings, &[], &winds, &emitters()[2..], &ground(), &Tuning::default())
                .unwrap();
        assert_eq!(answer.candidates[0].share, Share::Unknown, "{answer:?}");
        let [x, y] = answer.candidates[0].at_m;
        assert!((x - 600.0).hypot(y - 950.0) < 1_000.0, "{x} {y}");
    }

    #[test]
    fn from_and_to_mixed_up_is_noticed() {
        let winds = west_wind();
        let soundings = seen(FAR[0], 3.0, &winds);
        let mixed = winds.turned(180.0, 1.0);
        let answer =
            trace(&soundings, &[], &mixed, &emitters(), &ground(), &Tuning::default()).unwrap();
        let is = |doubt: &Doubt| matches!(doubt, Doubt::WindMayBeReversed { .. });
        assert!(answer.doubts.iter().any(is), "{:?}", answer.doubts);
        let right =
            trace(&soundings, &[], &winds, &emitters(), &ground(), &Tuning::default()).unwrap();
        assert!(!right.doubts.iter().any(is), "{:?}", right.doubts);
    }

    #[test]
    fn one_station_and_nothing_risen_are_refused_and_negative_or_missing_values_break_nothing() {
        let winds = west_wind();
        let ask = |soundings: &[Sounding]| {
            trace(soundings, &[], &winds, &emitters(), &ground(), &Tuning::default())
        };
        let all = seen(FAR[0], 2.0, &winds);
        let one: Vec<_> = all.iter().filter(|s| s.series == 4).cloned().collect();
        assert_eq!(ask(&one), Err(Refusal::TooFew { series: 1 }));
        assert_eq!(ask(&[]), Err(Refusal::TooFew { series: 0 }));
        assert_eq!(ask(&seen(FAR[0], 0.0, &winds)), Err(Refusal::NoRise));
        let mut odd = all;
        for (at, it) in odd.iter_mut().enumerate() {
            if at % 9 == 0 { it.value = f64::NAN } else { it.value -= 45.0 }
        }
        // a gap in the middle of the window
        odd.retain(|it| !(3_600.0..4_500.0).contains(&it.from_s));
        assert_eq!(ask(&odd).unwrap().candidates[0].share, Share::Known(0));
    }

    #[test]
    fn calm_is_said_and_spreads_the_answer_and_an_emitter_outside_is_said() {
        // so little evidence that neither is all but certain
        let tuning = Tuning { temper: 0.1, ..Tuning::default() };
        let windy = west_wind();
        let soundings = seen(FAR[0], 3.0, &windy);
        let still: Vec<_> =
            (0..48).map(|at| Some(Wind::from_deg(0.2, 7.0 * f64::from(at)))).collect();
        let still = Winds::new(-7_200.0, 300.0, &still, 60.0).unwrap();
        let mut listed = emitters();
        listed[2].at_m = [90_000.0, 0.0];
        let calm = trace(&soundings, &[], &still, &listed, &ground(), &tuning).unwrap();
        assert!(calm.doubts.iter().any(|doubt| matches!(doubt, Doubt::Calm { .. })));
        assert!(
            calm.doubts.iter().any(|doubt| matches!(doubt, Doubt::EmittersOutside { count: 1 }))
        );
        let clear = trace(&soundings, &[], &windy, &emitters(), &ground(), &tuning).unwrap();
        assert!(calm.candidates[0].probability < clear.candidates[0].probability);
    }

    #[test]
    fn a_model_that_may_be_astray_is_less_sure_and_never_rules_out() {
        let winds = west_wind();
        let soundings = seen(FAR[0], 3.0, &winds);
        let asked = |astray: f64| {
            let tuning = Tuning { astray, ..Tuning::default() };
            trace(&soundings, &[], &winds, &emitters(), &ground(), &tuning).unwrap()
        };
        let (sure, modest) = (asked(0.0), asked(0.3));
        assert_eq!(modest.candidates[0].share, sure.candidates[0].share);
        assert!(modest.candidates[0].probability < sure.candidates[0].probability);
        let sum = |all: &mut dyn Iterator<Item = f64>| all.sum::<f64>();
        assert!((sum(&mut modest.candidates.iter().map(|one| one.probability)) - 1.0).abs() < 1e-9);
        assert!((sum(&mut modest.cells.iter().copied()) - 1.0).abs() < 1e-9);
        let none = modest.candidates.iter().find(|one| one.share == Share::None).unwrap();
        assert!(none.probability > 0.029);
        assert!(modest.regions[1].cells.len() >= sure.regions[1].cells.len());
    }

    #[test]
    fn of_two_that_let_out_at_once_the_one_is_first_that_explains_what_is_asked_about() {
        let winds = west_wind();
        let (here, there) = (seen(FAR[0], 1.0, &winds), seen(FAR[1], 1.0, &winds));
        let both = here.iter().zip(&there).map(|(one, other)| {
            let rise = other.value - 40.0 - other.series as f64;
            Sounding { value: one.value + rise.max(0.0), ..one.clone() }
        });
        let both: Vec<_> = both.collect();
        let asked = |about: Option<usize>| {
            // so many of no account that all are thinned
            let tuning = Tuning { about, independent: 20.0, ..Tuning::default() };
            trace(&both, &[], &winds, &emitters(), &ground(), &tuning).unwrap().candidates[0].share
        };
        // 4 lies under the plume of the first, 11 under that of the second
        assert_eq!(asked(Some(4)), Share::Known(0));
        assert_eq!(asked(Some(11)), Share::Known(1));
    }

    #[test]
    fn a_complaint_downwind_adds_and_one_upwind_does_not() {
        let winds = west_wind();
        let soundings = seen(FAR[0], 1.0, &winds);
        let first = |complaints: &[Complaint]| {
            let answer =
                trace(&soundings, complaints, &winds, &emitters(), &ground(), &Tuning::default())
                    .unwrap();
            let known = answer.candidates.iter().find(|c| c.share == Share::Known(0)).unwrap();
            known.probability
        };
        let at = |x: f64| Complaint { at_m: [x, 0.0], at_s: 6_600.0 };
        assert!(first(&[at(600.0)]) > first(&[at(-600.0)]));
    }

    #[test]
    fn advice_names_a_place_where_the_candidates_differ() {
        let winds = west_wind();
        let soundings = seen(FAR[0], 0.3, &winds);
        let tuning = Tuning { temper: 0.02, ..Tuning::default() };
        let answer = trace(&soundings, &[], &winds, &emitters(), &ground(), &tuning).unwrap();
        let advice =
            advise(&answer, &winds, 7_200.0, &emitters(), &ground(), (1.0, &tuning)).unwrap();
        assert!(advice.settles > 0.02 && (advice.first - advice.second).abs() > 1.0, "{advice:?}");
    }
}
