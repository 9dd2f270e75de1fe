//! Nothing is answered before it is on disk.

use crate::rig::{MN, PW, Rig, commit, minute, now, qn, upload};
use model::Disposition;

#[tokio::test]
async fn nothing_is_answered_before_the_commit() {
    let mut rig = Rig::start().await;
    let mut peer = rig.connect().await;
    peer.send(&minute(1)).await;
    let first = rig.next().await;
    assert_eq!(first.arrival.received_at, now());
    // The second batch proves that the server had every chance to answer the first.
    peer.send(&minute(2)).await;
    let second = rig.next().await;
    assert!(peer.is_silent());
    assert_eq!(rig.counters.snapshot().in_flight_frames, 2);
    commit(second);
    peer.send(b"ping\r\n").await;
    assert!(peer.is_silent(), "answers keep the order of arrival");
    commit(first);
    assert_eq!(
        peer.receive().await,
        format!("QN={};ST=91;CN=9014;PW={PW};MN={MN};Flag=4;CP=&&&&", qn(1))
    );
    assert_eq!(
        peer.receive().await,
        format!("QN={};ST=91;CN=9014;PW={PW};MN={MN};Flag=4;CP=&&&&", qn(2))
    );
    assert_eq!(rig.counters.snapshot().in_flight_frames, 0);
}

#[tokio::test]
async fn when_the_engine_cannot_commit_nothing_is_answered_and_the_connection_ends() {
    let mut rig = Rig::start().await;
    let mut peer = rig.connect().await;
    peer.send(&minute(1)).await;
    drop(rig.next().await);
    assert_eq!(peer.closed().await, b"");
    let counts = rig.counters.snapshot();
    assert_eq!((counts.uncommitted_frames, counts.in_flight_frames), (1, 0));
}

#[tokio::test]
async fn when_the_engine_is_gone_nothing_is_answered_and_the_connection_ends() {
    let mut rig = Rig::start().await;
    let mut peer = rig.connect().await;
    rig.lose_engine();
    peer.send(&minute(1)).await;
    assert_eq!(peer.closed().await, b"");
    assert_eq!(rig.counters.snapshot().in_flight_frames, 0);
}

#[tokio::test]
async fn a_duplicate_is_answered_again() {
    let mut rig = Rig::start().await;
    let mut peer = rig.connect().await;
    for disposition in [Disposition::Stored, Disposition::Duplicate] {
        peer.send(&minute(1)).await;
        let handover = rig.next().await;
        let outcomes = vec![disposition];
        handover.reply.send(gateway::Committed { outcomes, sequence: None }).unwrap();
        assert!(peer.receive().await.contains("CN=9014"));
    }
}

#[tokio::test]
async fn a_frame_that_asks_for_no_answer_gets_none() {
    let mut rig = Rig::start().await;
    let mut peer = rig.connect().await;
    let silent = String::from_utf8(minute(1)).unwrap();
    let segment = silent[6..silent.len() - 6].replace("Flag=5", "Flag=4");
    peer.send(&crate::rig::frame(&segment)).await;
    rig.commit(1).await;
    peer.send(&minute(2)).await;
    rig.commit(1).await;
    assert!(peer.receive().await.starts_with(&format!("QN={}", qn(2))));
}

#[tokio::test]
async fn a_slow_engine_makes_the_server_read_more_slowly_and_drops_nothing() {
    let mut rig = Rig::start().await;
    let mut peer = rig.connect().await;
    let count = 2_000;
    let sender = tokio::spawn(async move {
        for number in 0..count {
            peer.send(&minute(number)).await;
        }
        peer
    });
    let first = rig.next().await;
    let second = rig.next().await;
    // Two batches are in flight, as many as the limit allows: the third waits in the socket.
    assert!(rig.is_idle());
    let had = first.arrival.frames.len() + second.arrival.frames.len();
    commit(first);
    commit(second);
    rig.commit(count as usize - had).await;
    let mut peer = sender.await.unwrap();
    for number in 0..count {
        assert!(peer.receive().await.starts_with(&format!("QN={}", qn(number))));
    }
}

#[tokio::test]
async fn a_stop_answers_what_is_in_flight_and_closes() {
    let mut rig = Rig::start().await;
    let mut peer = rig.connect().await;
    peer.send(&minute(1)).await;
    let handover = rig.next().await;
    let address = rig.server.address();
    let stop = tokio::spawn(rig.server.stop());
    // The listener is gone at once, the connection when it is answered.
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(peer.is_silent());
    commit(handover);
    assert!(peer.receive().await.contains("CN=9014"));
    assert_eq!(peer.closed().await, b"");
    drop(peer);
    stop.await.unwrap();
    assert_eq!(rig.counters.snapshot().connections_open, 0);
}

#[tokio::test]
async fn a_device_of_2005_is_answered_in_its_own_form() {
    let mut rig = Rig::start().await;
    let mut peer = rig.connect().await;
    let old = crate::rig::OLD;
    let cp = "DataTime=20260301110000;02-Avg=1.5,02-Flag=N";
    peer.send(&crate::rig::frame(&format!(
        "QN=20260301120000001;ST=31;CN=2051;PW={PW};MN={old};Flag=3;PNUM=2;PNO=1;CP=&&{cp}&&"
    )))
    .await;
    peer.send(&crate::rig::frame(&format!("ST=31;CN=2051;PW={PW};MN={old};Flag=1;CP=&&{cp}&&")))
        .await;
    peer.send(&crate::rig::frame(&format!("ST=31;CN=2051;PW={PW};MN={old};CP=&&{cp}&&"))).await;
    peer.send(&upload(MN, &qn(9), 2011, "DataTime=20260301110000;a34004-Rtd=1")).await;
    rig.commit(4).await;
    assert_eq!(
        peer.receive().await,
        "ST=91;CN=9014;CP=&&QN=20260301120000001;CN=2051;PNO=1;PNUM=1&&"
            .replace("PNUM=1", "PNUM=2")
    );
    assert_eq!(peer.receive().await, "ST=91;CN=9014;CP=&&CN=2051&&");
    // The third had no flag: no answer.
    assert!(peer.receive().await.starts_with(&format!("QN={}", qn(9))));
}
