//! The answer of tracing in words and numbers for people: candidates, regions, evidence, what would settle it.

mod evidence;
mod regions;

use super::gather::Witness;
use super::{Question, Refused};
use crate::words::Words;
use evidence::{advised, doubt, evidence};
use model::{Parameter, Place, Registry, Timestamp};
use serde::Serialize;
use serde_json::Value;
use space::Plane;
use space::trace::{Advice, Answer, Ground, Refusal, Share, Winds};
use utoipa::ToSchema;

/// What an answer is put into words with.
pub struct Scene<'a> {
    pub parameter: &'a Parameter,
    pub question: &'a Question,
    pub step_ms: i64,
    pub plane: Plane,
    pub registry: &'a Registry,
    pub witnesses: &'a [Witness],
    pub emitters: &'a [&'a Place],
    pub ground: &'a Ground,
    pub winds: &'a Winds,
    pub wind_stations: &'a [String],
    pub soundings: usize,
    /// Emitters that state not what they let out.
    pub silent: usize,
}

/// Where a rise comes from.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TraceAnswer {
    /// Key of the parameter that rose.
    pub parameter: String,
    /// Its unit.
    pub unit: String,
    /// `air` or `river`.
    #[schema(example = "air")]
    pub medium: &'static str,
    /// RFC 3339.
    pub from: String,
    /// RFC 3339.
    pub to: String,
    /// Length of the steps that were looked at, s.
    pub step_s: i64,
    /// Keys of the places whose readings went in.
    pub places: Vec<String>,
    /// Values that went in.
    pub values: usize,
    /// The wind that it rests on; null for rivers.
    pub wind: Option<TraceWind>,
    /// Likeliest first; probabilities sum to 1.
    pub candidates: Vec<Candidate>,
    /// Two emitters that may both have let out.
    pub pair: Option<Pair>,
    /// GeoJSON: one feature for the region of 50 % and one for that of 90 %, property `share`.
    #[schema(value_type = Object)]
    pub regions: Value,
    /// What makes it less sure.
    pub doubts: Vec<Words>,
    /// Which measurement would settle it.
    pub advice: Option<TraceAdvice>,
    /// How often such answers were right where the truth was known.
    pub record: Words,
}

/// The wind that an answer rests on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TraceWind {
    /// Where it came from, degrees from north over east.
    pub from_deg: f64,
    /// How sure that is, one standard deviation.
    pub sd_deg: f64,
    /// Mean speed.
    pub speed_m_s: f64,
    /// Share of the time that was calm, 0 to 1.
    pub calm: f64,
    /// Keys of the places that measured it.
    pub stations: Vec<String>,
}

/// What a candidate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Something of the registry.
    Emitter,
    /// Some place that is in no register.
    Unknown,
    /// No source near: the whole air rose.
    None,
}

/// One possible source.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Candidate {
    /// What it is.
    pub kind: Kind,
    /// Key of the place, for an emitter.
    pub place: Option<String>,
    /// Its name.
    pub name: Words,
    /// Longitude and latitude: of the emitter, or of the likeliest spot.
    pub at: Option<[f64; 2]>,
    /// 0 to 1.
    pub probability: f64,
    /// Rate: one in twenty below, middle, one in twenty above, g/s.
    pub rate_g_s: Option<[f64; 3]>,
    /// From when to when it let out, as far as the window tells; RFC 3339.
    pub on: Option<[String; 2]>,
    /// Keys of places in its plume that rose.
    pub rose: Vec<String>,
    /// Keys of places in its plume that did not.
    pub stayed: Vec<String>,
    /// Keys of places that rose and never lay in its plume.
    pub unexplained: Vec<String>,
    /// What it reports of itself, as a multiple of its usual.
    pub reported: Option<f64>,
    /// What speaks for it and against, in words.
    pub evidence: Words,
}

/// Two at once.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Pair {
    /// Keys of both.
    pub places: [String; 2],
    /// That both let out, 0 to 1.
    pub probability: f64,
}

/// Which measurement would settle it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TraceAdvice {
    /// Longitude and latitude of where to measure.
    pub at: Option<[f64; 2]>,
    /// In words.
    pub say: Words,
}

/// An answer about the air.
pub fn air(scene: &Scene<'_>, answer: &Answer, advice: Option<Advice>) -> TraceAnswer {
    let candidates: Vec<Candidate> =
        answer.candidates.iter().map(|one| candidate(scene, one)).collect();
    let key = |at: usize| scene.emitters[at].key.clone();
    let mut doubts: Vec<Words> = answer.doubts.iter().map(doubt).collect();
    if scene.silent > 0 {
        let n = scene.silent;
        doubts.push(Words::new(
            format!("{n} 个排放源未登记排放什么，也作为候选"),
            format!("{n} emitters state not what they let out; they were judged as well"),
        ));
    }
    let [from_s, to_s] = [0.0, (scene.question.to - scene.question.from) as f64 / 1e3];
    let wind = scene.winds.mean(from_s, to_s);
    TraceAnswer {
        parameter: scene.parameter.key.clone(),
        unit: scene.parameter.unit.clone(),
        medium: "air",
        from: scene.question.from.to_string(),
        to: scene.question.to.to_string(),
        step_s: scene.step_ms / 1_000,
        places: scene.witnesses.iter().map(|one| one.key.clone()).collect(),
        values: scene.soundings,
        wind: Some(TraceWind {
            from_deg: wind.comes_from_deg(),
            sd_deg: scene.winds.direction_sd_deg,
            speed_m_s: wind.speed_m_s(),
            calm: scene.winds.calm,
            stations: scene.wind_stations.to_vec(),
        }),
        pair: answer
            .pair
            .filter(|(.., probability)| *probability > 0.05)
            .map(|(a, b, probability)| Pair { places: [key(a), key(b)], probability }),
        regions: regions::of(scene, answer),
        advice: Some(advised(scene, &candidates, advice)),
        candidates,
        doubts,
        record: record(),
    }
}

fn candidate(scene: &Scene<'_>, one: &space::trace::Candidate) -> Candidate {
    let series = |list: &[usize]| -> Vec<String> {
        list.iter().map(|at| scene.witnesses[*at].key.clone()).collect()
    };
    let (kind, place, name) = match one.share {
        Share::Known(at) => {
            let place = scene.emitters[at];
            (Kind::Emitter, Some(place.key.clone()), name_of(place))
        }
        Share::Unknown => {
            (Kind::Unknown, None, Words::new("未登记的某处", "some place in no register"))
        }
        Share::None => {
            let name = Words::new("附近没有源：整体升高", "no source near: the whole air rose");
            (Kind::None, None, name)
        }
    };
    let is_placed = one.share != Share::None;
    let rose: Vec<usize> = one.why.rose.iter().map(|(at, _)| *at).collect();
    Candidate {
        kind,
        place,
        name,
        at: is_placed.then(|| scene.plane.degrees(one.at_m)),
        probability: one.probability,
        rate_g_s: is_placed.then_some(one.rate_g_s),
        on: is_placed.then(|| one.on_s.map(|second| instant(scene.question.from, second))),
        rose: series(&rose),
        stayed: series(&one.why.stayed),
        unexplained: series(&one.why.unexplained),
        reported: one.why.reported,
        evidence: evidence(scene, one),
    }
}

/// The name of a place in both languages; the English one is the Chinese one where there is none.
pub fn name_of(place: &Place) -> Words {
    let en = if place.name.en.is_empty() { &place.name.zh } else { &place.name.en };
    Words::new(&place.name.zh, en)
}

/// An instant some seconds after another.
pub fn instant(zero: Timestamp, second: f64) -> String {
    (zero + (second * 1e3) as i64).to_string()
}

fn record() -> Words {
    Words::new(
        "在有真值的受控释放上，未参与调试的整段释放 4 次全部首位命中，单小时 13 次中 10 次；方法与误差见文档《科学》",
        "On controlled releases with known truth that were not tuned on: 4 of 4 whole releases first, 10 of 13 single hours; methods and errors stand in the document Science",
    )
}

/// Why there is no answer, in words.
pub fn refused(refusal: Refusal) -> Refused {
    match refusal {
        Refusal::NoWind { missing } => Refused::not(
            "no_wind",
            &format!("该时段 {:.0} % 没有风向风速，无法溯源", 100.0 * missing),
            &format!(
                "there is no wind for {:.0} % of the time: nothing can be traced",
                100.0 * missing
            ),
            "请登记同时测风向、风速的气象站，或换一个有风的时段",
            "register a weather station with wind speed and direction, or take another window",
        ),
        Refusal::WindUnit { speed_m_s } => Refused::not(
            "wind_unit",
            &format!("风速中位数为 {speed_m_s:.0} 米/秒，单位应有误"),
            &format!("the middle wind speed is {speed_m_s:.0} m/s: its unit must be another one"),
            "请检查气象站的单位设置",
            "check the unit that the weather station sends",
        ),
        Refusal::TooFew { series } => Refused::not(
            "too_few_places",
            &format!("只有 {series} 个点位有值，至少需要两个"),
            &format!("only {series} places have values; two are needed"),
            "请加长时段，或不限定点位",
            "take a longer window, or name no places",
        ),
        Refusal::NoRise => Refused::not(
            "no_rise",
            "该时段没有点位高出其平常水平，无可溯源",
            "no place rose above its background in this window: there is nothing to trace",
            "请框住升高开始前后的几个小时",
            "take a few hours around the beginning of the rise",
        ),
    }
}
