//! Where each input of a scheme comes from: what the body says, what the scheme states, what its only name tells.

use super::super::answer::words;
use super::score::Score;
use super::{By, sections};
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
    /// As of `/assess/rank`; of a section an item of water, `cod`; or `score`: what the scheme in `score` comes to.
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

/// What a question says of the inputs of one scheme.
pub struct Given<'a> {
    pub inputs: &'a [InputBody],
    /// Of its only input.
    pub item: Option<&'a str>,
    pub reference: Option<&'a str>,
    /// Where it stands in the question, before `inputs`: nothing, or `score.`.
    pub at: &'static str,
}

/// What is said or stated of an input, not yet checked.
pub struct Stated {
    pub source: Source,
    /// The parameter that names its item.
    parameter: String,
    /// Where it stands in the question: nothing, or `score.`.
    at: &'static str,
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
    /// Of a section: of so many per cent of the days there had to be a mean; null in the air and of a score.
    days_percent_min: Option<u8>,
}

/// A source that was checked.
pub struct Way {
    pub source: Source,
    pub reference: Reference,
    /// Its item in the air; none in the water and of a score.
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
        let is_section = way.air.is_none() && !way.source.is_score();
        Self {
            name: way.source.name.clone(),
            item: way.source.item.clone(),
            item_name: way.name.clone(),
            unit: way.unit.clone(),
            takes: way.source.takes.key(),
            takes_name: words(&way.source.takes.words()),
            reference: way.is_compared().then(|| reference.to_owned()),
            days_percent_min: is_section.then(|| way.source.days_percent_min()),
        }
    }
}

/// The source of each input of a scheme, in the order of its inputs.
///
/// # Errors
/// `unknown_input`, `two_sources`, `missing_input`, `too_many_inputs`, or a way of taking that there is not.
pub(super) fn stated(scheme: &Scheme, given: &Given, by: By) -> Answer<Vec<Stated>> {
    let names = scheme.takes();
    if names.len().max(given.inputs.len()) > INPUTS_MAX {
        let count = names.len().max(given.inputs.len());
        return Err(refused(
            "too_many_inputs",
            format!("{count} 个输入，至多 {INPUTS_MAX} 个"),
            format!("there are {count} inputs; {INPUTS_MAX} are the most"),
        ));
    }
    let takes = names.join(", ");
    for (at, own) in given.inputs.iter().enumerate() {
        let name = shortened(&own.name);
        if !names.contains(&own.name) {
            let (zh, en) = (format!("没有输入 {name}"), format!("there is no input {name}"));
            return Err(refused("unknown_input", zh, en).with_hint(
                format!("办法 {} 的输入：{takes}", scheme.key),
                format!("the scheme {} takes {takes}", scheme.key),
            ));
        }
        if given.inputs[..at].iter().any(|other| other.name == own.name) {
            return Err(two(
                format!("输入 {name} 有两个来源"),
                format!("the input {name} has two sources"),
            ));
        }
    }
    let has_item = given.item.is_some() || given.reference.is_some();
    if has_item && (!given.inputs.is_empty() || names.len() != 1) {
        return Err(two(
            "item 与 reference 只用于只有一个输入、且未写 inputs 的办法".to_owned(),
            "item and reference are of a scheme with one input, where there are no inputs"
                .to_owned(),
        ));
    }
    names.iter().map(|name| state(scheme, given, by, name)).collect()
}

fn state(scheme: &Scheme, given: &Given, by: By, name: &str) -> Answer<Stated> {
    let stated = scheme.input.iter().find(|source| source.name == name);
    if let Some(own) = given.inputs.iter().find(|own| own.name == name) {
        return said(own, stated, given.at, by);
    }
    let plain = if by == By::Section { "cod" } else { "composite" };
    let Some(takes) = stated.map(|source| source.takes).or_else(|| scheme.takes_by_name()) else {
        let example = format!(
            "{}inputs: [{{\"name\": \"{name}\", \"item\": \"{plain}\", \"takes\": \"value\"}}, …]",
            given.at
        );
        return Err(refused(
            "missing_input",
            format!("办法 {} 的输入 {name} 没有来源", scheme.key),
            format!("nothing says where the input {name} of {} comes from", scheme.key),
        )
        .with_hint(format!("写明来源，例如 {example}"), format!("say it, as in {example}")));
    };
    let reference = given.reference.filter(|_| takes.is_compared()).map(str::to_owned);
    let source = Source {
        name: name.to_owned(),
        item: given
            .item
            .or_else(|| stated.map(|source| source.item.as_str()))
            .unwrap_or(plain)
            .to_owned(),
        of: stated.and_then(|source| source.of.clone()),
        takes,
        reference: reference.or_else(|| stated.and_then(|source| source.reference.clone())),
        days_percent_min: stated.and_then(|source| source.days_percent_min),
    };
    Ok(Stated { source: of_score(source), parameter: "item".to_owned(), at: given.at })
}

/// What the question says of an input.
fn said(own: &InputBody, stated: Option<&Source>, at: &'static str, by: By) -> Answer<Stated> {
    let name = &own.name;
    let parameter = |field: &str| format!("{at}inputs.{name}.{field}");
    let takes = Takes::named(&own.takes).ok_or_else(|| {
        let all: Vec<&str> = Takes::ALL.iter().map(|takes| takes.key()).collect();
        let all = all.join(", ");
        ApiError::bad_parameter(&parameter("takes"), &own.takes, Words::new(all.clone(), all))
    })?;
    if let Some(share) = own.days_percent_min.filter(|_| by != By::Section) {
        let accepted = Words::new(
            "只用于水质断面（by: section）；在空气中有效日由标准规定",
            "only of water sites (by: section); in the air the standard says which days are valid",
        );
        let (parameter, share) = (parameter("days_percent_min"), share.to_string());
        return Err(ApiError::bad_parameter(&parameter, &share, accepted));
    }
    let source = Source {
        name: name.clone(),
        item: own.item.clone(),
        of: stated.and_then(|source| source.of.clone()),
        takes,
        reference: own.reference.clone(),
        days_percent_min: own.days_percent_min,
    };
    Ok(Stated { source: of_score(source), parameter: parameter("item"), at })
}

/// Without the scheme of a score where the question takes another item than the document states.
fn of_score(source: Source) -> Source {
    let of = source.of.clone().filter(|_| source.is_score());
    Source { of, ..source }
}

/// Sources whose item and reference there are.
///
/// # Errors
/// `bad_input`, or an item that there is not.
pub(super) fn checked(
    app: &AppState,
    by: By,
    stated: Vec<Stated>,
    score: Option<&Score>,
) -> Answer<Vec<Way>> {
    stated.into_iter().map(|own| check(app, by, own, score)).collect()
}

fn check(app: &AppState, by: By, stated: Stated, score: Option<&Score>) -> Answer<Way> {
    let Stated { source, parameter, at } = stated;
    let flaw = |text: &Text| {
        let name = shortened(&source.name);
        let (zh, en) = (&text.zh, &text.en);
        refused(
            "bad_input",
            format!("输入 {at}{name}：{zh}"),
            format!("the input {at}{name}: {en}"),
        )
    };
    let reference = source.reference().map_err(|text| flaw(&text))?;
    if let Some(score) = score.filter(|_| source.is_score()) {
        let (name, unit) = (words(&score.scheme().name), score.scheme().unit.clone());
        return Ok(Way { reference, air: None, name, unit, source });
    }
    if by == By::Section {
        let item = sections::item(app, &parameter, &source)?;
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
    let item = rank::item(&parameter, &source.item)?;
    let name = item.name();
    let name = Words::new(&name.zh, &name.en);
    Ok(Way { reference, air: Some(item), name, unit: item.unit().to_owned(), source })
}

fn two(zh: String, en: String) -> ApiError {
    refused("two_sources", zh, en)
        .with_hint("每个输入只写一个来源", "write one source for each input")
}

/// A question that is not answered.
pub fn refused(code: &'static str, zh: String, en: String) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, code, Words::new(zh, en))
}
