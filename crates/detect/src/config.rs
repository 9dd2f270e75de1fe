//! Rules as TOML: read, checked, all problems told at once.

use crate::rule::Rule;
use jiff::civil::Date;
use serde::Deserialize;

/// All rules, each version of each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    rules: Vec<Rule>,
}

/// Why rules were refused.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// The text is no TOML of rules.
    #[error("the rules cannot be read: {0}")]
    Toml(#[from] toml::de::Error),
    /// Something is wrong with some of them.
    #[error("{}", .0.join("\n"))]
    Problems(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rule: Vec<Rule>,
}

impl Rules {
    /// Those that come with the program.
    ///
    /// # Errors
    /// When they are wrong: a defect of this build.
    pub fn built_in() -> Result<Self, RuleError> {
        Self::parse(include_str!("../data/rules.toml"))
    }

    /// The text of those that come with the program.
    pub const fn built_in_text() -> &'static str {
        include_str!("../data/rules.toml")
    }

    /// Reads rules.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        let File { rule: rules } = toml::from_str(text)?;
        let mut problems: Vec<String> = rules.iter().filter_map(problem).collect();
        for (at, rule) in rules.iter().enumerate() {
            let same =
                rules[..at].iter().find(|other| other.key == rule.key && overlap(other, rule));
            if let Some(other) = same {
                let (key, one, two) = (&rule.key, &other.version, &rule.version);
                problems.push(format!(
                    "rule {key}: versions {one} and {two} hold on the same days; end the first one with valid_to"
                ));
            }
        }
        if rules.len() > usize::from(u16::MAX) {
            problems.push("more than 65535 rules".to_owned());
        }
        if problems.is_empty() { Ok(Self { rules }) } else { Err(RuleError::Problems(problems)) }
    }

    /// All of them, in the order of the file.
    pub fn all(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule of a key as it holds on a day.
    pub fn on(&self, key: &str, day: Date) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.key == key && rule.is_valid(day))
    }

    /// The newest version of a key.
    pub fn newest(&self, key: &str) -> Option<&Rule> {
        self.rules.iter().filter(|rule| rule.key == key).max_by_key(|rule| rule.valid_from)
    }
}

fn overlap(a: &Rule, b: &Rule) -> bool {
    let begins_before_end = |one: &Rule, other: &Rule| {
        other.valid_to.is_none_or(|to| one.valid_from.is_none_or(|from| from <= to))
    };
    begins_before_end(a, b) && begins_before_end(b, a)
}

fn problem(rule: &Rule) -> Option<String> {
    let key = &rule.key;
    let is_key =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    if key.is_empty() || !key.chars().all(is_key) {
        return Some(format!("rule {key:?}: a key has lower-case letters, digits and hyphens"));
    }
    if rule.source.trim().is_empty() {
        return Some(format!("rule {key}: source says where its numbers were taken from"));
    }
    if !(0.0..=1.0).contains(&rule.clear) {
        return Some(format!("rule {key}: clear is a share between 0 and 1"));
    }
    if rule.hours.is_some_and(|hours| hours.iter().any(|hour| *hour > 23)) {
        return Some(format!("rule {key}: hours are from 0 to 23"));
    }
    if rule.parameters.is_empty() && !rule.kind.is_about_data() {
        return Some(format!("rule {key}: parameters says what it looks at"));
    }
    let lacks = rule.problem()?;
    Some(format!("rule {key}: a rule of kind {} needs {lacks}", rule.kind.name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = r#"
[[rule]]
key = "a"
version = "1"
kind = "limit"
name = { zh = "甲", en = "a" }
parameters = ["pm10"]
threshold = 150
category = "air-high"
subject = "air"
source = "own"
"#;

    #[test]
    fn every_problem_of_a_file_is_told() {
        let check = |text: &str, expected: &str| {
            assert_eq!(Rules::parse(text).unwrap_err().to_string(), expected);
        };
        assert_eq!(Rules::parse(ONE).unwrap().all().len(), 1);
        let bad = ONE.replace("threshold = 150\n", "") + &ONE.replace("\"a\"", "\"A b\"");
        check(
            &bad,
            "rule a: a rule of kind limit needs threshold\nrule \"A b\": a key has lower-case letters, digits and hyphens",
        );
        check(
            &format!("{ONE}{ONE}"),
            "rule a: versions 1 and 1 hold on the same days; end the first one with valid_to",
        );
        let [old, new] = ["valid_to = \"2026-02-28\"\n", "valid_from = \"2026-03-01\"\n"];
        let rules = Rules::parse(&format!("{ONE}{old}{ONE}{new}")).unwrap();
        assert!(rules.on("a", jiff::civil::date(2026, 3, 1)).unwrap().valid_from.is_some());
    }

    #[test]
    fn the_rules_that_come_with_the_program_have_every_kind() {
        let rules = Rules::built_in().unwrap();
        for kind in crate::Kind::ALL {
            assert!(rules.all().iter().any(|rule| rule.kind == kind), "{kind:?}");
        }
    }
}
