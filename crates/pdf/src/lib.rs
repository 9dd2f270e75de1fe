//! A report as PDF.
//!
//! What a report says comes in as the JSON of [`account::report::Report`]; how it looks is a Typst template that a
//! person can edit: the one built in, or a file of theirs, which finds the report beside itself as `report.json`. Fonts
//! are those of the machine or of a named folder, and are embedded as far as they are used; nothing is fetched, ever.
//!
//! The same report, template and fonts give the same bytes: no clock is asked.
//!
//! ```no_run
//! let report = std::fs::read("report.json")?;
//! let pdf = pdf::typeset(report, &pdf::Wish::default())?;
//! std::fs::write("report.pdf", pdf)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod fonts;
mod paper;

use account::report::Report;
use std::path::{Path, PathBuf};
use typst::diag::SourceDiagnostic;
use typst::{World, WorldExt};
use typst_pdf::PdfOptions;

pub use fonts::CHINESE;

/// The template that is built in.
pub const TEMPLATE: &str = include_str!("../template/report.typ");
/// Bytes of a report: a year of a hundred units is a tenth of it.
pub const REPORT_BYTES_MAX: u64 = 64 << 20;

/// The language that a report is set in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

/// How a report is to be set.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// Its language.
    pub language: Language,
    /// A template; the one built in without it.
    pub template: Option<PathBuf>,
    /// Folders with fonts, besides those of the machine.
    pub fonts: Vec<PathBuf>,
}

/// Why there is no PDF.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is no report.
    #[error("the report is not the JSON of a report")]
    Report(#[source] serde_json::Error),
    /// It contradicts itself.
    #[error("the report contradicts itself")]
    Content(#[from] account::report::Error),
    /// The template cannot be read.
    #[error("the template {} cannot be read", .path.display())]
    Template {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// No font of the machine has Chinese letters.
    #[error(
        "no font with Chinese letters among the {found} fonts of this machine\n\
         hint: install one (Debian and Ubuntu: apt install fonts-noto-cjk; Fedora: dnf install \
         google-noto-sans-cjk-fonts), or name a folder that has one with --fonts DIR"
    )]
    NoChinese {
        /// Fonts that there are.
        found: usize,
    },
    /// The template does not go together with the report.
    #[error("{0}")]
    Set(String),
}

/// Sets a report.
///
/// # Errors
/// When it is no report or contradicts itself, no font has Chinese letters, or the template is wrong.
pub fn typeset(report: Vec<u8>, wish: &Wish) -> Result<Vec<u8>, Error> {
    let read: Report = serde_json::from_slice(&report).map_err(Error::Report)?;
    read.check()?;
    let paper = paper::Paper::new(report, wish)?;
    let document = typst::compile::<typst_layout::PagedDocument>(&paper).output;
    let told =
        |problems: typst::ecow::EcoVec<SourceDiagnostic>| Error::Set(told(&paper, &problems));
    let document = document.map_err(told)?;
    typst_pdf::pdf(&document, &PdfOptions::default()).map_err(told)
}

/// What is wrong with a template: file, line, column, and what to do.
fn told(paper: &paper::Paper, problems: &[SourceDiagnostic]) -> String {
    let mut lines = vec![];
    for problem in problems {
        let place = problem.span.id().and_then(|id| {
            let source = paper.source(id).ok()?;
            let (line, column) =
                source.lines().byte_to_line_column(paper.range(problem.span)?.start)?;
            let name = paper.name(id);
            Some(format!("{}:{}:{}: ", name.display(), line + 1, column + 1))
        });
        lines.push(format!("{}{}", place.unwrap_or_default(), problem.message));
        lines.extend(problem.hints.iter().map(|hint| format!("hint: {}", hint.v)));
    }
    lines.join("\n")
}

/// A file's folder; here for a bare name.
fn folder(file: &Path) -> PathBuf {
    let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new(".")).to_owned()
}
