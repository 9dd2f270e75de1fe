//! `[reports]`: which reports are made by themselves, when, and how they are set.

use super::setting::{Given, Setting};
use crate::report::{Error, Every, KINDS, Kind, Look, Paper, has_program, named};
use crate::words::Words;
use std::path::PathBuf;

/// Reports that are made by themselves, and how they are set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reports {
    /// Their kinds.
    pub kinds: Kinds,
    /// The hour of the day from which a period that is over is reported.
    pub hour: u64,
    /// A folder with templates and headings of the district's own.
    pub templates: Option<PathBuf>,
    /// A folder with fonts.
    pub fonts: Option<PathBuf>,
}

/// Kinds of reports, by their keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kinds(pub Vec<String>);

impl Default for Reports {
    fn default() -> Self {
        Self { kinds: Kinds::default(), hour: 6, templates: None, fonts: None }
    }
}

impl Reports {
    /// What reports are set with.
    ///
    /// # Errors
    /// As [`Reports::look`].
    pub fn paper(&self) -> Result<Paper, Error> {
        Ok(Paper { look: self.look()?, fonts: self.fonts.clone() })
    }

    /// The templates and headings of the district, read anew: whoever edits them need not start the server again.
    ///
    /// # Errors
    /// [`Error::Look`]: the file, what is wrong with it, and what to do.
    pub fn look(&self) -> Result<Look, Error> {
        Look::read(self.templates.as_deref()).map_err(Error::Look)
    }

    /// Reads templates and headings, and sets an example by each template; how many there are. None where no folder is
    /// named, or `skyriver-pdf` is not there to set anything.
    ///
    /// # Errors
    /// The file and the place in it.
    pub fn check(&self) -> Result<Option<usize>, Error> {
        let paper = self.paper()?;
        if self.templates.is_none() || !has_program() {
            return Ok(None);
        }
        paper.look.try_templates(&paper).map(Some)
    }

    /// The kinds that are made by themselves.
    pub fn kinds(&self) -> impl Iterator<Item = &'static Kind> {
        self.kinds.0.iter().filter_map(|key| named(key))
    }
}

/// Whether a kind can be made without being asked for: of a period, and of no unit in particular.
fn is_periodic(kind: &Kind) -> bool {
    kind.every != Every::Once && !kind.of_unit
}

impl Setting for Kinds {
    fn accepted() -> Words {
        let known: Vec<&str> =
            KINDS.iter().filter(|kind| is_periodic(kind)).map(|kind| kind.key).collect();
        let known = known.join(", ");
        Words::new(
            format!("请填写报告种类，例如 [\"day\", \"month\"]；可用 {known}"),
            format!("write kinds of reports, for example [\"day\", \"month\"]; there are {known}"),
        )
    }

    fn read(given: Given) -> Option<Self> {
        let keys = given.texts()?;
        let is_known = |key: &String| named(key).is_some_and(is_periodic);
        keys.iter().all(is_known).then_some(Self(keys))
    }

    fn write(&self) -> String {
        format!("{:?}", self.0)
    }
}
