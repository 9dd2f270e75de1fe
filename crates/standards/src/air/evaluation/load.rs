//! Builds the assessment rules from their tables.

use super::{Per, PeriodCapture, PeriodItem, PeriodRules, PeriodStatistic, Setting, TrendRow};
use crate::air::{Averaging, Pollutant};
use crate::data::Data;
use crate::table::{Error, Row, Table};
use std::sync::Arc;

/// Every edition, oldest first.
pub(crate) fn load(data: &Data<'_>) -> Result<Vec<PeriodRules>, Error> {
    let items = data.table(
        "air/period_items.csv",
        &[
            "standard",
            "valid_from",
            "valid_to",
            "pollutant",
            "statistic",
            "percent",
            "spans",
            "limit_averaging",
        ],
    )?;
    let captures = data.table(
        "air/period_capture.csv",
        &["standard", "valid_from", "valid_to", "statistic", "per", "need"],
    )?;
    let settings = data.table(
        "air/period_settings.csv",
        &["standard", "valid_from", "valid_to", "key", "value", "unit"],
    )?;
    let trend = trend(data)?;
    items.check_validity(&["pollutant", "statistic"])?;
    captures.check_validity(&["statistic", "per"])?;
    settings.check_validity(&["key"])?;
    check_keys(&settings)?;
    let mut editions: Vec<PeriodRules> = Vec::new();
    for row in items.rows() {
        let edition = row.text("standard");
        if editions.iter().any(|known| &*known.edition == edition) {
            continue;
        }
        let (valid_from, valid_to) = row.validity()?;
        let setting = |key| settings.only(&[("standard", edition), ("key", key)]);
        let places = |key| -> Result<Setting<u8>, Error> {
            let row = setting(key)?;
            Ok(Setting { value: row.number("value")?, source: row.source() })
        };
        let share = setting("area_points_share")?;
        let years = setting("trend_years_min")?;
        editions.push(PeriodRules {
            edition: Arc::from(edition),
            valid_from,
            valid_to,
            items: items.of("standard", edition).map(item).collect::<Result<_, _>>()?,
            captures: captures.of("standard", edition).map(capture).collect::<Result<_, _>>()?,
            decimals_ug_m3: places("decimals_ug_m3")?,
            decimals_mg_m3: places("decimals_mg_m3")?,
            decimals_multiple: places("decimals_multiple")?.value,
            decimals_percent: places("decimals_percent")?.value,
            area_share: Setting { value: share.exact("value")?, source: share.source() },
            area_share_few: setting("area_points_share_few")?.exact("value")?,
            area_few_below: setting("area_points_few_below")?.number("value")?,
            trend_years_min: Setting { value: years.number("value")?, source: years.source() },
            good_day_max: setting("good_day_max")?.number("value")?,
            heavy_day_above: setting("heavy_day_above")?.number("value")?,
            trend: trend.clone(),
        });
    }
    editions.sort_by_key(|edition| edition.valid_from);
    Ok(editions)
}

fn check_keys(settings: &Table) -> Result<(), Error> {
    const KEYS: [&str; 10] = [
        "decimals_ug_m3",
        "decimals_mg_m3",
        "decimals_multiple",
        "decimals_percent",
        "area_points_share",
        "area_points_share_few",
        "area_points_few_below",
        "trend_years_min",
        "good_day_max",
        "heavy_day_above",
    ];
    for row in settings.rows() {
        row.key("key", |key| KEYS.contains(&key).then_some(()))?;
    }
    Ok(())
}

/// `mean`, or `percentile` with its `percent`.
pub(crate) fn statistic(row: &Row) -> Result<PeriodStatistic, Error> {
    let is_mean = row.key("statistic", mean_or_percentile)?;
    if is_mean {
        Ok(PeriodStatistic::Mean)
    } else {
        row.number("percent").map(PeriodStatistic::Percentile)
    }
}

fn mean_or_percentile(name: &str) -> Option<bool> {
    match name {
        "mean" => Some(true),
        "percentile" => Some(false),
        _ => None,
    }
}

fn item(row: &Row) -> Result<PeriodItem, Error> {
    Ok(PeriodItem {
        pollutant: row.key("pollutant", Pollutant::named)?,
        statistic: statistic(row)?,
        years_only: row.key("spans", |spans| match spans {
            "any" => Some(false),
            "year" => Some(true),
            _ => None,
        })?,
        limit: row.key("limit_averaging", Averaging::named)?,
        source: row.source(),
    })
}

fn capture(row: &Row) -> Result<PeriodCapture, Error> {
    Ok(PeriodCapture {
        is_mean: row.key("statistic", mean_or_percentile)?,
        per: row.key("per", |per| match per {
            "year" => Some(Per::Year),
            "month" => Some(Per::Month),
            "february" => Some(Per::February),
            _ => None,
        })?,
        need: row.number("need")?,
        source: row.source(),
    })
}

fn trend(data: &Data<'_>) -> Result<Vec<TrendRow>, Error> {
    let table = data.table(
        "air/spearman.csv",
        &["standard", "valid_from", "valid_to", "n", "critical_05", "critical_01"],
    )?;
    table.check_validity(&["n"])?;
    let mut rows = Vec::new();
    for row in table.rows() {
        rows.push(TrendRow {
            n: row.number("n")?,
            critical_05: row.exact("critical_05")?,
            critical_01: row.exact("critical_01")?,
            source: row.source(),
        });
    }
    Ok(rows)
}
