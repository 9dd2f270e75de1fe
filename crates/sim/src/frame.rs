//! An upload as the bytes of HJ 212-2017 that its device sends.

use crate::calendar::ZONE_OFFSET_MS;
use crate::schedule::{Fault, Kind};
use crate::upload::Upload;
use hj212::time::Civil;
use hj212::{Flag, Head, WriteError, Writer};
use model::{Device, Timestamp};

impl Kind {
    /// The command number of its frames.
    pub const fn command(self) -> u16 {
        match self {
            Self::Realtime => 2011,
            Self::Minute => 2051,
            Self::Hour => 2061,
            Self::Day => 2031,
        }
    }
}

impl Upload {
    /// Writes the upload at the end of `out` as its device would send it, asking for an answer, and
    /// says how many frames that made. [`Fault::BadCrc`] flips a bit in the middle, as a bad line does.
    ///
    /// # Errors
    ///
    /// When `device` has a name or a password that no frame can carry.
    pub fn write(&self, device: &Device, out: &mut Vec<u8>) -> Result<usize, WriteError> {
        let mut writer = Writer::new();
        let data_time = civil(self.data_time).map(|time| time.digits14()).unwrap_or_default();
        writer.common("DataTime", &data_time)?;
        let mut previous: Option<(&str, char)> = None;
        for item in &self.items {
            if previous.is_none_or(|(code, _)| code != item.code) {
                close_group(&mut writer, previous)?;
                writer.group();
            }
            writer.item(&format!("{}-{}", item.code, item.field.name()), &item.value)?;
            previous = Some((item.code, item.flag));
        }
        close_group(&mut writer, previous)?;
        let head = Head {
            qn: civil(self.clock),
            st: self.system,
            cn: self.kind.command(),
            pw: Some(&device.password).filter(|password| !password.is_empty()).map(String::as_str),
            mn: Some(&device.mn),
            flag: Some(Flag::new(1, false, true)),
            part: None,
            resent: false,
        };
        let start = out.len();
        let frames = writer.finish(&head, None, out)?;
        if self.fault == Some(Fault::BadCrc) {
            let middle = usize::midpoint(start, out.len());
            out[middle] ^= 1;
        }
        Ok(frames)
    }
}

fn close_group(writer: &mut Writer, group: Option<(&str, char)>) -> Result<(), WriteError> {
    if let Some((code, flag)) = group {
        writer.item(&format!("{code}-Flag"), flag.encode_utf8(&mut [0; 4]))?;
    }
    Ok(())
}

/// The local civil time of an instant; `None` outside the years 0 to 9999.
fn civil(time: Timestamp) -> Option<Civil> {
    // the printed instant holds the 17 digits in order
    let printed = (time + ZONE_OFFSET_MS).to_string();
    let digits: Vec<u8> = printed.bytes().filter(u8::is_ascii_digit).collect();
    Civil::read(&digits).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Settings, Zone};
    use model::HOUR_MS;

    fn zone_and_upload() -> (Zone, Upload) {
        let zone = Zone::new(Settings::default());
        let now = Timestamp::from_ms(1_772_326_800_000);
        let uploads = zone.uploads_of(&[Kind::Hour], now - HOUR_MS, now);
        let upload = uploads.into_iter().find(|upload| upload.device == 0).unwrap();
        (zone, upload)
    }

    #[test]
    fn an_hour_of_a_station_is_read_back_without_a_problem() {
        let (zone, upload) = zone_and_upload();
        let mut wire = Vec::new();
        assert_eq!(upload.write(zone.device(0).unwrap(), &mut wire), Ok(1));
        let (frame, problems) = hj212::read(&wire).unwrap();
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!(frame.st(), "22");
        let text = String::from_utf8(wire).unwrap();
        assert!(text.contains(";CN=2061;"), "{text}");
        // sent at 08:00:42 local time, about the hour that began at seven
        assert!(text.contains("DataTime=20260301070000;a34004-Min="), "{text}");
        assert!(text.contains(",a05024-Flag=N&&"), "{text}");
    }

    #[test]
    fn a_bad_checksum_is_rejected_by_the_reader() {
        let (zone, mut upload) = zone_and_upload();
        upload.fault = Some(Fault::BadCrc);
        let mut wire = Vec::new();
        upload.write(zone.device(0).unwrap(), &mut wire).unwrap();
        assert!(hj212::read(&wire).is_err());
    }
}
