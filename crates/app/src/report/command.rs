//! `skyriver report KIND`: a report from the data directory, in any form; a server may use the directory meanwhile.

use super::{
    Error, Ground, KINDS, Language, Question, fragment, last_over, make, named, pdf, sheets,
    workbook,
};
use crate::cli::{ConfigArgs, Failure};
use crate::clock;
use account::Text;
use clap::{Args, ValueEnum};
use engine::assess::{Asked, Book};
use engine::desk::Desk;
use jiff::civil::Date;
use model::Names;
use standards::{Span, Standards, Zone};
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use store::{Known, Limits, Reader};

/// A report: day, week, month, year, river-month, founding, unit.
#[derive(Args, Clone, Debug)]
pub struct ReportCommand {
    /// Which report.
    pub kind: String,
    /// Data directory; that of the configuration unless named.
    #[arg(long)]
    pub dir: Option<PathBuf>,
    /// The first civil day; without it the last period that is over.
    #[arg(long)]
    pub from: Option<Date>,
    /// The last civil day, included; without it the period that the first day lies in.
    #[arg(long)]
    pub to: Option<Date>,
    /// The unit that it speaks of.
    #[arg(long)]
    pub unit: Option<String>,
    /// Its language.
    #[arg(long, value_enum, default_value_t = Language::Zh)]
    pub language: Language,
    /// Its form.
    #[arg(long, value_enum, default_value_t = Form::Html)]
    pub format: Form,
    /// The file, or for CSV the folder, that it goes to; without it standard output.
    #[arg(long, short)]
    pub output: Option<PathBuf>,
    #[command(flatten)]
    config: ConfigArgs,
}

/// A form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// What it says, for programs.
    Json,
    /// A fragment for a page.
    Html,
    /// Tables; on standard output its numbers only.
    Csv,
    /// A workbook that computes.
    Xlsx,
    /// Paper.
    Pdf,
}

impl ReportCommand {
    /// Makes it and writes it.
    ///
    /// # Errors
    /// When there is no such kind, something cannot be read, or it cannot be written.
    pub fn run(&self, out: &mut impl Write) -> Result<(), Failure> {
        let kind = named(&self.kind).ok_or_else(|| {
            let known: Vec<&str> = KINDS.iter().map(|kind| kind.key).collect();
            Error::Refused(Text::same(format!(
                "there is no report {:?}; there are {}",
                self.kind,
                known.join(", ")
            )))
        })?;
        let loaded = self.config.load()?;
        let config = &loaded.config;
        let dir = self.dir.as_ref().unwrap_or(&config.store.dir);
        let reader = Reader::look_whole(dir, Limits::default())?;
        let zone = Zone::named(config.district.zone.iana_name().unwrap_or("UTC"))?;
        let law = Standards::load()?;
        let (book, settings) = (Book::default(), Desk::settings_of(&reader, &zone)?);
        let names = &config.district;
        let district = Names { zh: names.name_zh.clone(), en: names.name_en.clone() };
        let today = clock::civil_today(&names.zone);
        let span = match (self.from, self.to) {
            (None, None) => last_over(kind.every, today),
            (Some(from), None) => kind.every.of(from),
            (from, Some(to)) => Span::new(from.unwrap_or(to), to),
        };
        let span = span.ok_or_else(|| Error::Refused(Text::same("--to is before --from")))?;
        let asked = Asked {
            book: &book,
            reader: &reader,
            law: &law,
            zone: &zone,
            now: clock::now(),
            known: Known::Now,
            set: None,
            dust: &[],
        };
        let sequence = reader.last_sequence()?.0;
        let ground = Ground {
            asked,
            district: &district,
            dust: &config.dust,
            settings: Some(&settings),
            sequence,
        };
        let question = Question { span, unit: self.unit.clone() };
        let report = make(kind, &ground, &question)?;
        let is_content = self.format == Form::Json;
        let look = config.reports.look()?;
        let report = if is_content { report } else { look.dress(report) };
        let bytes = match self.format {
            Form::Json => serde_json::to_vec_pretty(&report)?,
            Form::Html => fragment(&report, self.language).into_bytes(),
            Form::Xlsx => workbook(&report, self.language)?,
            Form::Pdf => pdf(&report, self.language, &config.reports.paper()?)?,
            Form::Csv => {
                let sheets = sheets(&report, self.language)?;
                let Some(folder) = &self.output else {
                    let first = sheets.into_iter().next();
                    out.write_all(first.map(|sheet| sheet.text).unwrap_or_default().as_bytes())?;
                    return Ok(());
                };
                fs::create_dir_all(folder)?;
                for (at, sheet) in sheets.iter().enumerate() {
                    fs::write(folder.join(format!("{at}.csv")), &sheet.text)?;
                    writeln!(
                        out,
                        "{}  {}",
                        folder.join(format!("{at}.csv")).display(),
                        sheet.name
                    )?;
                }
                return Ok(());
            }
        };
        match &self.output {
            None => out.write_all(&bytes)?,
            Some(file) => fs::write(file, &bytes)?,
        }
        Ok(())
    }
}
