//! The archive: Parquet files that are written once, listed in the manifest and never changed.
//!
//! Every byte that is read is checked against the hashes in the manifest before a decoder sees it, so
//! a damaged file is named and never decoded into wrong numbers.

mod cache;
mod columns;
mod frames;
mod readings;
mod verified;
mod write;

pub use cache::FileCache;
pub use columns::{Bounds, Rows, Scan, Want, read_group};
pub use frames::{count_frames, read_frame, read_frames, write_frames};
pub use readings::{read_readings, write_readings, write_readings_by};
pub use verified::hash_file;

use crate::manifest::ArchiveFile;
use parquet::column::reader::{ColumnReaderImpl, get_column_reader, get_typed_column_reader};
use parquet::data_type::DataType;
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::serialized_reader::SerializedPageReader;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use verified::Verified;

/// An archive file with its footer read.
#[derive(Debug)]
pub struct OpenFile {
    file: Arc<Verified>,
    metadata: ParquetMetaData,
}

/// A column as read: the values that are there, and for an optional column which rows have one.
struct Column<T> {
    values: Vec<T>,
    is_there: Vec<i16>,
}

impl<T: Clone> Column<T> {
    /// One entry for each row.
    fn optional(self) -> impl Iterator<Item = Option<T>> {
        let mut values = self.values.into_iter();
        self.is_there.into_iter().map(move |level| if level == 0 { None } else { values.next() })
    }
}

impl OpenFile {
    /// Opens a file of the manifest and reads its footer.
    fn open(archive: &Path, entry: &ArchiveFile) -> Result<Self> {
        let file = Arc::new(Verified::open(&archive.join(&entry.path), entry)?);
        let metadata = ParquetMetaDataReader::new()
            .with_page_index_policy(PageIndexPolicy::Required)
            .parse_and_finish(&file.tail())?;
        if metadata.file_metadata().num_rows() != entry.rows as i64 {
            return Err(ParquetError::General("it has another number of rows".to_owned()));
        }
        Ok(Self { file, metadata })
    }

    /// How many row groups it has.
    pub fn groups(&self) -> usize {
        self.metadata.num_row_groups()
    }

    /// The rows of each page of a column of a row group.
    fn page_rows(&self, group: usize, column: usize) -> Vec<Range<usize>> {
        let rows = self.metadata.row_group(group).num_rows() as usize;
        let Some(index) = self.metadata.offset_index() else {
            return vec![];
        };
        let pages = index[group][column].page_locations();
        let starts = pages.iter().map(|page| page.first_row_index as usize);
        let ends = starts.clone().skip(1).chain([rows]);
        starts.zip(ends).map(|(start, end)| start..end).collect()
    }

    /// Reads ranges of rows, ascending, of one column; pages outside them are not touched.
    fn read<T: DataType>(
        &self,
        group: usize,
        column: usize,
        ranges: &[Range<usize>],
    ) -> Result<Column<T::T>> {
        let rows = self.metadata.row_group(group);
        let chunk = rows.column(column);
        let locations =
            self.metadata.offset_index().map(|index| index[group][column].page_locations().clone());
        let reader = Arc::new(self.file.tail());
        let pages = SerializedPageReader::new(reader, chunk, rows.num_rows() as usize, locations)?;
        let mut reader: ColumnReaderImpl<T> =
            get_typed_column_reader(get_column_reader(chunk.column_descr_ptr(), Box::new(pages)));
        let mut read = Column { values: vec![], is_there: vec![] };
        let mut row = 0;
        for range in ranges {
            let skipped = reader.skip_records(range.start - row)?;
            let (count, ..) = reader.read_records(
                range.len(),
                Some(&mut read.is_there),
                None,
                &mut read.values,
            )?;
            if skipped != range.start - row || count != range.len() {
                return Err(ParquetError::General("a column ends too early".to_owned()));
            }
            row = range.end;
        }
        Ok(read)
    }
}

/// Joins ranges that touch.
fn joined(ranges: impl IntoIterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let mut joined: Vec<Range<usize>> = vec![];
    for range in ranges {
        match joined.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => joined.push(range),
        }
    }
    joined
}
