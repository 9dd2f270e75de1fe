//! The base map: one file in the data directory, `PMTiles` (version 3) or `GeoJSON`, drawn under everything else.
//!
//! It is checked when it is brought in, and its head again whenever it is asked for: a file that was cut or
//! damaged since then is named, and the page draws without it.

use super::Fault;
use crate::words::Words;
use flate2::read::GzDecoder;
use serde_json::Value;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Bytes of a base map.
pub const BYTES_MAX: u64 = 20 << 30;
/// Bytes of a `GeoJSON` base map: a browser takes it in one piece.
const GEOJSON_BYTES_MAX: u64 = 50 << 20;
/// Bytes of the directory and of the metadata, packed and unpacked.
const PART_BYTES_MAX: u64 = 16 << 20;
const HEADER_BYTES: usize = 127;

/// The form of a base map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Tiles in one file.
    PmTiles,
    /// Shapes.
    GeoJson,
}

impl Kind {
    /// Its name in the data directory.
    fn file_name(self) -> &'static str {
        match self {
            Self::PmTiles => "basemap.pmtiles",
            Self::GeoJson => "basemap.geojson",
        }
    }
}

/// What a base map says of itself.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    /// Its form.
    pub kind: Kind,
    /// Bytes.
    pub bytes: u64,
    /// Whom to name on the map.
    pub attribution: String,
    /// West, south, east, north, degrees.
    pub bbox: Option<[f64; 4]>,
    /// Smallest zoom.
    pub minzoom: Option<u8>,
    /// Largest zoom.
    pub maxzoom: Option<u8>,
    /// Names of its vector layers.
    pub layers: Vec<String>,
}

/// The base map of a data directory, by where it lies; `None` when there is none.
pub fn find(dir: &Path) -> Option<(Kind, PathBuf)> {
    let kinds = [Kind::PmTiles, Kind::GeoJson];
    kinds.map(|kind| (kind, dir.join(kind.file_name()))).into_iter().find(|(_, path)| path.exists())
}

/// Looks at a base map: what it says of itself, when it is whole.
///
/// # Errors
/// When it cannot be read, is cut, or is no base map.
pub fn look(kind: Kind, path: &Path) -> Result<About, Fault> {
    let mut file = File::open(path).map_err(|error| Fault::unreadable(path, &error))?;
    let bytes = file.metadata().map_err(|error| Fault::unreadable(path, &error))?.len();
    match kind {
        Kind::PmTiles => look_at_tiles(&mut file, bytes, path),
        Kind::GeoJson => look_at_shapes(&mut file, bytes, path),
    }
}

/// Brings a file into a data directory, in place of the one that is there.
///
/// # Errors
/// When it is no sound base map, or cannot be copied; the one that is there stays then.
pub fn put(dir: &Path, from: &Path) -> Result<About, Fault> {
    let failed = |error: io::Error| Fault::unreadable(from, &error);
    let mut start = [0; 7];
    let count = File::open(from).and_then(|mut file| file.read(&mut start)).map_err(failed)?;
    let kind = if start[..count] == *b"PMTiles" { Kind::PmTiles } else { Kind::GeoJson };
    let about = look(kind, from)?;
    std::fs::create_dir_all(dir).map_err(failed)?;
    let beside = dir.join("basemap.tmp");
    std::fs::copy(from, &beside).map_err(failed)?;
    // Looked at again: what counts is what arrived.
    if let Err(fault) = look(kind, &beside) {
        let _ = std::fs::remove_file(&beside);
        return Err(fault);
    }
    File::open(&beside).and_then(|file| file.sync_all()).map_err(failed)?;
    std::fs::rename(&beside, dir.join(kind.file_name())).map_err(failed)?;
    let other = if kind == Kind::PmTiles { Kind::GeoJson } else { Kind::PmTiles };
    let _ = std::fs::remove_file(dir.join(other.file_name()));
    Ok(about)
}

/// The fixed part at the start of a `PMTiles` file; all numbers little-endian.
struct Header([u8; HEADER_BYTES]);

impl Header {
    fn long(&self, at: usize) -> u64 {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&self.0[at..at + 8]);
        u64::from_le_bytes(bytes)
    }

    /// Degrees, kept as ten-millionths.
    fn degrees(&self, at: usize) -> f64 {
        let mut bytes = [0; 4];
        bytes.copy_from_slice(&self.0[at..at + 4]);
        f64::from(i32::from_le_bytes(bytes)) / 1e7
    }

    /// Where a section begins and how long it is.
    fn section(&self, at: usize) -> (u64, u64) {
        (self.long(at), self.long(at + 8))
    }
}

fn look_at_tiles(file: &mut File, bytes: u64, path: &Path) -> Result<About, Fault> {
    let mut header = Header([0; HEADER_BYTES]);
    file.read_exact(&mut header.0).map_err(|_| cut(path, bytes, HEADER_BYTES as u64))?;
    if &header.0[..7] != b"PMTiles" || header.0[7] != 3 {
        let name = path.display();
        return Err(Fault::new(
            (format!("{name} 不是 PMTiles 第 3 版"), format!("{name} is no PMTiles of version 3")),
            ("请用 pmtiles convert 转换", "convert it with pmtiles convert"),
        ));
    }
    if bytes > BYTES_MAX {
        return Err(super::plan::too_large(bytes));
    }
    // Root directory, metadata, leaf directories, tiles: each has to end within the file.
    let sections = [8, 24, 40, 56].map(|at| header.section(at));
    let end = sections.iter().map(|(start, length)| start.saturating_add(*length)).max();
    let end = end.unwrap_or(u64::MAX);
    if end > bytes {
        return Err(cut(path, bytes, end));
    }
    let compression = header.0[97];
    let root = part(file, sections[0], compression).map_err(|error| damaged(path, &error))?;
    if !is_directory(&root) {
        return Err(damaged(path, &io::Error::other("its directory cannot be read")));
    }
    let metadata = part(file, sections[1], compression).map_err(|error| damaged(path, &error))?;
    let metadata: Value = if metadata.is_empty() {
        Value::Null
    } else {
        serde_json::from_slice(&metadata).map_err(|error| damaged(path, &error.into()))?
    };
    let layers = metadata["vector_layers"].as_array().into_iter().flatten();
    Ok(About {
        kind: Kind::PmTiles,
        bytes,
        attribution: plain_text(metadata["attribution"].as_str().unwrap_or_default()),
        bbox: Some([102, 106, 110, 114].map(|at| header.degrees(at))),
        minzoom: Some(header.0[100]),
        maxzoom: Some(header.0[101]),
        layers: layers.filter_map(|layer| layer["id"].as_str()).map(str::to_owned).collect(),
    })
}

/// A section of the file, unpacked. 1 is plain, 2 gzip; the two others are not used by any writer we met.
fn part(file: &mut File, (start, length): (u64, u64), compression: u8) -> io::Result<Vec<u8>> {
    if length > PART_BYTES_MAX {
        return Err(io::Error::other("a section is larger than may be"));
    }
    file.seek(SeekFrom::Start(start))?;
    let mut packed = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    file.read_exact(&mut packed)?;
    match compression {
        _ if packed.is_empty() => Ok(packed),
        0 | 1 => Ok(packed),
        2 => {
            let mut bytes = Vec::new();
            GzDecoder::new(&packed[..]).take(PART_BYTES_MAX).read_to_end(&mut bytes)?;
            Ok(bytes)
        }
        other => Err(io::Error::other(format!("its compression {other} is not known"))),
    }
}

/// Whether bytes are a directory: a count, then four columns of that many numbers, and nothing after them.
fn is_directory(mut bytes: &[u8]) -> bool {
    let Some(count) = varint(&mut bytes) else { return false };
    (0..count.saturating_mul(4)).all(|_| varint(&mut bytes).is_some()) && bytes.is_empty()
}

/// Takes a number of seven bits a byte off the front.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(first & 0x7F) << shift;
        if first & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn look_at_shapes(file: &mut File, bytes: u64, path: &Path) -> Result<About, Fault> {
    if bytes > GEOJSON_BYTES_MAX {
        return Err(super::plan::too_large(bytes));
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(|error| Fault::unreadable(path, &error))?;
    super::geojson::check_shapes(&text)?;
    Ok(About {
        kind: Kind::GeoJson,
        bytes,
        attribution: String::new(),
        bbox: None,
        minzoom: None,
        maxzoom: None,
        layers: vec![],
    })
}

/// An attribution is often a link; the page shows text only.
fn plain_text(html: &str) -> String {
    let mut text = String::new();
    let mut is_tag = false;
    for letter in html.chars().take(1_000) {
        match letter {
            '<' => is_tag = true,
            '>' if is_tag => is_tag = false,
            _ if is_tag || letter.is_control() => (),
            letter => text.push(letter),
        }
    }
    text.replace("&copy;", "©").replace("&amp;", "&").trim().to_owned()
}

fn cut(path: &Path, bytes: u64, expected: u64) -> Fault {
    let name = path.display();
    Fault::new(
        (
            format!("{name} 不完整：有 {bytes} 字节，应有 {expected} 字节"),
            format!("{name} is cut: it has {bytes} bytes and should have {expected}"),
        ),
        ("请重新下载或复制该文件", "download or copy the file again"),
    )
}

fn damaged(path: &Path, error: &io::Error) -> Fault {
    let name = path.display();
    Fault::new(
        (format!("{name} 已损坏（{error}）"), format!("{name} is damaged ({error})")),
        ("请重新下载或复制该文件", "download or copy the file again"),
    )
}

/// The problem of a base map that is there and cannot be drawn, for the page.
pub fn problem(fault: &Fault) -> Words {
    Words::new(
        format!("{}；{}", fault.message.zh, fault.hint.zh),
        format!("{}; {}", fault.message.en, fault.hint.en),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribution_is_text() {
        let html = "<a href=\"https://example.org\" onclick='x'>&copy; Mappers</a> &amp; others";
        assert_eq!(plain_text(html), "© Mappers & others");
    }

    #[test]
    fn a_directory_is_whole_or_none() {
        assert!(is_directory(&[0]));
        assert!(is_directory(&[1, 0, 1, 0xE8, 0x07, 1]));
        assert!(!is_directory(&[1, 0, 1, 0xE8]));
        assert!(!is_directory(&[1, 0, 1, 5, 1, 9]));
        assert!(!is_directory(&[]));
    }
}
