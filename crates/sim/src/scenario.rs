//! What is meant to happen, beside what happens by chance: episodes and accidents with their times.

use crate::calendar::local_midnight;
use crate::noise::smoothstep;
use model::{HOUR_MS, Timestamp};

/// Events that are laid over the world of a seed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scenario {
    /// The events, in any order.
    pub events: Vec<Event>,
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Still air over the whole plain: low wind, low mixing, the regional background climbs to this
    /// level of PM2.5 and falls again.
    Episode {
        /// First instant.
        start: Timestamp,
        /// First instant after it.
        end: Timestamp,
        /// Level of the regional background at its height, µg/m³.
        pm25_ug_m3: f64,
    },
    /// A source lets out more than it should.
    Release {
        /// Key of the source, see [`crate::Zone::sources`].
        source: String,
        /// First instant.
        start: Timestamp,
        /// First instant after it.
        end: Timestamp,
        /// How many times its usual full strength, at least.
        factor: f64,
    },
}

impl Scenario {
    /// The week before `now` as a visitor of the demo finds it: a heavy-pollution episode that began
    /// the day before yesterday and had its height yesterday, and a construction site that has been
    /// out of control for some hours and still is.
    pub fn demo(now: Timestamp) -> Self {
        let midnight = local_midnight(now);
        Self {
            events: vec![
                Event::Episode {
                    start: midnight - 52 * HOUR_MS,
                    end: midnight + HOUR_MS,
                    pm25_ug_m3: 195.0,
                },
                Event::Release {
                    source: "site-01".to_owned(),
                    start: now - 5 * HOUR_MS,
                    end: now + 3 * HOUR_MS,
                    factor: 14.0,
                },
            ],
        }
    }

    /// How far an episode has the plain in its grip, 0 to 1, and its level of PM2.5 in µg/m³.
    pub(crate) fn episode(&self, time: Timestamp) -> Option<(f64, f64)> {
        self.events
            .iter()
            .filter_map(|event| match *event {
                Event::Episode { start, end, pm25_ug_m3 } if (start..end).contains(&time) => {
                    Some((grip(start, end, time), pm25_ug_m3))
                }
                _ => None,
            })
            .max_by(|a, b| a.0.total_cmp(&b.0))
    }

    /// The smallest strength that a release forces on a source, as a multiple of its full strength.
    pub(crate) fn release(&self, source_key: &str, time: Timestamp) -> Option<f64> {
        self.events
            .iter()
            .filter_map(|event| match event {
                Event::Release { source, start, end, factor }
                    if source == source_key && (*start..*end).contains(&time) =>
                {
                    let minutes = (time - *start).min(*end - time) as f64 / 60_000.0;
                    Some(factor * smoothstep(minutes / 15.0))
                }
                _ => None,
            })
            .max_by(f64::total_cmp)
    }
}

/// Fills over the first half, holds, and is swept away in the last eighth.
fn grip(start: Timestamp, end: Timestamp, time: Timestamp) -> f64 {
    let part = (time - start) as f64 / (end - start) as f64;
    smoothstep(part / 0.5) * smoothstep((1.0 - part) / 0.15)
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::DAY_MS;

    #[test]
    fn the_demo_has_its_episode_and_its_accident_in_the_last_week() {
        let now = Timestamp::from_ms(1_772_326_800_000);
        let scenario = Scenario::demo(now);
        let hours = (0..7 * 24).map(|hour| now - hour * HOUR_MS);
        let gripped = hours.filter(|&t| scenario.episode(t).is_some_and(|(grip, _)| grip > 0.7));
        assert!((12..36).contains(&gripped.count()));
        assert!(scenario.release("site-01", now).is_some_and(|factor| factor > 8.0));
        assert!(scenario.release("site-01", now - DAY_MS).is_none());
        assert!(scenario.episode(now - 6 * DAY_MS).is_none());
    }
}
