//! Pictures of reports, as vectors: the days of a span in the colours that the law prescribes.

use account::Text;
use jiff::civil::Date;
use std::fmt::Write;

/// A day of a picture.
pub struct Day {
    /// The day.
    pub date: Date,
    /// Its index.
    pub aqi: Option<u16>,
    /// The colour of its class; none without an index.
    pub colour: Option<String>,
}

/// Width and height of a day, px.
const CELL: (usize, usize) = (22, 20);
/// Room for the names of months, and above the first row, px.
const MARGIN: (usize, usize) = (58, 22);

/// Days in rows of months, with the index in each.
pub fn calendar(days: &[Day]) -> Text {
    let months: Vec<(i16, i8)> = days.iter().fold(vec![], |mut months, day| {
        let own = (day.date.year(), day.date.month());
        if months.last() != Some(&own) {
            months.push(own);
        }
        months
    });
    let draw = |month: &dyn Fn(i16, i8) -> String, none: &str| {
        let (width, height) = (MARGIN.0 + 31 * CELL.0 + 6, MARGIN.1 + months.len() * CELL.1 + 24);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\" font-family=\"Noto Sans CJK SC, Noto Sans SC, sans-serif\" font-size=\"8\">"
        );
        for day in 1..=31_usize {
            let x = MARGIN.0 + (day - 1) * CELL.0 + CELL.0 / 2;
            let _ = write!(
                svg,
                "<text x=\"{x}\" y=\"14\" text-anchor=\"middle\" fill=\"#5b6b7b\">{day}</text>"
            );
        }
        for (row, (year, own)) in months.iter().enumerate() {
            let y = MARGIN.1 + row * CELL.1 + 13;
            let name = month(*year, *own);
            let x = MARGIN.0 - 6;
            let _ = write!(
                svg,
                "<text x=\"{x}\" y=\"{y}\" text-anchor=\"end\" fill=\"#1d2733\">{name}</text>"
            );
        }
        for day in days {
            cell(&mut svg, day, &months);
        }
        let y = MARGIN.1 + months.len() * CELL.1 + 17;
        let _ = write!(
            svg,
            "<rect x=\"{0}\" y=\"{1}\" width=\"12\" height=\"10\" fill=\"none\" stroke=\"#9aa7b3\" \
             stroke-dasharray=\"2 2\"/><text x=\"{2}\" y=\"{y}\" fill=\"#5b6b7b\">{none}</text></svg>",
            MARGIN.0,
            y - 9,
            MARGIN.0 + 18
        );
        svg
    };
    Text::new(
        draw(&|year, month| format!("{year}年{month}月"), "没有指数"),
        draw(&|year, month| format!("{year}-{month:02}"), "no index"),
    )
}

fn cell(svg: &mut String, day: &Day, months: &[(i16, i8)]) {
    let own = (day.date.year(), day.date.month());
    let row = months.iter().position(|month| *month == own).unwrap_or_default();
    let at = usize::try_from(day.date.day() - 1).unwrap_or_default();
    let (x, y) = (MARGIN.0 + at * CELL.0, MARGIN.1 + row * CELL.1);
    let (width, height) = (CELL.0 - 2, CELL.1 - 2);
    let Some((aqi, colour)) = day.aqi.zip(day.colour.as_deref()) else {
        let _ = write!(
            svg,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"none\" \
             stroke=\"#9aa7b3\" stroke-dasharray=\"2 2\"/>"
        );
        return;
    };
    let ink = if is_dark(colour) { "#ffffff" } else { "#1d2733" };
    let _ = write!(
        svg,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{colour}\"/>\
         <text x=\"{}\" y=\"{}\" text-anchor=\"middle\" fill=\"{ink}\">{aqi}</text>",
        x + width / 2,
        y + 12
    );
}

/// Whether white letters read better on a colour `#RRGGBB`.
fn is_dark(colour: &str) -> bool {
    let part = |at: usize| {
        let part = colour.get(at..at + 2).and_then(|part| u32::from_str_radix(part, 16).ok());
        part.unwrap_or(255)
    };
    // Luma of ITU-R BT.601, in thousandths.
    part(1) * 299 + part(3) * 587 + part(5) * 114 < 128_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_day_without_an_index_has_a_frame_and_no_number() {
        let day = |aqi: Option<u16>| Day {
            date: date(2026, 3, 1),
            aqi,
            colour: aqi.map(|_| "#00E400".to_owned()),
        };
        let text = calendar(&[day(Some(42))]).zh;
        assert!(text.contains(">42<") && text.contains("2026年3月"), "{text}");
        assert!(!calendar(&[day(None)]).en.contains("#00E400"));
        assert!(is_dark("#7E0023") && !is_dark("#FFFF00"));
    }
}
