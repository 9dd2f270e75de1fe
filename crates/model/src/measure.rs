//! Stable names of statistics, periods and qualities: as they stand in files, the API and SQL.

use crate::{Period, Quality, Statistic};

impl Period {
    /// Every period.
    pub const ALL: [Self; 4] = [Self::Instant, Self::Minutes, Self::Hour, Self::Day];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Instant => "instant",
            Self::Minutes => "minutes",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// The period of a stable name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.name() == name)
    }
}

impl Statistic {
    /// Every statistic.
    pub const ALL: [Self; 11] = [
        Self::Instant,
        Self::Mean,
        Self::Min,
        Self::Max,
        Self::Total,
        Self::InstantConverted,
        Self::MeanConverted,
        Self::MinConverted,
        Self::MaxConverted,
        Self::Index,
        Self::State,
    ];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Instant => "instant",
            Self::Mean => "mean",
            Self::Min => "min",
            Self::Max => "max",
            Self::Total => "total",
            Self::InstantConverted => "instant_converted",
            Self::MeanConverted => "mean_converted",
            Self::MinConverted => "min_converted",
            Self::MaxConverted => "max_converted",
            Self::Index => "index",
            Self::State => "state",
        }
    }

    /// The statistic of a stable name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|statistic| statistic.name() == name)
    }
}

impl Quality {
    /// Every quality.
    pub const ALL: [Self; 5] =
        [Self::Good, Self::Unknown, Self::Suspect, Self::Fail, Self::Missing];

    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Unknown => "unknown",
            Self::Suspect => "suspect",
            Self::Fail => "fail",
            Self::Missing => "missing",
        }
    }

    /// The quality of a stable name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|quality| quality.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_json() {
        let json = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        for period in Period::ALL {
            assert_eq!(json(serde_json::to_value(period).unwrap()), period.name());
            assert_eq!(Period::named(period.name()), Some(period));
        }
        for statistic in Statistic::ALL {
            assert_eq!(json(serde_json::to_value(statistic).unwrap()), statistic.name());
            assert_eq!(Statistic::named(statistic.name()), Some(statistic));
        }
        for quality in Quality::ALL {
            assert_eq!(json(serde_json::to_value(quality).unwrap()), quality.name());
        }
    }
}
