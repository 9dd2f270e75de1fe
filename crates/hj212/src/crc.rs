//! The checksum of HJ 212 and a diagnosis of wrong ones.
//!
//! The standard calls it "ANSI CRC16", but its register is shifted right by eight *before* each byte is
//! mixed in by exclusive or (HJ 212-2017, Annex A), so it is neither CRC-16/MODBUS nor any other
//! catalogued CRC: only the high byte of the register survives from byte to byte. The step from one high
//! byte to the next is linear, and eight steps are the identity. Bytes whose distance is a multiple of
//! eight can therefore be mixed with each other first: [`crc`] folds a segment into one `u64` and runs
//! the table over those eight bytes only.
//!
//! The same property makes the check weak: two bytes swapped at a distance of eight go unseen, there
//! are only 256 different values, and a random corruption passes once in 256. Look at the length, the
//! grammar, the ranges and the times as well.

/// The checksum of a segment (the bytes between the length digits and the CRC digits).
///
/// ```
/// let segment = b"QN=20160801085857223;ST=32;CN=1062;PW=100000;\
///     MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&";
/// assert_eq!(hj212::crc(segment), 0x1C80); // the published example of HJ 212-2017, Annex A
/// ```
#[inline]
pub fn crc(segment: &[u8]) -> u16 {
    // Align to the end: what stands before the last multiple of eight bytes goes through the table.
    let (first, rest) = segment.split_at(segment.len() % 8);
    let mut register = table_run(INITIAL, first);
    if rest.is_empty() {
        return register;
    }
    let mut lanes = [0_u64; 4];
    let mut blocks = rest.chunks_exact(32);
    for block in &mut blocks {
        for (lane, bytes) in lanes.iter_mut().zip(block.chunks_exact(8)) {
            *lane ^= word(bytes);
        }
    }
    let mut folded = lanes[0] ^ lanes[1] ^ lanes[2] ^ lanes[3];
    for bytes in blocks.remainder().chunks_exact(8) {
        folded ^= word(bytes);
    }
    register = table_run(register, &folded.to_le_bytes());
    register
}

/// The same checksum byte by byte with a table: the plain form, kept to prove [`crc`] right.
pub fn crc_table(segment: &[u8]) -> u16 {
    table_run(INITIAL, segment)
}

/// CRC-16/MODBUS, which some firmware sends by mistake.
pub fn crc_modbus(segment: &[u8]) -> u16 {
    segment.iter().fold(INITIAL, |register, byte| {
        (register >> 8) ^ TABLE[usize::from((register ^ u16::from(*byte)) & 0xFF)]
    })
}

/// What a wrong checksum looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CrcLooksLike {
    /// It is CRC-16/MODBUS of the same segment: the firmware uses the wrong algorithm.
    Modbus,
    /// The two bytes are swapped: the firmware sends the low byte first.
    ByteSwapped,
    /// Its low byte is none of `00 01 40 41 80 81 C0 C1`: no segment at all has this checksum, so
    /// another algorithm made it.
    ImpossibleLowByte,
    /// A possible value, but not of this segment: bytes were changed after it was made.
    Other,
}

impl CrcLooksLike {
    /// The name of this diagnosis in machine-readable output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Modbus => "modbus",
            Self::ByteSwapped => "byte_swapped",
            Self::ImpossibleLowByte => "impossible_low_byte",
            Self::Other => "other",
        }
    }
}

/// Says what a wrong `received` checksum of `segment` looks like.
pub fn diagnose(segment: &[u8], received: u16) -> CrcLooksLike {
    if received == crc_modbus(segment) {
        CrcLooksLike::Modbus
    } else if received == crc(segment).swap_bytes() {
        CrcLooksLike::ByteSwapped
    } else if received & 0x3E != 0 {
        CrcLooksLike::ImpossibleLowByte
    } else {
        CrcLooksLike::Other
    }
}

/// The register before the first byte; also the checksum of an empty segment.
const INITIAL: u16 = 0xFFFF;

/// The reflected table of polynomial 0xA001.
static TABLE: [u16; 256] = table();

const fn table() -> [u16; 256] {
    let mut table = [0_u16; 256];
    let mut index = 0;
    while index < 256 {
        let mut register = index as u16;
        let mut bit = 0;
        while bit < 8 {
            register = if register & 1 == 1 { (register >> 1) ^ 0xA001 } else { register >> 1 };
            bit += 1;
        }
        table[index] = register;
        index += 1;
    }
    table
}

#[inline]
fn table_run(register: u16, bytes: &[u8]) -> u16 {
    bytes.iter().fold(register, |register, byte| TABLE[usize::from((register >> 8) as u8 ^ byte)])
}

#[inline]
fn word(bytes: &[u8]) -> u64 {
    bytes.try_into().map_or(0, u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition of the standard, bit by bit.
    fn crc_bitwise(segment: &[u8]) -> u16 {
        let mut register = 0xFFFF_u16;
        for byte in segment {
            register = (register >> 8) ^ u16::from(*byte);
            for _ in 0..8 {
                let carry = register & 1;
                register >>= 1;
                if carry == 1 {
                    register ^= 0xA001;
                }
            }
        }
        register
    }

    #[test]
    fn published_examples_check_out() {
        let host = b"QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&";
        assert_eq!((host.len(), crc(host), crc_modbus(host)), (101, 0x1C80, 0x0759));
        let of_2025 = b"QN=20240601085857223;ST=32;CN=1011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&&&";
        assert_eq!((of_2025.len(), crc(of_2025), crc_modbus(of_2025)), (87, 0x2200, 0xCCF4));
        assert_eq!(crc(b""), 0xFFFF);
    }

    #[test]
    fn wrong_checksums_are_told_apart() {
        let segment = b"CP=&&&&";
        let right = crc(segment);
        assert_eq!(diagnose(segment, crc_modbus(segment)), CrcLooksLike::Modbus);
        assert_eq!(diagnose(segment, right.swap_bytes()), CrcLooksLike::ByteSwapped);
        assert_eq!(diagnose(segment, 0x1C08), CrcLooksLike::ImpossibleLowByte);
        assert_eq!(diagnose(segment, right ^ 0x0100), CrcLooksLike::Other);
    }

    proptest! {
        #[test]
        fn folded_table_and_bitwise_forms_agree(segment in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(crc(&segment), crc_bitwise(&segment));
            prop_assert_eq!(crc_table(&segment), crc_bitwise(&segment));
        }

        #[test]
        fn the_low_byte_is_one_of_eight(segment in proptest::collection::vec(any::<u8>(), 1..100)) {
            prop_assert_eq!(crc(&segment) & 0x3E, 0);
        }
    }
}
