//! The names of problems and what each means, as one table.

use super::Level;

/// Every problem that the reader can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// The bytes do not begin with `##` (`no_header`).
    NoHeader,
    /// The length after `##` is not four digits (`bad_length_field`).
    BadLengthField,
    /// The frame ends before its checksum (`truncated`).
    Truncated,
    /// The length field does not fit the frame and no right checksum was found (`length_mismatch`).
    LengthWrong,
    /// The checksum is not four hexadecimal digits (`bad_crc_field`).
    BadCrcField,
    /// The checksum is not that of the segment (`crc_mismatch`).
    CrcMismatch,
    /// There is no `CP=&&` (`missing_cp`).
    MissingCp,
    /// `CP=&&` is opened and never closed (`unclosed_cp`).
    UnclosedCp,
    /// There is no command number CN (`missing_cn`).
    MissingCn,
    /// The command number CN is not four digits (`bad_cn`).
    BadCn,
    /// Flag is not a number from 0 to 255 (`bad_flag`).
    BadFlag,
    /// The checksum is in lower case (`lowercase_crc`).
    LowercaseCrc,
    /// No CR LF after the checksum (`no_crlf`).
    NoCrlf,
    /// LF without CR after the checksum (`lf_only`).
    LfOnly,
    /// CR without LF after the checksum (`cr_only`).
    CrOnly,
    /// The four characters `\r\n` stand in place of CR LF (`literal_backslash_crlf`).
    LiteralBackslashCrlf,
    /// The length field is wrong, the checksum is right (`length_mismatch`).
    LengthRepaired,
    /// The length has three digits (`length_digits_3`).
    LengthDigits3,
    /// The length has six digits (`length_digits_6`).
    LengthDigits6,
    /// The segment is longer than 1024 bytes (`over_1024`).
    Over1024,
    /// Text is GBK or GB2312 (`gbk_text`).
    GbkText,
    /// Some bytes are neither UTF-8 nor GBK (`undecodable_text`).
    UndecodableText,
    /// No `;` between the last field and `CP` (`missing_separator`).
    MissingSeparator,
    /// A comma parts two header fields (`comma_in_header`).
    CommaInHeader,
    /// Header fields are not in the usual order (`header_order`).
    HeaderOrder,
    /// A header field stands twice (`dup_header_field`).
    DupHeaderField,
    /// A header field is none of the standard (`unknown_header_field`).
    UnknownHeaderField,
    /// There are blanks around names, values or separators (`whitespace`).
    Whitespace,
    /// Text follows the closing && of CP (`text_after_cp`).
    TextAfterCp,
    /// There is no QN (`no_qn`).
    NoQn,
    /// QN is not 17 digits (`bad_qn`).
    BadQn,
    /// There is no system code ST (`no_st`).
    NoSt,
    /// The system code ST is not two characters (`bad_st`).
    BadSt,
    /// There is no password PW (`no_pw`).
    NoPw,
    /// The password PW does not have 6 characters (`pw_len`).
    PwLen,
    /// There is no device id MN (`no_mn`).
    NoMn,
    /// The device id MN is empty (`empty_mn`).
    EmptyMn,
    /// There is no Flag (`no_flag`).
    NoFlag,
    /// Flag says there are packet numbers, but PNUM or PNO is missing (`split_bit_without_pnum`).
    SplitBitWithoutPnum,
    /// PNUM or PNO is there, but Flag does not say so (`pnum_without_split_bit`).
    PnumWithoutSplitBit,
    /// Nothing stands between two semicolons of CP, or after the last (`empty_group`).
    EmptyGroup,
    /// Nothing stands between two commas of CP, or after the last (`empty_item`).
    EmptyItem,
    /// An item of CP has no = (`item_without_eq`).
    ItemWithoutEq,
    /// An item stands twice in CP (`dup_item`).
    DupItem,
    /// A Flag in CP names no factor (`orphan_flag`).
    OrphanFlag,
    /// One group of CP holds several factor codes (`mixed_codes_in_group`).
    MixedCodesInGroup,
    /// A factor is scattered over several groups of CP (`factor_split_over_groups`).
    FactorSplitOverGroups,
    /// `DataTime` is not 14 digits (`bad_datatime`).
    BadDatatime,
    /// QN has 17 digits but names no time (`qn_invalid`).
    QnInvalid,
    /// `DataTime` has 14 digits but names no time (`datatime_invalid`).
    DatatimeInvalid,
    /// PNO is not between 1 and PNUM (`pno_out_of_range`).
    PnoOutOfRange,
    /// CP is encrypted (HJ 212-2025, SM4) (`encrypted`).
    Encrypted,
}

impl Kind {
    /// Every kind, in the order of the table: for columns of counters.
    pub fn all() -> impl Iterator<Item = Self> {
        ROWS.iter().map(|row| row.kind)
    }

    /// The name, the same in every output.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// How much it matters.
    pub fn level(self) -> Level {
        self.row().level
    }

    /// What it means and what to do, in English.
    pub fn english(self) -> &'static str {
        self.row().english
    }

    /// What it means and what to do, in Chinese.
    pub fn chinese(self) -> &'static str {
        self.row().chinese
    }

    fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }
}

struct Row {
    kind: Kind,
    name: &'static str,
    level: Level,
    english: &'static str,
    chinese: &'static str,
}

const fn row(
    kind: Kind,
    name: &'static str,
    level: Level,
    english: &'static str,
    chinese: &'static str,
) -> Row {
    Row { kind, name, level, english, chinese }
}

/// In the order of the variants, so that a kind finds its row by its number.
#[rustfmt::skip]
static ROWS: [Row; 52] = [
    row(Kind::NoHeader, "no_header", Level::Error,
        "the bytes do not begin with ##; send the frame from its first #",
        "数据不以 ## 开头；请从第一个 # 开始发送"),
    row(Kind::BadLengthField, "bad_length_field", Level::Error,
        "the length after ## is not four digits; write the number of bytes of the segment, zero-padded",
        "## 之后的长度不是四位数字；应为数据段字节数，不足补零"),
    row(Kind::Truncated, "truncated", Level::Error,
        "the frame ends before its checksum; wait for the rest or have it sent again",
        "数据包在校验码之前中断；请等待后续数据或要求重发"),
    row(Kind::LengthWrong, "length_mismatch", Level::Error,
        "the length field does not fit the frame and no right checksum was found; have it sent again",
        "长度字段与数据包不符，且找不到正确的校验码；请重发"),
    row(Kind::BadCrcField, "bad_crc_field", Level::Error,
        "the checksum is not four hexadecimal digits; send four, the high byte first",
        "校验码不是四位十六进制数字；应为四位，高位在前"),
    row(Kind::CrcMismatch, "crc_mismatch", Level::Error,
        "the checksum is not that of the segment; have it sent again, and check the firmware when it lasts",
        "校验码与数据段不符；请重发，若持续出现请检查固件"),
    row(Kind::MissingCp, "missing_cp", Level::Error,
        "there is no CP=&&; close the segment with CP=&&…&& even when it is empty",
        "缺少 CP=&&；即使内容为空也应有 CP=&&&&"),
    row(Kind::UnclosedCp, "unclosed_cp", Level::Error,
        "CP=&& is opened and never closed; end it with &&",
        "CP=&& 未闭合；应以 && 结束"),
    row(Kind::MissingCn, "missing_cn", Level::Error,
        "there is no command number CN; answer QnRtn 8",
        "缺少命令编码 CN；可应答 QnRtn 8"),
    row(Kind::BadCn, "bad_cn", Level::Error,
        "the command number CN is not four digits; answer QnRtn 8",
        "命令编码 CN 不是四位数字；可应答 QnRtn 8"),
    row(Kind::BadFlag, "bad_flag", Level::Error,
        "Flag is not a number from 0 to 255; answer QnRtn 6",
        "Flag 不是 0–255 的数字；可应答 QnRtn 6"),
    row(Kind::LowercaseCrc, "lowercase_crc", Level::Deviation,
        "the checksum is in lower case; accepted, write A–F",
        "校验码为小写；已接受，应用大写 A–F"),
    row(Kind::NoCrlf, "no_crlf", Level::Deviation,
        "no CR LF after the checksum; accepted, end a frame with both",
        "校验码之后没有回车换行；已接受，应以 <CR><LF> 结尾"),
    row(Kind::LfOnly, "lf_only", Level::Deviation,
        "LF without CR after the checksum; accepted",
        "结尾只有换行没有回车；已接受"),
    row(Kind::CrOnly, "cr_only", Level::Deviation,
        "CR without LF after the checksum; accepted",
        "结尾只有回车没有换行；已接受"),
    row(Kind::LiteralBackslashCrlf, "literal_backslash_crlf", Level::Deviation,
        r"the four characters \r\n stand in place of CR LF; accepted, send the two bytes 0D 0A",
        r"结尾发送了 \r\n 四个字符；已接受，应发送 0D 0A 两个字节"),
    row(Kind::LengthRepaired, "length_mismatch", Level::Deviation,
        "the length field is wrong, the checksum is right; read by the checksum, count the bytes of the segment",
        "长度字段有误但校验码正确；已按校验码读取，长度应为数据段字节数"),
    row(Kind::LengthDigits3, "length_digits_3", Level::Deviation,
        "the length has three digits; accepted, pad it to four",
        "长度字段为三位；已接受，应补足四位"),
    row(Kind::LengthDigits6, "length_digits_6", Level::Deviation,
        "the length has six digits; accepted, write four",
        "长度字段为六位；已接受，应为四位"),
    row(Kind::Over1024, "over_1024", Level::Deviation,
        "the segment is longer than 1024 bytes; accepted, split it with PNUM and PNO",
        "数据段超过 1024 字节；已接受，应使用 PNUM、PNO 分包"),
    row(Kind::GbkText, "gbk_text", Level::Deviation,
        "text is GBK or GB2312; decoded, the standard asks for UTF-8",
        "文本为 GBK 或 GB2312 编码；已解码，标准要求 UTF-8"),
    row(Kind::UndecodableText, "undecodable_text", Level::Deviation,
        "some bytes are neither UTF-8 nor GBK; kept as they are",
        "部分字节既非 UTF-8 也非 GBK；按原样保留"),
    row(Kind::MissingSeparator, "missing_separator", Level::Deviation,
        "no ; between the last field and CP; accepted",
        "CP 之前缺少分号；已接受"),
    row(Kind::CommaInHeader, "comma_in_header", Level::Deviation,
        "a comma parts two header fields; accepted, use ;",
        "首部字段之间用了逗号；已接受，应用分号"),
    row(Kind::HeaderOrder, "header_order", Level::Deviation,
        "header fields are not in the usual order; read by name",
        "首部字段顺序与惯例不同；已按名称读取"),
    row(Kind::DupHeaderField, "dup_header_field", Level::Deviation,
        "a header field stands twice; the first was taken",
        "首部字段重复；取第一个"),
    row(Kind::UnknownHeaderField, "unknown_header_field", Level::Deviation,
        "a header field is none of the standard; kept",
        "首部含标准之外的字段；已保留"),
    row(Kind::Whitespace, "whitespace", Level::Deviation,
        "there are blanks around names, values or separators; trimmed",
        "名称、值或分隔符旁有空格；已去除"),
    row(Kind::TextAfterCp, "text_after_cp", Level::Deviation,
        "text follows the closing && of CP; ignored",
        "CP 的结束 && 之后还有内容；已忽略"),
    row(Kind::NoQn, "no_qn", Level::Deviation,
        "there is no QN; an answer has nothing to repeat",
        "缺少请求编码 QN；应答无从对应"),
    row(Kind::BadQn, "bad_qn", Level::Deviation,
        "QN is not 17 digits; repeated as it is, not used as an identity",
        "QN 不是 17 位数字；按原样回送，不用作标识"),
    row(Kind::NoSt, "no_st", Level::Deviation,
        "there is no system code ST",
        "缺少系统编码 ST"),
    row(Kind::BadSt, "bad_st", Level::Deviation,
        "the system code ST is not two characters; kept as text",
        "系统编码 ST 不是两位；按文本保留"),
    row(Kind::NoPw, "no_pw", Level::Deviation,
        "there is no password PW",
        "缺少访问密码 PW"),
    row(Kind::PwLen, "pw_len", Level::Deviation,
        "the password PW does not have 6 characters; kept",
        "访问密码 PW 不是 6 位；已保留"),
    row(Kind::NoMn, "no_mn", Level::Deviation,
        "there is no device id MN",
        "缺少设备唯一标识 MN"),
    row(Kind::EmptyMn, "empty_mn", Level::Deviation,
        "the device id MN is empty",
        "设备唯一标识 MN 为空"),
    row(Kind::NoFlag, "no_flag", Level::Deviation,
        "there is no Flag; read as 0 of the 2005 edition, no answer is wanted",
        "缺少 Flag；按 2005 版、无需应答处理"),
    row(Kind::SplitBitWithoutPnum, "split_bit_without_pnum", Level::Note,
        "Flag says there are packet numbers, but PNUM or PNO is missing; read as a whole frame (2005 requests do this)",
        "Flag 表明有包号但缺少 PNUM 或 PNO；按整包处理（2005 版请求常见）"),
    row(Kind::PnumWithoutSplitBit, "pnum_without_split_bit", Level::Deviation,
        "PNUM or PNO is there, but Flag does not say so; read",
        "有 PNUM 或 PNO 而 Flag 未标明；已读取"),
    row(Kind::EmptyGroup, "empty_group", Level::Deviation,
        "nothing stands between two semicolons of CP, or after the last; ignored",
        "CP 中有空的分组（多余分号）；已忽略"),
    row(Kind::EmptyItem, "empty_item", Level::Deviation,
        "nothing stands between two commas of CP, or after the last; ignored",
        "CP 中有空的数据项（多余逗号）；已忽略"),
    row(Kind::ItemWithoutEq, "item_without_eq", Level::Deviation,
        "an item of CP has no =; kept as a name without a value",
        "CP 中有数据项缺少等号；保留名称，值为空"),
    row(Kind::DupItem, "dup_item", Level::Deviation,
        "an item stands twice in CP; both are kept, the first is taken",
        "CP 中数据项重复；都保留，取第一个"),
    row(Kind::OrphanFlag, "orphan_flag", Level::Deviation,
        "a Flag in CP names no factor; kept, it marks nothing",
        "CP 中的 Flag 未指明因子；已保留，不作标记"),
    row(Kind::MixedCodesInGroup, "mixed_codes_in_group", Level::Note,
        "one group of CP holds several factor codes; keyed by code",
        "CP 的一个分组内有多个因子编码；按编码归类"),
    row(Kind::FactorSplitOverGroups, "factor_split_over_groups", Level::Note,
        "a factor is scattered over several groups of CP; keyed by code",
        "同一因子分散在多个分组；按编码归类"),
    row(Kind::BadDatatime, "bad_datatime", Level::Deviation,
        "DataTime is not 14 digits; the arrival time stands beside it",
        "DataTime 不是 14 位数字；请参照接收时间"),
    row(Kind::QnInvalid, "qn_invalid", Level::Note,
        "QN has 17 digits but names no time; repeated as it is",
        "QN 为 17 位数字但不是有效时间；按原样回送"),
    row(Kind::DatatimeInvalid, "datatime_invalid", Level::Note,
        "DataTime has 14 digits but names no time; its readings have no time of their own",
        "DataTime 为 14 位数字但不是有效时间；其数据没有自身时间"),
    row(Kind::PnoOutOfRange, "pno_out_of_range", Level::Note,
        "PNO is not between 1 and PNUM; read as a whole frame",
        "PNO 不在 1 与 PNUM 之间；按整包处理"),
    row(Kind::Encrypted, "encrypted", Level::Note,
        "CP is encrypted (HJ 212-2025, SM4); decrypt it with the key of the device",
        "CP 已加密（HJ 212-2025，SM4）；请用该设备的密钥解密"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_finds_its_own_row() {
        for (at, row) in ROWS.iter().enumerate() {
            assert_eq!(row.kind as usize, at, "{}", row.name);
            assert!(!row.english.is_empty() && !row.chinese.is_empty());
        }
    }
}
