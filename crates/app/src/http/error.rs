//! What the API says when it cannot answer: a stable code, a sentence in both languages, and what to do.

use crate::words::Words;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// When to come back to a server that has no room now, s.
const RETRY_AFTER_S: &str = "5";

/// The body of every answer that is not a success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// What went wrong.
    pub error: ApiError,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ApiError {
    #[serde(skip)]
    #[schema(ignore)]
    pub status: StatusCode,
    /// Stable, for programs: `unknown_place`, `bad_parameter`, …
    pub code: &'static str,
    /// For people.
    pub message: Words,
    /// What to do about it.
    pub hint: Option<Words>,
}

/// The code of an error, beside its answer, for the audit trail.
#[derive(Clone, Copy, Debug)]
pub struct Code(pub &'static str);

/// The result of a handler.
pub type Answer<T> = Result<T, ApiError>;

impl ApiError {
    pub(super) fn new(status: StatusCode, code: &'static str, message: Words) -> Self {
        Self { status, code, message, hint: None }
    }

    /// Adds what to do.
    #[must_use]
    pub fn with_hint(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.hint = Some(Words::new(zh, en));
        self
    }

    /// A parameter whose value is not accepted; the hint says what is.
    pub fn bad_parameter(name: &str, given: &str, accepted: Words) -> Self {
        let given = shortened(given);
        let mut error = Self::new(
            StatusCode::BAD_REQUEST,
            "bad_parameter",
            Words::new(
                format!("参数 {name} 不接受 {given:?}"),
                format!("the parameter {name} does not accept {given:?}"),
            ),
        );
        error.hint = Some(accepted);
        error
    }

    /// A parameter that must be there.
    pub fn missing_parameter(name: &str, accepted: Words) -> Self {
        let mut error = Self::new(
            StatusCode::BAD_REQUEST,
            "missing_parameter",
            Words::new(format!("缺少参数 {name}"), format!("the parameter {name} is missing")),
        );
        error.hint = Some(accepted);
        error
    }

    /// A range of time that is longer than one answer may be.
    pub fn range_too_long(days: i64, limit: &str, days_max: u64) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "range_too_long",
            Words::new(
                format!("from 至 to 共 {days} 天，一次最多 {days_max} 天"),
                format!("from and to are {days} days apart; {days_max} are the most at once"),
            ),
        )
        .with_hint(
            format!("请分段查询，或提高 http.limits.{limit}"),
            format!("ask for shorter ranges, or raise http.limits.{limit}"),
        )
    }

    /// More datastreams than an answer may have rows.
    pub fn too_many_datastreams(count: usize, max: u64) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "too_many_datastreams",
            Words::new(
                format!("共 {count} 个数据流，一次最多 {max} 个"),
                format!("there are {count} datastreams; {max} are the most at once"),
            ),
        )
        .with_hint(
            "请用 place=… 按点位查询，或提高 http.limits.datastreams_max",
            "ask place by place with place=…, or raise http.limits.datastreams_max",
        )
    }

    /// More places and hours than a picture of the map may have.
    pub fn map_too_large(cells: u64, max: u64) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "too_many_cells",
            Words::new(
                format!("点位数乘小时数为 {cells}，一次最多 {max}"),
                format!("places times hours are {cells}; {max} are the most at once"),
            ),
        )
        .with_hint(
            "请缩短时间范围，或提高 http.limits.map_cells_max",
            "ask for shorter ranges, or raise http.limits.map_cells_max",
        )
    }

    /// Something that is not there: `unknown_place`, 点位, place, its key.
    pub fn unknown(code: &'static str, zh: &str, en: &str, key: &str) -> Self {
        let key = shortened(key);
        Self::new(
            StatusCode::NOT_FOUND,
            code,
            Words::new(format!("没有{zh} {key}"), format!("there is no {en} {key}")),
        )
    }

    /// A date on which no edition of the standard was in force.
    pub fn no_standard(date: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "unknown_standard",
            Words::new(
                format!("{date} 没有现行的空气质量指数标准"),
                format!("no edition of the air quality index was in force on {date}"),
            ),
        )
    }

    /// No such route.
    pub fn no_route(path: &str) -> Self {
        let path = shortened(path);
        Self::new(
            StatusCode::NOT_FOUND,
            "unknown_route",
            Words::new(format!("没有接口 {path}"), format!("there is no route {path}")),
        )
        .with_hint("全部接口见 /api/v1/openapi.json", "/api/v1/openapi.json lists every route")
    }

    /// A method that the route does not know.
    pub fn no_method(method: &str, path: &str) -> Self {
        let (method, path) = (shortened(method), shortened(path));
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "unknown_method",
            Words::new(
                format!("{path} 不接受 {method}"),
                format!("{path} does not accept {method}"),
            ),
        )
    }

    /// More bytes than a request may have.
    pub fn body_too_large(bytes_max: u64) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body_too_large",
            Words::new(
                format!("请求正文超过 {bytes_max} 字节"),
                format!("the body has more than {bytes_max} bytes"),
            ),
        )
        .with_hint(
            "可提高 http.limits.body_bytes_max",
            "http.limits.body_bytes_max raises the limit",
        )
    }

    /// As many pages listen as may.
    pub fn too_many_listeners(listeners_max: u64) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too_many_listeners",
            Words::new(
                format!("已有 {listeners_max} 个页面在接收实时数据"),
                format!("{listeners_max} pages already listen to live changes"),
            ),
        )
        .with_hint(
            "请稍后再试，或提高 http.limits.listeners_max",
            "try again later, or raise http.limits.listeners_max",
        )
    }

    /// The answer took longer than it may.
    pub fn too_slow(answer_s_max: u64) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "too_slow",
            Words::new(
                format!("{answer_s_max} 秒内未能给出回答"),
                format!("there was no answer within {answer_s_max} seconds"),
            ),
        )
        .with_hint(
            "请缩短时间范围后再试，或提高 http.limits.answer_s_max",
            "ask for a shorter range, or raise http.limits.answer_s_max",
        )
    }

    /// Our own fault. The cause goes to the log only.
    pub fn internal(attempt: &'static str, cause: &dyn std::error::Error) -> Self {
        let mut causes = cause.to_string();
        let mut next = cause.source();
        while let Some(source) = next {
            causes = format!("{causes}: {source}");
            next = source.source();
        }
        tracing::error!(attempt, error = %causes, "a question could not be answered");
        Self::broken()
    }

    /// Our own fault, logged already.
    pub fn broken() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            Words::new("服务器未能回答", "the server could not answer"),
        )
        .with_hint("原因见服务器日志", "the server's log has the cause")
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let is_passing = self.status == StatusCode::SERVICE_UNAVAILABLE;
        let code = Code(self.code);
        let mut answer = (self.status, Json(Problem { error: self })).into_response();
        answer.extensions_mut().insert(code);
        if is_passing {
            answer
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_S));
        }
        answer
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        // serde names them so: unknown field `plaze`, expected one of `place`, `from`.
        let cause = rejection.body_text();
        let mut names = cause.split('`').skip(1).step_by(2);
        let code = "unknown_parameter";
        let status = StatusCode::BAD_REQUEST;
        if let Some(name) = names.next().filter(|_| cause.contains("unknown field")) {
            let name = shortened(name);
            let known: Vec<&str> = names.collect();
            let (zh, en) = (known.join("、"), known.join(", "));
            let message =
                Words::new(format!("没有参数 {name}"), format!("there is no parameter {name}"));
            return Self::new(status, code, message)
                .with_hint(format!("可用 {zh}"), format!("there are {en}"));
        }
        let cause = shortened(&cause);
        let message = Words::new(
            format!("查询参数无法读取（{cause}）"),
            format!("the query cannot be read ({cause})"),
        );
        Self::new(status, code, message).with_hint(
            "每个参数最多一次；见 /api/v1/openapi.json",
            "give each parameter once; see /api/v1/openapi.json",
        )
    }
}

/// At most 200 characters of what somebody sent: an answer is no loudspeaker.
pub(super) fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(200).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
