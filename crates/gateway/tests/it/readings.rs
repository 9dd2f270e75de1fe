//! What items become: parameter, statistic, period, time, value, quality.

use crate::rig::{MN, ODD, OLD, PW, Rig, fates, frame, lines, qn, upload};
use model::{Fate, Reason};

/// Sends one upload and compares its readings.
async fn check(mn: &str, cn: u16, cp: &str, expected: &[&str]) -> Rig {
    let mut rig = Rig::start().await;
    let mut peer = rig.connect().await;
    peer.send(&upload(mn, &qn(1), cn, cp)).await;
    let arrival = rig.commit(1).await;
    assert_eq!(fates(&arrival), [Fate::Keep]);
    assert_eq!(lines(&arrival), expected);
    assert_eq!(arrival.frames[0].reading_count as usize, expected.len());
    assert!(peer.receive().await.contains("CN=9014"));
    rig
}

/// Sends one upload whose readings must not be kept, and that is answered all the same.
async fn refused(cn: u16, cp: &str, fate: Fate, count: u32) {
    let mut rig = Rig::start().await;
    let mut peer = rig.connect().await;
    peer.send(&upload(MN, &qn(1), cn, cp)).await;
    // A good one behind it shows that the keys of the refused one left no trace.
    peer.send(&upload(MN, &qn(2), 2011, "DataTime=20260301110000;a34004-Rtd=7")).await;
    let arrival = rig.commit(2).await;
    assert_eq!(fates(&arrival), [fate, Fate::Keep]);
    assert_eq!(arrival.frames[0].reading_count, count);
    assert!(arrival.frames[0].readings.is_empty());
    assert_eq!(lines(&arrival), ["pm25 Instant Instant 20260301110000 7 Good _"]);
    assert!(peer.receive().await.starts_with(&format!("QN={}", qn(1))), "it is durable: say so");
    let (Fate::Reject(reason) | Fate::Quarantine(reason)) = fate else { unreachable!() };
    assert_eq!(rig.counters.problem(reason.name()), 1);
}

#[tokio::test]
async fn an_hour_has_its_statistics_and_marks() {
    let cp = "DataTime=20260301110000;a34004-Min=30,a34004-Avg=35.2,a34004-Max=41,a34004-Flag=N;a05024-Avg=80.0,a05024-Flag=D";
    check(
        MN,
        2061,
        cp,
        &[
            "pm25 Min Hour 20260301110000 30 Good N",
            "pm25 Mean Hour 20260301110000 35.2 Good N",
            "pm25 Max Hour 20260301110000 41 Good N",
            "o3 Mean Hour 20260301110000 80 Fail D",
        ],
    )
    .await;
}

#[tokio::test]
async fn each_command_has_its_period() {
    let check = |cn, period: &'static str, time: &'static str| async move {
        let cp = format!("DataTime={time};a34004-Avg=1");
        check(MN, cn, &cp, &[&format!("pm25 Mean {period} {time} 1 Good _")]).await;
    };
    check(2011, "Instant", "20260301110000").await;
    check(2051, "Minutes", "20260301110000").await;
    check(2061, "Hour", "20260301110000").await;
    check(2031, "Day", "20260228000000").await;
}

#[tokio::test]
async fn equipment_and_totals_are_readings_of_their_own_kind() {
    check(
        MN,
        2021,
        "DataTime=20260301110000;SB1-RS=1;SB2-RS=0",
        &["SB1 State Instant 20260301110000 1 Good _", "SB2 State Instant 20260301110000 0 Good _"],
    )
    .await;
    check(
        MN,
        2041,
        "DataTime=20260228000000;SB1-RT=1.1",
        &["SB1 State Day 20260228000000 1.1 Good _"],
    )
    .await;
    // A mass, not a concentration: neither its point moves nor is it implausible.
    check(
        ODD,
        2031,
        "DataTime=20260301000000;a34004-Cou=99999999",
        &["pm25 Total Day 20260228000000 99999999 Good _"],
    )
    .await;
}

#[tokio::test]
async fn words_are_gaps_and_never_zero() {
    let cp = "DataTime=20260301110000;a34004-Rtd=NULL,a34004-Flag=D;a34002-Rtd=--;a21026-Rtd=,a21026-Flag=N;a21004-Rtd=NaN";
    let rig = check(
        MN,
        2011,
        cp,
        &[
            "pm25 Instant Instant 20260301110000 gap Missing D",
            "pm10 Instant Instant 20260301110000 gap Missing _",
            "so2 Instant Instant 20260301110000 gap Missing N",
            "no2 Instant Instant 20260301110000 gap Missing _",
        ],
    )
    .await;
    assert_eq!(rig.counters.problem("no_number"), 4);
}

#[tokio::test]
async fn each_mark_has_its_quality() {
    for (marks, quality) in
        [("Nn", "Good"), ("T", "Suspect"), ("DFCBMSP", "Fail"), ("X01", "Unknown")]
    {
        for mark in marks.chars() {
            let cp = format!("DataTime=20260301110000;a34004-Rtd=5,a34004-Flag={mark}");
            let expected = format!("pm25 Instant Instant 20260301110000 5 {quality} {mark}");
            check(MN, 2011, &cp, &[&expected]).await;
        }
    }
    for (mark, quality) in [('0', "Fail"), ('1', "Good"), ('2', "Fail"), ('3', "Good")] {
        let cp = format!("DataTime=20260301110000;02-Rtd=5,02-Flag={mark}");
        let expected = format!("so2 Instant Instant 20260301110000 5 {quality} {mark}");
        check(OLD, 2011, &cp, &[&expected]).await;
    }
}

#[tokio::test]
async fn an_unknown_factor_is_kept_under_its_code_and_counted() {
    let cp = "DataTime=20260301110000;LAMPBLACK-Rtd=1.5,LAMPBLACK-Flag=N;lng=113.5";
    let rig = check(MN, 2011, cp, &["LAMPBLACK Instant Instant 20260301110000 1.5 Good N"]).await;
    assert_eq!(rig.counters.problem("unknown_factor"), 1);
}

#[tokio::test]
async fn nanograms_taken_for_micrograms_are_suspect_and_never_divided_in_silence() {
    let cp = "DataTime=20260301110000;a34004-Rtd=35012,a34004-Flag=N";
    let rig = check(MN, 2011, cp, &["pm25 Instant Instant 20260301110000 35012 Suspect N"]).await;
    assert_eq!(rig.counters.problem("unit_trap"), 1);
    // The same from a device that is registered to send nanograms.
    let rig = check(ODD, 2011, cp, &["pm25 Instant Instant 20260301110000 35.012 Good N"]).await;
    assert_eq!(rig.counters.problem("unit_trap"), 0);
}

#[tokio::test]
async fn a_unit_that_only_a_formula_could_convert_makes_the_value_suspect() {
    let cp = "DataTime=20260301110000;a21026-Rtd=12";
    let rig = check(ODD, 2011, cp, &["so2 Instant Instant 20260301110000 12 Suspect _"]).await;
    assert_eq!(rig.counters.problem("unit_unknown"), 1);
}

#[tokio::test]
async fn a_stack_sends_gases_in_milligrams() {
    let mut rig = Rig::start().await;
    let mut peer = rig.connect().await;
    let cp = "DataTime=20260301110000;a21026-Rtd=4.35,a21026-ZsRtd=0.1;a01001-Rtd=120.5";
    peer.send(&frame(&format!("QN={};ST=31;CN=2011;PW={PW};MN={MN};Flag=5;CP=&&{cp}&&", qn(1))))
        .await;
    assert_eq!(
        lines(&rig.commit(1).await),
        [
            "so2 Instant Instant 20260301110000 4350 Good _",
            "so2 InstantConverted Instant 20260301110000 100 Good _",
            "air_temp Instant Instant 20260301110000 120.5 Good _",
        ]
    );
}

#[tokio::test]
async fn a_period_named_by_its_end_is_stored_by_its_start() {
    let cp = "DataTime=20260301110000;a05024-Avg=1";
    check(ODD, 2061, cp, &["o3 Mean Hour 20260301100000 1 Good _"]).await;
    check(ODD, 2031, cp, &["o3 Mean Day 20260228110000 1 Good _"]).await;
}

#[tokio::test]
async fn marks_and_values_of_a_factor_may_stand_apart_and_the_first_of_two_counts() {
    let cp = "DataTime=20260301110000;a34004-Rtd=1,a34002-Rtd=2;a34004-Flag=D,a34002-Flag=N;a34004-Rtd=9";
    let rig = check(
        MN,
        2011,
        cp,
        &[
            "pm25 Instant Instant 20260301110000 1 Fail D",
            "pm10 Instant Instant 20260301110000 2 Good N",
        ],
    )
    .await;
    assert!(rig.counters.problem("dup_item") >= 1);
}

#[tokio::test]
async fn a_missing_or_impossible_time_rejects_the_readings() {
    refused(2011, "a34004-Rtd=1;a34002-Rtd=2", Fate::Reject(Reason::BadTime), 2).await;
    refused(2011, "DataTime=00000000000000;a34004-Rtd=1", Fate::Reject(Reason::BadTime), 1).await;
    refused(2011, "DataTime=20260230000000;a34004-Rtd=1", Fate::Reject(Reason::BadTime), 1).await;
}

#[tokio::test]
async fn a_time_in_the_future_or_before_all_data_puts_the_readings_aside() {
    refused(2011, "DataTime=20260301120501;a34004-Rtd=1", Fate::Quarantine(Reason::FutureTime), 1)
        .await;
    refused(2011, "DataTime=19891231235959;a34004-Rtd=1", Fate::Quarantine(Reason::AncientTime), 1)
        .await;
    check(
        MN,
        2011,
        "DataTime=20260301120500;a34004-Rtd=1",
        &["pm25 Instant Instant 20260301120500 1 Good _"],
    )
    .await;
}

#[tokio::test]
async fn an_unknown_command_is_put_aside_and_answered() {
    refused(
        9999,
        "DataTime=20260301110000;a34004-Rtd=1",
        Fate::Quarantine(Reason::UnknownCommand),
        1,
    )
    .await;
}

#[tokio::test]
async fn more_readings_than_the_limit_are_rejected() {
    let items: Vec<String> = (0..201).map(|n| format!("x{n:05}-Rtd=1")).collect();
    refused(
        2011,
        &format!("DataTime=20260301110000;{}", items.join(";")),
        Fate::Reject(Reason::TooManyReadings),
        201,
    )
    .await;
}

#[tokio::test]
async fn an_encrypted_frame_without_a_key_is_put_aside_and_not_answered() {
    let mut rig = Rig::start().await;
    let mut peer = rig.connect().await;
    let key = hj212::cipher::Key::new(b"0000000000000000");
    let plain = b"DataTime=20260301110000;a34004-Rtd=1,a34004-Flag=N";
    let head = format!("QN={};ST=22;CN=2011;PW={PW};MN={MN};Flag=9;CP=&&", qn(1));
    let segment = [head.as_bytes(), plain, b"&&"].concat();
    let crc = hj212::crc(&segment);
    let mut content = plain.to_vec();
    key.encrypt(&mut content);
    let mut bytes = format!("##{:04}", segment.len()).into_bytes();
    bytes.extend([head.as_bytes(), &content, b"&&", format!("{crc:04X}\r\n").as_bytes()].concat());
    peer.send(&bytes).await;
    peer.send(&crate::rig::minute(2)).await;
    let arrival = rig.commit(2).await;
    assert_eq!(fates(&arrival), [Fate::Quarantine(Reason::NoKey), Fate::Keep]);
    assert!(peer.receive().await.starts_with(&format!("QN={}", qn(2))), "only the second");
}
