//! How long a programme of 1 000 projects with a year of monthly entries takes to add up. `cargo run --release -p account --example programme_year`.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "measures, and prints what it measured"
)]

use account::Text;
use account::programme::{Book, Document, Entry, Lights, Programme, Project, Template, Write};
use jiff::civil::{Date, date};
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
    Ok(())
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
