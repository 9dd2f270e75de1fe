//! Long series as little-endian columns: what a page reads into typed arrays without parsing.
//!
//! ```text
//! offset        bytes      content
//! 0             4          "SKY1"
//! 4             4          rows n, u32
//! 8             8          0
//! 16            8 n        time      f64, milliseconds since 1970-01-01T00:00:00Z
//! 16 +  8 n     8 n        value     f64, NaN is a gap
//! 16 + 16 n     8 n        sequence  f64, whole
//! 16 + 24 n     2 n        flag      i16
//! ```
//!
//! Times and sequences are f64 since both stay below 2^53 and a page has no cheap 64-bit integers.

use store::Columns;

/// The media type of the format.
pub const MEDIA_TYPE: &str = "application/vnd.skyriver.columns";

/// Writes columns in the format above.
pub fn write(columns: &Columns) -> Vec<u8> {
    let rows = columns.len();
    let mut bytes = Vec::with_capacity(16 + 26 * rows);
    bytes.extend_from_slice(b"SKY1");
    bytes.extend_from_slice(&(rows as u32).to_le_bytes());
    bytes.extend_from_slice(&[0; 8]);
    for time in &columns.time {
        bytes.extend_from_slice(&(time.as_ms() as f64).to_le_bytes());
    }
    for value in &columns.value {
        bytes.extend_from_slice(&value.unwrap_or(f64::NAN).to_le_bytes());
    }
    for sequence in &columns.sequence {
        bytes.extend_from_slice(&(sequence.0 as f64).to_le_bytes());
    }
    for flag in &columns.flag {
        bytes.extend_from_slice(&flag.bits().to_le_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Flag, Quality, Sequence, Timestamp};

    #[test]
    fn columns_lie_where_the_drawing_says() {
        let columns = Columns {
            time: vec![Timestamp::from_ms(1_772_326_800_000), Timestamp::from_ms(5)],
            value: vec![Some(12.5), None],
            flag: vec![Flag::new(Quality::Good, Some(b'N')), Flag::new(Quality::Missing, None)],
            sequence: vec![Sequence(7), Sequence(8)],
            ..Columns::default()
        };
        let bytes = write(&columns);
        let f64_at = |at: usize| f64::from_le_bytes(bytes[at..at + 8].try_into().unwrap());
        assert_eq!(&bytes[..8], b"SKY1\x02\0\0\0");
        assert_eq!((f64_at(16), f64_at(24)), (1_772_326_800_000.0, 5.0));
        assert_eq!(f64_at(32).to_bits(), 12.5_f64.to_bits());
        assert!(f64_at(40).is_nan());
        assert_eq!((f64_at(48), f64_at(56)), (7.0, 8.0));
        assert_eq!(i16::from_le_bytes([bytes[66], bytes[67]]), 9);
        assert_eq!(bytes.len(), 68);
    }
}
