//! The command line of `skyriver-sql`.

use crate::output::{Format, Target, standard};
use crate::run::{Outcome, run};
use crate::{Error, Limits, Queries, shell};
use clap::Parser;
use std::io::{IsTerminal, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// Plans of nested statements are deep: threads have room for them (only what is used is taken).
const STACK_BYTES: usize = 256 << 20;
/// The answer is there and lacks something that is damaged.
const INCOMPLETE: u8 = 3;

/// SQL over a Skyriver data directory: readings, frames, ledger, journal, registry. Nothing is ever written; a
/// server may use the directory meanwhile. Without a statement, a shell.
///
/// 对 Skyriver 数据目录的 SQL 查询：读数、报文、台账、日志、登记。从不写入，服务器可同时运行。不给语句则进入交互界面。
#[derive(Parser, Debug)]
#[command(
    name = "skyriver-sql",
    version,
    after_help = "\
Examples:
  skyriver-sql data \"SELECT place, avg(value) FROM hours WHERE parameter = 'pm25' GROUP BY place\"
  skyriver-sql data \"SELECT * FROM index WHERE period = 'day'\" --as-of 2026-03-01T08:00:00+08:00
  skyriver-sql data \"SELECT * FROM readings\" -o readings.parquet
  skyriver-sql data"
)]
struct Args {
    /// The data directory (unless --dir names it), and the statement; `-` reads it from standard input.
    #[arg(value_name = "DIR] [SQL", num_args = 0..=2)]
    words: Vec<String>,
    /// The data directory: the folder that holds skyriver.db.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// As it was known at a sequence of the log or at an instant.
    #[arg(long, value_name = "SEQUENCE|INSTANT")]
    as_of: Option<String>,
    /// table, csv, json or parquet; by the ending of --output, else table.
    #[arg(long, value_parser = format)]
    format: Option<Format>,
    /// Write the answer to this file; it appears when it is whole.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Memory that a query may take, such as 512MiB or 2GiB.
    #[arg(long, default_value = "2GiB", value_parser = size)]
    memory: usize,
    /// Time that a query may take, such as 60s or 10min.
    #[arg(long, default_value = "60s", value_parser = time)]
    time_limit: Duration,
    /// Rows that the table format shows.
    #[arg(long, default_value_t = Limits::default().rows_shown)]
    rows: usize,
    /// The zone of civil days.
    #[arg(long, default_value = "Asia/Shanghai")]
    zone: String,
}

fn format(text: &str) -> Result<Format, String> {
    Format::named(text).ok_or_else(|| "one of table, csv, json, parquet".to_owned())
}

fn size(text: &str) -> Result<usize, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        _ => return Err("write it as 512MiB or 2GiB".to_owned()),
    };
    let count = digits.trim().parse::<usize>().ok().and_then(|count| count.checked_mul(unit));
    count.filter(|bytes| *bytes > 0).ok_or_else(|| "write it as 512MiB or 2GiB".to_owned())
}

fn time(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        _ => return Err("write it as 60s, 10min or 1h".to_owned()),
    };
    let count = digits.trim().parse::<u64>().ok().and_then(|count| count.checked_mul(unit));
    let count = count.filter(|seconds| *seconds > 0);
    count.map(Duration::from_secs).ok_or_else(|| "write it as 60s, 10min or 1h".to_owned())
}

/// Runs the command.
pub fn main() -> ExitCode {
    let args = Args::parse();
    let threads = std::thread::Builder::new().stack_size(STACK_BYTES);
    let work = threads.spawn(move || match answer(args) {
        Ok(code) => code,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    });
    match work.map(std::thread::JoinHandle::join) {
        Ok(Ok(code)) => code,
        Ok(Err(panic)) => std::panic::resume_unwind(panic),
        Err(error) => {
            complain(&Error::Failed(format!("no thread can be started: {error}")));
            ExitCode::FAILURE
        }
    }
}

fn answer(mut args: Args) -> Result<ExitCode, Error> {
    let sql = match (&args.dir, args.words.len()) {
        (Some(_), 2) => return Err(Error::Failed("the data directory is named twice".to_owned())),
        (Some(_), _) | (None, 2) => args.words.pop(),
        (None, _) => None,
    };
    let dir = match (args.dir, args.words.pop()) {
        (Some(dir), _) => dir,
        (None, Some(dir)) => dir.into(),
        (None, None) => {
            let what = "no data directory is named; write skyriver-sql DIR [SQL]";
            return Err(Error::Failed(what.to_owned()));
        }
    };
    let limits = Limits {
        memory_bytes: args.memory,
        time: args.time_limit,
        rows_shown: args.rows,
        ..Limits::default()
    };
    let queries = Queries::new(&dir, limits, &args.zone, args.as_of.as_deref())?;
    let of_file = args.output.as_deref().and_then(Format::of_file);
    let format = args.format.or(of_file).unwrap_or(Format::Table);
    let runtime = runtime()?;
    let Some(sql) = sql else {
        let is_talk = std::io::stdin().is_terminal() && args.output.is_none();
        if !is_talk {
            let what = "no statement is given; `-` reads it from standard input";
            return Err(Error::Failed(what.to_owned()));
        }
        shell::talk(&runtime, queries, format, history().as_deref())?;
        return Ok(ExitCode::SUCCESS);
    };
    let sql = if sql == "-" { from_input(limits.statement_bytes)? } else { sql };
    let target = match &args.output {
        Some(file) => Target::file(file),
        None if format == Format::Parquet && std::io::stdout().is_terminal() => {
            return Err(Error::Failed("parquet is not for a terminal: give -o FILE".to_owned()));
        }
        None => standard(),
    };
    let outcome = runtime.block_on(run(&queries, sql.trim().trim_end_matches(';'), format, target));
    let is_whole = tell(&outcome?, false);
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::from(INCOMPLETE) })
}

/// Where clocks and signals are waited for.
fn runtime() -> Result<Runtime, Error> {
    started(&mut Builder::new_current_thread())
}

/// Where a query computes.
pub(crate) fn threads() -> Result<Runtime, Error> {
    started(Builder::new_multi_thread().thread_stack_size(STACK_BYTES))
}

fn started(builder: &mut Builder) -> Result<Runtime, Error> {
    let runtime = builder.enable_all().build();
    runtime.map_err(|error| Error::Failed(format!("no threads can be started: {error}")))
}

/// The statement from standard input; a byte more than allowed is enough to be refused for its length.
fn from_input(max: usize) -> Result<String, Error> {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(max as u64 + 1).read_to_string(&mut text);
    read.map_err(|error| Error::Failed(format!("standard input: {error}")))?;
    Ok(text)
}

#[expect(clippy::disallowed_methods, reason = "the home folder is the environment's to say")]
fn history() -> Option<PathBuf> {
    let home = std::env::var("HOME").ok()?;
    Some(PathBuf::from(home).join(".skyriver-sql-history"))
}

/// Prints what a person at the terminal is to read.
pub(crate) fn say(text: &str) {
    // Who closed the terminal does not read it.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// Tells what is to be said beside an answer; says whether the answer is whole.
pub(crate) fn tell(outcome: &Outcome, counts: bool) -> bool {
    let mut err = std::io::stderr().lock();
    let written = outcome.written;
    let mut put = |text: String| drop(writeln!(err, "{text}"));
    if written.hidden > 0 {
        let shown = written.rows - written.hidden;
        put(format!(
            "{shown} of {} rows shown; --rows shows more, --format csv all · 共 {} 行，显示 {shown} 行",
            written.rows, written.rows
        ));
    } else if counts {
        put(format!("{} rows · {} 行", written.rows, written.rows));
    }
    for table in &outcome.shown_as_of_now {
        put(format!("note: {table} is shown as of now · 注意：{table} 显示的是当前状态"));
    }
    for damage in &outcome.missed {
        put(format!(
            "warning: {} could not be read ({}); the answer lacks it · 警告：无法读取，结果不含该部分",
            damage.what, damage.why
        ));
    }
    outcome.missed.is_empty()
}

/// Prints an error with what to do next, in both languages.
pub(crate) fn complain(error: &Error) {
    let mut err = std::io::stderr().lock();
    // Nobody is left to tell when this fails.
    let _ = writeln!(err, "error: {error}\n       {}", error.zh());
    if let Some((en, zh)) = error.hint() {
        let _ = writeln!(err, "hint: {en}");
        if !zh.is_empty() {
            let _ = writeln!(err, "      {zh}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_have_units() {
        assert_eq!(size("2GiB"), Ok(2 << 30));
        assert_eq!(size("512m"), Ok(512 << 20));
        assert_eq!(size("7"), Ok(7));
        assert!(size("0").is_err() && size("2 parsecs").is_err() && size("").is_err());
        assert!(size("99999999999999999999GiB").is_err());
        assert_eq!(time("60s"), Ok(Duration::from_mins(1)));
        assert_eq!(time("10min"), Ok(Duration::from_mins(10)));
        assert!(time("0").is_err() && time("1d").is_err());
    }
}
