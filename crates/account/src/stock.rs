//! What is left of a stock of problems: before + new + reopened − closed (requirement GOV-060).

/// A stock over one period, counted one by one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stock {
    /// What was open at the beginning.
    pub before: u64,
    /// What was found for the first time.
    pub new: u64,
    /// What was closed before and is open again.
    pub reopened: u64,
    /// What was struck off, after verification.
    pub closed: u64,
}

/// A stock that says something else than its own terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unbalanced {
    /// More was closed than there was.
    #[error("{closed} were closed, {there} were there")]
    TooManyClosed {
        /// How many were closed.
        closed: u64,
        /// How many there were.
        there: u64,
    },
    /// A period begins with another number than the one before it left.
    #[error("the period before left {left}, this one begins with {before}")]
    Broken {
        /// What the period before left.
        left: u64,
        /// What this one begins with.
        before: u64,
    },
}

impl Stock {
    /// What is left.
    ///
    /// # Errors
    /// [`Unbalanced::TooManyClosed`].
    pub fn left(&self) -> Result<u64, Unbalanced> {
        let there = self.before.saturating_add(self.new).saturating_add(self.reopened);
        let closed = self.closed;
        there.checked_sub(closed).ok_or(Unbalanced::TooManyClosed { closed, there })
    }

    /// Whether the increment is controlled: not more came than was closed (requirement GOV-061).
    pub fn is_controlled(&self) -> bool {
        self.new <= self.closed
    }

    /// What is left after periods that follow each other.
    ///
    /// # Errors
    /// At the first period that does not begin with what the one before it left.
    pub fn follow(periods: &[Self]) -> Result<Option<u64>, Unbalanced> {
        let mut last: Option<u64> = None;
        for period in periods {
            if let Some(left) = last.filter(|left| *left != period.before) {
                return Err(Unbalanced::Broken { left, before: period.before });
            }
            last = Some(period.left()?);
        }
        Ok(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_identity_holds_over_periods_and_a_break_is_named() {
        let january = Stock { before: 12, new: 5, reopened: 1, closed: 6 };
        let february = Stock { before: 12, new: 2, reopened: 0, closed: 14 };
        assert_eq!(Stock::follow(&[january, february]), Ok(Some(0)));
        assert!(january.is_controlled());
        let march = Stock { before: 3, ..Stock::default() };
        let broken = Unbalanced::Broken { left: 0, before: 3 };
        assert_eq!(Stock::follow(&[january, february, march]), Err(broken));
        let overdone = Stock { before: 1, closed: 2, ..Stock::default() };
        assert_eq!(overdone.left(), Err(Unbalanced::TooManyClosed { closed: 2, there: 1 }));
        assert_eq!(Stock::follow(&[]), Ok(None));
    }
}
