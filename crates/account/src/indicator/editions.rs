//! The editions of indicators: which one holds on a day.

use super::{Flawed, Indicator};
use crate::programme::Template;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// An indicator in one edition, as it was adopted.
#[derive(Clone, Debug, PartialEq)]
pub struct Edition {
    /// What it says.
    pub indicator: Indicator,
    /// Its document, TOML.
    pub toml: String,
    /// Its number in the log; none: an example that is built in.
    pub sequence: Option<u64>,
}

/// All editions of all indicators.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Editions(BTreeMap<String, Vec<Edition>>);

impl Editions {
    /// The examples.
    ///
    /// # Errors
    /// Never, as a test shows.
    pub fn built_in(templates: &[Template]) -> Result<Self, Flawed> {
        let mut all = Self::default();
        for text in Indicator::built_in_documents() {
            all.take(None, text, Indicator::parse(text, templates)?);
        }
        Ok(all)
    }

    /// Takes in an edition.
    pub fn take(&mut self, sequence: Option<u64>, toml: &str, indicator: Indicator) {
        let own = self.0.entry(indicator.key.clone()).or_default();
        own.push(Edition { indicator, toml: toml.to_owned(), sequence });
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The edition that holds on a day: one that was adopted before an example, of those the one that begins latest, of
    /// those the one that was adopted last.
    pub fn on(&self, key: &str, day: Date) -> Option<&Edition> {
        let all = self.0.get(key)?.iter().filter(|own| own.indicator.holds_on(day));
        all.max_by_key(|own| (own.sequence.is_some(), own.indicator.valid_from, own.sequence))
    }

    /// Every edition of an indicator, in the order in which they came.
    pub fn of(&self, key: &str) -> &[Edition] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }
}
