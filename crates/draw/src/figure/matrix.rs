//! Pictures of places by places and of places by months.

use super::sheet;
use crate::axis::number;
use crate::paper::Anchor;
use crate::{Look, colour};
use space::plot::{Capture, Correlation, Plot};

const LEFT: f64 = 170.0;
const TOP: f64 = 80.0;

pub fn correlation(plot: &Plot, made: &Correlation, look: &Look<'_>) -> String {
    let count = made.places.len() as f64;
    let side = (520.0 / count).clamp(14.0, 48.0);
    let sheet_px = [(LEFT + side * count + 30.0).max(420.0), TOP + side * count + 60.0];
    let mut paper = sheet(plot, look, sheet_px, look.language.of("皮尔逊相关系数", "Pearson's r"));
    for (at, name) in made.places.iter().enumerate() {
        let y = TOP + side * (at as f64 + 0.5) + 4.0;
        paper.text(LEFT - 8.0, y, Anchor::End, "", name);
        let x = LEFT + side * (at as f64 + 0.5);
        paper.text(x, TOP + side * count + 16.0, Anchor::Middle, "m", &(at + 1).to_string());
        paper.text(
            LEFT + side * at as f64 + side / 2.0,
            y,
            Anchor::Middle,
            "m",
            &(at + 1).to_string(),
        );
    }
    for pair in &made.pairs {
        let (a, b) = (&made.places[pair.a], &made.places[pair.b]);
        let told = pair.r.map_or_else(|| "–".to_owned(), |r| format!("{r:.2}"));
        let interval =
            pair.interval.map_or_else(String::new, |[low, high]| format!(" ({low:.3}–{high:.3})"));
        let title = format!("{a} × {b} · {told}{interval} · n = {}", pair.hours);
        for (row, column) in [(pair.a, pair.b), (pair.b, pair.a)] {
            let corner = [LEFT + side * column as f64, TOP + side * row as f64];
            let fill = pair.r.map_or_else(|| "n".to_owned(), colour::difference);
            let data = [
                ("a", a.clone()),
                ("b", b.clone()),
                ("r", pair.r.map_or_else(String::new, |r| format!("{r:.4}"))),
                ("hours", pair.hours.to_string()),
                ("title", title.clone()),
            ];
            paper.rect([corner[0], corner[1], side - 1.0, side - 1.0], &fill, &data);
            if side >= 30.0 {
                let class = if pair.r.is_some_and(|r| r.abs() > 0.75) { "l" } else { "k" };
                let middle = [corner[0] + side / 2.0, corner[1] + side / 2.0 + 4.0];
                paper.text(middle[0], middle[1], Anchor::Middle, class, &told);
            }
        }
    }
    paper.finish()
}

pub fn capture(plot: &Plot, made: &Capture, look: &Look<'_>) -> String {
    let says = look.language;
    let months = made.places.iter().flat_map(|place| &place.months);
    let number_of = |year: i32, month: i32| year * 12 + month - 1;
    let numbers = months.map(|month| number_of(month.year, month.month));
    let (first, last) = numbers.fold((i32::MAX, i32::MIN), |(a, b), n| (a.min(n), b.max(n)));
    let count = f64::from(last.saturating_sub(first).saturating_add(1).max(1));
    let width = (560.0 / count).clamp(2.0, 24.0);
    let rows = made.places.len() as f64;
    let size = [LEFT + width * count + 110.0, TOP + 22.0 * rows + 60.0];
    let mut paper = sheet(plot, look, [size[0].max(420.0), size[1]], "");
    for (row, place) in made.places.iter().enumerate() {
        let y = TOP + 22.0 * row as f64;
        paper.text(LEFT - 8.0, y + 14.0, Anchor::End, "", &place.name);
        for month in &place.months {
            let share = month.values as f64 / month.of.max(1) as f64;
            let x = LEFT + width * f64::from(number_of(month.year, month.month) - first);
            let name = format!("{}-{:02}", month.year, month.month);
            let data = [
                ("month", name.clone()),
                ("values", month.values.to_string()),
                ("of", month.of.to_string()),
                ("title", format!("{} · {name} · {}/{}", place.name, month.values, month.of)),
            ];
            let fill = if month.values == 0 { "n".to_owned() } else { colour::amount(share) };
            paper.rect([x, y, width, 18.0], &fill, &data);
        }
        let percent = format!("{} %", number(place.percent));
        paper.text(LEFT + width * count + 8.0, y + 14.0, Anchor::Start, "", &percent);
    }
    for month in first.min(last)..=last {
        if month % 12 == 0 {
            let x = LEFT + width * f64::from(month - first);
            let year = (month / 12).to_string();
            paper.text(x, TOP + 22.0 * rows + 14.0, Anchor::Start, "m", &year);
        }
    }
    let bar = [LEFT, TOP + 22.0 * rows + 26.0];
    paper.colour_bar(bar, 160.0, [0.0, 100.0], says.of("有值小时 %", "% of hours"));
    paper.finish()
}
