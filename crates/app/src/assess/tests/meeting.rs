//! Two files, one command: the table that a district reads out, and what each number opens to.

use super::{judge, options};
use crate::assess::{Against, Air, Lang, Period};
use std::fmt::Write;

/// A year of hours of one station: `value` gives the six of a day.
fn year(year: i16, value: impl Fn(i16) -> String) -> String {
    let mut text = "time,station,PM2.5,PM10,SO2,NO2,CO,O3\n".to_owned();
    let first = jiff::civil::date(year, 1, 1);
    for date in first.series(jiff::Span::new().days(1)).take_while(|date| date.year() == year) {
        for hour in 0..24 {
            writeln!(text, "{date} {hour:02}:00,HX-01,{}", value(date.day_of_year())).unwrap();
        }
    }
    text
}

fn two_years() -> [String; 2] {
    let last = year(2013, |day| {
        if day <= 108 { "70,110,30,50,3.0,90" } else { "180,260,30,50,3.0,90" }.to_owned()
    });
    let this = year(2014, |day| {
        if day <= 226 { "60,100,20,45,2.2,80" } else { "120,170,20,45,2.2,80" }.to_owned()
    });
    [this, last]
}

fn against() -> Air {
    let mut options = options();
    options.against = Some(Against::LastYear);
    options
}

#[test]
fn two_files_become_the_table_of_the_annual_meeting() {
    let [this, last] = two_years();
    let (out, summary) = judge(&against(), &[&this, &last]);
    assert!(out.starts_with("HX-01: 2014 (2012) / 2013 (2012)\n"), "{out}");
    let line = |head: &str| out.lines().find(|line| line.starts_with(head)).unwrap().to_owned();
    let words = |head: &str| line(head).split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(
        words("PM2.5")[1..],
        ["mean", "ug/m3", "83!", "147!", "-64", "-43.5", "35", "365/365", "365/365", "better"]
    );
    assert_eq!(words("good days")[6..10], ["226?", "108?", "+118", "+109.3"], "{out}");
    assert!(out.contains("\neight down, one up\n"), "{out}");
    assert_eq!(summary.reports, 1);
    // The files in the other order, and in Chinese.
    let mut options = against();
    options.lang = Lang::Zh;
    let (chinese, _) = judge(&options, &[&last, &this]);
    assert!(chinese.contains("\n八降一升\n") && chinese.contains("优良天数"), "{chinese}");
}

#[test]
fn each_number_opens_to_clause_days_and_hours_of_the_file() {
    let [this, last] = two_years();
    let mut options = against();
    (options.explain, options.explain_days) = (Some("PM2.5".to_owned()), 1);
    let (out, _) = judge(&options, &[&this, &last]);
    for line in [
        "PM2.5 mean, 2014: 83 ug/m3 = 83 > 35 [HJ 663-2013, table 1 and clause 5.1; B]",
        "  limit: 35 ug/m3 – exceeded by 1.37 times the limit [GB 3095-2012",
        "      2014-01-01: 60 ug/m3\n",
        "(HX-01 PM2.5: 24, 2013-12-31T16:00:00Z .. 2014-01-01T16:00:00Z) [HJ 633-2012, table 1; A]",
        "PM2.5 mean, 2013: 147 ug/m3",
    ] {
        assert!(out.contains(line), "{line:?} is not in\n{out}");
    }
    options.explain = Some("good_days".to_owned());
    assert!(judge(&options, &[&this, &last]).0.contains("good days, 2014: 226 d"));
}

#[test]
fn csv_and_json_say_the_same_and_csv_has_one_head() {
    let [this, last] = two_years();
    let mut options = against();
    options.csv = true;
    let (out, _) = judge(&options, &[&this, &last]);
    assert_eq!(out.matches("place,item,").count(), 1);
    assert!(
        out.contains("HX-01,good_days,AQI ≤ 100,d,2014,226,2013,108,+118,+109.3,better,"),
        "{out}"
    );
    (options.csv, options.json) = (false, true);
    let (out, _) = judge(&options, &[&this, &last]);
    let value: serde_json::Value = serde_json::from_str(out.trim()).unwrap();
    assert_eq!(value["comparison"]["sentence"]["en"], "eight down, one up");
    assert_eq!(value["comparison"]["rows"][0]["this"]["value"], "83");
}

#[test]
fn splitting_turning_and_repeating_files_changes_nothing() {
    let [this, last] = two_years();
    let whole = judge(&against(), &[&this, &last]).0;
    let mut lines: Vec<&str> = this.lines().collect();
    let head = lines.remove(0);
    lines.reverse();
    let (a, b) = lines.split_at(3000);
    let part = |rows: &[&str]| format!("{head}\n{}\n", rows.join("\n"));
    assert_eq!(judge(&against(), &[&last, &part(a), &part(b)]).0, whole);
    let (repeated, summary) = judge(&against(), &[&this, &last, &this]);
    assert_eq!((repeated, summary.repeated), (whole, 365 * 24));
}

#[test]
fn scaling_a_unit_there_and_back_changes_nothing() {
    let [this, last] = two_years();
    let micro = |text: &str| {
        let mut out = text.lines().next().unwrap().replace("CO", "CO(ug/m3)") + "\n";
        for line in text.lines().skip(1) {
            let mut cells: Vec<String> = line.split(',').map(str::to_owned).collect();
            cells[6] = format!("{}", cells[6].parse::<f64>().unwrap() * 1000.0);
            out += &(cells.join(",") + "\n");
        }
        out
    };
    let whole = judge(&against(), &[&this, &last]).0;
    assert_eq!(judge(&against(), &[&micro(&this), &micro(&last)]).0, whole);
}

#[test]
fn months_quarters_and_spans_are_judged_and_ranked() {
    let [this, _] = two_years();
    let mut options = options();
    (options.period, options.csv) = (Some(Period::Month), true);
    let (out, _) = judge(&options, &[&this]);
    assert!(out.contains("HX-01,2014-02,2012,PM2.5,mean,60,ug/m3,28/28,"), "{out}");
    options.period = Some("2014-01-01..2014-01-10".parse().unwrap());
    assert!(judge(&options, &[&this]).0.contains("HX-01,2014-01-01..2014-01-10,2012,composite,"));
    (options.period, options.rank) = (Some(Period::Year), true);
    assert!(judge(&options, &[&this]).0.contains("\n1,HX-01,"));
    assert!("2014-13".parse::<Period>().unwrap_err().contains("or one of hour, day"));
}
