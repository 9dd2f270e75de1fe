//! Water by the month: the class of each site, and which sites follow each other down a river.
//!
//! A month's value of an item is the arithmetic mean of its results (Huanban [2011] 22, part 1(2)); the
//! worst item gives the class. No document says how many days a month of automatic readings needs, so
//! our default is named here: half of its days.

use super::book::WaterRecord;
use super::{Asked, Error};
use jiff::civil::Date;
use model::{Line, LineKind, Place, PlaceId, PlaceKind, Registry};
use standards::water::{Class, SiteReport, WaterBody, WaterResult};
use standards::{Said, Span};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Hours that an item needs on a day: no document says, so it is half of them, our default.
const DAY_HOURS_MIN: u32 = 12;

/// One month of a water site.
#[derive(Clone, Debug)]
pub struct SiteMonth {
    /// The month.
    pub month: Span,
    /// What was measured.
    pub record: Arc<WaterRecord>,
    /// The judgement of the means that have enough days.
    pub report: SiteReport,
    /// Why there is no class, or what is to be known of it.
    pub reason: Option<MonthReason>,
}

/// What is to be said of a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MonthReason {
    /// It has not begun.
    NotBegun,
    /// It goes on: what stands there is made of the days so far.
    GoesOn,
    /// Nothing was measured.
    NoData,
    /// Every item has too few days.
    TooFewDays {
        /// Days of the item that has most.
        have: u32,
        /// Days needed.
        need: u32,
    },
}

/// Two sites in a row along a river.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Key of the river.
    pub river: String,
    /// The upper site.
    pub inflow: PlaceId,
    /// The lower site.
    pub outflow: PlaceId,
}

impl Said for MonthReason {
    fn en(&self) -> String {
        match self {
            Self::NotBegun => "the month has not begun".to_owned(),
            Self::GoesOn => "the month goes on: made of the days so far".to_owned(),
            Self::NoData => "no assessment, because nothing was measured".to_owned(),
            Self::TooFewDays { have, need } => format!(
                "no assessment, because there are results on {have} days and {need} are needed (half of the days, our default)"
            ),
        }
    }

    fn zh(&self) -> String {
        match self {
            Self::NotBegun => "该月尚未开始".to_owned(),
            Self::GoesOn => "该月尚未结束，按已有天数计".to_owned(),
            Self::NoData => "不予评价：没有监测数据".to_owned(),
            Self::TooFewDays { have, need } => {
                format!("不予评价：有数据 {have} 天，需 {need} 天（默认须达半数天数）")
            }
        }
    }
}

impl Asked<'_> {
    /// Months of water sites, by site in the order given.
    ///
    /// # Errors
    /// When the store cannot read, or numbers do not fit exact arithmetic.
    pub fn water_months(
        &self,
        sites: &[(PlaceId, Place)],
        months: &[Span],
    ) -> Result<Vec<Vec<SiteMonth>>, Error> {
        let ids: Vec<PlaceId> = sites.iter().map(|(id, _)| *id).collect();
        let records = self.book.months(self.desk(), &ids, months)?;
        let mut answer = Vec::new();
        for ((_, place), records) in sites.iter().zip(records) {
            let judged = records.into_iter().zip(months);
            let judged = judged.map(|(record, month)| self.site_month(place, record, *month));
            answer.push(judged.collect::<Result<Vec<_>, Error>>()?);
        }
        Ok(answer)
    }

    /// The class of each day of a water site that has one, by the means of the items that have half of its hours.
    ///
    /// # Errors
    /// When the store cannot read, or numbers do not fit exact arithmetic.
    pub fn water_classes(&self, site: PlaceId, span: Span) -> Result<BTreeMap<Date, Class>, Error> {
        let mut classes = BTreeMap::new();
        for (date, record) in self.book.water_days(self.desk(), site, span)? {
            let enough = record.items.iter().filter(|item| item.readings >= DAY_HOURS_MIN);
            let results: Vec<(&str, WaterResult)> =
                enough.map(|item| (&*item.key, WaterResult::Value(item.mean))).collect();
            let report = self.law.water().site(WaterBody::River, &results, None)?.report;
            classes.extend(report.class.map(|class| (date, class)));
        }
        Ok(classes)
    }

    fn site_month(
        &self,
        place: &Place,
        record: Arc<WaterRecord>,
        month: Span,
    ) -> Result<SiteMonth, Error> {
        let today = self.zone.date(self.now)?;
        let days = Span::new(month.first(), month.last().min(today)).map_or(0, |span| span.len());
        let need = days.div_ceil(2);
        let most = record.items.iter().map(|item| item.days).max();
        let reason = match most {
            _ if days == 0 => Some(MonthReason::NotBegun),
            None => Some(MonthReason::NoData),
            Some(have) if have < need => Some(MonthReason::TooFewDays { have, need }),
            Some(_) => month.holds(today).then_some(MonthReason::GoesOn),
        };
        let enough = record.items.iter().filter(|item| days > 0 && item.days >= need);
        let results: Vec<(&str, WaterResult)> =
            enough.map(|item| (&*item.key, WaterResult::Value(item.mean))).collect();
        let mut report = self.law.water().site(WaterBody::River, &results, target(place, month))?;
        for mean in &mut report.means {
            let own = record.items.iter().find(|item| item.key == mean.key);
            mean.count = own.map_or(0, |item| item.readings);
        }
        Ok(SiteMonth { month, record, report, reason })
    }
}

/// The class that a site has to reach in a month: the last target that holds by its end.
fn target(place: &Place, month: Span) -> Option<Class> {
    let last = month.last().to_string();
    let holds = place.targets.iter().filter(|target| target.from <= last);
    Class::named(&holds.max_by(|a, b| a.from.cmp(&b.from))?.class)
}

/// The water sites of every river that follow each other downstream.
pub fn pairs(registry: &Registry) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for river in registry.lines.iter().filter(|line| line.kind == LineKind::River) {
        let is_here = |key: &str| {
            let reach = |line: &Line| line.key == key && line.within == river.key;
            key == river.key || registry.lines.iter().any(reach)
        };
        let places = registry.places().iter().enumerate();
        let mut sites: Vec<(f64, PlaceId)> = places
            .filter(|(_, place)| place.kind == PlaceKind::WaterSite && is_here(&place.line))
            .map(|(id, place)| (along(&river.path, [place.lon, place.lat]), PlaceId(id as u32)))
            .collect();
        sites.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        pairs.extend(sites.windows(2).map(|two| Pair {
            river: river.key.clone(),
            inflow: two[0].1,
            outflow: two[1].1,
        }));
    }
    pairs
}

/// How far along a path its nearest point to `point` lies, in degrees of a local flat map: good for an
/// order, and for nothing else.
fn along(path: &[[f64; 2]], point: [f64; 2]) -> f64 {
    let shrink = point[1].to_radians().cos();
    let flat = |at: [f64; 2]| [at[0] * shrink, at[1]];
    let own = flat(point);
    let (mut gone, mut best) = (0.0, (f64::INFINITY, 0.0));
    for two in path.windows(2) {
        let (a, b) = (flat(two[0]), flat(two[1]));
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let length = dx.hypot(dy);
        let share = if length > 0.0 {
            (((own[0] - a[0]) * dx + (own[1] - a[1]) * dy) / (length * length)).clamp(0.0, 1.0)
        } else {
            0.0
        };
        let away = (own[0] - a[0] - share * dx).hypot(own[1] - a[1] - share * dy);
        if away < best.0 {
            best = (away, gone + share * length);
        }
        gone += length;
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Names;

    fn place(key: &str, line: &str, lon: f64) -> Place {
        let (key, line, kind) = (key.to_owned(), line.to_owned(), PlaceKind::WaterSite);
        Place { key, line, kind, lon, lat: 22.501, ..Place::default() }
    }

    #[test]
    fn sites_of_a_river_and_its_reaches_follow_each_other_downstream() {
        let line = |key: &str, kind, within: &str| Line {
            key: key.to_owned(),
            name: Names::default(),
            kind,
            within: within.to_owned(),
            path: vec![[114.2, 22.5], [114.1, 22.5], [114.0, 22.5]],
            ..Line::default()
        };
        let mut registry = Registry::default();
        registry.lines.push(line("long", LineKind::River, ""));
        registry.lines.push(line("long-2", LineKind::Reach, "long"));
        registry.lines.push(line("other", LineKind::River, ""));
        // The river runs west, so the site that was registered first lies lowest.
        registry.put_place(place("low", "long-2", 114.02));
        registry.put_place(place("high", "long", 114.19));
        registry.put_place(place("mid", "long", 114.1));
        registry.put_place(place("alone", "other", 114.1));
        let found = pairs(&registry);
        let ids: Vec<_> = found.iter().map(|pair| (pair.inflow.0, pair.outflow.0)).collect();
        assert_eq!(ids, [(1, 2), (2, 0)]);
        assert!(found.iter().all(|pair| pair.river == "long"));
    }

    #[test]
    fn the_target_is_the_last_that_holds_by_the_end_of_the_month() {
        let target_of = |from: &str, class: &str| model::Target {
            from: from.to_owned(),
            class: class.to_owned(),
        };
        let site = Place {
            targets: vec![target_of("2026-01-01", "III"), target_of("2025-01-01", "IV")],
            ..Place::default()
        };
        let on = |month: &str| target(&site, month.parse().unwrap());
        assert_eq!(on("2024-12"), None);
        assert_eq!(on("2025-12"), Some(Class::IV));
        assert_eq!(on("2026-01"), Some(Class::III));
    }
}
