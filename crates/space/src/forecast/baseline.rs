//! The two ways that need no learning, and that every other way has to beat.

use super::scale::Scale;
use super::{Hour, LEADS, LEVELS, latest};
use crate::plot::{Civil, quantile};

/// Every fifth origin is enough for quantiles, and five has no part in a day of 24 hours.
const ORIGIN_STEP: usize = 5;
/// Fewest hours from which a month's hour of the day is known.
const ENOUGH: usize = 45;

/// It stays as it is; how much it changed in the past gives the interval.
#[derive(Clone, Debug)]
pub(super) struct Persistence {
    scale: Scale,
    /// Changes on the scale, lead by lead, at the levels.
    changes: Vec<[f64; 7]>,
}

impl Persistence {
    pub fn of(hours: &[Hour], scale: Scale) -> Self {
        let scaled: Vec<Option<f64>> =
            hours.iter().map(|hour| hour.value.map(|value| scale.on(value))).collect();
        let changes = (1..=LEADS).map(|lead| {
            let pairs = scaled.iter().zip(scaled.iter().skip(lead)).step_by(ORIGIN_STEP);
            let mut apart: Vec<f64> =
                pairs.filter_map(|(now, then)| Some((*then)? - (*now)?)).collect();
            apart.sort_unstable_by(f64::total_cmp);
            LEVELS.map(|level| quantile(&apart, level).unwrap_or(0.0))
        });
        Self { scale, changes: changes.collect() }
    }

    /// None when there is no value of late.
    pub fn ask(&self, hours: &[Hour], origin: usize, lead: usize) -> Option<[f64; 7]> {
        let now = latest(hours, origin)?;
        let scaled = self.scale.on(now);
        let mut quantiles =
            self.changes.get(lead.checked_sub(1)?)?.map(|change| self.scale.back(scaled + change));
        // The middle is what it is now: that is what persistence means.
        quantiles[3] = now.clamp(quantiles[2].min(now), quantiles[4].max(now));
        quantiles.sort_unstable_by(f64::total_cmp);
        Some(quantiles)
    }
}

/// It is as it was in this month at this hour.
#[derive(Clone, Debug)]
pub(super) struct Climatology {
    /// By month and hour of the day.
    quantiles: Vec<[f64; 7]>,
}

impl Climatology {
    pub fn of(hours: &[Hour]) -> Self {
        let mut values = vec![Vec::new(); 12 * 24];
        let mut any_month = vec![Vec::new(); 24];
        for hour in hours {
            let Some(value) = hour.value else { continue };
            // The hours beside belong to it as well: there are few years.
            for beside in [23, 0, 1] {
                let of_day = (usize::from(hour.at.hour) + beside) % 24;
                values[slot(hour.at.month, of_day)].push(value);
                any_month[of_day].push(value);
            }
        }
        for sorted in any_month.iter_mut().chain(&mut values) {
            sorted.sort_unstable_by(f64::total_cmp);
        }
        let quantiles = values.iter().enumerate().map(|(at, values)| {
            // A month that nobody has seen is taken for any.
            let of = if values.len() < ENOUGH { &any_month[at % 24] } else { values };
            LEVELS.map(|level| quantile(of, level).unwrap_or(0.0))
        });
        Self { quantiles: quantiles.collect() }
    }

    pub fn ask(&self, at: Civil) -> [f64; 7] {
        self.quantiles[slot(at.month, usize::from(at.hour) % 24)]
    }
}

fn slot(month: u8, hour: usize) -> usize {
    usize::from(month.clamp(1, 12) - 1) * 24 + hour
}
