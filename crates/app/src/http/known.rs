//! As it was known when: the question `as_of=` of every route that can look back.

use super::error::{Answer, ApiError};
use super::state::{AppState, unreadable};
use super::time::{Instant, instant};
use crate::words::Words;
use model::{Sequence, Timestamp};
use serde::Serialize;
use store::Known;
use utoipa::ToSchema;

/// Up to where something was known that is shown as it was.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct AsOf {
    /// The newest entry of the log that was known.
    pub sequence: u64,
    /// The instant that was asked for, when it was an instant.
    pub at: Option<Instant>,
}

/// What `as_of` names: a sequence of the log, or an instant. Nothing: as it is known now.
///
/// # Errors
/// `bad_parameter` when it is neither, or lies after what is known now.
pub fn read(app: &AppState, text: Option<&str>) -> Answer<(Known, Option<AsOf>)> {
    let Some(text) = text else { return Ok((Known::Now, None)) };
    let newest = app.reader.last_sequence().map_err(unreadable)?.0;
    if let Ok(sequence) = text.parse::<u64>() {
        if sequence > newest {
            let accepted = Words::new(
                format!("最新的序号是 {newest}"),
                format!("the newest sequence is {newest}"),
            );
            return Err(ApiError::bad_parameter("as_of", text, accepted));
        }
        return Ok((Known::At(Sequence(sequence)), Some(AsOf { sequence, at: None })));
    }
    let at = instant("as_of", text, &app.district.zone)?;
    if at > app.now() {
        let accepted = Words::new("不能晚于现在", "it cannot be later than now");
        return Err(ApiError::bad_parameter("as_of", text, accepted));
    }
    let sequence = app.reader.sequence_at(at).map_err(unreadable)?;
    Ok((Known::At(sequence), Some(AsOf { sequence: sequence.0, at: Some(Instant(at)) })))
}

impl AsOf {
    /// Until when something could have been known: nothing is missing after it.
    pub fn clock(asked: Option<Self>, now: Timestamp) -> Timestamp {
        asked.and_then(|as_of| as_of.at).map_or(now, |at| at.0)
    }
}
