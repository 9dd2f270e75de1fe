//! The inside of `CP`: groups, items, names and values, walked without allocation.
//!
//! ```text
//! cp    = "" / group *( ";" group ) [ ";" ]
//! group = item *( "," item )                    the items of one factor
//! item  = name "=" value
//! name  = word / code "-" field                 DataTime, w01018-Avg
//! value = *( any byte but ";" and "," ) / "//" text "//"
//! ```

use std::borrow::Cow;

use crate::number::number;
use crate::text;

/// One item of `CP`: a name and a value, blanks trimmed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Item<'a> {
    /// The name, `DataTime` or `w01018-Avg`.
    pub name: &'a [u8],
    /// The value as sent; empty when there is none.
    pub value: &'a [u8],
}

impl<'a> Item<'a> {
    /// The factor code: what stands before the first `-` of the name, if there is one.
    #[inline]
    pub fn code(&self) -> Option<&'a [u8]> {
        dash(self.name).map(|at| &self.name[..at])
    }

    /// The field of the factor: what stands after the `-`, `Avg` of `w01018-Avg`.
    #[inline]
    pub fn field(&self) -> Option<&'a [u8]> {
        dash(self.name).map(|at| {
            let field = &self.name[at + 1..];
            // The standard prints `--Avg` once.
            field.strip_prefix(b"-").unwrap_or(field)
        })
    }

    /// The value as a number; `None` is a gap (`NULL`, `-`, `NaN`, empty), never 0.
    #[inline]
    pub fn number(&self) -> Option<f64> {
        number(self.value)
    }

    /// The value as text, decoded from UTF-8 or GBK, without the `//` around log text.
    pub fn text(&self) -> Cow<'a, str> {
        text::decode(unquoted(self.value))
    }

    /// The name as text.
    pub fn name_text(&self) -> Cow<'a, str> {
        text::decode(self.name)
    }
}

impl core::fmt::Debug for Item<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}={}", self.name_text(), text::decode(self.value))
    }
}

/// One group of `CP`: items parted by commas, usually those of one factor.
#[derive(Clone, Copy, Debug)]
pub struct Group<'a> {
    items: &'a [u8],
}

impl<'a> Group<'a> {
    /// The items in order, empty ones left out.
    pub fn items(&self) -> Items<'a> {
        Items { cursor: Cursor::new(self.items) }
    }
}

/// Iterator over the groups of `CP`, empty ones left out.
#[derive(Clone, Debug)]
pub struct Groups<'a> {
    cp: &'a [u8],
    cursor: Cursor<'a>,
}

impl<'a> Groups<'a> {
    pub(crate) fn new(cp: &'a [u8]) -> Self {
        Self { cp, cursor: Cursor::new(cp) }
    }
}

impl<'a> Iterator for Groups<'a> {
    type Item = Group<'a>;

    fn next(&mut self) -> Option<Group<'a>> {
        let mut start = None;
        loop {
            let piece = self.cursor.next()?;
            if !piece.is_blank() && start.is_none() {
                start = Some(piece.start);
            }
            if piece.ends == Ends::Item {
                continue;
            }
            if let Some(start) = start {
                return Some(Group { items: &self.cp[start..piece.end] });
            }
        }
    }
}

/// Iterator over items, empty ones left out.
#[derive(Clone, Debug)]
pub struct Items<'a> {
    cursor: Cursor<'a>,
}

impl<'a> Items<'a> {
    pub(crate) fn new(cp: &'a [u8]) -> Self {
        Self { cursor: Cursor::new(cp) }
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = Item<'a>;

    fn next(&mut self) -> Option<Item<'a>> {
        loop {
            let piece = self.cursor.next()?;
            if !piece.is_blank() {
                return Some(piece.item());
            }
        }
    }
}

/// What ends a piece of `CP`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ends {
    /// A comma: the group goes on.
    Item,
    /// A semicolon or the end of `CP`.
    Group,
}

/// What stands between two separators, blanks and all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Piece<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) value: Option<&'a [u8]>,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) ends: Ends,
}

impl<'a> Piece<'a> {
    pub(crate) fn is_blank(&self) -> bool {
        self.value.is_none() && self.name.trim_ascii().is_empty()
    }

    #[inline]
    pub(crate) fn item(&self) -> Item<'a> {
        Item { name: trim(self.name), value: trim(self.value.unwrap_or_default()) }
    }
}

/// Walks `CP` piece by piece; the one place that knows its grammar.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    cp: &'a [u8],
    at: usize,
    done: bool,
}

impl<'a> Cursor<'a> {
    #[inline]
    pub(crate) fn new(cp: &'a [u8]) -> Self {
        Self { cp, at: 0, done: false }
    }

    /// A walk that is over.
    pub(crate) fn finished() -> Self {
        Self { cp: b"", at: 0, done: true }
    }

    pub(crate) fn finish(&mut self) {
        self.done = true;
    }
}

impl<'a> Iterator for Cursor<'a> {
    type Item = Piece<'a>;

    #[inline]
    fn next(&mut self) -> Option<Piece<'a>> {
        if self.done {
            return None;
        }
        let start = self.at;
        let rest = &self.cp[start..];
        let stop =
            rest.iter().position(|byte| matches!(byte, b'=' | b',' | b';')).unwrap_or(rest.len());
        let (name, value, len) = if rest.get(stop) == Some(&b'=') {
            let after = &rest[stop + 1..];
            let quoted = if after.first() == Some(&b'/') { quoted_len(after) } else { None };
            let value_len = quoted.unwrap_or_else(|| separator(after));
            (&rest[..stop], Some(&after[..value_len]), stop + 1 + value_len)
        } else {
            (&rest[..stop], None, stop)
        };
        let end = start + len;
        self.at = end + 1;
        let separator = self.cp.get(end);
        self.done = separator.is_none();
        let ends = if separator == Some(&b',') { Ends::Item } else { Ends::Group };
        Some(Piece { name, value, start, end, ends })
    }
}

#[inline]
fn separator(bytes: &[u8]) -> usize {
    bytes.iter().position(|byte| matches!(byte, b',' | b';')).unwrap_or(bytes.len())
}

/// Calls `piece` with start and end of each piece of a `CP` without log text, in which every comma and
/// every semicolon separates. They are found 64 bytes at a time.
#[inline]
pub(crate) fn for_each_piece(cp: &[u8], mut piece: impl FnMut(usize, usize)) {
    let mut start = 0;
    for base in (0..=cp.len()).step_by(64) {
        let rest = &cp[base..];
        let mut separators = if let Some(block) = rest.first_chunk::<64>() {
            separators_of(block)
        } else {
            // The end separates too.
            let mut block = [0; 64];
            block[..rest.len()].copy_from_slice(rest);
            block[rest.len()] = b';';
            separators_of(&block)
        };
        while separators != 0 {
            let end = base + separators.trailing_zeros() as usize;
            separators &= separators.wrapping_sub(1);
            piece(start, end);
            start = end + 1;
        }
    }
}

/// A bit for each byte that is `,` or `;`, the first byte lowest.
#[inline]
fn separators_of(block: &[u8; 64]) -> u64 {
    let mut found = [0_u8; 64];
    for (found, byte) in found.iter_mut().zip(block) {
        *found = u8::from(*byte == b',') | u8::from(*byte == b';');
    }
    let mut bits = 0;
    for (at, eight) in found.chunks_exact(8).enumerate() {
        // Gathers the lowest bit of each of eight bytes in the highest byte.
        let eight = eight.try_into().map_or(0, u64::from_le_bytes);
        bits |= (eight.wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * at);
    }
    bits
}

/// The length of `//text//` with the blanks after it, if `bytes` begin with one that closes: at the
/// first `//` that a separator or the end follows.
#[cold]
fn quoted_len(bytes: &[u8]) -> Option<usize> {
    if !bytes.starts_with(b"//") {
        return None;
    }
    let mut at = 2;
    while let Some(found) = memchr::memmem::find(&bytes[at..], b"//") {
        let close = at + found + 2;
        let blanks = bytes[close..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if matches!(bytes.get(close + blanks), None | Some(b',' | b';')) {
            return Some(close + blanks);
        }
        at += found + 1;
    }
    None
}

/// Log text without its slashes; every other value as it is.
fn unquoted(value: &[u8]) -> &[u8] {
    match value {
        [b'/', b'/', text @ .., b'/', b'/'] => text,
        _ => value,
    }
}

#[inline]
pub(crate) fn dash(name: &[u8]) -> Option<usize> {
    // Codes of the 2017 edition have six characters: look there first.
    if name.get(6) == Some(&b'-') && !name[..6].contains(&b'-') {
        return Some(6);
    }
    name.iter().position(|byte| *byte == b'-')
}

#[inline]
pub(crate) fn trim(bytes: &[u8]) -> &[u8] {
    if edge_blank(bytes) { bytes.trim_ascii() } else { bytes }
}

#[inline]
fn edge_blank(bytes: &[u8]) -> bool {
    matches!(bytes, [first, .., last] if first.is_ascii_whitespace() || last.is_ascii_whitespace())
        || matches!(bytes, [only] if only.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cp: &str, expected: &[&[(&str, &str)]]) {
        let groups: Vec<Vec<(String, String)>> = Groups::new(cp.as_bytes())
            .map(|group| {
                group
                    .items()
                    .map(|item| {
                        (item.name_text().into_owned(), text::decode(item.value).into_owned())
                    })
                    .collect()
            })
            .collect();
        let expected: Vec<Vec<(String, String)>> = expected
            .iter()
            .map(|group| group.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
            .collect();
        assert_eq!(groups, expected, "{cp}");
    }

    #[test]
    fn semicolons_part_groups_and_commas_part_items() {
        check("", &[]);
        check(" ", &[]);
        check("RtdInterval=30", &[&[("RtdInterval", "30")]]);
        check("a-Rtd=1,a-Flag=N;b-Rtd=2", &[&[("a-Rtd", "1"), ("a-Flag", "N")], &[("b-Rtd", "2")]]);
    }

    #[test]
    fn trailing_separators_and_blanks_leave_no_trace() {
        check("a-Rtd=1,;;b-Rtd =2 ; ", &[&[("a-Rtd", "1")], &[("b-Rtd", "2")]]);
        check(",a=1", &[&[("a", "1")]]);
    }

    #[test]
    fn separators_inside_log_text_do_not_split() {
        check("i-Info=//open; t=1, ok//;x=2", &[&[("i-Info", "//open; t=1, ok//")], &[("x", "2")]]);
        check("i-Info=//a//b//,x=2", &[&[("i-Info", "//a//b//"), ("x", "2")]]);
        check("i-Info=//never; closed=1", &[&[("i-Info", "//never")], &[("closed", "1")]]);
        check("i-Info=////;x=2", &[&[("i-Info", "////")], &[("x", "2")]]);
    }

    #[test]
    fn a_name_is_a_word_or_a_code_and_a_field() {
        let item = |name: &'static str| Item { name: name.as_bytes(), value: b"" };
        assert_eq!(item("w01018-Avg").code(), Some(&b"w01018"[..]));
        assert_eq!(item("w01018--Avg").field(), Some(&b"Avg"[..]));
        assert_eq!(item("LA-Rtd").code(), Some(&b"LA"[..]));
        assert_eq!(item("a-b-c-d-e").code(), Some(&b"a"[..]));
        assert_eq!(item("DataTime").code(), None);
    }
}
