//! What the law's own numbers, its edges and broken tables must give.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stdout, reason = "a test says what it compared or why it was skipped")]

mod assessment;
mod bad_tables;
mod cases;
mod evaluation;
mod explain;
mod index_days;
mod index_properties;
mod index_vectors;
mod real_data;
mod rounding;
mod site;
mod vectors;
mod water;
mod world;

use standards::Standards;
use std::sync::LazyLock;

/// The built-in law, read once.
static LAW: LazyLock<Standards> = LazyLock::new(|| Standards::load().unwrap());
