//! Surface water: classes of sections and rivers, what pollutes them, index, trophic state, grade of
//! black and odorous bodies (GB 3838-2002 and the assessment method of 2011).

mod black_odorous;
mod cwqi;
mod limits;
mod month;
mod river;
mod section;
mod tli;

pub use black_odorous::{BlackOdorous, BodyGrade, PointGrade, ResultGrade};
pub use cwqi::{Cwqi, CwqiPart};
pub use limits::{Class, DetectionLimit, Item, SourceLimit, State, WaterBody, WaterLimits};
pub use month::{Flow, ItemMean, SiteReport, WaterResult};
pub use river::{Change, RiverReport, Shares, mean_ph};
pub use section::{ItemRow, MainPollutant, SectionReport, Versus};
pub use tli::{Tli, TrophicIndex};

use crate::data::Data;
use crate::exact::Exact;
use crate::source::Source;
use crate::table::{Error, Table};

/// The law of surface water that is built in.
#[derive(Clone, Debug)]
pub struct WaterLaw {
    limits: WaterLimits,
    method: Method,
    rating: Vec<river::RatingRow>,
    critical: Vec<river::CriticalRow>,
    tli: Tli,
    black_odorous: BlackOdorous,
}

/// Numbers of the assessment method.
#[derive(Clone, Debug)]
struct Method {
    nondetect_share: Exact,
    multiple_decimals: u8,
    main_pollutants_max: usize,
    few_sections_below: usize,
    trend_none_max: Exact,
    trend_some_max: Exact,
    trend_source: Source,
    trend_periods_min: usize,
    ph_neutral: Exact,
    ph_source: Source,
}

impl WaterLaw {
    pub(crate) fn load(data: &Data<'_>) -> Result<Self, Error> {
        let settings = data.table(
            "water/settings.csv",
            &["standard", "valid_from", "valid_to", "key", "value", "unit"],
        )?;
        settings.check_validity(&["key"])?;
        Ok(Self {
            limits: WaterLimits::load(data)?,
            method: Method::load(&settings)?,
            rating: river::load_rating(data)?,
            critical: river::load_critical(data)?,
            tli: Tli::load(data)?,
            black_odorous: BlackOdorous::load(data)?,
        })
    }

    /// The limits of GB 3838, and the names of states.
    pub fn limits(&self) -> &WaterLimits {
        &self.limits
    }

    /// The trophic level index of lakes.
    pub fn tli(&self) -> &Tli {
        &self.tli
    }

    /// The grading of black and odorous bodies.
    pub fn black_odorous(&self) -> &BlackOdorous {
        &self.black_odorous
    }

    /// What a result below detection counts as: half of the limit that came with it.
    ///
    /// # Errors
    /// When the limit does not fit exact arithmetic.
    pub fn below_detection(&self, limit: &Exact) -> Result<Exact, crate::ExactError> {
        limit.times(&self.method.nondetect_share)
    }
}

impl Method {
    fn load(settings: &Table) -> Result<Self, Error> {
        const KEYS: [&str; 8] = [
            "nondetect_share",
            "multiple_decimals",
            "main_pollutants_max",
            "few_sections_below",
            "trend_none_max",
            "trend_some_max",
            "trend_periods_min",
            "cwqi_ph_neutral",
        ];
        for row in settings.rows() {
            row.key("key", |key| KEYS.contains(&key).then_some(()))?;
        }
        let setting = |key| settings.only(&[("key", key)]);
        Ok(Self {
            nondetect_share: setting("nondetect_share")?.exact("value")?,
            multiple_decimals: setting("multiple_decimals")?.number("value")?,
            main_pollutants_max: setting("main_pollutants_max")?.number("value")?,
            few_sections_below: setting("few_sections_below")?.number("value")?,
            trend_none_max: setting("trend_none_max")?.exact("value")?,
            trend_some_max: setting("trend_some_max")?.exact("value")?,
            trend_source: setting("trend_none_max")?.source(),
            trend_periods_min: setting("trend_periods_min")?.number("value")?,
            ph_neutral: setting("cwqi_ph_neutral")?.exact("value")?,
            ph_source: setting("cwqi_ph_neutral")?.source(),
        })
    }
}
