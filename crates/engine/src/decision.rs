//! Decisions: an answer that somebody publishes, with everything it rested on.
//!
//! A decision is an act that keeps the question, the answer, the newest log entry that was known, and the
//! editions that judged. The same question can therefore be asked again as of that entry (it must give the
//! same answer), as of now, and under another edition; what differs is listed field by field.

use crate::turn::{Engine, Error};
use model::{Act, ActRow, Sequence, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The kind of acts that decisions are.
pub const KIND: &str = "decision";

/// What was decided, as its act keeps it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// What kind of question: `rank`, `period`.
    pub what: String,
    /// The question, by the names of its parameters.
    pub question: Value,
    /// The newest log entry that was known.
    pub sequence: u64,
    /// The editions that judged, as the question named them or as they were in force.
    pub editions: Value,
    /// The answer.
    pub answer: Value,
    /// Why it is published.
    pub why: String,
}

/// A decision as the log has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// `d` and the number of its act in the log.
    pub id: String,
    /// Who.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// The decision.
    pub decision: Decision,
}

/// One field in which two answers differ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Where: `rows/dingling/value`.
    pub field: String,
    /// As it was; null where it was not there.
    pub was: Value,
    /// As it is; null where it is not there.
    pub is: Value,
}

impl Engine {
    /// Keeps a decision; gives its id.
    ///
    /// # Errors
    /// When it is too large, or the store cannot write.
    pub fn decide(
        &mut self,
        now: Timestamp,
        who: &str,
        decision: &Decision,
    ) -> Result<String, Error> {
        let id = format!("d{}", self.store.next_sequence());
        let act = Act {
            kind: KIND.to_owned(),
            key: id.clone(),
            who: who.to_owned(),
            document: serde_json::to_string(decision).unwrap_or_default(),
        };
        self.act(now, vec![act])?;
        Ok(id)
    }
}

/// Reads a decision from its act; none when no version of this program wrote it.
pub fn decided(ActRow { at, act, .. }: &ActRow) -> Option<Decided> {
    let decision = serde_json::from_str(&act.document).ok()?;
    Some(Decided { id: act.key.clone(), who: act.who.clone(), at: *at, decision })
}

impl Decision {
    /// The newest log entry that was known.
    pub fn known(&self) -> Sequence {
        Sequence(self.sequence)
    }
}

/// The fields in which two answers differ, in their order. Rows that have a `key` (or a `span`) are
/// compared by it, wherever they stand.
pub fn differences(was: &Value, is: &Value) -> Vec<Difference> {
    let mut found = vec![];
    compare("", was, is, &mut found);
    found
}

fn compare(path: &str, was: &Value, is: &Value, found: &mut Vec<Difference>) {
    let below = |name: &str| {
        if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") }
    };
    match (was, is) {
        (Value::Object(a), Value::Object(b)) => {
            for (name, was) in a {
                compare(&below(name), was, b.get(name).unwrap_or(&Value::Null), found);
            }
            for (name, is) in b.iter().filter(|(name, _)| !a.contains_key(*name)) {
                compare(&below(name), &Value::Null, is, found);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            let (a, b) = (named(a), named(b));
            let now: BTreeMap<&str, &Value> = b.iter().map(|(name, row)| (&**name, *row)).collect();
            for (name, was) in &a {
                compare(&below(name), was, now.get(&**name).unwrap_or(&&Value::Null), found);
            }
            let before: BTreeSet<&str> = a.iter().map(|(name, _)| &**name).collect();
            for (name, is) in b.iter().filter(|(name, _)| !before.contains(&**name)) {
                compare(&below(name), &Value::Null, is, found);
            }
        }
        _ if was == is => (),
        _ => found.push(Difference { field: path.to_owned(), was: was.clone(), is: is.clone() }),
    }
}

/// Elements by their key, their span, or their place.
fn named(rows: &[Value]) -> Vec<(String, &Value)> {
    let name = |(at, row): (usize, &Value)| {
        let text = row["key"].as_str().or_else(|| row["span"]["from"].as_str());
        let text = text.or_else(|| row["item"].as_str());
        text.map_or_else(|| at.to_string(), str::to_owned)
    };
    let names: Vec<String> = rows.iter().enumerate().map(name).collect();
    let distinct: BTreeSet<&String> = names.iter().collect();
    if distinct.len() == names.len() {
        return names.into_iter().zip(rows).collect();
    }
    rows.iter().enumerate().map(|(at, row)| (at.to_string(), row)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn rows_are_compared_by_their_key_and_only_what_differs_is_listed() {
        let was = json!({ "rows": [{ "key": "a", "rank": 1, "value": "3.1" }, { "key": "b", "rank": 2 }] });
        let is = json!({ "rows": [{ "key": "b", "rank": 1 }, { "key": "a", "rank": 2, "value": "3.1" }] });
        let found = differences(&was, &is);
        let fields: Vec<_> = found.iter().map(|own| own.field.as_str()).collect();
        assert_eq!(fields, ["rows/a/rank", "rows/b/rank"]);
        assert_eq!((&found[0].was, &found[0].is), (&json!(1), &json!(2)));
        assert_eq!(differences(&was, &was), []);
    }

    #[test]
    fn what_went_comes_before_what_came_and_many_rows_are_one_pass() {
        let rows = |keys: &[&str]| {
            let rows: Vec<Value> = keys.iter().map(|key| json!({ "key": key, "x": 1 })).collect();
            json!({ "rows": rows })
        };
        let found = differences(&rows(&["a", "b"]), &rows(&["c", "b"]));
        let told: Vec<_> =
            found.iter().map(|own| (own.field.as_str(), own.was.is_null())).collect();
        assert_eq!(told, [("rows/a", false), ("rows/c", true)]);
        let many = |x: u32| {
            let row = |n: u32| json!({ "key": n.to_string(), "x": if n == 7 { x } else { n } });
            Value::Array((0..50_000).map(row).collect())
        };
        let found = differences(&many(0), &many(1));
        assert_eq!(found.iter().map(|own| &*own.field).collect::<Vec<_>>(), ["7/x"]);
    }
}
