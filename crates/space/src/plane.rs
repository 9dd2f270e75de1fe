//! Lengths and directions.

use crate::Point;

/// Mean radius of the Earth, m (IUGG).
const RADIUS_M: f64 = 6_371_008.8;

/// A plane that touches the Earth at a point: metres east and north of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plane {
    origin: Point,
    east_m: f64,
    north_m: f64,
}

impl Plane {
    /// The plane at a point.
    pub fn at(origin: Point) -> Self {
        let north_m = RADIUS_M.to_radians();
        Self { origin, north_m, east_m: north_m * origin[1].to_radians().cos() }
    }

    /// Metres east and north of the origin.
    pub fn metres(&self, point: Point) -> [f64; 2] {
        let [lon, lat] = point;
        [(lon - self.origin[0]) * self.east_m, (lat - self.origin[1]) * self.north_m]
    }

    /// The point of a position in metres.
    pub fn degrees(&self, [east_m, north_m]: [f64; 2]) -> Point {
        [self.origin[0] + east_m / self.east_m, self.origin[1] + north_m / self.north_m]
    }
}

/// The distance between two points on a sphere, m.
pub fn distance_m(a: Point, b: Point) -> f64 {
    let [[lon_a, lat_a], [lon_b, lat_b]] = [a, b].map(|point| point.map(f64::to_radians));
    let half = |angle: f64| (angle / 2.0).sin().powi(2);
    let chord = half(lat_b - lat_a) + lat_a.cos() * lat_b.cos() * half(lon_b - lon_a);
    2.0 * RADIUS_M * chord.clamp(0.0, 1.0).sqrt().asin()
}

/// The direction in which `b` lies from `a`: degrees from north over east, 0 to below 360.
pub fn bearing_deg(a: Point, b: Point) -> f64 {
    let [[lon_a, lat_a], [lon_b, lat_b]] = [a, b].map(|point| point.map(f64::to_radians));
    let east = (lon_b - lon_a).sin() * lat_b.cos();
    let north = lat_a.cos() * lat_b.sin() - lat_a.sin() * lat_b.cos() * (lon_b - lon_a).cos();
    let bearing = east.atan2(north).to_degrees().rem_euclid(360.0);
    // The remainder of a tiny negative angle rounds up to the whole circle.
    if bearing >= 360.0 { 0.0 } else { bearing }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_is_the_same_point() {
        let plane = Plane::at([116.0, 39.0]);
        let [lon, lat] = plane.degrees(plane.metres([116.03, 38.95]));
        assert!((lon - 116.03).abs() < 1e-12 && (lat - 38.95).abs() < 1e-12);
    }

    #[test]
    fn a_degree_of_latitude_is_111_km_and_lies_to_the_north() {
        let (a, b) = ([116.0, 39.0], [116.0, 40.0]);
        assert!((distance_m(a, b) - 111_195.0).abs() < 1.0);
        assert!(bearing_deg(a, b).abs() < 1e-9);
        assert!((bearing_deg(b, a) - 180.0).abs() < 1e-9);
        assert!((bearing_deg(a, [116.1, 39.0]) - 90.0).abs() < 0.1);
        assert!((bearing_deg(a, [115.9, 39.0]) - 270.0).abs() < 0.1);
        assert!(distance_m(a, a).abs() < 1e-9);
    }

    #[test]
    fn the_plane_agrees_with_the_sphere_over_a_district() {
        let origin = [116.0, 39.0];
        for point in [[116.1, 39.05], [115.9, 38.92], [116.0, 39.1]] {
            let [east, north] = Plane::at(origin).metres(point);
            let sphere = distance_m(origin, point);
            assert!((east.hypot(north) - sphere).abs() < sphere / 1_000.0);
        }
    }
}
