//! Commands to devices, and clocks.

use crate::rig::{MN, PW, Peer, Rig, fates, frame, minute, qn, upload};
use gateway::hj212::{Command, CommandError, Config};
use model::{Fate, NoteKind};

fn answer(qn: &str, cn: u16, cp: &str) -> Vec<u8> {
    frame(&format!("QN={qn};ST=91;CN={cn};PW={PW};MN={MN};Flag=4;CP=&&{cp}&&"))
}

fn qn_of(segment: &str) -> String {
    segment.split(';').next().unwrap().strip_prefix("QN=").unwrap().to_owned()
}

/// A device that was heard once.
async fn heard(rig: &mut Rig) -> Peer {
    let mut peer = rig.connect().await;
    peer.send(&minute(1)).await;
    rig.commit(1).await;
    peer.receive().await;
    peer
}

#[tokio::test]
async fn an_order_is_journaled_before_it_is_sent_and_its_outcome_after() {
    let mut rig = Rig::start().await;
    let mut peer = heard(&mut rig).await;
    let desk = rig.server.desk();
    let command = Command::Other { cn: 1062, cp: "RtdInterval=30".to_owned() };
    let order =
        tokio::spawn(async move { desk.order(MN, &command, "the operator asked for it").await });
    let journal = rig.next().await;
    assert_eq!(journal.arrival.notes[0].kind, NoteKind::Order);
    assert!(journal.arrival.notes[0].text.contains("the operator asked for it"));
    assert!(peer.is_silent());
    crate::rig::commit(journal);
    let request = peer.receive().await;
    assert!(
        request.contains("ST=22;CN=1062;PW=123456")
            && request.contains("Flag=5;CP=&&RtdInterval=30&&")
    );
    let name = qn_of(&request);
    peer.send(&answer(&name, 9011, "QnRtn=1")).await;
    peer.send(&minute(2)).await;
    peer.send(&answer(&name, 9012, "ExeRtn=1")).await;
    rig.commit(3).await;
    let outcome = rig.commit_note().await;
    assert_eq!(outcome.kind, NoteKind::Answer);
    assert_eq!(order.await.unwrap().unwrap().executed, Some(1));
}

#[tokio::test]
async fn a_reply_belongs_to_its_request_by_name_and_number() {
    let mut rig = Rig::start().await;
    let mut peer = heard(&mut rig).await;
    let desk = rig.server.desk();
    let command = Command::Other { cn: 1061, cp: String::new() };
    let order = tokio::spawn(async move { desk.order(MN, &command, "test").await });
    rig.commit_note().await;
    let name = qn_of(&peer.receive().await);
    peer.send(&answer(&name, 9011, "QnRtn=1")).await;
    peer.send(&upload(MN, &name, 1061, "RtdInterval=30")).await;
    peer.send(&answer(&name, 9012, "ExeRtn=1")).await;
    rig.commit(3).await;
    assert!(peer.receive().await.contains("CN=9014"), "the reply asked for an answer");
    rig.commit_note().await;
    assert_eq!(order.await.unwrap().unwrap().replies, ["RtdInterval=30"]);
}

#[tokio::test]
async fn an_unanswered_command_is_sent_three_times_with_one_name() {
    let mut rig = Rig::start().await;
    let mut peer = heard(&mut rig).await;
    let desk = rig.server.desk();
    let order = tokio::spawn(async move { desk.order(MN, &Command::SetClock, "test").await });
    rig.commit_note().await;
    let first = peer.receive().await;
    assert!(
        first.contains("CN=1012") && first.contains("CP=&&SystemTime=20260301120000&&"),
        "{first}"
    );
    assert_eq!(peer.receive().await, first);
    assert_eq!(peer.receive().await, first);
    assert!(rig.commit_note().await.text.contains("no answer after 3 attempts"));
    let error = order.await.unwrap().unwrap_err();
    assert_eq!(error, CommandError::NoAnswer { attempts: 3, wait_ms: 300 });
}

#[tokio::test]
async fn a_refused_command_ends_at_once() {
    let mut rig = Rig::start().await;
    let mut peer = heard(&mut rig).await;
    let desk = rig.server.desk();
    let command = Command::Other { cn: 3011, cp: "PolId=a34004".to_owned() };
    let order = tokio::spawn(async move { desk.order(MN, &command, "test").await });
    rig.commit_note().await;
    let name = qn_of(&peer.receive().await);
    peer.send(&answer(&name, 9011, "QnRtn=8")).await;
    rig.commit(1).await;
    rig.commit_note().await;
    assert_eq!(order.await.unwrap().unwrap_err(), CommandError::Refused(8));
}

#[tokio::test]
async fn an_order_that_cannot_be_journaled_is_not_sent() {
    let mut rig = Rig::start().await;
    let mut peer = heard(&mut rig).await;
    let desk = rig.server.desk();
    let order = tokio::spawn(async move { desk.order(MN, &Command::SetClock, "test").await });
    drop(rig.next().await);
    assert_eq!(order.await.unwrap().unwrap_err(), CommandError::NotJournaled);
    peer.send(&minute(2)).await;
    rig.commit(1).await;
    assert!(peer.receive().await.contains("CN=9014"), "nothing else came");
}

#[tokio::test]
async fn only_connected_devices_can_be_ordered() {
    let mut rig = Rig::start().await;
    let peer = heard(&mut rig).await;
    drop(peer);
    let desk = rig.server.desk();
    while desk.sessions()[0].peer.is_some() {
        tokio::task::yield_now().await;
    }
    let order = tokio::spawn(async move {
        let unknown = desk.order("NOBODY", &Command::SetClock, "test").await.unwrap_err();
        (unknown, desk.order(MN, &Command::SetClock, "test").await.unwrap_err())
    });
    rig.commit_note().await;
    rig.commit_note().await;
    let (unknown, closed) = order.await.unwrap();
    assert_eq!(unknown, CommandError::Unknown("NOBODY".to_owned()));
    assert_eq!(closed, CommandError::NotConnected(MN.to_owned()));
}

#[tokio::test]
async fn a_device_that_asks_for_the_time_gets_9013_and_then_1012() {
    let mut rig = Rig::start().await;
    let mut peer = rig.connect().await;
    peer.send(&upload(MN, &qn(1), 1013, "")).await;
    rig.commit(1).await;
    let notice = peer.receive().await;
    assert!(notice.starts_with(&format!("QN={};ST=91;CN=9013", qn(1))), "{notice}");
    assert_eq!(rig.commit_note().await.kind, NoteKind::Order);
    assert!(peer.receive().await.contains("CN=1012"));
}

#[tokio::test]
async fn a_device_that_asks_for_the_time_again_and_again_gets_one_order_at_a_time() {
    let mut rig = Rig::start().await;
    let mut peer = rig.connect().await;
    let requests: Vec<u8> = (0..50).flat_map(|n| upload(MN, &qn(n), 1013, "")).collect();
    peer.send(&requests).await;
    rig.commit(50).await;
    for number in 0..50 {
        let notice = peer.receive().await;
        assert!(notice.starts_with(&format!("QN={};ST=91;CN=9013", qn(number))), "{notice}");
    }
    assert_eq!(rig.commit_note().await.kind, NoteKind::Order);
    let request = peer.receive().await;
    assert!(request.contains("CN=1012"), "{request}");
    let name = qn_of(&request);
    peer.send(&answer(&name, 9011, "QnRtn=1")).await;
    peer.send(&answer(&name, 9012, "ExeRtn=1")).await;
    rig.commit(2).await;
    assert_eq!(rig.commit_note().await.kind, NoteKind::Answer);
    // Whatever waited behind that order would be journaled by now.
    peer.send(&minute(60)).await;
    let handover = rig.next().await;
    assert_eq!(handover.arrival.frames.len(), 1, "{:?}", handover.arrival.notes);
    crate::rig::commit(handover);
    assert!(peer.receive().await.contains("CN=9014"));
    assert!(rig.is_idle());
    // Asking later is another matter.
    peer.send(&upload(MN, &qn(61), 1013, "")).await;
    rig.commit(1).await;
    assert_eq!(rig.commit_note().await.kind, NoteKind::Order);
}

#[tokio::test]
async fn a_clock_that_is_off_is_noted_once_and_set() {
    // The clock of these tests stands still: three differences must do.
    let mut rig = Rig::with(Config { clock_agree_ms: 0, ..Config::default() }).await;
    let mut peer = rig.connect().await;
    let fast = 90_000;
    for number in 0..3 {
        peer.send(&minute(fast + number)).await;
        let arrival = rig.commit(1).await;
        assert_eq!(fates(&arrival), [Fate::Keep]);
        let skews: Vec<&model::Note> =
            arrival.notes.iter().filter(|note| note.kind == NoteKind::ClockSkew).collect();
        assert_eq!(skews.len(), usize::from(number == 2));
        for note in skews {
            assert!(note.text.contains("90.0 s ahead of ours"), "{}", note.text);
        }
        assert!(peer.receive().await.contains("CN=9014"));
    }
    assert_eq!(rig.server.desk().sessions()[0].skew_ms, Some(90_002));
    rig.commit_note().await;
    let request = peer.receive().await;
    assert!(request.contains("CN=1012"), "{request}");
}

#[tokio::test]
async fn clocks_are_left_alone_when_the_district_wants_it_so() {
    let mut rig =
        Rig::with(Config { set_clocks: false, clock_agree_ms: 0, ..Config::default() }).await;
    let mut peer = rig.connect().await;
    for number in 0..5 {
        peer.send(&minute(90_000 + number)).await;
        rig.commit(1).await;
        peer.receive().await;
    }
    assert_eq!(rig.counters.problem("clock_skew"), 1);
    assert!(peer.is_silent() && rig.is_idle());
}
