//! The command line: noun, verb; `--json` on all that print.

use crate::analysis::drift::command::DriftCommand;
use crate::analysis::{effect::EffectCommand, forecast::ForecastCommand, plot::PlotCommand};
use crate::config::{self, Loaded, Problems};
use crate::import::command::ImportCommand;
use crate::rules::RulesCommand;
use crate::shell::with_hint;
use crate::user::UserCommand;
use crate::{
    assess, backup, bench, compact, correct, demo, device, export, frame, ledger, serve,
    standards_command, verify,
};
use clap::{Args, Parser, Subcommand};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Watches a district's air and water over HJ 212, keeps every reading, judges it by the law.
#[derive(Parser)]
#[command(name = "skyriver", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    Serve(ConfigArgs),
    /// Show the whole loop over real sockets, on the simulated zone or on real readings.
    Demo(demo::Demo),
    /// Read and write HJ 212 frames.
    #[command(subcommand)]
    Frame(FrameCommand),
    /// Be a device, or ten thousand.
    #[command(subcommand)]
    Device(device::DeviceCommand),
    /// Show what became of every frame and reading.
    Ledger(ledger::Ledger),
    /// Correct readings of a stopped data directory, or list the corrections.
    Correct(correct::Correct),
    /// Make few archive files of many, over a stopped data directory.
    Compact(compact::Compact),
    /// Re-read everything that is kept, and say whether it is what was kept.
    Verify(verify::Verify),
    /// Copy the data directory while a server runs.
    Backup(backup::BackUp),
    /// Make a data directory from a backup.
    Restore(backup::Restore),
    /// Rehearse: bring a backup back into a scratch folder, and say how it went.
    Drill(backup::Drill),
    /// Bring files of readings, or of places, lines and areas, into a stopped data directory.
    #[command(subcommand)]
    Import(ImportCommand),
    /// Write readings into files: CSV or Parquet.
    Export(Box<export::Export>),
    /// Show and change who may sign in, over a stopped data directory.
    #[command(subcommand)]
    User(UserCommand),
    /// Check or print the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Judge files of readings: air or water.
    #[command(subcommand)]
    Assess(AssessCommand),
    /// The rules by which is watched: list them, test them on cases.
    #[command(subcommand)]
    Rules(RulesCommand),
    /// The law that is built in: editions, rows, what changed between two.
    #[command(subcommand)]
    Standards(standards_command::StandardsCommand),
    /// Plot hours of files or of a data directory: roses, polar, trend, calendar …
    Plot(Box<PlotCommand>),
    /// Forecast the next 72 hours, with the record of such forecasts.
    Forecast(Box<ForecastCommand>),
    /// What a measure did after the weather; the trend without weather.
    Effect(Box<EffectCommand>),
    /// Micro-stations against the standard station near each: gain and offset with their doubt, over a stopped data directory.
    Drift(Box<DriftCommand>),
    /// Say where a rise comes from: emitters and unknown places, each with its probability.
    Trace(Box<crate::trace::command::Trace>),
    /// A report of a day, a week, a month, a year: text, CSV, XLSX, PDF.
    Report(Box<crate::report::ReportCommand>),
    /// Print the OpenAPI document of the HTTP API.
    Openapi,
    /// Measure this machine.
    #[command(subcommand)]
    Bench(bench::BenchCommand),
}

/// Where settings come from; each flag wins over the environment, which wins over the file.
#[derive(Args, Clone, Debug, Default)]
pub struct ConfigArgs {
    /// Configuration file; `skyriver.toml` is taken when it is there.
    #[arg(long, short)]
    pub config: Option<PathBuf>,
    /// Set one key, for example `--set store.dir=/data`; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
    pub sets: Vec<(String, String)>,
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Say everything that is wrong, or that nothing is.
    Check(ConfigArgs),
    /// Print every setting, its value and where it came from.
    Print(ConfigArgs),
}

#[derive(Subcommand)]
enum FrameCommand {
    /// Read frames from standard input, one a line with JSON escapes; bad input never ends it.
    Parse {
        /// One JSON object a line instead of text for people.
        #[arg(long)]
        json: bool,
    },
    /// Make frames from JSON lines (`header`, `groups`) on standard input.
    Make {
        /// Frames with JSON escapes, one a line, as `frame parse` reads them.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Subcommand)]
enum AssessCommand {
    /// Air: the index of hours and days, the assessment of months and years, one year against another.
    Air(Box<assess::Air>),
    /// Surface water: class, target, index, outflow against inflow.
    Water(assess::Water),
}

/// Reads the command line and does what it says.
pub fn run() -> ExitCode {
    match dispatch(Cli::parse().command) {
        Ok(code) => code,
        Err(Failure::Pipe) => ExitCode::SUCCESS,
        Err(Failure::Problems(problems)) => {
            eprint!("{problems}");
            ExitCode::FAILURE
        }
        Err(Failure::Other(error)) => {
            eprintln!("skyriver: {}", with_hint(&*error));
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command) -> Result<ExitCode, Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    match command {
        Command::Serve(args) => {
            drop(out);
            serve::run(&args.load()?)?;
            return Ok(ExitCode::SUCCESS);
        }
        Command::Demo(demo) => {
            drop(out);
            demo.run()?;
            return Ok(ExitCode::SUCCESS);
        }
        Command::Device(command) => {
            drop(out);
            return command.run();
        }
        Command::Bench(command) => {
            drop(out);
            return command.run();
        }
        Command::Frame(FrameCommand::Parse { json: true }) => {
            frame::parse(io::stdin().lock(), &mut out)?;
        }
        Command::Frame(FrameCommand::Parse { json: false }) => {
            frame::show(io::stdin().lock(), &mut out)?;
        }
        Command::Frame(FrameCommand::Make { json }) => {
            let is_sound = frame::make(io::stdin().lock(), &mut out, json)?;
            out.flush()?;
            return Ok(if is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Command::Ledger(ledger) => ledger.run(&mut out)?,
        Command::Correct(correct) => correct.run(&mut out)?,
        Command::Compact(compact) => compact.run(&mut out)?,
        Command::Verify(verify) => return ended(verify.run(&mut out)?, &mut out),
        Command::Backup(backup) => return ended(backup.run(&mut out)?, &mut out),
        Command::Restore(restore) => return ended(restore.run(&mut out)?, &mut out),
        Command::Drill(drill) => return ended(drill.run(&mut out)?, &mut out),
        Command::Export(export) => export.run(&mut out)?,
        Command::User(command) => command.run(&mut out)?,
        Command::Import(command) => {
            let is_whole = command.run(&mut out)?;
            out.flush()?;
            return Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Command::Config(ConfigCommand::Check(args)) => {
            let file = args.file();
            let flags = args.flags();
            let is_sound =
                config::check(file.as_deref(), &environment(), &borrowed(&flags), &mut out)?;
            out.flush()?;
            return Ok(if is_sound { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Command::Config(ConfigCommand::Print(args)) => config::print(&args.load()?, &mut out)?,
        Command::Assess(AssessCommand::Air(air)) => air.run(&mut out)?,
        Command::Assess(AssessCommand::Water(water)) => water.run(&mut out)?,
        Command::Rules(command) => return ended(command.run(&mut out)?, &mut out),
        Command::Standards(command) => command.run(&mut out)?,
        Command::Plot(command) => command.run(&mut out)?,
        Command::Forecast(command) => command.run(&mut out)?,
        Command::Effect(command) => command.run(&mut out)?,
        Command::Drift(command) => command.run(&mut out)?,
        Command::Trace(command) => command.run(&mut out)?,
        Command::Report(command) => command.run(&mut out)?,
        Command::Openapi => writeln!(out, "{}", crate::http::openapi())?,
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// What was written is out; the code says whether all is well.
fn ended(is_well: bool, out: &mut impl Write) -> Result<ExitCode, Failure> {
    out.flush()?;
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Why a command ended.
pub enum Failure {
    /// The reader of our output went away.
    Pipe,
    /// The configuration is wrong.
    Problems(Problems),
    /// Anything else, with its causes.
    Other(Box<dyn std::error::Error>),
}

impl<E: std::error::Error + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        let error: Box<dyn std::error::Error> = Box::new(error);
        let is_pipe = error
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
        if is_pipe {
            return Self::Pipe;
        }
        match error.downcast::<Problems>() {
            Ok(problems) => Self::Problems(*problems),
            Err(error) => Self::Other(error),
        }
    }
}

impl ConfigArgs {
    /// Reads the configuration.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn load(&self) -> Result<Loaded, Problems> {
        let flags = self.flags();
        config::load(self.file().as_deref(), &environment(), &borrowed(&flags))
    }

    fn file(&self) -> Option<PathBuf> {
        let usual = PathBuf::from("skyriver.toml");
        self.config.clone().or_else(|| usual.exists().then_some(usual))
    }

    fn flags(&self) -> Vec<(String, String)> {
        self.sets.clone()
    }
}

fn borrowed(flags: &[(String, String)]) -> Vec<(&str, &str, String)> {
    flags.iter().map(|(key, value)| (key.as_str(), "--set", value.clone())).collect()
}

/// The environment, for the configuration.
pub fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

fn key_value(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write it as KEY=VALUE")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}
