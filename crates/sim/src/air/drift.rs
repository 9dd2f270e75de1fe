//! How far the wind has carried what was let out some time ago: the way of a parcel, followed back
//! through the winds of the last four hours. The wind is the same for the whole zone, so one way serves
//! all sources. Looking back no further keeps any instant as cheap as another; what is older has left
//! the zone or is as thin as the town's own haze.

use crate::scenario::Scenario;
use crate::weather::Climate;
use model::Timestamp;

/// Instants of the past that are looked at.
pub(crate) const NODES: usize = 19;
/// Their ages, s: close together while a plume is narrow.
pub(crate) const AGES_S: [f64; NODES] = [
    0.0, 45.0, 120.0, 240.0, 420.0, 660.0, 960.0, 1_320.0, 1_800.0, 2_400.0, 3_000.0, 3_600.0,
    4_500.0, 5_400.0, 6_600.0, 7_800.0, 9_600.0, 12_000.0, 14_400.0,
];
/// The node that is an hour old.
const HOUR: usize = 11;

/// Where the air of the past has gone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drift {
    /// East and north, m, since each age.
    pub moved: [[f64; 2]; NODES],
    /// Length of the way, m.
    pub run_m: [f64; NODES],
}

impl Drift {
    /// Follows the wind backwards from an instant.
    pub(crate) fn new(climate: &Climate, time: Timestamp, scenario: &Scenario) -> Self {
        Self::of(|age_s| climate.drift_m_s(time - (age_s * 1_000.0) as i64, scenario))
    }

    /// The way through winds (east, north, m/s) by age in seconds.
    pub(crate) fn of(wind: impl Fn(f64) -> (f64, f64)) -> Self {
        let mut drift = Self { moved: [[0.0; 2]; NODES], run_m: [0.0; NODES] };
        for k in 1..NODES {
            let step_s = AGES_S[k] - AGES_S[k - 1];
            let (east, north) = wind(f64::midpoint(AGES_S[k], AGES_S[k - 1]));
            let [x, y] = drift.moved[k - 1];
            drift.moved[k] = [x + east * step_s, y + north * step_s];
            drift.run_m[k] = drift.run_m[k - 1] + east.hypot(north) * step_s;
        }
        drift
    }

    /// The mean wind of the last hour, towards the east and the north, m/s.
    pub(crate) fn hour_m_s(&self) -> (f64, f64) {
        let [x, y] = self.moved[HOUR];
        (x / AGES_S[HOUR], y / AGES_S[HOUR])
    }
}
