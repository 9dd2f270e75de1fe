//! Whatever happens in whatever order, a scan equals a naive list of all versions.

use crate::pinned;
use crate::world::{DAY, at, folder, open, push_frame, turn, with_registry};
use model::{DatastreamId, Sequence, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;
use store::{Known, Scan, Sealed, Store};

const DATASTREAMS: i32 = 4;
const DAYS: i32 = 3;
/// Instants of a day that readings may have: few, so that versions meet.
const INSTANTS: i64 = 24;

/// Readings (datastream, day, instant, value) of one frame.
type Frame = Vec<(i32, i32, i64, Option<i8>)>;
/// Sequences and values of one reading, oldest first.
type Versions = Vec<(Sequence, Option<f64>)>;

#[derive(Clone, Debug)]
enum Step {
    /// One turn of frames.
    Turn(Vec<Frame>),
    Seal(i32),
    /// A plan is written now and finished some steps later.
    Plan(i32),
    Finish,
    Recall(i32, i32),
    /// Late files are folded, and the month's days, as far as the log is settled; old files are removed.
    Fold,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let value = prop_oneof![6 => any::<i8>().prop_map(Some), 1 => Just(None)];
    let reading = (0..DATASTREAMS, 0..DAYS, 0..INSTANTS, value);
    let frame = prop::collection::vec(reading, 0..12);
    prop_oneof![
        8 => prop::collection::vec(frame, 0..4).prop_map(Step::Turn),
        2 => (0..DAYS).prop_map(Step::Seal),
        2 => (0..DAYS).prop_map(Step::Plan),
        2 => Just(Step::Finish),
        1 => (0..DATASTREAMS, 0..DAYS).prop_map(|(datastream, day)| Step::Recall(datastream, day)),
        2 => Just(Step::Fold),
        1 => Just(Step::Reopen),
    ]
}

/// Every version of every reading, in the order of the log.
#[derive(Default)]
struct Naive {
    versions: BTreeMap<(i32, Timestamp), Versions>,
    now: i64,
}

impl Naive {
    fn commit(&mut self, store: &mut Store, frames: &[Frame]) {
        self.now += 7 * 3_600_000;
        let mut turn = turn(store, at(DAY, self.now));
        for frame in frames {
            let readings: Vec<_> = frame
                .iter()
                .map(|(datastream, day, instant, value)| {
                    let value = value.map(|value| f64::from(value) / 10.0);
                    (*datastream, at(DAY + day, instant * 3_600_000), value)
                })
                .collect();
            push_frame(&mut turn, 0, &readings);
            for (datastream, time, value) in readings {
                let versions = self.versions.entry((datastream, time)).or_default();
                versions.push((turn.sequence_last, value));
            }
        }
        store.commit(turn).unwrap();
    }

    /// Any past moment: what was kept after it is as if it had not come yet.
    fn check_known(&self, store: &Store, from: Timestamp, to: Timestamp, newest: Sequence) {
        let asked = [2, 0].map(DatastreamId);
        let scans = store.reader().scan_known(&asked, from, to, Known::At(newest)).unwrap();
        for (datastream, columns) in asked.iter().zip(scans) {
            let rows = columns.time.iter().zip(&columns.sequence).zip(&columns.value);
            let found: Vec<_> =
                rows.map(|((time, sequence), value)| (*time, *sequence, *value)).collect();
            let wanted: Vec<_> = self
                .versions
                .range((datastream.0, Timestamp::MIN)..=(datastream.0, Timestamp::MAX))
                .filter(|((_, time), _)| (from..to).contains(time))
                .filter_map(|((_, time), versions)| {
                    let known = versions.iter().rfind(|(sequence, _)| *sequence <= newest)?;
                    Some((*time, known.0, known.1))
                })
                .collect();
            assert_eq!(found, wanted, "datastream {datastream} as of {newest}");
        }
    }

    /// A pinned directory from outside has the same, current and as of any moment, and every version.
    fn check_pinned(&self, dir: &Path, from: Timestamp, to: Timestamp, newest: Option<Sequence>) {
        let is_known = |sequence: Sequence| newest.is_none_or(|newest| sequence <= newest);
        let inside = |(_, time): (i32, Timestamp)| (from..to).contains(&time);
        let all = self.versions.iter().filter(|(key, _)| inside(**key));
        let mut known: Vec<(i32, Timestamp, Option<f64>, u64)> = vec![];
        let mut current = vec![];
        for ((datastream, time), versions) in all.filter(|((datastream, _), _)| *datastream > 0) {
            let row = |(sequence, value): &(Sequence, Option<f64>)| {
                (*datastream, *time, *value, sequence.0)
            };
            let mut versions = versions.iter().filter(|(sequence, _)| is_known(*sequence));
            known.extend(versions.clone().map(row));
            current.extend(versions.next_back().map(row));
        }
        let asked = newest.map_or(Known::Now, Known::At);
        let asked = pinned::scan(&[1, 2, 3], from, to, asked);
        let sorted = |mut rows: Vec<(i32, Timestamp, Option<f64>, u64)>| {
            rows.sort_by(|a, b| a.partial_cmp(b).unwrap());
            rows
        };
        let found = pinned::read(dir, &asked).rows;
        assert_eq!(sorted(found), sorted(current), "as of {newest:?}");
        let every = Scan { every_version: true, ..asked };
        assert_eq!(sorted(pinned::read(dir, &every).rows), sorted(known), "as of {newest:?}");
    }

    fn check(&self, store: &Store, from: Timestamp, to: Timestamp) {
        let reader = store.reader();
        // In another order than their numbers, and one twice.
        let asked = [3, 0, 1, 2, 0].map(DatastreamId);
        let scans = reader.scan_many(&asked, from, to).unwrap();
        for (datastream, columns) in asked.iter().zip(scans) {
            let rows = columns.time.iter().zip(&columns.sequence).zip(&columns.value);
            let found: Vec<_> =
                rows.map(|((time, sequence), value)| (*time, *sequence, *value)).collect();
            let all = self
                .versions
                .range((datastream.0, Timestamp::MIN)..=(datastream.0, Timestamp::MAX));
            let wanted: Vec<_> = all
                .clone()
                .filter(|((_, time), _)| (from..to).contains(time))
                .map(|((_, time), versions)| {
                    let (sequence, value) = versions[versions.len() - 1];
                    (*time, sequence, value)
                })
                .collect();
            assert_eq!(found, wanted, "datastream {datastream}");
            let newest =
                all.last().map(|((_, time), versions)| (*time, versions[versions.len() - 1].0));
            let latest = reader.latest(*datastream).map(|latest| (latest.time, latest.sequence));
            assert_eq!(latest, newest);
        }
    }

    fn check_versions(&self, store: &Store) {
        let reader = store.reader();
        for ((datastream, time), versions) in &self.versions {
            let found = reader.versions(DatastreamId(*datastream), *time);
            let sequences = found.iter().map(|version| version.sequence);
            assert!(sequences.eq(versions.iter().map(|(sequence, _)| *sequence)));
        }
        assert_eq!(reader.problems(), []);
        assert_eq!(reader.verify_chain().unwrap().problems, []);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_scan_equals_the_naive_list_of_versions(
        steps in prop::collection::vec(step(), 1..30),
        bounds in (0..DAYS * 2, 0..DAYS * 2),
    ) {
        let dir = folder();
        let mut store = with_registry(dir.path(), 2);
        let mut naive = Naive::default();
        let mut planned: Option<(i32, Sealed)> = None;
        for step in &steps {
            match step {
                Step::Turn(frames) => naive.commit(&mut store, frames),
                Step::Seal(day) => {
                    store.seal(DAY + day).unwrap();
                    // Whoever planned an overlapping day before is told so, and nothing happens.
                    if let Some((_, sealed)) = planned.take() {
                        let _ = store.seal_finish(sealed);
                    }
                }
                Step::Plan(day) => {
                    planned = Some((DAY + day, store.seal_plan(DAY + day).write().unwrap()));
                }
                Step::Finish => {
                    if let Some((_, sealed)) = planned.take() {
                        store.seal_finish(sealed).unwrap();
                    }
                }
                Step::Recall(datastream, day) => {
                    let (id, day) = (DatastreamId(*datastream), DAY + day);
                    store.recall(&[(id, day)]).unwrap();
                    for instant in 0..INSTANTS {
                        let time = at(day, instant * 3_600_000);
                        let known = store.view().hot().current(id, time);
                        let wanted = naive.versions.get(&(id.0, time)).map(|all| all[all.len() - 1].0);
                        prop_assert_eq!(known.map(|known| known.sequence), wanted);
                    }
                }
                Step::Fold => {
                    let settled = store.last_sequence();
                    store.fold_all(at(DAY, naive.now), settled, DAY + 31).unwrap();
                    store.remove_gone(Timestamp::MAX).unwrap();
                }
                Step::Reopen => {
                    planned = None;
                    drop(store);
                    store = open(dir.path());
                }
            }
            naive.check(&store, Timestamp::MIN, Timestamp::MAX);
        }
        let half_day = |half| at(DAY, i64::from(half) * 12 * 3_600_000 + 1);
        naive.check(&store, half_day(bounds.0), half_day(bounds.1));
        naive.check_versions(&store);
        naive.check_pinned(dir.path(), half_day(bounds.0), half_day(bounds.1), None);
        naive.check_pinned(dir.path(), Timestamp::MIN, Timestamp::MAX, None);
        for newest in 0..=store.last_sequence().0 + 1 {
            naive.check_known(&store, half_day(bounds.0), half_day(bounds.1), Sequence(newest));
            let newest = Some(Sequence(newest));
            naive.check_pinned(dir.path(), half_day(bounds.0), half_day(bounds.1), newest);
        }
        drop(store);
        let store = open(dir.path());
        naive.check(&store, half_day(bounds.0), half_day(bounds.1));
        naive.check_versions(&store);
    }
}
