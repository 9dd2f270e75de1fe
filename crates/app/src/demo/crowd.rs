//! The devices of a simulated zone: each a real HJ 212 client on a connection of its own.

use crate::cli::Failure;
use crate::clock;
use gateway::device::{Client, ClientError, Logger, Options, Profile, Upload};
use gateway::hj212::Clock;
use model::{Device, Dialect};
use sim::{Fault, Zone};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// How many uploads wait for one device before the world pauses.
const WAITING: usize = 64;

/// All devices of a zone, and the line on which frames go wrong.
pub struct Crowd {
    devices: Vec<mpsc::Sender<Word>>,
    answered: Arc<AtomicU64>,
    zone: Zone,
    address: SocketAddr,
}

/// What a device is told.
enum Word {
    /// To send this when its time has come.
    Say(sim::Upload),
    /// To tell when everything so far is acknowledged.
    Done(oneshot::Sender<()>),
}

impl Crowd {
    /// Connects every device of the zone to the server.
    ///
    /// # Errors
    /// When the server is not there, or the zone's clock is not known.
    pub async fn gather(
        zone: &Zone,
        devices: &[Device],
        address: SocketAddr,
    ) -> Result<Self, Failure> {
        let answered = Arc::new(AtomicU64::new(0));
        let device_clock = Clock::new("Asia/Shanghai", clock::now)?;
        let mut ears = vec![];
        for (number, device) in devices.iter().enumerate() {
            let client = Client::connect(
                address,
                vec![logger(device, zone.system(number))],
                device_clock.clone(),
                Options::default(),
            )
            .await?;
            let (ear, words) = mpsc::channel(WAITING);
            ears.push(ear);
            tokio::spawn(lead(client, words, Arc::clone(&answered)));
        }
        Ok(Self { devices: ears, answered, zone: zone.clone(), address })
    }

    /// Gives each device what it is to say; returns when each has heard it.
    pub async fn say(&self, uploads: Vec<sim::Upload>) {
        for upload in uploads {
            match (self.devices.get(upload.device), upload.fault) {
                (Some(device), fault) if fault != Some(Fault::BadCrc) => {
                    // A device that gave up has said so in the log; the others go on.
                    let _ = device.send(Word::Say(upload)).await;
                }
                _ => self.garble(&upload).await,
            }
        }
    }

    /// Waits until every device has everything acknowledged.
    pub async fn all_answered(&self) {
        let mut waiting = vec![];
        for device in &self.devices {
            let (done, is_done) = oneshot::channel();
            if device.send(Word::Done(done)).await.is_ok() {
                waiting.push(is_done);
            }
        }
        for is_done in waiting {
            let _ = is_done.await;
        }
    }

    /// How many uploads are acknowledged so far.
    pub fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// Sends what nobody answers, a broken frame or a stranger's, on a line of its own.
    async fn garble(&self, upload: &sim::Upload) {
        let mut bytes = vec![];
        let Some(device) = self.zone.device(upload.device) else {
            return;
        };
        if upload.write(device, &mut bytes).is_err() {
            return;
        }
        if let Ok(mut line) = TcpStream::connect(self.address).await {
            let _ = line.write_all(&bytes).await;
            let _ = line.shutdown().await;
        }
    }
}

fn logger(device: &Device, system: &str) -> Logger {
    Logger::new(Profile {
        mn: device.mn.clone(),
        pw: device.password.clone(),
        st: system.to_owned(),
        dialect: Dialect::Hj212V2017,
        clock_ahead_ms: 0,
    })
}

/// The life of one device: says what it is told when the time has come, answers the host in between.
async fn lead(mut client: Client, mut words: mpsc::Receiver<Word>, answered: Arc<AtomicU64>) {
    let lived = async {
        let mut counted = 0;
        loop {
            let word = tokio::select! {
                biased;
                word = words.recv() => word,
                served = client.serve_until(Instant::now() + Duration::from_secs(1)) => {
                    served?;
                    count(&client, &mut counted, &answered);
                    continue;
                }
            };
            match word {
                None => return client.finish().await,
                Some(Word::Say(upload)) => {
                    let wait = upload.at - clock::now();
                    if wait > 0 {
                        let until = Instant::now() + Duration::from_millis(wait as u64);
                        client.serve_until(until).await?;
                    }
                    client.send(0, &wire(&upload)).await?;
                    if words.is_empty() {
                        client.flush().await?;
                    }
                }
                Some(Word::Done(done)) => {
                    client.finish().await?;
                    let _ = done.send(());
                }
            }
            count(&client, &mut counted, &answered);
        }
    };
    let lived: Result<(), ClientError> = lived.await;
    if let Err(error) = lived {
        tracing::warn!(error = %error, "a simulated device gave up");
    }
}

fn count(client: &Client, counted: &mut u64, answered: &AtomicU64) {
    let now = client.account().frames_acknowledged;
    answered.fetch_add(now - *counted, Ordering::Relaxed);
    *counted = now;
}

/// An upload of the world in the words of a logger.
fn wire(upload: &sim::Upload) -> Upload {
    let mut items = String::new();
    let mut previous: Option<(&str, char)> = None;
    for item in &upload.items {
        match previous {
            Some((code, _)) if code == item.code => items.push(','),
            Some((code, flag)) => {
                let _ = write!(items, ",{code}-Flag={flag};");
            }
            None => (),
        }
        let _ = write!(items, "{}-{}={}", item.code, item.field.name(), item.value);
        previous = Some((item.code, item.flag));
    }
    if let Some((code, flag)) = previous {
        let _ = write!(items, ",{code}-Flag={flag}");
    }
    Upload { cn: upload.kind.command(), time: upload.data_time, items: items.into() }
}
