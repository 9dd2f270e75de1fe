//! The plain straightforward reader that `hj212` is compared with: strings, maps, a table checksum.

use std::collections::HashMap;

use hj212::crc_table;

/// One frame with everything in it copied out.
pub struct PlainFrame {
    /// Header fields.
    pub header: HashMap<String, String>,
    /// Factor code, field, value.
    pub values: Vec<(String, String, Option<f64>)>,
    /// Marks by factor code.
    pub marks: HashMap<String, String>,
}

/// Takes the frame at the front of `bytes`; `None` if it is none. Returns the bytes it takes as well.
pub fn read(bytes: &[u8]) -> Option<(PlainFrame, usize)> {
    if !bytes.starts_with(b"##") {
        return None;
    }
    let length: usize = std::str::from_utf8(bytes.get(2..6)?).ok()?.parse().ok()?;
    let segment = bytes.get(6..6 + length)?;
    let digits = std::str::from_utf8(bytes.get(6 + length..10 + length)?).ok()?;
    if u16::from_str_radix(digits, 16).ok()? != crc_table(segment) {
        return None;
    }
    let text = std::str::from_utf8(segment).ok()?;
    let (header_text, rest) = text.split_once("CP=&&")?;
    let content = rest.strip_suffix("&&")?;
    let header = header_text
        .split(';')
        .filter_map(|field| field.split_once('='))
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect();
    let mut values = Vec::new();
    let mut marks = HashMap::new();
    for item in content.split([';', ',']) {
        let Some((name, value)) = item.split_once('=') else { continue };
        let Some((code, field)) = name.split_once('-') else { continue };
        if field == "Flag" {
            marks.insert(code.to_string(), value.to_string());
        } else {
            values.push((code.to_string(), field.to_string(), value.parse().ok()));
        }
    }
    Some((PlainFrame { header, values, marks }, 12 + length))
}
