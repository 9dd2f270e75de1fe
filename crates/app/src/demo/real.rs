//! The demo on real readings: the newest set of files under a folder, replayed by its own clock.

use crate::cli::Failure;
use crate::clock;
use engine::RegistryFile;
use gateway::device::replay::{self, Meter, Options, Range, Row, Source};
use gateway::device::{ClientError, Options as ClientOptions};
use gateway::hj212::Clock;
use model::{DAY_MS, HOUR_MS, Timestamp};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Once the past is filled, an hour of readings takes ten seconds.
const SPEED: i64 = 360;
/// The readings that are left to be seen coming.
const LIVE_MS: i64 = DAY_MS;
/// Connections that the devices share.
const CONNECTIONS: usize = 16;

/// Readings of a folder, parted into the past and what is still to come.
pub struct Real {
    /// Where they were found.
    pub folder: PathBuf,
    source: Source,
    clock: Clock,
    /// The instant at which the replay begins to be watched.
    begin: Timestamp,
}

impl Real {
    /// Finds the newest set of readings under `folder` and takes the last `days` of it.
    ///
    /// # Errors
    /// When no file there is a file of readings, or one of them is damaged.
    pub fn find(folder: &Path, days: i64) -> Result<Self, Failure> {
        let clock = Clock::new("Asia/Shanghai", clock::now)?;
        let mut newest: Option<(Timestamp, PathBuf, Source)> = None;
        for candidate in folders(folder) {
            let Ok(source) = replay::load(&candidate, &clock, Range::default()) else {
                continue;
            };
            let Some(last) = source.rows.last().map(|row| row.time) else {
                continue;
            };
            if newest.as_ref().is_none_or(|(known, ..)| last > *known) {
                newest = Some((last, candidate, source));
            }
        }
        let Some((last, folder, mut source)) = newest else {
            // The error of the folder itself says what a file of readings looks like.
            replay::load(folder, &clock, Range::default())?;
            return Err(replay::Error::NoData(folder.to_owned()).into());
        };
        let from = last + HOUR_MS - days * DAY_MS;
        source.rows.retain(|row| row.time >= from);
        let begin = (last + HOUR_MS - LIVE_MS).max(from + HOUR_MS);
        Ok(Self { folder, source, clock, begin })
    }

    /// What the server must know before the replay begins.
    pub fn registry(&self) -> RegistryFile {
        let roster = self.source.roster.clone();
        RegistryFile {
            areas: roster.areas,
            lines: roster.lines,
            places: roster.places,
            devices: roster.devices,
        }
    }

    /// Stops the clock at the instant at which watching begins.
    pub fn stop_clock(&self) {
        clock::set(self.begin, 0);
    }

    /// How many frames the past has.
    pub fn past_frames(&self) -> usize {
        self.source.rows.partition_point(|row| row.time + HOUR_MS <= self.begin)
    }

    /// Sends the past, as fast as it is acknowledged.
    ///
    /// # Errors
    /// When a device cannot connect or is not answered.
    pub async fn fill(&self, address: SocketAddr, meter: Arc<Meter>) -> Result<(), ClientError> {
        let past = &self.source.rows[..self.past_frames()];
        self.send(address, past, meter).await
    }

    /// Lets the clock run and sends each hour when it is over; ends when the readings do.
    ///
    /// # Errors
    /// When a device cannot connect or is not answered.
    pub async fn live(&self, address: SocketAddr) -> Result<(), ClientError> {
        clock::set(self.begin, SPEED);
        let mut rest = &self.source.rows[self.past_frames()..];
        while let Some(hour) = rest.first().map(|row| row.time) {
            let end = rest.partition_point(|row| row.time <= hour);
            let wait = (hour + HOUR_MS - clock::now()).max(0) / SPEED;
            tokio::time::sleep(Duration::from_millis(wait as u64)).await;
            self.send(address, &rest[..end], Arc::default()).await?;
            rest = &rest[end..];
        }
        clock::set(clock::now(), 1);
        Ok(())
    }

    async fn send(
        &self,
        address: SocketAddr,
        rows: &[Row],
        meter: Arc<Meter>,
    ) -> Result<(), ClientError> {
        let source = Source {
            profiles: self.source.profiles.clone(),
            rows: rows.to_vec(),
            ..Source::default()
        };
        let options =
            Options { address, connections: CONNECTIONS, client: ClientOptions::default() };
        replay::run(source, self.clock.clone(), options, meter).await.map(|_| ())
    }
}

/// The folder itself, and its subfolders to the second level: sets of readings stand side by side.
fn folders(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    let mut level = vec![folder.to_owned()];
    for _ in 0..2 {
        let mut next = vec![];
        for parent in level {
            let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
            next.extend(entries.map(|entry| entry.path()).filter(|path| path.is_dir()));
        }
        next.sort();
        found.extend(next.iter().cloned());
        level = next;
    }
    found
}
