//! A table that somebody sends: CSV (UTF-8 or GB 18030) or the first sheet of an Excel workbook, as rows of text.
//!
//! Of a formula the value is taken that the workbook keeps, and it is said. A merged cell gives its value to its first
//! cell only, and it is said: what it means for the others is for people to write. The archive within a workbook is
//! measured before it is read.

use crate::words::Words;
use calamine::{DataRef, Reader, Xlsx};
use encoding_rs::{Encoding, GB18030, UTF_8};
use std::io::{Cursor, Read};

/// Rows and columns of a table.
const ROWS_MAX: usize = 20_000;
const COLUMNS_MAX: usize = 200;
/// Bytes that a workbook may unpack to.
const UNPACKED_BYTES_MAX: u64 = 64 << 20;
/// Cells that one note names.
const NAMED_MAX: usize = 5;

/// Rows of text, the first of them at line 1, and what is to be known about the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Its rows.
    pub rows: Vec<Vec<String>>,
    /// What somebody should know.
    pub notes: Vec<Words>,
}

/// Reads a table; a workbook is told by how it begins.
///
/// # Errors
/// What is wrong with the file, and what to do.
pub fn read(bytes: &[u8]) -> Result<Sheet, Words> {
    if bytes.starts_with(b"PK\x03\x04") {
        return workbook(bytes);
    }
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(Words::new(
            "这是旧版 .xls，请另存为 .xlsx 或 CSV",
            "this is an old .xls; save it as .xlsx or CSV",
        ));
    }
    text(bytes)
}

/// Text in UTF-8, in GB 18030, or in what a mark of byte order says, without that mark; none when it is neither.
pub fn decoded(bytes: &[u8]) -> Option<(String, &'static Encoding)> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some((text.trim_start_matches('\u{feff}').to_owned(), UTF_8));
    }
    let (text, encoding, is_broken) = GB18030.decode(bytes);
    (!is_broken).then(|| (text.into_owned(), encoding))
}

fn text(bytes: &[u8]) -> Result<Sheet, Words> {
    let mut notes = vec![];
    let (text, encoding) = decoded(bytes).ok_or_else(|| {
        Words::new(
            "既不是 UTF-8 也不是 GB 18030 文本，也不是 .xlsx",
            "this is neither text in UTF-8 or GB 18030 nor an .xlsx",
        )
    })?;
    if encoding != UTF_8 {
        let name = if encoding == GB18030 { "GB 18030" } else { encoding.name() };
        notes.push(Words::new(format!("按 {name} 读取"), format!("read as {name}")));
    }
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let (mut rows, mut counted, mut lines) = (vec![], 0, 0);
    for record in reader.records() {
        let record = record.map_err(|error| {
            Words::new(format!("CSV 无法读取：{error}"), format!("the CSV cannot be read: {error}"))
        })?;
        // Lines are named as an editor counts them, blank ones too, which the reader passes over.
        let begin = record.position().map_or(0, |at| at.byte() as usize);
        let blank = text[begin..].len() - text[begin..].trim_start_matches(['\r', '\n']).len();
        lines += text[counted..begin + blank].matches('\n').count();
        counted = begin + blank;
        let line = lines + 1;
        if line > ROWS_MAX || record.len() > COLUMNS_MAX {
            return Err(too_large());
        }
        rows.resize(line.saturating_sub(1).max(rows.len()), vec![]);
        rows.push(record.iter().map(str::to_owned).collect());
    }
    Ok(Sheet { rows, notes })
}

fn workbook(bytes: &[u8]) -> Result<Sheet, Words> {
    measure(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    let sheets = book.sheet_names();
    let Some(name) = sheets.first().cloned() else {
        return Err(Words::new("工作簿没有工作表", "the workbook has no sheet"));
    };
    let mut notes = vec![];
    if sheets.len() > 1 {
        notes.push(Words::new(
            format!("只读取第一张工作表 {name}；另有 {} 张未读", sheets.len() - 1),
            format!("only the first sheet, {name}, is read; {} others are not", sheets.len() - 1),
        ));
    }
    let (mut rows, mut formulas, mut wrong): (Vec<Vec<String>>, _, _) = (vec![], vec![], vec![]);
    let mut cells = book.worksheet_cells_reader(&name).map_err(|error| broken(&error))?;
    while let Some(cell) = cells.next_cell_with_formula().map_err(|error| broken(&error))? {
        let (row, column) = (cell.pos.0 as usize, cell.pos.1 as usize);
        let Some(text) = written(&cell.value) else {
            if let DataRef::Error(error) = &cell.value {
                wrong.push(format!("{} {error}", place(row, column)));
            }
            continue;
        };
        if row >= ROWS_MAX || column >= COLUMNS_MAX {
            return Err(too_large());
        }
        if cell.formula.is_some() {
            formulas.push(place(row, column));
        }
        rows.resize(rows.len().max(row + 1), vec![]);
        let own = &mut rows[row];
        own.resize(own.len().max(column + 1), String::new());
        own[column] = text;
    }
    drop(cells);
    if !wrong.is_empty() {
        let cells = some(&wrong);
        return Err(Words::new(
            format!("单元格有错误值：{cells}"),
            format!("cells hold errors: {cells}"),
        ));
    }
    if !formulas.is_empty() {
        let cells = some(&formulas);
        notes.push(Words::new(
            format!("公式取工作簿中保存的值：{cells}"),
            format!("of formulas the value is taken that the workbook keeps: {cells}"),
        ));
    }
    let merged = book.merge_cells_by_sheet_name(&name).unwrap_or_default();
    let merged: Vec<String> =
        merged.iter().map(|own| place(own.start.0 as usize, own.start.1 as usize)).collect();
    if !merged.is_empty() {
        let cells = some(&merged);
        notes.push(Words::new(
            format!("合并单元格的值只归其左上角：{cells}"),
            format!("a merged cell gives its value to its first cell only: {cells}"),
        ));
    }
    Ok(Sheet { rows, notes })
}

/// Unpacks everything once into nothing, to know how large it becomes.
fn measure(bytes: &[u8]) -> Result<(), Words> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    let mut left = UNPACKED_BYTES_MAX;
    for at in 0..archive.len() {
        let file = archive.by_index(at).map_err(|error| broken(&error))?;
        let found = std::io::copy(&mut file.take(left + 1), &mut std::io::sink());
        let found = found.map_err(|error| broken(&error))?;
        left = left.checked_sub(found).ok_or_else(too_large)?;
    }
    Ok(())
}

/// A cell as text; none when it is empty or an error. A day is written as a day.
fn written(value: &DataRef) -> Option<String> {
    match value {
        DataRef::Int(number) => Some(number.to_string()),
        DataRef::Float(number) => Some(number.to_string()),
        DataRef::String(text) => Some(text.clone()),
        DataRef::SharedString(text) => Some((*text).to_owned()),
        DataRef::Bool(is) => Some(is.to_string()),
        DataRef::DateTime(at) => {
            let (year, month, day, ..) = at.to_ymd_hms_milli();
            Some(format!("{year:04}-{month:02}-{day:02}"))
        }
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            Some(text.split('T').next().unwrap_or_default().to_owned())
        }
        DataRef::Error(_) | DataRef::Empty => None,
    }
}

/// `B12`.
fn place(row: usize, column: usize) -> String {
    let (mut letters, mut rest) = (vec![], column + 1);
    while rest > 0 {
        letters.insert(0, (b'A' + ((rest - 1) % 26) as u8) as char);
        rest = (rest - 1) / 26;
    }
    format!("{}{}", letters.into_iter().collect::<String>(), row + 1)
}

fn some(cells: &[String]) -> String {
    let more = if cells.len() > NAMED_MAX { ", …" } else { "" };
    format!("{}{more}", cells[..cells.len().min(NAMED_MAX)].join(", "))
}

fn broken(error: &dyn std::error::Error) -> Words {
    Words::new(format!("工作簿无法读取：{error}"), format!("the workbook cannot be read: {error}"))
}

fn too_large() -> Words {
    Words::new(
        format!(
            "表格过大：最多 {ROWS_MAX} 行、{COLUMNS_MAX} 列，解压后 {} MiB",
            UNPACKED_BYTES_MAX >> 20
        ),
        format!(
            "the table is too large: {ROWS_MAX} rows, {COLUMNS_MAX} columns, {} MiB unpacked are the most",
            UNPACKED_BYTES_MAX >> 20
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_may_be_gb_18030_and_lines_keep_their_numbers() {
        let sheet = read("项目,累计\n\na,1\n".as_bytes()).unwrap();
        assert_eq!(sheet.rows[2], ["a", "1"]);
        let (bytes, ..) = encoding_rs::GB18030.encode("项目,累计\n");
        let sheet = read(&bytes).unwrap();
        assert_eq!((sheet.rows[0][0].as_str(), sheet.notes.len()), ("项目", 1));
        assert!(read(&[0xff, 0xff, 0xff]).is_err());
    }

    #[test]
    fn what_only_begins_like_a_workbook_is_refused() {
        assert!(read(b"PK\x03\x04nothing").is_err());
        assert_eq!((place(0, 0), place(11, 27)), ("A1".to_owned(), "AB12".to_owned()));
    }
}
