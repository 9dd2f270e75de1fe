//! Categories of cases as data: what it is, how long it may take, who handles it.

use crate::{Allowed, UrgingStep};
use model::Subject;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Chinese and English.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// A category of cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// Names it, stable.
    pub key: String,
    /// For people.
    pub name: Text,
    /// What it is about; scopes of rights go by it.
    #[serde(default)]
    pub subject: Option<Subject>,
    /// How long handling may take, from the dispatch on.
    pub allowed: Allowed,
    /// Whether it counts as urgent in scores.
    #[serde(default)]
    pub urgent: bool,
    /// The unit that handles it, when the area does not say otherwise; empty: the dispatcher chooses.
    #[serde(default)]
    pub unit: String,
    /// Whether the public may report it.
    #[serde(default)]
    pub public: bool,
    /// Where its limit was taken from, or that it is the district's own.
    pub source: String,
}

/// Categories, and the steps by which an overdue case is urged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// The categories, in the order in which people see them.
    #[serde(rename = "category")]
    pub categories: Vec<Category>,
    /// Steps of urging, in their order.
    #[serde(default, rename = "urging")]
    pub urging: Vec<UrgingStep>,
}

/// What is wrong with a catalogue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("categories: {0}")]
pub struct CatalogueError(String);

impl Catalogue {
    /// Reads a catalogue (TOML).
    ///
    /// # Errors
    /// Names the category and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, CatalogueError> {
        let catalogue: Self = toml::from_str(text).map_err(|e| CatalogueError(e.to_string()))?;
        let mut seen = BTreeSet::new();
        for category in &catalogue.categories {
            let flaw = |what: &str| Err(CatalogueError(format!("{}: {what}", category.key)));
            if category.key.is_empty() || !seen.insert(&category.key) {
                return flaw("a key is not empty and stands once");
            }
            if category.allowed.amount == 0 {
                return flaw("allowed.amount is at least 1");
            }
            if category.source.trim().is_empty() {
                return flaw("source says where the limit was taken from");
            }
            if category.name.zh.is_empty() || category.name.en.is_empty() {
                return flaw("name has Chinese and English");
            }
        }
        let is_number = |text: &String| standards::Exact::parse(text).is_ok();
        match catalogue
            .urging
            .iter()
            .find(|step| !is_number(&step.after_share) || !is_number(&step.weight))
        {
            Some(step) => Err(CatalogueError(format!(
                "urging {:?}: after_share and weight are decimals as text",
                step.name.en
            ))),
            None => Ok(catalogue),
        }
    }

    /// The categories that come with the program, as TOML: what a district begins from.
    pub const TEXT: &str = include_str!("../data/categories.toml");

    /// The categories that are built in: examples to begin from.
    ///
    /// # Errors
    /// Never, as a test shows.
    pub fn built_in() -> Result<Self, CatalogueError> {
        Self::parse(Self::TEXT)
    }

    /// A category by its key.
    pub fn category(&self, key: &str) -> Option<&Category> {
        self.categories.iter().find(|category| category.key == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_catalogue_reads_and_what_is_wrong_is_named() {
        let text = include_str!("../data/categories.toml");
        assert!(Catalogue::built_in().unwrap().categories.len() >= 12);
        for (from, to, says) in [
            ("subject = \"dust\"", "subject = \"dirt\"", "unknown variant `dirt`"),
            ("amount = 4", "amount = 0", "at least 1"),
            ("key = \"river-dirty\"", "key = \"dust-site\"", "stands once"),
        ] {
            assert!(text.contains(from));
            let error = Catalogue::parse(&text.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
