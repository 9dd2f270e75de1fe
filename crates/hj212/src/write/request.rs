//! Requests of the host.

use super::{Dialect, Head, WriteError, Writer};
use crate::time::Civil;

/// A request or notice of the host to a device.
///
/// `pol_id` names the factor whose instrument is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Request<'a> {
    /// 1000: how long to wait for answers (s, 1–99) and how often to repeat (1–99).
    SetTimeouts {
        /// Seconds; up to 86400 in 2005.
        over_time_s: u32,
        /// Times.
        re_count: u8,
    },
    /// 1001 (2005): seconds until an exceedance is reported.
    SetWarnTime(u32),
    /// 1002 (2025): gives the device of this logger serial the MN of the header.
    SetMn {
        /// Serial of the logger, from its 1001.
        serial: &'a str,
    },
    /// 1011: read the clock, of the logger or of one instrument.
    ReadTime {
        /// The instrument.
        pol_id: Option<&'a str>,
    },
    /// 1012: set the clock.
    SetTime {
        /// The instrument.
        pol_id: Option<&'a str>,
        /// Local time, to the second.
        time: Civil,
    },
    /// 1014 (2025): set a new SM4 key. To be encrypted with the present key.
    SetKey {
        /// When the key was made.
        created: Civil,
        /// 16 characters.
        key: &'a str,
    },
    /// 1021 (2005): read the alarm limits of these factors.
    ReadLimits(&'a [&'a str]),
    /// 1022 (2005): set alarm limits, `(code, low, high)`.
    SetLimits(&'a [(&'a str, &'a str, &'a str)]),
    /// 1031 (2005): read the address of the host.
    ReadAlarmTarget,
    /// 1032 (2005): set the address of the host.
    SetAlarmTarget(&'a str),
    /// 1041 (2005): read the time of the daily report.
    ReadReportTime,
    /// 1042 (2005): set it, hour and minute.
    SetReportTime {
        /// 0–23.
        hour: u8,
        /// 0–59.
        minute: u8,
    },
    /// 1061: read the interval of instantaneous values.
    ReadRtdInterval,
    /// 1062: set it, 30–3600 s.
    SetRtdInterval(u32),
    /// 1063 (2017 on): read the interval of minute values.
    ReadMinInterval,
    /// 1064 (2017 on): set it: 1 2 3 4 5 6 10 12 15 20 30 min.
    SetMinInterval(u8),
    /// 1072: set the password.
    SetPassword(&'a str),
    /// 2011: begin to upload instantaneous values.
    StartRealtime,
    /// 2012: stop it. A notice.
    StopRealtime,
    /// 2021: begin to upload the state of treatment equipment.
    StartEquipment,
    /// 2022: stop it. A notice.
    StopEquipment,
    /// 2031, 2041, 2051, 2061 and, in 2025, 2011, 2013, 2062; 2071 in 2005: data of periods that begin in a
    /// range, both ends included.
    History {
        /// The command.
        cn: u16,
        /// First start of a period.
        begin: Civil,
        /// Last start of a period.
        end: Civil,
    },
    /// 3011: zero and span calibration. The kind (0 zero, 1 span) is of 2025.
    Calibrate {
        /// The instrument.
        pol_id: &'a str,
        /// 0 zero, 1 span.
        kind: Option<u8>,
    },
    /// 3012: sample now.
    Sample(&'a str),
    /// 3013 (2017 on): clean or blow back.
    Clean(&'a str),
    /// 3014 (2017): comparison sampling.
    Compare(&'a str),
    /// 3015 (2017): keep a sample of an exceedance.
    KeepSample,
    /// 3016 (2017): set the sampling period.
    SetSampling {
        /// The instrument.
        pol_id: &'a str,
        /// Hour, minute, second of the first sample.
        first: (u8, u8, u8),
        /// Period, 1–24 h.
        period_h: u8,
    },
    /// 3017 (2017): read the sampling period.
    ReadSampling(&'a str),
    /// 3018 (2017 on): read the minutes until a result.
    ReadSampleTime(&'a str),
    /// 3019 (2017 on): read the id of an instrument.
    ReadInstrument(&'a str),
    /// 3020 (2017 on): read a state or parameter, or a log when a range is given.
    ReadInfo {
        /// The instrument.
        pol_id: &'a str,
        /// The i-code.
        info_id: &'a str,
        /// Range of a log.
        range: Option<(Civil, Civil)>,
    },
    /// 3021 (2017 on): set a parameter.
    SetInfo {
        /// The instrument.
        pol_id: &'a str,
        /// The i-code.
        info_id: &'a str,
        /// The value.
        value: &'a str,
    },
    /// 3022 (2025): keep a sample now.
    KeepSampleOf(&'a str),
    /// 3024 (2025): begin a standard check.
    StandardCheck(&'a str),
}

/// Writes a request at the end of `out`. The command number is that of the request; `head.cn` is ignored.
///
/// # Errors
///
/// [`WriteError::NotInDialect`] if the dialect has no such request, otherwise as [`Writer::finish`].
pub fn request(
    head: &Head<'_>,
    dialect: Dialect,
    request: &Request<'_>,
    key: Option<&crate::cipher::Key>,
    out: &mut Vec<u8>,
) -> Result<(), WriteError> {
    if !request.dialects().contains(&dialect) {
        return Err(WriteError::NotInDialect(dialect));
    }
    let mut writer = Writer::new();
    request.content(dialect, &mut writer)?;
    let head = Head { cn: request.cn(), ..*head };
    writer.finish(&head, key, out).map(|_| ())
}

use Dialect::{SurfaceWater, V2005, V2017, V2025};

impl Request<'_> {
    /// The command number.
    pub const fn cn(&self) -> u16 {
        match self {
            Self::SetTimeouts { .. } => 1000,
            Self::SetWarnTime(_) => 1001,
            Self::SetMn { .. } => 1002,
            Self::ReadTime { .. } => 1011,
            Self::SetTime { .. } => 1012,
            Self::SetKey { .. } => 1014,
            Self::ReadLimits(_) => 1021,
            Self::SetLimits(_) => 1022,
            Self::ReadAlarmTarget => 1031,
            Self::SetAlarmTarget(_) => 1032,
            Self::ReadReportTime => 1041,
            Self::SetReportTime { .. } => 1042,
            Self::ReadRtdInterval => 1061,
            Self::SetRtdInterval(_) => 1062,
            Self::ReadMinInterval => 1063,
            Self::SetMinInterval(_) => 1064,
            Self::SetPassword(_) => 1072,
            Self::StartRealtime => 2011,
            Self::StopRealtime => 2012,
            Self::StartEquipment => 2021,
            Self::StopEquipment => 2022,
            Self::History { cn, .. } => *cn,
            Self::Calibrate { .. } => 3011,
            Self::Sample(_) => 3012,
            Self::Clean(_) => 3013,
            Self::Compare(_) => 3014,
            Self::KeepSample => 3015,
            Self::SetSampling { .. } => 3016,
            Self::ReadSampling(_) => 3017,
            Self::ReadSampleTime(_) => 3018,
            Self::ReadInstrument(_) => 3019,
            Self::ReadInfo { .. } => 3020,
            Self::SetInfo { .. } => 3021,
            Self::KeepSampleOf(_) => 3022,
            Self::StandardCheck(_) => 3024,
        }
    }

    /// The dialects that have it.
    fn dialects(&self) -> &'static [Dialect] {
        match self {
            Self::SetWarnTime(_)
            | Self::ReadLimits(_)
            | Self::SetLimits(_)
            | Self::ReadAlarmTarget
            | Self::SetAlarmTarget(_)
            | Self::ReadReportTime
            | Self::SetReportTime { .. }
            | Self::History { cn: 2071, .. } => &[V2005],
            Self::SetMn { .. }
            | Self::SetKey { .. }
            | Self::KeepSampleOf(_)
            | Self::StandardCheck(_)
            | Self::Calibrate { kind: Some(_), .. }
            | Self::History { cn: 2011 | 2013 | 2062, .. } => &[V2025],
            Self::Compare(_)
            | Self::KeepSample
            | Self::SetSampling { .. }
            | Self::ReadSampling(_) => &[V2017],
            Self::ReadMinInterval
            | Self::SetMinInterval(_)
            | Self::Clean(_)
            | Self::ReadSampleTime(_)
            | Self::ReadInstrument(_)
            | Self::ReadInfo { .. }
            | Self::SetInfo { .. } => &[V2017, V2025],
            Self::History { cn: 2031 | 2041 | 2051 | 2061, .. } => {
                &[V2005, V2017, V2025, SurfaceWater]
            }
            Self::History { .. } => &[],
            _ => &[V2005, V2017, V2025, SurfaceWater],
        }
    }

    fn content(&self, dialect: Dialect, writer: &mut Writer) -> Result<(), WriteError> {
        match *self {
            Self::SetTimeouts { over_time_s, re_count } => {
                let max = if dialect == V2005 { 86_400 } else { 99 };
                let over_time = ranged("OverTime", over_time_s, 1, max)?;
                let re_count = ranged("ReCount", u32::from(re_count), 1, 99)?;
                writer.common("OverTime", &over_time)?.common("ReCount", &re_count)?;
            }
            Self::SetWarnTime(seconds) => {
                writer.common("WarnTime", &seconds.to_string())?;
            }
            Self::SetMn { serial } => {
                writer.common("i23005-Info", serial)?;
            }
            Self::ReadTime { pol_id } => polluted(writer, pol_id)?,
            Self::SetTime { pol_id, time } => {
                polluted(writer, pol_id)?;
                writer.common("SystemTime", &time.digits14())?;
            }
            Self::SetKey { created, key } => {
                if key.len() != 16 {
                    return Err(WriteError::Field { name: "NewSK", problem: "16 characters" });
                }
                writer.group().item("SKCreateTime", &created.digits17())?.item("NewSK", key)?;
            }
            Self::ReadLimits(codes) => {
                for code in codes {
                    writer.common("PolId", code)?;
                }
            }
            Self::SetLimits(limits) => {
                for (code, low, high) in limits {
                    writer
                        .group()
                        .item(&format!("{code}-LowValue"), low)?
                        .item(&format!("{code}-UpValue"), high)?;
                }
            }
            Self::SetAlarmTarget(target) => {
                writer.common("AlarmTarget", target)?;
            }
            Self::SetReportTime { hour, minute } => {
                let hour = ranged("ReportTime", u32::from(hour), 0, 23)?;
                let minute = ranged("ReportTime", u32::from(minute), 0, 59)?;
                writer.common("ReportTime", &format!("{hour:0>2}{minute:0>2}"))?;
            }
            Self::SetRtdInterval(seconds) => {
                writer.common("RtdInterval", &ranged("RtdInterval", seconds, 30, 3600)?)?;
            }
            Self::SetMinInterval(minutes) => {
                if !MIN_INTERVALS.contains(&minutes) {
                    return Err(WriteError::Field {
                        name: "MinInterval",
                        problem: "one of 1 2 3 4 5 6 10 12 15 20 30 min",
                    });
                }
                writer.common("MinInterval", &minutes.to_string())?;
            }
            Self::SetPassword(password) => {
                if password.len() != 6 {
                    return Err(WriteError::Field { name: "NewPW", problem: "6 characters" });
                }
                writer.common(if dialect == V2005 { "PW" } else { "NewPW" }, password)?;
            }
            Self::History { begin, end, .. } => range(writer, dialect, begin, end)?,
            _ => self.device_content(dialect, writer)?,
        }
        Ok(())
    }

    /// Requests about one instrument, 3011–3024.
    fn device_content(&self, dialect: Dialect, writer: &mut Writer) -> Result<(), WriteError> {
        match *self {
            Self::Calibrate { pol_id, kind: Some(kind) } => {
                let kind = ranged("CalibrationType", u32::from(kind), 0, 1)?;
                writer.group().item("PolId", pol_id)?.item("CalibrationType", &kind)?;
            }
            Self::Calibrate { pol_id, kind: None }
            | Self::Sample(pol_id)
            | Self::Clean(pol_id)
            | Self::Compare(pol_id)
            | Self::ReadSampling(pol_id)
            | Self::ReadSampleTime(pol_id)
            | Self::ReadInstrument(pol_id)
            | Self::KeepSampleOf(pol_id)
            | Self::StandardCheck(pol_id) => {
                writer.common("PolId", pol_id)?;
            }
            Self::SetSampling { pol_id, first: (hour, minute, second), period_h } => {
                if hour > 23 || minute > 59 || second > 59 {
                    return Err(WriteError::Field {
                        name: "CstartTime",
                        problem: "a time of the day",
                    });
                }
                let period = ranged("Ctime", u32::from(period_h), 1, 24)?;
                writer
                    .common("PolId", pol_id)?
                    .common("CstartTime", &format!("{hour:02}{minute:02}{second:02}"))?
                    .common("CTime", &period)?;
            }
            Self::ReadInfo { pol_id, info_id, range: log } => {
                writer.common("PolId", pol_id)?.common("InfoId", info_id)?;
                if let Some((begin, end)) = log {
                    range(writer, dialect, begin, end)?;
                }
            }
            Self::SetInfo { pol_id, info_id, value } => {
                writer
                    .common("PolId", pol_id)?
                    .common("InfoId", info_id)?
                    .common(&format!("{info_id}-Info"), value)?;
            }
            // The rest has an empty CP.
            _ => {}
        }
        Ok(())
    }
}

/// Minutes allowed between minute values (HJ 212-2017 table 9 and its note).
const MIN_INTERVALS: [u8; 11] = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30];

fn polluted(writer: &mut Writer, pol_id: Option<&str>) -> Result<(), WriteError> {
    if let Some(pol_id) = pol_id {
        writer.common("PolId", pol_id)?;
    }
    Ok(())
}

/// The range of a history request: two groups, or in 2005 one.
fn range(
    writer: &mut Writer,
    dialect: Dialect,
    begin: Civil,
    end: Civil,
) -> Result<(), WriteError> {
    if end < begin {
        return Err(WriteError::Field { name: "EndTime", problem: "not before BeginTime" });
    }
    let (begin, end) = (begin.digits14(), end.digits14());
    if dialect == V2005 {
        writer.group().item("BeginTime", &begin)?.item("EndTime", &end)?;
    } else {
        writer.common("BeginTime", &begin)?.common("EndTime", &end)?;
    }
    Ok(())
}

fn ranged(name: &'static str, value: u32, min: u32, max: u32) -> Result<String, WriteError> {
    if (min..=max).contains(&value) {
        Ok(value.to_string())
    } else {
        Err(WriteError::Field { name, problem: "outside the range of the standard" })
    }
}
