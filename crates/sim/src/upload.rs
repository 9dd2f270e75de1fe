//! What a device says: the values of a period as an instrument writes them.

use crate::schedule::{Fault, Kind};
use crate::sensor::{Channel, Sample};
use model::{HOUR_MS, Timestamp};

/// Something a device wants to say.
#[derive(Clone, Debug, PartialEq)]
pub struct Upload {
    /// When it is sent, true time.
    pub at: Timestamp,
    /// What the device's clock shows then: the time for the frame's QN.
    pub clock: Timestamp,
    /// Index into [`Inventory::devices`]; one past its end is the stranger, see [`Zone::device`].
    pub device: usize,
    /// The system code of its frame (HJ 212-2017 table 5): 22 ambient air, 21 surface water, 31 stack,
    /// 39 dust of building sites.
    pub system: &'static str,
    /// What it is about.
    pub kind: Kind,
    /// The instant, or the start of the period, on the device's clock.
    pub data_time: Timestamp,
    /// The values; those of one code stand together.
    pub items: Vec<Item>,
    /// What is wrong with it.
    pub fault: Option<Fault>,
}

/// One value of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Factor code: `a34004`.
    pub code: &'static str,
    /// Which value of the factor.
    pub field: Field,
    /// As the instrument writes it: whole µg/m³, CO to 0.1 mg/m³.
    pub value: String,
    /// The factor's mark: `N`, `D`, `C` or `M`; the same on all items of a code.
    pub flag: char,
}

/// The values a factor can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// At the instant.
    Rtd,
    /// Smallest of the period.
    Min,
    /// Mean of the period.
    Avg,
    /// Largest of the period.
    Max,
    /// At the instant, converted to the reference oxygen.
    ZsRtd,
    /// Mean of the period, converted.
    ZsAvg,
}

impl Field {
    /// As it stands behind the code: `a34004-Avg`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rtd => "Rtd",
            Self::Min => "Min",
            Self::Avg => "Avg",
            Self::Max => "Max",
            Self::ZsRtd => "ZsRtd",
            Self::ZsAvg => "ZsAvg",
        }
    }
}

/// An hour is the mean of this many looks.
pub(crate) const LOOKS_PER_HOUR: i64 = 4;

/// The instants at which a period is looked at.
pub(crate) fn looks(kind: Kind, start: Timestamp) -> impl Iterator<Item = Timestamp> {
    let (number, step) = match kind {
        Kind::Realtime => (1, 0),
        Kind::Minute => (2, kind.period_ms() / 2),
        Kind::Hour => (LOOKS_PER_HOUR, HOUR_MS / LOOKS_PER_HOUR),
        Kind::Day => (24 * LOOKS_PER_HOUR, HOUR_MS / LOOKS_PER_HOUR),
    };
    (0..number).map(move |look| start + look * step + step / 2)
}

/// Turns the looks of a period into what the logger sends: normal when three quarters are normal.
pub(crate) fn summarise(
    channel: Channel,
    kind: Kind,
    full: bool,
    samples: &[Sample],
    out: &mut Vec<Item>,
) {
    let normal: Vec<f64> = samples.iter().filter(|s| s.mark == 'N').map(|s| s.value).collect();
    let (values, flag) = if 4 * normal.len() >= 3 * samples.len() {
        (normal, 'N')
    } else {
        let mark = samples.iter().map(|s| s.mark).find(|&mark| mark != 'N').unwrap_or('N');
        (samples.iter().map(|s| s.value).collect(), mark)
    };
    let mean = if channel.is_angle() { mean_angle(&values) } else { mean(&values) };
    let mut push = |field, value: f64| {
        let value = written(channel, value, flag);
        out.push(Item { code: channel.code, field, value, flag });
    };
    match kind {
        Kind::Realtime if channel.is_converted() => push(Field::ZsRtd, mean),
        _ if channel.is_converted() => push(Field::ZsAvg, mean),
        Kind::Realtime => push(Field::Rtd, mean),
        Kind::Hour if full => {
            push(Field::Min, values.iter().copied().fold(f64::INFINITY, f64::min));
            push(Field::Avg, mean);
            push(Field::Max, values.iter().copied().fold(f64::NEG_INFINITY, f64::max));
        }
        _ => push(Field::Avg, mean),
    }
}

/// As the instrument writes it: its steps, and never below its floor unless it is broken.
fn written(channel: Channel, value: f64, flag: char) -> String {
    let value = if flag == 'D' { value } else { value.max(channel.floor()) };
    let scale = 10_f64.powi(channel.decimals as i32);
    let mut rounded = (value * scale).round() / scale;
    if channel.is_angle() && rounded >= 360.0 {
        rounded = 0.0;
    }
    // + 0.0 turns a negative zero into zero
    format!("{:.*}", channel.decimals, rounded + 0.0)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn mean_angle(degrees: &[f64]) -> f64 {
    let (sin, cos) = degrees.iter().fold((0.0, 0.0), |(sin, cos), angle| {
        (sin + angle.to_radians().sin(), cos + angle.to_radians().cos())
    });
    sin.atan2(cos).to_degrees().rem_euclid(360.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sensor::Grade;

    fn hour(values: &[(f64, char)], full: bool) -> Vec<(Field, String, char)> {
        let channel = Grade::Standard.channels()[0];
        let samples: Vec<Sample> =
            values.iter().map(|&(value, mark)| Sample { value, mark }).collect();
        let mut items = Vec::new();
        summarise(channel, Kind::Hour, full, &samples, &mut items);
        items.into_iter().map(|item| (item.field, item.value, item.flag)).collect()
    }

    #[test]
    fn an_hour_is_normal_when_three_quarters_are() {
        let mostly = hour(&[(10.0, 'N'), (20.0, 'N'), (30.0, 'N'), (985.0, 'D')], false);
        assert_eq!(mostly, [(Field::Avg, "20".to_owned(), 'N')]);
        let half = hour(&[(10.0, 'N'), (20.0, 'N'), (985.0, 'D'), (985.0, 'D')], false);
        assert_eq!(half, [(Field::Avg, "500".to_owned(), 'D')]);
    }

    #[test]
    fn a_station_adds_the_smallest_and_the_largest() {
        let all = hour(&[(10.4, 'N'), (20.0, 'N'), (30.6, 'N'), (-3.0, 'N')], true);
        let shown = [(Field::Min, "1"), (Field::Avg, "15"), (Field::Max, "31")];
        assert_eq!(all, shown.map(|(field, value)| (field, value.to_owned(), 'N')));
    }

    #[test]
    fn the_mean_of_two_winds_around_north_is_north() {
        let mean = mean_angle(&[350.0, 20.0]);
        assert!((mean - 5.0).abs() < 1e-9, "{mean}");
    }
}
