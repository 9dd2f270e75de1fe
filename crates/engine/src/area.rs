//! The index of an area: the law's report over the means of its stations, never a mean of indices.
//!
//! Each statistic is averaged over the stations where it is valid (HJ 663-2013, clause 6: the value of a
//! city is the arithmetic mean of the same statistic at all its points); the report is then made as for
//! one place.

use model::Timestamp;
use standards::air::{
    Average, IndexReport, NotAssessed, Pollutant, Programme, ReportKind, Statistic,
};
use standards::{Exact, Standards, Zone};

/// The report of the hour that starts at `start`, from those of the area's stations; `None` when no
/// edition covers the date.
pub fn hour(
    law: &Standards,
    zone: &Zone,
    start: Timestamp,
    stations: &[&IndexReport],
) -> Option<IndexReport> {
    let edition = law.air_index(zone.date(start).ok()?)?;
    let average = |pollutant: Pollutant, statistic: Statistic| {
        let rows = stations.iter().flat_map(|report| &report.rows);
        let valid = rows
            .filter(|row| (row.pollutant, row.statistic) == (pollutant, statistic))
            .filter(|row| !is_invalid(row.reason.as_ref()))
            .filter_map(|row| row.average);
        Average::given(mean(&valid.collect::<Vec<_>>()))
    };
    Some(edition.report(ReportKind::Hour, Programme::default(), average))
}

/// Whether a station's average may not go into the mean. One that lies above its column's table may.
fn is_invalid(reason: Option<&NotAssessed>) -> bool {
    !matches!(reason, None | Some(NotAssessed::AboveTable { .. }))
}

fn mean(values: &[Exact]) -> Option<Exact> {
    let sum = values.iter().try_fold(Exact::ZERO, |sum, value| sum.plus(value)).ok()?;
    sum.over(&Exact::whole(values.len() as i64)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_exact_and_of_nothing_there_is_none() {
        let values = ["10", "20", "20.5"].map(|text| Exact::parse(text).unwrap());
        assert_eq!(mean(&values), Exact::fraction(505, 30).ok());
        assert_eq!(mean(&[]), None);
    }
}
