//! `skyriver drift`: micro-stations against the standard station near each, out of a data directory.

use super::{Asked, DAYS, Drift, WITHIN_M, WITHIN_M_MAX, compare, doubts, pairs};
use crate::analysis::source::{open, parameter};
use crate::analysis::{Error, hour_name};
use crate::assess::Lang;
use crate::clock;
use clap::Args;
use jiff::civil::Date;
use model::{HOUR_MS, Parameter, ParameterTable, Timestamp};
use serde_json::json;
use standards::Zone;
use std::io::Write;
use std::path::PathBuf;
use store::Known;

/// Micro-stations against the standard station near each: gain and offset with their doubt, and corrections to be proposed.
#[derive(Args, Clone, Debug)]
pub struct DriftCommand {
    /// The data directory of a server that is stopped (while it runs, /api/v1/drift answers).
    #[arg(long)]
    pub dir: PathBuf,
    /// The parameter: a key (pm25) or a symbol (PM2.5).
    #[arg(long, default_value = "pm25")]
    pub parameter: String,
    /// The first civil day; four weeks up to `--to` without it.
    #[arg(long)]
    pub from: Option<Date>,
    /// The last civil day, included; today without it.
    #[arg(long)]
    pub to: Option<Date>,
    /// Only this micro-station.
    #[arg(long, value_name = "KEY")]
    pub place: Option<String>,
    /// How far the standard station may be away, m.
    #[arg(long, value_name = "METRES", default_value_t = WITHIN_M, value_parser = clap::value_parser!(u32).range(1..=i64::from(WITHIN_M_MAX)))]
    pub within_m: u32,
    /// The zone of civil days.
    #[arg(long, default_value = "Asia/Shanghai")]
    pub zone: String,
    /// The language of what is said.
    #[arg(long, value_enum, default_value_t = Lang::En)]
    pub lang: Lang,
    /// Everything as one JSON object, with the bodies of the corrections.
    #[arg(long)]
    pub json: bool,
}

impl DriftCommand {
    /// Reads, compares and writes.
    ///
    /// # Errors
    /// When nothing can be read.
    pub fn run(&self, out: &mut impl Write) -> Result<(), Error> {
        let zone = Zone::named(&self.zone)?;
        let failed = |why: String| Error::Directory { dir: self.dir.clone(), why };
        let table = ParameterTable::builtin().map_err(|error| failed(error.to_string()))?;
        let parameter = parameter(&table, &self.parameter)?;
        let asked = self.asked(parameter, &zone)?;
        let store = open(&self.dir)?;
        let reader = store.reader();
        let pairs = {
            let view = reader.view();
            let registry = view.registry();
            let known = |key: &String| {
                registry.place_id(key).ok_or_else(|| Error::Unknown {
                    problem: format!("there is no place {key:?}"),
                    hint: "leave --place out to see all micro-stations".to_owned(),
                })
            };
            pairs(registry, &asked, self.place.as_ref().map(known).transpose()?)
        };
        if pairs.is_empty() {
            return Err(Error::Unknown {
                problem: format!("no micro-station measures {} then", parameter.symbol),
                hint: "choose another parameter, other days, or a micro-station".to_owned(),
            });
        }
        let stations = compare(&reader, &asked, &pairs)?;
        if self.json {
            let unit = model::unit_text(&parameter.unit);
            let all = json!({ "parameter": parameter.symbol, "unit": unit, "stations": stations, "doubts": doubts() });
            writeln!(out, "{all}")?;
            return Ok(());
        }
        let [from, to] = [asked.hours.start, asked.hours.end].map(|hour| hour_name(&zone, hour));
        let unit = model::unit_text(&parameter.unit);
        writeln!(
            out,
            "{}, {unit}, {from} to {to}; value × gain + offset, with 90 %",
            parameter.symbol
        )?;
        self.tell(out, &stations)?;
        Ok(())
    }

    /// The days that are asked for, and the rest.
    fn asked<'a>(&self, parameter: &'a Parameter, zone: &'a Zone) -> Result<Asked<'a>, Error> {
        let now = clock::now();
        let last = self.to.map_or_else(|| zone.date(now), Ok)?;
        let first = self.from.unwrap_or(last.saturating_sub(jiff::Span::new().days(DAYS - 1)));
        if last < first {
            return Err(Error::Unknown {
                problem: format!("--from {first} lies after --to {last}"),
                hint: "write the first day, then the last".to_owned(),
            });
        }
        let hour = |at: Timestamp| at.as_ms().div_euclid(HOUR_MS);
        Ok(Asked {
            parameter,
            hours: hour(zone.day(first)?.start())..hour(zone.day(last)?.end()),
            within_m: self.within_m,
            known: Known::Now,
            now,
            zone,
            language: self.lang.into(),
        })
    }

    fn tell(&self, out: &mut impl Write, stations: &[Drift]) -> std::io::Result<()> {
        for one in stations {
            let Drift { place, hours, days, .. } = one;
            write!(out, "{place:<16} ")?;
            if let (Some(found), Some(reference)) = (&one.found, &one.reference) {
                let ([a, b], [c, d]) = (found.gain_90, found.offset_90);
                write!(
                    out,
                    "{:<12} {:>5} m {hours:>4} h {days:>2} d  × {:.3} [{a:.3}, {b:.3}]  {:+.2} [{c:+.2}, {d:+.2}]  ± {:.1}  ",
                    reference.place, reference.distance_m, found.gain, found.offset, found.off_90
                )?;
            }
            writeln!(out, "{}", self.lang.of(&one.says))?;
        }
        for doubt in doubts() {
            writeln!(out, "! {}", self.lang.of(&doubt))?;
        }
        Ok(())
    }
}
