//! Page and API over HTTP.
//!
//! Each file of routes reads top-down: what can be asked, what is answered, the route, the function.
//! Nothing here judges: the law and the engine do, and what they say is written down.
//! Everything has a limit ([`Limits`]); every error has a code and says what to do.

mod account;
mod analysis;
mod assess;
mod audit;
mod basemap;
mod bring;
mod capture;
mod cases;
mod columns;
mod connections;
mod corrections;
mod decisions;
mod devices;
mod emergency;
mod error;
mod events;
mod findings;
mod frames;
mod gaps;
mod guard;
mod health;
mod index;
mod known;
mod ledger;
mod limits;
mod map;
mod me;
mod metrics;
mod neighbours;
mod notify;
mod open311;
mod page;
mod people;
mod places;
mod public;
mod rate;
mod readings;
mod refused;
mod registry;
mod reports;
mod rights;
mod rivers;
mod routes;
mod schema;
mod search;
mod session;
mod standards;
mod state;
mod tag;
mod thin;
mod time;
pub mod tls;
mod tokens;
mod trace;
mod units;

pub(crate) use self::account::programme_book;
pub(crate) use assess::{encoded, explain_url};
pub(crate) use emergency::BasisAnswer;
pub use limits::Limits;
pub(crate) use rivers::water_entries;
pub use state::{District, Gateway, Setup};

use axum::http::{Method, Uri, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Router, middleware};
use connections::Connections;
use error::ApiError;
pub(crate) use state::AppState;
use std::sync::Arc;
use std::time::Duration;
use tls::Tls;
use tokio::net::TcpListener;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use utoipa::openapi::{self, RefOr, Schema};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;

/// The address under which the API lies.
const API: &str = "/api/v1";
/// How long a connection may be silent, beyond the longest answer.
const IDLE_MAX: Duration = Duration::from_secs(30);

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Skyriver",
        description = "Times in answers are RFC 3339 in UTC; civil days are YYYY-MM-DD in the district's zone. \
                       Missing is null with a reason beside it, never 0.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    tags(
        (name = "places", description = "What the district has"),
        (name = "map", description = "What the map shows, hour by hour"),
        (name = "readings", description = "What was measured"),
        (name = "index", description = "What the law says of it"),
        (name = "assess", description = "Days, months and years judged"),
        (name = "analysis", description = "Plots, forecast, the effect of a measure, drift"),
        (name = "account", description = "Programmes, schemes of reward and penalty, how sure ranks are"),
        (name = "corrections", description = "What was changed in readings, by whom and why"),
        (name = "standards", description = "The law, as dated data"),
        (name = "ledger", description = "What became of every frame and reading"),
        (name = "devices", description = "Who speaks to us"),
        (name = "health", description = "How the server is"),
        (name = "session", description = "Who is signed in"),
        (name = "people", description = "Units, accounts, roles, tokens, the audit trail"),
        (name = "cases", description = "What people work on, from report to verification"),
        (name = "open311", description = "What citizens reported, as Open311 GeoReport v2"),
        (name = "emergency", description = "Warnings, their plan, and the orders that they make"),
        (name = "rivers", description = "Rivers: files, policies, chiefs, patrol plans, ledgers, sampling, the account"),
        (name = "reports", description = "Reports of days, months, years; as page, table, workbook, PDF"),
        (name = "registry", description = "What is registered, every version of it, and how it is changed"),
        (name = "events", description = "What changes, as it changes")
    ),
    components(schemas(
        events::CasesChanged,
        events::EmergencyChanged,
        events::FindingsChanged,
        events::Hello,
        events::IndexChanged,
        events::LedgerChanged,
        ledger::By,
        readings::Format
    ))
)]
struct Document;

/// Serves, on not more connections at the same time than the limit, until `stop` is ready and what was asked is answered. Live streams end when the engine's
/// thread is gone.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    setup: Setup,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    // Longer than any answer may take and than a live stream is silent.
    let idle_max = Duration::from_secs(setup.limits.answer_s_max) + IDLE_MAX;
    let listener = Connections::new(listener, setup.limits.connections_max, idle_max);
    let files = setup.tls.clone();
    let service = router(setup).into_make_service_with_connect_info::<connections::Peer>();
    match files {
        None => axum::serve(listener, service).with_graceful_shutdown(stop).await,
        Some(files) => {
            let listener = Tls::new(listener, files).map_err(std::io::Error::other)?;
            axum::serve(listener, service).with_graceful_shutdown(stop).await
        }
    }
}

/// All routes. Starts the task that tells pages what changes, so it must be called within a runtime.
pub fn router(setup: Setup) -> Router {
    let (app, changes) = AppState::new(setup);
    tokio::spawn(events::run(app.clone(), changes));
    tokio::spawn(audit::keep(app.clone()));
    tokio::spawn(reports::keep(app.clone()));
    tokio::spawn(crate::notify::run::run(app.clone()));
    let (routes, document) = routes().split_for_parts();
    let document: Arc<str> = text(document).into();
    let document = move || async move {
        ([(header::CONTENT_TYPE, "application/json")], document.to_string()).into_response()
    };
    routes
        .route(&format!("{API}/openapi.json"), get(document))
        .route("/public", get(public::public))
        .method_not_allowed_fallback(async |method: Method, uri: Uri| {
            ApiError::no_method(method.as_str(), uri.path())
        })
        .fallback(page::page)
        .layer(middleware::from_fn(tag::tagged))
        .layer(middleware::from_fn_with_state(app.clone(), rights::authorise))
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(middleware::from_fn_with_state(app.clone(), guard::guard))
        .with_state(app)
}

/// The OpenAPI document, from the handlers.
pub fn openapi() -> String {
    text(routes().into_openapi())
}

/// Says of every answer that all its fields are there: what is missing is null.
struct AllThere;

impl Modify for AllThere {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let schemas = document.components.iter_mut().flat_map(|known| known.schemas.values_mut());
        for schema in schemas {
            if let RefOr::T(Schema::Object(object)) = schema {
                object.required = object.properties.keys().cloned().collect();
            }
        }
    }
}

fn routes() -> OpenApiRouter<AppState> {
    let api = OpenApiRouter::new()
        .merge(places::routes())
        .merge(known::routes())
        .merge(readings::routes())
        .merge(map::routes())
        .merge(search::routes())
        .merge(neighbours::routes())
        .merge(capture::routes())
        .merge(index::routes())
        .merge(standards::routes())
        .merge(assess::routes())
        .merge(analysis::routes())
        .merge(trace::routes())
        .merge(decisions::routes())
        .merge(account::routes())
        .merge(corrections::routes())
        .merge(ledger::routes())
        .merge(frames::routes())
        .merge(devices::routes())
        .merge(health::routes())
        .merge(metrics::routes())
        .merge(session::routes())
        .merge(units::routes())
        .merge(people::routes())
        .merge(tokens::routes())
        .merge(audit::routes())
        .merge(me::routes())
        .merge(registry::routes())
        .merge(basemap::routes())
        .merge(cases::routes())
        .merge(findings::routes())
        .merge(emergency::routes())
        .merge(notify::routes())
        .merge(rivers::routes())
        .merge(bring::routes())
        .merge(reports::routes())
        .merge(events::routes());
    OpenApiRouter::with_openapi(Document::openapi()).nest(API, api).merge(open311::routes())
}

fn text(mut document: openapi::OpenApi) -> String {
    AllThere.modify(&mut document);
    document.to_pretty_json().unwrap_or_default()
}
