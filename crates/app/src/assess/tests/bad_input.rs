//! What files are like outside: each case is named with file, line and column, and the rest is used.

use super::{HEADER, judge, options};
use crate::assess::{Against, Lang, Period, Summary, Water};
use standards::Standards;

/// One row of hours judged; what was said about it.
fn hour(row: &str) -> (String, Summary) {
    let mut options = options();
    options.period = Some(Period::Hour);
    judge(&options, &[&format!("{HEADER}\n{row}\n2026-03-01 09:00,A,30,60,6,20,0.6,80\n")])
}

/// The row is complained about in these words, in English and Chinese, and the next row is used.
fn refused(row: &str, en: &str, zh: &str) {
    let (out, summary) = hour(row);
    let said: Vec<String> = summary.complaints.iter().map(ToString::to_string).collect();
    assert_eq!(said, [format!("1.csv line 2{en}")], "{row}");
    let said = summary.complaints[0].say(true);
    assert!(said.starts_with("1.csv 第2行") && said.ends_with(zh), "{said}");
    assert!(out.contains("A,2026-03-01 09:00,"), "{out}");
}

#[test]
fn a_negative_value_is_missing_and_named() {
    let en = ", PM2.5 \"-3\": a negative number is no concentration; counted as missing";
    refused("2026-03-01 08:00,A,-3,60,6,20,0.6,80", en, "负值不是浓度；按缺测处理");
}

#[test]
fn zero_is_a_value() {
    let (out, summary) = hour("2026-03-01 08:00,A,0,0,0,0,0,0");
    assert_eq!((summary.complaints.len(), summary.used, summary.missing), (0, 12, 0));
    assert!(out.contains("A,2026-03-01 08:00,HJ 633-2026,0,1,优,excellent,,0,"), "{out}");
}

#[test]
fn below_detection_bounds_and_text_are_missing_and_named() {
    for (cell, en, zh) in [
        ("ND", "below detection has no number", "低于检出限而无数值"),
        ("未检出", "below detection has no number", "低于检出限而无数值"),
        ("<0.01", "a bound is not a value", "界限不是数值"),
        (">600", "a bound is not a value", "界限不是数值"),
        ("fault", "not a number", "不是数字"),
        ("12 µg", "not a number", "不是数字"),
        ("1e999", "not a number", "不是数字"),
    ] {
        refused(
            &format!("2026-03-01 08:00,A,{cell},60,6,20,0.6,80"),
            &format!(", PM2.5 {cell:?}: {en}; counted as missing"),
            &format!("{zh}；按缺测处理"),
        );
    }
}

#[test]
fn a_dash_says_that_nothing_was_measured() {
    for cell in ["—", "-", "--", "NA", "", "/", "缺测"] {
        let (_, summary) = hour(&format!("2026-03-01 08:00,A,{cell},60,6,20,0.6,80"));
        assert_eq!((summary.complaints.len(), summary.missing), (0, 1), "{cell}");
    }
}

#[test]
fn a_unit_in_the_header_converts_and_a_unit_of_another_kind_is_refused() {
    let mut options = options();
    options.period = Some(Period::Hour);
    let text = "time,PM2.5(mg/m³),CO（μg/m3）\n2026-03-01 08:00,0.115,2200\n";
    let (out, _) = judge(&options, &[text]);
    assert!(out.contains(",150,"), "115 µg/m³ is an index of 150: {out}");
    let files = [("a.csv".to_owned(), b"time,SO2 (ppb)\n2026-03-01 08:00,3\n".to_vec())];
    let error = options.judge(&Standards::load().unwrap(), &files, &mut Vec::new()).unwrap_err();
    assert!(error.to_string().starts_with("a.csv: column SO2 is in \"ppb\"\nhint: units are"));
}

#[test]
fn carbon_monoxide_that_looks_like_micrograms_is_flagged_and_used_as_it_stands() {
    let (_, summary) = hour("2026-03-01 08:00,A,30,60,6,20,900,80");
    assert_eq!(summary.co_looks_like_ug, 1);
    let mut said = Vec::new();
    summary.tell(false, &mut said).unwrap();
    assert!(String::from_utf8(said).unwrap().contains("say --co-unit ug"));
}

#[test]
fn a_repeated_time_that_agrees_counts_once_and_one_that_disagrees_is_named() {
    let row = "2026-03-01 08:00,A,30,60,6,20,0.6,80";
    let (out, summary) = hour(&format!("{row}\n{row}"));
    assert_eq!((summary.repeated, summary.complaints.len()), (1, 0));
    assert_eq!(out.lines().count(), 3);
    let (_, summary) = hour(&format!("{row}\n2026-03-01 08:00,A,31,60,6,20,0.6,80"));
    let said = summary.complaints[0].to_string();
    assert_eq!(
        said,
        "1.csv line 3: this hour was there before with other values; the first is used"
    );
}

#[test]
fn impossible_dates_and_half_hours_are_named() {
    let en = "the calendar has no such day or time; the row is not used";
    for time in ["2026-02-29 08:00", "2026-13-01 08:00", "2026-03-01 25:00"] {
        let said = format!(", time {time:?}: {en}");
        refused(&format!("{time},A,1,1,1,1,1,1"), &said, "日历上没有这一天或这一时刻；该行未采用");
    }
    let en = ", time \"2026-03-01 08:30\": not on the hour; the row is not used";
    refused("2026-03-01 08:30,A,1,1,1,1,1,1", en, "不是整点；该行未采用");
    let en = ", time \"soon\": not a time like 2026-03-01 08:00; the row is not used";
    refused("soon,A,1,1,1,1,1,1", en, "不是形如 2026-03-01 08:00 的时间；该行未采用");
}

#[test]
fn times_with_and_without_an_offset_in_one_file_are_told() {
    let (out, summary) = hour("2026-03-01T00:00:00Z,A,30,60,6,20,0.6,80");
    assert_eq!(summary.mixed_zones, [("1.csv".to_owned(), 1, 1)]);
    assert!(out.contains("A,2026-03-01 08:00,"), "the offset counts: {out}");
}

#[test]
fn an_hour_that_summer_time_skips_does_not_exist() {
    let mut options = options();
    (options.period, options.zone) = (Some(Period::Hour), "Europe/Berlin".to_owned());
    let rows = "2026-03-29 01:00,A,1,1,1,1,1,1\n2026-03-29 02:00,A,2,2,2,2,2,2\n\
                2026-03-29 03:00,A,3,3,3,3,3,3\n";
    let (out, summary) = judge(&options, &[&format!("{HEADER}\n{rows}")]);
    let said = summary.complaints[0].to_string();
    assert!(
        said.ends_with("clocks were put forward over this time; the row is not used"),
        "{said}"
    );
    assert_eq!((summary.complaints.len(), out.lines().count()), (1, 3));
}

#[test]
fn fine_particles_above_coarse_ones_are_valid_and_flagged() {
    let (out, summary) = hour("2026-03-01 08:00,A,80,60,6,20,0.6,80");
    assert_eq!((summary.fine_above_coarse, summary.complaints.len()), (1, 0));
    assert!(out.contains("A,2026-03-01 08:00,HJ 633-2026,119,"), "{out}");
}

#[test]
fn columns_that_are_not_read_are_told() {
    let (_, summary) = judge(&options(), &["time,PM10,weather\n2026-03-01 08:00,1,fine\n"]);
    assert_eq!(summary.columns_unused, [("1.csv".to_owned(), vec!["weather".to_owned()])]);
}

#[test]
fn water_takes_what_is_below_detection_as_half_and_names_the_rest() {
    let water = Water::of_files(vec![]);
    let text = "日期,断面,目标,pH,溶解氧,氨氮(ug/L),总磷,石油类\n\
                2026-03-05,入口,III,7.2,6.1,1200,0.21,<0.01\n\
                2026-03-05,出口,Ⅲ类,7.4,7.1,800,0.12L,ND\n\
                2026-02-30,出口,III,7.4,7.1,800,0.12,0.01\n\
                2026-03-06,出口,VI,17.4,-1,800,x,—\n";
    let files = [("w.csv".to_owned(), text.as_bytes().to_vec())];
    let mut out = Vec::new();
    let summary = water.judge(&Standards::load().unwrap(), &files, &mut out).unwrap();
    let said: Vec<String> = summary.complaints.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "w.csv line 3, 石油类 \"ND\": below detection without the limit; write <LIMIT or LIMITL; counted as missing",
            "w.csv line 4, 日期 \"2026-02-30\": the calendar has no such day or time; the row is not used",
            "w.csv line 5, 目标 \"VI\": no class of water; the cell is not used",
            "w.csv line 5, pH \"17.4\": pH lies between 0 and 14; counted as missing",
            "w.csv line 5, 溶解氧 \"-1\": a negative number is no concentration; counted as missing",
            "w.csv line 5, 总磷 \"x\": not a number; counted as missing",
        ]
    );
    let out = String::from_utf8(out).unwrap();
    assert!(out.contains("入口     2026-03     IV     III     no   nh3n+tp"), "{out}");
    assert!(out.contains("出口     2026-03    III     III    yes      nh3n"), "{out}");
}

#[test]
fn a_comparison_without_the_year_before_says_what_is_missing() {
    let mut options = options();
    (options.period, options.against) = (Some(Period::Year), Some(Against::LastYear));
    let files =
        [("a.csv".to_owned(), format!("{HEADER}\n2026-03-01 08:00,A,1,1,1,1,1,1\n").into_bytes())];
    let error = options.judge(&Standards::load().unwrap(), &files, &mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("hint: give the file of the year before too"), "{error}");
    assert_eq!(options.lang, Lang::En);
}
