//! What an app reports for a citizen: a case of the hotline, collected and not yet taken up.

use super::super::error::shortened;
use super::super::rights::{Asking, by_key};
use super::super::state::AppState;
use super::{Refusal, form_of};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use control::{Actor, Collected, Event, Move, Source, Spot};
use model::{Right, Scope};
use serde::Deserialize;
use serde_json::{Value, json};

/// Characters of a description, and of an address.
const DESCRIPTION_MAX: usize = 2_000;
const ADDRESS_MAX: usize = 200;

/// What the form says. Who reports it (name, mail, telephone, device) is not asked for and not kept; `media_url` is not fetched.
#[derive(Debug, Deserialize)]
struct Sent {
    api_key: Option<String>,
    service_code: Option<String>,
    lat: Option<String>,
    long: Option<String>,
    address_string: Option<String>,
    #[serde(default)]
    description: String,
    media_url: Option<String>,
}

#[derive(Deserialize)]
struct Key {
    api_key: Option<String>,
}

/// Keeps a report as a case, and says whose key it was; the same report by the same key on the same day is the same case.
pub async fn send(
    app: &AppState,
    asking: Asking,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Value, String), Refusal> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        return Err(Refusal::bad("send a form: Content-Type: application/x-www-form-urlencoded"));
    }
    let text = std::str::from_utf8(body).map_err(|_| Refusal::bad("the body is no form"))?;
    let sent: Sent = form_of(text)?;
    let in_address = form_of::<Key>(uri.query().unwrap_or_default())?.api_key;
    let asking = who(app, asking, sent.api_key.as_ref().or(in_address.as_ref())).await?;
    asking.may(Right::File, &Scope::default())?;
    let key = asking.caller.as_ref().and_then(|caller| caller.token.as_ref());
    let Some(key) = key.map(|token| token.id.clone()) else {
        return Err(no_key());
    };
    slow_down(app, &key)?;
    let notice = sent.media_url.as_ref().filter(|url| !url.is_empty());
    let notice = notice.map(|_| "media_url is not fetched: this server asks no other host");
    let collected = collected(app, &sent)?;
    let who = asking.name().to_owned();
    // Apps send again what they heard no answer to.
    let day = app.now().utc_day();
    let said = serde_json::to_string(&collected).unwrap_or_default();
    let hash = blake3::hash(format!("{key} {day} {said}").as_bytes()).to_hex();
    let event = Event::of(format!("open311/{hash}"), Move::Collect(Box::new(collected)));
    let actor = Actor { name: who.clone(), unit: None, duties: [].into() };
    let made = app.door.ask(move |engine, now| engine.collect(now, &actor, &event)).await;
    let made =
        made.map_err(|gone| super::super::error::ApiError::internal("collect a case", &gone))?;
    let moved = made.map_err(|error| super::super::cases::move_refused(&error))?;
    if let Some(sequence) = moved.sequence {
        app.hub.cases_changed(sequence.0);
    }
    let kept = json!([{
        "service_request_id": moved.case.number,
        "service_notice": notice,
        "account_id": Value::Null,
    }]);
    Ok((kept, who))
}

/// Whose key it is. A session does not report here: its cookie would come along with any page's form.
async fn who(app: &AppState, asking: Asking, key: Option<&String>) -> Result<Asking, Refusal> {
    let has_token = asking.caller.as_ref().is_some_and(|caller| caller.token.is_some());
    match key {
        _ if has_token => Ok(asking),
        Some(key) => Ok(by_key(app, key, asking.from).await?),
        None => Err(no_key()),
    }
}

fn no_key() -> Refusal {
    Refusal::new(
        StatusCode::UNAUTHORIZED,
        "api_key: a token of the API with the right file is needed",
    )
}

fn slow_down(app: &AppState, key: &str) -> Result<(), Refusal> {
    let max = app.limits.reports_per_min_max;
    let wait_ms = app.report_rates.take(key.to_owned(), app.users.now_ms(), max);
    wait_ms.map_or(Ok(()), |wait_ms| {
        let seconds = wait_ms.div_ceil(1_000);
        Err(Refusal::new(
            StatusCode::TOO_MANY_REQUESTS,
            format!("{max} reports a minute are the most (http.limits.reports_per_min_max); again in {seconds} s"),
        ))
    })
}

fn collected(app: &AppState, sent: &Sent) -> Result<Collected, Refusal> {
    let code = sent.service_code.as_deref().unwrap_or_default().trim();
    if code.is_empty() {
        return Err(Refusal::bad("service_code was not provided"));
    }
    let settings = app.desk.settings();
    if settings.catalogue.category(code).is_none_or(|own| !own.public) {
        return Err(Refusal::missing(format!("service_code {:?} was not found", shortened(code))));
    }
    let spot = spot(sent)?;
    let address = sent.address_string.as_deref().unwrap_or_default().trim();
    let description = sent.description.trim();
    for (name, text, max) in
        [("description", description, DESCRIPTION_MAX), ("address_string", address, ADDRESS_MAX)]
    {
        let is_sound = text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'));
        if text.chars().count() > max || !is_sound {
            return Err(Refusal::bad(format!(
                "{name}: at most {max} characters, no control characters"
            )));
        }
    }
    if spot.is_none() && address.is_empty() {
        return Err(Refusal::bad("lat and long, or address_string, were not provided"));
    }
    let parts: Vec<&str> =
        [description, address].into_iter().filter(|own| !own.is_empty()).collect();
    let view = app.reader.view();
    let area = spot.and_then(|spot| super::super::cases::area_of(view.registry(), spot));
    Ok(Collected {
        source: Source::Hotline,
        category: code.to_owned(),
        text: parts.join(" · "),
        spot,
        place: None,
        line: None,
        area,
        finding: None,
        patrol: None,
        photos: vec![],
        simulated: false,
        origin: None,
    })
}

fn spot(sent: &Sent) -> Result<Option<Spot>, Refusal> {
    let read = |text: &Option<String>, max: f64| -> Option<Option<f64>> {
        match text.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
            None => Some(None),
            Some(text) => text.parse().ok().filter(|own: &f64| own.abs() <= max).map(Some),
        }
    };
    match (read(&sent.long, 180.0), read(&sent.lat, 90.0)) {
        (Some(None), Some(None)) => Ok(None),
        (Some(Some(lon)), Some(Some(lat))) => Ok(Some(Spot { lon, lat, accuracy_m: None })),
        _ => Err(Refusal::bad("lat and long: degrees on WGS 84, both or neither")),
    }
}
