//! What a report says, before anybody sets it: sections of sentences, tables and pictures, in both languages.
//!
//! Every number that is published is a [`Number`] with a code of its own. It stands once in [`Report::numbers`], with the
//! numbers that it was made of and where its explanation opens; sentences and cells name it by its code. So the page links
//! it, the workbook computes it live from its inputs, and the PDF prints its code. Nothing here knows paper or pixels.

use crate::{Basis, NoRate, Rate, Text};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use standards::{Exact, ExactError};
use std::collections::BTreeMap;

/// A report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Which kind of report: `annual`, `month`, `day`, `programme`, …
    pub kind: String,
    /// Its heading.
    pub title: Text,
    /// The first and the last civil day that it speaks of.
    pub span: (Date, Date),
    /// The newest entry of the log that was known.
    pub sequence: u64,
    /// When it was made, RFC 3339 in the zone of the district.
    pub made: String,
    /// Whether what it speaks of is made up.
    pub simulated: bool,
    /// The editions by which it was judged, in the order in which they were used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub editions: Vec<EditionUsed>,
    /// What it says.
    pub sections: Vec<Section>,
    /// Its numbers by their codes.
    pub numbers: BTreeMap<String, Number>,
}

/// An edition by which some days were judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditionUsed {
    /// What it is an edition of: `air`, `water`, `indicator`, `score`.
    pub of: String,
    /// Which edition.
    pub edition: String,
    /// The first civil day that it judged.
    pub from: Date,
    /// The last.
    pub to: Date,
}

/// A section under a heading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// Its heading.
    pub title: Text,
    /// What stands under it, in order.
    pub parts: Vec<Part>,
}

/// A part of a section.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "part", rename_all = "snake_case")]
pub enum Part {
    /// A sentence or some. `{N7}` in the text stands for the number of that code, printed with its unit.
    Sentence {
        /// The text.
        text: Text,
    },
    /// A doubt, a gap, something that does not fit: set apart, so that nobody overlooks it.
    Doubt {
        /// The text, as of a sentence.
        text: Text,
    },
    /// A table.
    Table {
        /// Its heading.
        title: Text,
        /// Heads of its columns; a unit stands in the head.
        columns: Vec<Text>,
        /// Its rows, each as wide as the heads.
        rows: Vec<Vec<Cell>>,
    },
    /// A picture, drawn as vectors.
    Picture {
        /// Its heading.
        title: Text,
        /// SVG, in Chinese and in English.
        svg: Text,
    },
}

/// A cell of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "cell", rename_all = "snake_case")]
pub enum Cell {
    /// Words.
    Text {
        /// The words.
        text: Text,
    },
    /// A number, by its code.
    Number {
        /// The code.
        code: String,
    },
    /// No number, and why.
    Missing {
        /// The reason.
        reason: Text,
    },
}

/// A number that a report publishes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Number {
    /// What it is.
    pub name: Text,
    /// As it is printed: a decimal, without unit.
    pub value: String,
    /// Its unit; empty for a bare count.
    pub unit: Text,
    /// What a rate counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
    /// How it came about.
    pub made: Made,
    /// Decimals that it was rounded to, half to even (GB/T 8170); none when it was not rounded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimals: Option<u8>,
    /// The document or the place where it comes from, in words.
    pub source: Text,
    /// The address of its explanation, below the server's root; empty when it has none.
    pub explain: String,
}

/// How a number came about; codes are those of the same report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "made", rename_all = "snake_case")]
pub enum Made {
    /// It was stated, measured or counted elsewhere.
    Given,
    /// The sum of numbers.
    Sum {
        /// Their codes.
        of: Vec<String>,
    },
    /// One less another.
    Difference {
        /// The code of the one.
        of: String,
        /// The code of what is taken away.
        less: String,
    },
    /// One as a share of another, in per cent.
    Share {
        /// The code of the part.
        of: String,
        /// The code of the whole.
        over: String,
    },
    /// By how much one changed against another, in per cent of the other.
    Change {
        /// The code of the later.
        of: String,
        /// The code of the earlier.
        from: String,
    },
}

/// Why a report cannot be put together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A code is named that has no number.
    #[error("{at} names the number {code}, which the report does not have")]
    NoNumber {
        /// Where.
        at: String,
        /// The code.
        code: String,
    },
    /// A row of a table is not as wide as its heads.
    #[error("the table {table:?} has {columns} columns, and its row {row} has {cells} cells")]
    Width {
        /// The table's heading.
        table: String,
        /// Columns.
        columns: usize,
        /// The row, from 1.
        row: usize,
        /// Its cells.
        cells: usize,
    },
    /// A number is not what its inputs make.
    #[error("the number {code} says {said}, and its inputs make {made}")]
    Other {
        /// The code.
        code: String,
        /// What it says.
        said: String,
        /// What its inputs make.
        made: String,
    },
}

impl Report {
    /// Puts a number in under the next code, `N1`, `N2`, …; gives the code.
    pub fn keep(&mut self, number: Number) -> String {
        let code = format!("N{}", self.numbers.len() + 1);
        self.numbers.insert(code.clone(), number);
        code
    }

    /// Keeps a rate of two numbers that are kept already, in per cent; why there is none, when nothing was due.
    ///
    /// # Errors
    /// As [`Rate::percent`].
    pub fn keep_share(
        &mut self,
        name: Text,
        (of, over): (&str, &str),
        basis: Basis,
        decimals: u8,
        explain: &str,
    ) -> Result<String, NoRate> {
        let rate = Rate { numerator: self.exact(of)?, denominator: self.exact(over)?, basis };
        let (zh, en) = basis.words();
        Ok(self.keep(Number {
            name,
            value: rate.percent(decimals)?,
            unit: Text::same("%"),
            basis: Some(basis),
            made: Made::Share { of: of.to_owned(), over: over.to_owned() },
            decimals: Some(decimals),
            source: Text::new(format!("按{zh}计"), format!("by {en}")),
            explain: explain.to_owned(),
        }))
    }

    /// Keeps a number that is made of others, as they make it: its value is computed here, and never handed in.
    ///
    /// # Errors
    /// When nothing is there to divide by, or numbers do not fit exact arithmetic.
    pub fn keep_made(&mut self, mut number: Number) -> Result<String, NoRate> {
        if let Some(value) = self.make(&number)? {
            number.value = value;
        }
        Ok(self.keep(number))
    }

    /// The numbers in the order in which they were kept.
    pub fn in_order(&self) -> Vec<(&str, &Number)> {
        let mut all: Vec<_> = self.numbers.iter().map(|(code, own)| (code.as_str(), own)).collect();
        all.sort_by_key(|(code, _)| (code.len(), *code));
        all
    }

    /// A number as it is computed with; 0 for a code that the report does not have, which [`Report::check`] names.
    fn exact(&self, code: &str) -> Result<Exact, ExactError> {
        self.numbers.get(code).map_or(Ok(Exact::ZERO), |number| Exact::parse(&number.value))
    }

    /// Whether every code that is named has its number, every table is a table, and every computed number is what its
    /// inputs make.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), Error> {
        for section in &self.sections {
            for part in &section.parts {
                self.check_part(part)?;
            }
        }
        for (code, number) in &self.numbers {
            for input in number.made.inputs() {
                self.has(code, input)?;
            }
            let made = self.make(number).map_err(|error| error.to_string());
            if let Ok(None) = made {
                continue;
            }
            let made = made.map_or_else(|error| error, Option::unwrap_or_default);
            if made != number.value {
                let (code, said) = (code.clone(), number.value.clone());
                return Err(Error::Other { code, said, made });
            }
        }
        Ok(())
    }

    fn check_part(&self, part: &Part) -> Result<(), Error> {
        match part {
            Part::Sentence { text } | Part::Doubt { text } => {
                let mut both = codes(&text.zh).chain(codes(&text.en));
                both.try_for_each(|code| self.has(&text.en, code))
            }
            Part::Table { title, columns, rows } => {
                for (at, row) in rows.iter().enumerate() {
                    if row.len() != columns.len() {
                        let table = title.en.clone();
                        let (columns, row, cells) = (columns.len(), at + 1, row.len());
                        return Err(Error::Width { table, columns, row, cells });
                    }
                    for cell in row {
                        if let Cell::Number { code } = cell {
                            self.has(&title.en, code)?;
                        }
                    }
                }
                Ok(())
            }
            Part::Picture { .. } => Ok(()),
        }
    }

    fn has(&self, at: &str, code: &str) -> Result<(), Error> {
        if self.numbers.contains_key(code) {
            return Ok(());
        }
        Err(Error::NoNumber { at: at.to_owned(), code: code.to_owned() })
    }

    /// What a computed number's inputs make, printed as it is; `None` of a given one.
    fn make(&self, number: &Number) -> Result<Option<String>, NoRate> {
        let hundred = Exact::whole(100);
        let value = match &number.made {
            Made::Given => return Ok(None),
            Made::Sum { of } => {
                let mut sum = Exact::ZERO;
                for code in of {
                    sum = sum.plus(&self.exact(code)?)?;
                }
                sum
            }
            Made::Difference { of, less } => self.exact(of)?.minus(&self.exact(less)?)?,
            Made::Share { of, over } => {
                let over = self.exact(over)?;
                if over == Exact::ZERO {
                    return Err(NoRate::NothingDue);
                }
                self.exact(of)?.times(&hundred)?.over(&over)?
            }
            Made::Change { of, from } => {
                let from = self.exact(from)?;
                if from == Exact::ZERO {
                    return Err(NoRate::NothingDue);
                }
                self.exact(of)?.minus(&from)?.times(&hundred)?.over(&from)?
            }
        };
        Ok(Some(match number.decimals {
            Some(decimals) => value.half_even(decimals)?.fixed(decimals),
            None => shortest(&value),
        }))
    }
}

impl Made {
    /// The codes that it is made of.
    pub fn inputs(&self) -> Vec<&str> {
        match self {
            Self::Given => vec![],
            Self::Sum { of } => of.iter().map(String::as_str).collect(),
            Self::Difference { of, less } => vec![of, less],
            Self::Share { of, over } => vec![of, over],
            Self::Change { of, from } => vec![of, from],
        }
    }
}

/// A piece of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Words.
    Words(&'a str),
    /// A number, by its code.
    Code(&'a str),
}

/// The pieces of a sentence, in order. A brace that holds no code is words.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut found, mut rest) = (vec![], text);
    while let Some((at, code, end)) = next_code(rest) {
        if at > 0 {
            found.push(Piece::Words(&rest[..at]));
        }
        found.push(Piece::Code(code));
        rest = &rest[end..];
    }
    if !rest.is_empty() {
        found.push(Piece::Words(rest));
    }
    found
}

fn codes(text: &str) -> impl Iterator<Item = &str> {
    pieces(text).into_iter().filter_map(|piece| match piece {
        Piece::Code(code) => Some(code),
        Piece::Words(_) => None,
    })
}

/// Where the next `{N7}` begins, its code, and where it ends.
fn next_code(text: &str) -> Option<(usize, &str, usize)> {
    let mut from = 0;
    while let Some(at) = text[from..].find("{N") {
        let begin = from + at;
        let inside = &text[begin + 1..];
        if let Some(length) = inside.find('}') {
            let code = &inside[..length];
            if code.len() > 1 && code[1..].bytes().all(|byte| byte.is_ascii_digit()) {
                return Some((begin, code, begin + length + 2));
            }
        }
        from = begin + 2;
    }
    None
}

/// The most decimals of a number that has no stated ones.
pub const SHORTEST_DECIMALS: u8 = 9;

/// A decimal as short as it can be written, with nine decimals at most.
pub fn shortest(value: &Exact) -> String {
    let fixed = value.fixed(SHORTEST_DECIMALS);
    fixed.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The same of a difference, with its sign.
pub fn signed(by: &Exact) -> String {
    let text = shortest(by);
    if *by > Exact::ZERO { format!("+{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(value: &str) -> Number {
        Number {
            name: Text::same("villages"),
            value: value.to_owned(),
            unit: Text::default(),
            basis: None,
            made: Made::Given,
            decimals: None,
            source: Text::same("a document"),
            explain: String::new(),
        }
    }

    fn empty() -> Report {
        let day = Date::constant(2020, 12, 31);
        Report {
            kind: "annual".into(),
            title: Text::same("2020"),
            span: (day, day),
            sequence: 0,
            made: String::new(),
            simulated: false,
            editions: vec![],
            sections: vec![],
            numbers: BTreeMap::new(),
        }
    }

    #[test]
    fn a_share_is_kept_with_the_two_numbers_that_it_is_made_of() {
        let mut report = empty();
        let (back, due) = (report.keep(given("26")), report.keep(given("39")));
        let name = Text::same("moved back");
        let code = report.keep_share(name, (&back, &due), Basis::Villages, 1, "").unwrap();
        assert_eq!(report.numbers[&code].value, "66.7");
        assert_eq!(report.check(), Ok(()));
        report.numbers.get_mut(&code).unwrap().value = "59".into();
        assert!(matches!(report.check(), Err(Error::Other { .. })));
    }

    #[test]
    fn nothing_due_gives_no_number() {
        let mut report = empty();
        let (none, due) = (report.keep(given("0")), report.keep(given("0")));
        let kept = report.keep_share(Text::default(), (&none, &due), Basis::Cases, 1, "");
        assert_eq!(kept, Err(NoRate::NothingDue));
        assert_eq!(report.numbers.len(), 2);
    }

    #[test]
    fn a_sentence_falls_into_words_and_codes() {
        let found = pieces("a {N1} of {N22}{Nx} {");
        let expected = [
            Piece::Words("a "),
            Piece::Code("N1"),
            Piece::Words(" of "),
            Piece::Code("N22"),
            Piece::Words("{Nx} {"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_code_without_number_and_a_crooked_table_are_named() {
        let mut report = empty();
        let text = Text::new("{N1}", "{N1}");
        let parts = vec![Part::Sentence { text }];
        report.sections.push(Section { title: Text::default(), parts });
        assert!(matches!(report.check(), Err(Error::NoNumber { code, .. }) if code == "N1"));
        let rows = vec![vec![]];
        let table = Part::Table { title: Text::default(), columns: vec![Text::default()], rows };
        report.sections[0].parts = vec![table];
        assert!(matches!(report.check(), Err(Error::Width { row: 1, .. })));
    }
}
