//! What goes wrong with devices and sensors, how often, and when.

use crate::noise::Dice;
use model::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use serde::Deserialize;
use std::sync::Arc;

/// How often things go wrong. All rates are per device and small by default.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FaultRates {
    /// Share of uploads that are sent again ten seconds later although they were heard.
    pub resend: f64,
    /// Share of uploads that go out with a wrong checksum first and are sent again.
    pub bad_crc: f64,
    /// Share of uploads that are never made.
    pub dropped: f64,
    /// Lost connections per 30 days, minutes to 8 hours each; hours, minutes and days are sent
    /// afterwards, realtime readings are lost.
    pub outage: f64,
    /// Spells of silence per 30 days, up to a day each; nothing is sent afterwards.
    pub silence: f64,
    /// Spells per 30 days in which the clock runs ahead, by 6 to 50 minutes.
    pub clock_ahead: f64,
    /// Spells per 30 days in which a value stands still.
    pub frozen: f64,
    /// Spells per 30 days in which the dust inlet clogs up.
    pub blocked: f64,
    /// Spells per 30 days in which one analyser is broken and says so with mark `D`.
    pub broken: f64,
    /// Visits per 30 days with mark `M` on all readings.
    pub maintenance: f64,
    /// Whether standard stations check their gas analysers every other night, with mark `C`.
    pub calibration: bool,
    /// Whether a device that nobody registered sends every ten minutes.
    pub stranger: bool,
}

impl Default for FaultRates {
    fn default() -> Self {
        Self {
            resend: 0.002,
            bad_crc: 0.000_3,
            dropped: 0.003,
            outage: 0.5,
            silence: 0.15,
            clock_ahead: 0.1,
            frozen: 0.15,
            blocked: 0.1,
            broken: 0.12,
            maintenance: 0.3,
            calibration: true,
            stranger: true,
        }
    }
}

impl FaultRates {
    /// Nothing ever goes wrong.
    pub const NONE: Self = Self {
        resend: 0.0,
        bad_crc: 0.0,
        dropped: 0.0,
        outage: 0.0,
        silence: 0.0,
        clock_ahead: 0.0,
        frozen: 0.0,
        blocked: 0.0,
        broken: 0.0,
        maintenance: 0.0,
        calibration: false,
        stranger: false,
    };
}

/// A fault that lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spell {
    /// No connection; sent later.
    Outage,
    /// Nothing is sent, nor later.
    Silence,
    /// The clock runs ahead.
    ClockAhead,
    /// A value stands still.
    Frozen,
    /// The dust inlet clogs up.
    Blocked,
    /// One analyser is broken, mark `D`.
    Broken,
    /// Somebody works at it, mark `M`.
    Maintenance,
}

/// When a spell begins and ends, and a number that settles its details.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Window {
    pub start: Timestamp,
    pub end: Timestamp,
    /// Even in [0, 1).
    pub detail: f64,
}

/// At most one spell lies in each stretch of this length, wholly inside it.
const STRETCH_MS: i64 = 10 * DAY_MS;

impl Spell {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Outage,
        Self::Silence,
        Self::ClockAhead,
        Self::Frozen,
        Self::Blocked,
        Self::Broken,
        Self::Maintenance,
    ];

    /// As scenarios name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Outage => "outage",
            Self::Silence => "silence",
            Self::ClockAhead => "clock_ahead",
            Self::Frozen => "frozen",
            Self::Blocked => "blocked",
            Self::Broken => "broken",
            Self::Maintenance => "maintenance",
        }
    }

    const fn per_30_days(self, rates: &FaultRates) -> f64 {
        match self {
            Self::Outage => rates.outage,
            Self::Silence => rates.silence,
            Self::ClockAhead => rates.clock_ahead,
            Self::Frozen => rates.frozen,
            Self::Blocked => rates.blocked,
            Self::Broken => rates.broken,
            Self::Maintenance => rates.maintenance,
        }
    }

    /// Shortest and longest, ms.
    const fn length_ms(self) -> (i64, i64) {
        match self {
            Self::Outage => (4 * MINUTE_MS, 8 * HOUR_MS),
            Self::Silence => (HOUR_MS, DAY_MS),
            Self::ClockAhead => (12 * HOUR_MS, 4 * DAY_MS),
            Self::Frozen => (3 * HOUR_MS, 18 * HOUR_MS),
            Self::Blocked => (6 * HOUR_MS, 3 * DAY_MS),
            Self::Broken => (HOUR_MS, 10 * HOUR_MS),
            Self::Maintenance => (20 * MINUTE_MS, 2 * HOUR_MS),
        }
    }
}

/// The spells of one device.
#[derive(Clone, Debug)]
pub(crate) struct Spells {
    dice: Dice,
    rates: FaultRates,
    /// Those that a scenario asks for, by kind and time. They stand instead of those by chance.
    meant: Arc<[(Spell, Window)]>,
}

impl Spells {
    pub(crate) fn new(device: Dice, rates: FaultRates) -> Self {
        Self { dice: device.named("spells"), rates, meant: Arc::new([]) }
    }

    /// The same with spells that are meant to be, sorted and without overlap.
    pub(crate) fn meant(self, meant: Vec<(Spell, Timestamp, Timestamp)>) -> Self {
        let window = |(number, (spell, start, end))| {
            (spell, Window { start, end, detail: self.dice.named("meant").uniform(number) })
        };
        Self { meant: (0..).zip(meant).map(window).collect(), ..self }
    }

    /// The spell of a kind that holds at an instant.
    pub(crate) fn at(&self, spell: Spell, time: Timestamp) -> Option<Window> {
        if self.is_meant(spell) {
            return self.between(spell, time, time + 1).first().copied();
        }
        let window = self.in_stretch(spell, time.as_ms().div_euclid(STRETCH_MS))?;
        (window.start..window.end).contains(&time).then_some(window)
    }

    /// The spells of a kind that touch [from, to), in order.
    pub(crate) fn between(&self, spell: Spell, from: Timestamp, to: Timestamp) -> Vec<Window> {
        let touches = |window: &Window| window.start < to && window.end > from;
        if self.is_meant(spell) {
            let of_kind = self.meant.iter().filter(|(kind, _)| *kind == spell);
            return of_kind.map(|(_, window)| *window).filter(touches).collect();
        }
        (from.as_ms().div_euclid(STRETCH_MS)..=to.as_ms().div_euclid(STRETCH_MS))
            .filter_map(|stretch| self.in_stretch(spell, stretch))
            .filter(touches)
            .collect()
    }

    fn is_meant(&self, spell: Spell) -> bool {
        self.meant.iter().any(|(kind, _)| *kind == spell)
    }

    fn in_stretch(&self, spell: Spell, stretch: i64) -> Option<Window> {
        let chance = spell.per_30_days(&self.rates) * STRETCH_MS as f64 / (30 * DAY_MS) as f64;
        if chance <= 0.0 {
            return None;
        }
        let dice = self.dice.numbered(spell as u64);
        if !dice.chance(4 * stretch, chance) {
            return None;
        }
        let (shortest, longest) = spell.length_ms();
        // squared: short ones are common
        let part = dice.uniform(4 * stretch + 1).powi(2);
        let length = shortest + (part * (longest - shortest) as f64) as i64;
        let room = (STRETCH_MS - length) as f64;
        let start = stretch * STRETCH_MS + (dice.uniform(4 * stretch + 2) * room) as i64;
        let start = Timestamp::from_ms(start);
        Some(Window { start, end: start + length, detail: dice.uniform(4 * stretch + 3) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spells_come_at_their_rate_and_are_found_from_both_sides() {
        let rates = FaultRates { outage: 1.5, ..FaultRates::NONE };
        let mut found = 0;
        for device in 0..60 {
            let spells = Spells::new(Dice::new(1).numbered(device), rates);
            let (from, to) = (Timestamp::from_ms(0), Timestamp::from_ms(300 * DAY_MS));
            for window in spells.between(Spell::Outage, from, to) {
                found += 1;
                assert_eq!(spells.at(Spell::Outage, window.start), Some(window));
                assert_eq!(spells.at(Spell::Outage, window.end - 1), Some(window));
                assert_eq!(spells.at(Spell::Outage, window.end), None);
            }
            assert_eq!(spells.between(Spell::Frozen, from, to), []);
        }
        // 60 devices × 10 months × 1.5
        assert!((780..1020).contains(&found), "{found}");
    }
}
