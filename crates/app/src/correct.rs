//! `skyriver correct`: makes, approves, annuls and lists corrections over a stopped data directory; a
//! running server takes them through its API.

use crate::cli::{ConfigArgs, Failure};
use crate::{clock, serve};
use clap::Args;
use engine::correct::{Correction, Document, NewCorrection, Operation, preview};
use jiff::civil::Date;
use model::{DatastreamId, Timestamp};
use std::io::Write;
use std::path::PathBuf;

/// Correct readings of a stopped data directory; raw stays beside.
#[derive(Args, Debug)]
pub struct Correct {
    /// Data directory; that of the configuration unless named.
    #[arg(long)]
    pub dir: Option<PathBuf>,
    /// Who does it.
    #[arg(long)]
    pub who: Option<String>,
    /// Number of the datastream; without it the corrections are listed.
    #[arg(long, requires_all = ["from", "to", "operation", "why", "who"])]
    pub datastream: Option<i32>,
    /// The first civil day.
    #[arg(long, value_name = "DATE")]
    pub from: Option<Date>,
    /// The first civil day after the span.
    #[arg(long, value_name = "DATE")]
    pub to: Option<Date>,
    /// What is done, JSON: `{"kind":"offset","by":"-1.5"}`, also flag, factor, drift, replace, values, accept.
    #[arg(long, value_name = "JSON")]
    pub operation: Option<String>,
    /// Why.
    #[arg(long)]
    pub why: Option<String>,
    /// The document that it rests on.
    #[arg(long)]
    pub document: Option<String>,
    /// Only say what would change.
    #[arg(long)]
    pub dry_run: bool,
    /// Approve this correction.
    #[arg(long, value_name = "ID", requires = "who", conflicts_with_all = ["datastream", "annul"])]
    pub approve: Option<String>,
    /// Annul this correction.
    #[arg(long, value_name = "ID", requires_all = ["who", "why"], conflicts_with = "datastream")]
    pub annul: Option<String>,
    #[command(flatten)]
    config: ConfigArgs,
}

impl Correct {
    /// Does it, or lists what stands.
    ///
    /// # Errors
    /// When a server uses the directory, or the correction is refused; nothing changed then.
    pub fn run(&self, out: &mut impl Write) -> Result<(), Failure> {
        let mut config = self.config.load()?.config;
        if let Some(dir) = &self.dir {
            config.store.dir.clone_from(dir);
        }
        let mut engine = serve::open_engine(&config)?;
        let now = clock::now();
        let (who, why) =
            (self.who.clone().unwrap_or_default(), self.why.clone().unwrap_or_default());
        if let Some(id) = &self.approve {
            engine.approve(now, id, &who, &why)?;
            writeln!(out, "approved  {id}")?;
        } else if let Some(id) = &self.annul {
            engine.annul(now, id, &who, &why)?;
            writeln!(out, "annulled  {id}")?;
        } else if let Some(datastream) = self.datastream {
            let start = |date: Option<Date>| -> Result<Timestamp, Failure> {
                let zoned = date.unwrap_or_default().to_zoned(config.district.zone.clone())?;
                Ok(Timestamp::from_ms(zoned.timestamp().as_millisecond()))
            };
            let text = self.operation.as_deref().unwrap_or_default();
            let operation: Operation = serde_json::from_str(text)?;
            let new = NewCorrection {
                who,
                datastream: DatastreamId(datastream),
                from: start(self.from)?,
                to: start(self.to)?,
                operation,
                why,
                is_automatic: false,
                document: self.document.clone().map(|name| Document { name, hash: None }),
            };
            let stack = engine.corrections()?;
            let changes = preview(&engine.reader(), &stack, &new)?.len();
            writeln!(out, "changes   {changes} readings")?;
            if self.dry_run {
                return Ok(());
            }
            let made = engine.correct(now, &new)?;
            writeln!(out, "made      {}", made.id)?;
        } else {
            for own in engine.corrections()?.all() {
                list(own, out)?;
            }
            return Ok(());
        }
        while engine.is_behind(now) {
            engine.turn(now, &[])?;
        }
        Ok(())
    }
}

fn list(own: &Correction, out: &mut impl Write) -> Result<(), Failure> {
    let what = serde_json::to_string(&own.operation)?;
    let (id, who, why) = (&own.id, &own.who, &own.why);
    let state = match (&own.annulled, &own.approved) {
        (Some(deed), _) => format!("annulled by {}: {}", deed.who, deed.why),
        (None, Some(deed)) => format!("approved by {}", deed.who),
        (None, None) => "reviewed".to_owned(),
    };
    let (stream, from, to) = (own.datastream, own.from, own.to);
    writeln!(out, "{id}  datastream {stream}  {from} to {to}  {what}  {who}: {why}  ({state})")?;
    Ok(())
}
