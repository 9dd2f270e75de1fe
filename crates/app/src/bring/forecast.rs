//! Files of a forecast from outside, such as a numerical model's: a long CSV, checked as a whole, taken as one turn with one
//! receipt or none. A run is known by its source, time of issue, place and parameter: the same again adds nothing.

pub mod command;
mod read;

pub use read::{Asked, Checked, check};

use super::receipt::last_of_each;
use crate::import::Fault;
use crate::outside::{self, OWN, Run};
use crate::words::Words;
use engine::Engine;
use model::{Act, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::Reader;
use utoipa::ToSchema;

/// The kind of the acts that are receipts.
pub const ACT: &str = "import_forecast";
/// Bytes of a file, as it is sent and unpacked.
pub const BYTES_MAX: u64 = 32 << 20;
/// Letters of the name of a source.
const NAME_MAX: usize = 40;
/// Times of issue that a receipt names.
const ISSUED_MAX: usize = 20;

/// What became of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = OutsideForecastReceipt)]
pub struct ForecastReceipt {
    /// Its name: 16 hexadecimal digits.
    pub receipt: String,
    /// The file's name.
    pub file: String,
    /// Whose forecast it is.
    pub source: String,
    /// BLAKE3 of its bytes, hexadecimal, as `b3sum` prints it.
    pub hash: String,
    /// Its bytes.
    pub bytes: u64,
    /// When it was taken, RFC 3339.
    pub at: String,
    /// Who took it.
    pub who: String,
    /// Its rows.
    pub rows: u64,
    /// Times of issue, RFC 3339, the first of them.
    pub issued: Vec<String>,
    /// Runs that are new; a run is one time of issue of one parameter at one place.
    pub new: u64,
    /// Runs that were known and say more, or something else.
    pub changed: u64,
    /// Runs that were known as they are.
    pub known: u64,
}

/// Whether a source may be named so.
///
/// # Errors
/// What it may be named.
pub fn check_source(name: &str) -> Result<(), Words> {
    let is_sound = |letter: char| letter.is_alphanumeric() || "-_.".contains(letter);
    let is_whole = !name.is_empty() && name.chars().count() <= NAME_MAX;
    if is_whole && name != OWN && name.chars().all(is_sound) {
        return Ok(());
    }
    Err(Words::new(
        format!("来源请用 1 至 {NAME_MAX} 个字母、数字、- _ .；{OWN} 指本系统的预报"),
        format!(
            "name the source by 1 to {NAME_MAX} letters, digits, - _ .; {OWN} is the house's own forecast"
        ),
    ))
}

/// Takes a file that was checked, as one turn, or only says what would become of it. Nothing is written when it says nothing new.
///
/// # Errors
/// When the log cannot be read or the turn cannot be kept; nothing was kept then.
pub fn take(
    engine: &mut Engine,
    (now, who): (Timestamp, &str),
    found: &Checked,
    (source, file): (&str, &str),
    is_dry: bool,
) -> Result<ForecastReceipt, Fault> {
    let mut receipt = ForecastReceipt::begin(found, (source, file), who, now);
    let reader = engine.reader();
    let mut acts = vec![];
    for run in &found.runs {
        let key = run.key();
        let mut own = run.clone();
        match outside::kept(&reader, &key).map_err(|error| failed(&error))? {
            None => receipt.new += 1,
            Some(before) => {
                // What the file does not say of a known run stays.
                for (hour, said) in &before.hours {
                    own.hours.entry(*hour).or_insert(*said);
                }
                if own == before {
                    receipt.known += 1;
                    continue;
                }
                receipt.changed += 1;
            }
        }
        let Some(document) = own.document() else { continue };
        acts.push(Act { kind: outside::ACT.to_owned(), key, who: who.to_owned(), document });
    }
    if !is_dry && !acts.is_empty() {
        let document = serde_json::to_string(&receipt).map_err(|error| failed(&error))?;
        let (kind, key) = (ACT.to_owned(), receipt.receipt.clone());
        acts.push(Act { kind, key, who: who.to_owned(), document });
        engine.act(now, acts).map_err(|error| failed(&error))?;
    }
    Ok(receipt)
}

impl ForecastReceipt {
    fn begin(found: &Checked, (source, file): (&str, &str), who: &str, now: Timestamp) -> Self {
        let at = now.to_string();
        let name = blake3::hash(format!("{} {source} {at}", found.hash).as_bytes()).to_hex();
        let issued: BTreeSet<Timestamp> = found.runs.iter().map(|run: &Run| run.issued).collect();
        Self {
            receipt: name.chars().take(16).collect(),
            file: file.chars().filter(|c| !c.is_control()).take(200).collect(),
            source: source.to_owned(),
            hash: found.hash.clone(),
            bytes: found.bytes,
            at,
            who: who.to_owned(),
            rows: found.rows,
            issued: issued.into_iter().take(ISSUED_MAX).map(|at| at.to_string()).collect(),
            ..Self::default()
        }
    }

    /// Whether the file said anything new.
    pub fn says_new(&self) -> bool {
        self.new + self.changed > 0
    }
}

/// The receipts of all files, oldest first.
///
/// # Errors
/// When the database cannot be read.
pub fn receipts(reader: &Reader) -> Result<Vec<ForecastReceipt>, store::Error> {
    last_of_each(reader, ACT)
}

/// What the engine could not do, as a fault of the file.
pub fn failed(error: &(dyn std::error::Error + 'static)) -> Fault {
    let what = crate::shell::chain(error);
    Fault::new(
        (format!("预报未能写入：{what}"), format!("the forecast was not kept: {what}")),
        ("排除原因后重新导入同一文件", "mend the cause and import the same file again"),
    )
}
