//! One part, read: the largest file row group by row group as it lies, and what lies over it merged in.
//!
//! What lies over it (late files, the log, replaced versions for a past moment) is mostly little and is
//! held sorted; the base file is never held. Of one instant the highest sequence counts, and of equal
//! sequences, which only one turn can have brought, the later in the log.

use super::Pinned;
use super::parts::{LogBlob, Part};
use crate::archive::{Bounds, OpenFile, Rows, Scan, Want, read_group, read_readings};
use crate::blob::{BlobError, decode_readings};
use crate::manifest::{ArchiveFile, FileKind};
use crate::record::Damage;
use crate::{DATABASE, Error};
use model::{DatastreamId, Flag, Reading, Sequence, Timestamp};
use std::sync::Arc;
use zstd::bulk::Decompressor;

/// Who takes what is read. Each call answers whether to go on.
pub trait Sink {
    /// So many bytes are held in memory for what comes next, instead of what was said before.
    fn hold(&mut self, bytes: usize) -> bool;
    /// A file of the archive is opened.
    fn opened(&mut self);
    /// So many rows of a file or of a blob of the log were decoded, wanted or not.
    fn decoded(&mut self, rows: usize);
    /// Rows, sorted by (datastream, time) within a part, unless every version was asked for.
    fn rows(&mut self, rows: Rows) -> bool;
}

/// A version that lies over the base, and its place in the order of writing.
type Over = (Reading, usize);

fn key(reading: &Reading) -> (i32, i64) {
    (reading.datastream.0, reading.time.as_ms())
}

impl Pinned {
    /// Reads what a part has for a scan. Stops early, without an error, when the sink does not want more.
    /// What cannot be read is left out and named in [`Pinned::missed`].
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn read(&self, part: &Part, scan: &Scan, sink: &mut dyn Sink) -> Result<(), Error> {
        let lost = self.lost(scan).into_iter().filter(|day| part.days.contains(day));
        for day in lost {
            let what = format!("{DATABASE}, readings of UTC day {day}");
            let why = "a part of them was lost with a damaged blob of the log".to_owned();
            self.reader.shared.damage().known.insert(Damage { what, why });
        }
        if scan.every_version {
            return self.read_all(part, scan, sink);
        }
        let bases = part.files.iter().enumerate().filter(|(_, file)| file.kind == FileKind::Base);
        let spine = bases.max_by_key(|(_, file)| file.rows);
        let Some(over) = self.over(part, scan, spine.map(|(place, _)| place), sink)? else {
            return Ok(());
        };
        match spine {
            Some((place, file)) => self.merge(file, place, &over, scan, sink),
            None => drop(emit(&over, sink)),
        }
        Ok(())
    }

    /// Every version, one file and one blob after another.
    fn read_all(&self, part: &Part, scan: &Scan, sink: &mut dyn Sink) -> Result<(), Error> {
        for file in &part.files {
            let mut goes_on = true;
            self.groups(file, scan, sink, |rows, sink| {
                goes_on = sink.rows(rows);
                goes_on
            });
            if !goes_on {
                return Ok(());
            }
        }
        for blob in &part.blobs {
            let mut readings = vec![];
            self.read_blob(blob, |reading| readings.push((reading, 0)))?;
            sink.decoded(readings.len());
            readings.retain(|(reading, _)| takes(scan, reading));
            if !emit(&readings, sink) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// What lies over the base file: sorted, of each instant one. None when the sink wants no more.
    fn over(
        &self,
        part: &Part,
        scan: &Scan,
        spine: Option<usize>,
        sink: &mut dyn Sink,
    ) -> Result<Option<Vec<Over>>, Error> {
        let mut over: Vec<Over> = vec![];
        let held =
            |over: &Vec<Over>, sink: &mut dyn Sink| sink.hold(over.capacity() * size_of::<Over>());
        for (place, file) in part.files.iter().enumerate() {
            if Some(place) == spine {
                continue;
            }
            let before = over.len();
            sink.opened();
            self.reader.shared.read_file(file, |open| {
                read_readings(open, &scan.datastreams, scan.from, scan.to, |reading| {
                    if takes(scan, &reading) {
                        over.push((reading, place));
                    }
                })
            });
            sink.decoded(over.len() - before);
            if !held(&over, sink) {
                return Ok(None);
            }
        }
        for (place, blob) in part.blobs.iter().enumerate() {
            self.read_blob(blob, |reading| {
                if takes(scan, &reading) {
                    over.push((reading, part.files.len() + place));
                }
            })?;
            sink.decoded(blob.count as usize);
            if !held(&over, sink) {
                return Ok(None);
            }
        }
        // Stable: of one turn, the later in its blob counts.
        over.sort_by_key(|(reading, place)| (key(reading), reading.sequence, *place));
        over.reverse();
        over.dedup_by_key(|(reading, _)| key(reading));
        over.reverse();
        Ok(Some(over))
    }

    /// The base file with what lies over it.
    fn merge(
        &self,
        file: &Arc<ArchiveFile>,
        place: usize,
        over: &[Over],
        scan: &Scan,
        sink: &mut dyn Sink,
    ) {
        let mut left = over;
        let mut goes_on = true;
        let whole = Scan { want: Want::ALL, ..scan.clone() };
        let scan = if over.is_empty() { scan } else { &whole };
        self.groups(file, scan, sink, |rows, sink| {
            let rows = match left.first() {
                None => rows,
                Some(_) => with(rows, place, &mut left),
            };
            goes_on = rows.is_empty() || sink.rows(rows);
            goes_on
        });
        if goes_on {
            emit(left, sink);
        }
    }

    /// Reads a file row group by row group, until `take` does not want more.
    fn groups(
        &self,
        file: &Arc<ArchiveFile>,
        scan: &Scan,
        sink: &mut dyn Sink,
        mut take: impl FnMut(Rows, &mut dyn Sink) -> bool,
    ) {
        let bounds = Bounds {
            times: file.times.0.as_ms()..file.times.1.as_ms(),
            sequence_last: file.sequences.1.0,
        };
        self.reader.shared.read_file(file, |open: &OpenFile| {
            sink.opened();
            for group in 0..open.groups() {
                let (rows, decoded) = read_group(open, group, scan, &bounds)?;
                sink.decoded(decoded);
                if !rows.is_empty() && !take(rows, sink) {
                    break;
                }
            }
            Ok(())
        });
    }

    /// Reads a blob of the log; a damaged one is named and left out.
    fn read_blob(&self, blob: &LogBlob, take: impl FnMut(Reading)) -> Result<(), Error> {
        let query = "SELECT hash, bytes FROM readings_blob WHERE id = ?1";
        let (hash, bytes) = self.reader.shared.query("read readings of the log", |connection| {
            connection.prepare_cached(query)?.query_row([blob.id], |row| {
                Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?))
            })
        })?;
        let decoded = Decompressor::new().map_err(BlobError::from);
        match decoded.and_then(|mut zstd| decode_readings(&bytes, &hash, &mut zstd)) {
            Ok(readings) => readings.into_iter().for_each(take),
            Err(error) => {
                let what = format!("{DATABASE}, readings_blob {}, UTC day {}", blob.id, blob.day);
                let why = error.to_string();
                self.reader.shared.damage().known.insert(Damage { what, why });
            }
        }
        Ok(())
    }
}

fn takes(scan: &Scan, reading: &Reading) -> bool {
    let Reading { datastream, time, flag, sequence, .. } = reading;
    scan.takes(datastream.0, time.as_ms(), flag.bits(), sequence.0 as i64)
}

/// Rows of the base file, and of what lies over it all up to the last of them.
fn with(rows: Rows, place: usize, left: &mut &[Over]) -> Rows {
    let (Some(datastream), Some(time)) = (rows.datastream.last(), rows.time.last()) else {
        return rows;
    };
    let last = (*datastream, *time);
    let count = left.partition_point(|(reading, _)| key(reading) <= last);
    let (mut over, rest) = left.split_at(count);
    *left = rest;
    if over.is_empty() {
        return rows;
    }
    let mut merged = Rows::default();
    for row in 0..rows.len() {
        let base = reading_of(&rows, row);
        while let Some(((reading, _), rest)) = over.split_first()
            && key(reading) < key(&base)
        {
            push(&mut merged, reading);
            over = rest;
        }
        match over.split_first() {
            Some(((reading, later), rest)) if key(reading) == key(&base) => {
                let is_newer = (base.sequence, place) < (reading.sequence, *later);
                push(&mut merged, if is_newer { reading } else { &base });
                over = rest;
            }
            _ => push(&mut merged, &base),
        }
    }
    merged
}

fn reading_of(rows: &Rows, row: usize) -> Reading {
    let is_there = rows.is_there.get(row).copied().unwrap_or(true);
    Reading {
        datastream: DatastreamId(rows.datastream[row]),
        time: Timestamp::from_ms(rows.time[row]),
        value: is_there.then(|| rows.value[row]),
        flag: Flag::from_bits(rows.flag[row]),
        sequence: Sequence(rows.sequence[row] as u64),
    }
}

/// `is_there` is filled for each row: what lies over a base is little.
fn push(rows: &mut Rows, reading: &Reading) {
    rows.datastream.push(reading.datastream.0);
    rows.time.push(reading.time.as_ms());
    rows.value.push(reading.value.unwrap_or_default());
    rows.is_there.push(reading.value.is_some());
    rows.flag.push(reading.flag.bits());
    rows.sequence.push(reading.sequence.0 as i64);
}

/// Hands versions over as they stand.
fn emit(over: &[Over], sink: &mut dyn Sink) -> bool {
    const ROWS: usize = 64 << 10;
    over.chunks(ROWS).all(|chunk| {
        let mut rows = Rows::default();
        for (reading, _) in chunk {
            push(&mut rows, reading);
        }
        sink.rows(rows)
    })
}
