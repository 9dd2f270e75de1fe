//! Numbers for Prometheus, in its text format 0.0.4.

use super::error::Answer;
use super::state::{AppState, unreadable};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use model::{Counted, Timestamp};
use std::collections::BTreeMap;
use std::fmt::{Display, Write};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(metrics))
}

/// Numbers for Prometheus.
#[utoipa::path(
    get, path = "/metrics", tag = "health",
    responses((status = 200, content_type = "text/plain; version=0.0.4", body = String))
)]
async fn metrics(State(app): State<AppState>) -> Answer<Response> {
    let text = app.ask(|app| {
        let mut text = Text::default();
        ledger(&mut text, app)?;
        devices(&mut text, app);
        store(&mut text, app)?;
        Ok(text.0)
    });
    let media_type = "text/plain; version=0.0.4; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, media_type)], text.await?).into_response())
}

/// Summed anew each time: a turn that could not be kept at once is counted in the hour in which it
/// arrived, however long ago that is.
fn ledger(text: &mut Text, app: &AppState) -> Answer<()> {
    let entries = app.reader.ledger_by_reason(Timestamp::MIN, Timestamp::MAX);
    let family = "What became of frames and readings since the first day.";
    text.family("skyriver_ledger_total", "counter", family);
    for entry in entries.map_err(unreadable)? {
        let unit = if entry.unit == Counted::Frame { "frame" } else { "reading" };
        let disposition = entry.disposition.name();
        let labels =
            [("unit", unit), ("disposition", disposition), ("reason", entry.reason.name())];
        text.sample("skyriver_ledger_total", &labels, entry.count);
    }
    Ok(())
}

fn devices(text: &mut Text, app: &AppState) {
    let seen = app.gateway();
    let of = &seen.counters;
    let turns = app.engine.turns.load(Ordering::Relaxed);
    text.gauge("skyriver_connections_open", "Connections of devices.", of.connections_open);
    text.counter("skyriver_connections_accepted_total", "Accepted.", of.connections_accepted);
    text.counter(
        "skyriver_connections_refused_total",
        "Refused by a limit.",
        of.connections_refused,
    );
    text.counter("skyriver_connections_cut_total", "Closed by a limit.", of.connections_cut);
    text.counter("skyriver_received_bytes_total", "Bytes read from devices.", of.bytes);
    text.counter("skyriver_garbage_bytes_total", "Bytes of no frame.", of.garbage_bytes);
    text.counter("skyriver_received_frames_total", "Frames handed to the engine.", of.frames);
    text.counter("skyriver_received_readings_total", "Readings in them.", of.readings);
    text.gauge("skyriver_in_flight_frames", "Frames not yet on disk.", of.in_flight_frames);
    text.gauge("skyriver_in_flight_readings", "Readings in them.", of.in_flight_readings);
    text.counter("skyriver_answer_bytes_total", "Bytes of answers to devices.", of.answer_bytes);
    text.counter("skyriver_reading_pauses_total", "Pauses to keep a rate.", of.pauses);
    let uncommitted = of.uncommitted_frames;
    text.counter(
        "skyriver_uncommitted_frames_total",
        "Frames not kept, not answered.",
        uncommitted,
    );
    text.gauge("skyriver_strangers", "Names that nobody registered.", seen.strangers.len() as u64);
    text.gauge("skyriver_listeners", "Pages that listen to live changes.", app.hub.listeners());
    text.counter("skyriver_turns_total", "Turns since the start.", turns);
    let mut problems: BTreeMap<&str, u64> = BTreeMap::new();
    for problem in &seen.problems {
        *problems.entry(problem.name).or_default() += problem.count;
    }
    let family = "What was odd or wrong in frames, by name.";
    text.family("skyriver_frame_problems_total", "counter", family);
    for (name, count) in problems {
        text.sample("skyriver_frame_problems_total", &[("name", name)], count);
    }
}

fn store(text: &mut Text, app: &AppState) -> Answer<()> {
    let sizes = app.reader.sizes();
    let sequence = app.reader.last_sequence().map_err(unreadable)?.0;
    let is_failing = app.engine.failing.lock().unwrap_or_else(PoisonError::into_inner).is_some();
    let damaged = app.reader.problems().len() as u64;
    text.gauge("skyriver_sequence", "The newest entry of the log.", sequence);
    text.gauge("skyriver_store_database_bytes", "Bytes of the log.", sizes.database_bytes);
    text.gauge("skyriver_store_archive_bytes", "Bytes of the archive.", sizes.archive_bytes);
    text.gauge("skyriver_store_hot_readings", "Readings in memory.", sizes.hot_readings);
    let archived = sizes.archived_readings;
    text.gauge("skyriver_store_archived_readings", "Rows of the archive, all versions.", archived);
    text.gauge("skyriver_store_damaged", "Things that cannot be read any more.", damaged);
    text.gauge("skyriver_store_failing", "1 while turns cannot be kept.", u64::from(is_failing));
    {
        let view = app.reader.view();
        let registry = view.registry();
        let count = |registered: usize| registered as u64;
        text.gauge("skyriver_places", "Registered places.", count(registry.places().len()));
        text.gauge("skyriver_devices", "Registered devices.", count(registry.devices().len()));
        text.gauge("skyriver_datastreams", "Datastreams.", count(registry.datastreams().len()));
    }
    text.family("skyriver_start_time_seconds", "gauge", "When the server started, since 1970.");
    text.sample("skyriver_start_time_seconds", &[], app.started.as_ms() as f64 / 1_000.0);
    text.family("skyriver_build_info", "gauge", "1, with the program's version.");
    text.sample("skyriver_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    Ok(())
}

/// The text format: a head for each family, then its samples.
#[derive(Default)]
struct Text(String);

impl Text {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn gauge(&mut self, name: &str, help: &str, value: u64) {
        self.family(name, "gauge", help);
        self.sample(name, &[], value);
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.family(name, "counter", help);
        self.sample(name, &[], value);
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.0.push_str(name);
        for (number, (label, text)) in labels.iter().enumerate() {
            let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(self.0, "{}{label}=\"{text}\"", if number == 0 { '{' } else { ',' });
        }
        let _ = writeln!(self.0, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_written_as_prometheus_reads_them() {
        let mut text = Text::default();
        text.family("a_total", "counter", "What it is.");
        text.sample("a_total", &[("name", "x\"y\\z\n"), ("unit", "frame")], 3);
        text.sample("b", &[], 0.5);
        assert_eq!(
            text.0,
            "# HELP a_total What it is.\n# TYPE a_total counter\n\
             a_total{name=\"x\\\"y\\\\z\\n\",unit=\"frame\"} 3\nb 0.5\n"
        );
    }
}
