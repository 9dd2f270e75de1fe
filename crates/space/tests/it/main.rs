//! Tests of the crate as a stranger uses it.
#![cfg(test)]

mod drift;
#[path = "../../examples/drift/real.rs"]
mod real;
#[path = "../../examples/drift/rolling.rs"]
mod rolling;
