//! Tests of the crate as a stranger uses it.
#![cfg(test)]

mod collected;
