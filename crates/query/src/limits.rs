//! Every bound of a query, in one place.

use std::time::Duration;

/// Bounds of a query. An error that comes from one names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes that operators may hold in memory together; what sorts more writes temporary files.
    pub memory_bytes: usize,
    /// Bytes of those temporary files, which lie in the system's folder for them.
    pub spill_bytes: u64,
    /// How long a query may take.
    pub time: Duration,
    /// Bytes of a statement.
    pub statement_bytes: usize,
    /// How deep expressions may be nested.
    pub nesting: usize,
    /// Rows that the table format prints.
    pub rows_shown: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 2 << 30,
            spill_bytes: 10 << 30,
            time: Duration::from_mins(1),
            statement_bytes: 64 << 10,
            nesting: 100,
            rows_shown: 2_000,
        }
    }
}

impl Limits {
    /// Small numbers, so that a test meets every border with little data.
    pub fn for_testing() -> Self {
        Self { memory_bytes: 64 << 20, spill_bytes: 0, rows_shown: 20, ..Self::default() }
    }
}
