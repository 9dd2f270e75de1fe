//! Act: what people do, by the same door as readings.

use crate::append::Draft;
use crate::turn::{Engine, Error};
use model::{Act, Sequence, Timestamp};

impl Engine {
    /// Keeps what somebody did, as one turn; says which entries of the log it is.
    ///
    /// # Errors
    /// When an act is too large or unnamed, or the store cannot write; nothing was kept then.
    pub fn act(&mut self, now: Timestamp, acts: Vec<Act>) -> Result<Vec<Sequence>, Error> {
        let mut draft = Draft::begin(now, self.store.last_sequence());
        let sequences = acts.into_iter().map(|act| draft.act(act)).collect();
        self.store.commit(draft.finish())?;
        Ok(sequences)
    }
}
