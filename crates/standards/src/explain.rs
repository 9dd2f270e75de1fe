//! How a result came about: a tree of steps down to the averages that went in, in one shape for all
//! results, with the clause, the edition and the doubts of every step.
//!
//! Readings are not known here: whoever has them hangs them below the steps whose `valid` says how
//! many there were ([`Readings`]).

mod air;
mod assessment;
mod water;

use crate::air::{Capture, NotAssessed};
use crate::source::{Doubt, Source};
use crate::words::Said;
use serde::Serialize;
use std::fmt::{self, Write};
use std::sync::Arc;

/// A text in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// From Chinese and English.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// What something says in both languages.
    pub fn of(said: &impl Said) -> Self {
        Self { zh: said.zh(), en: said.en() }
    }
}

/// One step of a result.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Step {
    /// What it is, `PM2.5 daily mean`.
    pub title: Text,
    /// The number, class or name that the step gave; none when it gave none.
    pub value: Option<String>,
    /// The unit of the value.
    pub unit: Option<Arc<str>>,
    /// How it was done, in the signs of the standard: `⌈(100 - 50) / (60 - 35) × (42 - 35) + 50⌉`.
    pub how: Option<String>,
    /// What there is to say about it in words: a setting's meaning, what was left out.
    pub text: Option<Text>,
    /// The row of law behind the step.
    pub rule: Option<Rule>,
    /// The rounding that the step is.
    pub rounding: Option<Rounding>,
    /// How many values there were, were needed, and could be.
    pub valid: Option<Valid>,
    /// The readings behind the step, where somebody who has them named them.
    pub readings: Option<Readings>,
    /// Why the step gave nothing.
    pub reason: Option<NotAssessed>,
    /// What is in doubt about it.
    pub doubts: Vec<Doubt>,
    /// What it was made from.
    pub inputs: Vec<Self>,
    /// How many inputs more there are than are listed.
    pub truncated: Option<usize>,
}

/// A row of law behind a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// The document, `GB 3095-2026`.
    pub standard: String,
    /// Where in it, as the row's source says.
    pub clause: Arc<str>,
    /// The row or column, `PM2.5_24h`.
    pub row: Option<String>,
    /// The edition that was followed.
    pub edition: Option<Arc<str>>,
    /// How well the row is supported.
    pub confidence: crate::Confidence,
    /// Whether the result has to say that nobody could establish it well.
    pub doubtful: bool,
}

/// One rounding, half to even.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rounding {
    /// The number before.
    pub from: String,
    /// The number after.
    pub to: String,
    /// Decimal places.
    pub digits: u8,
    /// `half_even`
    pub mode: &'static str,
}

/// How many values stand behind a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Valid {
    /// Valid values.
    pub have: u32,
    /// Values needed; none where the law asks for no number.
    pub need: Option<u32>,
    /// Values there could be.
    pub of: u32,
}

/// The readings behind a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Readings {
    /// Their datastream, or the file.
    pub datastream: String,
    /// The first instant, RFC 3339.
    pub from: String,
    /// The first instant after them.
    pub to: String,
    /// How many.
    pub count: u64,
    /// The lowest sequence among them; none for files.
    pub sequence_min: Option<u64>,
    /// The highest.
    pub sequence_max: Option<u64>,
}

impl Rule {
    /// The rule of a row's source.
    pub fn of(source: &Source) -> Self {
        let standard = source.text.split([',', ';', '，', '；']).next().unwrap_or_default();
        Self {
            standard: standard.trim().to_owned(),
            clause: Arc::clone(&source.text),
            row: None,
            edition: None,
            confidence: source.confidence,
            doubtful: source.confidence.is_doubtful(),
        }
    }

    /// The same with the row that was used and the edition that was followed.
    #[must_use]
    pub fn at(mut self, row: impl Into<String>, edition: Option<&Arc<str>>) -> Self {
        (self.row, self.edition) = (Some(row.into()), edition.cloned());
        self
    }
}

impl From<Capture> for Valid {
    fn from(capture: Capture) -> Self {
        let (have, of) = (capture.have.into(), capture.of.into());
        Self { have, need: Some(capture.need.into()), of }
    }
}

impl Step {
    /// A step of a title in English and Chinese, with nothing else yet.
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self { title: Text::new(zh, en), ..Self::default() }
    }

    /// The same with a value.
    #[must_use]
    pub fn valued(mut self, value: Option<impl ToString>) -> Self {
        self.value = value.map(|value| value.to_string());
        self
    }

    /// The same with the unit of its value.
    #[must_use]
    pub fn with_unit(mut self, unit: &str) -> Self {
        self.unit = Some(Arc::from(unit));
        self
    }

    /// The same with the row of law behind it.
    #[must_use]
    pub fn with_rule(mut self, source: &Source) -> Self {
        self.rule = Some(Rule::of(source));
        self
    }

    /// Whether this step or any below it rests on a doubtful row.
    pub fn is_doubtful(&self) -> bool {
        !self.doubts.is_empty()
            || self.rule.as_ref().is_some_and(|rule| rule.doubtful)
            || self.inputs.iter().any(Self::is_doubtful)
    }

    /// The tree as an outline, two spaces a floor, in one language.
    pub fn outline(&self, chinese: bool) -> String {
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(chinese, 0, &mut text);
        text
    }

    fn write(&self, chinese: bool, floor: usize, out: &mut String) -> fmt::Result {
        let say = |said: &dyn Said| if chinese { said.zh() } else { said.en() };
        let (name, colon, none) =
            if chinese { (&self.title.zh, "：", "无") } else { (&self.title.en, ": ", "none") };
        write!(out, "{:width$}{name}{colon}", "", width = 2 * floor)?;
        match (&self.value, &self.unit, &self.reason) {
            (Some(value), Some(unit), _) => write!(out, "{value} {unit}")?,
            (Some(value), None, _) => out.write_str(value)?,
            (None, _, Some(_)) => {}
            (None, _, None) => out.write_str(if self.text.is_some() { "" } else { none })?,
        }
        if let Some(how) = &self.how {
            write!(out, " = {how}")?;
        }
        if let Some(reason) = &self.reason {
            let between = if self.value.is_some() { " – " } else { "" };
            write!(out, "{between}{}", say(reason))?;
        }
        if let Some(text) = &self.text {
            let between = if self.value.is_some() { " – " } else { "" };
            write!(out, "{between}{}", if chinese { &text.zh } else { &text.en })?;
        }
        if let Some(readings) = &self.readings {
            let Readings { datastream, from, to, count, .. } = readings;
            write!(out, " ({datastream}: {count}, {from} .. {to})")?;
        }
        if let Some(rule) = &self.rule {
            write!(out, " [{}; {}]", rule.clause, rule.confidence)?;
        }
        out.write_char('\n')?;
        for doubt in &self.doubts {
            writeln!(out, "{:width$}! {}", "", say(doubt), width = 2 * floor + 2)?;
        }
        self.inputs.iter().try_for_each(|step| step.write(chinese, floor + 1, out))?;
        if let Some(more) = self.truncated {
            let width = 2 * floor + 2;
            let (before, after) = if chinese { ("另有", "项") } else { ("and ", " more") };
            writeln!(out, "{:width$}{before}{more}{after}", "")?;
        }
        Ok(())
    }
}
