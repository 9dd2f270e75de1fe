//! How warnings, orders and the plan are said.

use super::compliance::ComplianceAnswer;
use super::reaches;
use crate::http::analysis::level_words;
use crate::http::error::{Answer, ApiError};
use crate::http::known::{AsOf, Moment};
use crate::http::rights::Asking;
use crate::http::state::AppState;
use crate::http::time::Instant;
use crate::orders::{Asked, checked};
use crate::words::Words;
use control::Text;
use control::emergency::{
    Basis, Feedback, Level, Order, Overdue, Planned, Rule, Said, Span, Standing, Warning,
};
use engine::people::People;
use model::{Right, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

/// A level, for programs and for people.
#[derive(Serialize, ToSchema)]
pub struct LevelName {
    /// `blue`, `yellow`, `orange`, `red`.
    key: &'static str,
    name: Words,
}

/// A warning in a line.
#[derive(Serialize, ToSchema)]
pub struct WarningShort {
    #[schema(example = "2026-W01")]
    number: String,
    /// The level that was declared last.
    level: LevelName,
    /// Whether that level is in force already.
    in_force: bool,
    /// From when that level is in force.
    since: Instant,
    /// From when the first level was in force.
    from: Instant,
    /// When it was lifted; null: it stands.
    lifted: Option<Instant>,
    basis: BasisAnswer,
    /// How many events it has: what a change names as seen.
    version: u32,
    counts: OrderCounts,
}

/// How far the orders of a warning are.
#[derive(Serialize, ToSchema)]
pub struct OrderCounts {
    /// Given in all.
    given: usize,
    /// That hold.
    standing: usize,
    received: usize,
    done: usize,
    /// Late, of those that hold.
    overdue: usize,
}

/// What something rests on.
#[derive(Serialize, ToSchema)]
pub struct BasisAnswer {
    /// `forecast` or `document`.
    kind: &'static str,
    /// In a sentence.
    pub text: Words,
    /// Number of the document.
    document: Option<String>,
    /// Who issued it.
    issuer: Option<String>,
    /// Whose forecast, when it came from outside.
    source: Option<String>,
    /// When that one was issued.
    issued: Option<Instant>,
    /// Places whose mean was forecast.
    places: Vec<String>,
    /// Parameter that was forecast.
    parameter: Option<String>,
    /// The level that the middle of the forecast reaches; null: none.
    level: Option<Words>,
    /// The level that its 95 % reach.
    level_high: Option<Words>,
    /// Index of each whole day, as it was forecast.
    days: Vec<ForecastDay>,
}

/// A day as it was forecast.
#[derive(Serialize, ToSchema)]
pub struct ForecastDay {
    date: String,
    /// Daily index by the middle of the forecast.
    aqi: u16,
    /// Daily index by its 95 %.
    aqi_high: u16,
}

/// A warning with everything that happened to it.
#[derive(Serialize, ToSchema)]
pub struct WarningAnswer {
    warning: WarningShort,
    now: Instant,
    as_of: Option<AsOf>,
    /// Levels over time, the oldest first.
    levels: Vec<LevelSpan>,
    lifted: Option<LiftedAnswer>,
    /// Orders in the reach of whoever asks.
    orders: Vec<OrderAnswer>,
    /// Orders beyond it.
    beyond: usize,
    /// What the comparison of readings cannot tell.
    doubt: Words,
}

/// A level and how long it was in force.
#[derive(Serialize, ToSchema)]
pub struct LevelSpan {
    level: LevelName,
    from: Instant,
    to: Option<Instant>,
    basis: BasisAnswer,
    note: String,
    said: SaidAnswer,
}

/// How a warning ended.
#[derive(Serialize, ToSchema)]
#[schema(as = WarningLifted)]
pub struct LiftedAnswer {
    basis: BasisAnswer,
    note: String,
    said: SaidAnswer,
}

/// Who said something, when it happened, when it was entered.
#[derive(Serialize, ToSchema)]
#[schema(as = EmergencySaid)]
pub struct SaidAnswer {
    who: String,
    at: Instant,
    entered: Instant,
}

/// An order as it stands.
#[derive(Serialize, ToSchema)]
#[schema(as = EmergencyOrder)]
pub struct OrderAnswer {
    /// Its number within the warning.
    number: u32,
    unit: String,
    unit_name: Words,
    /// Key of the place that is ordered; null: the unit's general measures.
    place: Option<String>,
    place_name: Option<Words>,
    measures: Vec<OrderedMeasure>,
    given: Instant,
    receive_by: Instant,
    act_by: Instant,
    pub done_by: Instant,
    /// Until when it holds or held, another one replaces it or the warning was lifted; null: no end is known.
    ended: Option<Instant>,
    received: Option<SaidAnswer>,
    feedback: Vec<FeedbackAnswer>,
    /// When everything was done, as the unit says.
    done: Option<Instant>,
    /// How often it was reminded of.
    reminders: usize,
    reminded: Option<Instant>,
    /// `receive` or `done`: what is late, or was when it ended.
    overdue: Option<&'static str>,
    /// Whether readings say that it is kept; null where that was not asked.
    compliance: Option<ComplianceAnswer>,
    /// Whether whoever asks may receive it and say what was done.
    may_handle: bool,
}

/// A measure of an order, as the plan had it.
#[derive(Serialize, ToSchema)]
pub struct OrderedMeasure {
    entry: String,
    /// The sequence of the version that was ordered.
    sequence: u64,
    level: LevelName,
    text: Words,
    source: String,
}

/// Feedback on an order.
#[derive(Serialize, ToSchema)]
#[schema(as = OrderFeedback)]
pub struct FeedbackAnswer {
    said: SaidAnswer,
    note: String,
    done: bool,
}

pub fn words(text: &Text) -> Words {
    Words::new(&text.zh, &text.en)
}

pub fn unit_name(people: &People, key: &str) -> Words {
    people.unit(key).map_or_else(|| Words::new(key, key), |unit| Words::from(&unit.name))
}

pub fn place_name(app: &AppState, key: &str) -> Option<Words> {
    let view = app.reader.view();
    let registry = view.registry();
    let place = registry.place_id(key).and_then(|id| registry.place(id))?;
    Some(Words::from(&place.name))
}

pub fn some(key: &str) -> Option<String> {
    (!key.is_empty()).then(|| key.to_owned())
}

impl LevelName {
    pub fn of(level: Level) -> Self {
        Self { key: level.name(), name: words(&level.words()) }
    }
}

impl BasisAnswer {
    pub fn of(basis: &Basis) -> Self {
        let empty = Self {
            kind: "document",
            text: Words::new("", ""),
            document: None,
            issuer: None,
            source: None,
            issued: None,
            places: vec![],
            parameter: None,
            level: None,
            level_high: None,
            days: vec![],
        };
        match basis {
            Basis::Document { number, issuer } => Self {
                text: Words::new(format!("{issuer} {number}"), format!("{issuer} {number}")),
                document: Some(number.clone()),
                issuer: Some(issuer.clone()),
                ..empty
            },
            Basis::Forecast {
                source,
                issued,
                places,
                parameter,
                rule,
                days,
                level,
                level_high,
            } => {
                let told = |level: &Option<String>| level.as_deref().map(level_words);
                let (level, level_high) = (told(level), told(level_high));
                let none = || Words::new("未达预警级别", "no level");
                let said = level.clone().unwrap_or_else(none);
                let high = level_high.clone().unwrap_or_else(none);
                let by = source.as_ref().map(|name| format!("{name}, ")).unwrap_or_default();
                let text = Words::new(
                    format!("预报（{by}{parameter}，{rule}）：中位 {}，95 % {}", said.zh, high.zh),
                    format!(
                        "forecast ({by}{parameter}, {rule}): middle {}, 95 % {}",
                        said.en, high.en
                    ),
                );
                let day = |day: &control::emergency::DayAhead| ForecastDay {
                    date: day.date.to_string(),
                    aqi: day.aqi,
                    aqi_high: day.aqi_high,
                };
                Self {
                    kind: "forecast",
                    text,
                    source: source.clone(),
                    issued: issued.map(Instant),
                    places: places.clone(),
                    parameter: Some(parameter.clone()),
                    level,
                    level_high,
                    days: days.iter().map(day).collect(),
                    ..empty
                }
            }
        }
    }

    /// Without the words of people: a document's number and issuer stay, since warnings are published with them.
    fn of_last(warning: &Warning) -> Self {
        warning.last().map_or_else(
            || Self::of(&Basis::Document { number: String::new(), issuer: String::new() }),
            |last| Self::of(&last.basis),
        )
    }
}

impl WarningShort {
    pub fn of(warning: &Warning, now: Timestamp) -> Self {
        let (from, lifted) = warning.span();
        let (level, since) =
            warning.last().map_or((Level::Blue, from), |last| (last.level, last.from));
        Self {
            number: warning.number.clone(),
            level: LevelName::of(level),
            in_force: warning.stands() && since <= now,
            since: Instant(since),
            from: Instant(from),
            lifted: lifted.map(Instant),
            basis: BasisAnswer::of_last(warning),
            version: warning.version,
            counts: OrderCounts::of(warning, now),
        }
    }
}

impl OrderCounts {
    fn of(warning: &Warning, now: Timestamp) -> Self {
        let count =
            |is: &dyn Fn(&Standing) -> bool| warning.orders.iter().filter(|own| is(own)).count();
        Self {
            given: warning.orders.len(),
            standing: count(&|own| own.holds(now)),
            received: count(&|own| own.received.is_some()),
            done: count(&Standing::is_done),
            overdue: count(&|own| own.holds(now) && own.overdue(now).is_some()),
        }
    }
}

impl SaidAnswer {
    fn of(said: &Said) -> Self {
        Self { who: said.who.clone(), at: Instant(said.at), entered: Instant(said.entered) }
    }
}

impl WarningAnswer {
    /// As it stands; orders beyond the reach of whoever asks are counted only.
    ///
    /// # Errors
    /// `internal` when readings cannot be read.
    pub fn of(
        app: &AppState,
        asking: &Asking,
        (rule, warning): (&Rule, &Warning),
        moment: Moment,
    ) -> Answer<Self> {
        let asked = Asked { reader: &app.reader, known: moment.known, rule, now: moment.now };
        let mut orders = vec![];
        for own in &warning.orders {
            let sees = |right| reaches(app, asking, right, &own.order);
            if sees(Right::Cases) || sees(Right::Handle) {
                let checks = checked(asked, (warning, own))
                    .map_err(|error| ApiError::internal("read what orders ask for", &error))?;
                let kept = ComplianceAnswer::of(app, rule, &checks);
                orders.push(OrderAnswer::of(app, asking, own, Some(kept), moment.now));
            }
        }
        let span = |own: &Span| LevelSpan {
            level: LevelName::of(own.level),
            from: Instant(own.from),
            to: own.to.map(Instant),
            basis: BasisAnswer::of(&own.basis),
            note: own.note.clone(),
            said: SaidAnswer::of(&own.said),
        };
        Ok(Self {
            warning: WarningShort::of(warning, moment.now),
            now: Instant(moment.now),
            as_of: moment.as_of,
            levels: warning.levels.iter().map(span).collect(),
            lifted: warning.lifted.as_ref().map(|own| LiftedAnswer {
                basis: BasisAnswer::of(&own.basis),
                note: own.note.clone(),
                said: SaidAnswer::of(&own.said),
            }),
            beyond: warning.orders.len() - orders.len(),
            orders,
            doubt: Words::new(
                "只比较指令前后的小时读数，不能区分措施与同时发生的其他变化（天气、生产安排）",
                "it compares hours before and since the order, and cannot tell a measure from anything else that changed at the same time",
            ),
        })
    }
}

impl OrderAnswer {
    pub fn of(
        app: &AppState,
        asking: &Asking,
        own: &Standing,
        compliance: Option<ComplianceAnswer>,
        now: Timestamp,
    ) -> Self {
        let Standing { order, ended, received, feedback, reminders } = own;
        let Order { number, unit, place, measures, given, receive_by, act_by, done_by } = order;
        let people = asking.people();
        let said = |own: &Feedback| FeedbackAnswer {
            said: SaidAnswer::of(&own.said),
            note: own.note.clone(),
            done: own.done,
        };
        Self {
            number: *number,
            unit: unit.clone(),
            unit_name: unit_name(people, unit),
            place: some(place),
            place_name: place_name(app, place),
            measures: measures.iter().map(OrderedMeasure::of).collect(),
            given: Instant(*given),
            receive_by: Instant(*receive_by),
            act_by: Instant(*act_by),
            done_by: Instant(*done_by),
            ended: ended.map(Instant),
            received: received.as_ref().map(SaidAnswer::of),
            feedback: feedback.iter().map(said).collect(),
            done: own.done_at().map(Instant),
            reminders: reminders.len(),
            reminded: reminders.last().map(|own| Instant(own.at)),
            overdue: own.overdue(now).map(|late| match late {
                Overdue::Receive => "receive",
                Overdue::Done => "done",
            }),
            compliance,
            may_handle: own.holds(now) && reaches(app, asking, Right::Handle, order),
        }
    }
}

impl OrderedMeasure {
    fn of(planned: &Planned) -> Self {
        Self {
            entry: planned.entry.clone(),
            sequence: planned.sequence,
            level: LevelName::of(planned.measure.level),
            text: words(&planned.measure.text),
            source: planned.measure.source.clone(),
        }
    }
}
