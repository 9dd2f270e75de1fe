//! Oddities inside `CP`, found in one walk without allocation when there are none.

use std::collections::HashSet;

use super::header::once;
use crate::items::{Cursor, Ends, Item, Piece};
use crate::problem::{Kind, Problem};
use crate::time::{Civil, TimeError};

/// Names the oddities of `cp`, which begins at byte `base` of the frame; each kind once, at its first
/// place. Returns whether factors are scattered: one over several groups, or several in one.
pub(super) fn check(cp: &[u8], base: usize, problems: &mut Vec<Problem>) -> bool {
    if cp.trim_ascii().is_empty() {
        return false;
    }
    let mut walk = Walk {
        base,
        problems,
        codes: Seen::new(),
        fields: Seen::new(),
        group_code: None,
        group_is_blank: true,
        mixed: false,
        again: false,
        data_times: 0,
    };
    for piece in Cursor::new(cp) {
        walk.piece(&piece);
    }
    let (mixed, again) = (walk.mixed, walk.again);
    if mixed || again { exact(cp, base, problems) } else { false }
}

struct Walk<'p> {
    base: usize,
    problems: &'p mut Vec<Problem>,
    /// Codes of the groups before.
    codes: Seen,
    /// Fields of this group.
    fields: Seen,
    group_code: Option<u64>,
    group_is_blank: bool,
    mixed: bool,
    /// Whether a code or an item may have been seen before.
    again: bool,
    data_times: u32,
}

impl Walk<'_> {
    #[inline]
    fn piece(&mut self, piece: &Piece<'_>) {
        if piece.is_blank() {
            self.blank(piece);
        } else {
            let item = piece.item();
            self.group_is_blank = false;
            if piece.has_blanks() {
                self.say(Kind::Whitespace, piece.start);
            }
            if piece.value.is_none() {
                self.say(Kind::ItemWithoutEq, piece.start);
            }
            self.named(&item, piece.start);
        }
        if piece.ends == Ends::Group {
            self.group_is_blank = true;
            self.group_code = None;
        }
    }

    #[cold]
    fn blank(&mut self, piece: &Piece<'_>) {
        let alone = self.group_is_blank && piece.ends == Ends::Group;
        self.say(if alone { Kind::EmptyGroup } else { Kind::EmptyItem }, piece.start);
    }

    #[inline]
    fn named(&mut self, item: &Item<'_>, at: usize) {
        let (Some(code), Some(field)) = (item.code(), item.field()) else {
            return self.word(item, at);
        };
        let code = key(code);
        match self.group_code {
            Some(known) if known == code => {}
            Some(_) => self.mixed = true,
            None => {
                self.group_code = Some(code);
                self.again |= !self.codes.insert(code);
                self.fields.clear();
            }
        }
        self.again |= !self.fields.insert(key(field));
    }

    #[cold]
    fn word(&mut self, item: &Item<'_>, at: usize) {
        match item.name {
            b"Flag" => self.say(Kind::OrphanFlag, at),
            b"DataTime" => {
                self.data_times += 1;
                if self.data_times == 2 {
                    self.say(Kind::DupItem, at);
                }
                match Civil::read(item.value) {
                    Ok(_) if item.value.len() == 14 => {}
                    Err(TimeError::Range) if item.value.len() == 14 => {
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

    fn clear(&mut self) {
        self.len = 0;
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

/// A word of up to seven bytes as a number; a longer one is hashed, and a clash only costs the exact look.
#[inline]
fn key(word: &[u8]) -> u64 {
    if word.len() <= 7 {
        let mut bytes = [0; 8];
        bytes[..word.len()].copy_from_slice(word);
        bytes[7] = word.len() as u8;
        u64::from_le_bytes(bytes)
    } else {
        let hash = word.iter().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        hash | (0xFF << 56)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_kinds(cp: &str, expected: &[&str]) {
        let mut problems = Vec::new();
        check(cp.as_bytes(), 0, &mut problems);
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
