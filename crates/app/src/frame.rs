//! `skyriver frame parse` and `frame make`: HJ 212 frames to JSON or to people, and back.

mod human;
mod line;
mod make;

use std::io::{self, BufRead, Write};

use hj212::{Detail, Frame, Kind, Level, Problem, Rejected, text};
use serde_json::{Map, Value, json};

pub use make::make;

/// Reads one frame a line, with JSON string escapes and perhaps in quotes, and prints one JSON object a
/// line.
///
/// A bad line gives an object with `"ok": false` and the names of its errors; the run goes on.
///
/// # Errors
///
/// Only those of `input` and `output` themselves.
pub fn parse(input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    each_line(input, |_, parsed| {
        serde_json::to_writer(&mut output, &parsed.to_json())?;
        output.write_all(b"\n")
    })
}

/// Reads frames as [`parse`] does and prints what they say for people.
///
/// # Errors
///
/// Only those of `input` and `output` themselves.
pub fn show(input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    each_line(input, |number, parsed| human::write(&mut output, number, parsed))
}

fn each_line(
    mut input: impl BufRead,
    mut print: impl FnMut(u64, &Parsed) -> io::Result<()>,
) -> io::Result<()> {
    let mut number = 0;
    while let Some(line) = line::next(&mut input)? {
        number += 1;
        let parsed = match &line {
            line::Line::Whole(line) => best_reading(line),
            line::Line::TooLong => Parsed { too_long: true, ..Parsed::default() },
        };
        print(number, &parsed)?;
    }
    Ok(())
}

/// One line, read: the bytes of its frame.
#[derive(Default)]
struct Parsed {
    /// The frame as it came, without what stood before it on the line.
    raw: Vec<u8>,
    /// Bytes before the first `##`.
    leading: usize,
    too_long: bool,
}

/// The line can be understood in several ways; the first in which it holds a good frame counts, and
/// otherwise the first.
fn best_reading(line: &[u8]) -> Parsed {
    let readings = line::readings(line);
    let good = readings.iter().find(|bytes| hj212::read(bytes).is_ok());
    if let Some(raw) = good {
        return Parsed { raw: raw.clone(), ..Parsed::default() };
    }
    // A line of a log: a time, an address, then the frame.
    for bytes in &readings {
        let heads = bytes.windows(2).enumerate().skip(1).filter(|(_, pair)| pair == b"##");
        for (at, _) in heads.take(HEADS_MAX) {
            if hj212::read(&bytes[at..]).is_ok() {
                return Parsed { raw: bytes[at..].to_vec(), leading: at, too_long: false };
            }
        }
    }
    Parsed { raw: readings.into_iter().next().unwrap_or_default(), ..Parsed::default() }
}

/// Places in one line where a frame is looked for; a log line has one.
const HEADS_MAX: usize = 16;

impl Parsed {
    /// The object of one line, in the shape that the collected vectors expect.
    fn to_json(&self) -> Value {
        if self.too_long {
            return json!({"ok": false, "errors": ["line_too_long"], "deviations": []});
        }
        let result = hj212::read(&self.raw);
        let (frame, declared_len, problems) = match &result {
            Ok((frame, problems)) => (Some(frame), Some(frame.envelope.declared_len), problems),
            Err(Rejected { frame, declared_len, problems }) => {
                (frame.as_deref(), *declared_len, problems)
            }
        };
        let mut object = Map::new();
        let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
        put("ok", json!(result.is_ok()));
        put("errors", json!(names(problems, Problem::is_error)));
        let mut deviations =
            names(problems, |problem| !problem.is_error() && !is_semantic(problem.kind));
        if self.leading > 0 {
            deviations.push("leading_bytes");
        }
        put("deviations", json!(deviations));
        if let Some(declared) = declared_len {
            put("declared_len", json!(declared));
        }
        let Some(frame) = frame else {
            return Value::Object(object);
        };
        let envelope = &frame.envelope;
        put("actual_len", json!(envelope.segment.len()));
        put("crc", json!(text::decode(envelope.crc_digits)));
        put("crc_calc", json!(format!("{:04X}", envelope.crc_computed)));
        put("crc_ok", json!(envelope.crc_ok));
        if let Some(looks_like) = problems.iter().find_map(crc_looks_like) {
            put("crc_alt", json!(looks_like));
        }
        if let Some(encrypted) = frame.encrypted {
            let form = match encrypted {
                hj212::Encrypted::Raw => "raw",
                hj212::Encrypted::HexLiteral => "hex_literal",
            };
            put("encrypted", json!(form));
        } else if let Some(encoding) = encoding(envelope.segment) {
            put("text", json!(encoding));
        }
        put("header", header(frame));
        put("flag", flag(frame));
        if frame.cp.is_some() {
            put("groups", groups(frame));
        }
        let semantic = names(problems, |problem| is_semantic(problem.kind));
        if !semantic.is_empty() {
            put("semantic", json!(semantic));
        }
        Value::Object(object)
    }
}

/// Times and numbers that are well formed and make no sense: beside the deviations, not among them.
fn is_semantic(kind: Kind) -> bool {
    matches!(kind, Kind::QnInvalid | Kind::DatatimeInvalid | Kind::PnoOutOfRange | Kind::Encrypted)
}

/// Names of problems, sorted, each once.
fn names(problems: &[Problem], which: impl Fn(&Problem) -> bool) -> Vec<&'static str> {
    let mut names: Vec<_> = problems
        .iter()
        .filter(|problem| which(problem))
        .map(|problem| problem.kind.name())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn crc_looks_like(problem: &Problem) -> Option<&'static str> {
    match problem.detail {
        Detail::Crc { looks_like, .. } if looks_like != hj212::CrcLooksLike::Other => {
            Some(looks_like.name())
        }
        _ => None,
    }
}

fn encoding(segment: &[u8]) -> Option<&'static str> {
    match text::encoding(segment) {
        text::Encoding::Ascii => None,
        text::Encoding::Utf8 => Some("utf-8"),
        text::Encoding::Gbk => Some("gbk"),
        text::Encoding::Unknown => Some("unknown"),
    }
}

/// Header fields as text; the first of a duplicate.
fn header(frame: &Frame<'_>) -> Value {
    let mut fields = Map::new();
    for field in frame.header.fields() {
        let value = || Value::from(text::decode(field.value));
        fields.entry(field.name_text().into_owned()).or_insert_with(value);
    }
    Value::Object(fields)
}

fn flag(frame: &Frame<'_>) -> Value {
    frame.flag().map_or(Value::Null, |flag| {
        json!({
            "raw": flag.0,
            "version": flag.version(),
            "ack": flag.ack(),
            "split": flag.split(),
        })
    })
}

fn groups(frame: &Frame<'_>) -> Value {
    let item = |item: hj212::Item<'_>| json!([item.name_text(), text::decode(item.value)]);
    frame.groups().map(|group| group.items().map(item).collect::<Value>()).collect()
}

/// How loud a problem is said to people.
fn sign(level: Level) -> &'static str {
    match level {
        Level::Error => "✗",
        Level::Deviation => "!",
        Level::Note => "·",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &Value) {
        let mut output = Vec::new();
        parse(line.as_bytes(), &mut output).unwrap();
        let lines: Vec<Value> = output
            .split_inclusive(|b| *b == b'\n')
            .map(|l| serde_json::from_slice(l).unwrap())
            .collect();
        assert_eq!(Value::from(lines), *expected, "{line}");
    }

    const HOST: &str = "##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&1C80";

    fn host(deviations: &Value) -> Value {
        json!({
            "ok": true, "errors": [], "deviations": deviations, "declared_len": 101, "actual_len": 101,
            "crc": "1C80", "crc_calc": "1C80", "crc_ok": true,
            "header": {"QN": "20160801085857223", "ST": "32", "CN": "1062", "PW": "100000",
                       "MN": "010000A8900016F000169DC0", "Flag": "5"},
            "flag": {"raw": 5, "version": 1, "ack": true, "split": false},
            "groups": [[["RtdInterval", "30"]]],
        })
    }

    #[test]
    fn a_frame_is_read_from_a_line_with_or_without_quotes() {
        check(&format!("{HOST}\\r\\n\n"), &json!([host(&json!([]))]));
        check(&format!("\"{HOST}\\r\\n\"\n"), &json!([host(&json!([]))]));
        check(&format!("{HOST}\r\n"), &json!([host(&json!([]))]));
        check(HOST, &json!([host(&json!(["no_crlf"]))]));
        check(&format!("{HOST}\\\\r\\\\n\n"), &json!([host(&json!(["literal_backslash_crlf"]))]));
        check(
            &format!("2026-11-22 08:00 RECV {HOST}\\r\\n\n"),
            &json!([host(&json!(["leading_bytes"]))]),
        );
    }

    #[test]
    fn a_bad_line_is_answered_and_the_run_goes_on() {
        let bad = |error: &str| json!({"ok": false, "errors": [error], "deviations": []});
        check(
            &format!("hello\n\n##01X2QN\n{{\"a\": 1}}\n\\u12\n{HOST}\\r\\n\n"),
            &json!([
                bad("no_header"),
                bad("no_header"),
                bad("bad_length_field"),
                bad("no_header"),
                bad("no_header"),
                host(&json!([]))
            ]),
        );
    }

    #[test]
    fn bytes_beyond_ascii_come_as_escapes_or_as_text() {
        let gbk: Vec<u8> = b"ST=32;CN=3020;CP=&&i11001-Info=//\xC7\xE5\xCF\xB4//&&".to_vec();
        let escaped = "ST=32;CN=3020;CP=&&i11001-Info=//\\u00c7\\u00e5\\u00cf\\u00b4//&&";
        let latin = "ST=32;CN=3020;CP=&&i11001-Info=//Çå\u{cf}\u{b4}//&&";
        let crc = hj212::crc(&gbk);
        for text in [escaped, latin] {
            let line = format!("##{:04}{text}{crc:04X}\\r\\n\n", gbk.len());
            let mut output = Vec::new();
            parse(line.as_bytes(), &mut output).unwrap();
            let object: Value = serde_json::from_slice(&output).unwrap();
            assert_eq!(object["groups"], json!([[["i11001-Info", "//清洗//"]]]), "{text}");
            assert_eq!(object["text"], "gbk");
        }
        let utf8 = "ST=32;CN=3020;CP=&&i11001-Info=//清洗//&&";
        let crc = hj212::crc(utf8.as_bytes());
        let escaped = utf8.replace('清', "\\u6e05");
        for text in [utf8, &escaped] {
            let line = format!("##{:04}{text}{crc:04X}\\r\\n\n", utf8.len());
            let mut output = Vec::new();
            parse(line.as_bytes(), &mut output).unwrap();
            let object: Value = serde_json::from_slice(&output).unwrap();
            assert_eq!(object["text"], "utf-8", "{text}");
        }
    }

    #[test]
    fn a_hostile_line_of_heads_ends() {
        let mut output = Vec::new();
        parse("##9999".repeat(100_000).as_bytes(), &mut output).unwrap();
        let object: Value = serde_json::from_slice(&output).unwrap();
        assert_eq!(object["ok"], false);
    }
}
