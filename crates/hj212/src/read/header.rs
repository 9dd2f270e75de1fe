//! The fields before `CP`, and where `CP` opens and closes.

use crate::frame::{Flag, Frame, Header};
use crate::problem::{Kind, Problem};

/// Reads header and `CP` of the segment of `frame` into it.
pub(super) fn read<'a>(frame: &mut Frame<'a>, problems: &mut Vec<Problem>) {
    let segment: &'a [u8] = frame.envelope.segment;
    let base = frame.envelope.segment_at;
    let mut walk = Walk { header: Header::default(), base, last_place: 0, blanks: None, problems };
    let header_end = walk.fields(segment);
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
    fn fields(&mut self, segment: &'a [u8]) -> usize {
        let mut start = 0;
        let mut at = 0;
        while at < segment.len() {
            match segment[at] {
                b';' => {
                    self.field(&segment[start..at], start);
                    start = at + 1;
                }
                b',' => {
                    self.field(&segment[start..at], start);
                    start = at + 1;
                    self.problems.push(Problem::at(Kind::CommaInHeader, self.base + at));
                }
                b'&' if at >= 3 && segment[at - 3..].starts_with(OPEN) => {
                    let open = at - 3;
                    let before = &segment[start.min(open)..open];
                    if !before.trim_ascii().is_empty() {
                        self.field(before, start);
                        self.problems.push(Problem::at(Kind::MissingSeparator, self.base + open));
                    } else if !before.is_empty() {
                        self.blanks.get_or_insert(self.base + start);
                    }
                    return open;
                }
                _ => {}
            }
            at += 1;
        }
        self.field(&segment[start..], start);
        segment.len()
    }

    fn field(&mut self, field: &'a [u8], start: usize) {
        let trimmed = field.trim_ascii();
        if trimmed.len() != field.len() {
            self.blanks.get_or_insert(self.base + start);
        }
        if trimmed.is_empty() {
            return;
        }
        let eq = trimmed.iter().position(|byte| *byte == b'=');
        let (name, value) = match eq {
            Some(eq) => (&trimmed[..eq], &trimmed[eq + 1..]),
            None => (trimmed, &b""[..]),
        };
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
            _ => {
                self.problems.push(Problem::at(Kind::UnknownHeaderField, self.base + start));
                return;
            }
        };
        if slot.is_some() {
            self.problems.push(Problem::at(Kind::DupHeaderField, self.base + start));
            return;
        }
        *slot = Some(value);
        if place < self.last_place {
            once(self.problems, Kind::HeaderOrder, self.base + start);
        }
        self.last_place = self.last_place.max(place);
    }

    fn trim(&mut self, bytes: &'a [u8], start: usize) -> &'a [u8] {
        let trimmed = bytes.trim_ascii();
        if trimmed.len() != bytes.len() {
            self.blanks.get_or_insert(self.base + start);
        }
        trimmed
    }
}

/// The content from `open` to the last `&&`, or to the end when there is none.
fn close<'a>(segment: &'a [u8], open: usize, base: usize, problems: &mut Vec<Problem>) -> &'a [u8] {
    let content = &segment[open..];
    let Some(end) = memchr::memmem::rfind(content, b"&&") else {
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
