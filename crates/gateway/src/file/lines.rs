//! The lines of a text that nobody vouches for: unpacked, bounded, in UTF-8.

use super::cells::split;
use super::{Fault, Limits, Origin};
use bytes::Buf;
use flate2::read::MultiGzDecoder;
use std::fs;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom};

/// What a file looks like by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Parquet,
    Frames,
    Text,
}

/// A file before it is read, with what its first bytes say.
pub struct Source {
    reader: Box<dyn ReadSeek>,
    kind: Kind,
    is_gzip: bool,
    name: String,
}

trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

/// First bytes of files that people bring by mistake.
const FOREIGN: [(&[u8], &str); 8] = [
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
    (b"\xD0\xCF\x11\xE0", "an old Excel workbook"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"%PDF", "a PDF document"),
    (b"\x28\xB5\x2F\xFD", "compressed by zstd"),
    (b"BZh", "compressed by bzip2"),
    (b"\xFD7zXZ", "compressed by xz"),
    (b"ARROW1", "an Arrow file"),
];

impl Source {
    /// Opens a file and looks at its first bytes.
    pub fn open(origin: &Origin) -> Result<Self, Fault> {
        let name = origin.name();
        let failed = |error: io::Error| Fault::unreadable(&name, &error);
        let mut reader: Box<dyn ReadSeek> = match origin {
            Origin::Path(path) => {
                // A pipe or a device has no end and cannot be read twice.
                if !fs::metadata(path).map_err(failed)?.is_file() {
                    return Err(Fault::foreign("a folder or a device"));
                }
                Box::new(fs::File::open(path).map_err(failed)?)
            }
            Origin::Bytes(_, bytes) => Box::new(Cursor::new(bytes.clone())),
        };
        let first = first_bytes(&mut reader).map_err(failed)?;
        let is_gzip = first.starts_with(&[0x1F, 0x8B]);
        reader.seek(SeekFrom::Start(0)).map_err(failed)?;
        let inner = if is_gzip {
            first_bytes(&mut MultiGzDecoder::new(&mut reader)).map_err(failed)?
        } else {
            first
        };
        reader.seek(SeekFrom::Start(0)).map_err(failed)?;
        if let Some((_, what)) = FOREIGN.iter().find(|(magic, _)| inner.starts_with(magic)) {
            return Err(Fault::foreign(what));
        }
        if inner.starts_with(&[0x1F, 0x8B]) {
            return Err(Fault::foreign("compressed twice"));
        }
        let kind = match &inner[..] {
            [b'P', b'A', b'R', b'1', ..] if is_gzip => {
                return Err(Fault::foreign("Parquet inside gzip"));
            }
            [b'P', b'A', b'R', b'1', ..] => Kind::Parquet,
            [b'#', b'#', ..] => Kind::Frames,
            _ => Kind::Text,
        };
        Ok(Self { reader, kind, is_gzip, name })
    }

    /// What it looks like.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its bytes, unpacked and bounded.
    pub fn into_reader(self, limits: &Limits) -> Bounded {
        let inner: Box<dyn Read + Send> = if self.is_gzip {
            Box::new(MultiGzDecoder::new(self.reader))
        } else {
            Box::new(self.reader)
        };
        let inner = BufReader::with_capacity(64 << 10, inner);
        Bounded { inner, name: self.name, left: limits.bytes_max, max: limits.bytes_max }
    }
}

fn first_bytes(reader: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut first = vec![];
    reader.take(16).read_to_end(&mut first)?;
    Ok(first)
}

/// The bytes of a file, up to a bound.
pub struct Bounded {
    inner: BufReader<Box<dyn Read + Send>>,
    name: String,
    left: u64,
    max: u64,
}

impl Bounded {
    /// What is there to read without waiting; empty at the end. `line` is told when it fails.
    pub fn fill(&mut self, line: u64) -> Result<&[u8], Fault> {
        if self.left == 0 {
            return Err(Fault::beyond("bytes_max", self.max, line));
        }
        self.inner.fill_buf().map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => Fault::cut_off(line),
            _ => Fault::unreadable(&self.name, &error),
        })
    }

    /// Takes bytes that were looked at.
    pub fn consume(&mut self, count: usize) {
        self.inner.consume(count);
        self.left = self.left.saturating_sub(count as u64);
    }
}

/// The lines of a table, cut into cells.
pub struct Lines {
    reader: Bounded,
    line: u64,
    line_bytes_max: usize,
    columns_max: usize,
    raw: Vec<u8>,
    separator: u8,
    names: Vec<String>,
    cells: Vec<String>,
    is_ended: bool,
}

impl Lines {
    pub fn new(reader: Bounded, limits: &Limits) -> Self {
        Self {
            reader,
            line: 0,
            line_bytes_max: limits.line_bytes_max,
            columns_max: limits.columns_max,
            raw: vec![],
            separator: b',',
            names: vec![],
            cells: vec![],
            is_ended: false,
        }
    }

    /// Reads the line of names; gives it as it stands.
    pub fn head(&mut self) -> Result<String, Fault> {
        if !self.read()? {
            return Err(Fault::empty());
        }
        let head = self.text()?.trim_start_matches('\u{feff}').to_owned();
        let count = |separator: char| head.matches(separator).count();
        // The one that stands most often; a comma when none stands.
        self.separator = [',', ';', '\t', '|']
            .into_iter()
            .rev()
            .max_by_key(|separator| count(*separator))
            .map_or(b',', |separator| separator as u8);
        let mut names = vec![];
        split(&head, self.separator, &mut names);
        if names.len() > self.columns_max {
            return Err(Fault::beyond("columns_max", self.columns_max as u64, 1));
        }
        self.names = names.iter().map(|name| name.trim().to_owned()).collect();
        Ok(head)
    }

    /// The names of the columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Reads the next line that is not blank; its number.
    pub fn next_line(&mut self) -> Result<Option<u64>, Fault> {
        while self.read()? {
            let (separator, mut cells) = (self.separator, std::mem::take(&mut self.cells));
            let text = self.text()?;
            if !text.trim().is_empty() {
                split(text, separator, &mut cells);
                self.cells = cells;
                return Ok(Some(self.line));
            }
            self.cells = cells;
        }
        Ok(None)
    }

    /// The bytes of the line, without its end.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// Its cells.
    pub fn cells(&self) -> &[String] {
        &self.cells
    }

    fn text(&self) -> Result<&str, Fault> {
        if self.raw.contains(&0) {
            return Err(Fault::encoding(self.line, "binary"));
        }
        // What is neither ASCII nor UTF-8 is, of a Chinese table, almost always this.
        std::str::from_utf8(&self.raw)
            .map_err(|_| Fault::encoding(self.line, "GBK (GB18030) or another old encoding"))
    }

    fn read(&mut self) -> Result<bool, Fault> {
        self.raw.clear();
        if self.is_ended {
            return Ok(false);
        }
        self.line += 1;
        loop {
            let found = self.reader.fill(self.line)?;
            if self.line == 1 && (found.starts_with(b"\xFF\xFE") || found.starts_with(b"\xFE\xFF"))
            {
                return Err(Fault::encoding(1, "UTF-16"));
            }
            if found.is_empty() {
                self.is_ended = true;
                return Ok(!self.raw.is_empty());
            }
            let end = found.iter().position(|byte| *byte == b'\n');
            let count = end.unwrap_or(found.remaining());
            if self.raw.len() + count > self.line_bytes_max {
                return Err(Fault::long_line(self.line, self.line_bytes_max));
            }
            self.raw.extend_from_slice(&found[..count]);
            self.reader.consume(count + usize::from(end.is_some()));
            if end.is_some() {
                if self.raw.last() == Some(&b'\r') {
                    self.raw.pop();
                }
                return Ok(true);
            }
        }
    }
}
