//! What a Parquet file claims, looked at before anything of it is decoded.
//!
//! A few hundred bytes can claim a footer of millions of entries, a page that unpacks to gigabytes, or a
//! list of lengths without end, and a reader that believes them runs out of memory. So footer and page
//! headers (Thrift, compact protocol) are walked here first: every size in them is held against a bound,
//! and what is decoded later can be no larger than what was claimed.

use super::Limits;
use std::fs;
use std::io::{self, Read, Seek, SeekFrom};

/// Elements of one list of the footer.
const LIST_MAX: u64 = 200_000;
/// How deep structures may lie in each other.
const DEPTH_MAX: u32 = 16;
/// The largest header of a page; statistics stand in it.
const HEADER_BYTES_MAX: usize = 64 << 10;
/// Encodings whose values are decoded a piece at a time: plain, dictionaries, runs, deltas of numbers,
/// split bytes. Not those of lengths, of which a page may claim any number.
const ENCODINGS: [u64; 6] = [0, 2, 3, 5, 8, 9];

/// Something that can be read at a place.
pub trait Bytes {
    /// How many bytes there are.
    fn len(&mut self) -> io::Result<u64>;
    /// At most `max` bytes from a place on.
    fn read_at(&mut self, at: u64, max: usize) -> io::Result<Vec<u8>>;
}

impl Bytes for fs::File {
    fn len(&mut self) -> io::Result<u64> {
        self.metadata().map(|about| about.len())
    }

    fn read_at(&mut self, at: u64, max: usize) -> io::Result<Vec<u8>> {
        self.seek(SeekFrom::Start(at))?;
        let mut bytes = vec![];
        self.take(max as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Bytes for bytes::Bytes {
    fn len(&mut self) -> io::Result<u64> {
        Ok(bytes::Bytes::len(self) as u64)
    }

    fn read_at(&mut self, at: u64, max: usize) -> io::Result<Vec<u8>> {
        let all = bytes::Bytes::len(self);
        let start = usize::try_from(at).unwrap_or(all).min(all);
        Ok(self[start..all.min(start.saturating_add(max))].to_vec())
    }
}

/// Checks the end of the file and the lists of its footer.
pub fn check_footer(file: &mut impl Bytes, limits: &Limits) -> Result<(), String> {
    let read = |error: io::Error| error.to_string();
    let len = file.len().map_err(read)?;
    if len < 12 {
        return Err("it is cut off".to_owned());
    }
    let end = file.read_at(len - 8, 8).map_err(read)?;
    let Some((size, b"PAR1")) = end.split_first_chunk::<4>() else {
        return Err("it is cut off: the mark at its end is missing".to_owned());
    };
    let size = u64::from(u32::from_le_bytes(*size));
    let max = limits.footer_bytes_max as u64;
    if size > max {
        return Err(format!(
            "its footer claims {size} bytes; the limit `footer_bytes_max` is {max}"
        ));
    }
    if size + 12 > len {
        return Err("it is cut off: its footer is longer than the file".to_owned());
    }
    let footer = file.read_at(len - 8 - size, size as usize).map_err(read)?;
    let mut walk = Walk { bytes: &footer, at: 0 };
    walk.skip(STRUCT, DEPTH_MAX).ok_or_else(|| "its footer is damaged".to_owned())
}

/// Checks every page of the columns of one file; `chunks` are their places and lengths.
pub fn check_pages(
    file: &mut impl Bytes,
    chunks: impl Iterator<Item = (i64, i64)>,
    limits: &Limits,
) -> Result<(), String> {
    let len = file.len().map_err(|error| error.to_string())?;
    let mut all = 0_u64;
    for (start, size) in chunks {
        let range = u64::try_from(start).ok().zip(u64::try_from(size).ok());
        let Some((mut at, size)) = range.filter(|(at, size)| at.saturating_add(*size) <= len)
        else {
            return Err("a column lies outside of the file".to_owned());
        };
        let end = at + size;
        while at < end {
            let header = file.read_at(at, HEADER_BYTES_MAX).map_err(|error| error.to_string())?;
            let mut walk = Walk { bytes: &header, at: 0 };
            let page = walk.page().ok_or_else(|| "the head of a page is damaged".to_owned())?;
            page.check(limits)?;
            all = all.saturating_add(page.unpacked);
            if all > limits.pages_bytes_max {
                let max = limits.pages_bytes_max;
                return Err(format!("its pages unpack to more than `pages_bytes_max` = {max}"));
            }
            at += walk.at as u64 + page.packed;
        }
        if at != end {
            return Err("a page lies outside of its column".to_owned());
        }
    }
    Ok(())
}

/// What the head of a page claims.
#[derive(Default)]
struct Page {
    unpacked: u64,
    packed: u64,
    values: u64,
    encoding: u64,
}

impl Page {
    fn check(&self, limits: &Limits) -> Result<(), String> {
        let (size, max) = (self.unpacked, limits.page_bytes_max as u64);
        if size > max || self.packed > max {
            return Err(format!("a page claims {size} bytes; the limit `page_bytes_max` is {max}"));
        }
        let (values, max) = (self.values, limits.page_values_max as u64);
        if values > max {
            return Err(format!(
                "a page claims {values} values; the limit `page_values_max` is {max}"
            ));
        }
        if !ENCODINGS.contains(&self.encoding) {
            return Err(format!(
                "a page has encoding {}, which is not read here: write it plain or by a dictionary",
                self.encoding
            ));
        }
        Ok(())
    }
}

const STRUCT: u8 = 12;

/// A walk over Thrift's compact protocol. `None` is: damaged, or deeper or longer than may be.
struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Walk<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..63).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// A number that must not be negative.
    fn count(&mut self) -> Option<u64> {
        let zigzag = self.varint()?;
        (zigzag & 1 == 0).then_some(zigzag >> 1)
    }

    fn forward(&mut self, count: u64) -> Option<()> {
        let at = self.at.checked_add(usize::try_from(count).ok()?)?;
        (at <= self.bytes.len()).then(|| self.at = at)
    }

    fn skip(&mut self, kind: u8, depth: u32) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match kind {
            1 | 2 => Some(()),
            3 => self.forward(1),
            4..=6 => self.varint().map(drop),
            7 => self.forward(8),
            8 => {
                let count = self.varint()?;
                self.forward(count)
            }
            9 | 10 => self.skip_list(depth),
            11 => self.skip_map(depth),
            STRUCT => self.fields(|walk, _, kind| walk.skip(kind, depth)),
            _ => None,
        }
    }

    fn skip_list(&mut self, depth: u32) -> Option<()> {
        let head = self.byte()?;
        let (short, kind) = (u64::from(head >> 4), head & 15);
        let count = if short == 15 { self.varint()? } else { short };
        if count > LIST_MAX {
            return None;
        }
        (0..count).try_for_each(|_| match kind {
            // Inside a list a truth has a byte of its own.
            1 | 2 => self.forward(1),
            kind => self.skip(kind, depth),
        })
    }

    fn skip_map(&mut self, depth: u32) -> Option<()> {
        let count = self.varint()?;
        if count > LIST_MAX {
            return None;
        }
        if count == 0 {
            return Some(());
        }
        let kinds = self.byte()?;
        (0..count).try_for_each(|_| {
            self.skip(kinds >> 4, depth)?;
            self.skip(kinds & 15, depth)
        })
    }

    /// Walks the fields of a structure; `each` gets number and kind and must read the value.
    fn fields(&mut self, mut each: impl FnMut(&mut Self, u64, u8) -> Option<()>) -> Option<()> {
        let mut number = 0_u64;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(());
            }
            let delta = u64::from(head >> 4);
            number = if delta == 0 { self.count()? } else { number.checked_add(delta)? };
            each(self, number, head & 15)?;
        }
    }

    /// The head of a page (`PageHeader` of parquet.thrift).
    fn page(&mut self) -> Option<Page> {
        let mut page = Page::default();
        self.fields(|walk, number, kind| match (number, kind) {
            (2, 5) => walk.count().map(|count| page.unpacked = count),
            (3, 5) => walk.count().map(|count| page.packed = count),
            // 5 a page of data, 7 a dictionary, 8 a page of data of the second version.
            (5 | 7 | 8, STRUCT) => walk.fields(|walk, field, kind| match (number, field, kind) {
                (_, 1, 5) => walk.count().map(|count| page.values = count),
                (5 | 7, 2, 5) | (8, 4, 5) => walk.count().map(|count| page.encoding = count),
                _ => walk.skip(kind, DEPTH_MAX),
            }),
            _ => walk.skip(kind, DEPTH_MAX),
        })?;
        Some(page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_or_loop(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = Walk { bytes: &bytes, at: 0 }.skip(STRUCT, DEPTH_MAX);
            let _ = Walk { bytes: &bytes, at: 0 }.page();
            let mut file = bytes::Bytes::from(bytes);
            let _ = check_footer(&mut file, &Limits::for_testing());
            let _ = check_pages(&mut file, [(4, 300), (-1, 5)].into_iter(), &Limits::for_testing());
        }
    }

    #[test]
    fn a_list_that_claims_more_than_is_there_is_refused() {
        // Field 1, a list of structures, four thousand million of them.
        let claim = [0x19, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x00];
        assert_eq!(Walk { bytes: &claim, at: 0 }.skip(STRUCT, DEPTH_MAX), None);
    }
}
