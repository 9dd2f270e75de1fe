//! The kinds of reports, in one table. A new kind is a row here and a function that puts it together.

use super::civil::Every;
use super::{
    Error, Ground, Question, commended, day, emergency, founding, programmes, river, span, unit,
};
use account::Text;
use account::report::Report;
use model::Right;

/// Who may read a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody while the district shows itself: counts and readings only, no names of units or people.
    Public,
    /// Who has a right; one that speaks of a unit, over that unit.
    With(Right),
}

/// A kind of report.
pub struct Kind {
    /// Names it: `day`.
    pub key: &'static str,
    /// What it is called: Chinese, English.
    pub name: (&'static str, &'static str),
    /// What it says: Chinese, English.
    pub about: (&'static str, &'static str),
    /// Its period.
    pub every: Every,
    /// Who may read it.
    pub audience: Audience,
    /// Whether it speaks of one unit, which must then be named.
    pub of_unit: bool,
    /// Puts it together.
    pub make: fn(&Ground<'_>, &Question) -> Result<Report, Error>,
}

/// Every kind.
pub const KINDS: &[Kind] = &[
    Kind {
        key: "day",
        name: ("日报", "Daily brief"),
        about: (
            "一日空气质量：指数、各站各街道、超标、办件数量、数据台账",
            "One day: the index of every station and area, what exceeded, cases, the ledger",
        ),
        every: Every::Day,
        audience: Audience::Public,
        of_unit: false,
        make: day::report,
    },
    Kind {
        key: "week",
        name: ("周报", "Weekly bulletin"),
        about: (
            "一周空气质量：与上年同期比、排名、优良天数",
            "A week: against the same days a year earlier, ranks, good days",
        ),
        every: Every::Week,
        audience: Audience::Public,
        of_unit: false,
        make: span::week,
    },
    Kind {
        key: "month",
        name: ("月报", "Monthly bulletin"),
        about: (
            "一月空气质量：各项指标与上年同期比、综合指数排名、优良天数",
            "A month: items against last year, ranks by composite index, good days",
        ),
        every: Every::Month,
        audience: Audience::Public,
        of_unit: false,
        make: span::month,
    },
    Kind {
        key: "year",
        name: ("年度总结", "Annual summary"),
        about: (
            "一年：各项指标与上年比、逐月、日历、排名、办件、水质、数据台账",
            "A year: items against last year, month by month, calendar, ranks, cases, water, the ledger",
        ),
        every: Every::Year,
        audience: Audience::Public,
        of_unit: false,
        make: span::year,
    },
    Kind {
        key: "river-month",
        name: ("河流月报", "Rivers of a month"),
        about: (
            "各断面水质类别与目标、超标项目、出境与入境比较",
            "Class and target of every site, what decided, outflow against inflow",
        ),
        every: Every::Month,
        audience: Audience::Public,
        of_unit: false,
        make: river::report,
    },
    Kind {
        key: "programmes",
        name: ("项目进展报告", "Programme status"),
        about: (
            "各项目群：累计与增量、比率及口径、灯及阈值、预测及依据、存疑、出处",
            "Each programme: totals and increments, rates on their bases, lights, forecast, what does not fit, sources",
        ),
        every: Every::Month,
        audience: Audience::Public,
        of_unit: false,
        make: programmes::report,
    },
    Kind {
        key: "founding",
        name: ("三份年度报告", "The three founding accounts"),
        about: (
            "2021 年 1 月三次年度会议的数字，逐一复算，存疑之处注明",
            "The figures of three annual meetings of January 2021, computed anew, with what does not fit",
        ),
        every: Every::Once,
        audience: Audience::Public,
        of_unit: false,
        make: founding::report,
    },
    Kind {
        key: "commendations",
        name: ("表彰名单", "Commendations"),
        about: (
            "符合公布条件的单位和同意公布姓名的个人，附理由",
            "Units that meet the stated criteria, and people who agreed to be named, with the reasons",
        ),
        every: Every::Year,
        audience: Audience::With(Right::Cases),
        of_unit: false,
        make: commended::report,
    },
    Kind {
        key: "emergency",
        name: ("应急响应总结", "After an emergency"),
        about: (
            "本期预警：级别变化，指令签收、完成与落实（附把握），预警前中后空气质量与预报，缺什么",
            "Warnings of the period: levels, orders received, done and kept with confidence, the air before, during and after beside the forecast, what was missing",
        ),
        every: Every::Month,
        audience: Audience::With(Right::Cases),
        of_unit: false,
        make: emergency::report,
    },
    Kind {
        key: "unit",
        name: ("单位办件报告", "A unit's own account"),
        about: (
            "一个单位一月的办件：应结、按时、超期、返工、得分",
            "The cases of one unit in a month: due, on time, overdue, reworked, its score",
        ),
        every: Every::Month,
        audience: Audience::With(Right::Cases),
        of_unit: true,
        make: unit::report,
    },
];

/// The kind of a key.
pub fn named(key: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.key == key)
}

impl Kind {
    /// What it is called.
    pub fn title(&self) -> Text {
        Text::new(self.name.0, self.name.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_kind_has_the_key_of_another_and_each_says_what_it_is_in_both_languages() {
        for (at, kind) in KINDS.iter().enumerate() {
            assert!(KINDS[at + 1..].iter().all(|other| other.key != kind.key), "{}", kind.key);
            let words = [kind.name.0, kind.name.1, kind.about.0, kind.about.1];
            assert!(words.iter().all(|word| !word.is_empty()), "{}", kind.key);
        }
    }

    #[test]
    fn what_speaks_of_a_unit_is_not_for_everybody() {
        assert!(KINDS.iter().all(|kind| !kind.of_unit || kind.audience != Audience::Public));
    }
}
