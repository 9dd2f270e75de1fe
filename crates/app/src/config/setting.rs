//! The types that a setting can have: how each is read from a file or from plain text, and written.

use crate::user::sessions::{FactorFor, RefusedWords};
use crate::words::Words;
use jiff::tz::TimeZone;
use model::Role;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use toml::de::DeValue;

/// A setting as it was given.
#[derive(Clone, Copy, Debug)]
pub enum Given<'a> {
    /// A value of a TOML file that lies in the folder `base`.
    Toml { value: &'a DeValue<'a>, base: &'a Path },
    /// The text of an environment variable or of a flag.
    Text(&'a str),
}

/// A type that a setting can have.
pub trait Setting: Sized {
    /// What is accepted, with an example.
    fn accepted() -> Words;
    /// The value, when it is accepted.
    fn read(given: Given) -> Option<Self>;
    /// As it stands in a TOML file.
    fn write(&self) -> String;
}

/// A rectangle in degrees, WGS 84.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bbox {
    /// Western edge.
    pub west: f64,
    /// Southern edge.
    pub south: f64,
    /// Eastern edge.
    pub east: f64,
    /// Northern edge.
    pub north: f64,
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Which log lines are written: a level, or levels by room (`info,gateway=debug`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLevel(pub String);

impl<'a> Given<'a> {
    /// The text, unless the file gave another type.
    pub fn text(self) -> Option<&'a str> {
        match self {
            Self::Toml { value, .. } => value.as_str(),
            Self::Text(text) => Some(text),
        }
    }

    /// Several texts: a list in a file, separated by commas or spaces elsewhere.
    pub fn texts(self) -> Option<Vec<String>> {
        match self {
            Self::Text(text) => {
                let words = text.split([',', ' ']).filter(|word| !word.is_empty());
                Some(words.map(str::to_owned).collect())
            }
            Self::Toml { value: DeValue::Array(all), .. } => {
                let text =
                    |one: &toml::Spanned<DeValue<'_>>| one.get_ref().as_str().map(str::to_owned);
                all.iter().map(text).collect()
            }
            Self::Toml { .. } => None,
        }
    }

    /// A whole number from 0.
    pub fn number(self) -> Option<u64> {
        match self {
            Self::Toml { value, .. } => {
                let number = value.as_integer()?;
                u64::from_str_radix(number.as_str(), number.radix()).ok()
            }
            Self::Text(text) => text.trim().parse().ok(),
        }
    }

    /// As it was given, for a message.
    pub fn shown(self) -> String {
        match self {
            Self::Text(text) => format!("{text:?}"),
            Self::Toml { value, .. } => match value {
                DeValue::String(text) => format!("{text:?}"),
                DeValue::Integer(number) => number.to_string(),
                DeValue::Float(number) => number.to_string(),
                DeValue::Boolean(truth) => truth.to_string(),
                DeValue::Datetime(time) => time.to_string(),
                DeValue::Array(_) => "[…]".to_owned(),
                DeValue::Table(_) => "{…}".to_owned(),
            },
        }
    }
}

impl Setting for String {
    fn accepted() -> Words {
        Words::new("请填写文字，例如 \"清河区\"", "write a text, for example \"Qinghe District\"")
    }

    fn read(given: Given) -> Option<Self> {
        given.text().filter(|text| text.chars().count() <= 200).map(str::to_owned)
    }

    fn write(&self) -> String {
        toml::Value::from(self.as_str()).to_string()
    }
}

impl Setting for RefusedWords {
    fn accepted() -> Words {
        Words::new(
            "请填写词语，每个 2 至 40 个字符，最多 200 个，例如 [\"清河\", \"qinghe\"]",
            "write words of 2 to 40 characters, 200 at most, for example [\"清河\", \"qinghe\"]",
        )
    }

    fn read(given: Given) -> Option<Self> {
        let words = given.texts()?;
        let is_sound = |word: &String| (2..=40).contains(&word.trim().chars().count());
        (words.len() <= 200 && words.iter().all(is_sound)).then_some(Self(words))
    }

    fn write(&self) -> String {
        format!("{:?}", self.0)
    }
}

impl Setting for FactorFor {
    fn accepted() -> Words {
        let all: Vec<&str> = Role::ALL.into_iter().map(Role::name).collect();
        let all = all.join(", ");
        Words::new(
            format!("请填写角色，例如 [\"system\", \"security\"]；可用 {all}"),
            format!("write roles, for example [\"system\", \"security\"]; there are {all}"),
        )
    }

    fn read(given: Given) -> Option<Self> {
        given.texts()?.iter().map(|name| Role::named(name)).collect::<Option<_>>().map(Self)
    }

    fn write(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(|role| role.name()).collect();
        format!("{names:?}")
    }
}

impl Setting for bool {
    fn accepted() -> Words {
        Words::new("请填写 true 或 false", "write true or false")
    }

    fn read(given: Given) -> Option<Self> {
        match given {
            Given::Toml { value, .. } => value.as_bool(),
            Given::Text(text) => text.trim().parse().ok(),
        }
    }

    fn write(&self) -> String {
        self.to_string()
    }
}

impl Setting for SocketAddr {
    fn accepted() -> Words {
        Words::new(
            "请填写地址和端口，例如 \"127.0.0.1:8080\"；0.0.0.0 表示所有网卡，端口 0 表示任一空闲端口",
            "write an address with a port, for example \"127.0.0.1:8080\"; 0.0.0.0 is every interface, port 0 any free port",
        )
    }

    fn read(given: Given) -> Option<Self> {
        given.text()?.parse().ok()
    }

    fn write(&self) -> String {
        format!("\"{self}\"")
    }
}

impl Setting for PathBuf {
    fn accepted() -> Words {
        Words::new(
            "请填写路径，例如 \"data\"；文件中的相对路径以该文件所在文件夹为准",
            "write a path, for example \"data\"; a relative path in a file starts at that file's folder",
        )
    }

    fn read(given: Given) -> Option<Self> {
        let text = given.text().filter(|text| !text.trim().is_empty())?;
        Some(match given {
            Given::Toml { base, .. } => base.join(text),
            Given::Text(_) => Self::from(text),
        })
    }

    fn write(&self) -> String {
        toml::Value::from(self.display().to_string()).to_string()
    }
}

/// Empty text means: not set.
impl Setting for Option<PathBuf> {
    fn accepted() -> Words {
        PathBuf::accepted()
    }

    fn read(given: Given) -> Option<Self> {
        match given.text()? {
            "" => Some(None),
            _ => PathBuf::read(given).map(Some),
        }
    }

    fn write(&self) -> String {
        self.as_ref().map_or_else(|| "\"\"".to_owned(), Setting::write)
    }
}

impl Setting for Option<IpAddr> {
    fn accepted() -> Words {
        Words::new("请填写 IP 地址，如 127.0.0.1", "write an IP address, for example 127.0.0.1")
    }
    fn read(given: Given) -> Option<Self> {
        match given.text()?.trim() {
            "" => Some(None),
            text => text.parse().ok().map(Some),
        }
    }
    fn write(&self) -> String {
        format!("{:?}", self.map(|address| address.to_string()).unwrap_or_default())
    }
}

impl Setting for TimeZone {
    fn accepted() -> Words {
        Words::new(
            "请填写 IANA 时区名，例如 \"Asia/Shanghai\"",
            "write an IANA time zone, for example \"Asia/Shanghai\"",
        )
    }

    fn read(given: Given) -> Option<Self> {
        Self::get(given.text()?).ok()
    }

    fn write(&self) -> String {
        format!("\"{}\"", self.iana_name().unwrap_or("UTC"))
    }
}

/// Empty means: around everything that is registered.
impl Setting for Option<Bbox> {
    fn accepted() -> Words {
        Words::new(
            "请按 [西, 南, 东, 北] 填写度数，例如 [113.9, 22.4, 114.3, 22.7]",
            "write [west, south, east, north] in degrees, for example [113.9, 22.4, 114.3, 22.7]",
        )
    }

    fn read(given: Given) -> Option<Self> {
        let edges: Vec<f64> = match given {
            Given::Toml { value, .. } => {
                let edges = value.as_array()?.iter();
                edges.map(|edge| degrees(edge.get_ref())).collect::<Option<_>>()?
            }
            Given::Text("") => vec![],
            Given::Text(text) => {
                let edges = text.trim_matches(['[', ']']).split(',');
                edges.map(|edge| edge.trim().parse().ok()).collect::<Option<_>>()?
            }
        };
        let &[west, south, east, north] = edges.as_slice() else {
            return edges.is_empty().then_some(None);
        };
        let is_sound = -180.0 <= west && west < east && east <= 180.0;
        let is_sound = is_sound && -90.0 <= south && south < north && north <= 90.0;
        is_sound.then_some(Some(Bbox { west, south, east, north }))
    }

    fn write(&self) -> String {
        self.map_or_else(
            || "[]".to_owned(),
            |Bbox { west, south, east, north }| {
                format!("[{west:?}, {south:?}, {east:?}, {north:?}]")
            },
        )
    }
}

impl Setting for LogFormat {
    fn accepted() -> Words {
        Words::new("请填写 \"text\" 或 \"json\"", "write \"text\" or \"json\"")
    }

    fn read(given: Given) -> Option<Self> {
        match given.text()? {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    fn write(&self) -> String {
        match self {
            Self::Text => "\"text\"".to_owned(),
            Self::Json => "\"json\"".to_owned(),
        }
    }
}

impl Setting for LogLevel {
    fn accepted() -> Words {
        Words::new(
            "请填写 \"error\"、\"warn\"、\"info\"、\"debug\" 或 \"trace\"，也可按模块，例如 \"info,gateway=debug\"",
            "write \"error\", \"warn\", \"info\", \"debug\" or \"trace\", or levels by room, for example \"info,gateway=debug\"",
        )
    }

    fn read(given: Given) -> Option<Self> {
        const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
        let text = given.text()?;
        let is_sound = text.split(',').all(|directive| {
            let level = directive.rsplit_once('=').map_or(directive, |(_, level)| level);
            LEVELS.contains(&level.trim())
        });
        is_sound.then(|| Self(text.to_owned()))
    }

    fn write(&self) -> String {
        format!("\"{}\"", self.0)
    }
}

/// A number that a file wrote with or without a point.
fn degrees(value: &DeValue) -> Option<f64> {
    match value {
        DeValue::Integer(number) => number.as_str().parse().ok(),
        DeValue::Float(number) => number.as_str().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is accepted as text, and what is written for it; `None`: not accepted.
    fn check<T: Setting>(text: &str, expected: Option<&str>) {
        let read = T::read(Given::Text(text));
        assert_eq!(read.map(|value| value.write()).as_deref(), expected, "{text}");
    }

    #[test]
    fn each_type_reads_what_it_writes_and_refuses_the_rest() {
        check::<bool>("true", Some("true"));
        check::<bool>("yes", None);
        check::<SocketAddr>("[::1]:0", Some("\"[::1]:0\""));
        check::<SocketAddr>("localhost", None);
        check::<TimeZone>("Asia/Shanghai", Some("\"Asia/Shanghai\""));
        check::<TimeZone>("Asia/Nowhere", None);
        check::<Option<Bbox>>("113.9,22.4,114.3,22.7", Some("[113.9, 22.4, 114.3, 22.7]"));
        check::<Option<Bbox>>("114.3,22.4,113.9,22.7", None);
        check::<Option<Bbox>>("", Some("[]"));
        check::<LogLevel>("info,gateway=debug", Some("\"info,gateway=debug\""));
        check::<LogLevel>("loud", None);
        check::<Option<PathBuf>>("", Some("\"\""));
    }
}
