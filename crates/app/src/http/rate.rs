//! How often one address may ask without being signed in: a bucket that fills evenly, a minute deep.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// Addresses that are remembered; beyond it the fullest buckets, which say least, are forgotten.
const ADDRESSES_MAX: usize = 10_000;
const MINUTE_MS: u64 = 60_000;

/// The buckets.
#[derive(Debug)]
pub struct Rates<K = IpAddr>(Mutex<HashMap<K, Bucket>>);

#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Requests that are left, times [`MINUTE_MS`].
    left: u64,
    at_ms: u64,
}

impl<K> Default for Rates<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash> Rates<K> {
    /// Takes one request out of the bucket of an address, or of a key; when it is empty, after how many milliseconds there is
    /// one again.
    pub fn take(&self, from: K, now_ms: u64, per_min_max: u64) -> Option<u64> {
        let full = per_min_max.saturating_mul(MINUTE_MS);
        let filled = |bucket: &Bucket| {
            let gained = now_ms.saturating_sub(bucket.at_ms).saturating_mul(per_min_max);
            bucket.left.saturating_add(gained).min(full)
        };
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= ADDRESSES_MAX && !buckets.contains_key(&from) {
            buckets.retain(|_, bucket| filled(bucket) < full);
            if buckets.len() >= ADDRESSES_MAX {
                buckets.clear();
            }
        }
        let bucket = buckets.entry(from).or_insert(Bucket { left: full, at_ms: now_ms });
        bucket.left = filled(bucket);
        bucket.at_ms = now_ms;
        if let Some(left) = bucket.left.checked_sub(MINUTE_MS) {
            bucket.left = left;
            return None;
        }
        Some((MINUTE_MS - bucket.left).div_ceil(per_min_max.max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_asks_too_often_waits_and_others_do_not() {
        let rates = Rates::<IpAddr>::default();
        let (one, other) = (IpAddr::from([1, 1, 1, 1]), IpAddr::from([2, 2, 2, 2]));
        assert!((0..60).all(|_| rates.take(one, 0, 60).is_none()));
        assert_eq!(rates.take(one, 0, 60), Some(1_000));
        assert_eq!(rates.take(other, 0, 60), None);
        assert_eq!(rates.take(one, 1_000, 60), None);
        assert!(rates.take(one, 1_000, 60).is_some());
    }

    #[test]
    fn many_addresses_cost_no_more_than_the_limit() {
        let rates = Rates::<IpAddr>::default();
        for number in 0..3 * ADDRESSES_MAX as u32 {
            rates.take(IpAddr::from(number.to_be_bytes()), 0, 60);
        }
        assert!(rates.0.lock().unwrap().len() <= ADDRESSES_MAX);
    }
}
