//! What one cell of a file says: a time, a concentration, or why it is neither.

use super::{CoUnit, Label};
use jiff::civil::DateTime;
use model::{HOUR_MS, Timestamp};
use standards::air::Pollutant;
use standards::{Exact, Zone};
use std::fmt;

/// What is wrong and what became of it, in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    pub zh: &'static str,
    pub en: &'static str,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.en)
    }
}

pub const BELOW: Problem = Problem {
    zh: "低于检出限而无数值；按缺测处理",
    en: "below detection has no number; counted as missing",
};
const BOUND: Problem = Problem {
    zh: "界限不是数值；按缺测处理",
    en: "a bound is not a value; counted as missing",
};
pub const NO_NUMBER: Problem =
    Problem { zh: "不是数字；按缺测处理", en: "not a number; counted as missing" };
pub const NEGATIVE: Problem = Problem {
    zh: "负值不是浓度；按缺测处理",
    en: "a negative number is no concentration; counted as missing",
};
pub const TOO_LONG: Problem =
    Problem { zh: "数字过长；按缺测处理", en: "too long a number; counted as missing" };
const NO_TIME: Problem = Problem {
    zh: "不是形如 2026-03-01 08:00 的时间；该行未采用",
    en: "not a time like 2026-03-01 08:00; the row is not used",
};
const NO_DATE: Problem = Problem {
    zh: "日历上没有这一天或这一时刻；该行未采用",
    en: "the calendar has no such day or time; the row is not used",
};
const NO_HOUR: Problem =
    Problem { zh: "不是整点；该行未采用", en: "not on the hour; the row is not used" };
const SKIPPED: Problem = Problem {
    zh: "夏令时跳过了这一时刻；该行未采用",
    en: "clocks were put forward over this time; the row is not used",
};
pub const DISAGREES: Problem = Problem {
    zh: "该时次此前已有不同数值；采用先出现的",
    en: "this hour was there before with other values; the first is used",
};

/// Whether the cell says that there is no value.
pub fn is_missing(text: &str) -> bool {
    const MISSING: [&str; 14] =
        ["", "NA", "N/A", "NaN", "nan", "null", "-", "--", "—", "——", "/", "无", "缺测", "None"];
    MISSING.contains(&text)
}

/// Whether the cell says that the value lies below detection, without a number.
pub fn is_below(text: &str) -> bool {
    matches!(text, "ND" | "nd" | "N.D." | "n.d." | "未检出" | "<DL" | "L")
}

/// A concentration in the canonical unit; none where the cell says that it is missing.
pub fn concentration(
    text: &str,
    pollutant: Pollutant,
    unit: MassUnit,
) -> Result<Option<f64>, Problem> {
    let text = text.trim();
    if is_missing(text) {
        return Ok(None);
    }
    let Ok(exact) = Exact::parse(text) else {
        return Err(match text {
            _ if is_below(text) => BELOW,
            _ if text.starts_with(['<', '>', '＜', '＞']) => BOUND,
            _ => NO_NUMBER,
        });
    };
    if exact.is_negative() {
        return Err(NEGATIVE);
    }
    let thousand = Exact::whole(1000);
    let canonical = match (pollutant == Pollutant::Co, unit) {
        (true, MassUnit::Ug) => exact.over(&thousand),
        (false, MassUnit::Mg) => exact.times(&thousand),
        _ => Ok(exact),
    };
    canonical.map(|value| Some(value.to_f64())).map_err(|_| TOO_LONG)
}

/// The unit of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MassUnit {
    /// mg/m³
    Mg,
    /// µg/m³
    Ug,
}

impl MassUnit {
    /// The unit that a header names in brackets; `Err` with the text for one that is none of mass.
    pub fn in_header(header: &str) -> Result<Option<Self>, String> {
        let Some((_, rest)) = header.split_once(['(', '（', '[']) else { return Ok(None) };
        let text: String = rest.trim_end_matches([')', '）', ']']).to_lowercase();
        let text = text.replace(['³', '^', ' '], "3").replace(['µ', 'μ'], "u");
        match text.replace("33", "3").as_str() {
            "ug/m3" => Ok(Some(Self::Ug)),
            "mg/m3" => Ok(Some(Self::Mg)),
            "" => Ok(None),
            _ => Err(rest.trim_end_matches([')', '）', ']']).to_owned()),
        }
    }
}

impl From<CoUnit> for MassUnit {
    fn from(unit: CoUnit) -> Self {
        match unit {
            CoUnit::Mg => Self::Mg,
            CoUnit::Ug => Self::Ug,
        }
    }
}

/// The start of the hour that `text` names: with an offset an instant, else civil time of the zone.
/// Tells whether there was an offset.
pub fn hour(text: &str, label: Label, zone: &Zone) -> Result<(Timestamp, bool), Problem> {
    let (at, has_offset) = instant(text, zone)?;
    Ok((start(at, label, zone)?, has_offset))
}

/// The instant that `text` names, and whether there was an offset.
pub fn instant(text: &str, zone: &Zone) -> Result<(Timestamp, bool), Problem> {
    let text = text.trim();
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Ok((Timestamp::from_ms(instant.as_millisecond()), true));
    }
    let asked = civil(text)?;
    let at = zone.instant(asked).map_err(|_| NO_DATE)?;
    if zone.civil(at).map_err(|_| NO_DATE)? != asked {
        return Err(SKIPPED);
    }
    Ok((at, false))
}

/// The start of the hour named by `at`, which has to lie on an hour of the zone.
fn start(at: Timestamp, label: Label, zone: &Zone) -> Result<Timestamp, Problem> {
    let civil = zone.civil(at).map_err(|_| NO_DATE)?;
    if (civil.minute(), civil.second(), civil.subsec_nanosecond()) != (0, 0, 0) {
        return Err(NO_HOUR);
    }
    Ok(if label == Label::End { at - HOUR_MS } else { at })
}

/// `2026-03-01 08:00`, `2026-03-01T08`, `2026/3/1 8:00:00`; hour 24 is the next midnight.
pub fn civil(text: &str) -> Result<DateTime, Problem> {
    let numbers = |text: &str, marks: &[char]| -> Result<Vec<i16>, Problem> {
        text.splitn(3, marks).map(|part| part.parse().map_err(|_| NO_TIME)).collect()
    };
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, "0"));
    let date = numbers(date.trim_end_matches('日'), &['-', '/', '年', '月'])?;
    let time = numbers(time.trim().trim_end_matches('时'), &[':', '：'])?;
    let [year, month, day] = date[..] else { return Err(NO_TIME) };
    let part = |at: usize| time.get(at).copied().unwrap_or(0);
    let narrow = |number: i16| i8::try_from(number).map_err(|_| NO_DATE);
    let date = jiff::civil::Date::new(year, narrow(month)?, narrow(day)?).map_err(|_| NO_DATE)?;
    if (part(0), part(1), part(2)) == (24, 0, 0) {
        return Ok(date.tomorrow().map_err(|_| NO_DATE)?.at(0, 0, 0, 0));
    }
    let time = jiff::civil::Time::new(narrow(part(0))?, narrow(part(1))?, narrow(part(2))?, 0);
    Ok(date.to_datetime(time.map_err(|_| NO_DATE)?))
}
