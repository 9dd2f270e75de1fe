//! What is said when a change of people is refused.

use super::error::{ApiError, shortened};
use crate::words::Words;
use axum::http::StatusCode;
use engine::people::Refused;

/// A refused change of people, as an answer.
pub fn people_refused(refused: &Refused) -> ApiError {
    let (status, code, zh, hint) = match refused {
        Refused::NoAccount(name) => {
            (NOT_FOUND, "unknown_account", format!("没有用户 {}", shortened(name)), None)
        }
        Refused::AccountTaken(name) => (
            CONFLICT,
            "account_taken",
            format!("用户名 {} 已有或曾有，不再给予他人", shortened(name)),
            Some(("请另选用户名", "choose another name")),
        ),
        Refused::NoUnit(key) => (
            NOT_FOUND,
            "unknown_unit",
            format!("没有单位 {}", shortened(key)),
            Some(("单位见 /api/v1/units", "/api/v1/units lists them")),
        ),
        Refused::NoArea(key) => {
            (NOT_FOUND, "unknown_area", format!("没有区域 {}", shortened(key)), None)
        }
        Refused::NoGrant(key) => (
            NOT_FOUND,
            "unknown_role",
            format!("没有授权 {}", shortened(key)),
            Some(("授权见 /api/v1/roles", "/api/v1/roles lists them")),
        ),
        Refused::Circle(key) => (
            CONFLICT,
            "unit_circle",
            format!("单位 {} 会成为自己的下级", shortened(key)),
            Some(("请另选上级单位", "choose another unit above it")),
        ),
        Refused::HasUnits(key) => (
            CONFLICT,
            "unit_has_units",
            format!("单位 {} 还有下级单位", shortened(key)),
            Some(("请先撤销或移走下级单位", "end or move the units below it first")),
        ),
        Refused::Combined { account, held, wanted } => (
            CONFLICT,
            "roles_apart",
            format!("{} 已有角色 {}，不能兼任 {}", shortened(account), held.name(), wanted.name()),
            Some((
                "系统、安全、审计管理员三权分立，不得互兼，也不得兼任业务角色；请用另一个用户",
                "system, security and audit managers stand apart from each other and from the work of the day; use another account",
            )),
        ),
        Refused::ManagerOfPart(role) => (
            BAD_REQUEST,
            "manager_of_part",
            format!("角色 {} 不能限于单位、区域或专题", role.name()),
            Some(("请去掉范围", "leave unit, area and subject out")),
        ),
        Refused::Own => (
            FORBIDDEN,
            "own_rights",
            "不能改动自己的权限或用户".to_owned(),
            Some(("请由另一位管理员办理", "another manager has to do it")),
        ),
        Refused::Filled(role) => (
            CONFLICT,
            "not_the_first",
            format!("已有 {} 管理员，链接已失效", role.name()),
            Some(("请登录", "sign in")),
        ),
    };
    let error = ApiError::new(status, code, Words::new(zh, shortened(&refused.to_string())));
    match hint {
        Some((zh, en)) => error.with_hint(zh, en),
        None => error,
    }
}

const BAD_REQUEST: StatusCode = StatusCode::BAD_REQUEST;
const FORBIDDEN: StatusCode = StatusCode::FORBIDDEN;
const NOT_FOUND: StatusCode = StatusCode::NOT_FOUND;
const CONFLICT: StatusCode = StatusCode::CONFLICT;
