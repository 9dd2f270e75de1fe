//! Act: what people do, by the same door as readings.

use crate::append::Draft;
use crate::emergency;
use crate::turn::{Engine, Error};
use model::{Act, ActRow, Sequence, Timestamp};

impl Engine {
    /// Keeps what somebody did, as one turn; says which entries of the log it is.
    ///
    /// # Errors
    /// When an act is too large or unnamed, or the store cannot write; nothing was kept then.
    pub fn act(&mut self, now: Timestamp, acts: Vec<Act>) -> Result<Vec<Sequence>, Error> {
        let mut draft = Draft::begin(now, self.store.last_sequence());
        let is_told = |act: &&Act| emergency::is_of(&act.kind);
        let told: Vec<Act> = acts.iter().filter(is_told).cloned().collect();
        let rows = acts.into_iter().map(|act| (emergency::is_of(&act.kind), draft.act(act)));
        let rows: Vec<(bool, Sequence)> = rows.collect();
        self.store.commit(draft.finish())?;
        let sequences = rows.iter().filter(|(is_told, _)| *is_told).map(|(_, sequence)| *sequence);
        let told = sequences.zip(told).map(|(sequence, act)| ActRow { sequence, at: now, act });
        self.show_warnings(told);
        Ok(rows.into_iter().map(|(_, sequence)| sequence).collect())
    }

    /// As [`Engine::act`]; gives back the acts as the log has them, for those who fold them.
    ///
    /// # Errors
    /// As [`Engine::act`].
    pub fn keep(&mut self, now: Timestamp, acts: Vec<Act>) -> Result<Vec<ActRow>, Error> {
        let sequences = self.act(now, acts.clone())?.into_iter();
        Ok(sequences.zip(acts).map(|(sequence, act)| ActRow { sequence, at: now, act }).collect())
    }
}
