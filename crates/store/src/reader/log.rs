//! Frames, ledger and journal: what is read from the database.

use super::Reader;
use crate::archive::{read_frame, read_frames};
use crate::blob::{BlobError, FrameIndex, decode_frames, device_of, disposition_of, reason_of};
use crate::record::{Damage, FrameFilter, FramePage, FrameView, JournalEntry, JournalRow};
use crate::{DATABASE, Error};
use model::{Counted, LedgerEntry, LedgerTotals, Sequence, Timestamp};
use rusqlite::{OptionalExtension, Row, params};
use std::ops::ControlFlow;
use std::sync::Arc;

/// A blob of frames as it lies in the log.
struct FramesRow {
    first: i64,
    hash: Vec<u8>,
    bytes: Vec<u8>,
}

impl Reader {
    /// A kept frame with its bytes; `None` when no frame has this sequence, or its blob is damaged
    /// (then [`Reader::problems`] names it).
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn frame(&self, sequence: Sequence) -> Result<Option<FrameView>, Error> {
        let row = self.shared.query("read a frame", |connection| {
            connection
                .prepare_cached(
                    "SELECT sequence_first, hash, bytes FROM frames_blob \
                     WHERE sequence_first <= ?1 AND sequence_last >= ?1 \
                     ORDER BY sequence_first DESC LIMIT 1",
                )?
                .query_row([sequence.0 as i64], frames_row)
                .optional()
        })?;
        let Some(row) = row else {
            return Ok(self.archived_frame(sequence));
        };
        let frames = decode_frames(&row.bytes, &row.hash).and_then(FrameIndex::with_bytes);
        let frames = self.unless_damaged(&row, frames).unwrap_or_default();
        Ok(frames.into_iter().find(|frame| frame.sequence == sequence))
    }

    /// Kept frames that a filter wants, newest first. Looks through at most
    /// `frame_pages_per_listing_max` pages, so that a rare kind of frame cannot stall a listing: fewer
    /// than `limit` may mean that older ones were not looked at. [`Reader::frames_page`] says so.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn frames(&self, filter: &FrameFilter) -> Result<Vec<FrameView>, Error> {
        let mut frames = vec![];
        let mut left = filter.clone();
        for _ in 0..self.shared.limits.frame_pages_per_listing_max {
            let page = self.frames_page(&left)?;
            frames.extend(page.frames);
            left.limit = filter.limit - frames.len();
            match page.looked_down_to {
                Some(sequence) if left.limit > 0 => left.before = Some(sequence),
                _ => break,
            }
        }
        Ok(frames)
    }

    /// One step of a listing: kept frames that a filter wants, newest first, and how far down it
    /// looked. Looks through a bounded number of turns, or of archive files once no older turn is left
    /// in the log.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn frames_page(&self, filter: &FrameFilter) -> Result<FramePage, Error> {
        let mut page = FramePage { frames: vec![], looked_down_to: filter.before };
        if filter.limit == 0 {
            page.looked_down_to.get_or_insert(Sequence(u64::MAX));
            return Ok(page);
        }
        let is_exhausted = self.take_logged(filter, &mut page)?;
        if is_exhausted && page.frames.len() < filter.limit && self.take_archived(filter, &mut page)
        {
            page.looked_down_to = None;
        }
        Ok(page)
    }

    /// Looks through the log; says whether nothing older is left in it.
    fn take_logged(&self, filter: &FrameFilter, page: &mut FramePage) -> Result<bool, Error> {
        let before =
            filter.before.map_or(i64::MAX, |before| before.0.try_into().unwrap_or(i64::MAX));
        let max = self.shared.limits.frame_blobs_per_listing_max.max(1);
        let mut looked = 0;
        self.shared.query("list frames", |connection| {
            let mut query = connection.prepare_cached(
                "SELECT sequence_first, hash, bytes FROM frames_blob \
                 WHERE sequence_first < ?1 ORDER BY sequence_first DESC LIMIT ?2",
            )?;
            let mut rows = query.query([before, max as i64])?;
            while let Some(row) = rows.next()? {
                let row = frames_row(row)?;
                let is_full = self.take_wanted(&row, filter, &mut page.frames).is_break();
                page.looked_down_to = Some(Sequence(row.first as u64));
                if is_full {
                    // The blob may hold more of them.
                    page.looked_down_to = page.frames.last().map(|frame| frame.sequence);
                    break;
                }
                looked += 1;
            }
            Ok(looked < max)
        })
    }

    /// The archive holds frames that are older than all in the log.
    fn archived_frame(&self, sequence: Sequence) -> Option<FrameView> {
        let manifest = Arc::clone(&self.view().manifest);
        let (_, file) = manifest.frames.range(..=sequence).next_back()?;
        self.shared.read_file(file, |open| read_frame(open, sequence))?
    }

    /// Looks through the archive below what was looked at; says whether nothing older is left.
    fn take_archived(&self, filter: &FrameFilter, page: &mut FramePage) -> bool {
        let manifest = Arc::clone(&self.view().manifest);
        // What a seal moved here since the log was looked at was seen there.
        let before = page.looked_down_to;
        let max = self.shared.limits.frame_files_per_listing_max.max(1);
        let mut files = manifest.frames.range(..before.unwrap_or(Sequence(u64::MAX))).rev();
        for (first, file) in files.by_ref().take(max) {
            let limit = filter.limit - page.frames.len();
            let left = FrameFilter { before, limit, ..filter.clone() };
            let found = self.shared.read_file(file, |open| read_frames(open, &left));
            page.frames.extend(found.unwrap_or_default());
            page.looked_down_to = Some(*first);
            if page.frames.len() >= filter.limit {
                page.looked_down_to = page.frames.last().map(|frame| frame.sequence);
                return false;
            }
        }
        files.next().is_none()
    }

    fn take_wanted(
        &self,
        row: &FramesRow,
        filter: &FrameFilter,
        found: &mut Vec<FrameView>,
    ) -> ControlFlow<()> {
        let wanted = decode_frames(&row.bytes, &row.hash).and_then(|index| {
            if index.frames.iter().any(|frame| filter.wants(frame)) {
                index.with_bytes()
            } else {
                Ok(vec![])
            }
        });
        for frame in self.unless_damaged(row, wanted).unwrap_or_default().into_iter().rev() {
            if found.len() >= filter.limit {
                return ControlFlow::Break(());
            }
            if filter.wants(&frame) {
                found.push(frame);
            }
        }
        if found.len() >= filter.limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn unless_damaged<T>(&self, row: &FramesRow, read: Result<T, BlobError>) -> Option<T> {
        read.map_err(|error| {
            let what = format!("{DATABASE}, frames_blob from sequence {}", row.first);
            self.shared.damage().known.insert(Damage { what, why: error.to_string() });
        })
        .ok()
    }

    /// The ledger of the hours in `from..to`, ascending.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn ledger(&self, from: Timestamp, to: Timestamp) -> Result<Vec<LedgerEntry>, Error> {
        self.shared.query("read the ledger", |connection| {
            let mut query = connection.prepare_cached(
                "SELECT hour, device, unit, disposition, reason, count FROM ledger \
                 WHERE hour >= ?1 AND hour < ?2 ORDER BY hour, device, unit, disposition, reason",
            )?;
            let rows = query.query_map([from.as_ms(), to.as_ms()], ledger_entry)?;
            rows.collect()
        })
    }

    /// Sums of the ledger of the hours in `from..to`: of frames, and of readings.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn ledger_totals(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<(LedgerTotals, LedgerTotals), Error> {
        let (mut frames, mut readings) = (LedgerTotals::default(), LedgerTotals::default());
        for entry in self.ledger_by_reason(from, to)? {
            let totals = if entry.unit == Counted::Frame { &mut frames } else { &mut readings };
            totals.add(entry.disposition, entry.count);
        }
        Ok((frames, readings))
    }

    /// Sums of the ledger of the hours in `from..to` over hours and devices, in the order of unit,
    /// disposition and reason; the hour of each is the first instant of all, its device nobody.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn ledger_by_reason(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<LedgerEntry>, Error> {
        self.shared.query("read the ledger", |connection| {
            let mut query = connection.prepare_cached(
                "SELECT 0, -1, unit, disposition, reason, sum(count) FROM ledger \
                 WHERE hour >= ?1 AND hour < ?2 GROUP BY unit, disposition, reason \
                 ORDER BY unit, disposition, reason",
            )?;
            query.query_map([from.as_ms(), to.as_ms()], ledger_entry)?.collect()
        })
    }

    /// The journal, newest first: at most `limit` lines with numbers below `before`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn journal(&self, limit: usize, before: Option<i64>) -> Result<Vec<JournalRow>, Error> {
        self.shared.query("read the journal", |connection| {
            let mut query = connection.prepare_cached(
                "SELECT id, at, kind, device, text FROM journal \
                 WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
            )?;
            let rows =
                query.query_map(params![before.unwrap_or(i64::MAX), limit as i64], journal_row)?;
            rows.collect()
        })
    }
}

fn frames_row(row: &Row<'_>) -> rusqlite::Result<FramesRow> {
    Ok(FramesRow { first: row.get(0)?, hash: row.get(1)?, bytes: row.get(2)? })
}

fn ledger_entry(row: &Row<'_>) -> rusqlite::Result<LedgerEntry> {
    let meaningless = |column| rusqlite::Error::IntegralValueOutOfRange(column, -1);
    let unit: u8 = row.get(2)?;
    Ok(LedgerEntry {
        hour: Timestamp::from_ms(row.get(0)?),
        device: device_of(row.get(1)?),
        unit: [Counted::Frame, Counted::Reading]
            .into_iter()
            .find(|known| *known as u8 == unit)
            .ok_or(meaningless(2))?,
        disposition: disposition_of(row.get(3)?).ok_or(meaningless(3))?,
        reason: reason_of(row.get(4)?).ok_or(meaningless(4))?,
        count: row.get::<_, i64>(5)? as u64,
    })
}

/// A line of the journal from columns id, at, kind, device, text.
pub(crate) fn journal_row(row: &Row<'_>) -> rusqlite::Result<JournalRow> {
    Ok(JournalRow {
        id: row.get(0)?,
        entry: JournalEntry {
            at: Timestamp::from_ms(row.get(1)?),
            kind: row.get(2)?,
            device: device_of(row.get(3)?),
            text: row.get(4)?,
        },
    })
}
