//! Indices and guidelines of others, for comparison: US EPA, Europe, United Kingdom, India, WHO.

mod bands;
mod india;
mod us;
mod who;

pub use bands::{Band, BandIndex};
pub use india::{IndiaIndex, IndiaValue};
pub use us::{UsCategory, UsIndex};
pub use who::{WhoLevel, WhoLevels};

use crate::data::Data;
use crate::table::Error;

/// Indices and guidelines of others.
#[derive(Clone, Debug)]
pub struct World {
    us: UsIndex,
    bands: Vec<BandIndex>,
    india: IndiaIndex,
    who: WhoLevels,
}

impl World {
    pub(crate) fn load(data: &Data<'_>) -> Result<Self, Error> {
        Ok(Self {
            us: UsIndex::load(data)?,
            bands: BandIndex::load(data)?,
            india: IndiaIndex::load(data)?,
            who: WhoLevels::load(data)?,
        })
    }

    /// The index of the US Environmental Protection Agency.
    pub fn us_index(&self) -> &UsIndex {
        &self.us
    }

    /// The index of bands by its name: `EU EAQI 2024`, `UK DAQI 2013`.
    pub fn band_index(&self, name: &str) -> Option<&BandIndex> {
        self.bands.iter().find(|index| index.name() == name)
    }

    /// The National Air Quality Index of India.
    pub fn india_index(&self) -> &IndiaIndex {
        &self.india
    }

    /// The guidelines of the World Health Organization.
    pub fn who_levels(&self) -> &WhoLevels {
        &self.who
    }
}
