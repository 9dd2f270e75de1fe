//! What the map shows of one hour or of many: values with their class, the timeline's strip, the field.
//!
//! A picture of the map in one hour is called a *snapshot* here; the route keeps the shorter name
//! `frames` by which map people know it. Hours are judged by the law (`engine::index`, GB 3838 through
//! `standards::water`), kept ready by UTC day, and made anew only when a reading of that day, or of the
//! day before it, has changed.

mod areas;
mod blocks;
mod colours;
mod field;
mod frames;
mod hot;
mod hours;
mod judge;
mod lines;
mod stretches;
mod strip;
mod tiles;
mod tracks;

pub use blocks::Blocks;
pub use hours::{Block, Hours, plain_sources};
pub use judge::water_value;
pub use lines::{LineNow, lines_now};
pub use strip::StripDay;

use super::error::{Answer, ApiError};
use super::state::AppState;
use super::time::{Range, RangeLimit};
use crate::words::Words;
use model::{DAY_MS, HOUR_MS, PlaceKind, Timestamp};
use store::{DayState, View};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this room.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(frames::frames))
        .routes(routes!(strip::strip))
        .routes(routes!(field::field))
        .routes(routes!(areas::areas))
        .routes(routes!(stretches::stretches))
        .routes(routes!(hot::hot_spots))
        .routes(routes!(tracks::tracks))
        .routes(routes!(lines::lines))
        .routes(routes!(tiles::tile))
}

/// What the hours of a UTC day were made from: equal states give equal hours. Some hours look a day back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DayVersion {
    registry: u64,
    before: DayState,
    day: DayState,
}

impl DayVersion {
    /// The state of a UTC day and what its hours look back at.
    pub fn of(view: &View, day: i32) -> Self {
        let (before, day) = (view.day_state(day - 1), view.day_state(day));
        Self { registry: view.registry_revision(), before, day }
    }
}

/// Whole hours from one to another, the last not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct HourRange {
    from: Timestamp,
    to: Timestamp,
}

impl HourRange {
    /// The hours that `from` and `to` name, floored; without them the last 24 that are over.
    fn read(app: &AppState, now: Timestamp, from: Option<&str>, to: Option<&str>) -> Answer<Self> {
        let limit = RangeLimit { name: "map_days_max", days_max: app.limits.map_days_max };
        let zone = &app.district.zone;
        let range = Range::read(from, to, zone, (now.floor(HOUR_MS), DAY_MS), limit)?;
        let hours = Self { from: range.from.floor(HOUR_MS), to: range.to.floor(HOUR_MS) };
        if hours.from >= hours.to {
            let accepted = Words::new(
                "to 须比 from 晚至少一个整点",
                "a full hour must begin between from and to",
            );
            return Err(ApiError::bad_parameter("to", to.unwrap_or("now"), accepted));
        }
        Ok(hours)
    }

    fn count(self) -> usize {
        usize::try_from((self.to - self.from) / HOUR_MS).unwrap_or(0)
    }

    /// The UTC days that it touches.
    fn days(self) -> impl Iterator<Item = i32> {
        self.from.utc_day()..=(self.to - 1).utc_day()
    }

    /// The instants at which its hours begin.
    fn starts(self) -> impl Iterator<Item = Timestamp> {
        (0..self.count() as i64).map(move |hour| self.from + hour * HOUR_MS)
    }
}

/// The hour of its UTC day that begins at an instant, 0 to 23.
fn hour_of_day(at: Timestamp) -> usize {
    ((at.as_ms() - Timestamp::from_utc_day(at.utc_day()).as_ms()) / HOUR_MS) as usize
}

/// Whether a place moves: its coordinates say where it is at home, not where it measured.
pub fn is_moving(kind: PlaceKind) -> bool {
    matches!(kind, PlaceKind::Vehicle | PlaceKind::Patrol)
}
