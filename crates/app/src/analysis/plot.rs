//! `skyriver plot KIND`: a plot of files or of a data directory, as picture, table or numbers.

use super::source::{Output, Source};
use super::{Error, Hours};
use clap::{Args, ValueEnum};
use draw::{Language, Look};
use serde_json::json;
use space::plot::{Around, Kind, NoPlot, Place, Plot, Settings, plot};
use std::io::Write;

/// A plot: wind-rose, pollution-rose, polar, annulus, cpf, cbpf, variation, calendar, trend, scatter, correlation, capture.
#[derive(Args, Clone, Debug)]
pub struct PlotCommand {
    /// Which plot.
    #[arg(value_parser = kind)]
    pub kind: Kind,
    #[command(flatten)]
    source: Source,
    /// The second parameter of a scatter plot.
    #[arg(long)]
    pub other: Option<String>,
    /// The percentile of conditional probability.
    #[arg(long, default_value_t = 90.0)]
    pub percentile: f64,
    /// Fewest hours of a polar bin.
    #[arg(long, default_value_t = 1)]
    pub hours_min: usize,
    /// What the annulus runs over.
    #[arg(long, value_enum, default_value_t = AroundName::Hour)]
    pub around: AroundName,
    /// Leave the season in the trend.
    #[arg(long)]
    pub keep_season: bool,
    /// What the bootstrap of a trend begins from.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    #[command(flatten)]
    output: Output,
}

/// What an annulus runs over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AroundName {
    /// Hours of the day.
    Hour,
    /// Days of the week.
    Weekday,
    /// Months.
    Month,
}

impl From<AroundName> for Around {
    fn from(name: AroundName) -> Self {
        match name {
            AroundName::Hour => Self::Hour,
            AroundName::Weekday => Self::Weekday,
            AroundName::Month => Self::Month,
        }
    }
}

fn kind(text: &str) -> Result<Kind, String> {
    Kind::named(text).ok_or_else(|| format!("one of {}", Kind::ALL.map(Kind::name).join(", ")))
}

/// Computes a plot of hours.
///
/// # Errors
/// As [`plot`].
pub fn of_hours(kind: Kind, hours: &[Hours], settings: &Settings) -> Result<Plot, NoPlot> {
    let places: Vec<Place> = hours.iter().map(Hours::place).collect();
    plot(kind, &places, settings)
}

/// What is shown: places and days.
pub fn title(hours: &[Hours], language: Language) -> String {
    const NAMED: usize = 3;
    let names: Vec<&str> = hours.iter().take(NAMED).map(|one| one.name.as_str()).collect();
    let more = hours.len().saturating_sub(NAMED);
    let comma = language.of("、", ", ");
    let names = match (more, language) {
        (0, _) => names.join(comma),
        (more, Language::Zh) => format!("{}等另 {more} 处", names.join(comma)),
        (more, Language::En) => format!("{} and {more} more", names.join(comma)),
    };
    let day = |at: space::plot::Civil| format!("{}-{:02}-{:02}", at.year, at.month, at.day);
    let ends = |one: &Hours| Some((one.hours.first()?.at, one.hours.last()?.at));
    let all = || hours.iter().filter_map(ends);
    match (all().map(|ends| ends.0).min(), all().map(|ends| ends.1).max()) {
        (Some(first), Some(last)) => format!("{names} · {} – {}", day(first), day(last)),
        _ => names,
    }
}

impl PlotCommand {
    fn settings(&self) -> Settings {
        Settings {
            percentile: self.percentile,
            hours_min: self.hours_min,
            around: self.around.into(),
            deseason: !self.keep_season,
            seed: self.seed,
            ..Settings::default()
        }
    }

    /// Reads, computes and writes.
    ///
    /// # Errors
    /// When nothing can be read, the data do not allow the plot, or it cannot be written.
    pub fn run(&self, out: &mut impl Write) -> Result<(), Error> {
        let read = self.source.read(self.other.as_deref())?;
        let language = self.source.language();
        let made = of_hours(self.kind, &read.places, &self.settings())
            .map_err(|refusal| Error::Refused(draw::no_plot(&refusal, language)))?;
        let title = title(&read.places, language);
        let look = Look {
            language,
            title: &title,
            parameter: &read.symbol,
            other: self.other.as_deref().unwrap_or_default(),
            unit: &read.unit,
        };
        let summary = || {
            let mut lines = vec![format!("{} · {title}", draw::kind(self.kind, language))];
            lines.push(format!("{} / {} h", made.summary.values, made.summary.hours));
            lines.extend(made.doubts.iter().map(|doubt| draw::doubt(doubt, language)));
            lines.push("--svg FILE, --csv FILE, --json".to_owned());
            lines.join("\n")
        };
        let numbers = || {
            let (symbol, unit) = (&read.symbol, &read.unit);
            let plot = serde_json::to_value(&made)?;
            Ok(json!({ "parameter": symbol, "unit": unit, "title": title, "plot": plot }))
        };
        self.output.write(
            out,
            || draw::svg(&made, &look),
            || draw::table(&made).to_string(),
            numbers,
            summary,
        )
    }
}
