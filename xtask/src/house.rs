//! Where things are, and how a task starts another program.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::failure::{Failure, Result};
use crate::said;

/// A build machine gives a run 90 minutes; the rest is for the summary.
const CI_LIMIT: Duration = Duration::from_mins(88);

/// How `timeout` tells that it had to stop the program.
const TIMED_OUT: i32 = 124;

/// The tree of sources, the folder of build results, and the time a run may take.
#[derive(Clone, Debug)]
pub struct House {
    /// The clone.
    pub root: PathBuf,
    /// Build results: outside the clone, so that a second clone does not build the dependencies again.
    pub target: PathBuf,
    /// When a run on a build machine must have ended; at a desk there is none.
    pub deadline: Option<Instant>,
}

impl House {
    /// Finds the clone that this task belongs to.
    pub fn find() -> Result<House> {
        let xtask = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root =
            xtask.parent().ok_or_else(|| Failure::new("xtask has no parent folder"))?.to_path_buf();
        Ok(House { root, target: target_folder()?, deadline: None })
    }

    /// The same house with the settings of a build machine.
    pub fn for_ci(&self) -> House {
        House { deadline: Some(Instant::now() + CI_LIMIT), ..self.clone() }
    }

    pub fn web(&self) -> PathBuf {
        self.root.join("web")
    }

    /// Where the release build puts the binary `name`.
    pub fn binary(&self, name: &str) -> PathBuf {
        self.target.join("release").join(name)
    }

    /// Cargo in the root of the clone, building into the shared folder.
    pub fn cargo(&self, args: &[&str]) -> Command {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = self.program(cargo, &self.root);
        command.args(args).env("CARGO_TARGET_DIR", &self.target);
        command
    }

    /// npm in `web/`.
    pub fn npm(&self, args: &[&str]) -> Command {
        let mut command = self.program("npm", &self.web());
        command.args(args).env("NPM_CONFIG_UPDATE_NOTIFIER", "false");
        command
    }

    /// A program in `folder`, without an input, stopped by `timeout` when the run has a deadline.
    pub fn program(&self, name: impl AsRef<OsStr>, folder: &Path) -> Command {
        let mut command = match self.deadline {
            None => Command::new(name),
            Some(deadline) => {
                let left = deadline.saturating_duration_since(Instant::now()).as_secs().max(1);
                let mut timeout = Command::new("timeout");
                timeout.arg("--kill-after=10").arg(left.to_string()).arg(name).env("CI", "true");
                timeout
            }
        };
        command.current_dir(folder).stdin(Stdio::null());
        command
    }
}

/// Runs `command`, letting its lines through; on a build machine a failure says what they told of it.
pub fn run(command: &mut Command) -> Result<()> {
    let is_timed = command.get_program() == "timeout";
    let ended = if is_timed {
        said::run(command).map(|(status, said)| (status, said.text()))
    } else {
        command.status().map(|status| (status, String::new()))
    };
    let (status, said) = ended.map_err(|error| cannot_start(command, &error))?;
    let why = match status.code() {
        Some(0) => return Ok(()),
        // `timeout` ends by the same signal when the program had to be killed.
        None | Some(TIMED_OUT) if is_timed => "was stopped: the run has no time left".to_owned(),
        _ => format!("ended with {status}"),
    };
    Err(Failure::new(format!("`{}` {why}", spell(command))).said(said))
}

/// Runs `command` and returns what it wrote to its standard output.
pub fn read(command: &mut Command) -> Result<String> {
    let output =
        command.stderr(Stdio::inherit()).output().map_err(|error| cannot_start(command, &error))?;
    if !output.status.success() {
        return Err(Failure::new(format!("`{}` ended with {}", spell(command), output.status)));
    }
    String::from_utf8(output.stdout)
        .map_err(|_| Failure::new(format!("`{}` did not write UTF-8", spell(command))))
}

/// True when a program of this name can be started.
pub fn has_program(name: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

/// Where dependencies are built: what the caller chose, else the user's cache.
fn target_folder() -> Result<PathBuf> {
    if let Some(chosen) = env::var_os("CARGO_TARGET_DIR").filter(|value| !value.is_empty()) {
        return std::path::absolute(chosen)
            .map_err(|error| Failure::new(format!("CARGO_TARGET_DIR: {error}")));
    }
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = cache.or_else(|| env::home_dir().map(|home| home.join(".cache")));
    let cache = cache.ok_or_else(|| {
        Failure::new("no home folder for build results").hint("set CARGO_TARGET_DIR")
    })?;
    Ok(cache.join("skyriver/target"))
}

fn spell(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

fn cannot_start(command: &Command, error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot start `{}`: {error}", spell(command)))
}
