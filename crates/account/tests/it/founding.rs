//! The founding documents, reproduced: their rates follow from their figures, and where bases differ it is said.

use account::Basis;
use account::founding::{Finding, Verdict, figures, findings};

fn found(key: &str) -> Finding {
    findings().unwrap().into_iter().find(|finding| finding.key == key).unwrap()
}

#[test]
fn falls_and_rises_of_the_five_years_are_the_printed_ones() {
    for (key, computed) in [("pm10", "49.4"), ("pm25", "49.5"), ("no2", "31.6"), ("good", "109.3")]
    {
        let finding = found(key);
        assert_eq!(
            (finding.computed.as_str(), finding.verdict),
            (computed, Verdict::Agrees),
            "{key}"
        );
    }
}

#[test]
fn a_rate_of_villages_is_not_taken_for_one_of_people() {
    let now = found("villages_back_share");
    assert_eq!((now.computed.as_str(), now.printed.as_deref()), ("66.7", Some("59")));
    let bases = Verdict::OtherBasis { computed: Basis::Villages, printed: Basis::People };
    assert_eq!(now.verdict, bases);
    let next = found("villages_next_share");
    assert_eq!((next.computed.as_str(), next.verdict), ("74", Verdict::Agrees));
}

#[test]
fn what_the_print_implies_is_a_span() {
    assert_eq!(found("planned").computed, "15.04 – 15.21");
    assert_eq!(found("people_due").computed, "111765 – 113675");
    assert_eq!(found("handed_of_started").computed, "57.4");
}

#[test]
fn all_three_accounts_are_there_and_gaps_of_the_print_are_named() {
    let figures = figures().unwrap();
    for account in ["housing", "air", "rivers"] {
        assert!(figures.iter().any(|figure| figure.account == account));
    }
    let doubtful = figures.iter().filter(|figure| figure.note.contains("three pollutants"));
    assert_eq!(doubtful.count(), 3);
}
