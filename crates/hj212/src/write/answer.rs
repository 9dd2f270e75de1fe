//! Answers 9011–9014.

use super::{Dialect, Head, WriteError, Writer};
use crate::frame::{Flag, Frame};

/// An answer to a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// 9011, of a device: whether it will execute the request.
    Request(QnRtn),
    /// 9012, of a device: how the execution ended.
    Executed(ExeRtn),
    /// 9013: the notice has arrived.
    Notice,
    /// 9014: the data have arrived and are kept.
    Data,
}

impl Answer {
    /// The command number.
    pub const fn cn(self) -> u16 {
        match self {
            Self::Request(_) => 9011,
            Self::Executed(_) => 9012,
            Self::Notice => 9013,
            Self::Data => 9014,
        }
    }
}

/// What a device says to a request, `QnRtn` (HJ 212-2017 clause 6.6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct QnRtn(pub u16);

impl QnRtn {
    /// Ready to execute.
    pub const READY: Self = Self(1);
    /// Refused.
    pub const REFUSED: Self = Self(2);
    /// PW wrong.
    pub const PW_WRONG: Self = Self(3);
    /// MN wrong (2017 on).
    pub const MN_WRONG: Self = Self(4);
    /// ST wrong (2017 on).
    pub const ST_WRONG: Self = Self(5);
    /// Flag wrong (2017 on).
    pub const FLAG_WRONG: Self = Self(6);
    /// QN wrong (2017 on).
    pub const QN_WRONG: Self = Self(7);
    /// CN wrong (2017 on).
    pub const CN_WRONG: Self = Self(8);
    /// CRC wrong (2017 on).
    pub const CRC_WRONG: Self = Self(9);
    /// Unknown error (2017 on).
    pub const UNKNOWN: Self = Self(100);
}

/// How an execution ended, `ExeRtn` (HJ 212-2017 clause 6.6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExeRtn(pub u16);

impl ExeRtn {
    /// Done.
    pub const DONE: Self = Self(1);
    /// Failed, cause unknown.
    pub const FAILED: Self = Self(2);
    /// A condition of the request is wrong (2017 on).
    pub const CONDITION_WRONG: Self = Self(3);
    /// Communication timed out (2017 on).
    pub const TIMED_OUT: Self = Self(4);
    /// Busy (2017 on).
    pub const BUSY: Self = Self(5);
    /// System fault (2017 on).
    pub const SYSTEM_FAULT: Self = Self(6);
    /// No data in the range; not an error.
    pub const NO_DATA: Self = Self(100);
}

/// Writes the answer to the frame `to` at the end of `out`.
///
/// It carries ST=91 and the QN, PW and MN of what it answers; the QN is repeated as it came, whatever its
/// form. In 2005 the QN stands inside `CP`, and the answer to data names the command and the part and has
/// no PW and MN. Write it now, send it when the data are durable: it is the only proof a device gets.
///
/// # Errors
///
/// [`WriteError::NoQn`] if `to` has no QN to repeat, or one that would break the grammar.
pub fn answer(
    to: &Frame<'_>,
    dialect: Dialect,
    answer: Answer,
    out: &mut Vec<u8>,
) -> Result<(), WriteError> {
    let qn = to.answered_qn();
    let opaque =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() && !b";,=&#".contains(&byte));
    if qn.is_empty() || qn.len() > 20 || !opaque(qn) {
        return Err(WriteError::NoQn);
    }
    let (mn, pw) = (to.header.mn.map(|_| to.mn()), to.header.pw.map(|_| to.pw()));
    let mut writer = Writer::new();
    if dialect == Dialect::V2005 {
        writer.common("QN", qn)?;
    }
    match answer {
        Answer::Request(code) => writer.common("QnRtn", &code.0.to_string())?,
        Answer::Executed(code) => writer.common("ExeRtn", &code.0.to_string())?,
        Answer::Notice | Answer::Data => &mut writer,
    };
    let data_2005 = dialect == Dialect::V2005 && answer == Answer::Data;
    if data_2005 {
        if let Some(cn) = to.cn() {
            writer.common("CN", &format!("{cn:04}"))?;
        }
        if let Some(part) = to.part() {
            writer.common("PNO", &part.number.to_string())?;
            writer.common("PNUM", &part.of.to_string())?;
        }
    }
    let head = Head {
        qn: None,
        st: "91",
        cn: answer.cn(),
        pw: pw.filter(|_| !data_2005),
        mn: mn.filter(|_| !data_2005),
        flag: (!data_2005).then_some(Flag::new(dialect.version(), false, false)),
        part: None,
        resent: false,
    };
    if dialect == Dialect::V2005 {
        return writer.finish(&head, None, out).map(|_| ());
    }
    super::check_head(&head)?;
    super::frame(&head, Some(super::Qn::Text(qn)), None, &[&writer.cp], None, out);
    Ok(())
}
