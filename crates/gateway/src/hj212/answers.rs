//! The frames that the host sends: 9014, 9013 and requests, in the form of the edition that asks.

use hj212::Frame;
use model::Dialect;

/// Writes a whole frame around the segment that `write` makes.
pub fn frame(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(b"##0000");
    write(out);
    let length = out.len() - start - 6;
    assert!(length <= 9999, "a segment of the host has at most 9999 bytes");
    for (at, power) in [1000, 100, 10, 1].into_iter().enumerate() {
        out[start + 2 + at] = b'0' + (length / power % 10) as u8;
    }
    let crc = hj212::crc(&out[start + 6..]);
    for shift in [12, 8, 4, 0] {
        out.push(b"0123456789ABCDEF"[usize::from(crc >> shift & 15)]);
    }
    out.extend_from_slice(b"\r\n");
}

/// Writes the answer to a frame: `number` is 9014 for data, 9013 for notices.
///
/// A frame of 2005, or one without a QN to repeat, is answered in the form of 2005: what is answered
/// stands inside CP.
pub fn acknowledge(out: &mut Vec<u8>, asked: &Frame<'_>, number: u16) {
    let version = asked.flag().map_or(0, hj212::Flag::version);
    let header = &asked.header;
    let answered = Some(asked.answered_qn().as_bytes()).filter(|qn| !qn.is_empty());
    match answered {
        Some(qn) if version > 0 => frame(out, |out| {
            field(out, b"QN=", qn);
            out.extend_from_slice(b"ST=91;CN=");
            out.extend_from_slice(number.to_string().as_bytes());
            out.push(b';');
            field(out, b"PW=", header.pw.unwrap_or_default());
            field(out, b"MN=", header.mn.unwrap_or_default());
            out.extend_from_slice(if version == 1 { b"Flag=4;" } else { b"Flag=8;" });
            out.extend_from_slice(b"CP=&&&&");
        }),
        qn => frame(out, |out| {
            out.extend_from_slice(b"ST=91;CN=");
            out.extend_from_slice(number.to_string().as_bytes());
            out.push(b';');
            if number != 9014 {
                field(out, b"PW=", header.pw.unwrap_or_default());
                field(out, b"MN=", header.mn.unwrap_or_default());
                out.extend_from_slice(b"Flag=0;");
            }
            out.extend_from_slice(b"CP=&&");
            if let Some(qn) = qn {
                field(out, b"QN=", qn);
            }
            if number == 9014 {
                field(out, b"CN=", header.cn.unwrap_or_default());
                if let (Some(pno), Some(pnum)) = (header.pno, header.pnum) {
                    field(out, b"PNO=", pno);
                    field(out, b"PNUM=", pnum);
                }
            }
            if out.last() == Some(&b';') {
                out.pop();
            }
            out.extend_from_slice(b"&&");
        }),
    }
}

/// A request of the host, which wants an answer.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Names the exchange.
    pub qn: &'a str,
    /// System code of the device.
    pub st: &'a str,
    /// Command.
    pub cn: u16,
    /// Password of the device.
    pub pw: &'a str,
    /// The device.
    pub mn: &'a str,
    /// Its edition.
    pub dialect: Dialect,
    /// Content of CP.
    pub cp: &'a str,
}

/// Writes a request.
pub fn request(out: &mut Vec<u8>, request: Request<'_>) {
    let flag = match request.dialect {
        Dialect::Hj212V2005 => "1",
        Dialect::Hj212V2017 => "5",
        Dialect::Hj212V2025 | Dialect::SurfaceWater => "9",
    };
    frame(out, |out| {
        field(out, b"QN=", request.qn.as_bytes());
        field(out, b"ST=", request.st.as_bytes());
        field(out, b"CN=", request.cn.to_string().as_bytes());
        field(out, b"PW=", request.pw.as_bytes());
        field(out, b"MN=", request.mn.as_bytes());
        field(out, b"Flag=", flag.as_bytes());
        out.extend_from_slice(b"CP=&&");
        out.extend_from_slice(request.cp.as_bytes());
        out.extend_from_slice(b"&&");
    });
}

fn field(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    out.extend_from_slice(name);
    out.extend_from_slice(value);
    out.push(b';');
}

#[cfg(test)]
mod tests {
    use super::*;
    use hj212::{Answer, Dialect as Wire};

    /// The library writes answers strictly and slowly; ours must be the same bytes.
    fn check(head: &str, dialect: Wire) {
        let mut asked = Vec::new();
        let segment = format!("{head}CP=&&DataTime=20260301110000;a34004-Rtd=1&&");
        frame(&mut asked, |out| out.extend_from_slice(segment.as_bytes()));
        let (asked, _) = hj212::read(&asked).unwrap();
        for (number, answer) in [(9014, Answer::Data), (9013, Answer::Notice)] {
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            acknowledge(&mut ours, &asked, number);
            hj212::answer(&asked, dialect, answer, &mut theirs).unwrap();
            assert_eq!(String::from_utf8_lossy(&ours), String::from_utf8_lossy(&theirs));
        }
    }

    #[test]
    fn answers_are_those_of_the_strict_writer() {
        let qn = "QN=20260301120000001;";
        let who = "PW=123456;MN=010000A8900016F000169DC0;";
        check(&format!("{qn}ST=22;CN=2011;{who}Flag=5;"), Wire::V2017);
        check(&format!("{qn}ST=22;CN=2011;{who}Flag=7;PNUM=2;PNO=1;"), Wire::V2017);
        check(&format!("{qn}ST=22;CN=2011;{who}Flag=9;"), Wire::V2025);
        check(&format!("{qn}ST=21;CN=2011;{who}Flag=9;"), Wire::SurfaceWater);
        check(&format!("{qn}ST=31;CN=2051;PW=123456;MN=88888880000001;Flag=1;"), Wire::V2005);
    }

    #[test]
    fn a_request_is_a_frame_without_deviation() {
        let mut bytes = Vec::new();
        let (qn, st, pw, mn) = ("20260301120000001", "22", "123456", "010000A8900016F000169DC0");
        let dialect = Dialect::Hj212V2017;
        request(&mut bytes, Request { qn, st, cn: 1062, pw, mn, dialect, cp: "RtdInterval=30" });
        let (frame, problems) = hj212::read(&bytes).unwrap();
        assert!(problems.is_empty(), "{problems:?}");
        assert_eq!((frame.cn(), frame.value(b"RtdInterval")), (Some(1062), Some(&b"30"[..])));
        assert!(frame.wants_answer());
    }
}
