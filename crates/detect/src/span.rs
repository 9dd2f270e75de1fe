//! Lengths of time as people write them: `15 min`, `2 h`, `1 d`.

use model::{DAY_MS, HOUR_MS, MINUTE_MS};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A length of time in ms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub i64);

const UNITS: [(&str, i64); 3] = [("d", DAY_MS), ("h", HOUR_MS), ("min", MINUTE_MS)];

impl Span {
    /// From text; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = text.find(|letter: char| !letter.is_ascii_digit())?;
        let number: i64 = text[..digits].parse().ok()?;
        let unit = text[digits..].trim();
        let (_, ms) = UNITS.iter().find(|(name, _)| *name == unit)?;
        number.checked_mul(*ms).map(Self)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = UNITS.iter().find(|(_, ms)| self.0 != 0 && self.0 % ms == 0);
        let (unit, ms) = fits.unwrap_or(&("min", MINUTE_MS));
        write!(out, "{} {unit}", self.0 / ms)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "{text:?} is no length of time: `15 min`, `2 h`, `1 d`"
            ))
        })
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_reads_as_it_is_written() {
        let check = |text: &str, ms| assert_eq!(Span::parse(text).map(|span| span.0), ms);
        check("15 min", Some(900_000));
        check("2h", Some(7_200_000));
        check("1 d", Some(86_400_000));
        check("0 min", Some(0));
        check("2 weeks", None);
        check("-1 h", None);
        assert_eq!(Span(5_400_000).to_string(), "90 min");
        assert_eq!(Span(7_200_000).to_string(), "2 h");
    }
}
