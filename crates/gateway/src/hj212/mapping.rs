//! From items of `CP` to readings: which parameter, which statistic, which period, which unit.
//!
//! A device sends the same names in the same order for years. What a name means is worked out once and
//! remembered in a [`Layout`], one per command; after that an item costs one comparison.

use super::batch::Batch;
use super::decimal;
use hj212::Item;
use model::{
    ArrivedReading, DatastreamKey, Device, DeviceId, Dialect, Flag, ParameterTable, Period,
    Quality, Source, Statistic, Timestamp,
};

/// What the gateway must know to read one device's names.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// The parameters that are known.
    pub parameters: &'a ParameterTable,
    /// Who sends.
    pub device: DeviceId,
    /// What is registered about it.
    pub settings: &'a Device,
    /// Names remembered for one layout; what is beyond is worked out again each time.
    pub names_max: usize,
}

/// What the names of one command of one device mean.
#[derive(Debug)]
pub struct Layout {
    period: Period,
    /// System code of the frames, which decides the usual unit of a gas.
    system: Box<[u8]>,
    names: Vec<Name>,
    codes: Vec<Box<[u8]>>,
    /// Where the next name is expected.
    next: usize,
    /// Counts frames, so that a name that stands twice in one is told from the next frame's.
    frame: u64,
}

#[derive(Debug)]
struct Name {
    name: Box<[u8]>,
    role: Role,
}

#[derive(Debug)]
enum Role {
    Value(Box<Series>),
    /// The mark of all values of a code, by its place in `Layout::codes`.
    Mark(u16),
    DataTime,
    Other,
}

#[derive(Debug)]
struct Series {
    key: DatastreamKey,
    /// Its place in the keys of the batch with this number.
    place: (u64, u32),
    /// The last frame that had it.
    frame: u64,
    /// Its place in `Layout::codes`.
    code: u16,
    /// Places that the point moves to the right.
    shift: i32,
    plausible_max: f64,
    /// Problems to count with each value.
    factor: Factor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Factor {
    Known,
    Unknown,
    /// The device's unit is no decimal multiple of the parameter's.
    OtherUnit,
}

/// What one frame held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Content<'a> {
    /// `DataTime` as sent.
    pub data_time: Option<&'a [u8]>,
    /// Values, whether numbers or words.
    pub reading_count: u32,
}

/// Room for one frame, used again for the next.
#[derive(Debug, Default)]
pub struct Scratch {
    marks: Vec<Option<u8>>,
    codes: Vec<u16>,
}

/// The period that the data of a command stand for; `None` when it carries no readings.
pub fn period_of(command: u16) -> Option<Period> {
    Some(match command {
        2011 | 2013 | 2021 | 2052 | 2062 => Period::Instant,
        2051 | 2111 => Period::Minutes,
        2061 => Period::Hour,
        2031 | 2041 => Period::Day,
        _ => return None,
    })
}

/// How many values the items hold, for frames that are not kept.
pub fn count_values<'a>(items: impl Iterator<Item = Item<'a>>) -> u32 {
    items.filter(|item| item.field().is_some_and(|field| statistic_of(field).is_some())).count()
        as u32
}

impl Layout {
    /// An empty one for a command's period and a system code.
    pub fn new(period: Period, system: &[u8]) -> Self {
        Self { period, system: system.into(), names: vec![], codes: vec![], next: 0, frame: 0 }
    }

    /// Whether it fits frames of this system code.
    pub fn fits(&self, system: &[u8]) -> bool {
        *self.system == *system
    }

    /// The period of its data.
    pub fn period(&self) -> Period {
        self.period
    }

    /// Adds the readings of one frame to the batch, at a time still to be set, with their flags.
    pub fn read<'a>(
        &mut self,
        items: impl Iterator<Item = Item<'a>>,
        reader: Reader<'_>,
        scratch: &mut Scratch,
        batch: &mut Batch,
    ) -> Content<'a> {
        let mut content = Content { data_time: None, reading_count: 0 };
        let first = batch.arrival.readings.len();
        scratch.marks.clear();
        scratch.codes.clear();
        self.frame += 1;
        if self.names.len() > reader.names_max {
            // A device that never repeats a name must not make us remember them all.
            self.names.clear();
            self.codes.clear();
        }
        for item in items {
            let at = self.find(item, reader);
            match &mut self.names[at].role {
                Role::Value(series) => {
                    if series.frame == self.frame {
                        batch.problem("dup_item");
                        continue;
                    }
                    series.frame = self.frame;
                    content.reading_count += 1;
                    scratch.codes.push(series.code);
                    let reading = series.reading(item.value, batch);
                    batch.arrival.readings.push(reading);
                }
                Role::Mark(code) => {
                    let code = usize::from(*code);
                    if scratch.marks.len() <= code {
                        scratch.marks.resize(code + 1, None);
                    }
                    scratch.marks[code] = scratch.marks[code].or(item.value.first().copied());
                }
                Role::DataTime => content.data_time = content.data_time.or(Some(item.value)),
                Role::Other => {}
            }
        }
        let readings = &mut batch.arrival.readings[first..];
        for (reading, code) in readings.iter_mut().zip(&scratch.codes) {
            if let Some(Some(mark)) = scratch.marks.get(usize::from(*code)) {
                reading.flag = marked(reading, *mark, reader.settings.dialect);
            }
        }
        content
    }

    /// The place of a name, worked out when it is new.
    fn find(&mut self, item: Item<'_>, reader: Reader<'_>) -> usize {
        let (before, after) = self.names.split_at(self.next.min(self.names.len()));
        let known = after
            .iter()
            .position(|name| *name.name == *item.name)
            .map(|at| at + before.len())
            .or_else(|| before.iter().position(|name| *name.name == *item.name));
        let at = known.unwrap_or_else(|| {
            let role = self.role(item, reader);
            self.names.push(Name { name: item.name.into(), role });
            self.names.len() - 1
        });
        self.next = at + 1;
        at
    }

    fn role(&mut self, item: Item<'_>, reader: Reader<'_>) -> Role {
        let (Some(code), Some(field)) = (item.code(), item.field()) else {
            return if item.name == b"DataTime" { Role::DataTime } else { Role::Other };
        };
        if field == b"Flag" {
            return Role::Mark(self.code(code));
        }
        let Some(statistic) = statistic_of(field) else { return Role::Other };
        let place = self.code(code);
        let sent = String::from_utf8_lossy(code).into_owned();
        let known = reader.parameters.by_code(&sent);
        let declared = reader.settings.units.get(&sent).map(String::as_str);
        let (mut shift, mut factor) = (0, Factor::Unknown);
        if let Some(parameter) = known {
            let unit = declared.unwrap_or_else(|| usual_unit(&self.system, &parameter.unit));
            // A total of a period has a unit of its own (mass, volume): its point stays.
            let moved = if statistic == Statistic::Total {
                Some(0)
            } else {
                model::unit_shift(unit, &parameter.unit)
            };
            (shift, factor) = moved.map_or((0, Factor::OtherUnit), |by| (by, Factor::Known));
        }
        // What is too much for the air around us is usual in a flue.
        let is_bounded =
            !matches!(statistic, Statistic::Total | Statistic::State) && !is_stack(&self.system);
        let plausible_max =
            known.and_then(|parameter| parameter.plausible_max).filter(|_| is_bounded);
        let parameter = match (known, field) {
            (Some(parameter), _) => parameter.key.clone(),
            // Noise has a day and a night value of one code and one period: two parameters.
            (None, b"DayData" | b"NightData") => String::from_utf8_lossy(item.name).into_owned(),
            (None, _) => sent,
        };
        let equipment = statistic == Statistic::State;
        Role::Value(Box::new(Series {
            key: DatastreamKey {
                source: Source::Device(reader.device),
                parameter,
                statistic,
                period: self.period,
            },
            place: (0, 0),
            frame: 0,
            code: place,
            shift,
            plausible_max: plausible_max.unwrap_or(f64::INFINITY),
            factor: if equipment { Factor::Known } else { factor },
        }))
    }

    fn code(&mut self, code: &[u8]) -> u16 {
        let known = self.codes.iter().position(|known| **known == *code);
        known.unwrap_or_else(|| {
            self.codes.push(code.into());
            self.codes.len() - 1
        }) as u16
    }
}

impl Series {
    /// The reading of a value, as if its mark were missing.
    fn reading(&mut self, text: &[u8], batch: &mut Batch) -> ArrivedReading {
        if self.place.0 != batch.number {
            self.place = (batch.number, batch.arrival.keys.len() as u32);
            batch.arrival.keys.push(self.key.clone());
        }
        let value = decimal::number(text, self.shift);
        let quality = match value {
            None => Quality::Missing,
            Some(value) if value.abs() > self.plausible_max => Quality::Suspect,
            Some(_) if self.factor == Factor::OtherUnit => Quality::Suspect,
            Some(_) => Quality::Good,
        };
        match (quality, self.factor) {
            (Quality::Good, Factor::Known) => {}
            (Quality::Missing, _) => batch.problem("no_number"),
            (_, Factor::Unknown) => batch.problem("unknown_factor"),
            (_, Factor::OtherUnit) => batch.problem("unit_unknown"),
            (_, Factor::Known) => batch.problem("unit_trap"),
        }
        ArrivedReading {
            key: self.place.1,
            time: Timestamp::default(),
            value,
            flag: Flag::new(quality, None),
        }
    }
}

/// What a value says about its period; `None` for fields that are no readings.
fn statistic_of(field: &[u8]) -> Option<Statistic> {
    Some(match field {
        b"Rtd" => Statistic::Instant,
        b"Avg" | b"Data" | b"DayData" | b"NightData" => Statistic::Mean,
        b"Min" => Statistic::Min,
        b"Max" => Statistic::Max,
        b"Cou" => Statistic::Total,
        b"ZsRtd" => Statistic::InstantConverted,
        b"ZsAvg" => Statistic::MeanConverted,
        b"ZsMin" => Statistic::MinConverted,
        b"ZsMax" => Statistic::MaxConverted,
        b"RS" | b"RT" => Statistic::State,
        _ => return None,
    })
}

/// The unit on the wire when nothing is registered about it. The field sends ambient air in the unit in
/// which we keep it; stacks (31) and flue-gas processes (51) send mg/m3, as HJ 212-2017 table B.2 says.
fn usual_unit<'a>(system: &[u8], ours: &'a str) -> &'a str {
    if is_stack(system) && matches!(ours, "ug/m3" | "ng/m3") { "mg/m3" } else { ours }
}

fn is_stack(system: &[u8]) -> bool {
    matches!(system, b"31" | b"51")
}

/// The flag of a reading whose mark is known.
fn marked(reading: &ArrivedReading, mark: u8, dialect: Dialect) -> Flag {
    flag_of_mark(reading.flag.quality(), mark, dialect)
}

/// The flag that a mark makes of a quality that was found. A mark can lower the quality, never raise it.
pub fn flag_of_mark(found: Quality, mark: u8, dialect: Dialect) -> Flag {
    let by_mark = match (mark.to_ascii_uppercase(), dialect) {
        (b'N', _) | (b'1' | b'3', Dialect::Hj212V2005) => Quality::Good,
        (b'T', _) => Quality::Suspect,
        (b'D' | b'F' | b'C' | b'B' | b'M' | b'S' | b'P', _)
        | (b'0' | b'2', Dialect::Hj212V2005) => Quality::Fail,
        _ => Quality::Unknown,
    };
    let quality = match (found, by_mark) {
        (Quality::Missing, _) => Quality::Missing,
        (Quality::Suspect, Quality::Good | Quality::Unknown) => Quality::Suspect,
        (_, by_mark) => by_mark,
    };
    Flag::new(quality, Some(mark))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hj212::Limits;

    #[test]
    fn a_device_that_never_repeats_a_name_is_read_and_not_remembered_for_ever() {
        let parameters = ParameterTable::builtin().unwrap();
        let settings = Device {
            mn: "1".to_owned(),
            password: String::new(),
            place: "roof".to_owned(),
            dialect: Dialect::Hj212V2017,
            period_named_by_end: false,
            units: std::collections::HashMap::new(),
            ..Device::default()
        };
        let names_max = Limits::for_testing().names_max;
        let device = DeviceId(1);
        let reader = Reader { parameters: &parameters, device, settings: &settings, names_max };
        let mut layout = Layout::new(Period::Instant, b"22");
        let mut scratch = Scratch::default();
        let mut most = 0;
        for round in 0..100 {
            let names: Vec<String> = (0..20).map(|n| format!("x{round:02}{n:02}-Rtd")).collect();
            let items = names.iter().map(|name| Item { name: name.as_bytes(), value: b"1" });
            let mut batch = Batch::new(round + 1, Timestamp::default());
            let content = layout.read(items, reader, &mut scratch, &mut batch);
            assert_eq!((content.reading_count, batch.arrival.keys.len()), (20, 20));
            let codes = batch.arrival.readings.iter().zip(&names).all(|(reading, name)| {
                let key = &batch.arrival.keys[reading.key as usize];
                name.strip_suffix("-Rtd") == Some(&key.parameter)
            });
            assert!(codes, "each value under its own name, forgotten ones or not");
            most = most.max(layout.names.len()).max(layout.codes.len());
        }
        // They are counted between frames, so the names of one frame come on top.
        assert!(most > 20 && most <= names_max + 20, "{most} names remembered");
    }
}
