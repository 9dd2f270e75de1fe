//! The calendar: a year a block, a week a column, a day a cell; hatched where nothing was measured.

use super::sheet;
use crate::axis::{ends, number};
use crate::paper::Anchor;
use crate::{Look, colour};
use space::plot::{Calendar, CalendarDay, Plot};

const CELL: f64 = 13.0;
const BLOCK: f64 = CELL * 7.0 + 34.0;
/// More years than these are not shown: the last ones are.
const YEARS_MAX: usize = 12;

pub fn calendar(plot: &Plot, made: &Calendar, look: &Look<'_>) -> String {
    let says = look.language;
    let mut years: Vec<&[CalendarDay]> =
        made.days.chunk_by(|a, b| a.at.year == b.at.year).collect();
    years.drain(..years.len().saturating_sub(YEARS_MAX));
    let height = 70.0 + BLOCK * years.len() as f64 + 50.0;
    let mut paper = sheet(plot, look, [790.0, height], says.of("日均值", "daily means"));
    let known = years.iter().flat_map(|year| year.iter());
    let range = ends(known.filter_map(|day| day.mean));
    for (block, year) in years.iter().enumerate() {
        let top = 90.0 + BLOCK * block as f64;
        let Some(first) = year.first() else { continue };
        paper.text(16.0, top - 8.0, Anchor::Start, "", &first.at.year.to_string());
        // The column of a day: the week in which it stands, Monday first.
        let of_year = |day: &CalendarDay| i64::from(day_of_year(day));
        let shift = (i64::from(first.at.weekday) - 1 - of_year(first)).rem_euclid(7);
        let mut month = 0;
        for day in *year {
            let column = (of_year(day) + shift) / 7;
            let x = 60.0 + CELL * column as f64;
            let y = top + CELL * f64::from(day.at.weekday.max(1) - 1);
            if day.at.month != month {
                month = day.at.month;
                paper.text(x, top - 8.0, Anchor::Start, "m", &month.to_string());
            }
            let date = format!("{}-{:02}-{:02}", day.at.year, day.at.month, day.at.day);
            let mean = day.mean.map_or_else(|| "–".to_owned(), number);
            let title = format!("{date} · {mean} · {}/{}", day.hours, day.of);
            let numbers = [
                ("date", date),
                ("mean", day.mean.map_or_else(String::new, |mean| format!("{mean:.3}"))),
                ("hours", day.hours.to_string()),
                ("title", title),
            ];
            let share = |mean: f64| (mean - range[0]) / (range[1] - range[0]).max(1e-12);
            let fill = day.mean.map_or_else(|| "n".to_owned(), |mean| colour::amount(share(mean)));
            paper.rect([x, y, CELL - 1.0, CELL - 1.0], &fill, &numbers);
        }
    }
    paper.colour_bar([60.0, 70.0 + BLOCK * years.len() as f64 + 8.0], 260.0, range, look.unit);
    paper.finish()
}

fn day_of_year(day: &CalendarDay) -> i32 {
    (day.at.year_share() * 366.0).round() as i32
}
