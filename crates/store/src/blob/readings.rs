//! Readings as a blob: five columns in one compressed block.

use super::{Blob, BlobError, Cursor, header, open};
use model::{DatastreamId, Flag, Quality, Reading, Sequence, Timestamp};
use std::io;
use zstd::bulk::{Compressor, Decompressor};

const MAGIC: [u8; 4] = *b"SKRR";
const VERSION: u32 = 1;
const ROW_BYTES: usize = 4 + 8 + 8 + 2 + 8;

/// Writes readings in the order given.
pub fn encode_readings(readings: &[Reading], zstd: &mut Compressor<'_>) -> io::Result<Blob> {
    let count = readings.len();
    let mut columns = Vec::with_capacity(count * ROW_BYTES);
    for reading in readings {
        columns.extend_from_slice(&reading.datastream.0.to_le_bytes());
    }
    for reading in readings {
        columns.extend_from_slice(&reading.time.as_ms().to_le_bytes());
    }
    for reading in readings {
        columns.extend_from_slice(&reading.value.unwrap_or(0.0).to_bits().to_le_bytes());
    }
    for reading in readings {
        columns.extend_from_slice(&reading.flag.bits().to_le_bytes());
    }
    for reading in readings {
        columns.extend_from_slice(&reading.sequence.0.to_le_bytes());
    }
    let mut bytes = header(MAGIC, VERSION, count);
    bytes.append(&mut zstd.compress(&columns)?);
    let hash = *blake3::hash(&bytes).as_bytes();
    Ok(Blob { bytes, hash })
}

/// Reads them back, in the order in which they were written.
pub fn decode_readings(
    bytes: &[u8],
    hash: &[u8],
    zstd: &mut Decompressor<'_>,
) -> Result<Vec<Reading>, BlobError> {
    let (count, compressed) = open(bytes, hash, MAGIC, VERSION)?;
    let columns = zstd.decompress(compressed, count * ROW_BYTES)?;
    let mut cursor = Cursor(&columns);
    let datastream = cursor.column::<4>(count)?;
    let time = cursor.column::<8>(count)?;
    let value = cursor.column::<8>(count)?;
    let flag = cursor.column::<2>(count)?;
    let sequence = cursor.column::<8>(count)?;
    let mut readings = Vec::with_capacity(count);
    for row in 0..count {
        let flag = Flag::from_bits(i16::from_le_bytes(flag[row]));
        let value = f64::from_bits(u64::from_le_bytes(value[row]));
        readings.push(Reading {
            datastream: DatastreamId(i32::from_le_bytes(datastream[row])),
            time: Timestamp::from_ms(i64::from_le_bytes(time[row])),
            value: (flag.quality() != Quality::Missing).then_some(value),
            flag,
            sequence: Sequence(u64::from_le_bytes(sequence[row])),
        });
    }
    Ok(readings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8], hash: &[u8]) -> Result<Vec<Reading>, BlobError> {
        decode_readings(bytes, hash, &mut Decompressor::new().unwrap())
    }

    fn readings() -> Vec<Reading> {
        (0..100)
            .map(|n| Reading {
                datastream: DatastreamId(n % 7),
                time: Timestamp::from_ms(i64::from(n) * 60_000 - 5),
                value: (n % 5 != 0).then_some(f64::from(n) / 10.0),
                flag: if n % 5 == 0 {
                    Flag::new(Quality::Missing, Some(b'D'))
                } else {
                    Flag::new(Quality::Good, Some(b'N'))
                },
                sequence: Sequence(u64::from(n as u32) / 3),
            })
            .collect()
    }

    #[test]
    fn readings_come_back_as_they_were() {
        for count in [0, 1, 100] {
            let readings = &readings()[..count];
            let blob = encode_readings(readings, &mut Compressor::new(1).unwrap()).unwrap();
            assert_eq!(decode(&blob.bytes, &blob.hash).unwrap(), readings);
        }
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let blob = encode_readings(&readings(), &mut Compressor::new(1).unwrap()).unwrap();
        for place in 0..blob.bytes.len() {
            let mut bytes = blob.bytes.clone();
            bytes[place] ^= 0x10;
            assert!(matches!(decode(&bytes, &blob.hash), Err(BlobError::Hash)));
        }
    }

    #[test]
    fn a_blob_that_lies_under_a_right_hash_is_refused_without_panic() {
        let blob = encode_readings(&readings(), &mut Compressor::new(1).unwrap()).unwrap();
        let check = |bytes: &[u8]| {
            assert!(decode(bytes, blake3::hash(bytes).as_bytes()).is_err());
        };
        for length in 0..blob.bytes.len() {
            check(&blob.bytes[..length]);
        }
        for count in [0_u32, 99, 101, 70_000] {
            let mut bytes = blob.bytes.clone();
            bytes[8..12].copy_from_slice(&count.to_le_bytes());
            check(&bytes);
        }
    }
}
