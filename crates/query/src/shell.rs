//! The shell: statements over several lines, history, completion, `\` commands. Ctrl-C stops the query, not the shell.

mod complete;

use crate::output::{Format, Target, standard};
use crate::run::run;
use crate::{Error, FUNCTIONS, Queries, cli, schema};
use complete::Words;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{Config, Editor};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use tokio::runtime::Runtime;

const HELP: &str = "\
\\d            tables and views                        表和视图
\\d TABLE      columns of a table                      表的列
\\f            functions of our own                    自有函数
\\as-of [T]    as of a sequence or instant; none: now  截至某序号或时刻；不写则为现在
\\format NAME  table, csv, json, parquet (with \\o)     输出格式
\\o [FILE]     the next answers go to a file           之后的结果写入文件
\\q            leave                                   退出
A statement ends with ; and may run over several lines. Ctrl-C stops it.
语句以 ; 结束，可跨多行。Ctrl-C 停止查询。
";

/// What the shell keeps between statements.
struct Shell {
    queries: Queries,
    format: Format,
    file: Option<PathBuf>,
}

/// Whether to go on.
enum Next {
    On,
    Leave,
}

/// Asks until somebody leaves; history is kept in the file, if there is one.
///
/// # Errors
/// When the terminal cannot be used.
pub fn talk(
    runtime: &Runtime,
    queries: Queries,
    format: Format,
    history: Option<&Path>,
) -> Result<(), Error> {
    let failed =
        |error: ReadlineError| Error::Failed(format!("the terminal cannot be used: {error}"));
    let config = Config::builder().history_ignore_space(true).auto_add_history(false).build();
    let mut editor: Editor<Words, FileHistory> = Editor::with_config(config).map_err(failed)?;
    editor.set_helper(Some(Words::new()));
    if let Some(file) = history {
        // The first time there is none.
        let _ = editor.load_history(file);
    }
    cli::say("skyriver-sql · \\? help 帮助 · \\q leave 退出\n");
    let mut shell = Shell { queries, format, file: None };
    let mut statement = String::new();
    loop {
        let prompt = if statement.is_empty() { "sql> " } else { "...> " };
        match editor.readline(prompt) {
            Ok(line) if statement.is_empty() && line.trim_start().starts_with('\\') => {
                let _ = editor.add_history_entry(line.trim());
                if let Next::Leave = shell.command(line.trim()) {
                    break;
                }
            }
            Ok(line) => {
                statement.push_str(&line);
                statement.push('\n');
                if let Some(whole) = statement.trim_end().strip_suffix(';') {
                    let _ = editor.add_history_entry(statement.trim());
                    shell.ask(runtime, whole);
                    statement.clear();
                } else if statement.trim().is_empty() {
                    statement.clear();
                }
            }
            Err(ReadlineError::Interrupted) => statement.clear(),
            Err(ReadlineError::Eof) => break,
            Err(error) => return Err(failed(error)),
        }
    }
    if let Some(file) = history {
        // A history that cannot be kept is no loss worth a message at the end.
        let _ = editor.save_history(file);
    }
    Ok(())
}

impl Shell {
    fn ask(&self, runtime: &Runtime, sql: &str) {
        let target = match &self.file {
            Some(file) => Target::file(file),
            None if self.format == Format::Parquet => {
                return cli::say("parquet needs a file: \\o FILE · parquet 需要文件：\\o 文件\n");
            }
            None => standard(),
        };
        match runtime.block_on(run(&self.queries, sql, self.format, target)) {
            Ok(outcome) => drop(cli::tell(&outcome, true)),
            Err(error) => cli::complain(&error),
        }
    }

    fn command(&mut self, line: &str) -> Next {
        let (name, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let rest = rest.trim().trim_end_matches(';');
        match name.trim_end_matches(';') {
            "\\q" => return Next::Leave,
            "\\d" => cli::say(&describe(rest)),
            "\\f" => {
                for (name, what) in FUNCTIONS {
                    cli::say(&format!("{name:<28}{what}\n"));
                }
            }
            "\\as-of" => match self.queries.as_of((!rest.is_empty()).then_some(rest)) {
                Ok(queries) => self.queries = queries,
                Err(error) => cli::complain(&error),
            },
            "\\format" => match Format::named(rest) {
                Some(format) => self.format = format,
                None => cli::say("table, csv, json, parquet\n"),
            },
            "\\o" => self.file = (!rest.is_empty()).then(|| rest.into()),
            _ => cli::say(HELP),
        }
        Next::On
    }
}

/// All tables, or the columns of one.
pub fn describe(name: &str) -> String {
    let mut text = String::new();
    // Writing to a string never fails.
    if name.is_empty() {
        for table in schema::all() {
            let _ = writeln!(text, "{:<14}{}", table.name, table.what);
        }
        return text;
    }
    let Some(table) = schema::named(name) else {
        return format!(
            "there is no table {name}; \\d lists them · 没有表 {name}；\\d 列出所有表\n"
        );
    };
    let _ = writeln!(text, "{}: {}", table.name, table.what);
    for (column, kind, is_optional, what) in table.columns {
        let null = if *is_optional { "null" } else { "" };
        let _ = writeln!(text, "  {column:<16}{:<20}{null:<6}{what}", kind.name());
    }
    if !table.follows_as_of {
        let _ = writeln!(text, "  always as of now · 总是当前状态");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_table_can_be_described() {
        assert!(describe("").contains("readings"));
        assert!(describe("frames").contains("received_at"));
        assert!(describe("ledger").contains("always as of now"));
        assert!(describe("nothing").contains("no table nothing"));
    }
}
