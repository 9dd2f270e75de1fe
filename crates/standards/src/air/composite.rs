//! The composite index by which cities are ranked: the six statistics over their limits, summed.

use super::evaluation::load_statistic;
use super::{Averaging, LimitsOn, PeriodStatistic, Pollutant};
use crate::data::Data;
use crate::exact::{Exact, ExactError};
use crate::source::{Doubt, DoubtAbout, Source};
use crate::statistics::{mean, percentile};
use crate::table::{Error, Problem};
use serde::Serialize;
use std::sync::Arc;

/// One way to form the composite index: which statistics, which limits, which weights.
#[derive(Clone, Debug)]
pub struct CompositeScheme {
    name: Arc<str>,
    decimals: u8,
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
struct Part {
    pollutant: Pollutant,
    statistic: PeriodStatistic,
    limit: Averaging,
    weight: Exact,
    source: Source,
}

/// The composite index with each pollutant's share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Composite {
    /// The scheme, `equal` or `weighted`.
    pub scheme: Arc<str>,
    /// One row a pollutant, in the order of [`Pollutant::ALL`].
    pub singles: Vec<Single>,
    /// The exact weighted sum.
    pub sum: Exact,
    /// As published.
    pub rounded: Exact,
    /// Its decimal places.
    #[serde(skip)]
    pub decimals: u8,
    /// The pollutants with the largest single index, before weights.
    pub primary: Vec<Pollutant>,
    /// What is in doubt.
    pub doubts: Vec<Doubt>,
    /// Where the scheme stands.
    #[serde(skip)]
    pub source: Option<Source>,
}

/// One pollutant's part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Single {
    /// The pollutant.
    pub pollutant: Pollutant,
    /// The concentration.
    pub value: Exact,
    /// What it is divided by.
    pub limit: Exact,
    /// The quotient.
    pub index: Exact,
    /// What the quotient is multiplied by in the sum.
    pub weight: Exact,
    /// Where the limit stands.
    #[serde(skip)]
    pub limit_source: Source,
}

impl CompositeScheme {
    pub(crate) fn load(data: &Data<'_>) -> Result<Vec<Self>, Error> {
        let table = data.table(
            "air/composite.csv",
            &[
                "scheme",
                "valid_from",
                "valid_to",
                "pollutant",
                "statistic",
                "percent",
                "limit_averaging",
                "weight",
                "decimals",
            ],
        )?;
        table.check_validity(&["scheme", "pollutant"])?;
        let mut schemes: Vec<Self> = Vec::new();
        for row in table.rows() {
            let part = Part {
                pollutant: row.key("pollutant", Pollutant::named)?,
                statistic: load_statistic(row)?,
                limit: row.key("limit_averaging", Averaging::named)?,
                weight: row.exact("weight")?,
                source: row.source(),
            };
            let name = row.text("scheme");
            if let Some(scheme) = schemes.iter_mut().find(|scheme| &*scheme.name == name) {
                scheme.parts.push(part);
            } else {
                let (name, decimals) = (Arc::from(name), row.number("decimals")?);
                schemes.push(Self { name, decimals, parts: vec![part] });
            }
        }
        if let Some(short) = schemes.iter().find(|scheme| scheme.parts.len() != 6) {
            let problem = format!("{} must name all six pollutants", short.name);
            return Err(table.error(Problem::Shape(problem)));
        }
        Ok(schemes)
    }

    /// `equal` or `weighted`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Which statistic of a pollutant goes in.
    pub fn statistic_of(&self, pollutant: Pollutant) -> PeriodStatistic {
        let part = self.parts.iter().find(|part| part.pollutant == pollutant);
        part.map_or(PeriodStatistic::Mean, |part| part.statistic)
    }

    /// The statistic of each pollutant from its daily values; none without any day.
    ///
    /// # Errors
    /// When a number does not fit exact arithmetic.
    pub fn statistic(
        &self,
        pollutant: Pollutant,
        days: &[Exact],
    ) -> Result<Option<Exact>, ExactError> {
        match self.statistic_of(pollutant) {
            PeriodStatistic::Mean => mean(days),
            PeriodStatistic::Percentile(percent) => percentile(days, percent),
        }
    }

    /// The composite index of six statistics, in the order of [`Pollutant::ALL`]; none when a limit
    /// of that date is missing.
    ///
    /// # Errors
    /// When a number does not fit exact arithmetic.
    pub fn composite(
        &self,
        values: [Exact; 6],
        limits: LimitsOn<'_>,
    ) -> Result<Option<Composite>, ExactError> {
        let (mut singles, mut sum, mut doubts) = (Vec::new(), Exact::ZERO, Vec::new());
        for pollutant in Pollutant::ALL {
            let Some(part) = self.parts.iter().find(|part| part.pollutant == pollutant) else {
                return Ok(None);
            };
            let Some(limit) = limits.limits.on(limits.date, pollutant.symbol(), part.limit) else {
                return Ok(None);
            };
            let limit_source = limit.source.clone();
            let (value, limit) = (values[pollutant.index()], limit.value(limits.grade));
            let index = value.over(&limit)?;
            sum = sum.plus(&index.times(&part.weight)?)?;
            let weight = part.weight;
            singles.push(Single { pollutant, value, limit, index, weight, limit_source });
            if part.source.confidence.is_doubtful() && doubts.is_empty() {
                doubts.push(Doubt { about: DoubtAbout::Row, source: part.source.clone() });
            }
        }
        let largest = singles.iter().map(|single| single.index).max();
        let first = singles.iter().filter(|single| Some(single.index) == largest);
        let primary = first.map(|single| single.pollutant).collect();
        let (scheme, rounded) = (Arc::clone(&self.name), sum.half_even(self.decimals)?);
        let source = self.parts.first().map(|part| part.source.clone());
        let decimals = self.decimals;
        Ok(Some(Composite { scheme, singles, sum, rounded, decimals, primary, doubts, source }))
    }
}
