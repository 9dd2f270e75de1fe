//! Everything here has a limit. The message of each names the limit and the key that raises it.

/// Bounds of the HTTP side. `http.limits.*` in the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Rows in one answer of readings; what is left out is said in the answer.
    pub rows_max: u64,
    /// Datastreams in one list.
    pub datastreams_max: u64,
    /// Days in one question about raw readings or hours.
    pub hourly_days_max: u64,
    /// Days in one question about days.
    pub daily_days_max: u64,
    /// Days in one question about the hours of the map.
    pub map_days_max: u64,
    /// Places times hours in one answer about the map, and kept ready for the next one (9 bytes each).
    pub map_cells_max: u64,
    /// Places drawn into one tile; the others are counted in it.
    pub tile_places_max: u64,
    /// Frames in one list.
    pub frames_max: u64,
    /// Bytes of a request's body.
    pub body_bytes_max: u64,
    /// Seconds that one answer may take; live streams are exempt.
    pub answer_s_max: u64,
    /// Connections at the same time; further ones wait until one closes.
    pub connections_max: u64,
    /// Pages that listen to `/events` at the same time.
    pub listeners_max: u64,
    /// Requests a minute from one address by those who are not signed in.
    pub anonymous_per_min_max: u64,
    /// Reports a minute by one key of Open311.
    pub reports_per_min_max: u64,
    /// Questions that read the archive at the same time; further ones wait for their turn.
    pub readers_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            rows_max: 1_000_000,
            datastreams_max: 500_000,
            hourly_days_max: 400,
            daily_days_max: 4_000,
            map_days_max: 31,
            map_cells_max: 4_000_000,
            tile_places_max: 5_000,
            frames_max: 1_000,
            body_bytes_max: 64 * 1_024,
            answer_s_max: 30,
            connections_max: 1_000,
            listeners_max: 512,
            anonymous_per_min_max: 60_000,
            reports_per_min_max: 60,
            readers_max: 8,
        }
    }
}

impl Limits {
    /// Small enough that a test reaches every one of them.
    pub fn for_testing() -> Self {
        Self {
            rows_max: 50,
            datastreams_max: 50,
            hourly_days_max: 7,
            daily_days_max: 60,
            map_days_max: 7,
            map_cells_max: 200,
            tile_places_max: 2,
            frames_max: 5,
            body_bytes_max: 256,
            answer_s_max: 10,
            connections_max: 1,
            listeners_max: 2,
            anonymous_per_min_max: 60_000,
            reports_per_min_max: 3,
            readers_max: 2,
        }
    }
}
