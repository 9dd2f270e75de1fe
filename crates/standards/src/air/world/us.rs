//! The air quality index of the US Environmental Protection Agency, and its `NowCast`.

use crate::data::Data;
use crate::exact::{Exact, ExactError};
use crate::source::Source;
use crate::table::{Error, Problem, Row};
use serde::Serialize;
use std::sync::Arc;

/// The US index. Columns are named `PM25_24h`, `O3_8h`; concentrations are in the column's unit
/// (ppm, ppb or µg/m³).
#[derive(Clone, Debug)]
pub struct UsIndex {
    columns: Vec<UsColumn>,
    categories: Vec<UsCategory>,
    nowcast_hours: usize,
    weight_min: Exact,
    newest: usize,
    newest_need: usize,
    /// Above its last row a column goes on only when that row ends the scale.
    scale_end: u16,
}

/// One category of the US index.
#[derive(Clone, Debug, Serialize)]
pub struct UsCategory {
    /// The lowest index.
    pub low: u16,
    /// The highest index.
    pub high: u16,
    /// `Unhealthy for Sensitive Groups`
    pub name: Arc<str>,
    /// The prescribed colour.
    pub rgb: Arc<str>,
    /// The colour for people who tell colours badly apart.
    pub rgb_assist: Arc<str>,
    /// Where it stands.
    pub source: Source,
}

#[derive(Clone, Debug)]
struct UsColumn {
    name: Arc<str>,
    unit: Arc<str>,
    decimals: u8,
    rows: Vec<UsRow>,
}

#[derive(Clone, Copy, Debug)]
struct UsRow {
    low: Exact,
    high: Exact,
    index_low: u16,
    index_high: u16,
}

impl UsIndex {
    pub(crate) fn load(data: &Data<'_>) -> Result<Self, Error> {
        let table = data.table(
            "air/us_breakpoints.csv",
            &[
                "standard",
                "valid_from",
                "valid_to",
                "column",
                "unit",
                "decimals",
                "low",
                "high",
                "index_low",
                "index_high",
            ],
        )?;
        table.check_validity(&["column", "index_low"])?;
        let mut columns: Vec<UsColumn> = Vec::new();
        for row in table.rows() {
            let next = UsRow {
                low: row.exact("low")?,
                high: row.exact("high")?,
                index_low: row.number("index_low")?,
                index_high: row.number("index_high")?,
            };
            if next.high <= next.low || next.index_high <= next.index_low {
                return Err(row.error(Problem::Shape("breakpoints must rise".to_owned())));
            }
            if let Some(column) = columns.iter_mut().find(|c| &*c.name == row.text("column")) {
                column.rows.push(next);
            } else {
                let (name, unit) = (row.shared("column"), row.shared("unit"));
                let decimals = row.number("decimals")?;
                columns.push(UsColumn { name, unit, decimals, rows: vec![next] });
            }
        }
        let settings = data.table(
            "air/us_settings.csv",
            &["standard", "valid_from", "valid_to", "key", "value", "unit"],
        )?;
        let setting = |key| settings.only(&[("key", key)]);
        Ok(Self {
            columns,
            categories: categories(data)?,
            nowcast_hours: nowcast_hours(setting("nowcast_hours")?)?,
            weight_min: setting("nowcast_weight_min")?.exact("value")?,
            newest: setting("nowcast_newest")?.number("value")?,
            newest_need: setting("nowcast_newest_need")?.number("value")?,
            scale_end: setting("scale_end")?.number("value")?,
        })
    }

    /// The unit of a column.
    pub fn unit(&self, column: &str) -> Option<&str> {
        self.columns.iter().find(|c| &*c.name == column).map(|c| &*c.unit)
    }

    /// The category an index belongs to; the last for anything above the scale.
    pub fn category(&self, index: u16) -> Option<&UsCategory> {
        self.categories.iter().find(|c| index <= c.high).or(self.categories.last())
    }

    /// The index of a concentration: cut to the column's places, interpolated, rounded to the nearest
    /// whole number. None for an unknown column, below the first row (ozone 1 h) and above the last
    /// one where the column does not end the scale.
    ///
    /// # Errors
    /// When a number does not fit exact arithmetic.
    pub fn index(&self, column: &str, concentration: &Exact) -> Result<Option<u16>, ExactError> {
        let Some(column) = self.columns.iter().find(|c| &*c.name == column) else {
            return Ok(None);
        };
        let c = concentration.cut(column.decimals)?;
        if column.rows.first().is_none_or(|first| c < first.low) {
            return Ok(None);
        }
        let last = column.rows.last().filter(|last| last.index_high == self.scale_end);
        let Some(row) = column.rows.iter().find(|row| c <= row.high).or(last) else {
            return Ok(None);
        };
        let rise = Exact::whole(i64::from(row.index_high) - i64::from(row.index_low));
        let slope = rise.over(&row.high.minus(&row.low)?)?;
        let index = slope.times(&c.minus(&row.low)?)?.plus(&Exact::whole(row.index_low.into()))?;
        let nearest = index.plus(&Exact::fraction(1, 2)?)?.floor();
        u16::try_from(nearest).map(Some).map_err(|_| ExactError::TooLarge)
    }

    /// Sulfur dioxide: the 1 h maximum as far as its column goes, then the 24 h mean; when that is
    /// still below its column, the last index of the 1 h column stands.
    ///
    /// # Errors
    /// When a number does not fit exact arithmetic.
    pub fn so2(&self, max_1h: &Exact, mean_24h: &Exact) -> Result<Option<u16>, ExactError> {
        if let Some(index) = self.index("SO2_1h", max_1h)? {
            return Ok(Some(index));
        }
        if let Some(index) = self.index("SO2_24h", mean_24h)? {
            return Ok(Some(index));
        }
        let column = self.columns.iter().find(|c| &*c.name == "SO2_1h");
        Ok(column.and_then(|c| c.rows.last()).map(|row| row.index_high))
    }

    /// The `NowCast` concentration of particles from hourly values, newest first. None when too few of
    /// the newest are there.
    ///
    /// Exact where 128 bits hold the powers of the weight, else to nine places.
    ///
    /// # Errors
    /// When a value has too many digits even for that.
    pub fn nowcast(&self, newest_first: &[Option<Exact>]) -> Result<Option<Exact>, ExactError> {
        let hours = &newest_first[..newest_first.len().min(self.nowcast_hours)];
        let newest = hours.iter().take(self.newest).flatten().count();
        let there = || hours.iter().flatten();
        let (true, Some(least), Some(most)) =
            (newest >= self.newest_need, there().min(), there().max())
        else {
            return Ok(None);
        };
        let weight = match most.minus(least)?.over(most) {
            Ok(range) => Exact::whole(1).minus(&range)?.max(self.weight_min),
            // All nought: every weight gives nought.
            Err(ExactError::DivisionByZero) => Exact::whole(1),
            Err(error) => return Err(error),
        };
        match weighted_mean(hours, &powers(&weight, hours.len())) {
            Err(ExactError::TooLarge) => {}
            mean => return mean.map(Some),
        }
        let mean = weighted_mean(hours, &short_powers(&weight, hours.len()).map(Ok))?;
        mean.half_even(NOWCAST_PLACES).map(Some)
    }
}

/// Places of a `NowCast` whose exact value does not fit 128 bits.
const NOWCAST_PLACES: u8 = 9;
const HOURS_MAX: usize = 24;

/// `weight^i * b^n` for `weight = a/b`: whole numbers in the ratio of the powers.
fn powers(weight: &Exact, hours: usize) -> [Result<i128, ExactError>; HOURS_MAX] {
    let (a, b) = weight.parts();
    let last = hours.saturating_sub(1);
    std::array::from_fn(|i| {
        let power = a.checked_pow(i as u32).zip(b.checked_pow(last.saturating_sub(i) as u32));
        power.and_then(|(a, b)| a.checked_mul(b)).ok_or(ExactError::TooLarge)
    })
}

/// The powers of a weight in units of 10^-18, cut.
fn short_powers(weight: &Exact, hours: usize) -> [i128; HOURS_MAX] {
    let (a, b) = weight.parts();
    let mut power = 1_000_000_000_000_000_000_i128;
    std::array::from_fn(|i| {
        let this = if i < hours { power } else { 0 };
        power = power.checked_mul(a).map_or(0, |product| product / b);
        this
    })
}

fn weighted_mean(
    hours: &[Option<Exact>],
    powers: &[Result<i128, ExactError>; HOURS_MAX],
) -> Result<Exact, ExactError> {
    let (mut sum, mut total) = (Exact::ZERO, 0_i128);
    for (value, power) in hours.iter().zip(powers) {
        let Some(value) = value else { continue };
        let power = (*power)?;
        total = total.checked_add(power).ok_or(ExactError::TooLarge)?;
        sum = sum.plus(&value.times(&Exact::fraction(power, 1)?)?)?;
    }
    sum.over(&Exact::fraction(total, 1)?)
}

fn nowcast_hours(row: &Row) -> Result<usize, Error> {
    let hours = row.number("value")?;
    if hours <= HOURS_MAX { Ok(hours) } else { Err(row.bad("value", "at most a day")) }
}

fn categories(data: &Data<'_>) -> Result<Vec<UsCategory>, Error> {
    let table = data.table(
        "air/us_categories.csv",
        &["standard", "valid_from", "valid_to", "low", "high", "name", "rgb", "rgb_assist"],
    )?;
    table.check_validity(&["low"])?;
    let mut categories = Vec::new();
    for row in table.rows() {
        categories.push(UsCategory {
            low: row.number("low")?,
            high: row.number("high")?,
            name: row.shared("name"),
            rgb: row.shared("rgb"),
            rgb_assist: row.shared("rgb_assist"),
            source: row.source(),
        });
    }
    Ok(categories)
}
