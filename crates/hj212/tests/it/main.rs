//! Tests of the crate as a stranger uses it.

mod collected;
