//! The audit trail: who did what, from where, with which outcome. Lines are acts of the log, chained and
//! never edited; they are gathered for a second and kept together, so that a flood of refusals costs one
//! disk sync a second and one line a minute.
//!
//! What is changed is an act of its own, on disk before the answer; the line here adds from where and with
//! which outcome. At a crash the lines of the last second may be lost, a change never.

use crate::door::Door;
use model::Act;
use serde_json::json;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The kind of the acts of the trail.
pub const AUDIT: &str = "audit";
/// Different lines that wait at the same time; what comes beyond is counted without its source.
const LINES_MAX: usize = 2_000;
/// For how long refusals of one source are gathered into one line.
const GATHER_MS: u64 = 60_000;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Line {
    /// Who; empty when nobody is signed in.
    pub who: String,
    /// From where.
    pub from: Option<IpAddr>,
    /// What was asked: `POST /api/v1/session`.
    pub what: String,
    /// The token of the API that was used, by its id.
    pub token: Option<String>,
    /// The status, and the code when it was refused: `403 not_allowed`.
    pub outcome: String,
    /// Whether it was refused.
    pub is_refused: bool,
}

#[derive(Debug, Default)]
struct Waiting {
    count: u64,
    since_ms: u64,
}

/// Lines that wait to be kept.
#[derive(Debug, Default)]
pub struct Trail {
    waiting: Mutex<Lines>,
}

#[derive(Debug, Default)]
struct Lines {
    waiting: HashMap<Line, Waiting>,
    /// When a refusal was last written, on the clock of `now_ms`.
    written_ms: HashMap<Line, u64>,
}

impl Trail {
    /// Notes a line. `now_ms` is of a clock that only goes forward.
    pub fn note(&self, line: Line, now_ms: u64) {
        let mut lines = self.lines();
        let is_full = lines.waiting.len() >= LINES_MAX && !lines.waiting.contains_key(&line);
        let line = if is_full { line.without_source() } else { line };
        let waiting = lines.waiting.entry(line).or_insert(Waiting { count: 0, since_ms: now_ms });
        waiting.count += 1;
    }

    /// Takes what is to be kept now: everything but refusals that repeat one of the last minute; at the end
    /// of the server those too.
    pub fn take(&self, now_ms: u64, is_end: bool) -> Vec<Act> {
        let mut lines = self.lines();
        lines.written_ms.retain(|_, at| *at + GATHER_MS > now_ms);
        let Lines { waiting, written_ms } = &mut *lines;
        let mut taken: Vec<(Line, Waiting)> =
            waiting.extract_if(|line, _| is_end || !written_ms.contains_key(line)).collect();
        for (line, _) in taken.iter().filter(|(line, _)| line.is_refused) {
            written_ms.insert(line.clone(), now_ms);
        }
        taken.sort_by(|(a, one), (b, other)| {
            (one.since_ms, &a.what, &a.who).cmp(&(other.since_ms, &b.what, &b.who))
        });
        taken.into_iter().map(|(line, waiting)| line.act(waiting.count)).collect()
    }

    /// Keeps what waits.
    pub async fn keep(&self, door: &Door, now_ms: u64, is_end: bool) {
        let acts = self.take(now_ms, is_end);
        if acts.is_empty() {
            return;
        }
        let (count, told) = (acts.len(), acts.clone());
        match door.ask(move |engine, now| engine.act(now, acts)).await {
            Ok(Ok(_)) => tell(&told),
            Ok(Err(error)) => {
                tracing::error!(count, error = %error, "lines of the audit trail were not kept");
            }
            Err(_) => {
                tracing::error!(count, "lines of the audit trail came after the engine's end");
            }
        }
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    /// The same without who and from where, when there are too many different ones.
    fn without_source(self) -> Self {
        Self { who: String::new(), from: None, token: None, ..self }
    }

    fn act(self, count: u64) -> Act {
        let document = json!({
            "from": self.from, "outcome": self.outcome, "token": self.token, "count": count,
        });
        let who = if self.who.is_empty() { "-".to_owned() } else { self.who };
        Act { kind: AUDIT.to_owned(), key: self.what, who, document: document.to_string() }
    }
}

/// Tells the log of lines that were kept, where it is asked to: `log.level = "info,trail=trace"`. So they come to wherever the
/// machine sends its log. They name people, which no other line of the log does.
fn tell(acts: &[Act]) {
    for Act { key, who, document, .. } in acts {
        tracing::trace!(target: "trail", what = key, who, line = document, "kept in the audit trail");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::sync::Arc;
    use tracing_subscriber::EnvFilter;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_log_is_told_of_each_line_where_it_asks_for_it_and_nowhere_else() {
        let told = |level: &str| {
            let written = Written::default();
            let writer = written.clone();
            let lines = tracing_subscriber::fmt().json().with_env_filter(EnvFilter::new(level));
            let lines = lines.with_writer(move || writer.clone()).finish();
            let acts = [line("one", false).act(1)];
            tracing::subscriber::with_default(lines, || tell(&acts));
            String::from_utf8(written.0.lock().unwrap().clone()).unwrap()
        };
        assert_eq!(told("info"), "");
        let line = told("info,trail=trace");
        assert!(line.contains("POST /session") && line.contains("\"who\":\"one\""), "{line}");
    }

    fn line(who: &str, is_refused: bool) -> Line {
        let outcome = if is_refused { "401 wrong_sign_in" } else { "200" };
        Line {
            who: who.to_owned(),
            from: Some(IpAddr::from([127, 0, 0, 1])),
            what: "POST /session".to_owned(),
            token: None,
            outcome: outcome.to_owned(),
            is_refused,
        }
    }

    fn count(acts: &[Act]) -> u64 {
        let of = |act: &Act| -> serde_json::Value { serde_json::from_str(&act.document).unwrap() };
        acts.iter().map(|act| of(act)["count"].as_u64().unwrap()).sum()
    }

    #[test]
    fn a_flood_of_refusals_is_one_line_a_minute_and_none_is_lost() {
        let trail = Trail::default();
        let (mut lines, mut counted) = (0, 0);
        for second in 0..180 {
            for _ in 0..100 {
                trail.note(line("", true), second * 1_000);
            }
            let acts = trail.take(second * 1_000, false);
            lines += acts.len();
            counted += count(&acts);
        }
        assert_eq!(lines, 3);
        assert_eq!(counted + count(&trail.take(180_000, true)), 18_000);
    }

    #[test]
    fn what_was_done_is_kept_at_once_each_time() {
        let trail = Trail::default();
        for second in 0..3 {
            trail.note(line("one", false), second);
            let acts = trail.take(second, false);
            assert_eq!((acts.len(), acts[0].who.as_str()), (1, "one"));
        }
    }

    #[test]
    fn many_sources_cost_no_more_than_the_limit() {
        let trail = Trail::default();
        for number in 0..3 * LINES_MAX {
            trail.note(line(&number.to_string(), true), 0);
        }
        let acts = trail.take(0, false);
        assert!(acts.len() <= LINES_MAX + 1, "{}", acts.len());
        assert_eq!(count(&acts), 3 * LINES_MAX as u64);
    }
}
