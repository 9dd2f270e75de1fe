//! Where the items of `CP` stand: filled while a frame is read, used when its readings are walked.
//!
//! It lies inside the frame, so that a clean frame is read without allocation; a frame with more items
//! than it holds is walked by its text again.

use crate::reading::Role;

/// Items that an index holds. An upload that fits into one frame has more only if its values are a digit
/// or two.
const ITEMS_MAX: usize = 64;

/// The places of all items of `CP`.
#[derive(Clone, Copy)]
pub(crate) struct Index {
    entries: [Entry; ITEMS_MAX],
    /// Number of entries; more than the array holds means that the text must be walked instead.
    len: u8,
}

/// One item: `start` name `eq` value `end`, positions in `CP`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    pub(crate) start: u16,
    pub(crate) eq: u16,
    pub(crate) end: u16,
    /// Length of the factor code, which a dash and the field follow; 0 if the name is a word.
    pub(crate) code_len: u8,
    pub(crate) role: Role,
}

impl Index {
    /// An index of nothing.
    pub(crate) const EMPTY: Self = Self {
        entries: [Entry { start: 0, eq: 0, end: 0, code_len: 0, role: Role::WORD }; ITEMS_MAX],
        len: 0,
    };

    #[inline]
    pub(crate) fn push(&mut self, entry: Entry) {
        match self.entries.get_mut(usize::from(self.len)) {
            Some(place) => {
                *place = entry;
                self.len += 1;
            }
            None => self.spoil(),
        }
    }

    /// Says that the text must be walked instead.
    pub(crate) fn spoil(&mut self) {
        self.len = u8::MAX;
    }

    /// The entries; `None` if the text must be walked instead.
    #[inline]
    pub(crate) fn entries(&self) -> Option<&[Entry]> {
        self.entries.get(..usize::from(self.len))
    }
}

impl core::fmt::Debug for Index {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Index({})", self.len)
    }
}
