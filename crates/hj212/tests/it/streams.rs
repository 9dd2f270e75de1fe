//! Streams: however the bytes are cut, whatever stands between the frames, nothing good is lost.

use hj212::{Deframer, Event, Hopeless, Limits, crc, read};
use proptest::prelude::*;

/// What a stream gave, without regard to how it was cut: frames and bad frames by their bytes, noise in
/// one piece between them, blanks left out.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    frames: Vec<Vec<u8>>,
    bad: Vec<Vec<u8>>,
    noise: Vec<u8>,
    hopeless: Option<Hopeless>,
    left: usize,
}

/// Feeds a stream in pieces that end at `cuts`, then gives up what is incomplete.
fn feed(stream: &[u8], cuts: &[usize], limits: Limits) -> Seen {
    let mut seen = Seen::default();
    let mut deframer = Deframer::new(limits);
    let mut buffer = Vec::new();
    let mut at = 0;
    for end in cuts.iter().copied().chain([stream.len()]) {
        buffer.extend_from_slice(&stream[at..end]);
        at = end;
        drain(&mut deframer, &mut buffer, &mut seen);
        if seen.hopeless.is_none() {
            assert!(buffer.len() <= limits.buffer_bytes_max(), "{} bytes kept", buffer.len());
        }
    }
    deframer.give_up_head();
    drain(&mut deframer, &mut buffer, &mut seen);
    seen.left = buffer.len();
    seen
}

fn drain(deframer: &mut Deframer, buffer: &mut Vec<u8>, seen: &mut Seen) {
    let mut rest: &[u8] = buffer;
    while let Some(event) = deframer.next(&mut rest) {
        match event {
            Event::Frame(raw) => seen.frames.push(raw.bytes.trim_ascii_end().to_vec()),
            Event::Bad(bad) => seen.bad.push(bad.bytes.trim_ascii_end().to_vec()),
            Event::Skipped(noise) => {
                seen.noise.extend(noise.iter().filter(|b| !b.is_ascii_whitespace()));
            }
            Event::Hopeless(why) => seen.hopeless = Some(why),
        }
    }
    let used = buffer.len() - rest.len();
    buffer.drain(..used);
}

fn frame(cp: &str) -> String {
    let segment = format!(
        "QN=20261122080000000;ST=22;CN=2011;PW=123456;MN=88888880000001;Flag=5;CP=&&{cp}&&"
    );
    format!("##{:04}{segment}{:04X}\r\n", segment.len(), crc(segment.as_bytes()))
}

fn trimmed(frames: &[&str]) -> Vec<Vec<u8>> {
    frames.iter().map(|frame| frame.trim_end().as_bytes().to_vec()).collect()
}

#[test]
fn half_and_sticky_packets_give_whole_frames() {
    let (a, b) = (frame("a-Rtd=1"), frame("b-Rtd=2"));
    let stream = format!("{a}{b}{a}");
    for cut in 0..=stream.len() {
        let seen = feed(stream.as_bytes(), &[cut], Limits::default());
        assert_eq!(
            seen,
            Seen { frames: trimmed(&[&a, &b, &a]), ..Seen::default() },
            "cut at {cut}"
        );
    }
}

#[test]
fn a_false_head_neither_swallows_nor_stalls_the_frames_behind_it() {
    let good = frame("a-Rtd=1");
    for false_head in
        ["##0300", "##1024QN=2026", "##4000QN=20261122;CP=&&", "##9999", "##000300QN="]
    {
        let stream = format!("{false_head}{good}");
        let mut deframer = Deframer::new(Limits::default());
        let mut rest = stream.as_bytes();
        assert!(matches!(deframer.next(&mut rest), Some(Event::Bad(_))), "{false_head}");
        assert!(matches!(deframer.next(&mut rest), Some(Event::Frame(_))), "{false_head}");
    }
}

#[test]
fn a_wrong_length_is_repaired_by_the_checksum() {
    let good = frame("a-Rtd=1");
    for wrong in ["##0020", "##0083", "##0200", "##9999"] {
        let repaired = format!("{wrong}{}", &good[6..]);
        let stream = format!("{repaired}{good}");
        let seen = feed(stream.as_bytes(), &[], Limits::default());
        assert_eq!(seen.frames, trimmed(&[&repaired, &good]), "{wrong}");
        // At the end of a stream no line end is needed either.
        let seen = feed(repaired.trim_end().as_bytes(), &[], Limits::default());
        assert_eq!(seen.frames, trimmed(&[&repaired]), "{wrong}");
    }
}

#[test]
fn noise_is_handed_out_and_blanks_are_not() {
    let good = frame("a-Rtd=1");
    let stream = format!("IMEI:868957048162806\r\n{good}\r\n\r\nping{good}\\r\\n#{good}");
    let seen = feed(stream.as_bytes(), &[], Limits::default());
    assert_eq!(seen.frames.len(), 3);
    assert_eq!(seen.noise, b"IMEI:868957048162806ping\\r\\n#");
    assert!(seen.bad.is_empty());
}

#[test]
fn a_bad_frame_is_kept_with_its_reason() {
    let good = frame("a-Rtd=1");
    let bad = good.replace("a-Rtd=1", "a-Rtd=2");
    let stream = format!("{bad}{good}");
    let mut deframer = Deframer::new(Limits::default());
    let mut rest = stream.as_bytes();
    let Some(Event::Bad(found)) = deframer.next(&mut rest) else { panic!("no bad frame") };
    assert_eq!(found.bytes, bad.trim_end().as_bytes());
    assert_eq!(found.reason.name(), "crc_mismatch");
    assert!(matches!(deframer.next(&mut rest), Some(Event::Frame(_))));
}

#[test]
fn a_line_end_that_comes_late_is_no_deviation() {
    let good = frame("a-Rtd=1");
    let (first, late) = good.split_at(good.len() - 2);
    let mut deframer = Deframer::new(Limits::default());
    let mut rest = first.as_bytes();
    let Some(Event::Frame(raw)) = deframer.next(&mut rest) else { panic!("no frame") };
    assert!(raw.tail_is_open);
    assert_eq!(raw.read().unwrap().1, []);
    let mut rest = late.as_bytes();
    assert_eq!(deframer.next(&mut rest), None);
    assert_eq!(rest, b"");
}

#[test]
fn a_stream_of_nothing_but_heads_is_given_up() {
    let heads = "##1024".repeat(20_000);
    let seen = feed(
        heads.as_bytes(),
        &[],
        Limits { bad_frames_in_a_row_max: u32::MAX, ..Limits::default() },
    );
    assert_eq!(seen.hopeless, Some(Hopeless::Work));
    let seen = feed(heads.as_bytes(), &[], Limits::for_testing());
    assert!(seen.hopeless.is_some());
    let seen = feed("##0004abcd0000\r\n".repeat(1000).as_bytes(), &[], Limits::default());
    assert_eq!(seen.hopeless, Some(Hopeless::BadFrames));
}

#[test]
fn a_clean_stream_byte_by_byte_is_far_from_the_work_limit() {
    let stream = frame(&"a34004-Rtd=1,a34004-Flag=N;".repeat(30)).repeat(50);
    let cuts: Vec<usize> = (0..stream.len()).collect();
    let limits = Limits { work_per_byte_max: 4, work_burst_max: 64, ..Limits::default() };
    let seen = feed(stream.as_bytes(), &cuts, limits);
    assert_eq!((seen.frames.len(), seen.hopeless), (50, None));
}

/// Pieces that streams are made of: good frames, damaged ones, heads, noise.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let cp = "(DataTime=20261122080000;)?[a-c]-Rtd=[0-9]{1,3}";
    prop_oneof![
        4 => cp.prop_map(|cp| frame(&cp).into_bytes()),
        1 => cp.prop_map(|cp| frame(&cp).trim_end().as_bytes().to_vec()),
        1 => (cp, 0..200_usize).prop_map(|(cp, len)| {
            let frame = frame(&cp).into_bytes();
            frame[..len.min(frame.len())].to_vec()
        }),
        1 => (cp, 0..9999_u32).prop_map(|(cp, len)| format!("##{len:04}{}", &frame(&cp)[6..]).into_bytes()),
        1 => (cp, 0..120_usize, any::<u8>()).prop_map(|(cp, at, byte)| {
            let mut frame = frame(&cp).into_bytes();
            let at = at % frame.len();
            frame[at] = byte;
            frame
        }),
        1 => "##[0-9]{2,7}".prop_map(String::into_bytes),
        1 => "[#&\r\n 0-9A-F]{1,12}".prop_map(String::into_bytes),
        1 => proptest::collection::vec(any::<u8>(), 1..20),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_same_bytes_give_the_same_frames_however_they_are_cut(
        pieces in proptest::collection::vec(piece(), 1..12),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let stream = pieces.concat();
        let limits = Limits { segment_bytes_max: 300, ..Limits::default() };
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.sort_unstable();
        let whole = feed(&stream, &[], limits);
        prop_assert_eq!(&feed(&stream, &cuts, limits), &whole);
        let each: Vec<usize> = (0..stream.len()).collect();
        prop_assert_eq!(&feed(&stream, &each, limits), &whole);
        prop_assert_eq!(whole.left, 0);
    }
}

/// Changes seeds at random places, for ever the same ones, and looks that nothing panics, that every byte
/// is accounted for, and that reads and readings agree with each other.
#[test]
fn mutated_streams_neither_panic_nor_lose_bytes() {
    let seeds = [
        frame("DataTime=20261122080000;a34004-Rtd=35,a34004-Flag=N;i11001-Info=//open; t=1//"),
        frame("a-Avg=1;b-Avg=2,b-Flag=M;a-Flag=D,a--Max=3, c =").repeat(3),
        "##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=9;CP=&&{0xE4,0x3E}ab&&1C80\r\n".to_owned(),
        "##0000FFFF\r\n##9999##0012CP=&&".to_owned(),
    ];
    let mut random = 212_u64;
    let mut next = |below: usize| {
        random =
            random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) as usize % below
    };
    let words: [&[u8]; 10] =
        [b"##", b"&&", b"\r\n", b";", b",", b"=", b"//", b"-", b"\xC7\xE5", b"CP=&&"];
    for round in 0..6_000 {
        let mut stream = seeds[round % seeds.len()].clone().into_bytes();
        for _ in 0..=next(4) {
            let at = next(stream.len());
            match next(4) {
                0 => stream[at] = next(256) as u8,
                1 => drop(stream.drain(at..(at + 1 + next(9)).min(stream.len()))),
                2 => drop(stream.splice(at..at, words[next(words.len())].iter().copied())),
                _ => stream.truncate(at.max(1)),
            }
            if stream.is_empty() {
                stream.push(b'#');
            }
        }
        let mut deframer = Deframer::new(Limits::default());
        let mut rest: &[u8] = &stream;
        while let Some(event) = deframer.next(&mut rest) {
            match event {
                Event::Frame(raw) => look_at(raw.bytes),
                Event::Bad(bad) => look_at(bad.bytes),
                Event::Skipped(noise) => assert!(!noise.is_empty()),
                Event::Hopeless(_) => {}
            }
        }
        look_at(&stream);
        deframer.give_up_head();
        while deframer.next(&mut rest).is_some() {}
        assert!(rest.is_empty(), "{} bytes left", rest.len());
    }
}

fn look_at(raw: &[u8]) {
    let frame = match read(raw) {
        Ok((frame, _)) => frame,
        Err(rejected) => match rejected.frame {
            Some(frame) => *frame,
            None => return,
        },
    };
    let readings = frame.readings().count();
    let items = frame.items().filter(|item| item.code().is_some()).count();
    assert!(readings <= items, "{readings} readings of {items} items");
    assert_eq!(
        frame.groups().map(|group| group.items().count()).sum::<usize>(),
        frame.items().count()
    );
    for reading in frame.readings() {
        let _ = (reading.number(), reading.code_text(), reading.sampled_at());
    }
    let _ = (frame.header.fields().count(), frame.data_time(), frame.part());
}
