//! No bytes make the reader panic, and what it takes apart fits together.
#![no_main]

use hj212::cipher::{Key, decrypt};
use hj212::{Answer, Dialect, answer, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let frame = match read(data) {
        Ok((frame, _)) => frame,
        Err(rejected) => match rejected.frame {
            Some(frame) => *frame,
            None => return,
        },
    };
    assert!(frame.len() <= data.len());
    let items = frame.items().count();
    assert_eq!(frame.groups().map(|group| group.items().count()).sum::<usize>(), items);
    assert!(frame.readings().count() <= items);
    for reading in frame.readings() {
        let _ = (reading.number(), reading.sampled_at(), reading.code_text());
    }
    let _ = (frame.header.fields().count(), frame.part(), frame.data_time(), frame.qn_rtn());
    let _ = decrypt(&frame, &[Key::new(b"0000000000000000")]);
    let mut reply = Vec::new();
    if answer(&frame, Dialect::guess(&frame), Answer::Data, &mut reply).is_ok() {
        assert!(read(&reply).is_ok());
    }
});
