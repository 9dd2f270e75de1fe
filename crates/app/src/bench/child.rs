//! A server in a process of its own, so that it can be measured and killed as what it is.

use crate::cli::Failure;
use crate::clock;
use crate::config::write_registry;
use crate::device::registry_of;
use engine::RegistryFile;
use gateway::device::fleet::Plan;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A folder for one measurement, removed at the end.
pub struct Scratch(pub PathBuf);

impl Scratch {
    /// A new folder below the system's one for temporary files.
    pub fn new(name: &str) -> io::Result<Self> {
        let name = format!("skyriver-{name}-{}-{}", std::process::id(), clock::now().as_ms());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    /// The data directory of the server.
    pub fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    /// Bytes of all files below the data directory.
    pub fn bytes(&self) -> u64 {
        bytes_below(&self.data())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn bytes_below(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(about) if about.is_dir() => bytes_below(&entry.path()),
            Ok(about) => about.len(),
            Err(_) => 0,
        })
        .sum()
}

/// A running server.
pub struct Server {
    child: Child,
    /// Where devices connect.
    pub devices: SocketAddr,
    /// Where pages ask.
    pub page: SocketAddr,
    /// From starting the process to its listening.
    pub started_in: Duration,
}

/// Writes the registry of a plan where [`Server::start`] looks for it.
///
/// # Errors
/// When it cannot be written.
pub fn write_plan_registry(scratch: &Scratch, plan: &Plan) -> Result<(), Failure> {
    write_scratch_registry(scratch, &registry_of(plan.roster()))
}

/// Writes a registry where [`Server::start`] looks for it.
///
/// # Errors
/// When it cannot be written.
pub fn write_scratch_registry(scratch: &Scratch, registry: &RegistryFile) -> Result<(), Failure> {
    Ok(std::fs::write(scratch.0.join("registry.toml"), write_registry(registry)?)?)
}

impl Server {
    /// Starts `skyriver serve` on the data directory and waits until it listens.
    ///
    /// # Errors
    /// When the process cannot be started, or ends before it listens.
    pub fn start(scratch: &Scratch) -> Result<Self, Failure> {
        let begun = clock::stopwatch();
        let set = |key: &str, value: &str| ["--set".to_owned(), format!("{key}={value}")];
        let mut command = Command::new(std::env::current_exe()?);
        command
            .arg("serve")
            .args(set("store.dir", &scratch.data().to_string_lossy()))
            .args(set("district.registry", &scratch.0.join("registry.toml").to_string_lossy()))
            .args(set("http.listen", "127.0.0.1:0"))
            .args(set("hj212.listen", "127.0.0.1:0"))
            // The day that is filled lies behind: it is not to be sealed meanwhile.
            .args(set("store.seal_after_h", "8760"))
            .args(set("log.level", "info"))
            .args(set("log.format", "json"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let Some(log) = child.stderr.take() else {
            return Err(io::Error::other("the server's log cannot be read").into());
        };
        let mut lines = BufReader::new(log).lines();
        let (devices, page) = loop {
            let Some(line) = lines.next().transpose()? else {
                return Err(io::Error::other("the server ended before it listened").into());
            };
            if let Some(addresses) = addresses_of(&line) {
                break addresses;
            }
        };
        // Whoever closes the pipe makes the server's next line fail; so it is read until the end.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Self { child, devices, page, started_in: begun.elapsed() })
    }

    /// Its number, by which the system accounts for it.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`.
    ///
    /// # Errors
    /// When the process cannot be killed.
    pub fn kill(mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(|_| ())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn addresses_of(line: &str) -> Option<(SocketAddr, SocketAddr)> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    let fields = &line["fields"];
    if fields["message"] != "skyriver serves" {
        return None;
    }
    let page = fields["page"].as_str()?.strip_prefix("http://")?;
    Some((fields["devices"].as_str()?.parse().ok()?, page.parse().ok()?))
}
