//! What the law leaves open: settings with a stated default, shown with every result that uses them.

use super::Grade;
use crate::data::Data;
use crate::explain::{Step, Text};
use crate::source::Source;
use crate::table::{Error, Problem};
use serde::Serialize;
use std::sync::Arc;

/// The settings of assessments of air.
#[derive(Clone, Debug, Serialize)]
pub struct Settings(Vec<Setting>);

/// One setting.
#[derive(Clone, Debug, Serialize)]
pub struct Setting {
    /// `composite_scheme`
    pub key: Arc<str>,
    /// What holds.
    pub value: Arc<str>,
    /// What holds unless somebody says otherwise.
    pub default: Arc<str>,
    /// What may be said.
    pub choices: Vec<Arc<str>>,
    /// What it is called.
    pub title: Text,
    /// What it means and why it is open.
    pub note: Text,
    /// Where the question stands.
    pub source: Source,
}

/// A setting has no such key or value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("setting {key}={value} is not known\nhint: {known}")]
pub struct NoSetting {
    key: String,
    value: String,
    known: String,
}

/// Every key, in the order of the table.
const KEYS: [&str; 6] = [
    "composite_scheme",
    "composite_values",
    "composite_limits",
    "three_year_mean",
    "exceptional_events",
    "grade",
];

impl Settings {
    pub(crate) fn load(data: &Data<'_>) -> Result<Self, Error> {
        let table = data.table(
            "air/assessment_settings.csv",
            &[
                "key",
                "valid_from",
                "valid_to",
                "value",
                "choices",
                "title_zh",
                "title_en",
                "note_zh",
                "note_en",
            ],
        )?;
        table.check_validity(&["key"])?;
        let mut settings = Vec::new();
        for row in table.rows() {
            row.key("key", |key| KEYS.contains(&key).then_some(()))?;
            let (value, choices) = (row.shared("value"), row.text("choices"));
            let choices: Vec<Arc<str>> = choices.split('|').map(Arc::from).collect();
            if !choices.contains(&value) {
                return Err(row.bad("value", "one of the choices"));
            }
            settings.push(Setting {
                key: row.shared("key"),
                default: Arc::clone(&value),
                value,
                choices,
                title: Text::new(row.text("title_zh"), row.text("title_en")),
                note: Text::new(row.text("note_zh"), row.text("note_en")),
                source: row.source(),
            });
        }
        for key in KEYS {
            if !settings.iter().any(|setting| &*setting.key == key) {
                return Err(table.error(Problem::Missing(key.to_owned())));
            }
        }
        Ok(Self(settings))
    }

    /// Every setting.
    pub fn all(&self) -> &[Setting] {
        &self.0
    }

    /// The value of a key; empty for an unknown one.
    pub fn get(&self, key: &str) -> &str {
        self.0.iter().find(|own| &*own.key == key).map_or("", |own| &own.value)
    }

    /// The same with one setting as said.
    ///
    /// # Errors
    /// When there is no such key, or the key takes no such value; the message lists what there is.
    pub fn with(mut self, key: &str, value: &str) -> Result<Self, NoSetting> {
        let unknown =
            |known: String| Err(NoSetting { key: key.to_owned(), value: value.to_owned(), known });
        let Some(own) = self.0.iter_mut().find(|own| &*own.key == key) else {
            return unknown(format!("settings are {}", KEYS.join(", ")));
        };
        let Some(choice) = own.choices.iter().find(|choice| &***choice == value) else {
            return unknown(format!("{key} is one of {}", own.choices.join(", ")));
        };
        own.value = Arc::clone(choice);
        Ok(self)
    }

    /// The grade of the limits.
    pub fn grade(&self) -> Grade {
        if self.get("grade") == "1" { Grade::One } else { Grade::Two }
    }

    /// Whether listed days of dust weather stay out of means.
    pub fn takes_dust_out(&self) -> bool {
        self.get("exceptional_events") == "dust_2016"
    }

    /// What holds, as a step to stand below a result; only the keys named.
    pub(crate) fn step(&self, keys: &[&str]) -> Step {
        let mut step = Step::new("settings: what the law leaves open", "设定：标准未明确之处");
        for setting in self.0.iter().filter(|own| keys.contains(&&*own.key)) {
            let (zh, en) = (&setting.title.zh, &setting.title.en);
            let mut one = Step::new(en, zh).valued(Some(&setting.value)).with_rule(&setting.source);
            let is_default = setting.value == setting.default;
            one.how = (!is_default).then(|| format!("default {}", setting.default));
            one.text = Some(setting.note.clone());
            step.inputs.push(one);
        }
        step.text = Some(Text::new("可以更改", "may be set otherwise"));
        step
    }
}
