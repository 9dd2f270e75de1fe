//! What people work on: a case from collecting to evaluation, its clock, who may do what next, how well it
//! was done; patrols; orders of an emergency.
//!
//! A [`Case`] is a fold over its [`Event`]s: the same events give the same case, and nothing else is kept. A move that may not
//! be made says why, and [`Case::legal`] says of each whether it may. Whoever handled a case cannot verify it, and
//! no path closes one without a verifier. A move names the version of the case that its author saw, and has an id of its own, so
//! that two people do not overwrite each other and a phone may send the same thing twice.
//!
//! This room does not know how an order travels, and has no clock: `now` is an argument.

mod calendar;
mod case;
mod category;
pub mod emergency;
mod foreign;
mod legal;
mod mapping;
mod moves;
mod patrol;
mod score;
mod urge;

pub use calendar::{Allowed, Calendar, CalendarError, Counting};
pub use case::{Case, Happened, Photo, Request, Run, Spot, Stage, When};
pub use category::{Catalogue, CatalogueError, Category, Text};
pub use foreign::{Flaw, Foreign, Table};
pub use legal::{Legal, Refused, Why};
pub use mapping::{Mapping, MappingError, Mappings};
pub use moves::{Actor, Collected, Duty, Event, Move, Origin, Recorded, Source};
pub use patrol::{Invalid, Patrol, PatrolRule, Walked};
pub use score::{
    Counts, Handled, POINTS_DECIMALS, Ratio, Scheme as ScoreScheme, Score, counts_by_handler,
    counts_by_unit,
};
pub use urge::{Urging, UrgingStep};
