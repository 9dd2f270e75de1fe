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
        let mut told = vec![];
        let mut sequences = Vec::with_capacity(acts.len());
        for act in acts {
            let shown = emergency::is_of(&act.kind).then(|| act.clone());
            let sequence = draft.act(act);
            told.extend(shown.map(|act| ActRow { sequence, at: now, act }));
            sequences.push(sequence);
        }
        self.store.commit(draft.finish())?;
        self.show_warnings(told.into_iter());
        Ok(sequences)
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
