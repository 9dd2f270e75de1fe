//! `skyriver trace`: where a rise comes from, out of a data directory.

use super::{Kept, Kind, Question, TraceAnswer, answer};
use crate::analysis::{Error, source};
use crate::assess::Lang;
use clap::Args;
use model::{ParameterTable, Timestamp};
use standards::{Standards, Zone};
use std::io::Write;
use std::path::PathBuf;
use store::Known;

/// Where a rise comes from: emitters of the registry and unknown places, each with its probability.
#[derive(Args, Clone, Debug)]
pub struct Trace {
    /// The data directory of a server that is stopped (while it runs, its page and /api/v1/trace answer).
    #[arg(long)]
    pub dir: PathBuf,
    /// The parameter that rose: a key (pm10) or a symbol (PM10).
    #[arg(long)]
    pub parameter: String,
    /// The first instant of the rise: `2026-03-01T08:00:00+08:00`, or a civil day.
    #[arg(long)]
    pub from: String,
    /// The first instant after it; half an hour to three days later.
    #[arg(long)]
    pub to: String,
    /// A place whose readings count; may be repeated. All that measure it without one.
    #[arg(long = "place", value_name = "KEY")]
    pub places: Vec<String>,
    /// The place whose rise it is about: of several sources the one comes first that explains it.
    #[arg(long, value_name = "KEY")]
    pub about: Option<String>,
    /// The zone of civil days.
    #[arg(long, default_value = "Asia/Shanghai")]
    pub zone: String,
    /// The language of what is said.
    #[arg(long, value_enum, default_value_t = Lang::En)]
    pub lang: Lang,
    /// Everything as one JSON object, with the regions as GeoJSON.
    #[arg(long)]
    pub json: bool,
}

impl Trace {
    /// Traces and writes.
    ///
    /// # Errors
    /// When nothing can be read, or the data do not allow an answer.
    pub fn run(&self, out: &mut impl Write) -> Result<(), Error> {
        let zone = Zone::named(&self.zone)?;
        let failed = |why: String| Error::Directory { dir: self.dir.clone(), why };
        let parameters = ParameterTable::builtin().map_err(|error| failed(error.to_string()))?;
        let law = Standards::load().map_err(|error| failed(error.to_string()))?;
        let parameter = source::parameter(&parameters, &self.parameter)?.key.clone();
        let store = source::open(&self.dir)?;
        let question = Question {
            parameter,
            from: instant("--from", &self.from, &zone)?,
            to: instant("--to", &self.to, &zone)?,
            places: self.places.clone(),
            about: self.about.clone(),
            complaints: vec![],
            known: Known::Now,
        };
        let reader = store.reader();
        let kept = Kept { reader: &reader, parameters: &parameters, law: &law };
        let found =
            answer(kept, &question).map_err(|refused| Error::Refused(refused.to_string()))?;
        if self.json {
            writeln!(out, "{}", serde_json::to_string_pretty(&found)?)?;
            return Ok(());
        }
        self.tell(out, &found)?;
        Ok(())
    }

    fn tell(&self, out: &mut impl Write, found: &TraceAnswer) -> std::io::Result<()> {
        let say = |words| self.lang.of(words);
        for (rank, one) in found.candidates.iter().take(8).enumerate() {
            let percent = 100.0 * one.probability;
            writeln!(out, "{}. {percent:5.1} %  {}", rank + 1, say(&one.name))?;
            if let Some([low, middle, high]) = one.rate_g_s.filter(|_| one.kind != Kind::None) {
                writeln!(out, "            {middle:.2} g/s ({low:.2} to {high:.2})")?;
            }
            writeln!(out, "            {}", say(&one.evidence))?;
        }
        for doubt in &found.doubts {
            writeln!(out, "! {}", say(doubt))?;
        }
        if let Some(advice) = &found.advice {
            writeln!(out, "→ {}", say(&advice.say))?;
        }
        writeln!(out, "{}", say(&found.record))
    }
}

fn instant(flag: &str, text: &str, zone: &Zone) -> Result<Timestamp, Error> {
    let bad = || Error::Unknown {
        problem: format!("{flag}: {text:?} is no instant"),
        hint: "write 2026-03-01T08:00:00+08:00 or 2026-03-01".to_owned(),
    };
    if text.len() == "2026-03-01".len() {
        let date: jiff::civil::Date = text.parse().map_err(|_| bad())?;
        return zone.instant(date.at(0, 0, 0, 0)).map_err(|_| bad());
    }
    let at = text.parse::<jiff::Timestamp>().map_err(|_| bad())?;
    Ok(Timestamp::from_ms(at.as_millisecond()))
}
