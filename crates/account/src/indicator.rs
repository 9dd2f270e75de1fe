//! Indicators as dated data: what is counted, over what, on which basis, which way is good, since when it holds.
//!
//! An indicator is a TOML document ([`Indicator::parse`]). Its formula is a table and no language: a sum of terms, over
//! another sum of terms when it is a rate, times a number. A term is an [`Input`] that somebody else answers (a total of a
//! programme, days of air, cases, readings) times a decimal; with −1 it is taken away. Exact throughout; a denominator of
//! nought or an input that is missing gives a reason and no number; more than 100 % stays more than 100 %. Two rates that
//! count different things are never put in one line ([`Indicator::in_line_with`], requirement GOV-143).
//!
//! ```
//! use account::indicator::Indicator;
//! use account::programme::Template;
//! use standards::Exact;
//!
//! let templates = Template::built_in()?;
//! let all = Indicator::built_in(&templates)?;
//! let villages = all.iter().find(|own| own.key == "back-villages").unwrap();
//! let value = villages.value(&[Ok(Exact::whole(26)), Ok(Exact::whole(39))])?;
//! assert_eq!(value.printed, "66.7");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod check;
mod editions;
mod value;

pub use editions::{Edition, Editions};
pub use value::{Light, NoValue, OtherLine, Trend, Value};

use crate::programme::Template;
use crate::scheme::Decimal;
use crate::{Basis, Text};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use standards::{Exact, Span};

/// An indicator in one edition.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// Names it, stable over its editions.
    pub key: String,
    /// For people.
    pub name: Text,
    /// The unit of its value: `%`, `µg/m³`, `d`.
    pub unit: String,
    /// What numerator and denominator count; none for a level, such as a concentration.
    #[serde(default)]
    pub basis: Option<Basis>,
    /// Numerator over denominator is taken so many times: 100 for per cent.
    #[serde(default = "one")]
    pub times: Decimal,
    /// Decimals of the printed value, rounded half to even (GB/T 8170).
    pub decimals: u8,
    /// Which way is good.
    pub direction: Direction,
    /// Its period.
    pub every: Every,
    /// First civil day on which this edition holds.
    pub valid_from: Date,
    /// Last civil day on which it holds; none: still.
    #[serde(default)]
    pub valid_to: Option<Date>,
    /// `H` primary text or two sources, `M` one good source, `R` recalled, `O` our own design.
    pub confidence: String,
    /// Where it stands, in our own words.
    pub source: String,
    /// What the source does not say.
    #[serde(default)]
    pub unknown: Vec<Text>,
    /// What is to be reached.
    #[serde(default)]
    pub target: Option<Target>,
    /// Whether it is made up.
    #[serde(default)]
    pub simulated: bool,
    /// What is summed.
    pub numerator: Vec<Term>,
    /// Over what; empty: the sum itself is the value.
    #[serde(default)]
    pub denominator: Vec<Term>,
}

/// Which way of a value is good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More is better.
    Up,
    /// Less is better.
    Down,
}

/// The period of an indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// A civil month.
    Month,
    /// A quarter of a year.
    Quarter,
    /// A civil year.
    Year,
}

/// What is to be reached, and from where it is not far.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Green from here on, in the good direction, this value included.
    pub value: Decimal,
    /// Amber from here on; beyond it is red.
    pub amber: Decimal,
    /// Where the target stands.
    pub document: String,
}

/// A part of a sum.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// For people.
    pub name: Text,
    /// Times this.
    #[serde(default = "one")]
    pub times: Decimal,
    /// What.
    pub input: Input,
}

/// Something that is counted elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case", deny_unknown_fields)]
pub enum Input {
    /// The total of a measure of programmes.
    Programme {
        /// Key of the template.
        template: String,
        /// Key of the programme; none: all of the template.
        #[serde(default)]
        programme: Option<String>,
        /// Key of the measure.
        measure: String,
        /// What of it.
        #[serde(default)]
        take: Total,
    },
    /// Air of the district, or of one area.
    Air {
        /// What of it.
        take: Air,
        /// Key of an area; none: the district.
        #[serde(default)]
        area: Option<String>,
    },
    /// Days of water sites.
    Water {
        /// What of them.
        take: Water,
        /// Key of a site; none: all of the district.
        #[serde(default)]
        site: Option<String>,
    },
    /// Volumes of the water book, of the entries that lie in the period.
    WaterBook {
        /// What of them.
        take: Volume,
    },
    /// Cases of all units, or of one.
    Cases {
        /// What of them.
        take: Cases,
        /// Key of a unit; none: all.
        #[serde(default)]
        unit: Option<String>,
    },
    /// Good hourly readings of a place.
    Readings {
        /// Key of the place.
        place: String,
        /// Key of the parameter.
        parameter: String,
        /// What of them.
        take: Take,
        /// What one of it counts, when it counts something.
        #[serde(default)]
        basis: Option<Basis>,
        /// The least share of hours, per cent, 1 to 100; fewer give no number.
        #[serde(default = "capture")]
        hours_percent_min: u8,
    },
    /// A number that a document states.
    Stated {
        /// The number.
        value: String,
        /// What it counts, when it counts something.
        #[serde(default)]
        basis: Option<Basis>,
        /// Which document.
        document: String,
    },
}

/// What of a cumulative total.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Total {
    /// The total at the end of the period.
    #[default]
    Total,
    /// By how much it grew in the period.
    Increment,
}

/// What of the air.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names of pollutants are the definitions")]
pub enum Air {
    /// Days with an index up to 100.
    GoodDays,
    /// Days with an index above 200.
    HeavyDays,
    /// Days with an index.
    AssessedDays,
    /// The composite index.
    Composite,
    Pm25,
    Pm10,
    So2,
    No2,
    Co,
    O3,
}

/// What of water.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Water {
    /// Days of sites with a class.
    JudgedDays,
    /// Days of sites of class III or better.
    #[serde(rename = "class_3_days")]
    Class3Days,
    /// Days of sites worse than class V.
    WorseThan5Days,
}

/// What of the water book.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Volume {
    /// t drawn.
    Drawn,
    /// t drawn under a plan.
    DrawnPlanned,
    /// m³ cleared.
    Cleared,
    /// m³ let in.
    Replenished,
}

/// What of cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cases {
    /// Due, without those that were deferred.
    Due,
    /// Closed.
    Closed,
    /// Closed on time.
    OnTime,
    /// Overdue at the end.
    Overdue,
    /// Reworked.
    Reworked,
    /// Reopened.
    Reopened,
}

/// What of readings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Take {
    /// The sum of hourly totals.
    Sum,
    /// The arithmetic mean of hourly means.
    Mean,
}

/// Why an indicator cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.en)]
pub struct Flawed(pub Text);

fn one() -> Decimal {
    Decimal(Exact::whole(1))
}

fn capture() -> u8 {
    75
}

impl Indicator {
    /// Reads an indicator; `templates` say what programmes count.
    ///
    /// # Errors
    /// Line and field, or what does not go together: a numerator and a denominator that count different things.
    pub fn parse(text: &str, templates: &[Template]) -> Result<Self, Flawed> {
        let own: Self =
            toml::from_str(text).map_err(|error| Flawed(Text::same(error.to_string())))?;
        own.check(templates)?;
        Ok(own)
    }

    /// All terms: those of the numerator, then those of the denominator.
    pub fn terms(&self) -> impl Iterator<Item = &Term> {
        self.numerator.iter().chain(&self.denominator)
    }

    /// Whether this edition holds on a day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }

    /// The same indicator of one unit; none when nothing of it is of units.
    #[must_use]
    pub fn of_unit(&self, key: &str) -> Option<Self> {
        let mut own = self.clone();
        let mut is_of_units = false;
        for term in own.numerator.iter_mut().chain(&mut own.denominator) {
            if let Input::Cases { unit, .. } = &mut term.input {
                *unit = Some(key.to_owned());
                is_of_units = true;
            }
        }
        is_of_units.then_some(own)
    }

    /// The period that a day lies in.
    pub fn period(&self, day: Date) -> Option<Span> {
        match self.every {
            Every::Month => Span::month(day.year(), day.month()),
            Every::Quarter => Span::quarter(day.year(), (day.month() - 1) / 3 + 1),
            Every::Year => Span::year(day.year()),
        }
    }
}
