//! The outside of a frame: `##`, the length digits, the checksum digits, the tail.

use crate::crc;

/// Bytes of a frame beside its segment when the length has four digits, without CR LF.
pub(crate) const CRC_DIGITS: usize = 4;

/// The length digits at the head of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LengthField {
    /// Digits: where the segment begins (from the first `#`) and how long it should be.
    Found { segment_at: usize, declared: usize },
    /// No length stands here.
    Bad,
    /// The bytes end before this can be told.
    Undecided,
}

/// Reads the length digits of `bytes`, which begin with `##`.
///
/// Four digits are the rule; three and six are seen. A longer run of digits is four and the
/// beginning of the segment, as in the empty frame `##0000FFFF`.
#[inline]
pub(crate) fn length_field(bytes: &[u8]) -> LengthField {
    let after = &bytes[2..];
    // The clean case first: four digits and then a letter.
    if let [a, b, c, d, next, ..] = after
        && [a, b, c, d].iter().all(|byte| byte.is_ascii_digit())
        && !next.is_ascii_digit()
    {
        return found(after, 4);
    }
    let run = after.iter().take(7).take_while(|byte| byte.is_ascii_digit()).count();
    let decided = run == 7 || run < after.len();
    match run {
        _ if !decided => LengthField::Undecided,
        0..=2 => LengthField::Bad,
        3 => found(after, 3),
        6 => found(after, 6),
        _ => found(after, 4),
    }
}

fn found(after: &[u8], digits: usize) -> LengthField {
    let declared =
        after[..digits].iter().fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0'));
    LengthField::Found { segment_at: 2 + digits, declared }
}

/// The checksum that four hexadecimal digits stand for; `None` if they are not.
#[inline]
pub(crate) fn hex4(digits: &[u8]) -> Option<u16> {
    let digits: &[u8; CRC_DIGITS] = digits.try_into().ok()?;
    let mut value = 0_u16;
    for digit in digits {
        let nibble = match digit {
            b'0'..=b'9' => digit - b'0',
            b'A'..=b'F' => digit - b'A' + 10,
            b'a'..=b'f' => digit - b'a' + 10,
            _ => return None,
        };
        value = (value << 4) | u16::from(nibble);
    }
    Some(value)
}

/// Whether a segment of `declared` bytes from `segment_at` is followed by its own checksum.
#[inline]
pub(crate) fn checks_out(bytes: &[u8], segment_at: usize, declared: usize) -> bool {
    let end = segment_at + declared;
    match (bytes.get(segment_at..end), bytes.get(end..end + CRC_DIGITS)) {
        (Some(segment), Some(digits)) => hex4(digits) == Some(crc(segment)),
        _ => false,
    }
}

/// What stands after the checksum digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tail {
    /// CR LF, as the standard asks.
    CrLf,
    /// LF alone.
    Lf,
    /// CR alone.
    Cr,
    /// The four characters `\r\n`, spelled out.
    Literal,
    /// Nothing, or something else.
    Missing,
}

impl Tail {
    /// The tail that `bytes` begin with.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        match bytes {
            [b'\r', b'\n', ..] => Self::CrLf,
            [b'\n', ..] => Self::Lf,
            [b'\r', ..] => Self::Cr,
            [b'\\', b'r', b'\\', b'n', ..] => Self::Literal,
            _ => Self::Missing,
        }
    }

    /// Its number of bytes.
    pub(crate) const fn len(self) -> usize {
        match self {
            Self::CrLf => 2,
            Self::Lf | Self::Cr => 1,
            Self::Literal => 4,
            Self::Missing => 0,
        }
    }
}

/// `bytes` without the line end, in any of its forms, and the blanks that stand at their end.
pub(crate) fn without_tail(bytes: &[u8]) -> &[u8] {
    let trimmed = bytes.trim_ascii_end();
    trimmed.strip_suffix(br"\r\n").unwrap_or(trimmed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_digits_are_four_and_sometimes_three_or_six() {
        let check =
            |head: &str, expected| assert_eq!(length_field(head.as_bytes()), expected, "{head}");
        check("##0101QN", LengthField::Found { segment_at: 6, declared: 101 });
        check("##101QN", LengthField::Found { segment_at: 5, declared: 101 });
        check("##000101QN", LengthField::Found { segment_at: 8, declared: 101 });
        check("##0000FFFF", LengthField::Found { segment_at: 6, declared: 0 });
        check("##00001234\r", LengthField::Found { segment_at: 6, declared: 0 });
        check("##01X2", LengthField::Bad);
        check("## 162", LengthField::Bad);
        check("##", LengthField::Undecided);
        check("##0101", LengthField::Undecided);
    }

    #[test]
    fn checksum_digits_are_hexadecimal_in_either_case() {
        assert_eq!(hex4(b"1C80"), Some(0x1C80));
        assert_eq!(hex4(b"f9c1"), Some(0xF9C1));
        assert_eq!(hex4(b"G441"), None);
        assert_eq!(hex4(b"+441"), None);
        assert_eq!(hex4(b"441"), None);
    }
}
