//! Hot spots: ground and stretches of road that lie above their surroundings again and again.
//!
//! A cell is compared with the ring of cells around it at each instant, so that a bad day of the whole district makes nothing
//! hot. Its mark is the share of instants in which it lay above, with Wilson's interval on the number of *independent* instants
//! (hours follow each other; a lag of a few hours is taken as one). Cells are coarse first; hot ones are cut in four until they
//! are fine, so that looking at a large district costs little.

/// A square of ground, or a stretch of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// Middle, m on a plane.
    pub at_m: [f64; 2],
    /// Side or length, m.
    pub side_m: f64,
}

/// How far a cell lies above its surroundings.
#[derive(Clone, Debug, PartialEq)]
pub struct Hot {
    /// Which.
    pub cell: Cell,
    /// Share of instants above the surroundings: low end of 90 %, middle, high end.
    pub share: [f64; 3],
    /// Mean of what it lies above, as a share of the surroundings.
    pub excess: f64,
    /// Best and worst rank that it may have among those told, from 1.
    pub rank: (usize, usize),
    /// Excess instant by instant, oldest first; `None` where nothing was known.
    pub history: Vec<Option<f64>>,
}

/// What to look for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Search {
    /// Excess from which an instant counts as above, as a share of the surroundings.
    pub excess: f64,
    /// Share of instants from which a cell is hot.
    pub share: f64,
    /// Instants that count as one, because they follow each other.
    pub memory: usize,
    /// Side at which cutting ends, m.
    pub side_min_m: f64,
    /// Cells that are told, at most.
    pub told_max: usize,
}

impl Default for Search {
    fn default() -> Self {
        Self { excess: 0.1, share: 0.5, memory: 3, side_min_m: 250.0, told_max: 50 }
    }
}

/// Instants that must be known before a cell is judged.
const KNOWN_MIN: usize = 12;
/// Standard deviations of a 90 % interval.
const NINETY: f64 = 1.645;

/// The hot cells, hottest first. `values(instant, position)` is the field; `None` where it is not known well enough.
pub fn hot_spots(
    coarse: &[Cell],
    instants: usize,
    values: impl Fn(usize, [f64; 2]) -> Option<f64>,
    search: &Search,
) -> Vec<Hot> {
    let mut found = vec![];
    let mut open: Vec<Cell> = coarse.to_vec();
    while let Some(cell) = open.pop() {
        let Some(hot) = judge(cell, instants, &values, search) else { continue };
        // one that may be hot in part is cut; one that is not, is not looked into
        if hot.share[2] < search.share {
            continue;
        }
        if cell.side_m > search.side_min_m * 1.5 {
            let quarter = cell.side_m / 4.0;
            for [x, y] in [[-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0], [1.0, 1.0]] {
                let at_m = [cell.at_m[0] + x * quarter, cell.at_m[1] + y * quarter];
                open.push(Cell { at_m, side_m: cell.side_m / 2.0 });
            }
        } else if hot.share[1] >= search.share {
            found.push(hot);
        }
    }
    rank(found, search.told_max)
}

/// Stretches of a line, each compared with the ground on both of its sides.
pub fn hot_stretches(
    stretches: &[Cell],
    instants: usize,
    values: impl Fn(usize, [f64; 2]) -> Option<f64>,
    search: &Search,
) -> Vec<Hot> {
    let judged = stretches.iter().filter_map(|cell| judge(*cell, instants, &values, search));
    rank(judged.filter(|hot| hot.share[1] >= search.share).collect(), search.told_max)
}

fn judge(
    cell: Cell,
    instants: usize,
    values: &impl Fn(usize, [f64; 2]) -> Option<f64>,
    search: &Search,
) -> Option<Hot> {
    const AROUND: u32 = 8;
    let reach = (1.5 * cell.side_m).max(2.0 * search.side_min_m);
    let around: Vec<[f64; 2]> = (0..AROUND)
        .map(|at| {
            let (sin, cos) = (f64::from(at) / f64::from(AROUND) * std::f64::consts::TAU).sin_cos();
            [cell.at_m[0] + reach * cos, cell.at_m[1] + reach * sin]
        })
        .collect();
    // a coarse cell is as hot as its hottest quarter
    let quarter = cell.side_m / 4.0;
    let inside = [[0.0, 0.0], [-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0], [1.0, 1.0]];
    let history: Vec<Option<f64>> = (0..instants)
        .map(|at| {
            let mut ring: Vec<f64> = around.iter().filter_map(|spot| values(at, *spot)).collect();
            if ring.len() < AROUND as usize / 2 {
                return None;
            }
            let usual = crate::linear::median(&mut ring)?.max(1e-9);
            let own = inside.iter().filter_map(|[x, y]| {
                values(at, [cell.at_m[0] + x * quarter, cell.at_m[1] + y * quarter])
            });
            let most = own.fold(f64::NEG_INFINITY, f64::max);
            most.is_finite().then_some(most / usual - 1.0)
        })
        .collect();
    let known: Vec<f64> = history.iter().flatten().copied().collect();
    if known.len() < KNOWN_MIN {
        return None;
    }
    let above = known.iter().filter(|excess| **excess > search.excess).count() as f64;
    let independent = (known.len() as f64 / search.memory.max(1) as f64).max(1.0);
    let excess = known.iter().sum::<f64>() / known.len() as f64;
    Some(Hot {
        cell,
        share: wilson(above / known.len() as f64, independent),
        excess,
        rank: (0, 0),
        history,
    })
}

/// Wilson's interval of a share seen in so many independent looks.
fn wilson(share: f64, looks: f64) -> [f64; 3] {
    let z2 = NINETY * NINETY;
    let middle = (share + z2 / (2.0 * looks)) / (1.0 + z2 / looks);
    let half = NINETY / (1.0 + z2 / looks)
        * (share * (1.0 - share) / looks + z2 / (4.0 * looks * looks)).sqrt();
    [(middle - half).max(0.0), share, (middle + half).min(1.0)]
}

/// Hottest first; a rank may be any that its interval allows.
fn rank(mut found: Vec<Hot>, told_max: usize) -> Vec<Hot> {
    found.sort_by(|a, b| {
        b.share[1].total_cmp(&a.share[1]).then(b.excess.total_cmp(&a.excess)).then(
            a.cell.at_m[0]
                .total_cmp(&b.cell.at_m[0])
                .then(a.cell.at_m[1].total_cmp(&b.cell.at_m[1])),
        )
    });
    let shares: Vec<[f64; 3]> = found.iter().map(|hot| hot.share).collect();
    for (at, hot) in found.iter_mut().enumerate() {
        let others = || shares.iter().enumerate().filter(|(other, _)| *other != at);
        let surely_above = others().filter(|(_, share)| share[0] > hot.share[2]).count();
        let maybe_above = others().filter(|(_, share)| share[2] >= hot.share[0]).count();
        hot.rank = (surely_above + 1, maybe_above + 1);
    }
    found.truncate(told_max);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coarse() -> Vec<Cell> {
        let each = (0..16).map(|at| [f64::from(at % 4), f64::from(at / 4)]);
        each.map(|[x, y]| Cell {
            at_m: [1_000.0 + 2_000.0 * x, 1_000.0 + 2_000.0 * y],
            side_m: 2_000.0,
        })
        .collect()
    }

    #[expect(clippy::unnecessary_wraps, reason = "the shape that is asked for")]
    fn hill(at: usize, [x, y]: [f64; 2]) -> Option<f64> {
        let course = 50.0 + 30.0 * (at as f64 * 0.26).sin();
        let off = (x - 3_250.0).hypot(y - 4_750.0);
        Some(course * (1.0 + 0.8 * (-0.5 * (off / 300.0).powi(2)).exp()))
    }

    #[test]
    fn a_hill_that_lasts_is_found_where_it_stands_and_a_bad_day_is_not() {
        let found = hot_spots(&coarse(), 72, hill, &Search::default());
        let at = found[0].cell.at_m;
        assert!((at[0] - 3_250.0).hypot(at[1] - 4_750.0) < 360.0, "{at:?}");
        assert_eq!(found[0].rank.0, 1);
        assert!(found[0].share[0] > 0.5 && found[0].excess > 0.3, "{:?}", found[0].share);
        let even = hot_spots(&coarse(), 72, |at, _| Some(40.0 + at as f64), &Search::default());
        assert!(even.is_empty());
    }

    #[test]
    fn what_is_not_known_is_not_hot_and_few_instants_judge_nothing() {
        assert!(hot_spots(&coarse(), 72, |_, _| None, &Search::default()).is_empty());
        assert!(hot_spots(&coarse(), 6, hill, &Search::default()).is_empty());
        let gap = |at: usize, spot| if at.is_multiple_of(3) { None } else { hill(at, spot) };
        let found = hot_spots(&coarse(), 72, gap, &Search::default());
        assert_eq!(found[0].history.iter().flatten().count(), 48);
    }

    #[test]
    fn a_stretch_of_road_is_told_among_others() {
        let road: Vec<Cell> = (0..30)
            .map(|at| Cell { at_m: [250.0 * f64::from(at), 4_750.0], side_m: 250.0 })
            .collect();
        let found = hot_stretches(&road, 48, hill, &Search::default());
        assert!((found[0].cell.at_m[0] - 3_250.0).abs() < 300.0);
        assert!(found.len() < 6);
    }
}
