//! The field of one hour: what the process and the values of the hour say together.

use super::Grid;
use super::local::{Local, Said};
use super::process::Process;
use super::shape::{Estimate, Spread, Steps};
use crate::{Plane, Point};

/// Stations that a spot is told from.
pub(crate) const NEIGHBOURS: usize = 32;
/// Spots that an area is taken apart into, at most.
const SPOTS_MAX: usize = 64;
/// Stations that an area is told from.
const AREA_NEIGHBOURS: usize = 64;

/// The field of one hour, ready to be asked at any spot, over any grid, area or line.
#[derive(Clone, Debug)]
pub struct Field<'a> {
    pub(crate) process: &'a Process,
    /// What each station that spoke says.
    known: Vec<Known>,
    /// Stations left out because they contradict all around them.
    pub left_out: Vec<LeftOut>,
}

/// One value that kriging starts from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub station: usize,
    pub at_m: [f64; 2],
    pub value: f64,
    /// In units of the sill.
    pub noise: f64,
}

/// A station that its neighbours contradict.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeftOut {
    /// Index of the station.
    pub station: usize,
    /// What it says.
    pub says: f64,
    /// What the others say of its place.
    pub expected: f64,
    /// How many standard deviations lie between.
    pub deviations: f64,
}

/// What is known around a spot.
pub(crate) struct Pair {
    pub local: Local,
    /// The station of each row of `local`.
    pub rows: Vec<usize>,
    pub scale: f64,
    pub steps: Steps,
    dof: f64,
}

impl<'a> Field<'a> {
    /// From what the stations say now, one value a station; those that contradict all others are left out.
    /// `None` when no station says anything.
    pub fn of(process: &'a Process, now: &[Option<f64>]) -> Option<Self> {
        let known = |(at, station): (usize, &super::Station)| {
            let value = now.get(at).copied().flatten().filter(|value| value.is_finite())?;
            Some(Known {
                station: at,
                at_m: process.at_m[at],
                value: process.shape.there(value),
                noise: station.grade.variance() * process.unit2() / process.covariance.sill,
            })
        };
        let known = process.stations.iter().enumerate().filter_map(known).collect();
        let mut field = Self { process, known, left_out: vec![] };
        if field.known.is_empty() {
            return None;
        }
        field.vote_out();
        Some(field)
    }

    /// How many stations it is told from.
    pub fn stations(&self) -> usize {
        self.known.len()
    }

    /// What a good instrument at a spot would say.
    pub fn at(&self, at: Point) -> Option<Estimate> {
        let (spread, _, steps) = self.spread(at)?;
        Some(self.process.shape.estimate(spread, &steps))
    }

    /// A quantile of what a good instrument at a spot would say.
    pub fn quantile(&self, at: Point, p: f64) -> Option<f64> {
        let (spread, dof, _) = self.spread(at)?;
        Some(self.process.shape.quantile(spread, dof, p))
    }

    fn spread(&self, at: Point) -> Option<(Spread, f64, Steps)> {
        let spot = self.process.plane.metres(at);
        let pair = self.around(&[spot], NEIGHBOURS)?;
        let both = self.spread_of(pair.local.one(spot), &pair);
        Some((both, pair.dof, pair.steps))
    }

    /// All cells of a grid at once.
    pub fn grid(&self, grid: &Grid) -> Vec<Option<Estimate>> {
        let mut all = Vec::with_capacity(grid.cols * grid.rows);
        self.fill(grid, |_, band| all.extend_from_slice(band));
        all
    }

    /// The mean over an area inside rings, with an interval from the joint covariance of its spots.
    /// `None` when the rings hold nothing.
    pub fn area(&self, rings: &[&[Point]]) -> Option<Estimate> {
        let spots = spots_in(rings, self.process.plane);
        if spots.is_empty() {
            return None;
        }
        let pair = self.around(&spots, AREA_NEIGHBOURS)?;
        let (means, mut covariance) = pair.local.jointly(&spots);
        covariance *= self.process.covariance.sill * pair.scale;
        // what neighbours do not share is averaged away over the ground between two spots of it
        let shape = &self.process.shape;
        let spread =
            |at: usize| Spread { mean: means[at], sd: covariance[(at, at)].max(0.0).sqrt() };
        let each: Vec<Estimate> =
            (0..spots.len()).map(|at| shape.estimate(spread(at), &pair.steps)).collect();
        let count = each.len() as f64;
        let mean = each.iter().map(|one| one.mean).sum::<f64>() / count;
        let slopes: Vec<f64> = means
            .iter()
            .map(|mean| (shape.back(mean + 0.01) - shape.back(mean - 0.01)) / 0.02 / count)
            .collect();
        let slopes = nalgebra::DVector::from_vec(slopes);
        let sd = (slopes.dot(&(&covariance * &slopes))).max(0.0).sqrt();
        let middle = shape.there(mean);
        let slope = (shape.back(middle + 0.01) - shape.back(middle - 0.01)) / 0.02;
        let spread = Spread { mean: middle, sd: sd / slope.max(1e-12) };
        Some(Estimate { mean, ..shape.estimate(spread, &pair.steps) })
    }

    pub(crate) fn spread_of(&self, said: Said, pair: &Pair) -> Spread {
        said.spread(self.process.covariance.sill * pair.scale)
    }

    pub(crate) fn around(&self, spots: &[[f64; 2]], count: usize) -> Option<Pair> {
        let covariance = &self.process.covariance;
        let near = near(&self.known, spots, count);
        let (values, noise): (Vec<f64>, Vec<f64>) =
            near.iter().map(|known| (known.value, known.noise)).unzip();
        let at_m = near.iter().map(|known| known.at_m).collect();
        let rows = near.iter().map(|known| known.station).collect();
        let local = Local::new(at_m, &values, &noise, covariance.range_m, covariance.nugget)?;
        let free = local.size() as f64 - 1.0;
        let dof = covariance.freedom + free;
        let scale = (covariance.freedom + local.square / covariance.sill) / dof;
        Some(Pair { local, rows, scale, steps: Steps::of(dof), dof })
    }

    /// Leaves out, worst first, what lies further from all others than a Gaussian can, in units of how far
    /// stations usually lie from each other in this hour. References stay; so does all when they are few.
    fn vote_out(&mut self) {
        const FEW: usize = 6;
        const DEVIATIONS: f64 = 5.0;
        let most = self.known.len() / 10 + 1;
        while self.left_out.len() < most && self.known.len() > FEW {
            let scores: Vec<(f64, f64)> = (0..self.known.len()).map(|at| self.score(at)).collect();
            let mut sizes: Vec<f64> = scores.iter().map(|score| score.0.abs()).collect();
            let usual = 1.4826 * crate::linear::median(&mut sizes).unwrap_or(0.0);
            let stations = &self.process.stations;
            let worst = (0..self.known.len())
                .filter(|at| !stations[self.known[*at].station].grade.is_reference)
                .max_by(|a, b| scores[*a].0.abs().total_cmp(&scores[*b].0.abs()));
            let Some(worst) = worst else { return };
            let deviations = scores[worst].0.abs() / usual.max(1.0);
            if deviations < DEVIATIONS {
                return;
            }
            let gone = self.known.remove(worst);
            self.left_out.push(LeftOut {
                station: gone.station,
                says: self.process.shape.back(gone.value),
                expected: self.process.shape.back(scores[worst].1),
                deviations,
            });
        }
    }

    /// How many standard deviations a station is off from its nearest others, and what they say.
    fn score(&self, at: usize) -> (f64, f64) {
        const OTHERS: usize = 12;
        let covariance = &self.process.covariance;
        let me = self.known[at];
        let others: Vec<Known> =
            self.known.iter().filter(|known| known.station != me.station).copied().collect();
        let near = near(&others, &[me.at_m], OTHERS);
        let mut values: Vec<f64> = near.iter().map(|known| known.value).collect();
        // the middle one, not the mean: another broken neighbour must not hide this one
        let middle = crate::linear::median(&mut values).unwrap_or(me.value);
        let at_m = near.iter().map(|known| known.at_m).collect();
        let values: Vec<f64> = near.iter().map(|known| known.value).collect();
        let noise: Vec<f64> = near.iter().map(|known| known.noise).collect();
        let Some(local) = Local::new(at_m, &values, &noise, covariance.range_m, covariance.nugget)
        else {
            return (0.0, me.value);
        };
        let said = local.one(me.at_m);
        let sd = ((said.variance + me.noise) * covariance.sill).sqrt().max(1e-9);
        let (by_mean, by_middle) = ((me.value - said.mean) / sd, (me.value - middle) / sd);
        if by_mean.abs() < by_middle.abs() { (by_mean, said.mean) } else { (by_middle, middle) }
    }
}

/// The values nearest to any of some spots.
fn near(all: &[Known], spots: &[[f64; 2]], count: usize) -> Vec<Known> {
    let mut keyed: Vec<(f64, Known)> = all
        .iter()
        .map(|known| {
            let square = |spot: &[f64; 2]| {
                (spot[0] - known.at_m[0]).powi(2) + (spot[1] - known.at_m[1]).powi(2)
            };
            (spots.iter().map(square).fold(f64::INFINITY, f64::min), *known)
        })
        .collect();
    if keyed.len() > count {
        keyed.select_nth_unstable_by(count - 1, |a, b| a.0.total_cmp(&b.0));
        keyed.truncate(count);
    }
    keyed.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.station.cmp(&b.1.station)));
    keyed.into_iter().map(|(_, known)| known).collect()
}

/// Spots spread evenly inside rings, in metres of a plane.
fn spots_in(rings: &[&[Point]], plane: Plane) -> Vec<[f64; 2]> {
    let Some(bounds) = crate::bounds(rings.iter().flat_map(|ring| ring.iter().copied())) else {
        return vec![];
    };
    for side in [8, 12, 20, 40] {
        let grid = Grid::within(bounds, side, side, rings);
        let cells = (0..side * side).filter(|cell| grid.wanted[*cell]);
        let inside: Vec<_> = cells.map(|cell| plane.metres(grid.middle(cell))).collect();
        if inside.len() >= 24 || side == 40 {
            let step = inside.len().div_ceil(SPOTS_MAX).max(1);
            return inside.into_iter().step_by(step).collect();
        }
    }
    vec![]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Bounds;
    use crate::field::{Grade, Kind, Station};

    fn station(x: f64, y: f64, grade: Grade) -> Station {
        Station { at: [116.0 + 0.1 * x, 39.0 + 0.1 * y], grade }
    }

    fn square(count: u32, grade: Grade) -> Vec<Station> {
        let at =
            |n: u32| (f64::from(n * 7 % count) / f64::from(count), f64::from(n) / f64::from(count));
        (0..count).map(|n| station(at(n).0, at(n).1, grade)).collect()
    }

    #[expect(clippy::unnecessary_wraps, reason = "a row of an hour is of options")]
    fn wave(station: &Station, hour: u32) -> Option<f64> {
        let [x, y] = [(station.at[0] - 116.0) * 60.0, (station.at[1] - 39.0) * 60.0];
        Some(60.0 + 25.0 * (x + 0.3 * f64::from(hour)).sin() * y.cos())
    }

    fn process(stations: &[Station]) -> Process {
        let row = |hour: u32| stations.iter().map(|station| wave(station, hour)).collect();
        Process::fit(Kind::Concentration, stations, &(0..24).map(row).collect::<Vec<_>>())
    }

    fn now(stations: &[Station]) -> Vec<Option<f64>> {
        stations.iter().map(|station| wave(station, 24)).collect()
    }

    #[test]
    fn far_from_stations_the_interval_is_wider_and_at_one_it_is_near_its_value() {
        let stations = square(40, Grade::STANDARD);
        let process = process(&stations);
        let now = now(&stations);
        let field = Field::of(&process, &now).unwrap();
        let at = field.at(stations[11].at).unwrap();
        assert!((at.mean - now[11].unwrap()).abs() < 6.0, "{at:?} {:?}", now[11]);
        let far = field.at([116.6, 39.6]).unwrap();
        assert!(far.high - far.low > 2.0 * (at.high - at.low), "{far:?} {at:?}");
        assert!(!process.covariance().is_assumed);
    }

    #[test]
    fn one_station_assumes_usual_numbers_says_so_and_doubts_what_is_far() {
        let stations = [station(0.5, 0.5, Grade::STANDARD)];
        let process = process(&stations);
        assert!(process.covariance().is_assumed);
        let field = Field::of(&process, &[Some(80.0)]).unwrap();
        let (near, far) = (field.at(stations[0].at).unwrap(), field.at([116.4, 39.0]).unwrap());
        assert!((near.median - 80.0).abs() < 1.0);
        assert!(far.relative_doubt() > 0.5 && far.relative_doubt() > near.relative_doubt());
        assert!(Field::of(&process, &[None]).is_none());
        assert!(Field::of(&process, &[Some(f64::NAN)]).is_none());
    }

    #[test]
    fn equal_collinear_and_twofold_stations_give_numbers() {
        let grid = Grid {
            bounds: Bounds { west: 116.0, south: 39.0, east: 116.1, north: 39.1 },
            cols: 20,
            rows: 20,
            wanted: vec![true; 400],
        };
        let line: Vec<_> =
            (0..10).map(|n| station(f64::from(n) / 10.0, 0.5, Grade::MICRO)).collect();
        let mut twice = square(12, Grade::STANDARD);
        twice.extend(twice.clone());
        for (stations, value) in [(line.clone(), None), (twice, None), (line, Some(40.0))] {
            let said = |station: &Station, hour| value.map_or_else(|| wave(station, hour), Some);
            let row = |hour| stations.iter().map(|station| said(station, hour)).collect::<Vec<_>>();
            let process =
                Process::fit(Kind::Concentration, &stations, &(0..24).map(row).collect::<Vec<_>>());
            let now = row(24);
            let field = Field::of(&process, &now).unwrap();
            for cell in field.grid(&grid).into_iter().flatten() {
                assert!(
                    cell.low <= cell.median && cell.median <= cell.high && cell.mean.is_finite()
                );
                // equal values are no proof that all the ground is equal
                assert!(cell.high > cell.low);
            }
        }
    }

    #[test]
    fn two_at_one_place_that_disagree_widen_the_doubt() {
        let mut stations = square(12, Grade::STANDARD);
        stations.push(stations[3]);
        let process = process(&stations);
        let mut said = now(&stations);
        let agreed = Field::of(&process, &said).unwrap().at(stations[3].at).unwrap();
        said[12] = said[12].map(|value| 2.0 * value);
        let differ = Field::of(&process, &said).unwrap().at(stations[3].at).unwrap();
        assert!(differ.mean > agreed.mean && differ.high - differ.low > agreed.high - agreed.low);
    }

    #[test]
    fn negative_values_and_a_gap_in_the_window_break_nothing() {
        let stations = square(12, Grade::STANDARD);
        let row = |hour: u32| -> Vec<Option<f64>> {
            let each = stations.iter().enumerate();
            let value = |(at, s): (usize, &Station)| {
                if (8..14).contains(&hour) {
                    None
                } else {
                    wave(s, hour).map(|v| if at == 2 { -3.0 } else { v - 40.0 })
                }
            };
            each.map(value).collect()
        };
        let process =
            Process::fit(Kind::Concentration, &stations, &(0..24).map(row).collect::<Vec<_>>());
        let field = Field::of(&process, &row(24)).unwrap();
        let at = field.at(stations[2].at).unwrap();
        assert!(at.low >= 0.0 && at.mean.is_finite());
        // a temperature may be below nothing
        let plain = Process::fit(Kind::Plain, &stations, &(0..24).map(row).collect::<Vec<_>>());
        assert!(Field::of(&plain, &row(24)).unwrap().at(stations[2].at).unwrap().low < 0.0);
    }

    #[test]
    fn a_broken_micro_station_is_left_out_and_a_reference_and_a_shared_rise_are_not() {
        let mut stations = square(30, Grade::MICRO);
        stations[5].grade = Grade::STANDARD;
        let process = process(&stations);
        let mut said = now(&stations);
        said[9] = Some(900.0);
        let field = Field::of(&process, &said).unwrap();
        assert_eq!(field.left_out.iter().map(|out| out.station).collect::<Vec<_>>(), [9]);
        assert!(field.left_out[0].deviations > 5.0 && field.left_out[0].expected < 120.0);
        let mut said = now(&stations);
        said[5] = Some(900.0);
        assert!(Field::of(&process, &said).unwrap().left_out.iter().all(|out| out.station != 5));
        let risen: Vec<_> = now(&stations).into_iter().map(|v| v.map(|v| 2.0 * v)).collect();
        assert!(Field::of(&process, &risen).unwrap().left_out.is_empty());
    }

    #[test]
    fn an_area_is_surer_than_its_spots_and_a_grid_is_the_same_in_bands() {
        let stations = square(40, Grade::STANDARD);
        let process = process(&stations);
        let now = now(&stations);
        let field = Field::of(&process, &now).unwrap();
        let ring = [[116.02, 39.02], [116.08, 39.02], [116.08, 39.08], [116.02, 39.08]];
        let area = field.area(&[&ring]).unwrap();
        let spot = field.at([116.05, 39.05]).unwrap();
        assert!(area.high - area.low < spot.high - spot.low, "{area:?} {spot:?}");
        assert!(area.low < area.mean && area.mean < area.high);
        assert!(field.area(&[&ring[..1]]).is_none());
        let grid = Grid::within(
            Bounds { west: 116.0, south: 39.0, east: 116.1, north: 39.1 },
            33,
            21,
            &[&ring],
        );
        let cells = field.grid(&grid);
        assert_eq!(cells.len(), 33 * 21);
        assert!(cells.iter().zip(&grid.wanted).all(|(cell, wanted)| cell.is_some() == *wanted));
    }
}
