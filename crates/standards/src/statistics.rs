//! Statistics as the assessment rules define them, on exact numbers.

use crate::exact::{Exact, ExactError, product};

/// The arithmetic mean; none of no values.
///
/// # Errors
/// [`ExactError::TooLarge`] when the sum does not fit.
pub fn mean(values: &[Exact]) -> Result<Option<Exact>, ExactError> {
    if values.is_empty() {
        return Ok(None);
    }
    // Over one denominator, which soon divides what follows: means of days share a few.
    let (mut sum, mut denominator) = (0_i128, 1_i128);
    for value in values {
        let (n, d) = value.parts();
        // In 64 bits, which is where days lie, the same is many times cheaper.
        if let (Ok(wide), Ok(own)) = (u64::try_from(denominator), u64::try_from(d))
            && wide % own == 0
        {
            let term = product(n, (wide / own).into());
            sum = term.and_then(|term| sum.checked_add(term)).ok_or(ExactError::TooLarge)?;
            continue;
        }
        if denominator % d != 0 {
            let (wider, factor) = widened(denominator, d)?;
            sum = sum.checked_mul(factor).ok_or(ExactError::TooLarge)?;
            denominator = wider;
        }
        let term = n.checked_mul(denominator / d);
        sum = term.and_then(|term| sum.checked_add(term)).ok_or(ExactError::TooLarge)?;
    }
    let count = values.len() as i128;
    Exact::fraction(sum, denominator.checked_mul(count).ok_or(ExactError::TooLarge)?).map(Some)
}

/// The least common multiple of two denominators, and by what the first grew.
fn widened(denominator: i128, other: i128) -> Result<(i128, i128), ExactError> {
    let factor = Exact::fraction(other, denominator)?.parts().0;
    Ok((denominator.checked_mul(factor).ok_or(ExactError::TooLarge)?, factor))
}

/// The percentile by linear interpolation between ranks: `k = 1 + (n - 1) p / 100`,
/// `X(s) + (X(s+1) - X(s)) (k - s)` (HJ 663-2013, annex A). None of no values.
///
/// # Errors
/// [`ExactError::TooLarge`] when a step does not fit.
pub fn percentile(values: &[Exact], percent: u8) -> Result<Option<Exact>, ExactError> {
    let mut sorted = values.to_vec();
    let Some(last) = sorted.len().checked_sub(1) else { return Ok(None) };
    // The rank counted from nought, in hundredths.
    let rank = last * usize::from(percent.min(100));
    let (below, part) = (rank / 100, rank % 100);
    let (_, low, above) = sorted.select_nth_unstable(below);
    let low = *low;
    let Some(high) = above.iter().min().filter(|_| part > 0) else { return Ok(Some(low)) };
    let step = high.minus(&low)?;
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
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn a_mean_equals_the_sum_of_fractions_over_their_count(parts in proptest::collection::vec((-99_999_i128..99_999, 1_i128..240), 1..40)) {
            let values: Vec<Exact> = parts.iter().map(|(n, d)| Exact::fraction(*n, *d).unwrap()).collect();
            let sum = values.iter().try_fold(Exact::ZERO, |sum, value| sum.plus(value));
            let naive = sum.and_then(|sum| sum.over(&Exact::whole(values.len() as i64)));
            // Denominators without a common small multiple may be too large on either way.
            if let (Ok(mean), Ok(naive)) = (mean(&values), naive) {
                prop_assert_eq!(mean, Some(naive));
            }
        }

        #[test]
        fn a_percentile_lies_between_its_neighbours_whatever_the_order(numbers in proptest::collection::vec(-999_i64..999, 1..60), p in 0_u8..=100) {
            let values: Vec<Exact> = numbers.iter().map(|n| Exact::whole(*n)).collect();
            let mut sorted = values.clone();
            sorted.sort_unstable();
            let below = (sorted.len() - 1) * usize::from(p) / 100;
            let value = percentile(&values, p).unwrap().unwrap();
            prop_assert!(sorted[below] <= value && value <= sorted[(below + 1).min(sorted.len() - 1)]);
            sorted.reverse();
            prop_assert_eq!(percentile(&sorted, p).unwrap(), Some(value));
        }
    }
}
