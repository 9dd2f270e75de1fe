//! Words of pictures and of refusals, Chinese and English side by side.

use crate::axis::number;
use space::effect::NoEffect;
use space::forecast::{Method, NoForecast};
use space::plot::{Doubt, Kind, NoPlot};

/// The language of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// Chinese.
    Zh,
}

impl Language {
    /// The one of two that is wanted.
    pub fn of<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    pub(crate) fn said(self, zh: String, en: String) -> String {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    /// Weekdays from Monday.
    pub(crate) fn weekdays(self) -> [&'static str; 7] {
        match self {
            Self::Zh => ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
            Self::En => ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
        }
    }

    /// Points of the compass at 0, 90, 180 and 270°.
    pub(crate) fn compass(self) -> [&'static str; 4] {
        match self {
            Self::Zh => ["北", "东", "南", "西"],
            Self::En => ["N", "E", "S", "W"],
        }
    }
}

/// The name of a kind of plot.
pub fn kind(kind: Kind, language: Language) -> &'static str {
    match kind {
        Kind::WindRose => language.of("风玫瑰", "Wind rose"),
        Kind::PollutionRose => language.of("污染玫瑰", "Pollution rose"),
        Kind::Polar => language.of("极坐标图", "Polar plot"),
        Kind::Annulus => language.of("极坐标环图", "Polar annulus"),
        Kind::Cpf => language.of("条件概率（CPF）", "Conditional probability (CPF)"),
        Kind::Cbpf => {
            language.of("二元条件概率（CBPF）", "Bivariate conditional probability (CBPF)")
        }
        Kind::Variation => language.of("时间变化", "Time variation"),
        Kind::Calendar => language.of("日历图", "Calendar"),
        Kind::Trend => language.of("趋势（Theil–Sen）", "Trend (Theil–Sen)"),
        Kind::Scatter => language.of("散点密度", "Scatter"),
        Kind::Correlation => language.of("点位相关", "Correlation between places"),
        Kind::Capture => language.of("数据有效率", "Data capture"),
    }
}

/// The name of a way of forecasting.
pub fn method(method: Method, language: Language) -> &'static str {
    match method {
        Method::Persistence => language.of("持续性", "persistence"),
        Method::Climatology => language.of("气候态", "climatology"),
        Method::Learned => language.of("学习模型", "learned"),
    }
}

/// What is in doubt, as a sentence.
pub fn doubt(doubt: &Doubt, language: Language) -> String {
    let (zh, en) = match doubt {
        Doubt::Negative { count, of } => (
            format!("{of} 个值中有 {count} 个为负，照原样参与计算"),
            format!("{count} of {of} values are negative; they take part as they are"),
        ),
        Doubt::WindMissing { count, of } => (
            format!("{of} 小时中有 {count} 小时没有风，未计入"),
            format!("{count} of {of} hours have no wind and are left out"),
        ),
        Doubt::Calm { count, of } => (
            format!("{of} 小时中有 {count} 小时静风，无风向可言"),
            format!("{count} of {of} hours are calm: they have no direction"),
        ),
        Doubt::WindUnit { mean_m_s } => (
            format!("平均风速 {} m/s：单位可能是 km/h 或节", number(*mean_m_s)),
            format!("mean wind of {} m/s: its unit may be km/h or knots", number(*mean_m_s)),
        ),
        Doubt::WindReversed { place } => (
            format!("{place} 的风向与其他点位相反：可能记录的是去向"),
            format!(
                "the wind at {place} is opposite to the others': it may name where it blows to"
            ),
        ),
        Doubt::WindOutside { count } => (
            format!("{count} 小时的风速或风向不可能，未计入"),
            format!("{count} hours have an impossible wind and are left out"),
        ),
        Doubt::Gap { place, hours, .. } => (
            format!("{place} 有连续 {hours} 小时缺测"),
            format!("{place} has a gap of {hours} hours"),
        ),
        Doubt::Capture { have, of } => (
            format!("{of} 小时中只有 {have} 小时有值"),
            format!("only {have} of {of} hours have a value"),
        ),
        Doubt::NotSquareRoot => (
            "有分箱均值为负：曲面按原值而非平方根拟合".into(),
            "some bins are negative: the surface is fitted to values, not to square roots".into(),
        ),
        Doubt::NoSurface { bins } => (
            format!("只有 {bins} 个分箱，不足以拟合曲面"),
            format!("{bins} bins are too few for a surface"),
        ),
    };
    language.said(zh, en)
}

/// Why there is no plot, as a sentence.
pub fn no_plot(refusal: &NoPlot, language: Language) -> String {
    let zh = match refusal {
        NoPlot::NoValues => "所选时段没有任何数值".into(),
        NoPlot::TooFew { have, need } => format!("只有 {have} 小时有值，需要 {need} 小时"),
        NoPlot::NoWind { have, need } => {
            format!("同时有数值和风的只有 {have} 小时，需要 {need} 小时")
        }
        NoPlot::Radians => "风向都不超过 6.29，像是弧度；需要以度为单位".into(),
        NoPlot::TooFewMonths { have, need } => format!("只有 {have} 个月有均值，需要 {need} 个月"),
        NoPlot::OnlyOne => "需要两个才能比较".into(),
        NoPlot::Setting { what, value, least, most } => {
            format!("{what} 为 {value}，应在 {least} 与 {most} 之间")
        }
        NoPlot::TooMany { have, most } => format!("{have} 小时过多，一次最多 {most} 小时"),
    };
    language.said(zh, refusal.to_string())
}

/// Why there is no forecast, as a sentence.
pub fn no_forecast(refusal: &NoForecast, language: Language) -> String {
    let zh = match refusal {
        NoForecast::TooFew { have, need } => format!("只有 {have} 小时有值，需要 {need} 小时"),
        NoForecast::Stale(hours) => format!("最近 {hours} 小时没有数值"),
        NoForecast::Window => "时段不在历史数据之内".into(),
        NoForecast::Ahead(hours) => format!("只给出 {hours} 小时，需要 72 小时"),
    };
    language.said(zh, refusal.to_string())
}

/// Why an effect cannot be told, as a sentence.
pub fn no_effect(refusal: &NoEffect, language: Language) -> String {
    let zh = match refusal {
        NoEffect::TooFewDays { have, need } => {
            format!("措施以外只有 {have} 天同时有数值和气象，需要 {need} 天")
        }
        NoEffect::TooShort { have, need } => {
            format!("措施期间只有 {have} 天同时有数值和气象，需要 {need} 天")
        }
        NoEffect::TooFewPlacebos { have, need } => {
            format!("可作对照的日期只有 {have} 个，需要 {need} 个")
        }
        NoEffect::Window => "措施的结束早于开始".into(),
    };
    language.said(zh, refusal.to_string())
}
