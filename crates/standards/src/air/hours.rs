//! Hourly means as they come in: six columns over consecutive hours.

use super::Pollutant;
use crate::exact::{Decimal, Exact, ExactError, quotient, rescaled};
use model::{HOUR_MS, Timestamp};

/// Hourly means of the six pollutants over consecutive hours, each named by its start.
///
/// SO2, NO2, O3, PM10, PM2.5 in µg/m³, CO in mg/m³. `None` is an hour without a valid mean; hours
/// outside the slices count the same. So is a negative or non-finite value: it is no concentration,
/// and the report counts it as refused.
#[derive(Clone, Copy, Debug)]
pub struct Hours<'a> {
    first: Timestamp,
    columns: [&'a [Option<f64>]; 6],
}

impl<'a> Hours<'a> {
    /// `columns` stand in the order of [`Pollutant::ALL`]; the first value of each is the hour that
    /// starts at `first`.
    pub fn new(first: Timestamp, columns: [&'a [Option<f64>]; 6]) -> Self {
        Self { first, columns }
    }

    /// The mean of the hour that starts at `start`.
    pub fn at(&self, pollutant: Pollutant, start: Timestamp) -> Option<f64> {
        let offset = start - self.first;
        if offset % HOUR_MS != 0 {
            return None;
        }
        let at = usize::try_from(offset / HOUR_MS).ok()?;
        self.columns[pollutant.index()].get(at).copied().flatten()
    }

    /// `len` hours from `start` on.
    pub(super) fn window(
        &self,
        pollutant: Pollutant,
        start: Timestamp,
        len: usize,
    ) -> Result<Window, ExactError> {
        debug_assert!(len <= WINDOW_MAX, "a window holds a day and the hours before it");
        let mut window = Window {
            mantissas: [0; WINDOW_MAX],
            scales: [0; WINDOW_MAX],
            there: 0,
            len,
            scale: 0,
            refused: 0,
        };
        let column = self.columns[pollutant.index()];
        let offset = start - self.first;
        if offset % HOUR_MS != 0 {
            return Ok(window);
        }
        for at in 0..len {
            let hour = usize::try_from(offset / HOUR_MS + at as i64).ok();
            let Some(value) = hour.and_then(|hour| *column.get(hour)?) else { continue };
            if !value.is_finite() || value < 0.0 {
                window.refused += 1;
                continue;
            }
            let decimal = Decimal::from_reading(value)?;
            window.mantissas[at] =
                i64::try_from(decimal.mantissa).map_err(|_| ExactError::TooLarge)?;
            window.scales[at] = decimal.scale;
            window.there |= 1 << at;
            window.scale = window.scale.max(decimal.scale);
        }
        Ok(window)
    }
}

/// A day of 25 hours and the seven hours before it.
const WINDOW_MAX: usize = 32;

/// Some consecutive hours of one pollutant; `scale` is the finest among them.
pub(super) struct Window {
    /// Each hour is `mantissa / 10^scale`.
    mantissas: [i64; WINDOW_MAX],
    scales: [u8; WINDOW_MAX],
    /// Bit by bit, whether the hour is there.
    there: u32,
    len: usize,
    scale: u8,
    refused: u16,
}

/// How many values were there, and their sum in the window's scale.
#[derive(Clone, Copy)]
pub(super) struct Sum {
    pub(super) count: u32,
    total: i128,
}

impl Window {
    /// Values that are no concentration.
    pub(super) fn refused(&self) -> u16 {
        self.refused
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// An hour that is there, in the window's scale.
    fn value(&self, at: usize) -> Result<i128, ExactError> {
        rescaled(self.mantissas[at], self.scales[at], self.scale)
    }

    /// The sum of the hours `from..to` of this window.
    pub(super) fn sum(&self, from: usize, to: usize) -> Result<Sum, ExactError> {
        let mut sum = Sum { count: 0, total: 0 };
        for at in from..to.min(self.len) {
            if self.there & (1 << at) != 0 {
                let value = self.value(at)?;
                sum.total = sum.total.checked_add(value).ok_or(ExactError::TooLarge)?;
                sum.count += 1;
            }
        }
        Ok(sum)
    }

    /// The mean of a sum; none of no values.
    pub(super) fn mean(&self, sum: Sum) -> Result<Option<Exact>, ExactError> {
        if sum.count == 0 {
            return Ok(None);
        }
        quotient(sum.total, self.scale, sum.count).map(Some)
    }

    /// The largest hour.
    pub(super) fn max(&self) -> Result<Option<Exact>, ExactError> {
        let mut largest = None;
        for at in (0..self.len).filter(|at| self.there & (1 << at) != 0) {
            largest = largest.max(Some(self.value(at)?));
        }
        largest.map(|value| quotient(value, self.scale, 1)).transpose()
    }
}

impl Sum {
    /// Whether its mean lies above the mean of `other`. Neither may be of no values.
    pub(super) fn mean_above(self, other: Self) -> Result<bool, ExactError> {
        let scaled =
            |a: Self, b: Self| a.total.checked_mul(i128::from(b.count)).ok_or(ExactError::TooLarge);
        Ok(scaled(self, other)? > scaled(other, self)?)
    }
}
