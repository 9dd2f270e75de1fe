//! Rules: one file each. A rule of the configuration is a [`Rule`]: a kind with the numbers that it works by.

pub mod above_upwind;
pub mod class_worse;
pub mod downstream_worse;
pub mod frozen;
pub mod limit;
pub mod night;
pub mod oxygen_collapse;
pub mod silent;
pub mod sudden_rise;
pub mod sustained;
pub mod transmission;

use crate::law::Threshold;
use crate::look::{Judged, Look};
use crate::span::Span;
use crate::text::Text;
use jiff::civil::Date;
use model::{HOUR_MS, Period, PlaceKind, Statistic, Subject};
use serde::{Deserialize, Serialize};

/// The kinds of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// [`limit`]
    Limit,
    /// [`sustained`]
    Sustained,
    /// [`sudden_rise`]
    SuddenRise,
    /// [`above_upwind`]
    AboveUpwind,
    /// [`night`]
    Night,
    /// [`silent`]
    Silent,
    /// [`transmission`]
    Transmission,
    /// [`class_worse`]
    ClassWorse,
    /// [`downstream_worse`]
    DownstreamWorse,
    /// [`oxygen_collapse`]
    OxygenCollapse,
    /// [`frozen`]
    Frozen,
}

/// How bad it is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// To be known.
    Low,
    /// To be looked at.
    #[default]
    Middle,
    /// To be looked at now.
    High,
}

/// A severity that a finding gets when it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    /// How long after it was raised.
    pub after: Span,
    /// To which.
    pub severity: Severity,
}

/// A rule as it is configured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its key; versions of one rule have the same.
    pub key: String,
    /// Its version, for people: a date.
    pub version: String,
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: Text,
    /// The first civil day on which it holds, `YYYY-MM-DD`; nothing: always.
    #[serde(default, with = "day", skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// The last civil day on which it holds; nothing: still.
    #[serde(default, with = "day", skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
    /// Kinds of places that it holds for; none: all.
    #[serde(default)]
    pub kinds: Vec<PlaceKind>,
    /// Keys of places that it holds for; none: all of the kinds.
    #[serde(default)]
    pub places: Vec<String>,
    /// Parameters that it looks at; of rules on devices, those that count.
    #[serde(default)]
    pub parameters: Vec<String>,
    /// The period of the series that it looks at.
    #[serde(default = "hour")]
    pub period: Period,
    /// The statistic of the series that it looks at.
    #[serde(default = "mean")]
    pub statistic: Statistic,
    /// From where on it is too much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Threshold>,
    /// Share of the threshold below which it is over.
    #[serde(default = "clear")]
    pub clear: f64,
    /// How long the condition holds before it is raised.
    #[serde(default)]
    pub hold: Span,
    /// How long it does not hold before it is cleared.
    #[serde(default)]
    pub clear_hold: Span,
    /// How far back it looks.
    #[serde(default)]
    pub window: Span,
    /// By how much more than before, or than beside it, in the parameter's unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rise: Option<f64>,
    /// How many times more than before, or than beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factor: Option<f64>,
    /// Which share: of values above, or of what was due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// How many beside it have to be there, or to agree.
    #[serde(default)]
    pub quorum: usize,
    /// How many times those beside it a value is, at least; of a sudden rise, how many times as much as they it has grown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apart: Option<f64>,
    /// First and last hour of the night.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<[u8; 2]>,
    /// How bad it is.
    #[serde(default)]
    pub severity: Severity,
    /// How bad it gets when it lasts.
    #[serde(default)]
    pub escalate: Vec<Escalation>,
    /// What its findings are of: those of all rules with the same word may be one event. The rule's own key when nothing is said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub event: String,
    /// Findings within so many metres are one event.
    #[serde(default = "group_m")]
    pub group_m: f64,
    /// How long after it was over something still belongs to the same event.
    #[serde(default = "again")]
    pub again: Span,
    /// The category of a case that is made of it.
    pub category: String,
    /// What it is about.
    pub subject: Subject,
    /// Where its numbers were taken from.
    pub source: String,
}

/// A civil day as text.
mod day {
    use jiff::civil::Date;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    pub fn serialize<S: Serializer>(day: &Option<Date>, to: S) -> Result<S::Ok, S::Error> {
        match day {
            Some(day) => to.collect_str(day),
            None => to.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Date>, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map(Some).map_err(serde::de::Error::custom)
    }
}

const fn hour() -> Period {
    Period::Hour
}

const fn mean() -> Statistic {
    Statistic::Mean
}

const fn clear() -> f64 {
    0.9
}

const fn again() -> Span {
    Span(HOUR_MS)
}

const fn group_m() -> f64 {
    2_000.0
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Limit,
        Self::Sustained,
        Self::SuddenRise,
        Self::AboveUpwind,
        Self::Night,
        Self::Silent,
        Self::Transmission,
        Self::ClassWorse,
        Self::DownstreamWorse,
        Self::OxygenCollapse,
        Self::Frozen,
    ];

    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Limit => "limit",
            Self::Sustained => "sustained",
            Self::SuddenRise => "sudden_rise",
            Self::AboveUpwind => "above_upwind",
            Self::Night => "night",
            Self::Silent => "silent",
            Self::Transmission => "transmission",
            Self::ClassWorse => "class_worse",
            Self::DownstreamWorse => "downstream_worse",
            Self::OxygenCollapse => "oxygen_collapse",
            Self::Frozen => "frozen",
        }
    }

    /// Whether it looks at a device as a whole, by the clock, and not at the samples of one series.
    pub const fn is_of_devices(self) -> bool {
        matches!(self, Self::Silent | Self::Transmission | Self::Frozen)
    }

    /// Whether it also looks at what other places measure.
    pub const fn looks_beside(self) -> bool {
        matches!(self, Self::AboveUpwind | Self::DownstreamWorse)
    }

    /// Whether it is about data and not about pollution.
    pub const fn is_about_data(self) -> bool {
        self.is_of_devices()
    }
}

impl Severity {
    /// Its stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Middle => "middle",
            Self::High => "high",
        }
    }
}

impl Rule {
    /// Whether it holds on a civil day.
    pub fn is_valid(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day <= to)
    }

    /// Whether it also looks at what other places measure.
    pub fn looks_beside(&self) -> bool {
        let asks = self.quorum > 0 || self.apart.is_some();
        self.kind.looks_beside() || (asks && !self.kind.is_of_devices())
    }

    /// What its findings are of.
    pub fn event(&self) -> &str {
        if self.event.is_empty() { &self.key } else { &self.event }
    }

    /// What was judged holds only while the value is as many times the median of its neighbours as `apart` says.
    pub(crate) fn apart(&self, look: &Look<'_>, judged: Judged) -> Judged {
        match (judged.is_over, self.apart, look.around()) {
            (true, Some(apart), Some(around)) => judged.only_when(judged.value > apart * around),
            _ => judged,
        }
    }

    /// Asks the rule about a sample; none when it cannot be judged.
    pub fn judge(&self, look: &Look<'_>) -> Option<Judged> {
        match self.kind {
            Kind::Limit => limit::judge(self, look),
            Kind::Sustained => sustained::judge(self, look),
            Kind::SuddenRise => sudden_rise::judge(self, look),
            Kind::AboveUpwind => above_upwind::judge(self, look),
            Kind::Night => night::judge(self, look),
            Kind::ClassWorse => class_worse::judge(self, look),
            Kind::DownstreamWorse => downstream_worse::judge(self, look),
            Kind::OxygenCollapse => oxygen_collapse::judge(self, look),
            Kind::Silent | Kind::Transmission | Kind::Frozen => None,
        }
    }

    /// What its configuration lacks.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        let (has_threshold, has_rise) = (self.threshold.is_some(), self.rise.is_some());
        match self.kind {
            Kind::Limit | Kind::Night | Kind::ClassWorse | Kind::Sustained if !has_threshold => {
                Some("threshold")
            }
            Kind::Sustained | Kind::Transmission if self.share.is_none() => Some("share"),
            Kind::SuddenRise | Kind::AboveUpwind | Kind::OxygenCollapse if !has_rise => {
                Some("rise")
            }
            Kind::DownstreamWorse if self.factor.is_none() => Some("factor"),
            Kind::Night if self.hours.is_none() => Some("hours"),
            _ if self.kind == Kind::Sustained
                || self.kind == Kind::SuddenRise
                || self.kind == Kind::Frozen
                || self.kind == Kind::Silent =>
            {
                (self.window.0 <= 0).then_some("window")
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    /// Every rule's file, as it stands.
    const FILES: [(&str, &str); 11] = [
        ("limit", include_str!("rule/limit.rs")),
        ("sustained", include_str!("rule/sustained.rs")),
        ("sudden_rise", include_str!("rule/sudden_rise.rs")),
        ("above_upwind", include_str!("rule/above_upwind.rs")),
        ("night", include_str!("rule/night.rs")),
        ("silent", include_str!("rule/silent.rs")),
        ("transmission", include_str!("rule/transmission.rs")),
        ("class_worse", include_str!("rule/class_worse.rs")),
        ("downstream_worse", include_str!("rule/downstream_worse.rs")),
        ("oxygen_collapse", include_str!("rule/oxygen_collapse.rs")),
        ("frozen", include_str!("rule/frozen.rs")),
    ];

    #[test]
    fn every_rule_states_the_same_five_things() {
        let headings = [
            "//! # What it sees",
            "//! # When it raises",
            "//! # When it clears",
            "//! # What it cannot see",
            "//! # Source",
        ];
        for (name, text) in FILES {
            let found: Vec<_> = text.lines().filter(|line| line.starts_with("//! # ")).collect();
            assert_eq!(found, headings, "{name}");
        }
        assert_eq!(FILES.map(|(name, _)| name), super::Kind::ALL.map(super::Kind::name));
    }
}
