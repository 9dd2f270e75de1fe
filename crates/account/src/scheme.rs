//! Schemes of reward and penalty as dated data: what a document says is paid, and what it leaves open.
//!
//! A scheme is a TOML document ([`Scheme::parse`]); those that were published stand in `data/schemes`, each
//! with its source, how sure we are of it, and what the source does not say. Where it can be read in two
//! ways both amounts come out ([`Payment::other`]): the doubt is shown, not decided. The amount is a suggestion
//! until the finance document is entered (requirement GOV-110). Exact: no amount is rounded.

mod decimal;
mod formula;
mod source;

pub use decimal::Decimal;
pub use formula::{Band, Edge, Formula, Step, Term};
pub use source::{Measured, NoInput, Reference, Source, Takes};

use crate::Text;
use crate::report::shortest;
use serde::{Deserialize, Serialize};
use standards::{Exact, ExactError};
use std::collections::BTreeMap;

/// A scheme, or one rule of one.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scheme {
    /// Names it, stable.
    pub key: String,
    /// For people.
    pub name: Text,
    /// First civil day on which it holds, `YYYY-MM-DD`.
    pub valid_from: String,
    /// Last civil day on which it holds; empty: still, or not stated.
    #[serde(default)]
    pub valid_to: String,
    /// `H` primary text or two sources, `M` one good source, `R` recalled, `O` our own design.
    pub confidence: String,
    /// Where it stands, in our own words.
    pub source: String,
    /// What the source does not say.
    #[serde(default)]
    pub unknown: Vec<Text>,
    /// The unit of the result: `10k yuan`, `points`.
    pub unit: String,
    /// Positive amounts are paid by the unit (`penalty`), to it (`reward`), or are no money (`score`).
    pub direction: Direction,
    /// Of a score: which end is the best; none where the source does not say.
    #[serde(default)]
    pub best: Option<Best>,
    /// Where its inputs come from when it is replayed, as far as the source says.
    #[serde(default)]
    pub input: Vec<Source>,
    /// How the result follows.
    pub formula: Formula,
}

/// Which end of a score is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Best {
    /// The more the better.
    High,
    /// The less the better.
    Low,
}

/// Which way an amount goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The unit pays it.
    Penalty,
    /// The unit gets it.
    Reward,
    /// The unit pays it at one end of the rank and gets it at the other.
    Both,
    /// A score to rank by.
    Score,
}

/// What a scheme comes to, with the way there.
#[derive(Clone, Debug, PartialEq)]
pub struct Payment {
    /// The amount, in the scheme's unit.
    pub amount: Exact,
    /// Line by line: what was multiplied by what.
    pub lines: Vec<Line>,
    /// The amount under the other reading of the source, where there is one.
    pub other: Option<Exact>,
}

/// One line of a payment.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Which band, term or place, in words of the scheme's numbers.
    pub what: String,
    /// How much of the input falls here.
    pub quantity: Exact,
    /// What one of it costs.
    pub rate: Exact,
    /// Their product.
    pub amount: Exact,
}

/// Why a scheme cannot be read or applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not a scheme.
    #[error("{0}")]
    Document(String),
    /// An input that the formula needs was not given.
    #[error("the scheme {scheme} needs the input {input:?}\nhint: it takes {takes}")]
    Missing {
        /// The scheme.
        scheme: String,
        /// What is missing.
        input: String,
        /// What it takes.
        takes: String,
    },
    /// An input that cannot be.
    #[error("the scheme {scheme}: {input} is {given}, {wanted}")]
    Input {
        /// The scheme.
        scheme: String,
        /// Which input.
        input: String,
        /// What was given.
        given: String,
        /// What would do.
        wanted: &'static str,
    },
    /// A number cannot be computed with.
    #[error("a number of the scheme: {0}")]
    Number(#[from] ExactError),
}

/// Inputs by name.
pub type Inputs = BTreeMap<String, Exact>;

/// The schemes that are built in: published ones, as examples to begin from.
const BUILT_IN: [&str; 8] = [
    include_str!("../data/schemes/zhengzhou-2020-pm25.toml"),
    include_str!("../data/schemes/anyang-daily-aqi.toml"),
    include_str!("../data/schemes/hebei-counties.toml"),
    include_str!("../data/schemes/taiyuan-2019-score.toml"),
    include_str!("../data/schemes/taiyuan-2019-money.toml"),
    include_str!("../data/schemes/shanxi-2019.toml"),
    include_str!("../data/schemes/zhoukou-sections.toml"),
    include_str!("../data/schemes/henan-2010-load.toml"),
];

impl Scheme {
    /// Reads a scheme.
    ///
    /// # Errors
    /// [`Error::Document`] names line and field, a band that overlaps, a source that is missing.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let scheme: Self =
            toml::from_str(text).map_err(|error| Error::Document(error.to_string()))?;
        let flaw = |what: &str| Err(Error::Document(format!("scheme {}: {what}", scheme.key)));
        if scheme.key.is_empty() || scheme.source.trim().is_empty() {
            return flaw("key and source may not be empty");
        }
        if !["H", "M", "R", "O"].contains(&scheme.confidence.as_str()) {
            return flaw("confidence is one of H, M, R, O");
        }
        for day in [&scheme.valid_from, &scheme.valid_to] {
            if !day.is_empty() && day.parse::<jiff::civil::Date>().is_err() {
                return flaw("valid_from and valid_to are civil days, YYYY-MM-DD");
            }
        }
        if scheme.best.is_some() && scheme.direction != Direction::Score {
            return flaw("best belongs to a score");
        }
        let own = scheme.formula.flaw();
        match own.or_else(|| source::flaw(&scheme.input, &scheme.takes())) {
            Some(what) => flaw(&what),
            None => Ok(scheme),
        }
    }

    /// The schemes that are built in, by key.
    ///
    /// # Errors
    /// Never, as a test shows.
    pub fn built_in() -> Result<Vec<Self>, Error> {
        let mut all: Vec<_> =
            BUILT_IN.iter().map(|text| Self::parse(text)).collect::<Result<_, _>>()?;
        all.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(all)
    }

    /// The documents of the schemes that are built in, TOML.
    pub fn built_in_documents() -> &'static [&'static str] {
        &BUILT_IN
    }

    /// What these inputs come to.
    ///
    /// # Errors
    /// When an input is missing or cannot be.
    pub fn apply(&self, inputs: &Inputs) -> Result<Payment, Error> {
        self.formula.apply(&self.key, inputs)
    }

    /// The inputs that it takes, by name; each once.
    pub fn takes(&self) -> Vec<String> {
        let mut names: Vec<String> = vec![];
        for name in self.formula.takes() {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// What the name of its only input says is taken of the item; none where there are several, or the name does not tell.
    pub fn takes_by_name(&self) -> Option<Takes> {
        let names = self.takes();
        let [name] = names.as_slice() else { return None };
        let by_place = matches!(self.formula, Formula::ByPlace { .. } | Formula::Listed { .. });
        // Steps reach up from a threshold, and places go down: they do not go together.
        let has_place = name.starts_with("place") && !matches!(self.formula, Formula::Steps { .. });
        match name {
            _ if by_place || has_place => Some(match self.direction {
                Direction::Reward => Takes::Place,
                _ => Takes::PlaceFromEnd,
            }),
            _ if name.starts_with("excess") => Some(Takes::Excess),
            _ if name.ends_with("percent") => Some(Takes::Percent),
            _ if name.ends_with("multiple") => Some(Takes::Multiple),
            _ => None,
        }
    }
}

impl Line {
    /// The line for people: what, how much, times what.
    pub fn told(&self) -> String {
        let [quantity, rate, amount] = [&self.quantity, &self.rate, &self.amount].map(shortest);
        format!("{}: {quantity} × {rate} = {amount}", self.what)
    }
}
