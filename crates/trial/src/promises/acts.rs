//! Promise 7: nothing acts without a written reason, and what was done stays done.

use super::{Broken, Promise, Scene};
use model::Sequence;

/// All acts that the store has are those that somebody did, each with who and why.
pub fn check(scene: &Scene<'_>) -> Result<(), Broken> {
    let wrong = |what: String| Err(Broken::new(Promise::Acts, what));
    let found = scene
        .reader
        .acts_after(Sequence(0), usize::MAX >> 1)
        .map_err(|error| Broken::stopped(&error))?;
    for row in &found {
        if row.act.who.is_empty() || !row.act.document.contains("\"because\"") {
            return wrong(format!("act {} does not say who or why", row.sequence));
        }
    }
    let is_same = found.len() == scene.book.acts.len()
        && found
            .iter()
            .zip(&scene.book.acts)
            .all(|(found, (sequence, act))| found.sequence == *sequence && found.act == *act);
    if is_same {
        return Ok(());
    }
    wrong(format!("{} acts are kept, {} were done, or others", found.len(), scene.book.acts.len()))
}
