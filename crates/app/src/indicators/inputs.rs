//! Where the inputs of indicators come from: programmes, judged days, cases, the water book, readings.

use super::templates;
use crate::http::{encoded, programme_book, water_entries};
use crate::report::{Error, Ground, Whose, area, case_span, district, known_cases};
use account::Text;
use account::indicator::{Air, Cases, Input, Take, Total, Volume, Water};
use account::programme::{Book, Kept, Programme};
use account::waterbook::{WaterEntry, sums};
use control::{Counts, counts_by_unit};
use model::{DatastreamId, HOUR_MS, Period, PlaceId, PlaceKind, Statistic};
use standards::air::comparison::Item;
use standards::water::Class;
use standards::{Exact, Said, Span};
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

/// An input over a span.
#[derive(Clone)]
pub struct Opened {
    /// How much; or why it is not known.
    pub amount: Result<Exact, Text>,
    /// What is to be known of it.
    pub notes: Vec<Text>,
    /// Where it is explained, below the server's root.
    pub explain: String,
}

/// Inputs that were asked for, each read once.
#[derive(Default)]
pub struct Inputs {
    opened: HashMap<(Input, Span), Opened>,
    programmes: Option<Book>,
    entries: Option<Vec<WaterEntry>>,
    counts: HashMap<Span, Option<BTreeMap<String, Counts>>>,
}

impl Inputs {
    /// An input over a span.
    ///
    /// # Errors
    /// When something cannot be read or computed.
    pub fn open(
        &mut self,
        ground: &Ground<'_>,
        input: &Input,
        span: Span,
    ) -> Result<Opened, Error> {
        let key = (input.clone(), span);
        if let Some(known) = self.opened.get(&key) {
            return Ok(known.clone());
        }
        let opened = match input {
            Input::Programme { template, programme, measure, take } => {
                let of = (template.as_str(), programme.as_deref(), measure.as_str());
                self.programme(ground, of, *take, span)?
            }
            Input::Air { take, area } => air(ground, *take, area.as_deref(), span)?,
            Input::Water { take, site } => water(ground, *take, site.as_deref(), span)?,
            Input::WaterBook { take } => self.water_book(ground, *take, span)?,
            Input::Cases { take, unit } => self.cases(ground, *take, unit.as_deref(), span)?,
            Input::Readings { place, parameter, take, hours_percent_min, .. } => {
                readings(ground, (place, parameter), *take, *hours_percent_min, span)?
            }
            Input::Stated { value, document, .. } => Opened {
                amount: Ok(Exact::parse(value)?),
                notes: vec![Text::same(document)],
                explain: String::new(),
            },
        };
        self.opened.insert(key, opened.clone());
        Ok(opened)
    }

    fn programme(
        &mut self,
        ground: &Ground<'_>,
        (template, key, measure): (&str, Option<&str>, &str),
        take: Total,
        span: Span,
    ) -> Result<Opened, Error> {
        let asked = &ground.asked;
        if self.programmes.is_none() {
            self.programmes = Some(programme_book(asked.reader, asked.known)?);
        }
        let none = Book::default();
        let book = self.programmes.as_ref().unwrap_or(&none);
        let is_meant = |kept: &&Kept<Programme>| {
            kept.it.template == template && key.is_none_or(|key| kept.it.key == key)
        };
        let (mut sum, mut notes, mut explain) = (None::<Exact>, vec![], String::new());
        for kept in book.programmes.values().filter(is_meant) {
            let own = &kept.it;
            let before = span.first().yesterday().unwrap_or(span.first());
            let both = book.totals(&own.key, measure, &[span.last(), before])?;
            let Some(total) = both[0].total else {
                notes.push(named(&own.name, ("未填报该指标", "states nothing of it")));
                continue;
            };
            if let Some(stated) = &both[0].stated
                && stated.period_end < span.first()
            {
                let day = stated.period_end;
                let words = (format!("数字截至 {day}"), format!("the figure is of {day}"));
                notes.push(named(&own.name, (&words.0, &words.1)));
            } else if both[0].stated.is_none() && both[0].missing > 0 {
                let missing = both[0].missing;
                let words =
                    (format!("{missing} 个分项未报"), format!("{missing} projects state nothing"));
                notes.push(named(&own.name, (&words.0, &words.1)));
            }
            let amount = match (take, both[1].total) {
                (Total::Total, _) => total,
                (Total::Increment, Some(before)) => total.minus(&before)?,
                (Total::Increment, None) if own.begins >= span.first() => total,
                (Total::Increment, None) => {
                    notes.push(named(
                        &own.name,
                        ("期初没有累计数，无法求增量", "has no total from before the period"),
                    ));
                    continue;
                }
            };
            sum = Some(sum.unwrap_or(Exact::ZERO).plus(&amount)?);
            explain = format!("/api/v1/programmes/{}/entries?measure={measure}", encoded(&own.key));
        }
        let known = templates()?;
        let of = known.iter().find(|own| own.key == template);
        let name = of.map_or_else(|| Text::same(template), |own| own.name.clone());
        let lacking = Text::new(
            format!("没有“{}”项目群填报该指标", name.zh),
            format!("no programme of “{}” states it", name.en),
        );
        Ok(Opened { amount: sum.ok_or(lacking), notes, explain })
    }

    fn water_book(
        &mut self,
        ground: &Ground<'_>,
        take: Volume,
        span: Span,
    ) -> Result<Opened, Error> {
        let asked = &ground.asked;
        if self.entries.is_none() {
            self.entries = Some(water_entries(asked.reader, asked.known)?);
        }
        let all: Vec<&WaterEntry> = self.entries.iter().flatten().collect();
        let sums = sums(&all, (span.first(), span.last()))?;
        let amount = match take {
            Volume::Drawn => sums.drawn_t,
            Volume::DrawnPlanned => sums.drawn_planned_t,
            Volume::Cleared => sums.cleared_m3,
            Volume::Replenished => sums.replenished_m3,
        };
        let lacking = Text::new(
            "本期台账没有写明该水量",
            "no entry of the water book states it for the period",
        );
        let across = sums.across;
        let notes = (across > 0).then(|| {
            Text::new(
                format!("{across} 条跨期，未计入"),
                format!("{across} entries lie across an end of the period and are left out"),
            )
        });
        Ok(Opened {
            amount: amount.ok_or(lacking),
            notes: notes.into_iter().collect(),
            explain: "/api/v1/rivers/account".to_owned(),
        })
    }

    fn cases(
        &mut self,
        ground: &Ground<'_>,
        take: Cases,
        unit: Option<&str>,
        span: Span,
    ) -> Result<Opened, Error> {
        let counts = match self.counts.entry(span) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(counted(ground, span)?),
        };
        let explain = "/api/v1/cases".to_owned();
        let Some(counts) = counts.as_ref() else {
            let reason = Text::new("此处没有办件", "there is no desk here");
            return Ok(Opened { amount: Err(reason), notes: vec![], explain });
        };
        let of = |own: &Counts| match take {
            Cases::Due => own.due.len().saturating_sub(own.deferred.len()),
            Cases::Closed => own.closed.len(),
            Cases::OnTime => own.on_time.len(),
            Cases::Overdue => own.overdue.len(),
            Cases::Reworked => own.reworks.len(),
            Cases::Reopened => own.reopened.len(),
        };
        let own = counts.iter().filter(|(key, _)| unit.is_none_or(|unit| *key == unit));
        let count: usize = own.map(|(_, counts)| of(counts)).sum();
        Ok(Opened { amount: Ok(whole(count)), notes: vec![], explain })
    }
}

/// What is counted of each unit in a span; none where there is no desk.
///
/// # Errors
/// When the cases cannot be read.
pub fn counted(ground: &Ground<'_>, span: Span) -> Result<Option<BTreeMap<String, Counts>>, Error> {
    let Some(settings) = ground.settings else { return Ok(None) };
    let cases = known_cases(ground)?;
    let counts = counts_by_unit(
        cases.values().map(AsRef::as_ref),
        &settings.catalogue,
        &settings.calendar,
        case_span(ground, span)?,
        ground.asked.now,
    );
    Ok(Some(counts))
}

fn air(ground: &Ground<'_>, take: Air, key: Option<&str>, span: Span) -> Result<Opened, Error> {
    let whose: Option<Whose> = match key {
        None => Some(district(ground, span)),
        Some(key) => area(ground, key, span),
    };
    let gone = |zh: String, en: String| Opened {
        amount: Err(Text::new(zh, en)),
        notes: vec![],
        explain: String::new(),
    };
    let Some(whose) = whose else {
        let key = key.unwrap_or_default();
        return Ok(gone(
            format!("没有区域 {key}，或其中没有标准站"),
            format!("there is no area {key}, or no standard station in it"),
        ));
    };
    let Some(judged) = whose.assess(ground, span)? else {
        return Ok(gone("没有现行标准".into(), "no edition of the standards was in force".into()));
    };
    let item = match take {
        Air::GoodDays => Item::GoodDays,
        Air::HeavyDays => Item::HeavyDays,
        Air::Composite => Item::Composite,
        // Days with an index are the denominator of the good ones, and open with them.
        Air::AssessedDays => Item::GoodShare,
        Air::Pm25 | Air::Pm10 | Air::So2 | Air::No2 | Air::Co | Air::O3 => {
            Item::named(key_of(take)).unwrap_or(Item::Composite)
        }
    };
    let cell = judged.cell(item);
    let amount = if take == Air::AssessedDays {
        Ok(Exact::whole(cell.valid.into()))
    } else {
        match (&cell.value, &cell.reason) {
            (Some(value), _) => Ok(Exact::parse(value)?),
            (None, Some(reason)) => Err(Text::new(reason.zh(), reason.en())),
            (None, None) => Err(Text::new("没有数据", "no data")),
        }
    };
    let mut notes = vec![Text::new(
        format!("{} 天中 {} 天有效", cell.of, cell.valid),
        format!("{} of {} days are valid", cell.valid, cell.of),
    )];
    if cell.doubtful {
        notes.push(Text::new("依据的标准条款尚有疑问", "rests on a row of law that is in doubt"));
    }
    Ok(Opened { amount, notes, explain: whose.explain(item.key(), span) })
}

fn key_of(take: Air) -> &'static str {
    match take {
        Air::Pm10 => "pm10",
        Air::So2 => "so2",
        Air::No2 => "no2",
        Air::Co => "co",
        Air::O3 => "o3",
        _ => "pm25",
    }
}

fn water(
    ground: &Ground<'_>,
    take: Water,
    site: Option<&str>,
    span: Span,
) -> Result<Opened, Error> {
    let sites: Vec<(PlaceId, String)> = {
        let view = ground.asked.reader.view();
        let places = view.registry().places().iter().enumerate();
        let own = places.filter(|(_, place)| {
            place.kind == PlaceKind::WaterSite && site.is_none_or(|site| place.key == site)
        });
        own.map(|(id, place)| (PlaceId(id as u32), place.key.clone())).collect()
    };
    let (mut judged, mut counted) = (0, 0);
    for (site, _) in &sites {
        for class in ground.asked.water_classes(*site, span)?.into_values() {
            judged += 1;
            counted += usize::from(match take {
                Water::JudgedDays => true,
                Water::Class3Days => class <= Class::III,
                Water::WorseThan5Days => class == Class::WorseThanV,
            });
        }
    }
    let of = sites.len() * span.len() as usize;
    let notes = vec![Text::new(
        format!("{} 个断面，{of} 个断面日中 {judged} 个有类别", sites.len()),
        format!("{} sites; {judged} of {of} days of sites have a class", sites.len()),
    )];
    let explain = sites.first().map_or_else(String::new, |(_, key)| {
        let address = format!("place={}", encoded(key));
        // The class of a site opens by the month; the last one is where a reader begins.
        let month = Span::month(span.last().year(), span.last().month()).unwrap_or(span);
        crate::http::explain_url(&address, "class", month, "auto")
    });
    let amount = if judged > 0 {
        Ok(whole(counted))
    } else {
        Err(Text::new("没有一天有类别", "no day of any site has a class"))
    };
    Ok(Opened { amount, notes, explain })
}

fn readings(
    ground: &Ground<'_>,
    (place, parameter): (&str, &str),
    take: Take,
    percent_min: u8,
    span: Span,
) -> Result<Opened, Error> {
    let asked = &ground.asked;
    let gone = |explain: &str, zh: String, en: String| {
        let amount = Err(Text::new(zh, en));
        Ok(Opened { amount, notes: vec![], explain: explain.to_owned() })
    };
    // Hourly means have a mean, hourly totals a sum: a sum of rates is no amount, and a total is no level.
    let (statistic, zh, en) = match take {
        Take::Mean => (Statistic::Mean, "均值", "means"),
        Take::Sum => (Statistic::Total, "累计值", "totals"),
    };
    let ids: Vec<DatastreamId> = {
        let view = asked.reader.view();
        let registry = view.registry();
        let Some(id) = registry.place_id(place) else {
            return gone("", format!("没有点位 {place}"), format!("there is no place {place}"));
        };
        let streams = registry.datastreams_of(id).iter();
        let of = streams.filter_map(|id| registry.datastream(*id)).filter(|stream| {
            let key = &stream.key;
            key.parameter == parameter && key.period == Period::Hour && key.statistic == statistic
        });
        of.map(|stream| stream.id).collect()
    };
    let Some(first) = ids.first() else {
        return gone(
            "",
            format!("点位 {place} 没有 {parameter} 的小时{zh}"),
            format!("{place} has no hourly {en} of {parameter}"),
        );
    };
    let (begin, end) = (span.first(), span.last().tomorrow().unwrap_or(span.last()));
    let explain =
        format!("/api/v1/readings?datastream={}&from={begin}&to={end}&step=hour", first.0);
    let from = asked.zone.day(span.first())?.start();
    let to = asked.zone.day(span.last())?.end().min(asked.now.floor(HOUR_MS));
    let of = (to - from).max(0) / HOUR_MS;
    let mut hours: BTreeMap<i64, f64> = BTreeMap::new();
    if of > 0 {
        for rows in asked.reader.scan_known(&ids, from, to, asked.known)? {
            for row in 0..rows.len() {
                if let Some(value) = rows.value[row].filter(|_| rows.flag[row].is_good()) {
                    hours.entry(rows.time[row].as_ms().div_euclid(HOUR_MS)).or_insert(value);
                }
            }
        }
    }
    let have = hours.len() as i64;
    if of == 0 {
        return gone(&explain, "尚无一个完整的小时".into(), "no hour of the period is over".into());
    }
    if have == 0 || have * 100 < of * i64::from(percent_min) {
        return gone(
            &explain,
            format!("{of} 小时中只有 {have} 小时，须 {percent_min}%"),
            format!("{have} of {of} hours are there, and {percent_min} % are needed"),
        );
    }
    let mut sum = Exact::ZERO;
    for value in hours.values() {
        sum = sum.plus(&Exact::from_reading(*value)?)?;
    }
    let amount = match take {
        Take::Sum => sum,
        Take::Mean => sum.over(&Exact::whole(have))?,
    };
    let mut notes =
        vec![Text::new(format!("{of} 小时中 {have} 小时"), format!("{have} of {of} hours"))];
    if take == Take::Sum && have < of {
        notes.push(Text::new("缺测小时未计入合计", "what is missing is not in the sum"));
    }
    Ok(Opened { amount: Ok(amount), notes, explain })
}

fn named(name: &Text, (zh, en): (&str, &str)) -> Text {
    let own = if name.en.is_empty() { &name.zh } else { &name.en };
    Text::new(format!("{}：{zh}", name.zh), format!("{own}: {en}"))
}

/// A count as an exact number.
pub fn whole(count: usize) -> Exact {
    Exact::whole(i64::try_from(count).unwrap_or(i64::MAX))
}
