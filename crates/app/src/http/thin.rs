//! Readings by the hour or the day, for drawing: not the law's averages, which `/index/…` gives.

use super::schema::Statistic;
use model::{Flag, HOUR_MS, Quality, Sequence, Timestamp};
use standards::Zone;
use store::Columns;

/// How the values of one step become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// Arithmetic mean.
    Mean,
    /// Mean direction of unit vectors, in degrees.
    Direction,
    /// Smallest.
    Min,
    /// Largest.
    Max,
    /// Sum.
    Sum,
    /// Newest.
    Last,
}

/// The width of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// An hour.
    Hour,
    /// A civil day.
    Day,
}

impl Fold {
    /// What suits a statistic and a unit.
    pub fn of(statistic: Statistic, unit: &str) -> Self {
        match statistic {
            Statistic::Min | Statistic::MinConverted => Self::Min,
            Statistic::Max | Statistic::MaxConverted => Self::Max,
            Statistic::Total => Self::Sum,
            Statistic::Index | Statistic::State => Self::Last,
            _ if unit == "deg" => Self::Direction,
            _ => Self::Mean,
        }
    }

    fn fold(self, values: &[f64]) -> Option<f64> {
        let last = *values.last()?;
        Some(match self {
            Self::Mean => values.iter().sum::<f64>() / values.len() as f64,
            Self::Direction => {
                let (sin, cos) = values.iter().fold((0.0, 0.0), |(sin, cos), degrees| {
                    let radians = degrees.to_radians();
                    (sin + radians.sin(), cos + radians.cos())
                });
                f64::atan2(sin, cos).to_degrees().rem_euclid(360.0)
            }
            Self::Min => values.iter().copied().fold(f64::INFINITY, f64::min),
            Self::Max => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Self::Sum => values.iter().sum(),
            Self::Last => last,
        })
    }
}

impl Step {
    /// The step that holds an instant: its start and the start of the next one.
    pub fn around(self, at: Timestamp, zone: &Zone) -> (Timestamp, Timestamp) {
        let hour = at.floor(HOUR_MS);
        match self {
            Self::Hour => (hour, hour + HOUR_MS),
            Self::Day => {
                zone.day_of(at).map_or((hour, hour + HOUR_MS), |day| (day.start(), day.end()))
            }
        }
    }
}

/// One row for each step that has readings, at the start of the step. Values that are suspect or wrong
/// stay out; a step with nothing else is a gap. The sequence is the newest that went in.
pub fn thin(columns: &Columns, step: Step, fold: Fold, zone: &Zone) -> Columns {
    let mut thinned = Columns { damaged_days: columns.damaged_days.clone(), ..Columns::default() };
    let mut at = 0;
    while at < columns.len() {
        let (start, end) = step.around(columns.time[at], zone);
        let (mut values, mut is_good, mut sequence) = (Vec::new(), true, Sequence(0));
        while at < columns.len() && columns.time[at] < end {
            let quality = columns.flag[at].quality();
            if let (Some(value), Quality::Good | Quality::Unknown) = (columns.value[at], quality) {
                values.push(value);
                is_good &= quality == Quality::Good;
            }
            sequence = sequence.max(columns.sequence[at]);
            at += 1;
        }
        let value = fold.fold(&values);
        let quality = match value {
            None => Quality::Missing,
            Some(_) if is_good => Quality::Good,
            Some(_) => Quality::Unknown,
        };
        thinned.time.push(start);
        thinned.value.push(value);
        thinned.flag.push(Flag::new(quality, None));
        thinned.sequence.push(sequence);
    }
    thinned
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(rows: &[(i64, Option<f64>, Quality)]) -> Columns {
        let mut columns = Columns::default();
        for (number, (minutes, value, quality)) in rows.iter().enumerate() {
            columns.time.push(Timestamp::from_ms(minutes * 60_000));
            columns.value.push(*value);
            columns.flag.push(Flag::new(*quality, None));
            columns.sequence.push(Sequence(number as u64 + 1));
        }
        columns
    }

    #[test]
    fn an_hour_is_the_mean_of_its_usable_minutes() {
        use Quality::{Good, Missing, Suspect, Unknown};
        let minutes = columns(&[
            (0, Some(10.0), Good),
            (30, Some(20.0), Good),
            (59, Some(999.0), Suspect),
            (60, Some(5.0), Unknown),
            (180, None, Missing),
        ]);
        let hours = thin(&minutes, Step::Hour, Fold::Mean, &Zone::shanghai().unwrap());
        let times: Vec<_> = hours.time.iter().map(|time| time.as_ms() / HOUR_MS).collect();
        assert_eq!(times, [0, 1, 3]);
        assert_eq!(hours.value, [Some(15.0), Some(5.0), None]);
        let quality: Vec<_> = hours.flag.iter().map(|flag| flag.quality()).collect();
        assert_eq!(quality, [Good, Unknown, Missing]);
        assert_eq!(hours.sequence, [Sequence(3), Sequence(4), Sequence(5)]);
    }

    #[test]
    fn a_day_begins_at_midnight_of_the_zone() {
        let hours = columns(&[
            (15 * 60, Some(1.0), Quality::Good),
            (16 * 60, Some(3.0), Quality::Good),
            (17 * 60, Some(5.0), Quality::Good),
        ]);
        let days = thin(&hours, Step::Day, Fold::Mean, &Zone::shanghai().unwrap());
        assert_eq!(days.value, [Some(1.0), Some(4.0)]);
        assert_eq!(days.time[1].as_ms(), 16 * HOUR_MS);
    }

    #[test]
    fn each_statistic_is_folded_in_its_own_way() {
        let check = |statistic, unit, expected: f64| {
            let folded = Fold::of(statistic, unit).fold(&[350.0, 10.0, 30.0]).unwrap();
            assert!((folded - expected).abs() < 1e-9, "{statistic:?} {unit}: {folded}");
        };
        check(Statistic::Mean, "ug/m3", 130.0);
        check(Statistic::Mean, "deg", 10.0);
        check(Statistic::Min, "deg", 10.0);
        check(Statistic::Max, "ug/m3", 350.0);
        check(Statistic::Total, "L", 390.0);
        check(Statistic::State, "1", 30.0);
    }
}
