//! A log of frames, as a logger or a front end writes it down: read like a connection that asks nothing.

use super::batch::Batch;
use super::mapping::{self, Layout, Reader, Scratch};
use crate::file::Bounded;
use crate::file::{Fault, Measure, Options, Problem, Row, Value};
use hj212::{Deframer, Event, Frame, RawFrame};
use model::{Arrival, Device, DeviceId, ParameterTable, Reason, Registry, Timestamp};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Layouts that are remembered; devices times commands.
const LAYOUTS_MAX: usize = 4_096;

/// The frames of a log, one after another.
pub struct FrameLog {
    bytes: Bounded,
    deframer: Deframer,
    buffer: Vec<u8>,
    parameters: Result<ParameterTable, Fault>,
    clock: super::Clock,
    layouts: HashMap<(String, u16), Layout>,
    scratch: Scratch,
    registry: Arc<Registry>,
    unknown: Device,
    ready: VecDeque<Row>,
    count: u64,
    is_ended: bool,
}

impl FrameLog {
    /// A log at its beginning.
    pub fn new(bytes: Bounded, options: &Options) -> Self {
        let limits = super::Limits::default();
        let deframer = Deframer::new(hj212::Limits {
            segment_bytes_max: limits.frame_bytes_max,
            ..hj212::Limits::default()
        });
        Self {
            bytes,
            deframer,
            buffer: vec![],
            parameters: ParameterTable::builtin()
                .map_err(|error| Fault::column(&error.to_string())),
            clock: options.clock.clone(),
            layouts: HashMap::new(),
            scratch: Scratch::default(),
            registry: Arc::clone(&options.registry),
            unknown: Device::default(),
            ready: VecDeque::new(),
            count: 0,
            is_ended: false,
        }
    }

    /// The next frame as a row; frames that carry no readings have none.
    ///
    /// # Errors
    /// When the file cannot be read on, or is no log of frames.
    pub fn next_row(&mut self) -> Result<Option<Row>, Fault> {
        while self.ready.is_empty() && !self.is_ended {
            self.read()?;
        }
        Ok(self.ready.pop_front())
    }

    fn read(&mut self) -> Result<(), Fault> {
        let found = self.bytes.fill(self.count)?;
        let count = found.len();
        self.buffer.extend_from_slice(found);
        self.bytes.consume(count);
        if count == 0 {
            self.is_ended = true;
            self.deframer.give_up_head();
        }
        let buffer = std::mem::take(&mut self.buffer);
        let mut rest = &buffer[..];
        while let Some(event) = self.deframer.next(&mut rest) {
            self.count += 1;
            let row = match event {
                Event::Frame(raw) => self.frame(&raw)?,
                Event::Bad(bad) => {
                    let name = bad.reason.name();
                    self.bad(bad.bytes, Reason::BadCrc, name)
                }
                Event::Skipped(noise) => self.bad(noise, Reason::BadGrammar, "no frame"),
                Event::Hopeless(_) => return Err(Fault::hopeless()),
            };
            self.ready.push_back(row);
        }
        self.buffer = rest.to_vec();
        Ok(())
    }

    fn bad(&self, bytes: &[u8], reason: Reason, what: &str) -> Row {
        let kept = bytes.len().min(super::Limits::default().bad_frame_bytes_kept);
        let problem =
            Problem::new(reason, format!("a bad frame: {what}"), format!("坏报文：{what}"));
        Row {
            line: self.count,
            raw: bytes[..kept].to_vec(),
            station: String::new(),
            place: String::new(),
            values: Err(Problem { values: 0, ..problem }),
        }
    }

    fn frame(&mut self, raw: &RawFrame<'_>) -> Result<Row, Fault> {
        let Ok((frame, _)) = raw.read() else {
            return Ok(self.bad(raw.bytes, Reason::BadGrammar, "it cannot be read"));
        };
        let station = frame.mn().to_owned();
        let values = if frame.encrypted.is_some() {
            Err(Problem::new(Reason::NoKey, "it is encrypted", "报文已加密"))
        } else {
            self.values(&station, &frame)?
        };
        let (line, raw) = (self.count, raw.bytes.to_vec());
        Ok(Row { line, raw, station, place: String::new(), values })
    }

    fn values(
        &mut self,
        station: &str,
        frame: &Frame<'_>,
    ) -> Result<Result<Vec<Value>, Problem>, Fault> {
        let cn = frame.cn().unwrap_or_default();
        let Some(period) = mapping::period_of(cn) else { return Ok(Ok(vec![])) };
        let parameters = self.parameters.as_ref().map_err(Fault::clone)?;
        let known = self.registry.device_id(station).and_then(|id| self.registry.device(id));
        let settings = known.unwrap_or(&self.unknown);
        let system = frame.header.st.unwrap_or_default();
        if self.layouts.len() >= LAYOUTS_MAX {
            self.layouts.clear();
        }
        let layout = self
            .layouts
            .entry((station.to_owned(), cn))
            .and_modify(|layout| {
                if !layout.fits(system) {
                    *layout = Layout::new(period, system);
                }
            })
            .or_insert_with(|| Layout::new(period, system));
        let reader = Reader {
            parameters,
            device: DeviceId(0),
            settings,
            names_max: super::Limits::default().names_max,
        };
        // A number of its own for each frame: keys stand in the batch of that frame only.
        let mut batch = Batch::new(self.count, Timestamp::default());
        let content = layout.read(frame.items(), reader, &mut self.scratch, &mut batch);
        let time = content.data_time.and_then(|digits| self.clock.instant(digits));
        if content.reading_count == 0 {
            return Ok(Ok(vec![]));
        }
        let Some(mut time) = time else {
            let problem =
                Problem::new(Reason::BadTime, "it names no instant", "数据时间缺失或无效");
            return Ok(Err(Problem { values: content.reading_count, ..problem }));
        };
        if settings.period_named_by_end {
            time = self.clock.period_start(time, period);
        }
        Ok(Ok(values(&batch.arrival, time)))
    }
}

fn values(arrival: &Arrival, time: Timestamp) -> Vec<Value> {
    let measures: Vec<Arc<Measure>> = arrival
        .keys
        .iter()
        .map(|key| {
            let (parameter, statistic, period) = (key.parameter.clone(), key.statistic, key.period);
            Arc::new(Measure { parameter, statistic, period })
        })
        .collect();
    let value = |reading: &model::ArrivedReading| Value {
        measure: Arc::clone(&measures[reading.key as usize]),
        time,
        value: reading.value,
        flag: reading.flag,
    };
    arrival.readings.iter().map(value).collect()
}
