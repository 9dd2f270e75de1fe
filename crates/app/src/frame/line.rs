//! Lines of input as bytes of frames.

use std::io::{self, BufRead, Read};

/// Longest line looked at, in bytes. A frame escaped byte by byte needs six for each of its own.
const LINE_BYTES_MAX: u64 = 1 << 20;

/// One line, without its LF.
pub(super) enum Line {
    Whole(Vec<u8>),
    /// Longer than [`LINE_BYTES_MAX`]; skipped.
    TooLong,
}

/// The next line; `None` at the end of the input.
pub(super) fn next(input: &mut impl BufRead) -> io::Result<Option<Line>> {
    let mut line = Vec::new();
    if input.by_ref().take(LINE_BYTES_MAX + 1).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if line.len() as u64 > LINE_BYTES_MAX {
        input.skip_until(b'\n')?;
        return Ok(Some(Line::TooLong));
    }
    Ok(Some(Line::Whole(line)))
}

/// The bytes that a line may stand for, the likeliest first.
///
/// Escapes are those of JSON. Above ASCII they are ambiguous: `\u00c7` is the byte C7 or the character
/// Ç, and Ç spelled out is two bytes of UTF-8 or a byte that somebody decoded as Latin-1. The frame
/// itself tells, by its checksum.
pub(super) fn readings(line: &[u8]) -> Vec<Vec<u8>> {
    // A frame that was written to a file raw ends the line with its own CR LF.
    let (line, crlf) = match line.strip_suffix(b"\r") {
        Some(line) => (line, true),
        None => (line, false),
    };
    let line = unquoted(line.trim_ascii());
    let mut readings = vec![unescape(line, false)];
    if !readings[0].is_ascii() || line.contains(&b'\\') {
        let characters = unescape(line, true);
        if let Some(latin) = latin1(&characters) {
            readings.push(latin);
        }
        readings.push(characters);
    }
    if crlf {
        for reading in &mut readings {
            reading.extend_from_slice(b"\r\n");
        }
    }
    readings
}

/// The line without the quotes, and the comma, of a JSON string.
fn unquoted(line: &[u8]) -> &[u8] {
    let inside = line.strip_suffix(b",").unwrap_or(line);
    inside.strip_prefix(b"\"").and_then(|inside| inside.strip_suffix(b"\"")).unwrap_or(line)
}

/// Resolves JSON escapes; what is none stays as it is. `\u0080` to `\u00ff` become one byte, or with
/// `as_characters` their UTF-8.
fn unescape(line: &[u8], as_characters: bool) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(line.len());
    let mut rest = line;
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        let (byte, used) = match after {
            [b'n', ..] => (b'\n', 1),
            [b'r', ..] => (b'\r', 1),
            [b't', ..] => (b'\t', 1),
            [b'b', ..] => (8, 1),
            [b'f', ..] => (12, 1),
            [other @ (b'"' | b'\\' | b'/'), ..] => (*other, 1),
            [b'u', digits @ ..] => match unicode(digits) {
                Some((character, used)) => {
                    rest = &after[1 + used..];
                    match u8::try_from(character) {
                        Ok(byte) if !as_characters => bytes.push(byte),
                        _ => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
                    }
                    continue;
                }
                None => (b'\\', 0),
            },
            _ => (b'\\', 0),
        };
        bytes.push(byte);
        rest = &after[used..];
    }
    bytes
}

/// The character of four hexadecimal digits, or of a pair of surrogates, and the bytes it takes.
fn unicode(digits: &[u8]) -> Option<(char, usize)> {
    let unit = |digits: &[u8]| {
        let digits = std::str::from_utf8(digits.get(..4)?).ok()?;
        digits
            .bytes()
            .all(|digit| digit.is_ascii_hexdigit())
            .then(|| u32::from_str_radix(digits, 16).ok())?
    };
    let first = unit(digits)?;
    if let Some(character) = char::from_u32(first) {
        return Some((character, 4));
    }
    let second = unit(digits.get(4..)?.strip_prefix(b"\\u")?)?;
    if !(0xD800..0xDC00).contains(&first) || !(0xDC00..0xE000).contains(&second) {
        return None;
    }
    let code = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
    Some((char::from_u32(code)?, 10))
}

/// Text of characters up to U+00FF as one byte each.
fn latin1(text: &[u8]) -> Option<Vec<u8>> {
    std::str::from_utf8(text).ok()?.chars().map(|character| u8::try_from(character).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &[u8]) {
        assert_eq!(readings(line.as_bytes())[0], expected, "{line}");
    }

    #[test]
    fn escapes_are_resolved_and_all_else_stays() {
        check(r"a\r\n", b"a\r\n");
        check(r"a\\r\\n", br"a\r\n");
        check(r#""a\/b\"""#, b"a/b\"");
        check(r#""a","#, b"a");
        check(r"\u00fe\u0000", &[0xFE, 0]);
        check(r"\u6e05", "清".as_bytes());
        check(r"\ud83d\ude00", "😀".as_bytes());
        check(r"\ud83d", br"\ud83d");
        check(r"\u12", br"\u12");
        check(r"\u+123", br"\u+123");
        check(r"\x41\", br"\x41\");
    }

    #[test]
    fn a_line_beyond_the_limit_is_skipped_whole() {
        let mut input = vec![b'a'; LINE_BYTES_MAX as usize + 10];
        input.extend_from_slice(b"\nnext");
        let mut input = &input[..];
        assert!(matches!(next(&mut input).unwrap(), Some(Line::TooLong)));
        assert!(matches!(next(&mut input).unwrap(), Some(Line::Whole(line)) if line == b"next"));
        assert!(next(&mut input).unwrap().is_none());
    }
}
