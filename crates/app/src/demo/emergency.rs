//! The plan of emergency response of the pretend zone, and the warning that its heavy-pollution episode brought. Every entry says that it
//! is simulated, and that it was entered at the start of the demo.

use crate::cli::Failure;
use crate::clock;
use crate::serve::Server;
use control::Text;
use control::emergency::{Basis, Check, Event, Level, Measure, Step, Warning};
use engine::emergency::{Emergency, MEASURE, MeasureVersion, WARNING};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::{Act, HOUR_MS, MINUTE_MS, Timestamp};
use serde::Serialize;
use store::Known;

/// Who enters all of it.
const WHO: &str = "demo";
/// Stands where a document would be named.
const SOURCE: &str = "模拟 simulated";

/// Key, place, level, unit, Chinese, English, and what readings must show: parameter, per cent.
type Row = (
    &'static str,
    &'static str,
    Level,
    &'static str,
    [&'static str; 2],
    Option<(&'static str, f64)>,
);

const PLAN: [Row; 11] = [
    (
        "general-yellow-streets",
        "",
        Level::Yellow,
        "sanitation",
        ["主要道路每日增加一次湿扫（模拟）", "wet-sweep main roads once more a day (simulated)"],
        None,
    ),
    (
        "general-yellow-sites",
        "",
        Level::Yellow,
        "enforcement",
        [
            "工地停止土石方作业，加密巡查（模拟）",
            "no earthwork on building sites, more patrols (simulated)",
        ],
        None,
    ),
    (
        "general-orange-trucks",
        "",
        Level::Orange,
        "enforcement",
        ["国四及以下重型货车限行（模拟）", "no heavy trucks of China IV or older (simulated)"],
        None,
    ),
    (
        "general-red-school",
        "",
        Level::Red,
        "command",
        ["中小学停止户外活动（模拟）", "schools stay indoors (simulated)"],
        None,
    ),
    (
        "stack-02-yellow",
        "stack-02",
        Level::Yellow,
        "enforcement",
        ["水泥窑降负荷 20 %（模拟）", "cement kiln at 20 % less load (simulated)"],
        Some(("so2", 20.0)),
    ),
    (
        "stack-02-orange",
        "stack-02",
        Level::Orange,
        "enforcement",
        ["水泥窑停窑（模拟）", "cement kiln stopped (simulated)"],
        Some(("so2", 80.0)),
    ),
    (
        "stack-03-orange",
        "stack-03",
        Level::Orange,
        "enforcement",
        ["化工装置降负荷 30 %（模拟）", "chemical plant at 30 % less load (simulated)"],
        Some(("nox", 30.0)),
    ),
    (
        "stack-04-yellow",
        "stack-04",
        Level::Yellow,
        "enforcement",
        ["砖窑停产（模拟）", "brick kiln stopped (simulated)"],
        Some(("so2", 80.0)),
    ),
    (
        "stack-01-red",
        "stack-01",
        Level::Red,
        "enforcement",
        ["热电降负荷 10 %，保供热（模拟）", "heat and power at 10 % less load (simulated)"],
        Some(("so2", 10.0)),
    ),
    (
        "enterprise-05-orange",
        "enterprise-05",
        Level::Orange,
        "enforcement",
        ["涂料生产线停产（模拟）", "paint lines stopped (simulated)"],
        None,
    ),
    (
        "site-02-yellow",
        "site-02",
        Level::Yellow,
        "enforcement",
        ["停止土石方，裸土覆盖（模拟）", "no earthwork, bare soil covered (simulated)"],
        None,
    ),
];

/// Enters the plan and the past warning into a zone that has no plan.
///
/// # Errors
/// When they cannot be kept.
pub async fn enter(server: &Server, zone: &TimeZone) -> Result<(), Failure> {
    if !server.reader.acts(MEASURE, Known::Now)?.is_empty() {
        return Ok(());
    }
    let now = clock::now();
    let today = clock::civil_today(zone);
    let measures = PLAN.iter().map(|row| act(MEASURE, row.0, &measure(row, today)));
    server.act(measures.collect()).await?;
    let midnight = today.to_zoned(zone.clone())?.timestamp().as_millisecond();
    let own = Emergency::as_of(&server.reader, Known::Now)?;
    let events = episode(&own, today, (now, Timestamp::from_ms(midnight)));
    let number = format!("{}-W01", today.year());
    server.act(events.iter().map(|event| act(WARNING, &number, event)).collect()).await?;
    Ok(())
}

fn act(kind: &str, key: &str, document: &impl Serialize) -> Act {
    let [kind, key, who] = [kind, key, WHO].map(str::to_owned);
    Act { kind, key, who, document: serde_json::to_string(document).unwrap_or_default() }
}

fn measure((_, place, level, unit, [zh, en], check): &Row, today: Date) -> MeasureVersion {
    let check = check.map(|(parameter, reduction_percent)| Check {
        place: (*place).to_owned(),
        parameter: parameter.to_owned(),
        reduction_percent,
    });
    let measure = Measure {
        place: (*place).to_owned(),
        level: *level,
        unit: (*unit).to_owned(),
        text: Text { zh: (*zh).to_owned(), en: (*en).to_owned() },
        check,
        from: today.saturating_sub(300.days()),
        to: None,
        source: SOURCE.to_owned(),
    };
    MeasureVersion { measure: Some(measure), why: SOURCE.to_owned() }
}

/// Yellow on the evening before the episode grips, orange at its height, lifted when it is over: the times of the scenario.
fn episode(own: &Emergency, today: Date, (now, midnight): (Timestamp, Timestamp)) -> Vec<Event> {
    let at = |hours: i64| midnight + hours * HOUR_MS;
    let document = |number: &str| Basis::Document {
        number: format!("模拟〔{}〕{number} 号", today.year()),
        issuer: "模拟指挥部 simulated command".to_owned(),
    };
    let mut warning: Option<Warning> = None;
    let mut events = vec![];
    let mut take = |warning: &mut Option<Warning>, event: Event| {
        match warning {
            Some(own) => own.apply(now, WHO, &event),
            None => *warning = Warning::begin("", now, WHO, &event),
        }
        events.push(event);
    };
    for (level, hours, number) in [(Level::Yellow, -54, "1"), (Level::Orange, -34, "2")] {
        let from = at(hours);
        let standing = warning.as_ref().map(|own| own.orders.clone()).unwrap_or_default();
        let orders = Warning::reorder(&standing, own.called(level, today), &own.rule, (from, from));
        let note = SOURCE.to_owned();
        let step =
            Step::Level { level, from, basis: document(number), note, orders: orders.clone() };
        take(&mut warning, Event { at: from, step });
        let known = |order: u32| standing.iter().any(|own| own.order.number == order);
        for order in orders.iter().map(|own| own.number).filter(|order| !known(*order)) {
            // Every fifth one is received late and never reported done.
            let late = order % 5 == 0;
            let received = from + i64::from(if late { 95 } else { 10 + order * 3 }) * MINUTE_MS;
            take(&mut warning, Event { at: received, step: Step::Receive { order } });
            if !late {
                let step = Step::FeedBack { order, note: SOURCE.to_owned(), done: true };
                take(&mut warning, Event { at: received + 2 * HOUR_MS, step });
            }
        }
    }
    let lifted = at(2).min(now);
    let step = Step::Lift { basis: document("3"), note: SOURCE.to_owned() };
    take(&mut warning, Event { at: lifted, step });
    events
}
