//! Frames of the standard itself, and frames of our own that have one oddity each.
//!
//! In the files `|` stands for the semicolon, which parts the columns.

use std::collections::BTreeSet;

use hj212::{Rejected, crc, read};

fn rows(csv: &'static str) -> impl Iterator<Item = Vec<String>> {
    csv.lines().skip(1).map(|line| line.split(';').map(|cell| cell.replace('|', ";")).collect())
}

fn frame(segment: &str, end: &str) -> Vec<u8> {
    format!("##{:04}{segment}{:04X}{end}", segment.len(), crc(segment.as_bytes())).into_bytes()
}

fn names(raw: &[u8]) -> BTreeSet<String> {
    let problems = match read(raw) {
        Ok((_, problems)) | Err(Rejected { problems, .. }) => problems,
    };
    problems.iter().map(|problem| problem.kind.name().to_owned()).collect()
}

fn set(names: &str) -> BTreeSet<String> {
    names.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn frames_of_the_standard_are_clean_and_check_out() {
    for row in rows(include_str!("../vectors/standard.csv")) {
        let [id, _edition, _made, _source, segment, expected] = &row[..] else { panic!("{row:?}") };
        assert_eq!(format!("{:04X}", crc(segment.as_bytes())), *expected, "{id}");
        assert_eq!(names(&frame(segment, "\r\n")), set(""), "{id}");
    }
}

#[test]
fn each_oddity_of_a_segment_is_named() {
    for row in rows(include_str!("../vectors/odd.csv")) {
        let [expected, segment] = &row[..] else { panic!("{row:?}") };
        let raw = frame(segment, "\r\n");
        assert_eq!(names(&raw), set(expected), "{segment}");
        let is_error = set(expected).iter().any(|name| {
            ["missing_cp", "unclosed_cp", "missing_cn", "bad_cn", "bad_flag"]
                .contains(&name.as_str())
        });
        assert_eq!(read(&raw).is_err(), is_error, "{segment}");
        // The checksum is right, so even a rejected one may be answered.
        assert!(read(&raw).err().is_none_or(|rejected| rejected.is_trusted()), "{segment}");
    }
}

#[test]
fn each_oddity_of_an_envelope_is_named() {
    // A segment whose checksum begins with a letter, so that it has a lower case.
    let segment = (0..100)
        .map(|value| {
            format!("QN=20261122080000000;ST=22;CN=2011;PW=123456;MN=88888880000001;Flag=4;CP=&&a-Rtd={value}&&")
        })
        .find(|segment| crc(segment.as_bytes()) >= 0xA000)
        .unwrap();
    let crc = crc(segment.as_bytes());
    let (len, modbus) = (segment.len(), hj212::crc_modbus(segment.as_bytes()));
    let cases = [
        (format!("##{len:04}{segment}{crc:04X}\r\n"), ""),
        (format!("##{len:04}{segment}{crc:04X}"), "no_crlf"),
        (format!("##{len:04}{segment}{crc:04X}\n"), "lf_only"),
        (format!("##{len:04}{segment}{crc:04X}\r"), "cr_only"),
        (format!("##{len:04}{segment}{crc:04X}\\r\\n"), "literal_backslash_crlf"),
        (format!("##{len:04}{segment}{crc:04x}\r\n"), "lowercase_crc"),
        (format!("##{len:03}{segment}{crc:04X}\r\n"), "length_digits_3"),
        (format!("##{len:06}{segment}{crc:04X}\r\n"), "length_digits_6"),
        (format!("##{:04}{segment}{crc:04X}\r\n", len + 6), "length_mismatch"),
        (format!("##{:04}{segment}{crc:04X}\r\n", len - 2), "length_mismatch"),
        (format!("##9999{segment}{crc:04X}\r\n"), "length_mismatch"),
        (format!("##{len:04}{segment}{modbus:04X}\r\n"), "crc_mismatch"),
        (format!("##{len:04}{segment}{:04X}\r\n", crc ^ 0x100), "crc_mismatch"),
        (format!("##{len:04}{segment}G441\r\n"), "bad_crc_field"),
        (format!("##{len:04}{segment}\r\n"), "truncated"),
        (format!("##{len:04}{}", &segment[..40]), "truncated"),
        ("##".to_owned(), "truncated"),
        (format!("#{len:04}{segment}{crc:04X}\r\n"), "no_header"),
        (String::new(), "no_header"),
        (format!("##0x12{segment}{crc:04X}\r\n"), "bad_length_field"),
    ];
    for (raw, expected) in cases {
        assert_eq!(names(raw.as_bytes()), set(expected), "{raw:?}");
    }
}

#[test]
fn messages_say_where_and_what_in_both_languages() {
    let raw = b"##0007CP=&&&&0000\r\n";
    let rejected = read(raw).unwrap_err();
    let problem = rejected.error().unwrap();
    assert_eq!(problem.kind.name(), "missing_cn");
    let wrong = read(b"##0014CN=1;CP=&&a&&&1C08\r\n").unwrap_err();
    let crc = wrong.problems.iter().find(|problem| problem.kind.name() == "crc_mismatch").unwrap();
    assert!(
        crc.to_string().contains("received 1C08") && crc.to_string().starts_with("byte 20"),
        "{crc}"
    );
    assert!(crc.chinese().contains("算法不同"), "{}", crc.chinese());
}
