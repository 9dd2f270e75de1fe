//! The code tables of the protocol as data: factors, commands, systems, marks, return codes, fields,
//! device information. Each row carries its source; what is known of 2025 says so.
//!
//! English names are translations of this crate. **Units are what the 2017 annex prints; devices often
//! send others** (PM2.5 in µg/m³ where the annex says ng/m³): take the unit from the station's own
//! configuration.

use std::sync::OnceLock;

/// A factor code of HJ 212-2017 Annex B, or one that is missing there and used everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factor {
    /// Code of 2017; an `x` stands for a digit (`e101xx`).
    pub code: &'static str,
    /// Code of 2005; empty if it has none.
    pub code_2005: &'static str,
    /// Chinese name.
    pub name_zh: &'static str,
    /// English name; empty for process factors.
    pub name_en: &'static str,
    /// Unit of the annex.
    pub unit: &'static str,
    /// Unit of `Cou`; empty if the factor has no load.
    pub emission_unit: &'static str,
    /// Digits, `N5.2` is up to five before and two after the point.
    pub digits: &'static str,
    /// Where the row comes from.
    pub source: &'static str,
}

/// The factor of a code of 2017 or 2005. Where the annex uses a code twice, the first.
///
/// Codes of process factors are found by their pattern: `e10103` is `e101xx`.
///
/// ```
/// assert_eq!(hj212::tables::factor("w01018").map(|f| f.code_2005), Some("011"));
/// assert_eq!(hj212::tables::factor("011").map(|f| f.code), Some("w01018"));
/// assert_eq!(hj212::tables::factor("e10103").map(|f| f.code), Some("e101xx"));
/// assert!(hj212::tables::factor("LAMPBLACK").is_none());
/// ```
pub fn factor(code: &str) -> Option<&'static Factor> {
    static INDEX: OnceLock<Vec<(&'static str, &'static Factor)>> = OnceLock::new();
    let index = INDEX.get_or_init(|| {
        let new = factors().iter().map(|factor| (factor.code, factor));
        let old = factors().iter().map(|factor| (factor.code_2005, factor));
        let mut index: Vec<_> = new.chain(old).filter(|(code, _)| !code.is_empty()).collect();
        index.sort_by_key(|(code, _)| *code);
        index
    });
    let find = |code: &str| {
        let at = index.partition_point(|(known, _)| *known < code);
        index.get(at).filter(|(known, _)| *known == code).map(|(_, factor)| *factor)
    };
    find(code).or_else(|| {
        let pattern = code.get(..4)?;
        let number = code.get(4..)?;
        let is_number = number.len() == 2 && number.bytes().all(|digit| digit.is_ascii_digit());
        find(&format!("{pattern}xx")).filter(|_| is_number)
    })
}

/// All factors, in the order of the annex.
pub fn factors() -> &'static [Factor] {
    static ROWS: OnceLock<Vec<Factor>> = OnceLock::new();
    ROWS.get_or_init(|| {
        rows(
            include_str!("../data/factors.csv"),
            |[code, code_2005, name_zh, name_en, unit, emission_unit, digits, source]| Factor {
                code,
                code_2005,
                name_zh,
                name_en,
                unit,
                emission_unit,
                digits,
                source,
            },
        )
    })
}

/// A command in one of its senses; some numbers have several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command {
    /// The number as four digits.
    pub cn: &'static str,
    /// Editions that have it, parted by blanks: `2005`, `2017`, `2025`, `surface-water`.
    pub editions: &'static str,
    /// How the exchange goes.
    pub kind: Exchange,
    /// Who sends it.
    pub direction: Direction,
    /// Chinese name.
    pub name_zh: &'static str,
    /// English name.
    pub name_en: &'static str,
    /// Where the row comes from.
    pub source: &'static str,
}

/// How an exchange goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Exchange {
    /// Q: request; 9011; 9012.
    Request,
    /// R: request; 9011; a reply of the same CN and QN; 9012.
    Reply,
    /// H: request; 9011; data frames of the same CN, each with a QN of its own; 9012.
    History,
    /// U: data; 9014 if bit A is set.
    Upload,
    /// N: notice; 9013.
    Notice,
    /// A: an answer itself.
    Answer,
}

/// Who sends a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Host to device.
    Down,
    /// Device to host.
    Up,
    /// Either.
    Both,
}

/// All commands, each sense a row.
pub fn commands() -> &'static [Command] {
    static ROWS: OnceLock<Vec<Command>> = OnceLock::new();
    ROWS.get_or_init(|| {
        rows(
            include_str!("../data/commands.csv"),
            |[cn, editions, kind, direction, name_zh, name_en, source]| {
                let kind = match kind {
                    "Q" => Exchange::Request,
                    "R" => Exchange::Reply,
                    "H" => Exchange::History,
                    "U" => Exchange::Upload,
                    "N" => Exchange::Notice,
                    _ => Exchange::Answer,
                };
                let direction = match direction {
                    "down" => Direction::Down,
                    "up" => Direction::Up,
                    _ => Direction::Both,
                };
                Command { cn, editions, kind, direction, name_zh, name_en, source }
            },
        )
    })
}

/// The senses of a command number in an edition (`2005`, `2017`, `2025`, `surface-water`).
pub fn command(cn: u16, edition: &str) -> impl Iterator<Item = &'static Command> {
    commands().iter().filter(move |command| {
        command.cn.parse() == Ok(cn) && command.editions.split(' ').any(|known| known == edition)
    })
}

/// A code with names: a system, a mark, a return code, a field, a piece of device information.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    /// The code.
    pub code: &'static str,
    /// Editions that have it, parted by blanks; empty if the table does not say.
    pub editions: &'static str,
    /// Chinese name.
    pub name_zh: &'static str,
    /// English name.
    pub name_en: &'static str,
    /// What the table adds: the use of a mark, the values of a state.
    pub note: &'static str,
    /// Where the row comes from.
    pub source: &'static str,
}

/// System codes, ST.
pub fn systems() -> &'static [Named] {
    static ROWS: OnceLock<Vec<Named>> = OnceLock::new();
    ROWS.get_or_init(|| {
        rows(include_str!("../data/systems.csv"), |[code, name_zh, name_en, source]| Named {
            code,
            editions: "",
            name_zh,
            name_en,
            note: "",
            source,
        })
    })
}

/// Marks of data, `x-Flag`; the note is the use in statistics: `valid`, `not valid`, `not measured`,
/// `doubtful` (a recommendation, not the standard's). Unknown letters: keep, not valid until configured.
pub fn marks() -> &'static [Named] {
    static ROWS: OnceLock<Vec<Named>> = OnceLock::new();
    ROWS.get_or_init(|| {
        rows(
            include_str!("../data/marks.csv"),
            |[code, editions, name_zh, name_en, note, source]| Named {
                code,
                editions,
                name_zh,
                name_en,
                note,
                source,
            },
        )
    })
}

/// Return codes; the note is `QnRtn` or `ExeRtn`.
pub fn returns() -> &'static [Named] {
    static ROWS: OnceLock<Vec<Named>> = OnceLock::new();
    ROWS.get_or_init(|| {
        rows(
            include_str!("../data/returns.csv"),
            |[note, code, editions, name_zh, name_en, source]| Named {
                code,
                editions,
                name_zh,
                name_en,
                note,
                source,
            },
        )
    })
}

/// Fields of a factor; the note is `value` or `mark`.
pub fn fields() -> &'static [Named] {
    static ROWS: OnceLock<Vec<Named>> = OnceLock::new();
    ROWS.get_or_init(|| {
        rows(
            include_str!("../data/fields.csv"),
            |[code, editions, note, name_zh, name_en, source]| Named {
                code,
                editions,
                name_zh,
                name_en,
                note,
                source,
            },
        )
    })
}

/// Device information, i-codes (HJ 212-2017 Table B.10); the note is the values of a state, or the unit.
pub fn information() -> &'static [Named] {
    static ROWS: OnceLock<Vec<Named>> = OnceLock::new();
    ROWS.get_or_init(|| {
        rows(
            include_str!("../data/information.csv"),
            |[code, editions, name_zh, name_en, unit, values, source]| {
                let note = if values.is_empty() { unit } else { values };
                Named { code, editions, name_zh, name_en, note, source }
            },
        )
    })
}

/// The row of a code.
pub fn find<'a>(table: &'a [Named], code: &str) -> Option<&'a Named> {
    table.iter().find(|row| row.code == code)
}

/// The rows of a CSV text behind its header line.
fn rows<const N: usize, T>(csv: &'static str, row: impl Fn([&'static str; N]) -> T) -> Vec<T> {
    csv.lines().skip(1).map(|line| row(cells(line))).collect()
}

/// The cells of a line. A cell in quotes may hold commas; quotes inside do not occur in these tables.
fn cells<const N: usize>(line: &'static str) -> [&'static str; N] {
    let mut cells = [""; N];
    let mut rest = line;
    for cell in &mut cells {
        (*cell, rest) = match rest.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
            Some((quoted, rest)) => (quoted, rest.strip_prefix(',').unwrap_or(rest)),
            None => rest.split_once(',').unwrap_or((rest, "")),
        };
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_a_code_a_name_and_a_source() {
        for table in [systems(), marks(), returns(), fields(), information()] {
            assert!(!table.is_empty());
            for row in table {
                assert!(
                    !row.code.is_empty() && !row.name_zh.is_empty() && !row.name_en.is_empty(),
                    "{row:?}"
                );
                assert!(row.source.contains("HJ"), "{row:?}");
            }
        }
        for row in factors() {
            assert!(
                !row.code.is_empty() && !row.name_zh.is_empty() && row.source.contains("HJ"),
                "{row:?}"
            );
        }
        for row in commands() {
            assert!(row.cn.parse::<u16>().is_ok() && row.source.len() > 10, "{row:?}");
        }
    }

    #[test]
    fn annex_b_has_341_factors() {
        let annex =
            factors().iter().filter(|factor| factor.source.starts_with("HJ 212-2017 Annex B"));
        assert_eq!(annex.count(), 341);
        assert_eq!(factor("a24016").map(|f| f.name_zh), Some("1,1-二氯乙烷"));
        assert_eq!(factor("a05024").map(|f| f.name_en), Some("Ozone (O3)"));
        assert_eq!(factor("e1010"), None);
    }

    #[test]
    fn a_number_has_several_senses() {
        let names = |cn, edition| command(cn, edition).map(|c| c.name_en).collect::<Vec<_>>();
        assert_eq!(names(1001, "2005"), ["set the time until an exceedance is reported"]);
        assert_eq!(names(1001, "2017"), [""; 0]);
        assert_eq!(
            names(2011, "2017"),
            ["start uploads of instantaneous values", "instantaneous values"]
        );
    }

    #[test]
    fn every_field_of_a_reading_is_in_the_table() {
        for row in fields().iter().filter(|row| row.note == "value") {
            assert_eq!(crate::Field::of(row.code.as_bytes()).name(), row.code);
        }
    }
}
