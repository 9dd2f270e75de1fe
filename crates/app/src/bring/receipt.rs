//! The receipt of a file: what it was, what became of it, and which entries of the log it is.

use super::{ACT, Check, Job};
use model::{Disposition, Reason, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use store::{Known, Reader};
use utoipa::ToSchema;

/// Whether a file was taken to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Rows were taken, and nobody said that these were all.
    #[default]
    Begun,
    /// All of it was taken.
    Done,
}

/// Counts by what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fates {
    /// On disk.
    pub stored: u64,
    /// There already, with the same value.
    pub duplicate: u64,
    /// Not trusted, by reason.
    pub rejected: BTreeMap<String, u64>,
    /// Put aside, by reason.
    pub quarantined: BTreeMap<String, u64>,
}

impl Fates {
    /// Adds a count of the ledger.
    pub fn add(&mut self, disposition: Disposition, reason: Reason, count: u64) {
        let name = || reason.name().to_owned();
        if count == 0 {
            return;
        }
        match disposition {
            Disposition::Stored => self.stored += count,
            Disposition::Duplicate => self.duplicate += count,
            Disposition::Rejected => *self.rejected.entry(name()).or_default() += count,
            Disposition::Quarantined => *self.quarantined.entry(name()).or_default() += count,
        }
    }

    /// All of them.
    pub fn sum(&self) -> u64 {
        let others = self.rejected.values().chain(self.quarantined.values()).sum::<u64>();
        self.stored + self.duplicate + others
    }
}

/// What became of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Receipt {
    /// Its name: 16 hexadecimal digits.
    pub receipt: String,
    /// Whether it was taken to its end.
    pub state: State,
    /// The file's name.
    pub file: String,
    /// Its shape.
    pub format: String,
    /// The line of names on top of it.
    pub head: String,
    /// BLAKE3 of its bytes, hexadecimal, as `b3sum` prints it.
    pub hash: String,
    /// Its bytes.
    pub bytes: u64,
    /// When it was taken, RFC 3339.
    pub at: String,
    /// Who took it.
    pub who: String,
    /// Its rows: those without a value, and those of `frames`.
    pub rows: u64,
    /// Rows without a value.
    pub empty: u64,
    /// Rows with a value or a problem, by what became of them.
    pub frames: Fates,
    /// Values, by what became of them.
    pub readings: Fates,
    /// First and last entry of the log, of each run of entries that are rows of it.
    pub ranges: Vec<[u64; 2]>,
}

impl Receipt {
    /// The receipt of a file of which nothing is taken yet.
    pub fn begin(job: &Job, check: &Check, now: Timestamp) -> Self {
        let at = now.to_string();
        let name = blake3::hash(format!("{} {at}", check.hash).as_bytes()).to_hex();
        Self {
            receipt: name.chars().take(16).collect(),
            state: State::Begun,
            file: job.origin.name().chars().take(200).collect(),
            format: check.format.to_owned(),
            head: check.head.clone(),
            hash: check.hash.clone(),
            bytes: check.bytes,
            at,
            who: job.who.clone(),
            rows: check.rows,
            empty: check.empty,
            ..Self::default()
        }
    }

    /// Whether an entry of the log is a row of the file.
    pub fn has(&self, sequence: u64) -> bool {
        self.ranges.iter().any(|[first, last]| (*first..=*last).contains(&sequence))
    }
}

/// Adds `count` entries of the log from `first` on to runs of entries.
pub fn extend(ranges: &mut Vec<[u64; 2]>, first: u64, count: u64) {
    if count == 0 {
        return;
    }
    let last = first + count - 1;
    match ranges.last_mut() {
        Some(range) if range[1] + 1 == first => range[1] = last,
        _ => ranges.push([first, last]),
    }
}

/// The receipts of all files, oldest first; of one that was begun and ended, what it ended with.
///
/// # Errors
/// When the database cannot be read.
pub fn receipts(reader: &Reader) -> Result<Vec<Receipt>, store::Error> {
    last_of_each(reader, ACT)
}

/// Of the acts of a kind what each key says last, in the order in which the keys came.
///
/// # Errors
/// When the database cannot be read.
pub fn last_of_each<T: DeserializeOwned>(
    reader: &Reader,
    kind: &str,
) -> Result<Vec<T>, store::Error> {
    let (mut all, mut places) = (vec![], HashMap::new());
    for row in reader.acts(kind, Known::Now)? {
        // What a later version wrote is shown as far as it is understood.
        let Ok(own) = serde_json::from_str(&row.act.document) else { continue };
        let place = *places.entry(row.act.key).or_insert(all.len());
        if place < all.len() {
            all[place] = own;
        } else {
            all.push(own);
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_entries_grow_together() {
        let mut ranges = vec![];
        for (first, count) in [(5, 3), (8, 1), (9, 0), (20, 2)] {
            extend(&mut ranges, first, count);
        }
        assert_eq!(ranges, [[5, 8], [20, 21]]);
        let receipt = Receipt { ranges, ..Receipt::default() };
        assert!(receipt.has(8) && receipt.has(20) && !receipt.has(9));
    }
}
