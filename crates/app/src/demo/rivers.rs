//! What people would have entered about the rivers of the pretend zone: posts without names, plans, patrols, ledgers, draws.
//! Every entry says that it is simulated.

use crate::cli::Failure;
use crate::seed;
use account::draw::Seed;
use account::sampling::Round;
use control::Patrol;
use jiff::ToSpan;
use jiff::civil::Date;
use model::{Act, DAY_MS, Line, LineKind, MINUTE_MS, Place, PlaceKind, Timestamp};
use serde_json::{Value, json};
use std::path::Path;

/// Who enters all of it.
const WHO: &str = "demo";
/// Stands where a document would be named.
const SOURCE: &str = "模拟 simulated";

/// What is entered: acts, and patrols with who made them.
pub struct Entered {
    /// Acts in their order.
    pub acts: Vec<Act>,
    /// Patrols.
    pub patrols: Vec<Patrol>,
}

/// Everything that is entered at the start of a demo. A seed is sealed in the data directory.
///
/// # Errors
/// When the seed cannot be written.
pub fn entered(
    (lines, places): (&[Line], &[Place]),
    data_dir: &Path,
    (now, today): (Timestamp, Date),
) -> Result<Entered, Failure> {
    let rivers: Vec<&Line> = lines.iter().filter(|line| line.kind == LineKind::River).collect();
    let sites: Vec<&Place> =
        places.iter().filter(|place| place.kind == PlaceKind::WaterSite).collect();
    let mut acts = general(today);
    for (at, river) in rivers.iter().enumerate() {
        acts.extend(river_acts(river, at, today));
    }
    acts.extend(ledgers(&rivers, lines, &sites, today));
    if sites.len() >= 4 {
        acts.extend(sampling(&sites, data_dir, today)?);
    }
    let patrols = rivers.iter().enumerate();
    let patrols = patrols.flat_map(|(at, river)| patrols_of(river, at, now)).collect();
    Ok(Entered { acts, patrols })
}

fn act(kind: &str, key: &str, document: &Value) -> Act {
    let document = json!({ "document": document, "why": SOURCE, "withdrawn": false });
    let [kind, key, who] = [kind, key, WHO].map(str::to_owned);
    Act { kind, key, who, document: document.to_string() }
}

fn days(today: Date, back: i64) -> Date {
    today.saturating_sub(back.days())
}

fn general(today: Date) -> Vec<Act> {
    let posts = [
        ("first_general", "区党工委书记（模拟）", "Secretary of the zone (simulated)"),
        ("general", "区管委会主任（模拟）", "Director of the zone (simulated)"),
        ("deputy_general", "区管委会副主任（模拟）", "Deputy director of the zone (simulated)"),
    ];
    let term = |(level, zh, en): (&str, &str, &str)| {
        let from = days(today, 700);
        let document =
            json!({"post": {"zh": zh, "en": en}, "level": level, "from": from, "source": SOURCE});
        act("chief", &level.replace('_', "-"), &document)
    };
    posts.into_iter().map(term).collect()
}

fn river_acts(river: &Line, at: usize, today: Date) -> Vec<Act> {
    let (key, zh, en) = (&river.key, &river.name.zh, &river.name.en);
    let chief = |level: &str, post: (String, String), from: i64, to: Option<i64>| {
        json!({"post": {"zh": post.0, "en": post.1}, "level": level, "lines": [key], "account": "handler",
            "from": days(today, from), "to": to.map(|to| days(today, to)), "source": SOURCE})
    };
    let district =
        (format!("{zh}区级河长（模拟）"), format!("District chief of the {en} (simulated)"));
    let street =
        (format!("{zh}街道级河长（模拟）"), format!("Sub-district chief of the {en} (simulated)"));
    let mut acts = vec![
        act("chief", &format!("{key}-district"), &chief("district", district, 500, None)),
        act(
            "chief",
            &format!("{key}-street-1"),
            &chief("sub_district", street.clone(), 400, Some(90)),
        ),
        // The third river was without a chief for ten days: the page says so.
        act(
            "chief",
            &format!("{key}-street-2"),
            &chief("sub_district", street, if at == 2 { 79 } else { 89 }, None),
        ),
        act("river", key, &file(river, today)),
    ];
    let plan = json!({"lines": [key], "level": "sub_district", "count": 1, "every": "week",
        "from": days(today, 200), "source": SOURCE});
    acts.push(act("patrol_plan", &format!("{key}-weekly"), &plan));
    acts
}

fn file(river: &Line, today: Date) -> Value {
    let both = |zh: &str, en: &str| json!({ "zh": zh, "en": en });
    let unit = both("城市管理局（模拟）", "City management (simulated)");
    let entry = |key: &str, of: &str, text: Value, due: Option<i64>| {
        let due = due.map(|ahead| today.saturating_add(ahead.days()));
        json!({"key": key, "of": of, "text": text, "due": due, "owner": unit, "indicator": "m³", "progress": "40"})
    };
    let done = json!({"key": "m2", "of": "k1", "text": both("封堵两处混接排口", "close two misconnected outfalls"),
        "due": days(today, 20), "done": days(today, 25), "owner": unit, "indicator": "2", "progress": "100", "proof": SOURCE});
    json!({
        "code": format!("SIM-{}", river.key),
        "begins": both("上游界", "upper boundary"), "ends": both("下游界", "lower boundary"),
        "basin": both("松墨河水系", "Pine-ink basin"),
        "board": {
            "phone": "12345",
            "duties": [both("每周巡河，发现问题当日上报", "patrol each week, report what is found the same day"), both("督办清单销号", "see that lists are struck off")],
            "targets": [both("断面达到目标类别", "sections reach their target class"), both("无黑臭、无直排", "no black-odorous stretch, no direct discharge")],
            "forbidden": [both("倾倒垃圾、排放污水", "dumping rubbish, letting out sewage"), both("侵占岸线、违法采砂", "occupying the bank, digging sand")]
        },
        "policy": {
            "from": days(today, 300), "to": today.saturating_add(400.days()),
            "problems": [entry("p1", "", both("雨污混接，枯水期氨氮偏高", "sewers misconnected, ammonia high at low flow"), None)],
            "targets": [entry("t1", "p1", both("年底前断面稳定达标", "sections meet their target for good by the end of the year"), Some(60))],
            "tasks": [entry("k1", "t1", both("截污改管", "intercept sewage, move pipes"), Some(40))],
            "measures": [entry("m1", "k1", both("清淤 800 m³", "dredge 800 m³"), Some(-8)), done,
                entry("m3", "k1", both("排口流量抽查", "check flows of outfalls"), Some(12))],
            "responsibilities": [entry("r1", "m1", both("街道办事处组织实施", "the sub-district office carries it out"), Some(90)),
                entry("r2", "m2", both("城市管理局验收", "city management accepts it"), None), entry("r3", "m3", both("生态环境分局抽查", "the environment branch checks"), None)]
        }
    })
}

fn ledgers(rivers: &[&Line], lines: &[Line], sites: &[&Place], today: Date) -> Vec<Act> {
    let mut acts = vec![];
    for (at, river) in rivers.iter().enumerate() {
        let key = &river.key;
        let cleared = json!({"book": "cleared", "line": key, "from": days(today, 30), "to": days(today, 24),
            "volume_m3": format!("{}", 180 + 95 * at), "contractor": SOURCE, "source": SOURCE});
        acts.push(act("water_entry", &format!("sim-cleared-{key}"), &cleared));
        for (thing, mark, back) in [
            ("o1", "found", 120),
            ("o1", "struck_off", 40),
            ("o2", "found", 60),
            ("o1", "found", 9),
        ] {
            if at != 0 && back == 9 {
                continue;
            }
            let listed = json!({"book": "listed", "list": "outfall", "thing": format!("{key}-{thing}"), "line": key,
                "name": {"zh": format!("{}排口 {thing}（模拟）", river.name.zh), "en": format!("{} outfall {thing} (simulated)", river.name.en)},
                "class": "其他排口", "mark": mark, "day": days(today, back), "source": SOURCE});
            acts.push(act("water_entry", &format!("sim-{key}-{thing}-{back}"), &listed));
        }
    }
    let Some(river) = rivers.first() else { return acts };
    let let_in = json!({"book": "replenished", "line": river.key, "from": days(today, 2), "to": days(today, 1),
        "planned_m3": "100000", "actual_m3": "96500", "origin": "中水厂（模拟）", "device": "1# 闸（模拟）",
        "trigger": "生态流量不足", "source": SOURCE});
    acts.push(act("water_entry", "sim-replenished", &let_in));
    let is_on = |place: &Place| {
        place.line == river.key
            || lines.iter().any(|line| line.key == place.line && line.within == river.key)
    };
    if let Some(site) = sites.iter().rfind(|place| is_on(place)) {
        for back in 1..=4_i64 {
            let flow = if back <= 2 { "7.9" } else { "6.6" };
            let gauged = json!({"book": "gauged", "site": site.key, "day": days(today, back), "flow_m3_s": flow, "source": SOURCE});
            acts.push(act("water_entry", &format!("sim-gauged-{back}"), &gauged));
        }
    }
    acts
}

fn sampling(sites: &[&Place], data_dir: &Path, today: Date) -> Result<Vec<Act>, Failure> {
    let keys: Vec<String> = sites.iter().map(|site| site.key.clone()).collect();
    let opened_on = days(today, 3);
    // This one is open already, so its seed is no secret.
    let seed = Seed(*b"a seed of the demonstration only");
    let round = Round {
        number: 1,
        sites: keys.clone(),
        wanted: 3,
        opens: opened_on,
        until: days(today, -2),
        commitment: seed.commitment(),
    };
    let opened = round.open(&seed, opened_on)?;
    let sealed = Round {
        opens: days(today, -7),
        until: days(today, -9),
        number: 2,
        commitment: seed::seal(data_dir)?,
        ..round.clone()
    };
    let plan = json!({"name": {"zh": "本月采样（模拟）", "en": "Sampling of this month (simulated)"},
        "scheduled": [{"site": keys[0], "day": days(today, 5)}, {"site": keys[1], "day": days(today, -5)}],
        "rounds": [round, sealed], "source": SOURCE});
    let [kind, key, who] = ["draw", "sim-month", WHO].map(str::to_owned);
    let mut acts = vec![
        act("sampling_plan", "sim-month", &plan),
        Act { kind, key, who, document: json!(opened).to_string() },
    ];
    let at = |hour: i64| {
        let start = days(today, 1).at(0, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC);
        start
            .map(|start| {
                start.timestamp().saturating_add(hour.hours()).unwrap_or_default().to_string()
            })
            .unwrap_or_default()
    };
    let bottles = json!([{"id": "SIM-1-a", "seal": "F-0001"}, {"id": "SIM-1-b", "seal": "F-0002"}]);
    let site = opened.sites.first().cloned().unwrap_or_default();
    let steps = [
        (
            1,
            json!({"step": "taken", "by": "采样员甲岗（模拟）", "site": site, "plan": "sim-month", "depth_m": "0.5", "bottles": bottles}),
        ),
        (
            2,
            json!({"step": "handed_over", "from": "采样员甲岗（模拟）", "to": "送样岗（模拟）", "bottles": bottles}),
        ),
        (
            3,
            json!({"step": "received", "from": "送样岗（模拟）", "by": "实验室（模拟）", "bottles": bottles}),
        ),
        (
            6,
            json!({"step": "analysed", "by": "实验室（模拟）", "results": [
            {"item": "nh3n", "value": "0.62", "method": "HJ 535-2009"}, {"item": "codmn", "value": "4.8", "method": "GB 11892-89"},
            {"item": "tp", "value": "0.11", "method": "GB 11893-89"}, {"item": "cr6", "value": "0.004L", "method": "GB 7467-87"}]}),
        ),
    ];
    for (hour, what) in steps {
        let [kind, key, who] = ["sample", "SIM-1", WHO].map(str::to_owned);
        let document = json!({ "at": at(hour), "what": what, "proof": SOURCE }).to_string();
        acts.push(Act { kind, key, who, document });
    }
    Ok(acts)
}

/// A walk along the river each week, one of them too short to count.
fn patrols_of(river: &Line, at: usize, now: Timestamp) -> Vec<Patrol> {
    let walk = |week: i64| {
        let started = now.as_ms() - (week * 7 + 1 + at as i64 % 3) * DAY_MS;
        let share = if week == 2 && at % 2 == 1 { 0.03 } else { 1.0 };
        let minutes = if share < 1.0 { 6 } else { 150 };
        let steps = 300_i64;
        let track = (0..=steps).map(|step| {
            let [lon, lat] = along(&river.path, share * step as f64 / steps as f64);
            (started + minutes * MINUTE_MS * step / steps, lon, lat)
        });
        Patrol {
            id: format!("sim-{}-{week}", river.key),
            line: river.key.clone(),
            kind: "foot".to_owned(),
            started,
            ended: started + minutes * MINUTE_MS,
            rests: vec![],
            track: track.collect(),
        }
    };
    (0..5).rev().map(walk).collect()
}

/// The point at a share of the corners of a path: good for a pretend walk.
fn along(path: &[[f64; 2]], share: f64) -> [f64; 2] {
    let whole = share * path.len().saturating_sub(1) as f64;
    let at = (whole.floor() as usize).min(path.len().saturating_sub(2));
    let rest = whole - at as f64;
    match path.get(at).zip(path.get(at + 1)) {
        Some((a, b)) => [0, 1].map(|axis| a[axis] + rest * (b[axis] - a[axis])),
        None => path.first().copied().unwrap_or_default(),
    }
}
