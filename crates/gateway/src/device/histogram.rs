//! A histogram of latencies: exact to a sixteenth, whatever the range, without growing.

/// Counts of microseconds in buckets: sixteen for each power of two.
#[derive(Clone, Debug)]
pub struct Histogram {
    buckets: Vec<u64>,
    count: u64,
    max_us: u64,
}

const STEPS: u64 = 16;

impl Default for Histogram {
    fn default() -> Self {
        Self { buckets: vec![0; 64 * STEPS as usize], count: 0, max_us: 0 }
    }
}

impl Histogram {
    /// Counts a latency, in microseconds.
    pub fn add(&mut self, us: u64) {
        self.buckets[bucket(us)] += 1;
        self.count += 1;
        self.max_us = self.max_us.max(us);
    }

    /// Adds the counts of another one.
    pub fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *mine += theirs;
        }
        self.count += other.count;
        self.max_us = self.max_us.max(other.max_us);
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The largest, in microseconds.
    pub fn max_us(&self) -> u64 {
        self.max_us
    }

    /// The latency that this share (0 to 1) did not exceed, in microseconds, at most a sixteenth too
    /// large; 0 when nothing was counted.
    pub fn quantile_us(&self, share: f64) -> u64 {
        let wanted = (share * self.count as f64).ceil().max(1.0) as u64;
        let mut sum = 0;
        for (number, count) in self.buckets.iter().enumerate() {
            sum += count;
            if sum >= wanted {
                return upper_end(number).min(self.max_us);
            }
        }
        self.max_us
    }
}

fn bucket(us: u64) -> usize {
    if us < STEPS {
        return us as usize;
    }
    let power = u64::from(us.ilog2());
    let step = (us >> (power - 4)) - STEPS;
    ((power - 3) * STEPS + step) as usize
}

fn upper_end(bucket: usize) -> u64 {
    let (power, step) = (bucket as u64 / STEPS, bucket as u64 % STEPS);
    if power == 0 { step } else { ((STEPS + step + 1) << (power - 1)).saturating_sub(1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_never_more_than_a_sixteenth_too_large() {
        for us in [0, 1, 15, 16, 17, 31, 32, 33, 1_000, 65_535, 65_536, 123_456_789] {
            let end = upper_end(bucket(us));
            assert!(end >= us && end <= us + us / 16, "{us} {end}");
        }
        let mut histogram = Histogram::default();
        for us in 1..=1000 {
            histogram.add(us);
        }
        assert!((500..=531).contains(&histogram.quantile_us(0.5)));
        assert_eq!(histogram.quantile_us(1.0), 1000);
        assert_eq!((histogram.count(), histogram.max_us()), (1000, 1000));
    }

    #[test]
    fn an_empty_histogram_says_nothing() {
        assert_eq!(Histogram::default().quantile_us(0.99), 0);
    }
}
