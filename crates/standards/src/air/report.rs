//! What a day or an hour amounts to: the index, its first pollutants, and each pollutant's row down
//! to capture and segment; or the reason why there is none.

use super::{Capture, Pollutant, Segment, Statistic};
use crate::exact::{Exact, ExactError};
use crate::source::Doubt;
use crate::span::Span;
use crate::words::Said;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use std::fmt;
use std::sync::Arc;

/// Which report of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportKind {
    /// The daily report.
    Day,
    /// The real-time report of one hour.
    Hour,
}

/// The index of a day or an hour with everything that led to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexReport {
    /// The edition that judged, `HJ 633-2026`.
    pub edition: Arc<str>,
    /// Day or hour.
    pub kind: ReportKind,
    /// The published index, or why there is none.
    pub aqi: Result<u16, NotAssessed>,
    /// The largest single index there is, published or not.
    pub computed: Option<u16>,
    /// The level of the published index, 1 to 6.
    pub level: Option<u8>,
    /// The primary pollutants of the published index; all that tie, none up to the index above which
    /// the edition names them.
    pub primary: Vec<Pollutant>,
    /// One row for each average that the report asks for.
    pub rows: Vec<PollutantRow>,
    /// What is in doubt about the report as a whole; each row has its own.
    pub doubts: Vec<Doubt>,
}

/// One average of one pollutant and its single index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PollutantRow {
    /// The pollutant.
    pub pollutant: Pollutant,
    /// How the average was formed.
    pub statistic: Statistic,
    /// The column of the breakpoint table, `O3_8h`.
    pub column: Arc<str>,
    /// The unrounded average, µg/m³ or mg/m³ (CO); there even when too few values stand behind it.
    pub average: Option<Exact>,
    /// The average as it is published.
    pub rounded: Option<Exact>,
    /// Between which rows of the table it lies; none at a cap.
    pub segment: Option<Segment>,
    /// The single index.
    pub iaqi: Option<u16>,
    /// How many values there were, were needed, and could be.
    pub capture: Option<Capture>,
    /// Valid with too few values because the maximum lies above the limit.
    pub by_exception: bool,
    /// Why there is no single index.
    pub reason: Option<NotAssessed>,
    /// What is in doubt about this row.
    pub doubts: Vec<Doubt>,
}

/// Why something was not assessed. Says itself in both languages, with its numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotAssessed {
    /// No valid value at all.
    NoData,
    /// The place does not measure it, by design.
    NotMeasured,
    /// The place is no station of the six: it measures only some of them.
    NotAllMeasured {
        /// Those that it does not measure.
        missing: Vec<Pollutant>,
    },
    /// Too few hours.
    TooFewHours {
        /// Valid hours.
        have: u16,
        /// Hours needed.
        need: u16,
    },
    /// Too few running means in the day.
    TooFewRunningMeans {
        /// Valid running means.
        have: u16,
        /// Running means needed.
        need: u16,
    },
    /// Too few days in the span.
    TooFewDays {
        /// Valid days.
        have: u16,
        /// Days needed.
        need: u16,
    },
    /// Too few days in one of its months.
    TooFewDaysInMonth {
        /// The first such month.
        month: Span,
        /// Valid days in it.
        have: u16,
        /// Days needed in it.
        need: u16,
    },
    /// Too few points of an area.
    TooFewPoints {
        /// Points with a value.
        have: u16,
        /// Points needed.
        need: u16,
    },
    /// The table has no critical value for this many years.
    NoCriticalValue {
        /// Years there.
        have: u16,
        /// Years needed at least.
        need: u16,
    },
    /// The column gives no index above its last row; another row of the report speaks instead.
    AboveTable {
        /// The column.
        column: Arc<str>,
        /// Its last breakpoint.
        top: Exact,
    },
    /// With pollutants missing, an index this low is not published.
    PollutantsMissing {
        /// The index of those that are there.
        computed: u16,
        /// Those that are not.
        missing: Vec<Pollutant>,
        /// Only above this would it be published.
        publish_above: u16,
    },
    /// A negative number is no concentration.
    Negative,
    /// No edition was in force.
    NoEdition,
    /// The numbers could not be computed exactly.
    Arithmetic(ExactError),
}

impl IndexReport {
    /// The row of a column, `PM2.5_24h`.
    pub fn row(&self, column: &str) -> Option<&PollutantRow> {
        self.rows.iter().find(|row| &*row.column == column)
    }

    /// The single index of a pollutant: the largest of its rows.
    pub fn iaqi(&self, pollutant: Pollutant) -> Option<u16> {
        self.rows.iter().filter(|row| row.pollutant == pollutant).filter_map(|row| row.iaqi).max()
    }

    /// Pollutants whose single index is above 100: in HJ 633-2012 the *exceedance pollutants*
    /// (clause 3.4), a term that the 2026 edition deleted.
    pub fn above(&self, index: u16) -> Vec<Pollutant> {
        Pollutant::ALL.into_iter().filter(|p| self.iaqi(*p).is_some_and(|i| i > index)).collect()
    }

    /// Whether any row of law that it used is doubtful.
    pub fn is_doubtful(&self) -> bool {
        !self.doubts.is_empty() || self.rows.iter().any(|row| !row.doubts.is_empty())
    }
}

impl NotAssessed {
    /// A stable code for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoData => "no_data",
            Self::NotMeasured => "not_measured",
            Self::NotAllMeasured { .. } => "not_all_measured",
            Self::TooFewHours { .. } => "too_few_hours",
            Self::TooFewRunningMeans { .. } => "too_few_running_means",
            Self::TooFewDays { .. } => "too_few_days",
            Self::TooFewDaysInMonth { .. } => "too_few_days_in_month",
            Self::TooFewPoints { .. } => "too_few_points",
            Self::NoCriticalValue { .. } => "no_critical_value",
            Self::AboveTable { .. } => "above_table",
            Self::PollutantsMissing { .. } => "pollutants_missing",
            Self::Negative => "negative",
            Self::NoEdition => "no_edition",
            Self::Arithmetic(_) => "arithmetic",
        }
    }
}

impl Said for NotAssessed {
    fn en(&self) -> String {
        match self {
            Self::NoData => "no valid data".to_owned(),
            Self::NotMeasured => "not measured here".to_owned(),
            Self::NotAllMeasured { missing } => {
                format!("{} not measured here: no index of all six", list(missing, ", "))
            }
            Self::TooFewHours { have, need } => format!("{have} of {need} hours needed"),
            Self::TooFewRunningMeans { have, need } => {
                format!("{have} of {need} running 8 h means needed")
            }
            Self::TooFewDays { have, need } => format!("{have} of {need} days needed"),
            Self::TooFewDaysInMonth { month, have, need } => {
                format!("{have} of {need} days needed in {month}")
            }
            Self::TooFewPoints { have, need } => format!("{have} of {need} points needed"),
            Self::NoCriticalValue { have, need } => {
                format!("no critical value for {have} years; at least {need} are needed")
            }
            Self::AboveTable { column, top } => {
                format!("{column} above {top}: this column gives no index there")
            }
            Self::PollutantsMissing { computed, missing, publish_above } => format!(
                "{} missing; the others give {computed}, published only above {publish_above}",
                list(missing, ", ")
            ),
            Self::Negative => "a negative number is no concentration".to_owned(),
            Self::NoEdition => "no edition was in force on this date".to_owned(),
            Self::Arithmetic(error) => error.to_string(),
        }
    }

    fn zh(&self) -> String {
        match self {
            Self::NoData => "无有效数据".to_owned(),
            Self::NotMeasured => "未开展监测".to_owned(),
            Self::NotAllMeasured { missing } => {
                format!("未监测{}，不能给出六项污染物的指数", list(missing, "、"))
            }
            Self::TooFewHours { have, need } => format!("有效小时{have}个，至少需要{need}个"),
            Self::TooFewRunningMeans { have, need } => {
                format!("有效8小时滑动平均{have}个，至少需要{need}个")
            }
            Self::TooFewDays { have, need } => format!("有效日{have}天，至少需要{need}天"),
            Self::TooFewDaysInMonth { month, have, need } => {
                format!("{month}有效日{have}天，至少需要{need}天")
            }
            Self::TooFewPoints { have, need } => format!("有效点位{have}个，至少需要{need}个"),
            Self::NoCriticalValue { have, need } => {
                format!("{have}年没有临界值，至少需要{need}年")
            }
            Self::AboveTable { column, top } => format!("{column}高于{top}，不再计算该项分指数"),
            Self::PollutantsMissing { computed, missing, publish_above } => format!(
                "缺少{}；其余项目计算结果为{computed}，大于{publish_above}时方可发布",
                list(missing, "、")
            ),
            Self::Negative => "负值不是浓度".to_owned(),
            Self::NoEdition => "该日期没有现行标准".to_owned(),
            Self::Arithmetic(ExactError::NotANumber | ExactError::NotFinite) => {
                "不是有效数字".to_owned()
            }
            Self::Arithmetic(ExactError::TooLarge) => "数值过大，无法精确计算".to_owned(),
            Self::Arithmetic(ExactError::DivisionByZero) => "除数为零".to_owned(),
        }
    }
}

impl fmt::Display for NotAssessed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.en())
    }
}

impl From<ExactError> for NotAssessed {
    fn from(error: ExactError) -> Self {
        Self::Arithmetic(error)
    }
}

impl Serialize for NotAssessed {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut reason = out.serialize_struct("NotAssessed", 3)?;
        reason.serialize_field("code", self.code())?;
        reason.serialize_field("en", &self.en())?;
        reason.serialize_field("zh", &self.zh())?;
        reason.end()
    }
}

/// `aqi` is a number or null, and then `reason` says why.
impl Serialize for IndexReport {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut report = out.serialize_struct("IndexReport", 9)?;
        report.serialize_field("edition", &*self.edition)?;
        report.serialize_field("kind", &self.kind)?;
        report.serialize_field("aqi", &self.aqi.as_ref().ok())?;
        report.serialize_field("reason", &self.aqi.as_ref().err())?;
        report.serialize_field("computed", &self.computed)?;
        report.serialize_field("level", &self.level)?;
        report.serialize_field("primary", &self.primary)?;
        report.serialize_field("rows", &self.rows)?;
        report.serialize_field("doubts", &self.doubts)?;
        report.end()
    }
}

fn list(pollutants: &[Pollutant], between: &str) -> String {
    pollutants.iter().map(|p| p.symbol()).collect::<Vec<_>>().join(between)
}
