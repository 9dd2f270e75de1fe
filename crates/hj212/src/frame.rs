//! A frame as read: header fields, flag bits, groups of `CP`, and the facts of its envelope.

use core::fmt;

use crate::envelope::Tail;
use crate::index::Index;
use crate::items::{Groups, Item, Items};
use crate::reading::Readings;
use crate::time::{Civil, TimeError};

/// One frame, borrowed from the bytes it was read from.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// `##`, length, checksum, tail.
    pub envelope: Envelope<'a>,
    /// The fields before `CP`.
    pub header: Header<'a>,
    /// The content of `CP=&&…&&`; `None` without `CP`. Ciphertext when [`encrypted`](Self::encrypted).
    pub cp: Option<&'a [u8]>,
    /// How `CP` is encrypted, if it is (HJ 212-2025). Then it has no groups until it is decrypted.
    pub encrypted: Option<Encrypted>,
    /// Whether a factor stands in several groups or several factors in one: marks must then be looked
    /// for in all of `CP`.
    pub(crate) scattered: bool,
    /// Where its items stand.
    pub(crate) index: Index,
}

/// The outside of a frame.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    /// The bytes that the checksum covers.
    pub segment: &'a [u8],
    /// Where the segment begins, in bytes from the first `#`.
    pub segment_at: usize,
    /// What the length field says, in bytes.
    pub declared_len: usize,
    /// The four characters of the checksum as sent.
    pub crc_digits: &'a [u8],
    /// The checksum of the segment as received.
    pub crc_computed: u16,
    /// Whether both are the same.
    pub crc_ok: bool,
    /// What stands after the checksum.
    pub tail: Tail,
}

/// How the content of `CP` is encrypted (known of HJ 212-2025 from code bases that quote it).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encrypted {
    /// Ciphertext bytes, as long as the plaintext.
    Raw,
    /// The form that the annex prints, `{0xE4,0x3E,…}` and the plain rest.
    HexLiteral,
}

/// The fields before `CP`, by name and in any order. The first of a duplicate wins.
///
/// MN and PW are opaque text: 5 to 27 characters, letters, `_` and `-` are in use.
#[derive(Clone, Copy, Default)]
pub struct Header<'a> {
    /// The header as sent, to the first byte of `CP`.
    pub text: &'a [u8],
    /// Request number, 17 digits `YYYYMMDDhhmmsszzz`; answers repeat it.
    pub qn: Option<&'a [u8]>,
    /// System code.
    pub st: Option<&'a [u8]>,
    /// Command number.
    pub cn: Option<&'a [u8]>,
    /// Password.
    pub pw: Option<&'a [u8]>,
    /// Device id.
    pub mn: Option<&'a [u8]>,
    /// Flag.
    pub flag: Option<&'a [u8]>,
    /// Number of parts.
    pub pnum: Option<&'a [u8]>,
    /// Number of this part, from 1.
    pub pno: Option<&'a [u8]>,
    /// `1` marks resent data (2025).
    pub rf: Option<&'a [u8]>,
}

impl<'a> Header<'a> {
    /// Every field in the order sent, unknown ones and duplicates too, blanks trimmed.
    pub fn fields(&self) -> impl Iterator<Item = Item<'a>> + use<'a> {
        self.text.split(|byte| matches!(byte, b';' | b',')).filter_map(|field| {
            let field = field.trim_ascii();
            if field.is_empty() {
                return None;
            }
            let eq = memchr::memchr(b'=', field);
            let (name, value) = field.split_at(eq.unwrap_or(field.len()));
            Some(Item {
                name: name.trim_ascii_end(),
                value: value.strip_prefix(b"=").unwrap_or(value).trim_ascii_start(),
            })
        })
    }
}

impl fmt::Debug for Header<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.fields()).finish()
    }
}

/// The number in `Flag`: six bits of version, D (packet numbers present), A (answer wanted).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Flag(pub u8);

impl Flag {
    /// A flag of a version (0 = 2005, 1 = 2017, 2 = 2025 and the surface-water stations).
    pub const fn new(version: u8, split: bool, ack: bool) -> Self {
        Self((version << 2) | ((split as u8) << 1) | ack as u8)
    }

    /// Version bits V5–V0. 2 is shared by HJ 212-2025 and the surface-water protocol.
    pub const fn version(self) -> u8 {
        self.0 >> 2
    }

    /// Bit D: PNUM and PNO are there. Requests of 2005 set it without them.
    pub const fn split(self) -> bool {
        self.0 & 2 != 0
    }

    /// Bit A: an answer is wanted.
    pub const fn ack(self) -> bool {
        self.0 & 1 != 0
    }

    /// Reads 0–255.
    pub(crate) fn read(digits: &[u8]) -> Option<Self> {
        if digits.is_empty() || digits.len() > 3 || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let value = digits.iter().fold(0_u16, |sum, digit| sum * 10 + u16::from(digit - b'0'));
        u8::try_from(value).ok().map(Self)
    }
}

/// The place of a frame among the parts of a split message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Part {
    /// Number of parts, PNUM.
    pub of: u32,
    /// Number of this part from 1, PNO.
    pub number: u32,
}

impl<'a> Frame<'a> {
    /// The command number; `None` if it is missing or not four digits.
    #[inline]
    pub fn cn(&self) -> Option<u16> {
        let digits = self.header.cn?;
        if digits.len() != 4 || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        Some(digits.iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0')))
    }

    /// The device id as text; empty if it is missing or not UTF-8.
    #[inline]
    pub fn mn(&self) -> &'a str {
        text_of(self.header.mn)
    }

    /// The password as text; empty if it is missing or not UTF-8.
    #[inline]
    pub fn pw(&self) -> &'a str {
        text_of(self.header.pw)
    }

    /// The system code as text; empty if it is missing or not UTF-8.
    #[inline]
    pub fn st(&self) -> &'a str {
        text_of(self.header.st)
    }

    /// The request number as text, whatever its form; empty if it is missing or not UTF-8. Answers of
    /// 2005 carry it inside `CP`: see [`answered_qn`](Self::answered_qn).
    #[inline]
    pub fn qn(&self) -> &'a str {
        text_of(self.header.qn)
    }

    /// The QN that this frame answers: that of the header, or, as in the answers of 2005, that in `CP`.
    pub fn answered_qn(&self) -> &'a str {
        if self.header.qn.is_some() { self.qn() } else { text_of(self.value(b"QN")) }
    }

    /// The flag; `None` if it is missing or not a number from 0 to 255.
    #[inline]
    pub fn flag(&self) -> Option<Flag> {
        self.header.flag.and_then(Flag::read)
    }

    /// Whether the sender wants an answer (bit A).
    #[inline]
    pub fn wants_answer(&self) -> bool {
        self.flag().is_some_and(Flag::ack)
    }

    /// The part of a split message this frame is. `None` for a whole frame, which is also what a frame
    /// with only one of PNUM and PNO, or a PNO out of range, is taken as.
    pub fn part(&self) -> Option<Part> {
        let (of, number) = (integer(self.header.pnum?)?, integer(self.header.pno?)?);
        (number >= 1 && number <= of).then_some(Part { of, number })
    }

    /// Whether the data are sent again (`RF=1`, 2025).
    pub fn is_resent(&self) -> bool {
        self.header.rf == Some(b"1")
    }

    /// The groups of `CP` in order; none when it is encrypted.
    pub fn groups(&self) -> Groups<'a> {
        Groups::new(self.plain_cp())
    }

    /// All items of `CP` in order, over group borders; none when it is encrypted.
    pub fn items(&self) -> Items<'a> {
        Items::new(self.plain_cp())
    }

    /// The readings of `CP`: one for each factor code and field, with the marks of its factor.
    pub fn readings(&self) -> Readings<'_, 'a> {
        Readings::new(self.plain_cp(), &self.index, self.scattered)
    }

    /// The value of the first item of this name (`DataTime`, `QnRtn`, `PolId`).
    pub fn value(&self, name: &[u8]) -> Option<&'a [u8]> {
        self.items().find(|item| item.name == name).map(|item| item.value)
    }

    /// `DataTime`: the instant of 2011 and 2021, the start of the period of 2031, 2041, 2051, 2061.
    ///
    /// `None` when there is none. 17 digits (with milliseconds) are read too.
    pub fn data_time(&self) -> Option<Result<Civil, TimeError>> {
        self.value(b"DataTime").map(Civil::read)
    }

    /// The return code of a 9011 (`QnRtn`), if there is one.
    pub fn qn_rtn(&self) -> Option<u32> {
        self.value(b"QnRtn").and_then(integer)
    }

    /// The return code of a 9012 (`ExeRtn`), if there is one.
    pub fn exe_rtn(&self) -> Option<u32> {
        self.value(b"ExeRtn").and_then(integer)
    }

    /// Number of bytes from the first `#` to the end of the tail.
    pub fn len(&self) -> usize {
        self.envelope.segment_at + self.envelope.segment.len() + 4 + self.envelope.tail.len()
    }

    /// Never true: a frame has at least its envelope.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn plain_cp(&self) -> &'a [u8] {
        if self.encrypted.is_some() { b"" } else { self.cp.unwrap_or_default() }
    }
}

#[inline]
fn text_of(bytes: Option<&[u8]>) -> &str {
    bytes.and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or_default()
}

/// A short run of digits, leading zeros allowed.
fn integer(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 9 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(digits.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')))
}
