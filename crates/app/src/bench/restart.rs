//! How long a server takes from starting its process to listening, with much in its memory.

use super::child::{Scratch, Server, write_plan_registry};
use crate::cli::Failure;
use crate::clock;
use crate::serve::runtime;
use clap::Args;
use gateway::device::fleet::{self, Meter, Options, Plan};
use gateway::hj212::Clock;
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Fill a server with readings of one day, kill it, and time how long it takes to listen again.
#[derive(Args, Debug)]
pub struct Restart {
    /// Devices with eight values each.
    #[arg(long, default_value_t = 1_000)]
    pub devices: u32,
    /// Frames of each device, a minute apart; 1440 are a full day.
    #[arg(long, default_value_t = 1_440)]
    pub frames: u64,
    /// Restarts; the median is printed.
    #[arg(long, default_value_t = 5)]
    pub rounds: usize,
}

impl Restart {
    /// Measures and prints one line.
    ///
    /// # Errors
    /// When a server cannot be started.
    pub fn run(&self) -> Result<ExitCode, Failure> {
        let scratch = Scratch::new("restart")?;
        let start = (clock::now() - model::DAY_MS).floor(model::DAY_MS);
        let plan = Plan::new(self.devices, 2051, 8, start)?;
        write_plan_registry(&scratch, &plan)?;
        let server = Server::start(&scratch)?;
        let options = Options {
            address: server.devices,
            connections: self.devices.min(200),
            window: 64,
            rate: None,
            duration: None,
            frames: Some(self.frames),
            patience: Duration::from_mins(1),
        };
        let clock = Clock::new("Asia/Shanghai", clock::now)?;
        let account =
            runtime()?.block_on(fleet::run(plan, options, clock, Arc::new(Meter::default())));
        let mut took = vec![];
        let mut server = server;
        for _ in 0..self.rounds.max(1) {
            server.kill()?;
            server = Server::start(&scratch)?;
            took.push(server.started_in.as_secs_f64());
        }
        took.sort_by(f64::total_cmp);
        writeln!(
            std::io::stdout().lock(),
            "{} readings in memory, {:.1} bytes each on disk: listens again after {:.2} s (median of {}), {:.2} s at most",
            account.values_acknowledged,
            scratch.bytes() as f64 / (account.values_acknowledged as f64).max(1.0),
            took[took.len() / 2],
            took.len(),
            took[took.len() - 1]
        )?;
        Ok(ExitCode::SUCCESS)
    }
}
