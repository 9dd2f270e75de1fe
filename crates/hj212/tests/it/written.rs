//! What the writer writes, the reader reads without a problem; what the standard forbids is refused.

use Dialect::{V2005, V2017, V2025};
use hj212::cipher::{Key, decrypt};
use hj212::time::Civil;
use hj212::{
    Answer, Dialect, ExeRtn, Field, Flag, Head, QnRtn, Request, WriteError, Writer, answer, read,
    request,
};
use proptest::prelude::*;

const MN: &str = "010000A8900016F000169DC0";

fn time(digits: &str) -> Civil {
    Civil::read(digits.as_bytes()).unwrap()
}

fn head(st: &str, cn: u16, flag: u8) -> Head<'_> {
    Head {
        qn: Some(time("20160801085857223")),
        st,
        cn,
        pw: Some("123456"),
        mn: Some(MN),
        flag: Some(Flag(flag)),
        part: None,
        resent: false,
    }
}

fn requested(dialect: Dialect, what: &Request<'_>) -> Result<String, WriteError> {
    let mut out = Vec::new();
    let flag =
        if dialect == Dialect::V2005 { 3 } else { Flag::new(dialect.version(), false, true).0 };
    request(&head("32", 0, flag), dialect, what, None, &mut out)?;
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn requests_are_those_of_the_standard() {
    let check = |dialect, what: Request<'_>, cn: &str, cp: &str| {
        let raw = requested(dialect, &what).unwrap();
        assert!(
            raw.contains(&format!(";CN={cn};")) && raw.contains(&format!("CP=&&{cp}&&")),
            "{raw}"
        );
        let (frame, problems) = read(raw.as_bytes()).unwrap();
        assert!(
            problems.iter().all(|problem| problem.kind.name() == "split_bit_without_pnum"),
            "{problems:?}"
        );
        assert_eq!(frame.cn(), Some(what.cn()));
    };
    let (begin, end) = (time("20160801084000"), time("20160801085000"));
    check(
        V2017,
        Request::SetTimeouts { over_time_s: 5, re_count: 3 },
        "1000",
        "OverTime=5;ReCount=3",
    );
    check(V2017, Request::ReadTime { pol_id: None }, "1011", "");
    check(
        V2017,
        Request::SetTime { pol_id: Some("w01018"), time: begin },
        "1012",
        "PolId=w01018;SystemTime=20160801084000",
    );
    check(V2017, Request::SetRtdInterval(30), "1062", "RtdInterval=30");
    check(V2017, Request::SetMinInterval(10), "1064", "MinInterval=10");
    check(V2017, Request::SetPassword("654321"), "1072", "NewPW=654321");
    check(V2005, Request::SetPassword("654321"), "1072", "PW=654321");
    check(V2017, Request::StartRealtime, "2011", "");
    check(V2017, Request::StopRealtime, "2012", "");
    check(
        V2017,
        Request::History { cn: 2051, begin, end },
        "2051",
        "BeginTime=20160801084000;EndTime=20160801085000",
    );
    check(
        V2005,
        Request::History { cn: 2051, begin, end },
        "2051",
        "BeginTime=20160801084000,EndTime=20160801085000",
    );
    check(V2017, Request::Calibrate { pol_id: "w01018", kind: None }, "3011", "PolId=w01018");
    check(
        V2025,
        Request::Calibrate { pol_id: "w01018", kind: Some(0) },
        "3011",
        "PolId=w01018,CalibrationType=0",
    );
    check(
        V2017,
        Request::SetSampling { pol_id: "w01018", first: (0, 0, 0), period_h: 2 },
        "3016",
        "PolId=w01018;CstartTime=000000;CTime=2",
    );
    check(
        V2017,
        Request::SetInfo { pol_id: "w01018", info_id: "i13004", value: "168.0" },
        "3021",
        "PolId=w01018;InfoId=i13004;i13004-Info=168.0",
    );
    check(
        V2005,
        Request::SetLimits(&[("101", "1.1", "9.9")]),
        "1022",
        "101-LowValue=1.1,101-UpValue=9.9",
    );
    check(V2005, Request::ReadLimits(&["101", "102"]), "1021", "PolId=101;PolId=102");
    check(V2005, Request::SetReportTime { hour: 1, minute: 1 }, "1042", "ReportTime=0101");
    check(
        V2025,
        Request::SetMn { serial: "6970000000001ABCDEFG1234" },
        "1002",
        "i23005-Info=6970000000001ABCDEFG1234",
    );
}

#[test]
fn requests_that_the_dialect_or_the_standard_does_not_know_are_refused() {
    let refused = |dialect, what: Request<'_>| requested(dialect, &what).unwrap_err();
    assert_eq!(
        refused(Dialect::V2017, Request::ReadAlarmTarget),
        WriteError::NotInDialect(Dialect::V2017)
    );
    assert_eq!(
        refused(Dialect::V2005, Request::ReadMinInterval),
        WriteError::NotInDialect(Dialect::V2005)
    );
    assert!(matches!(
        refused(Dialect::V2017, Request::SetRtdInterval(29)),
        WriteError::Field { name: "RtdInterval", .. }
    ));
    assert!(matches!(
        refused(Dialect::V2017, Request::SetMinInterval(7)),
        WriteError::Field { .. }
    ));
    assert!(matches!(refused(Dialect::V2017, Request::SetPassword("1")), WriteError::Field { .. }));
    let (begin, end) = (time("20160801084000"), time("20160801083000"));
    assert!(matches!(
        refused(Dialect::V2017, Request::History { cn: 2051, begin, end }),
        WriteError::Field { .. }
    ));
}

fn answered(raw: &str, dialect: Dialect, what: Answer) -> Result<String, WriteError> {
    let segment = raw.to_owned();
    let crc = hj212::crc(segment.as_bytes());
    let raw = format!("##{:04}{segment}{crc:04X}\r\n", segment.len());
    let (frame, _) = read(raw.as_bytes()).unwrap();
    let mut out = Vec::new();
    answer(&frame, dialect, what, &mut out)?;
    let (reply, _) = read(&out).unwrap();
    assert_eq!((reply.st(), reply.cn()), ("91", Some(what.cn())));
    assert_eq!(reply.answered_qn(), frame.qn());
    Ok(String::from_utf8(out[6..out.len() - 6].to_vec()).unwrap())
}

#[test]
fn answers_repeat_what_they_answer_in_the_form_of_the_edition() {
    let upload = "QN=20160801085857223;ST=32;CN=2051;PW=123456;MN=010000A8900016F000169DC0;Flag=5;CP=&&DataTime=20160801084000&&";
    assert_eq!(
        answered(upload, Dialect::V2017, Answer::Data).unwrap(),
        "QN=20160801085857223;ST=91;CN=9014;PW=123456;MN=010000A8900016F000169DC0;Flag=4;CP=&&&&"
    );
    assert_eq!(
        answered(upload, Dialect::V2025, Answer::Request(QnRtn::READY)).unwrap(),
        "QN=20160801085857223;ST=91;CN=9011;PW=123456;MN=010000A8900016F000169DC0;Flag=8;CP=&&QnRtn=1&&"
    );
    assert_eq!(
        answered(upload, Dialect::V2017, Answer::Executed(ExeRtn::NO_DATA)).unwrap(),
        "QN=20160801085857223;ST=91;CN=9012;PW=123456;MN=010000A8900016F000169DC0;Flag=4;CP=&&ExeRtn=100&&"
    );
    let old = "QN=20040516010101001;ST=32;CN=2051;PW=123456;MN=88888880000001;PNO=1;PNUM=2;CP=&&&&";
    assert_eq!(
        answered(old, Dialect::V2005, Answer::Data).unwrap(),
        "ST=91;CN=9014;CP=&&QN=20040516010101001;CN=2051;PNO=1;PNUM=2&&"
    );
    assert_eq!(
        answered(old, Dialect::V2005, Answer::Request(QnRtn::READY)).unwrap(),
        "ST=91;CN=9011;PW=123456;MN=88888880000001;Flag=0;CP=&&QN=20040516010101001;QnRtn=1&&"
    );
    // Whatever form the QN has, it is repeated.
    let odd = "QN=1617957600465;ST=21;CN=2011;PW=123456;MN=DXCBZ000000005;Flag=5;CP=&&&&";
    assert!(
        answered(odd, Dialect::V2017, Answer::Data)
            .unwrap()
            .starts_with("QN=1617957600465;ST=91;CN=9014;")
    );
    let without = "ST=32;CN=2011;PW=123456;MN=DXCBZ000000005;Flag=5;CP=&&&&";
    assert_eq!(answered(without, Dialect::V2017, Answer::Data), Err(WriteError::NoQn));
}

fn upload(factors: usize) -> Writer {
    let mut writer = Writer::new();
    writer.common("DataTime", "20160801080000").unwrap();
    for factor in 0..factors {
        let name = |field: &str| format!("w{factor:05}-{field}");
        writer.group();
        for (field, value) in [("Min", "16.4"), ("Avg", "17.5"), ("Max", "20.1"), ("Flag", "N")] {
            writer.item(&name(field), value).unwrap();
        }
    }
    writer
}

#[test]
fn a_long_upload_is_split_at_the_borders_of_factors() {
    let mut out = Vec::new();
    let parts = upload(40).finish(&head("32", 2061, 5), None, &mut out).unwrap();
    assert!(parts > 1);
    let mut rest: &[u8] = &out;
    let mut readings = 0;
    for number in 1..=parts {
        let (frame, problems) = read(rest).unwrap();
        assert_eq!(problems, []);
        assert!(frame.cp.unwrap().len() <= hj212::CP_BYTES_MAX);
        let part = frame.part().unwrap();
        assert_eq!((part.of as usize, part.number as usize), (parts, number));
        assert_eq!(frame.data_time(), Some(Ok(time("20160801080000"))));
        assert_eq!(frame.qn(), format!("20160801085857{:03}", 222 + number));
        assert_eq!(frame.flag(), Some(Flag(7)));
        readings += frame.readings().filter(|reading| reading.flag == Some(b"N")).count();
        rest = &rest[frame.len()..];
    }
    assert_eq!((rest.len(), readings), (0, 120));
}

#[test]
fn what_breaks_the_grammar_is_refused() {
    let item = |name: &str, value: &str| Writer::new().group().item(name, value).map(|_| ());
    for name in ["", "a b", "a-", "-Rtd", "a-b-c", "a=b", "温度-Rtd"] {
        assert_eq!(item(name, "1"), Err(WriteError::Name(name.to_owned())));
    }
    for value in ["1;2", "1,2", " 1", "1&&2", "##", "1\r\n", "a&", "//a", "//a//b//", "///"] {
        assert!(matches!(item("a-Rtd", value), Err(WriteError::Value { .. })), "{value}");
    }
    for value in ["", "NULL", "1e5", "//valve open; t=25.1, ok//", "//清洗管路//"] {
        assert_eq!(item("a-Info", value), Ok(()), "{value}");
    }
    let mut writer = Writer::new();
    writer.group().item("a-Rtd", "1").unwrap();
    assert!(matches!(writer.item("b-Rtd", "1"), Err(WriteError::Group(_))));
    assert!(matches!(writer.item("a-Rtd", "1"), Err(WriteError::Group(_))));
    assert!(matches!(writer.common("DataTime", "1"), Err(WriteError::Group(_))));
    let finish = |head: Head<'_>| upload(40).finish(&head, None, &mut Vec::new());
    assert!(matches!(
        finish(Head { flag: None, ..head("32", 2061, 5) }),
        Err(WriteError::Split(_))
    ));
    assert!(matches!(
        finish(Head { st: "2", ..head("32", 2061, 5) }),
        Err(WriteError::Field { name: "ST", .. })
    ));
    assert!(matches!(
        finish(Head { resent: true, ..head("32", 2061, 5) }),
        Err(WriteError::Field { name: "RF", .. })
    ));
    assert!(matches!(
        finish(Head { mn: Some("a;b"), ..head("32", 2061, 5) }),
        Err(WriteError::Field { name: "MN", .. })
    ));
}

#[test]
fn an_encrypted_upload_is_read_with_the_present_or_the_former_key() {
    let (old, new) = (Key::new(b"0000000000000000"), Key::new(b"abcdefgh12345678"));
    let mut wire = Vec::new();
    upload(3).finish(&head("31", 2061, 9), Some(&old), &mut wire).unwrap();
    let (frame, problems) = read(&wire).unwrap();
    assert!(frame.encrypted.is_some() && frame.readings().next().is_none());
    assert_eq!(
        problems.iter().map(|problem| problem.kind.name()).collect::<Vec<_>>(),
        ["encrypted"]
    );
    assert_eq!(decrypt(&frame, std::slice::from_ref(&new)), None);
    let plain = decrypt(&frame, &[new, old]).unwrap();
    let (frame, problems) = read(&plain).unwrap();
    assert_eq!((problems.len(), frame.readings().count()), (0, 9));
}

prop_compose! {
    fn a_value()(number in "-?[0-9]{1,5}(\\.[0-9]{1,3})?", gap in any::<bool>()) -> String {
        if gap { "NULL".to_owned() } else { number }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back(
        factors in proptest::collection::btree_map("[aw][0-9]{5}|[0-9]{3}|LA", (a_value(), a_value(), "[NFMDCT]"), 0..30),
        version in 0..3_u8,
        ack in any::<bool>(),
    ) {
        let mut writer = Writer::new();
        writer.common("DataTime", "20261122080000").unwrap();
        let mut expected = Vec::new();
        for (code, (avg, max, mark)) in &factors {
            writer.group();
            writer.item(&format!("{code}-Avg"), avg).unwrap();
            writer.item(&format!("{code}-Max"), max).unwrap();
            writer.item(&format!("{code}-Flag"), mark).unwrap();
            expected.push((code.clone(), Field::Avg, avg.clone(), mark.clone()));
            expected.push((code.clone(), Field::Max, max.clone(), mark.clone()));
        }
        let head = Head { flag: Some(Flag::new(version, false, ack)), ..head("22", 2051, 0) };
        let mut wire = Vec::new();
        let parts = writer.finish(&head, None, &mut wire).unwrap();
        let mut found = Vec::new();
        let mut rest: &[u8] = &wire;
        for _ in 0..parts {
            let (frame, problems) = read(rest).unwrap();
            prop_assert_eq!(problems, vec![]);
            prop_assert_eq!((frame.wants_answer(), frame.mn()), (ack, MN));
            for reading in frame.readings() {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                prop_assert_eq!(reading.number(), text(reading.value).parse().ok());
                found.push((text(reading.code), reading.field, text(reading.value), text(reading.flag.unwrap())));
            }
            rest = &rest[frame.len()..];
        }
        prop_assert_eq!(found, expected);
    }

    /// Groups may come in any order and marks may be scattered: each reading keeps its mark.
    #[test]
    fn the_order_of_groups_does_not_matter(order in Just(vec![0, 1, 2, 3, 4, 5]).prop_shuffle()) {
        let groups = ["a-Avg=1", "b-Avg=2,b-Flag=M", "c-Avg=3", "a-Flag=D,a-EFlag=X", "c-SampleTime=20261122080000", "c-Flag=N"];
        let cp: Vec<&str> = order.iter().map(|at| groups[*at]).collect();
        let segment = format!("ST=22;CN=2011;CP=&&{}&&", cp.join(";"));
        let raw = format!("##{:04}{segment}{:04X}\r\n", segment.len(), hj212::crc(segment.as_bytes()));
        let (frame, _) = read(raw.as_bytes()).unwrap();
        let mut found: Vec<String> = frame
            .readings()
            .map(|r| format!("{} {:?} {:?} {:?}", r.code_text(), r.flag, r.e_flag, r.sample_time.is_some()))
            .collect();
        found.sort();
        let text = |text: &'static str| Some(text.as_bytes());
        prop_assert_eq!(found, vec![
            format!("a {:?} {:?} false", text("D"), text("X")),
            format!("b {:?} {:?} false", text("M"), None::<&[u8]>),
            format!("c {:?} {:?} true", text("N"), None::<&[u8]>),
        ]);
    }
}
