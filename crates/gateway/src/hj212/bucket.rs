//! A token bucket: how long to wait so that a rate is kept. Nothing is ever dropped for it.

use model::Timestamp;

/// Tokens fill up at a rate and may be overdrawn; whoever overdraws waits.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    tokens: f64,
    at: Timestamp,
}

/// Seconds of the rate that may come at once.
const BURST_S: f64 = 10.0;

impl Bucket {
    /// A full bucket.
    pub fn full(rate_per_s: u32, at: Timestamp) -> Self {
        Self { tokens: f64::from(rate_per_s) * BURST_S, at }
    }

    /// Takes `count` tokens and says how many milliseconds to wait before the next are taken.
    pub fn take(&mut self, count: u32, rate_per_s: u32, now: Timestamp) -> u64 {
        let rate = f64::from(rate_per_s.max(1));
        let passed_s = (now - self.at).max(0) as f64 / 1000.0;
        self.at = self.at.max(now);
        self.tokens = (self.tokens + passed_s * rate).min(rate * BURST_S) - f64::from(count);
        if self.tokens >= 0.0 { 0 } else { (-self.tokens / rate * 1000.0).ceil() as u64 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_an_overdraft_waits_for_its_rate() {
        let start = Timestamp::from_ms(0);
        let mut bucket = Bucket::full(10, start);
        assert_eq!(bucket.take(100, 10, start), 0, "ten seconds' worth at once");
        assert_eq!(bucket.take(5, 10, start), 500);
        assert_eq!(bucket.take(0, 10, start + 500), 0);
        assert_eq!(bucket.take(10, 10, start + 500), 1000);
    }
}
