//! Kept frames as a blob: a compressed block of columns, then a compressed block of the bytes. A
//! listing reads the first block and leaves the second alone.

use super::{Blob, BlobError, Cursor, header, open};
use crate::record::{FrameRecord, FrameView};
use model::{DeviceId, Disposition, Reason, Sequence, Timestamp};
use std::io;
use std::ops::Range;
use zstd::bulk::Compressor;

const MAGIC: [u8; 4] = *b"SKRF";
const VERSION: u32 = 1;

/// Writes frames; their bytes are ranges of `raw`.
pub fn encode_frames(
    frames: &[FrameRecord],
    raw: &[u8],
    zstd: &mut Compressor<'_>,
) -> io::Result<Blob> {
    let mut columns = Vec::with_capacity(frames.len() * 40);
    put(&mut columns, frames, |frame| frame.sequence.0.to_le_bytes());
    put(&mut columns, frames, |frame| frame.received_at.as_ms().to_le_bytes());
    put(&mut columns, frames, |frame| device_number(frame.device).to_le_bytes());
    put(&mut columns, frames, |frame| [frame.disposition as u8]);
    put(&mut columns, frames, |frame| [frame.reason as u8]);
    put(&mut columns, frames, |frame| (frame.raw.len() as u32).to_le_bytes());
    // A stranger's name has its length plus one, so that an empty name is not no name.
    put(&mut columns, frames, |frame| {
        frame.stranger.as_ref().map_or(0, |name| name.len() as u32 + 1).to_le_bytes()
    });
    for name in frames.iter().filter_map(|frame| frame.stranger.as_ref()) {
        columns.extend_from_slice(name.as_bytes());
    }
    let mut all = Vec::with_capacity(raw.len());
    for frame in frames {
        all.extend_from_slice(&raw[frame.raw.clone()]);
    }
    let packed = zstd.compress(&columns)?;
    let mut bytes = header(MAGIC, VERSION, frames.len());
    for length in [columns.len(), packed.len(), all.len()] {
        bytes.extend_from_slice(&(length as u32).to_le_bytes());
    }
    bytes.extend_from_slice(&packed);
    bytes.append(&mut zstd.compress(&all)?);
    let hash = *blake3::hash(&bytes).as_bytes();
    Ok(Blob { bytes, hash })
}

fn put<const N: usize>(
    columns: &mut Vec<u8>,
    frames: &[FrameRecord],
    number: impl Fn(&FrameRecord) -> [u8; N],
) {
    for frame in frames {
        columns.extend_from_slice(&number(frame));
    }
}

/// The first block of a blob, read; the bytes of the frames are fetched when somebody wants them.
pub struct FrameIndex<'a> {
    /// The frames, without their bytes.
    pub frames: Vec<FrameView>,
    ranges: Vec<Range<usize>>,
    raw_bytes: usize,
    packed: &'a [u8],
}

/// Reads the columns of a blob.
pub fn decode_frames<'a>(bytes: &'a [u8], hash: &[u8]) -> Result<FrameIndex<'a>, BlobError> {
    let (count, rest) = open(bytes, hash, MAGIC, VERSION)?;
    let mut cursor = Cursor(rest);
    let columns_bytes = u32::from_le_bytes(cursor.take()?) as usize;
    let packed_bytes = u32::from_le_bytes(cursor.take()?) as usize;
    let raw_bytes = u32::from_le_bytes(cursor.take()?) as usize;
    let columns = zstd::bulk::decompress(cursor.bytes(packed_bytes)?, columns_bytes)?;
    let packed = cursor.0;
    let mut cursor = Cursor(&columns);
    let sequence = cursor.column::<8>(count)?;
    let received_at = cursor.column::<8>(count)?;
    let device = cursor.column::<4>(count)?;
    let disposition = cursor.column::<1>(count)?;
    let reason = cursor.column::<1>(count)?;
    let raw_length = cursor.column::<4>(count)?;
    let stranger_length = cursor.column::<4>(count)?;
    let mut frames = Vec::with_capacity(count);
    let mut ranges = Vec::with_capacity(count);
    let mut start = 0_usize;
    for row in 0..count {
        let stranger = match u32::from_le_bytes(stranger_length[row]) {
            0 => None,
            length => Some(cursor.bytes(length as usize - 1)?),
        };
        let end = start + u32::from_le_bytes(raw_length[row]) as usize;
        ranges.push(start..end);
        start = end;
        frames.push(FrameView {
            sequence: Sequence(u64::from_le_bytes(sequence[row])),
            received_at: Timestamp::from_ms(i64::from_le_bytes(received_at[row])),
            device: device_of(i32::from_le_bytes(device[row])),
            stranger: stranger.map(|name| String::from_utf8_lossy(name).into_owned()),
            disposition: disposition_of(disposition[row][0]).ok_or(BlobError::Number)?,
            reason: reason_of(reason[row][0]).ok_or(BlobError::Number)?,
            raw: vec![],
        });
    }
    if start != raw_bytes {
        return Err(BlobError::Length);
    }
    Ok(FrameIndex { frames, ranges, raw_bytes, packed })
}

impl FrameIndex<'_> {
    /// The frames with their bytes.
    pub fn with_bytes(mut self) -> Result<Vec<FrameView>, BlobError> {
        let raw = zstd::bulk::decompress(self.packed, self.raw_bytes)?;
        for (frame, range) in self.frames.iter_mut().zip(self.ranges) {
            frame.raw = raw.get(range).ok_or(BlobError::Length)?.to_vec();
        }
        Ok(self.frames)
    }
}

/// How a device is stored: -1 for none.
pub fn device_number(device: Option<DeviceId>) -> i32 {
    device.map_or(-1, |device| device.0 as i32)
}

/// The device of a stored number.
pub fn device_of(number: i32) -> Option<DeviceId> {
    u32::try_from(number).ok().map(DeviceId)
}

/// The disposition of a stored number.
pub fn disposition_of(number: u8) -> Option<Disposition> {
    Disposition::ALL.get(usize::from(number)).copied()
}

/// The reason of a stored number.
pub fn reason_of(number: u8) -> Option<Reason> {
    Reason::ALL.get(usize::from(number)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames() -> (Vec<FrameRecord>, Vec<u8>) {
        let mut raw = vec![];
        let frames = (0..20_u32)
            .map(|n| {
                let start = raw.len();
                raw.extend(format!("##00{n:02}ST=22;CN=2011;{}", "x".repeat(n as usize)).bytes());
                FrameRecord {
                    sequence: Sequence(u64::from(n) * 2 + 1),
                    received_at: Timestamp::from_ms(i64::from(n)),
                    device: (n % 3 != 0).then_some(DeviceId(n)),
                    stranger: (n % 3 == 0).then(|| "甲".repeat(n as usize)),
                    disposition: Disposition::ALL[n as usize % 4],
                    reason: Reason::ALL[n as usize % 14],
                    raw: start..raw.len(),
                }
            })
            .collect();
        (frames, raw)
    }

    #[test]
    fn frames_come_back_as_they_were() {
        let (frames, raw) = frames();
        let blob = encode_frames(&frames, &raw, &mut Compressor::new(1).unwrap()).unwrap();
        let back = decode_frames(&blob.bytes, &blob.hash).unwrap().with_bytes().unwrap();
        assert_eq!(back.len(), frames.len());
        for (back, frame) in back.iter().zip(&frames) {
            assert_eq!(back.raw, raw[frame.raw.clone()]);
            assert_eq!(
                (back.sequence, back.received_at, back.device, &back.stranger),
                (frame.sequence, frame.received_at, frame.device, &frame.stranger)
            );
            assert_eq!((back.disposition, back.reason), (frame.disposition, frame.reason));
        }
    }

    #[test]
    fn a_blob_that_lies_under_a_right_hash_is_refused_without_panic() {
        let (frames, raw) = frames();
        let blob = encode_frames(&frames, &raw, &mut Compressor::new(1).unwrap()).unwrap();
        let read =
            |bytes: &[u8]| decode_frames(bytes, blake3::hash(bytes).as_bytes())?.with_bytes();
        for length in 0..blob.bytes.len() {
            assert!(read(&blob.bytes[..length]).is_err());
        }
        for place in 0..blob.bytes.len() {
            let mut bytes = blob.bytes.clone();
            bytes[place] ^= 0x41;
            assert!(decode_frames(&bytes, &blob.hash).is_err());
            if let Ok(frames) = read(&bytes) {
                assert!(frames.len() <= 20, "no more than there were");
            }
        }
    }
}
