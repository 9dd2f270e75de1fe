//! Pictures with two straight axes: the trend of months, one parameter against another.

use super::sheet;
use crate::axis::{Axis, ends, number};
use crate::paper::{Anchor, Paper};
use crate::{Look, colour};
use space::plot::{Plot, Scatter, Trend};

/// Left, top, right, bottom of the frame.
const FRAME: [f64; 4] = [70.0, 90.0, 740.0, 390.0];

fn frame(paper: &mut Paper, y: &Axis) {
    let [left, _, right, _] = FRAME;
    for tick in y.ticks(5) {
        paper.line([left, y.at(tick)], [right, y.at(tick)], "g");
        paper.text(left - 6.0, y.at(tick) + 4.0, Anchor::End, "m", &number(tick));
    }
}

pub fn trend(plot: &Plot, made: &Trend, look: &Look<'_>) -> String {
    let says = look.language;
    let [left, top, right, bottom] = FRAME;
    let slope = made.slope;
    let text = format!(
        "{} [{}, {}] {}/{}",
        number(slope.value),
        number(slope.lower),
        number(slope.upper),
        look.unit,
        says.of("年", "year")
    );
    let p = if made.p < 0.001 { "p < 0.001".to_owned() } else { format!("p = {:.3}", made.p) };
    let season = if made.is_deseasonalised {
        says.of("已去季节", "season taken out")
    } else {
        says.of("未去季节", "season not taken out")
    };
    let mut paper = sheet(plot, look, [760.0, 440.0], &format!("{text}, {p}, {season}"));
    let values = || made.months.iter().filter_map(|month| month.plain);
    let [low, high] = ends(values().chain([made.start, made.end]));
    let pad = (high - low) * 0.08;
    let y = Axis::new([low - pad, high + pad], [bottom, top]);
    let x = Axis::new([0.0, made.months.len() as f64 - 1.0], [left, right]);
    frame(&mut paper, &y);
    let every = (made.months.len() / 12 / 10).max(1) as i32;
    for (at, month) in made.months.iter().enumerate() {
        if month.month == 1 && month.year % every == 0 {
            paper.line([x.at(at as f64), top], [x.at(at as f64), bottom], "g");
            paper.text(
                x.at(at as f64),
                bottom + 18.0,
                Anchor::Middle,
                "m",
                &month.year.to_string(),
            );
        }
    }
    let point = |(at, month): (usize, &space::plot::TrendMonth)| {
        Some([x.at(at as f64), y.at(month.plain?)])
    };
    paper.curve(made.months.iter().enumerate().map(point), "a");
    for (at, month) in made.months.iter().enumerate() {
        let Some(plain) = month.plain else { continue };
        let name = format!("{}-{:02}", month.year, month.month);
        let data = [
            ("month", name.clone()),
            ("value", format!("{plain:.3}")),
            ("mean", month.mean.map_or_else(String::new, |mean| format!("{mean:.3}"))),
            ("hours", month.hours.to_string()),
            ("title", format!("{name} · {} · n = {}", number(plain), month.hours)),
        ];
        paper.circle([x.at(at as f64), y.at(plain)], 2.5, "d", &data);
    }
    let first = made.months.iter().position(|month| month.plain.is_some()).unwrap_or(0);
    let last = made.months.iter().rposition(|month| month.plain.is_some()).unwrap_or(0);
    let end = |at: usize, value: f64| [x.at(at as f64), y.at(value)];
    paper.line(end(first, made.start), end(last, made.end), "w");
    paper.finish()
}

pub fn scatter(plot: &Plot, made: &Scatter, look: &Look<'_>) -> String {
    let says = look.language;
    let [left, top, _, bottom] = FRAME;
    let right = left + (bottom - top);
    let line = made.slope.zip(made.intercept).map_or_else(String::new, |(slope, intercept)| {
        let sign = if intercept < 0.0 { "−" } else { "+" };
        format!("y = {} x {sign} {}", number(slope), number(intercept.abs()))
    });
    let r = made.r.map_or_else(|| "r –".to_owned(), |r| format!("r = {r:.3}"));
    let mut paper = sheet(plot, look, [560.0, 470.0], &format!("{line}, {r}, n = {}", made.hours));
    let x = Axis::new(made.x, [left, right]);
    let y = Axis::new(made.y, [bottom, top]);
    let side = (right - left) / made.side as f64;
    let most = made.cells.iter().map(|cell| cell.hours).max().unwrap_or(1) as f64;
    for cell in &made.cells {
        // Few and many differ by powers of ten.
        let share = (cell.hours as f64).ln() / most.ln().max(1e-12);
        let corner = [
            left + side * f64::from(cell.column),
            bottom - side * f64::from(cell.row + 1),
            side + 0.2,
            side + 0.2,
        ];
        paper.rect(corner, &colour::amount(share), &[("hours", cell.hours.to_string())]);
    }
    for tick in x.ticks(5) {
        paper.text(x.at(tick), bottom + 18.0, Anchor::Middle, "m", &number(tick));
    }
    for tick in y.ticks(5) {
        paper.text(left - 6.0, y.at(tick) + 4.0, Anchor::End, "m", &number(tick));
    }
    paper.path(&format!("M{left} {top}V{bottom}H{right}"), "i", &[]);
    if let Some((slope, intercept)) = made.slope.zip(made.intercept) {
        // Only as far as the frame goes.
        let inside = |at: f64| {
            let value = (intercept + slope * at).clamp(made.y[0], made.y[1]);
            let at = if slope.abs() > 0.0 { (value - intercept) / slope } else { at };
            [x.at(at), y.at(value)]
        };
        paper.line(inside(made.x[0]), inside(made.x[1]), "w");
    }
    paper.text(right, bottom + 36.0, Anchor::End, "", look.parameter);
    paper.text(left, top - 8.0, Anchor::Middle, "", look.other);
    paper.colour_bar([410.0, 110.0], 130.0, [1.0, most], says.of("小时", "hours"));
    paper.finish()
}
