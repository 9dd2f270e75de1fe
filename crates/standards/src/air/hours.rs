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
        let mut window = Window { sums: [0; WINDOW_MAX + 1], there: 0, len, scale: 0, refused: 0 };
        let column = self.columns[pollutant.index()];
        let offset = start - self.first;
        if offset % HOUR_MS != 0 {
            return Ok(window);
        }
        let (mut mantissas, mut scales) = ([0_i64; WINDOW_MAX], [0_u8; WINDOW_MAX]);
        let mut is_mixed = false;
        for at in 0..len {
            let hour = usize::try_from(offset / HOUR_MS + at as i64).ok();
            let Some(value) = hour.and_then(|hour| *column.get(hour)?) else { continue };
            if !value.is_finite() || value < 0.0 {
                window.refused += 1;
                continue;
            }
            let decimal = Decimal::from_reading(value)?;
            mantissas[at] = i64::try_from(decimal.mantissa).map_err(|_| ExactError::TooLarge)?;
            scales[at] = decimal.scale;
            window.there |= 1 << at;
            is_mixed |= decimal.scale != 0;
            window.scale = window.scale.max(decimal.scale);
        }
        if is_mixed {
            for at in (0..len).filter(|at| window.there & (1 << at) != 0) {
                let value = rescaled(mantissas[at], scales[at], window.scale)?;
                mantissas[at] = i64::try_from(value).map_err(|_| ExactError::TooLarge)?;
            }
        }
        let mut sum = 0_i64;
        for (slot, mantissa) in window.sums[1..].iter_mut().zip(mantissas) {
            sum = sum.checked_add(mantissa).ok_or(ExactError::TooLarge)?;
            *slot = sum;
        }
        Ok(window)
    }
}

/// A day of 25 hours and the seven hours before it.
const WINDOW_MAX: usize = 32;

/// Some consecutive hours of one pollutant, in the finest scale among them.
pub(super) struct Window {
    /// The sums of the hours before each, so that a sum of any of them is one difference.
    sums: [i64; WINDOW_MAX + 1],
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
    total: i64,
}

impl Window {
    /// Values that are no concentration.
    pub(super) fn refused(&self) -> u16 {
        self.refused
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The sum of the hours `from..to` of this window.
    pub(super) fn sum(&self, from: usize, to: usize) -> Sum {
        let to = to.min(self.len);
        if from >= to {
            return Sum { count: 0, total: 0 };
        }
        let bits = (u64::from(self.there) >> from) & ((1 << (to - from)) - 1);
        Sum { count: bits.count_ones(), total: self.sums[to] - self.sums[from] }
    }

    /// The mean of a sum; none of no values.
    pub(super) fn mean(&self, sum: Sum) -> Result<Option<Exact>, ExactError> {
        if sum.count == 0 {
            return Ok(None);
        }
        quotient(sum.total.into(), self.scale, sum.count).map(Some)
    }

    /// The largest hour.
    pub(super) fn max(&self) -> Result<Option<Exact>, ExactError> {
        let there = (0..self.len).filter(|at| self.there & (1 << at) != 0);
        let largest = there.map(|at| self.sums[at + 1] - self.sums[at]).max();
        largest.map(|value| quotient(value.into(), self.scale, 1)).transpose()
    }
}

impl Sum {
    /// Whether its mean lies above the mean of `other`. Neither may be of no values.
    pub(super) fn mean_above(self, other: Self) -> bool {
        let scaled = |a: Self, b: Self| i128::from(a.total) * i128::from(b.count);
        scaled(self, other) > scaled(other, self)
    }
}
