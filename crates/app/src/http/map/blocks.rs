//! What is kept ready: answers by key, as many as fit, each made once however many ask at the same time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// Values by key, each with the version of what it was made from; the ones asked for least recently go
/// when their cost together is above the bound.
pub struct Blocks<K, V, T> {
    inner: Mutex<Inner<K, V, T>>,
    cost_max: u64,
}

struct Inner<K, V, T> {
    slots: HashMap<K, Slot<V, T>>,
    clock: u64,
}

struct Slot<V, T> {
    asked: u64,
    cost: u64,
    made: Made<V, T>,
}

/// Whoever comes second waits for the first one's lock and finds the value there.
type Made<V, T> = Arc<Mutex<Option<(V, Arc<T>)>>>;

impl<K: Clone + Eq + Hash, V: PartialEq, T> Blocks<K, V, T> {
    /// Room for values of so much cost together.
    pub fn new(cost_max: u64) -> Self {
        Self { inner: Mutex::new(Inner { slots: HashMap::new(), clock: 0 }), cost_max }
    }

    /// The value of a key at a version: the one that is kept, or a new one.
    ///
    /// # Errors
    /// What `make` says; nothing is kept then.
    pub fn get<E>(
        &self,
        key: &K,
        version: V,
        make: impl FnOnce() -> Result<(T, u64), E>,
    ) -> Result<Arc<T>, E> {
        let slot = self.slot(key);
        let mut kept = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, value)) = kept.as_ref()
            && *known == version
        {
            return Ok(Arc::clone(value));
        }
        let (value, cost) = make()?;
        let value = Arc::new(value);
        *kept = Some((version, Arc::clone(&value)));
        drop(kept);
        self.bound(key, cost);
        Ok(value)
    }

    fn slot(&self, key: &K) -> Made<V, T> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.clock += 1;
        let asked = inner.clock;
        let empty = || Slot { asked, cost: 1, made: Arc::default() };
        let slot = inner.slots.entry(key.clone()).or_insert_with(empty);
        slot.asked = asked;
        Arc::clone(&slot.made)
    }

    /// Notes what a value costs, and lets others go until all fit. A value that alone costs too much is
    /// given once and not kept.
    fn bound(&self, key: &K, cost: u64) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = inner.slots.get_mut(key) {
            slot.cost = cost.max(1);
        }
        let mut total: u64 = inner.slots.values().map(|slot| slot.cost).sum();
        while total > self.cost_max {
            let oldest = inner.slots.iter().min_by_key(|(_, slot)| slot.asked);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else { break };
            total -= inner.slots.remove(&oldest).map_or(0, |slot| slot.cost);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn get(blocks: &Blocks<u32, u32, u32>, key: u32, version: u32, count: &AtomicU32) -> u32 {
        let make = || {
            count.fetch_add(1, Ordering::SeqCst);
            Ok::<_, Infallible>((key * 100 + version, 10))
        };
        *blocks.get(&key, version, make).unwrap()
    }

    #[test]
    fn a_value_is_made_once_for_each_version() {
        let (blocks, made) = (Blocks::new(100), AtomicU32::new(0));
        assert_eq!(get(&blocks, 1, 0, &made), 100);
        assert_eq!(get(&blocks, 1, 0, &made), 100);
        assert_eq!(made.load(Ordering::SeqCst), 1);
        assert_eq!(get(&blocks, 1, 7, &made), 107);
        assert_eq!(made.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn five_hundred_who_ask_at_the_same_time_cost_one_computation() {
        let (blocks, made, start) = (Blocks::new(100), AtomicU32::new(0), Barrier::new(500));
        std::thread::scope(|scope| {
            for _ in 0..500 {
                scope.spawn(|| {
                    start.wait();
                    assert_eq!(get(&blocks, 3, 1, &made), 301);
                });
            }
        });
        assert_eq!(made.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn the_one_asked_for_least_recently_goes_first() {
        let (blocks, made) = (Blocks::new(20), AtomicU32::new(0));
        for key in [1, 2, 1, 3] {
            get(&blocks, key, 0, &made);
        }
        assert_eq!(made.load(Ordering::SeqCst), 3);
        get(&blocks, 1, 0, &made);
        assert_eq!(made.load(Ordering::SeqCst), 3, "1 was asked for after 2");
        get(&blocks, 2, 0, &made);
        assert_eq!(made.load(Ordering::SeqCst), 4);
    }
}
