//! Defects that we plant ourselves: a checker that does not find its own is worth nothing.

use crate::disk::Disk;
use crate::promises::{Broken, Promise};
use crate::server::Server;
use model::{Act, Flag, Quality, Reading, Timestamp};
use rusqlite::Connection;
use store::TurnRecord;

/// A defect, and the promise that it breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plant {
    /// The ledger counts one more than came.
    LedgerOff,
    /// Devices are answered before the commit, and then the power fails.
    AnsweredFirst,
    /// A blob of frames is gone.
    FramesGone,
    /// A blob of readings is gone, with it versions of readings and past moments.
    ReadingsGone,
    /// An index is another number than the law says.
    IndexWrong,
    /// A gap is filled with a number.
    GapFilled,
    /// Somebody acts without a reason.
    ActWithoutReason,
}

impl Plant {
    /// All of them, each with a promise that must be seen broken.
    pub const ALL: [(Self, Promise); 9] = [
        (Self::LedgerOff, Promise::Conservation),
        (Self::AnsweredFirst, Promise::Durable),
        (Self::FramesGone, Promise::RawStays),
        (Self::ReadingsGone, Promise::RawStays),
        (Self::ReadingsGone, Promise::AsOf),
        (Self::IndexWrong, Promise::Law),
        (Self::GapFilled, Promise::Gaps),
        (Self::GapFilled, Promise::TwoClicks),
        (Self::ActWithoutReason, Promise::Acts),
    ];

    /// Plants it. [`Plant::AnsweredFirst`] is planted by the world, which answers.
    ///
    /// # Errors
    /// When it cannot be planted.
    pub fn set(self, server: &mut Server, disk: &Disk, now: Timestamp) -> Result<(), Broken> {
        match self {
            Self::AnsweredFirst => Ok(()),
            Self::LedgerOff => alter(disk, "UPDATE ledger SET count = count + 1"),
            Self::FramesGone => alter(disk, "DELETE FROM frames_blob"),
            Self::ReadingsGone => alter(disk, "DELETE FROM readings_blob"),
            Self::IndexWrong => put(server, now, true),
            Self::GapFilled => put(server, now, false),
            Self::ActWithoutReason => {
                let (kind, key, who) = ("trial".to_owned(), "x".to_owned(), "somebody".to_owned());
                let act = Act { kind, key, who, document: "{}".to_owned() };
                let done = server.engine.act(now, vec![act]);
                done.map(drop).map_err(|error| Broken::stopped(&error))
            }
        }
    }
}

fn alter(disk: &Disk, statement: &str) -> Result<(), Broken> {
    let connection = Connection::open(disk.database());
    let done = connection.and_then(|connection| connection.execute(statement, []));
    done.map(drop).map_err(|error| Broken::stopped(&error))
}

/// Puts a number into the newest hour of a datastream behind the engine's back: of an index, or of a device.
fn put(server: &mut Server, now: Timestamp, is_index: bool) -> Result<(), Broken> {
    let reader = server.engine.reader();
    let latest = {
        let view = reader.view();
        let streams = view.registry().datastreams().iter();
        let mut wanted = streams.filter(|of| engine::index::is_index(&of.key) == is_index);
        wanted.find_map(|of| view.latest(of.id))
    };
    let Some(latest) = latest else { return Ok(()) };
    let store = server.engine.store_mut();
    let sequence = store.next_sequence();
    let value = Some(latest.value.unwrap_or(0.0) + 1_000.0);
    let flag = Flag::new(Quality::Good, Some(b'N'));
    let reading = Reading { value, flag, sequence, ..latest };
    let record = TurnRecord {
        at: now,
        readings: vec![reading],
        sequence_last: sequence,
        ..TurnRecord::default()
    };
    store.commit(record).map_err(|error| Broken::stopped(&error))
}
