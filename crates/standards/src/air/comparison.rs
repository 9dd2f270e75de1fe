//! One span against another: the table that a district reads out at its annual meeting. Published
//! values are compared, so that everybody can check the change from the two numbers beside it.

use super::{Assessment, NotAssessed, Pollutant};
use crate::exact::{Exact, ExactError};
use crate::explain::Text;
use crate::span::Span;
use crate::statistics;
use serde::Serialize;

/// What is compared: six pollutants, the composite index, the classes of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// The statistic by which a pollutant's year is told.
    Pollutant(Pollutant),
    /// The composite index.
    Composite,
    /// Days with an index up to 100.
    GoodDays,
    /// Their share of the assessed days.
    GoodShare,
    /// Days with an index above 200.
    HeavyDays,
}

/// Two spans compared.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The later span.
    pub this: Span,
    /// What it is compared with.
    pub last: Span,
    /// The sets of editions that judged the two.
    pub sets: [std::sync::Arc<str>; 2],
    /// One row an item.
    pub rows: Vec<Row>,
    /// How many items went down and up: `eight down, one up`.
    pub sentence: Text,
    /// The two were judged by different editions: their limits, and with them the composite index and
    /// the classes of days, do not compare like with like.
    pub caution: Option<Text>,
}

/// One item of both spans.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// `PM2.5`, `composite`, `good_days`.
    pub item: String,
    /// What it is called.
    pub name: Text,
    /// Mean, percentile, count.
    pub statistic: Text,
    /// The unit of the values.
    pub unit: &'static str,
    /// The later span.
    pub this: Cell,
    /// The earlier span.
    pub last: Cell,
    /// How it changed.
    pub change: Change,
}

/// One number of one span.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Cell {
    /// As published; none with a reason.
    pub value: Option<String>,
    /// Why there is none.
    pub reason: Option<NotAssessed>,
    /// Valid days.
    pub valid: u32,
    /// Days of the span.
    pub of: u32,
    /// The limit, where one holds.
    pub limit: Option<String>,
    /// Above the limit.
    pub exceed: Option<bool>,
    /// `(C - S) / S`, where above.
    pub multiple: Option<String>,
    /// Rests on a row that nobody could establish well.
    pub doubtful: bool,
    #[serde(skip)]
    number: Option<Exact>,
}

/// How an item changed, from the published values.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// `this - last`.
    pub absolute: Option<String>,
    /// `(this - last) / last` in per cent, one decimal; for a share in per cent none, its absolute
    /// change are points.
    pub percent: Option<String>,
    /// Better, worse, same or unknown.
    pub direction: Direction,
}

/// Whether it became better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// It became better.
    Better,
    /// It became worse.
    Worse,
    /// It reads the same.
    Same,
    /// One of the two has no value.
    Unknown,
}

impl Item {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 10] = [
        Self::Pollutant(Pollutant::Pm25),
        Self::Pollutant(Pollutant::Pm10),
        Self::Pollutant(Pollutant::So2),
        Self::Pollutant(Pollutant::No2),
        Self::Pollutant(Pollutant::Co),
        Self::Pollutant(Pollutant::O3),
        Self::Composite,
        Self::HeavyDays,
        Self::GoodDays,
        Self::GoodShare,
    ];

    /// `PM2.5`, `composite`, `good_days`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Pollutant(pollutant) => pollutant.symbol(),
            Self::Composite => "composite",
            Self::GoodDays => "good_days",
            Self::GoodShare => "good_share",
            Self::HeavyDays => "heavy_days",
        }
    }

    /// From its key, or a pollutant's parameter key.
    pub fn named(key: &str) -> Option<Self> {
        let own = Self::ALL.into_iter().find(|item| item.key() == key);
        own.or_else(|| Pollutant::named(key).map(Self::Pollutant))
    }

    /// What it is called.
    pub fn name(self) -> Text {
        match self {
            Self::Pollutant(pollutant) => Text::new(pollutant.symbol(), pollutant.symbol()),
            Self::Composite => Text::new("综合指数", "composite index"),
            Self::GoodDays => Text::new("优良天数", "good days"),
            Self::GoodShare => Text::new("优良天数比例", "share of good days"),
            Self::HeavyDays => Text::new("重污染天数", "heavily polluted days"),
        }
    }

    /// The unit of its values.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Pollutant(pollutant) => pollutant.unit(),
            Self::Composite => "",
            Self::GoodDays | Self::HeavyDays => "d",
            Self::GoodShare => "%",
        }
    }

    fn more_is_better(self) -> bool {
        matches!(self, Self::GoodDays | Self::GoodShare)
    }
}

impl Assessment {
    /// One number of the table.
    pub fn cell(&self, item: Item) -> Cell {
        let days = &self.evaluation.days;
        let of = self.span.len();
        let count = |number: u32| Cell {
            value: (days.valid > 0).then(|| number.to_string()),
            number: (days.valid > 0).then(|| Exact::whole(number.into())),
            reason: (days.valid == 0).then_some(NotAssessed::NoData),
            valid: days.valid,
            of,
            doubtful: !days.doubts.is_empty(),
            ..Cell::default()
        };
        match item {
            Item::Pollutant(pollutant) => self.pollutant_cell(pollutant),
            Item::Composite => {
                let composite = self.composite.as_ref();
                let text =
                    |composite: &super::Composite| composite.rounded.fixed(composite.decimals);
                Cell {
                    value: composite.ok().map(text),
                    number: composite.ok().map(|composite| composite.rounded),
                    reason: composite.err().cloned(),
                    valid: self.days.len() as u32,
                    of,
                    doubtful: composite.is_ok_and(|composite| !composite.doubts.is_empty()),
                    ..Cell::default()
                }
            }
            Item::GoodDays => count(days.good),
            Item::HeavyDays => count(days.heavy),
            Item::GoodShare => {
                let mut cell = count(0);
                cell.number = days.good_percent;
                cell.value = days.good_percent.map(|share| share.fixed(1));
                cell
            }
        }
    }

    fn pollutant_cell(&self, pollutant: Pollutant) -> Cell {
        let Some(item) = self.evaluation.headline(pollutant) else { return Cell::default() };
        let places = self.decimals(pollutant);
        let number = item.rounded.filter(|_| item.reason.is_none());
        Cell {
            value: number.map(|value| value.fixed(places)),
            number,
            reason: item.reason.clone(),
            valid: item.have.into(),
            of: item.of.into(),
            limit: item.limit.map(|limit| limit.to_string()),
            exceed: item.meets.map(|meets| !meets),
            multiple: item.exceedance.map(|multiple| multiple.fixed(2)),
            doubtful: !item.doubts.is_empty(),
        }
    }

    fn statistic_name(&self, item: Item) -> Text {
        match item {
            Item::Pollutant(pollutant) => {
                let item = self.evaluation.headline(pollutant);
                item.map_or_else(Text::default, |item| item.statistic.name())
            }
            Item::Composite => Text::new("六项之和", "sum of six"),
            Item::GoodDays => Text::new("AQI ≤ 100", "AQI ≤ 100"),
            Item::HeavyDays => Text::new("AQI > 200", "AQI > 200"),
            Item::GoodShare => Text::new("占有效天数", "of assessed days"),
        }
    }
}

/// Compares two spans item by item.
///
/// # Errors
/// When a number does not fit exact arithmetic.
pub fn compare(this: &Assessment, last: &Assessment) -> Result<Comparison, ExactError> {
    let mut rows = Vec::new();
    for item in Item::ALL {
        let (now, before) = (this.cell(item), last.cell(item));
        let change = change(item, &now, &before)?;
        let (name, unit, key) = (item.name(), item.unit(), item.key().to_owned());
        let statistic = this.statistic_name(item);
        rows.push(Row { item: key, name, statistic, unit, this: now, last: before, change });
    }
    let sentence = sentence(&rows);
    let caution = (this.set != last.set).then(|| {
        Text::new(
            format!(
                "两个时段依据不同版本（{}与{}）：限值不同，综合指数和各级天数不可直接相比",
                this.set, last.set
            ),
            format!(
                "the two spans were judged by different editions ({} and {}): limits differ, so that \
                 composite index and classes of days do not compare like with like",
                this.set, last.set
            ),
        )
    });
    let sets = [this.set.clone(), last.set.clone()];
    Ok(Comparison { this: this.span, last: last.span, sets, rows, sentence, caution })
}

/// How a number changed; absolute and relative, from what is published.
fn change(item: Item, now: &Cell, before: &Cell) -> Result<Change, ExactError> {
    let (Some(a), Some(b)) = (now.number, before.number) else {
        return Ok(Change { absolute: None, percent: None, direction: Direction::Unknown });
    };
    let difference = a.minus(&b)?;
    let direction = match (a == b, (a > b) == item.more_is_better()) {
        (true, _) => Direction::Same,
        (false, true) => Direction::Better,
        (false, false) => Direction::Worse,
    };
    let percent = match item {
        Item::GoodShare => None,
        _ => {
            statistics::change(&a, &b)?.map(|share| share.times(&Exact::whole(100))).transpose()?
        }
    };
    Ok(Change {
        absolute: Some(signed(&difference.to_string())),
        percent: percent.map(|percent| signed(&percent.fixed(1))),
        direction,
    })
}

fn signed(text: &str) -> String {
    let is_nought = text.chars().all(|c| matches!(c, '0' | '.' | '-'));
    if is_nought || text.starts_with('-') {
        text.trim_start_matches(if is_nought { '-' } else { '\0' }).to_owned()
    } else {
        format!("+{text}")
    }
}

/// `eight down, one up`: the nine that a district tells (six pollutants, composite index, heavy days;
/// good days), the share of good days being the same thing as their number.
fn sentence(rows: &[Row]) -> Text {
    let (mut down, mut up, mut same, mut unknown) = (0, 0, 0, 0);
    for row in rows.iter().filter(|row| row.item != Item::GoodShare.key()) {
        match row.change.absolute.as_deref() {
            None => unknown += 1,
            Some(change) if change.starts_with('-') => down += 1,
            Some(change) if change.starts_with('+') => up += 1,
            Some(_) => same += 1,
        }
    }
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    for (n, word_zh, word_en) in [
        (down, "降", "down"),
        (up, "升", "up"),
        (same, "平", "unchanged"),
        (unknown, "项无法比较", "not comparable"),
    ] {
        if n > 0 {
            zh.push(format!("{}{word_zh}", number(n, true)));
            en.push(format!("{} {word_en}", number(n, false)));
        }
    }
    Text::new(zh.join(""), en.join(", "))
}

fn number(n: usize, chinese: bool) -> &'static str {
    const ZH: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    const EN: [&str; 10] =
        ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    if chinese { ZH[n.min(9)] } else { EN[n.min(9)] }
}
