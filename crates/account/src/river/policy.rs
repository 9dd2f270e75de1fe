//! The five lists of a river's policy, and how each entry stands.

use crate::Text;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// An entry is *soon due* from so many days before its day on.
const SOON_DAYS: i32 = 30;

/// One river, one policy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Policy {
    /// First day of its term.
    pub from: Option<Date>,
    /// Last day of its term.
    pub to: Option<Date>,
    /// What is wrong.
    pub problems: Vec<PolicyEntry>,
    /// What is to be reached.
    pub targets: Vec<PolicyEntry>,
    /// What has to be done for it.
    pub tasks: Vec<PolicyEntry>,
    /// How it is done.
    pub measures: Vec<PolicyEntry>,
    /// Who answers for it.
    pub responsibilities: Vec<PolicyEntry>,
}

/// The lists, each serving the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum List {
    /// 问题清单.
    Problems,
    /// 目标清单.
    Targets,
    /// 任务清单.
    Tasks,
    /// 措施清单.
    Measures,
    /// 责任清单.
    Responsibilities,
}

/// The six national groups of tasks (national opinion of December 2016; GOV-050).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskGroup {
    /// 水资源保护.
    Resources,
    /// 河湖水域岸线管理保护.
    Shoreline,
    /// 水污染防治.
    Pollution,
    /// 水环境治理.
    Environment,
    /// 水生态修复.
    Ecology,
    /// 执法监管.
    Enforcement,
}

/// One line of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyEntry {
    /// Names it within the policy.
    pub key: String,
    /// What it says.
    pub text: Text,
    /// Key of the entry that it serves, of the list before; empty: none.
    pub of: String,
    /// Its national group.
    pub group: Option<TaskGroup>,
    /// Who does it, by post or unit.
    pub owner: Text,
    /// By when, this day included.
    pub due: Option<Date>,
    /// What is counted.
    pub indicator: String,
    /// How far it is, per cent as a decimal; never clamped.
    pub progress: String,
    /// On which day it was done.
    pub done: Option<Date>,
    /// The document or photo that shows it.
    pub proof: String,
}

/// How an entry stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Light {
    /// Done, in time or without a day.
    Done,
    /// Done after its day.
    DoneLate,
    /// Its day is further away than 30 days.
    InTime,
    /// Its day is near.
    Soon,
    /// Its day has passed.
    Overdue,
    /// It has no day.
    Undated,
}

/// What is wrong with a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// A key stands twice in a list.
    Twice(List, String),
    /// An entry serves something that the list before does not have.
    ServesNothing(List, String, String),
    /// Nothing in the next list answers it.
    Unanswered(List, String),
    /// A measure lacks an owner, a day or an indicator.
    Lacks(String, &'static str),
    /// Its term ends before it begins.
    Backwards,
}

impl PolicyEntry {
    /// How it stands on a day.
    pub fn light(&self, today: Date) -> Light {
        match (self.done, self.due) {
            (Some(done), Some(due)) if done > due => Light::DoneLate,
            (Some(_), _) => Light::Done,
            (None, None) => Light::Undated,
            (None, Some(due)) if today > due => Light::Overdue,
            (None, Some(due)) => {
                let left = today.until(due).map_or(i32::MAX, |span| span.get_days());
                if left <= SOON_DAYS { Light::Soon } else { Light::InTime }
            }
        }
    }
}

impl Policy {
    /// The lists in their order.
    pub fn lists(&self) -> [(List, &[PolicyEntry]); 5] {
        [
            (List::Problems, &self.problems),
            (List::Targets, &self.targets),
            (List::Tasks, &self.tasks),
            (List::Measures, &self.measures),
            (List::Responsibilities, &self.responsibilities),
        ]
    }

    /// What is wrong with it, list by list.
    pub fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = vec![];
        if let (Some(from), Some(to)) = (self.from, self.to)
            && to < from
        {
            flaws.push(Flaw::Backwards);
        }
        let lists = self.lists();
        for (at, (list, entries)) in lists.iter().enumerate() {
            let mut seen = BTreeSet::new();
            for entry in *entries {
                if !seen.insert(&entry.key) {
                    flaws.push(Flaw::Twice(*list, entry.key.clone()));
                }
                let before = at.checked_sub(1).and_then(|before| lists.get(before));
                let is_there = before.is_none_or(|(_, all)| all.iter().any(|b| b.key == entry.of));
                if !entry.of.is_empty() && !is_there {
                    let (own, of) = (entry.key.clone(), entry.of.clone());
                    flaws.push(Flaw::ServesNothing(*list, own, of));
                }
                if let Some((_, next)) = lists.get(at + 1)
                    && !next.iter().any(|one| one.of == entry.key)
                {
                    flaws.push(Flaw::Unanswered(*list, entry.key.clone()));
                }
            }
        }
        for measure in &self.measures {
            let lacks = [
                (measure.owner == Text::default(), "owner"),
                (measure.due.is_none(), "due"),
                (measure.indicator.is_empty(), "indicator"),
            ];
            let lacks = lacks.into_iter().filter(|(is_missing, _)| *is_missing);
            flaws.extend(lacks.map(|(_, what)| Flaw::Lacks(measure.key.clone(), what)));
        }
        flaws
    }
}

impl List {
    /// Chinese and English.
    pub fn words(self) -> Text {
        let (zh, en) = match self {
            Self::Problems => ("问题清单", "problems"),
            Self::Targets => ("目标清单", "targets"),
            Self::Tasks => ("任务清单", "tasks"),
            Self::Measures => ("措施清单", "measures"),
            Self::Responsibilities => ("责任清单", "responsibilities"),
        };
        Text::new(zh, en)
    }
}

impl Flaw {
    /// What is wrong, in both languages.
    pub fn words(&self) -> Text {
        match self {
            Self::Twice(list, key) => {
                let list = list.words();
                Text::new(
                    format!("{}中 {key} 出现两次", list.zh),
                    format!("{key} stands twice among the {}", list.en),
                )
            }
            Self::ServesNothing(list, key, of) => {
                let list = list.words();
                Text::new(
                    format!("{}的 {key} 所对应的 {of} 不在上一清单中", list.zh),
                    format!(
                        "{key} of the {} serves {of}, which the list before does not have",
                        list.en
                    ),
                )
            }
            Self::Unanswered(list, key) => {
                let list = list.words();
                Text::new(
                    format!("{}的 {key} 在下一清单中没有对应", list.zh),
                    format!("nothing in the next list answers {key} of the {}", list.en),
                )
            }
            Self::Lacks(key, what) => {
                let zh = match *what {
                    "owner" => "责任人",
                    "due" => "期限",
                    _ => "指标",
                };
                Text::new(format!("措施 {key} 缺{zh}"), format!("measure {key} has no {what}"))
            }
            Self::Backwards => {
                Text::new("方案期限止于起始之前", "the policy ends before it begins")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn entry(key: &str, of: &str) -> PolicyEntry {
        PolicyEntry { key: key.into(), of: of.into(), ..PolicyEntry::default() }
    }

    #[test]
    fn an_entry_stands_by_its_day_and_the_day_it_was_done() {
        let check = |due, done, expected| {
            let entry = PolicyEntry { due, done, ..PolicyEntry::default() };
            assert_eq!(entry.light(date(2026, 6, 30)), expected);
        };
        check(None, None, Light::Undated);
        check(Some(date(2026, 6, 29)), None, Light::Overdue);
        check(Some(date(2026, 6, 30)), None, Light::Soon);
        check(Some(date(2026, 12, 31)), None, Light::InTime);
        check(Some(date(2026, 6, 1)), Some(date(2026, 6, 2)), Light::DoneLate);
        check(Some(date(2026, 6, 1)), Some(date(2026, 6, 1)), Light::Done);
    }

    #[test]
    fn a_policy_that_holds_together_has_no_flaw_and_each_break_is_named() {
        let measure = PolicyEntry {
            owner: Text::same("unit"),
            due: Some(date(2026, 12, 31)),
            indicator: "m".into(),
            ..entry("m1", "k1")
        };
        let mut policy = Policy {
            problems: vec![entry("p1", "")],
            targets: vec![entry("t1", "p1")],
            tasks: vec![entry("k1", "t1")],
            measures: vec![measure],
            responsibilities: vec![entry("r1", "m1")],
            ..Policy::default()
        };
        assert_eq!(policy.flaws(), []);
        policy.measures[0].due = None;
        policy.tasks[0].of = "t9".into();
        policy.problems.push(entry("p1", ""));
        let expected = [
            Flaw::Twice(List::Problems, "p1".into()),
            Flaw::Unanswered(List::Targets, "t1".into()),
            Flaw::ServesNothing(List::Tasks, "k1".into(), "t9".into()),
            Flaw::Lacks("m1".into(), "due"),
        ];
        assert_eq!(policy.flaws(), expected);
    }
}
