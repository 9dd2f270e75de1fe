//! The items of GB 3838-2002: limits by class, decimal places, states.

use crate::data::Data;
use crate::exact::{Exact, ExactError};
use crate::source::Source;
use crate::table::{Error, Problem, Row};
use serde::Serialize;
use std::fmt;
use std::sync::Arc;

/// The class of water, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[expect(missing_docs, reason = "the names are the definitions")]
pub enum Class {
    I,
    II,
    III,
    IV,
    V,
    #[serde(rename = "worse_than_V")]
    WorseThanV,
}

/// Which limits of phosphorus and nitrogen hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WaterBody {
    /// Running water.
    River,
    /// Lakes and reservoirs.
    Lake,
}

/// One item with its limits.
#[derive(Clone, Debug, Serialize)]
pub struct Item {
    /// `nh3n`
    pub key: Arc<str>,
    /// `氨氮`
    pub name_zh: Arc<str>,
    /// `Ammonia nitrogen`
    pub name_en: Arc<str>,
    /// The unit of its limits.
    pub unit: Arc<str>,
    /// One of the 21 items that decide the class.
    pub decides: bool,
    /// Its exceedance has a multiple; not so for pH and dissolved oxygen.
    pub has_multiple: bool,
    /// Named first among main pollutants whenever it exceeds.
    pub has_priority: bool,
    /// Where it stands.
    pub source: Source,
    #[serde(skip)]
    body: Option<WaterBody>,
    #[serde(skip)]
    rule: Rule,
}

#[derive(Clone, Debug)]
enum Rule {
    /// Judged by change, not by value.
    Change,
    /// The same range for every class, ends included.
    Range(Exact, Exact),
    AtLeast([Exact; 5]),
    AtMost([Exact; 5]),
}

/// The state that a class stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct State {
    /// `good`
    pub name_en: Arc<str>,
    /// `良好`
    pub name_zh: Arc<str>,
    /// `green`
    pub colour: Arc<str>,
}

/// A limit for surface sources of drinking water (tables 2 and 3 of GB 3838-2002).
#[derive(Clone, Debug, Serialize)]
pub struct SourceLimit {
    /// `铁`
    pub name_zh: Arc<str>,
    /// `Iron`
    pub name_en: Arc<str>,
    /// At or below meets it.
    pub limit: Exact,
    /// Its unit.
    pub unit: Arc<str>,
    /// Where it stands.
    pub source: Source,
}

/// The lowest detection limit of a listed method; a newer method may have a lower one, so the limit
/// that comes with a sample counts first.
#[derive(Clone, Debug, Serialize)]
pub struct DetectionLimit {
    /// The item, `cod`.
    pub key: Arc<str>,
    /// `dichromate`
    pub method: Arc<str>,
    /// The limit.
    pub limit: Exact,
    /// Its unit.
    pub unit: Arc<str>,
    /// Where it stands.
    pub source: Source,
}

/// All items, decimals and states.
#[derive(Clone, Debug)]
pub struct WaterLimits {
    items: Vec<Item>,
    decimals: Vec<(Arc<str>, u8, Source)>,
    states: Vec<(Class, State)>,
    source_limits: Vec<SourceLimit>,
    detection_limits: Vec<DetectionLimit>,
}

impl Class {
    /// All classes, the best first.
    pub const ALL: [Self; 6] = [Self::I, Self::II, Self::III, Self::IV, Self::V, Self::WorseThanV];

    /// `III`, `worse_than_V`.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::I => "I",
            Self::II => "II",
            Self::III => "III",
            Self::IV => "IV",
            Self::V => "V",
            Self::WorseThanV => "worse_than_V",
        }
    }

    /// From its symbol.
    pub fn named(symbol: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.symbol() == symbol)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.symbol())
    }
}

impl Item {
    /// The class of a value: the best whose limit it meets, so that of two classes that share a
    /// limit the better counts. None for an item judged by change.
    pub fn class(&self, value: &Exact) -> Option<Class> {
        let meets = |class: usize| match &self.rule {
            Rule::Change => false,
            Rule::Range(low, high) => low <= value && value <= high,
            Rule::AtLeast(limits) => *value >= limits[class],
            Rule::AtMost(limits) => *value <= limits[class],
        };
        if matches!(self.rule, Rule::Change) {
            return None;
        }
        Some((0..5).find(|class| meets(*class)).map_or(Class::WorseThanV, |at| Class::ALL[at]))
    }

    /// The limit of a class; for pH the ends of its range are in [`Item::range`].
    pub fn limit(&self, class: Class) -> Option<Exact> {
        match &self.rule {
            Rule::AtLeast(limits) | Rule::AtMost(limits) => limits.get(class as usize).copied(),
            Rule::Change | Rule::Range(..) => None,
        }
    }

    /// The range of an item that has one.
    pub fn range(&self) -> Option<(Exact, Exact)> {
        if let Rule::Range(low, high) = self.rule { Some((low, high)) } else { None }
    }

    /// More is better, as for dissolved oxygen.
    pub fn rises(&self) -> bool {
        matches!(self.rule, Rule::AtLeast(_))
    }
}

impl WaterLimits {
    pub(super) fn load(data: &Data<'_>) -> Result<Self, Error> {
        let table = data.table(
            "water/surface_limits.csv",
            &[
                "standard",
                "valid_from",
                "valid_to",
                "key",
                "water_body",
                "name_zh",
                "name_en",
                "unit",
                "rule",
                "class_1",
                "class_2",
                "class_3",
                "class_4",
                "class_5",
                "in_21",
                "exceed_multiple",
                "priority",
            ],
        )?;
        table.check_validity(&["key", "water_body"])?;
        let items: Vec<Item> = table.rows().iter().map(item).collect::<Result<_, _>>()?;
        let rounding = data.table(
            "water/rounding.csv",
            &[
                "standard",
                "valid_from",
                "valid_to",
                "key",
                "hourly_decimals",
                "assessment_decimals",
            ],
        )?;
        rounding.check_validity(&["key"])?;
        let mut decimals = Vec::new();
        for row in rounding.rows() {
            if let Some(places) = row.number_or_none("assessment_decimals")? {
                decimals.push((row.shared("key"), places, row.source()));
            }
        }
        let table = data.table(
            "water/states.csv",
            &["standard", "valid_from", "valid_to", "class", "state", "state_zh", "colour"],
        )?;
        table.check_validity(&["class"])?;
        let mut states = Vec::new();
        for row in table.rows() {
            let (name_en, name_zh) = (row.shared("state"), row.shared("state_zh"));
            let state = State { name_en, name_zh, colour: row.shared("colour") };
            states.push((row.key("class", Class::named)?, state));
        }
        let source_limits = source_limits(data)?;
        let detection_limits = detection_limits(data)?;
        Ok(Self { items, decimals, states, source_limits, detection_limits })
    }

    /// Every item.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// An item by its key, as it holds for a body of water.
    pub fn item(&self, key: &str, body: WaterBody) -> Option<&Item> {
        let holds = |item: &&Item| &*item.key == key && item.body.is_none_or(|own| own == body);
        self.items.iter().find(holds)
    }

    /// The limits for surface sources of drinking water.
    pub fn source_limits(&self) -> &[SourceLimit] {
        &self.source_limits
    }

    /// The detection limits of an item's methods.
    pub fn detection_limits<'s>(
        &'s self,
        key: &'s str,
    ) -> impl Iterator<Item = &'s DetectionLimit> {
        self.detection_limits.iter().filter(move |limit| &*limit.key == key)
    }

    /// The state that a class stands for.
    pub fn state(&self, class: Class) -> Option<&State> {
        self.states.iter().find(|(of, _)| *of == class).map(|(_, state)| state)
    }

    /// The number of items that decide the class.
    pub fn deciding_count(&self) -> usize {
        let river = |item: &&Item| item.decides && item.body != Some(WaterBody::Lake);
        self.items.iter().filter(river).count()
    }

    /// The decimal places of an item for assessment.
    pub fn decimals(&self, key: &str) -> Option<u8> {
        self.decimals.iter().find(|(of, ..)| &**of == key).map(|(_, places, _)| *places)
    }

    /// A value at its item's places for assessment; what would round to nought keeps one digit. With
    /// the source of the places, none for an item without any.
    ///
    /// # Errors
    /// When the value does not fit exact arithmetic.
    pub fn rounded(
        &self,
        key: &str,
        value: &Exact,
    ) -> Result<Option<(Exact, &Source)>, ExactError> {
        let Some((_, places, source)) = self.decimals.iter().find(|(of, ..)| &**of == key) else {
            return Ok(None);
        };
        Ok(Some((keep_a_digit(value, *places)?, source)))
    }
}

/// Rounded half to even; what would become nought keeps one significant digit.
///
/// # Errors
/// When the value does not fit exact arithmetic.
pub(super) fn keep_a_digit(value: &Exact, places: u8) -> Result<Exact, ExactError> {
    let mut rounded = value.half_even(places)?;
    let mut places = places;
    while rounded == Exact::ZERO && *value != Exact::ZERO {
        places += 1;
        // The first significant digit of what lies below half a step is its own rounding.
        rounded = value.half_even(places)?;
    }
    Ok(rounded)
}

fn item(row: &Row) -> Result<Item, Error> {
    let yes = |column| {
        row.key(column, |text| match text {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        })
    };
    Ok(Item {
        key: row.shared("key"),
        name_zh: row.shared("name_zh"),
        name_en: row.shared("name_en"),
        unit: row.shared("unit"),
        decides: yes("in_21")?,
        has_multiple: yes("exceed_multiple")?,
        has_priority: yes("priority")?,
        source: row.source(),
        body: row.key("water_body", |body| match body {
            "any" => Some(None),
            "river" => Some(Some(WaterBody::River)),
            "lake" => Some(Some(WaterBody::Lake)),
            _ => None,
        })?,
        rule: rule(row)?,
    })
}

fn rule(row: &Row) -> Result<Rule, Error> {
    const CLASSES: [&str; 5] = ["class_1", "class_2", "class_3", "class_4", "class_5"];
    let limits = || -> Result<[Exact; 5], Error> {
        let mut limits = [Exact::ZERO; 5];
        for (slot, column) in limits.iter_mut().zip(CLASSES) {
            *slot = row.exact(column)?;
        }
        Ok(limits)
    };
    match row.text("rule") {
        "change" => Ok(Rule::Change),
        "ge" => limits().map(Rule::AtLeast),
        "le" => limits().map(Rule::AtMost),
        "range" => {
            let ends = row.text(CLASSES[0]).split_once("..");
            let ends = ends.and_then(|(a, b)| Exact::parse(a).ok().zip(Exact::parse(b).ok()));
            let same = CLASSES.iter().all(|column| row.text(column) == row.text(CLASSES[0]));
            match ends {
                Some((low, high)) if same => Ok(Rule::Range(low, high)),
                _ => Err(row.bad(CLASSES[0], "a range like 6..9, the same for every class")),
            }
        }
        other => {
            Err(row
                .error(Problem::UnknownKey { column: "rule".to_owned(), value: other.to_owned() }))
        }
    }
}

fn source_limits(data: &Data<'_>) -> Result<Vec<SourceLimit>, Error> {
    let table = data.table(
        "water/source_limits.csv",
        &[
            "standard",
            "valid_from",
            "valid_to",
            "table",
            "no",
            "name_zh",
            "name_en",
            "unit",
            "limit",
        ],
    )?;
    table.check_validity(&["table", "no"])?;
    let mut limits = Vec::new();
    for row in table.rows() {
        limits.push(SourceLimit {
            name_zh: row.shared("name_zh"),
            name_en: row.shared("name_en"),
            limit: row.exact("limit")?,
            unit: row.shared("unit"),
            source: row.source(),
        });
    }
    Ok(limits)
}

fn detection_limits(data: &Data<'_>) -> Result<Vec<DetectionLimit>, Error> {
    let table = data.table(
        "water/detection_limits.csv",
        &["standard", "valid_from", "valid_to", "key", "method", "limit", "unit"],
    )?;
    table.check_validity(&["key", "method"])?;
    let mut limits = Vec::new();
    for row in table.rows() {
        limits.push(DetectionLimit {
            key: row.shared("key"),
            method: row.shared("method"),
            limit: row.exact("limit")?,
            unit: row.shared("unit"),
            source: row.source(),
        });
    }
    Ok(limits)
}
