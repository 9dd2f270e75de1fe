//! The truth as a file, to lay beside what was reported.

use crate::layout::{OUTFALLS, STACKS};
use crate::scenario::What;
use crate::zone::Zone;
use model::Timestamp;
use std::io::{self, Write};

/// First line of the file.
const HEAD: &str = "time,until,what,key,lon,lat,parameter,value,unit";

impl Zone {
    /// Writes what is true in [from, to) as CSV, one value a row: first what is meant to happen and which
    /// devices have faults that last (`event`, `fault`, with their ends), then for each step of `step_ms`
    /// the strength and rates of every source, where everything that moves is, the weather, the air at
    /// each place and the water at each water site: instants, not means. Times are UTC.
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
        writeln!(out, "{HEAD}")?;
        self.write_events(from, to, out)?;
        let mut time = from;
        while time < to {
            self.write_sources(time, out)?;
            self.write_weather(time, out)?;
            self.write_places(time, out)?;
            time = time + step_ms;
        }
        Ok(())
    }

    fn write_events(&self, from: Timestamp, to: Timestamp, out: &mut impl Write) -> io::Result<()> {
        for event in &self.scenario().events {
            if event.start >= to || event.end <= from {
                continue;
            }
            let (key, [lon, lat], parameter, value) = match &event.what {
                What::Episode { pm25_ug_m3 } => ("", NOWHERE, "episode_pm25", *pm25_ug_m3),
                What::DustStorm { coarse_ug_m3 } => ("", NOWHERE, "storm_coarse", *coarse_ug_m3),
                What::Release { source, factor } => {
                    (source.as_str(), self.source_position(source), "release", *factor)
                }
                What::Fire { lon, lat, pm25_g_s } => {
                    ("", [lon.to_string(), lat.to_string()], "fire_pm25", *pm25_g_s)
                }
                What::Gate { river, flow_factor } => {
                    (river.as_str(), NOWHERE, "gate", *flow_factor)
                }
                // written below, device by device
                What::Fault { .. } => continue,
            };
            let (start, end) = (event.start, event.end);
            writeln!(out, "{start},{end},event,{key},{lon},{lat},{parameter},{value},")?;
        }
        for fault in self.faults(from, to) {
            let place = self.device(fault.device).map_or("", |device| device.place.as_str());
            let (start, end) = (fault.start, fault.end);
            writeln!(out, "{start},{end},fault,{place},,,{},1,", fault.spell.name())?;
        }
        Ok(())
    }

    fn source_position(&self, key: &str) -> [String; 2] {
        let found = self.sources().into_iter().find(|source| source.key == key);
        found.map_or(NOWHERE, |source| [source.lon.to_string(), source.lat.to_string()])
    }

    fn write_sources(&self, time: Timestamp, out: &mut impl Write) -> io::Result<()> {
        let strengths = self.strengths(time);
        let air = ["pm25", "coarse", "so2", "nox", "co"];
        let water = ["codmn", "nh3n", "tp", "tn"];
        let rates = STACKS.iter().map(|stack| (&air[..], &stack.emission_g_s[..]));
        let rates = rates.chain(OUTFALLS.iter().map(|outfall| (&water[..], &outfall.load_g_s[..])));
        for ((source, strength), (names, full)) in self.sources().iter().zip(strengths).zip(rates) {
            let (key, lon, lat) = (&source.key, source.lon, source.lat);
            writeln!(out, "{time},,source,{key},{lon},{lat},strength,{strength:.4},1")?;
            for (name, grams) in names.iter().zip(full) {
                let rate = grams * strength;
                writeln!(out, "{time},,source,{key},{lon},{lat},{name},{rate:.5},g/s")?;
            }
        }
        Ok(())
    }

    fn write_weather(&self, time: Timestamp, out: &mut impl Write) -> io::Result<()> {
        let weather = self.weather(time);
        let rows = [
            ("wind_speed", weather.wind_speed_m_s(), "m/s"),
            ("wind_dir", weather.wind_from_deg(), "deg"),
            ("mixing_height", weather.mixing_height_m, "m"),
            ("air_temp", weather.temperature_c, "Cel"),
            ("rain", weather.rain_mm_h, "mm/h"),
        ];
        for (name, value, unit) in rows {
            writeln!(out, "{time},,weather,,,,{name},{value:.3},{unit}")?;
        }
        Ok(())
    }

    fn write_places(&self, time: Timestamp, out: &mut impl Write) -> io::Result<()> {
        let places = self.positions(time);
        let positions: Vec<[f64; 2]> = places.iter().map(|place| place.1).collect();
        for ((key, [lon, lat]), air) in places.iter().zip(self.truth_at(time, &positions)) {
            let rows = [
                ("pm25", air.pm25, "ug/m3"),
                ("pm10", air.pm10, "ug/m3"),
                ("so2", air.so2, "ug/m3"),
                ("no2", air.no2, "ug/m3"),
                ("co", air.co, "mg/m3"),
                ("o3", air.o3, "ug/m3"),
            ];
            for (name, value, unit) in rows {
                writeln!(out, "{time},,air,{key},{lon:.6},{lat:.6},{name},{value:.3},{unit}")?;
            }
        }
        for (key, [lon, lat], water) in self.waters(time) {
            let rows = [
                ("flow", water.flow_m3_s, "m3/s"),
                ("do", water.oxygen, "mg/L"),
                ("codmn", water.codmn, "mg/L"),
                ("nh3n", water.nh3n, "mg/L"),
                ("tp", water.tp, "mg/L"),
                ("tn", water.tn, "mg/L"),
            ];
            for (name, value, unit) in rows {
                writeln!(out, "{time},,water,{key},{lon:.6},{lat:.6},{name},{value:.4},{unit}")?;
            }
        }
        Ok(())
    }
}

const NOWHERE: [String; 2] = [String::new(), String::new()];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scenario;
    use crate::Settings;
    use model::HOUR_MS;

    #[test]
    fn the_file_holds_events_sources_positions_air_and_water() {
        let now = Timestamp::from_ms(1_772_326_800_000);
        let scenario = Scenario::demo(now);
        let zone = Zone::new(Settings { scenario, ..Settings::default() });
        let mut file = Vec::new();
        zone.write_truth(now - 3 * HOUR_MS, now, HOUR_MS, &mut file).unwrap();
        let text = String::from_utf8(file).unwrap();
        let columns = HEAD.split(',').count();
        assert!(text.lines().all(|line| line.split(',').count() == columns));
        let count = |what: &str| text.lines().filter(|line| line.contains(what)).count();
        // air at 197 places that stand or move, six pollutants, three hours
        assert_eq!(count(",,air,"), 197 * 6 * 3);
        assert_eq!(count(",,water,"), 12 * 6 * 3);
        assert_eq!(count(",,source,"), (12 * 6 + 6 * 5) * 3);
        assert!(count(",event,site-01,") == 1 && count(",event,stack-04,") == 1);
        let seen = |hour: i64| {
            let time = now - hour * HOUR_MS;
            let row = text.lines().find(|l| l.starts_with(&format!("{time},,air,vehicle-01,")));
            row.map(str::to_owned)
        };
        assert_ne!(seen(1).unwrap().split(',').nth(4), seen(2).unwrap().split(',').nth(4));
        assert!(zone.write_truth(now, now, 0, &mut Vec::new()).is_err());
    }
}
