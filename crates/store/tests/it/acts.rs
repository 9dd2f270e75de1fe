//! What somebody or a rule did is kept in order, chained, and read as of any sequence.

use crate::world::{DAY, at, folder, open, turn, with_registry};
use model::{Act, ActRow, Sequence};
use rusqlite::Connection;
use std::ops::Range;
use store::{Error, Known, Secret, SecretChange, Store, TurnRecord};

fn act(kind: &str, key: &str, document: &str) -> Act {
    let [kind, key, document] = [kind, key, document].map(str::to_owned);
    Act { kind, key, who: "somebody".to_owned(), document }
}

fn record(store: &Store, ms: i64, acts: &[Act]) -> TurnRecord {
    let mut record = turn(store, at(DAY, ms));
    for act in acts {
        record.sequence_last = Sequence(record.sequence_last.0 + 1);
        let (sequence, at) = (record.sequence_last, record.at);
        record.acts.push(ActRow { sequence, at, act: act.clone() });
    }
    record
}

#[test]
fn acts_are_read_as_of_any_sequence_also_after_a_restart() {
    let dir = folder();
    let mut store = with_registry(dir.path(), 1);
    let acts = [act("case", "c-1", "{}"), act("case", "c-2", "{}"), act("finding", "f", "{}")];
    store.commit(record(&store, 1_000, &acts)).unwrap();
    store.commit(record(&store, 2_000, &[act("case", "c-1", r#"{"to":"filed"}"#)])).unwrap();
    drop(store);
    let reader = open(dir.path()).reader();
    let keys = |known| -> Vec<(u64, String)> {
        let rows = reader.acts("case", known).unwrap();
        rows.into_iter().map(|row| (row.sequence.0, row.act.key)).collect()
    };
    let [first, second, third] =
        [(1, "c-1"), (2, "c-2"), (4, "c-1")].map(|(s, k)| (s, k.to_owned()));
    assert_eq!(keys(Known::Now), [first.clone(), second, third]);
    assert_eq!(keys(Known::At(Sequence(1))), [first]);
    assert_eq!(reader.acts_on("case", "c-1", Known::Now).unwrap().len(), 2);
    assert_eq!(reader.acts_after(Sequence(2), 1).unwrap()[0].act.kind, "finding");
    let within = |keys: Range<&str>, known, limit| -> Vec<u64> {
        let keys = keys.start.to_owned()..keys.end.to_owned();
        let rows = reader.acts_within("case", &keys, known, limit).unwrap();
        rows.into_iter().map(|row| row.sequence.0).collect()
    };
    assert_eq!(
        within("c-1".."c-9", Known::Now, 9),
        [2, 4, 1],
        "the last key, its newest act first"
    );
    assert_eq!(within("c-1".."c-2", Known::Now, 1), [4]);
    assert_eq!(within("c-1".."c-9", Known::At(Sequence(1)), 9), [1]);
}

#[test]
fn an_act_that_was_changed_afterwards_breaks_the_chain() {
    let dir = folder();
    let mut store = with_registry(dir.path(), 1);
    store.commit(record(&store, 1_000, &[act("case", "c-1", r#"{"money":1}"#)])).unwrap();
    assert_eq!(store.reader().verify_chain().unwrap().problems, []);
    let change = |sql: &str| {
        Connection::open(dir.path().join("skyriver.db")).unwrap().execute(sql, []).unwrap();
        store.reader().verify_chain().unwrap().problems.len()
    };
    assert_eq!(change(r#"UPDATE act SET document = '{"money":2}'"#), 1);
    assert_eq!(change("DELETE FROM act"), 1);
}

#[test]
fn acts_of_sealed_days_stay_in_the_chain() {
    let dir = folder();
    let mut store = with_registry(dir.path(), 1);
    store.commit(record(&store, 1_000, &[act("case", "c-1", "{}")])).unwrap();
    let mut later = record(&store, 0, &[act("case", "c-1", "[]")]);
    later.at = at(DAY + 2, 0);
    store.commit(later).unwrap();
    store.seal(DAY).unwrap();
    let report = store.reader().verify_chain().unwrap();
    assert_eq!((report.days, report.problems), (1, vec![]));
    Connection::open(dir.path().join("skyriver.db"))
        .unwrap()
        .execute("UPDATE act SET who = 'another' WHERE sequence = 1", [])
        .unwrap();
    assert_eq!(store.reader().verify_chain().unwrap().problems.len(), 1);
}

#[test]
fn an_act_without_a_name_or_with_a_huge_document_is_refused_and_nothing_is_kept() {
    let dir = folder();
    let mut store = with_registry(dir.path(), 1);
    let nobody = Act { who: String::new(), ..act("case", "c-1", "{}") };
    let refused = store.commit(record(&store, 0, &[nobody]));
    assert!(matches!(refused, Err(Error::BadRecord(_))), "{refused:?}");
    let refused = store.commit(record(&store, 0, &[act("case", "c", &"x".repeat(5 << 10))]));
    assert!(matches!(refused, Err(Error::TooLarge { limit: "act_bytes_max", .. })), "{refused:?}");
    assert_eq!(store.reader().acts("case", Known::Now).unwrap(), []);
}

#[test]
fn a_secret_is_replaced_in_place_and_gone_when_it_is_taken_back() {
    let dir = folder();
    let mut store = with_registry(dir.path(), 1);
    let secret = |value: &str| {
        let [kind, key, value] = ["password", "one", value].map(str::to_owned);
        SecretChange::Put(Secret { kind, key, value })
    };
    for (ms, change, kept) in [
        (1, secret("a"), Some("a")),
        (2, secret("b"), Some("b")),
        (3, SecretChange::Remove { kind: "password".into(), key: "one".into() }, None),
    ] {
        assert!(!format!("{change:?}").contains("\"a\""), "{change:?} tells the secret");
        let mut record = turn(&store, at(DAY, ms));
        record.secrets.push(change);
        store.commit(record).unwrap();
        let found = store.reader().secret("password", "one").unwrap();
        assert_eq!(found.as_deref(), kept);
    }
    assert!(store.reader().secrets("password").unwrap().is_empty());
}
