//! Every bound of the store, in one place.

/// Bounds of the store. An error that comes from one names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Readings in one turn.
    pub readings_per_turn_max: usize,
    /// Bytes of kept frames in one turn.
    pub raw_bytes_per_turn_max: usize,
    /// Acts in one turn.
    pub acts_per_turn_max: usize,
    /// Bytes of the document of one act.
    pub act_bytes_max: usize,
    /// Sealed readings held in memory for late duplicates; above it, all are let go but those that
    /// one recall wants together, and these may be more.
    pub recalled_readings_max: usize,
    /// Late files of a day above which they are folded, however fresh they are.
    pub late_files_max: usize,
    /// Readings of a month, all versions, up to which it becomes one file.
    pub month_readings_max: u64,
    /// Readings that folding holds in memory at once, as far as single datastreams allow.
    pub fold_readings_max: u64,
    /// Rows of a row group of an archive file.
    pub row_group_rows: usize,
    /// Rows of a page of an archive file: what is decoded at least to find one reading.
    pub page_rows: usize,
    /// Compression level of the log's blobs.
    pub log_zstd_level: i32,
    /// Compression level of archive files.
    pub archive_zstd_level: i32,
    /// Idle connections kept for readers; more are opened when more read at once.
    pub idle_readers_max: usize,
    /// Archive files held open with their footers.
    pub open_files_max: usize,
    /// Blobs of frames that one page of a listing looks through.
    pub frame_blobs_per_listing_max: usize,
    /// Archive files that one page of a listing of frames looks through.
    pub frame_files_per_listing_max: usize,
    /// Pages that one listing of frames goes through to find as many as it wants.
    pub frame_pages_per_listing_max: usize,
    /// Largest size of the database in pages of 4 KiB; 0 for no bound of our own.
    pub database_pages_max: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            readings_per_turn_max: 2_000_000,
            raw_bytes_per_turn_max: 512 << 20,
            acts_per_turn_max: 200_000,
            act_bytes_max: 1 << 20,
            recalled_readings_max: 20_000_000,
            late_files_max: 8,
            month_readings_max: 2_000_000,
            fold_readings_max: 2_000_000,
            row_group_rows: 256 << 10,
            page_rows: 8 << 10,
            log_zstd_level: 1,
            archive_zstd_level: 3,
            idle_readers_max: 8,
            open_files_max: 512,
            frame_blobs_per_listing_max: 10_000,
            frame_files_per_listing_max: 31,
            frame_pages_per_listing_max: 20,
            database_pages_max: 0,
        }
    }
}

impl Limits {
    /// Small numbers, so that a test meets every border with little data.
    pub fn for_testing() -> Self {
        Self {
            readings_per_turn_max: 20_000,
            raw_bytes_per_turn_max: 1 << 20,
            acts_per_turn_max: 100,
            act_bytes_max: 4 << 10,
            recalled_readings_max: 100,
            late_files_max: 2,
            month_readings_max: 10_000,
            fold_readings_max: 40,
            row_group_rows: 64,
            page_rows: 16,
            idle_readers_max: 2,
            open_files_max: 2,
            frame_blobs_per_listing_max: 50,
            ..Self::default()
        }
    }
}
