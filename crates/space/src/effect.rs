//! What a measure did, the weather taken out; and the trend that is left when every day has had every weather of its season.
//!
//! After Grange & Carslaw 2018 (doi 10.1016/j.scitotenv.2018.10.344) and, for weather drawn from the same
//! season, Vu and others 2019 (doi 10.5194/acp-19-11303-2019), with boosted trees on daily means in place of their random forests. A
//! measure is judged against what its days would have been by the days outside it; the same is done at dates at which
//! nothing happened (*placebos*), and what comes out there is how wrong the answer may be.

mod day;
mod measure;
mod normal;
#[cfg(test)]
mod tests;

pub use measure::{Effect, EffectDay, Placebo, effect};
pub use normal::{NormalMonth, Normalised, normalised};

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoEffect {
    /// Too few days have a mean and a weather.
    #[error("{have} days outside the measure have a value and a weather; {need} are needed")]
    TooFewDays {
        /// Days there are.
        have: usize,
        /// Days needed.
        need: usize,
    },
    /// The measure is too short, or its days are not there.
    #[error("{have} days of the measure have a value and a weather; {need} are needed")]
    TooShort {
        /// Days there are.
        have: usize,
        /// Days needed.
        need: usize,
    },
    /// The measure is so long that nothing is left to compare.
    #[error("{have} dates are left at which nothing happened; {need} are needed")]
    TooFewPlacebos {
        /// Dates there are.
        have: usize,
        /// Dates needed.
        need: usize,
    },
    /// The first day is after the last.
    #[error("the measure ends before it begins")]
    Window,
}

/// Fewest days to learn from: what a season does has to be seen.
pub const DAYS_MIN: usize = 180;
