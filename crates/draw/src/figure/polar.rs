//! Pictures over the plane of winds: the smooth surface large, beside it the bins and the width of the interval.

use super::sheet;
use crate::axis::{ends, number, ticks};
use crate::paper::{Anchor, Paper, wedge};
use crate::{Look, colour};
use space::plot::{Bins, Plot, Polar, Probability, Surface, SurfaceCell};

/// Where a disc stands.
struct Disc {
    middle: [f64; 2],
    radius: f64,
}

const LARGE: Disc = Disc { middle: [225.0, 290.0], radius: 185.0 };
const BINS: Disc = Disc { middle: [555.0, 170.0], radius: 92.0 };
const WIDTH: Disc = Disc { middle: [555.0, 410.0], radius: 92.0 };

pub fn polar(plot: &Plot, polar: &Polar, look: &Look<'_>) -> String {
    let cells =
        polar.cells.iter().map(|cell| (cell.from_deg, cell.speed_m_s, cell.mean, cell.hours));
    let cells: Vec<_> = cells.collect();
    draw(plot, look, &polar.bins, &cells, polar.surface.as_ref(), "")
}

pub fn probability(plot: &Plot, made: &Probability, look: &Look<'_>) -> String {
    let Some(bins) = &made.bins else { return super::rose::probability(plot, made, look) };
    let cells =
        made.cells.iter().map(|cell| (cell.from_deg, cell.speed_m_s, cell.share, cell.hours));
    let cells: Vec<_> = cells.collect();
    let (percentile, threshold) = (number(made.percentile), number(made.threshold));
    let more = look.language.said(
        format!("高于第 {percentile} 百分位（{threshold}）"),
        format!("above the {percentile}th percentile ({threshold})"),
    );
    draw(plot, look, bins, &cells, made.surface.as_ref(), &more)
}

fn draw(
    plot: &Plot,
    look: &Look<'_>,
    bins: &Bins,
    cells: &[(f64, f64, f64, usize)],
    surface: Option<&Surface>,
    more: &str,
) -> String {
    let says = look.language;
    let mut paper = sheet(plot, look, [680.0, 546.0], more);
    let unit = if more.is_empty() { look.unit } else { says.of("概率", "probability") };
    let of_surface = surface.map(|surface| ends(surface.cells.iter().map(|cell| cell.value)));
    let often = || cells.iter().filter(|cell| cell.3 > 2).map(|cell| cell.2);
    let range = of_surface.unwrap_or_else(|| ends(often()));
    let place = if surface.is_some() { &BINS } else { &LARGE };
    for (from_deg, speed_m_s, value, hours) in cells {
        let (half, radius) = (bins.step_deg / 2.0, place.radius / bins.max_m_s);
        let edges = [-0.5, 0.5].map(|side| radius * (speed_m_s + side * bins.step_m_s));
        let share = (value - range[0]) / (range[1] - range[0]).max(1e-12);
        let data = [
            ("deg", from_deg.to_string()),
            ("speed", format!("{speed_m_s:.2}")),
            ("value", format!("{value:.4}")),
            ("hours", hours.to_string()),
        ];
        let path = wedge(place.middle, edges, [from_deg - half, from_deg + half]);
        paper.path(&path, &colour::amount(share), &data);
    }
    if let Some(surface) = surface {
        runs(&mut paper, &LARGE, surface, range, |cell| cell.value);
        let width = |cell: &SurfaceCell| (cell.upper - cell.lower) / 2.0;
        let widths = [0.0, ends(surface.cells.iter().map(width))[1]];
        runs(&mut paper, &WIDTH, surface, widths, width);
        circles(&mut paper, look, &WIDTH, bins);
        circles(&mut paper, look, &BINS, bins);
        paper.text(555.0, 292.0, Anchor::Middle, "m", says.of("分箱均值", "bins"));
        let half = number(widths[1]);
        let word = says.said(format!("不确定度 ±0–{half}"), format!("uncertainty ±0–{half}"));
        paper.text(555.0, 534.0, Anchor::Middle, "m", &word);
    }
    circles(&mut paper, look, &LARGE, bins);
    paper.colour_bar([95.0, 502.0], 260.0, range, unit);
    paper.finish()
}

/// Cells of a surface, those of one colour beside each other as one mark.
fn runs(
    paper: &mut Paper,
    disc: &Disc,
    surface: &Surface,
    range: [f64; 2],
    value: impl Fn(&SurfaceCell) -> f64,
) {
    let step = 2.0 * disc.radius / (surface.side - 1) as f64;
    let level = |cell: &SurfaceCell| {
        colour::level((value(cell) - range[0]) / (range[1] - range[0]).max(1e-12))
    };
    let is_run = |a: &SurfaceCell, b: &SurfaceCell| {
        a.row == b.row && a.column + 1 == b.column && level(a) == level(b)
    };
    for run in surface.cells.chunk_by(is_run) {
        let Some(first) = run.first() else { continue };
        let x = disc.middle[0] - disc.radius + step * (f64::from(first.column) - 0.5);
        let y = disc.middle[1] + disc.radius - step * (f64::from(first.row) + 0.5);
        let mean = run.iter().map(&value).sum::<f64>() / run.len() as f64;
        let data = [("value", format!("{mean:.3}"))];
        let size = [x, y, step * run.len() as f64 + 0.3, step + 0.3];
        paper.rect(size, &colour::of_level(level(first)), &data);
    }
}

fn circles(paper: &mut Paper, look: &Look<'_>, disc: &Disc, bins: &Bins) {
    let count = if disc.radius > 150.0 { 4 } else { 2 };
    let [x, y] = disc.middle;
    for tick in ticks(0.0, bins.max_m_s, count).into_iter().filter(|tick| *tick > 0.0) {
        let radius = disc.radius * tick / bins.max_m_s;
        paper.circle(disc.middle, radius, "g", &[]);
        let slanted = radius * std::f64::consts::FRAC_1_SQRT_2;
        paper.text(x - slanted, y - slanted, Anchor::Middle, "m", &format!("{} m/s", number(tick)));
    }
    for (at, name) in look.language.compass().into_iter().enumerate() {
        let (sin, cos) = (at as f64 * 90.0).to_radians().sin_cos();
        let far = disc.radius + 12.0;
        paper.text(x + far * sin, y - far * cos + 4.0, Anchor::Middle, "", name);
    }
}
