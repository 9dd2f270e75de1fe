//! `skyriver forecast`: 72 hours ahead with their record, a hindcast, or the judgement of a forecast from outside.

use super::source::{Output, Read, Source};
use super::{Error, Hours, calendar, hour_label, hour_name, plot};
use crate::assess::read_file;
use crate::outside::{Judged, Whose, judged};
use clap::Args;
use draw::Look;
use jiff::civil::Date;
use model::{HOUR_MS, Timestamp};
use serde_json::{Value, json};
use space::forecast::{
    Forecast, Hindcast, LEADS, NoForecast, Outside, Score, forecast, hindcast, judge,
};
use standards::Zone;
use std::io::Write;
use std::path::{Path, PathBuf};
use store::Known;

/// A forecast of the 72 hours after the last one, with its record.
#[derive(Args, Clone, Debug)]
pub struct ForecastCommand {
    #[command(flatten)]
    source: Source,
    /// Forecast the mean of all chosen places instead of one.
    #[arg(long)]
    pub mean: bool,
    /// Instead: what forecasts from this day on would have been, learned from the days before it only.
    #[arg(long, value_name = "DATE")]
    pub hindcast: Option<Date>,
    /// Instead: judge a forecast from outside, CSV `issued,time,value`.
    #[arg(long, value_name = "FILE", conflicts_with = "hindcast")]
    pub judge: Option<PathBuf>,
    /// Hours between the forecasts of a hindcast.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u16).range(1..=168))]
    pub every: u16,
    /// What the trees begin from.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    #[command(flatten)]
    output: Output,
}

/// Forecasts the hours after the last.
///
/// # Errors
/// As [`forecast`]; the calendar counts as a window outside.
pub fn of_hours(hours: &Hours, zone: &Zone, seed: u64) -> Result<Forecast, NoForecast> {
    let next = hours.first_hour + hours.hours.len() as i64;
    let ahead = calendar(zone, next, LEADS).map_err(|_| NoForecast::Window)?;
    forecast(hours.series(), &ahead, seed)
}

/// No forecast, where the history does not allow one: sources outside may say something all the same.
pub fn none(hours: &Hours) -> Forecast {
    Forecast {
        last_hour: hours.first_hour + hours.hours.len() as i64 - 1,
        steps: vec![],
        scores: vec![],
        learned_from: hours.hours.iter().filter(|hour| hour.value.is_some()).count(),
        hindcast: None,
    }
}

/// The last days, to be drawn before a forecast.
pub fn before(hours: &Hours) -> Vec<(i64, Option<f64>)> {
    const SHOWN: usize = 72;
    let first = hours.hours.len().saturating_sub(SHOWN);
    let shown = hours.hours.iter().enumerate().skip(first);
    shown.map(|(at, hour)| (hours.first_hour + at as i64, hour.value)).collect()
}

impl ForecastCommand {
    /// Reads, forecasts and writes.
    ///
    /// # Errors
    /// When nothing can be read or the history does not allow it.
    pub fn run(&self, out: &mut impl Write) -> Result<(), Error> {
        let read = self.source.read(None)?;
        let hours = self.one(&read)?;
        let language = self.source.language();
        let refused = |refusal: NoForecast| Error::Refused(draw::no_forecast(&refusal, language));
        if let Some(file) = &self.judge {
            let rows = outside(file, &read.zone)?;
            let score = judge(hours.series(), &rows).map_err(refused)?;
            writeln!(out, "{}", serde_json::to_string_pretty(&score)?)?;
            return Ok(());
        }
        if let Some(day) = self.hindcast {
            let start = read.zone.day(day)?.start().as_ms().div_euclid(HOUR_MS) - hours.first_hour;
            let from = usize::try_from(start).map_err(|_| refused(NoForecast::Window))?;
            let (until, every) = (hours.hours.len(), usize::from(self.every));
            let made = hindcast(hours.series(), from, until, every, self.seed).map_err(refused)?;
            return self.show_hindcast(out, &made);
        }
        let sources = sources(&read, &hours)?;
        let made = match of_hours(&hours, &read.zone, self.seed) {
            Ok(made) => made,
            Err(refusal) if sources.is_empty() => return Err(refused(refusal)),
            Err(refusal) => {
                eprintln!("{}", draw::no_forecast(&refusal, language));
                none(&hours)
            }
        };
        let title = plot::title(std::slice::from_ref(&hours), language);
        let look =
            Look { language, title: &title, parameter: &read.symbol, other: "", unit: &read.unit };
        let label = |hour| hour_label(&read.zone, hour);
        let name = |hour| hour_name(&read.zone, hour);
        let beside: Vec<_> = sources.iter().map(Judged::beside).collect();
        self.output.write(
            out,
            || draw::forecast(&made, &before(&hours), &beside, label, &look),
            || {
                let mut table = draw::forecast_table(&made, name);
                table.rows.extend(sources.iter().flat_map(|own| own.rows(name)));
                table.to_string()
            },
            || {
                let outside: Result<Vec<_>, _> = sources.iter().map(|own| told(own, name)).collect();
                Ok(json!({
                    "parameter": read.symbol, "unit": read.unit, "forecast": serde_json::to_value(&made)?,
                    "outside": outside?,
                }))
            },
            || {
                let mut lines = vec![title.clone()];
                for step in made.steps.iter().step_by(6) {
                    let [low, .., high] = step.quantiles;
                    let hour = label(step.hour);
                    let name = draw::method(step.method, language);
                    lines.push(format!("{hour}  {:7.1}  [{low:.1}, {high:.1}]  {name}", step.quantiles[3]));
                }
                lines.extend(made.scores.iter().map(score_line));
                lines.extend(sources.iter().flat_map(|own| source_lines(own, label)));
                lines.join("\n")
            },
        )
    }

    /// The one place that is meant, or the mean of all.
    fn one(&self, read: &Read) -> Result<Hours, Error> {
        match &read.places[..] {
            [one] => Ok(one.clone()),
            all if self.mean => {
                let name = self.source.language().of("平均", "mean");
                Hours::mean(all, name).ok_or_else(|| Error::Refused("no hours".to_owned()))
            }
            all => {
                let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
                Err(Error::Unknown {
                    problem: format!("{} places, and a forecast is of one", all.len()),
                    hint: format!("--place one of {}; or --mean", names.join(", ")),
                })
            }
        }
    }

    fn show_hindcast(&self, out: &mut impl Write, made: &Hindcast) -> Result<(), Error> {
        if self.output.json {
            writeln!(out, "{}", serde_json::to_string(made)?)?;
            return Ok(());
        }
        writeln!(out, "{} origins, learned from {} hours", made.origins, made.learned_from)?;
        for score in &made.scores {
            writeln!(out, "{}", score_line(score))?;
        }
        Ok(())
    }
}

fn score_line(score: &Score) -> String {
    let skill = |skill: Option<f64>| skill.map_or_else(|| "–".to_owned(), |s| format!("{s:+.3}"));
    format!(
        "{:<12} {:>2}–{:<2} h  n {:>6}  rmse {:>7.2}  mae {:>7.2}  bias {:>7.2}  crps {:>7.2}  in 50 % {:.3}  in 90 % {:.3}  over persistence {}  over climatology {}",
        format!("{:?}", score.method).to_lowercase(),
        score.band[0],
        score.band[1],
        score.count,
        score.rmse,
        score.mae,
        score.bias,
        score.crps,
        score.within_50,
        score.within_90,
        skill(score.skill_persistence),
        skill(score.skill_climatology),
    )
}

/// Forecasts from outside of the same place, as far as a data directory holds them and they were made by the end of its hours.
fn sources(read: &Read, hours: &Hours) -> Result<Vec<Judged>, Error> {
    let Some(own) = &read.directory else { return Ok(vec![]) };
    let now = Timestamp::from_ms((hours.first_hour + hours.hours.len() as i64) * HOUR_MS);
    let whose = Whose { places: own.places.clone(), area: None };
    let found = judged(&own.reader, &whose, &own.parameter, (now, Known::Now), hours.series());
    found.map_err(|error| Error::Refused(format!("forecasts from outside: {error}")))
}

/// Every sixth hour of what a source says, and its record over the 72 hours.
fn source_lines(own: &Judged, label: impl Fn(i64) -> String) -> Vec<String> {
    let run = &own.newest.run;
    let steps = run.hours.iter().step_by(6).map(|(hour, said)| {
        let within =
            said.interval.map_or(String::new(), |[low, high]| format!("  [{low:.1}, {high:.1}]"));
        format!("{}  {:7.1}{within}  {}", label(*hour), said.value, run.source)
    });
    let mut lines: Vec<String> = steps.collect();
    lines.extend(own.whole().map(|score| {
        let part = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), |s| format!("{s:+.3}"));
        format!(
            "{:<12}  1–{LEADS:<2} h  n {:>6}  rmse {:>7.2}  mae {:>7.2}  bias {:>7.2}  in 90 % {}  over persistence {}",
            run.source, score.count, score.rmse, score.mae, score.bias, part(score.within_90), part(score.skill),
        )
    }));
    lines
}

/// What a source says, as JSON.
fn told(own: &Judged, name: impl Fn(i64) -> String) -> Result<Value, serde_json::Error> {
    let run = &own.newest.run;
    let hours = run.hours.iter().map(|(hour, said)| {
        let [low, high] = said.interval.map_or([None; 2], |ends| ends.map(Some));
        json!({ "time": name(*hour), "value": said.value, "low": low, "high": high })
    });
    Ok(json!({
        "source": run.source, "issued": run.issued.to_string(), "hours": hours.collect::<Vec<_>>(),
        "runs": own.runs, "runs_left_off": own.is_cut, "scores": serde_json::to_value(&own.bands)?,
    }))
}

/// Reads `issued,time,value`.
fn outside(file: &Path, zone: &Zone) -> Result<Vec<Outside>, Error> {
    let name = file.display().to_string();
    let bytes = read_file(file).map_err(|source| Error::Read { file: name.clone(), source })?;
    let failed = |problem: String| Error::Table {
        file: name.clone(),
        problem,
        hint: "columns are issued, time and value; times like 2026-03-01 08:00".to_owned(),
    };
    let mut reader = csv::Reader::from_reader(&bytes[..]);
    let header = reader.headers().map_err(|error| failed(error.to_string()))?.clone();
    let column = |name: &str| {
        let at = header.iter().position(|own| own.trim().eq_ignore_ascii_case(name));
        at.ok_or_else(|| failed(format!("there is no column {name:?}")))
    };
    let (issued, time, value) = (column("issued")?, column("time")?, column("value")?);
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| failed(error.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        let hour = |at: usize| {
            let start = crate::assess::hour_of(&record[at], crate::assess::Label::Start, zone);
            let start = start.map_err(|why| failed(format!("line {line}: {why}")))?;
            Ok::<i64, Error>(start.as_ms().div_euclid(HOUR_MS))
        };
        let number = record[value].trim().parse();
        let value = number
            .map_err(|_| failed(format!("line {line}: {:?} is no number", &record[value])))?;
        // Of the hour in which it was made nothing is known yet: what was over then is the hour before.
        let origin_hour = hour(issued)? - 1;
        rows.push(Outside { origin_hour, hour: hour(time)?, value, interval: None });
    }
    Ok(rows)
}
