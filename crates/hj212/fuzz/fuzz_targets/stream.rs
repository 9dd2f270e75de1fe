//! A stream cut in two places gives the same frames as in one piece, and every byte is consumed.
#![no_main]

use hj212::{Deframer, Event, Limits};
use libfuzzer_sys::fuzz_target;

fn feed(pieces: &[&[u8]]) -> Option<Vec<Vec<u8>>> {
    let limits = Limits { work_per_byte_max: u32::MAX / 2, bad_frames_in_a_row_max: u32::MAX, ..Limits::default() };
    let mut deframer = Deframer::new(limits);
    let (mut buffer, mut frames) = (Vec::new(), Vec::new());
    for (number, piece) in pieces.iter().enumerate() {
        buffer.extend_from_slice(piece);
        if number + 1 == pieces.len() {
            deframer.give_up_head();
        }
        let mut rest: &[u8] = &buffer;
        while let Some(event) = deframer.next(&mut rest) {
            match event {
                Event::Frame(raw) => frames.push(raw.bytes.trim_ascii_end().to_vec()),
                Event::Hopeless(_) => return None,
                Event::Bad(_) | Event::Skipped(_) => {}
            }
        }
        let used = buffer.len() - rest.len();
        buffer.drain(..used);
    }
    assert!(buffer.is_empty());
    Some(frames)
}

fuzz_target!(|data: &[u8]| {
    let [first, second, stream @ ..] = data else { return };
    let mut cuts = [usize::from(*first), usize::from(*second)].map(|cut| cut * stream.len() / 256);
    cuts.sort_unstable();
    let (one, rest) = stream.split_at(cuts[0]);
    let (two, three) = rest.split_at(cuts[1] - cuts[0]);
    assert_eq!(feed(&[stream]), feed(&[one, two, three]));
});
