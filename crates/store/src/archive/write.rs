//! How any archive file comes to be: written aside, synced, hashed, renamed, its folder synced.

use super::hash_file;
use crate::manifest::{ArchiveFile, FileKind};
use crate::{Error, Limits};
use model::{DatastreamId, Sequence, Timestamp};
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::DataType;
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// Parquet's writer over a file.
pub type Writer<'a> = SerializedFileWriter<&'a File>;

/// What the content of a file spans; filled by whoever writes it.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    pub rows: u64,
    pub datastreams: (DatastreamId, DatastreamId),
    pub times: (Timestamp, Timestamp),
    pub sequences: (Sequence, Sequence),
}

impl Span {
    /// The span of nothing.
    pub fn empty() -> Self {
        Self {
            rows: 0,
            datastreams: (DatastreamId(i32::MAX), DatastreamId(i32::MIN)),
            times: (Timestamp::MAX, Timestamp::MIN),
            sequences: (Sequence(u64::MAX), Sequence(0)),
        }
    }

    /// Takes in one row.
    pub fn add(&mut self, datastream: DatastreamId, time: Timestamp, sequence: Sequence) {
        self.rows += 1;
        let Self { datastreams, times, sequences, .. } = self;
        *datastreams = (datastreams.0.min(datastream), datastreams.1.max(datastream));
        *times = (times.0.min(time), times.1.max(time));
        *sequences = (sequences.0.min(sequence), sequences.1.max(sequence));
    }
}

/// What all archive files have in common; the caller adds what its columns need.
pub fn properties(limits: &Limits) -> Result<WriterPropertiesBuilder> {
    Ok(WriterProperties::builder()
        .set_created_by("skyriver".to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(limits.archive_zstd_level)?))
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_data_page_row_count_limit(limits.page_rows)
        .set_write_batch_size(limits.page_rows)
        .set_max_row_group_row_count(None))
}

/// Writes a file into the archive. It is on disk under its name when this returns, and no part of the
/// archive until the manifest names it.
pub fn write_file(
    archive: &Path,
    path: String,
    kind: FileKind,
    day: i32,
    schema: &str,
    properties: WriterProperties,
    fill: impl FnOnce(&mut Writer<'_>) -> std::result::Result<Span, Error>,
) -> std::result::Result<ArchiveFile, Error> {
    let target = archive.join(&path);
    let folder = target.parent().unwrap_or(archive);
    let aside = target.with_extension("tmp");
    std::fs::create_dir_all(folder).map_err(Error::io("make the folder", folder))?;
    let written = File::create(&aside).map_err(Error::io("make the file", &aside))?;
    let parquet = || Error::parquet(&aside);
    let schema = parse_message_type(schema).map_err(parquet())?;
    let mut writer = SerializedFileWriter::new(&written, Arc::new(schema), Arc::new(properties))
        .map_err(parquet())?;
    let span = fill(&mut writer)?;
    writer.close().map_err(parquet())?;
    written.sync_all().map_err(Error::io("sync", &aside))?;
    let (hash, blocks, bytes) = hash_file(&aside).map_err(Error::io("read back", &aside))?;
    std::fs::rename(&aside, &target).map_err(Error::io("rename", &aside))?;
    // The names of the file and of each folder that may be new must survive a power cut, too.
    let mut synced = Some(folder);
    while let Some(folder) = synced.filter(|folder| folder.starts_with(archive)) {
        let sync = File::open(folder).and_then(|folder| folder.sync_all());
        sync.map_err(Error::io("sync the folder", folder))?;
        synced = folder.parent();
    }
    let Span { rows, datastreams, times, sequences } = span;
    Ok(ArchiveFile {
        id: 0,
        path,
        kind,
        day,
        rows,
        bytes,
        datastreams,
        times,
        sequences,
        hash,
        blocks,
    })
}

/// Writes the next column of a row group. `levels` has a 1 for each row with a value, a 0 for each
/// without, and is there for optional columns only.
pub fn write_column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, &File>,
    values: &[T::T],
    levels: Option<&[i16]>,
) -> Result<()> {
    let Some(mut column) = group.next_column()? else {
        return Err(ParquetError::General("the schema has fewer columns".to_owned()));
    };
    column.typed::<T>().write_batch(values, levels, None)?;
    column.close()
}
