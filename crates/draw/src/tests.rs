//! Every kind is drawn in both languages as well-formed markup, with names that are markup themselves.

use super::*;
use space::plot::{Civil, Kind, Place, Plot, Row, Settings, Wind, plot};

fn made(kind: Kind) -> Plot {
    let row = |hour: i64| Row {
        hour,
        at: Civil {
            year: 2026 + (hour / 8_640) as i16,
            month: (hour / 720 % 12) as u8 + 1,
            day: (hour / 24 % 30) as u8 + 1,
            hour: (hour % 24) as u8,
            weekday: (hour / 24 % 7) as u8 + 1,
        },
        value: (hour % 11 != 0).then_some((hour % 37) as f64 - 1.0),
        other: Some((hour % 41) as f64),
        wind: Some(Wind { speed_m_s: (hour % 9) as f64, from_deg: (hour * 70 % 360) as f64 }),
    };
    let rows: Vec<Row> = (0..9_000).map(row).collect();
    let place = |name: &str| Place { name: name.into(), rows: rows.clone() };
    let places = [place("<东门> & \"west\""), place("B\u{7}")];
    plot(kind, &places, &Settings::default()).unwrap()
}

/// Tags open and close in order; ampersands begin an entity.
fn assert_well_formed(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    for part in svg.split('<').skip(1) {
        let (tag, text) = part.split_once('>').expect("a tag ends");
        assert!(!text.contains('>'), "{text}");
        let name = |tag: &str| tag.split([' ', '/']).next().unwrap().len();
        if let Some(closing) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closing));
        } else if !tag.ends_with('/') {
            open.push(&tag[..name(tag)]);
        }
        for entity in part.split('&').skip(1) {
            assert!(
                ["amp;", "lt;", "gt;", "quot;"].iter().any(|e| entity.starts_with(e)),
                "{entity}"
            );
        }
    }
    assert!(open.is_empty(), "{open:?}");
    assert!(!svg.contains("NaN") && !svg.contains("inf"), "a number that is none");
}

#[test]
fn every_kind_is_drawn_in_both_languages_and_told_as_a_table() {
    for kind in Kind::ALL {
        let made = made(kind);
        for language in [Language::En, Language::Zh] {
            let look =
                Look { language, title: "a<b", parameter: "PM2.5", other: "O3", unit: "µg/m³" };
            let svg = svg(&made, &look);
            assert_well_formed(&svg);
            assert!(svg.contains(words::kind(kind, language)), "{kind:?}");
            assert!(svg.contains("data-"), "{kind:?} has no marks");
            assert!(svg.contains('⚠'), "{kind:?} hides its doubts");
        }
        let table = table(&made);
        assert!(!table.rows.is_empty(), "{kind:?}");
        assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{kind:?}");
    }
}

#[test]
fn a_name_with_a_comma_is_quoted() {
    let table = Table { columns: vec!["a"], rows: vec![vec!["x, \"y\"".into()]] };
    assert_eq!(table.to_string(), "a\n\"x, \"\"y\"\"\"\n");
}
