//! How long the account of a year takes: a programme of 1 000 projects of 100 units with a year of monthly entries, the on-time
//! rate of each unit, ranks of 300 stations with their intervals. `cargo run --release -p account --example programme_year`.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "measures, and prints what it measured"
)]

use account::Text;
use account::indicator::Indicator;
use account::programme::{Book, Document, Entry, Lights, Programme, Project, Template, Write};
use account::rank::{Settings, rank};
use jiff::civil::{Date, date};
use standards::Exact;
use std::time::Instant;

const PROJECTS: usize = 1_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let templates = Template::built_in()?;
    let begun = Instant::now();
    let book = book(&templates[0]);
    let folded = begun.elapsed();
    let begun = Instant::now();
    let status = book.status("homes", &templates[0], date(2026, 12, 31))?;
    let projects = status.map_or(0, |status| status.projects.len());
    let entries = book.entries.len();
    println!(
        "{entries} entries of {projects} projects: folded in {folded:.0?}, added up in {:.0?}",
        begun.elapsed()
    );
    units(&templates)?;
    ranks();
    Ok(())
}

/// The on-time rate of each of 100 units over twelve months.
fn units(templates: &[Template]) -> Result<(), Box<dyn std::error::Error>> {
    let begun = Instant::now();
    let all = Indicator::built_in(templates)?;
    let own = all.iter().find(|own| own.key == "on-time").ok_or("no such indicator")?;
    let mut values = 0;
    for unit in 0..100_i64 {
        for month in 1..=12_i64 {
            let due = 40 + unit % 17 + month;
            let amounts = [Ok(Exact::whole(due - unit % 5)), Ok(Exact::whole(due))];
            values += usize::from(own.value(&amounts).is_ok());
        }
    }
    println!("{values} rates of 100 units: {:.1?}", begun.elapsed());
    Ok(())
}

/// A month of hours of 300 stations, one hour in ten missing.
fn ranks() {
    const HOURS: u64 = 720;
    let hour = |station: u64, hour: u64| {
        let noise = (station * 7_919 + hour * 104_729) % 1_000;
        (!noise.is_multiple_of(10)).then(|| 40.0 + station as f64 / 10.0 + noise as f64 / 40.0)
    };
    let stations: Vec<Vec<Option<f64>>> =
        (0..300).map(|station| (0..HOURS).map(|at| hour(station, at)).collect()).collect();
    let views: Vec<&[Option<f64>]> = stations.iter().map(Vec::as_slice).collect();
    let begun = Instant::now();
    let ranking = rank(&views, &Settings { draws: 1_000, ..Settings::default() });
    let ranked = ranking.units.iter().flatten().count();
    println!(
        "{ranked} stations of {HOURS} hours ranked with intervals of 1 000 draws in {:.0?}",
        begun.elapsed()
    );
}

fn book(template: &Template) -> Book {
    let mut book = Book::default();
    let document = Document { title: "report".to_owned(), ..Document::default() };
    let mut sequence = 0;
    let mut take = |write: Write| {
        sequence += 1;
        book.take(sequence, 0, "somebody", write);
    };
    take(Write::Programme(Programme {
        key: "homes".to_owned(),
        name: Text::same("homes"),
        template: template.key.clone(),
        begins: date(2026, 1, 1),
        due: date(2026, 12, 31),
        owner: None,
        document: document.clone(),
        lights: Lights::default(),
        simulated: true,
    }));
    for project in 0..PROJECTS {
        let key = format!("p{project}");
        take(Write::Project(Project {
            key: key.clone(),
            programme: "homes".to_owned(),
            within: None,
            name: Text::same(&key),
            area: None,
            owner: Some(format!("unit-{}", project % 100)),
            begins: None,
            due: None,
            budget: None,
            at: None,
        }));
        for month in 1..=12 {
            for measure in &template.measures {
                let period_end = Date::new(2026, month, 28).unwrap_or(date(2026, 1, 28));
                take(Write::Entry(Entry {
                    programme: "homes".to_owned(),
                    project: Some(key.clone()),
                    measure: measure.key.clone(),
                    period_end,
                    total: (i32::from(month) * 1_000).to_string(),
                    document: document.clone(),
                    note: String::new(),
                }));
            }
        }
    }
    book
}
