//! Files of kept frames, sorted by sequence.

use super::OpenFile;
use super::write::{Span, Writer, properties, write_column, write_file};
use crate::blob::{device_number, device_of};
use crate::manifest::{ArchiveFile, FileKind};
use crate::record::{FrameFilter, FrameView};
use crate::{Error, Limits};
use model::{DatastreamId, Disposition, Reason, Sequence, Timestamp};
use parquet::basic::Encoding;
use parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::SortingColumn;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use std::ops::Range;
use std::path::Path;

const SCHEMA: &str = "
    message frames {
        required int64 sequence;
        required int64 received_at (TIMESTAMP(MILLIS, true));
        optional int32 device;
        optional binary stranger (UTF8);
        required binary disposition (UTF8);
        required binary reason (UTF8);
        required binary raw;
    }";

/// Places of the columns.
const SEQUENCE: usize = 0;
const RECEIVED_AT: usize = 1;
const DEVICE: usize = 2;
const STRANGER: usize = 3;
const DISPOSITION: usize = 4;
const REASON: usize = 5;
const RAW: usize = 6;

/// Frames of a row group; a frame is some hundred times larger than a reading.
fn group_frames(limits: &Limits) -> usize {
    (limits.row_group_rows / 8).max(1)
}

/// Writes frames as `next` gives them, batch by batch, sequences ascending; ends when it gives none.
pub fn write_frames(
    archive: &Path,
    path: String,
    day: i32,
    limits: &Limits,
    mut next: impl FnMut() -> std::result::Result<Option<Vec<FrameView>>, Error>,
) -> std::result::Result<ArchiveFile, Error> {
    let target = archive.join(&path);
    let properties = frame_properties(limits).map_err(Error::parquet(&target))?;
    write_file(archive, path, FileKind::Frames, day, SCHEMA, properties, |writer| {
        let mut span = Span::empty();
        let mut waiting: Vec<FrameView> = vec![];
        while let Some(frames) = next()? {
            waiting.extend(frames);
            if waiting.len() >= group_frames(limits) {
                write_group(writer, &waiting, &mut span).map_err(Error::parquet(&target))?;
                waiting.clear();
            }
        }
        if !waiting.is_empty() {
            write_group(writer, &waiting, &mut span).map_err(Error::parquet(&target))?;
        }
        span.datastreams = (DatastreamId(0), DatastreamId(-1));
        Ok(span)
    })
}

fn frame_properties(limits: &Limits) -> Result<WriterProperties> {
    let column = |name: &str| ColumnPath::from(name);
    let by_sequence =
        SortingColumn { column_idx: SEQUENCE as i32, descending: false, nulls_first: false };
    Ok(properties(limits)?
        .set_column_dictionary_enabled(column("sequence"), false)
        .set_column_encoding(column("sequence"), Encoding::DELTA_BINARY_PACKED)
        .set_column_dictionary_enabled(column("received_at"), false)
        .set_column_encoding(column("received_at"), Encoding::DELTA_BINARY_PACKED)
        .set_column_dictionary_enabled(column("raw"), false)
        .set_column_statistics_enabled(column("raw"), EnabledStatistics::None)
        .set_sorting_columns(Some(vec![by_sequence]))
        .build())
}

fn write_group(writer: &mut Writer<'_>, frames: &[FrameView], span: &mut Span) -> Result<()> {
    let mut group = writer.next_row_group()?;
    let sequence: Vec<_> = frames.iter().map(|frame| frame.sequence.0 as i64).collect();
    write_column::<Int64Type>(&mut group, &sequence, None)?;
    let received_at: Vec<_> = frames.iter().map(|frame| frame.received_at.as_ms()).collect();
    write_column::<Int64Type>(&mut group, &received_at, None)?;
    let device: Vec<_> = frames
        .iter()
        .filter(|frame| frame.device.is_some())
        .map(|frame| device_number(frame.device))
        .collect();
    let levels: Vec<_> = frames.iter().map(|frame| i16::from(frame.device.is_some())).collect();
    write_column::<Int32Type>(&mut group, &device, Some(&levels))?;
    let text = |text: &str| ByteArray::from(text);
    let stranger: Vec<_> =
        frames.iter().filter_map(|frame| frame.stranger.as_deref()).map(text).collect();
    let levels: Vec<_> = frames.iter().map(|frame| i16::from(frame.stranger.is_some())).collect();
    write_column::<ByteArrayType>(&mut group, &stranger, Some(&levels))?;
    let disposition: Vec<_> = frames.iter().map(|frame| text(frame.disposition.name())).collect();
    write_column::<ByteArrayType>(&mut group, &disposition, None)?;
    let reason: Vec<_> = frames.iter().map(|frame| text(frame.reason.name())).collect();
    write_column::<ByteArrayType>(&mut group, &reason, None)?;
    let raw: Vec<_> = frames.iter().map(|frame| ByteArray::from(frame.raw.clone())).collect();
    write_column::<ByteArrayType>(&mut group, &raw, None)?;
    group.close()?;
    for frame in frames {
        span.add(DatastreamId(0), frame.received_at, frame.sequence);
    }
    Ok(())
}

/// The frame of a sequence, if the file has it.
pub fn read_frame(file: &OpenFile, sequence: Sequence) -> Result<Option<FrameView>> {
    let filter =
        FrameFilter { before: Some(Sequence(sequence.0 + 1)), limit: 1, ..FrameFilter::default() };
    Ok(read_frames(file, &filter)?.pop().filter(|frame| frame.sequence == sequence))
}

/// Frames that a filter wants, newest first.
pub fn read_frames(file: &OpenFile, filter: &FrameFilter) -> Result<Vec<FrameView>> {
    let mut found = vec![];
    for group in (0..file.metadata.num_row_groups()).rev() {
        let left = filter.limit - found.len();
        let rows = wanted_rows(file, group, filter, left)?;
        if !rows.is_empty() {
            found.extend(read_rows(file, group, &rows)?.into_iter().rev());
        }
        if found.len() == filter.limit {
            break;
        }
    }
    Ok(found)
}

/// How many frames a file has of each disposition.
pub fn count_frames(file: &OpenFile) -> Result<Vec<(Disposition, u64)>> {
    let mut counts: Vec<_> = Disposition::ALL.into_iter().map(|kind| (kind, 0)).collect();
    for group in 0..file.metadata.num_row_groups() {
        let all = super::joined(file.page_rows(group, DISPOSITION));
        for name in file.read::<ByteArrayType>(group, DISPOSITION, &all)?.values {
            let is_it = |(kind, _): &&mut (Disposition, u64)| kind.name().as_bytes() == name.data();
            match counts.iter_mut().find(is_it) {
                Some((_, count)) => *count += 1,
                None => {
                    return Err(ParquetError::General("it holds a word of no meaning".to_owned()));
                }
            }
        }
    }
    Ok(counts)
}

/// The newest rows that a filter wants, at most `limit`, as ranges ascending.
fn wanted_rows(
    file: &OpenFile,
    group: usize,
    filter: &FrameFilter,
    limit: usize,
) -> Result<Vec<Range<usize>>> {
    let all = &super::joined(file.page_rows(group, SEQUENCE));
    let sequence = file.read::<Int64Type>(group, SEQUENCE, all)?.values;
    let end = match filter.before {
        Some(before) => sequence.partition_point(|sequence| (*sequence as u64) < before.0),
        None => sequence.len(),
    };
    let is_plain =
        filter.device.is_none() && filter.disposition.is_none() && filter.reason.is_none();
    let rows: Vec<usize> = if is_plain {
        (end.saturating_sub(limit)..end).collect()
    } else {
        let device = file.read::<Int32Type>(group, DEVICE, all)?.optional();
        let disposition = file.read::<ByteArrayType>(group, DISPOSITION, all)?.values;
        let reason = file.read::<ByteArrayType>(group, REASON, all)?.values;
        let rows = device.zip(disposition).zip(reason).take(end).enumerate();
        let wanted = rows.filter(|(_, ((device, disposition), reason))| {
            let is = |wanted: &str, stored: &ByteArray| stored.data() == wanted.as_bytes();
            filter.device.is_none_or(|wanted| *device == Some(device_number(Some(wanted))))
                && filter.disposition.is_none_or(|wanted| is(wanted.name(), disposition))
                && filter.reason.is_none_or(|wanted| is(wanted.name(), reason))
        });
        let rows: Vec<_> = wanted.map(|(row, _)| row).collect();
        rows[rows.len().saturating_sub(limit)..].to_vec()
    };
    Ok(super::joined(rows.into_iter().map(|row| row..row + 1)))
}

fn read_rows(file: &OpenFile, group: usize, rows: &[Range<usize>]) -> Result<Vec<FrameView>> {
    let sequence = file.read::<Int64Type>(group, SEQUENCE, rows)?.values;
    let received_at = file.read::<Int64Type>(group, RECEIVED_AT, rows)?.values;
    let device = file.read::<Int32Type>(group, DEVICE, rows)?.optional();
    let stranger = file.read::<ByteArrayType>(group, STRANGER, rows)?.optional();
    let disposition = file.read::<ByteArrayType>(group, DISPOSITION, rows)?.values;
    let reason = file.read::<ByteArrayType>(group, REASON, rows)?.values;
    let raw = file.read::<ByteArrayType>(group, RAW, rows)?.values;
    let unknown = || ParquetError::General("it holds a word of no meaning".to_owned());
    let columns = sequence
        .into_iter()
        .zip(received_at)
        .zip(device)
        .zip(stranger)
        .zip(disposition)
        .zip(reason)
        .zip(raw);
    columns
        .map(|((((((sequence, received_at), device), stranger), disposition), reason), raw)| {
            let is = |name: &str, stored: &ByteArray| name.as_bytes() == stored.data();
            Ok(FrameView {
                sequence: Sequence(sequence as u64),
                received_at: Timestamp::from_ms(received_at),
                device: device.and_then(device_of),
                stranger: stranger.map(|name| String::from_utf8_lossy(name.data()).into_owned()),
                disposition: Disposition::ALL
                    .into_iter()
                    .find(|known| is(known.name(), &disposition))
                    .ok_or_else(unknown)?,
                reason: Reason::ALL
                    .into_iter()
                    .find(|known| is(known.name(), &reason))
                    .ok_or_else(unknown)?,
                raw: raw.data().to_vec(),
            })
        })
        .collect()
}
