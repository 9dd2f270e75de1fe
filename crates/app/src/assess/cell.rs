//! What one cell of a file says: a time, a concentration, or why it is neither.

use super::{CoUnit, Label};
use jiff::civil::DateTime;
use model::{HOUR_MS, Timestamp};
use standards::air::Pollutant;
use standards::{Exact, Zone};

/// A concentration in the canonical unit; none where the cell says that it is missing.
pub fn concentration(
    text: &str,
    pollutant: Pollutant,
    co_unit: CoUnit,
) -> Result<Option<f64>, &'static str> {
    const MISSING: [&str; 9] = ["", "NA", "N/A", "NaN", "nan", "null", "-", "--", "—"];
    let text = text.trim();
    if MISSING.contains(&text) {
        return Ok(None);
    }
    let Ok(exact) = Exact::parse(text) else {
        return Err(match text {
            "ND" | "nd" | "N.D." => "below detection has no number; counted as missing",
            _ if text.starts_with(['<', '>']) => "a bound is not a value; counted as missing",
            _ => "not a number; counted as missing",
        });
    };
    if exact.is_negative() {
        return Err("a negative number is no concentration; counted as missing");
    }
    if pollutant == Pollutant::Co && co_unit == CoUnit::Ug {
        let thousandth = exact.over(&Exact::whole(1000)).map_err(|_| "too long a number")?;
        return Ok(Some(thousandth.to_f64()));
    }
    Ok(Some(exact.to_f64()))
}

/// The start of the hour that `text` names: with an offset an instant, else civil time of the zone.
pub fn hour(text: &str, label: Label, zone: &Zone) -> Result<Timestamp, &'static str> {
    const WHAT: &str = "not a time like 2026-03-01 08:00; the row is not used";
    let text = text.trim();
    let at = match text.parse::<jiff::Timestamp>() {
        Ok(instant) => Timestamp::from_ms(instant.as_millisecond()),
        Err(_) => zone.instant(civil(text).ok_or(WHAT)?).map_err(|_| WHAT)?,
    };
    start(at, label)
}

/// The start of the hour named by `at`.
pub fn start(at: Timestamp, label: Label) -> Result<Timestamp, &'static str> {
    // Zones a quarter of an hour apart from UTC exist; their hours start on the quarter.
    const QUARTER_MS: i64 = HOUR_MS / 4;
    if at.floor(QUARTER_MS) != at {
        return Err("not on the hour; the row is not used");
    }
    Ok(if label == Label::End { at - HOUR_MS } else { at })
}

/// `2026-03-01 08:00`, `2026-03-01T08`, `2026/3/1 8:00:00`; hour 24 is the next midnight.
fn civil(text: &str) -> Option<DateTime> {
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, "0"));
    let mut ymd = date.splitn(3, ['-', '/']);
    let mut next = || ymd.next().and_then(|part| part.parse().ok());
    let (year, month, day): (i16, i16, i16) = (next()?, next()?, next()?);
    let mut hms = time.trim().splitn(3, ':');
    let mut next = || hms.next().map_or(Some(0), |part| part.parse::<i8>().ok());
    let (hour, minute, second) = (next()?, next()?, next()?);
    let date = jiff::civil::Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()?;
    if hour == 24 && minute == 0 && second == 0 {
        return Some(date.tomorrow().ok()?.at(0, 0, 0, 0));
    }
    let time = jiff::civil::Time::new(hour, minute, second, 0).ok()?;
    Some(date.to_datetime(time))
}
