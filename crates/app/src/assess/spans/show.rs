//! Writes spans, comparisons and ranks: a table for people, CSV, JSON.

use super::super::grid::Grid;
use super::super::{Air, Error};
use serde_json::json;
use standards::air::Assessment;
use standards::air::comparison::{Cell, Comparison, Direction, Item};
use standards::{Said, Span};
use std::collections::BTreeMap;
use std::io::Write;

/// One JSON object a line.
pub fn line(out: &mut impl Write, value: &serde_json::Value) -> Result<(), Error> {
    serde_json::to_writer(&mut *out, value)?;
    Ok(writeln!(out)?)
}

/// What was written so far: a CSV has one head.
pub struct Written {
    pub csv: Option<()>,
    pub chinese: bool,
}

impl Written {
    pub fn say(&self, said: &impl Said) -> String {
        if self.chinese { said.zh() } else { said.en() }
    }

    fn word(&self, zh: &str, en: &str) -> String {
        if self.chinese { zh } else { en }.to_owned()
    }

    fn text(&self, text: &standards::explain::Text) -> String {
        self.word(&text.zh, &text.en)
    }

    fn csv_row(
        &mut self,
        head: &[&str],
        rows: impl IntoIterator<Item = Vec<String>>,
        out: &mut impl Write,
    ) -> Result<(), Error> {
        let mut writer = csv::Writer::from_writer(out);
        if self.csv.replace(()).is_none() {
            writer.write_record(head)?;
        }
        for row in rows {
            writer.write_record(row)?;
        }
        Ok(writer.flush()?)
    }

    /// The cell as people read it: the value with a mark where it exceeds or is in doubt, else why not.
    fn cell(&self, cell: &Cell) -> String {
        let Some(value) = &cell.value else {
            return cell.reason.as_ref().map_or_else(|| "-".to_owned(), |reason| self.say(reason));
        };
        let exceeds = if cell.exceed == Some(true) { "!" } else { "" };
        let doubtful = if cell.doubtful { "?" } else { "" };
        format!("{value}{exceeds}{doubtful}")
    }

    pub fn comparison(
        &self,
        place: &str,
        comparison: &Comparison,
        out: &mut impl Write,
    ) -> Result<(), Error> {
        let Comparison { this, last, sets, rows, sentence, caution } = comparison;
        let [now, before] = sets;
        writeln!(out, "{place}: {this} ({now}) / {last} ({before})")?;
        let mut grid = Grid::default();
        grid.row([
            self.word("项目", "item"),
            self.word("统计量", "statistic"),
            self.word("单位", "unit"),
            this.to_string(),
            last.to_string(),
            self.word("变化", "change"),
            "%".to_owned(),
            self.word("限值", "limit"),
            self.word("有效日", "valid days"),
            self.word("评价", "verdict"),
        ]);
        for row in rows {
            grid.row([
                self.text(&row.name),
                self.text(&row.statistic),
                row.unit.to_owned(),
                self.cell(&row.this),
                self.cell(&row.last),
                row.change.absolute.clone().unwrap_or_default(),
                row.change.percent.clone().unwrap_or_default(),
                row.this.limit.clone().unwrap_or_default(),
                format!("{}/{} {}/{}", row.this.valid, row.this.of, row.last.valid, row.last.of),
                match row.change.direction {
                    Direction::Better => self.word("改善", "better"),
                    Direction::Worse => self.word("变差", "worse"),
                    Direction::Same => self.word("持平", "same"),
                    Direction::Unknown => self.word("无法比较", "unknown"),
                },
            ]);
        }
        grid.write(out)?;
        writeln!(out, "{}", self.text(sentence))?;
        if let Some(caution) = caution {
            writeln!(out, "{}", self.text(caution))?;
        }
        self.legend(rows.iter().flat_map(|row| [&row.this, &row.last]), out)
    }

    fn legend<'c>(
        &self,
        cells: impl Iterator<Item = &'c Cell>,
        out: &mut impl Write,
    ) -> Result<(), Error> {
        let (mut exceeds, mut doubtful) = (false, false);
        for cell in cells {
            exceeds |= cell.exceed == Some(true);
            doubtful |= cell.doubtful;
        }
        if exceeds {
            writeln!(out, "{}", self.word("! 超过限值", "! above the limit"))?;
        }
        if doubtful {
            let (zh, en) = (
                "? 所依规定未得到充分证实；--explain=项目 查看",
                "? rests on a rule that is not well established; --explain=ITEM tells which",
            );
            writeln!(out, "{}", self.word(zh, en))?;
        }
        Ok(writeln!(out)?)
    }

    pub fn assessment(
        &self,
        place: &str,
        own: &Assessment,
        out: &mut impl Write,
    ) -> Result<(), Error> {
        writeln!(out, "{place}: {} ({})", own.span, own.set)?;
        let mut grid = Grid::default();
        let head = [("项目", "item"), ("统计量", "statistic"), ("值", "value"), ("单位", "unit")];
        let tail =
            [("有效", "valid"), ("限值", "limit"), ("超标倍数", "multiple"), ("单项指数", "index")];
        grid.row(head.into_iter().chain(tail).map(|(zh, en)| self.word(zh, en)));
        for row in item_rows(own) {
            let value = match &row.reason {
                Some(reason) => self.word(&reason.zh, &reason.en),
                None => row.value.clone() + if row.doubtful { "?" } else { "" },
            };
            let exceeds = if row.meets == "no" { "!" } else { "" };
            grid.row([
                self.text(&row.name),
                self.text(&row.statistic),
                value + exceeds,
                row.unit.clone(),
                row.valid.clone(),
                row.limit.clone(),
                row.multiple.clone(),
                row.single.clone(),
            ]);
        }
        grid.write(out)?;
        let verdict = match own.evaluation.meets {
            Some(true) => self.word("达标", "meets every limit"),
            Some(false) => self.word("超标", "exceeds"),
            None => self.word("未作达标评价", "compliance is not judged for this span"),
        };
        writeln!(out, "{verdict}")?;
        let cells: Vec<Cell> = Item::ALL.into_iter().map(|item| own.cell(item)).collect();
        self.legend(cells.iter(), out)
    }

    pub fn assessment_csv(
        &mut self,
        place: &str,
        own: &Assessment,
        out: &mut impl Write,
    ) -> Result<(), Error> {
        const HEAD: [&str; 14] = [
            "place",
            "span",
            "set",
            "item",
            "statistic",
            "value",
            "unit",
            "valid",
            "limit",
            "meets",
            "multiple",
            "single_index",
            "reason",
            "doubtful",
        ];
        let rows: Vec<Vec<String>> = item_rows(own)
            .into_iter()
            .map(|row| {
                vec![
                    place.to_owned(),
                    own.span.to_string(),
                    own.set.to_string(),
                    row.key,
                    row.statistic.en,
                    row.value,
                    row.unit,
                    row.valid,
                    row.limit,
                    row.meets.to_owned(),
                    row.multiple,
                    row.single,
                    row.reason.map(|reason| reason.en).unwrap_or_default(),
                    if row.doubtful { "yes" } else { "" }.to_owned(),
                ]
            })
            .collect();
        self.csv_row(&HEAD, rows, out)
    }

    pub fn comparison_csv(
        &mut self,
        place: &str,
        comparison: &Comparison,
        out: &mut impl Write,
    ) -> Result<(), Error> {
        const HEAD: [&str; 16] = [
            "place",
            "item",
            "statistic",
            "unit",
            "this_span",
            "this",
            "last_span",
            "last",
            "change",
            "percent",
            "direction",
            "limit",
            "exceed",
            "this_reason",
            "last_reason",
            "doubtful",
        ];
        let reason = |cell: &Cell| cell.reason.as_ref().map(Said::en).unwrap_or_default();
        let rows: Vec<Vec<String>> = comparison
            .rows
            .iter()
            .map(|row| {
                vec![
                    place.to_owned(),
                    row.item.clone(),
                    row.statistic.en.clone(),
                    row.unit.to_owned(),
                    comparison.this.to_string(),
                    row.this.value.clone().unwrap_or_default(),
                    comparison.last.to_string(),
                    row.last.value.clone().unwrap_or_default(),
                    row.change.absolute.clone().unwrap_or_default(),
                    row.change.percent.clone().unwrap_or_default(),
                    format!("{:?}", row.change.direction).to_lowercase(),
                    row.this.limit.clone().unwrap_or_default(),
                    row.this
                        .exceed
                        .map(|own| if own { "yes" } else { "no" })
                        .unwrap_or_default()
                        .to_owned(),
                    reason(&row.this),
                    reason(&row.last),
                    if row.this.doubtful || row.last.doubtful { "yes" } else { "" }.to_owned(),
                ]
            })
            .collect();
        self.csv_row(&HEAD, rows, out)
    }

    pub fn ranks(
        &mut self,
        span: Option<Span>,
        rows: &[[String; 8]],
        options: &Air,
        out: &mut impl Write,
    ) -> Result<(), Error> {
        const HEAD: [&str; 8] = [
            "rank",
            "place",
            "composite",
            "good_share",
            "PM2.5",
            "change_percent",
            "change_rank",
            "reason",
        ];
        if options.json {
            for row in rows {
                let fields: BTreeMap<&str, &String> = HEAD.into_iter().zip(row).collect();
                line(out, &json!({ "span": span, "rank": fields }))?;
            }
            return Ok(());
        }
        if options.csv {
            return self.csv_row(&HEAD, rows.iter().map(|row| row.to_vec()), out);
        }
        if let Some(span) = span {
            writeln!(out, "{span}")?;
        }
        let mut grid = Grid::default();
        grid.row([
            self.word("名次", "rank"),
            self.word("点位", "place"),
            self.word("综合指数", "composite"),
            self.word("优良率%", "good %"),
            "PM2.5".to_owned(),
            self.word("变化%", "change %"),
            self.word("变化名次", "change rank"),
            self.word("原因", "reason"),
        ]);
        for row in rows {
            grid.row(row.clone());
        }
        Ok(grid.write(out)?)
    }
}

/// One line of an assessment.
struct ItemRow {
    key: String,
    name: standards::explain::Text,
    statistic: standards::explain::Text,
    value: String,
    unit: String,
    valid: String,
    limit: String,
    meets: &'static str,
    multiple: String,
    single: String,
    reason: Option<standards::explain::Text>,
    doubtful: bool,
}

fn item_rows(own: &Assessment) -> Vec<ItemRow> {
    let mut rows = Vec::new();
    for item in &own.evaluation.items {
        let pollutant = item.pollutant;
        let composite = own.composite.as_ref().ok();
        let single = composite
            .and_then(|own| own.singles.iter().find(|single| single.pollutant == pollutant))
            .filter(|_| {
                own.evaluation.headline(pollutant).is_some_and(|own| std::ptr::eq(own, item))
            });
        rows.push(ItemRow {
            key: pollutant.symbol().to_owned(),
            name: standards::explain::Text::new(pollutant.symbol(), pollutant.symbol()),
            statistic: item.statistic.name(),
            value: item
                .rounded
                .map(|value| value.fixed(own.decimals(pollutant)))
                .unwrap_or_default(),
            unit: pollutant.unit().to_owned(),
            valid: format!("{}/{}", item.have, item.of),
            limit: item.limit.map(|limit| limit.to_string()).unwrap_or_default(),
            meets: match item.meets {
                Some(true) => "yes",
                Some(false) => "no",
                None => "",
            },
            multiple: item.exceedance.map(|multiple| multiple.fixed(2)).unwrap_or_default(),
            single: single.map(|single| single.index.fixed(3)).unwrap_or_default(),
            reason: item.reason.as_ref().map(standards::explain::Text::of),
            doubtful: !item.doubts.is_empty(),
        });
    }
    for item in [Item::Composite, Item::GoodDays, Item::GoodShare, Item::HeavyDays] {
        let cell = own.cell(item);
        rows.push(ItemRow {
            key: item.key().to_owned(),
            name: item.name(),
            statistic: standards::explain::Text::default(),
            value: cell.value.unwrap_or_default(),
            unit: item.unit().to_owned(),
            valid: format!("{}/{}", cell.valid, cell.of),
            limit: String::new(),
            meets: "",
            multiple: String::new(),
            single: String::new(),
            reason: cell.reason.as_ref().map(standards::explain::Text::of),
            doubtful: cell.doubtful,
        });
    }
    rows
}
