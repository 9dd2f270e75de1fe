//! What is meant to happen, beside what happens by chance: episodes, accidents and faults with
//! their times.

mod file;

use crate::calendar::local_midnight;
use crate::fault::Spell;
use crate::noise::smoothstep;
pub use file::{SCENARIOS, ScenarioError};
use model::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};

/// Events that are laid over the world of a seed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scenario {
    /// The events, in any order.
    pub events: Vec<Event>,
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// First instant.
    pub start: Timestamp,
    /// First instant after it.
    pub end: Timestamp,
    /// What happens.
    pub what: What,
}

/// Kinds of events.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// Still air over the whole plain: low wind, low mixing, the regional background climbs and falls.
    Episode {
        /// The background of PM2.5 at its height, µg/m³.
        pm25_ug_m3: f64,
    },
    /// Coarse dust comes over the whole plain.
    DustStorm {
        /// Coarse dust at its height, µg/m³.
        coarse_ug_m3: f64,
    },
    /// A stack, a site or an outfall lets out more than it should.
    Release {
        /// Key of the source, see [`crate::Zone::sources`].
        source: String,
        /// How many times its usual full strength, at least.
        factor: f64,
    },
    /// Something burns in the open.
    Fire {
        /// Degrees east.
        lon: f64,
        /// Degrees north.
        lat: f64,
        /// Fine particulates let out, g/s; the rest follows from it.
        pm25_g_s: f64,
    },
    /// The gate at the head of a river stands in another position.
    Gate {
        /// Key of the river.
        river: String,
        /// Flow at the head as a multiple of what it would be.
        flow_factor: f64,
    },
    /// A device has a fault that lasts. Its faults of this kind by chance do not happen then.
    Fault {
        /// Key of the device's place; `*` for all devices.
        place: String,
        /// Which fault.
        spell: Spell,
    },
}

/// A fire.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fire<'s> {
    pub lon: f64,
    pub lat: f64,
    most_g_s: f64,
    event: &'s Event,
}

impl Fire<'_> {
    /// Fine particulates that it lets out at an instant, g/s.
    pub(crate) fn pm25_g_s(&self, time: Timestamp) -> f64 {
        self.most_g_s * self.event.edge(time)
    }
}

impl Scenario {
    /// The week before `now` as a visitor of the demo finds it: a heavy-pollution episode that began
    /// the day before yesterday and had its height yesterday, a discharge into a river last night, a
    /// building site that has been out of control for some hours and still is, and a brickworks whose
    /// filter has failed since.
    pub fn demo(now: Timestamp) -> Self {
        let midnight = local_midnight(now);
        let episode = Event {
            start: midnight - 52 * HOUR_MS,
            end: midnight + HOUR_MS,
            what: What::Episode { pm25_ug_m3: 195.0 },
        };
        let release = |start: Timestamp, end: Timestamp, source: &str, factor: f64| Event {
            start,
            end,
            what: What::Release { source: source.to_owned(), factor },
        };
        // at its height while people sleep, whatever the hour is now
        let night = if now - midnight < 5 * HOUR_MS { midnight - DAY_MS } else { midnight };
        let events = vec![
            episode,
            release(night + HOUR_MS, night + 4 * HOUR_MS, "outfall-02", 22.0),
            release(now - 5 * HOUR_MS, now + 6 * HOUR_MS, "site-01", 14.0),
            release(now - 3 * HOUR_MS, now + 8 * HOUR_MS, "stack-04", 16.0),
        ];
        Self { events }
    }

    /// How far an episode has the plain in its grip, 0 to 1, and its level of PM2.5 in µg/m³.
    pub(crate) fn episode(&self, time: Timestamp) -> Option<(f64, f64)> {
        self.strongest(time, |event| match event.what {
            What::Episode { pm25_ug_m3 } => Some((event.grip(time), pm25_ug_m3)),
            _ => None,
        })
    }

    /// The same for a dust storm and its coarse dust.
    pub(crate) fn dust_storm(&self, time: Timestamp) -> Option<(f64, f64)> {
        self.strongest(time, |event| match event.what {
            What::DustStorm { coarse_ug_m3 } => Some((event.grip(time), coarse_ug_m3)),
            _ => None,
        })
    }

    /// The smallest strength that a release forces on a source, as a multiple of its full strength.
    pub(crate) fn release(&self, key: &str, time: Timestamp) -> Option<f64> {
        let found = self.strongest(time, |event| match &event.what {
            What::Release { source, factor } if source == key => {
                Some((factor * event.edge(time), 0.0))
            }
            _ => None,
        });
        found.map(|(strength, _)| strength)
    }

    /// By how much gates change the flow at the head of a river.
    pub(crate) fn gate(&self, key: &str, time: Timestamp) -> f64 {
        let found = self.running(time).find_map(|event| match &event.what {
            What::Gate { river, flow_factor } if river == key => {
                Some(1.0 + (flow_factor - 1.0) * event.edge(time))
            }
            _ => None,
        });
        found.unwrap_or(1.0)
    }

    /// What burns at some time in [from, to].
    pub(crate) fn fires(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = Fire<'_>> {
        let touching = self.events.iter().filter(move |e| e.start <= to && e.end > from);
        touching.filter_map(|event| match event.what {
            What::Fire { lon, lat, pm25_g_s } => Some(Fire { lon, lat, most_g_s: pm25_g_s, event }),
            _ => None,
        })
    }

    /// The faults that a device is meant to have, by time. Of two that overlap the later one is left
    /// out: a spell cannot begin while it lasts.
    pub(crate) fn faults(&self, key: &str) -> Vec<(Spell, Timestamp, Timestamp)> {
        let mut faults: Vec<(Spell, Timestamp, Timestamp)> = self
            .events
            .iter()
            .filter_map(|event| match &event.what {
                What::Fault { place, spell } if place == "*" || place == key => {
                    Some((*spell, event.start, event.end))
                }
                _ => None,
            })
            .filter(|(_, start, end)| start < end)
            .collect();
        faults.sort_unstable();
        let mut kept: Vec<(Spell, Timestamp, Timestamp)> = Vec::with_capacity(faults.len());
        for fault in faults {
            if kept.last().is_none_or(|last| last.0 != fault.0 || last.2 <= fault.1) {
                kept.push(fault);
            }
        }
        kept
    }

    fn running(&self, time: Timestamp) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(move |event| (event.start..event.end).contains(&time))
    }

    fn strongest(
        &self,
        time: Timestamp,
        pick: impl Fn(&Event) -> Option<(f64, f64)>,
    ) -> Option<(f64, f64)> {
        self.running(time).filter_map(pick).max_by(|a, b| a.0.total_cmp(&b.0))
    }
}

impl Event {
    /// Fills over the first half, holds, and is swept away in the last eighth.
    fn grip(&self, time: Timestamp) -> f64 {
        let part = (time - self.start) as f64 / (self.end - self.start) as f64;
        smoothstep(part / 0.5) * smoothstep((1.0 - part) / 0.15)
    }

    /// Full after a quarter of an hour, and until one before the end.
    fn edge(&self, time: Timestamp) -> f64 {
        if !(self.start..self.end).contains(&time) {
            return 0.0;
        }
        let nearest = (time - self.start).min(self.end - time);
        smoothstep(nearest as f64 / (15 * MINUTE_MS) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_ms(1_772_326_800_000);

    #[test]
    fn the_demo_has_its_episode_and_its_accident_in_the_last_week() {
        let scenario = Scenario::demo(NOW);
        let hours = (0..7 * 24).map(|hour| NOW - hour * HOUR_MS);
        let gripped = hours.filter(|&t| scenario.episode(t).is_some_and(|(grip, _)| grip > 0.7));
        assert!((12..36).contains(&gripped.count()));
        assert!(scenario.release("site-01", NOW).is_some_and(|factor| factor > 8.0));
        assert!(scenario.release("site-01", NOW - DAY_MS).is_none());
        assert!(scenario.episode(NOW - 6 * DAY_MS).is_none());
    }

    #[test]
    fn of_two_faults_that_overlap_the_first_one_holds() {
        let fault = |start: i64, end: i64, place: &str| Event {
            start: NOW + start * HOUR_MS,
            end: NOW + end * HOUR_MS,
            what: What::Fault { place: place.to_owned(), spell: Spell::Frozen },
        };
        let scenario = Scenario {
            events: vec![fault(5, 8, "*"), fault(0, 3, "a"), fault(2, 6, "a"), fault(1, 2, "b")],
        };
        let starts: Vec<i64> =
            scenario.faults("a").iter().map(|fault| (fault.1 - NOW) / HOUR_MS).collect();
        assert_eq!(starts, [0, 5]);
    }
}
