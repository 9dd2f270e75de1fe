//! Sampling plans that mix scheduled and random tasks (GOV-081).
//!
//! A random round has a seed of its own, so that opening one says nothing of the next. Its commitment is published with the
//! plan; the seed stays sealed until the day of the draw. Whoever opens a round earlier, with another seed, or over another
//! list of sites, is refused.

use crate::draw::{Refused, Seed};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A plan: the document of an act of kind `sampling_plan`. It is made once; a change is another plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SamplingPlan {
    /// What it is called.
    pub name: crate::Text,
    /// Tasks whose sites and days are known from the beginning.
    #[serde(default)]
    pub scheduled: Vec<Scheduled>,
    /// Rounds whose sites are drawn.
    #[serde(default)]
    pub rounds: Vec<Round>,
    /// The document it rests on.
    #[serde(default)]
    pub source: String,
}

/// A task that everybody knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scheduled {
    /// Key of the water site.
    pub site: String,
    /// By when, this day included.
    pub day: Date,
}

/// A round of random tasks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Round {
    /// Its number: part of the draw.
    pub number: u64,
    /// The sites that may be drawn.
    pub sites: Vec<String>,
    /// How many of them are drawn.
    pub wanted: usize,
    /// From the beginning of this civil day on it may be opened.
    pub opens: Date,
    /// By when those drawn are to be sampled, this day included.
    pub until: Date,
    /// SHA-256 of its sealed seed, 64 hexadecimal digits.
    #[serde(default)]
    pub commitment: String,
}

/// An opened round: the document of an act of kind `draw`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opened {
    /// The number of the round.
    pub number: u64,
    /// Its seed, which is public from now on.
    pub seed: String,
    /// The sites that it draws, in the order of the draw.
    pub sites: Vec<String>,
}

/// Why a round stays closed, or a plan is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Closed {
    /// Its day has not come.
    #[error("round {number} opens on {opens}")]
    TooEarly {
        /// The round.
        number: u64,
        /// Its day.
        opens: Date,
    },
    /// The seed is not the one that was committed to.
    #[error("the seed is not the one that round {0} was committed to")]
    OtherSeed(u64),
    /// Nothing can be drawn.
    #[error("round {0}: {1}")]
    Draw(u64, #[source] Refused),
    /// Two rounds have one number.
    #[error("round {0} stands twice in the plan")]
    Twice(u64),
    /// Sampling would have to be over before the sites are known.
    #[error("round {0} ends before it opens")]
    Backwards(u64),
    /// A plan without any task.
    #[error("the plan has neither scheduled tasks nor rounds")]
    Empty,
}

/// One thing to sample.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Task {
    /// By when.
    pub until: Date,
    /// Key of the water site.
    pub site: String,
    /// The round that drew it; none: it was scheduled.
    pub round: Option<u64>,
    /// Not before this day, where it was drawn.
    pub from: Option<Date>,
}

impl SamplingPlan {
    /// Whether it can be carried out. Its rounds need no commitments yet.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), Closed> {
        if self.scheduled.is_empty() && self.rounds.is_empty() {
            return Err(Closed::Empty);
        }
        for (at, round) in self.rounds.iter().enumerate() {
            let number = round.number;
            if self.rounds[..at].iter().any(|other| other.number == number) {
                return Err(Closed::Twice(number));
            }
            if round.until < round.opens {
                return Err(Closed::Backwards(number));
            }
            // What can be drawn with one seed can be drawn with any.
            Seed([0; 32])
                .draw(number, &round.names(), round.wanted)
                .map_err(|e| Closed::Draw(number, e))?;
        }
        Ok(())
    }

    /// The tasks that are known: scheduled ones, and those of opened rounds, by their day.
    pub fn tasks(&self, opened: &[Opened]) -> Vec<Task> {
        let scheduled = self.scheduled.iter();
        let mut tasks: Vec<Task> = scheduled
            .map(|own| Task { until: own.day, site: own.site.clone(), round: None, from: None })
            .collect();
        for round in &self.rounds {
            let drawn = opened.iter().filter(|one| one.number == round.number);
            tasks.extend(drawn.flat_map(|one| &one.sites).map(|site| Task {
                until: round.until,
                site: site.clone(),
                round: Some(round.number),
                from: Some(round.opens),
            }));
        }
        tasks.sort();
        tasks
    }
}

impl Round {
    fn names(&self) -> Vec<&str> {
        self.sites.iter().map(String::as_str).collect()
    }

    /// Opens it with its seed, on a day.
    ///
    /// # Errors
    /// [`Closed`].
    pub fn open(&self, seed: &Seed, today: Date) -> Result<Opened, Closed> {
        let number = self.number;
        if today < self.opens {
            return Err(Closed::TooEarly { number, opens: self.opens });
        }
        if !seed.is_of(&self.commitment) {
            return Err(Closed::OtherSeed(number));
        }
        let sites = seed
            .draw(number, &self.names(), self.wanted)
            .map_err(|error| Closed::Draw(number, error))?;
        Ok(Opened { number, seed: seed.text(), sites })
    }

    /// Whether an opened round is what its commitment and its sites make: what anybody can check.
    pub fn verifies(&self, opened: &Opened) -> bool {
        let seed = Seed::parse(&opened.seed);
        seed.is_some_and(|seed| self.open(&seed, self.opens).is_ok_and(|again| again == *opened))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Text;
    use jiff::civil::date;

    fn round() -> Round {
        Round {
            number: 1,
            sites: ["w1", "w2", "w3", "w4", "w5", "w6", "w7", "w8"].map(str::to_owned).into(),
            wanted: 2,
            opens: date(2026, 3, 10),
            until: date(2026, 3, 12),
            commitment: Seed([7; 32]).commitment(),
        }
    }

    fn plan() -> SamplingPlan {
        SamplingPlan {
            name: Text::same("March"),
            scheduled: vec![Scheduled { site: "w9".into(), day: date(2026, 3, 5) }],
            rounds: vec![round()],
            source: String::new(),
        }
    }

    #[test]
    fn a_round_opens_on_its_day_with_its_own_seed_and_draws_what_the_script_draws() {
        let (round, seed) = (round(), Seed([7; 32]));
        let early = Closed::TooEarly { number: 1, opens: round.opens };
        assert_eq!(round.open(&seed, date(2026, 3, 9)), Err(early));
        assert_eq!(round.open(&Seed([8; 32]), round.opens), Err(Closed::OtherSeed(1)));
        let opened = round.open(&seed, round.opens).unwrap();
        // As the ten lines of Python in docs/guides/account.md say.
        assert_eq!(opened.sites, ["w5", "w1"]);
        assert!(round.verifies(&opened));
        let turned = Opened { sites: vec!["w1".into(), "w2".into()], ..opened.clone() };
        assert!(!round.verifies(&turned));
        let tasks = plan().tasks(&[opened]);
        let sites: Vec<_> = tasks.iter().map(|task| (&*task.site, task.round)).collect();
        assert_eq!(sites, [("w9", None), ("w1", Some(1)), ("w5", Some(1))]);
    }

    #[test]
    fn a_plan_that_cannot_be_carried_out_is_refused() {
        let check = |change: fn(&mut SamplingPlan), expected: Closed| {
            let mut plan = plan();
            change(&mut plan);
            assert_eq!(plan.check(), Err(expected));
        };
        assert_eq!(plan().check(), Ok(()));
        check(|plan| plan.rounds.push(round()), Closed::Twice(1));
        check(|plan| plan.rounds[0].until = date(2026, 3, 9), Closed::Backwards(1));
        let few = Refused::TooFew { wanted: 9, there: 8 };
        check(|plan| plan.rounds[0].wanted = 9, Closed::Draw(1, few));
        check(
            |plan| {
                plan.rounds.clear();
                plan.scheduled.clear();
            },
            Closed::Empty,
        );
    }
}
