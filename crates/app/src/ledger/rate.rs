//! How much of what a device should have sent came, and how much of that was valid.
//!
//! Users of HJ 212 know three rates: 传输率 (came of what was due), 有效率 (valid of what came) and
//! 传输有效率, their product, by which the accounts of automatic monitoring are settled. They are counted
//! here in values: one for each period and datastream of means (of instants where no period is stated).
//! A value is *due* for each period of its reporting interval; it *came* when the device reported the
//! period, if only as missing; it is *valid* when its flag is good. Hours and days say their interval;
//! that of minutes and instants is learned from what came, the commonest distance of two, and says so.
//!
//! Source of the three rates: the rules for checking the effective transmission rate of automatic
//! monitoring data of pollution sources (污染源自动监控数据传输有效率考核, from 2013). Their wording was not at
//! hand when this was written: the product is certain; which periods a rule excuses (stops, maintenance)
//! is not, so none is excused here.

use model::{
    DatastreamId, Device, DeviceId, HOUR_MS, Period, Registry, Source, Statistic, Timestamp,
};
use std::collections::BTreeMap;
use store::{Columns, Reader};

/// Values of one device and period, due, come and valid.
#[derive(Clone, Debug, PartialEq)]
pub struct Rate {
    /// Name on the wire.
    pub device: String,
    /// Key of its place.
    pub place: String,
    /// The period of the values.
    pub period: Period,
    /// The reporting interval, ms; none when too little came to learn it.
    pub interval_ms: Option<i64>,
    /// Whether the interval was learned from what came.
    pub is_learned: bool,
    /// Values that were due; none when the interval is not known.
    pub expected: Option<u64>,
    /// Values that came, missing ones that were reported included.
    pub came: u64,
    /// Values that are good.
    pub valid: u64,
}

impl Rate {
    /// 传输率: came of due, at most 1.
    pub fn transmission(&self) -> Option<f64> {
        let expected = self.expected.filter(|expected| *expected > 0)?;
        Some((self.came as f64 / expected as f64).min(1.0))
    }

    /// 有效率: valid of come.
    pub fn validity(&self) -> Option<f64> {
        (self.came > 0).then(|| self.valid as f64 / self.came as f64)
    }

    /// 传输有效率: the product; 0 when nothing came of what was due.
    pub fn effective(&self) -> Option<f64> {
        let transmission = self.transmission()?;
        Some(transmission * self.validity().unwrap_or(0.0))
    }
}

/// The rates of every device in a stretch of time that is over at `now`.
///
/// # Errors
/// When the files cannot be opened.
pub fn rates(
    reader: &Reader,
    (from, to): (Timestamp, Timestamp),
    now: Timestamp,
) -> Result<Vec<Rate>, store::Error> {
    let registry = reader.view().registry().clone();
    let mut streams: BTreeMap<(DeviceId, Period), Vec<DatastreamId>> = BTreeMap::new();
    for one in registry.datastreams().iter().filter(|one| is_counted(&one.key)) {
        if let Source::Device(device) = one.key.source {
            streams.entry((device, one.key.period)).or_default().push(one.id);
        }
    }
    let mut rates = vec![];
    for ((device, period), ids) in streams {
        let Some(known) = registry.device(device) else { continue };
        let to = to.min(now);
        let columns = reader.scan_many(&ids, from, to)?;
        let firsts: Vec<_> = {
            let view = reader.view();
            ids.iter().map(|id| view.hot().extent(*id).map(|extent| extent.first)).collect()
        };
        rates.push(rate(known, period, &columns, &firsts, (from, to)));
    }
    rates.extend(silent(&registry, &rates));
    rates.sort_by(|a, b| a.device.cmp(&b.device).then(a.period.cmp(&b.period)));
    Ok(rates)
}

fn is_counted(key: &model::DatastreamKey) -> bool {
    let is_instant = key.period == Period::Instant && key.statistic == Statistic::Instant;
    is_instant || (key.period != Period::Instant && key.statistic == Statistic::Mean)
}

/// Devices that never sent anything are due to send, and nobody knows how much.
fn silent<'a>(registry: &'a Registry, rates: &[Rate]) -> Vec<Rate> {
    let is_silent = |device: &&'a Device| !rates.iter().any(|rate| rate.device == device.mn);
    let rate = |device: &Device| Rate {
        device: device.mn.clone(),
        place: device.place.clone(),
        period: Period::Hour,
        interval_ms: None,
        is_learned: false,
        expected: None,
        came: 0,
        valid: 0,
    };
    registry.devices().iter().filter(is_silent).map(rate).collect()
}

fn rate(
    device: &Device,
    period: Period,
    columns: &[Columns],
    firsts: &[Option<Timestamp>],
    (from, to): (Timestamp, Timestamp),
) -> Rate {
    let stated = match period {
        Period::Hour => Some(HOUR_MS),
        Period::Day => Some(24 * HOUR_MS),
        Period::Minutes | Period::Instant => None,
    };
    let interval_ms = stated.or_else(|| commonest(columns));
    let expected = interval_ms.map(|interval| {
        let due = firsts.iter().flatten().map(|first| {
            // Before its first value nobody waited for it.
            let start = from.max(*first);
            u64::try_from((to - start) / interval).unwrap_or(0)
        });
        due.sum()
    });
    let came = columns.iter().map(|one| one.len() as u64).sum();
    let good = |one: &Columns| one.flag.iter().filter(|flag| flag.is_good()).count() as u64;
    let valid = columns.iter().map(good).sum();
    Rate {
        device: device.mn.clone(),
        place: device.place.clone(),
        period,
        interval_ms,
        is_learned: stated.is_none(),
        expected,
        came,
        valid,
    }
}

/// The commonest distance of two values that follow one another; none when fewer than four came.
fn commonest(columns: &[Columns]) -> Option<i64> {
    const LEAST: usize = 3;
    let mut counts: BTreeMap<i64, usize> = BTreeMap::new();
    for one in columns {
        for pair in one.time.windows(2) {
            *counts.entry(pair[1] - pair[0]).or_default() += 1;
        }
    }
    // Of two that are equally common the shorter: more is due then, never less.
    let found = counts.into_iter().rev().max_by_key(|(_, count)| *count);
    found.filter(|(distance, count)| *count >= LEAST && *distance > 0).map(|(distance, _)| distance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Flag, Quality, Sequence};

    fn columns(minutes: &[i64], is_good: impl Fn(i64) -> bool) -> Columns {
        let flag =
            |at: &i64| Flag::new(if is_good(*at) { Quality::Good } else { Quality::Fail }, None);
        Columns {
            time: minutes.iter().map(|at| Timestamp::from_ms(at * 60_000)).collect(),
            value: vec![Some(1.0); minutes.len()],
            flag: minutes.iter().map(flag).collect(),
            sequence: vec![Sequence(1); minutes.len()],
            damaged_days: vec![],
        }
    }

    #[test]
    fn the_effective_rate_is_the_product() {
        let one = columns(&(0..18).map(|hour| hour * 60).collect::<Vec<_>>(), |at| at < 9 * 60);
        let day = (Timestamp::from_ms(0), Timestamp::from_ms(24 * HOUR_MS));
        let found = rate(&Device::default(), Period::Hour, &[one], &[Some(day.0)], day);
        assert_eq!((found.expected, found.came, found.valid), (Some(24), 18, 9));
        assert_eq!(found.transmission(), Some(0.75));
        assert_eq!((found.validity(), found.effective()), (Some(0.5), Some(0.375)));
        assert!(!found.is_learned);
    }

    #[test]
    fn an_interval_that_nobody_states_is_learned_and_says_so() {
        let one = columns(&[0, 5, 10, 20, 25, 30], |_| true);
        let hour = (Timestamp::from_ms(0), Timestamp::from_ms(HOUR_MS));
        let found = rate(&Device::default(), Period::Minutes, &[one], &[Some(hour.0)], hour);
        assert_eq!((found.interval_ms, found.is_learned), (Some(5 * 60_000), true));
        assert_eq!((found.expected, found.transmission()), (Some(12), Some(0.5)));
        let few = columns(&[0, 5], |_| true);
        let found = rate(&Device::default(), Period::Minutes, &[few], &[Some(hour.0)], hour);
        assert_eq!((found.expected, found.effective()), (None, None));
    }

    #[test]
    fn nothing_is_due_before_the_first_value_and_all_after_it() {
        let first = Timestamp::from_ms(12 * HOUR_MS);
        let day = (Timestamp::from_ms(0), Timestamp::from_ms(24 * HOUR_MS));
        let none = Columns::default();
        let found = rate(&Device::default(), Period::Hour, &[none], &[Some(first)], day);
        assert_eq!((found.expected, found.effective()), (Some(12), Some(0.0)));
    }
}
