//! Marks for guesses with probabilities.

#[derive(Default)]
pub struct Marks {
    pub cases: f64,
    first: f64,
    among_three: f64,
    log: f64,
    brier: f64,
    /// By tenth of the stated probability: sum of it, how often it was so, how many.
    bins: [[f64; 3]; 5],
}

impl Marks {
    /// Probabilities of the candidates and which is true.
    pub fn take(&mut self, shares: &[f64], truth: usize) {
        let better = shares.iter().filter(|share| **share > shares[truth]).count();
        self.cases += 1.0;
        self.first += f64::from(u8::from(better == 0));
        self.among_three += f64::from(u8::from(better < 3));
        self.log -= shares[truth].max(1e-4).ln();
        for (at, share) in shares.iter().enumerate() {
            let is = f64::from(u8::from(at == truth));
            self.brier += (share - is).powi(2);
            let bin = &mut self.bins[((share * 5.0) as usize).min(4)];
            bin[0] += share;
            bin[1] += is;
            bin[2] += 1.0;
        }
    }

    pub fn print(&self, name: &str) {
        let n = self.cases.max(1.0);
        println!(
            "| {name} | {n:.0} | {:.0} | {:.0} | {:.2} | {:.2} |",
            100.0 * self.first / n,
            100.0 * self.among_three / n,
            self.log / n,
            self.brier / n
        );
    }

    pub fn calibration(&self) {
        let all: f64 = self.bins.iter().map(|bin| bin[2]).sum();
        let mut error = 0.0;
        print!("calibration (stated → true, cases):");
        for bin in self.bins.iter().filter(|bin| bin[2] > 0.0) {
            print!(" {:.2} → {:.2} ({:.0});", bin[0] / bin[2], bin[1] / bin[2], bin[2]);
            error += (bin[0] - bin[1]).abs() / all;
        }
        println!(" mean error {:.1} points", 100.0 * error);
    }
}
