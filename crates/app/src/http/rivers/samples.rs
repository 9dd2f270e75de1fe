//! Samples: each step of their way, and where the chain of custody breaks.

use super::super::error::{Answer, ApiError, Problem};
use super::super::known::Moment;
use super::super::rights::Asking;
use super::super::session::read_json;
use super::super::state::AppState;
use super::super::time::Instant;
use super::book::{SAMPLE, Told, bad_entry, check_key, samples, steps_of, words};
use super::{RiversQuery, results};
use crate::words::Words;
use account::Text;
use account::custody::{Chain, Step, What};
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::http::HeaderMap;
use model::{Act, PlaceKind, Right, Scope, Subject, Timestamp};
use serde::Serialize;
use serde_json::Value;
use std::cmp::Reverse;
use store::Known;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// A step may lie so far ahead of our clock, by that of a phone.
const AHEAD_MS: i64 = 10 * 60_000;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(add_step))
}

/// A sample and its way.
#[derive(Serialize, ToSchema)]
pub struct SampleAnswer {
    sample: String,
    site: String,
    /// The plan that asked for it; empty: none did.
    plan: String,
    taken: Option<Instant>,
    holder: String,
    steps: Vec<StepAnswer>,
    /// Where its chain breaks, in words.
    breaks: Vec<Words>,
    results: Vec<ResultAnswer>,
    /// The class by its results; below a detection limit counts as half of it.
    class: Option<&'static str>,
    /// How many items decided.
    judged: usize,
}

/// A step as it was told.
#[derive(Serialize, ToSchema)]
pub struct StepAnswer {
    at: Instant,
    /// Who told it, and when the server had it.
    who: String,
    came: Instant,
    /// `taken`, `handed_over`, `received` or `analysed` with its fields.
    #[schema(value_type = Object)]
    what: Value,
    proof: String,
}

/// A result of a laboratory.
#[derive(Serialize, ToSchema)]
pub struct ResultAnswer {
    item: String,
    name: Words,
    /// As it was written.
    value: String,
    unit: String,
    method: String,
    below: bool,
}

/// Samples, the newest first.
#[derive(Serialize, ToSchema)]
pub struct SampleList {
    samples: Vec<SampleAnswer>,
}

/// Samples with each step of their way and where the chain breaks: those of the areas that the right to see cases reaches.
#[utoipa::path(
    get, operation_id = "samples", path = "/samples", tag = "rivers", params(RiversQuery),
    responses((status = 200, body = SampleList), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem))
)]
async fn list(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    query: Result<Query<RiversQuery>, QueryRejection>,
) -> Answer<Json<SampleList>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let mut all = vec![];
        for (sample, steps) in samples(app, moment.known)? {
            let own = answer(app, sample, &steps)?;
            if reaches(app, &asking, Right::Cases, &own.site) {
                all.push(own);
            }
        }
        all.sort_by_key(|sample| Reverse(sample.taken));
        Ok(Json(SampleList { samples: all }))
    })
    .await
}

fn answer(app: &AppState, sample: String, steps: &[Told]) -> Answer<SampleAnswer> {
    let own: Vec<Step> = steps.iter().map(|(_, _, step)| step.clone()).collect();
    let chain = Chain::follow(&own);
    let (class, judged) = results::class_of(app, &chain.results)?;
    let told = steps.iter().map(|(who, came, step)| StepAnswer {
        at: instant(step.at),
        who: who.clone(),
        came: Instant(*came),
        what: serde_json::to_value(&step.what).unwrap_or_default(),
        proof: step.proof.clone(),
    });
    Ok(SampleAnswer {
        sample,
        steps: told.collect(),
        breaks: chain.breaks.iter().map(|one| words(&one.words())).collect(),
        results: chain.results.iter().map(|one| ResultAnswer::of(app, one)).collect(),
        site: chain.site,
        plan: chain.plan,
        taken: chain.taken.map(instant),
        holder: chain.holder,
        class,
        judged,
    })
}

impl ResultAnswer {
    fn of(app: &AppState, own: &account::custody::Analysis) -> Self {
        let item = results::item(app, &own.item);
        Self {
            item: own.item.clone(),
            name: item.map_or_else(
                || Words::new(&own.item, &own.item),
                |i| Words::new(&*i.name_zh, &*i.name_en),
            ),
            unit: item.map(|item| item.unit.to_string()).unwrap_or_default(),
            value: own.value.clone(),
            method: own.method.clone(),
            below: results::is_below(&own.value),
        }
    }
}

fn instant(at: jiff::Timestamp) -> Instant {
    Instant(Timestamp::from_ms(at.as_millisecond()))
}

/// Whether a right reaches the samples of a site: by its area and the subject of water. Samples belong to no unit, so a grant for
/// one reaches those that all units take; while no step has named the site, nobody is kept from telling one.
fn reaches(app: &AppState, asking: &Asking, right: Right, site: &str) -> bool {
    if site.is_empty() {
        return asking.has(right);
    }
    let view = app.reader.view();
    let registry = view.registry();
    let place = registry.place_id(site).and_then(|id| registry.place(id));
    let area = place.map(|place| place.area.clone()).filter(|area| !area.is_empty());
    let mut units = asking.held().map(|grant| grant.scope.unit.clone());
    units.any(|unit| {
        let sample = Scope { unit, area: area.clone(), subject: Some(Subject::Water) };
        asking.is_allowed(right, &sample)
    })
}

/// Tells a step of a sample's way. A break is named, nothing is refused for it; the same step told twice is kept once.
#[utoipa::path(
    post, operation_id = "add_sample_step", path = "/samples/{sample}/steps", tag = "rivers", request_body = Object,
    params(("sample" = String, Path, description = "The number of the sample")),
    responses((status = 200, body = SampleAnswer), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem))
)]
async fn add_step(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(sample): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<SampleAnswer>> {
    let step: Value = read_json(&headers, &body)?;
    let step: Step =
        serde_json::from_value(step).map_err(|error| bad_entry(&Text::same(error.to_string())))?;
    check_key(&sample)?;
    check(&app, &step)?;
    let site = match &step.what {
        What::Taken { site, .. } => vec![site.clone()],
        _ => vec![],
    };
    within_reach(&app, &asking, &sample, site).await?;
    let who = asking.name().to_owned();
    keep(&app, who, vec![(sample.clone(), step)]).await?;
    app.ask(move |app| {
        let steps = steps_of(app, &sample, Known::Now)?;
        answer(app, sample, &steps).map(Json)
    })
    .await
}

/// That the right to handle reaches each site that a sample is said to come from, by its steps and the one that is told.
async fn within_reach(
    app: &AppState,
    asking: &Asking,
    sample: &str,
    mut sites: Vec<String>,
) -> Answer<()> {
    let (sample, asking) = (sample.to_owned(), asking.clone());
    app.ask(move |app| {
        let known = steps_of(app, &sample, Known::Now)?.into_iter().map(|(_, _, step)| step);
        sites.push(Chain::follow(&known.collect::<Vec<_>>()).site);
        if sites.iter().all(|site| reaches(app, &asking, Right::Handle, site)) {
            return Ok(());
        }
        Err(asking.not_allowed(Right::Handle))
    })
    .await
}

fn check(app: &AppState, step: &Step) -> Answer<()> {
    if step.at.as_millisecond() > app.now().as_ms() + AHEAD_MS {
        let at = step.at;
        let what = Text::new(format!("{at} 晚于现在"), format!("{at} lies in the future"));
        return Err(bad_entry(&what));
    }
    match &step.what {
        What::Taken { site, bottles, .. } => {
            let view = app.reader.view();
            let registry = view.registry();
            let place = registry.place_id(site).and_then(|id| registry.place(id));
            if !place.is_some_and(|place| place.kind == PlaceKind::WaterSite) {
                let (zh, en) =
                    (format!("没有水质断面 {site}"), format!("there is no water site {site}"));
                return Err(bad_entry(&Text::new(zh, en)));
            }
            if bottles.is_empty() {
                return Err(bad_entry(&Text::new("须有样瓶", "there has to be a bottle")));
            }
            Ok(())
        }
        What::Analysed { results, .. } => results
            .iter()
            .try_for_each(|one| results::check(app, one).map_err(|what| bad_entry(&what))),
        What::HandedOver { .. } | What::Received { .. } => Ok(()),
    }
}

/// Keeps steps in one turn; those that are there already are not kept again.
///
/// # Errors
/// `internal` when they cannot be kept.
pub async fn keep(app: &AppState, who: String, steps: Vec<(String, Step)>) -> Answer<usize> {
    let mut acts = vec![];
    for (sample, step) in steps {
        let document =
            serde_json::to_string(&step).map_err(|e| ApiError::internal("write a step", &e))?;
        acts.push(Act { kind: SAMPLE.to_owned(), key: sample, who: who.clone(), document });
    }
    let kept = app.door.ask(move |engine, now| {
        let mut fresh = vec![];
        for act in acts {
            let known = engine.reader().acts_on(SAMPLE, &act.key, Known::Now)?;
            if known.iter().all(|row| row.act.document != act.document) {
                fresh.push(act);
            }
        }
        let count = fresh.len();
        if count > 0 {
            engine.act(now, fresh)?;
        }
        Ok::<usize, engine::Error>(count)
    });
    let kept = kept.await.map_err(|gone| ApiError::internal("keep a step", &gone))?;
    kept.map_err(|error| ApiError::internal("keep a step", &error))
}
