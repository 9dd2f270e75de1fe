//! What forecasts of the last winter of the Beijing stations would have been, made from the past only.
//!
//! `SKYRIVER_REAL_DATA=… cargo run --release -p space --example hindcast [STATION…]`

use flate2::read::GzDecoder;
use space::forecast::{Hour, Series, Weather, hindcast};
use space::plot::{Civil, Wind};
use std::error::Error;
use std::fs::File;
use std::path::{Path, PathBuf};

const STATIONS: [&str; 8] = [
    "Aotizhongxin",
    "Dingling",
    "Guanyuan",
    "Huairou",
    "Shunyi",
    "Tiantan",
    "Wanliu",
    "Wanshouxigong",
];
/// Hours from 2013-03-01 to 2015-12-01.
const WINTER: usize = 24 * (306 + 365 + 334);

#[expect(clippy::print_stdout, reason = "the result of a program")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut named: Vec<String> = std::env::args().skip(1).collect();
    if named.is_empty() {
        named = STATIONS.map(str::to_owned).to_vec();
    }
    #[expect(clippy::disallowed_methods, reason = "a program of its own")]
    let folder = PathBuf::from(std::env::var("SKYRIVER_REAL_DATA")?).join("data/beijing_prsa");
    println!(
        "station method band n rmse mae bias crps within50 within90 vs_persistence vs_climatology"
    );
    for station in named {
        let hours = read(&folder, &station)?;
        let series = Series { first_hour: 378_671, hours: &hours };
        #[expect(clippy::disallowed_methods, reason = "a program of its own")]
        let started = std::time::Instant::now();
        let made = hindcast(series, WINTER, hours.len(), 6, 1)?;
        for s in &made.scores {
            println!(
                "{station} {:?} {}-{} {} {:.1} {:.1} {:.1} {:.2} {:.3} {:.3} {:.3} {:.3}",
                s.method,
                s.band[0],
                s.band[1],
                s.count,
                s.rmse,
                s.mae,
                s.bias,
                s.crps,
                s.within_50,
                s.within_90,
                s.skill_persistence.unwrap_or(0.0),
                s.skill_climatology.unwrap_or(0.0)
            );
        }
        println!("{station} {} origins, {:.1} s", made.origins, started.elapsed().as_secs_f64());
    }
    Ok(())
}

fn read(folder: &Path, station: &str) -> Result<Vec<Hour>, Box<dyn Error>> {
    let name = format!("PRSA_Data_{station}_20130301-20160229.csv.gz");
    let mut file = csv::Reader::from_reader(GzDecoder::new(File::open(folder.join(name))?));
    let points = [
        "N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW",
        "NW", "NNW",
    ];
    let mut hours = Vec::new();
    for record in file.records() {
        let record = record?;
        let number = |column: usize| record[column].parse::<f64>().ok();
        let point = points.iter().position(|point| *point == &record[15]);
        let wind = number(16)
            .zip(point)
            .map(|(speed_m_s, point)| Wind { speed_m_s, from_deg: point as f64 * 22.5 });
        let day = hours.len() / 24;
        let at = Civil {
            year: record[1].parse()?,
            month: record[2].parse()?,
            day: record[3].parse()?,
            hour: record[4].parse()?,
            // 2013-03-01 was a Friday.
            weekday: ((day + 4) % 7) as u8 + 1,
        };
        let weather = Weather {
            wind,
            temperature_c: number(11),
            humidity: number(13),
            pressure_hpa: number(12),
            rain_mm: number(14),
        };
        hours.push(Hour { at, value: number(5), weather });
    }
    Ok(hours)
}
