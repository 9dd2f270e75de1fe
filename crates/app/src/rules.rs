//! Rules: those of the data directory, or those that come with the program; and `skyriver rules`.

use crate::cli::Failure;
use clap::Subcommand;
use detect::{Kind, RuleError, Rules, case};
use serde::Serialize;
use standards::Standards;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file of a data directory that stands in for the rules that come with the program.
const FILE: &str = "rules.toml";

/// Why rules could not be taken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be read.
    #[error("rules file {0} cannot be read")]
    Read(PathBuf, #[source] std::io::Error),
    /// The rules are wrong.
    #[error("rules file {0} is not taken")]
    Wrong(PathBuf, #[source] RuleError),
    /// Those that come with the program are wrong: a defect of this build.
    #[error("the rules that come with the program are wrong")]
    BuiltIn(#[source] RuleError),
}

/// The rules of a data directory: its `rules.toml`, or those that come with the program.
///
/// # Errors
/// When the file is there and cannot be read, or is wrong.
pub fn of_directory(dir: &Path) -> Result<Rules, Error> {
    let path = dir.join(FILE);
    if path.exists() { of_file(&path) } else { Rules::built_in().map_err(Error::BuiltIn) }
}

fn of_file(path: &Path) -> Result<Rules, Error> {
    let text =
        std::fs::read_to_string(path).map_err(|error| Error::Read(path.to_owned(), error))?;
    Rules::parse(&text).map_err(|error| Error::Wrong(path.to_owned(), error))
}

/// Look at rules and test them.
#[derive(Subcommand, Debug)]
pub enum RulesCommand {
    /// List the rules: those of a file, or those that come with the program.
    List {
        /// A file of rules.
        #[arg(long, value_name = "FILE")]
        rules: Option<PathBuf>,
        /// JSON instead of text for people.
        #[arg(long)]
        json: bool,
    },
    /// Print the rules that come with the program, to begin a file of one's own from.
    Print,
    /// Run cases: what a rule has to do on a series that somebody wrote down.
    Test {
        /// Files of cases.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// The rules that they test; those that come with the program without it.
        #[arg(long, value_name = "FILE")]
        rules: Option<PathBuf>,
        /// One JSON object a line instead of text for people.
        #[arg(long)]
        json: bool,
    },
}

/// One case of `rules test --json`.
#[derive(Serialize)]
struct Line<'a> {
    file: &'a Path,
    rule: &'a str,
    passed: bool,
    happened: &'a [String],
    problems: &'a [String],
}

impl RulesCommand {
    /// Does it; says whether all is well.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn run(&self, out: &mut impl Write) -> Result<bool, Failure> {
        match self {
            Self::List { rules, json } => list(rules.as_deref(), *json, out),
            Self::Print => {
                write!(out, "{}", Rules::built_in_text())?;
                Ok(true)
            }
            Self::Test { files, rules, json } => test(files, rules.as_deref(), *json, out),
        }
    }
}

fn rules_of(file: Option<&Path>) -> Result<Rules, Error> {
    file.map_or_else(|| Rules::built_in().map_err(Error::BuiltIn), of_file)
}

fn list(file: Option<&Path>, json: bool, out: &mut impl Write) -> Result<bool, Failure> {
    let rules = rules_of(file)?;
    if json {
        serde_json::to_writer_pretty(&mut *out, rules.all())?;
        writeln!(out)?;
        return Ok(true);
    }
    for rule in rules.all() {
        let (from, to) =
            (rule.valid_from.map(|d| d.to_string()), rule.valid_to.map(|d| d.to_string()));
        let dates = format!("{}..{}", from.unwrap_or_default(), to.unwrap_or_default());
        let (key, version, kind) = (&rule.key, &rule.version, Kind::name(rule.kind));
        let (zh, en, parameters) = (&rule.name.zh, &rule.name.en, rule.parameters.join(" "));
        writeln!(out, "{key:<22} {version:<9} {kind:<17} {dates:<3} {zh} · {en} [{parameters}]")?;
    }
    Ok(true)
}

fn test(
    files: &[PathBuf],
    rules: Option<&Path>,
    json: bool,
    out: &mut impl Write,
) -> Result<bool, Failure> {
    let (rules, law) = (rules_of(rules)?, Arc::new(Standards::load()?));
    let mut failed = 0;
    for path in files {
        let text = std::fs::read_to_string(path)?;
        let report = case::run(&text, &rules, &law);
        let (rule, happened, problems) = match report {
            Ok(report) => (report.rule, report.happened, report.problems),
            Err(error) => (String::new(), vec![], vec![error.to_string()]),
        };
        let passed = problems.is_empty();
        failed += usize::from(!passed);
        if json {
            let line =
                Line { file: path, rule: &rule, passed, happened: &happened, problems: &problems };
            serde_json::to_writer(&mut *out, &line)?;
            writeln!(out)?;
            continue;
        }
        writeln!(out, "{} {} ({rule})", if passed { "ok    " } else { "FAILED" }, path.display())?;
        for problem in problems {
            writeln!(out, "       {problem}")?;
        }
    }
    if !json {
        writeln!(out, "{} cases, {failed} failed", files.len())?;
    }
    Ok(failed == 0)
}
