//! The stream does not know where frames end.

use crate::rig::{MN, Rig, fates, minute, qn, upload};
use model::Fate;

#[tokio::test]
async fn a_device_that_sends_byte_by_byte_is_understood() {
    let mut rig = Rig::start().await;
    let mut peer = rig.connect().await;
    peer.stream.set_nodelay(true).unwrap();
    for byte in minute(1) {
        peer.send(&[byte]).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(fates(&rig.commit(1).await), [Fate::Keep]);
    assert!(peer.receive().await.contains("CN=9014"));
}

#[tokio::test]
async fn sticky_frames_come_as_one_batch_in_their_order() {
    let mut rig = Rig::start().await;
    let mut peer = rig.connect().await;
    let frames: Vec<u8> = (0..20).flat_map(minute).collect();
    let (head, tail) = frames.split_at(frames.len() - 30);
    peer.send(head).await;
    peer.send(tail).await;
    let arrival = rig.commit(20).await;
    let values: Vec<f64> = arrival.readings.iter().filter_map(|reading| reading.value).collect();
    assert_eq!(values, (0..20).map(f64::from).collect::<Vec<f64>>());
    for number in 0..20 {
        assert!(peer.receive().await.starts_with(&format!("QN={}", qn(number))));
    }
}

#[tokio::test]
async fn parts_of_a_split_upload_are_stored_and_answered_one_by_one() {
    let mut rig = Rig::start().await;
    let mut peer = rig.connect().await;
    let part = |number: i64, code: &str| {
        let whole = upload(MN, &qn(number), 2061, &format!("DataTime=20260301110000;{code}-Avg=5"));
        let segment = String::from_utf8(whole[6..whole.len() - 6].to_vec()).unwrap();
        crate::rig::frame(&segment.replace("Flag=5;", &format!("Flag=7;PNUM=2;PNO={number};")))
    };
    peer.send(&part(1, "a34004")).await;
    let arrival = rig.commit(1).await;
    assert_eq!(arrival.keys[0].parameter, "pm25");
    assert!(peer.receive().await.starts_with(&format!("QN={}", qn(1))));
    peer.send(&part(2, "a34002")).await;
    assert_eq!(rig.commit(1).await.keys[0].parameter, "pm10");
    assert!(peer.receive().await.starts_with(&format!("QN={}", qn(2))));
}

#[tokio::test]
async fn what_was_sent_before_the_peer_closed_is_stored_all_the_same() {
    let mut rig = Rig::start().await;
    let mut peer = rig.connect().await;
    peer.send(&[minute(1), minute(2)[..40].to_vec()].concat()).await;
    tokio::io::AsyncWriteExt::shutdown(&mut peer.stream).await.unwrap();
    let arrival = rig.commit(2).await;
    assert_eq!(fates(&arrival), [Fate::Keep, Fate::Reject(model::Reason::BadLength)]);
    assert!(peer.receive().await.starts_with(&format!("QN={}", qn(1))), "it only closed its side");
    assert_eq!(peer.closed().await, b"");
}

/// A small generator: the same numbers each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// Good frames among bad ones, noise and cut ends, in reads of any size: each good one is stored and
/// answered once, in order, and every frame of whatever kind is counted.
async fn hostile(seed: u64) {
    let mut dice = Dice(seed);
    let mut stream = Vec::new();
    let mut good = Vec::new();
    for number in 0..150 {
        let mut bytes = minute(number);
        match dice.below(6) {
            0 => {
                let at = 6 + dice.below(bytes.len() - 12);
                bytes[at] ^= 0x15;
                stream.extend_from_slice(&bytes);
            }
            1 => stream.extend_from_slice(&bytes[..dice.below(bytes.len() - 1)]),
            2 => stream.extend((0..dice.below(300)).map(|_| dice.below(256) as u8)),
            _ => {
                good.push(number);
                stream.extend_from_slice(&bytes);
            }
        }
    }
    let limits = gateway::hj212::Limits {
        bad_frames_in_a_row_max: 1000,
        ..gateway::hj212::Limits::for_testing()
    };
    let rig = Rig::with_limits(limits).await;
    let counters = std::sync::Arc::clone(&rig.counters);
    let mut peer = rig.connect().await;
    let (server, engine) = rig.by_itself();
    let mut rest = &stream[..];
    while !rest.is_empty() {
        let (now, later) = rest.split_at(1 + dice.below(rest.len().min(700)));
        peer.send(now).await;
        rest = later;
        if dice.below(3) == 0 {
            tokio::task::yield_now().await;
        }
    }
    tokio::io::AsyncWriteExt::shutdown(&mut peer.stream).await.unwrap();
    let answers = String::from_utf8(peer.closed().await).unwrap();
    let answered: Vec<String> = answers.lines().map(|line| line[9..26].to_owned()).collect();
    let expected: Vec<String> = good.iter().map(|number| qn(*number)).collect();
    // One wrong checksum in 256 passes; then a frame more is answered, and none less.
    let mut left = answered.iter();
    assert!(expected.iter().all(|name| left.any(|one| one == name)), "seed {seed}");
    drop(peer);
    server.stop().await;
    let arrival = engine.await.unwrap();
    let counts = counters.snapshot();
    assert_eq!(counts.frames, arrival.frames.len() as u64, "seed {seed}");
    assert_eq!((counts.in_flight_frames, counts.in_flight_readings), (0, 0), "seed {seed}");
    let kept = arrival.frames.iter().filter(|frame| frame.fate == Fate::Keep).count();
    assert!(kept >= good.len(), "seed {seed}");
    let mut end = 0;
    for frame in &arrival.frames {
        assert!(frame.raw.start >= end && frame.raw.end <= arrival.raw.len(), "seed {seed}");
        end = frame.raw.end;
    }
}

#[tokio::test]
async fn good_frames_survive_among_bad_ones_however_the_stream_is_cut() {
    for seed in 1..=20 {
        hostile(seed).await;
    }
}
