//! Where a ring crosses itself.
//!
//! Edges are swept from west to east; an edge is compared with those that it overlaps in longitude only.
//! A ring that touches itself in a point is tolerated: borders along a river do.

/// A point near which two edges of a closed ring cross each other; `None` when no two do.
pub fn crossing(ring: &[[f64; 2]]) -> Option<[f64; 2]> {
    let edges: Vec<([f64; 2], [f64; 2])> = ring.windows(2).map(|edge| (edge[0], edge[1])).collect();
    let west = |edge: usize| edges[edge].0[0].min(edges[edge].1[0]);
    let east = |edge: usize| edges[edge].0[0].max(edges[edge].1[0]);
    let mut order: Vec<usize> = (0..edges.len()).collect();
    order.sort_by(|a, b| west(*a).total_cmp(&west(*b)));
    let mut open: Vec<usize> = Vec::new();
    for edge in order {
        open.retain(|other| east(*other) >= west(edge));
        for other in &open {
            let (a, b) = (edges[edge], edges[*other]);
            if do_cross(a, b) {
                let middle = |at: usize| (a.0[at] + a.1[at] + b.0[at] + b.1[at]) / 4.0;
                return Some([middle(0), middle(1)]);
            }
        }
        open.push(edge);
    }
    None
}

/// Whether two edges cross in a point that is inside both.
fn do_cross(a: ([f64; 2], [f64; 2]), b: ([f64; 2], [f64; 2])) -> bool {
    let south = |edge: ([f64; 2], [f64; 2])| edge.0[1].min(edge.1[1]);
    let north = |edge: ([f64; 2], [f64; 2])| edge.0[1].max(edge.1[1]);
    if north(a) < south(b) || north(b) < south(a) {
        return false;
    }
    is_between(side(a, b.0), side(a, b.1)) && is_between(side(b, a.0), side(b, a.1))
}

/// Whether two points lie on different sides.
fn is_between(one: f64, other: f64) -> bool {
    (one > 0.0 && other < 0.0) || (one < 0.0 && other > 0.0)
}

/// Above 0 on the left of an edge, below 0 on its right; nearer than a millimetre counts as on it. Of an
/// edge without length it is no number, which is on neither side.
fn side((from, to): ([f64; 2], [f64; 2]), point: [f64; 2]) -> f64 {
    const MILLIMETRE_DEG: f64 = 1e-8;
    let along = [to[0] - from[0], to[1] - from[1]];
    let away = [point[0] - from[0], point[1] - from[1]];
    let area = along[0] * away[1] - along[1] * away[0];
    let distance = area / along[0].hypot(along[1]);
    if distance.abs() < MILLIMETRE_DEG { 0.0 } else { distance }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ring: &[[f64; 2]], expected: bool) {
        assert_eq!(crossing(ring).is_some(), expected, "{ring:?}");
    }

    #[test]
    fn a_bow_tie_crosses_itself_and_a_square_does_not() {
        check(&[[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]], false);
        check(&[[0.0, 0.0], [1.0, 1.0], [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], true);
    }

    #[test]
    fn a_ring_that_touches_itself_is_tolerated() {
        check(
            &[[0.0, 0.0], [2.0, 0.0], [1.0, 1.0], [2.0, 2.0], [0.0, 2.0], [1.0, 1.0], [0.0, 0.0]],
            false,
        );
    }

    #[test]
    fn a_round_ring_of_many_points_does_not_cross_itself_and_one_moved_point_makes_it() {
        let mut ring: Vec<[f64; 2]> = (0..20_000)
            .map(|at| f64::from(at) / 20_000.0 * std::f64::consts::TAU)
            .map(|angle| [116.0 + 0.1 * angle.cos(), 40.0 + 0.1 * angle.sin()])
            .collect();
        ring.push(ring[0]);
        check(&ring, false);
        ring[5_000] = [116.0, 39.0];
        check(&ring, true);
    }

    /// Every edge against every other one.
    fn naive(ring: &[[f64; 2]]) -> bool {
        let edges: Vec<_> = ring.windows(2).map(|edge| (edge[0], edge[1])).collect();
        edges.iter().any(|a| edges.iter().any(|b| do_cross(*a, *b)))
    }

    #[test]
    fn the_sweep_finds_what_comparing_all_edges_finds() {
        let mut seed = 7_u64;
        let mut dice = move || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (seed >> 40) as f64 / f64::from(1 << 24)
        };
        let mut crossings = 0;
        for _ in 0..2_000 {
            let mut ring: Vec<[f64; 2]> = (0..5).map(|_| [dice(), dice()]).collect();
            ring.push(ring[0]);
            let expected = naive(&ring);
            crossings += u32::from(expected);
            check(&ring, expected);
        }
        assert!((100..1_900).contains(&crossings), "{crossings}");
    }
}
