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
