//! What was published comes out to the digit.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod founding;
mod indicators;
mod payments;
mod ranks;
mod rivers;
