//! Words for people, Chinese and English.

use crate::finding::Raised;
use crate::rule::{Kind, Rule};
use model::Timestamp;
use serde::{Deserialize, Serialize};
use standards::Zone;

/// The same in two languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// From both.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

/// A number as people read it: at most three digits after the point, none for nothing.
pub fn number(value: f64) -> String {
    let places = if value.abs() >= 100.0 { 0 } else { 3 };
    let text = format!("{value:.places$}");
    if !text.contains('.') {
        return text;
    }
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text.is_empty() || text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Why something was raised: one sentence with the numbers, in both languages.
pub(crate) fn sentence(
    rule: &Rule,
    raised: &Raised,
    place: &Text,
    symbol: &str,
    zone: &Zone,
) -> Text {
    let (value, threshold) = (number(raised.value), number(raised.threshold));
    let unit = match model::unit_text(&raised.unit) {
        none if none.is_empty() => none,
        unit => format!(" {unit}"),
    };
    let percent = |share: f64| format!("{}%", number((share * 1000.0).round() / 10.0));
    let (part, whole) = (percent(raised.value), percent(raised.threshold));
    let since = clock(raised.began, zone);
    let law =
        if raised.edition.is_empty() { String::new() } else { format!(" ({})", raised.edition) };
    let english = if place.en.is_empty() { &place.zh } else { &place.en };
    let is_floor = raised.value < raised.threshold;
    let (zh_side, en_side) = if is_floor { ("低于", "below") } else { ("高于", "above") };
    let (zh, en) = match rule.kind {
        Kind::Limit | Kind::ClassWorse => (
            format!("{symbol} 为 {value}{unit}，{zh_side} {threshold}{unit}{law}"),
            format!("{symbol} is {value}{unit}, {en_side} {threshold}{unit}{law}"),
        ),
        Kind::Sustained => (
            format!("{symbol} 在 {} 内有 {part} 的数据超限，达到 {whole}", rule.window),
            format!(
                "{part} of the values of {symbol} in {} are beyond the threshold, at least {whole}",
                rule.window
            ),
        ),
        Kind::SuddenRise => (
            format!("{symbol} 突升至 {value}{unit}，高于此前水平所定的 {threshold}{unit}"),
            format!(
                "{symbol} rose to {value}{unit}, above {threshold}{unit} that follows from what was before"
            ),
        ),
        Kind::AboveUpwind => (
            format!("{symbol} 为 {value}{unit}，高于上风向邻近点位所定的 {threshold}{unit}"),
            format!(
                "{symbol} is {value}{unit}, above {threshold}{unit} that follows from the neighbours upwind"
            ),
        ),
        Kind::Night => (
            format!("夜间 {symbol} 为 {value}{unit}，{zh_side} {threshold}{unit}{law}"),
            format!("{symbol} is {value}{unit} at night, {en_side} {threshold}{unit}{law}"),
        ),
        Kind::DownstreamWorse => (
            format!("{symbol} 为 {value}{unit}，高于上游断面所定的 {threshold}{unit}"),
            format!(
                "{symbol} is {value}{unit}, above {threshold}{unit} that follows from the place upstream"
            ),
        ),
        Kind::OxygenCollapse => (
            format!("溶解氧骤降至 {value}{unit}，低于 {threshold}{unit}"),
            format!("dissolved oxygen fell to {value}{unit}, below {threshold}{unit}"),
        ),
        Kind::Silent => (
            format!("设备已 {value} 分钟无数据，超过 {threshold} 分钟"),
            format!("the device has been silent for {value} min, more than {threshold} min"),
        ),
        Kind::Transmission => (
            format!("近 24 小时传输率 {part}，低于 {whole}"),
            format!("{part} of the last 24 hours came, below {whole}"),
        ),
        Kind::Frozen => (
            format!("各项数据已 {value} 小时不变，达到 {threshold} 小时"),
            format!("no value has changed for {value} h, at least {threshold} h"),
        ),
    };
    Text::new(
        format!("{}：{zh}，自 {since} 起", place.zh),
        format!("{english}: {en}, since {since}"),
    )
}

/// Civil month, day, hour and minute.
fn clock(at: Timestamp, zone: &Zone) -> String {
    zone.civil(at)
        .map_or_else(|_| at.to_string(), |civil| civil.strftime("%m-%d %H:%M").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_say_no_more_than_they_know() {
        let check = |value, text: &str| assert_eq!(number(value), text);
        check(212.0, "212");
        check(1.5, "1.5");
        check(0.25, "0.25");
        check(1234.56, "1235");
        check(0.0, "0");
    }
}
