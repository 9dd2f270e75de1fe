//! The rivers' account of the founding year, entered as facts with their gaps left as gaps.

use account::Text;
use account::waterbook::{Sums, WaterEntry, Work, sums};
use jiff::civil::{Date, date};

const YEAR: (Date, Date) = (date(2020, 1, 1), date(2020, 12, 31));

fn cleared(volume: &str, from: Date, to: Date) -> WaterEntry {
    WaterEntry::Cleared {
        line: String::new(),
        from,
        to,
        volume_m3: volume.into(),
        contractor: String::new(),
        disposal: String::new(),
        source: "meeting of 28 January 2021".into(),
    }
}

fn built(work: Work, count: u64) -> WaterEntry {
    let (line, source) = (String::new(), "meeting of 28 January 2021".to_owned());
    WaterEntry::Built { work, line, day: YEAR.1, count, source }
}

fn drawn(total: &str, planned: &str, stated: &str) -> WaterEntry {
    WaterEntry::Drawn {
        from: YEAR.0,
        to: YEAR.1,
        total_t: total.into(),
        planned_t: planned.into(),
        stated_percent: stated.into(),
        scope: String::new(),
        source: String::new(),
    }
}

fn summed(entries: &[WaterEntry]) -> Sums {
    assert!(entries.iter().all(|entry| entry.check().is_ok()));
    sums(&entries.iter().collect::<Vec<_>>(), YEAR).unwrap()
}

#[test]
fn the_founding_figures_of_the_rivers_come_out_as_they_were_entered() {
    let stated = WaterEntry::Stated {
        from: YEAR.0,
        to: YEAR.1,
        text: Text::new("出境水质总体优于入境", "outflow on the whole better than inflow"),
        source: String::new(),
    };
    let sums = summed(&[
        cleared("2300", YEAR.0, YEAR.1),
        built(Work::Interception, 4),
        built(Work::Site, 8),
        drawn("31034700", "", "99"),
        stated,
    ]);
    assert_eq!(sums.cleared_m3.unwrap().fixed(0), "2300");
    assert_eq!(sums.built, [(Work::Interception, 4), (Work::Site, 8)]);
    assert_eq!(sums.drawn_t.unwrap().fixed(0), "31034700");
    // The print has the rate without its two volumes: nothing is computed from a rate.
    assert_eq!((sums.drawn_planned_t, sums.planned_use()), (None, None));
    assert_eq!((sums.replenished_m3, sums.across), (None, 0));
}

#[test]
fn a_rate_of_planned_use_comes_of_its_two_volumes() {
    let both = summed(&[drawn("31034700", "30724353", "")]);
    assert_eq!(both.planned_use(), Some(Ok("99.0".into())));
    let half = summed(&[drawn("100", "99", ""), drawn("50", "", "")]);
    assert_eq!((half.planned_use(), half.drawn_t.unwrap().fixed(0)), (None, "150".into()));
    let none = summed(&[drawn("0", "0", "")]);
    assert!(none.planned_use().unwrap().is_err(), "nothing drawn is no case");
}

#[test]
fn an_entry_across_the_end_of_a_year_is_left_out_and_counted() {
    let sums = summed(&[
        cleared("800", date(2019, 12, 20), date(2020, 1, 10)),
        cleared("1500.5", date(2020, 3, 1), date(2020, 3, 9)),
    ]);
    assert_eq!((sums.cleared_m3.unwrap().fixed(1), sums.across), ("1500.5".into(), 1));
}

#[test]
fn what_is_no_amount_is_refused() {
    for text in ["", "-1", "about 2300", "NaN"] {
        let entry = cleared(text, YEAR.0, YEAR.1);
        assert!(entry.check().is_err(), "{text}");
    }
    assert!(cleared("1", YEAR.1, YEAR.0).check().is_err());
}
