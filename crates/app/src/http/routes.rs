//! The one table of what each route needs. A route without a row refuses everybody; a test walks the API
//! document and compares it with this table.

use axum::http::Method;
use model::Right;

/// What somebody needs to be let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing: how one signs in, and how a machine asks whether the server lives.
    Nothing,
    /// Nothing while the district shows itself to the public (`http.public`), else the right to look.
    Public,
    /// To be signed in: what one does about oneself.
    SignedIn,
    /// The right, for the whole district.
    Whole(Right),
    /// The right, for some part at least. The handler knows the thing, and asks
    /// [`Asking::may`](super::rights::Asking::may) with its scope.
    Part(Right),
}

/// How sure the server has to be of who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A session or a token of the API.
    Any,
    /// A session, of somebody who gave their password within the last minutes. What changes rights,
    /// secrets or accounts needs this; a token never does it.
    Fresh,
}

/// One route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its method.
    pub method: &'static str,
    /// Its path below `/api/v1`, with the names of its parts.
    pub path: &'static str,
    /// What it needs.
    pub needs: Needs,
    /// How sure.
    pub proof: Proof,
}

const fn row(method: &'static str, path: &'static str, needs: Needs) -> Row {
    Row { method, path, needs, proof: Proof::Any }
}

const fn get(path: &'static str, needs: Needs) -> Row {
    row("GET", path, needs)
}

const fn post(path: &'static str, needs: Needs) -> Row {
    row("POST", path, needs)
}

const fn put(path: &'static str, needs: Needs) -> Row {
    row("PUT", path, needs)
}

const fn delete(path: &'static str, needs: Needs) -> Row {
    row("DELETE", path, needs)
}

const fn fresh(row: Row) -> Row {
    Row { proof: Proof::Fresh, ..row }
}

use Needs::{Nothing, Part, Public, SignedIn, Whole};

/// Every route of the API.
pub const ROUTES: &[Row] = &[
    // How one signs in, and whether the server lives.
    get("/session", Nothing),
    post("/session", Nothing),
    delete("/session", SignedIn),
    post("/setup", Nothing),
    post("/session/link", Nothing),
    get("/health", Nothing),
    get("/openapi.json", Nothing),
    // What the public sees.
    get("/assess/calendar", Public),
    get("/assess/compare", Public),
    get("/assess/explain", Public),
    get("/assess/period", Public),
    get("/assess/rank", Public),
    get("/assess/rank/doubt", Public),
    get("/assess/water/months", Public),
    get("/basemap", Public),
    get("/basemap/file", Public),
    get("/capture", Public),
    get("/corrections", Public),
    get("/datastreams", Public),
    get("/decisions", Public),
    get("/decisions/{id}/explain", Public),
    get("/devices", Public),
    get("/district", Public),
    get("/drift", Public),
    get("/effect", Public),
    get("/events", Public),
    get("/forecast", Public),
    get("/frames", Public),
    get("/frames/{sequence}", Public),
    get("/hot-spots", Public),
    get("/index/day", Public),
    get("/index/explain", Public),
    get("/index/hour", Public),
    get("/index/now", Public),
    get("/indicators", Public),
    get("/indicators/{key}", Public),
    get("/indicators/{key}/trend", Public),
    get("/known", Public),
    get("/latest", Public),
    get("/ledger", Public),
    get("/ledger/rates", Public),
    get("/map/areas", Public),
    get("/map/field", Public),
    get("/map/frames", Public),
    get("/map/lines", Public),
    get("/map/stretches", Public),
    get("/map/strip", Public),
    get("/map/tiles/{z}/{x}/{y}", Public),
    get("/map/tracks", Public),
    get("/metrics", Public),
    get("/neighbours", Public),
    get("/parameters", Public),
    get("/places", Public),
    get("/plots/{kind}", Public),
    get("/programme-templates", Public),
    get("/programmes", Public),
    get("/programmes/{key}", Public),
    get("/programmes/{key}/entries", Public),
    get("/readings", Public),
    get("/schemes", Public),
    get("/reports", Public),
    get("/reports/kept", Public),
    get("/reports/kept/{kind}/{days}", Public),
    get("/reports/{kind}", Public),
    get("/search", Public),
    get("/standards/air-index", Public),
    get("/standards/diff", Public),
    get("/standards/editions", Public),
    // Who may have let something out is a suspicion: for those who are to look, not for everybody.
    get("/trace", Part(Right::Look)),
    post("/trace", Part(Right::Look)),
    // About oneself.
    post("/session/proof", SignedIn),
    put("/me/password", SignedIn),
    get("/me/sessions", SignedIn),
    fresh(delete("/me/sessions/{id}", SignedIn)),
    get("/me/factor", SignedIn),
    fresh(post("/me/factor", SignedIn)),
    put("/me/factor", SignedIn),
    fresh(delete("/me/factor", SignedIn)),
    get("/me/subscription", SignedIn),
    put("/me/subscription", SignedIn),
    get("/tokens", SignedIn),
    fresh(post("/tokens", SignedIn)),
    delete("/tokens/{id}", SignedIn),
    // What is corrected, and what is published.
    post("/corrections", Whole(Right::Correct)),
    post("/corrections/import", Whole(Right::Correct)),
    post("/corrections/preview", Whole(Right::Correct)),
    post("/corrections/{id}/annul", Whole(Right::Correct)),
    post("/corrections/{id}/approve", Whole(Right::Approve)),
    post("/decisions", Whole(Right::Publish)),
    post("/commendations", Whole(Right::Publish)),
    put("/commendations/consent", SignedIn),
    post("/indicators", Whole(Right::Publish)),
    post("/programmes", Part(Right::Enter)),
    post("/programmes/import", Part(Right::Enter)),
    post("/schemes", Whole(Right::Publish)),
    post("/schemes/preview", SignedIn),
    post("/schemes/replay", SignedIn),
    // Who works here.
    get("/units", Part(Right::People)),
    // What people work on. Which of the rights somebody needs for a move depends on the move: the desk says.
    get("/cases", SignedIn),
    post("/cases", SignedIn),
    get("/cases/board", SignedIn),
    get("/cases/import", Whole(Right::Registry)),
    post("/cases/import", Whole(Right::Registry)),
    get("/cases/scores", Part(Right::Cases)),
    get("/commendations", Part(Right::Cases)),
    get("/cases/{number}", SignedIn),
    post("/cases/{number}/moves", SignedIn),
    get("/cases/settings/{key}", Whole(Right::Configure)),
    put("/cases/settings/{key}", Whole(Right::Configure)),
    // What the rules find.
    get("/findings", Part(Right::Cases)),
    get("/findings/{id}", Part(Right::Cases)),
    post("/findings/{id}/file", Part(Right::File)),
    post("/findings/{id}/dismiss", Part(Right::File)),
    get("/rules", Part(Right::Cases)),
    get("/suppressions", Part(Right::Cases)),
    post("/suppressions", Part(Right::File)),
    post("/suppressions/{id}/end", Part(Right::File)),
    // Who is told, and what became of it.
    get("/notify/deliveries", Whole(Right::Configure)),
    post("/notify/deliveries/{id}/again", Whole(Right::Configure)),
    post("/notify/test", Whole(Right::Configure)),
    get("/notify/units", Whole(Right::Configure)),
    put("/notify/units/{key}", Whole(Right::Configure)),
    get("/categories", Public),
    get("/patrols", SignedIn),
    post("/patrols", Part(Right::Handle)),
    post("/photos", SignedIn),
    get("/photos/{hash}", Part(Right::Cases)),
    // Emergency response. Everybody hears of a warning; orders are told to those in whose reach they lie.
    get("/emergency", Public),
    get("/emergency/plan", Part(Right::Look)),
    get("/emergency/plan/{key}", Part(Right::Look)),
    put("/emergency/plan/{key}", Whole(Right::Configure)),
    get("/emergency/proposal", Part(Right::Look)),
    put("/emergency/rule", Whole(Right::Configure)),
    get("/emergency/sources", Part(Right::Look)),
    post("/emergency/warnings", Whole(Right::Order)),
    get("/emergency/warnings/{number}", SignedIn),
    post("/emergency/warnings/{number}/level", Whole(Right::Order)),
    post("/emergency/warnings/{number}/lift", Whole(Right::Order)),
    post("/emergency/warnings/{number}/orders/{order}/receive", Part(Right::Handle)),
    post("/emergency/warnings/{number}/orders/{order}/feedback", Part(Right::Handle)),
    post("/emergency/warnings/{number}/orders/{order}/remind", Whole(Right::Order)),
    // Rivers. Names of people are told by the handlers to those who are signed in only.
    get("/rivers", Public),
    get("/rivers/account", Public),
    get("/rivers/{line}", Public),
    get("/rivers/{line}/board", Public),
    get("/rivers/{line}/board/code", Public),
    get("/rivers/history/{kind}/{key}", SignedIn),
    put("/rivers/{line}", Whole(Right::Enter)),
    put("/rivers/chiefs/{key}", Whole(Right::Enter)),
    put("/rivers/patrol-plans/{key}", Whole(Right::Configure)),
    put("/rivers/entries/{key}", Whole(Right::Enter)),
    get("/sampling/plans", Public),
    put("/sampling/plans/{key}", Whole(Right::Dispatch)),
    post("/sampling/plans/{key}/draws", Whole(Right::Dispatch)),
    get("/samples", Part(Right::Cases)),
    post("/samples/{sample}/steps", Part(Right::Handle)),
    post("/samples/results", Whole(Right::Enter)),
    fresh(put("/units/{key}", Whole(Right::Units))),
    get("/users", Part(Right::People)),
    fresh(post("/users", Whole(Right::Accounts))),
    fresh(put("/users/{name}", Whole(Right::Accounts))),
    fresh(post("/users/{name}/link", Whole(Right::Accounts))),
    fresh(delete("/users/{name}/factor", Whole(Right::Grant))),
    delete("/users/{name}/access", Whole(Right::Grant)),
    fresh(delete("/sessions", Whole(Right::Grant))),
    delete("/users/{name}/lock", Whole(Right::Grant)),
    get("/roles", Part(Right::People)),
    fresh(post("/roles", Whole(Right::Grant))),
    fresh(delete("/roles/{account}/{number}", Whole(Right::Grant))),
    // What was done.
    get("/audit", Whole(Right::Audit)),
    fresh(get("/audit/export", Whole(Right::Audit))),
    // Open311 GeoReport v2, where its specification has it. Who reports shows a token in the form: the handler asks for it.
    get("/open311/v2/{file}", Public),
    post("/open311/v2/{file}", Nothing),
    get("/open311/v2/services/{file}", Public),
    get("/open311/v2/requests/{file}", Public),
    // What is registered.
    get("/registry/{kind}/{key}", Public),
    put("/registry/{kind}/{key}", Whole(Right::Registry)),
    delete("/registry/{kind}/{key}", Whole(Right::Registry)),
    post("/registry/import", Whole(Right::Registry)),
    post("/import/readings", Whole(Right::Registry)),
    get("/forecast/import", Whole(Right::Registry)),
    post("/forecast/import", Whole(Right::Registry)),
    get("/import/receipts", Whole(Right::Registry)),
];

/// What the table says of a route.
#[derive(Clone, Copy, Debug)]
pub enum Found {
    /// Its row.
    Row(&'static Row),
    /// The path has rows, none of them of this method.
    OtherMethods,
    /// The path has no row.
    Nothing,
}

/// The row of a route. `path` is its template below `/api/v1`; a question about the head alone needs what
/// the whole answer needs.
pub fn find(method: &Method, path: &str) -> Found {
    let method = if *method == Method::HEAD { Method::GET.as_str() } else { method.as_str() };
    let mut rows = ROUTES.iter().filter(|row| row.path == path).peekable();
    if rows.peek().is_none() {
        return Found::Nothing;
    }
    rows.find(|row| row.method == method).map_or(Found::OtherMethods, Found::Row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_route_has_two_rows() {
        for (at, row) in ROUTES.iter().enumerate() {
            let again = ROUTES[at + 1..]
                .iter()
                .find(|other| other.method == row.method && other.path == row.path);
            assert!(again.is_none(), "{} {}", row.method, row.path);
        }
    }

    #[test]
    fn only_signing_in_health_and_what_asks_itself_need_nothing() {
        let open: Vec<String> = ROUTES
            .iter()
            .filter(|row| row.needs == Nothing)
            .map(|row| format!("{} {}", row.method, row.path))
            .collect();
        let expected = [
            "GET /session",
            "POST /session",
            "POST /setup",
            "POST /session/link",
            "GET /health",
            "GET /openapi.json",
            "POST /open311/v2/{file}",
        ];
        assert_eq!(open, expected);
    }

    /// That text is what a real server answered somebody who has the right in another part of the district.
    #[test]
    fn every_right_for_a_part_was_asked_about_a_thing_out_of_reach() {
        let reviewed: BTreeSet<(&str, &str)> = include_str!("../../tests/http/reach.txt")
            .lines()
            .filter_map(|line| {
                let mut words = line.split_whitespace();
                words.next().zip(words.next())
            })
            .collect();
        let parts = ROUTES.iter().filter(|row| matches!(row.needs, Part(_)));
        assert_eq!(reviewed, parts.map(|row| (row.method, row.path)).collect());
    }

    #[test]
    fn what_only_the_public_sees_is_never_a_write() {
        assert!(ROUTES.iter().all(|row| row.needs != Public || row.method == "GET"));
    }

    #[test]
    fn a_route_without_a_row_is_not_found() {
        assert!(matches!(find(&Method::GET, "/nowhere"), Found::Nothing));
        assert!(matches!(find(&Method::PATCH, "/session"), Found::OtherMethods));
        assert!(matches!(find(&Method::HEAD, "/places"), Found::Row(_)));
    }

    #[test]
    fn the_table_has_a_row_for_each_route_of_the_document_and_no_other() {
        let document: serde_json::Value =
            serde_json::from_str(&super::super::openapi()).unwrap_or_default();
        let mut routes = vec!["GET /openapi.json".to_owned()];
        for (path, methods) in document["paths"].as_object().into_iter().flatten() {
            let path = path.trim_start_matches(super::super::API);
            let methods = methods.as_object().into_iter().flat_map(|methods| methods.keys());
            routes.extend(methods.map(|method| format!("{} {path}", method.to_uppercase())));
        }
        let mut rows: Vec<String> =
            ROUTES.iter().map(|row| format!("{} {}", row.method, row.path)).collect();
        routes.sort();
        rows.sort();
        assert_eq!(rows, routes);
    }
}
