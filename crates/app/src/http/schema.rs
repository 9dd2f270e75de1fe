//! The words that answers use for kinds of things: those of the model, spelled out for the API document.

use serde::Serialize;
use utoipa::ToSchema;

/// What a place is.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    /// Standard ambient air station.
    AirStation,
    /// Small sensor of a dense network.
    MicroStation,
    /// Dust monitor of a construction site.
    DustSite,
    /// River or lake monitoring site.
    WaterSite,
    /// Stack of a source.
    Stack,
    /// Enterprise without a stack of its own.
    Enterprise,
    /// Weather only.
    WeatherStation,
    /// Where water is let into a river.
    Outfall,
    /// Where a river's flow is set.
    Gate,
    /// A vehicle that carries sensors.
    Vehicle,
    /// A person on patrol.
    Patrol,
}

/// What an area is.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AreaKind {
    /// Sub-district, town or city.
    SubDistrict,
    /// Village or neighbourhood.
    Village,
    /// Land that drains to one reach.
    Catchment,
    /// Premises: a construction site, an enterprise.
    Premises,
}

/// What a line is.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// A river, drawn downstream.
    River,
    /// A stretch of a river between two sections, drawn downstream.
    Reach,
    /// A road.
    Road,
}

/// The period a value stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// No period.
    Instant,
    /// Some minutes, as the device is set.
    Minute,
    /// One hour.
    Hour,
    /// One civil day.
    Day,
}

/// What a value says about its period.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    /// The value at the instant.
    Instant,
    /// Arithmetic mean.
    Mean,
    /// Smallest value.
    Min,
    /// Largest value.
    Max,
    /// Total of the period.
    Total,
    /// Value at the instant, converted to the reference oxygen.
    InstantConverted,
    /// Mean, converted.
    MeanConverted,
    /// Smallest value, converted.
    MinConverted,
    /// Largest value, converted.
    MaxConverted,
    /// An index computed from concentrations.
    Index,
    /// A state or a count of the equipment.
    State,
}

/// Whether a value may be used.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Quality {
    /// May be used in statistics.
    Good,
    /// Nobody has judged it.
    Unknown,
    /// Doubtful; out of statistics.
    Suspect,
    /// Known to be wrong.
    Fail,
    /// There is no value.
    Missing,
}

/// What became of a frame or a reading.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Disposition {
    /// On disk.
    Stored,
    /// Was on disk already.
    Duplicate,
    /// Not trusted; the bytes are kept.
    Rejected,
    /// Put aside; the bytes are kept.
    Quarantined,
}

/// What is counted.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Counted {
    /// A message of a protocol.
    Frame,
    /// A value inside it.
    Reading,
}

impl From<model::PlaceKind> for PlaceKind {
    fn from(kind: model::PlaceKind) -> Self {
        match kind {
            model::PlaceKind::AirStation => Self::AirStation,
            model::PlaceKind::MicroStation => Self::MicroStation,
            model::PlaceKind::DustSite => Self::DustSite,
            model::PlaceKind::WaterSite => Self::WaterSite,
            model::PlaceKind::Stack => Self::Stack,
            model::PlaceKind::Enterprise => Self::Enterprise,
            model::PlaceKind::WeatherStation => Self::WeatherStation,
            model::PlaceKind::Outfall => Self::Outfall,
            model::PlaceKind::Gate => Self::Gate,
            model::PlaceKind::Vehicle => Self::Vehicle,
            model::PlaceKind::Patrol => Self::Patrol,
        }
    }
}

impl From<model::AreaKind> for AreaKind {
    fn from(kind: model::AreaKind) -> Self {
        match kind {
            model::AreaKind::SubDistrict => Self::SubDistrict,
            model::AreaKind::Village => Self::Village,
            model::AreaKind::Catchment => Self::Catchment,
            model::AreaKind::Premises => Self::Premises,
        }
    }
}

impl From<model::LineKind> for LineKind {
    fn from(kind: model::LineKind) -> Self {
        match kind {
            model::LineKind::River => Self::River,
            model::LineKind::Reach => Self::Reach,
            model::LineKind::Road => Self::Road,
        }
    }
}

impl From<model::Period> for Period {
    fn from(period: model::Period) -> Self {
        match period {
            model::Period::Instant => Self::Instant,
            model::Period::Minutes => Self::Minute,
            model::Period::Hour => Self::Hour,
            model::Period::Day => Self::Day,
        }
    }
}

impl From<model::Statistic> for Statistic {
    fn from(statistic: model::Statistic) -> Self {
        match statistic {
            model::Statistic::Instant => Self::Instant,
            model::Statistic::Mean => Self::Mean,
            model::Statistic::Min => Self::Min,
            model::Statistic::Max => Self::Max,
            model::Statistic::Total => Self::Total,
            model::Statistic::InstantConverted => Self::InstantConverted,
            model::Statistic::MeanConverted => Self::MeanConverted,
            model::Statistic::MinConverted => Self::MinConverted,
            model::Statistic::MaxConverted => Self::MaxConverted,
            model::Statistic::Index => Self::Index,
            model::Statistic::State => Self::State,
        }
    }
}

impl From<model::Quality> for Quality {
    fn from(quality: model::Quality) -> Self {
        match quality {
            model::Quality::Good => Self::Good,
            model::Quality::Unknown => Self::Unknown,
            model::Quality::Suspect => Self::Suspect,
            model::Quality::Fail => Self::Fail,
            model::Quality::Missing => Self::Missing,
        }
    }
}

impl From<model::Disposition> for Disposition {
    fn from(disposition: model::Disposition) -> Self {
        match disposition {
            model::Disposition::Stored => Self::Stored,
            model::Disposition::Duplicate => Self::Duplicate,
            model::Disposition::Rejected => Self::Rejected,
            model::Disposition::Quarantined => Self::Quarantined,
        }
    }
}

impl From<model::Counted> for Counted {
    fn from(unit: model::Counted) -> Self {
        match unit {
            model::Counted::Frame => Self::Frame,
            model::Counted::Reading => Self::Reading,
        }
    }
}
