//! A report as PDF: `skyriver-pdf`, which lies beside the server, sets it.

use super::{Error, Language, Look};
use account::Text;
use account::report::Report;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// The program.
const PROGRAM: &str = "skyriver-pdf";
/// How long a report may take: a year's takes a second or two.
const SET_MAX: Duration = Duration::from_mins(1);

/// What reports are set with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paper {
    /// Templates of the district's own.
    pub look: Look,
    /// A folder with fonts, besides those of the machine.
    pub fonts: Option<PathBuf>,
}

/// Sets a report.
///
/// # Errors
/// When the program is not there, or does not set it.
pub fn pdf(report: &Report, language: Language, paper: &Paper) -> Result<Vec<u8>, Error> {
    let json = serde_json::to_vec(report).map_err(|error| Error::Form(error.to_string()))?;
    let mut command = Command::new(program().ok_or_else(not_there)?);
    command.args(["--language", language.tag()]);
    if let Some(template) = paper.look.template(&report.kind) {
        command.arg("--template").arg(template);
    }
    if let Some(fonts) = &paper.fonts {
        command.arg("--fonts").arg(fonts);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let failed = |error: std::io::Error| Error::Paper(format!("{PROGRAM}: {error}"));
    let mut child = command.spawn().map_err(failed)?;
    let (Some(mut input), Some(mut output), Some(problems)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(Error::Paper(format!("{PROGRAM}: no pipes")));
    };
    // What it says is read while it is still being told, so that neither waits for the other.
    let (done, waiting) = mpsc::channel();
    std::thread::spawn(move || input.write_all(&json));
    std::thread::spawn(move || {
        let mut told = String::new();
        let _ = problems.take(16_384).read_to_string(&mut told);
        let _ = done.send(told);
    });
    let (set, setting) = mpsc::channel();
    std::thread::spawn(move || {
        let mut pdf = vec![];
        let read = output.read_to_end(&mut pdf).map(|_| pdf);
        let _ = set.send(read);
    });
    let Ok(pdf) = setting.recv_timeout(SET_MAX) else {
        let _ = child.kill();
        let _ = child.wait();
        return Err(Error::Paper(format!("{PROGRAM} took longer than {} s", SET_MAX.as_secs())));
    };
    if child.wait().map_err(failed)?.success() {
        return pdf.map_err(failed);
    }
    let told = waiting.recv_timeout(Duration::from_secs(1)).unwrap_or_default();
    Err(Error::Paper(told.trim().to_owned()))
}

/// Whether the program lies beside this one.
pub fn has_program() -> bool {
    program().is_some()
}

/// The program beside this one.
fn program() -> Option<PathBuf> {
    let own = std::env::current_exe().ok()?;
    let beside = own.parent()?.join(PROGRAM);
    beside.is_file().then_some(beside)
}

fn not_there() -> Error {
    Error::Refused(Text::new(
        "没有排版程序 skyriver-pdf：请用 cargo xtask build pdf 构建，并与 skyriver 放在同一文件夹；也可在页面上打印",
        "skyriver-pdf is not beside the server: build it with cargo xtask build pdf and put it there, or print the page",
    ))
}
