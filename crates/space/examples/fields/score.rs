//! Marks for predictions: error, and the continuous ranked probability score (Gneiting and Raftery 2007).

#[derive(Default)]
pub struct Marks {
    square: f64,
    absolute: f64,
    crps: f64,
    covered: f64,
    count: f64,
}

impl Marks {
    /// A prediction as its equally likely quantiles, in order.
    pub fn take(&mut self, truth: f64, mean: f64, quantiles: &[f64]) {
        let count = quantiles.len() as f64;
        let off = quantiles.iter().map(|q| (q - truth).abs()).sum::<f64>() / count;
        let spread: f64 = quantiles
            .iter()
            .enumerate()
            .map(|(at, q)| (2.0 * at as f64 + 1.0 - count) * q)
            .sum::<f64>()
            / (count * count);
        self.crps += off - spread;
        let (low, high) = (quantiles[4], quantiles[quantiles.len() - 5]);
        self.covered += f64::from(u8::from(low <= truth && truth <= high));
        self.square += (mean - truth).powi(2);
        self.absolute += (mean - truth).abs();
        self.count += 1.0;
    }

    pub fn print(&self, name: &str) {
        let n = self.count.max(1.0);
        println!(
            "| {name} | {:.2} | {:.2} | {:.2} | {:.1} | {n:.0} |",
            (self.square / n).sqrt(),
            self.absolute / n,
            self.crps / n,
            100.0 * self.covered / n
        );
    }
}

/// The middles of 99 equal parts.
pub fn parts() -> impl Iterator<Item = f64> {
    (0..99).map(|at| (f64::from(at) + 0.5) / 99.0)
}
