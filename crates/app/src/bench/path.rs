//! The whole path: load generator and server share this machine's cores, over loopback TCP.

use super::child::{Scratch, Server, write_plan_registry};
use crate::cli::Failure;
use crate::clock;
use crate::device::fleet_json;
use crate::serve::runtime;
use clap::Args;
use gateway::device::fleet::{self, Account, Meter, Options, Plan};
use gateway::hj212::Clock;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Device → TCP → parsed → durable → acknowledged: values per second and latency.
#[derive(Args, Debug)]
pub struct Path {
    /// Connections, one device each; may be repeated.
    #[arg(long, default_values_t = [1, 100, 5_000, 18_000])]
    pub connections: Vec<u32>,
    /// Values in each frame; may be repeated.
    #[arg(long, default_values_t = [8, 100])]
    pub values: Vec<usize>,
    /// How long to send in each measurement, in seconds.
    #[arg(long, default_value_t = 8.0)]
    pub seconds: f64,
    /// Measurements of each kind; the median of values per second is printed.
    #[arg(long, default_value_t = 3)]
    pub rounds: usize,
    /// One JSON object a line.
    #[arg(long)]
    pub json: bool,
}

impl Path {
    /// Measures every kind, and prints a row for each.
    ///
    /// # Errors
    /// When a server cannot be started.
    pub fn run(&self) -> Result<ExitCode, Failure> {
        let mut out = std::io::stdout().lock();
        if !self.json {
            writeln!(
                out,
                "| connections | values a frame | values/s | frames/s | ack p50 ms | ack p99 ms | bytes a reading in the log |"
            )?;
            writeln!(out, "|---:|---:|---:|---:|---:|---:|---:|")?;
        }
        for &values in &self.values {
            for &connections in &self.connections {
                let mut rounds = vec![];
                for _ in 0..self.rounds.max(1) {
                    rounds.push(self.measure(connections, values)?);
                }
                rounds.sort_by(|a, b| a.0.values_per_s().total_cmp(&b.0.values_per_s()));
                let (account, bytes) = &rounds[rounds.len() / 2];
                let per_reading = *bytes as f64 / (account.values_acknowledged as f64).max(1.0);
                if self.json {
                    let mut row = fleet_json(account);
                    row["values_per_frame"] = values.into();
                    row["bytes_per_reading"] = per_reading.into();
                    writeln!(out, "{row}")?;
                    continue;
                }
                let ms = |share| account.latency.quantile_us(share) as f64 / 1_000.0;
                writeln!(
                    out,
                    "| {} | {values} | {:.0} | {:.0} | {:.1} | {:.1} | {per_reading:.1} |",
                    account.connections,
                    account.values_per_s(),
                    account.values_per_s() / values as f64,
                    ms(0.5),
                    ms(0.99),
                )?;
                out.flush()?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    fn measure(&self, connections: u32, values: usize) -> Result<(Account, u64), Failure> {
        let scratch = Scratch::new("path")?;
        let cn = if values > 30 { 2051 } else { 2011 };
        let start = (clock::now() - 30 * model::DAY_MS).floor(model::MINUTE_MS);
        let plan = Plan::new(connections, cn, values, start)?;
        write_plan_registry(&scratch, &plan)?;
        let server = Server::start(&scratch)?;
        let options = Options {
            address: server.devices,
            connections,
            window: (20_000 / connections as usize).clamp(4, 512),
            rate: None,
            duration: Some(Duration::from_secs_f64(self.seconds)),
            frames: None,
            patience: Duration::from_mins(1),
        };
        let clock = Clock::new("Asia/Shanghai", clock::now)?;
        let account =
            runtime()?.block_on(fleet::run(plan, options, clock, Arc::new(Meter::default())));
        Ok((account, scratch.bytes()))
    }
}
