//! Random sampling that anybody can check: the draw is committed to before anybody knows what it gives.
//!
//! A plan's seed (32 random bytes) is hashed and the hash is published: the *commitment*. When the time of a
//! draw comes, the seed is published too. Everybody can then check that it is the one that was committed
//! to, and that the draw follows from it: the score of a site is
//! `SHA-256(seed ‖ "draw" ‖ number of the draw as 8 bytes ‖ key of the site)`, and the sites with the smallest
//! scores are drawn. Nobody who does not know the seed can tell before which they will be, and nobody who
//! knows it can choose (requirement GOV-081).

use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The secret of a sampling plan, 32 random bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub [u8; 32]);

/// Why a draw cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Fewer sites than are to be drawn.
    #[error("{wanted} sites are to be drawn, there are {there}")]
    TooFew {
        /// How many are wanted.
        wanted: usize,
        /// How many there are.
        there: usize,
    },
    /// A site stands twice in the list, so that it would be drawn twice as often.
    #[error("site {0} stands twice in the list")]
    Twice(String),
}

impl Seed {
    /// What is published when the plan is made.
    pub fn commitment(&self) -> String {
        hex(&Sha256::digest(self.0))
    }

    /// Whether this seed is the one that was committed to.
    pub fn is_of(&self, commitment: &str) -> bool {
        self.commitment().eq_ignore_ascii_case(commitment.trim())
    }

    /// As it is published when the draw is made.
    pub fn text(&self) -> String {
        hex(&self.0)
    }

    /// Reads a published seed; `None` when it is not 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        let mut seed = [0; 32];
        for (at, byte) in seed.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
        }
        Some(Self(seed))
    }

    /// Draws `wanted` of the sites for the draw of this number. The order of the list does not matter.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn draw(&self, number: u64, sites: &[&str], wanted: usize) -> Result<Vec<String>, Refused> {
        if sites.len() < wanted {
            return Err(Refused::TooFew { wanted, there: sites.len() });
        }
        let mut seen = BTreeSet::new();
        if let Some(twice) = sites.iter().find(|site| !seen.insert(**site)) {
            return Err(Refused::Twice((*twice).to_owned()));
        }
        let mut scored: Vec<_> =
            sites.iter().map(|site| (self.score(number, site), *site)).collect();
        scored.sort_unstable();
        Ok(scored.into_iter().take(wanted).map(|(_, site)| site.to_owned()).collect())
    }

    fn score(&self, number: u64, site: &str) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(self.0);
        hasher.update(b"draw");
        hasher.update(number.to_be_bytes());
        hasher.update(site.as_bytes());
        hasher.finalize().into()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    const SITES: [&str; 8] = ["w1", "w2", "w3", "w4", "w5", "w6", "w7", "w8"];

    #[test]
    fn a_draw_is_the_same_whatever_the_order_of_the_list() {
        let seed = Seed([7; 32]);
        let mut turned = SITES;
        turned.reverse();
        assert_eq!(seed.draw(3, &SITES, 2), seed.draw(3, &turned, 2));
        assert_ne!(seed.draw(3, &SITES, 8), seed.draw(4, &SITES, 8));
    }

    /// Computed by the ten lines of Python in docs/guides/account.md.
    #[test]
    fn the_draw_is_that_of_the_published_script() {
        let seed = Seed([7; 32]);
        assert_eq!(
            seed.commitment(),
            "4bb06f8e4e3a7715d201d573d0aa423762e55dabd61a2c02278fa56cc6d294e0"
        );
        assert_eq!(seed.draw(1, &SITES, 2).unwrap(), DRAWN);
    }
    const DRAWN: [&str; 2] = ["w5", "w1"];

    #[test]
    fn every_site_is_drawn_about_as_often() {
        let seed = Seed([1; 32]);
        let mut times: HashMap<String, u32> = HashMap::new();
        for number in 0..4_000 {
            for site in seed.draw(number, &SITES, 2).unwrap() {
                *times.entry(site).or_default() += 1;
            }
        }
        // 1 000 expected, standard deviation 27: five of them.
        assert!(times.values().all(|count| count.abs_diff(1_000) < 137), "{times:?}");
    }

    #[test]
    fn a_seed_is_known_by_its_commitment_and_read_back() {
        let seed = Seed([9; 32]);
        assert!(Seed::parse(&seed.text()).is_some_and(|read| read.is_of(&seed.commitment())));
        assert!(!Seed([8; 32]).is_of(&seed.commitment()));
        assert!(Seed::parse("é".repeat(32).as_str()).is_none() && Seed::parse("00").is_none());
    }

    #[test]
    fn what_cannot_be_drawn_is_refused() {
        let seed = Seed([1; 32]);
        assert_eq!(seed.draw(0, &["a"], 2), Err(Refused::TooFew { wanted: 2, there: 1 }));
        assert_eq!(seed.draw(0, &["a", "a"], 1), Err(Refused::Twice("a".to_owned())));
    }
}
