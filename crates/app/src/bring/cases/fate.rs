//! What became of each case of a file, or would become, told one by one as far as people read it.

use super::TOLD_MAX;
use control::Foreign;
use engine::desk::Fate;
use serde::Serialize;
use utoipa::ToSchema;

/// What becomes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Becomes {
    /// A new case.
    New,
    /// A known case of which it says more.
    Moved,
    /// A known case of which it says nothing new.
    Known,
    /// A known case that somebody here went on with; nothing is added.
    Differs,
}

/// One row that was taken, or would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TakenRow {
    /// Its line, the line of names being 1.
    pub line: u64,
    /// Its number in the other system.
    pub number: String,
    /// What becomes of it.
    pub becomes: Becomes,
    /// The number of the case here.
    pub case: String,
    /// How many moves were added to a known case, or would be.
    pub moves: u32,
}

/// The rows that are told: of each kind the first ones.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// In the order of the file.
    pub rows: Vec<TakenRow>,
    counts: [usize; 4],
}

impl Told {
    /// Takes in what became of one row.
    pub fn add(&mut self, line: u64, case: &Foreign, fate: &Fate) {
        let (becomes, number, moves) = match fate {
            Fate::New(number) => (Becomes::New, number, 0),
            Fate::Moved(number, moves) => (Becomes::Moved, number, *moves),
            Fate::Known(number) => (Becomes::Known, number, 0),
            Fate::Differs(number) => (Becomes::Differs, number, 0),
        };
        let count = &mut self.counts[becomes as usize];
        if *count == TOLD_MAX {
            return;
        }
        *count += 1;
        let (number, case) = (case.number.clone(), number.clone());
        self.rows.push(TakenRow { line, number, becomes, case, moves });
    }
}
