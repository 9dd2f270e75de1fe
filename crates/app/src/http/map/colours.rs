//! The colours of a field: those of the law where it has any, else a scale that reads in grey too.

use super::judge::{Shown, Subject};
use crate::http::state::AppState;
use engine::index;
use model::Timestamp;
use standards::Exact;
use standards::air::{AirIndex, Average, Pollutant, Programme, ReportKind};

/// Dark to bright, even in grey: five points of the scale viridis.
const SCALE: [&str; 5] = ["#440154", "#3B528B", "#21918C", "#5EC962", "#FDE725"];

/// Values, each with the colour that begins there.
pub fn ramp(
    app: &AppState,
    subject: &Subject,
    at: Timestamp,
    lo: f64,
    hi: f64,
) -> Vec<(f64, String)> {
    debug_assert!(subject.key != index::PARAMETER, "an index has no field");
    let date = app.district.zone.date(at).ok();
    let edition = date.and_then(|date| app.law.air_index(date));
    if let (Shown::Pollutant(pollutant), Some(edition)) = (&subject.shown, edition) {
        return by_level(edition, *pollutant);
    }
    let width = (hi - lo) / (SCALE.len() - 1) as f64;
    let colours = SCALE.iter().enumerate();
    colours.map(|(at, colour)| (lo + width * at as f64, (*colour).to_owned())).collect()
}

/// Where each level of the edition begins for an hour of a pollutant: at nought, and at the breakpoints
/// that the law ties to the highest index of the level below.
fn by_level(edition: &AirIndex, pollutant: Pollutant) -> Vec<(f64, String)> {
    let column = |value: Exact| {
        let given = |of: Pollutant, _| Average::given((of == pollutant).then_some(value));
        let report = edition.report(ReportKind::Hour, Programme::default(), given);
        report.rows.into_iter().find(|row| row.pollutant == pollutant && row.iaqi.is_some())
    };
    let mut stops: Vec<(f64, String)> = vec![];
    let mut at = Exact::ZERO;
    let tens = 10_i128.pow(u32::from(edition.decimals(pollutant)));
    let Ok(digit) = Exact::fraction(1, tens) else { return stops };
    for category in edition.categories() {
        stops.push((at.to_f64(), category.rgb.to_string()));
        // Walks from segment to segment up to the one that ends with the level. What is judged is perhaps
        // rounded first, so a step is as wide as the last digit.
        loop {
            let above = at.plus(&digit).ok().and_then(column);
            let segment = above.and_then(|row| row.segment);
            let Some(segment) = segment.filter(|segment| segment.high > at) else { return stops };
            at = segment.high;
            if segment.iaqi_high >= category.high {
                break;
            }
        }
    }
    stops
}
