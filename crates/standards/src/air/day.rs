//! Days as assessments take them, and how many there are of each class.

use super::{IndexReport, NotAssessed, Pollutant, Statistic};
use crate::exact::Exact;
use crate::source::Doubt;
use jiff::civil::Date;
use serde::Serialize;

/// One day as assessments take it: daily means, for ozone the largest running 8 h mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayValues {
    /// The civil day.
    pub date: Date,
    /// Valid values in the order of [`Pollutant::ALL`], µg/m³, CO mg/m³; unrounded.
    pub values: [Option<Exact>; 6],
    /// The largest hour of ozone, µg/m³, which the daily report of HJ 633-2012 asks for too.
    pub o3_hour: Option<Exact>,
    /// The published index.
    pub aqi: Option<u16>,
    /// The level of the index, 1 to 6.
    pub level: Option<u8>,
    /// Its primary pollutants.
    pub primary: Vec<Pollutant>,
    /// Pollutants that dust weather took out of `values`.
    pub excluded: Vec<Pollutant>,
    /// What is in doubt about a pollutant's value or index; none for the day's index as a whole.
    pub doubts: Vec<(Option<Pollutant>, Doubt)>,
}

/// How many days of each class.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DayCounts {
    /// Days that were handed in.
    pub all: u32,
    /// Days with a published index: what shares are taken of.
    pub valid: u32,
    /// Index up to 100.
    pub good: u32,
    /// Index above 200.
    pub heavy: u32,
    /// Days by level, 1 to 6.
    pub by_level: [u32; 6],
    /// Days on which each pollutant was primary, ties counted for each, in the order of
    /// [`Pollutant::ALL`].
    pub by_primary: [u32; 6],
    /// Share of good days in per cent, as published.
    pub good_percent: Option<Exact>,
    /// What is in doubt about some of the days.
    pub doubts: Vec<Doubt>,
}

impl DayValues {
    /// A day of given values, judged by nobody.
    pub fn given(date: Date, values: [Option<Exact>; 6]) -> Self {
        let (primary, excluded, doubts) = (Vec::new(), Vec::new(), Vec::new());
        Self { date, values, o3_hour: None, aqi: None, level: None, primary, excluded, doubts }
    }

    /// From the daily report: every average that is valid, whatever became of the index.
    pub fn of(date: Date, report: &IndexReport) -> Self {
        let mut day = Self::given(date, [None; 6]);
        (day.aqi, day.level) = (report.aqi.as_ref().ok().copied(), report.level);
        day.primary.clone_from(&report.primary);
        for row in &report.rows {
            if matches!(row.reason, None | Some(NotAssessed::AboveTable { .. })) {
                match row.statistic {
                    Statistic::MeanDay | Statistic::Max8h => {
                        day.values[row.pollutant.index()] = row.average;
                    }
                    Statistic::Max1h => day.o3_hour = row.average,
                    _ => {}
                }
            }
            let own = row.doubts.iter();
            day.doubts.extend(own.map(|doubt| (Some(row.pollutant), doubt.clone())));
        }
        day.doubts.extend(report.doubts.iter().map(|doubt| (None, doubt.clone())));
        day
    }

    /// The same day without the pollutants that dust weather takes out of means and composite index;
    /// index and day class stay (环办监测〔2016〕120号).
    #[must_use]
    pub fn without(mut self, pollutants: &[Pollutant]) -> Self {
        for pollutant in pollutants {
            if self.values[pollutant.index()].take().is_some() {
                self.excluded.push(*pollutant);
            }
        }
        self
    }

    /// Notes a doubt about a pollutant unless it is there.
    pub(super) fn doubt(&mut self, pollutant: Option<Pollutant>, doubt: &Doubt) {
        if !self.doubts.iter().any(|(of, own)| (*of, own) == (pollutant, doubt)) {
            self.doubts.push((pollutant, doubt.clone()));
        }
    }
}
