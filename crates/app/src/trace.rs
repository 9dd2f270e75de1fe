//! Where a rise comes from: what is kept is gathered, `space` is asked, and its answer is put into words.
//!
//! Command and HTTP ask the same [`answer`]. Air is traced by wind over the emitters of the registry and over
//! unknown places; water up the network of rivers to its outfalls.

mod air;
mod gather;
mod river;
mod said;
mod weather;

pub mod command;

pub use said::{Candidate, Kind, TraceAnswer, TraceWind};

use crate::words::Words;
use model::{DAY_MS, HOUR_MS, MINUTE_MS, Parameter, ParameterTable, Timestamp};
use standards::Standards;
use standards::water::WaterBody;
use store::{Known, Reader};

/// The shortest window that is traced, ms.
const WINDOW_MS_MIN: i64 = HOUR_MS / 2;
/// The longest, ms.
const WINDOW_MS_MAX: i64 = 3 * DAY_MS;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// Key of the parameter that rose.
    pub parameter: String,
    /// First instant of the rise.
    pub from: Timestamp,
    /// First instant after it.
    pub to: Timestamp,
    /// Keys of the places whose readings count; none: all that measure it.
    pub places: Vec<String>,
    /// Key of the place whose rise it is about: what it measured counts most.
    pub about: Option<String>,
    /// Who noticed it, where and when.
    pub complaints: Vec<Noticed>,
    /// As it was known when.
    pub known: Known,
}

/// Somebody noticed it.
#[derive(Clone, Copy, Debug)]
pub struct Noticed {
    /// Longitude and latitude.
    pub at: [f64; 2],
    /// When.
    pub time: Timestamp,
}

/// What an answer is made from.
#[derive(Clone, Copy)]
pub struct Kept<'a> {
    /// Reads what is kept.
    pub reader: &'a Reader,
    /// What can be measured.
    pub parameters: &'a ParameterTable,
    /// The law: it says what is water.
    pub law: &'a Standards,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The data do not allow it, or the question makes no sense.
    #[error("{}\nhint: {}", .what.en, .hint.en)]
    Not {
        /// A stable code.
        code: &'static str,
        /// What is wrong.
        what: Words,
        /// What to do.
        hint: Words,
    },
    /// The store cannot be read.
    #[error("read the store")]
    Store(#[from] store::Error),
}

impl Refused {
    fn not(code: &'static str, zh: &str, en: &str, hint_zh: &str, hint_en: &str) -> Self {
        Self::Not { code, what: Words::new(zh, en), hint: Words::new(hint_zh, hint_en) }
    }
}

/// Where it comes from.
///
/// # Errors
/// When the window, the parameter or the places make no sense; when too little was measured, nothing rose, or there is no wind.
pub fn answer(kept: Kept<'_>, question: &Question) -> Result<TraceAnswer, Refused> {
    let span = question.to - question.from;
    if !(WINDOW_MS_MIN..=WINDOW_MS_MAX).contains(&span) {
        return Err(Refused::not(
            "bad_window",
            "时段须在半小时至三天之间",
            "the window must last from half an hour to three days",
            "请框住升高开始前后的几个小时",
            "take a few hours around the beginning of the rise",
        ));
    }
    let parameter = kept.parameters.get(&question.parameter).ok_or_else(|| {
        Refused::not(
            "unknown_parameter",
            "没有这个参数",
            "there is no such parameter",
            "参数见 /api/v1/parameters",
            "/api/v1/parameters lists them",
        )
    })?;
    if is_water(kept, parameter) {
        return river::answer(kept, parameter, question);
    }
    if !is_let_out(parameter) {
        return Err(Refused::not(
            "not_traceable",
            "这个参数不是排放出来的，不能溯源",
            "nobody lets this parameter out: it cannot be traced",
            "请选择颗粒物、二氧化硫、二氧化氮、一氧化碳、挥发性有机物或水中的污染物",
            "choose particles, sulfur dioxide, nitrogen dioxide, carbon monoxide, organic vapours, or a pollutant of water",
        ));
    }
    air::answer(kept, parameter, question)
}

fn is_water(kept: Kept<'_>, parameter: &Parameter) -> bool {
    let never = ["temperature", "ph", "oxygen", "do", "water_temp"];
    kept.law.water().limits().item(&parameter.key, WaterBody::River).is_some()
        && !never.contains(&parameter.key.as_str())
}

/// Ozone arises on its way, weather is not let out, and an index is none of them.
fn is_let_out(parameter: &Parameter) -> bool {
    let of_air = parameter.unit == "ug/m3" || parameter.unit == "mg/m3";
    of_air && parameter.key != "o3"
}

/// Length of the steps that a window is looked at in.
fn step_ms(span_ms: i64) -> i64 {
    match span_ms {
        span if span <= 8 * HOUR_MS => 10 * MINUTE_MS,
        span if span <= DAY_MS => HOUR_MS / 2,
        _ => HOUR_MS,
    }
}
