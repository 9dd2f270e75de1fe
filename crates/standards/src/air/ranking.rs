//! The order of cities, districts or townships among each other.
//!
//! Published values are compared: what reads the same shares the rank, and the next rank is skipped
//! (technical rule of 2014; county rankings; change ranking of 2017).

use crate::exact::{Exact, ExactError};
use crate::statistics::{change, ranks};
use serde::Serialize;

/// A place in a ranking by change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ChangeRank {
    /// `(now - before) / before`: below nought is better.
    pub change: Exact,
    /// 1 is the best improvement.
    pub rank: u32,
    /// All six pollutants meet grade 2: not to be listed among those that worsened.
    pub is_exempt: bool,
}

/// Ranks by the composite index at its published places, the smallest first.
///
/// # Errors
/// When a value does not fit exact arithmetic.
pub fn by_composite(
    indices: &[Option<Exact>],
    decimals: u8,
) -> Result<Vec<Option<u32>>, ExactError> {
    let published =
        indices.iter().map(|index| index.map(|index| index.half_even(decimals)).transpose());
    Ok(ranks(&published.collect::<Result<Vec<_>, _>>()?))
}

/// Ranks by the share of good days, the largest first; where it ties by PM2.5, the smallest first;
/// still equal ones share the rank. What lacks either has no rank.
pub fn by_good_days(places: &[Option<(Exact, Exact)>]) -> Vec<Option<u32>> {
    let before = |a: &(Exact, Exact), b: &(Exact, Exact)| a.0 > b.0 || (a.0 == b.0 && a.1 < b.1);
    let ahead = |own: &(Exact, Exact)| {
        places.iter().flatten().filter(|other| before(other, own)).count() as u32
    };
    places.iter().map(|place| place.as_ref().map(|own| ahead(own) + 1)).collect()
}

/// Ranks by how much the composite index changed against the same span of the year before; each place
/// is its index now, its index then, and whether all six pollutants meet grade 2.
///
/// # Errors
/// When a value does not fit exact arithmetic.
pub fn by_change(
    places: &[Option<(Exact, Exact, bool)>],
) -> Result<Vec<Option<ChangeRank>>, ExactError> {
    let mut changes = Vec::new();
    for place in places {
        changes.push(match place {
            Some((now, before, _)) => change(now, before)?,
            None => None,
        });
    }
    let ranks = ranks(&changes);
    let rows = places.iter().zip(changes).zip(ranks);
    Ok(rows
        .map(|((place, change), rank)| {
            let (_, _, is_exempt) = (*place)?;
            Some(ChangeRank { change: change?, rank: rank?, is_exempt })
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> Exact {
        Exact::parse(text).unwrap()
    }

    #[test]
    fn what_is_published_alike_shares_a_rank() {
        let indices = ["2.754", "2.751", "2.90", "2.70"].map(|text| Some(exact(text)));
        assert_eq!(by_composite(&indices, 2).unwrap(), [2, 2, 4, 1].map(Some));
        assert_eq!(by_composite(&indices, 3).unwrap(), [3, 2, 4, 1].map(Some));
    }

    #[test]
    fn good_days_decide_and_then_the_finer_dust() {
        let place = |share: &str, pm25: &str| Some((exact(share), exact(pm25)));
        let places =
            [place("80", "30"), place("88.5", "35"), place("88.5", "31"), None, place("80", "30")];
        assert_eq!(by_good_days(&places), [Some(3), Some(2), Some(1), None, Some(3)]);
    }

    #[test]
    fn the_best_improvement_is_first_and_the_clean_are_exempt() {
        let place = |now: &str, before: &str, clean| Some((exact(now), exact(before), clean));
        let places =
            [place("4", "5", false), place("3.3", "3", true), None, place("0", "0", false)];
        let ranked = by_change(&places).unwrap();
        let first = ranked[0].unwrap();
        assert_eq!((first.change.to_string(), first.rank), ("-0.2".to_owned(), 1));
        assert_eq!(
            ranked[1].unwrap(),
            ChangeRank { change: exact("0.1"), rank: 2, is_exempt: true }
        );
        assert_eq!((ranked[2], ranked[3]), (None, None));
    }
}
