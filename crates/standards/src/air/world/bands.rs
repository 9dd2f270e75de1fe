//! Indices of bands: the European index of six, the British of ten.

use crate::data::Data;
use crate::exact::{Exact, ExactError};
use crate::source::Source;
use crate::table::{Error, Problem};
use serde::Serialize;
use std::sync::Arc;

/// An index that puts each pollutant into a band; the worst band is the index.
#[derive(Clone, Debug)]
pub struct BandIndex {
    name: Arc<str>,
    bands: Vec<Band>,
}

/// One band of one pollutant.
#[derive(Clone, Debug, Serialize)]
pub struct Band {
    /// `PM2.5`
    pub pollutant: Arc<str>,
    /// 1 is the best.
    pub band: u8,
    /// `Fair`, `Moderate`.
    pub name: Arc<str>,
    /// The colour.
    pub rgb: Arc<str>,
    /// The last concentration that belongs to it, µg/m³; none for the last band.
    pub upper: Option<Exact>,
    /// Decimal places to which the concentration is rounded first; none leaves it as it is.
    pub decimals: Option<u8>,
    /// Where it stands.
    pub source: Source,
}

impl BandIndex {
    pub(crate) fn load(data: &Data<'_>) -> Result<Vec<Self>, Error> {
        let table = data.table(
            "air/bands.csv",
            &[
                "standard",
                "valid_from",
                "valid_to",
                "pollutant",
                "band",
                "name",
                "rgb",
                "upper",
                "unit",
                "decimals",
            ],
        )?;
        table.check_validity(&["standard", "pollutant", "band"])?;
        let mut indices: Vec<Self> = Vec::new();
        for row in table.rows() {
            let band = Band {
                pollutant: row.shared("pollutant"),
                band: row.number("band")?,
                name: row.shared("name"),
                rgb: row.shared("rgb"),
                upper: row.exact_or_none("upper")?,
                decimals: row.number_or_none("decimals")?,
                source: row.source(),
            };
            let name = row.text("standard");
            let at = indices.iter().position(|index| &*index.name == name);
            let at = at.unwrap_or_else(|| {
                indices.push(Self { name: Arc::from(name), bands: Vec::new() });
                indices.len() - 1
            });
            let before = indices[at].bands.iter().rfind(|b| b.pollutant == band.pollutant);
            let follows = match before {
                None => band.band == 1,
                Some(last) => {
                    band.band == last.band + 1
                        && last.upper.is_some_and(|last| band.upper.is_none_or(|up| up > last))
                }
            };
            if !follows {
                return Err(row.error(Problem::Shape("bands must follow each other".to_owned())));
            }
            indices[at].bands.push(band);
        }
        Ok(indices)
    }

    /// `EU EAQI 2024`, `UK DAQI 2013`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The band of a concentration in µg/m³; none for a pollutant that the index does not have.
    ///
    /// # Errors
    /// When the concentration does not fit exact arithmetic.
    pub fn band(&self, pollutant: &str, value: &Exact) -> Result<Option<&Band>, ExactError> {
        for band in self.bands.iter().filter(|band| &*band.pollutant == pollutant) {
            let value = match band.decimals {
                Some(decimals) => value.half_even(decimals)?,
                None => *value,
            };
            if band.upper.is_none_or(|upper| value <= upper) {
                return Ok(Some(band));
            }
        }
        Ok(None)
    }

    /// The worst band of the pollutants that are there.
    ///
    /// # Errors
    /// As [`BandIndex::band`].
    pub fn overall(&self, values: &[(&str, Exact)]) -> Result<Option<&Band>, ExactError> {
        let mut worst: Option<&Band> = None;
        for (pollutant, value) in values {
            let band = self.band(pollutant, value)?;
            if band.is_some_and(|band| worst.is_none_or(|worst| band.band > worst.band)) {
                worst = band;
            }
        }
        Ok(worst)
    }
}
