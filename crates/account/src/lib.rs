//! What a district answers for: rates with their basis, programmes, what is left of a stock, schemes of
//! reward and penalty, ranks that know their own noise, draws that anybody can check.
//!
//! All of it is pure and exact: numbers come in as the decimals that were written down, results are
//! fractions until somebody rounds them, and a number that cannot be had is a reason, never 0 % and never
//! 100 %. Nothing is clamped: 453 of 384 is 118 %.
//!
//! This room does not know how a reading was taken, and keeps nothing.
//!
//! ```
//! use account::{Basis, Rate};
//!
//! let villages = Rate::parse("26", "39", Basis::Villages)?;
//! let people = Rate::parse("66500", "112712", Basis::People)?;
//! assert_eq!(villages.percent(1)?, "66.7");
//! assert_eq!(people.percent(0)?, "59");
//! assert!(villages.against(&people).is_err(), "rates of two bases are not compared");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod chief;
pub mod commend;
pub mod custody;
pub mod draw;
pub mod founding;
pub mod indicator;
pub mod load;
pub mod patrolling;
pub mod programme;
pub mod rank;
mod rate;
pub mod report;
pub mod river;
pub mod sampling;
pub mod scheme;
mod stock;
mod text;
pub mod waterbook;

pub use rate::{Basis, NoRate, Rate};
pub use stock::{Stock, Unbalanced};
pub use text::Text;
