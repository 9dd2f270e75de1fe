//! Sampling plans: commitments are published when a plan is made, seeds stay sealed until their day, and everybody can check
//! a draw afterwards.

use super::super::error::{Answer, ApiError, Problem};
use super::super::known::Moment;
use super::super::rights::Asking;
use super::super::session::read_json;
use super::super::state::AppState;
use super::super::time::Instant;
use super::RiversQuery;
use super::book::{
    DRAW, Entered, EntryBody, SAMPLING_PLAN, bad_entry, check_key, checked, day_of, draws, keep,
    samples, sampling_plans, words,
};
use crate::seed;
use crate::words::Words;
use account::Text;
use account::custody::{Chain, Step};
use account::sampling::{Closed, Opened, Round, SamplingPlan, Task};
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use jiff::civil::Date;
use model::{Act, PlaceKind, Timestamp};
use serde::{Deserialize, Serialize};
use store::Known;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(plans)).routes(routes!(put_plan)).routes(routes!(open))
}

/// All sampling plans, the newest first.
#[derive(Serialize, ToSchema)]
pub struct SamplingPlans {
    plans: Vec<PlanAnswer>,
}

/// A sampling plan.
#[derive(Serialize, ToSchema)]
#[schema(as = SamplingPlan)]
pub struct PlanAnswer {
    key: String,
    name: Words,
    source: String,
    entered: Entered,
    /// Why it was withdrawn; null: it stands. What was published of it stays readable.
    withdrawn: Option<String>,
    rounds: Vec<RoundAnswer>,
    /// Tasks that are known: those scheduled, and those of opened rounds.
    tasks: Vec<TaskAnswer>,
}

/// A round of random tasks.
#[derive(Serialize, ToSchema)]
pub struct RoundAnswer {
    number: u64,
    sites: Vec<String>,
    wanted: usize,
    #[schema(value_type = String)]
    opens: Date,
    #[schema(value_type = String)]
    until: Date,
    /// SHA-256 of its seed, published with the plan.
    commitment: String,
    /// `sealed`: its day has not come; `due`: it may be opened and nobody did; `opened`; `lost`: its seed is not there any more.
    state: RoundState,
    /// The seed; null while it is sealed.
    seed: Option<String>,
    /// The sites that were drawn, in the order of the draw.
    drawn: Vec<String>,
    opened: Option<Instant>,
    /// Whether the seed is the one that was committed to and the draw follows from it; null while it is sealed.
    verified: Option<bool>,
}

/// How a round stands.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoundState {
    /// Its day has not come.
    Sealed,
    /// It may be opened.
    Due,
    /// It was opened.
    Opened,
    /// Its seed is gone.
    Lost,
}

/// One thing to sample.
#[derive(Serialize, ToSchema)]
pub struct TaskAnswer {
    site: String,
    #[schema(value_type = String)]
    until: Date,
    /// The round that drew it; null: it was scheduled.
    round: Option<u64>,
    /// The sample that was taken for it.
    sample: Option<String>,
    taken: Option<Instant>,
    /// `done`, `late`, `due`, `missed`.
    state: &'static str,
}

/// Sampling plans with commitments, draws and their proof, and what became of each task.
#[utoipa::path(
    get, operation_id = "sampling_plans", path = "/sampling/plans", tag = "rivers", params(RiversQuery),
    responses((status = 200, body = SamplingPlans), (status = 400, body = Problem))
)]
async fn plans(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    query: Result<Query<RiversQuery>, QueryRejection>,
) -> Answer<Json<SamplingPlans>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let moment = Moment::read(app, query.as_of.as_deref())?;
        Ok(Json(SamplingPlans { plans: read(app, moment, asking.is_signed_in())? }))
    })
    .await
}

fn read(app: &AppState, moment: Moment, tells_who: bool) -> Answer<Vec<PlanAnswer>> {
    let today = day_of(app, moment.now)?;
    let (mut opened_then, opened_now) = (draws(app, moment.known)?, draws(app, Known::Now)?);
    let mut taken: Vec<(String, Chain)> = vec![];
    for (sample, steps) in samples(app, moment.known)? {
        let steps: Vec<Step> = steps.into_iter().map(|(_, _, step)| step).collect();
        taken.push((sample, Chain::follow(&steps)));
    }
    let mut all = vec![];
    for (key, (entry, withdrawn)) in sampling_plans(app, moment.known)? {
        let drawn = opened_then.remove(&key).unwrap_or_default();
        let later = opened_now.get(&key).map_or(&[][..], Vec::as_slice);
        let plan = &entry.document;
        let opened: Vec<Opened> = drawn.iter().map(|(_, opened)| opened.clone()).collect();
        let rounds = plan.rounds.iter().map(|own| {
            let found = drawn.iter().find(|(_, opened)| opened.number == own.number);
            let is_later = later.iter().any(|(_, opened)| opened.number == own.number);
            let has_seed = is_later || seed::is_sealed(&app.data_dir, &own.commitment);
            round(own, found, today, has_seed)
        });
        let rounds = rounds.collect();
        let mut free: Vec<&(String, Chain)> =
            taken.iter().filter(|(_, chain)| chain.plan == key).collect();
        let mut tasks = vec![];
        for own in plan.tasks(&opened) {
            tasks.push(task(app, &own, &mut free, today)?);
        }
        all.push(PlanAnswer {
            name: words(&plan.name),
            source: plan.source.clone(),
            entered: entry.entered(tells_who),
            key,
            withdrawn,
            rounds,
            tasks,
        });
    }
    all.sort_by_key(|plan| std::cmp::Reverse(plan.entered.sequence));
    Ok(all)
}

/// A round as it stood on a day. `has_seed`: whether its seed is kept still, or was published later.
fn round(
    own: &Round,
    found: Option<&(Timestamp, Opened)>,
    today: Date,
    has_seed: bool,
) -> RoundAnswer {
    let state = match found {
        Some(_) => RoundState::Opened,
        None if !has_seed => RoundState::Lost,
        None if today < own.opens => RoundState::Sealed,
        None => RoundState::Due,
    };
    RoundAnswer {
        number: own.number,
        sites: own.sites.clone(),
        wanted: own.wanted,
        opens: own.opens,
        until: own.until,
        commitment: own.commitment.clone(),
        state,
        seed: found.map(|(_, opened)| opened.seed.clone()),
        drawn: found.map(|(_, opened)| opened.sites.clone()).unwrap_or_default(),
        opened: found.map(|(at, _)| Instant(*at)),
        verified: found.map(|(_, opened)| own.verifies(opened)),
    }
}

/// The first sample of the site that was taken for the plan, not before its draw, and for no other task.
fn task(
    app: &AppState,
    own: &Task,
    free: &mut Vec<&(String, Chain)>,
    today: Date,
) -> Answer<TaskAnswer> {
    let mut found: Option<(usize, Timestamp, Date)> = None;
    for (at, (_, chain)) in free.iter().enumerate() {
        let Some(taken) = chain.taken.filter(|_| chain.site == own.site) else { continue };
        let taken = Timestamp::from_ms(taken.as_millisecond());
        let day = day_of(app, taken)?;
        if own.from.is_none_or(|from| day >= from)
            && found.is_none_or(|(_, first, _)| taken < first)
        {
            found = Some((at, taken, day));
        }
    }
    let state = match found {
        Some((_, _, day)) if day <= own.until => "done",
        Some(_) => "late",
        None if today <= own.until => "due",
        None => "missed",
    };
    let sample = found.map(|(at, ..)| free.remove(at).0.clone());
    Ok(TaskAnswer {
        site: own.site.clone(),
        until: own.until,
        round: own.round,
        sample,
        taken: found.map(|(_, taken, _)| Instant(taken)),
        state,
    })
}

/// What became of a plan.
#[derive(Serialize, ToSchema)]
pub struct PlanKept {
    key: String,
    sequence: u64,
    /// The commitment of each round, in their order.
    commitments: Vec<String>,
}

/// Makes a plan and seals a seed for each of its rounds, or withdraws one. A plan is made once: its commitments are public.
#[utoipa::path(
    put, operation_id = "put_sampling_plan", path = "/sampling/plans/{key}", tag = "rivers", request_body = EntryBody,
    params(("key" = String, Path, description = "Names the plan")),
    responses((status = 200, body = PlanKept), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem))
)]
async fn put_plan(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<PlanKept>> {
    let mut body: EntryBody = read_json(&headers, &body)?;
    check_key(&key)?;
    let plan: Option<SamplingPlan> = checked(&body)?;
    let who = asking.name().to_owned();
    let asked = key.clone();
    let is_there =
        app.ask(move |app| Ok(sampling_plans(app, Known::Now)?.contains_key(&asked))).await?;
    let Some(mut plan) = plan else {
        if !is_there {
            return Err(unknown_plan(&key));
        }
        let sequence = keep(&app, (SAMPLING_PLAN, key.clone()), who, body).await?;
        return Ok(Json(PlanKept { key, sequence, commitments: vec![] }));
    };
    if is_there {
        let words = Words::new(
            format!("计划 {key} 已经公布，不能再改"),
            format!("the plan {key} is published and cannot be changed"),
        );
        return Err(ApiError::new(StatusCode::CONFLICT, "plan_published", words)
            .with_hint("请撤回它，另立计划", "withdraw it and make another plan"));
    }
    check(&app, &plan)?;
    let data_dir = app.data_dir.clone();
    let (plan, commitments) = app
        .ask(move |_| {
            let mut commitments = vec![];
            for round in &mut plan.rounds {
                let sealed = seed::seal(&data_dir);
                round.commitment =
                    sealed.map_err(|error| ApiError::internal("seal a seed", &error))?;
                commitments.push(round.commitment.clone());
            }
            Ok((plan, commitments))
        })
        .await?;
    body.document =
        serde_json::to_value(&plan).map_err(|error| ApiError::internal("write a plan", &error))?;
    // Nobody else may have made it meanwhile: then there would be two commitments for one round.
    body.seen = Some(0);
    let kept = keep(&app, (SAMPLING_PLAN, key.clone()), who, body).await;
    if kept.is_err() {
        for commitment in &commitments {
            seed::forget(&app.data_dir, commitment);
        }
    }
    Ok(Json(PlanKept { key, sequence: kept?, commitments }))
}

fn check(app: &AppState, plan: &SamplingPlan) -> Answer<()> {
    plan.check().map_err(|error| bad_entry(&refused(&error)))?;
    let today = day_of(app, app.now())?;
    let view = app.reader.view();
    let registry = view.registry();
    let sites = plan.scheduled.iter().map(|own| &own.site);
    for site in sites.chain(plan.rounds.iter().flat_map(|round| &round.sites)) {
        let place = registry.place_id(site).and_then(|id| registry.place(id));
        if !place.is_some_and(|place| place.kind == PlaceKind::WaterSite) {
            let (zh, en) =
                (format!("没有水质断面 {site}"), format!("there is no water site {site}"));
            return Err(bad_entry(&Text::new(zh, en)));
        }
    }
    for round in &plan.rounds {
        if round.opens <= today {
            let number = round.number;
            let what = Text::new(
                format!("第 {number} 轮须在今天之后开启，否则无从保密"),
                format!(
                    "round {number} has to open after today, or there is nothing to keep sealed"
                ),
            );
            return Err(bad_entry(&what));
        }
    }
    Ok(())
}

fn refused(error: &Closed) -> Text {
    let zh = match error {
        Closed::TooEarly { number, opens } => format!("第 {number} 轮 {opens} 才能开启"),
        Closed::OtherSeed(number) => format!("第 {number} 轮的种子与承诺不符"),
        Closed::Draw(number, _) => format!("第 {number} 轮无法抽取：断面太少或重复"),
        Closed::Twice(number) => format!("第 {number} 轮出现两次"),
        Closed::Backwards(number) => format!("第 {number} 轮的截止日早于开启日"),
        Closed::Empty => "计划没有任何任务".to_owned(),
    };
    Text::new(zh, error.to_string())
}

fn unknown_plan(key: &str) -> ApiError {
    ApiError::unknown("unknown_plan", "采样计划", "sampling plan", key)
        .with_hint("计划见 /api/v1/sampling/plans", "/api/v1/sampling/plans lists them")
}

/// Which round is to be opened.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenBody {
    number: u64,
}

/// Opens a round: its seed is published, and with it the draw. Opened twice, it is the same.
#[utoipa::path(
    post, operation_id = "open_round", path = "/sampling/plans/{key}/draws", tag = "rivers", request_body = OpenBody,
    params(("key" = String, Path, description = "Key of the plan")),
    responses((status = 200, body = RoundAnswer), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem))
)]
async fn open(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Json<RoundAnswer>> {
    let OpenBody { number } = read_json(&headers, &body)?;
    let asked = key.clone();
    let (own, found) = app
        .ask(move |app| {
            let plans = sampling_plans(app, Known::Now)?;
            let (plan, _) = plans.get(&asked).ok_or_else(|| unknown_plan(&asked))?;
            let own = plan.document.rounds.iter().find(|round| round.number == number).cloned();
            let own = own.ok_or_else(|| {
                ApiError::unknown("unknown_round", "轮次", "round", &number.to_string())
            })?;
            let drawn = draws(app, Known::Now)?.remove(&asked).unwrap_or_default();
            Ok((own, drawn.into_iter().find(|(_, opened)| opened.number == number)))
        })
        .await?;
    let today = day_of(&app, app.now())?;
    if let Some(found) = found {
        return Ok(Json(round(&own, Some(&found), today, true)));
    }
    // Too early is said before anybody looks whether the seed is there.
    let early = Closed::TooEarly { number, opens: own.opens };
    if today < own.opens {
        return Err(closed("round_sealed", &early));
    }
    let Some(seed) = seed::unseal(&app.data_dir, &own.commitment) else {
        let words = Words::new(
            format!("第 {number} 轮的密封种子已不在数据目录中"),
            format!("the sealed seed of round {number} is not in the data directory any more"),
        );
        return Err(ApiError::new(StatusCode::CONFLICT, "seed_lost", words)
            .with_hint("请撤回该计划，另立计划", "withdraw the plan and make another"));
    };
    let opened = own.open(&seed, today).map_err(|error| closed("round_sealed", &error))?;
    let document = serde_json::to_string(&opened)
        .map_err(|error| ApiError::internal("write a draw", &error))?;
    let act = Act { kind: DRAW.to_owned(), key, who: asking.name().to_owned(), document };
    let kept = app.door.ask(move |engine, now| engine.act(now, vec![act]).map(|_| now)).await;
    let kept = kept.map_err(|gone| ApiError::internal("open a round", &gone))?;
    let at = kept.map_err(|error| ApiError::internal("open a round", &error))?;
    seed::forget(&app.data_dir, &own.commitment);
    Ok(Json(round(&own, Some(&(at, opened)), today, true)))
}

fn closed(code: &'static str, error: &Closed) -> ApiError {
    let text = refused(error);
    ApiError::new(StatusCode::CONFLICT, code, Words::new(text.zh, text.en))
}
