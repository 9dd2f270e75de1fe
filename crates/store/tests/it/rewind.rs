//! A copy brought back to any entry of the log is whole, and says what the original says as of that entry.

use crate::world::{DAY, at, commit, folder, open, push_frame, turn, with_registry};
use model::{Act, ActRow, DatastreamId, Disposition, HOUR_MS, Sequence, Timestamp};
use proptest::prelude::*;
use store::{Known, Limits, Reader, Store, rewind};

type Rows = Vec<(Timestamp, Option<f64>, u64)>;

fn as_of(reader: &Reader, sequence: Sequence) -> Vec<Rows> {
    let ids: Vec<_> = (0..4).map(DatastreamId).collect();
    let known = Known::At(sequence);
    let columns = reader.scan_known(&ids, Timestamp::MIN, Timestamp::MAX, known).unwrap();
    let rows = columns.iter().map(|columns| {
        let rows = columns.time.iter().zip(&columns.value).zip(&columns.sequence);
        rows.map(|((time, value), sequence)| (*time, *value, sequence.0)).collect()
    });
    rows.collect()
}

/// One turn: some frames, perhaps an act; readings of this day, late ones and corrected ones.
fn step(store: &mut Store, seed: &[u32; 4], now: Timestamp) {
    let mut record = turn(store, now);
    for n in 0..=seed[0] % 3 {
        let device = (seed[1] + n) % 2;
        let back = i64::from(seed[2] % 4);
        let time = at(now.utc_day() - back as i32, i64::from(seed[3] % 5) * HOUR_MS);
        let value = Some(f64::from(seed[2].wrapping_mul(31).wrapping_add(n) % 90));
        push_frame(&mut record, device, &[(device as i32 * 2, time, value)]);
    }
    if seed[3].is_multiple_of(3) {
        let sequence = Sequence(record.sequence_last.0 + 1);
        record.sequence_last = sequence;
        let (kind, who) = ("note".to_owned(), "somebody".to_owned());
        let act = Act { kind, key: sequence.to_string(), who, document: "{}".to_owned() };
        record.acts.push(ActRow { sequence, at: now, act });
    }
    store.commit(record).unwrap();
}

fn check(seeds: &[[u32; 4]], seal_every: usize, part: u64) {
    let (dir, to) = (folder(), folder());
    let mut store = with_registry(dir.path(), 2);
    let mut now = at(DAY + 5, 0);
    for (n, seed) in seeds.iter().enumerate() {
        step(&mut store, seed, now);
        now = now + i64::from(seed[1] % 20) * HOUR_MS;
        if n % seal_every == seal_every - 1 {
            for day in store.days_to_seal(now.utc_day()).unwrap() {
                store.seal(day).unwrap();
            }
        }
    }
    let sequence = Sequence(store.last_sequence().0 * part / 100);
    let expected = as_of(&store.reader(), sequence);
    let acts = store.reader().acts("note", Known::At(sequence)).unwrap();
    store.reader().back_up(to.path(), |_, _| ()).unwrap();
    let done = rewind(to.path(), sequence, now, Limits::for_testing()).unwrap();
    assert_eq!(done.is_none(), part == 100);
    let looked = Reader::look(to.path(), Limits::for_testing()).unwrap();
    assert_eq!(looked.verify_chain().unwrap().problems, []);
    let mut back = open(to.path());
    let reader = back.reader();
    assert_eq!(back.last_sequence(), sequence);
    assert_eq!(as_of(&reader, Sequence(u64::MAX >> 1)), expected);
    assert_eq!(as_of(&reader, sequence), expected);
    assert_eq!(reader.acts("note", Known::Now).unwrap(), acts);
    let kept = reader.verify_conservation(|_, _| ()).unwrap();
    assert!(kept.is_kept(), "{kept:?}");
    // Life goes on from there.
    commit(&mut back, now, 0, &[(0, now, Some(7.0))]);
    for day in back.days_to_seal(now.utc_day()).unwrap() {
        back.seal(day).unwrap();
    }
    assert_eq!(back.reader().verify_chain().unwrap().problems, []);
    assert!(back.reader().verify_conservation(|_, _| ()).unwrap().is_kept());
    drop((reader, looked, back));
    let again = as_of(&open(to.path()).reader(), sequence);
    assert_eq!(again, expected, "the same after a restart");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn any_copy_at_any_entry(
        seeds in proptest::collection::vec(any::<[u32; 4]>(), 4..30),
        seal_every in 2_usize..12,
        part in 0_u64..=100,
    ) {
        check(&seeds, seal_every, part);
    }
}

#[test]
fn what_was_done_stands_in_the_journal_and_the_registry_goes_back() {
    let (dir, to) = (folder(), folder());
    let mut store = with_registry(dir.path(), 2);
    commit(&mut store, at(DAY, 10), 0, &[(0, at(DAY, 5), Some(1.0))]);
    let mut place = store.view().registry().places()[0].clone();
    place.name.zh = "改名".to_owned();
    let mut record = turn(&store, at(DAY, 20));
    push_frame(&mut record, 0, &[(0, at(DAY, 6), Some(2.0))]);
    record.registry.places.push(place);
    store.commit(record).unwrap();
    store.reader().back_up(to.path(), |_, _| ()).unwrap();
    let done = rewind(to.path(), Sequence(1), at(DAY, 99), Limits::for_testing()).unwrap().unwrap();
    assert_eq!((done.readings, done.frames, done.at), (1, 1, at(DAY, 10)));
    let back = open(to.path());
    assert_eq!(back.view().registry().places()[0].name.zh, "站点 0");
    let journal = back.reader().journal(10, None).unwrap();
    assert!(journal[0].entry.text.contains("restored to entry 1"), "{journal:?}");
    let frames = back.reader().verify_conservation(|_, _| ()).unwrap().frames;
    assert_eq!(frames[0], (Disposition::Stored, store::Count { ledger: 1, found: 1 }));
}
