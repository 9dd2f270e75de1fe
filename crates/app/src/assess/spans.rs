//! Months, quarters, years and spans of stations or of an area; one against another; ranks.

use super::grid::Grid;
use super::hours::{Station, Stations};
use super::{Against, Air, Error, Lang, Period, Summary, open};
use jiff::civil::Date;
use serde_json::json;
use standards::air::comparison::{Cell, Comparison, Direction, Item, compare};
use standards::air::{
    AirIndex, Assessment, DayValues, Pollutant, Question, RuleSet, Settings, area_days, ranking,
};
use standards::explain::{Readings, Step};
use standards::{Day, Exact, Said, Span, Standards, Zone};
use std::collections::BTreeMap;
use std::io::Write;

/// What was asked about which hours.
pub struct Spans<'a> {
    pub options: &'a Air,
    pub standards: &'a Standards,
    pub zone: &'a Zone,
    /// The editions asked for; none to judge by the date.
    pub set: Option<RuleSet<'a>>,
    pub stations: &'a Stations,
}

/// A station or an area with its days.
struct Place<'a> {
    name: String,
    days: Vec<DayValues>,
    /// A station's hours, to open a day down to them.
    hours: Option<&'a Station>,
}

/// What may change the answer besides the files.
struct Terms {
    settings: Settings,
    dust: Vec<Date>,
}

impl<'a> Spans<'a> {
    /// The civil days that hold the hours.
    pub fn days_of(&self, hours: &Station) -> Result<Vec<Day>, Error> {
        let mut days: Vec<Day> = Vec::new();
        for hour in hours.keys() {
            if days.last().is_none_or(|day| *hour >= day.end()) {
                days.push(self.zone.day_of(*hour).map_err(Error::Calendar)?);
            }
        }
        Ok(days)
    }

    /// The editions that judge a date.
    fn set_of(&self, date: Date) -> Option<RuleSet<'a>> {
        self.set.or_else(|| self.standards.rule_set(date))
    }

    /// The index that judges a date.
    pub fn index(&self, date: Date) -> Option<&'a AirIndex> {
        self.set_of(date).map(|set| set.index)
    }

    /// Judges every span that was asked for, and writes them.
    pub fn judge(&self, summary: &mut Summary, out: &mut impl Write) -> Result<(), Error> {
        let terms = self.terms()?;
        let places = self.places(summary)?;
        let spans = self.spans(&places)?;
        let mut written = Written { csv: None, chinese: self.options.lang == Lang::Zh };
        for span in spans {
            let mut assessed = Vec::new();
            for place in &places {
                let Some(this) = self.assess(place, span, &terms)? else { continue };
                summary.reports += 1;
                summary.published += u64::from(this.evaluation.days.valid > 0);
                let last = match self.options.against {
                    None => None,
                    Some(Against::LastYear) => self.assess(place, span.a_year_earlier(), &terms)?,
                    Some(Against::Span(other)) => self.assess(place, other, &terms)?,
                };
                if !self.options.rank {
                    self.write(place, &this, last.as_ref(), &mut written, out)?;
                }
                assessed.push((place, this, last));
            }
            if self.options.rank {
                self.write_ranks(&assessed, &mut written, out)?;
            }
        }
        if summary.reports == 0 {
            let what = "there is no hour to judge in the files".to_owned();
            return Err(Error::Nothing(what, "see what was left out above".to_owned()));
        }
        Ok(())
    }

    fn terms(&self) -> Result<Terms, Error> {
        let mut settings = self.standards.settings().clone();
        for text in &self.options.settings {
            let (key, value) = text.split_once('=').unwrap_or((text, ""));
            settings = settings.with(key.trim(), value.trim())?;
        }
        let mut dust = Vec::new();
        if let Some(path) = &self.options.dust {
            let bytes = open(path)?;
            let text = hj212::text::decode(&bytes).trim_start_matches('\u{feff}').to_owned();
            for (line, text) in (1..).zip(text.lines()) {
                let cell = text.split([',', '#']).next().unwrap_or_default().trim();
                if cell.is_empty() || (line == 1 && matches!(cell, "date" | "day" | "日期")) {
                    continue;
                }
                dust.push(cell.replace('/', "-").parse().map_err(|_| Error::Dust {
                    file: path.display().to_string(),
                    line,
                    text: cell.to_owned(),
                })?);
            }
        }
        Ok(Terms { settings, dust })
    }

    fn places(&self, summary: &mut Summary) -> Result<Vec<Place<'a>>, Error> {
        let mut places = Vec::new();
        for (name, hours) in self.stations {
            let mut days = Vec::new();
            for day in self.days_of(hours)? {
                let Some(index) = self.index(day.date()) else {
                    summary.without_edition += 1;
                    continue;
                };
                for (_, report) in super::reports(Period::Day, index, &day, hours) {
                    days.push(DayValues::of(day.date(), &report));
                }
            }
            places.push(Place { name: name.clone(), days, hours: Some(hours) });
        }
        let Some(area) = &self.options.area else { return Ok(places) };
        let points: Vec<&[DayValues]> = places.iter().map(|place| &*place.days).collect();
        let days = area_days(&points, |date| self.set_of(date))?;
        Ok(vec![Place { name: area.clone(), days, hours: None }])
    }

    /// The spans asked for, as far as the files reach.
    fn spans(&self, places: &[Place<'_>]) -> Result<Vec<Span>, Error> {
        let dates = || places.iter().flat_map(|place| place.days.iter().map(|day| day.date));
        let (Some(first), Some(last)) = (dates().min(), dates().max()) else {
            return Ok(Vec::new());
        };
        let of = |date: Date| match self.options.period {
            Some(Period::Month) => Span::month(date.year(), date.month()),
            Some(Period::Quarter) => Span::quarter(date.year(), (date.month() + 2) / 3),
            _ => Span::year(date.year()),
        };
        let mut spans = Vec::new();
        match self.options.period {
            Some(Period::Span(span)) => spans.push(span),
            None if self.options.against.is_some() => {
                // The year so far, when the last year is not whole.
                let start = Date::new(last.year(), 1, 1).unwrap_or(last);
                spans.extend(Span::new(start, last));
            }
            None => spans.extend(Span::new(first, last)),
            Some(_) => {
                let mut date = first;
                while let Some(span) = of(date).filter(|_| date <= last) {
                    spans.push(span);
                    let Ok(next) = span.last().tomorrow() else { break };
                    date = next;
                }
                // The first year of a comparison has nothing before it.
                let has_days = |span: &Span| dates().any(|date| span.holds(date));
                if self.options.against == Some(Against::LastYear) {
                    spans.retain(|span| has_days(&span.a_year_earlier()));
                }
                spans.retain(has_days);
            }
        }
        if spans.is_empty() {
            let what =
                format!("the files reach from {first} to {last}: no span has a year before it");
            return Err(Error::Nothing(what, "give the file of the year before too".to_owned()));
        }
        Ok(spans)
    }

    fn assess(
        &self,
        place: &Place<'_>,
        span: Span,
        terms: &Terms,
    ) -> Result<Option<Assessment>, Error> {
        let Some(set) = self.set_of(span.last()) else { return Ok(None) };
        let question = Question { span, set, settings: &terms.settings, dust: &terms.dust };
        Ok(Some(self.standards.assess(question, place.days.iter().cloned())?))
    }

    fn write(
        &self,
        place: &Place<'_>,
        this: &Assessment,
        last: Option<&Assessment>,
        written: &mut Written,
        out: &mut impl Write,
    ) -> Result<(), Error> {
        if let Some(asked) = &self.options.explain {
            for assessment in [Some(this), last].into_iter().flatten() {
                self.explain(place, assessment, asked, out)?;
            }
            return Ok(());
        }
        let comparison = last.map(|last| compare(this, last)).transpose()?;
        match (self.options.json, self.options.csv, comparison) {
            (true, _, Some(comparison)) => {
                line(out, &json!({ "place": place.name, "comparison": comparison }))
            }
            (true, _, None) => line(out, &json!({ "place": place.name, "assessment": this })),
            (_, true, Some(comparison)) => written.comparison_csv(&place.name, &comparison, out),
            (_, true, None) => written.assessment_csv(&place.name, this, out),
            (_, _, Some(comparison)) => written.comparison(&place.name, &comparison, out),
            (_, _, None) => written.assessment(&place.name, this, out),
        }
    }

    fn explain(
        &self,
        place: &Place<'_>,
        assessment: &Assessment,
        asked: &str,
        out: &mut impl Write,
    ) -> Result<(), Error> {
        let days_max = self.options.explain_days;
        let mut step = if asked == "all" {
            assessment.explain_all(days_max)
        } else {
            let Some(item) = Item::named(asked) else {
                let known: Vec<&str> = Item::ALL.iter().map(|item| item.key()).collect();
                return Err(Error::Item(asked.to_owned(), known.join(", ")));
            };
            assessment.explain(item, days_max)
        };
        if let Some(hours) = place.hours {
            self.open_days(&mut step, None, &place.name, hours)?;
        }
        if self.options.json {
            return line(out, &json!({ "place": place.name, "set": assessment.set, "step": step }));
        }
        writeln!(out, "{} ({})", place.name, assessment.set)?;
        write!(out, "{}", step.outline(self.options.lang == Lang::Zh))?;
        Ok(())
    }

    /// Hangs below each day how its value came about, and which hours of the file it was.
    fn open_days(
        &self,
        step: &mut Step,
        pollutant: Option<Pollutant>,
        name: &str,
        hours: &Station,
    ) -> Result<(), Error> {
        let word = step.title.en.split([' ', ',']).next().unwrap_or_default();
        let pollutant = Pollutant::named(word).or(pollutant);
        if let Ok(date) = step.title.en.parse::<Date>()
            && let Some(index) = self.index(date)
        {
            let day = self.zone.day(date).map_err(Error::Calendar)?;
            let Some((_, report)) = super::reports(Period::Day, index, &day, hours).pop() else {
                return Ok(());
            };
            let tree = index.explain(&report);
            let Some(pollutant) = pollutant else {
                step.inputs = tree.inputs;
                return Ok(());
            };
            let prefix = format!("{pollutant} IAQI");
            let mut own = tree.inputs.into_iter().find(|own| own.title.en == prefix);
            if let Some(own) = &mut own {
                let at = pollutant.index();
                let count =
                    hours.range(day.start()..day.end()).filter(|(_, v)| v[at].is_some()).count();
                own.readings = Some(Readings {
                    datastream: format!("{name} {pollutant}"),
                    from: instant(day.start()),
                    to: instant(day.end()),
                    count: count as u64,
                    sequence_min: None,
                    sequence_max: None,
                });
            }
            step.inputs.extend(own);
            return Ok(());
        }
        step.inputs.iter_mut().try_for_each(|input| self.open_days(input, pollutant, name, hours))
    }

    fn write_ranks(
        &self,
        assessed: &[(&Place<'_>, Assessment, Option<Assessment>)],
        written: &mut Written,
        out: &mut impl Write,
    ) -> Result<(), Error> {
        let index = |own: &Assessment| own.composite.as_ref().ok().map(|own| own.sum);
        let decimals = assessed.iter().find_map(|(_, own, _)| own.composite.as_ref().ok());
        let decimals = decimals.map_or(2, |own| own.decimals);
        let of_now: Vec<Option<Exact>> = assessed.iter().map(|(_, own, _)| index(own)).collect();
        let ranks = ranking::by_composite(&of_now, decimals)?;
        let round = |value: Option<Exact>| value.map(|v| v.half_even(decimals)).transpose();
        let mut pairs = Vec::new();
        for (_, this, last) in assessed {
            let before = round(last.as_ref().and_then(index))?;
            let meets = this.evaluation.meets == Some(true);
            pairs.push(round(index(this))?.zip(before).map(|(now, before)| (now, before, meets)));
        }
        let changes = ranking::by_change(&pairs)?;
        let mut rows: Vec<_> = assessed.iter().zip(ranks).zip(changes).collect();
        rows.sort_by_key(|(((place, ..), rank), _)| (rank.unwrap_or(u32::MAX), &place.name));
        let mut lines = Vec::new();
        for (((place, this, _), rank), change) in rows {
            let good = this.evaluation.days.good_percent.map(|share| share.fixed(1));
            let pm25 = this.cell(Item::Pollutant(Pollutant::Pm25));
            lines.push([
                rank.map(|rank| rank.to_string()).unwrap_or_default(),
                place.name.clone(),
                round(index(this))?.map(|value| value.fixed(decimals)).unwrap_or_default(),
                good.unwrap_or_default(),
                pm25.value.unwrap_or_default(),
                change
                    .map(|own| own.change.times(&Exact::whole(100)).map(|own| own.fixed(1)))
                    .transpose()?
                    .unwrap_or_default(),
                change.map(|own| own.rank.to_string()).unwrap_or_default(),
                this.composite.as_ref().err().map(|own| written.say(own)).unwrap_or_default(),
            ]);
        }
        let span = assessed.first().map(|(_, own, _)| own.span);
        written.ranks(span, &lines, self.options, out)
    }
}

fn instant(at: model::Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at.as_ms()).map(|at| at.to_string()).unwrap_or_default()
}

fn line(out: &mut impl Write, value: &serde_json::Value) -> Result<(), Error> {
    serde_json::to_writer(&mut *out, value)?;
    Ok(writeln!(out)?)
}

/// What was written so far: a CSV has one head.
struct Written {
    csv: Option<()>,
    chinese: bool,
}

impl Written {
    fn say(&self, said: &impl Said) -> String {
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

    fn comparison(
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

    fn assessment(&self, place: &str, own: &Assessment, out: &mut impl Write) -> Result<(), Error> {
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

    fn assessment_csv(
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

    fn comparison_csv(
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

    fn ranks(
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
