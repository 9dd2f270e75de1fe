//! Files of readings: every shape, and every bad file that people bring.

use flate2::Compression;
use flate2::write::GzEncoder;
use gateway::file::{Fault, Format, Limits, Options, Origin, Row, open};
use gateway::hj212::{Clock, system_now};
use model::{Period, Quality, Reason, Statistic};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use proptest::prelude::*;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

fn options() -> Options {
    let clock = Clock::new("Asia/Shanghai", system_now).unwrap();
    Options { limits: Limits::for_testing(), ..Options::new(clock) }
}

fn read(bytes: &[u8], options: &Options) -> Result<(Format, Vec<Row>), Fault> {
    let mut file = open(&Origin::bytes("test", bytes), options)?;
    let mut rows = vec![];
    while let Some(row) = file.next_row()? {
        rows.push(row);
    }
    Ok((file.format(), rows))
}

/// Station, instant, parameter, value and quality of every value of a text.
fn values(text: &str, options: &Options) -> Vec<String> {
    let (_, rows) = read(text.as_bytes(), options).unwrap();
    let mut all = vec![];
    for row in rows {
        for value in row.values.unwrap() {
            let measure = &value.measure;
            all.push(format!(
                "{} {} {} {:?} {}",
                row.station,
                &value.time.to_string()[..16],
                measure.parameter,
                value.value,
                value.flag.quality().name()
            ));
        }
    }
    all
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(vec![], Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn code(bytes: &[u8]) -> &'static str {
    read(bytes, &options()).unwrap_err().code
}

const GENERIC: &str = "time,device,parameter,value,flag\n2026-03-01 08:00,D1,pm25,35.5,\n\
                       2026-03-01T01:00:00Z,D1,a34004,36,D\n";

#[test]
fn the_generic_form_is_read() {
    assert_eq!(
        values(GENERIC, &options()),
        ["D1 2026-03-01T00:00 pm25 Some(35.5) good", "D1 2026-03-01T01:00 pm25 Some(36.0) fail"]
    );
}

#[test]
fn national_files_name_hours_by_their_end() {
    let text = "Date,Hour,city,WatchPoint,AQI,PM2.5,CO\n20200402,08,郑州,烟厂,78,57,0.7\n20200402,00,郑州,烟厂,,NaN,\n";
    let found = values(text, &options());
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].ends_with("2020-04-01T23:00 pm25 Some(57.0) good"), "{found:?}");
    let (format, rows) = read(text.as_bytes(), &options()).unwrap();
    assert_eq!((format, rows[0].line, rows[0].place.as_str()), (Format::National, 2, "郑州 烟厂"));
    assert_eq!(rows[0].raw, "20200402,08,郑州,烟厂,78,57,0.7".as_bytes());
    assert_eq!(rows[1].values, Ok(vec![]));
}

#[test]
fn beijing_files_name_hours_by_their_start_and_move_units() {
    let text = "\"No\",\"year\",\"month\",\"day\",\"hour\",\"PM2.5\",\"CO\",\"PRES\",\"wd\",\"station\"\n\
                1,2013,3,1,0,4,300,1023.2,\"NNW\",\"Dingling\"\n";
    let found = values(text, &options());
    let ends = [
        "pm25 Some(4.0) good",
        "co Some(0.3) good",
        "air_pressure Some(102.32) good",
        "wind_dir Some(337.5) good",
    ];
    assert_eq!(found.len(), ends.len());
    for (value, end) in found.iter().zip(ends) {
        assert!(value.ends_with(&format!("2013-02-28T16:00 {end}")), "{value}");
    }
}

#[test]
fn openaq_names_by_the_end_and_its_units_become_ours() {
    let text = "location_id,sensors_id,location,datetime,lat,lon,parameter,units,value\n\
                2178,1,Del Norte,2022-05-03T09:00:00-06:00,35.1,-106.5,pm25,µg/m³,7.5\n\
                2178,2,Del Norte,2022-05-03T09:00:00-06:00,35.1,-106.5,co,µg/m³,250\n\
                2178,3,Del Norte,2022-05-03T09:00:00-06:00,35.1,-106.5,o3,ppm,0.04\n";
    let (format, rows) = read(text.as_bytes(), &options()).unwrap();
    assert_eq!((format, rows[0].station.as_str()), (Format::OpenAq, "2178"));
    let first = rows[0].values.as_ref().unwrap();
    assert_eq!((first[0].value, &first[0].time.to_string()[..16]), (Some(7.5), "2022-05-03T14:00"));
    assert_eq!(rows[1].values.as_ref().unwrap()[0].value, Some(0.25));
    let problem = rows[2].values.as_ref().unwrap_err();
    assert!(problem.en.contains("ppm"), "a part of air is no mass: {problem}");
}

#[test]
fn long_tables_say_begin_unit_and_validity() {
    let text = "AirQualityStation;AirPollutant;Concentration;UnitOfMeasurement;DatetimeBegin;DatetimeEnd;Validity\n\
                X1;PM10;20.5;µg/m3;2019-01-01 00:00:00 +01:00;2019-01-01 01:00:00 +01:00;1\n\
                X1;NO2;-999;µg/m3;2019-01-01 01:00:00 +01:00;2019-01-01 02:00:00 +01:00;1\n\
                X1;NO2;12;µg/m3;2019-01-01 02:00:00 +01:00;2019-01-01 03:00:00 +01:00;-1\n";
    assert_eq!(
        values(text, &options()),
        ["X1 2018-12-31T23:00 pm10 Some(20.5) good", "X1 2019-01-01T01:00 no2 Some(12.0) fail"]
    );
}

#[test]
fn columns_can_be_named_by_hand() {
    let pair = |word: &str, name: &str| (word.to_owned(), name.to_owned());
    let columns = vec![
        pair("time", "监测时间"),
        pair("device", "站点"),
        pair("pm25", "细颗粒物"),
        pair("o3", "臭氧"),
    ];
    let options = Options { columns, period: Period::Minutes, ..options() };
    let text = "站点,监测时间,细颗粒物,臭氧\nA,2026/3/1 8:05,35,—\n";
    let (_, rows) = read(text.as_bytes(), &options).unwrap();
    let values = rows[0].values.as_ref().unwrap();
    assert_eq!((values.len(), values[0].measure.period), (1, Period::Minutes));
    assert_eq!(values[0].measure.statistic, Statistic::Mean);
}

#[test]
fn a_log_of_frames_is_cut_into_frames() {
    let frame = "##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;\
                 MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&1C80\r\n";
    let data = "QN=20260301090000001;ST=22;CN=2061;PW=123456;MN=D1;Flag=5;CP=&&DataTime=20260301080000;a34004-Avg=35,a34004-Flag=N&&";
    let data = format!("##{:04}{data}{:04X}\r\n", data.len(), hj212::crc(data.as_bytes()));
    let text = format!("{frame}noise\n{data}##0101broken\n");
    let (format, rows) = read(text.as_bytes(), &options()).unwrap();
    assert_eq!(format, Format::Hj212);
    let stored: Vec<_> = rows.iter().filter_map(|row| row.values.as_ref().ok()).flatten().collect();
    assert_eq!((stored.len(), stored[0].value), (1, Some(35.0)));
    assert_eq!(&stored[0].time.to_string()[..16], "2026-03-01T00:00");
    assert!(rows.iter().any(|row| row.values.is_err()), "what is no frame is told");
}

#[test]
fn a_bad_row_is_told_with_its_line_and_the_others_are_read() {
    let text = "time,device,parameter,value\n2026-03-01 08:00,D1,pm25,inf\n2026-13-01 08:00,D1,pm25,1\n\
                2026-03-01 08:00,,pm25,1\n2026-03-01 08:00,D1,no such thing,1\n\
                2026-03-01 08:00,D1,pm25,1e308\n2026-03-01 08:00,D1,pm25,NaN\n2026-03-01 08:00,D1,pm25,99999\n";
    let (_, rows) = read(text.as_bytes(), &options()).unwrap();
    let reasons: Vec<_> = rows
        .iter()
        .map(|row| row.values.as_ref().map(Vec::len).map_err(|problem| problem.reason))
        .collect();
    let bad = Err(Reason::BadGrammar);
    assert_eq!(reasons, [bad, Err(Reason::BadTime), bad, bad, bad, Ok(0), Ok(1)]);
    assert_eq!(rows[6].values.as_ref().unwrap()[0].flag.quality(), Quality::Suspect);
    assert_eq!(rows[1].line, 3);
}

#[test]
fn files_of_other_programs_are_refused_by_name() {
    assert_eq!(code(b"PK\x03\x04 a workbook"), "foreign_file");
    assert_eq!(code(b"SQLite format 3\0 and more"), "foreign_file");
    assert_eq!(code(b"%PDF-1.7"), "foreign_file");
    assert_eq!(code(&gzip(&gzip(GENERIC.as_bytes()))), "foreign_file");
    assert_eq!(code(b""), "empty_file");
    assert_eq!(code(b"a,b,c\n1,2,3\n"), "unknown_head");
    assert_eq!(code(b"{\"type\": \"FeatureCollection\"}\n"), "unknown_head");
    assert_eq!(code(b"PAR1 and nothing more"), "bad_parquet");
    assert_eq!(code(b"PAR1"), "bad_parquet");
}

#[test]
fn other_encodings_are_refused_by_name() {
    let mut utf16 = vec![0xFF, 0xFE];
    utf16.extend(GENERIC.encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(code(&utf16), "bad_encoding");
    let mut gbk = b"time,device,parameter,value\n2026-03-01 08:00,".to_vec();
    gbk.extend([0xD6, 0xA3, 0xD6, 0xDD]);
    gbk.extend(b",pm25,1\n");
    let fault = read(&gbk, &options()).unwrap_err();
    assert_eq!((fault.code, fault.en.contains("GBK")), ("bad_encoding", true));
    assert_eq!(code(b"time,device,parameter,value\n\0\0\0\0\n"), "bad_encoding");
    let bom = format!("\u{feff}{GENERIC}");
    assert_eq!(values(&bom, &options()).len(), 2, "a mark before UTF-8 is no harm");
}

#[test]
fn endless_and_unpacked_files_stop_at_their_bounds() {
    assert_eq!(code(&vec![b'x'; 10_000]), "endless_line");
    let mut long = GENERIC.as_bytes().to_vec();
    long.extend(vec![b'9'; 10_000]);
    assert_eq!(code(&long), "endless_line");
    let bomb = gzip(&vec![b'\n'; 50 << 20]);
    assert!(bomb.len() < 1 << 20, "{}", bomb.len());
    let mut file = GENERIC.as_bytes().to_vec();
    file.extend(b"2026-03-01 08:00,D1,pm25,1\n".repeat(5_000));
    assert_eq!(code(&gzip(&file)), "too_large", "rows or bytes");
    let head = gzip(&[GENERIC.as_bytes(), &vec![b'\n'; 10 << 20]].concat());
    assert_eq!(code(&head), "too_large");
    assert_eq!(code(&bomb), "unknown_head", "a blank line names no columns");
}

#[test]
fn a_file_that_is_cut_off_is_refused() {
    let packed = gzip(&GENERIC.repeat(20).into_bytes());
    for cut in [packed.len() - 1, packed.len() - 9, packed.len() / 2] {
        let found = code(&packed[..cut]);
        assert!(["cut_off", "bad_compression"].contains(&found), "{cut}: {found}");
    }
    let whole = table(20);
    for cut in [whole.len() - 1, whole.len() / 2, 40, 12] {
        assert_eq!(code(&whole[..cut]), "bad_parquet", "{cut}");
    }
}

/// A table as Parquet: `time,device,parameter,value`.
fn table(rows: usize) -> Vec<u8> {
    let schema = "message readings {
        required int64 time (TIMESTAMP(MILLIS, true));
        required binary device (UTF8); required binary parameter (UTF8); required double value; }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(vec![], schema, properties).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let time: Vec<i64> = (0..rows as i64).map(|row| 1_772_323_200_000 + row * 3_600_000).collect();
    let text = |text: &str| vec![ByteArray::from(text); rows];
    let value: Vec<f64> = (0..rows).map(|row| row as f64 / 4.0).collect();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int64Type>().write_batch(&time, None, None).unwrap();
    column.close().unwrap();
    for text in [text("D1"), text("pm25")] {
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&text, None, None).unwrap();
        column.close().unwrap();
    }
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<DoubleType>().write_batch(&value, None, None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn parquet_is_read_like_the_table_that_it_is() {
    let (format, rows) = read(&table(30), &options()).unwrap();
    assert_eq!((format, rows.len()), (Format::Generic, 30));
    let third = rows[3].values.as_ref().unwrap();
    assert_eq!(
        (third[0].value, &third[0].time.to_string()[..16]),
        (Some(0.75), "2026-03-01T03:00")
    );
    assert_eq!(rows[3].raw, b"2026-03-01T03:00:00.000Z,D1,pm25,0.75");
}

#[test]
fn a_parquet_bomb_is_refused_before_it_is_unpacked() {
    let many = table(50_000);
    let fault = read(&many, &options()).unwrap_err();
    assert!(["bad_parquet", "too_large"].contains(&fault.code), "{fault}");
    assert!(many.len() < 2 << 20);
    // The footer's length says four thousand million.
    let mut footer = table(5);
    let at = footer.len() - 8;
    footer[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(read(&footer, &options()).unwrap_err().en.contains("footer"));
}

#[test]
fn a_folder_is_no_file_and_a_missing_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |path: PathBuf| open(&Origin::Path(path), &options()).err().unwrap();
    assert_eq!(refused(folder.path().to_owned()).code, "foreign_file");
    let missing = refused(folder.path().join("none.csv"));
    assert!(missing.en.contains("none.csv"), "{missing}");
}

proptest! {
    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600), start in 0_usize..6) {
        let heads: [&[u8]; 6] = [
            b"", b"time,device,parameter,value,flag\n", b"Date,Hour,city,WatchPoint,PM2.5\n",
            b"##0100QN=", b"PAR1", b"No,year,month,day,hour,PM2.5,wd,station\n",
        ];
        let file = [heads[start], &bytes].concat();
        let _ = read(&file, &options());
    }

    #[test]
    fn no_text_makes_a_table_panic(cells in proptest::collection::vec("[0-9.,\"e+:T \\-年一]{0,12}", 1..40)) {
        let text = format!("time,device,parameter,value,flag\n{}\n", cells.join(","));
        let _ = read(text.as_bytes(), &options());
        let text = format!("time,place,device,parameter,statistic,period,value,quality\n{}\n", cells.join(","));
        let _ = read(text.as_bytes(), &options());
    }

    #[test]
    fn a_parquet_file_with_a_changed_byte_is_read_or_refused(at in 0_usize..2_000, byte in any::<u8>()) {
        let mut file = table(50);
        let at = at % file.len();
        file[at] = byte;
        let _ = read(&file, &options());
    }
}
