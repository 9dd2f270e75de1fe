//! What the fleet sends, as data: so that it can be made again and compared with what a server kept.

use super::super::replay::Roster;
use crate::hj212::Clock;
use model::{Area, Device, Dialect, MINUTE_MS, Names, Place, PlaceKind, SECOND_MS, Timestamp};
use std::collections::HashMap;

/// What each device sends, frame by frame.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Number of devices.
    pub devices: u32,
    /// Time of each device's first frame.
    pub start: Timestamp,
    cn: u16,
    step_ms: i64,
    /// Names of the values, `a34004-Avg`, and the code of each.
    names: Vec<(&'static str, &'static str)>,
}

/// Why a plan is none.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Too many values for one frame.
    #[error("a frame holds 1 to {max} values with command {cn}, not {values}")]
    Values {
        /// How many were asked for.
        values: usize,
        /// How many there can be.
        max: usize,
        /// The command.
        cn: u16,
    },
    /// Not a command with values.
    #[error("a fleet sends 2011 (instants) or 2051 (minutes), not {0}")]
    Command(u16),
}

/// Factors in the order in which they are used.
const CODES: [&str; 30] = [
    "a34004", "a34002", "a21026", "a21004", "a21005", "a05024", "a01001", "a01002", "a01006",
    "a01007", "a01008", "a21001", "a21002", "a21003", "a21028", "a24088", "a34001", "a34005",
    "a99054", "w01001", "w01003", "w01009", "w01010", "w01014", "w01018", "w01019", "w21001",
    "w21003", "w21011", "w22001",
];
const MINUTE_FIELDS: [&str; 4] = ["Cou", "Min", "Avg", "Max"];

impl Plan {
    /// `values` values a frame: with 2011 one of each factor and a second between frames, with 2051 up to
    /// four of each factor and a minute between frames.
    ///
    /// # Errors
    /// When the command is another one or cannot hold so many values.
    pub fn new(devices: u32, cn: u16, values: usize, start: Timestamp) -> Result<Self, PlanError> {
        let (fields, step_ms): (&'static [&'static str], i64) = match cn {
            2011 => (&["Rtd"], SECOND_MS),
            2051 => (&MINUTE_FIELDS, MINUTE_MS),
            _ => return Err(PlanError::Command(cn)),
        };
        let max = CODES.len() * fields.len();
        if values == 0 || values > max {
            return Err(PlanError::Values { values, max, cn });
        }
        let names = CODES.iter().flat_map(|code| fields.iter().map(move |field| (*code, *field)));
        let names = names.take(values).collect();
        Ok(Self { devices, start, cn, step_ms, names })
    }

    /// Values in each frame.
    pub fn values_per_frame(&self) -> usize {
        self.names.len()
    }

    /// Factor code and field of each value.
    pub fn names(&self) -> &[(&'static str, &'static str)] {
        &self.names
    }

    /// The command of the uploads.
    pub fn cn(&self) -> u16 {
        self.cn
    }

    /// The name of a device, 24 digits.
    pub fn mn(&self, device: u32) -> String {
        format!("010000A8F1EE7000{device:08X}")
    }

    /// `DataTime` of a device's n-th frame, from 0.
    pub fn time(&self, number: u64) -> Timestamp {
        self.start + self.step_ms * number as i64
    }

    /// The value at a place of a device's n-th frame, in thousandths of its unit: 100 to 199.999.
    pub fn value_thousandths(device: u32, number: u64, place: usize) -> u32 {
        // A cheap mixture: neighbours differ, and nothing repeats soon.
        let seed = u64::from(device).wrapping_mul(0x9E37_79B9_7F4A_7C15)
            ^ number.wrapping_mul(0xD1B5_4A32_D192_ED03);
        let mixed = (seed ^ (seed >> 29)).wrapping_add(place as u64 * 0x9E37_79B9);
        100_000 + ((mixed >> 7) % 100_000) as u32
    }

    /// What a server has to know before the fleet begins: each device at a place of its own.
    pub fn roster(&self) -> Roster {
        let area = Area {
            key: "fleet".to_owned(),
            name: Names { zh: "负载测试".to_owned(), en: "Load test".to_owned() },
            ..Area::default()
        };
        let mut roster = Roster { areas: vec![area], ..Roster::default() };
        for device in 0..self.devices {
            let key = format!("fleet-{device}");
            roster.places.push(Place {
                key: key.clone(),
                name: Names { zh: format!("负载 {device}"), en: format!("Load {device}") },
                kind: PlaceKind::MicroStation,
                lon: 113.4 + f64::from(device % 200) * 0.001,
                lat: 34.7 + f64::from(device / 200) * 0.001,
                area: "fleet".to_owned(),
                simulated: true,
                ..Place::default()
            });
            roster.devices.push(Device {
                mn: self.mn(device),
                password: PASSWORD.to_owned(),
                place: key,
                dialect: Dialect::Hj212V2017,
                period_named_by_end: false,
                units: HashMap::new(),
                ..Device::default()
            });
        }
        roster
    }
}

/// The password of the fleet's devices.
pub(super) const PASSWORD: &str = "123456";

/// A frame to be patched.
#[derive(Clone, Debug)]
pub(super) struct Template {
    bytes: Vec<u8>,
    qn_at: usize,
    mn_at: usize,
    time_at: usize,
    values_at: Vec<usize>,
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";
const SEGMENT_AT: usize = 6;
const TAIL: usize = 6;

impl Template {
    /// The frame of a plan.
    pub fn new(plan: &Plan) -> Self {
        let mut bytes = b"##0000QN=".to_vec();
        let qn_at = bytes.len();
        bytes.extend_from_slice(b"00000000000000000;ST=22;CN=");
        bytes.extend_from_slice(format!("{};PW={PASSWORD};MN=", plan.cn).as_bytes());
        let mn_at = bytes.len();
        bytes.extend_from_slice(plan.mn(0).as_bytes());
        bytes.extend_from_slice(b";Flag=5;CP=&&DataTime=");
        let time_at = bytes.len();
        bytes.extend_from_slice(b"00000000000000");
        let mut values_at = Vec::with_capacity(plan.names.len());
        for (place, (code, field)) in plan.names.iter().enumerate() {
            let is_same = place > 0 && plan.names[place - 1].0 == *code;
            bytes.extend_from_slice(if is_same { b"," } else { b";" });
            bytes.extend_from_slice(format!("{code}-{field}=").as_bytes());
            values_at.push(bytes.len());
            bytes.extend_from_slice(b"100.000");
            if plan.names.get(place + 1).is_none_or(|next| next.0 != *code) {
                bytes.extend_from_slice(format!(",{code}-Flag=N").as_bytes());
            }
        }
        bytes.extend_from_slice(b"&&");
        let length = format!("{:04}", bytes.len() - SEGMENT_AT);
        bytes[2..SEGMENT_AT].copy_from_slice(length.as_bytes());
        bytes.extend_from_slice(b"0000\r\n");
        Self { bytes, qn_at, mn_at, time_at, values_at }
    }

    /// Writes the n-th frame of a device.
    pub fn write(&self, out: &mut Vec<u8>, device: u32, number: u64, times: &Times) {
        let start = out.len();
        out.extend_from_slice(&self.bytes);
        let frame = &mut out[start..];
        frame[self.qn_at..self.qn_at + 17].copy_from_slice(times.qn.as_bytes());
        // The last eight digits of the name are the device's number.
        for (digit, shift) in (0..8).rev().enumerate() {
            frame[self.mn_at + 16 + digit] = HEX[(device >> (4 * shift) & 15) as usize];
        }
        frame[self.time_at..self.time_at + 14].copy_from_slice(times.data.as_bytes());
        for (place, at) in self.values_at.iter().enumerate() {
            let mut value = Plan::value_thousandths(device, number, place);
            for digit in [6, 5, 4, 2, 1, 0] {
                frame[at + digit] = b'0' + (value % 10) as u8;
                value /= 10;
            }
        }
        let end = frame.len() - TAIL;
        let crc = hj212::crc(&frame[SEGMENT_AT..end]);
        for (digit, shift) in [12, 8, 4, 0].into_iter().enumerate() {
            frame[end + digit] = HEX[usize::from(crc >> shift & 15)];
        }
    }
}

/// The digits of a frame's times, kept while they do not change.
#[derive(Clone, Debug)]
pub(super) struct Times {
    pub qn: String,
    data: String,
    data_of: Option<Timestamp>,
}

impl Times {
    /// None yet.
    pub fn new() -> Self {
        Self { qn: String::new(), data: String::new(), data_of: None }
    }

    /// Sets the name of the next exchange: now.
    pub fn set_qn(&mut self, clock: &Clock) {
        self.qn = clock.civil(clock.now()).digits17();
    }

    /// Sets the time of the data.
    pub fn set_data(&mut self, time: Timestamp, clock: &Clock) {
        if self.data_of != Some(time) {
            self.data = clock.civil(time).digits14();
            self.data_of = Some(time);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patched_frame_is_a_right_frame_with_the_planned_values() {
        let clock = Clock::new("Asia/Shanghai", || Timestamp::from_ms(1_772_337_600_123)).unwrap();
        for (cn, values) in [(2011, 1), (2011, 8), (2051, 32), (2051, 100)] {
            let plan = Plan::new(3, cn, values, Timestamp::from_ms(1_772_337_600_000)).unwrap();
            let template = Template::new(&plan);
            let mut times = Times::new();
            times.set_qn(&clock);
            times.set_data(plan.time(7), &clock);
            let mut out = Vec::new();
            template.write(&mut out, 2, 7, &times);
            let (frame, problems) = hj212::read(&out).unwrap();
            let faults: Vec<&str> =
                problems.iter().map(|p| p.kind.name()).filter(|n| *n != "over_1024").collect();
            assert!(faults.is_empty(), "{faults:?}");
            assert_eq!((frame.mn(), frame.qn()), (plan.mn(2).as_str(), "20260301120000123"));
            let sent: Vec<f64> = frame.readings().filter_map(|reading| reading.number()).collect();
            let planned: Vec<f64> = (0..values)
                .map(|place| f64::from(Plan::value_thousandths(2, 7, place)) / 1000.0)
                .collect();
            assert_eq!(sent, planned);
        }
    }

    #[test]
    fn a_plan_names_what_it_cannot_do() {
        let start = Timestamp::from_ms(0);
        assert_eq!(Plan::new(1, 2061, 8, start).unwrap_err(), PlanError::Command(2061));
        let error = Plan::new(1, 2011, 31, start).unwrap_err();
        assert_eq!(error.to_string(), "a frame holds 1 to 30 values with command 2011, not 31");
    }
}
