//! Frames as they came: the list, and one of them opened to its bytes.

mod decode;
mod secrets;

use super::error::{Answer, ApiError, Problem};
use super::schema;
use super::state::{AppState, unreadable};
use super::time::Instant;
use crate::bring::{Receipt, receipts};
use crate::words::Words;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use decode::{Decoded, FrameProblem};
use gateway::file::{Format, Options, Origin};
use gateway::hj212::Clock;
use model::{DAY_MS, Disposition, Reason, Registry, Sequence, Source, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use store::{FrameFilter, FrameView, Known};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Frames in a list, unless more are asked for.
const LISTED: u64 = 50;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(frames)).routes(routes!(frame))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FramesQuery {
    /// Name on the wire of a registered device.
    device: Option<String>,
    #[param(value_type = Option<schema::Disposition>)]
    disposition: Option<String>,
    /// Only frames with this reason, as `/ledger?by=reason` names them.
    reason: Option<String>,
    /// Only frames with smaller sequences: the last one of the page before.
    #[param(value_type = Option<u64>)]
    before: Option<String>,
    /// How many; 50 without it.
    #[param(value_type = Option<u64>)]
    limit: Option<String>,
}

/// A frame in a list.
#[derive(Serialize, ToSchema)]
pub struct FrameLine {
    sequence: u64,
    received_at: Instant,
    /// Name on the wire of the registered device that sent it.
    device: Option<String>,
    /// Name on the wire that stands in it.
    mn: Option<String>,
    /// Key of the place where the device stands.
    place: Option<String>,
    disposition: schema::Disposition,
    reason: Option<&'static str>,
    /// Bytes.
    length: usize,
    /// Command number.
    cn: Option<String>,
}

/// Frames that are kept, newest first.
#[utoipa::path(
    get, path = "/frames", tag = "ledger", params(FramesQuery),
    responses((status = 200, body = [FrameLine]), (status = 400, body = Problem), (status = 404, body = Problem))
)]
async fn frames(
    State(app): State<AppState>,
    query: Result<Query<FramesQuery>, QueryRejection>,
) -> Answer<Json<Vec<FrameLine>>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let filter = filter(app, &query)?;
        let frames = app.reader.frames(&filter).map_err(unreadable)?;
        let view = app.reader.view();
        Ok(Json(frames.iter().map(|frame| line(view.registry(), frame)).collect()))
    })
    .await
}

fn filter(app: &AppState, query: &FramesQuery) -> Answer<FrameFilter> {
    let device = |mn: &String| {
        let known = app.reader.view().registry().device_id(mn);
        known.ok_or_else(|| {
            ApiError::unknown("unknown_device", "设备", "device", mn)
                .with_hint("设备见 /api/v1/devices", "/api/v1/devices lists them")
        })
    };
    let disposition = |name: &String| {
        let known = Disposition::ALL.into_iter().find(|known| known.name() == name);
        known.ok_or_else(|| {
            let names = Disposition::ALL.map(Disposition::name);
            let (zh, en) = (names.join("、"), names.join(", "));
            let accepted = Words::new(format!("可用 {zh}"), format!("there are {en}"));
            ApiError::bad_parameter("disposition", name, accepted)
        })
    };
    let reason = |name: &String| {
        let known = Reason::ALL.into_iter().find(|known| known.name() == name);
        known.ok_or_else(|| {
            let names = Reason::ALL.map(Reason::name);
            let (zh, en) = (names.join("、"), names.join(", "));
            let accepted = Words::new(format!("可用 {zh}"), format!("there are {en}"));
            ApiError::bad_parameter("reason", name, accepted)
        })
    };
    let limit = number("limit", query.limit.as_ref(), app.limits.frames_max)?.unwrap_or(LISTED);
    let before = number("before", query.before.as_ref(), i64::MAX as u64)?;
    Ok(FrameFilter {
        device: query.device.as_ref().map(device).transpose()?,
        disposition: query.disposition.as_ref().map(disposition).transpose()?,
        reason: query.reason.as_ref().map(reason).transpose()?,
        before: before.map(Sequence),
        limit: limit.min(app.limits.frames_max) as usize,
    })
}

fn number(name: &str, given: Option<&String>, max: u64) -> Answer<Option<u64>> {
    let Some(text) = given else { return Ok(None) };
    let number = text.parse().ok().filter(|number| (1..=max).contains(number));
    let accepted = Words::new(
        format!("请用 1 至 {max} 的整数"),
        format!("write a whole number from 1 to {max}"),
    );
    number.map(Some).ok_or_else(|| ApiError::bad_parameter(name, text, accepted))
}

fn line(registry: &Registry, frame: &FrameView) -> FrameLine {
    let device = frame.device.and_then(|id| registry.device(id));
    let header = decode::header(&frame.raw);
    FrameLine {
        sequence: frame.sequence.0,
        received_at: Instant(frame.received_at),
        device: device.map(|device| device.mn.clone()),
        mn: header.as_ref().and_then(|header| header.mn.clone()).or_else(|| frame.stranger.clone()),
        place: device.map(|device| device.place.clone()),
        disposition: frame.disposition.into(),
        reason: reason(frame.reason),
        length: frame.raw.len(),
        cn: header.and_then(|header| header.cn),
    }
}

fn reason(reason: Reason) -> Option<&'static str> {
    (reason != Reason::None).then(|| reason.name())
}

/// A frame with its bytes, what they say, and the readings it brought.
#[derive(Serialize, ToSchema)]
pub struct Frame {
    sequence: u64,
    received_at: Instant,
    /// Name on the wire of the registered device that sent it.
    device: Option<String>,
    /// Key of the place where the device stands.
    place: Option<String>,
    disposition: schema::Disposition,
    reason: Option<&'static str>,
    /// The bytes as they came, two digits each; passwords and keys are covered by asterisks.
    #[schema(example = "23233031303151…")]
    hex: String,
    /// The bytes as text, UTF-8 or GBK.
    text: String,
    /// What it says; null when nothing of it could be read.
    decoded: Option<Decoded>,
    /// What is wrong or odd about it.
    problems: Vec<FrameProblem>,
    /// The readings that it brought and that are still current.
    readings: Vec<FrameReading>,
    /// The file of which it is a row, by the receipt of its import; null when a device sent it.
    imported: Option<Receipt>,
}

/// A reading that a frame brought.
#[derive(Serialize, ToSchema)]
pub struct FrameReading {
    datastream: i32,
    parameter: String,
    time: Instant,
    value: Option<f64>,
    flag: i16,
}

/// One frame, opened.
#[utoipa::path(
    get, path = "/frames/{sequence}", tag = "ledger",
    params(("sequence" = u64, Path, description = "Its number in the log.")),
    responses((status = 200, body = Frame), (status = 400, body = Problem), (status = 404, body = Problem))
)]
async fn frame(State(app): State<AppState>, Path(sequence): Path<String>) -> Answer<Json<Frame>> {
    app.ask(move |app| {
        let number = number("sequence", Some(&sequence), i64::MAX as u64)?.unwrap_or_default();
        let frame = app.reader.frame(Sequence(number)).map_err(unreadable)?;
        let frame = frame.ok_or_else(|| {
            ApiError::unknown("unknown_frame", "报文", "frame", &sequence).with_hint(
                "报文见 /api/v1/frames；并非每个序号都是一条报文",
                "/api/v1/frames lists them; not every sequence is a frame",
            )
        })?;
        opened(app, &frame).map(Json)
    })
    .await
}

fn opened(app: &AppState, frame: &FrameView) -> Answer<Frame> {
    let (decoded, problems) = decode::decode(&frame.raw);
    let mut all = receipts(&app.reader).map_err(unreadable)?;
    all.retain(|receipt| receipt.has(frame.sequence.0));
    // Anybody may open a frame; names of people are for those who manage imports.
    let imported = all.pop().map(|receipt| Receipt { who: String::new(), ..receipt });
    let about = match &imported {
        Some(receipt) => row_time(app, receipt, frame),
        None => decode::data_time(&frame.raw, &app.district.zone),
    };
    let readings = readings_of(app, frame, about.unwrap_or(frame.received_at))?;
    let view = app.reader.view();
    let device = frame.device.and_then(|id| view.registry().device(id));
    let mut hex = String::with_capacity(2 * frame.raw.len());
    let shown = secrets::covered(&frame.raw);
    for byte in &shown {
        let _ = write!(hex, "{byte:02x}");
    }
    Ok(Frame {
        sequence: frame.sequence.0,
        received_at: Instant(frame.received_at),
        device: device.map(|device| device.mn.clone()),
        place: device.map(|device| device.place.clone()),
        disposition: frame.disposition.into(),
        reason: reason(frame.reason),
        hex,
        text: hj212::text::decode(&shown).into_owned(),
        decoded,
        problems,
        readings,
        imported,
    })
}

/// The instant of a row of a file, read as its import read it.
fn row_time(app: &AppState, receipt: &Receipt, frame: &FrameView) -> Option<Timestamp> {
    let clock = Clock::new(&app.district.zone_name, crate::clock::now).ok()?;
    let format = Format::named(&receipt.format).unwrap_or_default();
    let lines = [receipt.head.as_bytes(), b"\n", &frame.raw].concat();
    let bytes = if format == Format::Hj212 { &frame.raw } else { &lines };
    let options = Options { format, ..Options::new(clock) };
    let mut file = gateway::file::open(&Origin::bytes(&receipt.file, bytes), &options).ok()?;
    let row = file.next_row().ok()??;
    row.values.ok()?.first().map(|value| value.time)
}

/// The readings that carry the frame's sequence, also those that were replaced since, found around the time that it names.
fn readings_of(app: &AppState, frame: &FrameView, about: Timestamp) -> Answer<Vec<FrameReading>> {
    let (Disposition::Stored, Some(device)) = (frame.disposition, frame.device) else {
        return Ok(vec![]);
    };
    let datastreams: Vec<_> = {
        let view = app.reader.view();
        let of_device =
            |datastream: &&model::Datastream| datastream.key.source == Source::Device(device);
        let named =
            |datastream: &model::Datastream| (datastream.id, datastream.key.parameter.clone());
        view.registry().datastreams().iter().filter(of_device).map(named).collect()
    };
    let ids: Vec<_> = datastreams.iter().map(|(id, _)| *id).collect();
    let (from, to) = (about - DAY_MS, about + DAY_MS);
    let scanned =
        app.reader.scan_known(&ids, from, to, Known::At(frame.sequence)).map_err(unreadable)?;
    let mut readings = Vec::new();
    for ((id, parameter), columns) in datastreams.iter().zip(&scanned) {
        for at in (0..columns.len()).filter(|at| columns.sequence[*at] == frame.sequence) {
            readings.push(FrameReading {
                datastream: id.0,
                parameter: parameter.clone(),
                time: Instant(columns.time[at]),
                value: columns.value[at],
                flag: columns.flag[at].bits(),
            });
        }
    }
    Ok(readings)
}
