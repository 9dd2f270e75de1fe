//! A sudden rise above what was before.
//!
//! # What it sees
//! A good value and the median of the good values of the `window` before it; with `apart`, how much those around have grown over theirs.
//! # When it raises
//! When the value is `rise` above that median and `factor` times it, for `hold`; the window needs three values. What
//! is high already does not move the median at once, so a rise that lasts is seen while it is young. With `apart`, only when it has
//! grown so many times as much as the median of at least two others (as any other, where fewer than three are within reach), which
//! tells a source near by from bad air over everything. With `quorum`, only while so many around are above the same threshold: bad air over everything.
//! # When it clears
//! When the value is no more than `clear` times that threshold for `clear_hold`: because it fell, because those around have
//! caught up with it, or because the height has become usual.
//! # What it cannot see
//! A slow rise. With `apart`, a source that all places around have as much of; where nobody is within reach or
//! beyond, whether it is one.
//! # Source
//! The district's own.

use super::Rule;
use crate::look::{Judged, Look};
use crate::quality::median;

/// Others that have to be there before they are compared with.
const OTHERS_MIN: usize = 2;
/// Others that are looked at.
const OTHERS_MAX: usize = 16;

/// Asks the rule about a sample.
pub fn judge(rule: &Rule, look: &Look<'_>) -> Option<Judged> {
    let value = look.value()?;
    let usual = look.usual(rule.window.0)?;
    let threshold = (usual + rule.rise?).max(usual * rule.factor.unwrap_or(1.0));
    let judged = Judged::above(value, threshold, rule.clear);
    if judged.is_under {
        return Some(judged);
    }
    if let Some(apart) = rule.apart {
        let shared = usual * grown(look, rule.window.0).unwrap_or(1.0);
        return Some(Judged::above(value, threshold.max(shared * apart), rule.clear));
    }
    let has_quorum = rule.quorum == 0
        || look.near().filter(|one| one.value > threshold).take(rule.quorum).count() >= rule.quorum;
    Some(judged.only_when(has_quorum))
}

/// How many times what they had those around have; none when there are too few.
fn grown(look: &Look<'_>, span_ms: i64) -> Option<f64> {
    let mut growths = [0.0; OTHERS_MAX];
    let mut count = 0;
    for growth in look.growths(span_ms).take(OTHERS_MAX) {
        growths[count] = growth;
        count += 1;
    }
    let growths = &mut growths[..count];
    if !look.is_among_near() {
        // A front needs hours over such distances: nobody may have it as much.
        return growths.iter().copied().max_by(f64::total_cmp);
    }
    (count >= OTHERS_MIN).then(|| median(growths))
}
