//! What is wrong with a configuration: what, where, and what to do; all of it at once.

use crate::words::Words;
use std::fmt;
use std::ops::Range;

/// A stretch of one line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The file as it was named.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The whole line.
    pub text: String,
    /// How many characters are meant; at least 1.
    pub length: usize,
}

/// Where a setting was given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Nowhere: the program's own choice.
    Default,
    /// In a file.
    File(Spot),
    /// In an environment variable of this name.
    Environment(String),
    /// By a flag of this name.
    Flag(String),
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where it stands.
    pub origin: Origin,
    /// What it is about: `http.listen`, `place air-3`.
    pub subject: String,
    /// What is wrong.
    pub what: Words,
    /// What to do.
    pub hint: Option<Words>,
}

/// Everything that is wrong, in the order in which it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Spot {
    /// The place of a range of bytes in a text.
    pub fn new(file: &str, text: &str, range: &Range<usize>) -> Self {
        let start = floor_char(text, range.start);
        let end = floor_char(text, range.end).max(start);
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = text[start..].find('\n').map_or(text.len(), |newline| start + newline);
        Self {
            file: file.to_owned(),
            line: text[..line_start].matches('\n').count() + 1,
            column: text[line_start..start].chars().count() + 1,
            text: text[line_start..line_end].trim_end().to_owned(),
            length: text[start..end.min(line_end)].trim_end().chars().count().max(1),
        }
    }
}

impl Problems {
    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `value` when nothing is wrong, else all that is, in order.
    ///
    /// # Errors
    /// When there is at least one problem.
    pub fn or<T>(mut self, value: T) -> Result<T, Self> {
        self.0.sort();
        self.0.dedup();
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}

/// What the TOML reader stumbled over.
pub(super) fn of_syntax(file: &str, text: &str, error: &toml::de::Error) -> Problem {
    let spot = Spot::new(file, text, &error.span().unwrap_or(0..0));
    Problem {
        origin: Origin::File(spot),
        subject: "toml".to_owned(),
        what: Words::new(
            format!("此处不符合 TOML 语法（{}）", error.message()),
            format!("this is not TOML ({})", error.message()),
        ),
        hint: Some(Words::new(
            "请改正语法；其余内容在此之后检查",
            "mend the syntax; the rest is checked after that",
        )),
    }
}

/// The known name that a mistyped one comes nearest to, when any comes near.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |other: &str| strsim::jaro_winkler(name, other);
    let best = known.max_by(|a, b| likeness(a).total_cmp(&likeness(b)).then(b.cmp(a)))?;
    (likeness(best) > 0.8).then_some(best)
}

/// A hint with the nearest name, or where to find all of them.
pub(super) fn did_you_mean(nearest: Option<&str>) -> Words {
    nearest.map_or_else(
        || {
            Words::new(
                "用 skyriver config print 查看所有配置项",
                "skyriver config print shows every key",
            )
        },
        |name| Words::new(format!("是否指 {name}？"), format!("did you mean {name}?")),
    )
}

impl std::error::Error for Problems {}

impl fmt::Display for Problems {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, problem) in self.0.iter().enumerate() {
            if number > 0 {
                writeln!(out)?;
            }
            problem.fmt(out)?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { origin, subject, what, hint } = self;
        let (at_en, at_zh) = match origin {
            Origin::Default => (String::new(), String::new()),
            Origin::File(Spot { file, line, column, .. }) => {
                let at = format!("{file}:{line}:{column}: ");
                (at.clone(), at)
            }
            Origin::Environment(name) => {
                (format!("environment variable {name}: "), format!("环境变量 {name}："))
            }
            Origin::Flag(name) => (format!("flag {name}: "), format!("参数 {name}：")),
        };
        writeln!(out, "error: {at_en}{subject}: {}", what.en)?;
        writeln!(out, "错误：{at_zh}{subject}：{}", what.zh)?;
        if let Origin::File(spot) = origin {
            excerpt(out, spot)?;
        }
        if let Some(hint) = hint {
            writeln!(out, "hint: {}", hint.en)?;
            writeln!(out, "提示：{}", hint.zh)?;
        }
        Ok(())
    }
}

/// The line with carets under what is meant.
fn excerpt(out: &mut fmt::Formatter<'_>, spot: &Spot) -> fmt::Result {
    let gutter = spot.line.to_string().len();
    let before: usize = spot.text.chars().take(spot.column - 1).map(columns).sum();
    let meant: usize = spot.text.chars().skip(spot.column - 1).take(spot.length).map(columns).sum();
    writeln!(out, "{:gutter$} |", "")?;
    writeln!(out, "{} | {}", spot.line, spot.text.replace('\t', " "))?;
    writeln!(out, "{:gutter$} | {:before$}{}", "", "", "^".repeat(meant.max(1)))
}

/// Columns that a character takes in a terminal: Chinese takes two.
fn columns(letter: char) -> usize {
    if letter >= '\u{1100}' { 2 } else { 1 }
}

/// The last boundary between characters that is not after `index`.
fn floor_char(text: &str, index: usize) -> usize {
    let mut index = index.min(text.len());
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, range: Range<usize>, expected: (usize, usize, &str, usize)) {
        let Spot { line, column, text, length, .. } = Spot::new("f", text, &range);
        assert_eq!((line, column, text.as_str(), length), expected);
    }

    #[test]
    fn a_range_is_named_by_line_and_column() {
        check("a = 1\nb = 22\n", 10..12, (2, 5, "b = 22", 2));
        check("a = 1\nb = 22\n", 0..12, (1, 1, "a = 1", 5));
        check("", 0..0, (1, 1, "", 1));
        check("名 = \"碧\"", 6..11, (1, 5, "名 = \"碧\"", 3));
    }

    #[test]
    fn carets_stand_under_chinese_letters() {
        let spot = Spot::new("f", "名 = \"碧\"", &(6..11));
        let problem = Problem {
            origin: Origin::File(spot),
            subject: "x".into(),
            what: Words::new("不对", "is wrong"),
            hint: None,
        };
        let shown = problem.to_string();
        let lines: Vec<_> = shown.lines().collect();
        assert_eq!(lines[3], "1 | 名 = \"碧\"");
        assert_eq!(lines[4], "  |      ^^^^");
    }
}
