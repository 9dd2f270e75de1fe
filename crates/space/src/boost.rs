//! Gradient-boosted regression trees (Friedman 2001, doi 10.1214/aos/1013203451) on binned features, with rows drawn
//! by a stated seed. A feature that is missing is a bin of its own, so a gap is learned as a gap.

use crate::chance::Chance;

/// How trees are grown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub trees: usize,
    /// Splits from root to leaf.
    pub depth: usize,
    /// How much of each tree is taken.
    pub shrink: f64,
    /// Fewest rows of a leaf.
    pub leaf_min: usize,
}

/// Rows of binned features, column by column.
#[derive(Clone, Debug)]
pub(crate) struct Binned {
    columns: Vec<Vec<u8>>,
    rows: usize,
}

/// Where the bins of each feature end. Bin 0 is *missing*.
#[derive(Clone, Debug)]
pub(crate) struct Bins(Vec<Vec<f64>>);

/// Trees that add up.
#[derive(Clone, Debug)]
pub(crate) struct Boost {
    base: f64,
    trees: Vec<Vec<Node>>,
}

#[derive(Clone, Copy, Debug)]
enum Node {
    /// Rows whose bin is at most `bin` go to `2 at + 1`, the others to `2 at + 2`.
    Split {
        feature: u16,
        bin: u8,
    },
    Leaf(f64),
}

/// Bins of a feature, without *missing*.
const BINS: usize = 48;

impl Bins {
    /// Bins with about equally many rows in each; `rows` hold `width` features each.
    pub fn of(rows: &[Option<f64>], width: usize) -> Self {
        let edges = |feature: usize| {
            let own = rows.iter().skip(feature).step_by(width);
            let mut values: Vec<f64> = own.flatten().copied().collect();
            values.sort_unstable_by(f64::total_cmp);
            let every = |n: usize| values.get(n * values.len() / BINS).copied();
            let mut edges: Vec<f64> = (1..BINS).filter_map(every).collect();
            edges.dedup();
            edges
        };
        Self((0..width).map(edges).collect())
    }

    fn bin(&self, feature: usize, value: Option<f64>) -> u8 {
        value.map_or(0, |value| {
            1 + self.0[feature].partition_point(|edge| *edge < value).min(BINS - 1) as u8
        })
    }

    /// One row's bins.
    pub fn row(&self, row: &[Option<f64>]) -> Vec<u8> {
        row.iter().enumerate().map(|(feature, value)| self.bin(feature, *value)).collect()
    }

    /// All rows' bins.
    pub fn table(&self, rows: &[Option<f64>]) -> Binned {
        let width = self.0.len();
        let column = |feature: usize| -> Vec<u8> {
            let own = rows.iter().skip(feature).step_by(width);
            own.map(|value| self.bin(feature, *value)).collect()
        };
        Binned { columns: (0..width).map(column).collect(), rows: rows.len() / width.max(1) }
    }
}

impl Boost {
    /// Fits the rows numbered in `taken` to their targets.
    pub fn fit(table: &Binned, target: &[f64], taken: &[u32], shape: Shape, seed: u64) -> Self {
        let base =
            taken.iter().map(|row| target[*row as usize]).sum::<f64>() / taken.len().max(1) as f64;
        let mut left: Vec<f64> = target.iter().map(|value| value - base).collect();
        let mut chance = Chance::new(seed);
        let mut sample = Vec::with_capacity(taken.len());
        let trees = (0..shape.trees).map(|_| {
            sample.clear();
            sample.extend(taken.iter().copied().filter(|_| chance.below(2) == 0));
            let tree = grow(table, &left, &sample, shape);
            for row in taken {
                let row = *row as usize;
                left[row] -= value(&tree, |feature| table.columns[feature][row]);
            }
            tree
        });
        let trees = trees.collect();
        Self { base, trees }
    }

    /// What a row of bins is taken for.
    pub fn predict(&self, bins: &[u8]) -> f64 {
        self.base + self.trees.iter().map(|tree| value(tree, |feature| bins[feature])).sum::<f64>()
    }

    /// The same of a row of a table.
    pub fn predict_row(&self, table: &Binned, row: usize) -> f64 {
        let of = |tree: &Vec<Node>| value(tree, |feature| table.columns[feature][row]);
        self.base + self.trees.iter().map(of).sum::<f64>()
    }
}

fn value(tree: &[Node], bin_of: impl Fn(usize) -> u8) -> f64 {
    let mut at = 0;
    loop {
        match tree.get(at) {
            Some(Node::Split { feature, bin }) => {
                at = 2 * at + 1 + usize::from(bin_of(usize::from(*feature)) > *bin);
            }
            Some(Node::Leaf(value)) => return *value,
            None => return 0.0,
        }
    }
}

/// Sum and count of one bin.
#[derive(Clone, Copy, Default)]
struct Part {
    sum: f64,
    count: u32,
}

/// One tree, level by level: nodes in the order of a heap.
fn grow(table: &Binned, left: &[f64], sample: &[u32], shape: Shape) -> Vec<Node> {
    let size = (1 << (shape.depth + 1)) - 1;
    let mut tree = vec![Node::Leaf(0.0); size];
    // Rows of the nodes of one level, node by node.
    let mut level: Vec<(usize, Vec<u32>)> = vec![(0, sample.to_vec())];
    for depth in 0..=shape.depth {
        let mut next = Vec::new();
        for (at, rows) in level {
            let split = (depth < shape.depth).then(|| best(table, left, &rows, shape)).flatten();
            if let Some((feature, bin)) = split {
                tree[at] = Node::Split { feature: feature as u16, bin };
                let column = &table.columns[feature];
                let (low, high) = rows.into_iter().partition(|row| column[*row as usize] <= bin);
                next.push((2 * at + 1, low));
                next.push((2 * at + 2, high));
            } else {
                let sum: f64 = rows.iter().map(|row| left[*row as usize]).sum();
                tree[at] = Node::Leaf(shape.shrink * sum / (rows.len() as f64 + 1.0));
            }
        }
        level = next;
    }
    tree
}

/// The split that explains most; none when no side would keep enough rows or nothing is gained.
fn best(table: &Binned, left: &[f64], rows: &[u32], shape: Shape) -> Option<(usize, u8)> {
    if rows.len() < 2 * shape.leaf_min {
        return None;
    }
    let total: f64 = rows.iter().map(|row| left[*row as usize]).sum();
    let count = rows.len() as f64;
    let plain = total * total / count;
    let mut best = None;
    let mut most = plain + 1e-9;
    for (feature, column) in table.columns.iter().enumerate() {
        let mut parts = [Part::default(); BINS + 1];
        for row in rows {
            let part = &mut parts[usize::from(column[*row as usize])];
            part.sum += left[*row as usize];
            part.count += 1;
        }
        let mut low = Part::default();
        for (bin, part) in parts[..BINS].iter().enumerate() {
            low.sum += part.sum;
            low.count += part.count;
            let (below, above) = (low.count as usize, rows.len() - low.count as usize);
            if below < shape.leaf_min || above < shape.leaf_min {
                continue;
            }
            let gain = low.sum * low.sum / below as f64 + (total - low.sum).powi(2) / above as f64;
            if gain > most {
                most = gain;
                best = Some((feature, bin as u8));
            }
        }
    }
    best
}

impl Binned {
    pub fn rows(&self) -> usize {
        self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape { trees: 200, depth: 4, shrink: 0.1, leaf_min: 5 };

    #[test]
    fn a_step_that_hangs_on_two_features_is_learned_and_a_gap_is_its_own_class() {
        let mut rows = Vec::new();
        let mut target = Vec::new();
        for at in 0..2_000_u32 {
            let (a, b) = (f64::from(at * 37 % 101), f64::from(at * 53 % 97));
            let is_gap = at % 10 == 0;
            rows.extend([Some(a), (!is_gap).then_some(b), Some(f64::from(at % 7))]);
            target.push(if is_gap {
                -5.0
            } else if a > 50.0 && b > 48.0 {
                10.0
            } else {
                0.0
            });
        }
        let bins = Bins::of(&rows, 3);
        let table = bins.table(&rows);
        let taken: Vec<u32> = (0..2_000).collect();
        let boost = Boost::fit(&table, &target, &taken, SHAPE, 1);
        let check = |a, b, expected: f64| {
            let found = boost.predict(&bins.row(&[Some(a), b, Some(3.0)]));
            assert!((found - expected).abs() < 0.5, "{found} for {a} {b:?}");
        };
        check(90.0, Some(80.0), 10.0);
        check(10.0, Some(80.0), 0.0);
        check(90.0, Some(10.0), 0.0);
        check(90.0, None, -5.0);
        assert_eq!(table.rows(), 2_000);
    }

    #[test]
    fn the_same_seed_grows_the_same_trees() {
        let rows: Vec<Option<f64>> = (0..500).map(|at| Some(f64::from(at * 31 % 83))).collect();
        let target: Vec<f64> = (0..500).map(|at| f64::from(at % 13)).collect();
        let bins = Bins::of(&rows, 1);
        let table = bins.table(&rows);
        let taken: Vec<u32> = (0..500).collect();
        let grown = |seed| Boost::fit(&table, &target, &taken, SHAPE, seed).predict(&[7]);
        assert_eq!(grown(1).to_bits(), grown(1).to_bits());
        assert_ne!(grown(1).to_bits(), grown(2).to_bits());
    }
}
