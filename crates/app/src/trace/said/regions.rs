//! The regions of 50 % and 90 % as GeoJSON.

use super::Scene;
use serde_json::{Value, json};
use space::trace::{Answer, Region};

/// One feature for each region: a multipolygon of its cells, runs of a row put together, and keys of its emitters.
pub fn of(scene: &Scene<'_>, answer: &Answer) -> Value {
    let feature = |region: &Region| {
        let emitters: Vec<&str> =
            region.emitters.iter().map(|at| scene.emitters[*at].key.as_str()).collect();
        json!({
            "type": "Feature",
            "properties": {
                "share": region.share,
                "emitters": emitters,
                "ground_share": region.cells.len() as f64
                    / (scene.ground.cols * scene.ground.rows).max(1) as f64,
            },
            "geometry": { "type": "MultiPolygon", "coordinates": rings(scene, region) },
        })
    };
    let features: Vec<Value> = answer.regions.iter().map(feature).collect();
    json!({ "type": "FeatureCollection", "features": features })
}

fn rings(scene: &Scene<'_>, region: &Region) -> Vec<[Vec<[f64; 2]>; 1]> {
    let cols = scene.ground.cols.max(1);
    let mut cells = region.cells.clone();
    cells.sort_unstable();
    let runs = cells.chunk_by(|a, b| a + 1 == *b && a / cols == b / cols);
    runs.map(|run| {
        let half = 0.5 * scene.ground.cell_m;
        let [first, last] = [run[0], run[run.len() - 1]].map(|cell| scene.ground.middle_m(cell));
        let corner = |x: f64, y: f64| {
            // a decimetre is more than enough
            scene.plane.degrees([x, y]).map(|degrees| (degrees * 1e6).round() / 1e6)
        };
        let (west, east) = (first[0] - half, last[0] + half);
        let (south, north) = (first[1] - half, first[1] + half);
        let start = corner(west, south);
        [vec![start, corner(east, south), corner(east, north), corner(west, north), start]]
    })
    .collect()
}
