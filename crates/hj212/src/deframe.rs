//! Frames out of a byte stream: half and sticky packets, garbage between frames, resynchronisation.
//!
//! The rule in one sentence: *of all places where a frame may begin (`##` and digits), the one whose
//! check completes first wins, and what stands before it is reported and dropped*. A check completes
//! where the length says that the frame ends and the checksum is right there, or, when the length is
//! wrong, at `&&`, four hexadecimal digits that are the right checksum, and a line end or the next `##`.
//! Because the rule speaks of positions in the stream and never of reads, the same bytes give the same
//! frames however they are cut. A false head cannot swallow the good frames behind it, nor stall them.

mod scan;

use crate::Frame;
use crate::envelope::{Tail, without_tail};
use crate::problem::{Kind, Problem};
use crate::read::{Rejected, read, read_again};
use scan::{Scan, Step};

/// What a [`Deframer`] bears from one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest segment accepted, in bytes. The standard says 1024; 1623 was seen. A head whose segment
    /// would be longer can only be saved by a right checksum within this length.
    pub segment_bytes_max: usize,
    /// Bad frames without a good one between them, before the stream is given up as hopeless.
    pub bad_frames_in_a_row_max: u32,
    /// Bytes looked at (checksums above all) for each byte received. A clean stream needs 3; a
    /// hostile one of nothing but heads would need hundreds.
    pub work_per_byte_max: u32,
    /// Work that may be saved up by quiet bytes and spent at once.
    pub work_burst_max: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            segment_bytes_max: 4096,
            bad_frames_in_a_row_max: 100,
            work_per_byte_max: 32,
            work_burst_max: 256 * 1024,
        }
    }
}

impl Limits {
    /// Small limits that a test can reach.
    pub const fn for_testing() -> Self {
        Self {
            segment_bytes_max: 1100,
            bad_frames_in_a_row_max: 5,
            work_per_byte_max: 8,
            work_burst_max: 16 * 1024,
        }
    }

    /// The most bytes that stay unconsumed when [`Deframer::next`] has returned `None`: a buffer of
    /// this size and one read never has to grow.
    pub const fn buffer_bytes_max(&self) -> usize {
        self.segment_bytes_max + HEAD_AND_CHECK
    }
}

/// Bytes of a frame beside its segment, with room for six length digits and the end of a line.
const HEAD_AND_CHECK: usize = 16;

/// What the stream holds next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'b> {
    /// A whole frame with a right checksum, or an encrypted one that closes at the right place.
    Frame(RawFrame<'b>),
    /// A head that came to nothing: keep it and show it, never answer it.
    Bad(BadFrame<'b>),
    /// Bytes between frames that are no blanks: registration lines, heartbeats, noise.
    Skipped(&'b [u8]),
    /// The stream is not worth more work: close the connection. Comes once, then nothing comes.
    Hopeless(Hopeless),
}

/// The bytes of one frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawFrame<'b> {
    /// From the first `#` to the end of the tail, as far as the tail has arrived.
    pub bytes: &'b [u8],
    /// Whether more of the tail may still arrive.
    pub tail_is_open: bool,
    /// Whether the checksum was found right where the length says.
    is_checked: bool,
}

impl<'b> RawFrame<'b> {
    /// Reads the frame. Does not report a missing line end that may still arrive.
    ///
    /// # Errors
    ///
    /// As [`read`].
    pub fn read(&self) -> Result<(Frame<'b>, Vec<Problem>), Rejected<'b>> {
        let mut result = read_again(self.bytes, self.is_checked);
        if self.tail_is_open {
            let problems = match &mut result {
                Ok((_, problems)) => problems,
                Err(rejected) => &mut rejected.problems,
            };
            problems.retain(|problem| !matches!(problem.kind, Kind::NoCrlf | Kind::CrOnly));
        }
        result
    }
}

/// The bytes of a head that came to nothing, up to the next head or the end of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadFrame<'b> {
    /// From the first `#`.
    pub bytes: &'b [u8],
    /// The first error of it. [`read`] gives all of them, with what could be read.
    pub reason: Kind,
}

/// Why a stream is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hopeless {
    /// More than [`Limits::bad_frames_in_a_row_max`] bad frames and no good one.
    BadFrames,
    /// More work for each byte than [`Limits::work_per_byte_max`]: a stream made to be costly.
    Work,
}

impl core::fmt::Display for Hopeless {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::BadFrames => "too many bad frames in a row (Limits::bad_frames_in_a_row_max)",
            Self::Work => {
                "the bytes cost too much work, as if made for it (Limits::work_per_byte_max)"
            }
        })
    }
}

/// Cuts frames out of a stream. One for each connection; the buffer is the caller's.
///
/// ```
/// use hj212::{Deframer, Event, Limits};
///
/// let frame = b"##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;\
///     MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&1C80\r\n";
/// let mut deframer = Deframer::new(Limits::default());
/// let mut buffer = Vec::new();
/// let mut frames = 0;
/// for read in [&b"IMEI:868957048162806\r\n##01"[..], &frame[4..]] {
///     buffer.extend_from_slice(read);
///     let mut rest: &[u8] = &buffer;
///     while let Some(event) = deframer.next(&mut rest) {
///         match event {
///             Event::Frame(raw) => frames += usize::from(raw.read().is_ok()),
///             Event::Skipped(noise) => assert!(noise.starts_with(b"IMEI")),
///             other => panic!("{other:?}"),
///         }
///     }
///     let used = buffer.len() - rest.len();
///     buffer.drain(..used);
/// }
/// assert_eq!((frames, buffer.len()), (1, 0));
/// ```
#[derive(Clone, Debug)]
pub struct Deframer {
    limits: Limits,
    scan: Scan,
    closing: bool,
    bad_in_a_row: u32,
    hopeless: Option<Hopeless>,
    /// Work that may still be spent.
    credit: u64,
    /// Bytes of the buffer for which credit was given.
    credited: usize,
}

impl Deframer {
    /// A deframer at the beginning of a stream.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            scan: Scan::default(),
            closing: false,
            bad_in_a_row: 0,
            hopeless: None,
            credit: u64::from(limits.work_burst_max),
            credited: 0,
        }
    }

    /// Takes the next event off the front of `rest`, which holds all bytes not yet consumed.
    ///
    /// `None` means that more bytes are needed: keep what is left in `rest`, append to it, call again.
    pub fn next<'b>(&mut self, rest: &mut &'b [u8]) -> Option<Event<'b>> {
        if self.hopeless.is_some() {
            return None;
        }
        self.earn(rest.len());
        loop {
            let mut work = 0;
            let step = self.scan.step(rest, self.limits.segment_bytes_max, self.closing, &mut work);
            let Some(credit) = self.credit.checked_sub(work) else {
                return Some(self.give_up(Hopeless::Work));
            };
            self.credit = credit;
            match step {
                Step::Wait => {
                    self.closing = false;
                    return None;
                }
                Step::Noise(len) => {
                    let noise = self.consume(rest, len);
                    if !without_tail(noise).is_empty() {
                        return Some(Event::Skipped(noise));
                    }
                }
                Step::Bad(len) => return Some(self.bad(rest, len)),
                Step::Frame { len, is_checked } => {
                    self.bad_in_a_row = 0;
                    let tail = Tail::of(&rest[len..]);
                    let open = rest.len() == len || (tail == Tail::Cr && rest.len() == len + 1);
                    let bytes = self.consume(rest, len + tail.len());
                    return Some(Event::Frame(RawFrame { bytes, tail_is_open: open, is_checked }));
                }
            }
        }
    }

    /// Declares that nothing more will come for the incomplete head at the front, after a silence (10 s
    /// are usual) or at the end of the stream. What is left is settled by the next calls of
    /// [`next`](Self::next): a frame with a wrong length is still saved if its checksum is right.
    pub fn give_up_head(&mut self) {
        self.closing = true;
    }

    /// Whether a frame has begun and is not complete: time for a silence timer.
    pub fn has_head(&self) -> bool {
        self.scan.has_head()
    }

    /// Credits the bytes that were not in the buffer before.
    fn earn(&mut self, len: usize) {
        let per_byte = u64::from(self.limits.work_per_byte_max);
        let new = len.saturating_sub(self.credited) as u64;
        self.credited = len;
        let most = u64::from(self.limits.work_burst_max) + per_byte * len as u64;
        self.credit = (self.credit + per_byte * new).min(most);
    }

    fn bad<'b>(&mut self, rest: &mut &'b [u8], len: usize) -> Event<'b> {
        self.bad_in_a_row += 1;
        if self.bad_in_a_row > self.limits.bad_frames_in_a_row_max {
            return self.give_up(Hopeless::BadFrames);
        }
        let bytes = self.consume(rest, len);
        let reason = read(bytes)
            .err()
            .and_then(|rejected| rejected.error().map(|problem| problem.kind))
            .unwrap_or(Kind::Truncated);
        Event::Bad(BadFrame { bytes, reason })
    }

    fn consume<'b>(&mut self, rest: &mut &'b [u8], len: usize) -> &'b [u8] {
        let (bytes, left) = rest.split_at(len);
        *rest = left;
        self.credited -= len;
        self.scan.shift(len);
        bytes
    }

    fn give_up<'b>(&mut self, why: Hopeless) -> Event<'b> {
        self.hopeless = Some(why);
        Event::Hopeless(why)
    }
}
