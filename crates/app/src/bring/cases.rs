//! Files of cases of another system: CSV (plain or gzip), read by a mapping of columns, checked as a whole, taken as the moves of
//! any case, with one receipt. A case is known by the system and its number there: the same file again adds nothing, a later one
//! only what is new.

pub mod command;
mod fate;

pub use fate::{Becomes, TakenRow, Told};

use super::receipt::last_of_each;
use super::text::{Refusals, text};
use crate::import::Fault;
use crate::words::Words;
use control::{Calendar, Catalogue, Event, Foreign, Mapping, Mappings, Table};
use engine::desk::{Brought, Fate};
use model::{Act, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use store::Reader;
use utoipa::ToSchema;

/// The kind of the acts that are receipts.
pub const ACT: &str = "import_cases";
/// Bytes of a file, as it is sent and unpacked.
pub const BYTES_MAX: u64 = 64 << 20;
/// Rows, columns, and bytes of a cell.
const ROWS_MAX: usize = 200_000;
const COLUMNS_MAX: usize = 200;
const CELL_MAX: usize = 10_000;
/// Problems and differences that are told one by one.
const TOLD_MAX: usize = 50;
/// Cases of one turn: devices wait for it.
const PER_TURN: usize = 500;

/// A problem of a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BadRow {
    /// Its line, the line of names being 1.
    pub line: u64,
    /// The column; empty: the whole row.
    pub column: String,
    /// What stands there.
    pub found: String,
    /// What is wrong with it.
    pub what: Words,
}

/// What the other system calls on time, beside what our clocks say of the same cases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct OnTime {
    /// Both say the same.
    pub same: u64,
    /// Those of them that are overdue.
    pub overdue: u64,
    /// The file states no target: no clock to compare.
    pub no_target: u64,
    /// The file says neither on time nor overdue.
    pub not_said: u64,
    /// They say different things.
    pub differ: u64,
    /// The numbers there of some of those.
    pub differing: Vec<String>,
}

/// A file that was read to its end.
pub struct Checked {
    /// BLAKE3 of its bytes.
    pub hash: String,
    /// Its bytes.
    pub bytes: u64,
    /// Its rows.
    pub rows: u64,
    /// How many rows have a problem.
    pub bad: u64,
    /// Some of the problems.
    pub told: Vec<BadRow>,
    /// The sound rows.
    pub cases: Vec<Foreign>,
    /// Their lines.
    pub lines: Vec<u64>,
    /// What somebody should know, by how many cases.
    pub notes: BTreeMap<String, u64>,
    /// How its own on-time status compares.
    pub on_time: OnTime,
}

/// What became of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct CasesReceipt {
    /// Its name: 16 hexadecimal digits.
    pub receipt: String,
    /// Whether it was taken to its end; one that was begun and not ended is taken to its end by importing the file again.
    pub is_done: bool,
    /// The file's name.
    pub file: String,
    /// The key of the mapping: which system it came from.
    pub system: String,
    /// BLAKE3 of its bytes, hexadecimal, as `b3sum` prints it.
    pub hash: String,
    /// Its bytes.
    pub bytes: u64,
    /// When it was taken, RFC 3339.
    pub at: String,
    /// Who took it.
    pub who: String,
    /// Its rows.
    pub rows: u64,
    /// Rows that were left out because something is wrong with them.
    pub bad: u64,
    /// New cases.
    pub new: u64,
    /// Known cases of which it says more.
    pub moved: u64,
    /// Known cases of which it says nothing new.
    pub known: u64,
    /// Known cases that somebody here went on with, so that what it says does not fit; nothing was added.
    pub differs: u64,
    /// Acts that were kept.
    pub acts: u64,
    /// The first and the last number of the new cases.
    pub numbers: Option<(String, String)>,
    /// What somebody should know, by how many cases: `closed_before_opened`, `no_position`, `no_target`, `still_open`.
    pub notes: BTreeMap<String, u64>,
    /// How its own on-time status compares with our clocks.
    pub on_time: OnTime,
}

/// What a file is read by.
pub struct By<'a> {
    /// Its columns.
    pub mapping: &'a Mapping,
    /// Our categories.
    pub catalogue: &'a Catalogue,
    /// Our working time.
    pub calendar: &'a Calendar,
    /// Now.
    pub now: Timestamp,
}

/// Reads a file to its end.
///
/// # Errors
/// When it is no such file at all; what is wrong with rows is in the answer.
pub fn check(bytes: &[u8], by: &By) -> Result<Checked, Fault> {
    let text = text(bytes, &Refusals { bytes_max: BYTES_MAX, too_large, unreadable })?;
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).has_headers(true).from_reader(text.as_bytes());
    let head = reader.headers().map_err(|error| unreadable(&error.to_string()))?.clone();
    let head: Vec<&str> = head.iter().collect();
    if head.len() > COLUMNS_MAX {
        return Err(too_large());
    }
    let table = Table::new(by.mapping, &head).map_err(|missing| no_columns(&missing))?;
    for key in by.mapping.categories.values() {
        if by.catalogue.category(key).is_none() {
            return Err(no_category(&by.mapping.key, key));
        }
    }
    let mut found = Checked {
        hash: blake3::hash(bytes).to_hex().to_string(),
        bytes: bytes.len() as u64,
        rows: 0,
        bad: 0,
        told: vec![],
        cases: vec![],
        lines: vec![],
        notes: BTreeMap::new(),
        on_time: OnTime::default(),
    };
    let mut numbers = BTreeSet::new();
    let mut record = csv::StringRecord::new();
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => return Err(unreadable(&error.to_string())),
        }
        found.rows += 1;
        if found.rows > ROWS_MAX as u64 {
            return Err(too_large());
        }
        let line = record.position().map_or(0, csv::Position::line);
        if let Some(at) = record.iter().position(|cell| cell.len() > CELL_MAX) {
            let what = Words::new(
                format!("单元格超过 {CELL_MAX} 字节"),
                format!("a cell has more than {CELL_MAX} bytes"),
            );
            let column = head.get(at).copied().unwrap_or_default();
            found.refuse(line, column, "", what);
            continue;
        }
        let cells: Vec<&str> = record.iter().collect();
        match table.row(&cells) {
            Ok(case) if !numbers.insert(case.number.clone()) => {
                let what = Words::new("编号在文件中重复", "the number stands twice in the file");
                found.refuse(line, &by.mapping.columns.number, &case.number, what);
            }
            Ok(case) => found.take(line, case, by),
            Err(flaws) => {
                found.bad += 1;
                for flaw in flaws {
                    let what = Words::new(flaw.what.zh, flaw.what.en);
                    found.tell(BadRow { line, column: flaw.column, found: flaw.found, what });
                }
            }
        }
    }
    if found.rows == 0 {
        return Err(unreadable("it has no rows"));
    }
    Ok(found)
}

impl Checked {
    fn refuse(&mut self, line: u64, column: &str, found: &str, what: Words) {
        self.bad += 1;
        self.tell(BadRow { line, column: column.to_owned(), found: found.to_owned(), what });
    }

    fn tell(&mut self, row: BadRow) {
        if self.told.len() < TOLD_MAX {
            self.told.push(row);
        }
    }

    fn take(&mut self, line: u64, case: Foreign, by: &By) {
        let mut note = |name: &str, is: bool| {
            if is {
                *self.notes.entry(name.to_owned()).or_default() += 1;
            }
        };
        note("closed_before_opened", case.closed.is_some_and(|closed| closed < case.opened));
        note("no_position", case.collected.spot.is_none());
        note("no_target", case.target.is_none());
        note("still_open", case.closed.is_none());
        self.on_time.add(&case, by);
        self.cases.push(case);
        self.lines.push(line);
    }
}

impl OnTime {
    fn add(&mut self, case: &Foreign, by: &By) {
        let (Some(_), Some(said)) = (case.target, case.is_overdue) else {
            let count =
                if case.target.is_none() { &mut self.no_target } else { &mut self.not_said };
            *count += 1;
            return;
        };
        let seen = by.mapping.seen(by.now);
        let here = case.is_overdue_here(&by.mapping.key, by.catalogue, by.calendar, seen);
        if here == Some(said) {
            self.same += 1;
            self.overdue += u64::from(said);
            return;
        }
        self.differ += 1;
        if self.differing.len() < TOLD_MAX {
            self.differing.push(case.number.clone());
        }
    }
}

impl CasesReceipt {
    /// The receipt of a file of which nothing is taken yet.
    pub fn begin(found: &Checked, system: &str, file: &str, who: &str, now: Timestamp) -> Self {
        let at = now.to_string();
        let name = blake3::hash(format!("{} {system} {at}", found.hash).as_bytes()).to_hex();
        Self {
            receipt: name.chars().take(16).collect(),
            file: file.chars().filter(|c| !c.is_control()).take(200).collect(),
            system: system.to_owned(),
            hash: found.hash.clone(),
            bytes: found.bytes,
            at,
            who: who.to_owned(),
            rows: found.rows,
            bad: found.bad,
            notes: found.notes.clone(),
            on_time: found.on_time.clone(),
            ..Self::default()
        }
    }

    fn add(&mut self, brought: Brought) {
        self.acts += brought.acts as u64;
        for fate in brought.fates {
            match fate {
                Fate::New(number) => {
                    self.new += 1;
                    let (first, last) =
                        self.numbers.take().unwrap_or((number.clone(), number.clone()));
                    self.numbers = Some((first.min(number.clone()), last.max(number)));
                }
                Fate::Moved(..) => self.moved += 1,
                Fate::Known(_) => self.known += 1,
                Fate::Differs(_) => self.differs += 1,
            }
        }
    }

    fn act(&self) -> Result<Act, Fault> {
        let document =
            serde_json::to_string(self).map_err(|error| unreadable(&error.to_string()))?;
        let (kind, key) = (ACT.to_owned(), self.receipt.clone());
        Ok(Act { kind, key, who: self.who.clone(), document })
    }
}

/// The way to the engine.
pub trait Engine {
    /// Takes cases as one turn, or only says what would become of them.
    ///
    /// # Errors
    /// When they cannot be kept; nothing of them was.
    fn cases(&mut self, cases: Vec<Vec<Event>>, is_dry: bool) -> Result<Brought, Fault>;
    /// Keeps an act.
    ///
    /// # Errors
    /// When it cannot be kept.
    fn act(&mut self, act: Act) -> Result<(), Fault>;
}

/// Takes a file that was checked, or only says what would become of it.
///
/// # Errors
/// When the engine cannot write. What was taken by then stays, under a receipt that says it was begun; importing the file again
/// takes the rest.
pub fn take(
    found: &Checked,
    by: &By,
    mut receipt: CasesReceipt,
    is_dry: bool,
    engine: &mut impl Engine,
) -> Result<(CasesReceipt, Told), Fault> {
    if !is_dry {
        engine.act(receipt.act()?)?;
    }
    let moves = |case: &Foreign| case.events(&by.mapping.key, by.catalogue, by.calendar);
    let mut told = Told::default();
    for (cases, lines) in found.cases.chunks(PER_TURN).zip(found.lines.chunks(PER_TURN)) {
        let brought = engine.cases(cases.iter().map(moves).collect(), is_dry)?;
        for ((case, line), fate) in cases.iter().zip(lines).zip(&brought.fates) {
            told.add(*line, case, fate);
        }
        receipt.add(brought);
    }
    if !is_dry {
        receipt.is_done = true;
        engine.act(receipt.act()?)?;
    }
    Ok((receipt, told))
}

/// The receipts of all files, oldest first; of one that was begun and ended, what it ended with.
///
/// # Errors
/// When the database cannot be read.
pub fn receipts(reader: &Reader) -> Result<Vec<CasesReceipt>, store::Error> {
    last_of_each(reader, ACT)
}

/// The receipt under which the same file was taken to its end before.
///
/// # Errors
/// When the database cannot be read.
pub fn taken_before(reader: &Reader, hash: &str) -> Result<Option<CasesReceipt>, store::Error> {
    Ok(receipts(reader)?.into_iter().rfind(|receipt| receipt.hash == hash && receipt.is_done))
}

fn unreadable(what: &str) -> Fault {
    Fault::new(
        (format!("案件文件无法读取：{what}"), format!("the file of cases cannot be read: {what}")),
        (
            "请提供首行为列名的 CSV（UTF-8 或 GB 18030，可用 gzip 压缩）",
            "give a CSV with a line of names on top, in UTF-8 or GB 18030, plain or gzip",
        ),
    )
}

/// The mapping of a file (TOML) that holds one.
///
/// # Errors
/// When it cannot be read, or holds none or several.
pub fn only_mapping(text: &str) -> Result<Mapping, Fault> {
    let hint = (
        "写法见 docs/guides/cases.md",
        "docs/guides/cases.md shows how to write one, for one system",
    );
    let wrong = |zh: String, en: String| {
        Fault::new(
            (format!("映射文件有误：{zh}"), format!("the mapping file is wrong: {en}")),
            hint,
        )
    };
    let mut read =
        Mappings::parse(text).map_err(|error| wrong(error.to_string(), error.to_string()))?;
    match read.all.len() {
        1 => Ok(read.all.remove(0)),
        count => Err(wrong(format!("其中有 {count} 个映射"), format!("it holds {count} mappings"))),
    }
}

/// Rows are bad, and nobody said that the others are to be taken.
pub fn refused(bad: u64) -> Fault {
    Fault::new(
        (
            format!("{bad} 行有误，未导入任何内容"),
            format!("{bad} rows are bad, so nothing was imported"),
        ),
        (
            "请改正后重试；--partial 只导入无误的行",
            "mend them and try again; --partial takes the sound rows",
        ),
    )
}

fn no_columns(missing: &[String]) -> Fault {
    let missing = missing.join(", ");
    Fault::new(
        (format!("文件缺少列：{missing}"), format!("the file has no column {missing}")),
        (
            "请选择与文件相符的映射，或在映射的 [mapping.columns] 中改列名",
            "choose the mapping that fits the file, or name its columns in [mapping.columns]",
        ),
    )
}

fn no_category(mapping: &str, key: &str) -> Fault {
    Fault::new(
        (
            format!("映射 {mapping} 指向不存在的类别 {key}"),
            format!("mapping {mapping} names category {key}, which there is not"),
        ),
        (
            "请在案件设置的 categories 中添加该类别，或修改映射",
            "add it to the categories of the desk, or change the mapping",
        ),
    )
}

fn too_large() -> Fault {
    let mib = BYTES_MAX >> 20;
    Fault::new(
        (
            format!("文件过大：最多 {mib} MiB（解压后）、{ROWS_MAX} 行、{COLUMNS_MAX} 列"),
            format!(
                "the file is too large: {mib} MiB unpacked, {ROWS_MAX} rows, {COLUMNS_MAX} columns are the most"
            ),
        ),
        ("请拆分文件后分别导入", "split it and import its parts"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use standards::Zone;

    const HEAD: &str = "CASE_ENQUIRY_ID,OPEN_DT,TARGET_DT,CLOSED_DT,OnTime_Status,REASON,TYPE,CASE_TITLE,CLOSURE_REASON,Department,Source,LONGITUDE,LATITUDE\n";
    const ROW: &str = "1,01/01/2015 12:25:23 AM,01/16/2015 08:30:00 AM,01/02/2015 04:17:43 PM,ONTIME,Sanitation,Bin,PRINTED,Case Closed,PWDx,Twitter,-71.09,42.34\n";

    fn read(file: &[u8]) -> Result<Checked, Fault> {
        let mappings = Mappings::built_in().unwrap();
        let (catalogue, zone) = (Catalogue::built_in().unwrap(), Zone::shanghai().unwrap());
        let calendar = Calendar::built_in(zone).unwrap();
        let mapping = mappings.named("boston311").unwrap();
        check(
            file,
            &By { mapping, catalogue: &catalogue, calendar: &calendar, now: Timestamp::MAX },
        )
    }

    #[test]
    fn a_row_is_read_by_its_mapping() {
        let found = read(format!("{HEAD}{ROW}").as_bytes()).unwrap();
        assert_eq!((found.rows, found.bad, found.on_time.same), (1, 0, 1));
        let case = &found.cases[0];
        assert_eq!(
            (case.collected.category.as_str(), case.unit.as_str()),
            ("rubbish", "boston311/PWDx")
        );
        assert_eq!(case.collected.text, "Bin · PRINTED");
        assert_eq!(case.collected.source, control::Source::Media);
    }

    #[test]
    fn what_is_wrong_with_a_row_is_named_with_its_line() {
        for (from, to, column, says) in [
            ("01/01/2015 12:25:23 AM", "yesterday", "OPEN_DT", "no time like"),
            ("01/01/2015 12:25:23 AM", "", "OPEN_DT", "missing"),
            ("1,", ",", "CASE_ENQUIRY_ID", "1 to 60"),
            ("ONTIME", "PERHAPS", "OnTime_Status", "one of ONTIME, OVERDUE"),
            ("42.34", "142.34", "LONGITUDE, LATITUDE", "degrees"),
            ("Bin", "B\u{7}in", "TYPE", "control characters"),
            ("Twitter,", "Twitter", "", "13 columns"),
        ] {
            let bad = ROW.replacen(from, to, 1);
            let found =
                read(format!("{HEAD}{ROW}{bad}").replacen("1,01", "2,01", 1).as_bytes()).unwrap();
            assert_eq!((found.rows, found.bad), (2, 1), "{bad}");
            let told = &found.told[0];
            assert_eq!((told.line, told.column.as_str()), (3, column));
            assert!(told.what.en.contains(says), "{told:?}");
        }
        let twice = read(format!("{HEAD}{ROW}{ROW}").as_bytes()).unwrap();
        assert_eq!((twice.bad, twice.cases.len()), (1, 1));
        let long = ROW.replace("Bin", &"x".repeat(CELL_MAX + 1));
        assert!(
            read(format!("{HEAD}{long}").as_bytes()).unwrap().told[0].what.en.contains("bytes")
        );
    }

    #[test]
    fn what_is_no_such_file_is_refused_by_name() {
        for (file, says) in [
            (&b""[..], "no column"),
            (HEAD.as_bytes(), "no rows"),
            (b"a,b\n1,2\n", "no column CASE_ENQUIRY_ID"),
            (b"\x1F\x8Bcut", "cannot be read"),
            (b"\xFF\xFF\xFF", "neither UTF-8"),
        ] {
            let Err(fault) = read(file) else { panic!("{file:?}") };
            assert!(fault.message.en.contains(says), "{fault}");
        }
    }
}
