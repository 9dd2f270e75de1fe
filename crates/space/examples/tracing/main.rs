//! How often tracing is right, on controlled releases with known truth, and how fast it is.
//!
//! `cargo run --release -p space --example tracing -- [metec|chilbolton|speed]`. Real data from `SKYRIVER_REAL_DATA`.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reports and measures"
)]

mod chilbolton;
mod marks;
mod metec;
mod speed;

use std::path::Path;

fn main() {
    let what = std::env::args().nth(1).unwrap_or_else(|| "all".to_owned());
    let is = |name: &str| what == "all" || what == name;
    match std::env::var("SKYRIVER_REAL_DATA") {
        Ok(folder) => {
            let data = Path::new(&folder).join("data");
            if is("metec") {
                metec::run(&data.join("tracer_metec_ch4"));
            }
            if is("chilbolton") {
                chilbolton::run(&data.join("tracer_chilbolton_ch4"));
            }
        }
        Err(_) => println!("skipped: SKYRIVER_REAL_DATA names no folder with data/"),
    }
    if is("speed") {
        speed::run();
    }
}
