//! What was entered about rivers, folded from its acts on request: what stands is the last version of each entry.

use super::super::error::{Answer, ApiError, shortened};
use super::super::state::{AppState, unreadable};
use super::super::time::Instant;
use crate::words::Words;
use account::Text;
use account::chief::Term;
use account::custody::Step;
use account::patrolling::PatrolPlan;
use account::river::RiverFile;
use account::sampling::{Opened, SamplingPlan};
use account::waterbook::WaterEntry;
use axum::http::StatusCode;
use jiff::civil::Date;
use model::{Act, ActRow, Line, LineKind, Registry, Sequence, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use store::{Known, Reader};
use utoipa::ToSchema;

/// Kinds of acts.
pub const RIVER: &str = "river";
pub const CHIEF: &str = "chief";
pub const PATROL_PLAN: &str = "patrol_plan";
pub const WATER_ENTRY: &str = "water_entry";
pub const SAMPLING_PLAN: &str = "sampling_plan";
pub const DRAW: &str = "draw";
pub const SAMPLE: &str = "sample";

/// Characters of a key.
const KEY_MAX: usize = 80;
/// Bytes of a document.
const DOCUMENT_MAX: usize = 200_000;

/// An entry as somebody writes it: the document of its act.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryBody {
    /// The entry itself; its fields are those of docs/guides/rivers.md. Null with `withdrawn`.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub document: Value,
    /// Why it is made or changed.
    #[serde(default)]
    pub why: String,
    /// It was a mistake: it does not stand any more, and can still be read.
    #[serde(default)]
    pub withdrawn: bool,
    /// The sequence of the version that the writer saw; a newer one refuses the change. 0: none was there.
    #[serde(default)]
    pub seen: Option<u64>,
}

/// A version of an entry, as it stands.
#[derive(Clone, Debug)]
pub struct Entry<T> {
    pub document: T,
    pub who: String,
    pub at: Timestamp,
    pub sequence: u64,
    /// How many versions there are.
    pub versions: usize,
}

/// Who entered a version, and when.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Entered {
    /// Told only to those who are signed in.
    pub who: Option<String>,
    pub at: Instant,
    pub sequence: u64,
    pub versions: usize,
}

impl<T> Entry<T> {
    /// Who entered it; to the public nobody is named.
    pub fn entered(&self, tells_who: bool) -> Entered {
        let who = tells_who.then(|| self.who.clone());
        Entered { who, at: Instant(self.at), sequence: self.sequence, versions: self.versions }
    }
}

/// Everything that was entered.
pub struct Rivers {
    pub files: BTreeMap<String, Entry<RiverFile>>,
    pub chiefs: BTreeMap<String, Entry<Term>>,
    pub patrol_plans: BTreeMap<String, Entry<PatrolPlan>>,
    pub entries: BTreeMap<String, Entry<WaterEntry>>,
}

impl Rivers {
    /// As it was known then.
    ///
    /// # Errors
    /// `internal` when the store cannot read.
    pub fn read(app: &AppState, known: Known) -> Answer<Self> {
        Ok(Self {
            files: stand(app, RIVER, known)?,
            chiefs: stand(app, CHIEF, known)?,
            patrol_plans: stand(app, PATROL_PLAN, known)?,
            entries: stand(app, WATER_ENTRY, known)?,
        })
    }
}

/// The last version of each entry of a kind that was not withdrawn.
///
/// # Errors
/// `internal` when the store cannot read.
pub fn stand<T: DeserializeOwned>(
    app: &AppState,
    kind: &str,
    known: Known,
) -> Answer<BTreeMap<String, Entry<T>>> {
    standing(&app.reader, kind, known).map_err(unreadable)
}

/// The same, of a reader.
///
/// # Errors
/// When the store cannot read.
pub fn standing<T: DeserializeOwned>(
    reader: &Reader,
    kind: &str,
    known: Known,
) -> Result<BTreeMap<String, Entry<T>>, store::Error> {
    let mut all: BTreeMap<String, Entry<T>> = BTreeMap::new();
    let mut versions: BTreeMap<String, usize> = BTreeMap::new();
    for ActRow { sequence, at, act } in reader.acts(kind, known)? {
        let Some(body) = read::<EntryBody>(&act) else { continue };
        let count = versions.entry(act.key.clone()).or_default();
        *count += 1;
        if body.withdrawn {
            all.remove(&act.key);
            continue;
        }
        let Ok(document) = serde_json::from_value(body.document) else {
            tracing::warn!(kind, key = %act.key, sequence = sequence.0, "an entry cannot be read");
            continue;
        };
        let entry = Entry { document, who: act.who, at, sequence: sequence.0, versions: *count };
        all.insert(act.key, entry);
    }
    Ok(all)
}

/// Draws of a plan, as they were opened.
///
/// # Errors
/// `internal` when the store cannot read.
pub fn draws(app: &AppState, known: Known) -> Answer<BTreeMap<String, Vec<(Timestamp, Opened)>>> {
    let mut all: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for row in app.reader.acts(DRAW, known).map_err(unreadable)? {
        if let Some(opened) = read::<Opened>(&row.act) {
            all.entry(row.act.key).or_default().push((row.at, opened));
        }
    }
    Ok(all)
}

/// A step with who told it, and when it came.
pub type Told = (String, Timestamp, Step);
/// Steps by sample.
pub type Samples = BTreeMap<String, Vec<Told>>;
/// Plans by key, with why they were withdrawn.
pub type SamplingPlans = BTreeMap<String, (Entry<SamplingPlan>, Option<String>)>;

/// Steps of each sample in the order in which they were told, with who told them.
///
/// # Errors
/// `internal` when the store cannot read.
pub fn samples(app: &AppState, known: Known) -> Answer<Samples> {
    let mut all: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for row in app.reader.acts(SAMPLE, known).map_err(unreadable)? {
        if let Some(step) = read::<Step>(&row.act) {
            all.entry(row.act.key).or_default().push((row.act.who, row.at, step));
        }
    }
    Ok(all)
}

/// Steps of one sample in the order in which they were told; none of one that nobody knows.
///
/// # Errors
/// `internal` when the store cannot read.
pub fn steps_of(app: &AppState, sample: &str, known: Known) -> Answer<Vec<Told>> {
    let rows = app.reader.acts_on(SAMPLE, sample, known).map_err(unreadable)?;
    let told = |row: ActRow| read::<Step>(&row.act).map(|step| (row.act.who, row.at, step));
    Ok(rows.into_iter().filter_map(told).collect())
}

/// Plans with why they were withdrawn, if they were: a commitment that was published stays readable.
///
/// # Errors
/// `internal` when the store cannot read.
pub fn sampling_plans(app: &AppState, known: Known) -> Answer<SamplingPlans> {
    let mut all = SamplingPlans::new();
    for ActRow { sequence, at, act } in app.reader.acts(SAMPLING_PLAN, known).map_err(unreadable)? {
        let Some(body) = read::<EntryBody>(&act) else { continue };
        if body.withdrawn {
            if let Some((_, withdrawn)) = all.get_mut(&act.key) {
                *withdrawn = Some(body.why);
            }
        } else if let Ok(document) = serde_json::from_value(body.document) {
            let entry = Entry { document, who: act.who, at, sequence: sequence.0, versions: 1 };
            all.insert(act.key, (entry, None));
        }
    }
    Ok(all)
}

/// Reads the document of an act; what cannot be read is left out and named in the log, never changed.
fn read<T: DeserializeOwned>(act: &Act) -> Option<T> {
    let read = serde_json::from_str(&act.document);
    if let Err(error) = &read {
        tracing::warn!(kind = %act.kind, key = %act.key, error = %error, "an act cannot be read");
    }
    read.ok()
}

/// Keeps a version of an entry, if nobody was faster.
///
/// # Errors
/// `bad_parameter` for the key, `too_large`, `changed_meanwhile`, or what the engine says.
pub async fn keep(
    app: &AppState,
    (kind, key): (&'static str, String),
    who: String,
    body: EntryBody,
) -> Answer<u64> {
    check_key(&key)?;
    let seen = body.seen;
    let document = serde_json::to_string(&EntryBody { seen: None, ..body })
        .map_err(|error| ApiError::internal("write an entry", &error))?;
    if document.len() > DOCUMENT_MAX {
        let (have, most) = (document.len(), DOCUMENT_MAX);
        return Err(ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            Words::new(
                format!("条目 {have} 字节，至多 {most} 字节"),
                format!("the entry has {have} bytes; {most} are the most"),
            ),
        )
        .with_hint(
            "请把附件放在别处，只写其编号",
            "keep attachments elsewhere and name them here",
        ));
    }
    let kept = app.door.ask(move |engine, now| {
        if let Some(seen) = seen {
            let last = engine.reader().acts_on(kind, &key, Known::Now)?;
            let last = last.last().map_or(0, |row| row.sequence.0);
            if last != seen {
                return Ok(Err(last));
            }
        }
        let act = Act { kind: kind.to_owned(), key, who, document };
        engine.act(now, vec![act]).map(|kept| Ok(kept.first().map_or(0, |kept| kept.0)))
    });
    let kept = kept.await.map_err(|gone| ApiError::internal("keep an entry", &gone))?;
    let kept: Result<Result<u64, u64>, engine::Error> = kept;
    kept.map_err(|error| ApiError::internal("keep an entry", &error))?.map_err(|last| {
        let words = Words::new(
            format!("其间有人改过（序号 {last}）"),
            format!("somebody has changed it meanwhile (sequence {last})"),
        );
        ApiError::new(StatusCode::CONFLICT, "changed_meanwhile", words)
            .with_hint("请重新载入后再改", "load it again, then change it")
    })
}

/// A key that people choose: short, and harmless in an address.
///
/// # Errors
/// `bad_parameter`.
pub fn check_key(key: &str) -> Answer<()> {
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if !key.is_empty() && key.len() <= KEY_MAX && key.bytes().all(is_good) {
        return Ok(());
    }
    let accepted = Words::new(
        format!("请用字母、数字、- _ .，至多 {KEY_MAX} 个"),
        format!("use letters, digits and - _ . only, {KEY_MAX} at most"),
    );
    Err(ApiError::bad_parameter("key", key, accepted))
}

/// Reads what an entry has to be, before it is kept.
///
/// # Errors
/// `bad_entry`, with what is wrong in it.
pub fn checked<T: DeserializeOwned>(body: &EntryBody) -> Answer<Option<T>> {
    if body.why.trim().is_empty() {
        let words = Words::new("须写明理由", "an entry needs a reason");
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "no_reason", words).with_hint(
            "填写 why：新增、更正的缘由或文件号",
            "fill in why: what for, or the document",
        ));
    }
    if body.withdrawn {
        return Ok(None);
    }
    serde_json::from_value(body.document.clone()).map(Some).map_err(|error| {
        let cause = error.to_string();
        bad_entry(&Text::same(cause))
    })
}

/// An entry that says something that cannot be.
pub fn bad_entry(what: &Text) -> ApiError {
    let (zh, en) = (shortened(&what.zh), shortened(&what.en));
    let words =
        Words::new(format!("条目无法接受：{zh}"), format!("the entry cannot be taken: {en}"));
    ApiError::new(StatusCode::BAD_REQUEST, "bad_entry", words)
        .with_hint("字段见 docs/guides/rivers.md", "docs/guides/rivers.md has its fields")
}

/// A line that is a river or a reach.
///
/// # Errors
/// `unknown_line`.
pub fn water_line<'a>(registry: &'a Registry, key: &str) -> Answer<&'a Line> {
    let line = registry.lines.iter().find(|line| line.key == key && line.kind != LineKind::Road);
    line.ok_or_else(|| {
        ApiError::unknown("unknown_line", "河流", "river", key)
            .with_hint("河流见 /api/v1/rivers", "/api/v1/rivers lists them")
    })
}

/// The newest sequence, for those who ask as of now.
pub fn words(text: &Text) -> Words {
    Words::new(&text.zh, &text.en)
}

/// The civil day of the district at a moment.
///
/// # Errors
/// `internal` when the clock shows a time outside the calendar.
pub fn day_of(app: &AppState, at: Timestamp) -> Answer<Date> {
    app.district.zone.date(at).map_err(|error| ApiError::internal("tell the civil day", &error))
}

/// The versions of an entry.
pub fn versions(
    app: &AppState,
    kind: &str,
    key: &str,
) -> Answer<Vec<(Sequence, Timestamp, String, EntryBody)>> {
    let rows = app.reader.acts_on(kind, key, Known::Now).map_err(unreadable)?;
    let read = |row: ActRow| Some((row.sequence, row.at, row.act.who.clone(), read(&row.act)?));
    Ok(rows.into_iter().filter_map(read).collect())
}
