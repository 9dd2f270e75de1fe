//! The clock of a world: it shows what it is told.

use model::Timestamp;
use std::cell::Cell;

thread_local! {
    /// A function that tells the time is handed to the gateway, which takes no argument: so the time of
    /// the world that this thread plays stands here.
    static NOW: Cell<i64> = const { Cell::new(0) };
}

/// What the clock of this thread's world shows.
pub fn now() -> Timestamp {
    Timestamp::from_ms(NOW.get())
}

/// Lets it show this.
pub fn set(at: Timestamp) {
    NOW.set(at.as_ms());
}
