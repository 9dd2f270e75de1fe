//! How fast the rules are: 100 000 datastreams, ten rules on each. Prints judgements a second, and what a late hour costs.

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures and prints"
)]

use detect::{Fed, Input, Limits, Rules, Setup, Site, State, Text, step};
use model::{
    DatastreamId, DeviceId, Flag, HOUR_MS, Period, PlaceId, PlaceKind, Quality, Statistic,
    Timestamp,
};
use standards::{Standards, Zone};
use std::sync::Arc;
use std::time::Instant;

const STREAMS: i32 = 100_000;
const RULES: usize = 10;
/// Past midnight, and long enough that hours settle.
const HOURS: i64 = 36;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rules = Arc::new(Rules::parse(&rules())?);
    let law = Arc::new(Standards::load()?);
    let mut state = State::new(rules, law, Zone::shanghai()?, Limits::default());
    let begun = Instant::now();
    for id in 0..STREAMS {
        state.watch(setup(id));
    }
    let set_up = begun.elapsed();
    let mut findings = 0;
    let mut slowest = 0.0_f64;
    let begun = Instant::now();
    for hour in 0..HOURS {
        let samples: Vec<Fed> = (0..STREAMS).map(|id| sample(id, hour)).collect();
        let turn = Instant::now();
        let now = Timestamp::from_ms((hour + 1) * HOUR_MS);
        findings += step(&mut state, now, &Input { samples: &samples }).len();
        slowest = slowest.max(turn.elapsed().as_secs_f64());
    }
    let took = begun.elapsed().as_secs_f64();
    let judged = f64::from(STREAMS) * RULES as f64 * HOURS as f64;
    println!(
        "{STREAMS} datastreams x {RULES} rules, {HOURS} hours: set up {:.2} s",
        set_up.as_secs_f64()
    );
    println!(
        "{:.2} M judgements a second ({judged:.0} in {took:.2} s), {findings} outcomes",
        judged / took / 1e6
    );
    println!("one hour of all datastreams in one step: at most {slowest:.3} s");
    let late: Vec<Fed> = (0..STREAMS)
        .map(|id| sample(id, HOURS - 4))
        .map(|mut own| {
            own.value = own.value.map(|value| value + 1.0);
            own
        })
        .collect();
    let begun = Instant::now();
    let now = Timestamp::from_ms(HOURS * HOUR_MS);
    step(&mut state, now, &Input { samples: &late });
    println!("a corrected hour of all datastreams: {:.3} s", begun.elapsed().as_secs_f64());
    Ok(())
}

/// Ten rules on every micro-station: thresholds, shares, rises, nights, neighbours.
fn rules() -> String {
    let head = |at: usize, kind: &str, rest: &str| {
        format!(
            "[[rule]]\nkey = \"r{at}\"\nversion = \"1\"\nkind = \"{kind}\"\nname = {{ zh = \"规\", en = \"r\" }}\nkinds = [\"micro_station\"]\nparameters = [\"pm25\", \"pm10\", \"no2\", \"o3\"]\nhold = \"2 h\"\nclear_hold = \"2 h\"\ncategory = \"air-high\"\nsubject = \"air\"\nsource = \"benchmark\"\n{rest}\n"
        )
    };
    let kinds = [
        ("limit", "threshold = 150"),
        ("limit", "threshold = { law = \"air\", averaging = \"24h\" }"),
        ("limit", "threshold = 250"),
        ("sustained", "threshold = 75\nshare = 0.8\nwindow = \"12 h\""),
        ("sustained", "threshold = 115\nshare = 0.5\nwindow = \"6 h\""),
        ("sudden_rise", "rise = 60\nfactor = 2.0\nwindow = \"8 h\""),
        ("sudden_rise", "rise = 100\nwindow = \"4 h\""),
        ("night", "threshold = 100\nhours = [22, 5]"),
        ("night", "threshold = 200\nhours = [0, 4]"),
        ("above_upwind", "rise = 50\nfactor = 1.7\nquorum = 2"),
    ];
    kinds.iter().enumerate().map(|(at, (kind, rest))| head(at, kind, rest)).collect()
}

/// Four parameters at each of 25 000 places, 400 m apart.
fn setup(id: i32) -> Setup {
    let place = (id / 4) as u32;
    let (x, y) = (f64::from(place % 160), f64::from(place / 160));
    let site = Site {
        id: PlaceId(place),
        key: format!("p{place}"),
        name: Text::new("点", "place"),
        kind: PlaceKind::MicroStation,
        spot: [113.0 + 0.004 * x, 34.0 + 0.004 * y],
        targets: vec![],
        is_simulated: true,
    };
    let parameter = ["pm25", "pm10", "no2", "o3"][(id % 4) as usize];
    Setup {
        datastream: DatastreamId(id),
        site: Arc::new(site),
        device: Some(DeviceId(place)),
        parameter: Arc::from(parameter),
        symbol: Arc::from(parameter),
        unit: Arc::from("ug/m3"),
        statistic: Statistic::Mean,
        period: Period::Hour,
        upstream: None,
    }
}

/// A value that wanders; one place in a thousand rises in hour 8.
fn sample(id: i32, hour: i64) -> Fed {
    let wave = (hour * 7 + i64::from(id) * 13) % 23;
    let rise = if (id / 4) % 1_000 == 7 && hour >= 8 { 140 } else { 0 };
    let base = if id % 4 == 1 { 70 } else { 40 };
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let value = (base + wave + rise) as f64;
    let flag = Flag::new(Quality::Good, None);
    let time = Timestamp::from_ms(hour * HOUR_MS);
    Fed { datastream: DatastreamId(id), time, value: Some(value), flag }
}
