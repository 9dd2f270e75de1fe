//! The air quality index of a place's hours and days: which readings go in, and what the law says.
//!
//! The engine derives with this what is over; whoever explains a number to a person asks the same
//! functions over the same readings, so that both cannot differ.

use model::{
    Datastream, DatastreamId, DatastreamKey, HOUR_MS, Period, PlaceId, PlaceKind, Reading,
    Registry, Sequence, Source, Statistic, Timestamp,
};
use standards::air::{
    AirIndex, Hours, IndexReport, Measured, NotAssessed, Pollutant, Programme, ReportKind,
};
use standards::{Day, Standards, Zone};
use store::{Known, Reader};

/// The parameter key under which an index is kept.
pub const PARAMETER: &str = "aqi";

/// Where hours are looked up: the store, or the store with a turn on top of it.
pub trait Lookup {
    /// The current versions of `count` hours from `from` on.
    fn hours(
        &self,
        datastream: DatastreamId,
        from: Timestamp,
        count: usize,
    ) -> Vec<Option<Reading>>;
}

/// What a period was judged to be, and from which readings.
#[derive(Clone, Debug)]
pub struct Judged {
    /// What the law says.
    pub report: IndexReport,
    /// The instant of the first of the hours in `inputs`.
    pub first: Timestamp,
    /// By pollutant in the order of [`Pollutant::ALL`]: the hours that were looked at, good or not.
    pub inputs: [Vec<Option<Reading>>; 6],
    /// The newest log entry among all candidates, also those that were not taken.
    pub newest: Option<Sequence>,
}

/// The datastreams that give each pollutant's hourly means at a place, oldest first: of two devices that
/// measure the same, or a device and its successor, the first that has a good value gives an hour.
pub type Sources = [Vec<DatastreamId>; 6];

/// Why nothing could be judged.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The place is not registered.
    #[error("place {0} is not registered")]
    NoPlace(PlaceId),
    /// The instant has no civil date.
    #[error("the instant has no civil date")]
    NoDate(#[from] standards::PeriodError),
    /// No edition of the index covers the date.
    #[error("no edition of the air quality index covers {0}")]
    NoEdition(String),
    /// The readings could not be read.
    #[error("the readings could not be read")]
    Store(#[from] store::Error),
}

/// The sources of a place among its datastreams.
pub fn sources<'a>(datastreams: impl IntoIterator<Item = &'a Datastream>) -> Sources {
    let mut sources = Sources::default();
    for datastream in datastreams {
        if let Some(pollutant) = pollutant(&datastream.key) {
            sources[pollutant.index()].push(datastream.id);
        }
    }
    sources
}

/// The sources of a registered place.
pub fn sources_of(registry: &Registry, place: PlaceId) -> Sources {
    sources(registry.datastreams_of(place).iter().filter_map(|id| registry.datastream(*id)))
}

/// The pollutant whose hourly mean a datastream gives, if it does.
pub fn pollutant(key: &DatastreamKey) -> Option<Pollutant> {
    let is_hourly = key.statistic == Statistic::Mean && key.period == Period::Hour;
    if is_hourly { Pollutant::named(&key.parameter) } else { None }
}

/// Whether an index is made from this datastream.
pub fn is_input(key: &DatastreamKey) -> bool {
    pollutant(key).is_some()
}

/// Whether this datastream is a derived index.
pub fn is_index(key: &DatastreamKey) -> bool {
    key.statistic == Statistic::Index
}

/// The key of a derived index.
pub fn key(place: PlaceId, period: Period) -> DatastreamKey {
    DatastreamKey {
        source: Source::Derived(place),
        parameter: PARAMETER.to_owned(),
        statistic: Statistic::Index,
        period,
    }
}

/// The index of the hour that starts at `start`.
///
/// # Errors
/// When no edition covers the date or the instant has no date.
pub fn hour(
    lookup: &dyn Lookup,
    law: &Standards,
    zone: &Zone,
    place: PlaceKind,
    sources: &Sources,
    start: Timestamp,
) -> Result<Judged, Error> {
    let date = zone.date(start)?;
    let edition = law.air_index(date).ok_or_else(|| Error::NoEdition(date.to_string()))?;
    let before = edition.hours_before(ReportKind::Hour);
    let gathered = Gathered::from(lookup, sources, start - before as i64 * HOUR_MS, before + 1);
    let report = gathered.with(|hours| edition.hour(date, start, hours, programme(place, sources)));
    Ok(gathered.judged(withheld(report, place, sources)))
}

/// The index of the civil day that holds `at`.
///
/// # Errors
/// When no edition covers the date or the instant has no date.
pub fn day(
    lookup: &dyn Lookup,
    law: &Standards,
    zone: &Zone,
    place: PlaceKind,
    sources: &Sources,
    at: Timestamp,
) -> Result<Judged, Error> {
    let day = zone.day_of(at)?;
    let edition =
        law.air_index(day.date()).ok_or_else(|| Error::NoEdition(day.date().to_string()))?;
    Ok(day_by(edition, lookup, place, sources, &day))
}

/// The index of a civil day as an edition judges it, whether or not it was in force.
pub fn day_by(
    edition: &AirIndex,
    lookup: &dyn Lookup,
    place: PlaceKind,
    sources: &Sources,
    day: &Day,
) -> Judged {
    let before = edition.hours_before(ReportKind::Day);
    let first = day.start() - before as i64 * HOUR_MS;
    let gathered = Gathered::from(lookup, sources, first, before + day.hours());
    let report = gathered.with(|hours| edition.day(day, hours, programme(place, sources)));
    gathered.judged(withheld(report, place, sources))
}

/// The starts of the hours whose index an hour's value goes into.
pub fn hours_touched(law: &Standards, zone: &Zone, hour: Timestamp) -> Vec<Timestamp> {
    let after = zone
        .date(hour)
        .ok()
        .and_then(|date| law.air_index(date))
        .map_or(0, |edition| edition.hours_before(ReportKind::Hour));
    (0..=after as i64).map(|hours| hour + hours * HOUR_MS).collect()
}

/// Start and end of the days whose index an hour's value goes into.
pub fn days_touched(law: &Standards, zone: &Zone, hour: Timestamp) -> Vec<(Timestamp, Timestamp)> {
    let Ok(day) = zone.day_of(hour) else {
        return vec![];
    };
    let mut days = vec![(day.start(), day.end())];
    let before = law.air_index(day.date()).map_or(0, |e| e.hours_before(ReportKind::Day));
    if hour + before as i64 * HOUR_MS >= day.end()
        && let Ok(next) = zone.day_of(day.end())
    {
        days.push((next.start(), next.end()));
    }
    days
}

/// What a place is meant to measure: a standard station all six, any other what it has ever sent.
fn programme(place: PlaceKind, sources: &Sources) -> Programme {
    let mut programme = Programme::default();
    if place == PlaceKind::AirStation {
        return programme;
    }
    for pollutant in Pollutant::ALL {
        if sources[pollutant.index()].is_empty() {
            let not = Measured::NotByDesign { never_primary: false };
            programme = programme.with(pollutant, not);
        }
    }
    programme
}

/// The index of the six is that of a place which measures the six, or of a standard station. Of any
/// other place the largest single index is known ([`IndexReport::computed`]), and not called the AQI.
fn withheld(mut report: IndexReport, place: PlaceKind, sources: &Sources) -> IndexReport {
    let unmeasured = |pollutant: &Pollutant| sources[pollutant.index()].is_empty();
    let missing: Vec<_> = Pollutant::ALL.into_iter().filter(unmeasured).collect();
    if place != PlaceKind::AirStation && !missing.is_empty() {
        report.aqi = Err(NotAssessed::NotAllMeasured { missing });
        report.level = None;
        report.primary.clear();
    }
    report
}

/// The hours that a judgement looks at.
struct Gathered {
    first: Timestamp,
    inputs: [Vec<Option<Reading>>; 6],
    newest: Option<Sequence>,
}

impl Gathered {
    fn from(lookup: &dyn Lookup, sources: &Sources, first: Timestamp, count: usize) -> Self {
        let mut newest = None;
        let inputs = std::array::from_fn(|pollutant| {
            let mut hours: Vec<Option<Reading>> = vec![];
            for &datastream in &sources[pollutant] {
                let candidates = lookup.hours(datastream, first, count);
                let own = candidates.iter().flatten().map(|reading| reading.sequence).max();
                newest = newest.max(own);
                if hours.is_empty() {
                    hours = candidates;
                    continue;
                }
                for (hour, candidate) in hours.iter_mut().zip(candidates) {
                    let is_good = |reading: &Reading| reading.flag.is_good();
                    if !hour.as_ref().is_some_and(is_good)
                        && (hour.is_none() || candidate.as_ref().is_some_and(is_good))
                    {
                        *hour = candidate;
                    }
                }
            }
            hours
        });
        Self { first, inputs, newest }
    }

    /// Only values that are flagged good are values to the law; the others are gaps with a reason.
    fn with(&self, judge: impl FnOnce(&Hours<'_>) -> IndexReport) -> IndexReport {
        let good = |held: &Option<Reading>| {
            held.filter(|reading| reading.flag.is_good()).and_then(|reading| reading.value)
        };
        let columns: [Vec<Option<f64>>; 6] =
            std::array::from_fn(|at| self.inputs[at].iter().map(good).collect());
        let slices: [&[Option<f64>]; 6] = std::array::from_fn(|at| columns[at].as_slice());
        judge(&Hours::new(self.first, slices))
    }

    fn judged(self, report: IndexReport) -> Judged {
        Judged { report, first: self.first, inputs: self.inputs, newest: self.newest }
    }
}

/// Hours of some datastreams, read from the store once for a whole range.
pub struct Scanned {
    from: Timestamp,
    columns: Vec<(DatastreamId, Vec<Option<Reading>>)>,
}

impl Scanned {
    /// Reads the hours of `sources` in `from..to`.
    ///
    /// # Errors
    /// When the store cannot read.
    pub fn read(
        reader: &Reader,
        sources: &Sources,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Self, Error> {
        Ok(Self::read_many(reader, &sources.concat(), from, to)?)
    }

    /// Reads the hours of datastreams in `from..to`, each file of the archive once.
    ///
    /// # Errors
    /// When the store cannot read.
    pub fn read_many(
        reader: &Reader,
        datastreams: &[DatastreamId],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Self, store::Error> {
        Self::read_known(reader, datastreams, (from, to), Known::Now)
    }

    /// As [`Scanned::read_many`], as it was known at some moment.
    ///
    /// # Errors
    /// When the store cannot read.
    pub fn read_known(
        reader: &Reader,
        datastreams: &[DatastreamId],
        (from, to): (Timestamp, Timestamp),
        known: Known,
    ) -> Result<Self, store::Error> {
        let from = from.floor(HOUR_MS);
        let count = usize::try_from((to - from + HOUR_MS - 1) / HOUR_MS).unwrap_or(0);
        let scanned = reader.scan_known(datastreams, from, to, known)?;
        let column = |(datastream, columns): (&DatastreamId, store::Columns)| {
            let mut hours = vec![None; count];
            for at in 0..columns.len() {
                let offset = columns.time[at] - from;
                let slot = usize::try_from(offset / HOUR_MS).ok().and_then(|at| hours.get_mut(at));
                if let Some(slot) = slot
                    && offset % HOUR_MS == 0
                {
                    *slot = Some(Reading {
                        datastream: *datastream,
                        time: columns.time[at],
                        value: columns.value[at],
                        flag: columns.flag[at],
                        sequence: columns.sequence[at],
                    });
                }
            }
            (*datastream, hours)
        };
        Ok(Self { from, columns: datastreams.iter().zip(scanned).map(column).collect() })
    }
}

impl Lookup for Scanned {
    fn hours(
        &self,
        datastream: DatastreamId,
        from: Timestamp,
        count: usize,
    ) -> Vec<Option<Reading>> {
        let column = self.columns.iter().find(|(id, _)| *id == datastream).map(|(_, hours)| hours);
        (0..count as i64)
            .map(|hour| {
                let at = usize::try_from((from + hour * HOUR_MS - self.from) / HOUR_MS).ok()?;
                *column?.get(at)?
            })
            .collect()
    }
}
