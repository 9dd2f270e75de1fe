//! What a rule looks at: one sample, what came before it, and what stands beside it at that time.

use crate::law::Limit;
use crate::quality::{fine_above_coarse, median};
use crate::series::{Sample, Series};

/// One sample of one series, with its surroundings.
pub struct Look<'a> {
    pub(crate) all: &'a [Series],
    pub(crate) own: &'a Series,
    pub(crate) at: usize,
    /// The threshold as it holds then.
    pub limit: Option<&'a Limit>,
    /// The hour of the civil day, 0 to 23.
    pub hour: u8,
}

/// Neighbours that are looked at.
const NEAR_MAX: usize = 16;
/// How many values have to be before one at least, for what is usual.
const BEFORE_MIN: usize = 3;
/// How many are looked at.
const BEFORE_MAX: usize = 64;

/// What a rule makes of a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judged {
    /// What was compared.
    pub value: f64,
    /// With what.
    pub threshold: f64,
    /// Whether the condition holds.
    pub is_over: bool,
    /// Whether it is over for good: beyond the band of hysteresis.
    pub is_under: bool,
}

impl Judged {
    /// A value against a threshold that it should not be above; it is under again below `clear` times the threshold.
    pub fn above(value: f64, threshold: f64, clear: f64) -> Self {
        let is_over = value > threshold;
        let band = threshold - threshold.abs() * (1.0 - clear);
        Self { value, threshold, is_over, is_under: !is_over && value <= band }
    }

    /// The same for a threshold that it should not be below.
    pub fn below(value: f64, threshold: f64, clear: f64) -> Self {
        let is_over = value < threshold;
        let band = threshold + threshold.abs() * (1.0 - clear);
        Self { value, threshold, is_over, is_under: !is_over && value >= band }
    }

    /// A value against a limit, whichever side is the wrong one.
    pub fn against(value: f64, limit: &Limit, clear: f64) -> Self {
        if limit.is_floor {
            Self::below(value, limit.value, clear)
        } else {
            Self::above(value, limit.value, clear)
        }
    }

    /// The same, but the condition holds only together with another one; the end is the value's alone.
    #[must_use]
    pub fn only_when(mut self, other: bool) -> Self {
        self.is_over &= other;
        self
    }
}

/// A value near by at the same time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beside {
    /// The value.
    pub value: f64,
    /// How far, m.
    pub distance_m: f64,
    /// In which direction it lies, degrees from north.
    pub bearing_deg: f64,
}

impl<'a> Look<'a> {
    /// The sample itself.
    pub fn sample(&self) -> &'a Sample {
        &self.own.samples[self.at]
    }

    /// Its value, when no test of quality speaks against it.
    pub fn value(&self) -> Option<f64> {
        let value = self.sample().good()?;
        let coarse = self.own.coarse.and_then(|coarse| self.all.get(coarse as usize));
        let coarse = coarse.and_then(|coarse| coarse.at(self.sample().time)?.good());
        let is_doubtful = coarse.is_some_and(|coarse| fine_above_coarse(value, coarse).is_some());
        (!is_doubtful).then_some(value)
    }

    /// The time between two samples, ms.
    pub fn step_ms(&self) -> i64 {
        self.own.step_ms()
    }

    /// Good samples that began less than `span_ms` before this one, newest first, without it.
    pub fn before(&self, span_ms: i64) -> impl Iterator<Item = &'a Sample> {
        let from = self.sample().time - span_ms;
        let earlier = self.own.samples[..self.at].iter().rev();
        earlier
            .take_while(move |sample| sample.time >= from)
            .filter(|sample| sample.good().is_some())
    }

    /// How many times what they had in the `span_ms` before those around have now; the nearest first, further away where there is nobody near.
    pub fn growths(&self, span_ms: i64) -> impl Iterator<Item = f64> {
        let time = self.sample().time;
        self.own.near.iter().filter_map(move |(series, ..)| {
            let other = self.all.get(*series as usize)?;
            let at = other.samples.binary_search_by_key(&time, |sample| sample.time).ok()?;
            let now = other.samples[at].good()?;
            let look = Look { all: self.all, own: other, at, limit: None, hour: self.hour };
            let usual = look.usual(span_ms)?;
            (usual > 0.0).then(|| now / usual)
        })
    }

    /// Whether enough stand near by; else those looked at are further away.
    pub fn is_among_near(&self) -> bool {
        self.own.near_count == self.own.near.len()
    }

    /// The median of the good values of the `span_ms` before; none when half of what could be there is not: after a gap nobody knows what
    /// was usual.
    pub fn usual(&self, span_ms: i64) -> Option<f64> {
        let mut before = [0.0; BEFORE_MAX];
        let mut count = 0;
        for sample in self.before(span_ms).take(BEFORE_MAX) {
            before[count] = sample.value;
            count += 1;
        }
        let could = usize::try_from(span_ms / self.step_ms().max(1)).unwrap_or(usize::MAX);
        let needed = (could / 2).clamp(BEFORE_MIN, BEFORE_MAX / 2);
        (count >= needed).then(|| median(&mut before[..count]))
    }

    /// Good values of the same thing near by at the same time, nearest first.
    pub fn near(&self) -> impl Iterator<Item = Beside> {
        let time = self.sample().time;
        self.own.near[..self.own.near_count].iter().filter_map(
            move |(series, distance, bearing)| {
                let value = self.all.get(*series as usize)?.at(time)?.good()?;
                let (distance_m, bearing_deg) = (f64::from(*distance), f64::from(*bearing));
                Some(Beside { value, distance_m, bearing_deg })
            },
        )
    }

    /// The median of all neighbours at the same time; none when there are not two.
    pub fn around(&self) -> Option<f64> {
        let mut values = [0.0; NEAR_MAX];
        let mut count = 0;
        for one in self.near().take(NEAR_MAX) {
            values[count] = one.value;
            count += 1;
        }
        (count >= 2).then(|| median(&mut values[..count]))
    }

    /// Where the wind comes from, degrees from north.
    pub fn wind_from_deg(&self) -> Option<f64> {
        let wind = self.all.get(self.own.wind? as usize)?;
        wind.about(self.sample().time)?.good()
    }

    /// The newest good value upstream.
    pub fn upstream(&self) -> Option<f64> {
        self.all.get(self.own.upstream? as usize)?.about(self.sample().time)?.good()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_threshold_and_its_clear_share_lies_a_band() {
        let check = |judged: Judged, over, under| {
            assert_eq!((judged.is_over, judged.is_under), (over, under), "{judged:?}");
        };
        check(Judged::above(101.0, 100.0, 0.9), true, false);
        check(Judged::above(100.0, 100.0, 0.9), false, false);
        check(Judged::above(90.0, 100.0, 0.9), false, true);
        check(Judged::below(4.9, 5.0, 0.9), true, false);
        check(Judged::below(5.2, 5.0, 0.9), false, false);
        check(Judged::below(5.5, 5.0, 0.9), false, true);
        check(Judged::above(120.0, 100.0, 0.9).only_when(false), false, false);
    }
}
