//! Rows of a file of readings by columns, one row group after another: for whoever scans many of them.

use super::OpenFile;
use super::readings::{DATASTREAM, FLAG, SEQUENCE, TIME, VALUE, wanted_rows};
use crate::record::Known;
use model::{DatastreamId, Flag, Timestamp};
use parquet::data_type::{DoubleType, Int32Type, Int64Type};
use parquet::errors::Result;
use std::ops::Range;

/// Readings by columns, sorted by (datastream, time). A column that was not asked for is empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// Numbers of datastreams; always there.
    pub datastream: Vec<i32>,
    /// Instants, milliseconds since 1970.
    pub time: Vec<i64>,
    /// Values; 0 where there is none.
    pub value: Vec<f64>,
    /// Which rows have a value; empty when all have one.
    pub is_there: Vec<bool>,
    /// Flags as stored.
    pub flag: Vec<i16>,
    /// Sequences.
    pub sequence: Vec<i64>,
}

/// Which columns are wanted beside the datastream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "one for each column")]
pub struct Want {
    /// The instant.
    pub time: bool,
    /// The value.
    pub value: bool,
    /// The flag.
    pub flag: bool,
    /// The sequence.
    pub sequence: bool,
}

impl Want {
    /// Every column.
    pub const ALL: Self = Self { time: true, value: true, flag: true, sequence: true };
}

/// Which rows are wanted.
#[derive(Clone, Debug)]
pub struct Scan {
    /// Of these datastreams, ascending.
    pub datastreams: Vec<DatastreamId>,
    /// From this instant on.
    pub from: Timestamp,
    /// Before this instant.
    pub to: Timestamp,
    /// As it was known when.
    pub known: Known,
    /// Every version that was known then, instead of the newest of each instant.
    pub every_version: bool,
    /// By these columns.
    pub want: Want,
}

impl Scan {
    /// Whether a version is wanted, whatever else there is of its instant.
    pub(crate) fn takes(&self, datastream: i32, time: i64, flag: i16, sequence: i64) -> bool {
        self.from.as_ms() <= time
            && time < self.to.as_ms()
            && self.known.has(model::Sequence(sequence as u64))
            && self.known.takes(Flag::from_bits(flag))
            && self.datastreams.binary_search(&DatastreamId(datastream)).is_ok()
    }
}

impl Rows {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.datastream.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.datastream.is_empty()
    }

    /// Keeps the rows that are marked.
    fn retain(&mut self, keep: &[bool]) {
        fn retain<T: Copy>(column: &mut Vec<T>, keep: &[bool]) {
            let mut marks = keep.iter();
            column.retain(|_| marks.next().copied().unwrap_or(false));
        }
        retain(&mut self.datastream, keep);
        retain(&mut self.time, keep);
        retain(&mut self.value, keep);
        retain(&mut self.is_there, keep);
        retain(&mut self.flag, keep);
        retain(&mut self.sequence, keep);
    }
}

/// What of a row group a scan wants, and how many rows were decoded for it. `limits` says what the file as a whole holds, so that columns which
/// decide nothing need not be read.
pub fn read_group(
    file: &OpenFile,
    group: usize,
    scan: &Scan,
    limits: &Bounds,
) -> Result<(Rows, usize)> {
    let ranges = wanted_rows(file, group, &scan.datastreams, scan.from..scan.to);
    if ranges.is_empty() {
        return Ok((Rows::default(), 0));
    }
    let by_time = limits.times.start < scan.from.as_ms() || scan.to.as_ms() <= limits.times.end;
    let by_sequence = !scan.known.has(model::Sequence(limits.sequence_last));
    let by_flag = matches!(scan.known, Known::Raw(_));
    let mut rows = Rows {
        datastream: file.read::<Int32Type>(group, DATASTREAM, &ranges)?.values,
        ..Rows::default()
    };
    if scan.want.time || by_time {
        rows.time = file.read::<Int64Type>(group, TIME, &ranges)?.values;
    }
    if scan.want.value {
        read_values(file, group, &ranges, &mut rows)?;
    }
    if scan.want.flag || by_flag {
        let flags = file.read::<Int32Type>(group, FLAG, &ranges)?.values;
        rows.flag = flags.into_iter().map(|flag| flag as i16).collect();
    }
    if scan.want.sequence || by_sequence {
        rows.sequence = file.read::<Int64Type>(group, SEQUENCE, &ranges)?.values;
    }
    let keep = marks(scan, &rows, [by_time, by_sequence, by_flag]);
    if keep.contains(&false) {
        rows.retain(&keep);
    }
    Ok((rows, keep.len()))
}

/// What a file holds, both ends part of it.
pub struct Bounds {
    /// Oldest and newest instant, in milliseconds.
    pub times: Range<i64>,
    /// The newest sequence.
    pub sequence_last: u64,
}

fn marks(scan: &Scan, rows: &Rows, [by_time, by_sequence, by_flag]: [bool; 3]) -> Vec<bool> {
    let mut keep = Vec::with_capacity(rows.len());
    // Rows of a datastream stand together: it is looked for once.
    let mut last = None;
    for datastream in &rows.datastream {
        let is_wanted = match last {
            Some((known, is_wanted)) if known == *datastream => is_wanted,
            _ => scan.datastreams.binary_search(&DatastreamId(*datastream)).is_ok(),
        };
        last = Some((*datastream, is_wanted));
        keep.push(is_wanted);
    }
    if by_time {
        let times = scan.from.as_ms()..scan.to.as_ms();
        keep.iter_mut().zip(&rows.time).for_each(|(keep, time)| *keep &= times.contains(time));
    }
    if by_sequence {
        let has = |sequence: i64| scan.known.has(model::Sequence(sequence as u64));
        keep.iter_mut().zip(&rows.sequence).for_each(|(keep, sequence)| *keep &= has(*sequence));
    }
    if by_flag {
        let takes = |flag: i16| scan.known.takes(Flag::from_bits(flag));
        keep.iter_mut().zip(&rows.flag).for_each(|(keep, flag)| *keep &= takes(*flag));
    }
    keep
}

fn read_values(
    file: &OpenFile,
    group: usize,
    ranges: &[Range<usize>],
    rows: &mut Rows,
) -> Result<()> {
    let column = file.read::<DoubleType>(group, VALUE, ranges)?;
    if column.values.len() == column.is_there.len() {
        rows.value = column.values;
        return Ok(());
    }
    rows.is_there = column.is_there.iter().map(|level| *level > 0).collect();
    rows.value = column.optional().map(Option::unwrap_or_default).collect();
    Ok(())
}
