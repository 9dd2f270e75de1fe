//! `--as-of`: a sequence of the log, an instant, or the midnight of a civil day, as the API reads it.

use crate::Error;
use model::{Sequence, Timestamp};
use standards::Zone;
use store::{Known, Pinned};

/// A moment as of which everything is shown that can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The newest entry of the log that was known.
    pub sequence: Sequence,
    /// The instant that was asked for, or when that entry was kept; none before the first entry.
    pub at: Option<Timestamp>,
}

impl Moment {
    /// The moment that a text names.
    ///
    /// # Errors
    /// [`Error::AsOf`] when it names none, or one after the newest entry.
    pub fn read(text: &str, pinned: &Pinned, zone: &Zone) -> Result<Self, Error> {
        let reader = pinned.reader();
        let refused = |why: String, zh: String| Error::AsOf { text: text.to_owned(), why, zh };
        if let Ok(sequence) = text.parse::<u64>() {
            let newest = reader.last_sequence()?.0;
            if sequence > newest {
                return Err(refused(
                    format!("the newest sequence is {newest}"),
                    format!("最新的序号是 {newest}"),
                ));
            }
            let at = reader.instant_of(Sequence(sequence))?.filter(|_| sequence > 0);
            return Ok(Self { sequence: Sequence(sequence), at });
        }
        let at = instant(text, zone).ok_or_else(|| {
            refused("it is no sequence and no instant".into(), "既不是序号也不是时刻".into())
        })?;
        Ok(Self { sequence: reader.sequence_at(at)?, at: Some(at) })
    }

    /// As the store asks for it.
    pub fn known(moment: Option<Self>) -> Known {
        moment.map_or(Known::Now, |moment| Known::At(moment.sequence))
    }
}

fn instant(text: &str, zone: &Zone) -> Option<Timestamp> {
    if text.len() == "2026-03-01".len() {
        let date: jiff::civil::Date = text.parse().ok()?;
        return zone.instant(date.at(0, 0, 0, 0)).ok();
    }
    Some(Timestamp::from_ms(text.parse::<jiff::Timestamp>().ok()?.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_rfc_3339_or_a_civil_midnight() {
        let zone = Zone::shanghai().unwrap();
        let ms = |text| instant(text, &zone).map(Timestamp::as_ms);
        assert_eq!(ms("1970-01-01T08:00:00+08:00"), Some(0));
        assert_eq!(ms("1970-01-02"), Some(16 * 3_600_000));
        assert_eq!(ms("yesterday"), None);
        assert_eq!(ms("2026-13-01"), None);
    }
}
