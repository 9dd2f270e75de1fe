//! Promise 1: everything that arrived has exactly one fate, and the ledger counts it.

use super::{Broken, Promise, Scene};
use crate::book::Line;
use model::Timestamp;
use std::collections::BTreeMap;

/// The ledger, line by line, is that of the book.
pub fn ledger(scene: &Scene<'_>) -> Result<(), Broken> {
    let (from, to) = (Timestamp::MIN, Timestamp::MAX);
    let entries = scene.reader.ledger(from, to).map_err(|error| Broken::stopped(&error))?;
    let mut lines: BTreeMap<Line, u64> = BTreeMap::new();
    for entry in entries {
        let line = (entry.device, entry.unit, entry.disposition, entry.reason);
        *lines.entry(line).or_default() += entry.count;
    }
    if lines == scene.book.ledger {
        return Ok(());
    }
    let all = lines.keys().chain(scene.book.ledger.keys());
    let differs = all.into_iter().find(|line| lines.get(line) != scene.book.ledger.get(line));
    let what = differs.map_or_else(String::new, |line| {
        let [says, is] = [&lines, &scene.book.ledger].map(|of| of.get(line).copied().unwrap_or(0));
        format!("the ledger says {says} where {is} arrived: {line:?}")
    });
    Err(Broken::new(Promise::Conservation, what))
}

/// What lies in log and archive, counted anew, is what the ledger says; and nothing was changed since
/// it was written.
pub fn counted_anew(scene: &Scene<'_>) -> Result<(), Broken> {
    let found =
        scene.reader.verify_conservation(|_, _| ()).map_err(|error| Broken::stopped(&error))?;
    if !found.is_kept() {
        return Err(Broken::new(Promise::Conservation, format!("{found:?}")));
    }
    let chain = scene.reader.verify_chain().map_err(|error| Broken::stopped(&error))?;
    match chain.problems.first() {
        None => Ok(()),
        Some(damage) => Err(Broken::new(Promise::Conservation, format!("{damage:?}"))),
    }
}
