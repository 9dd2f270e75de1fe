//! The configuration: one TOML file, a struct per concern; defaults < file < environment < flags.
//!
//! Reading it never stops at the first problem: everything that is wrong is told at once, each with
//! its place, what is accepted, and the nearest key where a name is unknown. [`keys`] is the one
//! table behind file, environment, flags and `config print`.

mod dust;
pub mod keys;
mod notify;
mod problem;
mod registry;
mod reports;
mod setting;

pub use notify::{Notify, SmtpTls};
pub(crate) use problem::nearest;
pub use problem::{Origin, Problem, Problems, Spot};
pub use registry::{load_registry, read_registry, write_registry};
pub use reports::Reports;
pub use setting::{Bbox, LogFormat, LogLevel};

use crate::http::Limits as HttpLimits;
use crate::http::tls::Files;
use crate::user::sessions::Limits as SignIn;
use crate::words::Words;
use engine::assess::DustSpell;
use gateway::hj212;
use jiff::tz::TimeZone;
use keys::Key;
use setting::Given;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// Everything that can be set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// Whose air and water.
    pub district: District,
    /// Where readings are kept, and when they settle.
    pub store: Store,
    /// Devices that speak HJ 212.
    pub hj212: Hj212,
    /// Page and API.
    pub http: Http,
    /// Who signs in, and for how long.
    pub sign_in: SignIn,
    /// Reports that are made by themselves, and how they are set.
    pub reports: Reports,
    /// The ways by which people and programs are told.
    pub notify: Notify,
    /// Log lines.
    pub log: Log,
    /// Days of dust weather, as they were approved.
    pub dust: Vec<DustSpell>,
}

/// Whose air and water.
#[derive(Clone, Debug, PartialEq)]
pub struct District {
    /// Chinese name.
    pub name_zh: String,
    /// English name, or empty.
    pub name_en: String,
    /// Zone of civil days.
    pub zone: TimeZone,
    /// File with areas, lines, places and devices.
    pub registry: Option<PathBuf>,
    /// Extent of the map; `None`: around what is registered.
    pub bbox: Option<Bbox>,
}

/// Where readings are kept, and when they settle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// Data directory.
    pub dir: PathBuf,
    /// Hours after the end of a day until it is sealed.
    pub seal_after_h: u64,
    /// Days that raw frames are kept after their arrival; 0: for ever. Readings are always kept.
    pub keep_frames_days: u64,
}

/// Devices that speak HJ 212.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hj212 {
    /// Where devices connect.
    pub listen: SocketAddr,
    /// What is done about clocks that are off.
    pub clock: Clock,
    /// Bounds.
    pub limits: Hj212Limits,
}

/// What is done about clocks that are off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Whether a device is told the time.
    pub calibrate: bool,
}

/// Bounds of the HJ 212 side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hj212Limits {
    /// Connections at the same time.
    pub connections_max: u64,
    /// Bytes of a frame.
    pub frame_bytes_max: u64,
    /// Readings in a frame.
    pub frame_readings_max: u64,
    /// Seconds that a silent connection is kept.
    pub idle_s_max: u64,
    /// Seconds that the time of a reading may lie ahead of ours.
    pub future_s_max: u64,
}

/// Page and API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    /// Where they are served.
    pub listen: SocketAddr,
    /// Whether those who are not signed in may look.
    pub public: bool,
    /// The proxy in front, whose word on where a request came from is believed.
    pub proxy: Option<IpAddr>,
    /// File with the certificate and those above it, PEM; with it, TLS is spoken.
    pub tls_cert: Option<PathBuf>,
    /// File with the certificate's key, PEM.
    pub tls_key: Option<PathBuf>,
    /// Bounds.
    pub limits: HttpLimits,
}

/// Log lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// Which are written.
    pub level: LogLevel,
    /// Their form.
    pub format: LogFormat,
}

/// A configuration and where each of its settings came from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    origins: BTreeMap<&'static str, Origin>,
    /// Where the entries of dust weather stand, in their order.
    dust_origins: Vec<Origin>,
}

/// What a configuration is read from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sources<'a> {
    /// Name and text of the file.
    pub file: Option<(&'a Path, &'a str)>,
    /// Environment variables; those that do not begin with `SKYRIVER_` are passed over.
    pub environment: &'a [(String, String)],
    /// Flags that were given: key, flag as typed, value.
    pub flags: &'a [(&'a str, &'a str, String)],
}

/// Environment variables that begin with `SKYRIVER_` and set no key.
const OTHER_VARIABLES: [&str; 2] = ["SKYRIVER_CONFIG", "SKYRIVER_REAL_DATA"];

/// Reads the file when there is one, and everything else over it.
///
/// # Errors
/// When the file cannot be read or anything in the sources is wrong: all of it.
pub fn load(
    path: Option<&Path>,
    environment: &[(String, String)],
    flags: &[(&str, &str, String)],
) -> Result<Loaded, Problems> {
    let text = path.map(read_text).transpose()?;
    let file = path.zip(text.as_deref());
    read(Sources { file, environment, flags })
}

/// Reads a configuration from its sources: defaults < file < environment < flags.
///
/// # Errors
/// When anything in the sources is wrong: all of it.
pub fn read(sources: Sources) -> Result<Loaded, Problems> {
    let mut reading =
        Reading { keys: keys::all(), loaded: Loaded::default(), problems: Problems::default() };
    if let Some((path, text)) = sources.file {
        reading.file(path, text);
    }
    reading.environment(sources.environment);
    for (name, flag, value) in sources.flags {
        reading.set(name, Given::Text(value), Origin::Flag((*flag).to_owned()));
    }
    reading.check_listeners();
    reading.problems.or(reading.loaded)
}

/// `config check`: reads everything, the registry too, and says what it found. Whether it was sound.
///
/// # Errors
/// When `out` cannot be written.
pub fn check(
    path: Option<&Path>,
    environment: &[(String, String)],
    flags: &[(&str, &str, String)],
    out: &mut impl Write,
) -> io::Result<bool> {
    let loaded = match load(path, environment, flags) {
        Ok(loaded) => loaded,
        Err(problems) => return write!(out, "{problems}").map(|()| false),
    };
    writeln!(out, "configuration is sound · 配置无误")?;
    let http = &loaded.config.http;
    let files = Files::of(http.tls_cert.as_deref(), http.tls_key.as_deref());
    let tls = files.and_then(|files| files.map_or(Ok(false), |files| files.load().map(|_| true)));
    match tls {
        Ok(true) => writeln!(out, "certificate and key are sound · 证书与私钥无误")?,
        Ok(false) => (),
        Err(error) => return writeln!(out, "{}", crate::shell::chain(&error)).map(|()| false),
    }
    match loaded.config.reports.check() {
        Ok(Some(count)) => writeln!(out, "templates are sound: {count} · 模板无误：{count} 个")?,
        Ok(None) => (),
        Err(error) => return writeln!(out, "{}", crate::shell::chain(&error)).map(|()| false),
    }
    let Some(registry) = &loaded.config.district.registry else {
        return writeln!(out, "no registry named · 未指定登记文件").map(|()| true);
    };
    let file = load_registry(registry).and_then(|file| dust::check_areas(&loaded, &file).or(file));
    match file {
        Ok(file) => {
            let counts =
                (file.areas.len(), file.lines.len(), file.places.len(), file.devices.len());
            let (areas, lines, places, devices) = counts;
            writeln!(
                out,
                "registry is sound: {areas} areas, {lines} lines, {places} places, {devices} devices · \
                 登记文件无误：{areas} 个区域，{lines} 条线路，{places} 个点位，{devices} 台设备"
            )?;
            Ok(true)
        }
        Err(problems) => write!(out, "{problems}").map(|()| false),
    }
}

/// `config print`: every key with its value, what it is for and where the value came from, as a TOML
/// file that gives the same configuration.
///
/// # Errors
/// When `out` cannot be written.
pub fn print(loaded: &Loaded, out: &mut impl Write) -> io::Result<()> {
    let mut section = "";
    for key in keys::all() {
        let (of, name) = key.split();
        if of != section {
            let gap = if section.is_empty() { "" } else { "\n" };
            writeln!(out, "{gap}[{of}]")?;
            section = of;
        }
        let origin = match loaded.origin(key.name) {
            Origin::Default => "default".to_owned(),
            Origin::File(spot) => format!("{}:{}", spot.file, spot.line),
            Origin::Environment(name) | Origin::Flag(name) => name.clone(),
        };
        writeln!(out, "# {} · {} ({origin})", key.about.zh, key.about.en)?;
        writeln!(out, "{name} = {}", (key.write)(&loaded.config))?;
    }
    dust::print(loaded, out)
}

impl Loaded {
    /// Where a setting came from.
    pub fn origin(&self, key: &str) -> &Origin {
        self.origins.get(key).unwrap_or(&Origin::Default)
    }
}

/// A configuration while it is being read.
struct Reading {
    keys: Vec<Key>,
    loaded: Loaded,
    problems: Problems,
}

/// A file and the folder it lies in.
#[derive(Clone, Copy)]
struct File<'a> {
    name: &'a str,
    text: &'a str,
    base: &'a Path,
}

impl Reading {
    fn file(&mut self, path: &Path, text: &str) {
        let name = path.display().to_string();
        let base = path.parent().unwrap_or(Path::new(""));
        let file = File { name: &name, text, base };
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            self.problems.0.push(problem::of_syntax(file.name, text, error));
        }
        if errors.is_empty() {
            self.table(file, "", table.get_ref());
        }
    }

    /// A table whose keys begin with `prefix`.
    fn table(&mut self, file: File, prefix: &str, table: &DeTable) {
        for (key, value) in table {
            let name = format!("{prefix}{}", key.get_ref());
            let at = |range| Origin::File(Spot::new(file.name, file.text, &range));
            let section = format!("{name}.");
            let is_section = self.keys.iter().any(|key| key.name.starts_with(&section));
            match value.get_ref() {
                _ if name == "dust" => self.dust(file, value),
                DeValue::Table(inner) if is_section => self.table(file, &section, inner),
                _ if is_section => self.refuse(
                    at(value.span()),
                    &name,
                    Words::new("这是一节，不是一个值", "this is a section, not a value"),
                    Words::new(
                        format!("请写成 [{name}]，其下逐行填写"),
                        format!("write [{name}] and its keys below"),
                    ),
                ),
                given if self.knows(&name) => {
                    self.set(
                        &name,
                        Given::Toml { value: given, base: file.base },
                        at(value.span()),
                    );
                }
                _ => self.unknown(&name, at(key.span())),
            }
        }
    }

    fn environment(&mut self, variables: &[(String, String)]) {
        for (variable, value) in variables {
            if !variable.starts_with("SKYRIVER_") || OTHER_VARIABLES.contains(&variable.as_str()) {
                continue;
            }
            let key = self.keys.iter().find(|key| key.environment() == *variable);
            if let Some(name) = key.map(|key| key.name) {
                self.set(name, Given::Text(value), Origin::Environment(variable.clone()));
            } else {
                let names: Vec<String> = self.keys.iter().map(Key::environment).collect();
                let nearest = problem::nearest(variable, names.iter().map(String::as_str));
                self.problems.0.push(Problem {
                    origin: Origin::Environment(variable.clone()),
                    subject: variable.clone(),
                    what: Words::new("没有对应的配置项", "sets no key"),
                    hint: Some(problem::did_you_mean(nearest)),
                });
            }
        }
    }

    fn knows(&self, name: &str) -> bool {
        self.keys.iter().any(|key| key.name == name)
    }

    fn set(&mut self, name: &str, given: Given, origin: Origin) {
        let Some(key) = self.keys.iter().find(|key| key.name == name) else {
            return self.unknown(name, origin);
        };
        if (key.set)(&mut self.loaded.config, given) {
            self.loaded.origins.insert(key.name, origin);
            return;
        }
        let shown = given.shown();
        let hint = key.accepted.clone();
        let what = Words::new(format!("不接受 {shown}"), format!("{shown} is not accepted"));
        self.refuse(origin, name, what, hint);
    }

    fn unknown(&mut self, name: &str, origin: Origin) {
        const OF_THE_REGISTRY: [&str; 4] = ["area", "line", "place", "device"];
        let hint = if OF_THE_REGISTRY.contains(&name) {
            Words::new(
                "请写入登记文件，并由 district.registry 指定该文件",
                "write it into the registry file that district.registry names",
            )
        } else {
            let section = name.rsplit_once('.').map_or("", |(section, _)| section);
            let siblings = self.keys.iter().map(Key::split);
            let siblings = siblings.filter(|(of, _)| *of == section);
            let names: Vec<String> = if siblings.clone().next().is_some() {
                siblings.map(|(of, name)| format!("{of}.{name}")).collect()
            } else {
                self.keys.iter().map(|key| key.split().0.to_owned()).collect()
            };
            problem::did_you_mean(problem::nearest(name, names.iter().map(String::as_str)))
        };
        self.refuse(origin, name, Words::new("没有这个配置项", "there is no such key"), hint);
    }

    /// Two listeners on one port would leave the second without it.
    fn check_listeners(&mut self) {
        let (http, hj212) = (self.loaded.config.http.listen, self.loaded.config.hj212.listen);
        if http.port() == 0 || http.port() != hj212.port() {
            return;
        }
        let overlap =
            http.ip() == hj212.ip() || http.ip().is_unspecified() || hj212.ip().is_unspecified();
        if overlap {
            let origin = self.loaded.origin("hj212.listen").clone();
            let port = http.port();
            self.refuse(
                origin,
                "hj212.listen",
                Words::new(
                    format!("端口 {port} 已由 http.listen 使用"),
                    format!("port {port} is already that of http.listen"),
                ),
                Words::new("请为两者设置不同的端口", "give each of them its own port"),
            );
        }
    }

    fn refuse(&mut self, origin: Origin, subject: &str, what: Words, hint: Words) {
        self.problems.0.push(Problem {
            origin,
            subject: subject.to_owned(),
            what,
            hint: Some(hint),
        });
    }
}

/// The text of a file.
fn read_text(path: &Path) -> Result<String, Problems> {
    std::fs::read_to_string(path).map_err(|error| {
        Problems(vec![Problem {
            origin: Origin::Default,
            subject: path.display().to_string(),
            what: Words::new(
                format!("文件无法读取（{error}）"),
                format!("the file cannot be read ({error})"),
            ),
            hint: Some(Words::new(
                "请检查路径和读取权限",
                "check the path and whether this user may read it",
            )),
        }])
    })
}

impl Default for District {
    fn default() -> Self {
        Self {
            name_zh: "未命名区".to_owned(),
            name_en: "Unnamed district".to_owned(),
            zone: TimeZone::get("Asia/Shanghai").unwrap_or(TimeZone::UTC),
            registry: None,
            bbox: None,
        }
    }
}

impl Default for Store {
    fn default() -> Self {
        Self { dir: PathBuf::from("data"), seal_after_h: 48, keep_frames_days: 0 }
    }
}

impl Default for Hj212 {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 9212)),
            clock: Clock { calibrate: true },
            limits: Hj212Limits::default(),
        }
    }
}

/// The gateway's own limits, in the units that people write.
impl Default for Hj212Limits {
    fn default() -> Self {
        let gateway = hj212::Config::default();
        let limits = gateway.limits;
        Self {
            connections_max: limits.connections_max as u64,
            frame_bytes_max: limits.frame_bytes_max as u64,
            frame_readings_max: limits.frame_readings_max as u64,
            idle_s_max: limits.idle_ms / 1_000,
            future_s_max: u64::try_from(gateway.future_tolerance_ms / 1_000).unwrap_or(0),
        }
    }
}

impl Default for Http {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            public: true,
            proxy: None,
            tls_cert: None,
            tls_key: None,
            limits: HttpLimits::default(),
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { level: LogLevel("info".to_owned()), format: LogFormat::Text }
    }
}
