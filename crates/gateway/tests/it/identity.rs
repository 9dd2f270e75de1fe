//! Who may speak: devices that are registered and prove themselves.

use crate::rig::{MN, ODD, PW, Rig, fates, frame, minute, now, qn, upload};
use model::{Claim, DeviceId, Fate, NoteKind, Reason};

#[tokio::test]
async fn an_unknown_device_is_put_aside_shown_and_not_answered() {
    let mut rig = Rig::start().await;
    let mut peer = rig.connect().await;
    let cp = "DataTime=20260301110000;a34004-Rtd=1,a34004-Flag=N;a34002-Rtd=2";
    let unknown = upload("NOBODY", &qn(1), 2011, cp);
    peer.send(&unknown).await;
    peer.send(&minute(2)).await;
    let arrival = rig.commit(2).await;
    assert_eq!(fates(&arrival), [Fate::Quarantine(Reason::UnknownDevice), Fate::Keep]);
    assert_eq!(arrival.frames[0].claim, Claim::Stranger("NOBODY".to_owned()));
    assert_eq!(arrival.raw[arrival.frames[0].raw.clone()], unknown);
    assert_eq!(arrival.frames[0].reading_count, 2);
    assert!(arrival.frames[0].readings.is_empty());
    assert!(peer.receive().await.starts_with(&format!("QN={}", qn(2))), "only the second");
    let strangers = rig.server.desk().strangers();
    assert_eq!((strangers[0].mn.as_str(), strangers[0].frames), ("NOBODY", 1));
    assert_eq!(rig.counters.problem("unknown_device"), 1);
}

#[tokio::test]
async fn a_wrong_password_proves_nothing() {
    let mut rig = Rig::start().await;
    let mut peer = rig.connect().await;
    let cp = "DataTime=20260301110000;a34004-Rtd=1";
    peer.send(&frame(&format!("QN={};ST=22;CN=2011;PW=000000;MN={MN};Flag=5;CP=&&{cp}&&", qn(1))))
        .await;
    peer.send(&minute(2)).await;
    let arrival = rig.commit(2).await;
    assert_eq!(fates(&arrival), [Fate::Quarantine(Reason::WrongPassword), Fate::Keep]);
    assert_eq!(arrival.frames[0].claim, Claim::Stranger(MN.to_owned()));
    assert!(peer.receive().await.starts_with(&format!("QN={}", qn(2))), "only the second");
    assert_eq!(rig.counters.problem("wrong_password"), 1);
}

#[tokio::test]
async fn a_device_registered_meanwhile_is_taken_on_the_open_connection() {
    let mut rig = Rig::start().await;
    let mut peer = rig.connect().await;
    let cp = "DataTime=20260301110000;a34004-Rtd=1";
    peer.send(&upload("LATER", &qn(1), 2011, cp)).await;
    assert_eq!(fates(&rig.commit(1).await), [Fate::Quarantine(Reason::UnknownDevice)]);
    let mut registry = model::Registry::clone(&rig.registry.borrow());
    let device = model::Device { mn: "LATER".to_owned(), ..registry.devices()[0].clone() };
    registry.put_device(device);
    rig.registry.send_replace(std::sync::Arc::new(registry));
    peer.send(&upload("LATER", &qn(2), 2011, cp)).await;
    assert_eq!(fates(&rig.commit(1).await), [Fate::Keep]);
    assert!(peer.receive().await.starts_with(&format!("QN={}", qn(2))));
}

#[tokio::test]
async fn one_connection_may_carry_several_devices() {
    let mut rig = Rig::start().await;
    let mut peer = rig.connect().await;
    let cp = "DataTime=20260301110000;a05024-Rtd=1";
    peer.send(&[upload(MN, &qn(1), 2011, cp), upload(ODD, &qn(2), 2011, cp)].concat()).await;
    let arrival = rig.commit(2).await;
    let claims: Vec<&Claim> = arrival.frames.iter().map(|frame| &frame.claim).collect();
    assert_eq!(claims, [&Claim::Device(DeviceId(0)), &Claim::Device(DeviceId(1))]);
    assert_eq!(rig.server.desk().sessions().len(), 2);
}

#[tokio::test]
async fn two_connections_of_one_device_may_both_deliver_and_commands_go_to_the_last_heard() {
    let mut rig = Rig::start().await;
    let mut first = rig.connect().await;
    first.send(&minute(1)).await;
    let opened = rig.commit(1).await;
    assert_eq!(opened.notes[0].kind, NoteKind::Session);
    let mut second = rig.connect().await;
    second.send(&minute(2)).await;
    let noted = rig.commit(1).await;
    assert!(noted.notes[0].text.contains("while its connection from"), "{}", noted.notes[0].text);
    assert_eq!(rig.counters.problem("second_connection"), 1);
    let session = rig.server.desk().sessions().remove(0);
    assert_eq!(session.peer, Some(second.stream.local_addr().unwrap()));
    assert_eq!(session.last_seen, now());
    first.send(&minute(3)).await;
    let again = rig.commit(1).await;
    assert!(again.notes.is_empty(), "said once");
    assert!(first.receive().await.starts_with(&format!("QN={}", qn(1))));
    assert!(first.receive().await.starts_with(&format!("QN={}", qn(3))));
    assert!(second.receive().await.starts_with(&format!("QN={}", qn(2))));
    let session = rig.server.desk().sessions().remove(0);
    assert_eq!(session.peer, Some(first.stream.local_addr().unwrap()));
    assert_eq!(PW.len(), 6);
}
