//! When each device wants to say something, on its own clock, and what becomes of it on the way.
//!
//! A device lives on its own clock: it closes periods and sends them when *it* thinks the time has
//! come. Everything here is a function of the device and the instant, so any stretch of time can be
//! asked alone, and stretches put side by side give the same as the whole.

use crate::fault::{FaultRates, Spell, Spells};
use crate::noise::Dice;
use model::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};

/// What an upload is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The value at the instant (command 2011).
    Realtime,
    /// Statistics of five minutes (2051).
    Minute,
    /// Statistics of an hour (2061).
    Hour,
    /// Statistics of a civil day (2031).
    Day,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Realtime, Self::Minute, Self::Hour, Self::Day];

    /// Length of the period in ms; 0 for an instant.
    pub const fn period_ms(self) -> i64 {
        match self {
            Self::Realtime => 0,
            Self::Minute => 5 * MINUTE_MS,
            Self::Hour => HOUR_MS,
            Self::Day => DAY_MS,
        }
    }
}

/// What is wrong with an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// The same as before, once more.
    Resend,
    /// Kept during an outage, sent after it.
    Backlog,
    /// Dated by a clock that runs ahead.
    ClockAhead,
    /// To be sent with a checksum that does not fit; a good copy follows.
    BadCrc,
    /// From a device that nobody registered.
    Stranger,
}

/// One upload to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Due {
    pub at: Timestamp,
    pub device: usize,
    pub kind: Kind,
    pub data_time: Timestamp,
    /// Ms by which the device's clock is ahead of the true time of the readings.
    pub ahead_ms: i64,
    pub fault: Option<Fault>,
}

/// The habits of one device.
#[derive(Clone, Debug)]
pub(crate) struct Habit {
    pub device: usize,
    dice: Dice,
    rates: FaultRates,
    pub spells: Spells,
    /// Ms between realtime uploads, and where in that time this device has its turn.
    realtime_ms: i64,
    phase_ms: i64,
    kinds: &'static [Kind],
    is_stranger: bool,
}

/// A repeat comes this much later: the time-out of the protocol for mobile networks.
const REPEAT_MS: i64 = 10 * SECOND_MS;
/// No upload is later after its period than this.
const LAG_MAX_MS: i64 = 4 * MINUTE_MS;
/// Between two frames of a backlog.
const BACKLOG_STEP_MS: i64 = 300;
/// A backlog is sent within this time: four days of minutes and hours make some 1 260 frames.
const BACKLOG_MAX_MS: i64 = 7 * MINUTE_MS;
/// Clocks are wrong by this at most.
const AHEAD_MS: (i64, i64) = (6 * MINUTE_MS, 50 * MINUTE_MS);

impl Habit {
    pub(crate) fn new(
        device: usize,
        dice: Dice,
        rates: FaultRates,
        realtime_ms: i64,
        kinds: &'static [Kind],
    ) -> Self {
        let turns = realtime_ms / SECOND_MS;
        let phase_ms = (dice.named("phase").uniform(0) * turns as f64) as i64 * SECOND_MS;
        let spells = Spells::new(dice, rates);
        let dice = dice.named("habit");
        Self { device, dice, rates, spells, realtime_ms, phase_ms, kinds, is_stranger: false }
    }

    /// The same with faults that are meant to be.
    pub(crate) fn meant(self, faults: Vec<(Spell, Timestamp, Timestamp)>) -> Self {
        Self { spells: self.spells.meant(faults), ..self }
    }

    pub(crate) fn stranger(self) -> Self {
        let rates = FaultRates::NONE;
        Self { is_stranger: true, rates, spells: Spells::new(self.dice, rates), ..self }
    }

    /// Adds what is sent in [from, to), for the kinds that `wanted` names.
    pub(crate) fn dues(&self, wanted: &[Kind], from: Timestamp, to: Timestamp, out: &mut Vec<Due>) {
        let mut natural = Vec::new();
        self.natural(wanted, from - REPEAT_MS, to, &mut natural);
        for due in natural {
            self.send(due, &mut |due| {
                if (from..to).contains(&due.at) {
                    out.push(due);
                }
            });
        }
        for outage in self.spells.between(Spell::Outage, from - BACKLOG_MAX_MS, to) {
            if outage.end < to {
                self.backlog(wanted, outage.start, outage.end, &mut |due| {
                    if (from..to).contains(&due.at) {
                        out.push(due);
                    }
                });
            }
        }
    }

    /// What would be sent in [from, to) if nothing came between.
    fn natural(&self, wanted: &[Kind], from: Timestamp, to: Timestamp, out: &mut Vec<Due>) {
        let mut start = from;
        for wrong in self.spells.between(Spell::ClockAhead, from, to) {
            let (low, high) = AHEAD_MS;
            let ahead_ms = (low + (wrong.detail * (high - low) as f64) as i64) / 1_000 * 1_000;
            self.with_clock(wanted, start, wrong.start.max(start), 0, out);
            self.with_clock(wanted, wrong.start.max(start), wrong.end.min(to), ahead_ms, out);
            start = wrong.end.min(to);
        }
        self.with_clock(wanted, start, to, 0, out);
    }

    /// The same while the clock is ahead by a fixed amount.
    fn with_clock(
        &self,
        wanted: &[Kind],
        from: Timestamp,
        to: Timestamp,
        ahead_ms: i64,
        out: &mut Vec<Due>,
    ) {
        for &kind in self.kinds.iter().filter(|kind| wanted.contains(kind)) {
            let period = kind.period_ms();
            let (step, offset) = match kind {
                Kind::Realtime => (self.realtime_ms, self.phase_ms),
                Kind::Day => (DAY_MS, -crate::calendar::ZONE_OFFSET_MS),
                _ => (period, 0),
            };
            // on the device's clock from here on
            let (start, end) = (from + ahead_ms, to + ahead_ms);
            let first = (start - LAG_MAX_MS - period - offset).as_ms().div_euclid(step);
            for number in first.. {
                let data_time = Timestamp::from_ms(number * step + offset);
                if data_time + period >= end {
                    break;
                }
                let sent = data_time + period + self.lag_ms(kind, data_time);
                if (start..end).contains(&sent) {
                    let fault = match (self.is_stranger, ahead_ms) {
                        (true, _) => Some(Fault::Stranger),
                        (false, 0) => None,
                        (false, _) => Some(Fault::ClockAhead),
                    };
                    let at = sent - ahead_ms;
                    out.push(Due { at, device: self.device, kind, data_time, ahead_ms, fault });
                }
            }
        }
    }

    /// How long after its period an upload goes out; below [`LAG_MAX_MS`].
    fn lag_ms(&self, kind: Kind, data_time: Timestamp) -> i64 {
        let jitter = (self.dice.numbered(kind as u64).uniform(data_time.as_ms()) * 1_300.0) as i64;
        let wait = match kind {
            Kind::Realtime => 0,
            Kind::Minute => 4 * SECOND_MS + self.phase_ms % (20 * SECOND_MS),
            Kind::Hour => 15 * SECOND_MS + self.phase_ms,
            Kind::Day => 150 * SECOND_MS + self.phase_ms,
        };
        wait + 200 + jitter
    }

    /// What becomes of an upload on the way.
    fn send(&self, due: Due, out: &mut impl FnMut(Due)) {
        if self.is_down(due.at) {
            return;
        }
        let luck = self.dice.named("luck").numbered(due.kind as u64).uniform(due.data_time.as_ms());
        let (dropped, bad, resend) = (self.rates.dropped, self.rates.bad_crc, self.rates.resend);
        if luck < dropped {
            return;
        }
        let again = Due { at: due.at + REPEAT_MS, fault: Some(Fault::Resend), ..due };
        if luck < dropped + bad {
            out(Due { fault: Some(Fault::BadCrc), ..due });
        } else {
            out(due);
        }
        if luck < dropped + bad + resend && !self.is_down(again.at) {
            out(again);
        }
    }

    fn is_down(&self, at: Timestamp) -> bool {
        self.spells.at(Spell::Outage, at).is_some() || self.spells.at(Spell::Silence, at).is_some()
    }

    /// What piled up in an outage, oldest first. The numbering counts every kind, so that asking
    /// for some kinds only does not move the rest.
    fn backlog(
        &self,
        wanted: &[Kind],
        start: Timestamp,
        end: Timestamp,
        out: &mut impl FnMut(Due),
    ) {
        let mut kept = Vec::new();
        self.natural(&[Kind::Minute, Kind::Hour, Kind::Day], start, end, &mut kept);
        kept.retain(|due| self.spells.at(Spell::Silence, due.at).is_none());
        kept.sort_unstable();
        for (number, due) in kept.into_iter().enumerate() {
            let at = end + 2 * SECOND_MS + number as i64 * BACKLOG_STEP_MS;
            if wanted.contains(&due.kind) {
                out(Due { at, fault: Some(Fault::Backlog), ..due });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_ms(1_772_326_800_000);

    fn habit(rates: FaultRates) -> Habit {
        Habit::new(0, Dice::new(2), rates, 30 * SECOND_MS, &Kind::ALL)
    }

    fn dues(habit: &Habit, from: Timestamp, to: Timestamp) -> Vec<Due> {
        let mut out = Vec::new();
        habit.dues(&Kind::ALL, from, to, &mut out);
        out.sort_unstable();
        out
    }

    #[test]
    fn a_sound_device_says_everything_once_after_its_period() {
        let all = dues(&habit(FaultRates::NONE), START, START + 2 * DAY_MS);
        let count = |kind| all.iter().filter(|due| due.kind == kind).count();
        assert_eq!(count(Kind::Hour), 48);
        assert_eq!(count(Kind::Day), 2);
        assert_eq!(count(Kind::Minute), 2 * 288);
        assert_eq!(count(Kind::Realtime), 2 * 2_880);
        for due in &all {
            let late = due.at - due.data_time - due.kind.period_ms();
            assert!((0..LAG_MAX_MS).contains(&late), "{due:?}");
            assert_eq!(due.fault, None);
        }
    }

    #[test]
    fn an_outage_loses_no_hour_and_sends_it_late() {
        let rates = FaultRates { outage: 3.0, ..FaultRates::NONE };
        let habit = habit(rates);
        let end = START + 60 * DAY_MS;
        let outages = habit.spells.between(Spell::Outage, START, end);
        assert!(outages.len() > 3);
        let all = dues(&habit, START, end);
        let mut hours: Vec<_> =
            all.iter().filter(|due| due.kind == Kind::Hour).map(|due| due.data_time).collect();
        hours.sort_unstable();
        assert!(hours.windows(2).all(|pair| pair[1] - pair[0] == HOUR_MS));
        for outage in outages {
            assert!(!all.iter().any(|due| (outage.start..outage.end).contains(&due.at)));
            let late: Vec<_> = all
                .iter()
                .filter(|due| (outage.end..outage.end + BACKLOG_MAX_MS).contains(&due.at))
                .collect();
            assert!(late.iter().any(|due| due.fault == Some(Fault::Backlog)));
        }
    }

    #[test]
    fn a_bad_checksum_is_followed_by_a_good_copy() {
        let all =
            dues(&habit(FaultRates { bad_crc: 0.05, ..FaultRates::NONE }), START, START + DAY_MS);
        let bad: Vec<_> = all.iter().filter(|due| due.fault == Some(Fault::BadCrc)).collect();
        assert!(bad.len() > 50);
        for due in bad.iter().filter(|due| due.at < START + DAY_MS - REPEAT_MS) {
            let copy = Due { at: due.at + REPEAT_MS, fault: Some(Fault::Resend), ..**due };
            assert!(all.contains(&copy), "{due:?}");
        }
    }

    #[test]
    fn a_clock_ahead_dates_readings_in_the_future() {
        let habit = habit(FaultRates { clock_ahead: 3.0, ..FaultRates::NONE });
        let wrong = habit.spells.between(Spell::ClockAhead, START, START + 30 * DAY_MS)[0];
        let all = dues(&habit, wrong.start, wrong.end);
        assert!(!all.is_empty());
        for due in all.iter().filter(|due| due.kind == Kind::Realtime) {
            assert!(due.data_time - due.at > 5 * MINUTE_MS, "{due:?}");
        }
    }
}
