//! The truth as a file, to lay beside what was reported.

use crate::zone::Zone;
use model::Timestamp;
use std::io::{self, Write};

impl Zone {
    /// Writes the true air at each place of the registry as CSV, one row for each step of `step_ms`
    /// in [from, to) and place: instants, not means. Times are UTC; µg/m³, CO in mg/m³.
    ///
    /// # Errors
    ///
    /// When `out` cannot be written, or `step_ms` is not positive.
    pub fn write_truth(
        &self,
        from: Timestamp,
        to: Timestamp,
        step_ms: i64,
        out: &mut impl Write,
    ) -> io::Result<()> {
        if step_ms <= 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the step must be positive"));
        }
        let places = self.registry().places;
        let positions: Vec<[f64; 2]> = places.iter().map(|place| [place.lon, place.lat]).collect();
        writeln!(out, "time,place,lon,lat,pm25,pm10,so2,no2,co,o3")?;
        let mut time = from;
        while time < to {
            for (place, air) in places.iter().zip(self.truth_at(time, &positions)) {
                writeln!(
                    out,
                    "{time},{},{:.6},{:.6},{:.2},{:.2},{:.2},{:.2},{:.3},{:.2}",
                    place.key,
                    place.lon,
                    place.lat,
                    air.pm25,
                    air.pm10,
                    air.so2,
                    air.no2,
                    air.co,
                    air.o3
                )?;
            }
            time = time + step_ms;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;
    use model::HOUR_MS;

    #[test]
    fn the_file_has_a_row_for_each_step_and_place() {
        let zone = Zone::new(Settings::default());
        let from = Timestamp::from_ms(1_772_326_800_000);
        let mut file = Vec::new();
        zone.write_truth(from, from + 3 * HOUR_MS, HOUR_MS, &mut file).unwrap();
        let text = String::from_utf8(file).unwrap();
        assert_eq!(text.lines().count(), 1 + 3 * 214);
        assert!(text.contains("2026-03-01T01:00:00.000Z,std-01,"));
        assert!(zone.write_truth(from, from, 0, &mut Vec::new()).is_err());
    }
}
