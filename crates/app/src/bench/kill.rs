//! `kill -9` at random instants: what was acknowledged must be there afterwards, to the last value.

use super::child::{Scratch, Server, write_plan_registry};
use crate::cli::Failure;
use crate::clock;
use crate::serve::runtime;
use clap::Args;
use gateway::device::fleet::{self, Meter, Options, Plan};
use gateway::hj212::Clock;
use model::{ParameterTable, Period, Source, Statistic, Timestamp};
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use store::{Reader, Store};

/// Kill the server at random instants; count acknowledged readings that it lost, and time restarts.
#[derive(Args, Debug)]
pub struct Kill {
    /// How often.
    #[arg(long, default_value_t = 200)]
    pub runs: u32,
    /// Devices, each on a connection of its own.
    #[arg(long, default_value_t = 50)]
    pub devices: u32,
    /// The latest instant of the kill after the devices begin to connect, in milliseconds.
    #[arg(long, default_value_t = 1_500)]
    pub within_ms: u64,
    /// The instants follow from it.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

/// What one run found.
#[derive(Default)]
struct Found {
    acknowledged: u64,
    lost: u64,
    unbalanced: bool,
    reopened_ms: f64,
}

impl Kill {
    /// Kills, opens again, compares; prints a line a run and the sums.
    ///
    /// # Errors
    /// When a server cannot be started.
    pub fn run(&self) -> Result<ExitCode, Failure> {
        let mut out = std::io::stdout().lock();
        let (mut acknowledged, mut lost, mut unbalanced) = (0, 0, 0);
        let mut reopened = vec![];
        for run in 0..self.runs {
            let after_ms = 1 + mix(self.seed, run) % self.within_ms.max(1);
            let found = self.once(Duration::from_millis(after_ms))?;
            if found.lost > 0 || found.unbalanced {
                let balance = if found.unbalanced { "unbalanced" } else { "balanced" };
                writeln!(
                    out,
                    "run {run}: killed after {after_ms} ms: {} readings lost, ledger {balance}",
                    found.lost
                )?;
            }
            acknowledged += found.acknowledged;
            lost += found.lost;
            unbalanced += u32::from(found.unbalanced);
            reopened.push(found.reopened_ms);
        }
        reopened.sort_by(f64::total_cmp);
        let median = reopened.get(reopened.len() / 2).copied().unwrap_or_default();
        writeln!(
            out,
            "{} kills: {acknowledged} readings acknowledged, {lost} lost; {unbalanced} ledgers unbalanced; opened again in {median:.0} ms (median), {:.0} ms at most",
            self.runs,
            reopened.last().copied().unwrap_or_default()
        )?;
        if acknowledged == 0 {
            writeln!(out, "nothing was acknowledged before any kill: this proves nothing")?;
        }
        Ok(if acknowledged > 0 && lost == 0 && unbalanced == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    fn once(&self, after: Duration) -> Result<Found, Failure> {
        let scratch = Scratch::new("kill")?;
        let start = (clock::now() - model::DAY_MS).floor(model::MINUTE_MS);
        let plan = Plan::new(self.devices, 2011, 8, start)?;
        write_plan_registry(&scratch, &plan)?;
        let server = Server::start(&scratch)?;
        let options = Options {
            address: server.devices,
            connections: self.devices,
            window: 16,
            rate: None,
            duration: Some(Duration::from_mins(1)),
            frames: None,
            patience: Duration::from_secs(1),
        };
        let clock = Clock::new("Asia/Shanghai", clock::now)?;
        let account = runtime()?.block_on(async {
            let load =
                tokio::spawn(fleet::run(plan.clone(), options, clock, Arc::new(Meter::default())));
            tokio::time::sleep(after).await;
            let killed = tokio::task::spawn_blocking(move || server.kill()).await;
            (load.await, killed)
        });
        let (Ok(account), Ok(Ok(()))) = account else {
            return Err(std::io::Error::other("the server could not be killed").into());
        };
        let begun = clock::stopwatch();
        let (store, _) = Store::open(&scratch.data(), store::Limits::default())?;
        let reopened_ms = begun.elapsed().as_secs_f64() * 1_000.0;
        let reader = store.reader();
        let mut found =
            Found { reopened_ms, unbalanced: !is_balanced(&reader)?, ..Found::default() };
        for (device, frames) in (0..).zip(&account.acknowledged) {
            let (expected, kept) = compare(&reader, &plan, device, *frames)?;
            found.acknowledged += expected;
            found.lost += expected - kept;
        }
        Ok(found)
    }
}

/// How many readings of a device were acknowledged, and how many of them are kept with their value.
fn compare(reader: &Reader, plan: &Plan, device: u32, frames: u64) -> Result<(u64, u64), Failure> {
    let parameters = ParameterTable::builtin()?;
    let (mut expected, mut kept) = (0, 0);
    for (place, (code, _)) in plan.names().iter().enumerate() {
        expected += frames;
        let parameter = parameters.by_code(code).map_or(*code, |known| known.key.as_str());
        let Some(datastream) = datastream(reader, &plan.mn(device), parameter) else {
            continue;
        };
        let columns = reader.scan(datastream, plan.time(0), Timestamp::MAX)?;
        for number in 0..frames {
            let value = f64::from(Plan::value_thousandths(device, number, place)) / 1_000.0;
            let at = columns.time.binary_search(&plan.time(number));
            kept += u64::from(at.is_ok_and(|at| columns.value[at] == Some(value)));
        }
    }
    Ok((expected, kept))
}

fn datastream(reader: &Reader, mn: &str, parameter: &str) -> Option<model::DatastreamId> {
    let view = reader.view();
    let registry = view.registry();
    let key = model::DatastreamKey {
        source: Source::Device(registry.device_id(mn)?),
        parameter: parameter.to_owned(),
        statistic: Statistic::Instant,
        period: Period::Instant,
    };
    registry.datastream_id(&key)
}

/// Whether what the ledger says was stored is what is there.
fn is_balanced(reader: &Reader) -> Result<bool, Failure> {
    let ledger = reader.ledger(Timestamp::MIN, Timestamp::MAX)?;
    let stored: u64 = ledger
        .iter()
        .filter(|e| {
            e.unit == model::Counted::Reading && e.disposition == model::Disposition::Stored
        })
        .map(|entry| entry.count)
        .sum();
    Ok(stored == reader.sizes().hot_readings)
}

/// A number that looks random and follows from seed and run (the finaliser of splitmix64).
fn mix(seed: u64, run: u32) -> u64 {
    let mut z = seed.wrapping_add(u64::from(run).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
