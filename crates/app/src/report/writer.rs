//! Writing a report down: sections, parts, numbers with where they come from.

use super::{Error, Ground};
use account::report::{Cell, EditionUsed, Made, Number, Part, Report, Section};
use account::{Basis, NoRate, Text};
use model::{Names, Timestamp};
use standards::{Said, Span};
use std::collections::BTreeMap;

/// A report while it is being written.
pub struct Writer {
    span: Span,
    report: Report,
}

impl Writer {
    /// Begins a report.
    ///
    /// # Errors
    /// When its moment has no place in the calendar.
    pub fn new(kind: &str, title: &Text, ground: &Ground<'_>, span: Span) -> Result<Self, Error> {
        let view = ground.asked.reader.view();
        let simulated = view.registry().places().iter().any(|place| place.simulated);
        let made = minute(ground, ground.asked.now)?;
        let name = text_of(ground.district);
        let title = Text::new(
            format!("{}{}", name.zh, title.zh),
            format!("{}{}{}", name.en, if name.en.is_empty() { "" } else { ": " }, title.en),
        );
        Ok(Self {
            span,
            report: Report {
                kind: kind.to_owned(),
                title,
                span: (span.first(), span.last()),
                sequence: ground.sequence,
                made,
                simulated,
                editions: vec![],
                sections: vec![],
                numbers: BTreeMap::new(),
            },
        })
    }

    /// The days that it speaks of.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Says that nothing of it was measured here.
    pub fn is_from_documents(&mut self) {
        self.report.simulated = false;
    }

    /// Says whether something of it is made up.
    pub fn is_simulated(&mut self, simulated: bool) {
        self.report.simulated = simulated;
    }

    /// Notes an edition by which days were judged; one that is noted already reaches further.
    pub fn judged_by(&mut self, of: &str, edition: &str, days: Span) {
        let all = &mut self.report.editions;
        match all.iter_mut().find(|own| own.of == of && own.edition == edition) {
            Some(own) => {
                own.from = own.from.min(days.first());
                own.to = own.to.max(days.last());
            }
            None => all.push(EditionUsed {
                of: of.to_owned(),
                edition: edition.to_owned(),
                from: days.first(),
                to: days.last(),
            }),
        }
    }

    /// Notes the editions that judge the air of a span.
    pub fn air_judged_by(&mut self, ground: &Ground<'_>, span: Span) {
        for day in span.first().series(jiff::Span::new().days(1)).take(span.len() as usize) {
            let (Some(set), Some(day)) = (ground.asked.set_on(day), Span::new(day, day)) else {
                continue;
            };
            let row = set.row;
            let edition = format!("{}: {}, {}, {}", row.name, row.index, row.rules, row.limits);
            self.judged_by("air", &edition, day);
        }
    }

    /// Begins a section.
    pub fn section(&mut self, zh: impl Into<String>, en: impl Into<String>) {
        self.report.sections.push(Section { title: Text::new(zh, en), parts: vec![] });
    }

    fn part(&mut self, part: Part) {
        if self.report.sections.is_empty() {
            self.section("", "");
        }
        if let Some(section) = self.report.sections.last_mut() {
            section.parts.push(part);
        }
    }

    /// A sentence.
    pub fn sentence(&mut self, zh: impl Into<String>, en: impl Into<String>) {
        self.part(Part::Sentence { text: Text::new(zh, en) });
    }

    /// A doubt, a gap, something that does not fit.
    pub fn doubt(&mut self, zh: impl Into<String>, en: impl Into<String>) {
        self.part(Part::Doubt { text: Text::new(zh, en) });
    }

    /// A table.
    pub fn table(&mut self, title: Text, columns: Vec<Text>, rows: Vec<Vec<Cell>>) {
        self.part(Part::Table { title, columns, rows });
    }

    /// A picture.
    pub fn picture(&mut self, title: Text, svg: Text) {
        self.part(Part::Picture { title, svg });
    }

    /// Keeps a number as it is; gives its code.
    pub fn keep(&mut self, number: Number) -> String {
        self.report.keep(number)
    }

    /// Keeps a number that its inputs make; none when there is nothing to divide by.
    ///
    /// # Errors
    /// When numbers do not fit exact arithmetic.
    pub fn made(&mut self, number: Number) -> Result<Option<String>, Error> {
        match self.report.keep_made(number) {
            Ok(code) => Ok(Some(code)),
            Err(NoRate::NothingDue) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps a rate of two kept numbers; none when nothing was due.
    ///
    /// # Errors
    /// When numbers do not fit exact arithmetic.
    pub fn share(
        &mut self,
        name: Text,
        of: (&str, &str),
        basis: Basis,
    ) -> Result<Option<String>, Error> {
        match self.report.keep_share(name, of, basis, 1, "") {
            Ok(code) => Ok(Some(code)),
            Err(NoRate::NothingDue) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The report; it ends with the editions by which it was judged.
    pub fn done(mut self) -> Report {
        let editions = self.report.editions.clone();
        if !editions.is_empty() {
            self.section("评价依据", "Judged by");
            let row = |own: &EditionUsed| {
                let (zh, en) = match own.of.as_str() {
                    "air" => ("空气", "air"),
                    "water" => ("水", "water"),
                    "indicator" => ("指标", "indicator"),
                    "score" => ("计分办法", "score"),
                    other => (other, other),
                };
                let days = format!("{} – {}", own.from, own.to);
                vec![words(zh, en), same(own.edition.as_str()), same(days)]
            };
            let columns = vec![head("项目", "What"), head("版本", "Edition"), head("日期", "Days")];
            let title = Text::new("所用版本", "Editions that were used");
            self.table(title, columns, editions.iter().map(row).collect());
        }
        self.report
    }
}

/// A number that was stated, measured or counted elsewhere, still without unit and source.
pub fn number(name: Text, value: impl Into<String>) -> Number {
    Number {
        name,
        value: value.into(),
        unit: Text::default(),
        basis: None,
        made: Made::Given,
        decimals: None,
        source: Text::default(),
        explain: String::new(),
    }
}

/// A count of things.
pub fn count(name: Text, value: impl TryInto<u64>, unit: Text, source: Text) -> Number {
    let value = value.try_into().unwrap_or(u64::MAX);
    Number { unit, source, ..number(name, value.to_string()) }
}

/// A cell of words.
pub fn words(zh: impl Into<String>, en: impl Into<String>) -> Cell {
    Cell::Text { text: Text::new(zh, en) }
}

/// A cell of words that are the same in both languages.
pub fn same(text: impl Into<String>) -> Cell {
    Cell::Text { text: Text::same(text) }
}

/// A cell with a number.
pub fn code(code: impl Into<String>) -> Cell {
    Cell::Number { code: code.into() }
}

/// A cell without a number, and why.
pub fn missing(reason: &impl Said) -> Cell {
    Cell::Missing { reason: said(reason) }
}

/// A cell without a number, and why in words.
pub fn none(zh: &str, en: &str) -> Cell {
    Cell::Missing { reason: Text::new(zh, en) }
}

/// Names as text.
pub fn text_of(names: &Names) -> Text {
    Text::new(&names.zh, &names.en)
}

/// What something says of itself.
pub fn said(own: &impl Said) -> Text {
    Text::new(own.zh(), own.en())
}

/// Words of the law as text.
pub fn law(text: &standards::explain::Text) -> Text {
    Text::new(&text.zh, &text.en)
}

/// A unit for people.
pub fn unit_text(unit: &str) -> Text {
    match unit {
        "d" => Text::new("天", "days"),
        "10k yuan" => Text::new("万元", "10k yuan"),
        own => Text::same(model::unit_text(own)),
    }
}

/// A head of a column.
pub fn head(zh: &str, en: &str) -> Text {
    Text::new(zh, en)
}

/// An instant in the zone of the district: `2026-11-29 08:30`.
///
/// # Errors
/// When it has no place in the calendar.
pub fn minute(ground: &Ground<'_>, at: Timestamp) -> Result<String, Error> {
    Ok(ground.asked.zone.civil(at)?.strftime("%Y-%m-%d %H:%M").to_string())
}

/// A span for people: a year, a month, a day, or both ends.
pub fn span_words(span: Span) -> Text {
    let (first, last) = (span.first(), span.last());
    if Span::year(first.year()) == Some(span) {
        return Text::new(format!("{}年", first.year()), first.year().to_string());
    }
    if Span::month(first.year(), first.month()) == Some(span) {
        let zh = format!("{}年{}月", first.year(), first.month());
        return Text::new(zh, format!("{}-{:02}", first.year(), first.month()));
    }
    if first == last {
        let zh = format!("{}年{}月{}日", first.year(), first.month(), first.day());
        return Text::new(zh, first.to_string());
    }
    Text::new(format!("{first} 至 {last}"), format!("{first} to {last}"))
}
