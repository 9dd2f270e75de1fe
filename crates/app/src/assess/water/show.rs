//! Writes sites and pairs: a table, CSV, JSON, or an outline down to the clause.

use super::super::grid::Grid;
use super::super::{Error, Lang};
use super::{Row, Water};
use serde_json::json;
use standards::Standards;
use standards::explain::Text;
use standards::water::{Class, Versus, WaterBody};
use std::io::Write;

const HEAD: [(&str, &str); 10] = [
    ("断面", "station"),
    ("时段", "span"),
    ("类别", "class"),
    ("目标", "target"),
    ("达标", "meets"),
    ("定类项目", "deciding"),
    ("主要污染物", "main_pollutants"),
    ("参评项数", "judged"),
    ("水质指数", "cwqi"),
    ("存疑", "doubtful"),
];

impl Water {
    pub(super) fn write(
        &self,
        standards: &Standards,
        rows: &[Row],
        out: &mut impl Write,
    ) -> Result<(), Error> {
        let chinese = self.lang == Lang::Zh;
        if self.explain || self.json {
            for row in rows {
                let step = standards.water().explain_site(&row.report);
                if self.json {
                    let (station, span, report) = (&row.station, row.span, &row.report);
                    let mut value = json!({ "station": station, "span": span, "site": report });
                    if self.explain {
                        value["step"] = serde_json::to_value(&step)?;
                    }
                    serde_json::to_writer(&mut *out, &value)?;
                    writeln!(out)?;
                } else {
                    writeln!(out, "{} {}", row.station, row.span)?;
                    write!(out, "{}", step.outline(chinese))?;
                }
            }
            return Ok(());
        }
        let head = HEAD.map(|(zh, en)| if chinese && !self.csv { zh } else { en }.to_owned());
        let lines = rows.iter().map(|row| cells(standards, row, chinese));
        if self.csv {
            let mut writer = csv::Writer::from_writer(out);
            writer.write_record(&head)?;
            for line in lines {
                writer.write_record(&line)?;
            }
            return Ok(writer.flush()?);
        }
        let mut grid = Grid::default();
        grid.row(head);
        lines.for_each(|line| grid.row(line));
        Ok(grid.write(out)?)
    }

    /// Outflow against inflow, pair by pair and period by period.
    pub(super) fn write_pairs(
        &self,
        standards: &Standards,
        rows: &[Row],
        out: &mut impl Write,
    ) -> Result<(), Error> {
        let say = |text: &Text| if self.lang == Lang::Zh { &text.zh } else { &text.en }.clone();
        for pair in &self.pairs {
            let stations = pair.split_once([':', '：']);
            let known = |name: &str| rows.iter().any(|row| row.station == name);
            let Some((inflow, outflow)) = stations.filter(|(a, b)| known(a) && known(b)) else {
                let mut names: Vec<&str> = rows.iter().map(|row| row.station.as_str()).collect();
                names.dedup();
                return Err(Error::Item(
                    pair.clone(),
                    format!("stations are {}", names.join(", ")),
                ));
            };
            for into in rows.iter().filter(|row| row.station == inflow) {
                let beside = |row: &&Row| row.station == outflow && row.span == into.span;
                let Some(from) = rows.iter().find(beside) else { continue };
                let flow = standards.water().flow(&from.report, &into.report)?;
                if self.json {
                    let value = json!({
                        "inflow": inflow, "outflow": outflow, "span": into.span, "flow": flow,
                    });
                    serde_json::to_writer(&mut *out, &value)?;
                    writeln!(out)?;
                    continue;
                }
                let verdict = match flow.verdict {
                    Versus::Better => Text::new("出水优于进水", "better"),
                    Versus::Same => Text::new("出水与进水相当", "same"),
                    Versus::Worse => Text::new("出水劣于进水", "worse"),
                    Versus::Undetermined => Text::new("无法判定", "undetermined"),
                };
                let (span, verdict, reason) = (into.span, say(&verdict), say(&flow.reason));
                writeln!(out, "{inflow} -> {outflow} {span}: {verdict} – {reason}")?;
            }
        }
        Ok(())
    }
}

fn cells(standards: &Standards, row: &Row, chinese: bool) -> Vec<String> {
    let (site, report) = (&row.report, &row.report.report);
    let name = |key: &str| {
        let item = standards.water().limits().item(key, site.body);
        item.map_or(key, |item| if chinese { &*item.name_zh } else { key }).to_owned()
    };
    let symbol = |class: Class| match class {
        Class::WorseThanV => if chinese { "劣V" } else { "worse than V" }.to_owned(),
        class => class.to_string(),
    };
    let main = report.main_pollutants.iter().map(|own| match own.multiple {
        Some(multiple) => format!("{}({})", name(&own.key), multiple.fixed(1)),
        None => name(&own.key),
    });
    let no_class = if chinese { "未评价" } else { "not assessed" };
    vec![
        row.station.clone(),
        row.span.to_string(),
        report.class.map_or_else(|| no_class.to_owned(), symbol),
        site.target.map(symbol).unwrap_or_default(),
        match (site.meets, chinese) {
            (Some(true), true) => "是",
            (Some(false), true) => "否",
            (Some(true), false) => "yes",
            (Some(false), false) => "no",
            (None, _) => "",
        }
        .to_owned(),
        report.deciding.iter().map(|key| name(key)).collect::<Vec<_>>().join("+"),
        main.collect::<Vec<_>>().join(" "),
        format!(
            "{}/{}{}",
            report.assessed,
            report.of,
            if site.body == WaterBody::Lake { " lake" } else { "" }
        ),
        site.cwqi.as_ref().map(|own| own.sum.fixed(4)).unwrap_or_default(),
        if site.doubts.is_empty() { "" } else { "?" }.to_owned(),
    ]
}
