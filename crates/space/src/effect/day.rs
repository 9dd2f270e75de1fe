//! Days with their weather, and the trees that know what a day would be.

use crate::boost::{Binned, Bins, Boost, Shape};
use crate::forecast::{Hour, Series};
use crate::plot::Civil;

/// One civil day that has a mean and a weather.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Day {
    /// Days since 1970-01-01.
    pub number: i32,
    pub at: Civil,
    /// Mean of its hours.
    pub value: f64,
    /// What the trees are told of its weather.
    pub weather: [Option<f64>; WEATHER],
}

const WEATHER: usize = 9;
const WIDTH: usize = WEATHER + 4;
/// Fewest hours of a day's mean: two in three.
const HOURS_MIN: usize = 16;
const SHAPE: Shape = Shape { trees: 120, depth: 4, shrink: 0.07, leaf_min: 8 };

/// Days of a series that have enough hours and a wind or a temperature.
pub(super) fn days(series: Series<'_>) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    let mut hours = series.hours;
    let mut before: Option<(i32, f64)> = None;
    while let Some(first) = hours.first() {
        let number = first.at.day_number();
        let end = hours.iter().position(|hour| hour.at.day_number() != number);
        let (own, rest) = hours.split_at(end.unwrap_or(hours.len()));
        hours = rest;
        let Some(mut weather) = weather(own) else { continue };
        let yesterday = before.filter(|(day, _)| *day + 1 == number).map(|(_, speed)| speed);
        weather[8] = yesterday;
        before = weather[2].map(|speed| (number, speed));
        let (count, value) = mean(own, |hour| hour.value);
        if let Some(value) = value.filter(|_| count >= HOURS_MIN) {
            days.push(Day { number, at: first.at, value, weather });
        }
    }
    days
}

fn mean(hours: &[Hour], of: impl Fn(&Hour) -> Option<f64>) -> (usize, Option<f64>) {
    let (sum, count) = hours
        .iter()
        .filter_map(of)
        .filter(|value| value.is_finite())
        .fold((0.0, 0), |(sum, count), value| (sum + value, count + 1));
    (count, (count > 0).then(|| sum / count as f64))
}

fn weather(hours: &[Hour]) -> Option<[Option<f64>; WEATHER]> {
    let of = |of: fn(&Hour) -> Option<f64>| mean(hours, of).1;
    let speed = of(|hour| hour.weather.wind.map(|wind| wind.speed_m_s));
    let temperature = of(|hour| hour.weather.temperature_c);
    if speed.is_none() && temperature.is_none() {
        return None;
    }
    let half = hours.len() / 2;
    let pressure = |hours: &[Hour]| mean(hours, |hour| hour.weather.pressure_hpa).1;
    let change = pressure(&hours[half..]).zip(pressure(&hours[..half]));
    Some([
        of(|hour| hour.weather.wind.map(|w| w.speed_m_s * w.from_deg.to_radians().sin())),
        of(|hour| hour.weather.wind.map(|w| w.speed_m_s * w.from_deg.to_radians().cos())),
        speed,
        temperature,
        of(|hour| hour.weather.humidity),
        pressure(hours),
        change.map(|(late, early)| late - early),
        of(|hour| hour.weather.rain_mm),
        None,
    ])
}

/// Trees that were taught some days.
pub(super) struct Taught {
    bins: Bins,
    boost: Boost,
    floor: f64,
    /// The mean of a ratio whose logarithm is 0 on average (Duan 1983).
    smear: f64,
}

/// What is told of a day: its weather, and where it stands in time.
fn row(at: Civil, number: i32, weather: &[Option<f64>; WEATHER]) -> [Option<f64>; WIDTH] {
    let mut row = [None; WIDTH];
    row[..WEATHER].copy_from_slice(weather);
    let turn = std::f64::consts::TAU * at.year_share();
    row[WEATHER] = Some(f64::from(number));
    row[WEATHER + 1] = Some(f64::from(at.weekday));
    row[WEATHER + 2] = Some(turn.cos());
    row[WEATHER + 3] = Some(turn.sin());
    row
}

/// Days as the trees read them, to be taught again and again.
pub(super) struct School<'d> {
    days: &'d [Day],
    bins: Bins,
    table: Binned,
    target: Vec<f64>,
    floor: f64,
}

impl<'d> School<'d> {
    pub fn of(days: &'d [Day]) -> Self {
        let rows: Vec<Option<f64>> =
            days.iter().flat_map(|day| row(day.at, day.number, &day.weather)).collect();
        let values: Vec<f64> = days.iter().map(|day| day.value).collect();
        let median = crate::plot::quantiles(&values, &[0.5])[0].unwrap_or(1.0);
        let floor = (median.abs() / 100.0).max(1e-9);
        let target = values.iter().map(|value| value.max(floor).ln()).collect();
        let bins = Bins::of(&rows, WIDTH);
        let table = bins.table(&rows);
        Self { days, bins, table, target, floor }
    }

    /// Teaches the days numbered in `taken`; a number may come twice.
    pub fn teach(&self, taken: &[u32], seed: u64) -> Taught {
        let boost = Boost::fit(&self.table, &self.target, taken, SHAPE, seed);
        let ratio = |row: &u32| {
            let row = *row as usize;
            (self.target[row] - boost.predict_row(&self.table, row)).exp()
        };
        let smear = taken.iter().map(ratio).sum::<f64>() / taken.len().max(1) as f64;
        Taught { bins: self.bins.clone(), boost, floor: self.floor, smear }
    }

    /// Teaches all days but those between two numbers, these included.
    pub fn teach_outside(&self, first: i32, last: i32, seed: u64) -> (usize, Taught) {
        let is_in = |day: &Day| (first..=last).contains(&day.number);
        let outside = self.days.iter().enumerate().filter(|(_, day)| !is_in(day));
        let taken: Vec<u32> = outside.map(|(at, _)| at as u32).collect();
        (taken.len(), self.teach(&taken, seed))
    }

    pub fn rows(&self) -> usize {
        self.table.rows()
    }
}

impl Taught {
    /// What a day would be with a weather.
    pub fn expect(&self, day: &Day, weather: &Day) -> f64 {
        let row = row(day.at, day.number, &weather.weather);
        let log = self.boost.predict(&self.bins.row(&row));
        (log.exp() * self.smear).max(self.floor)
    }
}
