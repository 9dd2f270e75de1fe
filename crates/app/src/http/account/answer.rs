//! How programmes are written down for people and programs. Numbers are decimals as text: they are exact.

use crate::http::time::Instant;
use crate::words::Words;
use account::programme::{
    Book, Document, Entry, Kept, Light, Measure, Milestone, Programme, Progress, Project,
    ProjectStatus, RateStatus, Status, Template,
};
use account::report::shortest;
use account::{NoRate, Rate, Text};
use model::Timestamp;
use serde::Serialize;
use standards::Exact;
use utoipa::ToSchema;

/// Words of the library, as an answer has them.
pub fn words(text: &Text) -> Words {
    let or = |own: &str, other: &str| if own.is_empty() { other } else { own }.to_owned();
    Words::new(or(&text.zh, &text.en), or(&text.en, &text.zh))
}

/// A programme in a list.
#[derive(Serialize, ToSchema)]
pub struct ProgrammeRow {
    key: String,
    name: Words,
    template: String,
    template_name: Words,
    /// Civil days.
    begins: String,
    due: String,
    /// Key of the unit that answers for it.
    owner: Option<String>,
    document: DocumentAnswer,
    progress: Option<ProgressAnswer>,
    /// The rate that its light goes by.
    rate: RateAnswer,
    /// How many projects stand where: green, amber, red, unknown.
    lights: LightCounts,
    /// How many things do not fit.
    warnings: usize,
    simulated: bool,
}

/// Where a figure stands.
#[derive(Serialize, ToSchema)]
#[schema(as = ProgrammeDocument)]
pub struct DocumentAnswer {
    title: String,
    number: String,
    /// Hash of a photo or scan.
    photo: Option<String>,
}

/// Lights of projects.
#[derive(Default, Serialize, ToSchema)]
pub struct LightCounts {
    green: usize,
    amber: usize,
    red: usize,
    /// Those whose rate cannot be had.
    unknown: usize,
}

/// Against the straight way from begin to deadline.
#[derive(Serialize, ToSchema)]
#[schema(as = ProgrammeProgress)]
pub struct ProgressAnswer {
    /// `green`, `amber` or `red`.
    #[schema(value_type = String)]
    light: Light,
    /// What should be done by now, in per cent.
    expected: String,
    /// What is done, in per cent.
    done: String,
    /// When it will be done if it goes on at the mean pace since its begin; null when nothing is done yet.
    done_on: Option<String>,
}

/// A rate with what it counts, or why there is none.
#[derive(Serialize, ToSchema)]
#[schema(as = ProgrammeRate)]
pub struct RateAnswer {
    key: String,
    name: Words,
    /// Per cent, one decimal, half to even (GB/T 8170).
    percent: Option<String>,
    numerator: Option<String>,
    denominator: Option<String>,
    /// What both count: `people`, `villages`, `floor_area`, …
    basis: &'static str,
    basis_name: Words,
    /// Why there is no rate.
    reason: Option<Words>,
}

/// A measure as it stands.
#[derive(Serialize, ToSchema)]
#[schema(as = ProgrammeMeasure)]
pub struct MeasureAnswer {
    key: String,
    name: Words,
    unit: String,
    basis: &'static str,
    chain: Option<String>,
    /// The total that counts; null when nobody stated it.
    total: Option<String>,
    /// What a document states of the whole.
    stated: Option<String>,
    /// The last day of the period that it speaks of, and its entry of the log.
    period_end: Option<String>,
    sequence: Option<u64>,
    /// The sum of the projects that state it.
    summed: Option<String>,
    projects: usize,
    /// Projects that do not state it.
    missing: usize,
}

/// A project as it stands.
#[derive(Serialize, ToSchema)]
pub struct ProjectAnswer {
    key: String,
    name: Words,
    /// Key of the project that it is an item of.
    within: Option<String>,
    area: Option<String>,
    owner: Option<String>,
    begins: Option<String>,
    due: Option<String>,
    /// 10 000 yuan.
    budget: Option<String>,
    /// Degrees, WGS 84.
    lon: Option<f64>,
    lat: Option<f64>,
    /// By the measures of the template; null where nobody stated it.
    totals: Vec<Option<String>>,
    progress: Option<ProgressAnswer>,
    milestones: Vec<MilestoneAnswer>,
}

/// A milestone.
#[derive(Serialize, ToSchema)]
pub struct MilestoneAnswer {
    key: String,
    name: Words,
    due: String,
    done: Option<String>,
    proof: Option<DocumentAnswer>,
}

/// Something that does not fit; the figures stay.
#[derive(Serialize, ToSchema)]
#[schema(as = ProgrammeWarning)]
pub struct WarningAnswer {
    project: Option<String>,
    text: Words,
}

/// Totals at the end of a period.
#[derive(Serialize, ToSchema)]
#[schema(as = ProgrammePeriod)]
pub struct PeriodAnswer {
    period_end: String,
    /// By the measures of the template.
    totals: Vec<Option<String>>,
}

/// A programme with everything in it.
#[derive(Serialize, ToSchema)]
pub struct ProgrammeAnswer {
    programme: ProgrammeRow,
    /// The day it is shown for.
    day: String,
    measures: Vec<MeasureAnswer>,
    rates: Vec<RateAnswer>,
    projects: Vec<ProjectAnswer>,
    warnings: Vec<WarningAnswer>,
    periods: Vec<PeriodAnswer>,
    /// From which share of what should be done a light is green, and from which amber.
    green: String,
    amber: String,
}

/// An entry, with who wrote it.
#[derive(Serialize, ToSchema)]
#[schema(as = ProgrammeEntry)]
pub struct EntryAnswer {
    sequence: u64,
    at: Instant,
    /// Told only to those who are signed in.
    who: Option<String>,
    /// Which revision of its period it is, from 1.
    version: u32,
    project: Option<String>,
    measure: String,
    period_end: String,
    total: String,
    document: DocumentAnswer,
    note: String,
}

impl ProgrammeRow {
    pub fn of(own: &Programme, template: &Template, status: &Status) -> Self {
        let rates = status.rates.iter().zip(&template.rates);
        let rate = rates.clone().find(|(rate, _)| rate.key == template.light);
        let (rate, of) = rate.unwrap_or((&status.rates[0], &template.rates[0]));
        let mut lights = LightCounts::default();
        for project in &status.projects {
            *match project.progress.map(|own| own.light) {
                Some(Light::Green) => &mut lights.green,
                Some(Light::Amber) => &mut lights.amber,
                Some(Light::Red) => &mut lights.red,
                None => &mut lights.unknown,
            } += 1;
        }
        Self {
            key: own.key.clone(),
            name: words(&own.name),
            template: template.key.clone(),
            template_name: words(&template.name),
            begins: own.begins.to_string(),
            due: own.due.to_string(),
            owner: own.owner.clone(),
            document: DocumentAnswer::of(&own.document),
            progress: status.progress.as_ref().map(ProgressAnswer::of),
            rate: RateAnswer::of(template, of, rate),
            lights,
            warnings: status.warnings.len(),
            simulated: own.simulated,
        }
    }
}

impl ProgrammeAnswer {
    pub fn of(
        book: &Book,
        own: &Programme,
        template: &Template,
        status: &Status,
        day: &str,
    ) -> Self {
        let measures = template.measures.iter().zip(&status.measures);
        let rates = template.rates.iter().zip(&status.rates);
        let warning = |own: &account::programme::Warning| WarningAnswer {
            project: own.project.clone(),
            text: words(&own.text(template)),
        };
        let period = |month: &account::programme::Month| PeriodAnswer {
            period_end: month.period_end.to_string(),
            totals: month.totals.iter().copied().map(decimal).collect(),
        };
        let projects = status.projects.iter().filter_map(|status| {
            let kept = book.projects.get(&status.key)?;
            Some(ProjectAnswer::of(book, &kept.it, status))
        });
        Self {
            programme: ProgrammeRow::of(own, template, status),
            day: day.to_owned(),
            measures: measures.map(|(of, own)| MeasureAnswer::of(of, own)).collect(),
            rates: rates.map(|(of, own)| RateAnswer::of(template, of, own)).collect(),
            projects: projects.collect(),
            warnings: status.warnings.iter().map(warning).collect(),
            periods: status.months.iter().map(period).collect(),
            green: own.lights.green.clone(),
            amber: own.lights.amber.clone(),
        }
    }
}

impl DocumentAnswer {
    pub fn of(own: &Document) -> Self {
        Self { title: own.title.clone(), number: own.number.clone(), photo: own.photo.clone() }
    }
}

impl ProgressAnswer {
    fn of(own: &Progress) -> Self {
        Self {
            light: own.light,
            expected: percent(&own.expected),
            done: percent(&own.done),
            done_on: own.done_on.map(|day| day.to_string()),
        }
    }
}

impl RateAnswer {
    fn of(template: &Template, of: &account::programme::RateOf, own: &RateStatus) -> Self {
        let basis = template.measure(&of.over).map_or(account::Basis::Units, |over| over.basis);
        let (zh, en) = basis.words();
        let rate: Option<Rate> = own.rate.as_ref().and_then(|rate| rate.ok());
        let reason = match &own.rate {
            None => Some(Words::new(
                "尚无人填报分子或分母",
                "numerator or denominator was never stated",
            )),
            Some(Err(NoRate::NothingDue)) => {
                Some(Words::new("应完成数为零：不评", "nothing was due: no case"))
            }
            Some(Err(error)) => Some(Words::new(error.to_string(), error.to_string())),
            Some(Ok(_)) => None,
        };
        Self {
            key: of.key.clone(),
            name: Words::new(&of.zh, &of.en),
            percent: rate.and_then(|rate| rate.percent(1).ok()),
            numerator: rate.map(|rate| shortest(&rate.numerator)),
            denominator: rate.map(|rate| shortest(&rate.denominator)),
            basis: basis.key(),
            basis_name: Words::new(zh, en),
            reason,
        }
    }
}

impl MeasureAnswer {
    fn of(of: &Measure, own: &account::programme::MeasureStatus) -> Self {
        let stated = own.stated.as_ref();
        Self {
            key: of.key.clone(),
            name: words(&of.name()),
            unit: of.unit.clone(),
            basis: of.basis.key(),
            chain: of.chain.clone(),
            total: decimal(own.total),
            stated: stated.map(|stated| shortest(&stated.total)),
            period_end: stated.map(|stated| stated.period_end.to_string()),
            sequence: stated.map(|stated| stated.sequence),
            summed: decimal(own.summed),
            projects: own.projects,
            missing: own.missing,
        }
    }
}

impl ProjectAnswer {
    fn of(book: &Book, own: &Project, status: &ProjectStatus) -> Self {
        let milestones = book.milestones.values().filter(|kept| kept.it.project == own.key);
        Self {
            key: own.key.clone(),
            name: words(&own.name),
            within: own.within.clone(),
            area: own.area.clone(),
            owner: own.owner.clone(),
            begins: own.begins.map(|day| day.to_string()),
            due: own.due.map(|day| day.to_string()),
            budget: own.budget.clone(),
            lon: own.at.map(|at| at.0),
            lat: own.at.map(|at| at.1),
            totals: status.totals.iter().copied().map(decimal).collect(),
            progress: status.progress.as_ref().map(ProgressAnswer::of),
            milestones: milestones.map(|kept| MilestoneAnswer::of(&kept.it)).collect(),
        }
    }
}

impl MilestoneAnswer {
    fn of(own: &Milestone) -> Self {
        Self {
            key: own.key.clone(),
            name: words(&own.name),
            due: own.due.to_string(),
            done: own.done.map(|day| day.to_string()),
            proof: own.proof.as_ref().map(DocumentAnswer::of),
        }
    }
}

impl EntryAnswer {
    pub fn of(kept: &Kept<Entry>, tells_who: bool) -> Self {
        let own = &kept.it;
        Self {
            sequence: kept.sequence,
            at: Instant(Timestamp::from_ms(kept.at_ms)),
            who: tells_who.then(|| kept.who.clone()),
            version: kept.version,
            project: own.project.clone(),
            measure: own.measure.clone(),
            period_end: own.period_end.to_string(),
            total: own.total.clone(),
            document: DocumentAnswer::of(&own.document),
            note: own.note.clone(),
        }
    }
}

fn decimal(value: Option<Exact>) -> Option<String> {
    value.as_ref().map(shortest)
}

/// A share in per cent, one decimal, half to even.
fn percent(share: &Exact) -> String {
    let percent = share.times(&Exact::whole(100)).and_then(|percent| percent.half_even(1));
    percent.map_or_else(|error| error.to_string(), |percent| percent.fixed(1))
}
