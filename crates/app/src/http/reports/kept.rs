//! Reports that are made by themselves when their period is over, and kept.

use super::{Form, ReportQuery, failed, kind, made, readable, written};
use crate::http::error::{Answer, ApiError, Problem};
use crate::http::known::Moment;
use crate::http::rights::Asking;
use crate::http::state::AppState;
use crate::report::{Question, due, keep as keep_report, kept, read_kept};
use crate::words::Words;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Extension, Path, Query, State};
use axum::response::Response;
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// How often it is looked whether a report is due.
const LOOKED_EVERY: Duration = Duration::from_mins(1);

/// Reports that were made by themselves.
#[derive(Serialize, ToSchema)]
pub struct KeptReports {
    items: Vec<KeptReport>,
}

/// A report that was made by itself.
#[derive(Serialize, ToSchema)]
pub struct KeptReport {
    kind: String,
    name: Words,
    from: String,
    to: String,
    /// As it stands in its address.
    #[schema(example = "2026-03-01_2026-03-31")]
    days: String,
}

/// Reports that were made by themselves, of each kind the newest first.
#[utoipa::path(
    get, operation_id = "kept_reports", path = "/reports/kept", tag = "reports",
    responses((status = 200, body = KeptReports))
)]
pub async fn kept_reports(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
) -> Answer<Json<KeptReports>> {
    app.ask(move |app| {
        let all = kept(&app.data_dir).into_iter();
        let mine = all.filter(|own| readable(own.kind, &asking, None).is_ok());
        let items = mine.map(|own| KeptReport {
            kind: own.kind.key.to_owned(),
            name: Words::new(own.kind.name.0, own.kind.name.1),
            from: own.span.first().to_string(),
            to: own.span.last().to_string(),
            days: own.days(),
        });
        Ok(Json(KeptReports { items: items.collect() }))
    })
    .await
}

/// A report as it was made when its period was over, in any form.
#[utoipa::path(
    get, operation_id = "kept_report", path = "/reports/kept/{kind}/{days}", tag = "reports",
    params(
        ("kind" = String, Path, description = "Its kind."),
        ("days" = String, Path, description = "Its days, `2026-03-01_2026-03-31`."),
        ReportQuery
    ),
    responses((status = 200, description = "The report"), (status = 404, body = Problem), (status = 503, body = Problem))
)]
pub async fn kept_report(
    State(app): State<AppState>,
    Extension(asking): Extension<Asking>,
    Path((key, days)): Path<(String, String)>,
    query: Result<Query<ReportQuery>, QueryRejection>,
) -> Answer<Response> {
    let Query(query) = query?;
    app.ask(move |app| {
        readable(kind(&key)?, &asking, None)?;
        let form = Form::of(&query)?;
        let report = read_kept(&app.data_dir, &key, &days).map_err(failed)?;
        let report = report.ok_or_else(|| {
            ApiError::unknown(
                "unknown_report",
                "已编制的报告",
                "kept report",
                &format!("{key}/{days}"),
            )
            .with_hint("已编制的报告见 /api/v1/reports/kept", "/api/v1/reports/kept lists them")
        })?;
        written(app, &report, form)
    })
    .await
}

/// Makes each report that is configured, once, when its period is over; until the server stops.
pub async fn keep(app: AppState) {
    if app.reports.kinds().next().is_none() {
        return;
    }
    let mut look = tokio::time::interval(LOOKED_EVERY);
    loop {
        look.tick().await;
        let done = app.ask(|app| {
            let civil = app.district.zone.civil(app.now());
            let civil = civil.map_err(|error| ApiError::internal("tell the time", &error))?;
            for kind in app.reports.kinds() {
                let hour = app.reports.hour;
                let Some(span) = due(&app.data_dir, kind, civil.date(), civil.hour(), hour) else { continue };
                let question = Question { span, unit: None };
                let report = made(app, kind, &question, Moment::now(app), None)?;
                keep_report(&app.data_dir, kind, span, &report).map_err(failed)?;
                tracing::info!(report.kind = kind.key, from = %span.first(), to = %span.last(), "report made");
            }
            Ok(())
        });
        if let Err(problem) = done.await {
            tracing::error!(error = %problem.message.en, "a scheduled report could not be made; tried again in a minute");
        }
    }
}
