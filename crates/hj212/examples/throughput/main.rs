//! How fast frames are read on one core: `cargo run --release -p hj212 --example throughput`.
//!
//! Both readers get the same 100 000 frames in memory, cut them apart, check every checksum, read the
//! header, walk every item, parse every value and look at every mark. They take turns, so that a busy
//! machine hurts both alike; printed are the medians and the median of the ratios of the turns.

#![expect(clippy::print_stdout, reason = "its output is what it is for")]

mod corpus;
mod plain;

use std::time::Instant;

use hj212::{Deframer, Event, Limits};

const TURNS: usize = 7;

/// What a reader found, to compare the two and to keep the work from being optimised away.
#[derive(Debug, PartialEq)]
struct Found {
    frames: u64,
    values: u64,
    normal: u64,
    mn_bytes: u64,
    sum: f64,
}

fn main() {
    let corpus = corpus::write(corpus::FRAMES);
    assert_eq!(
        corpus.len(),
        corpus::BYTES,
        "the corpus is not the one that everybody measures with"
    );
    assert_eq!(corpus::fingerprint(&corpus), corpus::FINGERPRINT);

    let mut turns = Vec::new();
    for _ in 0..TURNS {
        let (ours, ours_s) = timed(|| read_with_hj212(&corpus));
        let (plain, plain_s) = timed(|| read_plainly(&corpus));
        assert_eq!(ours, plain, "the two readers disagree");
        turns.push((ours_s, plain_s));
    }
    let (crc, crc_s) = timed(|| corpus.chunks(612).fold(0, |sum, part| sum ^ hj212::crc(part)));
    let (table, table_s) =
        timed(|| corpus.chunks(612).fold(0, |sum, part| sum ^ hj212::crc_table(part)));
    assert_eq!(crc, table);

    let bytes = corpus.len() as f64;
    let frames = f64::from(corpus::FRAMES);
    println!(
        "{} frames, {} bytes, medians of {TURNS} alternating turns, one core",
        corpus::FRAMES,
        corpus.len()
    );
    let ours: Vec<f64> = turns.iter().map(|(ours, _)| *ours).collect();
    let plain: Vec<f64> = turns.iter().map(|(_, plain)| *plain).collect();
    for (name, seconds) in [("hj212", ours), ("plain", plain)] {
        let (median, best) =
            (median(seconds.iter().copied()), seconds.iter().copied().fold(f64::MAX, f64::min));
        println!(
            "{name:<6} {:>6.3} GB/s {:>10.0} frames/s {:>6.0} ns/frame (quickest turn {:.0})",
            bytes / median / 1e9,
            frames / median,
            median / frames * 1e9,
            best / frames * 1e9
        );
    }
    println!("ratio  {:>6.2}", median(turns.iter().map(|(ours, plain)| plain / ours)));
    println!(
        "checksum alone: folded {:.2} GB/s, table {:.2} GB/s",
        bytes / crc_s / 1e9,
        bytes / table_s / 1e9
    );
}

fn read_with_hj212(corpus: &[u8]) -> Found {
    let mut found = Found { frames: 0, values: 0, normal: 0, mn_bytes: 0, sum: 0.0 };
    let mut deframer = Deframer::new(Limits::default());
    let mut rest = corpus;
    while let Some(event) = deframer.next(&mut rest) {
        let Event::Frame(raw) = event else { continue };
        let Ok((frame, problems)) = raw.read() else { continue };
        assert!(problems.is_empty());
        found.frames += 1;
        found.mn_bytes += frame.mn().len() as u64;
        for reading in frame.readings() {
            found.values += 1;
            found.normal += u64::from(reading.flag == Some(b"N"));
            found.sum += reading.number().unwrap_or(0.0);
        }
    }
    found
}

fn read_plainly(corpus: &[u8]) -> Found {
    let mut found = Found { frames: 0, values: 0, normal: 0, mn_bytes: 0, sum: 0.0 };
    let mut rest = corpus;
    while let Some((frame, len)) = plain::read(rest) {
        rest = &rest[len..];
        found.frames += 1;
        found.mn_bytes += frame.header.get("MN").map_or(0, String::len) as u64;
        for (code, _field, value) in &frame.values {
            found.values += 1;
            found.normal += u64::from(frame.marks.get(code).is_some_and(|mark| mark == "N"));
            found.sum += value.unwrap_or(0.0);
        }
    }
    found
}

#[expect(clippy::disallowed_methods, reason = "measuring needs the real clock")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed().as_secs_f64())
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
