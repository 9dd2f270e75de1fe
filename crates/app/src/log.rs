//! Log lines: to standard error, in the form that is configured.

use crate::config::{Log, LogFormat};
use tracing_subscriber::EnvFilter;

/// Starts logging. A second call changes nothing.
pub fn start(log: &Log) {
    let filter = EnvFilter::try_new(&log.level.0).unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match log.format {
        LogFormat::Json => lines.json().try_init(),
        LogFormat::Text => lines.with_target(false).try_init(),
    };
    drop(started);
}
