//! JSON lines to frames, strictly.

use std::io::{self, BufRead, Write};

use hj212::time::Civil;
use hj212::{Flag, Head, Part, Writer};
use serde::Deserialize;

use super::line::{self, Line};

/// The shape of one line: the header and the groups that `frame parse --json` prints.
#[derive(Deserialize)]
struct Wanted {
    header: Header,
    #[serde(default)]
    groups: Vec<Vec<(String, String)>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    #[serde(rename = "QN")]
    qn: Option<String>,
    #[serde(rename = "ST")]
    st: String,
    #[serde(rename = "CN")]
    cn: String,
    #[serde(rename = "PW")]
    pw: Option<String>,
    #[serde(rename = "MN")]
    mn: Option<String>,
    #[serde(rename = "Flag")]
    flag: Option<String>,
    #[serde(rename = "PNUM")]
    pnum: Option<String>,
    #[serde(rename = "PNO")]
    pno: Option<String>,
    #[serde(rename = "RF")]
    rf: Option<String>,
}

/// Writes one frame, or the parts of one, for each JSON line of `input`: raw, or with `json` as a JSON
/// string a line. A line that the standard does not allow is refused with a message on standard error; the
/// run goes on. Returns whether none was refused.
///
/// # Errors
///
/// Only those of `input` and `output` themselves.
pub fn make(input: impl BufRead, output: impl Write, json: bool) -> io::Result<bool> {
    make_with(input, output, io::stderr().lock(), json)
}

fn make_with(
    mut input: impl BufRead,
    mut output: impl Write,
    mut complaints: impl Write,
    json: bool,
) -> io::Result<bool> {
    let (mut number, mut is_sound) = (0_u64, true);
    while let Some(line) = line::next(&mut input)? {
        number += 1;
        let made = match &line {
            Line::Whole(line) if line.trim_ascii().is_empty() => continue,
            Line::Whole(line) => frame(line),
            Line::TooLong => Err("longer than 1 MiB".to_owned()),
        };
        match made {
            Ok(frames) if json => {
                // Every value is text, so every frame is.
                for frame in String::from_utf8_lossy(&frames).split_inclusive("\r\n") {
                    serde_json::to_writer(&mut output, frame)?;
                    output.write_all(b"\n")?;
                }
            }
            Ok(frames) => output.write_all(&frames)?,
            Err(reason) => {
                is_sound = false;
                writeln!(complaints, "line {number}: {reason}; no frame made")?;
            }
        }
    }
    Ok(is_sound)
}

fn frame(line: &[u8]) -> Result<Vec<u8>, String> {
    let Wanted { header, groups } =
        serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let qn = match &header.qn {
        Some(digits) if digits.len() == 17 => {
            Some(Civil::read(digits.as_bytes()).map_err(|error| format!("QN: {error}"))?)
        }
        Some(_) => return Err("QN: 17 digits, YYYYMMDDhhmmsszzz".to_owned()),
        None => None,
    };
    let flag = header.flag.as_deref().map(str::parse::<u8>).transpose();
    let number = |name: &str, text: &str| {
        text.parse::<u32>().map_err(|_| format!("{name}: a number from 1"))
    };
    let part = match (&header.pnum, &header.pno) {
        (Some(of), Some(number_of)) => {
            Some(Part { of: number("PNUM", of)?, number: number("PNO", number_of)? })
        }
        (None, None) => None,
        _ => return Err("PNUM and PNO go together".to_owned()),
    };
    if !matches!(header.rf.as_deref(), None | Some("1")) {
        return Err("RF: 1 or absent".to_owned());
    }
    let head = Head {
        qn,
        st: &header.st,
        cn: header.cn.parse().map_err(|_| "CN: four digits".to_owned())?,
        pw: header.pw.as_deref(),
        mn: header.mn.as_deref(),
        flag: flag.map_err(|_| "Flag: a number from 0 to 255".to_owned())?.map(Flag),
        part,
        resent: header.rf.is_some(),
    };
    let mut writer = Writer::new();
    let mut common = true;
    for group in &groups {
        // Words before the first factor (DataTime, PolId) are repeated in every part.
        common &= matches!(&group[..], [(name, _)] if !name.contains('-'));
        if let ([(name, value)], true) = (&group[..], common) {
            writer.common(name, value).map_err(|error| error.to_string())?;
            continue;
        }
        writer.group();
        for (name, value) in group {
            writer.item(name, value).map_err(|error| error.to_string())?;
        }
    }
    let mut frames = Vec::new();
    writer.finish(&head, None, &mut frames).map_err(|error| error.to_string())?;
    Ok(frames)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, frames: &str, complaints: &str) {
        let (mut output, mut said) = (Vec::new(), Vec::new());
        let is_sound = make_with(line.as_bytes(), &mut output, &mut said, false).unwrap();
        assert_eq!(String::from_utf8(output).unwrap(), frames, "{line}");
        assert_eq!(String::from_utf8(said).unwrap(), complaints, "{line}");
        assert_eq!(is_sound, complaints.is_empty());
    }

    #[test]
    fn header_and_groups_become_a_frame() {
        check(
            r#"{"header": {"QN": "20160801085857223", "ST": "32", "CN": "1062", "PW": "100000",
                "MN": "010000A8900016F000169DC0", "Flag": "5"}, "groups": [[["RtdInterval", "30"]]]}"#
                .replace('\n', " ")
                .as_str(),
            "##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&1C80\r\n",
            "",
        );
    }

    #[test]
    fn what_the_standard_does_not_allow_is_refused() {
        check("\n{}\n", "", "line 2: missing field `header` at line 1 column 2; no frame made\n");
        check(
            r#"{"header": {"ST": "32", "CN": "1062", "QN": "20231332256199999"}}"#,
            "",
            "line 1: QN: these digits name no day of the calendar or no time of the day; no frame made\n",
        );
        check(
            r#"{"header": {"ST": "32", "CN": "2011"}, "groups": [[["a", "1;2"]]]}"#,
            "",
            "line 1: value \"1;2\" of a: no ; , && ## line end or blanks at its ends; long text goes between // and //; no frame made\n",
        );
    }
}
