//! Who stands beside whom: neighbours, wind, upstream, the other dust. Found once when series were added, by a
//! grid, so that many series cost no more each than few.

use crate::rule::Kind;
use crate::series::Series;
use crate::watch::{COARSE, FINE, State, WIND};
use model::{DeviceId, Period, PlaceId, PlaceKind, Statistic};
use space::{Plane, Point};
use std::collections::{BTreeMap, HashMap};

/// Where there are fewer neighbours within reach, those further away are looked at too.
const NEAR_MIN: usize = 3;

/// What can be compared: one parameter, statistic and period.
type Class<'a> = (&'a str, Statistic, Period);

/// Finds it anew for all series.
pub(crate) fn relate(state: &mut State) {
    let mut classes: BTreeMap<Class<'_>, Vec<u32>> = BTreeMap::new();
    for (series, index) in state.series.iter().zip(0_u32..) {
        let setup = &series.setup;
        let class = (&*setup.parameter, setup.statistic, setup.period);
        classes.entry(class).or_default().push(index);
    }
    let mut found = vec![Found::default(); state.series.len()];
    for ((parameter, _, period), members) in &classes {
        let reach_m = state.limits.reach_m;
        let grid = Grid::of(&state.series, members, reach_m);
        let far = Grid::of(&state.series, members, state.limits.far_m);
        let winds = winds_of(&classes, *period);
        let winds = Grid::of(&state.series, &winds, reach_m * 2.0);
        let coarse = by_device(state, &classes, *period, COARSE);
        let by_place = by_place(state, members);
        for index in members {
            let own = &state.series[*index as usize];
            let kinds = || own.slots.iter().map(|slot| &state.rules.all()[usize::from(slot.rule)]);
            let found = &mut found[*index as usize];
            if kinds().any(|rule| rule.looks_beside() && rule.kind != Kind::DownstreamWorse) {
                let most = state.limits.neighbours;
                found.near = grid.near(&state.series, *index, reach_m, most);
                found.near_count = found.near.len();
                if found.near_count < NEAR_MIN {
                    found.near = far.near(&state.series, *index, state.limits.far_m, most);
                }
            }
            if kinds().any(|rule| rule.kind == Kind::AboveUpwind) {
                let nearest = winds.near_or_own(&state.series, *index, reach_m * 2.0);
                found.wind = nearest;
            }
            if kinds().any(|rule| rule.kind == Kind::DownstreamWorse) {
                found.upstream = own.setup.upstream.and_then(|place| by_place.get(&place)).copied();
            }
            if *parameter == FINE {
                let setup = &own.setup;
                found.coarse = coarse.get(&(setup.site.id, setup.device, setup.statistic)).copied();
            }
        }
    }
    put(state, found);
}

#[derive(Clone, Default)]
struct Found {
    near: Vec<(u32, f32, f32)>,
    near_count: usize,
    wind: Option<u32>,
    upstream: Option<u32>,
    coarse: Option<u32>,
}

/// Keeps what was found, and the other way round: who looks at whom.
fn put(state: &mut State, found: Vec<Found>) {
    for series in &mut state.series {
        series.read_by.clear();
    }
    for (found, index) in found.into_iter().zip(0_u32..) {
        let beside = found.near.iter().map(|(other, ..)| *other);
        let beside: Vec<u32> = beside.chain(found.wind).chain(found.upstream).collect();
        for other in beside {
            state.series[other as usize].read_by.push((index, false));
        }
        if let Some(coarse) = found.coarse {
            state.series[coarse as usize].read_by.push((index, true));
        }
        let own = &mut state.series[index as usize];
        (own.near, own.near_count, own.wind) = (found.near, found.near_count, found.wind);
        (own.upstream, own.coarse) = (found.upstream, found.coarse);
    }
}

/// Series of the wind's direction of a period; means before others.
fn winds_of(classes: &BTreeMap<Class<'_>, Vec<u32>>, period: Period) -> Vec<u32> {
    let of = |statistic| classes.get(&(WIND, statistic, period)).cloned();
    of(Statistic::Mean).or_else(|| of(Statistic::Instant)).unwrap_or_default()
}

fn by_device(
    state: &State,
    classes: &BTreeMap<Class<'_>, Vec<u32>>,
    period: Period,
    parameter: &str,
) -> HashMap<(PlaceId, Option<DeviceId>, Statistic), u32> {
    let of = classes.iter().filter(|((key, _, of), _)| *key == parameter && *of == period);
    let members = of.flat_map(|(_, members)| members);
    let key = |index: &u32| {
        let setup = &state.series[*index as usize].setup;
        ((setup.site.id, setup.device, setup.statistic), *index)
    };
    members.map(key).collect()
}

fn by_place(state: &State, members: &[u32]) -> HashMap<PlaceId, u32> {
    members.iter().map(|index| (state.series[*index as usize].setup.site.id, *index)).collect()
}

/// Points in cells as wide as the reach.
struct Grid {
    plane: Option<Plane>,
    cell_m: f64,
    cells: HashMap<(i64, i64), Vec<u32>>,
}

impl Grid {
    fn of(series: &[Series], members: &[u32], cell_m: f64) -> Self {
        let spot = |index: &u32| series[*index as usize].setup.site.spot;
        let plane = members.first().map(|first| Plane::at(spot(first)));
        let mut grid = Self { plane, cell_m, cells: HashMap::new() };
        for index in members {
            let own = &series[*index as usize];
            if stays_and_breathes(own.setup.site.kind)
                && let Some(cell) = grid.cell(spot(index))
            {
                grid.cells.entry(cell).or_default().push(*index);
            }
        }
        grid
    }

    fn cell(&self, spot: Point) -> Option<(i64, i64)> {
        let [x, y] = self.plane.as_ref()?.metres(spot);
        Some(((x / self.cell_m).floor() as i64, (y / self.cell_m).floor() as i64))
    }

    /// The nearest within reach at other places: number, distance, bearing.
    fn near(&self, series: &[Series], of: u32, reach_m: f64, n: usize) -> Vec<(u32, f32, f32)> {
        let own = &series[of as usize].setup.site;
        let Some((x, y)) = self.cell(own.spot) else { return vec![] };
        let around = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (x + dx, y + dy)));
        let mut found: Vec<(u32, f32, f32)> = around
            .filter_map(|cell| self.cells.get(&cell))
            .flatten()
            .filter(|other| series[**other as usize].setup.site.id != own.id)
            .map(|other| {
                let spot = series[*other as usize].setup.site.spot;
                let apart = space::distance_m(own.spot, spot) as f32;
                (*other, apart, space::bearing_deg(own.spot, spot) as f32)
            })
            .filter(|(_, apart, _)| f64::from(*apart) <= reach_m)
            .collect();
        found.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        found.truncate(n);
        found
    }

    /// That of the own place, or the nearest.
    fn near_or_own(&self, series: &[Series], of: u32, reach_m: f64) -> Option<u32> {
        let own = &series[of as usize].setup.site;
        let cell = self.cell(own.spot)?;
        let is_here = |other: &&u32| series[**other as usize].setup.site.id == own.id;
        let here = self.cells.get(&cell).and_then(|cell| cell.iter().find(is_here)).copied();
        here.or_else(|| self.near(series, of, reach_m, 1).first().map(|(other, ..)| *other))
    }
}

/// Whether a kind of place stays where it is and measures what is around it.
fn stays_and_breathes(kind: PlaceKind) -> bool {
    use PlaceKind::{AirStation, DustSite, MicroStation, WeatherStation};
    matches!(kind, AirStation | DustSite | MicroStation | WeatherStation)
}
