//! Readings: what a factor is said to measure, with the marks that belong to it.

use crate::index::{Entry, Index};
use crate::items::{Cursor, Ends, Item};
use crate::number::number;
use crate::time::{Civil, TimeError};

/// One value of one factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading<'a> {
    /// The factor code as sent (`w01018`, `011`, a vendor's word).
    pub code: &'a [u8],
    /// The field as sent (`Rtd`, `Avg`).
    pub field_name: &'a [u8],
    /// The field.
    pub field: Field,
    /// The value as sent; see [`number`](Self::number).
    pub value: &'a [u8],
    /// `x-Flag`: the mark of the factor, usually one letter.
    pub flag: Option<&'a [u8]>,
    /// `x-EFlag`: the mark of the maker.
    pub e_flag: Option<&'a [u8]>,
    /// `x-SampleTime` as sent; see [`sampled_at`](Self::sampled_at).
    pub sample_time: Option<&'a [u8]>,
}

impl<'a> Reading<'a> {
    /// The value as a number; `None` is a gap (`NULL`, `-`, `NaN`, empty, a word), never 0.
    #[inline]
    pub fn number(&self) -> Option<f64> {
        number(self.value)
    }

    /// When the sample was taken, if the device says so.
    pub fn sampled_at(&self) -> Option<Result<Civil, TimeError>> {
        self.sample_time.map(Civil::read)
    }

    /// The code as text; empty if it is not UTF-8.
    #[inline]
    pub fn code_text(&self) -> &'a str {
        core::str::from_utf8(self.code).unwrap_or_default()
    }
}

/// What a value of a factor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Field {
    /// `Rtd`: instantaneous.
    Rtd,
    /// `Min` over the period.
    Min,
    /// `Avg` over the period.
    Avg,
    /// `Max` over the period.
    Max,
    /// `Cou`: total over the period (volume, mass).
    Cou,
    /// `ZsRtd`: instantaneous, converted to the reference oxygen.
    ZsRtd,
    /// `ZsMin`: minimum, converted.
    ZsMin,
    /// `ZsAvg`: mean, converted.
    ZsAvg,
    /// `ZsMax`: maximum, converted.
    ZsMax,
    /// `Data`: noise level of the period.
    Data,
    /// `DayData`: noise level of daytime.
    DayData,
    /// `NightData`: noise level of night.
    NightData,
    /// `RS`: state of treatment equipment.
    Rs,
    /// `RT`: hours run by treatment equipment in the day.
    Rt,
    /// `Info`: device information (i-codes).
    Info,
    /// `SN`: id of an instrument.
    Sn,
    /// `Ala`: value of an alarm (2005).
    Ala,
    /// `LowValue`: lower alarm limit (2005).
    LowValue,
    /// `UpValue`: upper alarm limit (2005).
    UpValue,
    /// `SampleRd`: value read in a standard check (2025).
    SampleRd,
    /// `StandardValue`: nominal value of a standard check (2025).
    StandardValue,
    /// `ResultType`: whether a standard check passed (2025).
    ResultType,
    /// Any other word: a vendor's own field.
    Other,
}

impl Field {
    /// Every field, each at the place of its number.
    const ALL: [Self; 23] = [
        Self::Rtd,
        Self::Min,
        Self::Avg,
        Self::Max,
        Self::Cou,
        Self::ZsRtd,
        Self::ZsMin,
        Self::ZsAvg,
        Self::ZsMax,
        Self::Data,
        Self::DayData,
        Self::NightData,
        Self::Rs,
        Self::Rt,
        Self::Info,
        Self::Sn,
        Self::Ala,
        Self::LowValue,
        Self::UpValue,
        Self::SampleRd,
        Self::StandardValue,
        Self::ResultType,
        Self::Other,
    ];

    /// The field that a name stands for.
    #[inline]
    pub fn of(name: &[u8]) -> Self {
        match name {
            b"Rtd" => Self::Rtd,
            b"Min" => Self::Min,
            b"Avg" => Self::Avg,
            b"Max" => Self::Max,
            b"Cou" => Self::Cou,
            b"ZsRtd" => Self::ZsRtd,
            b"ZsMin" => Self::ZsMin,
            b"ZsAvg" => Self::ZsAvg,
            b"ZsMax" => Self::ZsMax,
            b"Data" => Self::Data,
            b"DayData" => Self::DayData,
            b"NightData" => Self::NightData,
            b"RS" => Self::Rs,
            b"RT" => Self::Rt,
            b"Info" => Self::Info,
            b"SN" => Self::Sn,
            b"Ala" => Self::Ala,
            b"LowValue" => Self::LowValue,
            b"UpValue" => Self::UpValue,
            b"SampleRd" => Self::SampleRd,
            b"StandardValue" => Self::StandardValue,
            b"ResultType" => Self::ResultType,
            _ => Self::Other,
        }
    }

    /// The name on the wire; empty for [`Field::Other`].
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rtd => "Rtd",
            Self::Min => "Min",
            Self::Avg => "Avg",
            Self::Max => "Max",
            Self::Cou => "Cou",
            Self::ZsRtd => "ZsRtd",
            Self::ZsMin => "ZsMin",
            Self::ZsAvg => "ZsAvg",
            Self::ZsMax => "ZsMax",
            Self::Data => "Data",
            Self::DayData => "DayData",
            Self::NightData => "NightData",
            Self::Rs => "RS",
            Self::Rt => "RT",
            Self::Info => "Info",
            Self::Sn => "SN",
            Self::Ala => "Ala",
            Self::LowValue => "LowValue",
            Self::UpValue => "UpValue",
            Self::SampleRd => "SampleRd",
            Self::StandardValue => "StandardValue",
            Self::ResultType => "ResultType",
            Self::Other => "",
        }
    }
}

/// What an item is to its factor, and whether its group ends with it; one byte.
///
/// The lower five bits are a [`Field`], a [`Mark`] or a word; together they number the items that may
/// stand once in a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Role(u8);

/// Items of a factor that describe its readings and are none themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Flag,
    EFlag,
    SampleTime,
    /// `CompleteTime`, `SampleType`: kept in the items, attached to nothing.
    Beside,
}

impl Role {
    /// It has no factor.
    pub(crate) const WORD: Self = Self(31);
    const MARKS: u8 = 24;
    const ENDS_GROUP: u8 = 0x80;

    #[inline]
    pub(crate) const fn value(field: Field) -> Self {
        Self(field as u8)
    }

    #[inline]
    pub(crate) const fn mark(mark: Mark) -> Self {
        Self(Self::MARKS + mark as u8)
    }

    /// The role of an item of a factor, by its field.
    pub(crate) fn of(field: &[u8]) -> Self {
        match field {
            b"Flag" => Self::mark(Mark::Flag),
            b"EFlag" => Self::mark(Mark::EFlag),
            b"SampleTime" => Self::mark(Mark::SampleTime),
            b"CompleteTime" | b"SampleType" => Self::mark(Mark::Beside),
            _ => Self::value(Field::of(field)),
        }
    }

    /// A bit of its own for each role that may stand once in a group.
    #[inline]
    pub(crate) const fn bit(self) -> u32 {
        1 << (self.0 & 31)
    }

    #[inline]
    pub(crate) const fn at_group_end(self, ends_group: bool) -> Self {
        if ends_group { Self(self.0 | Self::ENDS_GROUP) } else { self }
    }

    #[inline]
    fn ends_group(self) -> bool {
        self.0 & Self::ENDS_GROUP != 0
    }

    #[inline]
    fn as_value(self) -> Option<Field> {
        Field::ALL.get(usize::from(self.0 & 31)).copied()
    }

    #[inline]
    fn as_mark(self) -> Option<Mark> {
        match (self.0 & 31).checked_sub(Self::MARKS)? {
            0 => Some(Mark::Flag),
            1 => Some(Mark::EFlag),
            2 => Some(Mark::SampleTime),
            3 => Some(Mark::Beside),
            _ => None,
        }
    }
}

/// Iterator over the readings of a frame, in order, each with the marks of its factor.
///
/// Marks are looked for in the group of the reading, and in all of `CP` when the factor is scattered
/// over several groups or a group holds several codes. The first of a duplicate mark counts.
#[derive(Clone, Debug)]
pub struct Readings<'f, 'a>(Walk<'f, 'a>);

#[derive(Clone, Debug)]
enum Walk<'f, 'a> {
    /// By the index: a clean frame.
    Indexed(Indexed<'f, 'a>),
    /// By the text: a frame with blanks, or more items than the index holds, or scattered factors.
    Text(Text<'a>),
}

impl<'f, 'a> Readings<'f, 'a> {
    pub(crate) fn new(cp: &'a [u8], index: &'f Index, scattered: bool) -> Self {
        match index.entries() {
            Some(entries) if !scattered => Self(Walk::Indexed(Indexed {
                cp,
                entries,
                at: 0,
                group_end: 0,
                marks: Marks::default(),
            })),
            _ => Self(Walk::Text(Text::new(cp, scattered))),
        }
    }
}

impl<'a> Iterator for Readings<'_, 'a> {
    type Item = Reading<'a>;

    #[inline]
    fn next(&mut self) -> Option<Reading<'a>> {
        match &mut self.0 {
            Walk::Indexed(walk) => walk.next(),
            Walk::Text(walk) => walk.next(),
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Marks<'a> {
    flag: Option<&'a [u8]>,
    e_flag: Option<&'a [u8]>,
    sample_time: Option<&'a [u8]>,
}

impl<'a> Marks<'a> {
    #[inline]
    fn take(&mut self, mark: Mark, value: &'a [u8]) {
        let place = match mark {
            Mark::Flag => &mut self.flag,
            Mark::EFlag => &mut self.e_flag,
            Mark::SampleTime => &mut self.sample_time,
            Mark::Beside => return,
        };
        place.get_or_insert(value);
    }
}

#[derive(Clone, Debug)]
struct Indexed<'f, 'a> {
    cp: &'a [u8],
    entries: &'f [Entry],
    at: usize,
    /// Where the group that is being read ends in the entries.
    group_end: usize,
    marks: Marks<'a>,
}

impl<'a> Indexed<'_, 'a> {
    #[inline]
    fn next(&mut self) -> Option<Reading<'a>> {
        loop {
            if self.at == self.group_end {
                self.next_group()?;
            }
            let entry = self.entries[self.at];
            self.at += 1;
            if let Some(field) = entry.role.as_value() {
                let dash = usize::from(entry.start) + usize::from(entry.code_len);
                return Some(Reading {
                    code: &self.cp[usize::from(entry.start)..dash],
                    field_name: &self.cp[dash + 1..usize::from(entry.eq)],
                    field,
                    value: self.value(entry),
                    flag: self.marks.flag,
                    e_flag: self.marks.e_flag,
                    sample_time: self.marks.sample_time,
                });
            }
        }
    }

    #[inline]
    fn next_group(&mut self) -> Option<()> {
        self.marks = Marks::default();
        let group = self.entries.get(self.at..).filter(|group| !group.is_empty())?;
        for entry in group {
            self.group_end += 1;
            if let Some(mark) = entry.role.as_mark() {
                self.marks.take(mark, self.value(*entry));
            }
            if entry.role.ends_group() {
                break;
            }
        }
        Some(())
    }

    #[inline]
    fn value(&self, entry: Entry) -> &'a [u8] {
        &self.cp[usize::from(entry.eq) + 1..usize::from(entry.end)]
    }
}

#[derive(Clone, Debug)]
struct Text<'a> {
    cp: &'a [u8],
    scattered: bool,
    /// Stands at the next group.
    groups: Cursor<'a>,
    /// Walks the group that is being read.
    items: Cursor<'a>,
    marks: Marks<'a>,
}

impl<'a> Text<'a> {
    fn new(cp: &'a [u8], scattered: bool) -> Self {
        Self {
            cp,
            scattered,
            groups: Cursor::new(cp),
            items: Cursor::finished(),
            marks: Marks::default(),
        }
    }

    fn next(&mut self) -> Option<Reading<'a>> {
        loop {
            let Some(piece) = self.items.next() else {
                self.next_group()?;
                continue;
            };
            if piece.ends == Ends::Group {
                self.items.finish();
            }
            if let Some(reading) = self.reading(&piece.item()) {
                return Some(reading);
            }
        }
    }

    /// Goes to the next group and collects its marks. `None` after the last.
    fn next_group(&mut self) -> Option<()> {
        self.items = self.groups.clone();
        self.marks = Marks::default();
        loop {
            let piece = self.groups.next()?;
            let item = piece.item();
            if let Some(mark) = item.field().and_then(|field| Role::of(field).as_mark()) {
                self.marks.take(mark, item.value);
            }
            if piece.ends == Ends::Group {
                return Some(());
            }
        }
    }

    fn reading(&self, item: &Item<'a>) -> Option<Reading<'a>> {
        let (code, field_name) = (item.code()?, item.field()?);
        let field = Role::of(field_name).as_value()?;
        let marks = if self.scattered { self.marks_of(code) } else { self.marks };
        Some(Reading {
            code,
            field_name,
            field,
            value: item.value,
            flag: marks.flag,
            e_flag: marks.e_flag,
            sample_time: marks.sample_time,
        })
    }

    /// The marks of a scattered factor, from all of `CP`.
    fn marks_of(&self, code: &[u8]) -> Marks<'a> {
        let mut marks = Marks::default();
        for piece in Cursor::new(self.cp) {
            let item = piece.item();
            if item.code() == Some(code)
                && let Some(mark) = item.field().and_then(|field| Role::of(field).as_mark())
            {
                marks.take(mark, item.value);
            }
        }
        marks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the frame around `cp`, by its index and by its text.
    fn check(cp: &str, expected: &[&str]) {
        let segment = format!("ST=32;CN=2011;CP=&&{cp}&&");
        let crc = crate::crc(segment.as_bytes());
        let raw = format!("##{:04}{segment}{crc:04X}\r\n", segment.len());
        let (frame, _) = crate::read(raw.as_bytes()).unwrap();
        check_walk(frame.readings(), expected);
        check_walk(Readings(Walk::Text(Text::new(cp.as_bytes(), frame.scattered))), expected);
    }

    fn check_walk(readings: Readings<'_, '_>, expected: &[&str]) {
        let found: Vec<String> = readings
            .map(|reading| {
                let text = |bytes: Option<&[u8]>| {
                    String::from_utf8_lossy(bytes.unwrap_or(b"_")).into_owned()
                };
                format!(
                    "{} {} {} {} {} {}",
                    reading.code_text(),
                    text(Some(reading.field_name)),
                    reading.number().map_or("gap".to_owned(), |n| n.to_string()),
                    text(reading.flag),
                    text(reading.e_flag),
                    text(reading.sample_time)
                )
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_reading_carries_the_marks_of_its_group() {
        check(
            "DataTime=20160801085857;w01018-SampleTime=20160801070000,w01018-Rtd=2.2,w01018-Flag=N,w01018-EFlag=A01;w01001-Rtd=NULL",
            &["w01018 Rtd 2.2 N A01 20160801070000", "w01001 Rtd gap _ _ _"],
        );
    }

    #[test]
    fn a_scattered_factor_finds_its_marks_elsewhere() {
        check("a-Avg=1;b-Avg=2,b-Flag=M;a-Flag=D", &["a Avg 1 D _ _", "b Avg 2 M _ _"]);
        check("a-Rtd=1,b-Rtd=2,a-Flag=N,b-Flag=C", &["a Rtd 1 N _ _", "b Rtd 2 C _ _"]);
    }

    #[test]
    fn every_field_stands_at_its_number() {
        for (at, field) in Field::ALL.into_iter().enumerate() {
            assert_eq!(field as usize, at);
            assert_eq!(Field::of(field.name().as_bytes()), field);
        }
        assert!(Field::ALL.len() <= usize::from(Role::MARKS));
    }

    #[test]
    fn words_and_empty_groups_are_no_readings() {
        check("DataTime=20160801085857;;SB1-RS=1;Flag=N;", &["SB1 RS 1 _ _ _"]);
        check("", &[]);
    }
}
