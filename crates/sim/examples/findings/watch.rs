//! A world's uploads through the rules, every five minutes, as a server takes them.

use detect::{
    Change, Deed, Fed, Finding, Input, Limits, Outcome, Raised, Rules, Setup, Site, State, Subject,
    Text,
};
use model::{
    DAY_MS, DatastreamId, DeviceId, Flag, MINUTE_MS, ParameterTable, Period, PlaceId, PlaceKind,
    Quality, Statistic, Timestamp,
};
use sim::{Field, Inventory, Kind, Upload, Zone};
use standards::{Standards, Zone as Civil};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// The findings of one event.
pub struct Event {
    /// In the order in which they were raised.
    pub findings: Vec<Raised>,
}

impl Event {
    /// At how many places.
    pub fn places(&self) -> usize {
        self.findings.iter().map(|own| &own.place).collect::<BTreeSet<_>>().len()
    }
}

/// All events that the rules find in a stretch, in the order of their beginning.
pub fn watch(
    zone: &Zone,
    rules: &Rules,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<Event>, Box<dyn std::error::Error>> {
    let mut desk = Desk::new(zone, rules)?;
    let mut day = from;
    while day < to {
        let uploads = zone.uploads_of(&[Kind::Hour, Kind::Minute], day, day + DAY_MS);
        let mut uploads = uploads.iter().peekable();
        let mut now = day;
        while now < day + DAY_MS {
            now = now + 5 * MINUTE_MS;
            let mut samples = vec![];
            while let Some(upload) = uploads.next_if(|upload| upload.at < now) {
                desk.take(upload, &mut samples);
            }
            desk.step(now, &samples);
        }
        day = day + DAY_MS;
    }
    Ok(desk.events.into_values().collect())
}

struct Desk {
    rules: Arc<Rules>,
    state: State,
    sites: Vec<Option<Arc<Site>>>,
    upstream: HashMap<PlaceId, PlaceId>,
    parameters: ParameterTable,
    streams: HashMap<(usize, &'static str, Kind), DatastreamId>,
    known: Vec<Finding>,
    open: HashMap<(usize, Subject), usize>,
    events: BTreeMap<u64, Event>,
}

impl Desk {
    fn new(zone: &Zone, rules: &Rules) -> Result<Self, Box<dyn std::error::Error>> {
        let inventory = zone.registry();
        let rules = Arc::new(rules.clone());
        let law = Arc::new(Standards::load()?);
        let state = State::new(Arc::clone(&rules), law, Civil::shanghai()?, Limits::default());
        let number = |key: &str| inventory.places.iter().position(|place| place.key == key);
        let sites = inventory.devices.iter().map(|device| {
            let at = number(&device.place)?;
            let place = &inventory.places[at];
            Some(Arc::new(Site {
                id: PlaceId(at as u32),
                key: place.key.clone(),
                name: Text::new(&place.name.zh, &place.name.en),
                kind: place.kind,
                spot: [place.lon, place.lat],
                targets: place
                    .targets
                    .iter()
                    .map(|own| (own.from.clone(), own.class.clone()))
                    .collect(),
                is_simulated: true,
            }))
        });
        Ok(Self {
            rules,
            state,
            sites: sites.collect(),
            upstream: upstream(zone, &inventory),
            parameters: ParameterTable::builtin()?,
            streams: HashMap::new(),
            known: vec![],
            open: HashMap::new(),
            events: BTreeMap::new(),
        })
    }

    fn take(&mut self, upload: &Upload, samples: &mut Vec<Fed>) {
        let Some(Some(site)) = self.sites.get(upload.device).cloned() else { return };
        for item in upload.items.iter().filter(|item| item.field == Field::Avg) {
            let Some(parameter) = self.parameters.by_code(item.code) else { continue };
            let count = self.streams.len() as i32;
            let key = (upload.device, item.code, upload.kind);
            let datastream = *self.streams.entry(key).or_insert_with(|| {
                self.state.watch(Setup {
                    datastream: DatastreamId(count),
                    site: Arc::clone(&site),
                    device: Some(DeviceId(upload.device as u32)),
                    parameter: Arc::from(parameter.key.as_str()),
                    symbol: Arc::from(parameter.symbol.as_str()),
                    unit: Arc::from(parameter.unit.as_str()),
                    statistic: Statistic::Mean,
                    period: if upload.kind == Kind::Hour { Period::Hour } else { Period::Minutes },
                    upstream: self.upstream.get(&site.id).copied(),
                });
                DatastreamId(count)
            });
            let quality = if item.flag == 'N' { Quality::Good } else { Quality::Fail };
            let flag = Flag::new(quality, u8::try_from(item.flag).ok());
            samples.push(Fed {
                datastream,
                time: upload.data_time,
                value: item.value.parse().ok(),
                flag,
            });
        }
    }

    fn step(&mut self, now: Timestamp, samples: &[Fed]) {
        for Outcome { rule, subject, change } in
            detect::step(&mut self.state, now, &Input { samples })
        {
            match change {
                Change::Raised(raised) => {
                    let number = self.known.len() as u64;
                    let id = format!("f{number}");
                    let rule_of = &self.rules.all()[rule];
                    let group =
                        detect::group_of(&raised, rule_of, &self.rules, None, self.known.iter());
                    let group = group.unwrap_or(&id).to_owned();
                    let first = group[1..].parse().unwrap_or(number);
                    let event = self.events.entry(first).or_insert(Event { findings: vec![] });
                    event.findings.push((*raised).clone());
                    let deed = Deed::Raise { finding: raised, group, known_work: None };
                    self.open.insert((rule, subject), self.known.len());
                    self.known.extend(Finding::begin(&id, now, &deed));
                }
                Change::Cleared { at, why } => {
                    if let Some(own) = self.open.remove(&(rule, subject)) {
                        self.known[own].apply(now, "", &Deed::Clear { at, why });
                    }
                }
            }
        }
    }
}

/// The next water site above each, by the way along its river.
fn upstream(zone: &Zone, inventory: &Inventory) -> HashMap<PlaceId, PlaceId> {
    let mut along: BTreeMap<&str, Vec<(f64, PlaceId)>> = BTreeMap::new();
    let plane = space::Plane::at([zone.extent()[0], zone.extent()[1]]);
    for (at, place) in inventory.places.iter().enumerate() {
        let line = inventory.lines.iter().find(|line| line.key == place.line);
        let river = line.map(|line| {
            if line.within.is_empty() {
                line
            } else {
                inventory.lines.iter().find(|own| own.key == line.within).unwrap_or(line)
            }
        });
        let (PlaceKind::WaterSite, Some(river)) = (place.kind, river) else { continue };
        let spot = plane.metres([place.lon, place.lat]);
        let mut gone = 0.0;
        let mut best = (f64::INFINITY, 0.0);
        let mut last = plane.metres(river.path[0]);
        for point in &river.path {
            let point = plane.metres(*point);
            gone += (point[0] - last[0]).hypot(point[1] - last[1]);
            last = point;
            let apart = (point[0] - spot[0]).hypot(point[1] - spot[1]);
            if apart < best.0 {
                best = (apart, gone);
            }
        }
        along.entry(&river.key).or_default().push((best.1, PlaceId(at as u32)));
    }
    let mut above = HashMap::new();
    for sites in along.values_mut() {
        sites.sort_by(|a, b| a.0.total_cmp(&b.0));
        above.extend(sites.windows(2).map(|pair| (pair[1].1, pair[0].1)));
    }
    above
}
