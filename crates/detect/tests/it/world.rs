//! Series for tests.

use detect::{Fed, Limits, Rules, Setup, Site, State, Text};
use model::{
    DatastreamId, DeviceId, Flag, Period, PlaceId, PlaceKind, Quality, Statistic, Timestamp,
};
use standards::{Standards, Zone};
use std::sync::{Arc, LazyLock};

static LAW: LazyLock<Arc<Standards>> = LazyLock::new(|| Arc::new(Standards::load().unwrap()));

/// The law, read once.
pub fn law() -> Arc<Standards> {
    Arc::clone(&LAW)
}

/// A state with the rules that come with the program.
pub fn state() -> State {
    let rules = Arc::new(Rules::built_in().unwrap());
    State::new(rules, law(), Zone::shanghai().unwrap(), Limits::default())
}

/// A place.
pub fn site(id: u32, kind: PlaceKind, spot: [f64; 2]) -> Arc<Site> {
    Arc::new(Site {
        id: PlaceId(id),
        key: format!("p{id}"),
        name: Text::new(format!("点{id}"), format!("place {id}")),
        kind,
        spot,
        targets: vec![],
        is_simulated: false,
    })
}

/// An hourly series of a place.
pub fn hours(datastream: i32, site: &Arc<Site>, parameter: &str) -> Setup {
    Setup {
        datastream: DatastreamId(datastream),
        device: Some(DeviceId(site.id.0)),
        site: Arc::clone(site),
        parameter: Arc::from(parameter),
        symbol: Arc::from(parameter),
        unit: Arc::from("ug/m3"),
        statistic: Statistic::Mean,
        period: Period::Hour,
        upstream: None,
    }
}

/// A good value.
pub fn fed(datastream: i32, time: Timestamp, value: f64) -> Fed {
    let flag = Flag::new(Quality::Good, None);
    Fed { datastream: DatastreamId(datastream), time, value: Some(value), flag }
}
