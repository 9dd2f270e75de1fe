//! The strict writer: messages, answers and requests as the standard wants them, or an error.

mod answer;
mod request;

use core::fmt;

pub use answer::{Answer, ExeRtn, QnRtn, answer};
pub use request::{Request, request};

use crate::cipher::{Key, must_encrypt};
use crate::crc::crc;
use crate::frame::{Flag, Part};
use crate::time::Civil;

/// Most bytes of the content of `CP` in one frame (HJ 212-2017 table 3; 960 in 2005).
pub const CP_BYTES_MAX: usize = 950;

/// Most bytes of a segment (HJ 212-2017 table 2). A long header leaves less than [`CP_BYTES_MAX`] for `CP`.
pub const SEGMENT_BYTES_MAX: usize = 1024;

/// Most parts of one message.
const PARTS_MAX: u32 = 9999;

/// Which protocol a station speaks. A property of the station, not of a frame: HJ 212-2025 and the
/// surface-water protocol share their version bits and disagree on commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// HJ/T 212-2005.
    V2005,
    /// HJ 212-2017.
    V2017,
    /// HJ 212-2025, as far as it is known.
    V2025,
    /// Surface-water stations (CNEMC 2017, HJ 1404-2024).
    SurfaceWater,
}

impl Dialect {
    /// The version bits of its flag.
    pub const fn version(self) -> u8 {
        match self {
            Self::V2005 => 0,
            Self::V2017 => 1,
            Self::V2025 | Self::SurfaceWater => 2,
        }
    }

    /// The likely dialect of a frame of an unknown station: by the version bits, and for version 2 by
    /// ST=21. A frame without a flag is of 2005.
    pub fn guess(frame: &crate::Frame<'_>) -> Self {
        match frame.flag().map_or(0, Flag::version) {
            0 => Self::V2005,
            1 => Self::V2017,
            _ if frame.st() == "21" => Self::SurfaceWater,
            _ => Self::V2025,
        }
    }

    /// Its name in configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::V2005 => "2005",
            Self::V2017 => "2017",
            Self::V2025 => "2025",
            Self::SurfaceWater => "surface-water",
        }
    }

    /// The dialect of a name in configuration.
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::V2005, Self::V2017, Self::V2025, Self::SurfaceWater]
            .into_iter()
            .find(|d| d.name() == name)
    }
}

/// The header of a frame to be written. `None` leaves a field out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head<'a> {
    /// Request number. Parts after the first count it up by a millisecond.
    pub qn: Option<Civil>,
    /// System code, two characters.
    pub st: &'a str,
    /// Command number.
    pub cn: u16,
    /// Password, 1–24 characters.
    pub pw: Option<&'a str>,
    /// Device id, at most 27 characters; may be empty (2025, before it is registered).
    pub mn: Option<&'a str>,
    /// Version, D, A. D is set by the writer when it writes packet numbers.
    pub flag: Option<Flag>,
    /// Packet numbers set by the caller; then the writer does not split.
    pub part: Option<Part>,
    /// Data sent again, `RF=1` (2025).
    pub resent: bool,
}

/// Why something cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteError {
    /// A field of the header is not allowed to look like this.
    Field {
        /// Its name.
        name: &'static str,
        /// What is wrong and what would be right.
        problem: &'static str,
    },
    /// An item name is not a word or a code, `-` and a field.
    Name(String),
    /// A value holds a separator, a line end, `&&`, `##` or blanks at its ends.
    Value {
        /// The name of the item.
        name: String,
        /// The value.
        value: String,
    },
    /// An item stands twice in a group, or belongs to another factor than the group.
    Group(String),
    /// One group alone is longer than a frame allows.
    TooLong {
        /// Bytes of `CP` that the group and the common items need.
        bytes: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// More parts than PNUM can count, or a split without a flag to say so.
    Split(&'static str),
    /// What is to be answered has no QN that could be repeated: send no answer.
    NoQn,
    /// The dialect has no such command or answer.
    NotInDialect(Dialect),
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field { name, problem } => write!(f, "{name}: {problem}"),
            Self::Name(name) => write!(
                f,
                "item name {name:?}: write a word, or a code, one - and a field, of letters, digits and _"
            ),
            Self::Value { name, value } => write!(
                f,
                "value {value:?} of {name}: no ; , && ## line end or blanks at its ends; long text goes between // and //"
            ),
            Self::Group(name) => {
                write!(f, "item {name}: a group holds the items of one factor, each once")
            }
            Self::TooLong { bytes, max } => {
                write!(
                    f,
                    "one group needs {bytes} bytes of CP, a frame allows {max}; write fewer items or shorter values"
                )
            }
            Self::Split(problem) => f.write_str(problem),
            Self::NoQn => {
                f.write_str("the frame to be answered has no QN to repeat; send no answer")
            }
            Self::NotInDialect(dialect) => write!(f, "not in dialect {}", dialect.name()),
        }
    }
}

impl std::error::Error for WriteError {}

/// Collects the content of `CP` and writes it as one frame, or as several when it is too long for one.
///
/// Common items (`DataTime`) come first and are repeated in every part; then groups, one factor each.
/// Reuse a writer with [`clear`](Self::clear).
///
/// ```
/// use hj212::time::Civil;
/// use hj212::{Flag, Head, Writer};
///
/// let mut writer = Writer::new();
/// writer.common("DataTime", "20261122080000")?;
/// writer.group().item("a34004-Rtd", "35")?.item("a34004-Flag", "N")?;
/// let head = Head {
///     qn: Civil::read(b"20261122080005123").ok(),
///     st: "22",
///     cn: 2011,
///     pw: Some("123456"),
///     mn: Some("010000A8900016F000169DC0"),
///     flag: Some(Flag::new(1, false, true)),
///     part: None,
///     resent: false,
/// };
/// let mut wire = Vec::new();
/// assert_eq!(writer.finish(&head, None, &mut wire)?, 1);
/// assert!(hj212::read(&wire).is_ok_and(|(_, problems)| problems.is_empty()));
/// # Ok::<(), hj212::WriteError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Writer {
    /// Content of `CP` without splitting.
    cp: Vec<u8>,
    /// Where each group begins in `cp`.
    groups: Vec<usize>,
    /// End of the common items in `cp`.
    common_end: usize,
    /// Where the names of the present group stand in `cp`.
    names: Vec<(usize, usize)>,
    /// The next item opens a group.
    opens: bool,
}

impl Writer {
    /// A writer with an empty `CP`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets the content, keeps the memory.
    pub fn clear(&mut self) {
        self.cp.clear();
        self.groups.clear();
        self.common_end = 0;
        self.names.clear();
        self.opens = false;
    }

    /// Adds an item that every part repeats, in a group of its own. Common items come before all groups.
    ///
    /// # Errors
    ///
    /// [`WriteError::Name`] or [`WriteError::Value`] if they break the grammar; [`WriteError::Group`] after
    /// the first group or for a name that stands already.
    pub fn common(&mut self, name: &str, value: &str) -> Result<&mut Self, WriteError> {
        if !self.groups.is_empty() || self.opens {
            return Err(WriteError::Group(name.to_owned()));
        }
        self.push(name, value, if self.cp.is_empty() { b"" } else { b";" })?;
        self.common_end = self.cp.len();
        Ok(self)
    }

    /// Begins a group: the items of one factor.
    pub fn group(&mut self) -> &mut Self {
        self.opens = true;
        self
    }

    /// Adds an item to the present group.
    ///
    /// # Errors
    ///
    /// [`WriteError::Name`] or [`WriteError::Value`] if they break the grammar; [`WriteError::Group`] if no
    /// group was begun, the name stands in it already or is of another factor.
    pub fn item(&mut self, name: &str, value: &str) -> Result<&mut Self, WriteError> {
        if self.opens {
            let start = self.cp.len();
            self.names.clear();
            self.push(name, value, if start == 0 { b"" } else { b";" })?;
            self.groups.push(start);
            self.opens = false;
        } else if self.groups.is_empty() {
            return Err(WriteError::Group(name.to_owned()));
        } else {
            let code = |name: &[u8]| memchr::memchr(b'-', name).map(|at| name[..at].to_vec());
            let first =
                self.names.first().map(|(from, to)| &self.cp[*from..*to]).unwrap_or_default();
            if let (Some(first), Some(this)) = (code(first), code(name.as_bytes()))
                && first != this
            {
                return Err(WriteError::Group(name.to_owned()));
            }
            self.push(name, value, b",")?;
        }
        Ok(self)
    }

    /// Writes the frames at the end of `out` and returns their number. The content stays.
    ///
    /// With a `key` the content of commands that must be encrypted is (HJ 212-2025).
    ///
    /// # Errors
    ///
    /// [`WriteError::Field`] if the header is not as the standard wants it, [`WriteError::TooLong`] if a
    /// group alone does not fit into a frame, [`WriteError::Split`] if the message must be split and
    /// cannot. Nothing is written then.
    pub fn finish(
        &self,
        head: &Head<'_>,
        key: Option<&Key>,
        out: &mut Vec<u8>,
    ) -> Result<usize, WriteError> {
        check_head(head)?;
        if self.cp.len() <= room(head, head.part) {
            frame(head, head.qn.map(Qn::Time), head.part, &[&self.cp], key, out);
            return Ok(1);
        }
        let max = room(head, Some(Part { of: PARTS_MAX, number: PARTS_MAX }));
        let parts = self.parts(max)?;
        let of = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        if head.part.is_some() {
            return Err(WriteError::Split(
                "a part with packet numbers of its own is too long for one frame",
            ));
        }
        if head.flag.is_none() {
            return Err(WriteError::Split("a message that must be split needs a Flag to say so"));
        }
        if of > PARTS_MAX {
            return Err(WriteError::Split("more than 9999 parts"));
        }
        let common = &self.cp[..self.common_end];
        let mut qn = head.qn;
        for (number, (from, to)) in (1..).zip(&parts) {
            let groups = &self.cp[*from..*to];
            let separator: &[u8] = if common.is_empty() { b"" } else { b";" };
            frame(
                head,
                qn.map(Qn::Time),
                Some(Part { of, number }),
                &[common, separator, groups],
                key,
                out,
            );
            qn = qn.map(Civil::next_millisecond);
        }
        Ok(parts.len())
    }

    /// Runs of groups that fit into a frame beside the common items, as ranges of `cp`.
    fn parts(&self, max: usize) -> Result<Vec<(usize, usize)>, WriteError> {
        let common = if self.common_end == 0 { 0 } else { self.common_end + 1 };
        let mut parts: Vec<(usize, usize)> = Vec::new();
        for (index, start) in self.groups.iter().enumerate() {
            // A group begins with its semicolon, which the part does not need.
            let from = start + usize::from(self.cp.get(*start) == Some(&b';'));
            let to = self.groups.get(index + 1).copied().unwrap_or(self.cp.len());
            match parts.last_mut() {
                Some(last) if common + (to - last.0) <= max => last.1 = to,
                _ if common + (to - from) <= max => parts.push((from, to)),
                _ => return Err(WriteError::TooLong { bytes: common + to - from, max }),
            }
        }
        if parts.is_empty() {
            return Err(WriteError::TooLong { bytes: self.cp.len(), max });
        }
        Ok(parts)
    }

    fn push(&mut self, name: &str, value: &str, separator: &[u8]) -> Result<(), WriteError> {
        if !is_name(name) {
            return Err(WriteError::Name(name.to_owned()));
        }
        if !is_value(value) {
            return Err(WriteError::Value { name: name.to_owned(), value: value.to_owned() });
        }
        if name.contains('-')
            && self.names.iter().any(|(from, to)| &self.cp[*from..*to] == name.as_bytes())
        {
            return Err(WriteError::Group(name.to_owned()));
        }
        self.cp.extend_from_slice(separator);
        let from = self.cp.len();
        self.cp.extend_from_slice(name.as_bytes());
        self.names.push((from, self.cp.len()));
        self.cp.push(b'=');
        self.cp.extend_from_slice(value.as_bytes());
        Ok(())
    }
}

/// A word, or a code, one `-` and a field.
fn is_name(name: &str) -> bool {
    let word = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    match name.split_once('-') {
        Some((code, field)) => word(code) && word(field),
        None => word(name),
    }
}

/// Text without separators, or `//text//` without `//` inside.
fn is_value(value: &str) -> bool {
    let common =
        !value.contains("&&") && !value.contains("##") && !value.contains(char::is_control);
    let quoted = value.strip_prefix("//").and_then(|rest| rest.strip_suffix("//"));
    let inside = match quoted {
        Some(text) => !text.contains("//") && !text.ends_with('/'),
        None => !value.contains([',', ';']) && !value.starts_with("//") && value.trim() == value,
    };
    // An & at the end would melt into the closing &&.
    common && inside && !value.ends_with('&')
}

fn check_head(head: &Head<'_>) -> Result<(), WriteError> {
    let field = |name, problem| Err(WriteError::Field { name, problem });
    let word =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() && !b";,=&#".contains(&byte));
    if head.qn.is_some_and(|qn| !qn.is_valid()) {
        return field("QN", "not a time of the calendar");
    }
    if head.st.len() != 2
        || !head.st.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
    {
        return field("ST", "two characters, as in 22");
    }
    if !(1000..=9999).contains(&head.cn) {
        return field("CN", "four digits, from 1000");
    }
    if head.pw.is_some_and(|pw| pw.is_empty() || pw.len() > 24 || !word(pw)) {
        return field("PW", "1 to 24 printable characters without ; , = & #");
    }
    if head.mn.is_some_and(|mn| mn.len() > 27 || !word(mn)) {
        return field("MN", "at most 27 printable characters without ; , = & #");
    }
    if head.part.is_some_and(|part| part.number < 1 || part.number > part.of || part.of > PARTS_MAX)
    {
        return field("PNO", "from 1 to PNUM, and PNUM at most 9999");
    }
    let Some(flag) = head.flag else {
        return Ok(());
    };
    if head.resent && flag.version() != 2 {
        return field("RF", "only in 2025 (version 2 of the flag)");
    }
    Ok(())
}

/// A request number: one of ours, or one to be repeated as it came.
#[derive(Clone, Copy)]
enum Qn<'a> {
    Time(Civil),
    Text(&'a str),
}

/// Bytes that the content of `CP` may have behind this header.
fn room(head: &Head<'_>, part: Option<Part>) -> usize {
    let mut text = Vec::new();
    header(head, head.qn.map(Qn::Time), part, &mut text);
    CP_BYTES_MAX.min(SEGMENT_BYTES_MAX.saturating_sub(text.len() + CLOSE.len()))
}

const CLOSE: &[u8] = b"&&";

/// Writes the fields before `CP` and opens it.
fn header(head: &Head<'_>, qn: Option<Qn<'_>>, part: Option<Part>, out: &mut Vec<u8>) {
    use std::io::Write as _;

    // Writing to a Vec cannot fail.
    let mut put = |arguments: fmt::Arguments<'_>| out.write_fmt(arguments).unwrap_or_default();
    match qn {
        Some(Qn::Time(time)) => put(format_args!("QN={};", time.digits17())),
        Some(Qn::Text(text)) => put(format_args!("QN={text};")),
        None => {}
    }
    put(format_args!("ST={};CN={:04};", head.st, head.cn));
    if let Some(pw) = head.pw {
        put(format_args!("PW={pw};"));
    }
    if let Some(mn) = head.mn {
        put(format_args!("MN={mn};"));
    }
    if let Some(flag) = head.flag {
        let flag = if part.is_some() { flag.0 | 2 } else { flag.0 };
        put(format_args!("Flag={flag};"));
    }
    if let Some(part) = part {
        put(format_args!("PNUM={};PNO={};", part.of, part.number));
    }
    if head.resent {
        put(format_args!("RF=1;"));
    }
    out.extend_from_slice(b"CP=&&");
}

/// Writes one frame whose `CP` holds the `pieces`.
fn frame(
    head: &Head<'_>,
    qn: Option<Qn<'_>>,
    part: Option<Part>,
    pieces: &[&[u8]],
    key: Option<&Key>,
    out: &mut Vec<u8>,
) {
    let start = out.len();
    out.extend_from_slice(b"##0000");
    let segment_at = out.len();
    header(head, qn, part, out);
    let content_at = out.len();
    for piece in pieces {
        out.extend_from_slice(piece);
    }
    let content_end = out.len();
    out.extend_from_slice(CLOSE);
    let length = out.len() - segment_at;
    let check = crc(&out[segment_at..]);
    out[start + 2..segment_at].copy_from_slice(format!("{length:04}").as_bytes());
    if let Some(key) = key.filter(|_| must_encrypt(head.cn)) {
        key.encrypt(&mut out[content_at..content_end]);
    }
    out.extend_from_slice(format!("{check:04X}\r\n").as_bytes());
}
