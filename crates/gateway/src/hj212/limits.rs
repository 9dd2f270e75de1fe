//! Everything that a peer could have too much of, in one place.

use serde::Deserialize;

/// Limits of the HJ 212 server. Each message that a limit causes names its field here.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Bytes of one segment. The standard allows 1024; devices that send 1600 exist.
    pub frame_bytes_max: usize,
    /// Readings in one frame.
    pub frame_readings_max: usize,
    /// Bytes read from one connection before the engine gets them.
    pub batch_bytes_max: usize,
    /// Batches of one connection that wait for their commit; then reading pauses.
    pub batches_in_flight_max: usize,
    /// Memory of the batches of all connections that wait for their commit, in bytes, at most 4 GiB; then
    /// reading pauses. Each connection may hold a few KiB beyond.
    pub in_flight_bytes_max: usize,
    /// Frames per second and device, on average over ten seconds; then reading pauses.
    pub device_frames_per_s: u32,
    /// Readings per second and device, on average over ten seconds; then reading pauses.
    pub device_readings_per_s: u32,
    /// Frames per second and connection that nobody known has signed (bad ones, strangers), on average
    /// over ten seconds; then reading pauses. They are kept, and must not fill the disk.
    pub unsigned_frames_per_s: u32,
    /// Connections at one time.
    pub connections_max: usize,
    /// Connections at one time from one address; this machine's own addresses are exempt.
    pub connections_per_address_max: usize,
    /// Devices on one connection.
    pub devices_per_connection_max: usize,
    /// Silence after which a connection is closed.
    pub idle_ms: u64,
    /// Silence after which the beginning of a frame is given up.
    pub partial_frame_ms: u64,
    /// Time from connecting to the first frame with a right checksum.
    pub first_frame_ms: u64,
    /// Bad frames without a good one between them.
    pub bad_frames_in_a_row_max: u32,
    /// Bytes that belong to no frame, without a good frame between them.
    pub garbage_bytes_in_a_row_max: u64,
    /// Bytes of a bad frame that are kept.
    pub bad_frame_bytes_kept: usize,
    /// Time that a peer may leave its answers unread.
    pub write_ms: u64,
    /// Bytes of answers that wait for a peer to read them; then reading pauses.
    pub unread_answer_bytes_max: usize,
    /// Time that a peer gets to close its side when the server stops.
    pub linger_ms: u64,
    /// Time to wait for the answer 9011 to a command; each resend waits as long again.
    pub command_ms: u64,
    /// Time from 9011 to the end of the command, 9012.
    pub execution_ms: u64,
    /// How often a command is sent before the link counts as unusable.
    pub command_attempts: u32,
    /// Names remembered: strangers, and names of one command of one device.
    pub names_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            frame_bytes_max: 4096,
            frame_readings_max: 1000,
            batch_bytes_max: 256 * 1024,
            batches_in_flight_max: 4,
            in_flight_bytes_max: 1024 * 1024 * 1024,
            device_frames_per_s: 20_000,
            device_readings_per_s: 1_000_000,
            unsigned_frames_per_s: 200,
            connections_max: 50_000,
            connections_per_address_max: 1_000,
            devices_per_connection_max: 10_000,
            idle_ms: 7_200_000,
            partial_frame_ms: 10_000,
            first_frame_ms: 60_000,
            bad_frames_in_a_row_max: 100,
            garbage_bytes_in_a_row_max: 64 * 1024,
            bad_frame_bytes_kept: 1024,
            write_ms: 30_000,
            unread_answer_bytes_max: 64 * 1024,
            linger_ms: 1_000,
            command_ms: 10_000,
            execution_ms: 60_000,
            command_attempts: 3,
            names_max: 1_000,
        }
    }
}

impl Limits {
    /// Small and short, so that a test reaches each of them at once.
    pub fn for_testing() -> Self {
        Self {
            frame_readings_max: 200,
            batches_in_flight_max: 2,
            connections_max: 64,
            first_frame_ms: 10_000,
            bad_frames_in_a_row_max: 20,
            write_ms: 500,
            unread_answer_bytes_max: 4 * 1024,
            linger_ms: 200,
            command_ms: 300,
            execution_ms: 1_000,
            names_max: 50,
            ..Self::default()
        }
    }
}
