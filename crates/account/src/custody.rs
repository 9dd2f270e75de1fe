//! The chain of custody of a sample: who had it from when to when, under which seals, and where that breaks (GOV-082).
//!
//! Steps are kept as they are told, in the order in which they were told. A break is named and nothing is refused: a sample
//! whose chain is broken has results, and they say that it is.

use crate::Text;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A step of a sample's way: the document of an act of kind `sample`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// When it was, by whoever tells it.
    pub at: Timestamp,
    /// What it was.
    pub what: What,
    /// The document or photo that shows it.
    #[serde(default)]
    pub proof: String,
}

/// What happened to a sample.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
pub enum What {
    /// Water was taken.
    Taken {
        /// Who took it.
        by: String,
        /// Key of the water site.
        site: String,
        /// The plan that asked for it; empty: none did.
        #[serde(default)]
        plan: String,
        /// How deep, m, as a decimal; empty: not measured.
        #[serde(default)]
        depth_m: String,
        /// Its bottles, each with its seal.
        bottles: Vec<Bottle>,
    },
    /// It went from one hand to another.
    HandedOver {
        /// Who gave it.
        from: String,
        /// Who has it now.
        to: String,
        /// The bottles that were given, with the seals as they were seen.
        bottles: Vec<Bottle>,
    },
    /// The laboratory has it.
    Received {
        /// Who gave it.
        from: String,
        /// The laboratory.
        by: String,
        /// The bottles that came, with the seals as they were seen.
        bottles: Vec<Bottle>,
    },
    /// It was analysed.
    Analysed {
        /// The laboratory.
        by: String,
        /// What was found.
        results: Vec<Analysis>,
    },
}

/// A bottle and its seal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bottle {
    /// The number on it.
    pub id: String,
    /// The number of the seal; empty: it was not sealed, or the seal was broken.
    #[serde(default)]
    pub seal: String,
}

/// One result of a laboratory, as it was written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Analysis {
    /// Key of the item: `nh3n`.
    pub item: String,
    /// The value, a decimal in the unit of the standard; `0.025L` or `<0.025`: below this detection limit.
    pub value: String,
    /// The method: `HJ 535-2009`.
    #[serde(default)]
    pub method: String,
}

/// Where a chain breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Break {
    /// The first step is not that it was taken, or it was taken twice.
    NotTaken,
    /// A step lies before the one before it.
    BackInTime(Timestamp),
    /// Somebody gave it who did not have it: who gave, who had it.
    OtherHand(String, String),
    /// A bottle is not there any more.
    Lost(String),
    /// A bottle that nobody took.
    Foreign(String),
    /// A seal is another one, or none.
    Seal(String),
    /// It was analysed by somebody who had not received it.
    NotReceived(String),
}

/// What a sample's steps come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chain {
    /// Key of the water site.
    pub site: String,
    /// The plan that asked for it.
    pub plan: String,
    /// When it was taken.
    pub taken: Option<Timestamp>,
    /// Who has it.
    pub holder: String,
    /// What was found; of an item that was analysed twice, the later.
    pub results: Vec<Analysis>,
    /// Where it breaks.
    pub breaks: Vec<Break>,
}

impl Chain {
    /// Follows the steps in the order in which they were told.
    pub fn follow(steps: &[Step]) -> Self {
        let mut chain = Self::default();
        let mut bottles: Vec<Bottle> = vec![];
        let (mut last, mut is_received) = (None, false);
        for step in steps {
            if last.is_some_and(|last| step.at < last) {
                chain.breaks.push(Break::BackInTime(step.at));
            }
            last = Some(step.at);
            if chain.taken.is_none() != matches!(step.what, What::Taken { .. })
                && !chain.breaks.contains(&Break::NotTaken)
            {
                chain.breaks.push(Break::NotTaken);
            }
            match &step.what {
                What::Taken { by, site, plan, bottles: own, .. } => {
                    (chain.site, chain.plan) = (site.clone(), plan.clone());
                    (chain.taken, chain.holder) = (Some(step.at), by.clone());
                    bottles.clone_from(own);
                    chain.unsealed(own);
                }
                What::HandedOver { from, to, bottles: seen } => {
                    chain.pass(from, to, &mut bottles, seen);
                }
                What::Received { from, by, bottles: seen } => {
                    chain.pass(from, by, &mut bottles, seen);
                    is_received = true;
                }
                What::Analysed { by, results } => {
                    if !is_received || chain.holder != *by {
                        chain.breaks.push(Break::NotReceived(by.clone()));
                    }
                    for one in results {
                        chain.results.retain(|own| own.item != one.item);
                        chain.results.push(one.clone());
                    }
                }
            }
        }
        chain
    }

    fn unsealed(&mut self, bottles: &[Bottle]) {
        let bare = bottles.iter().filter(|bottle| bottle.seal.is_empty());
        self.breaks.extend(bare.map(|bottle| Break::Seal(bottle.id.clone())));
    }

    fn pass(&mut self, from: &str, to: &str, had: &mut Vec<Bottle>, seen: &[Bottle]) {
        if !self.holder.is_empty() && self.holder != from {
            self.breaks.push(Break::OtherHand(from.to_owned(), self.holder.clone()));
        }
        for bottle in had.iter() {
            match seen.iter().find(|one| one.id == bottle.id) {
                None => self.breaks.push(Break::Lost(bottle.id.clone())),
                Some(one) if one.seal != bottle.seal => {
                    self.breaks.push(Break::Seal(bottle.id.clone()));
                }
                Some(_) => (),
            }
        }
        let is_foreign = |one: &&Bottle| had.iter().all(|bottle| bottle.id != one.id);
        let foreign = seen.iter().filter(is_foreign);
        self.breaks.extend(foreign.map(|one| Break::Foreign(one.id.clone())));
        *had = seen.to_vec();
        to.clone_into(&mut self.holder);
    }
}

impl Break {
    /// What broke, in both languages.
    pub fn words(&self) -> Text {
        match self {
            Self::NotTaken => Text::new(
                "首个环节不是采样，或重复采样",
                "the first step is not that it was taken, or it was taken twice",
            ),
            Self::BackInTime(at) => Text::new(
                format!("{at} 早于上一环节"),
                format!("{at} lies before the step before it"),
            ),
            Self::OtherHand(from, had) => Text::new(
                format!("交出者 {from} 并非持有者 {had}"),
                format!("{from} gave it, {had} had it"),
            ),
            Self::Lost(id) => {
                Text::new(format!("样瓶 {id} 缺失"), format!("bottle {id} is missing"))
            }
            Self::Foreign(id) => {
                Text::new(format!("样瓶 {id} 不在采样清单中"), format!("bottle {id} was not taken"))
            }
            Self::Seal(id) => Text::new(
                format!("样瓶 {id} 的封签不符或缺失"),
                format!("the seal of bottle {id} is another one, or none"),
            ),
            Self::NotReceived(by) => Text::new(
                format!("{by} 未接收即分析"),
                format!("{by} analysed it without having received it"),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i8, what: What) -> Step {
        let at = jiff::civil::date(2026, 3, 10).at(hour, 0, 0, 0).in_tz("UTC").unwrap().timestamp();
        Step { at, what, proof: String::new() }
    }

    fn bottles(seals: &[&str]) -> Vec<Bottle> {
        let bottle = |(at, seal): (usize, &&str)| Bottle {
            id: format!("b{}", at + 1),
            seal: (*seal).to_owned(),
        };
        seals.iter().enumerate().map(bottle).collect()
    }

    fn taken(seals: &[&str]) -> What {
        What::Taken {
            by: "sampler".into(),
            site: "w5".into(),
            plan: "march".into(),
            depth_m: "0.5".into(),
            bottles: bottles(seals),
        }
    }

    fn received(from: &str, seals: &[&str]) -> What {
        What::Received { from: from.into(), by: "lab".into(), bottles: bottles(seals) }
    }

    fn analysed(by: &str) -> What {
        let [item, value, method] = ["nh3n", "0.025L", "HJ 535-2009"].map(str::to_owned);
        What::Analysed { by: by.into(), results: vec![Analysis { item, value, method }] }
    }

    #[test]
    fn a_whole_chain_has_no_break() {
        let handed = What::HandedOver {
            from: "sampler".into(),
            to: "driver".into(),
            bottles: bottles(&["s1", "s2"]),
        };
        let chain = Chain::follow(&[
            at(8, taken(&["s1", "s2"])),
            at(9, handed),
            at(10, received("driver", &["s1", "s2"])),
            at(12, analysed("lab")),
        ]);
        assert_eq!(chain.breaks, []);
        assert_eq!((&*chain.site, &*chain.plan, &*chain.holder), ("w5", "march", "lab"));
        assert_eq!(chain.results.len(), 1);
    }

    #[test]
    fn each_break_is_named() {
        let check = |steps: &[Step], expected: &[Break]| {
            assert_eq!(Chain::follow(steps).breaks, expected);
        };
        let whole = ["s1", "s2"];
        check(
            &[at(8, taken(&whole)), at(7, received("sampler", &whole))],
            &[Break::BackInTime(at(7, analysed("lab")).at)],
        );
        check(
            &[at(8, taken(&whole)), at(9, received("driver", &whole))],
            &[Break::OtherHand("driver".into(), "sampler".into())],
        );
        check(
            &[at(8, taken(&whole)), at(9, received("sampler", &["s9"]))],
            &[Break::Seal("b1".into()), Break::Lost("b2".into())],
        );
        check(
            &[at(8, taken(&["s1"])), at(9, received("sampler", &whole))],
            &[Break::Foreign("b2".into())],
        );
        check(&[at(8, taken(&["s1", ""]))], &[Break::Seal("b2".into())]);
        check(&[at(8, taken(&whole)), at(9, analysed("lab"))], &[Break::NotReceived("lab".into())]);
        check(&[at(9, received("driver", &[]))], &[Break::NotTaken]);
        check(&[at(8, taken(&whole)), at(9, taken(&whole))], &[Break::NotTaken]);
    }
}
