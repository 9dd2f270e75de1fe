//! One section or point: its class by the worst item, and what pollutes it.

use super::{Class, Item, WaterBody, WaterLaw};
use crate::exact::{Exact, ExactError};
use serde::Serialize;
use std::cmp::Reverse;
use std::sync::Arc;

/// A section judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SectionReport {
    /// The worst class among the items that decide; none when none was measured.
    pub class: Option<Class>,
    /// The items that have that class, in the order of the standard; none for class I.
    pub deciding: Vec<Arc<str>>,
    /// How many of the items that decide were measured.
    pub assessed: usize,
    /// How many there are.
    pub of: usize,
    /// Every measured item that has limits, also those judged apart (total nitrogen).
    pub items: Vec<ItemRow>,
    /// What pollutes most, where the class is worse than III.
    pub main_pollutants: Vec<MainPollutant>,
    /// What was handed in and has no limits here.
    pub not_judged: Vec<Arc<str>>,
}

/// One item of a section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ItemRow {
    /// `nh3n`
    pub key: Arc<str>,
    /// The value that was judged.
    pub value: Exact,
    /// Its class.
    pub class: Class,
    /// It is one of those that decide the section's class.
    pub decides: bool,
    /// The limit of class III; none for pH.
    pub limit_iii: Option<Exact>,
    /// `(value - limit III) / limit III`, exact, where above it and the item has multiples.
    pub multiple: Option<Exact>,
}

/// A main pollutant with its multiple as published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MainPollutant {
    /// `nh3n`
    pub key: Arc<str>,
    /// How much above the limit of class III; none for pH and dissolved oxygen.
    pub multiple: Option<Exact>,
}

/// How one section compares with another, item by item or as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Versus {
    /// Better than the other.
    Better,
    /// The same.
    Same,
    /// Worse than the other.
    Worse,
    /// Not to be said, since something is missing.
    Undetermined,
}

impl WaterLaw {
    /// Judges a section from its values by item key. Values below detection come in as
    /// [`WaterLaw::below_detection`] makes them; rounding is the caller's step
    /// ([`super::WaterLimits::rounded`]).
    ///
    /// # Errors
    /// When a value does not fit exact arithmetic.
    pub fn section(
        &self,
        body: WaterBody,
        values: &[(&str, Exact)],
    ) -> Result<SectionReport, ExactError> {
        let (mut items, mut not_judged) = (Vec::new(), Vec::new());
        for item in self.limits.items() {
            let own = self.limits.item(&item.key, body);
            if !own.is_some_and(|own| std::ptr::eq(own, item)) {
                continue;
            }
            for (_, value) in values.iter().filter(|(key, _)| *key == &*item.key) {
                if let Some(row) = row(item, value)? {
                    items.push(row);
                }
            }
        }
        for (key, _) in values {
            if !items.iter().any(|row| &*row.key == *key) {
                not_judged.push(Arc::from(*key));
            }
        }
        let deciding = || items.iter().filter(|row| row.decides);
        let class = deciding().map(|row| row.class).max();
        let worst = class.filter(|class| *class != Class::I);
        Ok(SectionReport {
            class,
            deciding: deciding()
                .filter(|row| Some(row.class) == worst)
                .map(|row| Arc::clone(&row.key))
                .collect(),
            assessed: deciding().count(),
            of: self.limits.deciding_count(),
            main_pollutants: self.main_pollutants(body, &items)?,
            items,
            not_judged,
        })
    }

    /// Items worse than class III, those with priority first, then by class, worst first, then by
    /// multiple, largest first; the first three.
    fn main_pollutants(
        &self,
        body: WaterBody,
        items: &[ItemRow],
    ) -> Result<Vec<MainPollutant>, ExactError> {
        let above = |row: &&ItemRow| row.decides && row.class > Class::III;
        let mut above: Vec<&ItemRow> = items.iter().filter(above).collect();
        let priority =
            |row: &ItemRow| self.limits.item(&row.key, body).is_some_and(|i| i.has_priority);
        above
            .sort_by_key(|row| (Reverse(priority(row)), Reverse(row.class), Reverse(row.multiple)));
        let mut named = Vec::new();
        for row in above.into_iter().take(self.method.main_pollutants_max) {
            let places = self.method.multiple_decimals;
            let multiple = row.multiple.map(|multiple| multiple.half_even(places)).transpose()?;
            named.push(MainPollutant { key: Arc::clone(&row.key), multiple });
        }
        Ok(named)
    }

    /// How a section compares with the one whose water flows into it, by class.
    pub fn versus_class(outflow: &SectionReport, inflow: &SectionReport) -> Versus {
        match outflow.class.zip(inflow.class) {
            None => Versus::Undetermined,
            Some((out, into)) => versus(out.cmp(&into)),
        }
    }

    /// The same for one item, by its value; for dissolved oxygen more is better, pH says nothing.
    pub fn versus_item(
        &self,
        body: WaterBody,
        key: &str,
        outflow: &SectionReport,
        inflow: &SectionReport,
    ) -> Versus {
        let value =
            |report: &SectionReport| report.items.iter().find(|r| &*r.key == key).map(|r| r.value);
        let item = self.limits.item(key, body).filter(|item| item.range().is_none());
        let (Some(item), Some(out), Some(into)) = (item, value(outflow), value(inflow)) else {
            return Versus::Undetermined;
        };
        versus(if item.rises() { into.cmp(&out) } else { out.cmp(&into) })
    }
}

fn versus(ordering: std::cmp::Ordering) -> Versus {
    match ordering {
        std::cmp::Ordering::Less => Versus::Better,
        std::cmp::Ordering::Equal => Versus::Same,
        std::cmp::Ordering::Greater => Versus::Worse,
    }
}

fn row(item: &Item, value: &Exact) -> Result<Option<ItemRow>, ExactError> {
    let Some(class) = item.class(value) else { return Ok(None) };
    let limit_iii = item.limit(Class::III);
    let multiple = match limit_iii.filter(|_| item.has_multiple && class > Class::III) {
        Some(limit) => Some(value.minus(&limit)?.over(&limit)?),
        None => None,
    };
    let (key, value) = (Arc::clone(&item.key), *value);
    Ok(Some(ItemRow { key, value, class, decides: item.decides, limit_iii, multiple }))
}
