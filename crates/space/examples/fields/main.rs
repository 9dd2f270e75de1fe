//! How good and how fast fields are: real stations left out one by one and block by block, and grids.
//!
//! `cargo run --release -p space --example fields -- [accuracy|speed] [CASES.csv]`. Accuracy needs real data
//! (`SKYRIVER_REAL_DATA`). With a file name the cases of the national week and of Beijing are written there, so that
//! other programs can be asked the same (`tests/independent/fields_others.py`). Speed is told beside `PyKrige`'s where `SKYRIVER_PYTHON` names
//! a Python that has it.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reports and measures"
)]

mod beside;
mod cases;
mod real;
mod score;
mod speed;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_else(|| "all".to_owned());
    let file = arguments.next();
    if what != "speed" {
        match std::env::var("SKYRIVER_REAL_DATA") {
            Ok(folder) => cases::run(std::path::Path::new(&folder), file.as_deref()),
            Err(_) => println!("skipped: SKYRIVER_REAL_DATA names no folder with data/"),
        }
    }
    if what != "accuracy" {
        speed::run();
        speed::beside();
    }
}
