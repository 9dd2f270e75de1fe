//! One river or reach: file, policy, chiefs, reaches, patrols, lists, replenishment, samples.

use super::super::cases::judged_patrols;
use super::super::error::{Answer, Problem};
use super::super::known::Moment;
use super::super::rights::Asking;
use super::super::state::AppState;
use super::super::time::Instant;
use super::answer::{
    CurrentPeriod, PatrolShort, PlanRow, PolicyList, PolicyRow, Replenishment, RiverPage,
    SampleShort, StockAnswer, TermRow, Thing, WhyCount,
};
use super::book::{Rivers, samples, water_line, words};
use super::rows::{Desk, list_name, rows};
use super::{RiversQuery, results, water};
use crate::words::Words;
use account::chief::{Term, misfits};
use account::custody::{Chain, Step};
use account::river::RiverFile;
use account::waterbook::{Listed, WaterEntry, stocks};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use jiff::civil::Date;
use model::{Line, Registry, Timestamp};
use std::cmp::Reverse;

/// Replenishments of one answer: each reads two months of readings.
const REPLENISHMENTS_MAX: usize = 6;
/// Patrols and samples of one answer.
const NEWEST_MAX: usize = 20;

/// One river or reach with everything that is kept of it.
#[utoipa::path(
    get, operation_id = "river", path = "/rivers/{line}", tag = "rivers",
    params(("line" = String, Path, description = "Key of a river or reach"), RiversQuery),
    responses((status = 200, body = RiverPage), (status = 400, body = Problem), (status = 404, body = Problem))
)]
pub async fn river(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(key): Path<String>,
    query: Result<Query<RiversQuery>, QueryRejection>,
) -> Answer<Json<RiverPage>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let moment = Moment::read(app, query.as_of.as_deref())?;
        let line = water_line(app.reader.view().registry(), &key)?.clone();
        let read = Rivers::read(app, moment.known)?;
        let desk = Desk::read(app, read, moment.now, asking.is_signed_in())?;
        let mut all = rows(app, &desk, moment)?;
        all.retain(|row| row.is_of(&key));
        let at = all.iter().position(|row| row.is(&key)).unwrap_or_default();
        let river = all.remove(at);
        let file = desk.rivers.files.get(&key);
        let policy = file.map(|file| file.document.policy.clone()).unwrap_or_default();
        let terms: Vec<&Term> = desk.terms(&line).map(|(_, term)| term).collect();
        let misfits = misfits(&terms, desk.today).iter().map(|one| words(&one.words())).collect();
        // A copy: what follows looks at the registry itself, and two looks at once may wait for each other.
        let registry = &app.reader.view().registry().clone();
        Ok(Json(RiverPage {
            river,
            reaches: all,
            file: file.and_then(|file| serde_json::to_value(&file.document).ok()),
            entered: file.map(|file| file.entered(desk.tells_who)),
            policy_from: policy.from,
            policy_to: policy.to,
            flaws: policy.flaws().iter().map(|flaw| words(&flaw.words())).collect(),
            lists: file.map_or_else(Vec::new, |file| lists(&file.document, desk.today)),
            terms: term_rows(&desk, &line),
            misfits,
            patrol_plans: plans(&desk, registry, &line),
            patrols: patrols(app, registry, &line, moment.now),
            stocks: stock_answers(&desk.marks(Some(&line), registry), (Date::MIN, desk.today))?,
            replenishments: replenishments(
                app,
                &desk,
                Some(&line),
                (Date::MIN, Date::MAX),
                moment,
            )?,
            samples: own_samples(app, registry, &line, moment)?,
        }))
    })
    .await
}

fn lists(file: &RiverFile, today: Date) -> Vec<PolicyList> {
    let list =
        |(list, entries): (account::river::List, &[account::river::PolicyEntry])| PolicyList {
            list,
            name: words(&list.words()),
            entries: entries
                .iter()
                .map(|entry| PolicyRow {
                    key: entry.key.clone(),
                    text: words(&entry.text),
                    of: entry.of.clone(),
                    group: entry.group,
                    owner: words(&entry.owner),
                    due: entry.due,
                    indicator: entry.indicator.clone(),
                    progress: entry.progress.clone(),
                    done: entry.done,
                    proof: entry.proof.clone(),
                    light: entry.light(today),
                })
                .collect(),
        };
    file.policy.lists().into_iter().map(list).collect()
}

fn term_rows(desk: &Desk, line: &Line) -> Vec<TermRow> {
    let mut own: Vec<_> = desk.terms(line).collect();
    own.sort_by_key(|(_, term)| (term.level, Reverse(term.from)));
    let row = |(key, term): (&String, &Term)| {
        let entry = desk.rivers.chiefs.get(key)?;
        Some(TermRow {
            chief: desk.chief(key, term),
            level: term.level,
            unit: term.unit.clone(),
            from: term.from,
            to: term.to,
            holds: term.holds(desk.today),
            source: term.source.clone(),
            entered: entry.entered(desk.tells_who),
        })
    };
    own.into_iter().filter_map(row).collect()
}

fn plans(desk: &Desk, registry: &Registry, line: &Line) -> Vec<PlanRow> {
    let asked = desk.rivers.patrol_plans.iter();
    let asked = asked.filter(|(_, entry)| entry.document.asks_for(&line.key));
    asked
        .map(|(key, entry)| {
            let plan = &entry.document;
            let kept = desk.kept(registry, line, plan);
            let why = kept.why.values();
            PlanRow {
                key: key.clone(),
                level: plan.level.map(|level| words(&level.words())),
                count: plan.count,
                every: plan.every,
                source: plan.source.clone(),
                due: kept.due,
                done: kept.done,
                valid: kept.valid,
                periods: kept.periods,
                met: kept.met,
                why: why.map(|(why, count)| WhyCount { why: words(why), count: *count }).collect(),
                current: kept.current.map(|(until, wanted, valid)| CurrentPeriod {
                    until,
                    wanted,
                    valid,
                }),
            }
        })
        .collect()
}

fn is_on(registry: &Registry, line: &Line, key: &str) -> bool {
    key == line.key || registry.lines.iter().any(|own| own.key == key && own.within == line.key)
}

fn patrols(app: &AppState, registry: &Registry, line: &Line, now: Timestamp) -> Vec<PatrolShort> {
    let all = judged_patrols(app, now);
    let own = all.iter().rev().filter(|(_, _, patrol, _)| is_on(registry, line, &patrol.line));
    own.take(NEWEST_MAX)
        .map(|(_, _, patrol, walked)| PatrolShort {
            line: patrol.line.clone(),
            kind: patrol.kind.clone(),
            started: Instant(Timestamp::from_ms(patrol.started)),
            minutes: walked.minutes,
            metres: walked.metres,
            counts: walked.invalid.is_empty(),
            why: walked
                .invalid
                .iter()
                .map(|why| {
                    let t = why.words();
                    Words::new(t.zh, t.en)
                })
                .collect(),
        })
        .collect()
}

/// Stocks with their things, as they are told.
///
/// # Errors
/// `internal` when a stock does not add up, which counting cannot make.
pub fn stock_answers(marks: &[&Listed], span: (Date, Date)) -> Answer<Vec<StockAnswer>> {
    let tell = |own: account::waterbook::ListStock<'_>| {
        let left = own.stock.left();
        let left =
            left.map_err(|error| super::super::error::ApiError::internal("count a stock", &error))?;
        let things = own.things.iter().map(|thing| Thing {
            key: thing.last.thing.clone(),
            name: words(&thing.last.name),
            line: thing.last.line.clone(),
            class: thing.last.class.clone(),
            mark: thing.last.mark,
            day: thing.last.day,
            open: thing.is_open,
            reopened: thing.reopened,
            source: thing.last.source.clone(),
        });
        Ok(StockAnswer {
            list: own.list,
            name: list_name(own.list),
            before: own.stock.before,
            new: own.stock.new,
            reopened: own.stock.reopened,
            closed: own.stock.closed,
            left,
            controlled: own.stock.is_controlled(),
            things: things.collect(),
        })
    };
    stocks(marks, span).into_iter().map(tell).collect()
}

/// Replenishments of a line, or of all, that touch a span; the newest first.
///
/// # Errors
/// `internal` when readings cannot be read.
pub fn replenishments(
    app: &AppState,
    desk: &Desk,
    line: Option<&Line>,
    (first, last): (Date, Date),
    moment: Moment,
) -> Answer<Vec<Replenishment>> {
    let registry = app.reader.view().registry().clone();
    let mut own: Vec<Replenishment> = vec![];
    for (key, entry) in &desk.rivers.entries {
        let WaterEntry::Replenished {
            line: of,
            from,
            to,
            planned_m3,
            actual_m3,
            origin,
            device,
            trigger,
            approver,
            source,
        } = &entry.document
        else {
            continue;
        };
        if *to < first || *from > last || !line.is_none_or(|line| is_on(&registry, line, of)) {
            continue;
        }
        own.push(Replenishment {
            key: key.clone(),
            line: of.clone(),
            from: *from,
            to: *to,
            planned_m3: planned_m3.clone(),
            actual_m3: actual_m3.clone(),
            origin: origin.clone(),
            device: device.clone(),
            trigger: trigger.clone(),
            approver: desk.tells_who.then(|| approver.clone()),
            source: source.clone(),
            site: water::site_of(&registry, of).map(|(_, place)| place.key),
            items: vec![],
        });
    }
    own.sort_by_key(|one| Reverse(one.from));
    for one in own.iter_mut().take(REPLENISHMENTS_MAX) {
        if let Some(site) = water::site_of(&registry, &one.line) {
            let span = (one.from, one.to);
            one.items = water::loads(app, &site, span, &desk.rivers.entries, moment.known)?;
        }
    }
    Ok(own)
}

fn own_samples(
    app: &AppState,
    registry: &Registry,
    line: &Line,
    moment: Moment,
) -> Answer<Vec<SampleShort>> {
    let mut own = vec![];
    for (sample, steps) in samples(app, moment.known)? {
        let steps: Vec<Step> = steps.into_iter().map(|(_, _, step)| step).collect();
        let chain = Chain::follow(&steps);
        let place = registry.place_id(&chain.site).and_then(|id| registry.place(id));
        if !place.is_some_and(|place| is_on(registry, line, &place.line)) {
            continue;
        }
        own.push(SampleShort {
            class: results::class_of(app, &chain.results)?.0,
            sample,
            site: chain.site,
            taken: chain.taken.map(|at| Instant(Timestamp::from_ms(at.as_millisecond()))),
            results: chain.results.len(),
            breaks: chain.breaks.len(),
        });
    }
    own.sort_by_key(|sample| Reverse(sample.taken));
    own.truncate(NEWEST_MAX);
    Ok(own)
}
