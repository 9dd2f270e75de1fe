//! Pictures around the compass: roses, conditional probability, the annulus.

use super::sheet;
use crate::axis::{ends, number, ticks};
use crate::paper::{Anchor, Paper, wedge};
use crate::{Look, colour};
use space::plot::{Annulus, Kind, Plot, Probability, Rose};

const MIDDLE: [f64; 2] = [250.0, 286.0];
const RADIUS: f64 = 190.0;

/// Circles with their numbers, and the four points.
fn compass(paper: &mut Paper, look: &Look<'_>, max: f64, label: impl Fn(f64) -> String) {
    for tick in ticks(0.0, max, 4).into_iter().filter(|tick| *tick > 0.0) {
        let radius = RADIUS * tick / max;
        paper.circle(MIDDLE, radius, "g", &[]);
        let slanted = radius * std::f64::consts::FRAC_1_SQRT_2;
        paper.text(MIDDLE[0] - slanted, MIDDLE[1] - slanted, Anchor::Middle, "m", &label(tick));
    }
    points(paper, look);
}

fn points(paper: &mut Paper, look: &Look<'_>) {
    for (at, name) in look.language.compass().into_iter().enumerate() {
        let (sin, cos) = (at as f64 * 90.0).to_radians().sin_cos();
        let far = RADIUS + 14.0;
        paper.text(MIDDLE[0] + far * sin, MIDDLE[1] - far * cos + 4.0, Anchor::Middle, "", name);
    }
}

pub fn rose(plot: &Plot, rose: &Rose, look: &Look<'_>) -> String {
    let says = look.language;
    let unit = if plot.kind == Kind::WindRose { "m/s" } else { look.unit };
    let calm = number(rose.calm_percent);
    let mean = number(rose.mean);
    let more = says.said(
        format!("平均 {mean} {unit}，静风 {calm} %"),
        format!("mean {mean} {unit}, calm {calm} %"),
    );
    let mut paper = sheet(plot, look, [640.0, 506.0], &more);
    let total = |sector: &space::plot::RoseSector| sector.percent.iter().sum::<f64>();
    let max = rose.sectors.iter().map(total).fold(0.1, f64::max) * 1.05;
    let half = 180.0 / rose.sectors.len() as f64 * 0.86;
    let classes = rose.edges.len() - 1;
    let fill = |class: usize| colour::amount((class as f64 + 0.3) / classes as f64);
    for sector in &rose.sectors {
        let mut inner = 0.0;
        for (class, percent) in sector.percent.iter().enumerate().filter(|(_, p)| **p > 0.0) {
            let outer = inner + RADIUS * percent / max;
            let turn = [sector.from_deg - half, sector.from_deg + half];
            let title = format!(
                "{}° · {}–{} {unit} · {} % · n = {}",
                sector.from_deg,
                number(rose.edges[class]),
                number(rose.edges[class + 1]),
                number(*percent),
                sector.hours
            );
            let data = [
                ("deg", sector.from_deg.to_string()),
                ("class", class.to_string()),
                ("percent", format!("{percent:.3}")),
                ("hours", sector.hours.to_string()),
                ("title", title),
            ];
            paper.path(&wedge(MIDDLE, [inner, outer], turn), &fill(class), &data);
            inner = outer;
        }
    }
    compass(&mut paper, look, max, |tick| format!("{} %", number(tick)));
    for class in 0..classes {
        let y = 120.0 + 22.0 * class as f64;
        paper.rect([490.0, y - 11.0, 14.0, 14.0], &fill(class), &[]);
        let edges = format!("{}–{}", number(rose.edges[class]), number(rose.edges[class + 1]));
        paper.text(512.0, y, Anchor::Start, "", &edges);
    }
    paper.text(490.0, 96.0, Anchor::Start, "m", unit);
    paper.finish()
}

pub fn probability(plot: &Plot, made: &Probability, look: &Look<'_>) -> String {
    let says = look.language;
    let (percentile, threshold) = (number(made.percentile), number(made.threshold));
    let more = says.said(
        format!("高于第 {percentile} 百分位（{threshold} {}）的小时所占比例", look.unit),
        format!("share of hours above the {percentile}th percentile ({threshold} {})", look.unit),
    );
    let mut paper = sheet(plot, look, [640.0, 506.0], &more);
    let shares = made.sectors.iter().filter_map(|sector| sector.share);
    let max = shares.fold(made.base, f64::max).max(0.01) * 1.15;
    let step = 360.0 / made.sectors.len() as f64;
    for sector in &made.sectors {
        let Some(share) = sector.share else { continue };
        let turn = [sector.from_deg - step * 0.45, sector.from_deg + step * 0.45];
        let data = [
            ("deg", sector.from_deg.to_string()),
            ("share", format!("{share:.4}")),
            ("lower", format!("{:.4}", sector.lower)),
            ("upper", format!("{:.4}", sector.upper)),
            ("hours", sector.hours.to_string()),
            (
                "title",
                format!(
                    "{}° · {} ({}–{}) · n = {}",
                    sector.from_deg,
                    number(share),
                    number(sector.lower),
                    number(sector.upper),
                    sector.hours
                ),
            ),
        ];
        let outer = RADIUS * share / max;
        paper.path(&wedge(MIDDLE, [0.0, outer], turn), "b", &data);
        let (sin, cos) = sector.from_deg.to_radians().sin_cos();
        let at = |share: f64| {
            let radius = RADIUS * (share / max).min(1.0);
            [MIDDLE[0] + radius * sin, MIDDLE[1] - radius * cos]
        };
        paper.line(at(sector.lower), at(sector.upper), "a");
    }
    paper.circle(MIDDLE, RADIUS * made.base / max, "w", &[("base", format!("{:.4}", made.base))]);
    compass(&mut paper, look, max, number);
    let base = number(made.base);
    paper.line([490.0, 120.0], [510.0, 120.0], "w");
    let base = says.said(format!("全部风向 {base}"), format!("all winds {base}"));
    paper.text(516.0, 124.0, Anchor::Start, "", &base);
    paper.line([490.0, 144.0], [510.0, 144.0], "a");
    paper.text(516.0, 148.0, Anchor::Start, "", says.of("95 % 区间", "95 % interval"));
    paper.finish()
}

pub fn annulus(plot: &Plot, made: &Annulus, look: &Look<'_>) -> String {
    let says = look.language;
    let more = match made.around {
        space::plot::Around::Hour => says.of("由内向外：0 至 23 时", "from inside: hours 0 to 23"),
        space::plot::Around::Weekday => {
            says.of("由内向外：周一至周日", "from inside: Monday to Sunday")
        }
        space::plot::Around::Month => {
            says.of("由内向外：1 至 12 月", "from inside: January to December")
        }
    };
    let mut paper = sheet(plot, look, [640.0, 536.0], more);
    let range = ends(made.cells.iter().filter(|cell| cell.hours > 2).map(|cell| cell.mean));
    let (inner, classes) = (50.0, made.around.count() as f64);
    let step = (RADIUS - inner) / classes;
    for cell in &made.cells {
        let share = (cell.mean - range[0]) / (range[1] - range[0]).max(1e-12);
        let near = inner + step * cell.class as f64;
        let half = made.step_deg / 2.0;
        let turn = [cell.from_deg - half, cell.from_deg + half];
        let data = [
            ("deg", cell.from_deg.to_string()),
            ("class", cell.class.to_string()),
            ("mean", format!("{:.3}", cell.mean)),
            ("hours", cell.hours.to_string()),
        ];
        paper.path(&wedge(MIDDLE, [near, near + step + 0.3], turn), &colour::amount(share), &data);
    }
    points(&mut paper, look);
    paper.colour_bar([120.0, 498.0], 260.0, range, look.unit);
    paper.finish()
}
