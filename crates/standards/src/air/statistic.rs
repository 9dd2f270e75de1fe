//! From hours to the average that a report takes: means, running means, daily maxima, and how many
//! values each needs.

use super::hours::{Hours, Sum, Window};
use super::{NotAssessed, Pollutant};
use crate::exact::{Exact, ExactError};
use crate::period::Day;
use crate::source::Source;
use model::{HOUR_MS, Timestamp};
use serde::Serialize;

/// How an average is formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Statistic {
    /// The hour itself.
    Hour,
    /// Mean of the hours of the civil day.
    MeanDay,
    /// Mean of the 24 hours that end with the hour.
    Running24h,
    /// Mean of the 8 hours that end with the hour.
    Running8h,
    /// The largest hour of the civil day.
    Max1h,
    /// The largest running 8 h mean of the civil day.
    Max8h,
}

impl Statistic {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "hour" => Self::Hour,
            "mean_day" => Self::MeanDay,
            "running_24h" => Self::Running24h,
            "running_8h" => Self::Running8h,
            "max_1h" => Self::Max1h,
            "max_8h" => Self::Max8h,
            _ => return None,
        })
    }

    /// How many hours before the period it is made of, at most.
    pub(super) fn hours_before(self) -> usize {
        match self {
            Self::Running24h => 23,
            Self::Running8h | Self::Max8h => 7,
            Self::Hour | Self::MeanDay | Self::Max1h => 0,
        }
    }

    /// What is counted: hours, but for the daily maximum of running means those.
    pub(super) fn counts_running_means(self) -> bool {
        self == Self::Max8h
    }
}

/// How many values there are, are needed, and could be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Capture {
    /// Valid values.
    pub have: u16,
    /// Values needed for an assessment.
    pub need: u16,
    /// Values there could be.
    pub of: u16,
    /// Values that are no concentration (negative or not finite) and so not counted.
    pub refused: u16,
}

/// An average with its capture; the average is there whenever any value is, valid or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Average {
    /// The unrounded average, even of too few values.
    pub value: Option<Exact>,
    /// Values there, needed and possible; none when the average was handed in ready made.
    pub capture: Option<Capture>,
    /// Why it may not be used, when it may not.
    pub reason: Option<NotAssessed>,
    /// It is valid by the exception for a maximum above the limit.
    pub by_exception: bool,
}

/// How many values a statistic needs: one row of the capture table.
#[derive(Clone, Debug)]
pub(super) struct CaptureRule {
    pub(super) need: u16,
    pub(super) of: u16,
    /// Fewer are enough when the (rounded) result is above this.
    pub(super) valid_above: Option<Exact>,
    pub(super) source: Source,
}

/// The capture rules of one edition, and the running means that belong to a day.
#[derive(Clone, Debug)]
pub(super) struct CaptureRules {
    pub(super) mean_day: CaptureRule,
    pub(super) running_24h: CaptureRule,
    pub(super) running_8h: CaptureRule,
    pub(super) max_1h: CaptureRule,
    pub(super) max_8h: CaptureRule,
    /// The running mean that ends at this hour of the day is the first that belongs to it …
    pub(super) first_end: usize,
    /// … and this one the last.
    pub(super) last_end: usize,
    pub(super) ends_source: Source,
}

impl CaptureRules {
    /// None for the hour itself, whose validity is judged where it is measured.
    pub(super) fn rule(&self, statistic: Statistic) -> Option<&CaptureRule> {
        Some(match statistic {
            Statistic::Hour => return None,
            Statistic::MeanDay => &self.mean_day,
            Statistic::Running24h => &self.running_24h,
            Statistic::Running8h => &self.running_8h,
            Statistic::Max1h => &self.max_1h,
            Statistic::Max8h => &self.max_8h,
        })
    }

    /// The average of the day.
    pub(super) fn of_day(
        &self,
        statistic: Statistic,
        pollutant: Pollutant,
        day: &Day,
        hours: &Hours<'_>,
        decimals: u8,
    ) -> Average {
        let average = match statistic {
            Statistic::Max8h => self.max_8h(pollutant, day, hours, decimals),
            Statistic::Max1h => whole(&self.max_1h, pollutant, day, hours, Window::max),
            _ => whole(&self.mean_day, pollutant, day, hours, mean),
        };
        average.unwrap_or_else(Average::failed)
    }

    /// The average that ends with the hour starting at `hour`.
    pub(super) fn of_hour(
        &self,
        statistic: Statistic,
        pollutant: Pollutant,
        hour: Timestamp,
        hours: &Hours<'_>,
    ) -> Average {
        let running = |rule: &CaptureRule, len: u8| {
            let first = hour - i64::from(len - 1) * HOUR_MS;
            let window = hours.window(pollutant, first, usize::from(len))?;
            let sum = window.sum(0, usize::from(len));
            let capture = rule.capture(sum.count, &window);
            Ok(Average::of(window.mean(sum)?, capture, statistic))
        };
        let average = match statistic {
            Statistic::Running24h => running(&self.running_24h, 24),
            Statistic::Running8h => running(&self.running_8h, 8),
            _ => hours.window(pollutant, hour, 1).and_then(|window| {
                let sum = window.sum(0, 1);
                let capture =
                    Capture { have: sum.count as u16, need: 1, of: 1, refused: window.refused() };
                Ok(Average::of(window.mean(sum)?, capture, statistic))
            }),
        };
        average.unwrap_or_else(Average::failed)
    }

    /// The largest running 8 h mean among those that belong to the day.
    fn max_8h(
        &self,
        pollutant: Pollutant,
        day: &Day,
        hours: &Hours<'_>,
        decimals: u8,
    ) -> Result<Average, ExactError> {
        let span = usize::from(self.running_8h.of);
        // Where clocks change, the day's last running mean still ends at midnight.
        let last_end = (self.last_end + day.hours()).saturating_sub(24);
        let first = day.start() + (self.first_end as i64 - span as i64) * HOUR_MS;
        let window = hours.window(pollutant, first, last_end + span - self.first_end)?;
        let (mut best, mut count): (Option<Sum>, u32) = (None, 0);
        for from in 0..=(last_end - self.first_end) {
            let sum = window.sum(from, from + span);
            if sum.count < u32::from(self.running_8h.need) {
                continue;
            }
            count += 1;
            if best.is_none_or(|best| sum.mean_above(best)) {
                best = Some(sum);
            }
        }
        let value = best.map_or(Ok(None), |best| window.mean(best))?;
        let mut average = Average::of(value, self.max_8h.capture(count, &window), Statistic::Max8h);
        if let (Some(value), Some(limit), Some(_)) =
            (value, self.max_8h.valid_above, &average.reason)
            && value.half_even(decimals)? > limit
        {
            (average.reason, average.by_exception) = (None, true);
        }
        Ok(average)
    }
}

impl CaptureRule {
    fn capture(&self, have: u32, window: &Window) -> Capture {
        Capture { have: have as u16, need: self.need, of: self.of, refused: window.refused() }
    }
}

impl Average {
    /// An average that somebody else formed and answers for.
    pub fn given(value: Option<Exact>) -> Self {
        let reason = match value {
            Some(value) if value.is_negative() => Some(NotAssessed::Negative),
            Some(_) => None,
            None => Some(NotAssessed::NoData),
        };
        Self { value, capture: None, reason, by_exception: false }
    }

    fn of(value: Option<Exact>, capture: Capture, statistic: Statistic) -> Self {
        let reason = if capture.have >= capture.need {
            None
        } else if capture.have == 0 && value.is_none() {
            Some(NotAssessed::NoData)
        } else if statistic.counts_running_means() {
            Some(NotAssessed::TooFewRunningMeans { have: capture.have, need: capture.need })
        } else {
            Some(NotAssessed::TooFewHours { have: capture.have, need: capture.need })
        };
        Self { value, capture: Some(capture), reason, by_exception: false }
    }

    fn failed(error: ExactError) -> Self {
        let reason = Some(NotAssessed::Arithmetic(error));
        Self { value: None, capture: None, reason, by_exception: false }
    }
}

fn mean(window: &Window) -> Result<Option<Exact>, ExactError> {
    window.mean(window.sum(0, window.len()))
}

/// A statistic of the hours of one day.
fn whole(
    rule: &CaptureRule,
    pollutant: Pollutant,
    day: &Day,
    hours: &Hours<'_>,
    form: impl Fn(&Window) -> Result<Option<Exact>, ExactError>,
) -> Result<Average, ExactError> {
    let window = hours.window(pollutant, day.start(), day.hours())?;
    let sum = window.sum(0, window.len());
    let capture = rule.capture(sum.count, &window);
    Ok(Average::of(form(&window)?, capture, Statistic::MeanDay))
}
