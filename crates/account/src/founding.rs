//! The figures that three annual meetings of a high-tech zone printed in January 2021, computed anew from each
//! other. Where the print is incomplete or its rates have different bases, the result says so.
//!
//! Both tables are data: `figures.csv` holds what was printed, `relations.csv` what must follow from what.

use crate::{Basis, NoRate, Rate};
use serde::Deserialize;
use standards::{Exact, ExactError};

/// A printed figure.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// Which of the three accounts: `housing`, `air`, `rivers`.
    pub account: String,
    /// Names it.
    pub key: String,
    /// As printed.
    pub printed: String,
    /// Its unit; empty for counts.
    pub unit: String,
    /// What a count or rate counts, when it counts something.
    pub basis: Option<Basis>,
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
    /// What is to be known about the print.
    pub note: String,
    /// Where it was printed.
    pub source: String,
}

/// What must follow from what.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Relation {
    key: String,
    form: Form,
    a: String,
    b: String,
    decimals: Option<u8>,
    printed: String,
    zh: String,
    en: String,
    #[serde(rename = "source")]
    _source: String,
}

/// How a result follows from two figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Form {
    /// a of b, in percent.
    Share,
    /// By how many percent b is below a.
    Fall,
    /// By how many percent b is above a.
    Rise,
    /// The whole of which a is b percent.
    Implied,
}

/// A result beside the print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Names it.
    pub key: String,
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
    /// What comes out: a number, or the ends of a span.
    pub computed: String,
    /// What was printed, when something was.
    pub printed: Option<String>,
    /// How the two stand to each other.
    pub verdict: Verdict,
}

/// How a result stands to what was printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was printed.
    NotPrinted,
    /// The same.
    Agrees,
    /// The numbers differ because they count different things.
    OtherBasis {
        /// What the result counts.
        computed: Basis,
        /// What the print counts.
        printed: Basis,
    },
    /// The numbers differ.
    Differs,
}

/// Why the founding figures cannot be computed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A table is not as it must be.
    #[error("founding table: {0}")]
    Table(#[from] csv::Error),
    /// A relation names a figure that is not there.
    #[error("there is no figure {0:?}")]
    NoFigure(String),
    /// A rate cannot be had.
    #[error(transparent)]
    Rate(#[from] NoRate),
    /// A number cannot be computed with.
    #[error(transparent)]
    Number(#[from] ExactError),
}

/// The printed figures.
///
/// # Errors
/// Never, as a test shows.
pub fn figures() -> Result<Vec<Figure>, Error> {
    rows(include_bytes!("../data/founding/figures.csv"))
}

/// What follows from the printed figures, beside what was printed.
///
/// # Errors
/// Never, as a test shows.
pub fn findings() -> Result<Vec<Finding>, Error> {
    let figures = figures()?;
    let relations: Vec<Relation> = rows(include_bytes!("../data/founding/relations.csv"))?;
    relations.iter().map(|relation| relation.find(&figures)).collect()
}

fn rows<T: serde::de::DeserializeOwned>(table: &[u8]) -> Result<Vec<T>, Error> {
    csv::Reader::from_reader(table).deserialize().map(|row| row.map_err(Error::Table)).collect()
}

fn figure<'a>(figures: &'a [Figure], key: &str) -> Result<&'a Figure, Error> {
    let found = figures.iter().find(|figure| figure.key == key);
    found.ok_or_else(|| Error::NoFigure(key.to_owned()))
}

/// The figure, or the sum of figures (`a+b`), and what it counts.
fn value(figures: &[Figure], keys: &str) -> Result<(Exact, Option<Basis>), Error> {
    let (mut sum, mut basis) = (Exact::ZERO, None);
    for key in keys.split('+') {
        let figure = figure(figures, key)?;
        sum = sum.plus(&Exact::parse(&figure.printed)?)?;
        basis = figure.basis;
    }
    Ok((sum, basis))
}

impl Relation {
    fn find(&self, figures: &[Figure]) -> Result<Finding, Error> {
        let ((a, basis), (b, _)) = (value(figures, &self.a)?, value(figures, &self.b)?);
        let decimals = self.decimals.unwrap_or_default();
        let hundred = Exact::whole(100);
        let computed = match self.form {
            Form::Share => {
                let basis = basis.unwrap_or(Basis::Units);
                Rate { numerator: a, denominator: b, basis }.percent(decimals)?
            }
            Form::Fall => {
                a.minus(&b)?.over(&a)?.times(&hundred)?.half_even(decimals)?.fixed(decimals)
            }
            Form::Rise => {
                b.minus(&a)?.over(&a)?.times(&hundred)?.half_even(decimals)?.fixed(decimals)
            }
            Form::Implied => {
                let (part, percent) = (figure(figures, &self.a)?, figure(figures, &self.b)?);
                let (least, most) = Rate::implied(&part.printed, &percent.printed)?;
                let places = u8::from(part.printed.contains('.')) * 2;
                format!("{} – {}", least.fixed(places), most.fixed(places))
            }
        };
        let printed = match self.printed.as_str() {
            "" => None,
            key => Some(figure(figures, key)?),
        };
        let verdict = match printed {
            None => Verdict::NotPrinted,
            Some(print) if print.printed == computed => Verdict::Agrees,
            Some(print) => match (basis, print.basis) {
                (Some(computed), Some(printed)) if computed != printed => {
                    Verdict::OtherBasis { computed, printed }
                }
                _ => Verdict::Differs,
            },
        };
        Ok(Finding {
            key: self.key.clone(),
            zh: self.zh.clone(),
            en: self.en.clone(),
            computed,
            printed: printed.map(|print| print.printed.clone()),
            verdict,
        })
    }
}
