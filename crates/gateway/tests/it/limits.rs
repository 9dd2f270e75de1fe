//! What a peer may not have too much of.

use crate::rig::{Peer, Rig, minute, qn, upload};
use gateway::hj212::{Config, Limits};
use tokio::net::TcpSocket;

#[tokio::test]
async fn a_device_that_never_reads_its_answers_is_closed_and_nothing_is_lost() {
    let mut rig = Rig::start().await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(2048).unwrap();
    let mut peer = Peer::of(socket.connect(rig.server.address()).await.unwrap());
    let (_unread, mut writer) = peer.stream.split();
    let send = async {
        for number in 0.. {
            if tokio::io::AsyncWriteExt::write_all(&mut writer, &minute(number)).await.is_err() {
                break;
            }
        }
    };
    let commit = async {
        let mut frames = 0;
        while rig.counters.snapshot().connections_cut == 0 {
            tokio::select! {
                handover = rig.next() => {
                    frames += handover.arrival.frames.len() as u64;
                    crate::rig::commit(handover);
                }
                () = tokio::task::yield_now() => {}
            }
        }
        frames
    };
    let ((), frames) = tokio::join!(send, commit);
    let counts = rig.counters.snapshot();
    assert_eq!(rig.counters.problem("connection_answers_unread"), 1);
    assert_eq!(
        (counts.frames, counts.in_flight_frames),
        (frames, 0),
        "all that was read is on disk"
    );
}

#[tokio::test]
async fn a_device_over_its_rate_is_read_more_slowly() {
    let limits = Limits { device_frames_per_s: 20, ..Limits::for_testing() };
    let mut rig = Rig::with_limits(limits).await;
    let mut peer = rig.connect().await;
    // Two hundred may come at once; the next ten have to wait for half a second.
    peer.send(&(0..210).flat_map(minute).collect::<Vec<u8>>()).await;
    rig.commit(210).await;
    peer.send(&minute(211)).await;
    for _ in 0..210 {
        peer.receive().await;
    }
    assert_eq!(rig.counters.snapshot().pauses, 1);
    rig.commit(1).await;
    assert!(peer.receive().await.starts_with(&format!("QN={}", qn(211))), "late, and not lost");
}

#[tokio::test]
async fn strangers_cannot_fill_the_disk_at_full_speed() {
    let limits = Limits { unsigned_frames_per_s: 1, ..Limits::for_testing() };
    let mut rig = Rig::with_limits(limits).await;
    let mut peer = rig.connect().await;
    let stranger =
        |number| upload("NOBODY", &qn(number), 2011, "DataTime=20260301110000;a34004-Rtd=1");
    peer.send(&(0..10).flat_map(stranger).collect::<Vec<u8>>()).await;
    rig.commit(10).await;
    assert_eq!(rig.counters.snapshot().pauses, 0, "a few at once are welcome");
    peer.send(&stranger(11)).await;
    rig.commit(1).await;
    assert_eq!(rig.counters.snapshot().pauses, 1);
}

#[tokio::test]
async fn devices_beyond_the_limit_of_a_connection_are_put_aside() {
    let limits = Limits { devices_per_connection_max: 1, ..Limits::for_testing() };
    let mut rig = Rig::with_limits(limits).await;
    let mut peer = rig.connect().await;
    let cp = "DataTime=20260301110000;a05024-Rtd=1";
    peer.send(&[minute(1), upload(crate::rig::ODD, &qn(2), 2011, cp)].concat()).await;
    let arrival = rig.commit(2).await;
    let put_aside = model::Fate::Quarantine(model::Reason::UnknownDevice);
    assert_eq!(crate::rig::fates(&arrival), [model::Fate::Keep, put_aside]);
    assert_eq!(rig.counters.problem("devices_per_connection"), 1);
}

#[tokio::test]
async fn silence_ends_a_connection() {
    let limits = Limits { idle_ms: 50, ..Limits::for_testing() };
    let mut rig = Rig::with_limits(limits).await;
    let mut peer = rig.connect().await;
    peer.send(&minute(1)).await;
    rig.commit(1).await;
    peer.receive().await;
    assert_eq!(peer.closed().await, b"");
    assert_eq!(rig.counters.problem("connection_idle"), 1);
}

#[tokio::test]
async fn a_connection_without_a_good_frame_ends() {
    let limits = Limits { first_frame_ms: 50, ..Limits::for_testing() };
    let rig = Rig::with_limits(limits).await;
    let mut peer = rig.connect().await;
    peer.send(b"IMEI:868957048162806\r\n").await;
    assert_eq!(peer.closed().await, b"");
    assert_eq!(rig.counters.problem("connection_without_frame"), 1);
}

#[tokio::test]
async fn a_beginning_without_an_end_is_given_up_and_does_not_eat_what_follows() {
    let limits = Limits { partial_frame_ms: 50, ..Limits::for_testing() };
    let mut rig = Rig::with_limits(limits).await;
    let mut peer = rig.connect().await;
    peer.send(&minute(1)).await;
    peer.send(b"##0400QN=20260301120000001;ST=22;CN=9021;login").await;
    rig.commit(2).await;
    peer.receive().await;
    assert_eq!(rig.counters.problem("bad_length"), 1);
    peer.send(&minute(2)).await;
    rig.commit(1).await;
    assert!(peer.receive().await.starts_with(&format!("QN={}", qn(2))));
}

#[tokio::test]
async fn endless_noise_ends_a_connection() {
    let rig =
        Rig::with_limits(Limits { garbage_bytes_in_a_row_max: 1_000, ..Limits::for_testing() })
            .await;
    let mut peer = rig.connect().await;
    peer.send(&[0xFE; 1_001]).await;
    assert_eq!(peer.closed().await, b"");
    assert_eq!(rig.counters.problem("connection_garbage"), 1);
}

#[tokio::test]
async fn one_connection_too_many_is_refused_and_a_closed_one_makes_room() {
    let mut rig = Rig::with_limits(Limits { connections_max: 1, ..Limits::for_testing() }).await;
    let mut first = rig.connect().await;
    first.send(&minute(1)).await;
    rig.commit(1).await;
    let mut second = rig.connect().await;
    assert_eq!(second.closed().await, b"");
    assert_eq!(rig.counters.snapshot().connections_refused, 1);
    drop(first);
    while rig.counters.snapshot().connections_open > 0 {
        tokio::task::yield_now().await;
    }
    let mut third = rig.connect().await;
    third.send(&minute(2)).await;
    rig.commit(1).await;
    assert!(third.receive().await.contains("CN=9014"));
}

#[tokio::test]
async fn when_the_memory_of_all_connections_is_used_up_each_reads_little_and_waits_its_turn() {
    // The first batch takes all of it, however small it is.
    let limits = Limits { in_flight_bytes_max: 100, ..Limits::for_testing() };
    let mut rig = Rig::with_limits(limits).await;
    let (mut first, mut second) = (rig.connect().await, rig.connect().await);
    first.send(&minute(0)).await;
    let stalled = rig.next().await;
    second.send(&(1..=100).flat_map(minute).collect::<Vec<u8>>()).await;
    while rig.counters.snapshot().frames < 2 {
        tokio::task::yield_now().await;
    }
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let read = rig.counters.snapshot().bytes;
    assert!(read < 3 * 1024, "{read} bytes read, the rest waits in the socket");
    assert!(rig.is_idle(), "what was read waits for the first");
    crate::rig::commit(stalled);
    first.receive().await;
    rig.commit(100).await;
    for number in 1..=100 {
        assert!(second.receive().await.starts_with(&format!("QN={}", qn(number))));
    }
    // What was taken has been given back: a connection that ends gives back, too.
    drop(second);
    first.send(&minute(101)).await;
    drop(rig.next().await);
    assert_eq!(first.closed().await, b"");
    let mut third = rig.connect().await;
    third.send(&minute(102)).await;
    rig.commit(1).await;
    assert!(third.receive().await.contains("CN=9014"));
}

#[tokio::test]
async fn a_port_that_is_taken_is_named_with_a_hint() {
    let rig = Rig::start().await;
    let config = Config { listen: rig.server.address(), ..Config::default() };
    let (sender, _engine) = tokio::sync::mpsc::channel(1);
    let registry = rig.registry.subscribe();
    let error = gateway::hj212::Server::bind(config, registry, sender, rig.counters.clone()).await;
    let text = error.unwrap_err().to_string();
    assert!(text.contains(&rig.server.address().to_string()) && text.contains("hint:"), "{text}");
}
