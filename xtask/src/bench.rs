//! `cargo xtask bench [NAME]`: runs the benchmarks and gathers what they measured in one report.
//!
//! A benchmark is a program whose standard output is its result; its progress goes to standard error.
//! To add one, add a line to [`BENCHES`].

use std::io::{BufRead, BufReader};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use crate::failure::{Failure, Result};
use crate::house::House;
use crate::sql;
use crate::steps::seconds;

struct Bench {
    name: &'static str,
    what: &'static str,
    /// A program of the workspace; of `sql` there is none, it takes two workspaces and a script.
    cargo: &'static [&'static str],
}

const SQL: &str = "sql";

const BENCHES: [Bench; 12] = [
    Bench {
        name: "law",
        what: "annual assessment of 300 stations, three years; single indices",
        cargo: &["-p", "standards", "--example", "annual"],
    },
    Bench {
        name: "fields",
        what: "real stations left out, and how fast a grid is",
        cargo: &["-p", "space", "--example", "fields"],
    },
    Bench {
        name: "tracing",
        what: "controlled releases traced, and how fast",
        cargo: &["-p", "space", "--example", "tracing"],
    },
    Bench {
        name: "parse",
        what: "HJ 212 frames on one core",
        cargo: &["-p", "hj212", "--example", "throughput"],
    },
    Bench {
        name: "plots",
        what: "each of the analyst's plots over ten station-years",
        cargo: &["-p", "draw", "--example", "plots"],
    },
    Bench {
        name: "detect",
        what: "rules on 100 000 datastreams",
        cargo: &["-p", "detect", "--example", "watching"],
    },
    Bench {
        name: "path",
        what: "device to durable to acknowledged, over TCP",
        cargo: &["-p", "app", "--", "bench", "path"],
    },
    Bench {
        name: "store",
        what: "a year of 300 stations sealed, folded and asked, also as of before; a month of back-fill",
        cargo: &["-p", "app", "--", "bench", "store"],
    },
    Bench { name: SQL, what: "50 million readings asked by skyriver-sql and DuckDB", cargo: &[] },
    Bench {
        name: "pages",
        what: "open pages on live updates; the map's answers",
        cargo: &["-p", "app", "--", "bench", "pages"],
    },
    Bench {
        name: "kill",
        what: "kill -9 at random instants, readings lost",
        cargo: &["-p", "app", "--", "bench", "kill"],
    },
    Bench {
        name: "restart",
        what: "time to serve again after a kill",
        cargo: &["-p", "app", "--", "bench", "restart"],
    },
];

/// Runs all benchmarks, or the one named.
pub fn run(house: &House, name: Option<&str>) -> Result<ExitCode> {
    let chosen: Vec<&Bench> =
        BENCHES.iter().filter(|bench| name.is_none_or(|name| name == bench.name)).collect();
    if chosen.is_empty() {
        let names = BENCHES.map(|bench| bench.name).join(", ");
        return Err(Failure::new(format!("there is no benchmark `{}`", name.unwrap_or_default()))
            .hint(format!("one of {names}")));
    }
    let mut results = Vec::new();
    let mut failed = 0;
    for bench in chosen {
        let started = Instant::now();
        println!("==> {}: {}", bench.name, bench.what);
        let lines = if bench.name == SQL {
            sql::speed(house).and_then(|mut command| lines_of(&mut command))
        } else {
            lines_of(house.cargo(&["run", "--release", "--locked"]).args(bench.cargo))
        };
        println!("<== {} after {}", bench.name, seconds(started.elapsed()));
        let lines = lines.unwrap_or_else(|failure| {
            failed += 1;
            vec![format!("FAILED: {failure}")]
        });
        results.push((bench, lines));
    }
    for (bench, lines) in results {
        println!("\n### {}: {}\n\n{}", bench.name, bench.what, lines.join("\n"));
    }
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Lets the program's lines through and keeps them for the report.
fn lines_of(command: &mut Command) -> Result<Vec<String>> {
    let failure = |error: std::io::Error| Failure::new(error.to_string());
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(failure)?;
    let mut lines = Vec::new();
    for line in child.stdout.take().into_iter().flat_map(|out| BufReader::new(out).lines()) {
        let line = line.map_err(failure)?;
        println!("{line}");
        lines.push(line);
    }
    let status = child.wait().map_err(failure)?;
    if status.success() { Ok(lines) } else { Err(Failure::new(status.to_string())) }
}
