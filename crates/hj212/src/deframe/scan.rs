//! The search behind the deframer: heads, checks, and which completes first.

use crate::crc::crc;
use crate::envelope::{CRC_DIGITS, LengthField, checks_out, hex4, length_field, without_tail};
use crate::read::read;

/// Where the search stands. Positions count from the first unconsumed byte.
#[derive(Clone, Debug, Default)]
pub(super) struct Scan {
    /// Places where a frame may begin and whose fate is open, in order.
    heads: Vec<Head>,
    /// Up to here every `##` and every line end was looked at.
    scanned: usize,
    winner: Option<Winner>,
}

#[derive(Clone, Copy, Debug)]
struct Head {
    at: usize,
    segment_at: usize,
    declared: usize,
    /// Where something is decided next: the end that the length names, then the end of patience.
    due: usize,
    /// The length was tried, or is too long to be tried: only a checksum can save the frame.
    tried: bool,
    /// Where it came to nothing.
    dead: Option<usize>,
}

/// The frame that won.
#[derive(Clone, Copy, Debug)]
struct Winner {
    /// Which head it has.
    head: usize,
    /// Where its checksum ends.
    end: usize,
    /// Whether the length fits and the checksum is right.
    is_checked: bool,
}

/// The next thing at the front of the bytes, and its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Wait,
    Noise(usize),
    Bad(usize),
    /// With `is_checked` the length fits and the checksum is right.
    Frame {
        len: usize,
        is_checked: bool,
    },
}

/// What looking at one `#` or line end led to.
enum Look {
    /// Something at the front may be settled now.
    Settled,
    /// Nothing new: go on behind it.
    Passed,
    /// More bytes are needed to tell whether a head stands here.
    Undecided,
}

impl Scan {
    pub(super) fn has_head(&self) -> bool {
        !self.heads.is_empty()
    }

    /// Finds out what stands at the front of `rest`; the caller consumes it and calls
    /// [`shift`](Self::shift). With `closing` the end of `rest` is the end of the stream. Adds the number
    /// of bytes looked at to `work`.
    pub(super) fn step(&mut self, rest: &[u8], max: usize, closing: bool, work: &mut u64) -> Step {
        loop {
            if let Some(step) = self.settled() {
                return step;
            }
            if self.advance(rest, max, work) {
                continue;
            }
            if closing && self.close(rest, work) {
                continue;
            }
            return match (self.heads.is_empty(), self.scanned) {
                (true, len) if len > 0 => Step::Noise(len),
                _ => Step::Wait,
            };
        }
    }

    /// Moves all positions after `len` bytes were consumed.
    pub(super) fn shift(&mut self, len: usize) {
        self.scanned = self.scanned.saturating_sub(len);
        if let Some(winner) = &mut self.winner {
            winner.end -= len;
        }
        for head in &mut self.heads {
            head.at -= len;
            head.segment_at -= len;
            head.due -= len;
            if let Some(dead) = &mut head.dead {
                *dead = dead.saturating_sub(len);
            }
        }
    }

    /// What can be handed out without looking further.
    fn settled(&mut self) -> Option<Step> {
        let first = *self.heads.first()?;
        if first.at > 0 {
            return Some(Step::Noise(first.at));
        }
        match &mut self.winner {
            Some(Winner { head: 0, end, is_checked }) => {
                let step = Step::Frame { len: *end, is_checked: *is_checked };
                self.heads.clear();
                self.scanned = *end;
                self.winner = None;
                return Some(step);
            }
            Some(winner) => winner.head -= 1,
            None if first.dead.is_some() => {}
            None => return None,
        }
        self.heads.remove(0);
        let next = self.heads.first().map_or(usize::MAX, |next| next.at);
        Some(Step::Bad(first.dead.unwrap_or(usize::MAX).min(next)))
    }

    /// Looks at what comes next in the order of the bytes. Returns whether something may be settled;
    /// `false` when more bytes are needed.
    fn advance(&mut self, rest: &[u8], max: usize, work: &mut u64) -> bool {
        loop {
            let due = self.alive().map(|head| head.due).min().unwrap_or(usize::MAX);
            let until = due.min(rest.len());
            let found = self.next_special(rest, until, work);
            let look = match found {
                Some(at) if rest[at] == b'#' => self.hash(rest, at, max, work),
                Some(at) => self.line_end(rest, at, work),
                None => {
                    self.scanned = self.scanned.max(until);
                    Look::Undecided
                }
            };
            match look {
                Look::Settled => return true,
                Look::Passed => {}
                // A head that is not decided yet ends later than all that is due already.
                Look::Undecided if due <= rest.len() => {
                    if self.check_due(rest, due, max, work) {
                        return true;
                    }
                }
                Look::Undecided => return false,
            }
        }
    }

    /// The next `#`, or line end when a frame has begun, from `scanned` on and before `until`.
    #[inline]
    fn next_special(&self, rest: &[u8], until: usize, work: &mut u64) -> Option<usize> {
        let bytes = rest.get(self.scanned..until)?;
        let found = if self.heads.is_empty() {
            memchr::memchr(b'#', bytes)
        } else {
            memchr::memchr3(b'#', b'\r', b'\n', bytes)
        };
        *work += found.unwrap_or(bytes.len()) as u64;
        found.map(|at| self.scanned + at)
    }

    /// A `#`: the beginning of a head, if another and digits follow.
    fn hash(&mut self, rest: &[u8], at: usize, max: usize, work: &mut u64) -> Look {
        match rest.get(at + 1) {
            None => {
                self.scanned = at;
                return Look::Undecided;
            }
            Some(b'#') => {}
            Some(_) => {
                self.scanned = at + 1;
                return Look::Passed;
            }
        }
        if self.save(rest, at, work) {
            return Look::Settled;
        }
        match length_field(&rest[at..]) {
            LengthField::Undecided => {
                self.scanned = at;
                Look::Undecided
            }
            LengthField::Bad => {
                self.scanned = at + 1;
                Look::Passed
            }
            LengthField::Found { segment_at, declared } => {
                self.bury_tried(at);
                let segment_at = at + segment_at;
                let tried = declared > max;
                let due = if tried {
                    patience(segment_at, max)
                } else {
                    segment_at + declared + CRC_DIGITS
                };
                self.heads.push(Head { at, segment_at, declared, due, tried, dead: None });
                self.scanned = at + 2;
                if self.is_settled() { Look::Settled } else { Look::Passed }
            }
        }
    }

    /// A CR or LF: a frame with a wrong length may end here.
    fn line_end(&mut self, rest: &[u8], at: usize, work: &mut u64) -> Look {
        self.scanned = at + 1;
        let second = rest[at] == b'\n' && at > 0 && rest[at - 1] == b'\r';
        if !second && self.save(rest, at, work) {
            return Look::Settled;
        }
        self.bury_tried(at);
        if self.is_settled() { Look::Settled } else { Look::Passed }
    }

    /// Tries the lengths that end at `due`. Returns whether something may be settled.
    fn check_due(&mut self, rest: &[u8], due: usize, max: usize, work: &mut u64) -> bool {
        let last = self.heads.len() - 1;
        for (index, head) in self.heads.iter_mut().enumerate() {
            if head.due != due || head.dead.is_some() {
                continue;
            }
            if !head.tried {
                head.tried = true;
                *work += head.declared as u64;
                let is_checked = checks_out(rest, head.segment_at, head.declared);
                if is_checked || is_encrypted(&rest[head.at..due]) {
                    self.winner = Some(Winner { head: index, end: due, is_checked });
                    return true;
                }
                head.due = patience(head.segment_at, max);
            }
            if head.due <= due || index < last {
                head.dead = Some(due);
            }
        }
        self.is_settled()
    }

    /// Tries to save the frame of the last head, whose length is wrong and which may end before `end`:
    /// at `&&` and a checksum that is right. On success it has won.
    fn save(&mut self, rest: &[u8], end: usize, work: &mut u64) -> bool {
        let Some(head) = self.heads.last().filter(|head| head.dead.is_none()) else {
            return false;
        };
        let Some(body) = rest.get(head.segment_at..end) else {
            return false;
        };
        let body = without_tail(body);
        let Some(len) = body.len().checked_sub(CRC_DIGITS) else {
            return false;
        };
        let (segment, digits) = body.split_at(len);
        let Some(received) = hex4(digits).filter(|_| segment.ends_with(b"&&")) else {
            return false;
        };
        *work += len as u64;
        let end = head.segment_at + body.len();
        let right = crc(segment) == received || is_encrypted(&rest[head.at..end]);
        if right {
            self.winner = Some(Winner { head: self.heads.len() - 1, end, is_checked: false });
        }
        right
    }

    /// The end of the stream: saves what can be saved, buries the rest. Returns whether that settled
    /// anything.
    fn close(&mut self, rest: &[u8], work: &mut u64) -> bool {
        if self.heads.is_empty() {
            self.scanned = rest.len();
            return false;
        }
        if !self.save(rest, rest.len(), work) {
            for head in &mut self.heads {
                head.dead.get_or_insert(rest.len());
            }
        }
        true
    }

    /// Heads whose length was tried come to nothing where the next head or a line end stands.
    fn bury_tried(&mut self, at: usize) {
        for head in &mut self.heads {
            if head.tried {
                head.dead.get_or_insert(at);
            }
        }
    }

    fn is_settled(&self) -> bool {
        let front = self.heads.first().is_some_and(|head| head.at > 0 || head.dead.is_some());
        front || self.winner.is_some()
    }

    fn alive(&self) -> impl Iterator<Item = &Head> {
        self.heads.iter().filter(|head| head.dead.is_none())
    }
}

/// How far a frame with a wrong length is waited for: the longest segment, its checksum, a line end.
fn patience(segment_at: usize, max: usize) -> usize {
    segment_at + max + CRC_DIGITS + 2
}

/// Whether this frame, whose checksum is wrong, is an encrypted one that closes at the right place.
#[cold]
fn is_encrypted(frame: &[u8]) -> bool {
    let literal = memchr::memmem::find(frame, b"CP=&&{").is_some();
    let binary = !frame.is_ascii() || frame.iter().any(u8::is_ascii_control);
    (literal || binary) && read(frame).is_ok_and(|(frame, _)| frame.encrypted.is_some())
}
