//! The air of a place, or of an area by its standard stations, over days.
//!
//! An area's day is the report over the means of its stations' statistics; its longer statistics are
//! taken from that series (HJ 663-2013, clause 6.1; never from averaged indices).

use super::book::{Day, Desk};
use super::{Book, Error};
use jiff::civil::Date;
use model::{PlaceId, PlaceKind, Registry, Timestamp};
use standards::air::{Assessment, DayValues, NotAssessed, Pollutant, Question, RuleSet};
use standards::{Exact, Span, Standards, Zone};
use std::collections::BTreeMap;
use std::sync::Arc;
use store::{Known, Reader};

/// Whose air.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// One place.
    Place(PlaceId),
    /// These standard stations as one area.
    Area(Vec<PlaceId>),
}

/// Everything that a question is answered from.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The judged days.
    pub book: &'a Book,
    /// The readings.
    pub reader: &'a Reader,
    /// The law.
    pub law: &'a Standards,
    /// Whose calendar.
    pub zone: &'a Zone,
    /// Now, or the moment that is asked for: what was not over then is not judged.
    pub now: Timestamp,
    /// As it was known when.
    pub known: Known,
    /// The editions that judge every day; without them those in force on its date.
    pub set: Option<RuleSet<'a>>,
    /// Days of dust weather, in their order.
    pub dust: &'a [Date],
}

impl Subject {
    /// The standard stations of an area, or of the district without one, that were there in a span.
    pub fn area(registry: &Registry, area: Option<&str>, span: Span) -> Self {
        let (first, last) = (span.first().to_string(), span.last().to_string());
        let was_there = |from: &str, to: &str| {
            (from.is_empty() || *from <= *last) && (to.is_empty() || *first <= *to)
        };
        let stations = registry.places().iter().enumerate().filter(|(_, place)| {
            place.kind == PlaceKind::AirStation
                && was_there(&place.valid_from, &place.valid_to)
                && area.is_none_or(|area| lies_in(registry, &place.area, area))
        });
        Self::Area(stations.map(|(id, _)| PlaceId(id as u32)).collect())
    }

    /// The places whose readings it is made from.
    pub fn places(&self) -> &[PlaceId] {
        match self {
            Self::Place(place) => std::slice::from_ref(place),
            Self::Area(places) => places,
        }
    }
}

/// Whether an area is another one or a part of it.
pub(super) fn lies_in(registry: &Registry, own: &str, area: &str) -> bool {
    let mut own = own;
    // Areas that contain each other in a circle end the search.
    for _ in 0..8 {
        if own == area {
            return true;
        }
        let Some(known) = registry.areas.iter().find(|known| known.key == own) else {
            return false;
        };
        own = &known.within;
    }
    false
}

impl<'a> Asked<'a> {
    pub(super) fn desk(&self) -> Desk<'a> {
        Desk {
            reader: self.reader,
            law: self.law,
            zone: self.zone,
            now: self.now,
            known: self.known,
        }
    }

    /// The editions that judge a date.
    pub fn set_on(&self, date: Date) -> Option<RuleSet<'a>> {
        self.set.or_else(|| self.law.rule_set(date))
    }

    /// The judged days of a subject: those that are over, and that an edition covers.
    ///
    /// # Errors
    /// When the store cannot read, the calendar has no such day, or numbers do not fit exact arithmetic.
    pub fn days(&self, subject: &Subject, span: Span) -> Result<BTreeMap<Date, Arc<Day>>, Error> {
        let mut found = self.days_of_stations(subject, span)?;
        match subject {
            Subject::Place(_) => Ok(found.pop().unwrap_or_default()),
            Subject::Area(_) => self.area_days(&found),
        }
    }

    /// The judged days of each station of a subject, in its order.
    ///
    /// # Errors
    /// As [`Asked::days`].
    pub fn days_of_stations(
        &self,
        subject: &Subject,
        span: Span,
    ) -> Result<Vec<BTreeMap<Date, Arc<Day>>>, Error> {
        self.book.days(self.desk(), self.set.map(|set| set.index), subject.places(), span)
    }

    /// A span judged as a whole; none where no editions were in force on its last day.
    ///
    /// # Errors
    /// As [`Asked::days`].
    pub fn assess(&self, subject: &Subject, span: Span) -> Result<Option<Assessment>, Error> {
        let days = self.days(subject, span)?;
        self.judge(&days, span)
    }

    /// Judges days that are there already.
    ///
    /// # Errors
    /// When numbers do not fit exact arithmetic.
    pub fn judge(
        &self,
        days: &BTreeMap<Date, Arc<Day>>,
        span: Span,
    ) -> Result<Option<Assessment>, Error> {
        let Some(set) = self.set_on(span.last()) else { return Ok(None) };
        let question = Question { span, set, settings: self.law.settings(), dust: self.dust };
        let values = days.range(span.first()..=span.last()).map(|(_, day)| day.values.clone());
        Ok(Some(self.law.assess(question, values)?))
    }

    /// The days of an area from those of its stations.
    fn area_days(
        &self,
        stations: &[BTreeMap<Date, Arc<Day>>],
    ) -> Result<BTreeMap<Date, Arc<Day>>, Error> {
        let values: Vec<Vec<DayValues>> = stations
            .iter()
            .map(|days| days.values().map(|day| day.values.clone()).collect())
            .collect();
        let slices: Vec<&[DayValues]> = values.iter().map(Vec::as_slice).collect();
        let mut days = BTreeMap::new();
        for values in standards::air::area_days(&slices, |date| self.set_on(date))? {
            let date = values.date;
            let Some(set) = self.set_on(date) else { continue };
            let there = || stations.iter().filter_map(|days| days.get(&date));
            let sequences = || there().filter_map(|day| day.sequences);
            let first = sequences().map(|(first, _)| first).min();
            let reason = match values.aqi {
                Some(_) => None,
                None => Some(no_area(&set, stations.len(), &there().collect::<Vec<_>>())?),
            };
            let day = Day {
                edition: Arc::clone(set.index.edition()),
                reason,
                doubtful: !values.doubts.is_empty() || there().any(|day| day.doubtful),
                readings: there().map(|day| day.readings).sum(),
                sequences: first.zip(sequences().map(|(_, last)| last).max()),
                newest: there().filter_map(|day| day.newest).max(),
                values,
            };
            days.insert(date, Arc::new(day));
        }
        Ok(days)
    }
}

/// Why an area has no index: the pollutant that has a value at too few of its stations says it.
fn no_area(set: &RuleSet<'_>, of: usize, there: &[&Arc<Day>]) -> Result<NotAssessed, Error> {
    let mut nearest = NotAssessed::NoData;
    for pollutant in Pollutant::ALL {
        let mut points: Vec<Option<Exact>> =
            there.iter().map(|day| day.values.values[pollutant.index()]).collect();
        points.resize(of.max(points.len()), None);
        if let Err(reason @ NotAssessed::TooFewPoints { .. }) = set.rules.area(&points)?.0 {
            return Ok(reason);
        }
        if points.iter().any(Option::is_some) {
            let missing: Vec<_> = Pollutant::ALL
                .into_iter()
                .filter(|p| there.iter().all(|day| day.values.values[p.index()].is_none()))
                .collect();
            nearest = NotAssessed::NotAllMeasured { missing };
        }
    }
    Ok(nearest)
}
