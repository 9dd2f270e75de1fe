//! Tests of the crate as a stranger uses it.
#![cfg(test)]

mod collected;
#[path = "../../examples/throughput/corpus.rs"]
mod corpus;
mod measured;
mod standard;
mod streams;
mod written;
