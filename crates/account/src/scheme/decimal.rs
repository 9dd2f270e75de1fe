//! A decimal in a document: written as text or as a whole number, never as a binary float.

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
use standards::Exact;
use std::fmt;

/// An exact number of a scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decimal(pub Exact);

struct Reads;

impl Visitor<'_> for Reads {
    type Value = Decimal;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a whole number, or a decimal as text: \"0.16\"")
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Decimal, E> {
        Ok(Decimal(Exact::whole(number)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Decimal, E> {
        Exact::parse(text).map(Decimal).map_err(|error| E::custom(format!("{text:?}: {error}")))
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reads)
    }
}
