//! What a forecast means for the warning levels: the daily index by the forecast pollutant alone, middle and high.

use super::forecasts::level_words;
use crate::analysis::Hours;
use crate::http::state::AppState;
use crate::words::Words;
use control::emergency::{Basis, DayAhead};
use model::{HOUR_MS, Timestamp};
use serde::Serialize;
use space::forecast::Forecast;
use standards::air::{Hours as AirHours, Pollutant, Programme};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The rule by which levels are told.
const RULE: &str = "national-2024";
/// Fewest hours of a day that are measured or forecast.
const HOURS_MIN: usize = 20;

/// Daily indices and the level of warning that they reach.
#[derive(Serialize, ToSchema)]
pub struct Outlook {
    days: Vec<OutlookDay>,
    rule: &'static str,
    /// The level that the middle of the forecast reaches; null for none.
    level: Option<Words>,
    /// The level that its 95 % reach.
    level_high: Option<Words>,
    doubt: Words,
    /// Stable names of the two levels.
    #[serde(skip)]
    keys: [Option<String>; 2],
}

/// What is said of the hours ahead, by whomever.
pub(super) struct Ahead {
    /// Middle and high of each hour.
    pub steps: BTreeMap<i64, [f64; 2]>,
    /// How far it may be trusted.
    pub doubt: Words,
}

impl Ahead {
    /// Of the house's own forecast: its middle and its 95 %.
    pub fn own(forecast: &Forecast) -> Self {
        let steps = forecast.steps.iter();
        Self {
            steps: steps.map(|step| (step.hour, [step.quantiles[3], step.quantiles[6]])).collect(),
            doubt: Words::new(
                "仅按此一种污染物，按统计预报；不构成预警",
                "by this pollutant alone and a statistical forecast; no warning is issued by it",
            ),
        }
    }
}

impl Outlook {
    /// What a warning that is declared on it rests on: kept as it was said. `source` and its time of issue: of a forecast from outside.
    pub(super) fn basis(
        self,
        places: Vec<String>,
        parameter: &str,
        source: Option<(String, Timestamp)>,
    ) -> Basis {
        let day = |day: &OutlookDay| {
            let date = day.date.parse().ok()?;
            Some(DayAhead { date, aqi: day.aqi, aqi_high: day.aqi_high })
        };
        let days = self.days.iter().filter_map(day).collect();
        let [level, level_high] = self.keys;
        let (rule, parameter) = (self.rule.to_owned(), parameter.to_owned());
        let (source, issued) = source.unzip();
        Basis::Forecast { source, issued, places, parameter, rule, days, level, level_high }
    }
}

/// One civil day.
#[derive(Serialize, ToSchema)]
pub struct OutlookDay {
    date: String,
    /// Index by the middle of the forecast.
    aqi: u16,
    /// Index by its 95 %.
    aqi_high: u16,
}

/// None for what has no index, and when no whole day is forecast.
pub(super) fn outlook(
    app: &AppState,
    symbol: &str,
    hours: &Hours,
    ahead: Ahead,
) -> Option<Outlook> {
    let pollutant = Pollutant::ALL.into_iter().find(|one| one.to_string() == symbol)?;
    let zone = &app.district.zone;
    let (first, last) = (*ahead.steps.keys().next()?, *ahead.steps.keys().next_back()?);
    let next = hours.first_hour + hours.hours.len() as i64;
    let mut days = Vec::new();
    let mut at = Timestamp::from_ms(first.max(next) * HOUR_MS);
    let end = Timestamp::from_ms((last + 1) * HOUR_MS);
    while at < end {
        let day = zone.day_of(at).ok()?;
        at = day.end();
        let edition = app.law.air_index(day.date())?;
        let index = |of: usize| {
            let values: Vec<Option<f64>> = (0..day.hours() as i64)
                .map(|hour| {
                    let hour = day.start().as_ms().div_euclid(HOUR_MS) + hour;
                    value(hours, &ahead, hour, of)
                })
                .collect();
            let none = vec![None; values.len()];
            let known = values.iter().flatten().count();
            let columns =
                Pollutant::ALL.map(|one| if one == pollutant { &*values } else { &*none });
            let air = AirHours::new(day.start(), columns);
            let report = edition.day(&day, &air, Programme::default());
            report.aqi.ok().or(report.computed).filter(|_| known >= HOURS_MIN)
        };
        if let Some((aqi, aqi_high)) = index(0).zip(index(1)) {
            days.push(OutlookDay { date: day.to_string(), aqi, aqi_high });
        }
    }
    let rule = app.law.warning_rule(RULE)?;
    let level = |of: fn(&OutlookDay) -> u16| {
        let indices: Vec<u16> = days.iter().map(of).collect();
        rule.level(&indices).map(|warning| warning.level.to_string())
    };
    let keys = [level(|day| day.aqi), level(|day| day.aqi_high)];
    let [level, level_high] = [0, 1].map(|at: usize| keys[at].as_deref().map(level_words));
    let doubt = ahead.doubt;
    (!days.is_empty()).then_some(Outlook { days, rule: RULE, level, level_high, doubt, keys })
}

/// What was measured, or what is forecast.
fn value(hours: &Hours, ahead: &Ahead, hour: i64, of: usize) -> Option<f64> {
    let measured = usize::try_from(hour - hours.first_hour).ok().and_then(|at| hours.hours.get(at));
    if let Some(measured) = measured {
        return measured.value;
    }
    // In tenths: the law computes on decimals, and more digits say nothing.
    ahead.steps.get(&hour).map(|step| (step[of] * 10.0).round() / 10.0)
}
