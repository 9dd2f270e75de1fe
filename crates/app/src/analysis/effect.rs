//! `skyriver effect`: what a measure did once the weather is taken out, and the trend without weather.

use super::source::{Output, Source};
use super::{Error, Hours, civil_day, plot};
use clap::Args;
use draw::Look;
use jiff::civil::Date;
use serde_json::json;
use space::effect::{NoEffect, effect, normalised};
use std::io::Write;

/// The effect of a measure between two days after the weather; without days, the trend without weather.
#[derive(Args, Clone, Debug)]
pub struct EffectCommand {
    #[command(flatten)]
    source: Source,
    /// First civil day of the measure.
    #[arg(long, requires = "until")]
    pub since: Option<Date>,
    /// Last civil day of the measure.
    #[arg(long, requires = "since")]
    pub until: Option<Date>,
    /// What the trees begin from.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    #[command(flatten)]
    output: Output,
}

impl EffectCommand {
    /// Reads, computes and writes; several places are taken by their mean.
    ///
    /// # Errors
    /// When nothing can be read or the data do not allow it.
    pub fn run(&self, out: &mut impl Write) -> Result<(), Error> {
        let read = self.source.read(None)?;
        let language = self.source.language();
        let refused = |refusal: NoEffect| Error::Refused(draw::no_effect(&refusal, language));
        let mean = Hours::mean(&read.places, language.of("平均", "mean"));
        let hours = match &read.places[..] {
            [one] => one.clone(),
            _ => mean.ok_or_else(|| Error::Refused("no hours".to_owned()))?,
        };
        let Some((since, until)) = self.since.zip(self.until) else {
            let made = normalised(hours.series(), self.seed).map_err(refused)?;
            if self.output.json {
                writeln!(out, "{}", serde_json::to_string(&made)?)?;
                return Ok(());
            }
            writeln!(out, "month,days,measured,normalised,lower,upper")?;
            for month in &made.months {
                let (year, number, days) = (month.year, month.month, month.days);
                let [a, b, c, d] = [month.measured, month.normalised, month.lower, month.upper];
                writeln!(out, "{year}-{number:02},{days},{a:.2},{b:.2},{c:.2},{d:.2}")?;
            }
            return Ok(());
        };
        let (first, last) = (civil_day(since), civil_day(until));
        let made = effect(hours.series(), first, last, self.seed).map_err(refused)?;
        let title = plot::title(std::slice::from_ref(&hours), language);
        let look =
            Look { language, title: &title, parameter: &read.symbol, other: "", unit: &read.unit };
        self.output.write(
            out,
            || draw::effect(&made, &look),
            || draw::effect_table(&made).to_string(),
            || Ok(json!({ "parameter": read.symbol, "unit": read.unit, "effect": serde_json::to_value(&made)? })),
            || {
                let [low, high] = made.interval;
                format!(
                    "{:.1} against {:.1} {}: {:+.1} % [{low:+.1}, {high:+.1}], p = {:.3} of {} placebos, {} days, learned from {}",
                    made.measured,
                    made.expected,
                    read.unit,
                    made.percent,
                    made.p,
                    made.placebos.len(),
                    made.days.len(),
                    made.learned_from
                )
            },
        )
    }
}
