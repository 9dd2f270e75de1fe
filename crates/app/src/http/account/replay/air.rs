//! What sources find in the air: stations or sub-districts by the items of an assessment.

use super::period::{Column, Found, Grounds, Unit};
use super::{ReplayBody, Way};
use crate::http::assess::rank::{Judged, RankQuery, Ranking};
use crate::http::error::Answer;
use crate::http::state::AppState;
use standards::{Exact, Span};

/// What the sources found in a span, with approved dust days left out and not.
///
/// # Errors
/// What is wrong with the question.
pub fn found(app: &AppState, body: &ReplayBody, ways: &[&Way], span: Span) -> Answer<Grounds> {
    let judged = |exempt: bool| -> Answer<Vec<Ranking>> {
        let mut query = RankQuery::of(span, body.by.as_deref(), None);
        query.edition.clone_from(&body.edition);
        query.as_of.clone_from(&body.as_of);
        query.exempt = Some(exempt);
        let judged = Judged::read(app, &query)?;
        ways.iter().filter_map(|way| way.air).map(|item| judged.by(item)).collect()
    };
    let (with, without) = (judged(true)?, judged(false)?);
    let mut units: Vec<Unit> = with.first().map_or_else(Vec::new, |ranking| {
        let unit = |row: &crate::http::assess::rank::Ranked| Unit {
            key: row.key.clone(),
            name: row.name.clone(),
        };
        ranking.rows.iter().map(unit).collect()
    });
    units.sort_by(|a, b| a.key.cmp(&b.key));
    let [with, without] = [with, without]
        .map(|rankings| rankings.iter().map(|ranking| column(&units, ranking)).collect());
    Ok(Grounds { units, with, without })
}

fn column(units: &[Unit], ranking: &Ranking) -> Column {
    let found = |unit: &Unit| {
        let row = ranking.rows.iter().find(|row| row.key == unit.key);
        row.map_or_else(Found::default, |row| Found {
            value: row.value.clone(),
            number: row.value.as_deref().and_then(|value| Exact::parse(value).ok()),
            before: row.change.before,
            rank: row.rank,
            note: None,
            reason: row.reason.clone(),
            explain: vec![row.explain.clone()],
        })
    };
    units.iter().map(found).collect()
}
