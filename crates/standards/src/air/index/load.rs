//! Builds the editions from their tables and refuses what does not hold together.

use super::{AirIndex, Category, ConcentrationInput, Item, SensitiveGroup};
use crate::air::statistic::{CaptureRule, CaptureRules, Statistic};
use crate::air::{Column, Pollutant, ReportKind};
use crate::data::Data;
use crate::table::{Error, Problem, Table};
use std::sync::Arc;

const EDITIONS: &[&str] =
    &["standard", "early_from", "valid_from", "valid_to", "title_zh", "title_en", "replaces"];
const BREAKPOINTS: &[&str] =
    &["standard", "valid_from", "valid_to", "column", "concentration", "unit", "iaqi"];
const ABOVE: &[&str] = &["standard", "valid_from", "valid_to", "column", "rule", "iaqi"];
const ITEMS: &[&str] = &[
    "standard",
    "valid_from",
    "valid_to",
    "report",
    "pollutant",
    "statistic",
    "column",
    "only_above",
];
const CAPTURE: &[&str] =
    &["standard", "valid_from", "valid_to", "statistic", "need", "of", "unit", "valid_above"];
const SETTINGS: &[&str] = &["standard", "valid_from", "valid_to", "key", "value", "unit"];
const CATEGORIES: &[&str] = &[
    "standard",
    "valid_from",
    "valid_to",
    "level",
    "low",
    "high",
    "name_zh",
    "name_en",
    "colour_zh",
    "rgb",
    "general_zh",
    "general_en",
    "sensitive_zh",
    "sensitive_en",
];
const GROUPS: &[&str] =
    &["standard", "valid_from", "valid_to", "pollutant", "group_zh", "group_en"];

struct Tables {
    editions: Table,
    breakpoints: Table,
    above: Table,
    items: Table,
    capture: Table,
    settings: Table,
    categories: Table,
    groups: Table,
}

/// Loads every edition, oldest first.
pub(crate) fn load(data: &Data<'_>) -> Result<Vec<AirIndex>, Error> {
    let tables = parse(data)?;
    let mut editions = Vec::new();
    for row in tables.editions.rows() {
        let (valid_from, valid_to) = row.validity()?;
        let edition = row.text("standard");
        let columns = columns(&tables, edition)?;
        let setting = |key| tables.settings.only(&[("standard", edition), ("key", key)]);
        let input = setting("index_input")?;
        let early = row.text("early_from");
        editions.push(AirIndex {
            edition: Arc::from(edition),
            title_zh: row.shared("title_zh"),
            title_en: row.shared("title_en"),
            early_from: if early.is_empty() { None } else { Some(row.date("early_from")?) },
            valid_from,
            valid_to,
            source: row.source(),
            items: items(&tables, edition, &columns)?,
            columns,
            captures: captures(&tables, edition)?,
            categories: categories(&tables, edition)?,
            groups: groups(&tables, edition)?,
            input: input.key("value", |value| match value {
                "exact" => Some(ConcentrationInput::Exact),
                "rounded" => Some(ConcentrationInput::Rounded),
                _ => None,
            })?,
            input_source: input.source(),
            rounding_source: setting("decimals_ug_m3")?.source(),
            decimals_ug_m3: setting("decimals_ug_m3")?.number("value")?,
            decimals_mg_m3: setting("decimals_mg_m3")?.number("value")?,
            primary_above: setting("primary_above")?.number("value")?,
            missing_publish_above: setting("missing_publish_above")?.number_or_none("value")?,
        });
    }
    editions.sort_by_key(|edition| edition.valid_from);
    Ok(editions)
}

fn parse(data: &Data<'_>) -> Result<Tables, Error> {
    let tables = Tables {
        editions: data.table("air/index_editions.csv", EDITIONS)?,
        breakpoints: data.table("air/index_breakpoints.csv", BREAKPOINTS)?,
        above: data.table("air/index_above.csv", ABOVE)?,
        items: data.table("air/index_items.csv", ITEMS)?,
        capture: data.table("air/index_capture.csv", CAPTURE)?,
        settings: data.table("air/index_settings.csv", SETTINGS)?,
        categories: data.table("air/index_categories.csv", CATEGORIES)?,
        groups: data.table("air/index_sensitive_groups.csv", GROUPS)?,
    };
    check(&tables)?;
    Ok(tables)
}

/// Rows of one key follow each other in time; settings have known keys.
fn check(tables: &Tables) -> Result<(), Error> {
    tables.editions.check_validity(&[])?;
    tables.breakpoints.check_validity(&["column", "iaqi"])?;
    tables.above.check_validity(&["column"])?;
    tables.items.check_validity(&["standard", "report", "pollutant", "statistic"])?;
    tables.capture.check_validity(&["statistic"])?;
    tables.settings.check_validity(&["key"])?;
    tables.categories.check_validity(&["level"])?;
    tables.groups.check_validity(&["pollutant", "group_en"])?;
    check_settings(&tables.settings)
}

fn check_settings(settings: &Table) -> Result<(), Error> {
    const KEYS: [&str; 7] = [
        "index_input",
        "decimals_ug_m3",
        "decimals_mg_m3",
        "primary_above",
        "missing_publish_above",
        "max_8h_first_end",
        "max_8h_last_end",
    ];
    for row in settings.rows() {
        row.key("key", |key| KEYS.contains(&key).then_some(()))?;
    }
    Ok(())
}

fn columns(tables: &Tables, edition: &str) -> Result<Vec<Column>, Error> {
    let mut columns = Vec::new();
    for above in tables.above.of("standard", edition) {
        let column = above.text("column");
        let rows =
            tables.breakpoints.of("standard", edition).filter(|row| row.text("column") == column);
        columns.push(Column::load(rows, above)?);
    }
    for row in tables.breakpoints.of("standard", edition) {
        let known = |name: &str| columns.iter().any(|c: &Column| &**c.name() == name);
        row.key("column", |name| known(name).then_some(()))?;
    }
    Ok(columns)
}

fn items(tables: &Tables, edition: &str, columns: &[Column]) -> Result<Vec<Item>, Error> {
    let column = |name: &str| columns.iter().position(|column| &**column.name() == name);
    let mut items = Vec::new();
    for row in tables.items.of("standard", edition) {
        let only_above = row.text("only_above");
        items.push(Item {
            kind: row.key("report", |kind| match kind {
                "day" => Some(ReportKind::Day),
                "hour" => Some(ReportKind::Hour),
                _ => None,
            })?,
            pollutant: row.key("pollutant", Pollutant::named)?,
            statistic: row.key("statistic", Statistic::named)?,
            column: row.key("column", column)?,
            only_above: if only_above.is_empty() {
                None
            } else {
                Some(row.key("only_above", column)?)
            },
        });
    }
    Ok(items)
}

fn captures(tables: &Tables, edition: &str) -> Result<CaptureRules, Error> {
    let rule = |statistic| -> Result<CaptureRule, Error> {
        let row = tables.capture.only(&[("standard", edition), ("statistic", statistic)])?;
        Ok(CaptureRule {
            need: row.number("need")?,
            of: row.number("of")?,
            valid_above: row.exact_or_none("valid_above")?,
            source: row.source(),
        })
    };
    for row in tables.capture.rows() {
        row.key("statistic", Statistic::named)?;
    }
    let setting = |key| tables.settings.only(&[("standard", edition), ("key", key)]);
    let (first, last) = (setting("max_8h_first_end")?, setting("max_8h_last_end")?);
    let captures = CaptureRules {
        mean_day: rule("mean_day")?,
        running_24h: rule("running_24h")?,
        running_8h: rule("running_8h")?,
        max_1h: rule("max_1h")?,
        max_8h: rule("max_8h")?,
        first_end: first.number("value")?,
        last_end: last.number("value")?,
        ends_source: first.source(),
    };
    // The windows of a day must fit the room kept for them: at most a day and the span before it.
    if !(1..=24).contains(&captures.first_end)
        || !(captures.first_end..=24).contains(&captures.last_end)
        || captures.running_8h.of != 8
        || captures.running_24h.of != 24
    {
        return Err(first.error(Problem::Shape(
            "running means must end between hours 1 and 24 and span 8 or 24 hours".to_owned(),
        )));
    }
    Ok(captures)
}

fn categories(tables: &Tables, edition: &str) -> Result<Vec<Category>, Error> {
    let mut categories: Vec<Category> = Vec::new();
    for row in tables.categories.of("standard", edition) {
        let (low, high) = (row.number("low")?, row.number("high")?);
        if categories.last().is_some_and(|last| last.high + 1 != low) || high < low {
            return Err(row.error(Problem::Shape("levels must follow each other".to_owned())));
        }
        categories.push(Category {
            level: row.number("level")?,
            low,
            high,
            name_zh: row.shared("name_zh"),
            name_en: row.shared("name_en"),
            colour_zh: row.shared("colour_zh"),
            rgb: row.shared("rgb"),
            general_zh: row.shared("general_zh"),
            general_en: row.shared("general_en"),
            sensitive_zh: row.shared("sensitive_zh"),
            sensitive_en: row.shared("sensitive_en"),
            source: row.source(),
        });
    }
    Ok(categories)
}

fn groups(tables: &Tables, edition: &str) -> Result<Vec<SensitiveGroup>, Error> {
    let rows = tables.groups.of("standard", edition);
    rows.map(|row| {
        Ok(SensitiveGroup {
            pollutant: row.key("pollutant", Pollutant::named)?,
            name_zh: row.shared("group_zh"),
            name_en: row.shared("group_en"),
            source: row.source(),
        })
    })
    .collect()
}
