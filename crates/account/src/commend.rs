//! Lists of units and people to be commended: by criteria that are stated before, over scores, ranks and indicators.
//! Nobody votes and nobody is picked: whoever meets every criterion is on the list, in the order of one of them, and
//! where the last place is shared all who share it are.
//!
//! A list is a TOML document ([`List::parse`]); those in `data/commendations` are examples. A person is named only with
//! consent; that is for whoever shows the list.

use crate::Text;
use crate::scheme::Decimal;
use jiff::civil::Date;
use serde::Deserialize;
use standards::Exact;

/// A list, or rather the rules of one.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Names it.
    pub key: String,
    /// For people.
    pub name: Text,
    /// Whom it names.
    pub of: Whom,
    /// First civil day on which it holds.
    pub valid_from: Date,
    /// Last civil day on which it holds; none: still.
    #[serde(default)]
    pub valid_to: Option<Date>,
    /// `H` primary text or two sources, `M` one good source, `R` recalled, `O` our own design.
    pub confidence: String,
    /// Where it stands, in our own words.
    pub source: String,
    /// The most places.
    pub places: u32,
    /// Key of the criterion that orders those who meet all.
    pub order: String,
    /// What has to be met.
    pub criterion: Vec<Criterion>,
}

/// Whom a list names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whom {
    /// Units.
    Units,
    /// People.
    People,
}

/// Something that has to be met.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Names it within the list.
    pub key: String,
    /// For people.
    pub name: Text,
    /// What is looked at.
    pub of: Measure,
    /// Met from here on, this value included.
    #[serde(default)]
    pub at_least: Option<Decimal>,
    /// Met up to here, this value included.
    #[serde(default)]
    pub at_most: Option<Decimal>,
}

/// What a criterion looks at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case", deny_unknown_fields)]
pub enum Measure {
    /// The points of a unit's score.
    Score,
    /// The place of a unit among those that are ranked by score.
    Rank,
    /// Cases of a unit, or those that a person handled.
    Cases {
        /// What of them.
        take: Take,
    },
    /// An indicator over the cases of a unit.
    Indicator {
        /// Its key.
        key: String,
    },
}

/// What of cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Take {
    /// Due, without those that were deferred.
    Due,
    /// Closed.
    Closed,
    /// Sent back by a verifier; once for each time.
    Reworked,
    /// Opened again.
    Reopened,
    /// Overdue at the end.
    Overdue,
}

/// Somebody who may be on a list, with an amount for each criterion in its order, or why there is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Key of the unit, or name of the account.
    pub key: String,
    /// By the criteria.
    pub amounts: Vec<Result<Exact, Text>>,
}

/// How somebody stands to the criteria.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// Who.
    pub candidate: Candidate,
    /// By the criteria: whether each is met.
    pub met: Vec<bool>,
    /// The place; none for those who are not on the list.
    pub place: Option<u32>,
}

/// The lists that are built in: examples to begin from.
const BUILT_IN: [&str; 2] = [
    include_str!("../data/commendations/units.toml"),
    include_str!("../data/commendations/people.toml"),
];
const CRITERIA_MAX: usize = 12;

impl List {
    /// Reads a list.
    ///
    /// # Errors
    /// Line and field, or what does not go together.
    pub fn parse(text: &str) -> Result<Self, Text> {
        let own: Self = toml::from_str(text).map_err(|error| Text::same(error.to_string()))?;
        own.flaw().map_or(Ok(own), Err)
    }

    /// The lists that are built in.
    ///
    /// # Errors
    /// Never, as a test shows.
    pub fn built_in() -> Result<Vec<(Self, &'static str)>, Text> {
        BUILT_IN.iter().map(|text| Ok((Self::parse(text)?, *text))).collect()
    }

    /// Whether it holds on a day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }

    /// Everybody with how they stand: those on the list first, by their places.
    pub fn judge(&self, candidates: Vec<Candidate>) -> Vec<Judged> {
        let at = self.criterion.iter().position(|own| own.key == self.order).unwrap_or(0);
        // With an upper bound less is better, and comes first.
        let less_first = self
            .criterion
            .get(at)
            .is_some_and(|own| own.at_most.is_some() && own.at_least.is_none());
        let mut all: Vec<Judged> = candidates.into_iter().map(|own| self.measured(own)).collect();
        let amount = |own: &Judged| own.candidate.amounts.get(at).and_then(|own| own.clone().ok());
        let is_met = |own: &Judged| own.met.iter().all(|met| *met);
        all.sort_by(|a, b| {
            let (x, y) = (amount(a), amount(b));
            let by_amount = if less_first { x.cmp(&y) } else { y.cmp(&x) };
            let by_met = is_met(b).cmp(&is_met(a));
            by_met.then(by_amount).then(a.candidate.key.cmp(&b.candidate.key))
        });
        let (mut place, mut before) = (0, None);
        for (at, own) in all.iter_mut().enumerate().take_while(|(_, own)| is_met(own)) {
            let amount = amount(own);
            if before != Some(amount) {
                (place, before) = (at as u32 + 1, Some(amount));
            }
            own.place = Some(place).filter(|place| *place <= self.places);
        }
        all
    }

    fn measured(&self, candidate: Candidate) -> Judged {
        let reaches = |(own, amount): (&Criterion, &Result<Exact, Text>)| {
            amount.as_ref().is_ok_and(|amount| {
                own.at_least.is_none_or(|least| *amount >= least.0)
                    && own.at_most.is_none_or(|most| *amount <= most.0)
            })
        };
        let mut met: Vec<bool> =
            self.criterion.iter().zip(&candidate.amounts).map(reaches).collect();
        // An amount that was not given is not met.
        met.resize(self.criterion.len(), false);
        Judged { candidate, met, place: None }
    }

    fn flaw(&self) -> Option<Text> {
        let flaw = |zh: &str, en: &str| Some(Text::new(zh, en));
        if self.key.trim().is_empty() || self.source.trim().is_empty() || self.name.zh.is_empty() {
            return flaw("须有 key、name 与 source", "`key`, `name` and `source` are needed");
        }
        if !["H", "M", "R", "O"].contains(&self.confidence.as_str()) {
            return flaw("confidence 须为 H、M、R 或 O", "`confidence` is one of H, M, R, O");
        }
        if self.places == 0 || self.criterion.is_empty() || self.criterion.len() > CRITERIA_MAX {
            return flaw(
                "名额至少 1，条件 1 至 12 项",
                "`places` is at least 1, and there are 1 to 12 criteria",
            );
        }
        if !self.criterion.iter().any(|own| own.key == self.order) {
            return flaw(
                "order 须是其中一项条件的 key",
                "`order` is the key of one of the criteria",
            );
        }
        if self.criterion.iter().any(|own| own.at_least.is_none() && own.at_most.is_none()) {
            return flaw(
                "每项条件须写 at_least 或 at_most",
                "each criterion says `at_least` or `at_most`: without a number it is a vote",
            );
        }
        let of_people = |own: &Criterion| matches!(own.of, Measure::Cases { take } if take != Take::Due && take != Take::Overdue);
        if self.of == Whom::People && !self.criterion.iter().all(of_people) {
            return flaw(
                "个人名单只能用经办件（closed、reworked、reopened）",
                "a list of people looks at the cases that they handled: closed, reworked, reopened",
            );
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(key: &str, numbers: &[i64]) -> Candidate {
        let amounts = numbers.iter().map(|own| Ok(Exact::whole(*own))).collect();
        Candidate { key: key.to_owned(), amounts }
    }

    fn people(places: u32) -> List {
        let all = List::built_in().unwrap();
        let own = all.into_iter().map(|(own, _)| own).find(|own| own.of == Whom::People).unwrap();
        List { places, ..own }
    }

    #[test]
    fn whoever_meets_every_criterion_is_on_the_list_and_a_shared_last_place_is_shared() {
        // Closed, reworked, reopened.
        let all = vec![
            candidate("c", &[20, 0, 0]),
            candidate("a", &[30, 0, 0]),
            candidate("d", &[99, 5, 0]),
            candidate("b", &[20, 0, 0]),
            candidate("e", &[15, 0, 0]),
            candidate("f", &[1, 0, 0]),
        ];
        let judged = people(2).judge(all);
        let places: Vec<_> =
            judged.iter().map(|own| (own.candidate.key.as_str(), own.place)).collect();
        let expected =
            [("a", Some(1)), ("b", Some(2)), ("c", Some(2)), ("e", None), ("d", None), ("f", None)];
        assert_eq!(places, expected);
        assert_eq!(judged[4].met, [true, false, true]);
    }

    #[test]
    fn an_amount_that_nobody_knows_is_not_met() {
        let own = people(3);
        let lacking = Candidate { key: "a".into(), amounts: vec![Err(Text::same("no desk"))] };
        let judged = own.judge(vec![lacking]);
        assert_eq!((judged[0].met.clone(), judged[0].place), (vec![false; 3], None));
        assert_eq!(own.judge(vec![]), vec![]);
    }

    #[test]
    fn what_is_a_vote_or_looks_at_what_a_person_has_not_is_refused() {
        let (_, text) = List::built_in().unwrap()[1].clone();
        let says = |from: &str, to: &str| {
            let changed = text.replacen(from, to, 1);
            assert_ne!(changed, text);
            List::parse(&changed).unwrap_err().en
        };
        assert!(says(", at_least = 10", "").contains("a vote"));
        assert!(says("take = \"closed\"", "take = \"due\"").contains("handled"));
        assert!(says("order = \"closed\"", "order = \"merit\"").contains("order"));
        assert!(says("places = 10", "places = 0").contains("places"));
    }
}
