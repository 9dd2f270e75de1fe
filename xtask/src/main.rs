//! The project's own tasks: `cargo xtask <task>`. Std only, so that a bare machine builds it in seconds.

#![expect(clippy::print_stdout, reason = "tasks talk to a person at a terminal")]
#![expect(clippy::disallowed_methods, reason = "tasks time their steps and read the environment")]

mod bench;
mod bless;
mod demo;
mod failure;
mod house;
mod pdf;
mod said;
mod setup;
mod sim;
mod sql;
mod steps;
mod test;
mod tidy;
mod web;

use std::process::ExitCode;

use failure::{Failure, Result};
use house::House;

const USAGE: &str = "\
usage: cargo xtask <task>

  demo [--data DIR] [--port N] …   build everything, start the demo, print its address
  build                            page and server only, release; print where the binary is
  build pdf                        skyriver-pdf beside it, which sets reports as PDF (typst: minutes, once)
  build sql                        skyriver-sql, release; print where the binary is
  test [--only PART]…              run every check; PART: tidy, rust, web, browser, independent, pdf, sql
  ci                               the same with the settings of a build machine
  setup                            install what the browser tests need (apt, npm)
  bless                            make the generated files anew: OpenAPI, TypeScript types, snapshots
  bench [NAME]                     run the benchmarks, print one report
  sim [--scenario S] [--seed N] [--seeds COUNT] …   worlds from seeds, every promise tried by faults
  tidy                             floors, links, sizes, sources, words, dependencies
";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let task = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    match House::find().and_then(|house| run(&house, &task, &rest)) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(house: &House, task: &str, rest: &[String]) -> Result<ExitCode> {
    match task {
        "demo" => demo::run(house, rest),
        "build" if rest.first().is_some_and(|what| what == "sql") => {
            sql::build(house).map(|()| ExitCode::SUCCESS)
        }
        "build" if rest.first().is_some_and(|what| what == "pdf") => {
            pdf::build(house).map(|()| ExitCode::SUCCESS)
        }
        "build" => demo::build(house).map(|_| ExitCode::SUCCESS),
        "test" => test::run(house, rest),
        "ci" => test::run(&house.for_ci(), rest),
        "setup" => setup::everything(house).map(|()| ExitCode::SUCCESS),
        "bless" => bless::run(house).map(|()| ExitCode::SUCCESS),
        "bench" => bench::run(house, rest.first().map(String::as_str)),
        "sim" => sim::run(house, rest),
        "tidy" => tidy::run(house),
        "" | "help" | "-h" | "--help" => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        unknown => Err(Failure::new(format!("there is no task `{unknown}`")).hint(USAGE)),
    }
}
