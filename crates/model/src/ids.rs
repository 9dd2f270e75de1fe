//! Numbers that name things. Each kind is a type of its own, so that none is taken for another.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $number:ty) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $number);

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(out)
            }
        }
    };
}

id!(
    /// A place in the registry.
    PlaceId, u32
);
id!(
    /// A device in the registry.
    DeviceId, u32
);
id!(
    /// A datastream: dense from 0, so that it indexes columns. `i32`, as the archive stores it.
    DatastreamId, i32
);
id!(
    /// The system-time axis: the number of an entry in the log, from 1, never used twice.
    ///
    /// A frame takes one number and its readings carry it; a derivation takes one, too. The highest
    /// sequence of a (datastream, time) is its current version; *as of S* is the highest not above S.
    Sequence, u64
);
