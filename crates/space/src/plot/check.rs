//! What is wrong with the input, or may be: told beside the plot, or reason to make none.

use super::{Kind, NoPlot, Place, Row, Wind};
use serde::Serialize;

/// What is in doubt about a plot.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "doubt", rename_all = "snake_case")]
pub enum Doubt {
    /// Values below zero took part: an instrument's noise around nothing, or a fault.
    Negative {
        /// How many.
        count: usize,
        /// Of how many.
        of: usize,
    },
    /// Many hours with a value have no wind, and a plot by wind leaves them out.
    WindMissing {
        /// How many.
        count: usize,
        /// Of how many.
        of: usize,
    },
    /// In a calm nothing comes from anywhere: these hours are in no direction.
    Calm {
        /// How many.
        count: usize,
        /// Of how many.
        of: usize,
    },
    /// The wind is so strong that its unit may be km/h or knots.
    WindUnit {
        /// Its mean, as if it were m/s.
        mean_m_s: f64,
    },
    /// The wind of this place is opposite to the others': it may name where it blows *to*.
    WindReversed {
        /// Which place.
        place: String,
    },
    /// Speeds or directions outside what there is on earth were left out.
    WindOutside {
        /// How many.
        count: usize,
    },
    /// Part of the window was not measured, and the plot knows nothing of it.
    Gap {
        /// The place.
        place: String,
        /// First hour without value, since 1970-01-01T00:00Z.
        from_hour: i64,
        /// How long.
        hours: i64,
    },
    /// Little of the window was measured.
    Capture {
        /// Hours with a value.
        have: usize,
        /// Hours of the window.
        of: usize,
    },
    /// Negative bins: the surface is fitted to the values, not to their square roots.
    NotSquareRoot,
    /// The surface could not be fitted: too few bins.
    NoSurface {
        /// Bins with a mean.
        bins: usize,
    },
}

const SPEED_MAX_M_S: f64 = 75.0;
/// A mean above this is seldom m/s.
const STRONG_M_S: f64 = 12.0;
/// Hours that are enough to tell degrees from radians.
const ENOUGH: usize = 100;

/// The row as it may be used: without a wind that cannot be, without a value that is no number.
pub(super) fn usable(row: Row) -> Row {
    let is_finite = |value: &f64| value.is_finite();
    Row {
        value: row.value.filter(is_finite),
        other: row.other.filter(is_finite),
        wind: row.wind.filter(is_wind),
        ..row
    }
}

fn is_wind(wind: &Wind) -> bool {
    (0.0..=SPEED_MAX_M_S).contains(&wind.speed_m_s) && (0.0..=360.0).contains(&wind.from_deg)
}

/// What is in doubt about a selection; refuses what cannot be a wind in degrees.
pub(super) fn doubts(kind: Kind, places: &[Place]) -> Result<Vec<Doubt>, NoPlot> {
    let rows = || places.iter().flat_map(|place| &place.rows);
    let values = rows().filter(|row| row.value.is_some()).count();
    let mut doubts = Vec::new();
    let negative = rows().filter(|row| row.value.is_some_and(|value| value < 0.0)).count();
    if negative > 0 {
        doubts.push(Doubt::Negative { count: negative, of: values });
    }
    if kind.needs_wind() {
        wind(kind, places, &mut doubts)?;
    }
    gaps(places, &mut doubts);
    Ok(doubts)
}

fn wind(kind: Kind, places: &[Place], doubts: &mut Vec<Doubt>) -> Result<(), NoPlot> {
    let needs_value = kind != Kind::WindRose;
    let rows = || places.iter().flat_map(|place| &place.rows);
    let wanted = || rows().filter(|row| !needs_value || row.value.is_some());
    let (mut of, mut missing, mut calm, mut outside, mut winds) = (0, 0, 0, 0, 0_usize);
    let (mut speeds, mut direction_max) = (0.0, 0.0_f64);
    for row in wanted() {
        of += 1;
        let Some(wind) = row.wind else {
            missing += 1;
            continue;
        };
        if !is_wind(&wind) {
            outside += 1;
            continue;
        }
        winds += 1;
        speeds += wind.speed_m_s;
        calm += usize::from(wind.speed_m_s <= 0.0);
        direction_max = direction_max.max(wind.from_deg);
    }
    if winds >= ENOUGH && calm < winds && direction_max > 0.0 && direction_max < 6.29 {
        return Err(NoPlot::Radians);
    }
    if outside > 0 {
        doubts.push(Doubt::WindOutside { count: outside });
    }
    if missing * 10 > of {
        doubts.push(Doubt::WindMissing { count: missing, of });
    }
    if calm * 10 > winds {
        doubts.push(Doubt::Calm { count: calm, of: winds });
    }
    let mean_m_s = speeds / winds.max(1) as f64;
    if mean_m_s > STRONG_M_S {
        doubts.push(Doubt::WindUnit { mean_m_s });
    }
    let reversed = |place: &&Place| {
        let others: Vec<&Place> =
            places.iter().filter(|other| !std::ptr::eq(*other, *place)).collect();
        others.len() > 1 && is_reversed(place, &others)
    };
    let names = places.iter().filter(reversed).map(|place| place.name.clone());
    doubts.extend(names.map(|place| Doubt::WindReversed { place }));
    Ok(())
}

/// Whether the wind of a place is opposite to that of others in the same hours: the mean cosine of
/// what lies between them is below −0.5 in at least 100 hours above 1 m/s.
pub fn is_reversed(place: &Place, others: &[&Place]) -> bool {
    let (mut count, mut sum) = (0_usize, 0.0);
    for other in others {
        let mut theirs = other.rows.iter().peekable();
        for mine in &place.rows {
            while theirs.next_if(|row| row.hour < mine.hour).is_some() {}
            let same = theirs.peek().filter(|row| row.hour == mine.hour);
            let (Some(a), Some(b)) = (mine.wind, same.and_then(|row| row.wind)) else { continue };
            if a.speed_m_s > 1.0 && b.speed_m_s > 1.0 {
                count += 1;
                sum += (a.from_deg - b.from_deg).to_radians().cos();
            }
        }
    }
    count >= 100 && sum / (count as f64) < -0.5
}

/// The longest gap of each place, when it is a tenth of the window, and low capture.
fn gaps(places: &[Place], doubts: &mut Vec<Doubt>) {
    let (mut have, mut of) = (0, 0);
    let bounds = |place: &Place| Some((place.rows.first()?.hour, place.rows.last()?.hour));
    let all = || places.iter().filter_map(bounds);
    let (Some(first), Some(last)) = (all().map(|b| b.0).min(), all().map(|b| b.1).max()) else {
        return;
    };
    let window = last - first + 1;
    for place in places {
        let (mut before, mut longest) = (first - 1, (0, 0));
        let measured = place.rows.iter().filter(|row| row.value.is_some()).map(|row| row.hour);
        for hour in measured.chain([last + 1]) {
            longest = longest.max((hour - before - 1, before + 1));
            have += usize::from(hour <= last);
            before = hour;
        }
        of += window as usize;
        if longest.0 * 10 >= window && longest.0 >= 24 {
            let (hours, from_hour) = longest;
            doubts.push(Doubt::Gap { place: place.name.clone(), from_hour, hours });
        }
    }
    if have * 4 < of * 3 {
        doubts.push(Doubt::Capture { have, of });
    }
}
