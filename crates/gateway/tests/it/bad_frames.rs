//! Frames that cannot be trusted: counted, kept, never answered.

use crate::rig::{MN, PW, Rig, fates, frame, minute, qn, upload};
use gateway::hj212::Limits;
use model::{Claim, Fate, Reason};

/// Sends bad bytes and a good frame; the bad one must be rejected for the reason, with its bytes.
async fn check(bad: &[u8], reason: Reason) {
    let mut rig = Rig::start().await;
    let mut peer = rig.connect().await;
    peer.send(bad).await;
    peer.send(&minute(7)).await;
    let arrival = rig.commit(2).await;
    assert_eq!(fates(&arrival), [Fate::Reject(reason), Fate::Keep]);
    assert_eq!(arrival.frames[0].claim, Claim::Nobody);
    assert!(bad.starts_with(&arrival.raw[arrival.frames[0].raw.clone()]));
    assert_eq!(rig.counters.problem(reason.name()), 1);
    assert!(
        peer.receive().await.starts_with(&format!("QN={}", qn(7))),
        "only the good one is answered"
    );
}

#[tokio::test]
async fn a_wrong_checksum_is_rejected_and_not_answered() {
    let mut bad = minute(1);
    let at = bad.len() - 20;
    bad[at] ^= 1;
    check(&bad, Reason::BadCrc).await;
}

#[tokio::test]
async fn a_wrong_length_with_a_wrong_checksum_is_rejected() {
    let mut bad = minute(1);
    bad[4] = if bad[4] == b'9' { b'1' } else { b'9' };
    let at = bad.len() - 20;
    bad[at] ^= 1;
    check(&bad, Reason::BadLength).await;
}

#[tokio::test]
async fn a_wrong_length_with_a_right_checksum_is_repaired_and_noted_once() {
    let mut rig = Rig::start().await;
    let mut peer = rig.connect().await;
    for number in 1..=2 {
        let mut long = minute(number);
        long[5] = if long[5] == b'9' { b'1' } else { b'9' };
        peer.send(&long).await;
        let arrival = rig.commit(1).await;
        assert_eq!(fates(&arrival), [Fate::Keep]);
        let deviations =
            arrival.notes.iter().filter(|n| n.kind == model::NoteKind::Deviation).count();
        assert_eq!(deviations, usize::from(number == 1));
        assert!(peer.receive().await.starts_with(&format!("QN={}", qn(number))));
    }
    assert_eq!(rig.counters.problem("length_mismatch"), 2);
}

#[tokio::test]
async fn an_oversize_frame_is_rejected_with_its_beginning_kept() {
    let limits = Limits::for_testing();
    let mut rig = Rig::with_limits(limits.clone()).await;
    let mut peer = rig.connect().await;
    let cp = format!("DataTime=20260301110000;a34004-Rtd={}", "1".repeat(limits.frame_bytes_max));
    peer.send(&upload(MN, &qn(1), 2011, &cp)).await;
    peer.send(&minute(2)).await;
    let arrival = rig.commit(2).await;
    assert_eq!(fates(&arrival), [Fate::Reject(Reason::Oversize), Fate::Keep]);
    assert_eq!(arrival.frames[0].raw.len(), limits.bad_frame_bytes_kept);
    assert_eq!(rig.counters.problem("oversize"), 1);
}

#[tokio::test]
async fn a_right_checksum_around_no_grammar_is_rejected_as_such() {
    let bad = frame(&format!("QN={};ST=22;CN=2011;PW={PW};MN={MN};Flag=5;no content", qn(1)));
    let mut rig = Rig::start().await;
    let mut peer = rig.connect().await;
    peer.send(&bad).await;
    let arrival = rig.commit(1).await;
    assert_eq!(fates(&arrival), [Fate::Reject(Reason::BadGrammar)]);
    assert_eq!(arrival.frames[0].claim, Claim::Device(model::DeviceId(0)), "it proved itself");
    assert_eq!(rig.counters.problem("missing_cp"), 1);
}

#[tokio::test]
async fn noise_between_frames_is_counted_and_skipped() {
    let mut rig = Rig::start().await;
    let mut peer = rig.connect().await;
    let noise: Vec<u8> = (0..=255_u8).filter(|byte| *byte != b'#').cycle().take(5_000).collect();
    peer.send(&[&noise[..], &minute(1), b"\xFE\xFE\0\0", &minute(2)].concat()).await;
    let arrival = rig.commit(2).await;
    assert_eq!(fates(&arrival), [Fate::Keep, Fate::Keep]);
    let garbage = rig.counters.snapshot().garbage_bytes;
    assert!((4_900..=5_004).contains(&garbage), "{garbage} (blanks at the ends do not count)");
}

#[tokio::test]
async fn a_stream_of_bad_frames_is_closed_with_every_frame_counted() {
    let mut rig = Rig::start().await;
    let mut peer = rig.connect().await;
    let bad = frame("QN=1;CP=&&&&")
        .iter()
        .map(|b| if *b == b'1' { b'2' } else { *b })
        .collect::<Vec<u8>>();
    peer.send(&bad.repeat(40)).await;
    let mut frames = 0;
    // Twenty are borne, the next one ends it.
    while frames < 21 {
        let handover = rig.next().await;
        assert!(handover.arrival.frames.iter().all(|f| matches!(f.fate, Fate::Reject(_))));
        frames += handover.arrival.frames.len();
        crate::rig::commit(handover);
    }
    assert_eq!(frames, 21);
    assert_eq!(peer.closed().await, b"");
    assert_eq!(rig.counters.snapshot().connections_cut, 1);
}
