//! The transmission rate is below its target.
//!
//! # What it sees
//! Of the hours that a device should have sent in the last whole day, the share that came, over all its hourly series; a value that
//! came and is not good counts as come.
//! # When it raises
//! When the share is below `share`; not before a device has been heard for a day.
//! # When it clears
//! When the share has reached the target again.
//! # What it cannot see
//! Whether the values are valid: the ledger's validity rate says that. Devices that send no hours.
//! # Source
//! The district's own target; the rate is that of `skyriver ledger rates`, of the last 24 hours and not of a month.

use super::Rule;
use crate::look::Judged;
use model::{DAY_MS, HOUR_MS, Timestamp};

/// Hours that count.
pub const HOURS: i64 = 24;
/// How long an hour may be on its way, ms.
pub const GRACE_MS: i64 = HOUR_MS;

/// The span that counts at an instant.
pub fn span(now: Timestamp) -> (Timestamp, Timestamp) {
    let to = (now - GRACE_MS).floor(HOUR_MS);
    (to - HOURS * HOUR_MS, to)
}

/// Asks the rule about a device: how many hours came, how many were due, since when it is known.
pub fn judge(
    rule: &Rule,
    now: Timestamp,
    (came, due): (u32, u32),
    known: Timestamp,
) -> Option<Judged> {
    if due == 0 || now - known < DAY_MS {
        return None;
    }
    let judged = Judged::below(f64::from(came) / f64::from(due), rule.share?, 1.0);
    Some(Judged { is_under: !judged.is_over, ..judged })
}
