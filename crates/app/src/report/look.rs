//! How a district wants its reports to look: a folder with templates and headings of its own.
//!
//! `report.typ` sets every kind, `year.typ` one kind; `headings.toml` gives titles, headings and an opening of its own,
//! which hold in every form. What a report says, its numbers and doubts, is never changed by it.

use super::{Error, KINDS, Language, Paper, example, named, pdf};
use account::Text;
use account::report::{Part, Report};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The file with headings.
const HEADINGS: &str = "headings.toml";
/// The template of every kind that has none of its own.
const ALL: &str = "report";
/// Bytes of the file with headings.
const BYTES_MAX: u64 = 256 << 10;

/// A folder that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    folder: Option<PathBuf>,
    headings: BTreeMap<String, Own>,
}

/// What a kind of report is to say of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    /// Its title; `{title}` stands for the one built in, `{from}` and `{to}` for its days.
    title: Option<Text>,
    /// A sentence before everything else.
    opening: Option<Text>,
    /// Other headings, by the one built in, Chinese or English.
    #[serde(default)]
    headings: BTreeMap<String, Text>,
}

impl Look {
    /// Reads a folder; none: everything as it is built in.
    ///
    /// # Errors
    /// The file, what is wrong with it, and what to do.
    pub fn read(folder: Option<&Path>) -> Result<Self, Text> {
        let Some(folder) = folder else { return Ok(Self::default()) };
        let shown = folder.display();
        let listed = fs::read_dir(folder).map_err(|error| {
            Text::new(
                format!("reports.templates：文件夹 {shown} 无法读取（{error}）；请建立文件夹，或清空此项"),
                format!("reports.templates: the folder {shown} cannot be read ({error}); make it, or leave the setting empty"),
            )
        })?;
        for entry in listed.flatten() {
            let path = entry.path();
            let is_template = path.extension().is_some_and(|kind| kind == "typ");
            let stem = path.file_stem().and_then(|own| own.to_str()).unwrap_or_default();
            // A part that a template includes has a name that begins with an underscore.
            if is_template && stem != ALL && !stem.starts_with('_') && named(stem).is_none() {
                return Err(unknown_kind(&path, stem));
            }
        }
        let path = folder.join(HEADINGS);
        let headings = if path.is_file() { headings(&path)? } else { BTreeMap::new() };
        Ok(Self { folder: Some(folder.to_owned()), headings })
    }

    /// The template of a kind; none: the one built in.
    pub fn template(&self, kind: &str) -> Option<PathBuf> {
        let folder = self.folder.as_ref()?;
        let files = [kind, ALL].map(|name| folder.join(format!("{name}.typ")));
        files.into_iter().find(|file| file.is_file())
    }

    /// A report with the titles and headings of the district.
    #[must_use]
    pub fn dress(&self, mut report: Report) -> Report {
        let Some(own) = self.headings.get(&report.kind) else { return report };
        if let Some(title) = &own.title {
            let (from, to) = (report.span.0.to_string(), report.span.1.to_string());
            let put = |own: &str, built_in: &str| {
                own.replace("{title}", built_in).replace("{from}", &from).replace("{to}", &to)
            };
            report.title =
                Text::new(put(&title.zh, &report.title.zh), put(&title.en, &report.title.en));
        }
        for section in &mut report.sections {
            let is_meant =
                own.headings.get(&section.title.zh).or(own.headings.get(&section.title.en));
            if let Some(other) = is_meant {
                section.title = other.clone();
            }
        }
        if let (Some(text), Some(first)) = (own.opening.clone(), report.sections.first_mut()) {
            first.parts.insert(0, Part::Sentence { text });
        }
        report
    }

    /// Sets an example by every template of the folder; how many there are. Needs `skyriver-pdf` beside the server.
    ///
    /// # Errors
    /// File, line and column of the first mistake.
    pub fn try_templates(&self, paper: &Paper) -> Result<usize, Error> {
        let mut tried: Vec<PathBuf> = vec![];
        for kind in KINDS {
            let Some(template) = self.template(kind.key).filter(|own| !tried.contains(own)) else {
                continue;
            };
            let report = Report { kind: kind.key.to_owned(), ..example::report()? };
            for language in [Language::Zh, Language::En] {
                pdf(&report, language, paper)?;
            }
            tried.push(template);
        }
        Ok(tried.len())
    }
}

fn headings(path: &Path) -> Result<BTreeMap<String, Own>, Text> {
    let flaw = |zh: String, en: String| {
        let shown = path.display();
        Text::new(format!("{shown}：{zh}"), format!("{shown}: {en}"))
    };
    let length = fs::metadata(path).map_or(0, |own| own.len());
    if length > BYTES_MAX {
        return Err(flaw(
            format!("{length} 字节，至多 {BYTES_MAX} 字节"),
            format!("{length} bytes, and {BYTES_MAX} are the most"),
        ));
    }
    let text = fs::read_to_string(path).map_err(|error| {
        flaw(format!("无法读取（{error}）"), format!("cannot be read ({error})"))
    })?;
    let all: BTreeMap<String, Own> =
        toml::from_str(&text).map_err(|error| flaw(error.to_string(), error.to_string()))?;
    if let Some(key) = all.keys().find(|key| named(key).is_none()) {
        return Err(unknown_kind(path, key));
    }
    for (key, own) in &all {
        let texts = own.title.iter().chain(&own.opening).chain(own.headings.values());
        if texts.clone().any(|text| text.zh.trim().is_empty() || text.en.trim().is_empty()) {
            return Err(flaw(
                format!("[{key}] 的每段文字须有 zh 和 en"),
                format!("every text of [{key}] needs `zh` and `en`"),
            ));
        }
        if own.opening.iter().any(|text| text.zh.contains("{N") || text.en.contains("{N")) {
            return Err(flaw(
                format!("[{key}] opening 不能写数字代码"),
                format!("`opening` of [{key}] cannot name the code of a number"),
            ));
        }
    }
    Ok(all)
}

fn unknown_kind(path: &Path, found: &str) -> Text {
    let known: Vec<&str> = KINDS.iter().map(|kind| kind.key).collect();
    let (shown, known) = (path.display(), known.join(", "));
    Text::new(
        format!("{shown}：没有报告种类 {found:?}；可用 report、{known}"),
        format!("{shown}: there is no kind of report {found:?}; there are report, {known}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(dir.path().join(name), text).unwrap();
        }
        dir
    }

    #[test]
    fn the_example_of_the_guide_holds_and_changes_headings_and_no_numbers() {
        let dir =
            folder(&[(HEADINGS, include_str!("../../../../docs/guides/reports/headings.toml"))]);
        let look = Look::read(Some(dir.path())).unwrap();
        let report = Report { kind: "year".into(), ..example::report().unwrap() };
        let dressed = look.dress(report.clone());
        assert_ne!(dressed.title, report.title);
        assert!(dressed.title.zh.contains(&report.title.zh), "{:?}", dressed.title);
        assert_eq!(dressed.numbers, report.numbers);
        assert_eq!(dressed.check(), Ok(()));
        let other = Report { kind: "day".into(), ..report };
        assert_eq!(look.dress(other.clone()), other);
    }

    #[test]
    fn a_template_of_a_kind_goes_before_that_of_all() {
        let dir = folder(&[("report.typ", ""), ("year.typ", ""), ("_logo.typ", "")]);
        let look = Look::read(Some(dir.path())).unwrap();
        let name = |kind: &str| look.template(kind).unwrap().file_name().unwrap().to_owned();
        assert_eq!((name("year"), name("day")), ("year.typ".into(), "report.typ".into()));
        assert_eq!(Look::default().template("year"), None);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_file() {
        let says = |name: &str, text: &str| {
            let dir = folder(&[(name, text)]);
            Look::read(Some(dir.path())).unwrap_err().en
        };
        assert!(says("yaer.typ", "").contains("yaer.typ: there is no kind"));
        assert!(says(HEADINGS, "[yaer]\n").contains("there are report, day"));
        assert!(says(HEADINGS, "[year]\ntilte = 1\n").contains("line 2"));
        assert!(
            says(HEADINGS, "[year]\ntitle = { zh = \"a\", en = \"\" }\n").contains("`zh` and `en`")
        );
        let opening = "[year]\nopening = { zh = \"{N1}\", en = \"{N1}\" }\n";
        assert!(says(HEADINGS, opening).contains("code of a number"));
        let gone = Look::read(Some(Path::new("/nowhere/templates"))).unwrap_err().en;
        assert!(gone.contains("make it"), "{gone}");
    }
}
