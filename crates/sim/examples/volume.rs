//! Counts what the pretend zone says: `cargo run --release -p sim --example volume -- history|year|minute`.
//! Time it from outside; this crate has no clock.
#![expect(clippy::print_stdout, reason = "counts on standard output are what it is for")]

use model::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};
use sim::{History, Kind, Upload, Zone};

/// 2026-03-01T01:00:00Z
const NOW: Timestamp = Timestamp::from_ms(1_772_326_800_000);

fn main() {
    let zone = Zone::demo(1, NOW);
    match std::env::args().nth(1).as_deref() {
        Some("year") => {
            let days = (0..365).map(|day| NOW + day * DAY_MS);
            tell(days.map(|day| zone.uploads_of(&[Kind::Hour], day, day + DAY_MS)));
        }
        Some("live") => {
            let minutes = (0..60).map(|minute| NOW + minute * MINUTE_MS);
            tell(minutes.map(|minute| zone.uploads(minute, minute + MINUTE_MS)));
        }
        Some("truth") => {
            let hours = (0..24).map(|hour| zone.truth_hour(NOW + hour * HOUR_MS).len());
            println!("{} place-hours", hours.sum::<usize>());
        }
        _ => {
            let uploads = zone.history(NOW, History::default());
            let mut bytes = Vec::new();
            let frames = uploads
                .iter()
                .filter_map(|upload| upload.write(zone.device(upload.device)?, &mut bytes).ok());
            println!("{} frames", frames.sum::<usize>());
            println!("{} bytes", bytes.len());
            for kind in Kind::ALL {
                let of_kind = uploads.iter().filter(|upload| upload.kind == kind);
                let values: usize = of_kind.clone().map(|upload| upload.items.len()).sum();
                println!("{kind:?}: {} uploads, {values} values", of_kind.count());
            }
            tell(std::iter::once(uploads));
        }
    }
}

fn tell(parts: impl Iterator<Item = Vec<Upload>>) {
    let (mut uploads, mut values, mut faulty) = (0, 0, 0);
    for part in parts {
        uploads += part.len();
        values += part.iter().map(|upload| upload.items.len()).sum::<usize>();
        faulty += part.iter().filter(|upload| upload.fault.is_some()).count();
    }
    println!("{uploads} uploads, {values} values, {faulty} with a fault");
}
