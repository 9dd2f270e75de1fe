//! One query from text to its last row: within its time, stopped by Ctrl-C, its progress told.

use crate::output::{Format, Target, Writer, Written};
use crate::{Error, Progress, Queries};
use futures::StreamExt;
use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use store::Damage;

/// How often progress is told, and how long a query is left in peace before.
const TOLD_EVERY: Duration = Duration::from_millis(250);
const QUIET: Duration = Duration::from_secs(1);

/// What became of a query.
#[derive(Debug)]
pub struct Outcome {
    /// Rows.
    pub written: Written,
    /// What could not be read: the answer lacks it.
    pub missed: Vec<Damage>,
    /// Tables that were asked as of a past moment and are shown as of now.
    pub shown_as_of_now: Vec<&'static str>,
}

/// Runs a statement and writes its answer.
///
/// # Errors
/// Why there is no answer; then no file was made either.
pub async fn run(
    queries: &Queries,
    sql: &str,
    format: Format,
    target: Target,
) -> Result<Outcome, Error> {
    let limit = queries.limits().time;
    // Threads of its own: a join may compute for long without a pause, and then no clock and no Ctrl-C
    // would be heard on the threads that it uses.
    let threads = crate::cli::threads()?;
    let told: Arc<Mutex<Option<Progress>>> = Arc::default();
    let work =
        threads.spawn(answer(queries.clone(), sql.to_owned(), format, target, Arc::clone(&told)));
    let stop = work.abort_handle();
    let outcome = tokio::select! {
        done = work => match done {
            Ok(outcome) => outcome,
            Err(error) => Err(Error::Failed(format!("the query ended without an answer: {error}"))),
        },
        () = tokio::time::sleep(limit) => Err(Error::Time(limit)),
        _ = tokio::signal::ctrl_c() => Err(Error::Stopped),
        () = tell(&told) => Err(Error::Stopped),
    };
    stop.abort();
    // What does not pause is left behind; it ends when it next does, or with the program.
    threads.shutdown_background();
    erase();
    outcome
}

async fn answer(
    queries: Queries,
    sql: String,
    format: Format,
    target: Target,
    told: Arc<Mutex<Option<Progress>>>,
) -> Result<Outcome, Error> {
    let mut answer = queries.ask(&sql).await?;
    *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer.progress());
    let mut writer = Writer::new(format, &answer.schema(), target, queries.limits().rows_shown)?;
    while let Some(batch) = answer.stream.next().await {
        writer.write(&batch.map_err(|error| answer.error(&error))?)?;
    }
    let (missed, shown_as_of_now) = (answer.missed(), answer.shown_as_of_now.clone());
    // Progress is told on standard error; nothing of it may stand in the answer.
    *told.lock().unwrap_or_else(PoisonError::into_inner) = None;
    erase();
    Ok(Outcome { written: writer.finish()?, missed, shown_as_of_now })
}

/// Tells how far the query is, on a line of standard error that is written over; never ends.
async fn tell(told: &Mutex<Option<Progress>>) {
    if !std::io::stderr().is_terminal() {
        return std::future::pending().await;
    }
    tokio::time::sleep(QUIET).await;
    let mut seconds = QUIET;
    loop {
        if let Some(progress) = told.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            let (done, all) = progress.rows();
            let line = bar(done, all, seconds);
            let mut err = std::io::stderr().lock();
            // A terminal that cannot be written to is no reason to stop.
            let _ = write!(err, "\r{line}\x1b[K").and_then(|()| err.flush());
        }
        tokio::time::sleep(TOLD_EVERY).await;
        seconds += TOLD_EVERY;
    }
}

fn erase() {
    if std::io::stderr().is_terminal() {
        let mut err = std::io::stderr().lock();
        let _ = write!(err, "\r\x1b[K").and_then(|()| err.flush());
    }
}

/// `[██████░░░░░░░░░░░░░░] 31 % · 4.1 of 13.2 M rows · 2.3 s`
fn bar(done: u64, all: u64, time: Duration) -> String {
    let millions = |rows: u64| rows as f64 / 1e6;
    let seconds = time.as_secs_f64();
    let Some(percent) = (done * 100).checked_div(all) else { return format!("{seconds:.1} s") };
    let full = (percent / 5).min(20) as usize;
    format!(
        "[{}{}] {percent} % · {:.1} of {:.1} M rows · {seconds:.1} s",
        "█".repeat(full),
        "░".repeat(20 - full),
        millions(done),
        millions(all)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_full_when_all_rows_were_gone_through() {
        let second = Duration::from_secs(1);
        assert!(bar(0, 10, second).starts_with("[░░░░░░░░░░░░░░░░░░░░] 0 %"));
        assert!(bar(10, 10, second).starts_with("[████████████████████] 100 %"));
        assert_eq!(bar(0, 0, second), "1.0 s");
    }
}
