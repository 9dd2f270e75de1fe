//! The account: programmes, schemes of reward and penalty, ranks with their doubt.
//!
//! What people enter are acts; each question folds them as of its moment, so that any past state can be asked for.
//! The arithmetic is that of [`account`].

mod answer;
mod commendations;
mod doubt;
mod import;
mod indicators;
mod programmes;
mod replay;
mod schemes;
mod write;

use super::error::Answer;
use super::state::{AppState, unreadable};
use account::programme::{Book, KIND, Write};
use model::Sequence;
use store::{ActFilter, Known, Reader};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use import::BYTES_MAX as TABLE_BYTES_MAX;

/// The routes of this file and those below it.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(programmes::programmes))
        .routes(routes!(programmes::programme))
        .routes(routes!(programmes::programme_entries))
        .routes(routes!(programmes::programme_templates))
        .routes(routes!(write::write_programmes))
        .routes(routes!(import::import_entries))
        .routes(routes!(indicators::indicators))
        .routes(routes!(indicators::indicator))
        .routes(routes!(indicators::indicator_trend))
        .routes(routes!(indicators::adopt_indicator))
        .routes(routes!(commendations::commendations, commendations::adopt_commendation))
        .routes(routes!(commendations::commendation_consent))
        .routes(routes!(schemes::schemes))
        .routes(routes!(schemes::adopt_scheme))
        .routes(routes!(schemes::preview_scheme))
        .routes(routes!(replay::replay_scheme))
        .routes(routes!(doubt::rank_doubt))
}

/// The book as it was known. An act that this version cannot read is left out, never changed.
pub fn book(app: &AppState, known: Known) -> Answer<Book> {
    programme_book(&app.reader, known).map_err(unreadable)
}

/// The same, of a reader.
///
/// # Errors
/// When the store cannot read.
pub fn programme_book(reader: &Reader, known: Known) -> Result<Book, store::Error> {
    let mut book = Book::default();
    for row in reader.acts(KIND, known)? {
        if let Ok(write) = serde_json::from_str::<Write>(&row.act.document) {
            book.take(row.sequence.0, row.at.as_ms(), &row.act.who, write);
        }
    }
    Ok(book)
}

/// The number of the newest write in the log; 0 before the first.
fn newest(reader: &Reader) -> Result<u64, store::Error> {
    let of_ours = ActFilter { kind: Some(KIND.to_owned()), who: None };
    let rows = reader.acts_before(Sequence(u64::MAX), &of_ours, 1)?;
    Ok(rows.first().map_or(0, |row| row.sequence.0))
}
