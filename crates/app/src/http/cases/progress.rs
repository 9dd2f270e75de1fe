//! How far the import of cases is that runs now, for whoever waits for it.

use serde::Serialize;
use std::sync::{Mutex, PoisonError};
use utoipa::ToSchema;

/// An import that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CasesProgress {
    /// The file's name.
    file: String,
    /// Whether it is only asked what would happen.
    dry_run: bool,
    /// Cases of the file; null while it is being read.
    cases: Option<u64>,
    /// How many of them the engine took.
    taken: u64,
}

/// Where the one that runs says how far it is.
#[derive(Debug, Default)]
pub struct Importing(Mutex<Option<CasesProgress>>);

impl Importing {
    /// The one that runs.
    pub fn now(&self) -> Option<CasesProgress> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// One begins; it runs until what comes back is dropped.
    pub fn begin(&self, file: &str, dry_run: bool) -> Running<'_> {
        let file = file.chars().filter(|c| !c.is_control()).take(200).collect();
        self.set(|own| *own = Some(CasesProgress { file, dry_run, cases: None, taken: 0 }));
        Running(self)
    }

    fn set(&self, change: impl FnOnce(&mut Option<CasesProgress>)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// An import while it runs.
pub struct Running<'a>(&'a Importing);

impl Running<'_> {
    /// The file was read.
    pub fn read(&self, cases: u64) {
        self.0.set(|own| own.iter_mut().for_each(|own| own.cases = Some(cases)));
    }

    /// The engine took some.
    pub fn took(&self, cases: u64) {
        self.0.set(|own| own.iter_mut().for_each(|own| own.taken += cases));
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.set(|own| *own = None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_says_how_far_it_is_while_it_runs_and_no_longer() {
        let importing = Importing::default();
        assert_eq!(importing.now(), None);
        let running = importing.begin("a\u{7}.csv", false);
        running.read(900);
        running.took(500);
        let found = importing.now().unwrap();
        assert_eq!((&*found.file, found.cases, found.taken), ("a.csv", Some(900), 500));
        drop(running);
        assert_eq!(importing.now(), None);
    }
}
