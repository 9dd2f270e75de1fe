//! Months, quarters, years and spans of stations or of an area; one against another; ranks.

mod show;

use super::hours::{Station, Stations};
use super::{Against, Air, Error, Lang, Period, Summary, open};
use jiff::civil::Date;
use serde_json::json;
use show::{Written, line};
use standards::air::comparison::{Item, compare};
use standards::air::{
    AirIndex, Assessment, DayValues, Pollutant, Question, RuleSet, Settings, area_days, ranking,
};
use standards::explain::{Readings, Step};
use standards::{Day, Exact, Span, Standards, Zone};
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
