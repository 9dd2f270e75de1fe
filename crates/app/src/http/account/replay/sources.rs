//! Where each input of a scheme comes from: what the body says, what the scheme states, what its only name tells.

use super::super::answer::words;
use super::{By, ReplayBody, sections};
use crate::http::assess::rank;
use crate::http::error::{Answer, ApiError, shortened};
use crate::http::state::AppState;
use crate::words::Words;
use account::Text;
use account::scheme::{Reference, Scheme, Source, Takes};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use standards::air::comparison::Item;
use utoipa::ToSchema;

/// Inputs of one scheme.
const INPUTS_MAX: usize = 32;

/// Where an input comes from.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ReplayInput)]
pub struct InputBody {
    /// Which input of the scheme.
    name: String,
    /// As of `/assess/rank`; of a section an item of water, `cod`.
    item: String,
    /// `value`, `excess`, `percent`, `multiple`, `place`, `place_from_end`, `change`; of a section also `load` and
    /// `load_excess`, in tonnes.
    takes: String,
    /// Of `excess`, `percent` and `multiple`: `mean` of all that have a value, or a decimal, the target; `mean` without
    /// it. Of `load_excess` the target concentration.
    reference: Option<String>,
    /// Of a section: of so many per cent of the days there has to be a mean; 75 without it.
    days_percent_min: Option<u8>,
}

/// Where an input came from.
#[derive(Serialize, ToSchema)]
pub struct ReplayedSource {
    name: String,
    item: String,
    item_name: Words,
    unit: String,
    /// As it is written in the question.
    takes: &'static str,
    /// What that is.
    takes_name: Words,
    /// `mean`, or the target; null where nothing is compared.
    reference: Option<String>,
}

/// A source that was checked.
pub struct Way {
    pub source: Source,
    pub reference: Reference,
    /// Its item in the air.
    pub air: Option<Item>,
    name: Words,
    unit: String,
}

impl Way {
    /// Whether values are compared with something.
    pub fn is_compared(&self) -> bool {
        self.source.takes.is_compared()
    }
}

impl ReplayedSource {
    pub fn of(way: &Way) -> Self {
        let reference = way.source.reference.as_deref().unwrap_or("mean");
        Self {
            name: way.source.name.clone(),
            item: way.source.item.clone(),
            item_name: way.name.clone(),
            unit: way.unit.clone(),
            takes: way.source.takes.key(),
            takes_name: words(&way.source.takes.words()),
            reference: way.is_compared().then(|| reference.to_owned()),
        }
    }
}

/// The source of each input of a scheme, in the order of its inputs.
///
/// # Errors
/// `unknown_input`, `two_sources`, `missing_input`, `too_many_inputs`, or what is wrong with a source.
pub(super) fn ways(app: &AppState, scheme: &Scheme, body: &ReplayBody, by: By) -> Answer<Vec<Way>> {
    let names = scheme.takes();
    if names.len().max(body.inputs.len()) > INPUTS_MAX {
        let count = names.len().max(body.inputs.len());
        return Err(refused(
            "too_many_inputs",
            format!("{count} 个输入，至多 {INPUTS_MAX} 个"),
            format!("there are {count} inputs; {INPUTS_MAX} are the most"),
        ));
    }
    let takes = names.join(", ");
    for (at, given) in body.inputs.iter().enumerate() {
        let name = shortened(&given.name);
        if !names.contains(&given.name) {
            let (zh, en) = (format!("没有输入 {name}"), format!("there is no input {name}"));
            return Err(refused("unknown_input", zh, en).with_hint(
                format!("办法 {} 的输入：{takes}", scheme.key),
                format!("the scheme {} takes {takes}", scheme.key),
            ));
        }
        if body.inputs[..at].iter().any(|other| other.name == given.name) {
            return Err(two(
                format!("输入 {name} 有两个来源"),
                format!("the input {name} has two sources"),
            ));
        }
    }
    let has_item = body.item.is_some() || body.reference.is_some();
    if has_item && (!body.inputs.is_empty() || names.len() != 1) {
        return Err(two(
            "item 与 reference 只用于只有一个输入、且未写 inputs 的办法".to_owned(),
            "item and reference are of a scheme with one input, where there are no inputs"
                .to_owned(),
        ));
    }
    names.iter().map(|name| way(app, scheme, body, by, name)).collect()
}

fn way(app: &AppState, scheme: &Scheme, body: &ReplayBody, by: By, name: &str) -> Answer<Way> {
    if let Some(given) = body.inputs.iter().find(|given| given.name == name) {
        let takes = Takes::named(&given.takes).ok_or_else(|| {
            let all: Vec<&str> = Takes::ALL.iter().map(|takes| takes.key()).collect();
            let all = all.join(", ");
            let parameter = format!("inputs.{name}.takes");
            ApiError::bad_parameter(&parameter, &given.takes, Words::new(all.clone(), all))
        })?;
        let source = Source {
            name: name.to_owned(),
            item: given.item.clone(),
            takes,
            reference: given.reference.clone(),
            days_percent_min: given.days_percent_min,
        };
        return checked(app, by, source, &format!("inputs.{name}.item"));
    }
    let stated = scheme.input.iter().find(|source| source.name == name);
    let Some(takes) = stated.map(|source| source.takes).or_else(|| scheme.takes_by_name()) else {
        let example = format!(
            "inputs: [{{\"name\": \"{name}\", \"item\": \"PM2.5\", \"takes\": \"value\"}}, …]"
        );
        return Err(refused(
            "missing_input",
            format!("办法 {} 的输入 {name} 没有来源", scheme.key),
            format!("nothing says where the input {name} of {} comes from", scheme.key),
        )
        .with_hint(format!("写明来源，例如 {example}"), format!("say it, as in {example}")));
    };
    let plain = if by == By::Section { "cod" } else { "composite" };
    let given = body.reference.clone().filter(|_| takes.is_compared());
    let source = Source {
        name: name.to_owned(),
        item: body
            .item
            .clone()
            .or_else(|| stated.map(|source| source.item.clone()))
            .unwrap_or_else(|| plain.to_owned()),
        takes,
        reference: given.or_else(|| stated.and_then(|source| source.reference.clone())),
        days_percent_min: stated.and_then(|source| source.days_percent_min),
    };
    checked(app, by, source, "item")
}

/// A source whose item and reference there are.
fn checked(app: &AppState, by: By, source: Source, parameter: &str) -> Answer<Way> {
    let flaw = |text: &Text| {
        let name = shortened(&source.name);
        let (zh, en) = (&text.zh, &text.en);
        refused("bad_input", format!("输入 {name}：{zh}"), format!("the input {name}: {en}"))
    };
    let reference = source.reference().map_err(|text| flaw(&text))?;
    if by == By::Section {
        let item = sections::item(app, parameter, &source)?;
        let name = Words::new(&*item.name_zh, &*item.name_en);
        let unit = item.unit.to_string();
        return Ok(Way { reference, air: None, name, unit, source });
    }
    if source.takes.is_load() {
        return Err(flaw(&Text::new(
            "通量只有水质断面有（by: section）",
            "only water sites have a load (by: section)",
        )));
    }
    let item = rank::item(parameter, &source.item)?;
    let name = item.name();
    let name = Words::new(&name.zh, &name.en);
    Ok(Way { reference, air: Some(item), name, unit: item.unit().to_owned(), source })
}

fn two(zh: String, en: String) -> ApiError {
    refused("two_sources", zh, en)
        .with_hint("每个输入只写一个来源", "write one source for each input")
}

fn refused(code: &'static str, zh: String, en: String) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, code, Words::new(zh, en))
}
