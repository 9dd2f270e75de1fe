//! Open311 `GeoReport` v2: what citizens reported, and how their apps report it.
//!
//! Only what anybody may know: cases that the hotline brought, of categories that the public may report, at a position that is
//! rounded; no names, no notes, no photos, and the words of the report only for a key that may see cases. What is reported becomes a case
//! that is collected, and nothing more, until somebody here takes it up. Deviations are in docs/guides/open311.md.

mod read;
mod report;
mod written;

use super::error::Code;
use super::public::{Lang, lang};
use super::rights::{Asking, GivenTo, by_key};
use super::state::AppState;
use axum::body::Bytes;
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use written::Form;

/// Where it lies.
pub const ROOT: &str = "/open311";
/// When what is offered here changed last.
const CHANGESET: &str = "2026-11-29T00:00:00Z";

/// The routes of this file; their addresses are those of the specification, not below the API's.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(lists, send_report))
        .routes(routes!(service))
        .routes(routes!(request))
}

/// What a list is asked for; which of it counts depends on the list.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// Numbers, separated by commas; the other filters count no more then.
    pub service_request_id: Option<String>,
    /// Codes of services, separated by commas.
    pub service_code: Option<String>,
    /// From when on they were reported, RFC 3339; without it 90 days before the end.
    pub start_date: Option<String>,
    /// Until when, RFC 3339; without it now. A span has 90 days at most.
    pub end_date: Option<String>,
    /// `open` or `closed`, or both with a comma.
    pub status: Option<String>,
    /// `true`: with the history of each request, our extension.
    pub extensions: Option<String>,
    /// From 1 on.
    pub page: Option<usize>,
    /// At most 1000.
    pub page_size: Option<usize>,
    /// A token of the API; with the right `cases` the words of a report are told.
    pub api_key: Option<String>,
    /// `zh` or `en`; without it as the browser says.
    pub lang: Option<String>,
    /// There is one jurisdiction here: it is passed over.
    #[expect(dead_code, reason = "stated in the document, since clients send it")]
    pub jurisdiction_id: Option<String>,
}

/// Why something is not answered.
pub struct Refusal {
    status: StatusCode,
    description: String,
}

impl Refusal {
    /// A refusal with what is wrong.
    fn new(status: StatusCode, description: impl Into<String>) -> Self {
        Self { status, description: description.into() }
    }

    fn bad(description: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, description)
    }

    fn missing(description: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, description)
    }

    fn answer(self, form: Form) -> Response {
        let errors = json!([{ "code": self.status.as_u16(), "description": self.description }]);
        let mut answer = form.answer("errors", "error", &errors);
        *answer.status_mut() = self.status;
        answer.extensions_mut().insert(Code("open311"));
        answer
    }
}

impl From<super::error::ApiError> for Refusal {
    fn from(error: super::error::ApiError) -> Self {
        Self::new(error.status, format!("{} · {}", error.message.en, error.message.zh))
    }
}

type Told = Result<Value, Refusal>;

/// Who asks, in which language.
struct Who {
    asking: Asking,
    lang: Lang,
}

impl Who {
    async fn of(
        app: &AppState,
        asking: Asking,
        asked: &Asked,
        headers: &HeaderMap,
    ) -> Result<Self, Refusal> {
        let asking = match &asked.api_key {
            Some(key) if asking.caller.is_none() => by_key(app, key, asking.from).await?,
            _ => asking,
        };
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|text| text.to_str().ok());
        Ok(Self { asking, lang: lang(asked.lang.as_deref(), accepted.unwrap_or_default()) })
    }
}

/// `discovery`, `services` and `requests`, as `.json` or `.xml`.
#[utoipa::path(
    get, operation_id = "open311_lists", path = "/open311/v2/{file}", tag = "open311",
    params(("file" = String, Path, description = "`discovery`, `services` or `requests` with `.json` or `.xml`"), Asked),
    responses((status = 200, body = String), (status = 400, body = String), (status = 404, body = String))
)]
async fn lists(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(file): Path<String>,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let (name, form) = Form::of(&file);
    let told = async {
        let Query(asked) = asked.map_err(|error| Refusal::bad(error.body_text()))?;
        let who = Who::of(&app, asking, &asked, &headers).await?;
        match name {
            "discovery" => Ok(("discovery", "", discovery(&headers))),
            "services" => Ok(("services", "service", read::services(&app, who.lang))),
            "requests" => {
                let found = ask(&app, move |app| read::requests(app, &who, &asked)).await?;
                Ok(("service_requests", "request", found))
            }
            _ => Err(no_such(&file)),
        }
    };
    match told.await {
        Ok((root, item, value)) => form.answer(root, item, &value),
        Err(refusal) => refusal.answer(form),
    }
}

/// The definition of a service: it has no attributes.
#[utoipa::path(
    get, operation_id = "open311_service", path = "/open311/v2/services/{file}", tag = "open311",
    params(("file" = String, Path, description = "The code of a service with `.json` or `.xml`"), Asked),
    responses((status = 200, body = String), (status = 404, body = String))
)]
async fn service(State(app): State<AppState>, Path(file): Path<String>) -> Response {
    let (code, form) = Form::of(&file);
    match read::service(&app, code) {
        Some(service) => form.answer("service_definition", "", &service),
        None => Refusal::missing(format!("service_code {code:?} was not found")).answer(form),
    }
}

/// One request.
#[utoipa::path(
    get, operation_id = "open311_request", path = "/open311/v2/requests/{file}", tag = "open311",
    params(("file" = String, Path, description = "The number of a request with `.json` or `.xml`"), Asked),
    responses((status = 200, body = String), (status = 404, body = String))
)]
async fn request(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(file): Path<String>,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let (number, form) = Form::of(&file);
    let told = async {
        let Query(mut asked) = asked.map_err(|error| Refusal::bad(error.body_text()))?;
        asked.service_request_id = Some(number.to_owned());
        let who = Who::of(&app, asking, &asked, &headers).await?;
        let found = ask(&app, move |app| read::requests(app, &who, &asked)).await?;
        if found.as_array().is_none_or(Vec::is_empty) {
            return Err(Refusal::missing(format!("service_request_id {number:?} was not found")));
        }
        Ok(found)
    };
    match told.await {
        Ok(found) => form.answer("service_requests", "request", &found),
        Err(refusal) => refusal.answer(form),
    }
}

/// Reports something: `requests.json` or `requests.xml`, as a form, with the key of an app.
#[utoipa::path(
    post, operation_id = "open311_report", path = "/open311/v2/{file}", tag = "open311",
    params(("file" = String, Path, description = "`requests` with `.json` or `.xml`")),
    request_body(content = String, content_type = "application/x-www-form-urlencoded"),
    responses((status = 201, body = String), (status = 400, body = String), (status = 401, body = String), (status = 403, body = String), (status = 404, body = String), (status = 429, body = String))
)]
async fn send_report(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path(file): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (name, form) = Form::of(&file);
    if name != "requests" {
        return no_such(&file).answer(form);
    }
    match report::send(&app, asking, &uri, &headers, &body).await {
        Ok((kept, who)) => {
            let mut answer = form.answer("service_requests", "request", &kept);
            *answer.status_mut() = StatusCode::CREATED;
            answer.extensions_mut().insert(GivenTo(who));
            answer
        }
        Err(refusal) => refusal.answer(form),
    }
}

/// Asks on a thread that may wait for the disk.
async fn ask(app: &AppState, question: impl FnOnce(&AppState) -> Told + Send + 'static) -> Told {
    app.ask(move |app| Ok(question(app))).await?
}

fn no_such(file: &str) -> Refusal {
    Refusal::missing(format!(
        "there is no {file:?}; discovery, services and requests are, with .json or .xml"
    ))
}

/// What is offered where.
fn discovery(headers: &HeaderMap) -> Value {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '-' | '[' | ']');
    let host: String = host.chars().filter(|c| is_plain(*c)).take(255).collect();
    json!({
        "changeset": CHANGESET,
        "contact": "",
        "key_service": "a token of the API with the right file, made under Me by somebody who takes reports",
        "endpoints": [{
            "specification": "GeoReport v2",
            "url": format!("//{host}{ROOT}/v2"),
            "changeset": CHANGESET,
            "type": "production",
            "formats": ["application/json", "text/xml"],
        }],
    })
}

/// The body of a form as what it says; a form is written as a question of an address is.
fn form_of<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Refusal> {
    let uri: Uri = format!("/?{text}").parse().map_err(|_| {
        Refusal::bad("the body is no form (application/x-www-form-urlencoded) of at most 60 KiB")
    })?;
    let Query(read) = Query::try_from_uri(&uri).map_err(|error| Refusal::bad(error.body_text()))?;
    Ok(read)
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        self.answer(Form::Json)
    }
}
