//! `skyriver-pdf`: a report on standard input or from a file, as PDF.

use pdf::{Language, REPORT_BYTES_MAX, TEMPLATE, Wish, typeset};
use std::error::Error as _;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "\
usage: skyriver-pdf [REPORT.json] [-o FILE.pdf] [--language zh|en] [--template FILE.typ] [--fonts DIR]…
       skyriver-pdf --print-template

Sets a report, read from standard input without a file, as PDF.

  -o FILE            where the PDF goes; standard output without it
  --language zh|en   the language, Chinese without it
  --template FILE    a Typst template; print the one built in with --print-template, and edit it
  --fonts DIR        a folder with fonts besides those of the machine; may be repeated
";

/// What the command line says.
#[derive(Default)]
struct Told {
    report: Option<PathBuf>,
    output: Option<PathBuf>,
    wish: Wish,
    prints_template: bool,
    asks_help: bool,
}

fn main() -> ExitCode {
    match told(std::env::args().skip(1)).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("skyriver-pdf: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn told(mut words: impl Iterator<Item = String>) -> Result<Told, String> {
    let mut told = Told::default();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} needs a value\n\n{USAGE}"));
        match word.as_str() {
            "-o" | "--output" => told.output = Some(value()?.into()),
            "--template" => told.wish.template = Some(value()?.into()),
            "--fonts" => told.wish.fonts.push(value()?.into()),
            "--language" => {
                told.wish.language = match value()?.as_str() {
                    "zh" => Language::Zh,
                    "en" => Language::En,
                    other => return Err(format!("--language {other}: write zh or en")),
                }
            }
            "--print-template" => told.prints_template = true,
            "-h" | "--help" => told.asks_help = true,
            file if !file.starts_with('-') && told.report.is_none() => {
                told.report = Some(file.into());
            }
            other => return Err(format!("{other} is not understood\n\n{USAGE}")),
        }
    }
    Ok(told)
}

fn run(told: Told) -> Result<(), String> {
    if told.asks_help {
        return write(None, USAGE.as_bytes());
    }
    if told.prints_template {
        return write(told.output, TEMPLATE.as_bytes());
    }
    let report = read(told.report)?;
    let pdf = typeset(report, &told.wish).map_err(|error| {
        let (mut text, mut cause) = (error.to_string(), error.source());
        while let Some(own) = cause {
            text = format!("{text}: {own}");
            cause = own.source();
        }
        text
    })?;
    write(told.output, &pdf)
}

fn read(file: Option<PathBuf>) -> Result<Vec<u8>, String> {
    let mut report = vec![];
    let (name, source): (String, Box<dyn Read>) = match file {
        None => ("standard input".into(), Box::new(io::stdin().lock())),
        Some(path) => {
            let name = path.display().to_string();
            let file = std::fs::File::open(&path).map_err(|error| format!("{name}: {error}"))?;
            (name, Box::new(file))
        }
    };
    let mut source = source.take(REPORT_BYTES_MAX + 1);
    source.read_to_end(&mut report).map_err(|error| format!("{name}: {error}"))?;
    if report.len() as u64 > REPORT_BYTES_MAX {
        return Err(format!("{name}: longer than {REPORT_BYTES_MAX} bytes, the most that is set"));
    }
    Ok(report)
}

fn write(file: Option<PathBuf>, bytes: &[u8]) -> Result<(), String> {
    match file {
        None => io::stdout()
            .lock()
            .write_all(bytes)
            .map_err(|error| format!("standard output: {error}")),
        Some(path) => {
            std::fs::write(&path, bytes).map_err(|error| format!("{}: {error}", path.display()))
        }
    }
}
