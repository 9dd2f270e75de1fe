//! A water site's month from its results, and outflow against inflow.

use crate::LAW;
use standards::Exact;
use standards::water::{Class, SiteReport, Versus, WaterBody, WaterResult};

fn value(text: &str) -> WaterResult {
    match text.strip_prefix('<') {
        Some(limit) => WaterResult::Below(Exact::parse(limit).unwrap()),
        None => WaterResult::Value(Exact::parse(text).unwrap()),
    }
}

fn site(text: &str) -> SiteReport {
    let results: Vec<(&str, WaterResult)> = text
        .split_whitespace()
        .map(|pair| pair.split_once('=').map(|(key, text)| (key, value(text))).unwrap())
        .collect();
    LAW.water().site(WaterBody::River, &results, Some(Class::III)).unwrap()
}

#[test]
fn results_are_averaged_first_then_rounded_once_then_judged() {
    // 1.004 and 1.005 are 1.0045, at two places 1.00: class III; below detection counts half.
    let month = site("nh3n=1.004 nh3n=1.005 petroleum=<0.06 ph=6.5 ph=7.9");
    assert_eq!((month.report.class, month.meets), (Some(Class::III), Some(true)));
    let mean = |key: &str| month.means.iter().find(|mean| &*mean.key == key).unwrap();
    assert_eq!(mean("nh3n").mean.to_string(), "1.0045");
    assert_eq!(
        (mean("petroleum").mean.to_string(), mean("petroleum").below),
        ("0.03".to_owned(), 1)
    );
    assert_eq!(mean("ph").rounded.to_string(), "7", "the mean of hydrogen ions is 6.78");
    assert!(!month.doubts.is_empty(), "the places for assessment are not well established");
    assert!(
        !month.cwqi.as_ref().unwrap().doubts.is_empty(),
        "how pH counts is not well established"
    );
    let outline = LAW.water().explain_site(&month).outline(false);
    assert!(outline.contains("1 results below detection count as half the limit"), "{outline}");
    assert!(outline.contains("meets the target III"), "{outline}");
}

#[test]
fn nothing_measured_is_no_class_with_the_reason() {
    let month = site("");
    assert_eq!((month.report.class, month.meets, month.cwqi.is_none()), (None, None, true));
    assert!(month.reason.is_some());
}

#[test]
fn outflow_is_told_from_inflow_by_class_then_items_then_index() {
    let check = |out: &str, into: &str, verdict, by| {
        let flow = LAW.water().flow(&site(out), &site(into)).unwrap();
        assert_eq!((flow.verdict, flow.by), (verdict, by), "{}", flow.reason.en);
    };
    check("nh3n=0.9", "nh3n=1.4", Versus::Better, Some("class"));
    check("nh3n=1.4 tp=0.1", "nh3n=0.9", Versus::Worse, Some("class"));
    check("nh3n=0.8 do=6.5", "nh3n=0.9 do=6.5", Versus::Better, Some("items"));
    check("nh3n=0.9 do=6.2", "nh3n=0.9 do=6.5", Versus::Worse, Some("items"));
    check("nh3n=0.9", "nh3n=0.9", Versus::Same, Some("items"));
    check("nh3n=0.9 tp=0.11", "nh3n=0.8 tp=0.19", Versus::Better, Some("cwqi"));
    check("nh3n=0.9", "tp=0.1", Versus::Undetermined, None);
    check("", "nh3n=0.9", Versus::Undetermined, None);
}
