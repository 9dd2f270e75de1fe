//! The fields before `CP`, and where `CP` opens and closes.

use core::ops::Range;

use crate::frame::{Flag, Frame, Header};
use crate::items::{Cursor, for_each_piece, trim};
use crate::problem::{Kind, Problem};

/// Reads header and `CP` of the segment of `frame` into it. `is_plain` says that it holds neither blanks nor
/// slashes.
pub(super) fn read<'a>(frame: &mut Frame<'a>, is_plain: bool, problems: &mut Vec<Problem>) {
    let segment: &'a [u8] = frame.envelope.segment;
    let base = frame.envelope.segment_at;
    let mut walk = Walk { header: Header::default(), base, last_place: 0, blanks: None, problems };
    let header_end = walk.fields(segment, is_plain);
    walk.header.text = &segment[..header_end];
    let blanks = walk.blanks;
    frame.header = walk.header;

    if header_end < segment.len() {
        frame.cp = Some(close(segment, header_end + OPEN.len(), base, problems));
    } else {
        problems.push(Problem::at(Kind::MissingCp, base + segment.len()));
    }
    if let Some(at) = blanks {
        problems.push(Problem::at(Kind::Whitespace, at));
    }
    about_fields(frame, problems);
}

const OPEN: &[u8] = b"CP=&&";

struct Walk<'a, 'p> {
    header: Header<'a>,
    base: usize,
    /// Place of the last known field in the usual order.
    last_place: u8,
    blanks: Option<usize>,
    problems: &'p mut Vec<Problem>,
}

impl<'a> Walk<'a, '_> {
    /// Reads fields up to the first `CP=&&`; returns where it stands, or the length of the segment.
    fn fields(&mut self, segment: &'a [u8], is_plain: bool) -> usize {
        let open = memchr::memchr_iter(b'&', segment)
            .find_map(|at| at.checked_sub(3).filter(|open| segment[*open..].starts_with(OPEN)));
        let text = &segment[..open.unwrap_or(segment.len())];
        if is_plain {
            for_each_piece(text, |start, end| {
                let field = &text[start..end];
                let eq = match field {
                    [_, _, b'=', ..] => 2,
                    _ => field.iter().position(|byte| *byte == b'=').unwrap_or(field.len()),
                };
                let value = field.get(eq + 1..).unwrap_or_default();
                self.piece(&field[..eq], value, start..end, text, open.is_some());
            });
        } else {
            for piece in Cursor::new(text) {
                let value = piece.value.unwrap_or_default();
                self.piece(piece.name, value, piece.start..piece.end, text, open.is_some());
            }
        }
        text.len()
    }

    /// Takes over what stands between two separators of the header `text`.
    #[inline]
    fn piece(
        &mut self,
        name: &'a [u8],
        value: &'a [u8],
        place: Range<usize>,
        text: &[u8],
        cp_follows: bool,
    ) {
        if text.get(place.end) == Some(&b',') {
            self.problems.push(Problem::at(Kind::CommaInHeader, self.base + place.end));
        }
        if place.is_empty() {
            return;
        }
        let is_field = self.field(name, value, place.start);
        if is_field && cp_follows && place.end == text.len() {
            self.problems.push(Problem::at(Kind::MissingSeparator, self.base + place.end));
        }
    }

    /// Takes a field over; `false` if it is nothing but blanks.
    #[inline]
    fn field(&mut self, name: &'a [u8], value: &'a [u8], start: usize) -> bool {
        let (name, value) = (self.trim(name, start), self.trim(value, start));
        let (place, slot) = match name {
            b"QN" => (1, &mut self.header.qn),
            b"ST" => (2, &mut self.header.st),
            b"CN" => (3, &mut self.header.cn),
            b"PW" => (4, &mut self.header.pw),
            b"MN" => (5, &mut self.header.mn),
            b"Flag" => (6, &mut self.header.flag),
            b"PNUM" => (7, &mut self.header.pnum),
            b"PNO" => (8, &mut self.header.pno),
            b"RF" => (9, &mut self.header.rf),
            b"" if value.is_empty() => return false,
            _ => {
                self.problems.push(Problem::at(Kind::UnknownHeaderField, self.base + start));
                return true;
            }
        };
        if slot.is_some() {
            self.problems.push(Problem::at(Kind::DupHeaderField, self.base + start));
            return true;
        }
        *slot = Some(value);
        if place < self.last_place {
            once(self.problems, Kind::HeaderOrder, self.base + start);
        }
        self.last_place = self.last_place.max(place);
        true
    }

    #[inline]
    fn trim(&mut self, bytes: &'a [u8], start: usize) -> &'a [u8] {
        let trimmed = trim(bytes);
        if trimmed.len() != bytes.len() {
            self.blanks.get_or_insert(self.base + start);
        }
        trimmed
    }
}

/// The content from `open` to the last `&&`, or to the end when there is none.
fn close<'a>(segment: &'a [u8], open: usize, base: usize, problems: &mut Vec<Problem>) -> &'a [u8] {
    let content = &segment[open..];
    let end = if content.ends_with(b"&&") {
        Some(content.len() - 2)
    } else {
        memchr::memmem::rfind(content, b"&&")
    };
    let Some(end) = end else {
        problems.push(Problem::at(Kind::UnclosedCp, base + open - 2));
        return content;
    };
    let after = &content[end + 2..];
    if !after.is_empty() {
        let kind = if after.trim_ascii().is_empty() { Kind::Whitespace } else { Kind::TextAfterCp };
        problems.push(Problem::at(kind, base + open + end + 2));
    }
    &content[..end]
}

/// Missing and misshapen fields.
fn about_fields(frame: &Frame<'_>, problems: &mut Vec<Problem>) {
    let header = &frame.header;
    let digits =
        |bytes: &[u8], len: usize| bytes.len() == len && bytes.iter().all(u8::is_ascii_digit);
    let mut say = |kind| problems.push(Problem::new(kind));

    match header.cn {
        None => say(Kind::MissingCn),
        Some(cn) if !digits(cn, 4) => say(Kind::BadCn),
        Some(_) => {}
    }
    match header.qn {
        None => say(Kind::NoQn),
        Some(qn) if !digits(qn, 17) => say(Kind::BadQn),
        Some(qn) if crate::time::Civil::read(qn).is_err() => say(Kind::QnInvalid),
        Some(_) => {}
    }
    match header.st {
        None => say(Kind::NoSt),
        Some([first, second]) if first.is_ascii_alphanumeric() && second.is_ascii_digit() => {}
        Some(_) => say(Kind::BadSt),
    }
    match header.pw {
        None => say(Kind::NoPw),
        Some(pw) if pw.len() != 6 => say(Kind::PwLen),
        Some(_) => {}
    }
    match header.mn {
        None => say(Kind::NoMn),
        Some(b"") => say(Kind::EmptyMn),
        Some(_) => {}
    }
    let flag = header.flag.map(Flag::read);
    match flag {
        None => say(Kind::NoFlag),
        Some(None) => say(Kind::BadFlag),
        Some(Some(_)) => {}
    }
    let split = flag.flatten().is_some_and(Flag::split);
    let both = header.pnum.is_some() && header.pno.is_some();
    let either = header.pnum.is_some() || header.pno.is_some();
    if split && !both {
        say(Kind::SplitBitWithoutPnum);
    } else if either && !split {
        say(Kind::PnumWithoutSplitBit);
    }
    if both && frame.part().is_none() {
        say(Kind::PnoOutOfRange);
    }
}

/// Names a problem at its first place only.
pub(super) fn once(problems: &mut Vec<Problem>, kind: Kind, at: usize) {
    if !problems.iter().any(|problem| problem.kind == kind) {
        problems.push(Problem::at(kind, at));
    }
}
