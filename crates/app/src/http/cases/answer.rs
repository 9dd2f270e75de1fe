//! How a case is written down for people and programs.

use super::super::rights::Asking;
use super::super::state::AppState;
use super::super::time::Instant;
use super::View;
use super::actor::actor;
use crate::words::Words;
use control::{Case, Counting, Happened, Move, Photo, Request, Source, Stage, Text, When};
use jiff::civil::Date;
use serde::Serialize;
use std::cmp::Reverse;
use utoipa::ToSchema;

/// A case in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseRow {
    /// Its number, for ever.
    number: String,
    /// `collected`, `filed`, `dispatched`, `handling`, `fed_back`, `closed`, `evaluated`.
    stage: &'static str,
    stage_name: Words,
    category: String,
    category_name: Words,
    /// `finding`, `patrol`, `hotline`, `media`, `instruction`, `camera`, `audit`.
    source: &'static str,
    /// What was reported, in one line.
    text: String,
    /// Key of the place, line and area that it is about.
    place: Option<String>,
    line: Option<String>,
    area: Option<String>,
    /// Degrees, WGS 84.
    lon: Option<f64>,
    lat: Option<f64>,
    /// Key of the unit that handles it.
    unit: Option<String>,
    unit_name: Option<Words>,
    opened: Instant,
    /// How many moves it has seen: what the next move names as `version`.
    version: u32,
    /// The clock of its handling; null before the dispatch.
    clock: Option<ClockAnswer>,
    /// Steps of urging that were taken.
    urged: usize,
    /// How often it was reopened.
    reopened: u32,
    /// How often a verifier said that it was not done.
    reworks: u32,
    /// Until when its clock rests.
    suspended_until: Option<Instant>,
    /// `return`, `extension` or `suspension`, when one waits for approval.
    request: Option<&'static str>,
    /// `not_a_case` or `joined`, when it ended otherwise than by closing.
    ended: Option<&'static str>,
    /// Id of the finding that it was filed from.
    finding: Option<String>,
    simulated: bool,
}

/// The clock of a case's handling.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClockAnswer {
    /// Seconds of the calendar that were spent.
    spent_s: i64,
    /// Seconds of the calendar that there are.
    allowed_s: i64,
    /// `working_hours`, `working_days` or `calendar_hours`.
    counting: &'static str,
    is_overdue: bool,
    /// Whether it runs now; it rests while suspended, and while a verifier is to look.
    is_running: bool,
    /// When the time is over if it runs on; null when it does not run.
    due: Option<Instant>,
    /// Whether the holidays of that year are not stated, so that only weekends are known.
    doubt: bool,
}

impl CaseRow {
    /// Whether its unit took longer than it may.
    pub fn is_overdue(&self) -> bool {
        self.clock.as_ref().is_some_and(|clock| clock.is_overdue)
    }

    /// Sorts the most urgent first: overdue ones, by how far; then by what is left; then the oldest.
    pub fn urgency(&self) -> (bool, i64, Instant) {
        let left = self.clock.as_ref().map_or(i64::MAX, |clock| clock.allowed_s - clock.spent_s);
        (!self.is_overdue(), left, self.opened)
    }
}

/// A case as a row.
pub fn row(app: &AppState, view: &View, case: &Case) -> CaseRow {
    let collected = &case.collected;
    let category = view.settings.catalogue.category(&collected.category);
    let people = app.roster.now();
    let unit = case.unit.as_ref().and_then(|unit| people.unit(unit));
    CaseRow {
        number: case.number.clone(),
        stage: stage_name(case.stage),
        stage_name: words(case.stage.words()),
        category: collected.category.clone(),
        category_name: category.map_or_else(
            || Words::new(&collected.category, &collected.category),
            |category| Words::new(&category.name.zh, &category.name.en),
        ),
        source: source_name(collected.source),
        text: collected.text.clone(),
        place: collected.place.clone(),
        line: collected.line.clone(),
        area: collected.area.clone(),
        lon: collected.spot.map(|spot| spot.lon),
        lat: collected.spot.map(|spot| spot.lat),
        unit: case.unit.clone(),
        unit_name: unit.map(|unit| Words::from(&unit.name)),
        opened: Instant(case.begun()),
        version: case.version,
        clock: clock(view, case),
        urged: case.urged,
        reopened: case.reopened,
        reworks: case.reworks(),
        suspended_until: case.suspended_until(view.now).map(Instant),
        request: case.request.as_ref().map(|request| match request {
            Request::Return(_) => "return",
            Request::Extension(..) => "extension",
            Request::Suspension(..) => "suspension",
        }),
        ended: match (&case.not_a_case, &case.joined) {
            (Some(_), _) => Some("not_a_case"),
            (None, Some(_)) => Some("joined"),
            (None, None) => None,
        },
        finding: collected.finding.clone(),
        simulated: collected.simulated,
    }
}

fn clock(view: &View, case: &Case) -> Option<ClockAnswer> {
    let run = case.run()?;
    let calendar = &view.settings.calendar;
    let (spent, allowed) = run.spent_and_allowed(calendar, view.now);
    let is_running = case.stage.is_with_unit()
        && !case.is_set_aside()
        && case.suspended_until(view.now).is_none();
    let due = calendar.ahead(view.now, (allowed - spent).max(0), run.allowed.counting);
    let year = calendar.zone().date(due).map_or(0, Date::year);
    Some(ClockAnswer {
        spent_s: spent / 1_000,
        allowed_s: allowed / 1_000,
        counting: match run.allowed.counting {
            Counting::WorkingHours => "working_hours",
            Counting::WorkingDays => "working_days",
            Counting::CalendarHours => "calendar_hours",
        },
        is_overdue: spent > allowed,
        is_running,
        due: (is_running && spent <= allowed).then_some(Instant(due)),
        doubt: run.allowed.counting != Counting::CalendarHours && !calendar.knows(year),
    })
}

/// A stage of the board.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BoardStage {
    stage: &'static str,
    name: Words,
    count: u32,
    overdue: u32,
    /// When the oldest of them was collected.
    oldest: Option<Instant>,
    /// Those that are made up.
    simulated: u32,
}

impl BoardStage {
    /// A stage without cases.
    pub fn empty(stage: Stage) -> Self {
        let (name, stage) = (words(stage.words()), stage_name(stage));
        Self { stage, name, count: 0, overdue: 0, oldest: None, simulated: 0 }
    }

    /// Counts a case in.
    pub fn add(&mut self, row: &CaseRow) {
        self.count += 1;
        self.overdue += u32::from(row.is_overdue());
        self.simulated += u32::from(row.simulated);
        self.oldest = Some(self.oldest.map_or(row.opened, |oldest| oldest.min(row.opened)));
    }
}

/// A case with all that happened.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseAnswer {
    /// The case as in a list.
    case: CaseRow,
    /// What happened, oldest first.
    history: Vec<Step>,
    /// What whoever asks may do next, and of the rest why not.
    moves: Vec<LegalMove>,
    /// Why it is not a case.
    not_a_case: Option<String>,
    /// The case that it was joined to.
    joined: Option<String>,
    /// Cases that were joined to it.
    duplicates: Vec<String>,
    /// Points of its evaluation, 1 to 5.
    points: Option<u8>,
    /// Other cases of the same place or within 200 m, the newest first: its history, and what may be the same.
    near: Vec<CaseRow>,
}

/// Something that happened.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Step {
    version: u32,
    at: Instant,
    who: String,
    #[serde(rename = "move")]
    made: &'static str,
    note: String,
    photos: Vec<PhotoAnswer>,
    /// Of a dispatch: the unit.
    unit: Option<String>,
    /// Of what was asked: until when.
    until: Option<Instant>,
    /// Of an evaluation.
    points: Option<u8>,
    /// Of a verification, or of being on site: where they were.
    lon: Option<f64>,
    lat: Option<f64>,
}

/// A photo of a case.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PhotoAnswer {
    /// Names it: `/photos/{hash}`.
    hash: String,
    /// `before`, `after` or `none`.
    when: &'static str,
}

/// A move, and whether it may be made.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LegalMove {
    #[serde(rename = "move")]
    made: &'static str,
    allowed: bool,
    /// Why not.
    why: Option<Words>,
}

/// How near another case counts as near, m.
const NEAR_M: f64 = 200.0;
const NEAR_MAX: usize = 20;

impl CaseAnswer {
    /// A case as whoever asks may see it.
    pub fn of(app: &AppState, asking: &Asking, view: &View, case: &Case) -> Self {
        let legal = case.legal(&actor(asking, &view.settings, case), view.now);
        let is_now = view.as_of.is_none();
        Self {
            case: row(app, view, case),
            history: case.history.iter().map(step).collect(),
            // The past cannot be changed.
            moves: if is_now { legal.into_iter().map(legal_move).collect() } else { vec![] },
            not_a_case: case.not_a_case.clone(),
            joined: case.joined.clone(),
            duplicates: (view.cases.values())
                .filter(|other| other.joined.as_ref() == Some(&case.number))
                .map(|other| other.number.clone())
                .collect(),
            points: case.points,
            near: near(app, asking, view, case),
        }
    }
}

fn near(app: &AppState, asking: &Asking, view: &View, case: &Case) -> Vec<CaseRow> {
    let is_near = |other: &Case| {
        let is_same_place =
            case.collected.place.is_some() && case.collected.place == other.collected.place;
        let spots = case.collected.spot.zip(other.collected.spot);
        let metres = spots.map(|(a, b)| space::distance_m([a.lon, a.lat], [b.lon, b.lat]));
        is_same_place || metres.is_some_and(|metres| metres <= NEAR_M)
    };
    let mut near: Vec<&std::sync::Arc<Case>> = view
        .cases
        .values()
        .filter(|other| other.number != case.number && is_near(other))
        .filter(|other| super::sees(asking, &view.settings, other))
        .collect();
    near.sort_by_key(|other| Reverse(other.begun()));
    near.into_iter().take(NEAR_MAX).map(|other| row(app, view, other)).collect()
}

fn step(happened: &Happened) -> Step {
    let made = &happened.made;
    let spot = match made {
        Move::OnSite { spot, .. } | Move::Pass { spot, .. } => *spot,
        Move::Collect(collected) => collected.spot,
        _ => None,
    };
    Step {
        version: happened.version,
        at: Instant(happened.at),
        who: happened.who.clone(),
        made: made.name(),
        note: made.note().to_owned(),
        photos: made.photos().iter().map(photo).collect(),
        unit: match made {
            Move::Dispatch { unit, .. } => Some(unit.clone()),
            _ => None,
        },
        until: match made {
            Move::AskExtension { until, .. } | Move::AskSuspension { until, .. } => {
                Some(Instant(*until))
            }
            _ => None,
        },
        points: match made {
            Move::Evaluate { points, .. } => Some(*points),
            _ => None,
        },
        lon: spot.map(|spot| spot.lon),
        lat: spot.map(|spot| spot.lat),
    }
}

fn photo(photo: &Photo) -> PhotoAnswer {
    let when = match photo.when {
        When::Before => "before",
        When::After => "after",
        When::None => "none",
    };
    PhotoAnswer { hash: photo.hash.clone(), when }
}

fn legal_move(legal: control::Legal) -> LegalMove {
    let why = legal.why_not.map(|why| words(why.words()));
    LegalMove { made: legal.made, allowed: why.is_none(), why }
}

/// Words of the desk.
pub fn words(text: Text) -> Words {
    Words::new(text.zh, text.en)
}

/// The stable name of a stage.
pub fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Collected => "collected",
        Stage::Filed => "filed",
        Stage::Dispatched => "dispatched",
        Stage::Handling => "handling",
        Stage::FedBack => "fed_back",
        Stage::Closed => "closed",
        Stage::Evaluated => "evaluated",
    }
}

fn source_name(source: Source) -> &'static str {
    match source {
        Source::Finding => "finding",
        Source::Patrol => "patrol",
        Source::Hotline => "hotline",
        Source::Media => "media",
        Source::Instruction => "instruction",
        Source::Camera => "camera",
        Source::Audit => "audit",
    }
}
