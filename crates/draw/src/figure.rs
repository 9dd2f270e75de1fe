//! Each kind of plot as a picture.

mod calendar;
mod matrix;
mod polar;
mod rose;
mod series;
mod trend;
mod variation;

pub use series::{Beside, effect, forecast};

use crate::paper::Paper;
use crate::{Look, words};
use space::plot::{Numbers, Plot};

/// Draws a plot as SVG.
pub fn svg(plot: &Plot, look: &Look<'_>) -> String {
    match &plot.numbers {
        Numbers::Rose(rose) => rose::rose(plot, rose, look),
        Numbers::Polar(polar) => polar::polar(plot, polar, look),
        Numbers::Annulus(annulus) => rose::annulus(plot, annulus, look),
        Numbers::Probability(made) if made.bins.is_some() => polar::probability(plot, made, look),
        Numbers::Probability(made) => rose::probability(plot, made, look),
        Numbers::Variation(made) => variation::variation(plot, made, look),
        Numbers::Calendar(made) => calendar::calendar(plot, made, look),
        Numbers::Trend(made) => trend::trend(plot, made, look),
        Numbers::Scatter(made) => trend::scatter(plot, made, look),
        Numbers::Correlation(made) => matrix::correlation(plot, made, look),
        Numbers::Capture(made) => matrix::capture(plot, made, look),
    }
}

/// A sheet for a plot, with its head and, in the room added at the foot, its doubts.
fn sheet(plot: &Plot, look: &Look<'_>, [width, height]: [f64; 2], more: &str) -> Paper {
    let lines: Vec<String> =
        plot.doubts.iter().take(6).map(|doubt| words::doubt(doubt, look.language)).collect();
    let summary = &plot.summary;
    let (values, hours) = (summary.values, summary.hours);
    let count = look.language.said(
        format!("{hours} 小时中 {values} 小时有值"),
        format!("{values} values in {hours} hours"),
    );
    let subtitle = if more.is_empty() { count } else { format!("{count}\n{more}") };
    let height = height + 16.0 * lines.len() as f64;
    let mut paper =
        Paper::new(width, height, look, words::kind(plot.kind, look.language), &subtitle);
    paper.foot(&lines);
    paper
}
