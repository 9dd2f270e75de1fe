//! Photos as bytes: what they are, where they were taken, and the same picture without what the camera wrote beside it.
//!
//! Only the structure is read (markers of JPEG, chunks of PNG and RIFF); the picture itself is never decoded here.

use std::fs::{self, File};
use std::io::{self, Cursor, Write};
use std::path::Path;

/// The folder of photos inside a data directory.
pub const FOLDER: &str = "photos";

/// What a photo is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    Webp,
}

impl Kind {
    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
        }
    }
}

/// What a photo is, by its whole structure; `None` when it is cut off, or something else under a photo's name.
pub fn kind(bytes: &[u8]) -> Option<Kind> {
    if jpeg(bytes).is_some() {
        return Some(Kind::Jpeg);
    }
    if png(bytes).is_some() {
        return Some(Kind::Png);
    }
    webp(bytes).map(|_| Kind::Webp)
}

/// Keeps bytes under a name: whole, or not at all.
///
/// # Errors
/// When the disk refuses.
pub fn keep(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let fresh = path.with_extension("tmp");
    let mut file = File::create(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&fresh, path)?;
    File::open(folder)?.sync_all()
}

/// Where the camera says it was, [longitude, latitude] in degrees.
pub fn position(bytes: &[u8]) -> Option<[f64; 2]> {
    let read = exif::Reader::new().read_from_container(&mut Cursor::new(bytes)).ok()?;
    let degrees = |tag, sign, negative| {
        let exif::Value::Rational(parts) = &read.get_field(tag, exif::In::PRIMARY)?.value else {
            return None;
        };
        let [d, m, s] = parts.get(..3)? else { return None };
        let size = d.to_f64() + m.to_f64() / 60.0 + s.to_f64() / 3_600.0;
        let sign = read.get_field(sign, exif::In::PRIMARY)?.display_value().to_string();
        Some(if sign.starts_with(negative) { -size } else { size })
    };
    let lon = degrees(exif::Tag::GPSLongitude, exif::Tag::GPSLongitudeRef, 'W')?;
    let lat = degrees(exif::Tag::GPSLatitude, exif::Tag::GPSLatitudeRef, 'S')?;
    (lon.abs() <= 180.0 && lat.abs() <= 90.0).then_some([lon, lat])
}

/// The same picture without position, time, device and comments. What cannot be read is given back as it is: it was
/// never kept as a photo.
pub fn stripped(bytes: &[u8]) -> Vec<u8> {
    jpeg(bytes).or_else(|| png(bytes)).or_else(|| webp(bytes)).unwrap_or_else(|| bytes.to_vec())
}

/// Walks the markers of a JPEG up to its picture; leaves out APP1 to APP15 (but APP14, without which colours are
/// wrong, and APP2, the profile of colours) and comments.
fn jpeg(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = bytes.get(..2).filter(|start| *start == [0xFF, 0xD8])?.to_vec();
    let mut at = 2;
    loop {
        let [0xFF, marker] = *bytes.get(at..at + 2)? else { return None };
        if marker == 0xFF {
            at += 1;
            continue;
        }
        let length = usize::from(u16::from_be_bytes(bytes.get(at + 2..at + 4)?.try_into().ok()?));
        if length < 2 || !(0xC0..=0xFE).contains(&marker) {
            return None;
        }
        let segment = bytes.get(at..at + 2 + length)?;
        let is_beside = matches!(marker, 0xE1 | 0xE3..=0xED | 0xEF | 0xFE);
        if !is_beside {
            out.extend_from_slice(segment);
        }
        at += 2 + length;
        if marker == 0xDA {
            break;
        }
    }
    // The picture itself ends with the end marker, whatever follows it.
    let rest = bytes.get(at..)?;
    let end = rest.windows(2).rposition(|pair| pair == [0xFF, 0xD9])?;
    out.extend_from_slice(&rest[..end + 2]);
    Some(out)
}

/// Walks the chunks of a PNG; leaves out texts, times and Exif.
fn png(bytes: &[u8]) -> Option<Vec<u8>> {
    const START: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
    let mut out = bytes.get(..8).filter(|start| *start == START)?.to_vec();
    let mut at = 8;
    loop {
        let length = u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?);
        let end = at.checked_add(12)?.checked_add(usize::try_from(length).ok()?)?;
        let chunk = bytes.get(at..end)?;
        let name = &chunk[4..8];
        if !matches!(name, b"tEXt" | b"zTXt" | b"iTXt" | b"tIME" | b"eXIf") {
            out.extend_from_slice(chunk);
        }
        if name == b"IEND" {
            return Some(out);
        }
        at = end;
    }
}

/// Walks the chunks of a WebP; leaves out Exif and XMP.
fn webp(bytes: &[u8]) -> Option<Vec<u8>> {
    let is_webp = bytes.get(..4)? == b"RIFF" && bytes.get(8..12)? == b"WEBP";
    let size = u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?);
    let end = usize::try_from(size).ok()?.checked_add(8)?;
    if !is_webp || end > bytes.len() {
        return None;
    }
    let mut out = bytes[..12].to_vec();
    let mut at = 12;
    while at < end {
        let length = u32::from_le_bytes(bytes.get(at + 4..at + 8)?.try_into().ok()?);
        let length = usize::try_from(length).ok()?;
        let next = at.checked_add(8)?.checked_add(length)?.checked_add(length % 2)?;
        let chunk = bytes.get(at..next)?;
        if !matches!(&chunk[..4], b"EXIF" | b"XMP ") {
            out.extend_from_slice(chunk);
        }
        at = next;
    }
    let size = u32::try_from(out.len() - 8).ok()?;
    out[4..8].copy_from_slice(&size.to_le_bytes());
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A JPEG of markers only: start, Exif, a table, the picture, the end.
    fn small_jpeg() -> Vec<u8> {
        let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xE1, 0, 8];
        bytes.extend(b"Exif\0\0");
        bytes.extend([0xFF, 0xDB, 0, 3, 1, 0xFF, 0xDA, 0, 2, 7, 7, 0xFF, 0xD9]);
        bytes
    }

    fn small_png() -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
        for (name, body) in [(b"IHDR", &b"0123456789abc"[..]), (b"tEXt", b"where"), (b"IEND", b"")]
        {
            bytes.extend((body.len() as u32).to_be_bytes());
            bytes.extend(name.iter().chain(body).chain(&[0; 4]));
        }
        bytes
    }

    fn small_webp() -> Vec<u8> {
        let mut bytes = b"RIFF\0\0\0\0WEBPVP8 \x02\0\0\0xxEXIF\x01\0\0\0y\0".to_vec();
        let size = (bytes.len() - 8) as u32;
        bytes[4..8].copy_from_slice(&size.to_le_bytes());
        bytes
    }

    #[test]
    fn what_stands_beside_the_picture_is_left_out() {
        let check = |bytes: &[u8], expected: Kind, beside: &[u8]| {
            assert_eq!(kind(bytes), Some(expected));
            let clean = stripped(bytes);
            assert_eq!(kind(&clean), Some(expected));
            let has = |bytes: &[u8]| bytes.windows(beside.len()).any(|part| part == beside);
            assert!(has(bytes) && !has(&clean) && clean.len() < bytes.len());
        };
        check(&small_jpeg(), Kind::Jpeg, b"Exif");
        check(&small_png(), Kind::Png, b"where");
        check(&small_webp(), Kind::Webp, b"EXIF");
    }

    #[test]
    fn what_is_cut_off_or_another_thing_is_no_photo() {
        for whole in [small_jpeg(), small_png(), small_webp()] {
            for end in 0..whole.len() - 1 {
                assert_eq!(kind(&whole[..end]), None, "{end} bytes of {}", whole.len());
            }
        }
        assert_eq!(kind(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), None);
        assert_eq!(kind(b"\xFF\xD8<script>alert(1)</script>\xFF\xD9"), None);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_stop(mut bytes in proptest::collection::vec(any::<u8>(), 0..300), start in 0..3_usize) {
            let head: &[u8] = [&[0xFF, 0xD8][..], b"\x89PNG\r\n\x1a\n", b"RIFF"][start];
            bytes.splice(0..0, head.iter().copied());
            let _ = (kind(&bytes), stripped(&bytes), position(&bytes));
        }
    }
}
