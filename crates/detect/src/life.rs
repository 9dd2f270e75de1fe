//! The life of what one rule sees on one subject: quiet → pending → raised → cleared.
//!
//! It is a fold over judgements in the order of their time. Nothing is raised that was not pending, and what is cleared was
//! raised; a judgement that could not be made changes nothing, but what is pending is given up when nothing can
//! be judged for long.

use model::Timestamp;

/// Where a life stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Nothing is seen.
    #[default]
    Quiet,
    /// It is seen since then, not yet long enough.
    Pending(Timestamp),
    /// It was seen long enough: since when, and when it had lasted long enough.
    Raised {
        /// Since when.
        began: Timestamp,
        /// When it had lasted long enough.
        at: Timestamp,
    },
    /// It was raised and is over.
    Cleared,
}

/// What one judgement says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// The rule's condition holds.
    Over,
    /// It does not hold, and yet what was raised is not over: the band of hysteresis.
    Between,
    /// It does not hold.
    Under,
    /// It could not be judged.
    Unknown,
}

/// How long a life waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holds {
    /// How long the condition holds before it is raised, ms.
    pub raise_ms: i64,
    /// How long it does not hold before it is cleared, ms.
    pub clear_ms: i64,
    /// How long nothing is judged before what is pending is given up, ms.
    pub patience_ms: i64,
}

/// A step from one phase to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turned {
    /// Quiet or cleared → pending.
    Pending,
    /// Pending → quiet.
    Quiet,
    /// Pending → raised.
    Raised,
    /// Raised → cleared.
    Cleared,
}

/// A life, and what it has to remember.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// Where it stands.
    pub phase: Phase,
    /// The end of the last period that was judged; earlier ones say nothing more.
    pub last: Option<Timestamp>,
    /// Since when the condition has not held, while raised.
    under_since: Option<Timestamp>,
}

impl Life {
    /// A life as it is known from what was kept: raised, or over, with all up to `last` judged.
    pub fn known(phase: Phase, last: Timestamp) -> Self {
        Self { phase, last: Some(last), under_since: None }
    }

    /// Takes in the judgement of the period from `start` to `end`; `turned` hears each step. Periods that are not later
    /// than the last one are passed over.
    pub fn step(
        &mut self,
        (start, end): (Timestamp, Timestamp),
        sight: Sight,
        holds: Holds,
        mut turned: impl FnMut(Turned),
    ) {
        if self.last.is_some_and(|last| end <= last) {
            return;
        }
        if let (Phase::Pending(_), Some(last)) = (self.phase, self.last)
            && start - last > holds.patience_ms
        {
            self.phase = Phase::Quiet;
            turned(Turned::Quiet);
        }
        if sight == Sight::Unknown {
            return;
        }
        self.last = Some(end);
        if matches!(self.phase, Phase::Quiet | Phase::Cleared) && sight == Sight::Over {
            self.phase = Phase::Pending(start);
            turned(Turned::Pending);
        }
        match (self.phase, sight) {
            (Phase::Pending(began), Sight::Over) if end - began >= holds.raise_ms => {
                self.phase = Phase::Raised { began, at: end };
                self.under_since = None;
                turned(Turned::Raised);
            }
            (Phase::Pending(_), Sight::Under | Sight::Between) => {
                self.phase = Phase::Quiet;
                turned(Turned::Quiet);
            }
            (Phase::Raised { .. }, Sight::Over | Sight::Between) => self.under_since = None,
            (Phase::Raised { .. }, Sight::Under) => {
                let since = *self.under_since.get_or_insert(start);
                if end - since >= holds.clear_ms {
                    self.phase = Phase::Cleared;
                    self.under_since = None;
                    turned(Turned::Cleared);
                }
            }
            _ => {}
        }
    }

    /// Whether it is raised.
    pub fn is_raised(&self) -> bool {
        matches!(self.phase, Phase::Raised { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::MINUTE_MS;
    use proptest::prelude::*;

    const HOLDS: Holds =
        Holds { raise_ms: 15 * MINUTE_MS, clear_ms: 10 * MINUTE_MS, patience_ms: 30 * MINUTE_MS };

    /// Each letter is five minutes: `o`ver, `b`etween, `u`nder, `_` unknown. Says the steps as they came.
    fn check(sights: &str, expected: &str) {
        let mut life = Life::default();
        let mut steps = vec![];
        for (at, letter) in sights.chars().enumerate() {
            let start = Timestamp::from_ms(at as i64 * 5 * MINUTE_MS);
            let sight = match letter {
                'o' => Sight::Over,
                'b' => Sight::Between,
                'u' => Sight::Under,
                _ => Sight::Unknown,
            };
            life.step((start, start + 5 * MINUTE_MS), sight, HOLDS, |turned| {
                steps.push(format!("{at}{turned:?}").to_lowercase());
            });
        }
        assert_eq!(steps.join(" "), expected, "{sights}");
    }

    #[test]
    fn it_is_raised_when_it_lasted_and_cleared_when_it_is_over_for_long_enough() {
        check("uooouu", "1pending 3raised 5cleared");
        check("oo", "0pending");
        check("oouooo", "0pending 2quiet 3pending 5raised");
    }

    #[test]
    fn the_band_of_hysteresis_neither_raises_nor_clears() {
        check("bbbb", "");
        check("ooobbbb", "0pending 2raised");
        check("oooububu", "0pending 2raised");
        check("oooubuu", "0pending 2raised 6cleared");
    }

    #[test]
    fn what_cannot_be_judged_changes_nothing_until_patience_ends() {
        check("oo__o", "0pending 4raised");
        check("ooo____uu", "0pending 2raised 8cleared");
        check("oo_______o", "0pending 9quiet 9pending");
    }

    proptest! {
        #[test]
        fn a_life_never_jumps(sights in prop::collection::vec(0_u8..4, 0..200), gaps in prop::collection::vec(0_i64..9, 200)) {
            let mut life = Life::default();
            let mut told = vec![];
            let mut at = 0;
            for (sight, gap) in sights.iter().zip(gaps) {
                at += gap;
                let start = Timestamp::from_ms(at * 5 * MINUTE_MS);
                let sight = [Sight::Over, Sight::Between, Sight::Under, Sight::Unknown][usize::from(*sight)];
                life.step((start, start + 5 * MINUTE_MS), sight, HOLDS, |turned| told.push(turned));
                at += 1;
            }
            let mut before = Turned::Cleared;
            for now in told {
                let may = match before {
                    Turned::Quiet | Turned::Cleared => now == Turned::Pending,
                    Turned::Pending => matches!(now, Turned::Raised | Turned::Quiet),
                    Turned::Raised => now == Turned::Cleared,
                };
                prop_assert!(may, "{before:?} then {now:?}");
                before = now;
            }
        }
    }
}
