//! How a judged number came about, as one tree for all of them, down to the readings and their entries
//! in the log.

use super::{Meant, Whose, asked, edition, encoded, explain_url, failed, said, span, words};
use crate::http::error::{Answer, ApiError, Problem};
use crate::http::known::Moment;
use crate::http::state::{self, AppState};
use crate::http::time::Instant;
use crate::words::Words;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use engine::assess::{Asked, Day, Subject};
use engine::index::{self, Judged, Scanned};
use jiff::civil::Date;
use model::{HOUR_MS, PlaceId, PlaceKind, Reading};
use serde::{Deserialize, Serialize};
use standards::Span;
use standards::air::comparison::Item;
use standards::air::{Average, IndexReport, Pollutant, Programme, ReportKind, RuleSet, Statistic};
use standards::explain as law;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Days that are listed below a span.
const DAYS_MAX: usize = 400;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ExplainQuery {
    /// Key of a place; or `area`, or `district=1`.
    place: Option<String>,
    /// Key of an area, judged by its standard stations.
    area: Option<String>,
    /// `1`: the whole district, judged by its standard stations.
    district: Option<String>,
    /// `aqi` of one day; `SO2` … `O3`, `composite`, `good_days`, `good_share`, `heavy_days` of a span;
    /// `class` of a water site's month.
    #[param(required, value_type = String)]
    item: Option<String>,
    /// The first civil day.
    #[param(required, value_type = String)]
    from: Option<String>,
    /// The last civil day, included.
    #[param(required, value_type = String)]
    to: Option<String>,
    /// `auto`, or a set of editions.
    edition: Option<String>,
    /// As it was known when: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
}

/// One step of a result.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ExplainStep)]
pub struct Step {
    /// What it is.
    title: Words,
    /// The number, class or name that the step gave.
    value: Option<String>,
    unit: Option<String>,
    /// How it was done, in the signs of the standard.
    how: Option<String>,
    /// What there is to say about it in words.
    pub(super) text: Option<Words>,
    /// The row of law behind it.
    rule: Option<Rule>,
    /// The rounding that it is.
    rounding: Option<Rounding>,
    /// How many values there were, were needed and could be.
    valid: Option<Valid>,
    /// The readings behind it.
    readings: Option<Readings>,
    /// Why it gave nothing.
    reason: Option<Words>,
    /// What is in doubt about it.
    doubts: Vec<Words>,
    /// Where it is explained further.
    open: Option<String>,
    /// What it was made from.
    #[schema(no_recursion)]
    inputs: Vec<Step>,
    /// How many inputs more there are than are listed.
    truncated: Option<u64>,
}

/// A row of law.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StepRule)]
pub struct Rule {
    #[schema(example = "GB 3095-2026")]
    standard: String,
    clause: String,
    row: Option<String>,
    edition: Option<String>,
    /// `A`, `A1`, `B`, `C`, `D` or `none`.
    confidence: String,
    doubtful: bool,
}

/// A rounding.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StepRounding)]
pub struct Rounding {
    from: String,
    to: String,
    digits: u8,
    #[schema(example = "half_even")]
    mode: &'static str,
}

/// How many values.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StepValid)]
pub struct Valid {
    have: u32,
    /// None where the law asks for no number.
    need: Option<u32>,
    of: u32,
}

/// Readings: their datastream and entries of the log.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = StepReadings)]
pub struct Readings {
    /// Null where they are of several.
    datastream: Option<i32>,
    from: Instant,
    to: Instant,
    count: u64,
    sequence_min: Option<u64>,
    sequence_max: Option<u64>,
}

/// How a number of an assessment came about.
#[utoipa::path(
    get, operation_id = "assess_explain", path = "/assess/explain", tag = "assess", params(ExplainQuery),
    responses((status = 200, body = Step), (status = 400, body = Problem), (status = 404, body = Problem))
)]
pub(super) async fn explain(
    State(app): State<AppState>,
    query: Result<Query<ExplainQuery>, QueryRejection>,
) -> Answer<Json<Step>> {
    let Query(query) = query?;
    app.ask(move |app| {
        let span = span(query.from.as_deref(), query.to.as_deref())?;
        let set = edition(app, query.edition.as_deref())?;
        let item = query.item.as_deref().unwrap_or_default();
        let moment = Moment::read(app, query.as_of.as_deref())?;
        if matches!(item, "class" | "cwqi") {
            return water(app, moment, query.place.as_deref(), span).map(Json);
        }
        let whose = Whose {
            place: query.place.as_deref(),
            area: query.area.as_deref(),
            district: query.district.as_deref(),
        };
        let meant = whose.find(app, span)?;
        super::bounded(app, span, meant.subject.places().len())?;
        let asked = asked(app, moment, set, &meant.dust.days);
        if item == "aqi" {
            let mut step = day(app, &asked, &meant, span)?;
            step.inputs.extend(meant.dust.steps(span));
            return Ok(Json(step));
        }
        let item = Item::named(item).ok_or_else(|| unknown_item(query.item.as_deref()))?;
        of_span(app, &asked, &meant, item, span).map(Json)
    })
    .await
}

fn unknown_item(given: Option<&str>) -> ApiError {
    let known: Vec<&str> = Item::ALL.iter().map(|item| item.key()).collect();
    let known = known.join(", ");
    let accepted = Words::new(
        format!("可用 aqi、{known}；水质断面用 class"),
        format!("there are aqi, {known}; for water sites class"),
    );
    match given {
        Some(given) => ApiError::bad_parameter("item", given, accepted),
        None => ApiError::missing_parameter("item", accepted),
    }
}

/// A number of a span: the law's tree, and below each of its days the readings and the way on.
fn of_span(
    app: &AppState,
    asked: &Asked<'_>,
    meant: &Meant,
    item: Item,
    span: Span,
) -> Answer<Step> {
    let days = asked.days(&meant.subject, span).map_err(failed)?;
    let assessment = asked.judge(&days, span).map_err(failed)?;
    let assessment = assessment.ok_or_else(|| ApiError::no_standard(&span.last().to_string()))?;
    let mut step = Step::from(assessment.explain(item, DAYS_MAX));
    let id = asked.set.map_or("auto", |set| set.name());
    hang_days(app, &days, &meant.address, id, &mut step);
    step.inputs.extend(meant.dust.steps(span));
    Ok(step)
}

/// Gives every step that is a day its readings and the address that explains it.
fn hang_days(
    app: &AppState,
    days: &BTreeMap<Date, Arc<Day>>,
    address: &str,
    edition: &str,
    step: &mut Step,
) {
    for input in &mut step.inputs {
        hang_days(app, days, address, edition, input);
    }
    let Ok(date) = step.title.en.parse::<Date>() else { return };
    let (Some(day), Ok(civil)) = (days.get(&date), app.district.zone.day(date)) else { return };
    step.readings = Some(Readings {
        datastream: None,
        from: Instant(civil.start()),
        to: Instant(civil.end()),
        count: day.readings.into(),
        sequence_min: day.sequences.map(|(first, _)| first.0),
        sequence_max: day.sequences.map(|(_, last)| last.0),
    });
    step.open = Span::new(date, date).map(|span| explain_url(address, "aqi", span, edition));
}

/// The index of one day.
fn day(app: &AppState, asked: &Asked<'_>, meant: &Meant, span: Span) -> Answer<Step> {
    let date = span.first();
    if span.len() != 1 {
        let accepted = Words::new(
            "aqi 只解释一天：from 与 to 相同",
            "aqi explains one day: write the same from and to",
        );
        return Err(ApiError::bad_parameter("to", &span.last().to_string(), accepted));
    }
    let set = asked.set_on(date).ok_or_else(|| ApiError::no_standard(&date.to_string()))?;
    match &meant.subject {
        Subject::Place(place) => day_of_place(app, asked, &set, *place, date),
        Subject::Area(stations) => day_of_area(app, asked, &set, meant, stations, span),
    }
}

fn day_of_place(
    app: &AppState,
    asked: &Asked<'_>,
    set: &RuleSet<'_>,
    place: PlaceId,
    date: Date,
) -> Answer<Step> {
    let day = app.district.zone.day(date).map_err(|error| failed(error.into()))?;
    let (kind, sources) = {
        let view = app.reader.view();
        let registry = view.registry();
        let kind = registry.place(place).map_or(PlaceKind::AirStation, |place| place.kind);
        (kind, index::sources_of(registry, place))
    };
    let before = set.index.hours_before(ReportKind::Day) as i64;
    let range = (day.start() - before * HOUR_MS, day.end());
    let scanned = Scanned::read_known(&app.reader, &sources.concat(), range, asked.known)
        .map_err(|error| ApiError::internal("read hours", &error))?;
    let judged = index::day_by(set.index, &scanned, kind, &sources, &day);
    let mut step = Step::from(set.index.explain(&judged.report));
    for (row, part) in rows_of(&mut step, &judged.report) {
        let before = if row == Statistic::Max8h { 7 } else { 0 };
        let from = day.start() - before * HOUR_MS;
        hang_readings(part.1, &judged, part.0, from, day.end());
    }
    Ok(step)
}

/// The steps of a report's rows, which stand last in its tree.
fn rows_of<'s>(
    step: &'s mut Step,
    report: &IndexReport,
) -> Vec<(Statistic, (Pollutant, &'s mut Step))> {
    let first = step.inputs.len().saturating_sub(report.rows.len());
    let rows = report.rows.iter().zip(&mut step.inputs[first..]);
    rows.map(|(row, step)| (row.statistic, (row.pollutant, step))).collect()
}

/// The innermost first input: the average that the row begins with.
fn innermost(step: &mut Step) -> &mut Step {
    if step.inputs.is_empty() { step } else { innermost(&mut step.inputs[0]) }
}

fn hang_readings(
    step: &mut Step,
    judged: &Judged,
    pollutant: Pollutant,
    from: model::Timestamp,
    to: model::Timestamp,
) {
    let hours: Vec<&Reading> = judged.inputs[pollutant.index()]
        .iter()
        .flatten()
        .filter(|reading| from <= reading.time && reading.time < to)
        .collect();
    let step = innermost(step);
    let mut by_stream: BTreeMap<i32, Vec<&Reading>> = BTreeMap::new();
    for reading in &hours {
        by_stream.entry(reading.datastream.0).or_default().push(*reading);
    }
    let summary = |datastream: Option<i32>, readings: &[&Reading]| Readings {
        datastream,
        from: Instant(from),
        to: Instant(to),
        count: readings.len() as u64,
        sequence_min: readings.iter().map(|reading| reading.sequence.0).min(),
        sequence_max: readings.iter().map(|reading| reading.sequence.0).max(),
    };
    let only = if by_stream.len() == 1 { by_stream.keys().next().copied() } else { None };
    step.readings = Some(summary(only, &hours));
    for reading in hours {
        let mut input =
            Step::titled(Words::new(reading.time.to_string(), reading.time.to_string()));
        input.value = reading.value.map(|value| value.to_string());
        input.unit = Some(pollutant.unit().to_owned());
        input.readings = Some(Readings {
            from: Instant(reading.time),
            to: Instant(reading.time + HOUR_MS),
            ..summary(Some(reading.datastream.0), &[reading])
        });
        input.open = Some(format!("/api/v1/frames/{}", reading.sequence.0));
        if !reading.flag.is_good() {
            input.reason = Some(Words::new("未计入：标记不是有效", "left out: not flagged good"));
        }
        step.inputs.push(input);
    }
}

fn day_of_area(
    app: &AppState,
    asked: &Asked<'_>,
    set: &RuleSet<'_>,
    meant: &Meant,
    stations: &[PlaceId],
    span: Span,
) -> Answer<Step> {
    let date = span.first();
    let of_stations = asked.days_of_stations(&meant.subject, span).map_err(failed)?;
    let days = asked.days(&meant.subject, span).map_err(failed)?;
    let Some(day) = days.get(&date) else {
        let mut step = Step::titled(Words::new("日AQI", "daily AQI"));
        step.reason = Some(Words::new("尚未结束或没有数据", "not over yet, or without data"));
        return Ok(step);
    };
    let value = |day: &Day, pollutant: Pollutant, statistic: Statistic| match statistic {
        Statistic::Max1h => day.values.o3_hour,
        _ => day.values.values[pollutant.index()],
    };
    let report = set.index.report(ReportKind::Day, Programme::default(), |pollutant, statistic| {
        Average::given(value(day, pollutant, statistic))
    });
    let mut step = Step::from(set.index.explain(&report));
    step.reason = day.reason.as_ref().map(said);
    let id = asked.set.map_or("auto", |set| set.name());
    let names: Vec<(String, Words)> = {
        let view = app.reader.view();
        let place = |id: &PlaceId| {
            view.registry().place(*id).map(|p| (p.key.clone(), Words::from(&p.name)))
        };
        stations.iter().filter_map(place).collect()
    };
    for (statistic, (pollutant, part)) in rows_of(&mut step, &report) {
        let part = innermost(part);
        let there = of_stations.iter().filter_map(|days| days.get(&date));
        let have = there.filter(|day| value(day, pollutant, statistic).is_some()).count();
        part.valid = Some(Valid { have: have as u32, need: None, of: stations.len() as u32 });
        part.text = Some(Words::new(
            "各标准站同一统计量的算术平均",
            "the arithmetic mean of the same statistic at the standard stations",
        ));
        for ((key, name), days) in names.iter().zip(&of_stations) {
            let mut input = Step::titled(name.clone());
            let own = days.get(&date);
            input.value =
                own.and_then(|day| value(day, pollutant, statistic)).map(|value| readable(&value));
            input.unit = Some(pollutant.unit().to_owned());
            if input.value.is_none() {
                input.reason = Some(Words::new("没有有效值", "no valid value"));
            }
            input.open = Some(explain_url(&format!("place={}", encoded(key)), "aqi", span, id));
            part.inputs.push(input);
        }
    }
    Ok(step)
}

/// The class of a water site's month.
fn water(app: &AppState, moment: Moment, place: Option<&str>, span: Span) -> Answer<Step> {
    let key = place.ok_or_else(|| {
        let accepted = Words::new("请填写水质断面的键", "write the key of a water site");
        ApiError::missing_parameter("place", accepted)
    })?;
    let site = {
        let view = app.reader.view();
        let (id, place) = state::place(view.registry(), key)?;
        (id, place.clone())
    };
    if site.1.kind != PlaceKind::WaterSite {
        let accepted = Words::new("该点位不是水质断面", "the place is no water site");
        return Err(ApiError::bad_parameter("place", key, accepted));
    }
    if span.shape() != standards::Shape::Month {
        let accepted = Words::new(
            "水质按月评价：from 与 to 为一个自然月的首末日",
            "water is judged by the month: write its first and last day",
        );
        return Err(ApiError::bad_parameter("to", &span.last().to_string(), accepted));
    }
    let asked = asked(app, moment, None, &[]);
    let months = asked.water_months(std::slice::from_ref(&site), &[span]).map_err(failed)?;
    let Some(month) = months.into_iter().flatten().next() else {
        return Err(ApiError::broken());
    };
    let mut step = Step::from(app.law.water().explain_site(&month.report));
    step.reason = month.reason.as_ref().map(said);
    let zone = &app.district.zone;
    let ends = [span.first(), span.last()].map(|date| zone.day(date));
    let [Ok(first), Ok(last)] = ends else { return Ok(step) };
    for (row, part) in month.report.report.items.iter().zip(&mut step.inputs) {
        let Some(item) = month.record.items.iter().find(|item| item.key == row.key) else {
            continue;
        };
        let one = if item.datastreams.len() == 1 { item.datastreams.first() } else { None };
        innermost(part).readings = Some(Readings {
            datastream: one.map(|id| id.0),
            from: Instant(first.start()),
            to: Instant(last.end()),
            count: item.readings.into(),
            sequence_min: Some(item.sequences.0.0),
            sequence_max: Some(item.sequences.1.0),
        });
        let stream = item.datastreams.first().map_or(0, |id| id.0);
        part.open = Some(format!(
            "/api/v1/readings?datastream={stream}&from={}&to={}",
            first.start(),
            last.end()
        ));
    }
    Ok(step)
}

impl Step {
    pub(super) fn titled(title: Words) -> Self {
        Self {
            title,
            value: None,
            unit: None,
            how: None,
            text: None,
            rule: None,
            rounding: None,
            valid: None,
            readings: None,
            reason: None,
            doubts: vec![],
            open: None,
            inputs: vec![],
            truncated: None,
        }
    }
}

impl From<law::Step> for Step {
    fn from(step: law::Step) -> Self {
        Self {
            title: words(&step.title),
            value: step.value,
            unit: step.unit.as_deref().map(str::to_owned).filter(|unit| !unit.is_empty()),
            how: step.how,
            text: step.text.as_ref().map(words),
            rule: step.rule.map(|rule| Rule {
                standard: rule.standard,
                clause: rule.clause.to_string(),
                row: rule.row,
                edition: rule.edition.as_deref().map(str::to_owned),
                confidence: rule.confidence.to_string(),
                doubtful: rule.doubtful,
            }),
            rounding: step.rounding.map(|rounding| Rounding {
                from: rounding.from,
                to: rounding.to,
                digits: rounding.digits,
                mode: rounding.mode,
            }),
            valid: step.valid.map(|valid| Valid {
                have: valid.have,
                need: valid.need,
                of: valid.of,
            }),
            readings: None,
            reason: step.reason.as_ref().map(said),
            doubts: step.doubts.iter().map(said).collect(),
            open: None,
            inputs: step.inputs.into_iter().map(Self::from).collect(),
            truncated: step.truncated.map(|more| more as u64),
        }
    }
}

/// The decimal where it ends, else six places and an ellipsis.
fn readable(value: &standards::Exact) -> String {
    let text = value.to_string();
    if text.contains('/') { format!("{}…", value.fixed(6)) } else { text }
}
