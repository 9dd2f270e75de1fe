//! Quality checks and rules: readings become flags and findings.
//!
//! A [`State`] watches series. Each [`step`] takes the samples that came since the last one, gives each a level of
//! quality ([`quality`]), asks the rules that hold for the series ([`Rules`], TOML), and moves the life of what each
//! rule sees: quiet → pending → raised → cleared ([`life`]). What changes is an [`Outcome`]; what all outcomes and the deeds of
//! people come to is a [`Finding`]. Only values that are good count: a broken sensor is not pollution.
//!
//! Late samples that are not older than the window of their series lead to the same end as if they had come in their
//! order. Pure: `now` is an argument, nothing depends on the order of a hash. It does not know who will act.
//!
//! ```
//! use detect::{Rules, case};
//!
//! let (rules, law) = (Rules::built_in()?, std::sync::Arc::new(standards::Standards::load()?));
//! let text = r#"
//!     rule = "dust-site-pm10"
//!     start = "2026-03-10T08:00:00+08:00"
//!     step = "5 min"
//!     series = { "site/pm10" = "80x3 260x6 70x9" }
//!     places = { site = { kind = "dust_site" } }
//!     expect = ["08:30 raised", "09:00 cleared"]
//! "#;
//! assert_eq!(case::run(text, &rules, &law)?.problems, Vec::<String>::new());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod case;
mod config;
mod device;
mod finding;
mod fold;
mod group;
mod law;
pub mod life;
mod look;
pub mod quality;
mod relate;
pub mod rule;
mod series;
mod span;
mod suppress;
mod text;
mod watch;

pub use config::{RuleError, Rules};
pub use finding::{Deed, Ended, Finding, Raised, Standing, Verdict, Why};
pub use group::group_of;
pub use law::{Averaging, LawName, Threshold};
pub use look::{Judged, Look};
pub use rule::{Escalation, Kind, Rule, Severity};
pub use series::{Fed, Limits, Setup, Site};
pub use span::Span;
pub use suppress::{KnownWork, Suppression};
pub use text::Text;
pub use watch::{Change, Input, Outcome, State, Subject, step};
