//! A case of another system: a row of its file, as the moves that it came to there.
//!
//! The moves are those of any case, each with when and by whom the other system says that it was made. Who handled it there is
//! its unit; who took it up and closed it is the system itself, so that nobody verifies what they handled.

use crate::calendar::{Allowed, Calendar, Counting};
use crate::case::{Case, Spot};
use crate::category::Catalogue;
use crate::mapping::Mapping;
use crate::moves::{Actor, Collected, Duty, Event, Move, Origin, Recorded};
use model::Timestamp;
use standards::Zone;
use std::collections::BTreeMap;

/// Characters of a number of another system.
const NUMBER_MAX: usize = 60;
/// Characters of a unit's name of another system.
const UNIT_MAX: usize = 60;

/// Where the columns of a file stand, found by the line of names on top of it.
#[derive(Clone, Debug)]
pub struct Table {
    mapping: Mapping,
    zone: Zone,
    at: BTreeMap<String, usize>,
    width: usize,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The column.
    pub column: String,
    /// What stands there.
    pub found: String,
    /// What is wrong, Chinese and English.
    pub what: crate::Text,
}

/// A case of another system.
#[derive(Clone, Debug, PartialEq)]
pub struct Foreign {
    /// Its number there.
    pub number: String,
    /// When it was opened.
    pub opened: Timestamp,
    /// Until when it was to be done.
    pub target: Option<Timestamp>,
    /// When it was closed.
    pub closed: Option<Timestamp>,
    /// What the other system says of its being on time, when it says it.
    pub is_overdue: Option<bool>,
    /// How it came.
    pub collected: Collected,
    /// Who handles it.
    pub unit: String,
    /// What was done.
    pub closure: String,
}

impl Table {
    /// The columns of a file by its line of names.
    ///
    /// # Errors
    /// The columns that are not there.
    pub fn new(mapping: &Mapping, head: &[&str]) -> Result<Self, Vec<String>> {
        let columns = &mapping.columns;
        let all = [&columns.number, &columns.opened, &columns.closed, &columns.category];
        let some =
            [&columns.target, &columns.on_time, &columns.closure, &columns.lon, &columns.lat];
        let wanted = all
            .into_iter()
            .chain([&columns.unit, &columns.channel])
            .chain(some.into_iter().flatten())
            .chain(&columns.text);
        let place = |name: &String| head.iter().position(|own| own.trim() == name);
        let mut at = BTreeMap::new();
        let mut missing = vec![];
        for name in wanted {
            match place(name) {
                Some(place) => drop(at.insert(name.clone(), place)),
                None => missing.push(name.clone()),
            }
        }
        match Zone::named(&mapping.zone) {
            Ok(zone) if missing.is_empty() => {
                Ok(Self { mapping: mapping.clone(), zone, at, width: head.len() })
            }
            _ => Err(missing),
        }
    }

    /// Reads a row.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn row(&self, cells: &[&str]) -> Result<Foreign, Vec<Flaw>> {
        let mut flaws = vec![];
        let columns = &self.mapping.columns;
        if cells.len() != self.width {
            let (zh, en) =
                (format!("应为 {} 列", self.width), format!("{} columns are due", self.width));
            return Err(vec![flaw("", &cells.len().to_string(), &zh, &en)]);
        }
        let number = self.cell(cells, &columns.number);
        if number.is_empty() || number.chars().count() > NUMBER_MAX {
            flaws.push(flaw(
                &columns.number,
                number,
                "编号为 1 至 60 个字符",
                "a number has 1 to 60 characters",
            ));
        }
        let unit = self.cell(cells, &columns.unit);
        if unit.is_empty() || unit.chars().count() > UNIT_MAX {
            flaws.push(flaw(
                &columns.unit,
                unit,
                "单位为 1 至 60 个字符",
                "a unit has 1 to 60 characters",
            ));
        }
        let opened = self.time(cells, Some(&columns.opened), &mut flaws);
        if opened.is_none() && flaws.iter().all(|flaw| flaw.column != columns.opened) {
            flaws.push(flaw(&columns.opened, "", "缺少开始时间", "when it was opened is missing"));
        }
        let target = self.time(cells, columns.target.as_ref(), &mut flaws);
        let closed = self.time(cells, Some(&columns.closed), &mut flaws);
        let is_overdue = self.on_time(cells, &mut flaws).map(|is| !is);
        let spot = self.spot(cells, &mut flaws);
        for (name, at) in &self.at {
            if cells[*at].chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
                flaws.push(flaw(name, cells[*at], "含控制字符", "it has control characters"));
            }
        }
        let (Some(opened), true) = (opened, flaws.is_empty()) else { return Err(flaws) };
        Ok(Foreign {
            number: number.to_owned(),
            opened,
            target,
            closed,
            is_overdue,
            collected: self.collected(cells, number, spot),
            unit: self.mapping.unit(unit),
            closure: columns.closure.as_ref().map_or("", |name| self.cell(cells, name)).to_owned(),
        })
    }

    fn collected(&self, cells: &[&str], number: &str, spot: Option<Spot>) -> Collected {
        let columns = &self.mapping.columns;
        let mut parts: Vec<&str> = vec![];
        for name in &columns.text {
            let part = self.cell(cells, name);
            if !part.is_empty() && !parts.contains(&part) {
                parts.push(part);
            }
        }
        Collected {
            source: self.mapping.channel(self.cell(cells, &columns.channel)),
            category: self.mapping.category(self.cell(cells, &columns.category)).to_owned(),
            text: parts.join(" · "),
            spot,
            place: None,
            line: None,
            area: None,
            finding: None,
            patrol: None,
            photos: vec![],
            simulated: false,
            origin: Some(Origin { system: self.mapping.key.clone(), number: number.to_owned() }),
        }
    }

    fn cell<'a>(&self, cells: &[&'a str], name: &str) -> &'a str {
        self.at.get(name).and_then(|at| cells.get(*at)).map_or("", |cell| cell.trim())
    }

    fn time(
        &self,
        cells: &[&str],
        name: Option<&String>,
        flaws: &mut Vec<Flaw>,
    ) -> Option<Timestamp> {
        let name = name?;
        let text = self.cell(cells, name);
        if text.is_empty() {
            return None;
        }
        let at = self.mapping.at(&self.zone, text);
        if at.is_none() {
            let like = &self.mapping.time;
            let (zh, en) = (format!("不是 {like} 的时间"), format!("it is no time like {like}"));
            flaws.push(flaw(name, text, &zh, &en));
        }
        at
    }

    fn on_time(&self, cells: &[&str], flaws: &mut Vec<Flaw>) -> Option<bool> {
        let name = self.mapping.columns.on_time.as_ref()?;
        let text = self.cell(cells, name);
        let is = |words: &[String]| words.iter().any(|word| word == text);
        let words = &self.mapping.on_time;
        if text.is_empty() {
            return None;
        }
        if !is(&words.yes) && !is(&words.no) {
            let accepted = [&words.yes[..], &words.no[..]].concat().join(", ");
            flaws.push(flaw(
                name,
                text,
                &format!("应为 {accepted}"),
                &format!("it is one of {accepted}"),
            ));
        }
        Some(is(&words.yes))
    }

    fn spot(&self, cells: &[&str], flaws: &mut Vec<Flaw>) -> Option<Spot> {
        let columns = &self.mapping.columns;
        let (lon_name, lat_name) = (columns.lon.as_ref()?, columns.lat.as_ref()?);
        let (lon, lat) = (self.cell(cells, lon_name), self.cell(cells, lat_name));
        if lon.is_empty() && lat.is_empty() {
            return None;
        }
        let read = |text: &str, max: f64| text.parse::<f64>().ok().filter(|own| own.abs() <= max);
        let (Some(lon), Some(lat)) = (read(lon, 180.0), read(lat, 90.0)) else {
            let found = format!("{lon}, {lat}");
            let name = format!("{lon_name}, {lat_name}");
            flaws.push(flaw(&name, &found, "不是经纬度", "these are no degrees east and north"));
            return None;
        };
        let is_nowhere = self.mapping.nowhere.contains(&[lon, lat]);
        (!is_nowhere).then_some(Spot { lon, lat, accuracy_m: None })
    }
}

impl Foreign {
    /// The id of its first move: what makes the same row one case however often it is imported.
    pub fn id(&self, system: &str) -> String {
        format!("{system}/{}", self.number)
    }

    /// The moves that it came to. Without a target of its own it has the time of its category.
    pub fn events(&self, system: &str, catalogue: &Catalogue, calendar: &Calendar) -> Vec<Event> {
        let (allowed, allowed_ms) = self.allowed(catalogue, calendar);
        let unit = self.unit.clone();
        let handler = if unit.starts_with(&format!("{system}/")) {
            unit.clone()
        } else {
            format!("{system}/{unit}")
        };
        let note = match self.target {
            Some(_) => String::new(),
            None => "no target in the file: the time of the category · 文件无期限，按类别时限"
                .to_owned(),
        };
        let id = self.id(system);
        let event = |name: &str, at, who: &str, made| Event {
            id: format!("{id}/{name}"),
            made,
            recorded: Some(Recorded { at, who: who.to_owned() }),
        };
        let opened = self.opened;
        let collected = Move::Collect(Box::new(self.collected.clone()));
        let mut events = vec![
            Event { id: id.clone(), ..event("collect", opened, system, collected) },
            event("file", opened, system, Move::File { note: String::new() }),
            event("dispatch", opened, system, Move::Dispatch { unit, allowed, allowed_ms, note }),
            event("accept", opened, &handler, Move::Accept { note: String::new() }),
        ];
        if let Some(closed) = self.closed {
            let closed = closed.max(opened);
            let said = "closed · 已关闭".to_owned();
            let note = Some(self.closure.clone()).filter(|text| !text.is_empty()).unwrap_or(said);
            let done = Move::FeedBack { note, photos: vec![] };
            let note = "closed in the other system · 由原系统结案".to_owned();
            let pass = Move::Pass { note, spot: None, photos: vec![] };
            events.push(event("feed_back", closed, &handler, done));
            events.push(event("pass", closed, system, pass));
        }
        events
    }

    fn allowed(&self, catalogue: &Catalogue, calendar: &Calendar) -> (Allowed, i64) {
        let stated = Allowed { amount: 1, counting: Counting::CalendarHours };
        if let Some(target) = self.target {
            return (stated, (target - self.opened).max(1));
        }
        let category = catalogue.category(&self.collected.category);
        let allowed = category.map_or(stated, |category| category.allowed);
        let due = calendar.due(self.opened, allowed);
        (allowed, calendar.spent(self.opened, due, allowed.counting).max(1))
    }

    /// Whether our clocks call it overdue, as of `seen`.
    ///
    /// # Errors
    /// When its moves make no case: a defect.
    pub fn is_overdue_here(
        &self,
        system: &str,
        catalogue: &Catalogue,
        calendar: &Calendar,
        seen: Timestamp,
    ) -> Option<bool> {
        let events = self.events(system, catalogue, calendar);
        let (first, rest) = events.split_first()?;
        let mut case = Case::begin("", self.opened, system, first)?;
        for event in rest {
            let recorded = event.recorded.as_ref()?;
            case.check(event, None, &Actor::of_system(&recorded.who), recorded.at).ok()?;
            case.apply(recorded.at, &recorded.who, event);
        }
        Some(case.run()?.is_overdue(calendar, seen))
    }
}

impl Actor {
    /// Somebody of another system, of whom no duties are known here.
    pub fn of_system(name: &str) -> Self {
        use Duty::{Dispatch, Handle, Operate, Verify};
        Self {
            name: name.to_owned(),
            unit: None,
            duties: [Operate, Dispatch, Handle, Verify].into(),
        }
    }
}

fn flaw(column: &str, found: &str, zh: &str, en: &str) -> Flaw {
    let what = crate::Text { zh: zh.to_owned(), en: en.to_owned() };
    let found = found.chars().filter(|c| !c.is_control()).take(60).collect();
    Flaw { column: column.to_owned(), found, what }
}
