//! The case machine from outside: ways through it, ways that are closed, and what chance finds.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod chance;
mod city;
mod scores;
mod ways;
mod world;
