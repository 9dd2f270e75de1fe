//! What is said of a comparison, in both languages.

use super::{Asked, Changed, Drift, Found, Reference, Verdict, span};
use crate::words::Words;
use draw::Language;
use model::Place;
use space::drift::{NoCorrection, PAIRS_MIN};
use standards::Zone;

/// What is in doubt about every answer; the shares are measured, see `docs/science.md`.
pub fn doubts() -> Vec<Words> {
    vec![
        Words::new(
            "增益与截距各以 90 % 判断：十台准确的仪器中，会有一两台偶然被判为偏离",
            "gain and offset are each judged with 90 %: of ten right instruments one or two are called off by chance",
        ),
        Words::new(
            "实测传感器上，90 % 区间覆盖了 84 % 至 88 %；没有变化的 28 天中有 2 % 至 11 % 被判为增益变化，季节变化时为 23 % 至 36 %",
            "on real sensors the interval of 90 % held 84 to 88 %; of 28 days without a change 2 to 11 % said that the gain changed, of days with a season in them 23 to 36 %",
        ),
        Words::new(
            "两处空气本身的差别也计入增益与截距，相距越远越多",
            "what the air itself differs by between the two places is part of gain and offset, the more the farther apart they are",
        ),
    ]
}

pub(super) fn nothing_near(nearest: Option<(&Place, f64)>, asked: &Asked<'_>) -> Words {
    let (symbol, within_m) = (&asked.parameter.symbol, asked.within_m);
    let Some((place, away_m)) = nearest else {
        return Words::new(
            format!("没有标准站测 {symbol}，不提出订正"),
            format!("no standard station measures {symbol}: nothing is proposed"),
        );
    };
    let Reference { name, distance_m, .. } = Reference::of(place, away_m);
    Words::new(
        format!(
            "{within_m} m 内没有测 {symbol} 的标准站，最近的 {} 相距 {distance_m} m：不提出订正",
            name.zh
        ),
        format!(
            "no standard station within {within_m} m measures {symbol}, the nearest, {}, is {distance_m} m away: nothing is proposed",
            name.en
        ),
    )
}

pub(super) fn refused(refusal: &NoCorrection) -> (Verdict, Words) {
    match refusal {
        NoCorrection::TooFew { pairs } => (
            Verdict::TooFew,
            Words::new(
                format!("两者只在 {pairs} 个 6 小时时段内同时有良好数据，至少需要 {PAIRS_MIN} 个"),
                format!(
                    "both have good readings in {pairs} spans of six hours only; {PAIRS_MIN} are needed"
                ),
            ),
        ),
        NoCorrection::Unrelated { correlation } if correlation.is_nan() => (
            Verdict::Unrelated,
            Words::new(
                "其中一方的数值没有变化，无从比对",
                "one of the two never changes: nothing can be told",
            ),
        ),
        NoCorrection::Unrelated { correlation } => (
            Verdict::Unrelated,
            Words::new(
                format!("两者变化不一致（秩相关 {correlation:.2}），无从订正"),
                format!(
                    "the two do not follow each other (rank correlation {correlation:.2}): nothing can be told"
                ),
            ),
        ),
    }
}

pub(super) fn judged(verdict: Verdict, changed: Option<&Changed>, zone: &Zone) -> Words {
    let words = match verdict {
        Verdict::Off => Words::new(
            "与标准站有偏离，建议订正",
            "off the standard station: a correction is needed",
        ),
        _ => Words::new(
            "在误差范围内与标准站一致",
            "agrees with the standard station within its doubt",
        ),
    };
    let Some(changed) = changed else { return words };
    let day = zone.date(changed.middle).map(|day| day.to_string()).unwrap_or_default();
    let (by, Words { zh, en }) = (changed.by, words);
    Words::new(
        format!("{zh}；时段后半（{day} 起）增益改变 {by:+.2}，请缩短时段再比对"),
        format!(
            "{en}; the gain of the newer half (from {day} on) differs by {by:+.2}: ask again about fewer days"
        ),
    )
}

/// The reason that stands with a correction.
pub(super) fn why(drift: &Drift, found: &Found, asked: &Asked<'_>) -> String {
    let Some(reference) = &drift.reference else { return String::new() };
    let Reference { place, name, distance_m } = reference;
    let [from, to] = span(asked);
    let Found { gain, gain_90: [gain_low, gain_high], offset, offset_90: [low, high], .. } = found;
    let (hours, unit) = (drift.hours, model::unit_text(&asked.parameter.unit));
    match asked.language {
        Language::Zh => format!(
            "与标准站 {}（{place}，相距 {distance_m} m）比对，{from} 至 {to}，{hours} 小时：先乘 {gain}（90 %：{gain_low} 至 {gain_high}），再加 {offset} {unit}（{low} 至 {high}）",
            name.zh
        ),
        Language::En => format!(
            "against the standard station {} ({place}, {distance_m} m away), {from} to {to}, {hours} hours: times {gain} (90 %: {gain_low} to {gain_high}), then plus {offset} {unit} ({low} to {high})",
            name.en
        ),
    }
}
