//! Why a file, or a row of it, cannot be read: in both languages, with what to do.

use model::Reason;
use std::fmt;

/// Why a file cannot be read on. Nothing of it should be kept then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Stable, for programs.
    pub code: &'static str,
    /// What is wrong, in English.
    pub en: String,
    /// The same in Chinese.
    pub zh: String,
    /// What to do, in English.
    pub hint_en: &'static str,
    /// The same in Chinese.
    pub hint_zh: &'static str,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { en, zh, hint_en, hint_zh, .. } = self;
        write!(out, "{en}\n{zh}\nhint: {hint_en}\n提示：{hint_zh}")
    }
}

impl std::error::Error for Fault {}

/// Why a row cannot be kept as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// As the ledger counts it.
    pub reason: Reason,
    /// What is wrong, in English.
    pub en: String,
    /// The same in Chinese.
    pub zh: String,
    /// How many values the row has.
    pub values: u32,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} · {}", self.en, self.zh)
    }
}

impl Problem {
    pub(crate) fn new(reason: Reason, en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self { reason, en: en.into(), zh: zh.into(), values: 1 }
    }
}

impl Fault {
    fn new(
        code: &'static str,
        en: impl Into<String>,
        zh: impl Into<String>,
        (hint_en, hint_zh): (&'static str, &'static str),
    ) -> Self {
        Self { code, en: en.into(), zh: zh.into(), hint_en, hint_zh }
    }

    pub(crate) fn unreadable(what: &str, error: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        match error.kind() {
            ErrorKind::UnexpectedEof => Self::cut_off(0),
            ErrorKind::InvalidInput | ErrorKind::InvalidData => Self::new(
                "bad_compression",
                format!("{what}: its compression is damaged: {error}"),
                format!("{what}：压缩数据已损坏"),
                ("get the file again", "请重新获取该文件"),
            ),
            _ => Self::new(
                "unreadable",
                format!("{what}: cannot be read: {error}"),
                format!("{what}：无法读取"),
                ("check its name and who may read it", "请检查文件名与读取权限"),
            ),
        }
    }

    pub(crate) fn cut_off(line: u64) -> Self {
        Self::new(
            "cut_off",
            format!("the file is cut off after line {line}"),
            format!("文件在第 {line} 行之后被截断"),
            ("get the file again: nothing of it was taken", "请重新获取该文件；未导入任何内容"),
        )
    }

    pub(crate) fn beyond(limit: &'static str, max: u64, line: u64) -> Self {
        Self::new(
            "too_large",
            format!("line {line}: the file is larger than `{limit}` = {max} allows"),
            format!("第 {line} 行：文件超出限额 `{limit}` = {max}"),
            ("split the file", "请拆分文件"),
        )
    }

    pub(crate) fn long_line(line: u64, max: usize) -> Self {
        Self::new(
            "endless_line",
            format!("line {line}: has more than `line_bytes_max` = {max} bytes without an end"),
            format!("第 {line} 行：超过 `line_bytes_max` = {max} 字节仍未换行"),
            ("this is no table of readings; a row is one line", "这不是读数表；每行一条记录"),
        )
    }

    pub(crate) fn encoding(line: u64, what: &str) -> Self {
        Self::new(
            "bad_encoding",
            format!("line {line}: the text is {what}, not UTF-8"),
            format!("第 {line} 行：文本编码为 {what}，而非 UTF-8"),
            (
                "save it as UTF-8, for example: iconv -f GB18030 -t UTF-8 IN > OUT",
                "请另存为 UTF-8，例如：iconv -f GB18030 -t UTF-8 原文件 > 新文件",
            ),
        )
    }

    pub(crate) fn foreign(what: &str) -> Self {
        Self::new(
            "foreign_file",
            format!("the file is {what}, no file of readings"),
            format!("该文件是 {what}，不是读数文件"),
            (
                "give CSV (plain or gzip), Parquet, or a log of HJ 212 frames",
                "请提供 CSV（可 gzip 压缩）、Parquet 或 HJ 212 报文日志",
            ),
        )
    }

    pub(crate) fn not_parquet() -> Self {
        Self::foreign("not Parquet")
    }

    pub(crate) fn empty() -> Self {
        Self::new(
            "empty_file",
            "the file has no line of names",
            "文件没有表头",
            ("the first line names the columns", "第一行须为列名"),
        )
    }

    pub(crate) fn head(head: &str) -> Self {
        let head: String = head.chars().take(120).collect();
        Self::new(
            "unknown_head",
            format!("no known table has these columns: {head}"),
            format!("无法识别的表头：{head}"),
            (
                "say what the columns mean: --columns time=…,device=…,pm25=…",
                "请指明各列含义：--columns time=…,device=…,pm25=…",
            ),
        )
    }

    pub(crate) fn column(what: &str) -> Self {
        Self::new(
            "bad_column",
            format!("the columns do not fit: {what}"),
            format!("列不匹配：{what}"),
            ("compare with the line of names on top of the file", "请与文件表头核对"),
        )
    }

    pub(crate) fn parquet(what: impl fmt::Display) -> Self {
        Self::new(
            "bad_parquet",
            format!("the Parquet file cannot be read: {what}"),
            format!("Parquet 文件无法读取：{what}"),
            (
                "get the file again, or write it anew with plain columns",
                "请重新获取，或以普通列重新写出",
            ),
        )
    }

    pub(crate) fn hopeless() -> Self {
        Self::new(
            "no_frames",
            "the log holds more bad frames in a row than is worth reading",
            "日志中连续出现过多坏报文",
            ("this is no log of HJ 212 frames", "这不是 HJ 212 报文日志"),
        )
    }
}
