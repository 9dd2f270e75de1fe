//! Time variation: the week hour by hour above, below it the day, the year and the week.

use super::sheet;
use crate::axis::{Axis, ends, number};
use crate::paper::{Anchor, Paper};
use crate::{Look, axis};
use space::plot::{Cell, Plot, Variation};

/// One panel: its cells, its frame and where its labels stand.
struct Panel<'a> {
    cells: &'a [Cell],
    /// Left, top, width, height.
    frame: [f64; 4],
    labels: Vec<(f64, String)>,
    name: &'a str,
}

pub fn variation(plot: &Plot, made: &Variation, look: &Look<'_>) -> String {
    let says = look.language;
    let mut paper =
        sheet(plot, look, [760.0, 500.0], says.of("均值与 95 % 区间", "mean and 95 % interval"));
    let days = says.weekdays();
    let week =
        days.iter().enumerate().map(|(at, day)| (24.0 * at as f64 + 11.5, (*day).to_owned()));
    let hours = [0, 6, 12, 18, 23].map(|hour| (f64::from(hour), hour.to_string()));
    let months = (0..12_u8).map(|month| (f64::from(month), (month + 1).to_string()));
    let weekdays = days.iter().enumerate().map(|(at, day)| (at as f64, (*day).to_owned()));
    let panels = [
        Panel {
            cells: &made.hour_weekday,
            frame: [60.0, 80.0, 680.0, 150.0],
            labels: week.collect(),
            name: says.of("一周各小时", "hours of the week"),
        },
        Panel {
            cells: &made.hour,
            frame: [60.0, 290.0, 200.0, 150.0],
            labels: hours.to_vec(),
            name: says.of("时", "hour"),
        },
        Panel {
            cells: &made.month,
            frame: [300.0, 290.0, 200.0, 150.0],
            labels: months.collect(),
            name: says.of("月", "month"),
        },
        Panel {
            cells: &made.weekday,
            frame: [540.0, 290.0, 200.0, 150.0],
            labels: weekdays.collect(),
            name: says.of("星期", "weekday"),
        },
    ];
    for panel in &panels {
        draw(&mut paper, panel);
    }
    paper.finish()
}

fn draw(paper: &mut Paper, panel: &Panel<'_>) {
    let [left, top, width, height] = panel.frame;
    let half = |cell: &Cell| cell.half_width.unwrap_or(0.0);
    let known = || panel.cells.iter().filter_map(|cell| Some((cell.mean?, half(cell))));
    let [low, high] = ends(known().flat_map(|(mean, half)| [mean - half, mean + half]));
    let pad = (high - low) * 0.05;
    let y = Axis::new([low - pad, high + pad], [top + height, top]);
    let x = Axis::new([0.0, panel.cells.len() as f64 - 1.0], [left, left + width]);
    for tick in y.ticks(4) {
        paper.line([left, y.at(tick)], [left + width, y.at(tick)], "g");
        paper.text(left - 6.0, y.at(tick) + 4.0, Anchor::End, "m", &axis::number(tick));
    }
    for (at, label) in &panel.labels {
        paper.text(x.at(*at), top + height + 18.0, Anchor::Middle, "m", label);
    }
    paper.text(left, top - 8.0, Anchor::Start, "m", panel.name);
    let band = panel.cells.iter().enumerate().map(|(at, cell)| {
        let mean = cell.mean?;
        Some([x.at(at as f64), y.at(mean - half(cell)), y.at(mean + half(cell))])
    });
    paper.band(&band.collect::<Vec<_>>(), "b");
    let line = panel.cells.iter().enumerate();
    paper.curve(line.map(|(at, cell)| Some([x.at(at as f64), y.at(cell.mean?)])), "a");
    for (at, cell) in panel.cells.iter().enumerate() {
        let Some(mean) = cell.mean else { continue };
        let data = [
            ("at", at.to_string()),
            ("mean", format!("{mean:.3}")),
            ("half-width", cell.half_width.map_or_else(String::new, |half| format!("{half:.3}"))),
            ("hours", cell.hours.to_string()),
            ("title", format!("{} ± {} · n = {}", number(mean), number(half(cell)), cell.hours)),
        ];
        let size = if panel.cells.len() > 24 { 1.5 } else { 2.5 };
        paper.circle([x.at(at as f64), y.at(mean)], size, "d", &data);
    }
}
