use super::*;

mod bad_input;
mod meeting;

fn options() -> Air {
    Air::of_files(vec![])
}

fn judge(options: &Air, files: &[&str]) -> (String, Summary) {
    let files: Vec<_> =
        (1..).zip(files).map(|(n, text)| (format!("{n}.csv"), text.as_bytes().to_vec())).collect();
    let mut out = Vec::new();
    let summary = options.judge(&Standards::load().unwrap(), &files, &mut out).unwrap();
    (String::from_utf8(out).unwrap(), summary)
}

/// A day of hours: `line` makes the row of an hour.
fn day(header: &str, line: impl Fn(u8) -> String) -> String {
    let rows: Vec<String> = (0..24).map(line).collect();
    format!("{header}\n{}\n", rows.join("\n"))
}

const HEADER: &str = "time,station,PM2.5,PM10,SO2,NO2,CO,O3";

fn quiet(hour: u8) -> String {
    format!("2026-03-01 {hour:02}:00,HX-01,45,60,6,20,0.6,80")
}

#[test]
fn a_day_of_the_documented_columns_becomes_one_row() {
    let (out, summary) = judge(&options(), &[&day(HEADER, quiet)]);
    let rows: Vec<&str> = out.lines().collect();
    assert_eq!(rows.len(), 2);
    assert!(
        rows[1].starts_with("HX-01,2026-03-01,HJ 633-2026,70,2,良,good,PM2.5,70,,yes,6,6,24,"),
        "{}",
        rows[1]
    );
    assert_eq!((summary.rows, summary.published), (24, 1));
}

#[test]
fn an_hour_named_by_its_end_belongs_to_the_hour_before() {
    let mut options = options();
    (options.period, options.label) = (Some(Period::Hour), Some(Label::End));
    let (out, _) = judge(&options, &[&format!("{HEADER}\n{}\n", quiet(0))]);
    assert!(out.contains("HX-01,2026-02-28 23:00,HJ 633-2012,"), "{out}");
}

#[test]
fn the_national_layout_is_known_by_its_columns() {
    let text = "Date,Hour,city,WatchPoint,AQI,PM2.5,PM10,CO,NO2,O3_1h,O3_8h,SO2\n\
                20200402,08,郑州,烟厂,78,57,,0.7,45,31,47,9\n\
                20200402,08,郑州,烟厂,78,57,,0.7,45,31,47,9\n";
    let mut options = options();
    options.period = Some(Period::Hour);
    let (out, summary) = judge(&options, &[text]);
    assert!(out.contains("郑州/烟厂,2020-04-02 07:00,HJ 633-2012,23"), "{out}");
    assert_eq!((summary.rows, summary.repeated, summary.reports), (2, 1, 1));
}

#[test]
fn the_beijing_layout_has_carbon_monoxide_in_micrograms() {
    let header = "No,year,month,day,hour,PM2.5,PM10,SO2,NO2,CO,O3,station";
    let text = day(header, |hour| format!("1,2013,3,1,{hour},10,20,3,8,2200,30,Shunyi"));
    let (out, _) = judge(&options(), &[&text]);
    assert!(out.contains("Shunyi,2013-03-01,HJ 633-2012,55,2,良,good,CO,55,"), "{out}");
}

#[test]
fn splitting_a_file_or_turning_it_round_changes_nothing() {
    let whole = day(HEADER, quiet);
    let mut rows: Vec<String> = (0..24).map(quiet).collect();
    rows.reverse();
    let (first, second) = rows.split_at(7);
    let part = |rows: &[String]| format!("{HEADER}\n{}\n", rows.join("\n"));
    let (out, _) = judge(&options(), &[&part(first), &part(second)]);
    assert_eq!(out, judge(&options(), &[&whole]).0);
}

#[test]
fn what_cannot_be_used_is_named_and_the_rest_is_used() {
    let text = format!(
        "{HEADER}\n\
         2026-03-01 00:00,A,<5,60,-1,ND,—,x\n\
         2026-13-01 00:00,A,1,1,1,1,1,1\n\
         2026-03-01 00:17,A,1,1,1,1,1,1\n\
         2026-03-01T01:00:00+08:00,A,36,60,6,20,0.6,80\n\
         2026-03-01 01:00,A,37,60,6,20,0.6,80\n"
    );
    let mut options = options();
    options.period = Some(Period::Hour);
    let (out, summary) = judge(&options, &[&text]);
    let said: Vec<String> = summary.complaints.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "1.csv line 2, SO2 \"-1\": a negative number is no concentration; counted as missing",
            "1.csv line 2, NO2 \"ND\": below detection has no number; counted as missing",
            "1.csv line 2, O3 \"x\": not a number; counted as missing",
            "1.csv line 2, PM2.5 \"<5\": a bound is not a value; counted as missing",
            "1.csv line 3, time \"2026-13-01 00:00\": the calendar has no such day or time; the row is not used",
            "1.csv line 4, time \"2026-03-01 00:17\": not on the hour; the row is not used",
            "1.csv line 6: this hour was there before with other values; the first is used",
        ]
    );
    assert_eq!(summary.reports, 2);
    assert!(out.contains("A,2026-03-01 01:00,HJ 633-2026,58,2,良,good,PM10,"), "{out}");
}

#[test]
fn json_carries_every_step_and_the_reason() {
    let mut options = options();
    options.json = true;
    let (out, _) = judge(&options, &[&format!("{HEADER}\n{}\n", quiet(3))]);
    let line: serde_json::Value = serde_json::from_str(out.lines().next().unwrap()).unwrap();
    assert_eq!((&line["station"], &line["time"]), (&"HX-01".into(), &"2026-03-01".into()));
    assert_eq!(line["aqi"], serde_json::Value::Null);
    assert_eq!(line["rows"][0]["reason"]["en"], "1 of 20 hours needed");
}

#[test]
fn one_edition_can_be_asked_for_and_an_unknown_one_is_refused() {
    let mut options = options();
    options.edition = Some("2012".to_owned());
    let (out, _) = judge(&options, &[&day(HEADER, quiet)]);
    assert!(out.contains("HX-01,2026-03-01,HJ 633-2012,"), "{out}");
    options.edition = Some("2027".to_owned());
    let error = options.judge(&Standards::load().unwrap(), &[], &mut Vec::new()).unwrap_err();
    assert_eq!(error.to_string(), "no edition is named \"2027\"\nhint: 2012, 2026, 2026-final");
}

#[test]
fn a_file_without_the_columns_is_refused_with_a_hint() {
    let files = [("a.csv".to_owned(), b"when,PM10\n".to_vec())];
    let error = options().judge(&Standards::load().unwrap(), &files, &mut Vec::new()).unwrap_err();
    assert!(error.to_string().starts_with("a.csv: there is no column \"time\"\nhint: "));
}

#[test]
fn names_that_differ_by_a_space_alone_are_two_stations() {
    let row = |name: &str| format!("2026-03-01 00:00,{name},45,60,6,20,0.6,80");
    let (_, summary) =
        judge(&options(), &[&format!("{HEADER}\n{}\n{}\n", row("A"), row("A\u{3000}"))]);
    assert_eq!((summary.reports, summary.repeated), (2, 0));
}

#[test]
fn a_file_in_gbk_with_chinese_columns_is_read_as_it_was_meant() {
    // 时间,站点,臭氧 and a station 烟厂, in GBK.
    let mut bytes = b"\xca\xb1\xbc\xe4,\xd5\xbe\xb5\xe3,\xb3\xf4\xd1\xf5\n".to_vec();
    bytes.extend(b"2026-03-01 00:00,\xd1\xcc\xb3\xa7,161\n");
    let mut options = options();
    options.period = Some(Period::Hour);
    let (mut out, files) = (Vec::new(), [("a.csv".to_owned(), bytes)]);
    let summary = options.judge(&Standards::load().unwrap(), &files, &mut out).unwrap();
    let out = String::from_utf8(out).unwrap();
    assert_eq!(summary.reports, 1);
    assert!(out.contains("烟厂,2026-03-01 00:00,HJ 633-2026,"), "{out}");
}
