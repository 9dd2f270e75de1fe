//! The API document is what the handlers say.

use crate::answers::QUESTIONS;
use crate::snapshot;
use crate::world::{text, world};
use serde_json::Value;
use std::collections::BTreeSet;

#[test]
fn the_document_in_the_repository_is_that_of_the_handlers() {
    snapshot::check("../../api/openapi.json", &format!("{}\n", app::http::openapi()));
}

#[test]
fn everything_that_the_document_points_to_is_there() {
    fn walk(document: &Value, part: &Value, pointers: &mut usize) {
        if let Some(name) = part["$ref"].as_str() {
            assert!(document.pointer(name.trim_start_matches('#')).is_some(), "{name}");
            *pointers += 1;
        }
        let fields = part.as_object().into_iter().flat_map(|object| object.values());
        for inner in part.as_array().into_iter().flatten().chain(fields) {
            walk(document, inner, pointers);
        }
    }
    let document: Value = serde_json::from_str(&app::http::openapi()).unwrap();
    let mut pointers = 0;
    walk(&document, &document, &mut pointers);
    assert!(pointers > 50, "{pointers}");
}

/// The names of the schemas that a part of the document leads to.
fn leads_to(document: &Value, part: &Value, found: &mut BTreeSet<String>) {
    if let Some(name) = part["$ref"].as_str()
        && found.insert(name.trim_start_matches('#').to_owned())
    {
        let inner = document.pointer(name.trim_start_matches('#')).unwrap();
        leads_to(document, inner, found);
    }
    let fields = part.as_object().into_iter().flat_map(|object| object.values());
    for inner in part.as_array().into_iter().flatten().chain(fields) {
        leads_to(document, inner, found);
    }
}

#[test]
fn no_answer_has_a_password_and_no_body_takes_a_field_that_is_unknown() {
    let document: Value = serde_json::from_str(&app::http::openapi()).unwrap();
    let (mut answered, mut taken) = (BTreeSet::new(), BTreeSet::new());
    for method in document["paths"].as_object().unwrap().values() {
        for route in method.as_object().unwrap().values() {
            leads_to(&document, &route["responses"], &mut answered);
            let body = &route["requestBody"]["content"]["application/json"]["schema"];
            leads_to(&document, body, &mut taken);
        }
    }
    assert!(answered.len() > 100 && taken.len() > 30, "{} {}", answered.len(), taken.len());
    for name in &answered {
        let fields = document.pointer(name).unwrap()["properties"].as_object();
        for field in fields.into_iter().flat_map(|fields| fields.keys()) {
            // Whether one is set is no secret.
            let is_secret = field != "password_set"
                && ["password", "secret", "salt"].iter().any(|word| field.contains(word));
            assert!(!is_secret, "{name} has {field}");
        }
    }
    let open: Vec<&String> = taken
        .iter()
        .filter(|name| {
            let schema = document.pointer(name).unwrap();
            schema["properties"].is_object() && schema["additionalProperties"] != false
        })
        .collect();
    assert_eq!(open, Vec::<&String>::new());
}

#[tokio::test]
async fn the_server_gives_the_same_document() {
    assert_eq!(text(world().ask("/openapi.json").await).await, app::http::openapi());
}

#[tokio::test]
async fn every_route_of_the_document_is_there() {
    let world = world();
    let document: Value = serde_json::from_str(&app::http::openapi()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() > 18, "{:?}", paths.keys());
    for path in paths.keys() {
        let body = text_of_short(&world, &path.replace("{sequence}", "1")).await;
        assert!(!body.contains("unknown_route"), "{path}");
    }
}

/// The body of an answer, but of the endless one nothing.
async fn text_of_short(world: &crate::world::World, path: &str) -> String {
    let answer = world.ask(&format!("/{path}")).await;
    if path.ends_with("/events") { String::new() } else { text(answer).await }
}

#[tokio::test]
async fn every_answer_is_what_the_document_says() {
    let world = world();
    let document: Value = serde_json::from_str(&app::http::openapi()).unwrap();
    let frame = world.json("/frames?limit=1").await[0]["sequence"].to_string();
    let more = [format!("/frames/{frame}"), "/parameters".into(), "/standards/air-index".into()];
    let more = more.into_iter().chain(crate::assess::QUESTIONS.map(str::to_owned));
    for question in QUESTIONS.iter().map(|question| (*question).to_owned()).chain(more) {
        let path = question.split('?').next().unwrap().replace(&frame, "{sequence}");
        let pointer = format!("/api/v1{path}").replace('~', "~0").replace('/', "~1");
        let pointer =
            format!("/paths/{pointer}/get/responses/200/content/application~1json/schema");
        let schema = document.pointer(&pointer).unwrap();
        conforms(&document, schema, &world.json(&question).await, &question);
    }
}

/// Checks a value against the parts of JSON Schema that the document uses.
fn conforms(document: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let target = document.pointer(name.trim_start_matches('#')).unwrap();
        return conforms(document, target, value, at);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let is_null = |choice: &&Value| choice["type"] == "null";
        if value.is_null() {
            assert!(choices.iter().any(|choice| is_null(&choice)), "{at}: is null");
            return;
        }
        let choice = choices.iter().find(|choice| !is_null(choice)).unwrap();
        return conforms(document, choice, value, at);
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let is_of = |allowed: &Value| allowed == kind || (kind == "integer" && allowed == "number");
    let allowed = &schema["type"];
    let is_allowed = allowed.as_array().map_or_else(|| is_of(allowed), |all| all.iter().any(is_of));
    assert!(is_allowed, "{at}: {kind}, but the document says {allowed}");
    if let Some(names) = schema["enum"].as_array() {
        assert!(names.contains(value), "{at}: {value} is none of {names:?}");
    }
    for (number, item) in value.as_array().into_iter().flatten().enumerate() {
        let items = schema["prefixItems"].get(number).unwrap_or(&schema["items"]);
        conforms(document, items, item, &format!("{at}[{number}]"));
    }
    let Some(object) = value.as_object() else { return };
    for name in schema["required"].as_array().into_iter().flatten() {
        assert!(object.contains_key(name.as_str().unwrap()), "{at}: no {name}");
    }
    for (name, inner) in object {
        let known = schema["properties"].get(name).or_else(|| schema.get("additionalProperties"));
        assert!(known.is_some(), "{at}: the document has no {name}");
        conforms(document, known.unwrap(), inner, &format!("{at}.{name}"));
    }
}
