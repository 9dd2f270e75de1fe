//! Frames collected in the field and from the standards, run when `SKYRIVER_REAL_DATA` names a folder
//! that holds `protocols/hj212/vectors.jsonl`. They are not part of this repository.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use hj212::cipher::{Key, decrypt};
use hj212::{Deframer, Event, Frame, Kind, Level, Limits, Problem, Rejected, read, text};
use serde_json::Value;

#[expect(
    clippy::disallowed_methods,
    reason = "only the environment can say where the collected frames are"
)]
fn vectors() -> Option<Vec<Value>> {
    let Ok(folder) = std::env::var("SKYRIVER_REAL_DATA") else {
        println!(
            "skipped: SKYRIVER_REAL_DATA does not name a folder with protocols/hj212/vectors.jsonl"
        );
        return None;
    };
    let path = PathBuf::from(folder).join("protocols/hj212/vectors.jsonl");
    let lines =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Some(lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

#[test]
fn all_collected_frames_read_as_expected() {
    let Some(vectors) = vectors() else { return };
    let mut wrong = Vec::new();
    for vector in &vectors {
        let found = match vector["kind"].as_str().unwrap() {
            "stream" => stream(vector),
            "encrypted" => encrypted(vector),
            _ => frame(vector),
        };
        if let Err(difference) = found {
            wrong.push(format!("{}: {difference}", vector["id"]));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), vectors.len(), wrong.join("\n"));
    println!("{} collected vectors agree", vectors.len());
}

type Outcome = Result<(), String>;

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Outcome {
    if found == expected {
        Ok(())
    } else {
        Err(format!("{what} is {found:?}, expected {expected:?}"))
    }
}

fn frame(vector: &Value) -> Outcome {
    let raw = raw(vector);
    let expect = &vector["expect"];
    let result = read(&raw);
    same("ok", &result.is_ok(), &expect["ok"].as_bool().unwrap())?;
    let (frame, problems) = match &result {
        Ok((frame, problems)) => (Some(frame), problems),
        Err(Rejected { frame, problems, .. }) => (frame.as_deref(), problems),
    };
    let errors: BTreeSet<String> =
        problems.iter().filter(|p| p.is_error()).map(|p| p.kind.name().to_owned()).collect();
    let expected_errors = names(&expect["errors"]);
    if !expected_errors.is_empty() && errors.is_disjoint(&expected_errors) {
        return Err(format!("errors {errors:?}, expected one of {expected_errors:?}"));
    }
    same("deviations", &deviations(problems), &names(&expect["deviations"]))?;
    if let (Err(rejected), Some(declared)) = (&result, expect["declared_len"].as_u64()) {
        same("declared_len", &rejected.declared_len.map(|len| len as u64), &Some(declared))?;
    }
    let Some(frame) = frame else {
        return same("header", &expect.get("header"), &None);
    };
    let envelope = &frame.envelope;
    same("declared_len", &Some(envelope.declared_len as u64), &expect["declared_len"].as_u64())?;
    same("actual_len", &Some(envelope.segment.len() as u64), &expect["actual_len"].as_u64())?;
    same("crc", &text::decode(envelope.crc_digits).as_ref(), &expect["crc"].as_str().unwrap())?;
    same(
        "crc_calc",
        &format!("{:04X}", envelope.crc_computed).as_str(),
        &expect["crc_calc"].as_str().unwrap(),
    )?;
    same("crc_ok", &envelope.crc_ok, &expect["crc_ok"].as_bool().unwrap())?;
    content(frame, expect)?;
    if let Some(alt) = expect["crc_alt"].as_str() {
        let said = problems.iter().any(|p| match p.detail {
            hj212::Detail::Crc { looks_like, .. } => looks_like.name() == alt,
            _ => false,
        });
        same("crc_alt", &said, &true)?;
    }
    for semantic in expect["semantic"].as_array().into_iter().flatten() {
        // Future and past need a clock; a value that is no number is the reading's own affair.
        let name = semantic.as_str().unwrap();
        let ours = Kind::all().any(|kind| kind.name() == name);
        let said = problems.iter().any(|problem| problem.kind.name() == name);
        same(name, &said, &ours)?;
    }
    Ok(())
}

fn content(frame: &Frame<'_>, expect: &Value) -> Outcome {
    let mut header = serde_json::Map::new();
    for field in frame.header.fields() {
        header
            .entry(field.name_text().into_owned())
            .or_insert_with(|| Value::from(text::decode(field.value).into_owned()));
    }
    same("header", &Value::Object(header), &expect["header"])?;
    let flag = frame.flag().map_or(Value::Null, |flag| {
        serde_json::json!({"raw": flag.0, "version": flag.version(), "ack": flag.ack(), "split": flag.split()})
    });
    same("flag", &flag, &expect["flag"])?;
    let groups: Vec<Vec<[String; 2]>> = frame
        .groups()
        .map(|group| {
            let item = |item: hj212::Item<'_>| {
                [item.name_text().into_owned(), text::decode(item.value).into_owned()]
            };
            group.items().map(item).collect()
        })
        .collect();
    let expected = expect.get("groups").cloned().unwrap_or(Value::Array(Vec::new()));
    same("groups", &serde_json::to_value(groups).unwrap(), &expected)
}

fn encrypted(vector: &Value) -> Outcome {
    let raw = raw(vector);
    let expect = &vector["expect"];
    let (frame, problems) = read(&raw).map_err(|rejected| rejected.to_string())?;
    let envelope_only: BTreeSet<String> =
        // The vectors judge only the envelope here, not the CP behind it (`DataTime=20240`).
        deviations(&problems).into_iter().filter(|name| name != "bad_datatime").collect();
    same("deviations", &envelope_only, &names(&expect["deviations"]))?;
    same(
        "declared_len",
        &Some(frame.envelope.declared_len as u64),
        &expect["declared_len"].as_u64(),
    )?;
    let key: Vec<u8> = (0..16)
        .map(|at| {
            u8::from_str_radix(&expect["key_hex"].as_str().unwrap()[2 * at..2 * at + 2], 16)
                .unwrap()
        })
        .collect();
    let (wrong, right) = (Key::new(b"another key 1234"), Key::new(&key.try_into().unwrap()));
    let plain = if frame.encrypted.is_some() {
        decrypt(&frame, &[wrong, right]).ok_or("no key is right")?
    } else {
        raw.clone()
    };
    let (frame, _) = read(&plain).map_err(|rejected| rejected.to_string())?;
    same("crc_ok", &frame.envelope.crc_ok, &true)?;
    same("plaintext", &frame.cp.map(text::decode).as_deref(), &expect["plaintext_cp"].as_str())?;
    content(&frame, expect)?;

    // The deframer must hand it out whole, among others.
    let mut stream = raw.clone();
    stream.extend_from_slice(&raw);
    let frames = deframe(std::slice::from_ref(&stream)).0;
    same("frames in a stream", &frames, &vec![raw.clone(), raw])
}

fn stream(vector: &Value) -> Outcome {
    let chunks: Vec<Vec<u8>> = vector["chunks_b64"]
        .as_array()
        .unwrap()
        .iter()
        .map(|chunk| base64(chunk.as_str().unwrap()))
        .collect();
    let expect = &vector["expect"];
    let (frames, left) = deframe(&chunks);
    let found: Vec<String> = frames
        .iter()
        .map(|raw| {
            read(raw)
                .map_or_else(|rejected| rejected.to_string(), |(frame, _)| frame.qn().to_owned())
        })
        .collect();
    let found = serde_json::to_value(found).unwrap();
    let also =
        expect["frames_alt"].as_array().is_some_and(|alternatives| alternatives.contains(&found));
    if !also {
        same("frames", &found, &expect["frames"])?;
    }
    same("leftover", &Some(left as u64), &expect["leftover"].as_u64())
}

/// The frames of a stream, and the number of bytes left.
fn deframe(chunks: &[Vec<u8>]) -> (Vec<Vec<u8>>, usize) {
    let mut deframer = Deframer::new(Limits::default());
    let (mut buffer, mut frames) = (Vec::new(), Vec::new());
    for chunk in chunks {
        buffer.extend_from_slice(chunk);
        let mut rest: &[u8] = &buffer;
        while let Some(event) = deframer.next(&mut rest) {
            if let Event::Frame(raw) = event {
                frames.push(raw.bytes.to_vec());
            }
        }
        let used = buffer.len() - rest.len();
        buffer.drain(..used);
    }
    (frames, buffer.len())
}

fn deviations(problems: &[Problem]) -> BTreeSet<String> {
    // Notes that the vectors call "semantic" or "encrypted" are not in their lists.
    let beside = [Kind::QnInvalid, Kind::DatatimeInvalid, Kind::PnoOutOfRange, Kind::Encrypted];
    problems
        .iter()
        .filter(|problem| problem.kind.level() != Level::Error && !beside.contains(&problem.kind))
        .map(|problem| problem.kind.name().to_owned())
        .collect()
}

fn names(list: &Value) -> BTreeSet<String> {
    list.as_array().into_iter().flatten().map(|name| name.as_str().unwrap().to_owned()).collect()
}

fn raw(vector: &Value) -> Vec<u8> {
    match vector["raw"].as_str() {
        Some(text) => text.as_bytes().to_vec(),
        None => base64(vector["raw_b64"].as_str().unwrap()),
    }
}

fn base64(text: &str) -> Vec<u8> {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        let value = alphabet.iter().position(|known| *known == letter).unwrap();
        bits = (bits << 6) | value as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}
