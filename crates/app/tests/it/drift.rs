//! Micro-stations against standard ones, over a whole server: found, proposed, made by a person.

use crate::known::json_of;
use crate::site::{PASSWORD, Site, catch_up};
use crate::world::{MIDNIGHT, REGISTRY, frame};
use engine::Engine;
use model::{DAY_MS, HOUR_MS};
use serde_json::Value;

const DAYS: i64 = 16;
const SPAN: &str = "parameter=pm25&from=2026-03-10&to=2026-03-25";

/// What looks like chance and is the same each time, −1 to 1.
fn chance(at: i64) -> f64 {
    let mut bits = (at as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    f64::from(((bits ^ (bits >> 31)) >> 40) as u32) / f64::from(1 << 23) - 1.0
}

/// Sixteen days of the first station and of a micro-station 200 m away that reads 1.3 times as much and 4 more.
async fn site() -> Site {
    let far = "lon = 114.07\nlat = 22.57";
    assert!(REGISTRY.contains(far));
    let registry = REGISTRY.replace(far, "lon = 114.05195\nlat = 22.55");
    Site::with_every_role(&registry, |_| ()).await.after(fill).await
}

fn fill(engine: &mut Engine) {
    for day in 0..DAYS {
        let mut arrivals = vec![];
        for hour in day * 24..(day + 1) * 24 {
            let good = 45.0 + 20.0 * (hour as f64 * 0.26).sin() + 10.0 * chance(hour / 7);
            let says = 1.3 * (good + 0.5 * chance(10_000 + hour)) + 4.0;
            let start = MIDNIGHT + hour * HOUR_MS;
            let tenth = |value: f64| Some((value * 10.0).round() / 10.0);
            arrivals.push(frame(0, start, &[("pm25", "a34004", tenth(good))]));
            arrivals.push(frame(2, start, &[("pm25", "a34004", tenth(says))]));
        }
        engine.turn(MIDNIGHT + (day + 1) * DAY_MS + HOUR_MS, &arrivals).unwrap();
    }
    catch_up(engine);
}

async fn series(site: &Site, place: &str) -> Vec<f64> {
    let all = json_of(site, &format!("/datastreams?place={place}")).await;
    let items = all["items"].as_array().or_else(|| all.as_array()).unwrap();
    let own = items.iter().find(|own| own["parameter"] == "pm25" && own["period"] == "hour");
    let id = &own.unwrap()["id"];
    let path = format!("/readings?datastream={id}&from=2026-03-10&to=2026-03-26");
    let values = json_of(site, &path).await["columns"]["value"].as_array().unwrap().clone();
    values.iter().map(|value| value.as_f64().unwrap()).collect()
}

/// Mean of what the micro-station differs by.
async fn apart(site: &Site) -> f64 {
    let (good, says) = (series(site, "air-1").await, series(site, "micro-1").await);
    assert_eq!((good.len(), says.len()), (384, 384));
    good.iter().zip(&says).map(|(good, says)| (good - says).abs()).sum::<f64>() / 384.0
}

fn holds(interval: &Value, value: f64) -> bool {
    interval[0].as_f64().unwrap() < value && value < interval[1].as_f64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drift_is_found_and_its_correction_made_by_a_person_as_it_was_proposed() {
    let mut site = site().await;
    let before = json_of(&site, "/health").await["sequence"].as_u64().unwrap();
    let answer = json_of(&site, &format!("/drift?{SPAN}")).await;
    assert_eq!(answer["stations"].as_array().unwrap().len(), 1, "{answer}");
    let own = &answer["stations"][0];
    assert_eq!((&own["place"], &own["verdict"]), (&"micro-1".into(), &"off".into()), "{own}");
    let reference = &own["reference"];
    assert_eq!((&reference["place"], &reference["distance_m"]), (&"air-1".into(), &200.0.into()));
    assert_eq!((own["hours"].as_u64(), own["days"].as_i64()), (Some(384), Some(DAYS)));
    let found = &own["found"];
    assert!(holds(&found["gain_90"], 1.0 / 1.3), "{found}");
    assert!(holds(&found["offset_90"], -4.0 / 1.3), "{found}");
    assert_eq!(found["changed"], Value::Null);

    let corrections = own["corrections"].as_array().unwrap().clone();
    let kinds: Vec<&Value> = corrections.iter().map(|own| &own["operation"]["kind"]).collect();
    assert_eq!(kinds, ["factor", "offset"]);
    assert!(corrections[0]["why"].as_str().unwrap().contains("air-1, 200 m away"));
    assert_eq!(site.post("/corrections", &corrections[0]).await.code(), "not_signed_in");
    let was = apart(&site).await;
    site.sign_in("operator", PASSWORD).await;
    for body in &corrections {
        let look = site.post("/corrections/preview", body).await;
        assert_eq!(look.json()["count"], 384, "{look:?}");
        assert_eq!(site.post("/corrections", body).await.status, 201, "{body}");
    }
    let is = apart(&site).await;
    assert!(was > 15.0 && is < 0.6, "{was} {is}");
    let again = json_of(&site, &format!("/drift?{SPAN}")).await;
    assert_eq!(again["stations"][0]["verdict"], "right", "{again}");
    let then = json_of(&site, &format!("/drift?{SPAN}&as_of={before}")).await;
    assert_eq!(then["stations"][0]["found"], *found);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_compared_says_why_and_what_is_wrongly_asked_is_refused() {
    let site = site().await;
    let alone = json_of(&site, &format!("/drift?{SPAN}&place=micro-1&within_m=150")).await;
    let own = &alone["stations"][0];
    assert_eq!((&own["verdict"], &own["found"]), (&"nothing_near".into(), &Value::Null));
    assert!(own["says"]["en"].as_str().unwrap().contains("Station 1, is 200 m away"), "{own}");
    assert!(own["says"]["zh"].as_str().unwrap().contains("一号站 相距 200 m"), "{own}");
    assert_eq!(own["corrections"], serde_json::json!([]));
    let after = "parameter=pm25&from=2026-03-27&to=2026-03-28";
    let few = json_of(&site, &format!("/drift?{after}")).await;
    assert_eq!(few["stations"][0]["verdict"], "too_few", "{few}");
    let none = json_of(&site, "/drift?parameter=so2&from=2026-03-10&to=2026-03-25").await;
    assert_eq!(none["stations"], serde_json::json!([]));
    for (question, code) in [
        ("/drift?parameter=magic", "bad_parameter"),
        ("/drift?place=nowhere", "unknown_place"),
        ("/drift?place=air-1", "bad_parameter"),
        ("/drift?within_m=50001", "bad_parameter"),
        ("/drift?within_m=near", "bad_parameter"),
        ("/drift?from=2026-03-12&to=2026-03-11", "bad_parameter"),
        ("/drift?from=1900-01-01&to=2026-03-11", "range_too_long"),
        ("/drift?as_of=999999999", "bad_parameter"),
        ("/drift?lang=fr", "bad_parameter"),
    ] {
        assert_eq!(site.get(question).await.code(), code, "{question}");
    }
}
