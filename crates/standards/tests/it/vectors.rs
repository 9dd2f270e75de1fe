//! Reads a file of published numbers: one map from column to cell a row.

use std::collections::HashMap;
use std::path::Path;

/// The rows of `tests/vectors/{name}`.
pub fn rows(name: &str) -> Vec<HashMap<String, String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(name);
    let mut reader = csv::Reader::from_path(path).unwrap();
    let rows: Vec<HashMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    assert!(!rows.is_empty(), "{name} is empty");
    rows
}
