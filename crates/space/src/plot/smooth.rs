//! A smooth surface through scattered points: a thin-plate regression spline (Wood 2003,
//! doi 10.1111/1467-9868.00374) whose smoothness is chosen by generalised cross-validation.
//!
//! mgcv, which openair uses, takes the leading eigenvectors of the full thin-plate matrix as basis. Here the basis stands on
//! as many knots spread evenly over the points: the same function space when there are no more points than knots, nearly the same
//! otherwise, and thirty times less work. `docs/science.md` has how far the two lie apart.

use std::iter::zip;

/// A point of the plane with a value; coordinates are to be of the order of 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Node {
    /// First coordinate.
    pub x: f64,
    /// Second coordinate.
    pub y: f64,
    /// What was found there.
    pub value: f64,
    /// Its variance is taken to go with one over this.
    pub weight: f64,
}

/// A fitted surface.
#[derive(Clone, Debug, PartialEq)]
pub struct Smooth {
    basis: Basis,
    coefficients: Vec<f64>,
    /// Lower triangle of the penalised normal matrix's root.
    root: Square,
    freedom: f64,
    variance: f64,
}

impl Smooth {
    /// Fits points with a basis of at most `size` functions; none when there are fewer than ten points
    /// that are not on one line.
    pub fn fit(nodes: &[Node], size: usize) -> Option<Self> {
        const LEAST: usize = 10;
        if nodes.len() < LEAST {
            return None;
        }
        let basis = Basis::on(&knots(nodes, size.min(nodes.len() - 1)))?;
        let normal = Normal::of(&basis, nodes)?;
        let (weight, _) = normal.best()?;
        let (root, freedom, residual) = normal.solve(weight)?;
        let coefficients = root.back(root.forward(normal.right.clone()));
        let variance = (residual / (nodes.len() as f64 - freedom).max(1.0)).max(0.0);
        Some(Self { basis, coefficients, root, freedom, variance })
    }

    /// The surface at a point.
    pub fn at(&self, x: f64, y: f64) -> f64 {
        zip(self.basis.at(x, y), &self.coefficients).map(|(a, b)| a * b).sum()
    }

    /// The standard error of the surface at a point (of the posterior, Wahba 1983, as mgcv gives it).
    pub fn error_at(&self, x: f64, y: f64) -> f64 {
        let share: f64 = self.root.forward(self.basis.at(x, y)).iter().map(|v| v * v).sum();
        (share * self.variance).sqrt()
    }

    /// Effective degrees of freedom.
    pub fn freedom(&self) -> f64 {
        self.freedom
    }
}

/// Points spread evenly: each next is the farthest from those taken (the first lowest on a tie).
fn knots(nodes: &[Node], size: usize) -> Vec<[f64; 2]> {
    let mut knots = Vec::with_capacity(size);
    let mut apart = vec![f64::INFINITY; nodes.len()];
    let mut next = 0;
    while knots.len() < size {
        let knot = [nodes[next].x, nodes[next].y];
        knots.push(knot);
        let mut farthest = 0.0;
        for (at, (node, apart)) in zip(nodes, &mut apart).enumerate() {
            *apart = apart.min((node.x - knot[0]).powi(2) + (node.y - knot[1]).powi(2));
            if *apart > farthest {
                (farthest, next) = (*apart, at);
            }
        }
        if farthest <= 1e-12 {
            break;
        }
    }
    knots
}

/// Thin-plate functions on knots, freed of what straight planes already say.
#[derive(Clone, Debug, PartialEq)]
struct Basis {
    knots: Vec<[f64; 2]>,
    /// Three Householder reflections that turn planes on the knots into the first three coordinates.
    reflections: Vec<Vec<f64>>,
    /// Bending energy of the functions after the first three.
    energy: Square,
}

/// r² log r, from the square of r.
fn bend(square: f64) -> f64 {
    if square > 0.0 { 0.5 * square * square.ln() } else { 0.0 }
}

impl Basis {
    /// None when the knots lie on one line.
    fn on(knots: &[[f64; 2]]) -> Option<Self> {
        const PLANE: usize = 3;
        let size = knots.len();
        if size <= PLANE {
            return None;
        }
        let mut planes: [Vec<f64>; PLANE] = [
            vec![1.0; size],
            knots.iter().map(|knot| knot[0]).collect(),
            knots.iter().map(|knot| knot[1]).collect(),
        ];
        let mut reflections: Vec<Vec<f64>> = Vec::with_capacity(PLANE);
        for at in 0..PLANE {
            let mut vector = planes[at].clone();
            vector[..at].fill(0.0);
            let length = norm(&vector);
            if length < 1e-6 {
                return None;
            }
            vector[at] += if vector[at] < 0.0 { -length } else { length };
            let length = norm(&vector);
            for part in &mut vector {
                *part /= length;
            }
            for plane in &mut planes {
                reflect(plane, &vector);
            }
            reflections.push(vector);
        }
        let mut basis = Self { knots: knots.to_vec(), reflections, energy: Square::zero(size) };
        let mut energy = Square::zero(size);
        for (row, knot) in knots.iter().enumerate() {
            energy.row_mut(row).copy_from_slice(&basis.bends(knot[0], knot[1]));
        }
        // The reflections from the other side: on the transposed, which is what rows are by symmetry.
        let mut energy = energy.transposed();
        for row in 0..size {
            basis.reflections.iter().for_each(|vector| reflect(energy.row_mut(row), vector));
        }
        for at in 0..PLANE {
            energy.row_mut(at).fill(0.0);
            (0..size).for_each(|row| energy.row_mut(row)[at] = 0.0);
        }
        basis.energy = energy;
        Some(basis)
    }

    fn bends(&self, x: f64, y: f64) -> Vec<f64> {
        let bends = |knot: &[f64; 2]| bend((x - knot[0]).powi(2) + (y - knot[1]).powi(2));
        let mut values: Vec<f64> = self.knots.iter().map(bends).collect();
        self.reflections.iter().for_each(|vector| reflect(&mut values, vector));
        values
    }

    /// All functions at a point: the plane's three, then the bends.
    fn at(&self, x: f64, y: f64) -> Vec<f64> {
        let mut values = self.bends(x, y);
        values[..3].copy_from_slice(&[1.0, x, y]);
        values
    }
}

fn norm(vector: &[f64]) -> f64 {
    vector.iter().map(|part| part * part).sum::<f64>().sqrt()
}

fn reflect(values: &mut [f64], vector: &[f64]) {
    let along = 2.0 * zip(values.iter(), vector).map(|(a, b)| a * b).sum::<f64>();
    zip(values, vector).for_each(|(value, part)| *value -= along * part);
}

/// The normal equations of a fit, before the penalty.
struct Normal<'b> {
    basis: &'b Basis,
    matrix: Square,
    /// Root of the matrix.
    root: Square,
    right: Vec<f64>,
    squares: f64,
    count: f64,
}

impl<'b> Normal<'b> {
    fn of(basis: &'b Basis, nodes: &[Node]) -> Option<Self> {
        let size = basis.knots.len();
        let mut matrix = Square::zero(size);
        let mut right = vec![0.0; size];
        let mut squares = 0.0;
        for node in nodes {
            let functions = basis.at(node.x, node.y);
            squares += node.weight * node.value * node.value;
            for row in 0..size {
                let times = node.weight * functions[row];
                right[row] += times * node.value;
                let line = &mut matrix.row_mut(row)[..=row];
                zip(line, &functions).for_each(|(cell, value)| *cell += times * value);
            }
        }
        let trace: f64 = (0..size).map(|at| matrix.row(at)[at]).sum();
        for at in 0..size {
            matrix.row_mut(at)[at] += 1e-12 * trace / size as f64;
        }
        let root = matrix.clone().root()?;
        Some(Self { basis, matrix, root, right, squares, count: nodes.len() as f64 })
    }

    /// Root of the penalised matrix, effective degrees of freedom, weighted sum of squared residuals.
    fn solve(&self, penalty: f64) -> Option<(Square, f64, f64)> {
        let mut matrix = self.matrix.clone();
        zip(&mut matrix.cells, &self.basis.energy.cells).for_each(|(a, b)| *a += penalty * b);
        let root = matrix.root()?;
        // tr((A + λS)⁻¹A) is the squared norm of G⁻¹L.
        let freedom = root.forward_squares(&self.root);
        let half = root.forward(self.right.clone());
        let coefficients = root.back(half.clone());
        let explained: f64 = half.iter().map(|v| v * v).sum();
        let fitted: f64 = norm(&self.root.times_upper(&coefficients)).powi(2);
        Some((root, freedom, (self.squares - 2.0 * explained + fitted).max(0.0)))
    }

    /// The penalty with the least score of generalised cross-validation, and the score.
    fn best(&self) -> Option<(f64, f64)> {
        let score = |power: f64| {
            let penalty = 10.0_f64.powf(power);
            let (_, freedom, residual) = self.solve(penalty)?;
            let left = self.count - freedom;
            (left > 0.5).then(|| self.count * residual / (left * left))
        };
        let coarse = (-9..=3).map(f64::from).filter_map(|power| Some((score(power)?, power)));
        let (mut least, mut power) = coarse.min_by(|a, b| a.0.total_cmp(&b.0))?;
        for step in [0.5, 0.25, 0.12, 0.06] {
            for tried in [power - step, power + step] {
                if let Some(found) = score(tried).filter(|found| *found < least) {
                    (least, power) = (found, tried);
                    break;
                }
            }
        }
        Some((10.0_f64.powf(power), least))
    }
}

/// A square matrix, row by row.
#[derive(Clone, Debug, PartialEq)]
struct Square {
    size: usize,
    cells: Vec<f64>,
}

impl Square {
    fn zero(size: usize) -> Self {
        Self { size, cells: vec![0.0; size * size] }
    }

    fn row(&self, row: usize) -> &[f64] {
        &self.cells[row * self.size..][..self.size]
    }

    fn row_mut(&mut self, row: usize) -> &mut [f64] {
        &mut self.cells[row * self.size..][..self.size]
    }

    fn transposed(&self) -> Self {
        let mut other = Self::zero(self.size);
        for row in 0..self.size {
            for column in 0..self.size {
                other.cells[column * self.size + row] = self.cells[row * self.size + column];
            }
        }
        other
    }

    /// The lower triangle L with `LLᵀ` = this (Cholesky), of which only the lower triangle is read.
    fn root(mut self) -> Option<Self> {
        for row in 0..self.size {
            for column in 0..=row {
                let dot = dot(&self.row(row)[..column], &self.row(column)[..column]);
                let left = self.row(row)[column] - dot;
                if column < row {
                    let by = self.row(column)[column];
                    self.row_mut(row)[column] = left / by;
                } else if left > 0.0 {
                    self.row_mut(row)[row] = left.sqrt();
                    self.row_mut(row)[row + 1..].fill(0.0);
                } else {
                    return None;
                }
            }
        }
        Some(self)
    }

    /// Solves L x = b.
    fn forward(&self, mut right: Vec<f64>) -> Vec<f64> {
        for row in 0..self.size {
            let left = right[row] - dot(&self.row(row)[..row], &right[..row]);
            right[row] = left / self.row(row)[row];
        }
        right
    }

    /// Solves Lᵀ x = b.
    fn back(&self, mut right: Vec<f64>) -> Vec<f64> {
        for row in (0..self.size).rev() {
            let value = right[row] / self.row(row)[row];
            right[row] = value;
            zip(&mut right[..row], self.row(row)).for_each(|(cell, by)| *cell -= value * by);
        }
        right
    }

    /// The squared norm of this⁻¹ · other, both lower triangles: rows are solved for all columns at once.
    fn forward_squares(&self, other: &Self) -> f64 {
        let mut solved = other.clone();
        let mut squares = 0.0;
        for row in 0..self.size {
            let (above, rest) = solved.cells.split_at_mut(row * self.size);
            let line = &mut rest[..=row];
            for (column, by) in self.row(row)[..row].iter().enumerate() {
                let upper = &above[column * self.size..][..=column];
                zip(&mut *line, upper).for_each(|(cell, value)| *cell -= by * value);
            }
            let by = self.row(row)[row];
            for cell in line {
                *cell /= by;
                squares += *cell * *cell;
            }
        }
        squares
    }

    /// Lᵀ x.
    fn times_upper(&self, vector: &[f64]) -> Vec<f64> {
        let mut product = vec![0.0; self.size];
        for (row, times) in vector.iter().enumerate() {
            zip(&mut product[..=row], self.row(row)).for_each(|(cell, by)| *cell += times * by);
        }
        product
    }
}

/// In four sums, so that additions need not wait for each other.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (a4, b4) = (a.chunks_exact(4), b.chunks_exact(4));
    let rest: f64 = zip(a4.remainder(), b4.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in zip(a4, b4) {
        for at in 0..4 {
            sums[at] += a[at] * b[at];
        }
    }
    rest + sums.iter().sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nodes(count: usize, value: impl Fn(f64, f64, f64) -> f64) -> Vec<Node> {
        (0..count)
            .map(|at| {
                let (x, y) = ((at as f64 * 0.618_034).fract(), (at as f64 * 0.754_878).fract());
                let noise = ((at * 7_919 % 101) as f64 - 50.0) / 50.0;
                Node { x, y, value: value(x, y, noise), weight: 1.0 }
            })
            .collect()
    }

    #[test]
    fn a_plane_is_found_exactly_and_without_bending() {
        let smooth = Smooth::fit(&nodes(200, |x, y, _| 3.0 + 2.0 * x - y), 40).unwrap();
        assert!((smooth.at(0.3, 0.8) - 2.8).abs() < 1e-6);
        assert!((smooth.at(1.5, -0.5) - 6.5).abs() < 1e-4);
    }

    #[test]
    fn noise_is_smoothed_away_and_a_hill_stays() {
        let hill = |x: f64, y: f64| (-8.0 * ((x - 0.5).powi(2) + (y - 0.5).powi(2))).exp();
        let smooth = Smooth::fit(&nodes(600, |x, y, noise| hill(x, y) + 0.2 * noise), 60).unwrap();
        for (x, y) in [(0.5, 0.5), (0.2, 0.7), (0.8, 0.8)] {
            let (found, error) = (smooth.at(x, y), smooth.error_at(x, y));
            assert!((found - hill(x, y)).abs() < 0.08, "{found} at {x} {y}");
            assert!(error > 0.005 && error < 0.1, "{error}");
        }
        assert!(smooth.freedom() > 4.0 && smooth.freedom() < 40.0, "{}", smooth.freedom());
    }

    #[test]
    fn points_on_a_line_or_too_few_have_no_surface() {
        assert!(Smooth::fit(&nodes(9, |x, _, _| x), 40).is_none());
        let line: Vec<_> =
            (0..50).map(|x| Node { x: f64::from(x), y: 2.0, value: 1.0, weight: 1.0 }).collect();
        assert!(Smooth::fit(&line, 40).is_none());
    }
}
