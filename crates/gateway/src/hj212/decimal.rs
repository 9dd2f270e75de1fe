//! Decimal text to a number while the point moves: the text stays exact.

use std::io::Write;

/// The number that `text` stands for, times ten to the power of `shift`; `None` when it is no number.
///
/// The point is moved in the text and the result is rounded once, so the shortest decimal text of the
/// result is the device's text with another point.
pub fn number(text: &[u8], shift: i32) -> Option<f64> {
    if shift == 0 {
        return hj212::number(text);
    }
    hj212::number(text)?;
    let text = text.trim_ascii();
    let exponent_at = text.iter().position(|byte| matches!(byte, b'e' | b'E'));
    let (digits, exponent) = match exponent_at {
        Some(at) => (&text[..at], std::str::from_utf8(&text[at + 1..]).ok()?.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let mut moved = [0_u8; 96];
    let mut rest = &mut moved[..];
    rest.write_all(digits).ok()?;
    write!(rest, "e{}", exponent.checked_add(shift)?).ok()?;
    let unused = rest.len();
    let moved = &moved[..moved.len() - unused];
    std::str::from_utf8(moved).ok()?.parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moving_the_point_keeps_the_decimal_text() {
        let check = |text: &str, shift, expected: &str| {
            let number = number(text.as_bytes(), shift).unwrap();
            assert_eq!(format!("{number}"), expected, "{text} e{shift}");
        };
        check("0.052", 3, "52");
        check("35012", -3, "35.012");
        check("0.1", 3, "100");
        check("4.35", 3, "4350");
        check("1.1", -3, "0.0011");
        check("-2.5e-1", 3, "-250");
        check(" 7.1 ", 0, "7.1");
    }

    #[test]
    fn words_stay_no_numbers_wherever_the_point_goes() {
        for word in ["", "NULL", "-", "NaN", "inf", "1e308"] {
            assert_eq!(number(word.as_bytes(), 3), None, "{word}");
        }
    }
}
