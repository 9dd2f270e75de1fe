//! A frame for people: what it is, what it says, what is odd about it.

use std::io::{self, Write};

use hj212::tables::{self, Named};
use hj212::{Dialect, Frame, Problem, Rejected, text};

use super::{Parsed, sign};

/// Writes a few lines about one frame.
pub(super) fn write(output: &mut impl Write, number: u64, parsed: &Parsed) -> io::Result<()> {
    if parsed.too_long {
        return writeln!(output, "✗ line {number}: longer than 1 MiB; skipped\n");
    }
    match hj212::read(&parsed.raw) {
        Ok((frame, problems)) => {
            writeln!(output, "✓ line {number}: {}", title(&frame))?;
            write_header(output, &frame)?;
            write_content(output, &frame)?;
            write_problems(output, &problems)?;
        }
        Err(Rejected { frame, problems, .. }) => {
            match frame {
                Some(frame) => {
                    writeln!(
                        output,
                        "✗ line {number}: rejected; if it can be believed, {}",
                        title(&frame)
                    )?;
                    write_header(output, &frame)?;
                    write_content(output, &frame)?;
                }
                None => writeln!(output, "✗ line {number}: rejected")?,
            }
            write_problems(output, &problems)?;
        }
    }
    writeln!(output)
}

/// `2061 hour values ← 32 Surface-water pollution source`.
fn title(frame: &Frame<'_>) -> String {
    let edition = Dialect::guess(frame).name();
    let cn = text::decode(frame.header.cn.unwrap_or(b"no CN"));
    let has_data = frame.data_time().is_some();
    let senses = || frame.cn().into_iter().flat_map(|cn| tables::command(cn, edition));
    // The same number asks for data downwards and carries them upwards.
    let sense = senses().find(|sense| (sense.direction == tables::Direction::Up) == has_data);
    let name = sense.or_else(|| senses().next()).map_or("unknown command", |sense| sense.name_en);
    let system =
        tables::find(tables::systems(), frame.st()).map_or("unknown system", |row| row.name_en);
    format!("{cn} {name} · ST {} {system} · edition {edition}", frame.st())
}

fn write_header(output: &mut impl Write, frame: &Frame<'_>) -> io::Result<()> {
    write!(output, "  ")?;
    for field in frame.header.fields() {
        if !matches!(field.name, b"ST" | b"CN") {
            write!(output, "{} {}  ", field.name_text(), text::decode(field.value))?;
        }
    }
    if frame.wants_answer() {
        write!(output, "(answer wanted)")?;
    }
    writeln!(output)
}

fn write_content(output: &mut impl Write, frame: &Frame<'_>) -> io::Result<()> {
    for item in frame.items().filter(|item| item.code().is_none()) {
        let meaning = match item.name {
            b"QnRtn" | b"ExeRtn" => return_code(&item.name_text(), &item.text()),
            _ => hj212::time::Civil::read(item.value).ok().map(|time| time.to_string()),
        };
        let meaning = meaning.map(|meaning| format!("  {meaning}")).unwrap_or_default();
        writeln!(output, "  {} = {}{meaning}", item.name_text(), item.text())?;
    }
    for reading in frame.readings() {
        let code = text::decode(reading.code);
        let factor = tables::factor(&code);
        let name = factor.map_or("", |f| if f.name_en.is_empty() { f.name_zh } else { f.name_en });
        let information = tables::find(tables::information(), &code).map_or("", |row| row.name_en);
        let value = text::decode(reading.value);
        let gap =
            if reading.number().is_none() && information.is_empty() { " (no number)" } else { "" };
        let mark = reading.flag.map(|flag| text::decode(flag).into_owned());
        let mark = mark.map(|mark| format!("  [{mark}{}]", mark_name(&mark))).unwrap_or_default();
        let field = text::decode(reading.field_name);
        writeln!(output, "  {code:<8} {field:<6} {value:>12}{gap}  {name}{information}{mark}")?;
    }
    if frame.encrypted.is_some() {
        writeln!(output, "  CP is encrypted (HJ 212-2025, SM4); the key of the device opens it")?;
    }
    Ok(())
}

fn return_code(name: &str, code: &str) -> Option<String> {
    let row = tables::returns().iter().find(|row| row.note == name && row.code == code)?;
    Some(format!("{} {}", row.name_en, row.name_zh))
}

fn mark_name(mark: &str) -> String {
    let row: Option<&Named> = tables::find(tables::marks(), mark).filter(|_| mark != "N");
    row.map(|row| format!(" {}", row.name_en)).unwrap_or_default()
}

fn write_problems(output: &mut impl Write, problems: &[Problem]) -> io::Result<()> {
    for problem in problems {
        let (name, level) = (problem.kind.name(), problem.kind.level());
        writeln!(output, "  {} {name}: {problem}\n      {}", sign(level), problem.chinese())?;
    }
    Ok(())
}
