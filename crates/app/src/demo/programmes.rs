//! Programmes of the demo, made up and marked so: resettlement of each village of the zone, and what goes with it.

use crate::cli::Failure;
use crate::clock;
use crate::serve::Server;
use account::Text;
use account::programme::{Document, Entry, KIND, Lights, Milestone, Programme, Project, Write};
use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::{Act, Area, AreaKind};
use store::Known;

/// Who wrote them.
const WHO: &str = "the demo";
/// Months before today that were reported.
const MONTHS: i32 = 8;

/// Enters them into an account that has none.
pub async fn enter(server: &Server, areas: &[Area], zone: &TimeZone) -> Result<(), Failure> {
    if server.reader.acts(KIND, Known::Now)?.is_empty() {
        let now = jiff::Timestamp::from_millisecond(clock::now().as_ms())?;
        let today = now.to_zoned(zone.clone()).date();
        server.act(acts(areas, today)).await?;
    }
    Ok(())
}

/// Everything that the demo enters, as acts; none when the calendar ends.
fn acts(areas: &[Area], today: Date) -> Vec<Act> {
    writes(areas, today)
        .unwrap_or_default()
        .into_iter()
        .map(|(key, write)| Act {
            kind: KIND.to_owned(),
            key,
            who: WHO.to_owned(),
            document: serde_json::to_string(&write).unwrap_or_default(),
        })
        .collect()
}

type Writes = Vec<(String, Write)>;

fn writes(areas: &[Area], today: Date) -> Option<Writes> {
    let begins = Date::new(today.year() - 1, 1, 1).ok()?;
    let due = Date::new(today.year() + 1, 12, 31).ok()?;
    let mut all = vec![];
    for (key, zh, en, template) in [
        ("homes", "安置房建设（模拟）", "Resettlement homes (simulated)", "resettlement"),
        ("schools", "学校建设（模拟）", "Schools (simulated)", "schools"),
        ("roads", "道路建设（模拟）", "Roads (simulated)", "roads"),
        (
            "outfalls",
            "截污与排口整治（模拟）",
            "Interception and outfalls (simulated)",
            "interception",
        ),
    ] {
        let programme = Programme {
            key: key.to_owned(),
            name: Text::new(zh, en),
            template: template.to_owned(),
            begins,
            due,
            owner: None,
            document: document("模拟计划 simulated plan"),
            lights: Lights::default(),
            simulated: true,
        };
        all.push((key.to_owned(), Write::Programme(programme)));
    }
    let ends: Vec<Date> = (0..MONTHS).rev().filter_map(|back| month_end(today, back)).collect();
    let villages: Vec<&Area> = areas.iter().filter(|area| area.kind == AreaKind::Village).collect();
    for (at, village) in villages.iter().enumerate() {
        let pace = 30 + (at * 37) % 75;
        all.extend(project(village, due));
        let planned = 120_000 + (at * 7_919) % 260_000;
        for (month, end) in ends.iter().enumerate() {
            let share =
                |percent: usize| planned * (pace * percent * (month + 4) / 12).min(10_000) / 10_000;
            let totals = [
                ("planned_m2", planned),
                ("started_m2", share(140)),
                ("structure_m2", share(110)),
                ("completed_m2", share(80)),
                ("handed_over_m2", share(65)),
            ];
            for (measure, total) in totals {
                all.push(entry("homes", Some(&village.key), measure, *end, total));
            }
        }
    }
    let last = *ends.last()?;
    let count = villages.len();
    for (programme, measure, total) in [
        ("homes", "due_villages", count),
        ("homes", "back_villages", count * 2 / 3),
        ("homes", "due_people", count * 2_890),
        ("homes", "back_people", count * 1_705),
        ("schools", "planned", 12),
        ("schools", "started", 7),
        ("schools", "opened", 3),
        ("roads", "planned", 24),
        ("roads", "started", 24),
        ("roads", "through", 16),
        ("outfalls", "rivers", 14),
        ("outfalls", "rivers_done", 4),
        ("outfalls", "outfalls", 96),
        ("outfalls", "outfalls_closed", 61),
    ] {
        all.push(entry(programme, None, measure, last, total));
    }
    Some(all)
}

fn project(village: &Area, due: Date) -> Writes {
    let key = &village.key;
    let middle = |axis: usize| {
        let sum: f64 = village.ring.iter().map(|point| point[axis]).sum();
        sum / village.ring.len().max(1) as f64
    };
    let own = Project {
        key: key.clone(),
        programme: "homes".to_owned(),
        within: None,
        name: Text::new(&village.name.zh, &village.name.en),
        area: Some(key.clone()),
        owner: None,
        begins: None,
        due: None,
        budget: None,
        at: (!village.ring.is_empty()).then(|| (middle(0), middle(1))),
    };
    let first_home = Milestone {
        project: key.clone(),
        key: "first-home".to_owned(),
        name: Text::new("首批交付", "first homes handed over"),
        due,
        done: None,
        proof: None,
    };
    vec![(key.clone(), Write::Project(own)), (key.clone(), Write::Milestone(first_home))]
}

fn entry(
    programme: &str,
    project: Option<&str>,
    measure: &str,
    period_end: Date,
    total: usize,
) -> (String, Write) {
    let own = Entry {
        programme: programme.to_owned(),
        project: project.map(str::to_owned),
        measure: measure.to_owned(),
        period_end,
        total: total.to_string(),
        document: document("模拟月报 simulated report of the month"),
        note: String::new(),
    };
    (project.unwrap_or(programme).to_owned(), Write::Entry(own))
}

fn document(title: &str) -> Document {
    Document { title: title.to_owned(), ..Document::default() }
}

/// The last day of the month that lies so many months before today's, the month of today not counted.
fn month_end(today: Date, back: i32) -> Option<Date> {
    today.first_of_month().checked_sub(Span::new().months(back)).ok()?.yesterday().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use account::programme::{Book, Template};

    #[test]
    fn what_the_demo_enters_is_what_anybody_may_enter() {
        let village = Area {
            key: "v1".into(),
            kind: AreaKind::Village,
            ring: vec![[113.5, 34.8], [113.6, 34.9]],
            ..Area::default()
        };
        let village =
            Area { name: model::Names { zh: "一村".into(), en: "one".into() }, ..village };
        let (templates, mut book) = (Template::built_in().unwrap(), Book::default());
        let today = Date::constant(2026, 11, 29);
        let all = writes(&[village], today).unwrap();
        assert!(all.len() > 50, "{}", all.len());
        for (at, (key, write)) in all.into_iter().enumerate() {
            book.check(&write, &templates).unwrap_or_else(|refused| panic!("{key}: {refused}"));
            book.take(at as u64, 0, WHO, write);
        }
        let template = book.template("homes", &templates).unwrap();
        let status = book.status("homes", template, today).unwrap().unwrap();
        assert_eq!(status.warnings, []);
        assert!(status.progress.is_some());
    }
}
