//! Half a year of a real city's cases (58 119, with targets and what the city itself called overdue), replayed through the
//! clocks. Reads them when `SKYRIVER_REAL_DATA` names a folder that has them.

use crate::world::{collected, note, pass, people};
use control::{Allowed, Calendar, Case, Counting, Event, Move};
use jiff::civil::DateTime;
use jiff::fmt::strtime;
use model::Timestamp;
use standards::Zone;
use std::collections::BTreeMap;
use std::path::PathBuf;

const FILE: &str = "data/cases_boston311/boston311_2015H1.csv.gz";

struct Row {
    opened: Timestamp,
    target: Option<Timestamp>,
    closed: Option<Timestamp>,
    /// What the city says; it says nothing of some.
    is_overdue: Option<bool>,
}

fn rows(zone: &Zone) -> Option<Vec<Row>> {
    let path = PathBuf::from(std::env::var_os("SKYRIVER_REAL_DATA")?).join(FILE);
    let file = flate2::read::GzDecoder::new(std::fs::File::open(path).ok()?);
    let mut table = csv::Reader::from_reader(file);
    let at = |text: &str| -> Option<Timestamp> {
        let broken = strtime::parse("%m/%d/%Y %I:%M:%S %p", text).ok()?;
        let civil: DateTime = broken.to_datetime().ok()?;
        zone.instant(civil).ok()
    };
    let row = |row: csv::StringRecord| Row {
        opened: at(&row[1]).unwrap(),
        target: at(&row[2]),
        closed: at(&row[3]),
        is_overdue: [("OVERDUE", true), ("ONTIME", false)]
            .into_iter()
            .find_map(|(text, is)| (&row[4] == text).then_some(is)),
    };
    table.records().map(|record| record.ok().map(row)).collect()
}

/// The case as our moves make it: dispatched when it was opened, done and verified when it was closed.
fn replayed(row: &Row, target: Timestamp) -> Case {
    let [operator, dispatcher, handler, verifier, _] = people();
    let event = |id: &str, made| Event { id: id.to_owned(), made };
    let mut case = Case::begin("1", row.opened, &operator.name, &event("0", collected())).unwrap();
    let allowed_ms = (target - row.opened).max(1);
    let allowed = Allowed { amount: 1, counting: Counting::CalendarHours };
    let unit = "unit-a".to_owned();
    let dispatch = Move::Dispatch { unit, allowed, allowed_ms, note: String::new() };
    let closed = row.closed.unwrap_or(Timestamp::MAX);
    let done = Move::FeedBack { note: note("done"), photos: vec![] };
    for (n, (who, at, made)) in [
        (&operator, row.opened, Move::File { note: String::new() }),
        (&dispatcher, row.opened, dispatch),
        (&handler, row.opened, Move::Accept { note: String::new() }),
        (&handler, closed, done),
        (&verifier, closed, pass()),
    ]
    .into_iter()
    .enumerate()
    {
        if at == Timestamp::MAX {
            break;
        }
        let event = event(&format!("m{n}"), made);
        case.check(&event, None, who, at).unwrap();
        case.apply(at, &who.name, &event);
    }
    case
}

#[test]
fn a_citys_own_overdue_is_ours() {
    let zone = Zone::named("America/New_York").unwrap();
    let Some(rows) = rows(&zone) else {
        println!("skipped: no city cases in SKYRIVER_REAL_DATA");
        return;
    };
    let calendar = Calendar::built_in(zone).unwrap();
    // The file's state is of 2016-01-18 at the latest.
    let seen = calendar.zone().instant("2016-01-18T00:00".parse().unwrap()).unwrap();
    let mut differ: BTreeMap<&str, u32> = BTreeMap::new();
    let mut same = 0;
    for row in &rows {
        let why = match (row.target, row.is_overdue) {
            (None, _) => "no target: no clock",
            (_, None) => "the city says neither",
            (Some(target), Some(is_overdue)) => {
                let case = replayed(row, target);
                if case.run().unwrap().is_overdue(&calendar, seen) == is_overdue {
                    same += 1;
                    continue;
                }
                "unexplained"
            }
        };
        *differ.entry(why).or_default() += 1;
    }
    println!("{same} of {} cases as the city has them; {differ:?}", rows.len());
    assert_eq!((rows.len(), same), (58_119, 43_490), "{differ:?}");
    assert_eq!(differ.get("unexplained"), None, "{differ:?}");
}
