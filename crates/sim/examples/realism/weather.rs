//! Wind and rain beside those that were measured at one station of the PRSA set.

use flate2::read::GzDecoder;
use model::{HOUR_MS, Timestamp};
use sim::Zone;
use std::error::Error;
use std::fs::File;
use std::path::Path;

const STATION: &str = "PRSA_Data_Shunyi_20130301-20160229.csv.gz";
const SECTORS: [&str; 16] = [
    "N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW",
    "NNW",
];

#[derive(Default)]
struct Account {
    hours: f64,
    sectors: [f64; 8],
    speed: f64,
    calm: f64,
    speed_by_hour: [f64; 24],
    rain_mm: f64,
    rain_summer_mm: f64,
    rain_hours: f64,
}

impl Account {
    fn add(&mut self, hour: usize, month: u32, sector: f64, speed: f64, rain: f64) {
        self.hours += 1.0;
        self.speed += speed;
        self.speed_by_hour[hour] += speed;
        self.calm += f64::from(u8::from(speed < 1.0));
        if speed >= 1.0 {
            self.sectors[(sector / 2.0 + 0.5) as usize % 8] += 1.0;
        }
        self.rain_mm += rain;
        self.rain_hours += f64::from(u8::from(rain >= 0.1));
        if (6..=8).contains(&month) {
            self.rain_summer_mm += rain;
        }
    }

    fn line(&self) -> String {
        let blown = self.sectors.iter().sum::<f64>();
        let rose = self.sectors.map(|count| format!("{:.0}", 100.0 * count / blown)).join(" | ");
        let years = self.hours / 8_766.0;
        format!(
            "{rose} | {:.2} | {:.0} | {:.2} | {:.0} | {:.0} | {:.1} |",
            self.speed / self.hours,
            100.0 * self.calm / self.hours,
            self.speed_by_hour[15] / self.speed_by_hour[4],
            self.rain_mm / years,
            100.0 * self.rain_summer_mm / self.rain_mm,
            100.0 * self.rain_hours / self.hours,
        )
    }
}

pub(crate) fn print(folder: &Path, zone: &Zone) -> Result<(), Box<dyn Error>> {
    let mut real = Account::default();
    let mut reader = csv::Reader::from_reader(GzDecoder::new(File::open(folder.join(STATION))?));
    for record in reader.records() {
        let record = record?;
        let number = |column: usize| record[column].parse::<f64>();
        let sector = SECTORS.iter().position(|name| *name == &record[15]);
        if let (Ok(rain), Some(sector), Ok(speed)) = (number(14), sector, number(16)) {
            real.add(number(4)? as usize, number(2)? as u32, sector as f64, speed, rain);
        }
    }
    let mut made = Account::default();
    for hour in 0..3 * 8_766 {
        // 2023-03-01, local midnight
        let time = Timestamp::from_ms(1_677_600_000_000 + hour * HOUR_MS);
        let weather = zone.weather(time);
        let local = (time + sim::ZONE_OFFSET_MS).to_string();
        let month: u32 = local[5..7].parse()?;
        let (sector, speed) = (weather.wind_from_deg() / 22.5, weather.wind_speed_m_s());
        made.add(hour as usize % 24, month, sector, speed, weather.rain_mm_h);
    }
    println!(
        "\n| wind from, % of hours with 1 m/s and more | N | NE | E | SE | S | SW | W | NW | mean m/s | below 1 m/s, % | 15 h/4 h | rain mm a year | of it June to August, % | hours with rain, % |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    println!("| real | {}", real.line());
    println!("| made | {}", made.line());
    Ok(())
}
