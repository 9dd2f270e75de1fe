//! Every row of the table of routes that needs a right for a part of the district, asked about a thing of another part.
//!
//! Two areas, north and south, and somebody of each role in each. What belongs to somebody lies in the south: whoever has the same right
//! in the north is refused or does not see it, whoever has it in the south is let through. What is the same for everybody who has
//! the right is compared instead. `tests/http/reach.txt` says which is which; a test beside the table walks it.

use crate::findings::rise_suddenly;
use crate::site::{PASSWORD, Reply, Site, add_person, add_unit};
use crate::snapshot;
use engine::Engine;
use model::{Role, Scope};
use serde_json::{Value, json};
use std::fmt::Write;

const REGISTRY: &str = include_str!("../http/reach.toml");
const SIDES: [&str; 2] = ["north", "south"];
/// What people of each side are.
const ROLES: [Role; 4] = [Role::Operator, Role::Handler, Role::Verifier, Role::Leader];
/// The marks of a JPEG and nothing between them: all that is looked at of a photo.
const PHOTO: [u8; 13] = [0xFF, 0xD8, 0xFF, 0xDB, 0, 3, 1, 0xFF, 0xDA, 0, 2, 0xFF, 0xD9];

/// A server on whose southern station PM2.5 rose suddenly within the last whole hour, with people of both sides.
async fn site() -> Site {
    let prepared = |engine: &mut Engine| {
        for side in SIDES {
            add_unit(engine, &format!("{side}-unit"));
            let scope = Scope { area: Some(side.to_owned()), ..Scope::default() };
            for role in ROLES {
                add_person(engine, &format!("{side}-{}", role.name()), role, scope.clone());
            }
        }
        rise_suddenly(engine);
    };
    Site::with_every_role(REGISTRY, |_| ()).await.after(prepared).await
}

async fn by(site: &mut Site, who: &str, method: &str, path: &str, body: &Value) -> Reply {
    assert_eq!(site.sign_in(who, PASSWORD).await.status, 200, "{who}");
    let reply = site.send(method, path, body).await;
    site.forget();
    reply
}

async fn made(site: &mut Site, who: &str, method: &str, path: &str, body: &Value) -> Value {
    let reply = by(site, who, method, path, body).await;
    assert_eq!(reply.status, 200, "{who} {method} {path} {reply:?}");
    reply.json()
}

/// The table that is reviewed, a line for each row.
struct Reviewed {
    site: Site,
    text: String,
}

impl Reviewed {
    fn note(&mut self, method: &str, row: &str, outcome: &str) {
        writeln!(self.text, "{method:<5}{row:<58}{outcome}").unwrap();
    }

    /// Two of one role ask about a thing of the south: who has the right in the north only is turned away as `code` says.
    async fn apart(
        &mut self,
        role: &str,
        (method, row): (&str, &str),
        path: &str,
        body: &Value,
        code: &str,
    ) -> Value {
        let refused = by(&mut self.site, &format!("north-{role}"), method, path, body).await;
        assert_eq!(refused.code(), code, "{method} {row} {refused:?}");
        // What was filed cannot be put aside any more: that is told to whom it concerns only.
        let kept = by(&mut self.site, &format!("south-{role}"), method, path, body).await;
        assert!([200, 409].contains(&kept.status), "{method} {row} {kept:?}");
        self.note(method, row, code);
        kept.json()
    }

    /// Of a list each sees what lies on their own side.
    async fn listed(&mut self, row: &str, path: &str, is_there: impl Fn(&Value) -> bool) {
        for (side, expected) in SIDES.into_iter().zip([false, true]) {
            let who = format!("{side}-operator");
            let all = made(&mut self.site, &who, "GET", path, &Value::Null).await;
            assert_eq!(is_there(&all), expected, "{who} {path} {all}");
        }
        self.note("GET", row, "left out");
    }

    /// The same for both sides, and for whoever has the right over the whole district.
    async fn common(&mut self, role: &str, (method, row): (&str, &str), path: &str, body: &Value) {
        let whole = by(&mut self.site, role, method, path, body).await;
        for side in SIDES {
            let own = by(&mut self.site, &format!("{side}-{role}"), method, path, body).await;
            assert_eq!(own.status, whole.status, "{side} {method} {row} {own:?}");
            assert_eq!(lasting(own.json()), lasting(whole.json()), "{side} {method} {row}");
        }
        assert_ne!(whole.status, 403, "{method} {row} {whole:?}");
        self.note(method, row, "the same for all");
    }
}

/// An answer without what differs from one second to the next.
fn lasting(mut answer: Value) -> Value {
    if let Some(fields) = answer.as_object_mut() {
        fields.remove("now");
    }
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_for_a_part_ends_where_the_part_ends() {
    let mut all = Reviewed { site: site().await, text: String::new() };
    same_for_all(&mut all).await;
    findings(&mut all).await;
    cases(&mut all).await;
    programmes(&mut all).await;
    orders(&mut all).await;
    samples(&mut all).await;
    snapshot::check("tests/http/reach.txt", &all.text);
}

async fn same_for_all(all: &mut Reviewed) {
    let none = Value::Null;
    for row in ["/units", "/users", "/roles", "/rules", "/suppressions", "/cases/scores"] {
        all.common("operator", ("GET", row), row, &none).await;
    }
    let span = "?from=2026-03-01&to=2026-03-31";
    let path = format!("/commendations{span}");
    all.common("operator", ("GET", "/commendations"), &path, &none).await;
    for row in ["/emergency/plan", "/emergency/proposal", "/emergency/sources"] {
        all.common("operator", ("GET", row), row, &none).await;
    }
    let body =
        json!({"parameter": "pm25", "from": "2026-03-01T00:00:00Z", "to": "2026-03-01T06:00:00Z"});
    let path = "/trace?parameter=pm25&from=2026-03-01T00:00:00Z&to=2026-03-01T06:00:00Z";
    all.common("operator", ("GET", "/trace"), path, &none).await;
    all.common("operator", ("POST", "/trace"), "/trace", &body).await;
}

async fn findings(all: &mut Reviewed) {
    let none = Value::Null;
    let rises = "/findings?rule=air-sudden-rise&state=all";
    let is_there = |list: &Value| list["findings"].as_array().is_some_and(|own| !own.is_empty());
    all.listed("/findings", rises, is_there).await;
    let list = made(&mut all.site, "operator", "GET", rises, &none).await;
    let id = list["findings"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/findings/{id}");
    all.apart("operator", ("GET", "/findings/{id}"), &path, &none, "unknown_finding").await;
    let file = ("POST", "/findings/{id}/file");
    all.apart("operator", file, &format!("{path}/file"), &json!({}), "unknown_finding").await;
    let why = json!({"why": "fireworks"});
    let dismiss = ("POST", "/findings/{id}/dismiss");
    all.apart("operator", dismiss, &format!("{path}/dismiss"), &why, "unknown_finding").await;
    let work =
        json!({"area": "south", "from": "2026-01-01", "to": "2099-01-01", "reason": "works"});
    let suppress = ("POST", "/suppressions");
    let kept = all.apart("operator", suppress, "/suppressions", &work, "not_allowed").await;
    let end = format!("/suppressions/{}/end", kept["id"].as_str().unwrap());
    let row = ("POST", "/suppressions/{id}/end");
    all.apart("operator", row, &end, &json!({"why": "done"}), "not_allowed").await;
}

async fn cases(all: &mut Reviewed) {
    let site = &mut all.site;
    assert_eq!(site.sign_in("operator", PASSWORD).await.status, 200);
    let sent = site.ask("POST", "/photos", &[("Content-Type", "image/jpeg")], &PHOTO).await.json();
    site.forget();
    let hash = sent["hash"].as_str().unwrap().to_owned();
    let report = json!({"id": "r1", "source": "patrol", "category": "smoke", "text": "black smoke",
        "place": "air-south", "photos": [{"hash": hash, "when": "before"}]});
    made(site, "operator", "POST", "/cases", &report).await;
    let path = format!("/photos/{hash}");
    for (side, status) in SIDES.into_iter().zip([404, 200]) {
        let reply = by(site, &format!("{side}-verifier"), "GET", &path, &Value::Null).await;
        assert_eq!(reply.status, status, "{side} {reply:?}");
    }
    all.note("GET", "/photos/{hash}", "unknown_photo");
    let walk = |line: &str| {
        json!({"id": "q1", "patrol": "p1", "line": line, "kind": "foot",
            "started": "2026-03-01T08:00:00+08:00", "ended": "2026-03-01T08:05:00+08:00",
            "track": [[1_772_323_200_000_i64, 114.0, 22.5]]})
    };
    for side in SIDES {
        let who = format!("{side}-handler");
        let kept = made(&mut all.site, &who, "POST", "/patrols", &walk("long-river")).await;
        assert_eq!(kept["patrol"], format!("{who}/p1"), "each keeps their own under one name");
    }
    all.note("POST", "/patrols", "one's own");
}

async fn programmes(all: &mut Reviewed) {
    let homes = json!({"write": "programme", "key": "homes", "name": {"zh": "安置房", "en": "Homes"},
        "template": "resettlement", "begins": "2026-01-01", "due": "2026-12-31", "document": {"title": "plan"}});
    let village = |area: &str| {
        json!({"write": "project", "key": "village", "programme": "homes", "area": area,
            "name": {"zh": "一村", "en": "Village"}})
    };
    let writes = json!({"writes": [homes, village("south")]});
    made(&mut all.site, "operator", "POST", "/programmes", &writes).await;
    let total = json!({"write": "entry", "programme": "homes", "project": "village", "measure": "started_m2",
        "period_end": "2026-06-30", "total": "12", "document": {"title": "a"}});
    let body = json!({"writes": [total]});
    all.apart("operator", ("POST", "/programmes"), "/programmes", &body, "not_allowed").await;
    // Who would take it over by writing where it belongs.
    let taken = json!({"writes": [village("north")]});
    for side in SIDES {
        let who = format!("{side}-operator");
        let reply = by(&mut all.site, &who, "POST", "/programmes", &taken).await;
        assert_eq!(reply.code(), "not_allowed", "{who} {reply:?}");
    }
    let table = "project,measure,period_end,total,document\nvillage,planned_m2,2026-06-30,99,b\n";
    for (side, status) in SIDES.into_iter().zip([403, 200]) {
        let who = format!("{side}-operator");
        assert_eq!(all.site.sign_in(&who, PASSWORD).await.status, 200);
        let path = "/programmes/import?programme=homes&preview=false";
        let reply = all.site.ask("POST", path, &[], table.as_bytes()).await;
        assert_eq!(reply.status, status, "{who} {reply:?}");
        all.site.forget();
    }
    all.note("POST", "/programmes/import", "not_allowed");
}

async fn orders(all: &mut Reviewed) {
    let measure = json!({"place": "stack-south", "level": "yellow", "unit": "south-unit",
        "text": {"zh": "停产", "en": "stop"}, "check": null, "from": "2020-01-01", "source": "plan of the tests"});
    let entry = json!({"measure": measure, "why": "meeting of Monday"});
    made(&mut all.site, "system", "PUT", "/emergency/plan/first", &entry).await;
    let row = ("GET", "/emergency/plan/{key}");
    all.common("operator", row, "/emergency/plan/first", &Value::Null).await;
    let yellow = json!({"level": "yellow", "from": null, "note": "heavy pollution ahead",
        "basis": {"document": {"number": "〔2026〕7 号", "issuer": "city"}}});
    let warning = made(&mut all.site, "leader", "POST", "/emergency/warnings", &yellow).await;
    let order = format!("/emergency/warnings/{}/orders/1", warning["number"].as_str().unwrap());
    for (step, body) in [("receive", json!({})), ("feedback", json!({"note": "off", "done": true}))]
    {
        let row = format!("/emergency/warnings/{{number}}/orders/{{order}}/{step}");
        let path = format!("{order}/{step}");
        all.apart("handler", ("POST", &row), &path, &body, "not_allowed").await;
    }
}

async fn samples(all: &mut Reviewed) {
    let taken = json!({"at": "2026-03-10T01:00:00Z", "what": {"step": "taken", "by": "sampler", "site": "water-south",
        "plan": "", "bottles": [{"id": "b1", "seal": "s1"}]}});
    let row = ("POST", "/samples/{sample}/steps");
    all.apart("handler", row, "/samples/S-1/steps", &taken, "not_allowed").await;
    // A later step names no site: it is that of the sample.
    let handed = json!({"at": "2026-03-10T02:00:00Z", "what": {"step": "received", "from": "sampler", "by": "lab",
        "bottles": [{"id": "b1", "seal": "s1"}]}});
    let reply = by(&mut all.site, "north-handler", "POST", "/samples/S-1/steps", &handed).await;
    assert_eq!(reply.code(), "not_allowed", "{reply:?}");
    let is_there = |list: &Value| list["samples"].as_array().is_some_and(|own| !own.is_empty());
    all.listed("/samples", "/samples", is_there).await;
}
