//! Positions in the datums of Chinese map services, turned into WGS 84.
//!
//! GCJ-02 moves a position by some hundred metres along a published curve; BD-09 turns GCJ-02 once more.
//! Neither says of a position which it is: the datum is stated by whoever has the file, never guessed. The
//! way back is found by iteration until the forward curve gives the position again, better than 1e-7°
//! (a centimetre). Outside China GCJ-02 is WGS 84.

use std::f64::consts::PI;

/// The datum in which a file gives its positions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Datum {
    /// WGS 84, and CGCS 2000, which differs from it by centimetres.
    #[default]
    Wgs84,
    /// GCJ-02: the maps of Gaode and Tencent.
    Gcj02,
    /// BD-09: the maps of Baidu.
    Bd09,
}

impl Datum {
    /// The datum of a stable name: `wgs84`, `gcj02`, `bd09`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "wgs84" => Some(Self::Wgs84),
            "gcj02" => Some(Self::Gcj02),
            "bd09" => Some(Self::Bd09),
            _ => None,
        }
    }

    /// A position in WGS 84: longitude and latitude in degrees. What is no position stays what it is.
    pub fn to_wgs84(self, point: [f64; 2]) -> [f64; 2] {
        match self {
            Self::Wgs84 => point,
            Self::Gcj02 => invert(wgs84_to_gcj02, point),
            Self::Bd09 => invert(wgs84_to_gcj02, invert(gcj02_to_bd09, point)),
        }
    }
}

/// Semi-major axis of the ellipsoid that the curve is drawn on (Krasovsky 1940), m.
const AXIS_M: f64 = 6_378_245.0;
/// Its first eccentricity squared.
const ECCENTRICITY_2: f64 = 0.006_693_421_622_965_943;

/// The published curve. The rectangle outside which it does nothing is part of it.
pub fn wgs84_to_gcj02([lon, lat]: [f64; 2]) -> [f64; 2] {
    if !(72.004..=137.8347).contains(&lon) || !(0.8293..=55.8271).contains(&lat) {
        return [lon, lat];
    }
    let (x, y) = (lon - 105.0, lat - 35.0);
    let wave = |at: f64, parts: [(f64, f64); 2]| -> f64 {
        parts.iter().map(|(height, step)| height * (at / step * PI).sin()).sum::<f64>() * 2.0 / 3.0
    };
    let common = wave(x, [(20.0, 1.0 / 6.0), (20.0, 0.5)]);
    let north = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * x.abs().sqrt()
        + common
        + wave(y, [(20.0, 1.0), (40.0, 3.0)])
        + wave(y, [(160.0, 12.0), (320.0, 30.0)]);
    let east = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * x.abs().sqrt()
        + common
        + wave(x, [(20.0, 1.0), (40.0, 3.0)])
        + wave(x, [(150.0, 12.0), (300.0, 30.0)]);
    let radians = lat / 180.0 * PI;
    let magic = 1.0 - ECCENTRICITY_2 * radians.sin().powi(2);
    let root = magic.sqrt();
    let north_deg = north * 180.0 / ((AXIS_M * (1.0 - ECCENTRICITY_2)) / (magic * root) * PI);
    let east_deg = east * 180.0 / (AXIS_M / root * radians.cos() * PI);
    [lon + east_deg, lat + north_deg]
}

/// GCJ-02 as the maps of Baidu turn it.
pub fn gcj02_to_bd09([lon, lat]: [f64; 2]) -> [f64; 2] {
    const TURN: f64 = PI * 3_000.0 / 180.0;
    let far = lon.hypot(lat) + 0.000_02 * (lat * TURN).sin();
    let angle = lat.atan2(lon) + 0.000_003 * (lon * TURN).cos();
    [far * angle.cos() + 0.0065, far * angle.sin() + 0.006]
}

/// The position that a curve takes to `target`. Each step goes by what is still missing; the curves bend so
/// little that three steps give a centimetre.
fn invert(curve: fn([f64; 2]) -> [f64; 2], target: [f64; 2]) -> [f64; 2] {
    const STEPS_MAX: usize = 20;
    let mut guess = target;
    for _ in 0..STEPS_MAX {
        let reached = curve(guess);
        let missing = [target[0] - reached[0], target[1] - reached[1]];
        guess = [guess[0] + missing[0], guess[1] + missing[1]];
        if missing[0].hypot(missing[1]) < 1e-11 {
            break;
        }
    }
    guess
}

/// Metres between two positions, on the sphere; good enough to compare.
pub fn distance_m(one: [f64; 2], other: [f64; 2]) -> f64 {
    let radians = |degrees: f64| degrees / 180.0 * PI;
    let (south, north) = (radians(one[1]), radians(other[1]));
    let half_lat = ((north - south) / 2.0).sin();
    let half_lon = (radians(other[0] - one[0]) / 2.0).sin();
    let part = half_lat.powi(2) + south.cos() * north.cos() * half_lon.powi(2);
    2.0 * 6_371_000.0 * part.sqrt().min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_curve_moves_a_position_by_some_hundred_metres_in_china_and_not_elsewhere() {
        let moved = |point| distance_m(point, wgs84_to_gcj02(point));
        assert!((300.0..800.0).contains(&moved([116.404, 39.915])));
        assert!((300.0..800.0).contains(&moved([113.26, 23.13])));
        assert!(moved([2.35, 48.85]) < 1e-6);
    }

    #[test]
    fn a_published_position_is_turned_as_published() {
        // Tian'anmen, as the usual converters give it.
        let [lon, lat] = wgs84_to_gcj02([116.404, 39.915]);
        assert!((lon - 116.410_244_499).abs() < 1e-6 && (lat - 39.916_404_281).abs() < 1e-6);
        let [lon, lat] = gcj02_to_bd09([116.404, 39.915]);
        assert!((lon - 116.410_369_494).abs() < 1e-6 && (lat - 39.921_336_993).abs() < 1e-6);
    }

    #[test]
    fn what_is_no_position_does_no_harm() {
        for point in [[f64::NAN, 1.0], [f64::INFINITY, 0.0], [1e300, -1e300]] {
            let _ = Datum::Bd09.to_wgs84(point);
        }
    }

    proptest! {
        #[test]
        fn there_and_back_is_where_it_was(lon in 73.5..135.0_f64, lat in 18.0..53.5_f64) {
            let point = [lon, lat];
            let near = |found: [f64; 2]| {
                (found[0] - lon).abs() < 1e-7 && (found[1] - lat).abs() < 1e-7
            };
            let gcj02 = wgs84_to_gcj02(point);
            prop_assert!(near(Datum::Gcj02.to_wgs84(gcj02)));
            prop_assert!(near(Datum::Bd09.to_wgs84(gcj02_to_bd09(gcj02))));
            prop_assert!(near(Datum::Wgs84.to_wgs84(point)));
        }
    }
}
