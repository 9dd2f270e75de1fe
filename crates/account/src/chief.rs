//! River chiefs and their terms: who answers for which reach, from which day to which (GOV-040, GOV-054).
//!
//! Posts are what counts; a name is told to the public only where the entry says so. Days without a chief and days with two
//! of one level are said, never refused: that is how it was.

use crate::Text;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The levels of chiefs of a district, the highest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// First general chief 第一总河长.
    FirstGeneral,
    /// General chief 总河长.
    General,
    /// Deputy general chief 副总河长.
    DeputyGeneral,
    /// Chief of the district 区级河长.
    District,
    /// Chief of a sub-district 街道级河长.
    SubDistrict,
    /// Chief of a community or village 社区（村）级河长.
    Community,
}

/// One term of one post: the document of an act of kind `chief`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// The post.
    pub post: Text,
    /// Its level.
    pub level: Level,
    /// The unit that the post belongs to.
    #[serde(default)]
    pub unit: String,
    /// Keys of the rivers and reaches it answers for; empty for a general chief: all.
    #[serde(default)]
    pub lines: Vec<String>,
    /// The name of who holds the post; empty: not told.
    #[serde(default)]
    pub name: String,
    /// Whether the name may be read by everybody.
    #[serde(default)]
    pub is_name_public: bool,
    /// The account whose patrols are this chief's; empty: none.
    #[serde(default)]
    pub account: String,
    /// First day.
    pub from: Date,
    /// Last day, this day included; none: still.
    #[serde(default)]
    pub to: Option<Date>,
    /// The document of the appointment.
    #[serde(default)]
    pub source: String,
}

/// Something in the terms of one line and level that does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// Nobody answered from the first day to the last.
    Gap(Level, Date, Date),
    /// Two answered from the first day to the last.
    Overlap(Level, Date, Date),
    /// A term ends before it begins.
    Backwards(Level, Date, Date),
}

impl Level {
    /// All, the highest first.
    pub const ALL: [Self; 6] = [
        Self::FirstGeneral,
        Self::General,
        Self::DeputyGeneral,
        Self::District,
        Self::SubDistrict,
        Self::Community,
    ];

    /// Whether it answers for all lines when none is named.
    pub fn is_general(self) -> bool {
        matches!(self, Self::FirstGeneral | Self::General | Self::DeputyGeneral)
    }

    /// Chinese and English.
    pub fn words(self) -> Text {
        let (zh, en) = match self {
            Self::FirstGeneral => ("第一总河长", "first general chief"),
            Self::General => ("总河长", "general chief"),
            Self::DeputyGeneral => ("副总河长", "deputy general chief"),
            Self::District => ("区级河长", "district chief"),
            Self::SubDistrict => ("街道级河长", "sub-district chief"),
            Self::Community => ("社区级河长", "community chief"),
        };
        Text::new(zh, en)
    }
}

impl Term {
    /// Whether it answers for a line; `within` is the river of a reach, or empty.
    pub fn answers_for(&self, line: &str, within: &str) -> bool {
        if self.lines.is_empty() {
            return self.level.is_general();
        }
        self.lines.iter().any(|own| own == line || (!within.is_empty() && own == within))
    }

    /// Whether it holds on a day.
    pub fn holds(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day <= to)
    }
}

/// What does not fit in the terms of one line, level by level, up to a day. Deputies may be several, and nobody is missed
/// before the first term of a level begins.
pub fn misfits(terms: &[&Term], today: Date) -> Vec<Misfit> {
    let mut found = vec![];
    for level in Level::ALL {
        let mut own: Vec<&Term> =
            terms.iter().copied().filter(|term| term.level == level).collect();
        own.sort_by_key(|term| (term.from, term.to));
        let mut until: Option<Date> = None;
        for term in own {
            let end = term.to.unwrap_or(Date::MAX);
            if end < term.from {
                found.push(Misfit::Backwards(level, term.from, end));
                continue;
            }
            if let Some(until) = until {
                let (next, before) = (tomorrow(until), yesterday(term.from));
                if term.from <= until && level != Level::DeputyGeneral {
                    found.push(Misfit::Overlap(level, term.from, until.min(end)));
                } else if term.from > next {
                    found.push(Misfit::Gap(level, next, before));
                }
            }
            until = Some(until.map_or(end, |until| until.max(end)));
        }
        if let Some(until) = until.filter(|until| *until < today) {
            found.push(Misfit::Gap(level, tomorrow(until), today));
        }
    }
    found
}

fn tomorrow(day: Date) -> Date {
    day.tomorrow().unwrap_or(day)
}

fn yesterday(day: Date) -> Date {
    day.yesterday().unwrap_or(day)
}

impl Misfit {
    /// What does not fit, in both languages.
    pub fn words(&self) -> Text {
        let said = |level: Level, zh: &str, en: &str, from: Date, to: Date| {
            let level = level.words();
            let end = if to == Date::MAX { String::new() } else { to.to_string() };
            Text::new(
                format!("{}{zh}：{from} 至 {}", level.zh, if end.is_empty() { "今" } else { &end }),
                format!(
                    "{en} {}: {from} to {}",
                    level.en,
                    if end.is_empty() { "now" } else { &end }
                ),
            )
        };
        match self {
            Self::Gap(level, from, to) => said(*level, "空缺", "no", *from, *to),
            Self::Overlap(level, from, to) => {
                said(*level, "任期重叠", "two terms of a", *from, *to)
            }
            Self::Backwards(level, from, to) => {
                said(*level, "任期止于起始之前", "a term that ends before it begins:", *from, *to)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn term(level: Level, from: Date, to: Option<Date>) -> Term {
        Term {
            post: Text::same("post"),
            level,
            unit: String::new(),
            lines: vec!["north".into()],
            name: String::new(),
            is_name_public: false,
            account: String::new(),
            from,
            to,
            source: String::new(),
        }
    }

    #[test]
    fn days_without_a_chief_and_days_with_two_are_said() {
        let level = Level::SubDistrict;
        let terms = [
            term(level, date(2025, 1, 1), Some(date(2025, 6, 30))),
            term(level, date(2025, 7, 1), Some(date(2025, 9, 30))),
            term(level, date(2025, 10, 11), Some(date(2025, 12, 31))),
            term(level, date(2025, 12, 30), Some(date(2026, 3, 31))),
        ];
        let all: Vec<&Term> = terms.iter().collect();
        let expected = [
            Misfit::Gap(level, date(2025, 10, 1), date(2025, 10, 10)),
            Misfit::Overlap(level, date(2025, 12, 30), date(2025, 12, 31)),
            Misfit::Gap(level, date(2026, 4, 1), date(2026, 4, 2)),
        ];
        assert_eq!(misfits(&all, date(2026, 4, 2)), expected);
        assert_eq!(misfits(&all, date(2026, 3, 31)), expected[..2]);
    }

    #[test]
    fn deputies_may_be_several_and_an_open_term_goes_on() {
        let deputies = [
            term(Level::DeputyGeneral, date(2025, 1, 1), None),
            term(Level::DeputyGeneral, date(2025, 2, 1), None),
        ];
        assert_eq!(misfits(&deputies.iter().collect::<Vec<_>>(), date(2026, 1, 1)), []);
        let chiefs = [
            term(Level::General, date(2025, 1, 1), None),
            term(Level::General, date(2025, 2, 1), None),
        ];
        let two = Misfit::Overlap(Level::General, date(2025, 2, 1), Date::MAX);
        assert_eq!(
            misfits(&chiefs.iter().collect::<Vec<_>>(), date(2026, 1, 1)),
            std::slice::from_ref(&two)
        );
        assert!(two.words().zh.ends_with("至 今"), "{:?}", two.words());
    }

    #[test]
    fn a_chief_answers_for_the_reaches_of_the_river_and_a_general_one_for_all() {
        let own = term(Level::District, date(2025, 1, 1), None);
        assert!(own.answers_for("north", "") && own.answers_for("north-2", "north"));
        assert!(!own.answers_for("south", ""));
        let none = Term { lines: vec![], ..own.clone() };
        assert!(!none.answers_for("north", ""));
        assert!(Term { level: Level::General, ..none }.answers_for("north", ""));
    }
}
