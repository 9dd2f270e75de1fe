//! The corpus that readers are measured with: 100 000 frames of HJ 212-2017, 61 201 493 bytes.
//!
//! It is defined by a Python script (`random.seed(212)`, `randrange`, `uniform`, `%.3f`); the generator of
//! that language is made here again, so that everybody measures with the same bytes.

use std::fmt::Write as _;

use hj212::crc_table;

/// Frames of the whole corpus.
pub const FRAMES: u32 = 100_000;
/// Bytes of the whole corpus.
pub const BYTES: usize = 61_201_493;
/// FNV-1a (64 bit) of the whole corpus.
pub const FINGERPRINT: u64 = 0x1b79_34c8_b840_35ab;

const FACTORS: [&str; 8] =
    ["a34004", "a34002", "a21026", "a21004", "a21005", "a05024", "a01001", "a01002"];

/// Writes the first `frames` frames.
pub fn write(frames: u32) -> Vec<u8> {
    let mut random = Twister::new(212);
    let mut corpus = Vec::with_capacity(frames as usize * 613);
    for number in 0..frames {
        let second = number / 4;
        let time = format!(
            "202611{:02}{:02}{:02}",
            1 + second / 86_400,
            second / 3600 % 24,
            second / 60 % 60
        );
        let millisecond = number % 4 * 250 + random.below_250();
        let qn = format!("{time}{:02}{millisecond:03}", second % 60);
        let mn = format!("010000A8900016F0{:08X}", 0x0016_9000 + number % 200);
        let mut cp = String::new();
        let cn = if number % 2 == 0 {
            let _ = write!(cp, "DataTime={time}{:02}", second % 60);
            for factor in FACTORS {
                let _ =
                    write!(cp, ";{factor}-Rtd={:.3},{factor}-Flag=N", random.uniform(0.0, 500.0));
            }
            2011
        } else {
            let _ = write!(cp, "DataTime={time}00");
            for factor in FACTORS {
                let mean = random.uniform(1.0, 400.0);
                let (total, low, high) = (mean * 6.0, mean * 0.9, mean * 1.1);
                let _ = write!(
                    cp,
                    ";{factor}-Cou={total:.3},{factor}-Min={low:.3},{factor}-Avg={mean:.3},{factor}-Max={high:.3},{factor}-Flag=N"
                );
            }
            2051
        };
        let segment = format!("QN={qn};ST=22;CN={cn};PW=123456;MN={mn};Flag=4;CP=&&{cp}&&");
        let crc = crc_table(segment.as_bytes());
        corpus
            .extend_from_slice(format!("##{:04}{segment}{crc:04X}\r\n", segment.len()).as_bytes());
    }
    corpus
}

/// FNV-1a of 64 bits.
pub fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// MT19937, seeded and drawn from as Python's `random` does it.
struct Twister {
    state: [u32; 624],
    at: usize,
}

impl Twister {
    /// `random.seed(seed)` for a small integer: `init_by_array` with one word.
    fn new(seed: u32) -> Self {
        let mut state = [0_u32; 624];
        state[0] = 19_650_218;
        for at in 1..624 {
            let before = state[at - 1];
            state[at] =
                1_812_433_253_u32.wrapping_mul(before ^ (before >> 30)).wrapping_add(at as u32);
        }
        let mut at = 1;
        let mut step = |state: &mut [u32; 624], factor: u32, add: &dyn Fn(usize) -> u32| {
            let before = state[at - 1];
            let mixed = state[at] ^ (before ^ (before >> 30)).wrapping_mul(factor);
            state[at] = mixed.wrapping_add(add(at));
            at += 1;
            if at == 624 {
                state[0] = state[623];
                at = 1;
            }
        };
        for _ in 0..624 {
            step(&mut state, 1_664_525, &|_| seed);
        }
        for _ in 0..623 {
            step(&mut state, 1_566_083_941, &|at| (at as u32).wrapping_neg());
        }
        state[0] = 0x8000_0000;
        Self { state, at: 624 }
    }

    fn next(&mut self) -> u32 {
        if self.at == 624 {
            for at in 0..624 {
                let word =
                    (self.state[at] & 0x8000_0000) | (self.state[(at + 1) % 624] & 0x7FFF_FFFF);
                let twist = if word & 1 == 1 { 0x9908_B0DF } else { 0 };
                self.state[at] = self.state[(at + 397) % 624] ^ (word >> 1) ^ twist;
            }
            self.at = 0;
        }
        let mut word = self.state[self.at];
        self.at += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9D2C_5680;
        word ^= (word << 15) & 0xEFC6_0000;
        word ^ (word >> 18)
    }

    /// `random.randrange(250)`: eight bits, drawn again when too large.
    fn below_250(&mut self) -> u32 {
        loop {
            let value = self.next() >> 24;
            if value < 250 {
                return value;
            }
        }
    }

    /// `random.uniform(low, high)`.
    fn uniform(&mut self, low: f64, high: f64) -> f64 {
        let (high_bits, low_bits) = (self.next() >> 5, self.next() >> 6);
        let unit =
            (f64::from(high_bits) * 67_108_864.0 + f64::from(low_bits)) / 9_007_199_254_740_992.0;
        low + (high - low) * unit
    }
}
