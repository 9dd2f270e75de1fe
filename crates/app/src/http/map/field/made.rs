//! A field over a grid by one of the methods, with what was left out and why.

use super::LeftOut;
use super::air::{Air, Told};
use crate::http::error::{Answer, ApiError};
use crate::http::known::Moment;
use crate::http::state::AppState;
use crate::words::Words;
use model::Timestamp;
use space::field::{
    Doubt, Estimate, Field, Grade, Grid, Kind, Process, Sample, Station, inverse_distance,
    nearest_sample, reach_m, screen,
};
use std::sync::Arc;

/// The way from stations to a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// A Gaussian process fitted on the days before, with the grade of each instrument.
    Field,
    /// Ordinary kriging fitted on the hour alone.
    Kriging,
    /// Inverse square of the distance.
    Idw,
    /// The nearest station.
    Nearest,
}

impl Method {
    /// The method of a name; `field` without one.
    ///
    /// # Errors
    /// `bad_parameter`.
    pub fn named(text: Option<&str>) -> Answer<Self> {
        match text {
            None | Some("field") => Ok(Self::Field),
            Some("kriging") => Ok(Self::Kriging),
            Some("idw") => Ok(Self::Idw),
            Some("nearest") => Ok(Self::Nearest),
            Some(other) => {
                let accepted = Words::new(
                    "可用 field、kriging、idw、nearest",
                    "there are field, kriging, idw, nearest",
                );
                Err(ApiError::bad_parameter("method", other, accepted))
            }
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Field => "field",
            Self::Kriging => "kriging",
            Self::Idw => "idw",
            Self::Nearest => "nearest",
        }
    }
}

/// Cells, and what they rest on.
pub struct Made {
    /// The mean of each cell.
    pub mean: Vec<Option<f64>>,
    /// One in twenty below and one in twenty above, where the method knows.
    pub interval: Option<[Vec<Option<f64>>; 2]>,
    /// Whether the 90 % interval of a cell is so wide that its mean says little.
    pub unsure: Vec<bool>,
    /// Keys of what went in.
    pub used: Vec<String>,
    /// What did not.
    pub left_out: Vec<LeftOut>,
    /// How it was made, with its numbers.
    pub note: Words,
}

/// The stations that speak in an hour and do not hang, what was left out, and each one's sample.
pub struct Speaking {
    /// A value a station, in the order of the stations.
    pub now: Vec<Option<f64>>,
    /// Those that hang.
    pub left_out: Vec<LeftOut>,
}

/// Who speaks in an hour. Those that hang are left out here, those that contradict all others by the field itself.
pub fn speaking(air: &Air, told: &Told<'_>, at: Timestamp) -> Speaking {
    let samples = told.samples(at);
    let known: Vec<Sample> = samples.iter().flatten().cloned().collect();
    let mut doubts = screen(&known).into_iter();
    let (mut now, mut left_out) = (vec![], vec![]);
    for (sample, station) in samples.iter().zip(&air.stations) {
        let Some(sample) = sample else {
            now.push(None);
            continue;
        };
        let hangs =
            doubts.next().flatten().filter(|doubt| matches!(doubt, Doubt::Unchanged { .. }));
        now.push(hangs.is_none().then_some(sample.value));
        left_out
            .extend(hangs.map(|doubt| LeftOut { place: station.key.clone(), reason: said(doubt) }));
    }
    Speaking { now, left_out }
}

/// Fills the grid.
///
/// # Errors
/// None of its own.
pub fn make(
    app: &AppState,
    air: &Air,
    told: &Told<'_>,
    moment: &Moment,
    (at, method): (Timestamp, Method),
    grid: Option<&Grid>,
) -> Answer<Made> {
    match method {
        Method::Idw | Method::Nearest => Ok(simple(air, told, at, method, grid)),
        Method::Field => {
            let process = told.process(app, moment, at)?;
            Ok(gaussian(air, told, at, &process, method, grid))
        }
        Method::Kriging => {
            let equal = |station: Station| Station { grade: Grade::STANDARD, ..station };
            let stations: Vec<Station> = air.places().into_iter().map(equal).collect();
            let now = speaking(air, told, at).now;
            let process = Arc::new(Process::fit(Kind::Plain, &stations, &[now]));
            Ok(gaussian(air, told, at, &process, method, grid))
        }
    }
}

fn gaussian(
    air: &Air,
    told: &Told<'_>,
    at: Timestamp,
    process: &Process,
    method: Method,
    grid: Option<&Grid>,
) -> Made {
    let Speaking { mut now, mut left_out } = speaking(air, told, at);
    let field = Field::of(process, &now);
    let unit = model::unit_text(&air.subject.unit);
    for out in field.iter().flat_map(|field| &field.left_out) {
        now[out.station] = None;
        left_out.push(LeftOut {
            place: air.stations[out.station].key.clone(),
            reason: contradicted(out, &unit),
        });
    }
    let cells = field.as_ref().zip(grid).map_or_else(Vec::new, |(field, grid)| field.grid(grid));
    let range = spread(&now);
    let of =
        |part: fn(&Estimate) -> f64| cells.iter().map(|cell| cell.as_ref().map(part)).collect();
    let unsure =
        |cell: &Option<Estimate>| cell.as_ref().is_some_and(|cell| is_unsure(air, cell, range));
    Made {
        mean: of(|cell| cell.mean),
        interval: Some([of(|cell| cell.low), of(|cell| cell.high)]),
        unsure: cells.iter().map(unsure).collect(),
        used: used(air, &now),
        left_out,
        note: note(process, method),
    }
}

/// Whether a 90 % interval says little: wider than the mean of a concentration, wider than all stations differ for anything else.
pub fn is_unsure(air: &Air, cell: &Estimate, range: f64) -> bool {
    match air.kind() {
        Kind::Concentration => cell.relative_doubt() > 0.5,
        Kind::Plain => cell.high - cell.low > range,
    }
}

/// From the lowest to the highest of what the stations say.
pub fn spread(now: &[Option<f64>]) -> f64 {
    let known = || now.iter().flatten().copied();
    known().fold(f64::NEG_INFINITY, f64::max) - known().fold(f64::INFINITY, f64::min)
}

fn used(air: &Air, now: &[Option<f64>]) -> Vec<String> {
    let all = air.stations.iter().zip(now);
    all.filter(|(_, now)| now.is_some()).map(|(station, _)| station.key.clone()).collect()
}

fn simple(air: &Air, told: &Told<'_>, at: Timestamp, method: Method, grid: Option<&Grid>) -> Made {
    let samples = told.samples(at);
    let known: Vec<Sample> = samples.iter().flatten().cloned().collect();
    let keys = air.stations.iter().zip(&samples).filter(|(_, sample)| sample.is_some());
    let (mut into, mut used, mut left_out) = (vec![], vec![], vec![]);
    for (((station, _), sample), doubt) in keys.zip(&known).zip(screen(&known)) {
        let place = station.key.clone();
        if let Some(doubt) = doubt {
            left_out.push(LeftOut { place, reason: said(doubt) });
        } else {
            into.push(sample.clone());
            used.push(place);
        }
    }
    let reach = reach_m(&into);
    let way = if method == Method::Idw { inverse_distance } else { nearest_sample };
    let mean = grid.map_or_else(Vec::new, |grid| way(&into, grid, reach));
    let unsure = vec![false; mean.len()];
    Made { mean, interval: None, unsure, used, left_out, note: simple_note(method, reach) }
}

fn said(doubt: Doubt) -> Words {
    match doubt {
        Doubt::Unchanged { hours } => Words::new(
            format!("连续 {hours} 小时数值完全不变，疑似传感器卡死"),
            format!("exactly the same value for {hours} hours: the sensor may hang"),
        ),
        Doubt::Alone { neighbours } => Words::new(
            format!("与最近 5 个点位的中位数 {neighbours:.1} 相差数倍，疑似传感器故障"),
            format!(
                "several times off the median {neighbours:.1} of its 5 nearest: the sensor may be broken"
            ),
        ),
    }
}

fn contradicted(out: &space::field::LeftOut, unit: &str) -> Words {
    let (says, expected, times) = (out.says, out.expected, out.deviations);
    Words::new(
        format!(
            "报 {says:.1} {unit}，周围点位推得 {expected:.1}，相差为平常偏差的 {times:.0} 倍，疑似传感器故障或极近处有源"
        ),
        format!(
            "says {says:.1} {unit}; all around it {expected:.1} is expected, {times:.0} times the usual difference: broken, or a source beside it"
        ),
    )
}

fn note(process: &Process, method: Method) -> Words {
    let found = process.covariance();
    let km = found.range_m / 1_000.0;
    let nugget = 100.0 * found.nugget / (1.0 + found.nugget);
    let assumed = if found.is_assumed {
        ("；点位或小时太少，取常用值", "; too few stations or hours, usual numbers stand in")
    } else {
        ("", "")
    };
    match method {
        Method::Kriging => Words::new(
            format!("普通克里金，只用这一小时，各仪器同等可信；相关距离 {km:.1} 千米{}", assumed.0),
            format!(
                "Ordinary kriging of this hour alone, all instruments trusted alike; range {km:.1} km{}",
                assumed.1
            ),
        ),
        _ => Words::new(
            format!(
                "高斯过程，按前两日拟合；相关距离 {km:.1} 千米，近邻不共有 {nugget:.0} %；按仪器等级计误差；90 % 区间宽于均值处画斜线{}",
                assumed.0
            ),
            format!(
                "Gaussian process, fitted on the two days before; range {km:.1} km, {nugget:.0} % not shared with neighbours; errors by grade of instrument; hatched where the 90 % interval is wider than the mean{}",
                assumed.1
            ),
        ),
    }
}

fn simple_note(method: Method, reach_m: f64) -> Words {
    let km = reach_m / 1_000.0;
    if method == Method::Nearest {
        return Words::new(
            format!("取最近点位的值；{km:.1} 千米以外未知；不知误差"),
            format!("The nearest place; beyond {km:.1} km is unknown; it knows no uncertainty"),
        );
    }
    Words::new(
        format!(
            "反距离平方加权；每个点位影响 {km:.1} 千米以内，其外未知；权重：标准站、气象站 1，微站 0.25，扬尘监测点 0.1；不知误差"
        ),
        format!(
            "Inverse square of the distance; a place reaches {km:.1} km, beyond is unknown; weights: standard and weather stations 1, micro-stations 0.25, dust monitors 0.1; it knows no uncertainty"
        ),
    )
}
