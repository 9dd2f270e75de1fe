//! Importing places, lines and areas over real sockets, and every bad file that people bring.

use crate::registry::REGISTRY;
use crate::site::{Reply, Site};
use app::import::FILE_BYTES_MAX;
use app::import::datum::{gcj02_to_bd09, wgs84_to_gcj02};
use serde_json::{Value, json};

const GOOD: &str = r#"{"type": "FeatureCollection", "features": [
  {"type": "Feature", "properties": {"key": "stack-1", "name": "一号烟囱", "kind": "stack", "height_m": 60},
   "geometry": {"type": "Point", "coordinates": [114.05, 22.55, 30.0]}},
  {"type": "Feature", "id": 7, "properties": {"name_zh": "东村", "name_en": "East", "kind": "village"},
   "geometry": {"type": "MultiPolygon", "coordinates": [
     [[[114.0, 22.5], [114.1, 22.5], [114.1, 22.6]]], [[[114.2, 22.5], [114.3, 22.5], [114.3, 22.6], [114.2, 22.5]]]]}},
  {"type": "Feature", "properties": {"key": "road-1", "name": "大路", "kind": "road"},
   "geometry": {"type": "LineString", "coordinates": [[114.0, 22.5], [114.1, 22.5]]}}]}"#;

async fn import(site: &Site, query: &str, file: &[u8]) -> Reply {
    site.ask("POST", &format!("/registry/import?{query}"), &[], file).await
}

fn counts(answer: &Value) -> [u64; 4] {
    ["added", "changed", "same", "refused"].map(|name| answer[name].as_u64().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_writes_nothing_and_an_import_has_one_receipt() {
    let site = Site::signed_in(REGISTRY).await;
    let dry = import(&site, "", GOOD.as_bytes()).await;
    assert_eq!(dry.status, 200, "{dry:?}");
    let dry = dry.json();
    assert_eq!((counts(&dry), &dry["receipt"]), ([3, 0, 0, 0], &Value::Null), "{dry:#}");
    assert_eq!(site.get("/registry/places/stack-1").await.status, 404);
    let village = &dry["items"][1];
    assert_eq!(village["problems"].as_array().unwrap().len(), 2, "two parts, and not closed");
    assert!(village["problems"].as_array().unwrap().iter().all(|one| one["severity"] == "warning"));
    let done = import(&site, "dry_run=false", GOOD.as_bytes()).await.json();
    let receipt = done["receipt"].as_str().unwrap();
    let entry = site.get("/registry/places/stack-1").await.json();
    assert_eq!(entry["history"][0]["what"], "imported");
    assert_eq!(entry["history"][0]["receipt"], receipt);
    assert_eq!(entry["value"]["height_m"], 60.0);
    let area = site.get("/registry/areas/7").await.json();
    assert_eq!(area["value"]["ring"].as_array().unwrap().len(), 4);
    let journal = site.server.reader.journal(1, None).unwrap();
    assert!(journal[0].entry.text.contains(receipt), "{}", journal[0].entry.text);
    let again = import(&site, "dry_run=false", GOOD.as_bytes()).await.json();
    assert_eq!((counts(&again), &again["receipt"]), ([0, 0, 3, 0], &Value::Null), "{again:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_entry_keeps_all_out_unless_a_part_is_wanted() {
    let site = Site::signed_in(REGISTRY).await;
    let file = GOOD.replace("[114.05, 22.55, 30.0]", "[22.55, 114.05]");
    let refused = import(&site, "dry_run=false", file.as_bytes()).await.json();
    assert_eq!((counts(&refused), &refused["receipt"]), ([2, 0, 0, 1], &Value::Null));
    assert!(refused["items"][0]["problems"][0]["hint"]["en"].as_str().unwrap().contains("swapped"));
    assert_eq!(site.get("/registry/lines/road-1").await.status, 404);
    let part = import(&site, "dry_run=false&partial=true", file.as_bytes()).await.json();
    assert!(part["receipt"].is_string());
    assert_eq!(site.get("/registry/lines/road-1").await.status, 200);
    assert_eq!(site.get("/registry/places/stack-1").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_file_does_not_say_stays() {
    let site = Site::signed_in(REGISTRY).await;
    let list = "编码,名称,经度,纬度\nair-1,一号站（新）,114.05,22.55\n";
    let done = import(&site, "dry_run=false", list.as_bytes()).await.json();
    assert_eq!(counts(&done), [0, 1, 0, 0], "{done:#}");
    let entry = site.get("/registry/places/air-1").await.json();
    assert_eq!(entry["value"]["name"], json!({"zh": "一号站（新）", "en": "Station 1"}));
    assert_eq!(
        (&entry["value"]["area"], &entry["value"]["kind"]),
        (&json!("north"), &json!("air_station"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn station_lists_come_in_gbk_and_utf_8_with_chinese_names_and_devices() {
    let site = Site::signed_in(REGISTRY).await;
    let list = "监测点编码;站点名称;类型;经度(°);纬度(°);设备MN;备注\n\
                w1;清河断面;断面;114.01;22.51;MN-91;x\n\
                w2;东排口;排口;114.02;22.52;;\n";
    let gbk = encoding(list);
    assert!(std::str::from_utf8(&gbk).is_err());
    let with_mark = [b"\xEF\xBB\xBF", list.as_bytes()].concat();
    for file in [gbk, with_mark] {
        let answer = import(&site, "", &file).await.json();
        assert_eq!(counts(&answer), [3, 0, 0, 0], "{answer:#}");
        assert_eq!(answer["items"][0]["name"], "清河断面");
        assert_eq!(
            (&answer["items"][1]["kind"], &answer["items"][1]["key"]),
            (&json!("device"), &json!("MN-91"))
        );
        assert!(answer["notes"].to_string().contains("备注"));
    }
}

fn encoding(text: &str) -> Vec<u8> {
    encoding_rs::GBK.encode(text).0.into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stated_datum_is_turned_into_wgs_84_and_one_that_is_not_is_only_hinted_at() {
    let site = Site::signed_in(REGISTRY).await;
    let gcj02 = wgs84_to_gcj02([114.05, 22.55]);
    let bd09 = gcj02_to_bd09(gcj02);
    let list = |[lon, lat]: [f64; 2]| format!("key,name,lon,lat\nair-1,一号站,{lon},{lat}\n");
    for (datum, point) in [("gcj02", gcj02), ("bd09", bd09)] {
        let answer = import(&site, &format!("datum={datum}"), list(point).as_bytes()).await.json();
        let lon = answer["items"][0]["changes"][0]["after"].as_f64().unwrap_or(114.05);
        assert!((lon - 114.05).abs() < 1e-7, "{answer:#}");
        assert!(answer["notes"].to_string().contains("1e-7"));
    }
    let silent = import(&site, "", list(gcj02).as_bytes()).await.json();
    assert_eq!(counts(&silent), [0, 1, 0, 0]);
    assert!(silent["notes"].to_string().contains("datum=gcj02"), "{silent:#}");
}

fn feature(geometry: &str, properties: &str) -> String {
    format!(
        r#"{{"type": "FeatureCollection", "features": [{{"type": "Feature", "properties": {properties}, "geometry": {geometry}}}]}}"#
    )
}

const AREA: &str = r#"{"key": "a", "name": "甲", "kind": "village"}"#;
const POINT: &str = r#"{"type": "Point", "coordinates": [114.05, 22.55]}"#;

/// Name, file, what becomes of the entry, its field and a part of the message.
type Case = (&'static str, String, &'static str, &'static str, &'static str);

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_entry_is_named_with_its_field() {
    let site = Site::signed_in(REGISTRY).await;
    for (name, file, what, field, part) in bad_shapes().into_iter().chain(bad_words()) {
        let reply = import(&site, "dry_run=true", file.as_bytes()).await;
        let answer = reply.json();
        if what == "fault" {
            assert_eq!(reply.status, 422, "{name}: {reply:?}");
        } else {
            assert_eq!(reply.status, 200, "{name}: {reply:?}");
            assert_eq!(answer["items"][0]["what"], what, "{name}: {answer:#}");
            let items = answer["items"].as_array().unwrap();
            let problems: Vec<_> =
                items.iter().flat_map(|item| item["problems"].as_array().unwrap()).collect();
            let is_named = problems.iter().any(|problem| problem["field"] == field);
            assert!(is_named || problems.is_empty(), "{name}: {answer:#}");
        }
        assert!(answer.to_string().contains(part), "{name}: {answer:#}");
    }
}

fn csv(row: &str) -> String {
    format!("key,name,kind,lon,lat\n{row}\n")
}

/// Geometry and position.
fn bad_shapes() -> Vec<Case> {
    let ring =
        |ring: &str| feature(&format!(r#"{{"type": "Polygon", "coordinates": {ring}}}"#), AREA);
    let at = |position: &str| {
        feature(
            &format!(r#"{{"type": "Point", "coordinates": {position}}}"#),
            r#"{"key": "p", "name": "甲", "kind": "stack"}"#,
        )
    };
    vec![
        (
            "crossing rings",
            ring("[[[114.0,22.5],[114.1,22.6],[114.1,22.5],[114.0,22.6],[114.0,22.5]]]"),
            "refuse",
            "ring",
            "crosses itself",
        ),
        (
            "a ring of two points",
            ring("[[[114.0,22.5],[114.1,22.6]]]"),
            "refuse",
            "ring",
            "not closed",
        ),
        (
            "a ring that is not closed",
            ring("[[[114.0,22.5],[114.1,22.5],[114.1,22.6]]]"),
            "add",
            "ring",
            "was not closed",
        ),
        (
            "a polygon with a hole",
            ring(
                "[[[114.0,22.5],[114.1,22.5],[114.1,22.6],[114.0,22.5]],[[114.01,22.51],[114.02,22.51],[114.02,22.52],[114.01,22.51]]]",
            ),
            "add",
            "ring",
            "holes",
        ),
        ("swapped coordinates", at("[22.55, 114.05]"), "refuse", "lat", "swapped"),
        ("projected coordinates", at("[12695000.0, 2580000.0]"), "refuse", "lat", "out of range"),
        ("longitude past 180", at("[180.5, 22.5]"), "refuse", "lon", "out of range"),
        ("far outside", at("[100.0, 22.5]"), "add", "lon", "km outside"),
        ("swapped within the range", csv("p,甲,stack,22.55,89.0"), "add", "lon", "km outside"),
        ("a position in words", at("[\"x\", 1]"), "fault", "", "line 1 column"),
        ("no position", feature("null", AREA), "refuse", "geometry", "no geometry"),
        (
            "a geometry of many",
            feature(r#"{"type": "GeometryCollection", "geometries": []}"#, AREA),
            "refuse",
            "geometry",
            "cannot be imported",
        ),
    ]
}

/// Keys, names, kinds and numbers.
fn bad_words() -> Vec<Case> {
    let point = |properties: &str| feature(POINT, properties);
    vec![
        ("no key", point(r#"{"name": "甲", "kind": "stack"}"#), "refuse", "key", "no key"),
        (
            "an unknown kind",
            point(r#"{"key": "p", "name": "甲", "kind": "stak"}"#),
            "refuse",
            "kind",
            "did you mean stack",
        ),
        ("no kind", point(r#"{"key": "p", "name": "甲"}"#), "refuse", "kind", "no kind"),
        (
            "a control character",
            point(r#"{"key": "p", "name": "甲\u0007", "kind": "stack"}"#),
            "refuse",
            "name",
            "U+0007",
        ),
        (
            "markup",
            point(r#"{"key": "p", "name": "<script>alert(1)</script>", "kind": "stack"}"#),
            "add",
            "",
            "<script>alert(1)</script>",
        ),
        ("NaN", csv("p,甲,stack,NaN,22.5"), "refuse", "lon", "is no number"),
        ("infinity", csv("p,甲,stack,114,inf"), "refuse", "lat", "is no number"),
        (
            "a key twice",
            csv("p,甲,stack,114.05,22.55\np,乙,stack,114.06,22.55"),
            "add",
            "key",
            "has the same key",
        ),
        (
            "an unknown area",
            point(r#"{"key": "p", "name": "甲", "kind": "stack", "area": "nroth"}"#),
            "refuse",
            "area",
            "did you mean north",
        ),
        (
            "a wrong type",
            point(r#"{"key": "p", "name": "甲", "kind": "stack", "height_m": "tall"}"#),
            "refuse",
            "",
            "cannot be read",
        ),
        (
            "a moved device",
            "[[device]]\nmn = \"A00000000000000000000001\"\nplace = \"air-2\"\n".to_owned(),
            "refuse",
            "place",
            "cannot be moved",
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_which_nothing_can_be_read_says_why() {
    let site = Site::signed_in(REGISTRY).await;
    let crs = |name: &str| {
        format!(
            r#"{{"type": "FeatureCollection", "crs": {{"type": "name", "properties": {{"name": "{name}"}}}}, "features": []}}"#
        )
    };
    let cut = &GOOD.as_bytes()[..GOOD.len() / 2];
    let cases: [(&str, Vec<u8>, &str); 10] = [
        ("empty", vec![], "no entries"),
        ("only spaces", b" \r\n ".to_vec(), "no entries"),
        ("no features", br#"{"type": "FeatureCollection", "features": []}"#.to_vec(), "no entries"),
        ("cut", cut.to_vec(), "line 5 column"),
        ("another datum", crs("urn:ogc:def:crs:EPSG::3857").into_bytes(), "EPSG::3857"),
        ("a beijing datum", crs("EPSG:4214").into_bytes(), "datum=gcj02"),
        ("a bare geometry", POINT.as_bytes().to_vec(), "FeatureCollection"),
        (
            "not a number",
            br#"{"type": "Feature", "geometry": {"type": "Point", "coordinates": [NaN, 1]}}"#
                .to_vec(),
            "column",
        ),
        ("a list without positions", b"name,value\nx,1\n".to_vec(), "lon"),
        ("no text at all", vec![0xFF, 0xD8, 0xFF, 0xE0, 0x80, 0xFF, 0xFF], "neither in UTF-8"),
    ];
    for (name, file, part) in cases {
        let reply = import(&site, "", &file).await;
        assert_eq!((reply.status, reply.code().as_str()), (422, "bad_file"), "{name}: {reply:?}");
        assert!(reply.json().to_string().contains(part), "{name}: {reply:?}");
    }
    assert_eq!(import(&site, "datum=mars", b"{}").await.code(), "bad_parameter");
    let nested = format!(r#"{{"type": "Feature", "properties": {}"#, "[".repeat(100_000));
    assert_eq!(import(&site, "", nested.as_bytes()).await.code(), "bad_file");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_200_mb_is_refused_by_its_length() {
    let site = Site::signed_in(REGISTRY).await;
    let said = site.announce("/registry/import", 200 << 20).await;
    assert_eq!((said.status, said.code().as_str()), (413, "body_too_large"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.geojson");
    std::fs::File::create(&path).unwrap().set_len(FILE_BYTES_MAX + 1).unwrap();
    assert!(app::import::command::read_file(&path).is_err());
}
