//! Half a year of a real city's cases (58 119, with targets and what the city itself called overdue), read by the mapping that
//! comes with the program and replayed through the clocks. Reads them when `SKYRIVER_REAL_DATA` names a folder that has them.

use control::{Calendar, Catalogue, Foreign, Mappings, Table};
use model::Timestamp;
use standards::Zone;
use std::collections::BTreeMap;
use std::path::PathBuf;

const FILE: &str = "data/cases_boston311/boston311_2015H1.csv.gz";

fn rows(mappings: &Mappings) -> Option<Vec<Foreign>> {
    let path = PathBuf::from(std::env::var_os("SKYRIVER_REAL_DATA")?).join(FILE);
    let file = flate2::read::GzDecoder::new(std::fs::File::open(path).ok()?);
    let mut file = csv::Reader::from_reader(file);
    let head: Vec<String> = file.headers().ok()?.iter().map(str::to_owned).collect();
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let table = Table::new(mappings.named("boston311")?, &head).ok()?;
    let read = |record: Result<csv::StringRecord, csv::Error>| {
        let record = record.unwrap();
        table.row(&record.iter().collect::<Vec<_>>()).unwrap()
    };
    Some(file.records().map(read).collect())
}

#[test]
fn a_citys_own_overdue_is_ours() {
    let mappings = Mappings::built_in().unwrap();
    let Some(rows) = rows(&mappings) else {
        println!("skipped: no city cases in SKYRIVER_REAL_DATA");
        return;
    };
    let mapping = mappings.named("boston311").unwrap();
    let catalogue = Catalogue::built_in().unwrap();
    let calendar = Calendar::built_in(Zone::shanghai().unwrap()).unwrap();
    let seen = mapping.seen(Timestamp::MAX);
    let mut differ: BTreeMap<&str, u32> = BTreeMap::new();
    let mut same = 0;
    for row in &rows {
        let why = match (row.target, row.is_overdue) {
            (None, _) => "no target: no clock",
            (_, None) => "the city says neither",
            (Some(_), Some(is_overdue)) => {
                let here = row.is_overdue_here("boston311", &catalogue, &calendar, seen).unwrap();
                if here == is_overdue {
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
