//! JSON and XML of `GeoReport` v2, from one value.

use super::super::public::escaped;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

/// In which form something is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// JSON.
    Json,
    /// XML.
    Xml,
}

impl Form {
    /// The name of a file without its ending, and the form that this states; JSON without one.
    pub fn of(file: &str) -> (&str, Self) {
        if let Some(name) = file.strip_suffix(".xml") {
            return (name, Self::Xml);
        }
        (file.strip_suffix(".json").unwrap_or(file), Self::Json)
    }

    /// A value as an answer; in XML it is `root`, each row of it `item`.
    pub fn answer(self, root: &str, item: &str, value: &Value) -> Response {
        match self {
            Self::Json => {
                let head = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
                (head, value.to_string()).into_response()
            }
            Self::Xml => {
                let head = [(header::CONTENT_TYPE, "text/xml; charset=utf-8")];
                (head, xml(root, item, value)).into_response()
            }
        }
    }
}

fn xml(root: &str, item: &str, value: &Value) -> String {
    let mut text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n".to_owned();
    element(root, item, value, &mut text);
    text
}

/// The name of one row of a list that has this name.
fn one_of(name: &str) -> &str {
    match name {
        "history" => "step",
        _ => name.strip_suffix('s').unwrap_or("item"),
    }
}

fn element(name: &str, item: &str, value: &Value, text: &mut String) {
    match value {
        Value::Null => text.extend(["<", name, "/>"]),
        Value::Array(rows) => {
            text.extend(["<", name, ">"]);
            for row in rows {
                element(item, "", row, text);
            }
            text.extend(["</", name, ">"]);
        }
        Value::Object(fields) => {
            text.extend(["<", name, ">"]);
            for (key, value) in fields {
                element(key, one_of(key), value, text);
            }
            text.extend(["</", name, ">"]);
        }
        Value::String(said) => {
            // What XML 1.0 cannot hold is left out.
            let said: String = said
                .chars()
                .filter(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'))
                .collect();
            text.extend(["<", name, ">", &escaped(&said), "</", name, ">"]);
        }
        other => text.extend(["<", name, ">", &other.to_string(), "</", name, ">"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_have_rows_and_text_cannot_become_markup() {
        let value =
            json!([{ "a": "<b>\u{7}&", "lat": 1.5, "none": null, "history": [{ "x": true }] }]);
        let text = xml("service_requests", "request", &value);
        let expected = "<service_requests><request><a>&lt;b&gt;&amp;</a><lat>1.5</lat><none/>\
                        <history><step><x>true</x></step></history></request></service_requests>";
        assert!(text.ends_with(expected), "{text}");
    }

    #[test]
    fn the_ending_says_the_form() {
        assert_eq!(Form::of("requests.xml"), ("requests", Form::Xml));
        assert_eq!(Form::of("2026-000001.json"), ("2026-000001", Form::Json));
        assert_eq!(Form::of("2026-000001"), ("2026-000001", Form::Json));
    }
}
