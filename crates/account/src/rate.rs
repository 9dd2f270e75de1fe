//! A rate with what it counts: 26 of 39 villages is another thing than 66 500 of 112 700 people.

use serde::{Deserialize, Serialize};
use standards::{Exact, ExactError};
use std::fmt;

/// What numerator and denominator of a rate count (requirement GOV-143).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// People.
    People,
    /// Households.
    Households,
    /// Administrative villages.
    Villages,
    /// Floor area, m².
    FloorArea,
    /// Buildings, schools, roads: things that are counted one by one.
    Units,
    /// Cases.
    Cases,
    /// Days.
    Days,
    /// Volume, m³ or t of water.
    Volume,
    /// Length, m.
    Length,
    /// Money, yuan.
    Money,
}

/// A share of something, kept as the two numbers that it was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How much is done.
    pub numerator: Exact,
    /// Of how much.
    pub denominator: Exact,
    /// What both count.
    pub basis: Basis,
}

/// Why there is no rate, or no comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRate {
    /// Nothing was due: no case, which is neither 0 % nor 100 %.
    #[error("nothing was due: no case")]
    NothingDue,
    /// The two rates do not count the same thing.
    #[error("a rate of {0} and a rate of {1} are not compared")]
    OtherBasis(Basis, Basis),
    /// A number cannot be computed with.
    #[error("a number of the rate: {0}")]
    Number(#[from] ExactError),
}

impl Rate {
    /// A rate of two decimals as they were written down.
    ///
    /// # Errors
    /// When one of them is no decimal number.
    pub fn parse(numerator: &str, denominator: &str, basis: Basis) -> Result<Self, NoRate> {
        let [numerator, denominator] = [Exact::parse(numerator)?, Exact::parse(denominator)?];
        Ok(Self { numerator, denominator, basis })
    }

    /// The share as a fraction; above 1 when more was done than due.
    ///
    /// # Errors
    /// [`NoRate::NothingDue`] when the denominator is zero.
    pub fn share(&self) -> Result<Exact, NoRate> {
        if self.denominator == Exact::ZERO {
            return Err(NoRate::NothingDue);
        }
        Ok(self.numerator.over(&self.denominator)?)
    }

    /// The share in percent with some decimals, rounded half to even (GB/T 8170).
    ///
    /// # Errors
    /// As [`Rate::share`].
    pub fn percent(&self, decimals: u8) -> Result<String, NoRate> {
        let percent = self.share()?.times(&Exact::whole(100))?;
        Ok(percent.half_even(decimals)?.fixed(decimals))
    }

    /// By how many percentage points this rate is above another one of the same basis.
    ///
    /// # Errors
    /// [`NoRate::OtherBasis`], and as [`Rate::share`].
    pub fn against(&self, other: &Self) -> Result<Exact, NoRate> {
        if self.basis != other.basis {
            return Err(NoRate::OtherBasis(self.basis, other.basis));
        }
        Ok(self.share()?.minus(&other.share()?)?.times(&Exact::whole(100))?)
    }

    /// The whole of which a part is a printed percentage: at which denominators does `part` round to
    /// `percent`? Gives the smallest and the largest, so that nobody takes one of them for the truth.
    ///
    /// # Errors
    /// When a text is no decimal number, or the percentage reaches down to zero: then there is no largest whole.
    pub fn implied(part: &str, percent: &str) -> Result<(Exact, Exact), NoRate> {
        let (part, printed) = (Exact::parse(part)?, Exact::parse(percent)?);
        let decimals = percent.split_once('.').map_or(0, |(_, after)| after.len());
        let scale = i128::try_from(decimals)
            .ok()
            .and_then(|places| 10_i128.checked_pow(u32::try_from(places).ok()?)?.checked_mul(2));
        let half = Exact::fraction(1, scale.ok_or(ExactError::TooLarge)?)?;
        let whole = part.times(&Exact::whole(100))?;
        let least = printed.minus(&half)?;
        if least <= Exact::ZERO {
            return Err(NoRate::NothingDue);
        }
        Ok((whole.over(&printed.plus(&half)?)?, whole.over(&least)?))
    }
}

impl Basis {
    /// The stable name.
    pub fn key(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Households => "households",
            Self::Villages => "villages",
            Self::FloorArea => "floor_area",
            Self::Units => "units",
            Self::Cases => "cases",
            Self::Days => "days",
            Self::Volume => "volume",
            Self::Length => "length",
            Self::Money => "money",
        }
    }

    /// Chinese and English, for people.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::People => ("人", "people"),
            Self::Households => ("户", "households"),
            Self::Villages => ("村", "villages"),
            Self::FloorArea => ("建筑面积（m²）", "floor area (m²)"),
            Self::Units => ("个", "units"),
            Self::Cases => ("件", "cases"),
            Self::Days => ("天", "days"),
            Self::Volume => ("水量", "volume"),
            Self::Length => ("长度", "length"),
            Self::Money => ("资金", "money"),
        }
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.words().1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(numerator: &str, denominator: &str, decimals: u8, expected: &str) {
        let rate = Rate::parse(numerator, denominator, Basis::Units).unwrap();
        assert_eq!(rate.percent(decimals).unwrap(), expected, "{numerator} of {denominator}");
    }

    #[test]
    fn published_shares_come_out() {
        check("26", "39", 2, "66.67");
        check("29", "39", 2, "74.36");
        check("453", "384", 2, "117.97");
        check("3667.92", "6444.3", 2, "56.92");
        check("54173", "56024", 1, "96.7");
        check("1629", "1650", 1, "98.7");
        check("312", "318", 1, "98.1");
        check("3213", "3249", 2, "98.89");
    }

    #[test]
    fn nothing_due_is_no_case() {
        let rate = Rate::parse("0", "0", Basis::Cases).unwrap();
        assert_eq!(rate.percent(1), Err(NoRate::NothingDue));
    }

    #[test]
    fn a_printed_percentage_implies_a_span_of_wholes_and_not_one_number() {
        let (least, most) = Rate::implied("66500", "59").unwrap();
        assert_eq!((least.fixed(0), most.fixed(0)), ("111765".to_owned(), "113675".to_owned()));
        assert!(Rate::implied("1", "0").is_err());
    }
}
