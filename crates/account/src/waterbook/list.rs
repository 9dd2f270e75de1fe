//! Lists of things to be struck off: black-odorous waters, outfalls, problems of a campaign; and what is left of each
//! (GOV-060, GOV-061, GOV-064, GOV-065).

use crate::{Stock, Text};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListKind {
    /// Black-odorous waters 黑臭水体.
    BlackOdorous,
    /// Outfalls that have to go 入河排污口.
    Outfall,
    /// Problems of rivers 河湖问题.
    Problem,
}

/// What happened to something on a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// It was found, or found again after it had been struck off.
    Found,
    /// It was looked into: traced, planned, under works. It stays on the list.
    Worked,
    /// It was struck off, after somebody else had seen that it is so.
    StruckOff,
}

/// A mark on a thing of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// Which list.
    pub list: ListKind,
    /// Names the thing on its list.
    pub thing: String,
    /// What it is called.
    pub name: Text,
    /// The river or reach; empty: not told.
    #[serde(default)]
    pub line: String,
    /// Its class or kind: of outfalls that of HJ 1312-2023.
    #[serde(default)]
    pub class: String,
    /// What happened.
    pub mark: Mark,
    /// When.
    pub day: Date,
    /// Who saw that it is struck off.
    #[serde(default)]
    pub verifier: String,
    /// The document or photo.
    #[serde(default)]
    pub source: String,
}

/// A thing as it stands on the last day of a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marked<'a> {
    /// Its last mark.
    pub last: &'a Listed,
    /// Whether it is on the list still.
    pub is_open: bool,
    /// How often it came back.
    pub reopened: u32,
}

/// One list over a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListStock<'a> {
    /// Which list.
    pub list: ListKind,
    /// Its four terms.
    pub stock: Stock,
    /// Its things, those that are open first.
    pub things: Vec<Marked<'a>>,
}

/// The stock of each list over a span, counted thing by thing. A thing that is found twice without having been struck off is
/// found once.
pub fn stocks<'a>(marks: &[&'a Listed], (from, to): (Date, Date)) -> Vec<ListStock<'a>> {
    let mut things: BTreeMap<(ListKind, &str), Vec<&'a Listed>> = BTreeMap::new();
    for mark in marks.iter().filter(|mark| mark.day <= to) {
        things.entry((mark.list, &mark.thing)).or_default().push(mark);
    }
    let mut lists: BTreeMap<ListKind, ListStock<'a>> = BTreeMap::new();
    for ((list, _), mut marks) in things {
        // Two marks of one day stand in the order in which they were entered.
        marks.sort_by_key(|mark| mark.day);
        let own = lists.entry(list).or_insert_with(|| ListStock {
            list,
            stock: Stock::default(),
            things: vec![],
        });
        own.take(&marks, from);
    }
    lists
        .into_values()
        .map(|mut list| {
            list.things.sort_by_key(|thing| (!thing.is_open, thing.last.day));
            list
        })
        .collect()
}

impl<'a> ListStock<'a> {
    fn take(&mut self, marks: &[&'a Listed], from: Date) {
        let (mut is_open, mut was_found, mut reopened, mut is_before) = (false, false, 0, false);
        for mark in marks {
            let is_within = mark.day >= from;
            match mark.mark {
                Mark::StruckOff if is_open => {
                    is_open = false;
                    self.stock.closed += u64::from(is_within);
                }
                Mark::Found | Mark::Worked if !is_open => {
                    reopened += u32::from(was_found);
                    self.stock.reopened += u64::from(is_within && was_found);
                    self.stock.new += u64::from(is_within && !was_found);
                    (is_open, was_found) = (true, true);
                }
                _ => (),
            }
            if !is_within {
                is_before = is_open;
            }
        }
        self.stock.before += u64::from(is_before);
        if let Some(last) = marks.last() {
            self.things.push(Marked { last, is_open, reopened });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn mark(thing: &str, mark: Mark, day: Date) -> Listed {
        Listed {
            list: ListKind::Outfall,
            thing: thing.into(),
            name: Text::same(thing),
            line: String::new(),
            class: String::new(),
            mark,
            day,
            verifier: String::new(),
            source: String::new(),
        }
    }

    #[test]
    fn the_stock_is_before_and_new_and_reopened_less_closed_and_years_follow_each_other() {
        let marks = [
            mark("o1", Mark::Found, date(2025, 3, 1)),
            mark("o1", Mark::StruckOff, date(2025, 9, 1)),
            mark("o1", Mark::Found, date(2026, 2, 1)),
            mark("o2", Mark::Found, date(2025, 4, 1)),
            mark("o2", Mark::Found, date(2025, 5, 1)),
            mark("o2", Mark::StruckOff, date(2026, 1, 5)),
            mark("o3", Mark::Found, date(2026, 5, 1)),
            mark("o3", Mark::Worked, date(2026, 5, 2)),
            mark("o4", Mark::StruckOff, date(2026, 5, 2)),
        ];
        let all: Vec<&Listed> = marks.iter().collect();
        let year = |year| (date(year, 1, 1), date(year, 12, 31));
        let stock = |year_of| stocks(&all, year(year_of))[0].stock;
        assert_eq!(stock(2025), Stock { before: 0, new: 2, reopened: 0, closed: 1 });
        assert_eq!(stock(2026), Stock { before: 1, new: 1, reopened: 1, closed: 1 });
        assert_eq!(Stock::follow(&[stock(2025), stock(2026)]), Ok(Some(2)));
        let things = &stocks(&all, year(2026))[0].things;
        let open: Vec<_> =
            things.iter().map(|one| (&*one.last.thing, one.is_open, one.reopened)).collect();
        assert_eq!(open, [("o1", true, 1), ("o3", true, 0), ("o2", false, 0), ("o4", false, 0)]);
    }
}
