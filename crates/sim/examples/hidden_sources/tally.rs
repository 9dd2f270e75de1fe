//! What is counted over many cases.

use super::{Case, Truth};
use space::Plane;
use space::trace::Share;

/// One half of the seeds.
#[derive(Default)]
pub struct Tally {
    /// Nothing was seen to rise: of nothing, of something.
    pub refused: [usize; 2],
    cases: f64,
    ours: Marks,
    /// The same three ways where an emitter let out, ranks among emitters alone.
    among: [Marks; 3],
    /// By what is hidden: first, all.
    by_kind: [[f64; 2]; 3],
    placed: f64,
    /// How often the regions of 50 and 90 % held the truth.
    held: [f64; 2],
    /// Metres from the likeliest place to the truth; from the likeliest cell to a fire.
    away: [Vec<f64>; 2],
    /// By tenth: stated, true, count.
    bins: [[f64; 3]; 10],
}

#[derive(Default)]
struct Marks {
    first: f64,
    three: f64,
    log: f64,
    all: f64,
}

impl Marks {
    fn take(&mut self, rank: usize, probability: f64) {
        self.first += f64::from(u8::from(rank == 0));
        self.three += f64::from(u8::from(rank < 3));
        self.log -= probability.max(1e-6).ln();
        self.all += 1.0;
    }

    fn line(&self, name: &str) {
        let n = self.all.max(1.0);
        println!(
            "  {name}: {} cases, first {:.1} %, among three {:.1} %, log score {:.2}",
            self.all,
            100.0 * self.first / n,
            100.0 * self.three / n,
            self.log / n
        );
    }
}

impl Tally {
    /// Counts one case and tells it in a line.
    pub fn take(&mut self, seed: u64, case: &Case) {
        self.cases += 1.0;
        let is_true = |share: Share| match &case.truth {
            Truth::Emitter(at) => share == Share::Known(*at),
            Truth::Fire(_) => share == Share::Unknown,
            Truth::Nothing => share == Share::None,
        };
        let candidates = &case.answer.candidates;
        let rank = candidates.iter().position(|one| is_true(one.share)).unwrap_or(99);
        let own = candidates.get(rank).map_or(0.0, |one| one.probability);
        self.ours.take(rank, own);
        for one in candidates {
            let bin = &mut self.bins[((one.probability * 10.0) as usize).min(9)];
            bin[0] += one.probability;
            bin[1] += f64::from(u8::from(is_true(one.share)));
            bin[2] += 1.0;
        }
        let kind = match case.truth {
            Truth::Emitter(_) => 0,
            Truth::Fire(_) => 1,
            Truth::Nothing => 2,
        };
        self.by_kind[kind][0] += f64::from(u8::from(rank == 0));
        self.by_kind[kind][1] += 1.0;
        let off = self.place(case);
        if let Truth::Emitter(at) = case.truth {
            self.rank_among(case, at);
        }
        let first = candidates.first().map_or(0.0, |one| one.probability);
        let name = match case.truth {
            Truth::Emitter(at) => format!("emitter {at}"),
            Truth::Fire(_) => "fire".to_owned(),
            Truth::Nothing => "nothing".to_owned(),
        };
        println!("{seed},{name},{},{own:.4},{first:.4},{off:.0}", rank + 1);
    }

    /// Regions and distances; gives the metres from the likeliest place to the truth.
    fn place(&mut self, case: &Case) -> f64 {
        let plane = Plane::at([113.5, 34.8]);
        let at_m = match &case.truth {
            Truth::Nothing => return f64::NAN,
            Truth::Emitter(at) => case.emitters[*at].at_m,
            Truth::Fire(spot) => plane.metres(*spot),
        };
        self.placed += 1.0;
        for (held, region) in self.held.iter_mut().zip(&case.answer.regions) {
            let near = |cell: &usize| {
                let middle = case.ground.middle_m(*cell);
                (0..2).all(|axis| (middle[axis] - at_m[axis]).abs() <= case.ground.cell_m / 2.0)
            };
            let holds = match &case.truth {
                Truth::Emitter(own) => region.emitters.contains(own),
                _ => region.cells.iter().any(near),
            };
            *held += f64::from(u8::from(holds));
        }
        let candidates = &case.answer.candidates;
        let metres = |at: [f64; 2]| (at[0] - at_m[0]).hypot(at[1] - at_m[1]);
        let likeliest = candidates.iter().find(|one| one.share != Share::None);
        let off = likeliest.map_or(f64::NAN, |one| metres(one.at_m));
        self.away[0].push(off);
        if matches!(case.truth, Truth::Fire(_)) {
            let unknown = candidates.iter().find(|one| one.share == Share::Unknown);
            self.away[1].extend(unknown.map(|one| metres(one.at_m)));
        }
        off
    }

    /// Ours and the two usual ways, where only emitters are asked for.
    fn rank_among(&mut self, case: &Case, truth: usize) {
        let mut own = vec![0.0; case.emitters.len()];
        for one in &case.answer.candidates {
            if let Share::Known(at) = one.share {
                own[at] = one.probability;
            }
        }
        let ways = [&own, &case.rivals[0], &case.rivals[1]];
        for (marks, way) in self.among.iter_mut().zip(ways) {
            let sum: f64 = way.iter().sum();
            // a way that marks nobody says nothing: all alike
            let even = 1.0 / way.len().max(1) as f64;
            let share = |at: usize| if sum > 0.0 { way[at] / sum } else { even };
            let above = (0..way.len()).filter(|at| way[*at] > way[truth]).count();
            let rank = if sum > 0.0 { above } else { way.len() };
            marks.take(rank, share(truth));
        }
    }

    /// All of it.
    pub fn tell(&mut self, name: &str) {
        let [nothing, something] = self.refused;
        println!(
            "\n**{name}**: {} cases; no rise seen: {nothing} of nothing, {something} of something",
            self.cases
        );
        self.ours.line("all");
        for (kind, [right, all]) in ["emitter", "fire", "nothing"].iter().zip(self.by_kind) {
            println!("  {kind}: first {right:.0} of {all:.0}");
        }
        let names = ["among emitters, tracing", "nearest upwind", "CPF"];
        names.iter().zip(&self.among).for_each(|(name, marks)| marks.line(name));
        let [place, fire] = &mut self.away;
        println!(
            "  likeliest place {:.0} m off (median), of fires the likeliest cell {:.0} m; 50 % region holds {:.0} %, 90 % region {:.0} %",
            median(place),
            median(fire),
            100.0 * self.held[0] / self.placed.max(1.0),
            100.0 * self.held[1] / self.placed.max(1.0)
        );
        let all: f64 = self.bins.iter().map(|bin| bin[2]).sum();
        let (mut error, mut large, mut large_n) = (0.0, 0.0, 0.0);
        for bin in self.bins.iter().filter(|bin| bin[2] > 0.0) {
            println!(
                "  stated {:.2}, true {:.2} ({:.0})",
                bin[0] / bin[2],
                bin[1] / bin[2],
                bin[2]
            );
            error += (bin[0] - bin[1]).abs() / all.max(1.0);
            if bin[0] / bin[2] > 0.1 {
                large += (bin[0] - bin[1]).abs();
                large_n += bin[2];
            }
        }
        println!(
            "  calibration error {:.1} points over all, {:.1} over what was given 0.1 and more",
            100.0 * error,
            100.0 * large / f64::max(large_n, 1.0)
        );
    }
}

fn median(all: &mut [f64]) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
}
