//! What a task says when it cannot go on: what happened, to which thing, what to do next.

use std::fmt;

/// `Ok`, or the reason why a task stopped.
pub type Result<T> = std::result::Result<T, Failure>;

/// One reason, with a hint on a line of its own when there is something to do about it.
#[derive(Debug)]
pub struct Failure {
    text: String,
    hint: Option<String>,
    /// The lines of a program that tell why it failed; empty when they went straight to the screen.
    said: String,
}

impl Failure {
    pub fn new(text: impl Into<String>) -> Failure {
        Failure { text: text.into(), hint: None, said: String::new() }
    }

    pub fn hint(self, hint: impl Into<String>) -> Failure {
        Failure { hint: Some(hint.into()), ..self }
    }

    pub fn said(self, said: String) -> Failure {
        Failure { said, ..self }
    }

    /// What the program that failed had told, to be printed once more where people look first.
    pub fn told(&self) -> &str {
        &self.said
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.text)?;
        match &self.hint {
            Some(hint) => write!(out, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}
