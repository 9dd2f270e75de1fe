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
    let mut walk =
        Walk { cp, base, index, problems, codes: Seen::new(), again: false, data_times: 0 };
    if is_plain && u16::try_from(cp.len()).is_ok() {
        walk.plain();
    } else {
        walk.index.spoil();
        let mut group = Group::EMPTY;
        for piece in Cursor::new(cp) {
            group = walk.piece(group, &piece);
        }
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
    /// Whether a code or an item may have been seen before, or a group has several codes.
    again: bool,
    data_times: u32,
}

/// What is known of the group that is being walked. Handed around by value, so that the walk over plain
/// items keeps it in registers.
#[derive(Clone, Copy)]
struct Group {
    /// Length of its factor code; 0 when there is none.
    code_len: usize,
    /// The code and its dash, to compare with the eight bytes that a name begins with.
    bits: u64,
    /// Which of the eight bytes to compare.
    mask: u64,
    /// A bit for each field seen.
    roles: u32,
    is_blank: bool,
}

impl Group {
    /// Nothing was seen; no name begins with its code.
    const EMPTY: Self = Self { code_len: 0, bits: 1, mask: 0, roles: 0, is_blank: true };

    /// A group of the code that stands before the dash at `len`. Codes of more than seven bytes are never
    /// taken as the same, which leaves them to the exact look.
    #[inline]
    fn of(name: u64, len: usize) -> Self {
        if len > 7 {
            return Self { code_len: len, ..Self::EMPTY };
        }
        let mask = u64::MAX >> (8 * (7 - len));
        Self { code_len: len, bits: name & mask, mask, roles: 0, is_blank: false }
    }

    #[inline]
    fn has_code_of(&self, name: u64) -> bool {
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
    /// Walks a `CP` without blanks and slashes.
    fn plain(&mut self) {
        let cp = self.cp;
        let mut group = Group::EMPTY;
        let mut twice = 0;
        for_each_piece(cp, |start, end| {
            let name = eight(cp, start);
            if !group.has_code_of(name) && group.code_len == 0 && is_code_of_2017(name) {
                group = Group::of(name, 6);
                self.see_code(&group, true);
            }
            // Most items have the code of the group and one of six fields.
            let field_at = start + group.code_len + 1;
            let common = if group.has_code_of(name) { role(eight(cp, field_at)) } else { None };
            let ends_group = cp.get(end) != Some(&b',');
            if let Some((role, field_len)) = common {
                twice |= group.roles & role.bit();
                group.roles |= role.bit();
                self.index.push(Entry {
                    start: start as u16,
                    eq: (field_at + field_len) as u16,
                    end: end as u16,
                    code_len: group.code_len as u8,
                    role: role.at_group_end(ends_group),
                });
                if ends_group {
                    group = Group::EMPTY;
                }
            } else {
                group = self.rare(group, start, end, name);
            }
        });
        self.again |= twice != 0;
    }

    /// An item with a code of another form, a second code in its group or a rare field; or no item.
    #[inline(never)]
    fn rare(&mut self, mut group: Group, start: usize, end: usize, bits: u64) -> Group {
        let text = &self.cp[start..end];
        let eq = text.iter().position(|byte| *byte == b'=');
        let ends = if self.cp.get(end) == Some(&b',') { Ends::Item } else { Ends::Group };
        let name = &text[..eq.unwrap_or(text.len())];
        let mut entry = Entry {
            start: start as u16,
            eq: (start + name.len()) as u16,
            end: end as u16,
            code_len: 0,
            role: Role::WORD.at_group_end(ends == Ends::Group),
        };
        let Some(len) = eq.and_then(|_| dash(name)) else {
            if eq.is_some() && !name.is_empty() {
                self.index.push(entry);
            } else {
                self.index.spoil();
            }
            let value = eq.map(|eq| &text[eq + 1..]);
            return self.piece(group, &Piece { name, value, start, end, ends });
        };
        if !group.has_code_of(bits) {
            // Several codes in a group are left to the exact look.
            let is_sure = group.code_len == 0 && (1..=7).contains(&len);
            group = Group::of(bits, len);
            self.see_code(&group, is_sure);
        }
        let field = &name[len + 1..];
        // The standard prints `--Avg` once.
        let role = Role::of(field.strip_prefix(b"-").unwrap_or(field));
        if len == 0 || len > usize::from(u8::MAX) || field.starts_with(b"-") {
            self.index.spoil();
        }
        self.again |= group.roles & role.bit() != 0;
        group.roles |= role.bit();
        entry.code_len = len as u8;
        entry.role = role.at_group_end(ends == Ends::Group);
        self.index.push(entry);
        group.is_blank = false;
        if ends == Ends::Group { Group::EMPTY } else { group }
    }

    /// Notes the code of a group; `is_sure` unless it may have been seen before.
    #[inline]
    fn see_code(&mut self, group: &Group, is_sure: bool) {
        self.again |= !is_sure || !self.codes.insert(group.bits);
    }

    /// Any piece, looked at closely.
    #[cold]
    fn piece(&mut self, mut group: Group, piece: &Piece<'_>) -> Group {
        if piece.is_blank() {
            let alone = group.is_blank && piece.ends == Ends::Group;
            self.say(if alone { Kind::EmptyGroup } else { Kind::EmptyItem }, piece.start);
        } else {
            group.is_blank = false;
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
        if piece.ends == Ends::Group { Group::EMPTY } else { group }
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
