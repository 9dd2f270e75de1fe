//! Retain: raw frames may be kept for a time only; what goes is written down before it goes.

use crate::append::Draft;
use crate::turn::{Engine, Error};
use model::{Act, Disposition, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::FileKind;

/// The kind of acts by which files are let go.
pub const KIND: &str = "retention";
/// Files that one turn lets go.
const FILES_MAX: usize = 50;

impl Engine {
    /// Lets files of raw frames go whose day of arrival lies before the UTC day `before`: for each an act
    /// with its path, hash, rows and how many frames of each fate it had, and a line of the journal.
    /// Readings stay. Says how many files went.
    ///
    /// # Errors
    /// When the store cannot write; nothing went then.
    pub fn let_frames_go(
        &mut self,
        now: Timestamp,
        before: i32,
        keep_days: i64,
    ) -> Result<usize, Error> {
        let reader = self.reader();
        let mut files = reader.archive_files();
        files.retain(|file| file.kind == FileKind::Frames && file.day < before);
        files.truncate(FILES_MAX);
        let mut draft = Draft::begin(now, self.store.last_sequence());
        let mut gone = 0;
        for file in files {
            // What cannot be read cannot be counted, and stays.
            let Some(counts) = reader.count_frames(&file) else { continue };
            let frames: BTreeMap<&str, u64> = counts
                .iter()
                .map(|(kind, count): &(Disposition, u64)| (kind.name(), *count))
                .collect();
            let document: Value = json!({
                "what": "frames",
                "day": Timestamp::from_utc_day(file.day).to_string()[..10],
                "rows": file.rows,
                "bytes": file.bytes,
                "hash": file.hash_text(),
                "frames": frames,
                "keep_days": keep_days,
            });
            let sequence = draft.act(Act {
                kind: KIND.to_owned(),
                key: file.path.clone(),
                who: KIND.to_owned(),
                document: document.to_string(),
            });
            draft.record.dropped.push((file.id, sequence));
            let text = format!(
                "{} frames of {} are kept no longer ({keep_days} days); hash {}",
                file.rows,
                document["day"].as_str().unwrap_or_default(),
                file.hash_text()
            );
            draft.journal(KIND, None, text);
            gone += 1;
        }
        if gone > 0 {
            self.store.commit(draft.finish())?;
        }
        Ok(gone)
    }
}
