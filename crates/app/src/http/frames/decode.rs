//! What the bytes of a frame say, for people.

use super::secrets;
use crate::words::Words;
use hj212::{Frame, Level};
use jiff::civil::DateTime;
use model::Timestamp;
use serde::Serialize;
use standards::Zone;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What a frame says.
#[derive(Serialize, ToSchema)]
pub struct Decoded {
    /// Whether it can be trusted: a right checksum and a readable grammar.
    ok: bool,
    /// The fields before CP, by name.
    header: BTreeMap<String, String>,
    flag: Option<Flag>,
    /// The groups of CP: items as name and value.
    groups: Vec<Vec<[String; 2]>>,
    /// Names of what is odd about it.
    deviations: Vec<&'static str>,
    /// Names of what is wrong with it.
    errors: Vec<&'static str>,
}

/// The number in `Flag`.
#[derive(Serialize, ToSchema)]
pub struct Flag {
    raw: u8,
    /// 0 is 2005, 1 is 2017, 2 is 2025 and the surface-water stations.
    version: u8,
    /// Whether an answer is wanted.
    ack: bool,
    /// Whether it is one of several parts.
    split: bool,
}

/// Something wrong or odd in a frame.
#[derive(Serialize, ToSchema)]
pub struct FrameProblem {
    /// Stable name.
    #[schema(example = "crc_mismatch")]
    name: &'static str,
    /// Where: bytes from the first `#`; null when it has no place.
    at: Option<usize>,
    message: Words,
}

/// The header of a frame as text.
pub struct Header {
    /// Name on the wire.
    pub mn: Option<String>,
    /// Command number.
    pub cn: Option<String>,
}

/// What a frame says, and what is wrong or odd about it.
pub fn decode(raw: &[u8]) -> (Option<Decoded>, Vec<FrameProblem>) {
    let (frame, problems, ok) = read(raw);
    let named = |is_wanted: fn(Level) -> bool| {
        let wanted = problems.iter().filter(move |problem| is_wanted(problem.kind.level()));
        wanted.map(|problem| problem.kind.name()).collect()
    };
    let decoded = frame.map(|frame| Decoded {
        ok,
        header: frame
            .header
            .fields()
            .map(|item| pair(&item))
            .map(|[name, value]| (name, value))
            .collect(),
        flag: frame.flag().map(|flag| Flag {
            raw: flag.0,
            version: flag.version(),
            ack: flag.ack(),
            split: flag.split(),
        }),
        groups: frame
            .groups()
            .map(|group| group.items().map(|item| pair(&item)).collect())
            .collect(),
        deviations: named(|level| level != Level::Error),
        errors: named(|level| level == Level::Error),
    });
    let told = problems.iter().map(|problem| FrameProblem {
        name: problem.kind.name(),
        at: problem.offset,
        message: Words::new(problem.chinese(), problem.to_string()),
    });
    (decoded, told.collect())
}

/// The header of a frame, as far as it can be read.
pub fn header(raw: &[u8]) -> Option<Header> {
    let (frame, ..) = read(raw);
    let text = |bytes: Option<&[u8]>| bytes.map(|bytes| hj212::text::decode(bytes).into_owned());
    frame.map(|frame| Header { mn: text(frame.header.mn), cn: text(frame.header.cn) })
}

/// The instant that a frame's `DataTime` names in a zone.
pub fn data_time(raw: &[u8], zone: &Zone) -> Option<Timestamp> {
    let civil = read(raw).0?.data_time()?.ok()?;
    let civil: DateTime = civil.to_string().parse().ok()?;
    zone.instant(civil).ok()
}

fn read(raw: &[u8]) -> (Option<Frame<'_>>, Vec<hj212::Problem>, bool) {
    match hj212::read(raw) {
        Ok((frame, problems)) => (Some(frame), problems, true),
        Err(rejected) => (rejected.frame.map(|frame| *frame), rejected.problems, false),
    }
}

fn pair(item: &hj212::Item) -> [String; 2] {
    let (name, text) = (item.name_text().into_owned(), item.text().into_owned());
    if secrets::is_secret(&name) {
        return [name, "*".repeat(text.len())];
    }
    [name, text]
}
