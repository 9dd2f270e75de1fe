//! Decimal text to `f64`, exactly rounded and fast.

/// The number a value stands for, or `None` when it is no number.
///
/// Blanks around it are ignored. Signs, fractions and exponents are read (`-0.052`, `+3.5`, `1.2E-3`).
/// `NULL`, `NaN`, `-`, `--`, an empty value and every other word are `None`: a gap, never 0. Infinities
/// and numbers beyond the range of `f64` are `None` too.
///
/// ```
/// use hj212::number;
/// assert_eq!(number(b"235.242599117822"), Some(235.242599117822));
/// assert_eq!(number(b"NULL"), None);
/// ```
#[inline]
pub fn number(text: &[u8]) -> Option<f64> {
    short(text).or_else(|| long(text))
}

/// Up to eight characters, at most one of them a point, all at once in a word: the mantissa and the
/// power of ten are exact in `f64`, so the one division rounds once and correctly.
#[inline]
fn short(text: &[u8]) -> Option<f64> {
    let len = text.len();
    let word = match len {
        4..=8 => {
            // Two halves that overlap in the middle.
            let low = u64::from(u32::from_le_bytes(*text.first_chunk()?));
            let high = u64::from(u32::from_le_bytes(*text.last_chunk()?));
            low | (high << (8 * (len - 4)))
        }
        1..=3 => text.iter().rev().fold(0, |word, byte| (word << 8) | u64::from(*byte)),
        _ => return None,
    };
    // Right-aligned, zeros in front.
    let missing = 8 * (8 - len as u32);
    let word = (word << missing) | (ZEROS & !(u64::MAX << missing));
    // The lowest point, if there is one, as the top bit of its byte; and the word without it.
    let points = word ^ (0x2E * ONES);
    let point = points.wrapping_sub(ONES) & !points & (0x80 * ONES);
    let (digits, fraction) = if point == 0 {
        (word, 0)
    } else {
        let at = point.trailing_zeros() / 8;
        let before = word & !(u64::MAX << (8 * at));
        let after = word & !(u64::MAX >> (56 - 8 * at));
        ((before << 8) | after | 0x30, 7 - at)
    };
    let mantissa = eight_digits(digits)?;
    let has_digit = len > 1 || point == 0;
    has_digit.then(|| f64::from(mantissa) / POWERS_OF_TEN[fraction as usize])
}

/// The number of eight decimal digits, one a byte, the first lowest; `None` if they are no digits.
#[inline]
pub(crate) fn eight_digits(text: u64) -> Option<u32> {
    let digits = text ^ ZEROS;
    if (digits | digits.wrapping_add(0x76 * ONES)) & (0x80 * ONES) != 0 {
        return None;
    }
    // Pairs, fours, eight.
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8) & 0x00FF_00FF_00FF_00FF;
    let fours = pairs.wrapping_mul(100).wrapping_add(pairs >> 16) & 0x0000_FFFF_0000_FFFF;
    Some(fours.wrapping_mul(10_000).wrapping_add(fours >> 32) as u32)
}

const ONES: u64 = 0x0101_0101_0101_0101;
/// Eight characters `0`.
const ZEROS: u64 = 0x30 * ONES;

/// Digits with at most one point, at most 15 of them, and whatever is no such number.
fn long(text: &[u8]) -> Option<f64> {
    plain(text).or_else(|| any_form(text.trim_ascii()))
}

/// Mantissa below 2^53 and a power of ten up to 10^15 are both exact, so one division rounds once and
/// correctly.
fn plain(text: &[u8]) -> Option<f64> {
    if text.is_empty() || text.len() > 16 {
        return None;
    }
    let mut mantissa = 0_u64;
    let mut point = None;
    for (at, byte) in text.iter().enumerate() {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            mantissa = mantissa * 10 + u64::from(digit);
        } else if *byte == b'.' && point.is_none() {
            point = Some(at);
        } else {
            return None;
        }
    }
    match point {
        None if text.len() <= 15 => Some(mantissa as f64),
        Some(at) if text.len() > 1 => Some(mantissa as f64 / POWERS_OF_TEN[text.len() - 1 - at]),
        _ => None,
    }
}

/// Everything else goes to the standard library, which rounds exactly as well.
#[cold]
fn any_form(text: &[u8]) -> Option<f64> {
    let looks_numeric = text.iter().any(u8::is_ascii_digit)
        && text.iter().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
    if !looks_numeric {
        return None;
    }
    core::str::from_utf8(text).ok()?.parse().ok().filter(|number: &f64| number.is_finite())
}

/// 10^0 to 10^15, all exact.
const POWERS_OF_TEN: [f64; 16] =
    [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_gaps_and_never_zero() {
        for word in [
            "", " ", "-", "--", "NULL", "null", "NaN", "nan", "inf", "-inf", "infinity", ".", "+",
            "1..2", "0x10", "1e999", "12abc", "e5", "1,5",
        ] {
            assert_eq!(number(word.as_bytes()), None, "{word:?}");
        }
    }

    #[test]
    fn signs_fractions_and_exponents_are_read() {
        let cases = [
            ("0", 0.0),
            ("36.91", 36.91),
            (" 7.1 ", 7.1),
            ("-0.052", -0.052),
            ("+3.5", 3.5),
            ("1.2E-3", 0.0012),
            ("5.", 5.0),
            (".5", 0.5),
            ("007", 7.0),
            ("0.1234567890123456789", 0.123_456_789_012_345_68),
        ];
        for (text, expected) in cases {
            assert_eq!(number(text.as_bytes()), Some(expected), "{text:?}");
        }
    }

    /// Every text of up to four characters of those that numbers are made of.
    #[test]
    fn short_texts_are_read_as_long_ones_are() {
        let alphabet = b"019.-+e x/:";
        let mut texts: Vec<Vec<u8>> = vec![Vec::new()];
        for _ in 0..4 {
            let longer: Vec<Vec<u8>> = texts
                .iter()
                .flat_map(|text| alphabet.iter().map(move |c| [&text[..], &[*c]].concat()))
                .collect();
            texts.extend(longer);
        }
        for text in texts {
            assert_eq!(number(&text), long(&text), "{:?}", String::from_utf8_lossy(&text));
        }
    }

    proptest! {
        #[test]
        fn any_eight_bytes_are_read_as_the_long_way_reads_them(text in proptest::collection::vec(any::<u8>(), 0..10)) {
            prop_assert_eq!(number(&text), long(&text));
        }

        #[test]
        fn every_decimal_equals_the_standard_parser(text in "[0-9]{1,9}(\\.[0-9]{0,9})?") {
            prop_assert_eq!(number(text.as_bytes()), text.parse().ok());
        }
    }
}
