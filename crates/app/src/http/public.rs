//! The public page for those without script: the same numbers, written into the HTML by the server.
//!
//! Counts and readings only, never names of people. Everything that comes from the registry is escaped.

use super::error::{Answer, ApiError};
use super::index;
use super::known::Moment;
use super::page;
use super::state::AppState;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use model::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use std::fmt::Write;

/// What may be asked; whatever else stands in the address belongs to the script.
#[derive(Default, Deserialize)]
pub struct PublicQuery {
    lang: Option<String>,
}

/// The language that a page is written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lang {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// Answers `/public`: the page as everywhere, with the numbers of now in its `noscript`.
pub async fn public(
    State(app): State<AppState>,
    query: Result<Query<PublicQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|text| text.to_str().ok());
    let asked = query.ok().and_then(|Query(query)| query.lang);
    let lang = lang(asked.as_deref(), accepted.unwrap_or_default());
    let numbers = match numbers(app, lang).await {
        Ok(numbers) => numbers,
        Err(error) => return error.into_response(),
    };
    let head = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::VARY, "accept-language"),
    ];
    (head, filled(&page::index(), lang, &numbers)).into_response()
}

/// `?lang=` wins, then the first language of the browser that we speak, then Chinese.
pub fn lang(asked: Option<&str>, accepted: &str) -> Lang {
    let known = |tag: &str| match tag.trim().get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some("zh") => Some(Lang::Zh),
        Some("en") => Some(Lang::En),
        _ => None,
    };
    asked.and_then(known).or_else(|| accepted.split(',').find_map(known)).unwrap_or(Lang::Zh)
}

/// The page with `numbers` where it speaks to those without script.
fn filled(page: &str, lang: Lang, numbers: &str) -> String {
    let tag = lang.pick("<html lang=\"zh-CN\"", "<html lang=\"en\"");
    let page = page.replacen("<html lang=\"zh-CN\"", tag, 1);
    let numbers = format!("<noscript>{numbers}</noscript>");
    let old = page.find("<noscript>").zip(page.find("</noscript>"));
    match old {
        Some((start, end)) if start < end => {
            format!("{}{numbers}{}", &page[..start], &page[end + "</noscript>".len()..])
        }
        _ => page.replacen("</body>", &format!("{numbers}</body>"), 1),
    }
}

/// The index of the district and of each standard station, and what the law advises.
async fn numbers(app: AppState, lang: Lang) -> Answer<String> {
    let index = app.ask(|app| index::newest(app, Moment::now(app))).await?;
    let index = serde_json::to_value(&index)
        .map_err(|error| ApiError::internal("write the index", &error))?;
    app.ask(move |app| Ok(written(app, lang, &index))).await
}

fn written(app: &AppState, lang: Lang, index: &Value) -> String {
    let pick = |zh, en| lang.pick(zh, en);
    let name = lang.of(&app.district.name.zh, &app.district.name.en);
    let mut html = String::new();
    let _ = write!(
        html,
        "<style>body{{font:16px/1.6 sans-serif;max-width:40rem;margin:1rem auto;padding:0 1rem}}\
         table{{border-collapse:collapse}}td,th{{border:1px solid;padding:2px 8px;text-align:left}}</style>\
         <main><h1>{} · {}</h1>",
        escaped(name),
        pick("空气质量", "air quality"),
    );
    html += &district(app, lang, index);
    let _ = write!(
        html,
        "<table><thead><tr><th>{}</th><th>AQI</th><th>{}</th><th>{}</th></tr></thead><tbody>",
        pick("站点", "Station"),
        pick("类别", "Class"),
        pick("首要污染物", "Primary pollutant"),
    );
    let view = app.reader.view();
    let empty = Vec::new();
    for item in index["items"].as_array().unwrap_or(&empty) {
        let Some(place) = item["place"].as_str().and_then(|key| view.registry().place_id(key))
        else {
            continue;
        };
        let Some(place) = view.registry().place(place) else { continue };
        if place.kind == model::PlaceKind::AirStation {
            html += &row(app, lang, lang.of(&place.name.zh, &place.name.en), item);
        }
    }
    let at = pick("页面生成时间", "Written at");
    let _ = write!(html, "</tbody></table><p>{at} {}</p></main>", local(app, app.now()));
    html
}

/// The district's own sentence and the advice of its class; without an index, the reason.
fn district(app: &AppState, lang: Lang, index: &Value) -> String {
    let item = &index["district"];
    let Some(aqi) = item["aqi"].as_u64() else {
        let reason = item["reason"][lang.pick("zh", "en")].as_str().unwrap_or_default();
        return format!("<p>{}: {}</p>", lang.pick("不予评价", "No assessment"), escaped(reason));
    };
    let hour = item["hour"]
        .as_str()
        .and_then(|text| super::time::instant("hour", text, &app.district.zone).ok());
    let hour = hour.map_or_else(String::new, |hour| local(app, hour));
    let edition = escaped(index["edition"].as_str().unwrap_or_default());
    let mut html = format!(
        "<p><strong>AQI {aqi} {}</strong> · {} · {hour} · {edition}</p>",
        class(app, lang, item),
        primary(item),
    );
    if let Some(advice) = advice(app, item["level"].as_u64()) {
        let _ = write!(
            html,
            "<ul><li>{}: {}</li><li>{}: {}</li></ul>",
            lang.pick("一般人群", "Everybody"),
            escaped(lang.of(&advice.general_zh, &advice.general_en)),
            lang.pick("敏感人群", "Sensitive people"),
            escaped(lang.of(&advice.sensitive_zh, &advice.sensitive_en)),
        );
    }
    html
}

fn row(app: &AppState, lang: Lang, name: &str, item: &Value) -> String {
    let (aqi, class) = if let Some(aqi) = item["aqi"].as_u64() {
        (aqi.to_string(), class(app, lang, item))
    } else {
        let reason = item["reason"][lang.pick("zh", "en")].as_str().unwrap_or_default();
        ("–".into(), escaped(reason))
    };
    format!(
        "<tr><td>{}</td><td>{aqi}</td><td>{class}</td><td>{}</td></tr>",
        escaped(name),
        primary(item)
    )
}

fn class(app: &AppState, lang: Lang, item: &Value) -> String {
    let advice = advice(app, item["level"].as_u64());
    advice.map_or_else(String::new, |class| escaped(lang.of(&class.name_zh, &class.name_en)))
}

/// The class of a level, as the edition in force has it.
fn advice(app: &AppState, level: Option<u64>) -> Option<&standards::air::Category> {
    let date = app.district.zone.date(app.now()).ok()?;
    let edition = app.law.air_index(date)?;
    edition.categories().iter().find(|class| Some(u64::from(class.level)) == level)
}

fn primary(item: &Value) -> String {
    let empty = Vec::new();
    let symbols = item["primary"].as_array().unwrap_or(&empty).iter().filter_map(Value::as_str);
    escaped(&symbols.collect::<Vec<_>>().join(", "))
}

/// An instant in the district's zone: `2026-11-23 06:00`.
fn local(app: &AppState, at: Timestamp) -> String {
    let civil = app.district.zone.civil(at);
    civil.map_or_else(|_| String::new(), |civil| civil.strftime("%Y-%m-%d %H:%M").to_string())
}

impl Lang {
    fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        if self == Self::Zh { zh } else { en }
    }

    /// A name in this language, or in the other when there is none.
    pub fn of<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        let (first, second) = if self == Self::Zh { (zh, en) } else { (en, zh) };
        if first.is_empty() { second } else { first }
    }
}

/// Text as HTML: nothing in it can begin a tag, an entity or end an attribute.
pub fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => html += "&amp;",
            '<' => html += "&lt;",
            '>' => html += "&gt;",
            '"' => html += "&quot;",
            '\'' => html += "&#39;",
            _ => html.push(letter),
        }
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_become_markup() {
        assert_eq!(
            escaped("<script>'x'&\"</script>"),
            "&lt;script&gt;&#39;x&#39;&amp;&quot;&lt;/script&gt;"
        );
    }

    #[test]
    fn the_address_wins_over_the_browser_and_chinese_is_the_last_resort() {
        assert_eq!(lang(Some("en"), "zh-CN"), Lang::En);
        assert_eq!(lang(None, "de-DE, en;q=0.8, zh;q=0.5"), Lang::En);
        assert_eq!(lang(Some("tlh"), "fr"), Lang::Zh);
    }

    #[test]
    fn the_numbers_take_the_place_of_the_notice() {
        let page = "<html lang=\"zh-CN\"><body><noscript>old</noscript><b></b></body></html>";
        let expected = "<html lang=\"en\"><body><noscript>42</noscript><b></b></body></html>";
        assert_eq!(filled(page, Lang::En, "42"), expected);
        assert_eq!(filled("<body></body>", Lang::En, "4"), "<body><noscript>4</noscript></body>");
    }
}
