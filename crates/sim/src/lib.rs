//! A pretend world for demos, tests and load: a zone of 99 km² that exists nowhere, with weather,
//! sources, air, instruments and their faults.
//!
//! A [`Zone`] follows from a seed, a [`Scenario`] and [`FaultRates`] alone. It can be asked for any
//! instant in any order, because all chance is a hash of the seed and the instant: for what its
//! devices want to say ([`Zone::uploads`]), for the true air behind it ([`Zone::truth`]), for the
//! weather and for the faults that are going on ([`Zone::faults`]). Equal settings give equal worlds
//! on one machine; between machines the last digit of `exp` may differ and with it, rarely, a
//! rounded reading.
//!
//! It does not know sockets or the real clock: whoever runs it sends the uploads, whose bytes
//! [`Upload::write`] makes. Everything it makes is marked as simulated.
//!
//! ```
//! use model::{HOUR_MS, Timestamp};
//! use sim::{Kind, Zone};
//!
//! let now = Timestamp::from_ms(1_772_326_800_000);
//! let zone = Zone::demo(7, now);
//! let inventory = zone.registry();
//! assert_eq!(inventory.devices.len(), 197);
//!
//! let hours = zone.uploads_of(&[Kind::Hour], now - HOUR_MS, now);
//! let first = &hours[0].items[0];
//! println!("{} {}-{}={}", hours[0].data_time, first.code, first.field.name(), first.value);
//! ```

mod air;
mod calendar;
mod emission;
mod fault;
mod frame;
mod layout;
mod noise;
mod river;
mod scenario;
mod schedule;
mod sensor;
mod truth;
mod upload;
mod weather;
mod zone;

pub use air::Concentrations;
pub use calendar::{ZONE_OFFSET_MS, local_midnight};
pub use fault::{FaultRates, Spell};
pub use river::Water;
pub use scenario::{Event, SCENARIOS, Scenario, ScenarioError, What};
pub use schedule::{Fault, Kind};
pub use upload::{Field, Item, Upload};
pub use weather::Weather;
pub use zone::{FaultSpell, History, Inventory, Settings, Source, Zone};
