//! What a programme of a kind counts, and which rates are read out of it.

use crate::{Basis, Text};
use serde::{Deserialize, Serialize};

/// A kind of programme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Names it.
    pub key: String,
    /// For people.
    pub name: Text,
    /// What is counted.
    #[serde(rename = "measure")]
    pub measures: Vec<Measure>,
    /// What is read out.
    #[serde(rename = "rate")]
    pub rates: Vec<RateOf>,
    /// Key of the rate by which it is on its way or behind.
    pub light: String,
}

/// Something that is counted, as a cumulative total.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// Names it.
    pub key: String,
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
    /// Its unit; empty for a bare count.
    pub unit: String,
    /// What it counts.
    pub basis: Basis,
    /// Measures of one chain happen in their order: each is at most the one before it.
    #[serde(default)]
    pub chain: Option<String>,
}

/// A rate that is read out: one measure over another of the same basis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateOf {
    /// Names it.
    pub key: String,
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
    /// Key of the measure that is done.
    pub of: String,
    /// Key of the measure that is due.
    pub over: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    template: Vec<Template>,
}

impl Template {
    /// The templates that are built in.
    ///
    /// # Errors
    /// Never, as a test shows.
    pub fn built_in() -> Result<Vec<Self>, String> {
        let file: File = toml::from_str(include_str!("../../data/templates.toml"))
            .map_err(|error| error.to_string())?;
        for template in &file.template {
            if let Some(flaw) = template.flaw() {
                return Err(format!("template {}: {flaw}", template.key));
            }
        }
        Ok(file.template)
    }

    /// A measure by its key.
    pub fn measure(&self, key: &str) -> Option<&Measure> {
        self.measures.iter().find(|measure| measure.key == key)
    }

    /// A rate by its key.
    pub fn rate(&self, key: &str) -> Option<&RateOf> {
        self.rates.iter().find(|rate| rate.key == key)
    }

    fn flaw(&self) -> Option<String> {
        for rate in &self.rates {
            let (of, over) = (self.measure(&rate.of), self.measure(&rate.over));
            let basis = |measure: Option<&Measure>| measure.map(|measure| measure.basis);
            if of.is_none() || basis(of) != basis(over) {
                return Some(format!("rate {} needs two measures of one basis", rate.key));
            }
        }
        self.rate(&self.light).is_none().then(|| format!("there is no rate {}", self.light))
    }
}

impl Measure {
    /// Its name for people.
    pub fn name(&self) -> Text {
        Text::new(&self.zh, &self.en)
    }
}

impl RateOf {
    /// Its name for people.
    pub fn name(&self) -> Text {
        Text::new(&self.zh, &self.en)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_sound_and_their_rates_compare_like_with_like() {
        let all = Template::built_in().unwrap();
        assert_eq!(all.len(), 7);
        let mut wrong = all[0].clone();
        wrong.rates[0].over = "due_people".into();
        assert!(wrong.flaw().is_some());
    }
}
