//! The numbers of a plot as one table, for spreadsheets: CSV by RFC 4180.

use space::effect::Effect;
use space::forecast::{Forecast, Method};
use space::plot::{Cell, Numbers, Plot, Polar, Probability, Rose, Surface, Variation};
use std::fmt;

/// Rows under named columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Names of the columns.
    pub columns: Vec<&'static str>,
    /// Rows as texts; a gap is empty.
    pub rows: Vec<Vec<String>>,
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", self.columns.join(","))?;
        for row in &self.rows {
            let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
            writeln!(out, "{}", cells.join(","))?;
        }
        Ok(())
    }
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

fn maybe(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// The numbers of a plot.
pub fn table(plot: &Plot) -> Table {
    match &plot.numbers {
        Numbers::Rose(rose) => self::rose(rose),
        Numbers::Polar(polar) => self::polar(polar),
        Numbers::Annulus(made) => Table {
            columns: vec!["from_deg", "class", "hours", "mean", "half_width"],
            rows: rows(&made.cells, |cell| {
                vec![
                    cell.from_deg.to_string(),
                    cell.class.to_string(),
                    cell.hours.to_string(),
                    cell.mean.to_string(),
                    maybe(cell.half_width),
                ]
            }),
        },
        Numbers::Probability(made) => probability(made),
        Numbers::Variation(made) => variation(made),
        Numbers::Calendar(made) => Table {
            columns: vec!["date", "hours", "of", "mean", "max"],
            rows: rows(&made.days, |day| {
                let date = format!("{}-{:02}-{:02}", day.at.year, day.at.month, day.at.day);
                let counts = [day.hours.to_string(), day.of.to_string()];
                [vec![date], counts.to_vec(), vec![maybe(day.mean), maybe(day.max)]].concat()
            }),
        },
        Numbers::Trend(made) => Table {
            columns: vec!["year", "month", "hours", "mean", "without_season"],
            rows: rows(&made.months, |month| {
                let counts = [month.year, month.month].map(|n| n.to_string());
                let values = vec![month.hours.to_string(), maybe(month.mean), maybe(month.plain)];
                [counts.to_vec(), values].concat()
            }),
        },
        Numbers::Scatter(made) => Table {
            columns: vec!["column", "row", "hours"],
            rows: rows(&made.cells, |cell| {
                vec![cell.column.to_string(), cell.row.to_string(), cell.hours.to_string()]
            }),
        },
        Numbers::Correlation(made) => Table {
            columns: vec!["a", "b", "hours", "r", "lower", "upper"],
            rows: rows(&made.pairs, |pair| {
                let names = vec![made.places[pair.a].clone(), made.places[pair.b].clone()];
                let ends = [0, 1].map(|end| maybe(pair.interval.map(|interval| interval[end])));
                [names, vec![pair.hours.to_string(), maybe(pair.r)], ends.to_vec()].concat()
            }),
        },
        Numbers::Capture(made) => Table {
            columns: vec!["place", "year", "month", "values", "of"],
            rows: made
                .places
                .iter()
                .flat_map(|place| place.months.iter().map(move |month| (place, month)))
                .map(|(place, month)| {
                    let name = vec![place.name.clone()];
                    let date = [month.year, month.month].map(|n| n.to_string()).to_vec();
                    [name, date, vec![month.values.to_string(), month.of.to_string()]].concat()
                })
                .collect(),
        },
    }
}

fn rows<T>(things: &[T], row: impl Fn(&T) -> Vec<String>) -> Vec<Vec<String>> {
    things.iter().map(row).collect()
}

fn rose(rose: &Rose) -> Table {
    let classes = rose.edges.windows(2);
    let mut rows = Vec::new();
    for (class, edges) in classes.enumerate() {
        for sector in &rose.sectors {
            rows.push(vec![
                sector.from_deg.to_string(),
                edges[0].to_string(),
                edges[1].to_string(),
                sector.percent[class].to_string(),
                sector.hours.to_string(),
                maybe(sector.mean),
                maybe(sector.half_width),
            ]);
        }
    }
    let columns = vec![
        "from_deg",
        "class_from",
        "class_to",
        "percent",
        "sector_hours",
        "sector_mean",
        "half_width",
    ];
    Table { columns, rows }
}

const POLAR: [&str; 8] =
    ["part", "from_deg", "speed_m_s", "east", "north", "value", "lower", "upper"];

fn polar(polar: &Polar) -> Table {
    let mut rows = rows(&polar.cells, |cell| {
        let edge = |sign: f64| maybe(cell.half_width.map(|half| cell.mean + sign * half));
        vec![
            "bin".into(),
            cell.from_deg.to_string(),
            cell.speed_m_s.to_string(),
            String::new(),
            String::new(),
            cell.mean.to_string(),
            edge(-1.0),
            edge(1.0),
            cell.hours.to_string(),
        ]
    });
    surface(&mut rows, polar.surface.as_ref(), polar.bins.max_m_s);
    Table { columns: [&POLAR[..], &["hours"]].concat(), rows }
}

fn surface(rows: &mut Vec<Vec<String>>, surface: Option<&Surface>, max_m_s: f64) {
    for (cell, side) in surface.iter().flat_map(|s| s.cells.iter().map(|cell| (cell, s.side))) {
        let metres = |at: u16| (f64::from(at) * 2.0 / (side - 1) as f64 - 1.0) * max_m_s;
        rows.push(vec![
            "surface".into(),
            String::new(),
            String::new(),
            metres(cell.column).to_string(),
            metres(cell.row).to_string(),
            cell.value.to_string(),
            cell.lower.to_string(),
            cell.upper.to_string(),
            String::new(),
        ]);
    }
}

fn probability(made: &Probability) -> Table {
    let columns = [&POLAR[..], &["hours"]].concat();
    if let Some(bins) = &made.bins {
        let mut rows = rows(&made.cells, |cell| {
            vec![
                "bin".into(),
                cell.from_deg.to_string(),
                cell.speed_m_s.to_string(),
                String::new(),
                String::new(),
                cell.share.to_string(),
                cell.lower.to_string(),
                cell.upper.to_string(),
                cell.hours.to_string(),
            ]
        });
        surface(&mut rows, made.surface.as_ref(), bins.max_m_s);
        return Table { columns, rows };
    }
    let rows = rows(&made.sectors, |sector| {
        vec![
            "sector".into(),
            sector.from_deg.to_string(),
            String::new(),
            String::new(),
            String::new(),
            maybe(sector.share),
            sector.lower.to_string(),
            sector.upper.to_string(),
            sector.hours.to_string(),
        ]
    });
    Table { columns, rows }
}

fn variation(made: &Variation) -> Table {
    let row = |panel: &str,
               weekday: Option<usize>,
               hour: Option<usize>,
               month: Option<usize>,
               cell: &Cell| {
        let of = |class: Option<usize>| class.map_or_else(String::new, |class| class.to_string());
        vec![
            panel.to_owned(),
            of(weekday),
            of(hour),
            of(month),
            cell.hours.to_string(),
            maybe(cell.mean),
            maybe(cell.half_width),
        ]
    };
    let week = made.hour_weekday.iter().enumerate();
    let mut rows: Vec<_> = week
        .map(|(at, cell)| row("hour_weekday", Some(at / 24 + 1), Some(at % 24), None, cell))
        .collect();
    let of = made.hour.iter().enumerate();
    rows.extend(of.map(|(at, cell)| row("hour", None, Some(at), None, cell)));
    let of = made.month.iter().enumerate();
    rows.extend(of.map(|(at, cell)| row("month", None, None, Some(at + 1), cell)));
    let of = made.weekday.iter().enumerate();
    rows.extend(of.map(|(at, cell)| row("weekday", Some(at + 1), None, None, cell)));
    let columns = vec!["panel", "weekday", "hour", "month", "hours", "mean", "half_width"];
    Table { columns, rows }
}

/// The steps of a forecast; `label` names an hour in civil time.
pub fn forecast_table(made: &Forecast, label: impl Fn(i64) -> String) -> Table {
    let columns = vec!["time", "method", "q05", "q10", "q25", "q50", "q75", "q90", "q95"];
    let method = |method: Method| match method {
        Method::Persistence => "persistence",
        Method::Climatology => "climatology",
        Method::Learned => "learned",
    };
    let rows = rows(&made.steps, |step| {
        let head = vec![label(step.hour), method(step.method).to_owned()];
        [head, step.quantiles.map(|value| value.to_string()).to_vec()].concat()
    });
    Table { columns, rows }
}

/// Rows of a forecast from outside under the columns of [`forecast_table`]: hour, value, 90 % interval. Its method is its source.
pub fn outside_rows(
    source: &str,
    hours: impl Iterator<Item = (i64, f64, Option<[f64; 2]>)>,
    label: impl Fn(i64) -> String,
) -> Vec<Vec<String>> {
    let row = |(hour, value, interval): (i64, f64, Option<[f64; 2]>)| {
        let ends =
            interval.map_or_else(<[String; 2]>::default, |ends| ends.map(|end| end.to_string()));
        let [low, high] = ends;
        let none = String::new;
        let head = [label(hour), source.to_owned(), low];
        [head.to_vec(), vec![none(), none(), value.to_string(), none(), none(), high]].concat()
    };
    hours.map(row).collect()
}

/// The days of a measure and its placebos.
pub fn effect_table(made: &Effect) -> Table {
    let date = |at: &space::plot::Civil| format!("{}-{:02}-{:02}", at.year, at.month, at.day);
    let mut rows = rows(&made.days, |day| {
        let percent = 100.0 * (day.measured / day.expected - 1.0);
        let values = [day.measured, day.expected, percent].map(|value| value.to_string());
        [vec!["day".to_owned(), date(&day.at)], values.to_vec()].concat()
    });
    rows.extend(made.placebos.iter().map(|placebo| {
        let name = ["placebo".to_owned(), date(&placebo.at)];
        [name.to_vec(), vec![String::new(), String::new(), placebo.percent.to_string()]].concat()
    }));
    Table { columns: vec!["part", "date", "measured", "expected", "percent"], rows }
}
