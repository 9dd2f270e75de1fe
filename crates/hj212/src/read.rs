//! The tolerant reader: bytes of one frame to a [`Frame`] and what is odd about it.

mod cp;
mod header;

use core::fmt;

use crate::cipher;
use crate::crc::{crc, diagnose};
use crate::envelope::{CRC_DIGITS, LengthField, Tail, hex4, length_field, without_tail};
use crate::frame::{Encrypted, Envelope, Frame};
use crate::index::Index;
use crate::problem::{Detail, Kind, Problem};
use crate::text::{self, Encoding};

/// A frame that cannot be trusted, or that says too little to be acted on.
#[derive(Clone, Debug)]
pub struct Rejected<'a> {
    /// What could be read of it, to be shown to people. Unless [`is_trusted`](Self::is_trusted), any byte
    /// of it may be wrong.
    pub frame: Option<Box<Frame<'a>>>,
    /// What the length field says, if it could be read.
    pub declared_len: Option<usize>,
    /// At least one error, and the deviations found beside it.
    pub problems: Vec<Problem>,
}

impl Rejected<'_> {
    /// Whether the checksum is right. Then only its content is at fault (no CP, a bad CN or Flag), and
    /// it may be answered: `QnRtn` 6 for the flag, 8 for the command.
    pub fn is_trusted(&self) -> bool {
        self.frame.as_ref().is_some_and(|frame| frame.envelope.crc_ok)
    }

    /// The first error.
    pub fn error(&self) -> Option<&Problem> {
        self.problems.iter().find(|problem| problem.is_error())
    }
}

impl fmt::Display for Rejected<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.error() {
            Some(problem) => problem.fmt(f),
            None => f.write_str("frame rejected"),
        }
    }
}

impl std::error::Error for Rejected<'_> {}

/// Reads one frame, which begins at the first byte of `raw`.
///
/// Everything that can be understood is read, and every way in which it departs from the standard is
/// named in the list beside the frame: the list of a clean frame is empty and nothing is allocated.
/// A wrong length is repaired when the checksum is right. An encrypted frame of HJ 212-2025 is returned
/// with [`Frame::encrypted`] set and its checksum unproved: give it to
/// [`decrypt`](crate::cipher::decrypt). Bytes after the tail are ignored; [`Frame::len`] says where
/// they begin. To cut frames from a stream use a [`Deframer`](crate::read).
///
/// # Errors
///
/// [`Rejected`] when one of the problems is an error: the frame has no right checksum, or no `CP`, no
/// proper CN or Flag. What could be read comes with it.
///
/// ```
/// let raw = b"##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;\
///     MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&1C80\r\n";
/// let (frame, problems) = hj212::read(raw)?;
/// assert_eq!(frame.cn(), Some(1062));
/// assert_eq!(frame.value(b"RtdInterval"), Some(&b"30"[..]));
/// assert!(problems.is_empty());
/// # Ok::<(), hj212::Rejected>(())
/// ```
#[inline]
pub fn read(raw: &[u8]) -> Result<(Frame<'_>, Vec<Problem>), Rejected<'_>> {
    read_again(raw, false)
}

/// As [`read`]; with `is_checked` the checksum is known to be right where the length says that it stands.
pub(crate) fn read_again(
    raw: &[u8],
    is_checked: bool,
) -> Result<(Frame<'_>, Vec<Problem>), Rejected<'_>> {
    let mut problems = Vec::new();
    let reject = |kind, declared_len| {
        Err(Rejected { frame: None, declared_len, problems: vec![Problem::at(kind, 0)] })
    };
    if !raw.starts_with(b"##") {
        return reject(Kind::NoHeader, None);
    }
    let (segment_at, declared) = match length_field(raw) {
        LengthField::Found { segment_at, declared } => (segment_at, declared),
        LengthField::Bad => return reject(Kind::BadLengthField, None),
        LengthField::Undecided => return reject(Kind::Truncated, None),
    };
    let Some(split) = split(raw, segment_at, declared, is_checked) else {
        return reject(Kind::Truncated, Some(declared));
    };
    let Some(received) = hex4(split.crc_digits) else {
        return reject(Kind::BadCrcField, Some(declared));
    };
    let envelope = Envelope {
        segment: split.segment,
        segment_at,
        declared_len: declared,
        crc_digits: split.crc_digits,
        crc_computed: split.computed,
        crc_ok: received == split.computed,
        tail: Tail::of(&raw[segment_at + split.segment.len() + CRC_DIGITS..]),
    };
    let mut frame = Frame {
        envelope,
        header: crate::Header::default(),
        cp: None,
        encrypted: None,
        scattered: false,
        index: Index::EMPTY,
    };
    let is_plain = is_plain(split.segment);
    header::read(&mut frame, is_plain, &mut problems);
    if !envelope.crc_ok {
        frame.encrypted = cipher::looks_encrypted(&frame);
        if frame.encrypted.is_none() {
            wrong_crc(&envelope, received, &mut problems);
        }
    } else if frame.cp.is_some_and(|cp| cp.starts_with(b"{0x")) {
        // The literal form with the checksum of the literal: some code sends it so.
        frame.encrypted = cipher::looks_encrypted(&frame);
    }
    about_envelope(&envelope, frame.encrypted, &mut problems);
    if frame.encrypted.is_some() {
        problems.push(Problem::new(Kind::Encrypted));
    } else {
        if !is_plain {
            about_text(&envelope, &mut problems);
        }
        if let Some(cp) = frame.cp {
            frame.scattered =
                cp::check(cp, offset_in(raw, cp), is_plain, &mut frame.index, &mut problems);
        }
    }
    if problems.iter().any(Problem::is_error) {
        return Err(Rejected {
            frame: Some(Box::new(frame)),
            declared_len: Some(declared),
            problems,
        });
    }
    Ok((frame, problems))
}

/// Whether all bytes are printable ASCII, no blank and no slash: then nothing has to be trimmed or decoded,
/// and there is no log text.
fn is_plain(segment: &[u8]) -> bool {
    // Without an early end the compiler looks at many bytes at once.
    let odd = |byte: u8| u8::from(byte.wrapping_sub(b'!') > b'~' - b'!') | u8::from(byte == b'/');
    segment.iter().fold(0, |found, byte| found | odd(*byte)) == 0
}

/// Where the segment of a frame ends and its checksum stands.
struct Split<'a> {
    segment: &'a [u8],
    crc_digits: &'a [u8],
    computed: u16,
}

/// Cuts by the length field when the checksum is right there, else by the end of the bytes. `None` if
/// the bytes end before a checksum can stand.
fn split(raw: &[u8], segment_at: usize, declared: usize, is_checked: bool) -> Option<Split<'_>> {
    let body = &raw[segment_at..];
    if is_checked {
        let (segment, rest) = body.split_at_checked(declared)?;
        let crc_digits = rest.get(..CRC_DIGITS)?;
        return Some(Split { segment, crc_digits, computed: hex4(crc_digits)? });
    }
    let at = |len: usize| -> Option<Split<'_>> {
        let segment = body.get(..len)?;
        let crc_digits = body.get(len..len + CRC_DIGITS)?;
        Some(Split { segment, crc_digits, computed: crc(segment) })
    };
    let by_length = at(declared);
    if let Some(split) = &by_length
        && hex4(split.crc_digits) == Some(split.computed)
    {
        return by_length;
    }
    let by_end = at(without_tail(body).len().checked_sub(CRC_DIGITS)?)?;
    let closed = by_end.segment.ends_with(b"&&");
    let right = closed && hex4(by_end.crc_digits) == Some(by_end.computed);
    let literal = closed && memchr::memmem::find(by_end.segment, b"CP=&&{").is_some();
    if right || (literal && hex4(by_end.crc_digits).is_some()) {
        return Some(by_end);
    }
    // Neither is right. Where the bytes go on past the frame, the end tells more than the length.
    if by_end.segment.len() > declared { Some(by_end) } else { by_length }
}

fn wrong_crc(envelope: &Envelope<'_>, received: u16, problems: &mut Vec<Problem>) {
    let segment = envelope.segment;
    problems.push(Problem {
        kind: Kind::CrcMismatch,
        offset: Some(envelope.segment_at + segment.len()),
        detail: Detail::Crc {
            received,
            computed: envelope.crc_computed,
            looks_like: diagnose(segment, received),
        },
    });
    if envelope.declared_len != segment.len() {
        problems.push(length_problem(Kind::LengthWrong, envelope));
    }
}

fn length_problem(kind: Kind, envelope: &Envelope<'_>) -> Problem {
    Problem {
        kind,
        offset: Some(2),
        detail: Detail::Length { declared: envelope.declared_len, actual: envelope.segment.len() },
    }
}

/// Deviations of length, checksum and tail.
fn about_envelope(
    envelope: &Envelope<'_>,
    encrypted: Option<Encrypted>,
    problems: &mut Vec<Problem>,
) {
    let segment = envelope.segment;
    let crc_at = envelope.segment_at + segment.len();
    if envelope.declared_len != segment.len() && (envelope.crc_ok || encrypted.is_some()) {
        problems.push(length_problem(Kind::LengthRepaired, envelope));
    }
    match envelope.segment_at {
        5 => problems.push(Problem::at(Kind::LengthDigits3, 2)),
        8 => problems.push(Problem::at(Kind::LengthDigits6, 2)),
        _ => {}
    }
    if segment.len() > 1024 {
        problems.push(Problem::at(Kind::Over1024, 2));
    }
    if envelope.crc_digits.iter().any(u8::is_ascii_lowercase) {
        problems.push(Problem::at(Kind::LowercaseCrc, crc_at));
    }
    let tail = match envelope.tail {
        Tail::CrLf => return,
        Tail::Lf => Kind::LfOnly,
        Tail::Cr => Kind::CrOnly,
        Tail::Literal => Kind::LiteralBackslashCrlf,
        Tail::Missing => Kind::NoCrlf,
    };
    problems.push(Problem::at(tail, crc_at + CRC_DIGITS));
}

/// Deviations of the encoding.
fn about_text(envelope: &Envelope<'_>, problems: &mut Vec<Problem>) {
    let kind = match text::encoding(envelope.segment) {
        Encoding::Ascii | Encoding::Utf8 => return,
        Encoding::Gbk => Kind::GbkText,
        Encoding::Unknown => Kind::UndecodableText,
    };
    let first = envelope.segment.iter().position(|byte| !byte.is_ascii()).unwrap_or(0);
    problems.push(Problem::at(kind, envelope.segment_at + first));
}

/// Where `part`, a slice of `whole`, begins.
fn offset_in(whole: &[u8], part: &[u8]) -> usize {
    (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize)
}
