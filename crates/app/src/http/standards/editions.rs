//! The editions that can be chosen, and what changed between two of them.

use crate::http::error::{Answer, ApiError, Problem};
use crate::http::state::AppState;
use crate::words::Words;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use standards::air::{Averaging, Limit, RuleSet};
use standards::catalogue::{self, LawRow, LawTable};
use standards::{Confidence, Standards};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(editions)).routes(routes!(diff))
}

/// An edition that can be chosen.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = LawEdition)]
pub struct Edition {
    #[schema(example = "hj633-2026")]
    id: String,
    #[schema(example = "HJ 633-2026")]
    standard: String,
    title: Words,
    kind: Kind,
    valid_from: String,
    /// The last day in force; null when it still is.
    valid_to: Option<String>,
    /// How well the least supported of its rows is supported.
    confidence: Option<String>,
    doubtful: bool,
    notes: Vec<Words>,
    /// The set of editions that choosing it means.
    set: Option<String>,
}

/// What an edition is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = EditionKind)]
pub enum Kind {
    /// Editions that judge together: index, limits and assessment.
    Set,
    /// The index of hours and days.
    Index,
    /// Limits of concentrations.
    Limits,
    /// The assessment of spans.
    Evaluation,
    /// Surface water.
    Water,
}

/// Every edition of the law that is built in.
#[utoipa::path(get, path = "/standards/editions", tag = "standards", responses((status = 200, body = [Edition])))]
async fn editions(State(app): State<AppState>) -> Json<Vec<Edition>> {
    Json(all(&app.law))
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DiffQuery {
    /// An edition, see `/standards/editions`, or a civil day.
    #[param(required, value_type = String)]
    a: Option<String>,
    /// Another one.
    #[param(required, value_type = String)]
    b: Option<String>,
}

/// What changed between two editions.
#[derive(Serialize, ToSchema)]
#[schema(as = LawDiff)]
pub struct Diff {
    a: String,
    b: String,
    rows: Vec<DiffRow>,
}

/// One number or word that changed.
#[derive(Serialize, ToSchema)]
#[schema(as = LawDiffRow)]
pub struct DiffRow {
    #[schema(example = "air/gb3095_limits.csv")]
    table: String,
    /// What the row is about.
    #[schema(example = "PM2.5 annual")]
    row: String,
    column: String,
    /// Null where the row is new.
    before: Option<String>,
    /// Null where the row is gone.
    after: Option<String>,
    unit: Option<String>,
    /// Where it stands.
    clause: String,
}

/// What changed between two editions, number by number.
#[utoipa::path(
    get, path = "/standards/diff", tag = "standards", params(DiffQuery),
    responses((status = 200, body = Diff), (status = 400, body = Problem))
)]
async fn diff(
    State(app): State<AppState>,
    query: Result<Query<DiffQuery>, QueryRejection>,
) -> Answer<Json<Diff>> {
    let Query(query) = query?;
    let all = all(&app.law);
    let date = |name: &str, text: &Option<String>| -> Answer<(Date, String)> {
        let accepted = || {
            let known: Vec<&str> = all.iter().map(|edition| edition.id.as_str()).collect();
            let known = known.join(", ");
            Words::new(
                format!("可用 {known}，或日期"),
                format!("there are {known}, or a civil day"),
            )
        };
        let text = text.as_deref().ok_or_else(|| ApiError::missing_parameter(name, accepted()))?;
        let edition = all.iter().find(|edition| edition.id == text);
        let date = edition.map_or(text, |edition| &edition.valid_from).parse::<Date>();
        let date = date.map_err(|_| ApiError::bad_parameter(name, text, accepted()))?;
        Ok((date, text.to_owned()))
    };
    let (a, b) = (date("a", &query.a)?, date("b", &query.b)?);
    let tables = catalogue::tables().map_err(|error| ApiError::internal("read the law", &error))?;
    let changes = catalogue::changes(&tables, a.0, b.0);
    let rows = changes.iter().flat_map(|change| rows(change.table, &change.gone, &change.new));
    Ok(Json(Diff { a: a.1, b: b.1, rows: rows.collect() }))
}

/// Columns that name a row instead of saying something.
const KEYS: [&str; 17] = [
    "pollutant",
    "averaging",
    "applies_to",
    "column",
    "iaqi",
    "report",
    "statistic",
    "per",
    "percent",
    "spans",
    "scheme",
    "key",
    "level",
    "water_body",
    "class",
    "table",
    "rule",
];
/// Columns that say where a row stands.
const ABOUT: [&str; 7] =
    ["standard", "phase", "valid_from", "valid_to", "confidence", "source", "unit"];

fn rows(table: &LawTable, gone: &[&LawRow], new: &[&LawRow]) -> Vec<DiffRow> {
    let name = |row: &LawRow| -> String {
        let cells =
            KEYS.iter().filter_map(|key| table.cell(row, key)).filter(|cell| !cell.is_empty());
        cells.collect::<Vec<_>>().join(" ")
    };
    let says: Vec<&String> = table
        .columns
        .iter()
        .filter(|column| !KEYS.contains(&column.as_str()) && !ABOUT.contains(&column.as_str()))
        .collect();
    let mut rows = Vec::new();
    let one = |before: Option<&LawRow>, after: Option<&LawRow>, out: &mut Vec<DiffRow>| {
        let Some(row) = after.or(before) else { return };
        for column in &says {
            let (before, after) = (cell(table, before, column), cell(table, after, column));
            if before != after {
                out.push(DiffRow {
                    table: table.name.to_owned(),
                    row: name(row),
                    column: (*column).clone(),
                    before: before.map(str::to_owned),
                    after: after.map(str::to_owned),
                    unit: table
                        .cell(row, "unit")
                        .filter(|unit| !unit.is_empty())
                        .map(str::to_owned),
                    clause: table.cell(row, "source").unwrap_or_default().to_owned(),
                });
            }
        }
    };
    for before in gone {
        let after = new.iter().find(|after| name(after) == name(before));
        one(Some(before), after.copied(), &mut rows);
    }
    for after in new {
        if !gone.iter().any(|before| name(before) == name(after)) {
            one(None, Some(after), &mut rows);
        }
    }
    rows
}

fn cell<'r>(table: &LawTable, row: Option<&'r LawRow>, column: &str) -> Option<&'r str> {
    row.and_then(|row| table.cell(row, column)).filter(|cell| !cell.is_empty())
}

/// The names by which a set of editions can be chosen: its own, and those of its editions.
pub fn names_of(law: &Standards, set: &RuleSet<'_>) -> Vec<String> {
    let chosen = all(law).into_iter().filter(|edition| edition.set.as_deref() == Some(set.name()));
    chosen.map(|edition| edition.id).collect()
}

fn all(law: &Standards) -> Vec<Edition> {
    let mut all: Vec<Edition> = Vec::new();
    for set in law.rule_sets() {
        let title = Words::new(&set.row.title.zh, &set.row.title.en);
        let confidence = Some(set.row.source.confidence);
        let name = set.name().to_owned();
        let mut edition = Edition::of(&name, title, Kind::Set, set.row.validity(), confidence);
        edition.set = Some(name);
        all.push(edition);
    }
    for index in law.air_indices() {
        let (zh, en) = index.titles();
        let confidence = Some(index.source().confidence);
        let title = Words::new(zh, en);
        all.push(Edition::of(index.edition(), title, Kind::Index, index.validity(), confidence));
    }
    let limits = law.air_limits().all();
    let main =
        |limit: &&Limit| &*limit.pollutant == "PM2.5" && limit.averaging == Averaging::Annual;
    for main in limits.iter().filter(main) {
        let own = limits.iter().filter(|row| row.validity() == main.validity());
        let phase = match &*main.phase {
            "transition" => ("过渡阶段", "transition"),
            "final" => ("最终限值", "final"),
            _ => ("", ""),
        };
        let title = Words::new(
            format!(
                "环境空气质量标准{}",
                if phase.0.is_empty() { String::new() } else { format!("（{}）", phase.0) }
            ),
            format!(
                "Ambient air quality standards{}",
                if phase.1.is_empty() { String::new() } else { format!(" ({})", phase.1) }
            ),
        );
        let weakest = own.map(|row| row.source.confidence).max();
        let mut edition =
            Edition::of(&main.standard, title, Kind::Limits, main.validity(), weakest);
        if !phase.1.is_empty() {
            edition.id = format!("{}-{}", edition.id, phase.1);
        }
        let holds = |set: &RuleSet<'_>| {
            main.validity().0 <= set.row.limits_on
                && main.validity().1.is_none_or(|to| set.row.limits_on <= to)
        };
        edition.set = law.rule_sets().find(holds).map(|set| set.name().to_owned());
        all.push(edition);
    }
    for set in law.rule_sets() {
        let rules = set.rules.edition();
        if all.iter().any(|known| known.standard == **rules) {
            continue;
        }
        let title = Words::new(
            "环境空气质量评价技术规范",
            "Technical regulation on ambient air quality assessment",
        );
        let weakest = catalogue_confidence("air/period_", rules);
        let last = law.rule_sets().filter(|own| own.rules.edition() == rules).last();
        let valid = (set.row.validity().0, last.and_then(|own| own.row.validity().1));
        all.push(Edition::of(rules, title, Kind::Evaluation, valid, weakest));
    }
    let water = law.water().limits().items().iter().map(|item| item.source.confidence).max();
    let title =
        Words::new("地表水环境质量标准", "Environmental quality standards for surface water");
    let from = Date::constant(2002, 6, 1);
    all.push(Edition::of("GB 3838-2002", title, Kind::Water, (from, None), water));
    for edition in &mut all {
        if edition.set.is_none() && matches!(edition.kind, Kind::Index | Kind::Evaluation) {
            edition.set = law.rule_set_named(&edition.standard).map(|set| set.name().to_owned());
        }
    }
    all
}

/// The weakest support among the rows of a standard.
fn catalogue_confidence(table: &str, standard: &str) -> Option<Confidence> {
    const ORDER: [(&str, Confidence); 6] = [
        ("A", Confidence::A),
        ("A1", Confidence::A1),
        ("B", Confidence::B),
        ("C", Confidence::C),
        ("D", Confidence::D),
        ("none", Confidence::None),
    ];
    let tables = catalogue::tables().ok()?;
    let own = tables.iter().filter(|known| known.name.starts_with(table));
    let cells = own.flat_map(|table| {
        let rows = table.rows.iter().filter(|row| table.cell(row, "standard") == Some(standard));
        rows.filter_map(|row| table.cell(row, "confidence"))
    });
    cells.filter_map(|cell| ORDER.iter().find(|(mark, _)| *mark == cell)).map(|(_, c)| *c).max()
}

impl Edition {
    fn of(
        standard: &str,
        title: Words,
        kind: Kind,
        (from, to): (Date, Option<Date>),
        confidence: Option<Confidence>,
    ) -> Self {
        let doubtful = confidence.is_some_and(Confidence::is_doubtful);
        let mut notes = Vec::new();
        if doubtful {
            notes.push(Words::new(
                "部分规定未得到充分证实，凡用到之处均予说明",
                "some of its rows are not well established; every result that uses them says so",
            ));
        }
        Self {
            id: standard.to_lowercase().replace(' ', ""),
            standard: standard.to_owned(),
            title,
            kind,
            valid_from: from.to_string(),
            valid_to: to.map(|to| to.to_string()),
            confidence: confidence.map(|confidence| confidence.to_string()),
            doubtful,
            notes,
            set: None,
        }
    }
}
