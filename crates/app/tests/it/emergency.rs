//! Emergency response over real sockets: the plan and what it refuses, a warning from its declaration to its lifting, orders received
//! once by those whose they are, what readings say of them, the report afterwards.

use crate::notify;
use crate::site::{PASSWORD, Reply, Site, add_person, add_unit};
use app::config::{Config, SmtpTls};
use engine::Engine;
use model::{
    Arrival, ArrivedFrame, ArrivedReading, Claim, DatastreamKey, DeviceId, Fate, Flag, HOUR_MS,
    Period, Quality, Role, Scope, Source, Statistic, Timestamp,
};
use serde_json::{Value, json};

pub const REGISTRY: &str = r#"
[[place]]
key = "air-1"
name = { zh = "一号站", en = "Station 1" }
kind = "air_station"
lon = 114.05
lat = 22.55

[[place]]
key = "stack-1"
name = { zh = "一号排气筒", en = "Stack 1" }
kind = "stack"
lon = 114.06
lat = 22.55

[[place]]
key = "stack-2"
name = { zh = "二号排气筒", en = "Stack 2" }
kind = "stack"
lon = 114.07
lat = 22.55

[[device]]
mn = "A00000000000000000000001"
password = "123456"
place = "air-1"

[[device]]
mn = "A00000000000000000000002"
password = "123456"
place = "stack-1"

[[device]]
mn = "A00000000000000000000003"
password = "123456"
place = "stack-2"
"#;

/// Hours that are kept before now.
const HOURS: i64 = 16 * 24;
/// Hours ago that the warning of the tests begins: its measures are to be in place four hours later.
const DECLARED: i64 = 40;

/// A server with somebody of each role, two units, and a handler of one of them; the air has been heavy for days, the first stack falls by
/// more than a half when the warning begins, the second does not.
async fn site() -> Site {
    site_with(|_| ()).await
}

async fn site_with(change: impl FnOnce(&mut Config)) -> Site {
    site_of(REGISTRY, change).await
}

/// The same over a registry that has at least the places and devices of [`REGISTRY`].
pub async fn site_of(registry: &str, change: impl FnOnce(&mut Config)) -> Site {
    Site::with_every_role(registry, change).await.after(prepare).await
}

fn prepare(engine: &mut Engine) {
    for unit in ["street", "bureau"] {
        add_unit(engine, unit);
    }
    let scope = Scope { unit: Some("street".to_owned()), ..Scope::default() };
    add_person(engine, "street-handler", Role::Handler, scope);
    let now = app::clock::now();
    let hour = now.floor(HOUR_MS);
    let wave = |at: i64| (at % 7) as f64;
    let air = hours(0, "pm25", hour, |at| 225.0 + wave(at));
    let first = hours(1, "nox", hour, |at| wave(at) + if at > DECLARED - 4 { 100.0 } else { 40.0 });
    let second = hours(2, "nox", hour, |at| 100.0 + wave(at));
    engine.turn(now, &[air, first, second]).unwrap();
}

/// Hourly means of a device, by how many hours ago each ended.
fn hours(device: u32, parameter: &str, now: Timestamp, value: impl Fn(i64) -> f64) -> Arrival {
    let key = DatastreamKey {
        source: Source::Device(DeviceId(device)),
        parameter: parameter.to_owned(),
        statistic: Statistic::Mean,
        period: Period::Hour,
    };
    let flag = Flag::new(Quality::Good, Some(b'N'));
    let readings = (1..=HOURS).rev().map(|at| ArrivedReading {
        key: 0,
        time: now - at * HOUR_MS,
        value: Some(value(at)),
        flag,
    });
    let readings: Vec<ArrivedReading> = readings.collect();
    let raw = format!("hours of {device}").into_bytes();
    let frame = ArrivedFrame {
        claim: Claim::Device(DeviceId(device)),
        raw: 0..raw.len(),
        readings: 0..readings.len(),
        reading_count: readings.len() as u32,
        fate: Fate::Keep,
    };
    Arrival {
        received_at: now,
        raw,
        frames: vec![frame],
        keys: vec![key],
        readings,
        ..Arrival::default()
    }
}

pub async fn by(site: &mut Site, who: &str, method: &str, path: &str, body: &Value) -> Reply {
    assert_eq!(site.sign_in(who, PASSWORD).await.status, 200, "{who}");
    let reply = site.send(method, path, body).await;
    site.forget();
    reply
}

pub async fn seen_by(site: &mut Site, who: &str, path: &str) -> Value {
    assert_eq!(site.sign_in(who, PASSWORD).await.status, 200, "{who}");
    let reply = site.get(path).await;
    site.forget();
    assert_eq!(reply.status, 200, "{who} {path} {reply:?}");
    reply.json()
}

fn code(reply: &Reply) -> (u16, String) {
    (reply.status, reply.code())
}

fn measure(level: &str, unit: &str, place: &str, check: &Value) -> Value {
    json!({ "place": place, "level": level, "unit": unit, "text": {"zh": "停产", "en": "stop"},
        "check": check, "from": "2020-01-01", "source": "plan of the tests" })
}

fn check(place: &str, parameter: &str) -> Value {
    json!({ "place": place, "parameter": parameter, "reduction_percent": 30.0 })
}

fn put(measure: &Value) -> Value {
    json!({ "measure": measure, "why": "meeting of Monday" })
}

/// Enters what the tests work with: a general measure, one for each stack, one more for red.
async fn plan(site: &mut Site) {
    for (key, own) in [
        ("general", measure("yellow", "bureau", "", &Value::Null)),
        ("first", measure("yellow", "street", "stack-1", &check("stack-1", "nox"))),
        ("second", measure("yellow", "bureau", "stack-2", &check("stack-2", "nox"))),
        ("second-red", measure("red", "bureau", "stack-2", &Value::Null)),
    ] {
        let reply = by(site, "system", "PUT", &format!("/emergency/plan/{key}"), &put(&own)).await;
        assert_eq!(reply.status, 200, "{key} {reply:?}");
    }
}

fn level(level: &str, from: Option<Timestamp>) -> Value {
    let from = from.map(|from| from.to_string());
    json!({ "level": level, "from": from, "note": "heavy pollution ahead",
        "basis": {"document": {"number": "〔2026〕7 号", "issuer": "city"}} })
}

async fn declared(site: &mut Site, body: &Value) -> String {
    let reply = by(site, "leader", "POST", "/emergency/warnings", body).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()["number"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_has_versions_and_refuses_what_cannot_be() {
    let mut site = site().await;
    plan(&mut site).await;
    let none = Value::Null;
    for (own, status, says) in [
        (measure("yellow", "street", "nowhere", &none), 404, "unknown_place"),
        (measure("yellow", "nobody", "", &none), 404, "unknown_unit"),
        (measure("blue", "street", "", &none), 400, "bad_measure"),
        (measure("purple", "street", "", &none), 400, "bad_measure"),
        (measure("yellow", "street", "stack-1", &check("stack-1", "so2")), 400, "bad_measure"),
        (
            measure("yellow", "street", "stack-1", &check("stack-1", "magic")),
            404,
            "unknown_parameter",
        ),
        (measure("yellow", "street", "stack-1", &check("stack-9", "nox")), 404, "unknown_place"),
    ] {
        let reply = by(&mut site, "system", "PUT", "/emergency/plan/x", &put(&own)).await;
        assert_eq!(code(&reply), (status, says.to_owned()), "{own} {reply:?}");
        assert!(!reply.json()["error"]["hint"]["zh"].as_str().unwrap().is_empty());
    }
    let good = measure("yellow", "street", "", &none);
    let no_reason = json!({ "measure": good, "why": " " });
    let reply = by(&mut site, "system", "PUT", "/emergency/plan/x", &no_reason).await;
    assert_eq!(code(&reply), (400, "bad_parameter".to_owned()));
    for who in ["leader", "handler", "operator"] {
        let reply = by(&mut site, who, "PUT", "/emergency/plan/x", &put(&good)).await;
        assert_eq!(code(&reply), (403, "not_allowed".to_owned()), "{who}");
    }

    let before = seen_by(&mut site, "analyst", "/emergency/plan").await;
    let own = before["measures"].as_array().unwrap();
    assert_eq!(own.len(), 4);
    assert!(own.iter().all(|own| own["in_force"] == true));
    let seen = own.iter().find(|own| own["key"] == "general").unwrap()["sequence"].clone();
    let newer = json!({ "measure": measure("orange", "bureau", "", &none), "why": "stricter", "seen": seen });
    let reply = by(&mut site, "system", "PUT", "/emergency/plan/general", &newer).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let reply = by(&mut site, "system", "PUT", "/emergency/plan/general", &newer).await;
    assert_eq!(code(&reply), (409, "changed_meanwhile".to_owned()));
    let withdrawn = json!({ "measure": null, "why": "not needed" });
    by(&mut site, "system", "PUT", "/emergency/plan/second-red", &withdrawn).await;
    let now = seen_by(&mut site, "analyst", "/emergency/plan").await;
    assert_eq!(now["measures"].as_array().unwrap().len(), 3);
    let then = seen_by(&mut site, "analyst", &format!("/emergency/plan?as_of={seen}")).await;
    let general = then["measures"].as_array().unwrap().iter().find(|own| own["key"] == "general");
    assert_eq!(general.unwrap()["level"]["key"], "yellow", "as it was known then");
    let versions = seen_by(&mut site, "analyst", "/emergency/plan/general").await;
    assert_eq!(versions.as_array().unwrap().len(), 2);

    // The levels are the district's own.
    let mut rule = now["rule"].clone();
    let fields = rule.as_object_mut().unwrap();
    let sequence = fields.remove("sequence").unwrap();
    assert_eq!(sequence, 0, "what comes with the program");
    fields.insert("levels".to_owned(), json!(["blue", "yellow", "orange", "red"]));
    let body = json!({ "rule": rule, "why": "our plan has four", "seen": 0 });
    let reply = by(&mut site, "system", "PUT", "/emergency/rule", &body).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    rule["levels"] = json!(["red", "blue"]);
    let body = json!({ "rule": rule, "why": "wrong" });
    let reply = by(&mut site, "system", "PUT", "/emergency/rule", &body).await;
    assert_eq!(code(&reply), (400, "bad_rule".to_owned()));
    let blue = put(&measure("blue", "street", "", &none));
    assert_eq!(by(&mut site, "system", "PUT", "/emergency/plan/x", &blue).await.status, 200);
    site.server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_go_to_their_units_are_received_once_and_end_with_the_warning() {
    let mut site = site().await;
    plan(&mut site).await;
    let yellow = level("yellow", None);
    for who in ["operator", "handler", "system"] {
        let reply = by(&mut site, who, "POST", "/emergency/warnings", &yellow).await;
        assert_eq!(reply.status, 403, "{who}");
    }
    let mut no_basis = yellow.clone();
    no_basis["basis"] = json!({});
    let mut far = yellow.clone();
    far["from"] = json!((app::clock::now() + 30 * 24 * HOUR_MS).to_string());
    for (body, status, says) in [
        (&no_basis, 400, "no_basis"),
        (&far, 409, "warning_refused"),
        (&level("blue", None), 409, "warning_refused"),
        (&level("purple", None), 400, "bad_parameter"),
    ] {
        let reply = by(&mut site, "leader", "POST", "/emergency/warnings", body).await;
        assert_eq!(code(&reply), (status, says.to_owned()), "{body} {reply:?}");
    }
    let number = declared(&mut site, &yellow).await;
    let reply = by(&mut site, "leader", "POST", "/emergency/warnings", &yellow).await;
    assert_eq!(code(&reply), (409, "warning_stands".to_owned()));

    // Everybody hears of it; orders are for those whose they are.
    let public = site.get("/emergency").await.json();
    assert_eq!(public["standing"]["level"]["key"], "yellow");
    assert_eq!(public["standing"]["counts"]["given"], 3);
    assert_eq!(public["mine"], json!([]));
    let path = format!("/emergency/warnings/{number}");
    assert_eq!(site.get(&path).await.status, 401);
    let street = seen_by(&mut site, "street-handler", &path).await;
    assert_eq!((street["orders"].as_array().unwrap().len(), &street["beyond"]), (1, &json!(2)));
    let own = street["orders"][0]["number"].as_u64().unwrap();
    assert_eq!(street["orders"][0]["place"], "stack-1");
    let mine = seen_by(&mut site, "street-handler", "/emergency").await;
    assert_eq!(mine["mine"].as_array().unwrap().len(), 1);
    let all = seen_by(&mut site, "leader", &path).await;
    let other = all["orders"].as_array().unwrap().iter().find(|one| one["unit"] == "bureau");
    let other = other.unwrap()["number"].as_u64().unwrap();

    let nothing = json!({});
    let order = |order: u64, what: &str| format!("{path}/orders/{order}/{what}");
    let note = json!({ "note": "kiln stopped", "done": true });
    for (who, path, body, status) in [
        ("street-handler", order(other, "receive"), &nothing, 403),
        ("street-handler", order(99, "receive"), &nothing, 404),
        ("leader", order(own, "receive"), &nothing, 403),
        ("street-handler", order(own, "feedback"), &note, 409),
        ("street-handler", order(own, "remind"), &nothing, 403),
        ("leader", order(own, "remind"), &nothing, 200),
        ("street-handler", order(own, "receive"), &nothing, 200),
        ("handler", order(own, "receive"), &nothing, 409),
        ("street-handler", order(own, "feedback"), &json!({ "note": "", "done": true }), 400),
        ("street-handler", order(own, "feedback"), &note, 200),
        ("street-handler", order(own, "feedback"), &note, 409),
        ("leader", order(own, "remind"), &nothing, 409),
        ("handler", order(other, "receive"), &nothing, 200),
    ] {
        let reply = by(&mut site, who, "POST", &path, body).await;
        assert_eq!(reply.status, status, "{who} {path} {reply:?}");
    }
    let after = seen_by(&mut site, "leader", &path).await;
    assert_eq!(after["warning"]["version"], 1 + 4);
    let done = after["orders"].as_array().unwrap().iter().find(|one| one["number"] == own).unwrap();
    assert_eq!(done["received"]["who"], "street-handler");
    assert_eq!(
        (&done["feedback"][0]["note"], &done["reminders"]),
        (&json!("kiln stopped"), &json!(1))
    );

    // Red: what is the same stands with its receipt, the second stack has another order.
    let mut red = level("red", None);
    red["seen"] = json!(1);
    let change = format!("{path}/level");
    let reply = by(&mut site, "leader", "POST", &change, &red).await;
    assert_eq!(code(&reply), (409, "changed_meanwhile".to_owned()));
    red["seen"] = json!(5);
    let reply = by(&mut site, "leader", "POST", &change, &red).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let raised = reply.json()["sequence"].clone();
    let now = seen_by(&mut site, "leader", &path).await;
    let orders = now["orders"].as_array().unwrap();
    let standing: Vec<bool> = orders.iter().map(|one| one["ended"].is_null()).collect();
    assert_eq!(standing.iter().filter(|stands| **stands).count(), 3);
    assert_eq!(orders.len(), 4);
    assert_eq!(orders[3]["measures"][0]["entry"], "second-red");

    // Lifted: no receipt any more; what was known before stays readable; and a restart forgets nothing.
    let lift =
        json!({ "note": "wind came", "basis": {"document": {"number": "8", "issuer": "city"}} });
    let reply = by(&mut site, "handler", "POST", &format!("{path}/lift"), &lift).await;
    assert_eq!(reply.status, 403);
    let reply = by(&mut site, "leader", "POST", &format!("{path}/lift"), &lift).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let reply = by(&mut site, "handler", "POST", &order(4, "receive"), &nothing).await;
    assert_eq!(code(&reply), (409, "warning_refused".to_owned()));
    let mut site = site.restart().await;
    let now = site.get("/emergency").await.json();
    assert!(now["standing"].is_null());
    assert_eq!(now["past"][0]["number"], json!(number));
    let then = site.get(&format!("/emergency?as_of={raised}")).await.json();
    assert_eq!(then["standing"]["level"]["key"], "red");
    assert_eq!(declared(&mut site, &yellow).await, number.replace("W01", "W02"));
    site.server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn readings_say_what_was_kept_with_what_confidence_or_why_not() {
    let mut site = site().await;
    plan(&mut site).await;
    let from = app::clock::now().floor(HOUR_MS) - DECLARED * HOUR_MS;
    let number = declared(&mut site, &level("yellow", Some(from))).await;
    let path = format!("/emergency/warnings/{number}");
    let warning = seen_by(&mut site, "leader", &path).await;
    let of = |unit: &str, place: &Value| {
        let orders = warning["orders"].as_array().unwrap();
        orders.iter().find(|one| one["unit"] == unit && one["place"] == *place).unwrap().clone()
    };
    let kept = of("street", &json!("stack-1"));
    assert_eq!(kept["compliance"]["state"], "kept", "{kept}");
    let compared = &kept["compliance"]["checks"][0];
    let number_of = |name: &str| compared[name].as_f64().unwrap();
    assert!((number_of("before") - 103.0).abs() < 0.5, "{compared}");
    assert!((number_of("since") - 43.0).abs() < 0.5, "{compared}");
    assert!((number_of("reduction_percent") - 58.0).abs() < 1.0, "{compared}");
    assert_eq!(
        (&compared["confidence_percent"], &compared["hours"]),
        (&json!("99.9"), &json!([72, 36]))
    );
    assert_eq!(of("bureau", &json!("stack-2"))["compliance"]["state"], "not_kept");
    let general = of("bureau", &Value::Null);
    assert_eq!(general["compliance"]["state"], "unclear");
    assert!(general["compliance"]["reason"]["zh"].as_str().unwrap().contains("预案未规定"));
    assert_eq!(general["overdue"], "receive", "it was given 40 hours ago");

    site.server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warning_keeps_what_the_forecast_said_and_the_report_compares_it() {
    let mut site = site().await;
    plan(&mut site).await;
    let proposal = seen_by(&mut site, "leader", "/emergency/proposal").await;
    assert_eq!(proposal["kind"], "forecast");
    let days = proposal["days"].as_array().unwrap();
    assert!(
        !days.is_empty() && days.iter().all(|day| day["aqi"].as_u64().unwrap() > 200),
        "{proposal}"
    );
    assert!(proposal["level"]["en"].as_str().is_some(), "{proposal}");
    let mut body = level("orange", None);
    body["basis"] = json!({ "forecast": {} });
    let number = declared(&mut site, &body).await;
    let warning = seen_by(&mut site, "leader", &format!("/emergency/warnings/{number}")).await;
    assert_eq!(warning["levels"][0]["basis"]["days"], proposal["days"]);
    let receive = format!("/emergency/warnings/{number}/orders/1/receive");
    assert_eq!(by(&mut site, "handler", "POST", &receive, &json!({})).await.status, 200);

    let today = app::clock::civil_today(&jiff::tz::TimeZone::get("Asia/Shanghai").unwrap());
    let ask = format!("/reports/emergency?from={today}&to={today}");
    assert_eq!(site.get(&ask).await.status, 401);
    assert_eq!(site.sign_in("analyst", PASSWORD).await.status, 200);
    assert_eq!(site.get(&ask).await.status, 403);
    site.forget();
    let report = seen_by(&mut site, "leader", &ask).await;
    let text = report.to_string();
    for part in [
        number.as_str(),
        "orders that nobody received",
        "橙色预警",
        "AQI of the district",
        "Stack 1",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let numbers = report["numbers"].as_object().unwrap();
    let counted = |name: &str| {
        let own = numbers.values().find(|own| own["name"]["en"] == name);
        own.unwrap_or(&Value::Null)["value"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!((counted("given").as_str(), counted("received").as_str()), ("3", "1"));
    assert_eq!(counted("share received"), "33.3");
    assert!(
        numbers.values().all(|own| !own["source"]["en"].as_str().unwrap().is_empty()
            || own["made"]["made"] != "given"),
        "{text}"
    );
    assert_eq!(site.sign_in("leader", PASSWORD).await.status, 200);
    for (format, begins) in [("html", "<"), ("csv", "\u{feff}"), ("xlsx", "PK")] {
        let reply = site.get(&format!("{ask}&format={format}&language=en")).await;
        assert_eq!(reply.status, 200, "{format}");
        let body = if reply.headers.contains_key("transfer-encoding") {
            reply.unchunked()
        } else {
            reply.body.clone()
        };
        assert!(body.starts_with(begins.as_bytes()), "{format}");
        assert!(body.len() > 200, "{format}");
    }
    let quiet = site.get("/reports/emergency?from=2020-01-01&to=2020-01-31").await.json();
    assert!(quiet.to_string().contains("No warning was in force"));
    site.server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warning_is_told_to_whoever_wants_to_know_and_an_order_to_its_unit() {
    let (address, mut mails) = notify::mail_server(0).await;
    let mut site = site_with(|config| {
        config.notify.smtp_host = address.ip().to_string();
        config.notify.smtp_port = u64::from(address.port());
        "skyriver@district.example".clone_into(&mut config.notify.smtp_from);
        config.notify.smtp_tls = SmtpTls::None;
    })
    .await;
    plan(&mut site).await;
    let kinds = ["warning_raised", "warning_lifted", "order_given", "order_urged"];
    for who in ["street-handler", "analyst"] {
        let wanted = json!({ "mail": format!("{who}@district.example"), "kinds": kinds, "language": "en", "own_unit": false });
        let reply = by(&mut site, who, "PUT", "/me/subscription", &wanted).await;
        assert_eq!(reply.status, 200, "{reply:?}");
    }
    let number = declared(&mut site, &level("yellow", None)).await;
    let mut told: Vec<(String, String)> = vec![];
    let mut hear = async |count: usize| {
        for _ in 0..count {
            let mail = notify::next(&mut mails).await;
            let of = |head: &str| {
                let line = mail.lines().find_map(|line| line.strip_prefix(head)).unwrap();
                line.trim().to_owned()
            };
            let to = of("To: ").replace("@district.example", "");
            told.push((format!("{to}: {}", of("Subject: [Skyriver] ")), notify::text_of(&mail)));
        }
        told.sort();
        std::mem::take(&mut told)
    };
    let heard = hear(3).await;
    let subjects: Vec<&str> = heard.iter().map(|(subject, _)| &subject[..]).collect();
    let raised = format!("a warning was declared, or its level changed: {number}");
    let given = format!("an order waits for its receipt: {number}");
    let expected = [
        format!("analyst: {raised}"),
        format!("street-handler: {raised}"),
        format!("street-handler: {given}"),
    ];
    assert_eq!(subjects, expected, "who handles nothing hears of no order");
    assert!(heard[0].1.contains("yellow warning, from ") && heard[0].1.contains("city"));
    let order = &heard[2].1;
    assert!(order.contains("Stack 1: stop") && !order.contains("Stack 2"), "{order}");
    let own = seen_by(&mut site, "street-handler", &format!("/emergency/warnings/{number}")).await;
    let remind =
        format!("/emergency/warnings/{number}/orders/{}/remind", own["orders"][0]["number"]);
    assert_eq!(by(&mut site, "leader", "POST", &remind, &json!({})).await.status, 200);
    let urged = format!("street-handler: a unit was reminded of an order: {number}");
    assert_eq!(hear(1).await[0].0, urged);
    let lift = json!({ "basis": {"document": {"number": "8", "issuer": "city"}}, "note": "over" });
    let path = format!("/emergency/warnings/{number}/lift");
    assert_eq!(by(&mut site, "leader", "POST", &path, &lift).await.status, 200);
    let lifted = format!("a warning was lifted: {number}");
    let heard = hear(2).await;
    assert!(heard.iter().all(|(subject, _)| subject.ends_with(&lifted)), "{heard:?}");
    site.server.stop().await.unwrap();
}
