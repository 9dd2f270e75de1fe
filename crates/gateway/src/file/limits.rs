//! What a file may cost.

/// Bounds of one file. A [`Fault`](super::Fault) that comes from one names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a text, after it was unpacked.
    pub bytes_max: u64,
    /// Bytes of one line.
    pub line_bytes_max: usize,
    /// Rows.
    pub rows_max: u64,
    /// Columns of a table.
    pub columns_max: usize,
    /// Bytes of the footer of a Parquet file.
    pub footer_bytes_max: usize,
    /// Bytes of one page of a Parquet file, unpacked.
    pub page_bytes_max: usize,
    /// Values of one page of a Parquet file.
    pub page_values_max: usize,
    /// Bytes of a Parquet file, all pages unpacked.
    pub pages_bytes_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes_max: 8 << 30,
            line_bytes_max: 64 << 10,
            rows_max: 100_000_000,
            columns_max: 512,
            footer_bytes_max: 16 << 20,
            page_bytes_max: 64 << 20,
            page_values_max: 16 << 20,
            pages_bytes_max: 16 << 30,
        }
    }
}

impl Limits {
    /// Small bounds that a test can reach.
    pub fn for_testing() -> Self {
        Self {
            bytes_max: 64 << 10,
            line_bytes_max: 512,
            rows_max: 1_000,
            columns_max: 32,
            footer_bytes_max: 16 << 10,
            page_bytes_max: 64 << 10,
            page_values_max: 20_000,
            pages_bytes_max: 256 << 10,
        }
    }
}
