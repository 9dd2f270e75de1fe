//! An instant as a file writes it.

use crate::hj212::Clock;
use model::Timestamp;
use std::fmt::Write;

/// The instant of RFC 3339 (a blank may stand before the offset), of `YYYY-MM-DD hh:mm[:ss]` or
/// `YYYY/M/D h:mm` in the zone of the clock, or of 14 digits; `None` for anything else.
pub fn instant(text: &str, clock: &Clock) -> Option<Timestamp> {
    let text = text.trim();
    if text.len() > 40 || !text.is_ascii() {
        return None;
    }
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Some(Timestamp::from_ms(instant.as_millisecond()));
    }
    if let Some((civil, offset)) = text.rsplit_once(' ')
        && offset.starts_with(['+', '-'])
    {
        let instant = format!("{civil}{offset}").parse::<jiff::Timestamp>().ok()?;
        return Some(Timestamp::from_ms(instant.as_millisecond()));
    }
    let mut digits = String::with_capacity(14);
    for (at, part) in text.split([' ', 'T', '-', '/', ':']).enumerate() {
        // Years have four digits, all else two.
        let width = if at == 0 { 4 } else { 2 };
        let is_plain = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if at == 0 && is_plain && part.len() == 14 {
            digits.push_str(part);
            continue;
        }
        let fits = if at == 0 { part.len() == width } else { part.len() <= width };
        if !is_plain || !fits || digits.len() >= 14 {
            return None;
        }
        let _ = write!(digits, "{part:0>width$}");
    }
    // A day alone is no instant.
    (digits.len() >= 12).then(|| clock.instant(format!("{digits:0<14}").as_bytes())).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hj212::system_now;

    #[test]
    fn an_instant_is_read_as_files_write_it() {
        let clock = Clock::new("Asia/Shanghai", system_now).unwrap();
        let check = |text: &str, expected: Option<&str>| {
            let found = instant(text, &clock).map(|at| at.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        };
        check("2026-03-01T08:00:00+08:00", Some("2026-03-01T00:00:00.000Z"));
        check("2019-01-01 00:00:00 +01:00", Some("2018-12-31T23:00:00.000Z"));
        check("2026-03-01T00:00:00Z", Some("2026-03-01T00:00:00.000Z"));
        check("2026-03-01 08:00", Some("2026-03-01T00:00:00.000Z"));
        check("2026/3/1 8:00", Some("2026-03-01T00:00:00.000Z"));
        check("20260301080000", Some("2026-03-01T00:00:00.000Z"));
        check("2026-03-01", None);
        check("2026-02-30 08:00", None);
        check("2026-03-01 24:00", None);
        check("2026-03-01 08:00:00:00", None);
        check("0x", None);
        check("", None);
    }
}
