//! Statistics as the assessment rules define them, on exact numbers.

use crate::exact::{Exact, ExactError};

/// The arithmetic mean; none of no values.
///
/// # Errors
/// [`ExactError::TooLarge`] when the sum does not fit.
pub fn mean(values: &[Exact]) -> Result<Option<Exact>, ExactError> {
    let mut sum = Exact::ZERO;
    for value in values {
        sum = sum.plus(value)?;
    }
    let Ok(count) = i64::try_from(values.len()) else { return Err(ExactError::TooLarge) };
    if count == 0 { Ok(None) } else { sum.over(&Exact::whole(count)).map(Some) }
}

/// The percentile by linear interpolation between ranks: `k = 1 + (n - 1) p / 100`,
/// `X(s) + (X(s+1) - X(s)) (k - s)` (HJ 663-2013, annex A). None of no values.
///
/// # Errors
/// [`ExactError::TooLarge`] when a step does not fit.
pub fn percentile(values: &[Exact], percent: u8) -> Result<Option<Exact>, ExactError> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let Some(last) = sorted.len().checked_sub(1) else { return Ok(None) };
    // The rank counted from nought, in hundredths.
    let rank = last * usize::from(percent.min(100));
    let (below, part) = (rank / 100, rank % 100);
    let low = sorted[below];
    if part == 0 {
        return Ok(Some(low));
    }
    let step = sorted[below + 1].minus(&low)?;
    low.plus(&step.times(&Exact::fraction(part as i128, 100)?)?).map(Some)
}

/// Ranks from 1 up, smallest first; equal values share a rank and the next is skipped (1, 1, 3).
/// What has no value has no rank.
pub fn ranks(values: &[Option<Exact>]) -> Vec<Option<u32>> {
    let smaller = |value: &Exact| values.iter().flatten().filter(|other| *other < value).count();
    values.iter().map(|value| value.as_ref().map(|v| smaller(v) as u32 + 1)).collect()
}

/// Spearman's rank correlation of values in the order of time: `1 - 6 sum(d^2) / (n^3 - n)`, ties
/// sharing their mean rank (HJ 663-2013, annex B). None of fewer than two values.
///
/// # Errors
/// [`ExactError::TooLarge`] when a step does not fit.
pub fn spearman(values: &[Exact]) -> Result<Option<Exact>, ExactError> {
    let n = values.len() as i128;
    if n < 2 {
        return Ok(None);
    }
    let mut sum = Exact::ZERO;
    for (year, value) in (1_i128..).zip(values) {
        let below = values.iter().filter(|other| *other < value).count() as i128;
        let same = values.iter().filter(|other| *other == value).count() as i128;
        // Twice the difference, so that a shared rank stays whole.
        let twice = 2 * year - (2 * below + same + 1);
        sum = sum.plus(&Exact::fraction(twice * twice, 4)?)?;
    }
    let share = sum.times(&Exact::whole(6))?.over(&Exact::fraction(n * n * n - n, 1)?)?;
    Exact::whole(1).minus(&share).map(Some)
}

/// `(now - before) / before`; none where there was nothing before.
///
/// # Errors
/// [`ExactError::TooLarge`] when a step does not fit.
pub fn change(now: &Exact, before: &Exact) -> Result<Option<Exact>, ExactError> {
    match now.minus(before)?.over(before) {
        Ok(change) => Ok(Some(change)),
        Err(ExactError::DivisionByZero) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(texts: &str) -> Vec<Exact> {
        texts.split_whitespace().map(|text| Exact::parse(text).unwrap()).collect()
    }

    #[test]
    fn equal_values_share_a_rank_and_the_next_is_skipped() {
        let values: Vec<_> = exact("3 2.75 2.75 4").into_iter().map(Some).chain([None]).collect();
        assert_eq!(ranks(&values), [Some(3), Some(1), Some(1), Some(4), None]);
    }

    #[test]
    fn a_steady_rise_correlates_fully_and_a_shared_rank_counts_half() {
        assert_eq!(spearman(&exact("1 2 3 4 5")).unwrap(), Some(Exact::whole(1)));
        assert_eq!(spearman(&exact("5 4 3 2 1")).unwrap(), Some(Exact::whole(-1)));
        let tied = spearman(&exact("1 1 3")).unwrap().unwrap();
        assert_eq!(tied.to_string(), "0.875");
        assert_eq!(spearman(&exact("1")).unwrap(), None);
    }

    #[test]
    fn good_days_rose_by_109_3_percent() {
        let rise = change(&Exact::whole(226), &Exact::whole(108)).unwrap().unwrap();
        assert_eq!(rise.times(&Exact::whole(100)).unwrap().fixed(1), "109.3");
        assert_eq!(change(&Exact::whole(1), &Exact::ZERO).unwrap(), None);
    }
}
