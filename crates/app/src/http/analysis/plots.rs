//! The analyst's plots over what is kept.

use super::{
    Form, csv, days, form, hours, language, parameter, places, quoted, refused, svg, whole,
};
use crate::analysis::plot::{of_hours, title};
use crate::http::error::{Answer, ApiError, Problem};
use crate::http::known::{AsOf, Moment};
use crate::http::state::AppState;
use crate::words::Words;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use draw::{Language, Look};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use space::plot::{Around, Kind, Settings};
use utoipa::{IntoParams, ToSchema};

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PlotQuery {
    /// Keys of places, separated by commas; taken together, but by `correlation` and `capture` one by one.
    #[param(required, value_type = String)]
    places: Option<String>,
    /// Key of the parameter; `pm25` without it.
    parameter: Option<String>,
    /// Key of the second parameter, of `scatter`.
    other: Option<String>,
    /// The first civil day; a year before `to` without it.
    from: Option<String>,
    /// The last civil day, included; today without it.
    to: Option<String>,
    /// Percentile of `cpf` and `cbpf`, 1 to 99; 90 without it.
    percentile: Option<String>,
    /// What `annulus` runs over: `hour`, `weekday` or `month`.
    around: Option<String>,
    /// `keep` leaves the season in `trend`.
    season: Option<String>,
    /// What the bootstrap of `trend` begins from; 1 without it.
    seed: Option<String>,
    /// As it was known when: a sequence of the log, or an instant; now without it.
    as_of: Option<String>,
    /// `json` (the numbers), `svg` (the picture) or `csv` (the table).
    format: Option<String>,
    /// Language of picture and names: `en` or `zh`.
    lang: Option<String>,
}

/// A plot as numbers.
#[derive(Serialize, ToSchema)]
pub struct PlotAnswer {
    kind: &'static str,
    name: Words,
    /// Places and days that are shown.
    title: String,
    parameter: String,
    unit: String,
    /// Other places whose wind was taken, in the order of the places; null where it is their own.
    wind_of: Vec<Option<String>>,
    /// The past moment that was asked for.
    as_of: Option<AsOf>,
    /// What is in doubt.
    doubts: Vec<Words>,
    /// The command that writes the same picture from a data directory.
    command: String,
    /// Sample size and distribution, and under `numbers` what the kind has.
    #[schema(value_type = Object)]
    plot: Value,
}

/// A plot of one place or of several together.
#[utoipa::path(
    get, operation_id = "plot", path = "/plots/{kind}", tag = "analysis",
    params(
        ("kind" = String, Path, description = "wind-rose, pollution-rose, polar, annulus, cpf, cbpf, variation, calendar, trend, scatter, correlation or capture"),
        PlotQuery
    ),
    responses(
        (status = 200, body = PlotAnswer), (status = 400, body = Problem),
        (status = 404, body = Problem), (status = 422, body = Problem)
    )
)]
pub(super) async fn plots(
    State(app): State<AppState>,
    Path(name): Path<String>,
    query: Result<Query<PlotQuery>, QueryRejection>,
) -> Answer<Response> {
    let Query(query) = query?;
    let kind = Kind::named(&name).ok_or_else(|| {
        let known = Kind::ALL.map(Kind::name).join(", ");
        ApiError::unknown("unknown_plot", "图", "plot", &name).with_hint(known.clone(), known)
    })?;
    app.ask(move |app| answer(app, kind, &query)).await
}

fn answer(app: &AppState, kind: Kind, query: &PlotQuery) -> Answer<Response> {
    let (form, language) = (form(query.format.as_deref())?, language(query.lang.as_deref())?);
    let settings = settings(query)?;
    let key = query.parameter.as_deref().unwrap_or("pm25");
    let first = parameter(app, "parameter", key)?;
    let other = query.other.as_deref().map(|key| parameter(app, "other", key)).transpose()?;
    let keys = places(app, query.places.as_deref())?;
    let moment = Moment::read(app, query.as_of.as_deref())?;
    let window = days(app, moment.now, (query.from.as_deref(), query.to.as_deref()), keys.len())?;
    let hours = hours(app, &keys, (first, other), (window, moment.known), language)?;
    let made = of_hours(kind, &hours, &settings).map_err(|refusal| {
        refused(draw::no_plot(&refusal, Language::Zh), draw::no_plot(&refusal, Language::En))
    })?;
    let title = title(&hours, language);
    let unit = model::unit_text(&first.unit);
    let look = Look {
        language,
        title: &title,
        parameter: &first.symbol,
        other: other.map_or("", |one| &one.symbol),
        unit: &unit,
    };
    Ok(match form {
        Form::Svg => svg(draw::svg(&made, &look)),
        Form::Csv => csv(kind.name(), draw::table(&made).to_string()),
        Form::Json => {
            let words = |doubt| {
                Words::new(draw::doubt(doubt, Language::Zh), draw::doubt(doubt, Language::En))
            };
            Json(PlotAnswer {
                kind: kind.name(),
                name: Words::new(draw::kind(kind, Language::Zh), draw::kind(kind, Language::En)),
                parameter: first.symbol.clone(),
                wind_of: hours.iter().map(|one| one.wind_of.clone()).collect(),
                as_of: moment.as_of,
                doubts: made.doubts.iter().map(words).collect(),
                command: command(kind, &keys, query),
                plot: serde_json::to_value(&made)
                    .map_err(|error| ApiError::internal("write a plot", &error))?,
                unit,
                title,
            })
            .into_response()
        }
    })
}

fn settings(query: &PlotQuery) -> Answer<Settings> {
    let around = match query.around.as_deref() {
        None | Some("hour") => Around::Hour,
        Some("weekday") => Around::Weekday,
        Some("month") => Around::Month,
        Some(other) => {
            let accepted =
                Words::new("可用 hour、weekday、month", "there are hour, weekday, month");
            return Err(ApiError::bad_parameter("around", other, accepted));
        }
    };
    let deseason = match query.season.as_deref() {
        None => true,
        Some("keep") => false,
        Some(other) => {
            let accepted = Words::new("可用 keep，或不填", "write keep, or nothing");
            return Err(ApiError::bad_parameter("season", other, accepted));
        }
    };
    Ok(Settings {
        percentile: whole("percentile", query.percentile.as_deref(), 90, 99)? as f64,
        seed: whole("seed", query.seed.as_deref(), 1, u64::from(u32::MAX))?,
        around,
        deseason,
        ..Settings::default()
    })
}

/// The command that writes the same picture from the data directory of a stopped server.
fn command(kind: Kind, keys: &[String], query: &PlotQuery) -> String {
    let mut words = vec![format!("skyriver plot {} --dir DIR", kind.name())];
    words.extend(keys.iter().map(|key| format!("--place {}", quoted(key))));
    let mut add = |flag: &str, value: Option<&str>| {
        words.extend(value.map(|value| format!("--{flag} {}", quoted(value))));
    };
    add("parameter", query.parameter.as_deref());
    add("other", query.other.as_deref());
    add("from", query.from.as_deref());
    add("to", query.to.as_deref());
    add("percentile", query.percentile.as_deref());
    add("around", query.around.as_deref());
    add("seed", query.seed.as_deref());
    add("lang", query.lang.as_deref());
    if query.season.is_some() {
        words.push("--keep-season".to_owned());
    }
    words.push(format!("--svg {}.svg", kind.name()));
    words.join(" ")
}
