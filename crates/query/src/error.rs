//! What can go wrong, in English and Chinese, and what to do about it.

use crate::limits::Limits;
use datafusion::common::DataFusionError;
use std::path::PathBuf;
use std::time::Duration;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The data directory cannot be read.
    #[error("{0}{because}", because = cause(.0))]
    Store(#[from] store::Error),
    /// The statement is longer than it may be.
    #[error("the statement has {found} bytes; it may have {max}")]
    TooLong {
        /// Its bytes.
        found: usize,
        /// Bytes that it may have.
        max: usize,
    },
    /// It would write, or is none that asks.
    #[error(
        "{0}: nothing is ever written from here; only SELECT, SHOW, DESCRIBE and EXPLAIN are answered"
    )]
    ReadOnly(String),
    /// The statement is not understood.
    #[error("{0}")]
    Statement(String),
    /// More memory is needed than allowed.
    #[error("the memory of {} is used up: {what}", bytes(*.max))]
    Memory {
        /// Bytes that were allowed.
        max: usize,
        /// Who wanted more.
        what: String,
    },
    /// It takes longer than allowed.
    #[error("no answer within {} s", .0.as_secs_f64())]
    Time(Duration),
    /// Somebody stopped it.
    #[error("stopped")]
    Stopped,
    /// `--as-of` names no moment.
    #[error("--as-of {text:?}: {why}")]
    AsOf {
        /// As given.
        text: String,
        /// What is wrong.
        why: String,
        /// The same in Chinese.
        zh: String,
    },
    /// The time zone has no such name.
    #[error("--zone {0:?}: no time zone has this name")]
    Zone(String),
    /// A file cannot be written.
    #[error("{path}: cannot be written: {source}")]
    Output {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Something else failed while the answer was made.
    #[error("{0}")]
    Failed(String),
}

fn cause(error: &store::Error) -> String {
    std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default()
}

/// Bytes for people.
pub fn bytes(count: usize) -> String {
    const STEPS: [(&str, usize); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    let step = STEPS.iter().find(|(_, size)| count >= *size && count.is_multiple_of(*size));
    step.map_or_else(|| format!("{count} B"), |(name, size)| format!("{} {name}", count / size))
}

impl Error {
    /// The same sentence in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::Store(error) => format!("无法读取数据目录：{error}"),
            Self::TooLong { found, max } => format!("语句有 {found} 字节，上限为 {max}"),
            Self::ReadOnly(what) => {
                format!("{what}：此处从不写入，只回答 SELECT、SHOW、DESCRIBE 和 EXPLAIN")
            }
            Self::Statement(what) => format!("无法理解该语句：{what}"),
            Self::Memory { max, .. } => format!("允许的内存 {} 已用完", bytes(*max)),
            Self::Time(limit) => format!("{} 秒内没有得出结果", limit.as_secs_f64()),
            Self::Stopped => "已停止".to_owned(),
            Self::AsOf { text, zh, .. } => format!("--as-of {text:?}：{zh}"),
            Self::Zone(name) => format!("没有名为 {name:?} 的时区"),
            Self::Output { path, source } => format!("无法写入 {}：{source}", path.display()),
            Self::Failed(what) => format!("查询失败：{what}"),
        }
    }

    /// What to do next, in both languages.
    pub fn hint(&self) -> Option<(String, String)> {
        let (en, zh) = match self {
            Self::Store(store::Error::Database { .. } | store::Error::Io { .. }) => (
                "name the data directory of a server: the folder that holds skyriver.db",
                "请指定服务器的数据目录，即含有 skyriver.db 的文件夹",
            ),
            Self::Store(error) => return Some((error.hint().to_owned(), String::new())),
            Self::TooLong { .. } => ("ask in several steps", "请分几步查询"),
            Self::ReadOnly(_) => (
                "use -o FILE with --format to keep an answer; corrections are made by `skyriver correct`",
                "保存结果请用 -o 文件 和 --format；订正请用 skyriver correct",
            ),
            Self::Statement(_) => (
                "\\d lists tables and columns; docs/guides/sql.md has examples",
                "\\d 列出表和列；示例见 docs/guides/sql.md",
            ),
            Self::Memory { .. } => (
                "give --memory more, or ask for less: fewer days, fewer datastreams, fewer groups",
                "加大 --memory，或缩小范围：更少的天、数据流或分组",
            ),
            Self::Time(_) => (
                "give --time-limit more, or name time and place in WHERE: other files are then not read",
                "加大 --time-limit，或在 WHERE 中限定时间和站点，其余文件便不会被读取",
            ),
            Self::AsOf { .. } => (
                "write a sequence of the log, 2026-03-01T08:00:00+08:00, or 2026-03-01 (its midnight)",
                "请写日志序号、2026-03-01T08:00:00+08:00，或 2026-03-01（该日零点）",
            ),
            Self::Zone(_) => ("write it as Asia/Shanghai", "请按 Asia/Shanghai 的写法"),
            Self::Stopped | Self::Output { .. } | Self::Failed(_) => return None,
        };
        Some((en.to_owned(), zh.to_owned()))
    }

    /// What the query engine said, as one of ours.
    pub(crate) fn of(error: &DataFusionError, limits: &Limits) -> Self {
        let root = error.find_root();
        match root {
            DataFusionError::ResourcesExhausted(what) => {
                let first = what.split(['\n', ':']).next().unwrap_or_default();
                Self::Memory { max: limits.memory_bytes, what: first.trim().to_owned() }
            }
            DataFusionError::External(other) if other.is::<store::Error>() => {
                Self::Failed(other.to_string())
            }
            DataFusionError::Plan(what) if what.contains("not supported: ") => {
                let name = what.rsplit("not supported: ").next().unwrap_or_default();
                Self::ReadOnly(name.trim().to_owned())
            }
            DataFusionError::SQL(..)
            | DataFusionError::Plan(_)
            | DataFusionError::SchemaError(..)
            | DataFusionError::NotImplemented(_) => Self::Statement(plain(error)),
            _ => Self::Failed(plain(error)),
        }
    }
}

/// What the engine puts before its sentences.
const LABELS: [&str; 4] =
    ["Error during planning: ", "SQL error: ", "Schema error: ", "Execution error: "];

/// Without the engine's own back traces and labels.
fn plain(error: &DataFusionError) -> String {
    let text = error.strip_backtrace();
    let text = LABELS.iter().fold(text, |text, label| text.replace(label, ""));
    let mut short: String = text.chars().take(600).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
