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
    plain(text).or_else(|| any_form(text.trim_ascii()))
}

/// Digits with at most one point, at most 15 of them: mantissa below 2^53 and a power of ten up to
/// 10^15 are both exact, so one division rounds once and correctly.
#[inline]
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

    proptest! {
        #[test]
        fn every_decimal_equals_the_standard_parser(text in "[0-9]{1,9}(\\.[0-9]{0,9})?") {
            prop_assert_eq!(number(text.as_bytes()), text.parse().ok());
        }
    }
}
