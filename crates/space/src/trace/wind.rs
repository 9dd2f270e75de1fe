//! The wind of the window, and what is wrong with it.

use super::Refusal;
use crate::linear::median;

/// Below this speed the direction says little, m/s.
pub(crate) const CALM_M_S: f64 = 0.6;
/// No wind at 10 m blows for long above this; more of it is another unit, m/s.
const SPEED_MAX_M_S: f64 = 35.0;

/// The wind of one step, by where it blows **to**.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wind {
    /// Towards the east, m/s.
    pub east_m_s: f64,
    /// Towards the north, m/s.
    pub north_m_s: f64,
}

impl Wind {
    /// From speed and the direction it comes **from**, degrees from north over east.
    pub fn from_deg(speed_m_s: f64, from_deg: f64) -> Self {
        let angle = from_deg.to_radians();
        Self { east_m_s: -speed_m_s * angle.sin(), north_m_s: -speed_m_s * angle.cos() }
    }

    /// Speed, m/s.
    pub fn speed_m_s(&self) -> f64 {
        self.east_m_s.hypot(self.north_m_s)
    }

    /// Where it comes from, degrees from north over east.
    pub fn comes_from_deg(&self) -> f64 {
        (-self.east_m_s).atan2(-self.north_m_s).to_degrees().rem_euclid(360.0)
    }

    pub(crate) fn turned(&self, degrees: f64, factor: f64) -> Self {
        let (sin, cos) = degrees.to_radians().sin_cos();
        Self {
            east_m_s: factor * (self.east_m_s * cos + self.north_m_s * sin),
            north_m_s: factor * (self.north_m_s * cos - self.east_m_s * sin),
        }
    }
}

/// What makes an answer less sure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Doubt {
    /// It was calm for this share of the time.
    Calm {
        /// 0 to 1.
        share: f64,
    },
    /// The wind was missing for this share of the time and was taken from before.
    WindGaps {
        /// 0 to 1.
        share: f64,
    },
    /// The soundings fit a wind from the opposite side much better: "from" and "to" may be mixed up.
    WindMayBeReversed {
        /// By how much, as logarithm of the ratio.
        gain: f64,
    },
    /// Emitters outside the ground were judged, but no unknown place around them was.
    EmittersOutside {
        /// How many.
        count: usize,
    },
    /// Nothing explains the soundings well, not even an unknown place.
    NothingFits,
}

/// Winds on equal steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Winds {
    start_s: f64,
    step_s: f64,
    steps: Vec<Wind>,
    /// Share of steps that were filled from before.
    pub gaps: f64,
    /// Share of calm steps.
    pub calm: f64,
    /// How sure the direction is, one standard deviation, degrees.
    pub direction_sd_deg: f64,
}

impl Winds {
    /// From what was measured on equal steps; gaps are filled from the step before them.
    ///
    /// # Errors
    ///
    /// When more than half is missing, or speeds are so high that they must be in another unit.
    pub fn new(
        start_s: f64,
        step_s: f64,
        measured: &[Option<Wind>],
        direction_sd_deg: f64,
    ) -> Result<Self, Refusal> {
        let usable = |wind: &Option<Wind>| wind.filter(|wind| wind.speed_m_s().is_finite());
        let count = measured.iter().filter_map(usable).count();
        let total = measured.len().max(1);
        let missing = 1.0 - count as f64 / total as f64;
        let Some(mut last) = measured.iter().find_map(usable).filter(|_| missing <= 0.5) else {
            return Err(Refusal::NoWind { missing });
        };
        let mut speeds: Vec<f64> =
            measured.iter().filter_map(usable).map(|w| w.speed_m_s()).collect();
        let speed_m_s = median(&mut speeds).unwrap_or(0.0);
        if speed_m_s > SPEED_MAX_M_S {
            return Err(Refusal::WindUnit { speed_m_s });
        }
        let known = measured.iter().map(|wind| {
            last = usable(wind).unwrap_or(last);
            last
        });
        let blew: Vec<Wind> = known.collect();
        let calm = blew.iter().filter(|wind| wind.speed_m_s() < CALM_M_S).count();
        let calm = calm as f64 / total as f64;
        Ok(Self { start_s, step_s, steps: blew, gaps: missing, calm, direction_sd_deg })
    }

    /// Length of a step, s.
    pub(crate) fn step_s(&self) -> f64 {
        self.step_s
    }

    /// The wind at a second; that of the ends beyond them.
    pub fn at(&self, second: f64) -> Wind {
        let step = ((second - self.start_s) / self.step_s).floor().max(0.0) as usize;
        self.steps[step.min(self.steps.len() - 1)]
    }

    /// The mean wind between two seconds.
    pub fn mean(&self, from_s: f64, to_s: f64) -> Wind {
        let count = ((to_s - from_s) / self.step_s).ceil().clamp(1.0, 1_000.0) as usize;
        let each = (0..count)
            .map(|at| self.at(from_s + (at as f64 + 0.5) / count as f64 * (to_s - from_s)));
        let sum =
            each.fold([0.0; 2], |sum, wind| [sum[0] + wind.east_m_s, sum[1] + wind.north_m_s]);
        Wind { east_m_s: sum[0] / count as f64, north_m_s: sum[1] / count as f64 }
    }

    /// All winds turned and scaled.
    pub(crate) fn turned(&self, degrees: f64, factor: f64) -> Self {
        let steps = self.steps.iter().map(|wind| wind.turned(degrees, factor)).collect();
        Self { steps, ..self.clone() }
    }

    /// What is to be said of them.
    pub(crate) fn doubts(&self) -> Vec<Doubt> {
        let mut doubts = vec![];
        if self.calm > 0.3 {
            doubts.push(Doubt::Calm { share: self.calm });
        }
        if self.gaps > 0.1 {
            doubts.push(Doubt::WindGaps { share: self.gaps });
        }
        doubts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wind_from_the_west_blows_to_the_east_and_turns_clockwise() {
        let west = Wind::from_deg(3.0, 270.0);
        assert!((west.east_m_s - 3.0).abs() < 1e-9 && west.north_m_s.abs() < 1e-9);
        assert!((west.comes_from_deg() - 270.0).abs() < 1e-9);
        assert!((west.turned(20.0, 1.0).comes_from_deg() - 290.0).abs() < 1e-9);
    }

    #[test]
    fn missing_wind_is_refused_and_a_gap_is_filled_and_said() {
        let wind = Some(Wind::from_deg(2.0, 90.0));
        let refused = Winds::new(0.0, 60.0, &[wind, None, None], 15.0);
        assert!(matches!(refused, Err(Refusal::NoWind { missing }) if missing > 0.6));
        let filled = Winds::new(0.0, 60.0, &[wind, None, wind], 15.0).unwrap();
        assert!((filled.at(90.0).comes_from_deg() - 90.0).abs() < 1e-9);
        assert!(matches!(filled.doubts()[..], [Doubt::WindGaps { .. }]));
        assert!(Winds::new(0.0, 60.0, &[], 15.0).is_err());
    }

    #[test]
    fn a_wind_in_another_unit_is_refused_and_calm_is_said() {
        let fast = vec![Some(Wind::from_deg(90.0, 90.0)); 4];
        assert!(matches!(Winds::new(0.0, 60.0, &fast, 15.0), Err(Refusal::WindUnit { .. })));
        let still = vec![Some(Wind::from_deg(0.2, 90.0)); 4];
        let winds = Winds::new(0.0, 60.0, &still, 15.0).unwrap();
        assert!(matches!(winds.doubts()[..], [Doubt::Calm { share }] if share > 0.9));
    }
}
