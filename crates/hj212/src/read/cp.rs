//! Oddities inside `CP`, found in one walk without allocation when there are none.

use std::collections::HashSet;

use super::header::once;
use crate::index::{Entry, Index};
use crate::items::{Cursor, Ends, Span, dash};
use crate::problem::{Kind, Problem};
use crate::reading::{Field, Mark, Role};
use crate::time::{Civil, TimeError};

/// Names the oddities of `cp`, which begins at byte `base` of the frame; each kind once, at its first
/// place. With `has_blanks` there may be blanks anywhere. Fills the index. Returns whether factors are scattered: one over several groups, or several in
/// one.
pub(super) fn check(
    cp: &[u8],
    base: usize,
    has_blanks: bool,
    index: &mut Index,
    problems: &mut Vec<Problem>,
) -> bool {
    if cp.is_empty() || (has_blanks && cp.trim_ascii().is_empty()) {
        return false;
    }
    if has_blanks || cp.len() > usize::from(u16::MAX) {
        index.spoil();
    }
    let mut walk = Walk {
        cp,
        base,
        index,
        problems,
        codes: Seen::new(),
        roles: 0,
        group: Code::default(),
        group_is_blank: true,
        mixed: false,
        again: false,
        data_times: 0,
    };
    let mut cursor = Cursor::new(cp);
    while let Some(span) = cursor.next_span() {
        if has_blanks || span.eq == span.start || span.eq == span.end {
            walk.odd(&span);
        } else {
            walk.item(&span);
        }
        if span.ends == Ends::Group {
            walk.group_is_blank = true;
            walk.group = Code::default();
        }
    }
    let (mixed, again) = (walk.mixed, walk.again);
    (mixed || again) && exact(cp, base, problems)
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
    mixed: bool,
    /// Whether a code or an item may have been seen before.
    again: bool,
    data_times: u32,
}

/// A factor code and its dash, as a number to compare with the beginning of a name.
#[derive(Clone, Copy, Default)]
struct Code {
    /// 0 when there is none.
    len: usize,
    bits: u64,
    mask: u64,
}

impl Code {
    /// The code of a name whose dash is at `len`. Longer codes than seven bytes match nothing and are
    /// compared the slow way.
    fn new(name: u64, len: usize) -> Self {
        let mask = if len <= 7 { u64::MAX >> (8 * (7 - len)) } else { 0 };
        Self { len, bits: if len <= 7 { name & mask } else { 1 }, mask }
    }

    #[inline]
    fn begins(&self, name: u64) -> bool {
        name & self.mask == self.bits && self.len > 0
    }
}

impl Walk<'_, '_> {
    /// A name and a value, no blanks.
    #[inline]
    fn item(&mut self, span: &Span) {
        self.group_is_blank = false;
        let name = &self.cp[span.start..span.eq];
        let bits = eight(self.cp, span.start);
        let mut entry = Entry {
            start: span.start as u16,
            eq: span.eq as u16,
            end: span.end as u16,
            ends_group: span.ends == Ends::Group,
            ..Entry::default()
        };
        let code_len = if self.group.begins(bits) {
            self.group.len
        } else {
            match dash(name) {
                Some(len) => {
                    self.code(&name[..len], bits);
                    len
                }
                None => {
                    self.index.push(entry);
                    return self.word(name, &self.cp[span.eq + 1..span.end], span.start);
                }
            }
        };
        let mut field_at = span.start + code_len + 1;
        // The standard prints `--Avg` once.
        field_at += usize::from(self.cp[field_at] == b'-');
        let (role, bit) = role(&self.cp[field_at..span.eq], eight(self.cp, field_at));
        self.again |= self.roles & bit != 0;
        self.roles |= bit;
        entry.role = role;
        entry.field_at = field_at as u16;
        match u8::try_from(code_len) {
            Ok(len) => entry.code_len = len,
            Err(_) => self.index.spoil(),
        }
        self.index.push(entry);
    }

    /// A code that the item before did not have.
    fn code(&mut self, code: &[u8], bits: u64) {
        self.mixed |= self.group.len > 0;
        self.group = Code::new(bits, code.len());
        // An empty code or a long one is left to the exact look.
        self.again |= code.is_empty() || code.len() > 7 || !self.codes.insert(key(code));
        self.roles = 0;
    }

    /// A piece with blanks, without `=` or without a name.
    #[cold]
    fn odd(&mut self, span: &Span) {
        let (name, has_eq) = (&self.cp[span.start..span.eq], span.eq < span.end);
        let value = if has_eq { &self.cp[span.eq + 1..span.end] } else { b"" };
        self.index.spoil();
        if !has_eq && name.trim_ascii().is_empty() {
            let alone = self.group_is_blank && span.ends == Ends::Group;
            return self.say(if alone { Kind::EmptyGroup } else { Kind::EmptyItem }, span.start);
        }
        self.group_is_blank = false;
        let (trimmed, trimmed_value) = (name.trim_ascii(), value.trim_ascii());
        if trimmed.len() != name.len() || trimmed_value.len() != value.len() {
            self.say(Kind::Whitespace, span.start);
        }
        if !has_eq {
            self.say(Kind::ItemWithoutEq, span.start);
        }
        if dash(trimmed).is_some() {
            self.again = true;
        } else {
            self.word(trimmed, trimmed_value, span.start);
        }
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
                        self.say(Kind::DatatimeInvalid, at)
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

/// What an item is by its field, and a bit of its own for each field that may stand once in a group.
/// Rare fields share a bit; that only costs the exact look. `bits` are the eight bytes from its beginning.
#[inline]
fn role(field: &[u8], bits: u64) -> (Role, u32) {
    let key = match field.len() {
        len @ 1..=7 => (bits & (u64::MAX >> (64 - 8 * len))) | (len as u64) << 56,
        _ => 0,
    };
    let role = match key {
        RTD => Role::Value(Field::Rtd),
        AVG => Role::Value(Field::Avg),
        MIN => Role::Value(Field::Min),
        MAX => Role::Value(Field::Max),
        COU => Role::Value(Field::Cou),
        FLAG => Role::Mark(Mark::Flag),
        _ => Role::of(field),
    };
    let bit = match role {
        Role::Value(field) => 1 << (field as u32),
        Role::Mark(mark) => 1 << (24 + mark as u32),
        Role::Word => 0,
    };
    (role, bit)
}

const RTD: u64 = key(b"Rtd");
const AVG: u64 = key(b"Avg");
const MIN: u64 = key(b"Min");
const MAX: u64 = key(b"Max");
const COU: u64 = key(b"Cou");
const FLAG: u64 = key(b"Flag");

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
        check(cp.as_bytes(), 0, cp.contains(' '), &mut index, &mut problems);
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
