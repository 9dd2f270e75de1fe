//! Rivers and reaches one by one: who answers for them, what class they are in, what is due.

use super::super::cases::judged_patrols;
use super::super::error::Answer;
use super::super::map::{LineNow, lines_now};
use super::super::state::AppState;
use super::book::{Rivers, words};
use crate::words::Words;
use account::chief::{Level, Term};
use account::patrolling::{Kept, PatrolPlan, Walk};
use account::river::Light;
use account::waterbook::{ListKind, Listed, WaterEntry, stocks};
use jiff::ToSpan;
use jiff::civil::Date;
use model::{Line, LineKind, Registry, Timestamp};
use serde::Serialize;
use standards::water::Class;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Patrols are counted over so many days.
const PATROL_DAYS: i64 = 30;

/// A river or a reach.
#[derive(Serialize, ToSchema)]
pub struct RiverRow {
    line: String,
    name: Words,
    /// `river` or `reach`.
    kind: &'static str,
    /// Key of the river of a reach.
    within: Option<String>,
    /// The water site that speaks for it.
    site: Option<String>,
    /// The class of the newest hours: no assessment.
    class: Option<&'static str>,
    level: u8,
    /// Why there is no class.
    reason: Option<Words>,
    /// The class that it has to reach today.
    target: Option<&'static str>,
    /// Whether its class reaches the target.
    meets: Option<bool>,
    /// Who answers for it today, the lowest level first.
    chiefs: Vec<ChiefShort>,
    /// Patrols of the last 30 days by its plans; null without a plan.
    patrols: Option<PatrolCount>,
    /// Entries of its policy that are not done, and those that are overdue.
    open: usize,
    overdue: usize,
    /// Things on its lists that are not struck off.
    problems: usize,
}

/// Who answers for a line.
#[derive(Clone, Serialize, ToSchema)]
pub struct ChiefShort {
    key: String,
    post: Words,
    #[schema(value_type = String)]
    pub level: Level,
    level_name: Words,
    /// Where the entry says that everybody may read it, or somebody is signed in.
    name: Option<String>,
}

/// What was due, done, and counts.
#[derive(Serialize, ToSchema)]
pub struct PatrolCount {
    due: u64,
    done: u64,
    valid: u64,
}

/// What rows are made of, read once.
pub struct Desk {
    pub rivers: Rivers,
    pub today: Date,
    pub tells_who: bool,
    walks: BTreeMap<String, Vec<(String, Walk)>>,
}

impl Desk {
    /// As it was known at a moment.
    ///
    /// # Errors
    /// `internal` when the store cannot read.
    pub fn read(app: &AppState, rivers: Rivers, now: Timestamp, tells_who: bool) -> Answer<Self> {
        let today = super::book::day_of(app, now)?;
        let mut walks: BTreeMap<String, Vec<(String, Walk)>> = BTreeMap::new();
        for (_, who, patrol, walked) in judged_patrols(app, now) {
            let Ok(day) = app.district.zone.date(Timestamp::from_ms(patrol.started)) else {
                continue;
            };
            let why = walked.invalid.iter().map(|why| why.words());
            let why = why.map(|text| account::Text::new(text.zh, text.en)).collect();
            walks.entry(patrol.line.clone()).or_default().push((who, Walk { day, why }));
        }
        Ok(Self { rivers, today, tells_who, walks })
    }

    /// Terms that answer for a line, also past and coming ones.
    pub fn terms<'a>(&'a self, line: &'a Line) -> impl Iterator<Item = (&'a String, &'a Term)> {
        let terms = self.rivers.chiefs.iter().map(|(key, entry)| (key, &entry.document));
        terms.filter(|(_, term)| term.answers_for(&line.key, &line.within))
    }

    /// Who answers for a line today.
    pub fn chiefs(&self, line: &Line) -> Vec<ChiefShort> {
        let mut own: Vec<_> = self.terms(line).filter(|(_, term)| term.holds(self.today)).collect();
        own.sort_by_key(|(_, term)| std::cmp::Reverse(term.level));
        own.into_iter().map(|(key, term)| self.chief(key, term)).collect()
    }

    /// A chief as they may be told.
    pub fn chief(&self, key: &str, term: &Term) -> ChiefShort {
        let may = self.tells_who || term.is_name_public;
        ChiefShort {
            key: key.to_owned(),
            post: words(&term.post),
            level: term.level,
            level_name: words(&term.level.words()),
            name: Some(term.name.clone()).filter(|name| may && !name.is_empty()),
        }
    }

    /// What a plan came to on a line over the last 30 days. A patrol of a reach counts for its river.
    pub fn kept(&self, registry: &Registry, line: &Line, plan: &PatrolPlan) -> Kept {
        let is_here = |key: &str| {
            key == line.key
                || registry.lines.iter().any(|own| own.key == key && own.within == line.key)
        };
        let counts = |who: &str, walk: &Walk| {
            let Some(level) = plan.level else { return true };
            let mut terms = self.terms(line);
            terms
                .any(|(_, term)| term.level == level && term.account == who && term.holds(walk.day))
        };
        let here = self.walks.iter().filter(|(key, _)| is_here(key)).flat_map(|(_, walks)| walks);
        let walks: Vec<Walk> =
            here.filter(|(who, walk)| counts(who, walk)).map(|(_, walk)| walk.clone()).collect();
        let from = self.today.saturating_sub(PATROL_DAYS.days());
        plan.kept(&walks, (from, self.today), self.today)
    }

    /// The marks of a list that are about a line or a reach of it.
    pub fn marks(&self, line: Option<&Line>, registry: &Registry) -> Vec<&Listed> {
        let is_here = |key: &str| {
            line.is_none_or(|line| {
                key == line.key
                    || registry.lines.iter().any(|own| own.key == key && own.within == line.key)
            })
        };
        let mut marks: Vec<(u64, &Listed)> = vec![];
        for entry in self.rivers.entries.values() {
            if let WaterEntry::Listed(listed) = &entry.document
                && is_here(&listed.line)
            {
                marks.push((entry.sequence, listed));
            }
        }
        marks.sort_by_key(|(sequence, _)| *sequence);
        marks.into_iter().map(|(_, listed)| listed).collect()
    }
}

/// Every river and reach.
///
/// # Errors
/// `internal` when the store cannot read.
pub fn rows(
    app: &AppState,
    desk: &Desk,
    moment: super::super::known::Moment,
) -> Answer<Vec<RiverRow>> {
    let now = lines_now(app, moment, moment.now)?;
    let view = app.reader.view();
    let registry = view.registry();
    let lines = registry.lines.iter().filter(|line| line.kind != LineKind::Road);
    Ok(lines.map(|line| row(desk, registry, line, &now)).collect())
}

fn row(desk: &Desk, registry: &Registry, line: &Line, now: &[LineNow]) -> RiverRow {
    let site = super::water::site_of(registry, &line.key);
    let own = now.iter().find(|own| own.line == line.key);
    // A river with reaches is spoken for by its lowest site.
    let own = own.or_else(|| {
        let reach = site.as_ref().map(|(_, place)| place.line.as_str());
        now.iter().find(|own| Some(own.line.as_str()) == reach)
    });
    let target = site.as_ref().and_then(|(_, place)| {
        let today = desk.today.to_string();
        let holds = place.targets.iter().filter(|target| target.from <= today);
        Class::named(&holds.max_by(|a, b| a.from.cmp(&b.from))?.class)
    });
    let class = own.and_then(|own| own.class);
    let level = own.map_or(0, |own| own.level);
    let file = desk.rivers.files.get(&line.key);
    let entries =
        file.iter().flat_map(|file| file.document.policy.lists()).flat_map(|(_, all)| all);
    let lights: Vec<Light> = entries.map(|entry| entry.light(desk.today)).collect();
    let patrols =
        desk.rivers.patrol_plans.values().filter(|plan| plan.document.asks_for(&line.key));
    let counted =
        patrols.map(|plan| desk.kept(registry, line, &plan.document)).reduce(|a, b| Kept {
            due: a.due + b.due,
            done: a.done + b.done,
            valid: a.valid + b.valid,
            ..Kept::default()
        });
    let open = stocks(&desk.marks(Some(line), registry), (Date::MIN, desk.today));
    RiverRow {
        line: line.key.clone(),
        name: Words::from(&line.name),
        kind: if line.kind == LineKind::Reach { "reach" } else { "river" },
        within: Some(line.within.clone()).filter(|within| !within.is_empty()),
        site: site.map(|(_, place)| place.key),
        class,
        level,
        reason: own.filter(|_| class.is_none()).and_then(|own| own.reason.clone()),
        target: target.map(super::water::symbol),
        meets: target.filter(|_| level > 0).map(|target| level <= target as u8 + 1),
        chiefs: desk.chiefs(line),
        patrols: counted.map(|kept| PatrolCount {
            due: kept.due,
            done: kept.done,
            valid: kept.valid,
        }),
        open: lights.iter().filter(|light| !matches!(light, Light::Done | Light::DoneLate)).count(),
        overdue: lights.iter().filter(|light| **light == Light::Overdue).count(),
        problems: open.iter().flat_map(|list| &list.things).filter(|thing| thing.is_open).count(),
    }
}

/// The name of a list.
pub fn list_name(list: ListKind) -> Words {
    match list {
        ListKind::BlackOdorous => Words::new("黑臭水体", "black-odorous waters"),
        ListKind::Outfall => Words::new("入河排污口", "outfalls"),
        ListKind::Problem => Words::new("河湖问题", "river problems"),
    }
}

impl RiverRow {
    /// Whether it is this line.
    pub fn is(&self, key: &str) -> bool {
        self.line == key
    }

    /// Whether it is this line or a reach of it.
    pub fn is_of(&self, key: &str) -> bool {
        self.is(key) || self.within.as_deref() == Some(key)
    }
}
