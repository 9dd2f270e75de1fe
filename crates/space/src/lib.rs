//! Where things are to each other: distance and bearing, what lies inside a ring, who the neighbours are,
//! and what a quantity may be between the places that measure it.
//!
//! Points are (longitude, latitude) in degrees, WGS 84, as the registry keeps them. A district is small:
//! lengths within it are taken on a plane that touches it ([`Plane`]), which errs by less than one part
//! in a thousand over 50 km. Distances between any two points are on a sphere.
//!
//! Nothing here knows which limit applies, what a station is, or what anything is measured for. Everything
//! is pure: the same points and values give the same answer, in any order of asking.
//!
//! ```
//! use space::{distance_m, contains};
//!
//! let square = [[114.0, 22.0], [114.1, 22.0], [114.1, 22.1], [114.0, 22.1], [114.0, 22.0]];
//! assert!(contains(&square, [114.05, 22.05]));
//! assert!((distance_m([114.0, 22.0], [114.0, 22.1]) - 11_119.5).abs() < 1.0);
//! ```

pub mod along;
mod boost;
mod chance;
pub mod drift;
pub mod effect;
pub mod field;
pub mod forecast;
pub mod hot;
mod linear;
mod neighbours;
mod plane;
pub mod plot;
mod ring;
pub mod river;
pub mod trace;

pub use neighbours::{Neighbour, is_upwind, nearest};
pub use plane::{Plane, bearing_deg, distance_m};
pub use ring::{Bounds, bounds, contains};

/// Longitude and latitude in degrees, WGS 84.
pub type Point = [f64; 2];
