//! From numbers to places on the paper, and round numbers to label them.

/// A straight scale.
#[derive(Clone, Copy, Debug)]
pub struct Axis {
    from: f64,
    to: f64,
    start_px: f64,
    end_px: f64,
}

impl Axis {
    /// `from` stands at `start_px` and `to` at `end_px`; a scale without length gets one.
    pub fn new([from, to]: [f64; 2], [start_px, end_px]: [f64; 2]) -> Self {
        let to = if to > from { to } else { from + 1.0 };
        Self { from, to, start_px, end_px }
    }

    /// Where a number stands.
    pub fn at(&self, value: f64) -> f64 {
        self.start_px + (value - self.from) / (self.to - self.from) * (self.end_px - self.start_px)
    }

    /// Round numbers along it, about `count`.
    pub fn ticks(&self, count: usize) -> Vec<f64> {
        ticks(self.from, self.to, count)
    }
}

/// About `count` round numbers from one to another.
pub fn ticks(from: f64, to: f64, count: usize) -> Vec<f64> {
    let step = round_step((to - from) / count.max(1) as f64);
    let first = (from / step).ceil() as i64;
    let last = (to / step + 1e-9).floor() as i64;
    (first..=last.min(first + 50)).map(|number| number as f64 * step).collect()
}

/// The next of 1, 2 and 5 times a power of ten.
fn round_step(step: f64) -> f64 {
    if !step.is_finite() || step <= 0.0 {
        return 1.0;
    }
    let power = 10.0_f64.powf(step.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().find(|t| t * power >= step * 0.999).unwrap_or(10.0) * power
}

/// Least and largest of numbers; 0 to 1 of none.
pub fn ends(values: impl Iterator<Item = f64>) -> [f64; 2] {
    let [low, high] = values.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| {
        [low.min(value), high.max(value)]
    });
    if low <= high { [low, high] } else { [0.0, 1.0] }
}

/// A number for people: three figures that say something, no more.
pub fn number(value: f64) -> String {
    let size = value.abs();
    if size >= 100.0 || value.fract() == 0.0 && size < 1e9 {
        format!("{value:.0}")
    } else if size >= 10.0 {
        format!("{value:.1}")
    } else if size >= 0.01 || size <= 0.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.1e}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_numbers_short() {
        assert_eq!(ticks(0.0, 87.0, 4), [0.0, 50.0]);
        assert_eq!(ticks(-3.0, 3.0, 6), [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0]);
        assert_eq!(
            [123.4, 12.34, 1.234, 0.000_12, 7.0].map(number),
            ["123", "12.3", "1.23", "1.2e-4", "7"]
        );
        assert!((Axis::new([5.0, 5.0], [0.0, 10.0]).at(5.0)).abs() < 1e-12);
        assert_eq!(ends([].into_iter()).map(number), ["0", "1"]);
    }
}
