//! Where a rise in a river comes from: the network upstream, travel times, dilution and outfalls; and the lag of two sondes.
//!
//! Water at a site left each place upstream some hours ago ([`Network::upstream`]); a release of so many g/s adds load ÷ flow, later and
//! smeared. [`trace_river`] asks each outfall and each unknown stretch, at each start, length and load of a release, how well it
//! explains the rises of all sites together: those below must rise in their turn, those above must not. Speeds are uncertain,
//! so three of them are averaged.

mod lag;
mod posterior;

pub use lag::{Lag, NoLag, lag};
pub use posterior::{RiverAnswer, RiverCandidate, RiverRefusal, SiteSeries, Source, trace_river};

/// A reach without a confluence inside it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reach {
    /// How long it is, m.
    pub length_m: f64,
    /// How fast its water runs, m/s.
    pub speed_m_s: f64,
    /// How much of it there is, m³/s.
    pub flow_m3_s: f64,
    /// The reach that it runs into.
    pub into: Option<usize>,
}

/// A place on a reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spot {
    /// Which reach.
    pub reach: usize,
    /// How far from its upper end, m.
    pub along_m: f64,
}

/// Reaches and how they join.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Network {
    /// In any order.
    pub reaches: Vec<Reach>,
}

impl Network {
    /// Seconds that water needs from one place down to another; `None` when it does not get there.
    pub fn travel_s(&self, from: Spot, to: Spot) -> Option<f64> {
        let mut at = from;
        let mut seconds = 0.0;
        // a ring of reaches ends after as many steps as there are reaches
        for _ in 0..=self.reaches.len() {
            let reach = self.reaches.get(at.reach)?;
            let speed = reach.speed_m_s.max(1e-3);
            if at.reach == to.reach && at.along_m <= to.along_m {
                return Some(seconds + (to.along_m - at.along_m) / speed);
            }
            seconds += (reach.length_m - at.along_m).max(0.0) / speed;
            at = Spot { reach: reach.into?, along_m: 0.0 };
        }
        None
    }

    /// Everything above a place: reach, from and to along it, and the seconds from its lower end to the place.
    pub fn upstream(&self, of: Spot) -> Vec<(usize, [f64; 2], f64)> {
        let mut found = vec![];
        for (number, reach) in self.reaches.iter().enumerate() {
            let lower = if number == of.reach { of.along_m } else { reach.length_m };
            let end = Spot { reach: number, along_m: lower };
            if let Some(seconds) = self.travel_s(end, of) {
                found.push((number, [0.0, lower], seconds));
            }
        }
        found.sort_by(|a, b| a.2.total_cmp(&b.2).then(a.0.cmp(&b.0)));
        found
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Two heads that join.
    pub fn fork() -> Network {
        let reach =
            |length_m, flow_m3_s, into| Reach { length_m, speed_m_s: 0.25, flow_m3_s, into };
        Network {
            reaches: vec![
                reach(6_000.0, 2.0, Some(2)),
                reach(4_000.0, 1.0, Some(2)),
                reach(9_000.0, 3.0, None),
            ],
        }
    }

    #[test]
    fn water_runs_down_and_never_up_nor_across() {
        let net = fork();
        let (head, other, low) = (
            Spot { reach: 0, along_m: 1_000.0 },
            Spot { reach: 1, along_m: 0.0 },
            Spot { reach: 2, along_m: 500.0 },
        );
        assert_eq!(net.travel_s(head, low), Some(22_000.0));
        assert_eq!(net.travel_s(low, head), None);
        assert_eq!(net.travel_s(head, other), None);
        assert_eq!(net.upstream(low).len(), 3);
        assert_eq!(net.upstream(head).len(), 1);
    }

    #[test]
    fn a_ring_of_reaches_ends() {
        let mut net = fork();
        net.reaches[2].into = Some(0);
        assert_eq!(
            net.travel_s(Spot { reach: 1, along_m: 0.0 }, Spot { reach: 7, along_m: 0.0 }),
            None
        );
    }
}
