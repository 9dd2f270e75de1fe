//! The six pollutants of the index.

use serde::{Serialize, Serializer};
use std::fmt;

/// One of the six pollutants of the index, in the order in which reports list them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names are the definitions")]
pub enum Pollutant {
    So2,
    No2,
    Co,
    O3,
    Pm10,
    Pm25,
}

impl Pollutant {
    /// All six, in the order of reports.
    pub const ALL: [Self; 6] = [Self::So2, Self::No2, Self::Co, Self::O3, Self::Pm10, Self::Pm25];

    /// As the tables of law write it: `PM2.5`.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::So2 => "SO2",
            Self::No2 => "NO2",
            Self::Co => "CO",
            Self::O3 => "O3",
            Self::Pm10 => "PM10",
            Self::Pm25 => "PM2.5",
        }
    }

    /// As parameters are keyed: `pm25`.
    pub fn key(self) -> &'static str {
        match self {
            Self::So2 => "so2",
            Self::No2 => "no2",
            Self::Co => "co",
            Self::O3 => "o3",
            Self::Pm10 => "pm10",
            Self::Pm25 => "pm25",
        }
    }

    /// From the symbol of a table of law, or from the parameter key.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.symbol() == name || p.key() == name)
    }

    /// The place in [`Pollutant::ALL`].
    pub fn index(self) -> usize {
        self as usize
    }

    /// The unit in which every function here takes and gives its concentration.
    pub fn unit(self) -> &'static str {
        if self == Self::Co { "mg/m3" } else { "ug/m3" }
    }
}

impl fmt::Display for Pollutant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.symbol())
    }
}

impl Serialize for Pollutant {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(self.symbol())
    }
}
