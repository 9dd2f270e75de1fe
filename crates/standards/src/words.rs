//! What a result says to people, in Chinese and in English.

/// A message that a person reads: every reason and every doubt can say itself in both languages.
pub trait Said {
    /// In English.
    fn en(&self) -> String;
    /// In Chinese.
    fn zh(&self) -> String;
}
