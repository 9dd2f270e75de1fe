//! Quarters and roads: what many small sources do together.

use super::Load;
use crate::calendar::LocalTime;
use crate::emission::{activity, traffic};
use crate::layout::{Blob, Spot, roads};
use crate::weather::Weather;
use std::sync::LazyLock;

/// µg/m³ at the kerb of the busiest road at full traffic in a wind of 2 m/s.
const KERB_UG_M3: Load = [2.6, 8.0, 0.3, 34.0, 260.0];

/// A spot with what is near it, computed once for each spot that is asked often.
#[derive(Clone, Debug)]
pub(crate) struct Neighbourhood {
    pub spot: Spot,
    roads: Vec<Bank>,
}

/// The nearest point of a road, seen from a spot.
#[derive(Clone, Copy, Debug)]
struct Bank {
    /// What reaches the spot in still conditions, as a share of the kerb of the busiest road.
    share: f64,
    /// Unit vector from the road to the spot; zero on the road itself.
    east: f64,
    north: f64,
}

impl Neighbourhood {
    pub(crate) fn new(spot: Spot) -> Self {
        static ROADS: LazyLock<Vec<(Vec<Spot>, f64)>> = LazyLock::new(roads);
        let roads = ROADS
            .iter()
            .map(|(path, traffic)| {
                let foot = nearest(path, spot);
                let km = foot.distance(spot);
                let share = traffic * (0.75 * (-km / 0.10).exp() + 0.25 * (-km / 0.55).exp());
                let scale = km.max(0.02);
                Bank { share, east: (spot.x - foot.x) / scale, north: (spot.y - foot.y) / scale }
            })
            .filter(|bank| bank.share > 1e-3)
            .collect();
        Self { spot, roads }
    }
}

/// The quarters and the traffic of one instant.
#[derive(Clone, Debug)]
pub(crate) struct Town {
    hills: Vec<Hill>,
    kerb: Load,
    east: f64,
    north: f64,
    /// Share of the air that moves on; the rest stays where it was dirtied.
    carried: f64,
}

#[derive(Clone, Copy, Debug)]
struct Hill {
    middle: Spot,
    sigma_km: f64,
    load: Load,
}

impl Town {
    /// `wind` is the mean of the last hour, towards the east and the north, m/s.
    pub(crate) fn new(
        blobs: &[Blob],
        local: LocalTime,
        weather: &Weather,
        wind: (f64, f64),
    ) -> Self {
        let speed = wind.0.hypot(wind.1);
        let (east, north) =
            if speed > 1e-6 { (wind.0 / speed, wind.1 / speed) } else { (1.0, 0.0) };
        // flatter than the box model's 1 / (u h): no night is long enough to reach its steady state
        let by_wind = ((speed + 0.6) / 2.6).powf(-0.75);
        let by_depth = (weather.mixing_height_m / 500.0).powf(-0.5);
        let kerb_factor = traffic(local) * by_wind * (weather.mixing_height_m / 500.0).powf(-0.2);
        let hills = blobs
            .iter()
            .map(|blob| {
                let factor = activity(blob.kind, local) * by_wind * by_depth;
                Hill {
                    middle: Spot::new(blob.x, blob.y),
                    sigma_km: blob.sigma_km,
                    load: blob.reference_ug_m3.map(|reference| reference * factor),
                }
            })
            .collect();
        Self {
            hills,
            kerb: KERB_UG_M3.map(|reference| reference * kerb_factor),
            east,
            north,
            carried: speed * speed / (speed * speed + 0.6),
        }
    }

    pub(crate) fn add(&self, place: &Neighbourhood, load: &mut Load) {
        for hill in &self.hills {
            let share = self.reach(hill, place.spot);
            for (sum, part) in load.iter_mut().zip(hill.load) {
                *sum += part * share;
            }
        }
        for bank in &place.roads {
            let lee = bank.east * self.east + bank.north * self.north;
            let share = bank.share * (1.0 + 0.6 * self.carried * lee);
            for (sum, part) in load.iter_mut().zip(self.kerb) {
                *sum += part * share;
            }
        }
    }

    /// 1 in the middle of a hill, up to 2 in its lee, 0 far upwind: the hill summed up along the
    /// wind. (The logistic curve stands for the error function; they differ by less than 0.01.)
    fn reach(&self, hill: &Hill, spot: Spot) -> f64 {
        let (dx, dy) = (spot.x - hill.middle.x, spot.y - hill.middle.y);
        let along = (dx * self.east + dy * self.north) / hill.sigma_km;
        let across = (dx * self.north - dy * self.east) / hill.sigma_km;
        let carried = (-0.5 * across * across - 0.12 * along.max(0.0)).exp() * 2.0
            / (1.0 + (-1.702 * along).exp());
        let stayed = (-0.5 * (along * along + across * across)).exp();
        self.carried * carried + (1.0 - self.carried) * stayed
    }
}

/// The point of a path that is nearest to a spot.
fn nearest(path: &[Spot], spot: Spot) -> Spot {
    path.windows(2)
        .map(|pair| {
            let (a, b) = (pair[0], pair[1]);
            let (dx, dy) = (b.x - a.x, b.y - a.y);
            let part = ((spot.x - a.x) * dx + (spot.y - a.y) * dy) / (dx * dx + dy * dy);
            let part = part.clamp(0.0, 1.0);
            Spot::new(a.x + part * dx, a.y + part * dy)
        })
        .min_by(|a, b| a.distance(spot).total_cmp(&b.distance(spot)))
        .unwrap_or(spot)
}
