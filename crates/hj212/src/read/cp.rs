//! Oddities inside `CP`, found in one walk without allocation when there are none.

use std::collections::HashSet;

use super::header::once;
use crate::index::{Entry, Index};
use crate::items::{Cursor, Ends, Piece, dash, for_each_piece};
use crate::problem::{Kind, Problem};
use crate::reading::{Field, Mark, Role};
use crate::time::{Civil, TimeError};

/// Names the oddities of `cp`, which begins at byte `base` of the frame; each kind once, at its first
/// place. Fills the index. Returns whether factors are scattered: one over several groups, or several in
/// one.
///
/// `is_plain` says that there are neither blanks nor slashes, so that nothing is to be trimmed and every
/// separator separates.
pub(super) fn check(
    cp: &[u8],
    base: usize,
    is_plain: bool,
    index: &mut Index,
    problems: &mut Vec<Problem>,
) -> bool {
    if cp.is_empty() || (!is_plain && cp.trim_ascii().is_empty()) {
        return false;
    }
    let mut walk = Walk {
        cp,
        base,
        index,
        problems,
        codes: Seen::new(),
        roles: 0,
        group: Code::NONE,
        group_is_blank: true,
        again: false,
        data_times: 0,
    };
    if is_plain && u16::try_from(cp.len()).is_ok() {
        for_each_piece(cp, |start, end| walk.item(start, end));
    } else {
        walk.index.spoil();
        Cursor::new(cp).for_each(|piece| walk.piece(&piece));
    }
    walk.again && exact(cp, base, problems)
}

struct Walk<'a, 'p> {
    cp: &'a [u8],
    base: usize,
    index: &'p mut Index,
    problems: &'p mut Vec<Problem>,
    /// Codes of the groups before.
    codes: Seen,
    /// A bit for each field seen in this group.
    roles: u32,
    /// The code of this group.
    group: Code,
    group_is_blank: bool,
    /// Whether a code or an item may have been seen before, or a group has several codes.
    again: bool,
    data_times: u32,
}

/// A factor code and its dash, as a number to compare with the beginning of a name.
#[derive(Clone, Copy)]
struct Code {
    /// 0 when there is none.
    len: usize,
    bits: u64,
    mask: u64,
}

impl Code {
    /// No name begins with it.
    const NONE: Self = Self { len: 0, bits: 1, mask: 0 };

    /// The code of a name whose dash is at `len`. Longer codes than seven bytes match nothing and are
    /// compared the slow way.
    fn new(name: u64, len: usize) -> Self {
        let mask = if len <= 7 { u64::MAX >> (8 * (7 - len)) } else { 0 };
        Self { len, bits: if len <= 7 { name & mask } else { 1 }, mask }
    }

    #[inline]
    fn begins(&self, name: u64) -> bool {
        name & self.mask == self.bits
    }
}

/// Whether a name begins with six letters or digits and a dash.
#[inline]
fn is_code_of_2017(name: u64) -> bool {
    let bytes = name.to_le_bytes();
    bytes[6] == b'-' && bytes[..6].iter().fold(true, |all, byte| all & byte.is_ascii_alphanumeric())
}

impl Walk<'_, '_> {
    /// A piece of a plain frame.
    #[inline]
    fn item(&mut self, start: usize, end: usize) {
        let ends_group = self.cp.get(end) != Some(&b',');
        let bits = eight(self.cp, start);
        let mut is_same = self.group.begins(bits);
        if !is_same && self.group.len == 0 && is_code_of_2017(bits) {
            self.code(&self.cp[start..start + 6], bits);
            is_same = true;
        }
        let role = if is_same { role(eight(self.cp, start + self.group.len + 1)) } else { None };
        // Nothing new in most items: a code like the others and one of six fields.
        let (eq, role) = match role {
            Some((role, field_len)) => (start + self.group.len + 1 + field_len, role),
            None => match self.rare_item(start, end, bits) {
                Some(found) => found,
                None => return,
            },
        };
        self.again |= self.roles & role.bit() != 0;
        self.roles |= role.bit();
        self.index.push(Entry {
            start: start as u16,
            eq: eq as u16,
            end: end as u16,
            code_len: self.group.len as u8,
            role: role.at_group_end(ends_group),
        });
        self.group_is_blank = false;
        if ends_group {
            self.end_group();
        }
    }

    /// An item with a code of another form, a second code in its group, or a rare field: where its `=` stands,
    /// and what it is. `None` for a word or an odd piece, which is dealt with.
    #[inline(never)]
    fn rare_item(&mut self, start: usize, end: usize, bits: u64) -> Option<(usize, Role)> {
        let text = &self.cp[start..end];
        let eq = memchr::memchr(b'=', text);
        let ends = if self.cp.get(end) == Some(&b',') { Ends::Item } else { Ends::Group };
        let name = &text[..eq.unwrap_or(text.len())];
        let Some((eq, len)) = eq.and_then(|eq| Some((eq, dash(name)?))) else {
            let value = eq.map(|eq| &text[eq + 1..]);
            match eq {
                Some(eq) if !name.is_empty() => self.index.push(Entry {
                    start: start as u16,
                    eq: (start + eq) as u16,
                    end: end as u16,
                    code_len: 0,
                    role: Role::WORD.at_group_end(ends == Ends::Group),
                }),
                _ => self.index.spoil(),
            }
            self.piece(&Piece { name, value, start, end, ends });
            return None;
        };
        if !self.group.begins(bits) {
            self.code(&name[..len], bits);
        }
        let field = &name[len + 1..];
        let role = match field.strip_prefix(b"-") {
            // The standard prints `--Avg` once.
            Some(field) => {
                self.index.spoil();
                Role::of(field)
            }
            None => Role::of(field),
        };
        Some((start + eq, role))
    }

    /// A code that the item before did not have.
    fn code(&mut self, code: &[u8], bits: u64) {
        // Several codes in a group, an empty code and a long one are left to the exact look.
        let is_first = self.group.len == 0;
        let is_new = (1..=7).contains(&code.len()) && self.codes.insert(key(code));
        self.again |= !is_first || !is_new;
        self.group = Code::new(bits, code.len());
        self.roles = 0;
        if code.is_empty() || code.len() > usize::from(u8::MAX) {
            self.index.spoil();
        }
    }

    /// Any piece, looked at closely.
    #[cold]
    fn piece(&mut self, piece: &Piece<'_>) {
        if piece.is_blank() {
            let alone = self.group_is_blank && piece.ends == Ends::Group;
            self.say(if alone { Kind::EmptyGroup } else { Kind::EmptyItem }, piece.start);
        } else {
            self.group_is_blank = false;
            let item = piece.item();
            if item.name.len() != piece.name.len()
                || item.value.len() != piece.value.unwrap_or_default().len()
            {
                self.say(Kind::Whitespace, piece.start);
            }
            if piece.value.is_none() {
                self.say(Kind::ItemWithoutEq, piece.start);
            }
            if item.code().is_some() {
                self.again = true;
            } else {
                self.word(item.name, item.value, piece.start);
            }
        }
        if piece.ends == Ends::Group {
            self.end_group();
        }
    }

    #[inline]
    fn end_group(&mut self) {
        self.group_is_blank = true;
        self.group = Code::NONE;
        self.roles = 0;
    }

    fn word(&mut self, name: &[u8], value: &[u8], at: usize) {
        match name {
            b"Flag" => self.say(Kind::OrphanFlag, at),
            b"DataTime" => {
                self.data_times += 1;
                if self.data_times == 2 {
                    self.say(Kind::DupItem, at);
                }
                match Civil::read(value) {
                    Ok(_) if value.len() == 14 => {}
                    Err(TimeError::Range) if value.len() == 14 => {
                        self.say(Kind::DatatimeInvalid, at);
                    }
                    _ => self.say(Kind::BadDatatime, at),
                }
            }
            _ => {}
        }
    }

    fn say(&mut self, kind: Kind, at: usize) {
        once(self.problems, kind, self.base + at);
    }
}

/// What an item is by the eight bytes from its field on, if it is one of the six common fields, and the
/// length of the field.
#[inline]
fn role(bits: u64) -> Option<(Role, usize)> {
    match bits as u32 {
        RTD => Some((Role::value(Field::Rtd), 3)),
        AVG => Some((Role::value(Field::Avg), 3)),
        MIN => Some((Role::value(Field::Min), 3)),
        MAX => Some((Role::value(Field::Max), 3)),
        COU => Some((Role::value(Field::Cou), 3)),
        FLAG if (bits >> 32) as u8 == b'=' => Some((Role::mark(Mark::Flag), 4)),
        _ => None,
    }
}

const RTD: u32 = u32::from_le_bytes(*b"Rtd=");
const AVG: u32 = u32::from_le_bytes(*b"Avg=");
const MIN: u32 = u32::from_le_bytes(*b"Min=");
const MAX: u32 = u32::from_le_bytes(*b"Max=");
const COU: u32 = u32::from_le_bytes(*b"Cou=");
const FLAG: u32 = u32::from_le_bytes(*b"Flag");

/// The slow and exact look at a frame whose codes or items seem to repeat. Returns whether a factor is
/// scattered.
#[cold]
fn exact(cp: &[u8], base: usize, problems: &mut Vec<Problem>) -> bool {
    let mut names = HashSet::new();
    let mut codes_before = HashSet::new();
    let mut codes_here: Vec<&[u8]> = Vec::new();
    let mut scattered = false;
    for piece in Cursor::new(cp) {
        let item = piece.item();
        if let Some(code) = item.code() {
            if !names.insert(item.name) {
                once(problems, Kind::DupItem, base + piece.start);
            }
            if !codes_here.contains(&code) {
                if !codes_here.is_empty() {
                    once(problems, Kind::MixedCodesInGroup, base + piece.start);
                    scattered = true;
                }
                if codes_before.contains(code) {
                    once(problems, Kind::FactorSplitOverGroups, base + piece.start);
                    scattered = true;
                }
                codes_here.push(code);
            }
        }
        if piece.ends == Ends::Group {
            codes_before.extend(codes_here.drain(..));
        }
    }
    scattered
}

/// A small set of keys; when it is full it answers "seen", which only costs the exact look.
struct Seen {
    keys: [u64; 32],
    len: usize,
}

impl Seen {
    const fn new() -> Self {
        Self { keys: [0; 32], len: 0 }
    }

    /// Whether `key` is new.
    #[inline]
    fn insert(&mut self, key: u64) -> bool {
        if self.keys[..self.len].contains(&key) {
            return false;
        }
        match self.keys.get_mut(self.len) {
            Some(place) => {
                *place = key;
                self.len += 1;
                true
            }
            None => false,
        }
    }
}

/// A word of up to seven bytes and its length as a number; all longer words are 0.
#[inline]
const fn key(word: &[u8]) -> u64 {
    if word.len() > 7 {
        return 0;
    }
    let mut key = (word.len() as u64) << 56;
    let mut at = 0;
    while at < word.len() {
        key |= (word[at] as u64) << (8 * at);
        at += 1;
    }
    key
}

/// The eight bytes from `at`, zeros behind the end.
#[inline]
fn eight(bytes: &[u8], at: usize) -> u64 {
    let rest = &bytes[at..];
    if let Some(eight) = rest.first_chunk::<8>() {
        return u64::from_le_bytes(*eight);
    }
    let mut eight = [0; 8];
    eight[..rest.len()].copy_from_slice(rest);
    u64::from_le_bytes(eight)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_kinds(cp: &str, expected: &[&str]) {
        let mut problems = Vec::new();
        let mut index = Index::EMPTY;
        check(cp.as_bytes(), 0, !cp.contains([' ', '/']), &mut index, &mut problems);
        let mut names: Vec<&str> = problems.iter().map(|problem| problem.kind.name()).collect();
        names.sort_unstable();
        assert_eq!(names, expected, "{cp}");
    }

    #[test]
    fn each_oddity_of_cp_has_its_name() {
        check_kinds("DataTime=20160801085857;a-Rtd=1,a-Flag=N;b-Rtd=2", &[]);
        check_kinds(" ", &[]);
        check_kinds("a-Rtd=1;", &["empty_group"]);
        check_kinds("a-Rtd=1,", &["empty_item"]);
        check_kinds("a-Rtd=1,;b-Rtd=2", &["empty_item"]);
        check_kinds("a-Rtd", &["item_without_eq"]);
        check_kinds("a-Rtd =1", &["whitespace"]);
        check_kinds("Flag=N", &["orphan_flag"]);
        check_kinds("DataTime=20210305003817000", &["bad_datatime"]);
        check_kinds("DataTime=", &["bad_datatime"]);
        check_kinds("DataTime=20230230246060", &["datatime_invalid"]);
        check_kinds("DataTime=20230101000000;DataTime=20230101000000", &["dup_item"]);
        check_kinds("a-Rtd=1,a-Rtd=1", &["dup_item"]);
        check_kinds("a-Rtd=1;a-Flag=N", &["factor_split_over_groups"]);
        check_kinds("a-Rtd=1,b-Rtd=1", &["mixed_codes_in_group"]);
        check_kinds("PolId=101;PolId=102", &[]);
    }

    #[test]
    fn very_many_factors_are_not_taken_for_repeated_ones() {
        let cp: Vec<String> = (0..100).map(|n| format!("a{n:05}-Rtd=1")).collect();
        check_kinds(&cp.join(";"), &[]);
    }
}
