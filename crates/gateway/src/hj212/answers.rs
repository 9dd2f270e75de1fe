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
            out.extend_from_slice(b";CP=&&");
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
