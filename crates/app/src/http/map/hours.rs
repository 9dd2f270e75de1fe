//! The hours of one UTC day at every place that has a parameter: values and levels.

use super::judge::{Shown, Subject, pollutant_level, water_level};
use super::{DayVersion, is_moving};
use crate::http::error::Answer;
use crate::http::state::{AppState, unreadable};
use engine::index::{self, Lookup, Sources};
use model::{
    DatastreamId, DatastreamKey, HOUR_MS, Period, PlaceId, PlaceKind, Reading, Registry, Statistic,
    Timestamp,
};
use standards::air::{Pollutant, ReportKind};
use std::collections::HashMap;
use std::sync::Arc;
use store::{Columns, Known};

/// Hours of a UTC day.
pub const HOURS: usize = 24;

/// The hours of a UTC day, place by place.
pub struct Block {
    /// Places that have the parameter, ascending.
    pub places: Vec<PlaceId>,
    /// A day of values for each place; NaN for none.
    values: Vec<f64>,
    /// A day of levels for each place, 0 to 6.
    levels: Vec<u8>,
}

impl Block {
    /// Value and level of an hour of the day at a place.
    pub fn at(&self, place: PlaceId, hour: usize) -> (Option<f64>, u8) {
        let Ok(row) = self.places.binary_search(&place) else { return (None, 0) };
        let at = row * HOURS + hour;
        let value = self.values.get(at).copied().filter(|value| !value.is_nan());
        (value, self.levels.get(at).copied().unwrap_or(0))
    }
}

/// A place that has a parameter, and where its hours come from.
pub struct Site {
    /// The place.
    pub id: PlaceId,
    /// What it is.
    pub kind: PlaceKind,
    /// The datastreams of the six pollutants (of the one, when one is shown).
    sources: Sources,
    /// The datastreams of anything else, the preferred first.
    plain: Vec<DatastreamId>,
    /// It measures only some of the six and is no standard station: what is shown of it is the largest
    /// single index, which is not called the AQI.
    pub is_partial: bool,
}

/// The places that have a parameter, in the order of the registry. Places that move are not among them.
pub fn sites(registry: &Registry, subject: &Subject) -> Vec<Site> {
    let all = registry.places().iter().enumerate().map(|(at, place)| (PlaceId(at as u32), place));
    let standing = all.filter(|(_, place)| !is_moving(place.kind));
    standing.filter_map(|(id, place)| site(registry, subject, id, place.kind)).collect()
}

fn site(registry: &Registry, subject: &Subject, id: PlaceId, kind: PlaceKind) -> Option<Site> {
    let mut sources = index::sources_of(registry, id);
    let mut plain = vec![];
    let has_any = match subject.shown {
        Shown::Index => sources.iter().any(|of| !of.is_empty()),
        Shown::Pollutant(pollutant) => {
            for other in Pollutant::ALL.into_iter().filter(|other| *other != pollutant) {
                sources[other.index()].clear();
            }
            !sources[pollutant.index()].is_empty()
        }
        Shown::Water | Shown::Plain => {
            sources = Sources::default();
            plain = plain_sources(registry, id, &subject.key);
            !plain.is_empty()
        }
    };
    let is_partial = subject.shown == Shown::Index
        && kind != PlaceKind::AirStation
        && sources.iter().any(Vec::is_empty);
    has_any.then_some(Site { id, kind, sources, plain, is_partial })
}

/// Datastreams whose values stand for hours: hourly means, totals and samples; where there are none,
/// what comes more often.
pub fn plain_sources(registry: &Registry, place: PlaceId, parameter: &str) -> Vec<DatastreamId> {
    let ids = registry.datastreams_of(place).iter();
    let known = ids.filter_map(|id| registry.datastream(*id));
    let mut ranked: Vec<_> = known
        .filter(|datastream| datastream.key.parameter == parameter)
        .filter_map(|datastream| Some((rank(&datastream.key)?, datastream.id)))
        .collect();
    ranked.sort_unstable();
    let best = ranked.first().map(|(rank, _)| rank.0);
    ranked.into_iter().filter(|(rank, _)| Some(rank.0) == best).map(|(_, id)| id).collect()
}

/// Hourly before more often, the mean before others; `None` for what does not stand for an hour.
fn rank(key: &DatastreamKey) -> Option<(u8, u8)> {
    let period = match key.period {
        Period::Hour => 0,
        Period::Minutes | Period::Instant => 1,
        Period::Day => return None,
    };
    let statistic = match key.statistic {
        Statistic::Mean => 0,
        Statistic::Total => 1,
        Statistic::Instant | Statistic::State => 2,
        _ => return None,
    };
    Some((period, statistic))
}

/// The block of a parameter and a UTC day: the one that is kept ready, or a new one.
pub fn block(
    app: &AppState,
    subject: &Subject,
    day: i32,
    version: DayVersion,
    known: Known,
) -> Answer<Arc<Block>> {
    // Of past moments there are too many to keep them ready.
    if known != Known::Now {
        return make(app, subject, day, known).map(Arc::new);
    }
    let key = (subject.key.clone(), day);
    app.blocks.get(&key, version, || {
        let made = make(app, subject, day, known)?;
        let cost = made.levels.len() as u64;
        Ok((made, cost))
    })
}

fn make(app: &AppState, subject: &Subject, day: i32, known: Known) -> Answer<Block> {
    let sites = sites(app.reader.view().registry(), subject);
    let start = Timestamp::from_utc_day(day);
    let before = match subject.shown {
        Shown::Index | Shown::Pollutant(_) => hours_before(app, start),
        Shown::Water | Shown::Plain => 0,
    };
    let ids = |site: &Site| [site.sources.concat(), site.plain.clone()].concat();
    let ids: Vec<DatastreamId> = sites.iter().flat_map(ids).collect();
    let hours = Hours::read(app, &ids, (start - before * HOUR_MS, before as usize + HOURS), known)?;
    let mut block = Block {
        places: sites.iter().map(|site| site.id).collect(),
        values: Vec::with_capacity(sites.len() * HOURS),
        levels: Vec::with_capacity(sites.len() * HOURS),
    };
    for site in &sites {
        for hour in 0..HOURS as i64 {
            let at = start + hour * HOUR_MS;
            let (value, level) = match subject.shown {
                Shown::Index => index_hour(app, &hours, site, at),
                Shown::Pollutant(pollutant) => {
                    let value = hours.good(&site.sources[pollutant.index()], at);
                    let of = (site.kind, &site.sources);
                    (value, pollutant_level(app, &hours, of, pollutant, at))
                }
                Shown::Water => {
                    let value = hours.good(&site.plain, at);
                    let level =
                        value.map(|v| water_level(&app.law, &subject.key, &subject.unit, v));
                    (value, level.unwrap_or(0))
                }
                Shown::Plain => (hours.good(&site.plain, at), 0),
            };
            block.values.push(value.unwrap_or(f64::NAN));
            block.levels.push(level);
        }
    }
    Ok(block)
}

/// How many hours before an hour of a UTC day its judgement looks at.
pub fn hours_before(app: &AppState, start: Timestamp) -> i64 {
    let ends = [start, start + HOURS as i64 * HOUR_MS];
    let editions = ends.map(|at| app.law.air_index(app.district.zone.date(at).ok()?));
    let before = editions.iter().flatten().map(|edition| edition.hours_before(ReportKind::Hour));
    before.max().unwrap_or(0) as i64
}

fn index_hour(app: &AppState, hours: &Hours, site: &Site, at: Timestamp) -> (Option<f64>, u8) {
    if hours.is_empty_at(&site.sources, at) {
        return (None, 0);
    }
    let zone = &app.district.zone;
    let Ok(judged) = index::hour(hours, &app.law, zone, site.kind, &site.sources, at) else {
        return (None, 0);
    };
    let report = judged.report;
    let partial = report.computed.filter(|_| site.is_partial);
    let index = report.aqi.ok().or(partial);
    let edition = zone.date(at).ok().and_then(|date| app.law.air_index(date));
    let level = index.zip(edition).and_then(|(index, edition)| edition.category(index));
    (index.map(f64::from), level.map_or(0, |category| category.level))
}

/// Hours of many datastreams, read from the store at once.
pub struct Hours {
    from: Timestamp,
    columns: HashMap<DatastreamId, Vec<Option<Reading>>>,
}

impl Hours {
    /// Reads `count` hours from `from` on. Of a datastream that comes more often than hourly, the
    /// newest good reading of the hour stands for it.
    ///
    /// # Errors
    /// `internal` when the store cannot read.
    pub fn read(
        app: &AppState,
        ids: &[DatastreamId],
        (from, count): (Timestamp, usize),
        known: Known,
    ) -> Answer<Self> {
        let to = from + count as i64 * HOUR_MS;
        let scanned = app.reader.scan_known(ids, from, to, known).map_err(unreadable)?;
        let column = |(id, rows): (&DatastreamId, Columns)| (*id, by_hour(*id, &rows, from, count));
        Ok(Self { from, columns: ids.iter().zip(scanned).map(column).collect() })
    }

    /// What a datastream says of the hour that starts at `at`.
    pub fn at(&self, id: DatastreamId, at: Timestamp) -> Option<Reading> {
        let hour = usize::try_from((at - self.from).div_euclid(HOUR_MS)).ok()?;
        *self.columns.get(&id)?.get(hour)?
    }

    /// The first good value among datastreams for the hour that starts at `at`.
    pub fn good(&self, ids: &[DatastreamId], at: Timestamp) -> Option<f64> {
        let readings = ids.iter().filter_map(|id| self.at(*id, at));
        readings.filter(|reading| reading.flag.is_good()).find_map(|reading| reading.value)
    }

    fn is_empty_at(&self, sources: &Sources, at: Timestamp) -> bool {
        sources.iter().flatten().all(|id| self.at(*id, at).is_none())
    }
}

fn by_hour(
    id: DatastreamId,
    rows: &Columns,
    from: Timestamp,
    count: usize,
) -> Vec<Option<Reading>> {
    let mut hours: Vec<Option<Reading>> = vec![None; count];
    for row in 0..rows.len() {
        let time = rows.time[row];
        let hour = usize::try_from((time - from).div_euclid(HOUR_MS)).ok();
        let Some(slot) = hour.and_then(|hour| hours.get_mut(hour)) else { continue };
        let (value, flag, sequence) = (rows.value[row], rows.flag[row], rows.sequence[row]);
        if slot.is_none() || flag.is_good() {
            *slot = Some(Reading { datastream: id, time, value, flag, sequence });
        }
    }
    hours
}

impl Lookup for Hours {
    fn hours(
        &self,
        datastream: DatastreamId,
        from: Timestamp,
        count: usize,
    ) -> Vec<Option<Reading>> {
        (0..count as i64).map(|hour| self.at(datastream, from + hour * HOUR_MS)).collect()
    }
}
