//! What Typst sees: the template, the report beside it, the fonts. Nothing else of the machine, and no clock.

use crate::fonts::found;
use crate::{Error, Language, TEMPLATE, Wish, folder};
use std::path::PathBuf;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Dict, Duration, Str, Value};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_kit::fonts::FontStore;

/// The name under which a template finds the report.
const REPORT: &str = "report.json";

/// A template with a report.
pub struct Paper {
    library: LazyHash<Library>,
    fonts: FontStore,
    main: Source,
    report: Bytes,
    /// Where further files of the template lie: pictures, parts.
    folder: Option<PathBuf>,
    named: PathBuf,
}

impl Paper {
    /// Puts them together.
    ///
    /// # Errors
    /// When the template cannot be read, or no font has Chinese letters.
    pub fn new(report: Vec<u8>, wish: &Wish) -> Result<Self, Error> {
        let (fonts, count, chinese) = found(&wish.fonts);
        let chinese = chinese.ok_or(Error::NoChinese { found: count })?;
        let text = match &wish.template {
            None => TEMPLATE.to_owned(),
            Some(path) => std::fs::read_to_string(path)
                .map_err(|source| Error::Template { path: path.clone(), source })?,
        };
        let language = match wish.language {
            Language::Zh => "zh",
            Language::En => "en",
        };
        let mut inputs = Dict::new();
        for (key, value) in [("language", language), ("font", chinese.as_str())] {
            inputs.insert(Str::from(key), Value::Str(Str::from(value)));
        }
        let main = id("report.typ").ok_or_else(|| Error::Set("no name for the template".into()))?;
        Ok(Self {
            library: LazyHash::new(Library::builder().with_inputs(inputs).build()),
            fonts,
            main: Source::new(main, text),
            report: Bytes::new(report),
            folder: wish.template.as_deref().map(folder),
            named: wish.template.clone().unwrap_or_else(|| "report.typ".into()),
        })
    }

    /// A file's name as a person knows it.
    pub fn name(&self, id: FileId) -> PathBuf {
        if id == self.main.id() {
            self.named.clone()
        } else {
            id.vpath().get_without_slash().into()
        }
    }

    /// A file beside the template.
    fn beside(&self, id: FileId) -> FileResult<Vec<u8>> {
        let name = PathBuf::from(id.vpath().get_without_slash());
        let (VirtualRoot::Project, Some(folder)) = (id.root(), &self.folder) else {
            return Err(FileError::NotFound(name));
        };
        let path = id.vpath().realize(folder).map_err(FileError::Realize)?;
        std::fs::read(&path).map_err(|error| FileError::from_io(error, &name))
    }
}

fn id(name: &str) -> Option<FileId> {
    let path = VirtualPath::new(name).ok()?;
    Some(RootedPath::new(VirtualRoot::Project, path).intern())
}

impl World for Paper {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.book()
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() {
            return Ok(self.main.clone());
        }
        let text = String::from_utf8(self.beside(id)?).map_err(|_| FileError::InvalidUtf8)?;
        Ok(Source::new(id, text))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id.vpath().get_without_slash() == REPORT {
            return Ok(self.report.clone());
        }
        self.beside(id).map(Bytes::new)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.font(index)
    }

    /// Nothing that is printed depends on when.
    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
