//! The grade of a black and odorous body of water by its points (urban guide of 2015).

use crate::data::Data;
use crate::exact::{Exact, ExactError};
use crate::table::{Error, Problem};
use serde::Serialize;
use std::sync::Arc;

/// The indicators and shares of the guide.
#[derive(Clone, Debug)]
pub struct BlackOdorous {
    indicators: Vec<Indicator>,
    one_share: Exact,
    two_share: Exact,
    body_share: Exact,
    reach_points: usize,
    shallow_share: Exact,
}

#[derive(Clone, Debug)]
struct Indicator {
    key: Arc<str>,
    is_higher_better: bool,
    light_from: Exact,
    light_to: Exact,
}

/// The grade of one result of one indicator. The printed ranges are closed: both ends are light.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ResultGrade {
    /// Neither black nor odorous by this indicator.
    Not,
    /// Light.
    Light,
    /// Heavy.
    Heavy,
}

/// The grade of one point of a body already identified as black or odorous.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PointGrade {
    /// Heavy, else light.
    pub is_heavy: bool,
    /// The share of heavy results of each indicator.
    pub heavy_shares: Vec<(Arc<str>, Exact)>,
}

/// The grade of a body by its points in the order of flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BodyGrade {
    /// Heavy as a whole.
    pub is_heavy: bool,
    /// Reaches that are heavy, from point to point, counted from nought, both included.
    pub heavy_reaches: Vec<(usize, usize)>,
    /// The share of heavy points.
    pub heavy_share: Option<Exact>,
}

impl BlackOdorous {
    pub(super) fn load(data: &Data<'_>) -> Result<Self, Error> {
        let table = data.table(
            "water/black_odorous.csv",
            &[
                "standard",
                "valid_from",
                "valid_to",
                "key",
                "unit",
                "better",
                "light_from",
                "light_to",
            ],
        )?;
        table.check_validity(&["key"])?;
        let mut indicators = Vec::new();
        for row in table.rows() {
            let (light_from, light_to) = (row.exact("light_from")?, row.exact("light_to")?);
            if light_from >= light_to {
                return Err(
                    row.error(Problem::Shape("light_from must lie below light_to".to_owned()))
                );
            }
            let is_higher_better = row.key("better", |better| match better {
                "higher" => Some(true),
                "lower" => Some(false),
                _ => None,
            })?;
            let key = row.shared("key");
            indicators.push(Indicator { key, is_higher_better, light_from, light_to });
        }
        let settings = data.table(
            "water/black_odorous_settings.csv",
            &["standard", "valid_from", "valid_to", "key", "value", "unit"],
        )?;
        settings.check_validity(&["key"])?;
        let setting = |key| settings.only(&[("key", key)]);
        Ok(Self {
            indicators,
            one_share: setting("one_indicator_share")?.exact("value")?,
            two_share: setting("two_indicators_share")?.exact("value")?,
            body_share: setting("body_share")?.exact("value")?,
            reach_points: setting("reach_points")?.number("value")?,
            shallow_share: setting("shallow_transparency_share")?.exact("value")?,
        })
    }

    /// The grade of one result; `transparency` in cm, `do` and `nh3n` in mg/L, `orp` in mV. In water
    /// shallower than the transparency that is not black, that limit becomes a share of the depth.
    ///
    /// # Errors
    /// When a value does not fit exact arithmetic.
    pub fn result(
        &self,
        key: &str,
        value: &Exact,
        depth_cm: Option<&Exact>,
    ) -> Result<Option<ResultGrade>, ExactError> {
        let Some(indicator) = self.indicators.iter().find(|own| &*own.key == key) else {
            return Ok(None);
        };
        let (from, mut to) = (indicator.light_from, indicator.light_to);
        if let Some(depth) = depth_cm.filter(|depth| key == "transparency" && **depth < to) {
            to = depth.times(&self.shallow_share)?;
        }
        let (is_beyond, is_short) = (*value > to, *value < from);
        Ok(Some(match (indicator.is_higher_better, is_beyond, is_short) {
            (true, true, _) | (false, false, true) => ResultGrade::Not,
            (true, false, true) | (false, true, _) => ResultGrade::Heavy,
            _ => ResultGrade::Light,
        }))
    }

    /// The grade of a point from all its results.
    ///
    /// # Errors
    /// When a value does not fit exact arithmetic.
    pub fn point(&self, results: &[(&str, Exact)]) -> Result<PointGrade, ExactError> {
        let mut heavy_shares = Vec::new();
        for indicator in &self.indicators {
            let (mut heavy, mut all) = (0_i128, 0_i128);
            for (_, value) in results.iter().filter(|(key, _)| *key == &*indicator.key) {
                all += 1;
                let grade = self.result(&indicator.key, value, None)?;
                heavy += i128::from(grade == Some(ResultGrade::Heavy));
            }
            if all > 0 {
                heavy_shares.push((Arc::clone(&indicator.key), Exact::fraction(heavy, all)?));
            }
        }
        let above = |share: &Exact| heavy_shares.iter().filter(|(_, own)| own > share).count();
        let is_heavy = above(&self.one_share) >= 1 || above(&self.two_share) >= 2;
        Ok(PointGrade { is_heavy, heavy_shares })
    }

    /// The grade of a body: heavy points in the order of flow.
    ///
    /// # Errors
    /// When a value does not fit exact arithmetic.
    pub fn body(&self, heavy: &[bool]) -> Result<BodyGrade, ExactError> {
        let mut heavy_reaches = Vec::new();
        let mut start = 0;
        for run in heavy.split(|is_heavy| !is_heavy) {
            if run.len() > self.reach_points {
                heavy_reaches.push((start, start + run.len() - 1));
            }
            start += run.len() + 1;
        }
        let count = heavy.iter().filter(|is_heavy| **is_heavy).count();
        let heavy_share = match heavy.len() {
            0 => None,
            all => Some(Exact::fraction(count as i128, all as i128)?),
        };
        let is_heavy = heavy_share.is_some_and(|share| share >= self.body_share);
        Ok(BodyGrade { is_heavy, heavy_reaches, heavy_share })
    }
}
