//! What is said beside the files of an export.

use super::{Export, Plan};
use crate::cli::Failure;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

/// Writes `README.txt`.
pub fn write(to: &Path, plan: &Plan, export: &Export, rows: u64) -> Result<(), Failure> {
    let zone = plan.zone.iana_name().unwrap_or("UTC");
    let bound = |text: &Option<String>| text.clone().unwrap_or_else(|| "all".to_owned());
    let mut text = format!(
        "Readings exported by skyriver {}\n\n\
         rows            {rows}\n\
         known at        sequence {} of the log{}\n\
         from            {}\n\
         to              {} (not included)\n\
         parameters      {}\n\
         years           civil years of {zone}\n\n",
        env!("CARGO_PKG_VERSION"),
        plan.sequence.0,
        export.as_of.as_ref().map_or(String::new(), |asked| format!(", asked for as of {asked}")),
        bound(&export.from),
        bound(&export.to_time),
        if export.parameters.is_empty() { "all".to_owned() } else { export.parameters.join(", ") },
    );
    text.push_str(
        "time       instant, or start of the period, UTC · 时刻或时段起点（UTC）\n\
         place      key of the place · 点位编码\n\
         device     name on the wire; empty: derived by the server · 设备 MN，空为推算值\n\
         parameter  key of the parameter · 参数\n\
         statistic  what the value says of its period: mean, min, max, total, instant, index … · 统计量\n\
         period     instant, minutes, hour, day · 时段\n\
         value      in the unit; empty: a gap that was reported · 数值，空为缺测\n\
         unit       empty where only the device knows it · 单位\n\
         quality    good, unknown, suspect, fail, missing · 质量\n\
         mark       the device's own mark · 设备标记\n\
         sequence   the entry of the log that brought it · 日志序号\n\n\
         skyriver import readings FILE takes them back; derived values are left out there, since the\n\
         server derives them itself.\n\nplaces\n",
    );
    for (_, place) in &plan.places {
        let _ = writeln!(
            text,
            "{}\t{}\t{}\t{}\t{}",
            place.key, place.name.zh, place.name.en, place.lon, place.lat
        );
    }
    let mut file = File::create_new(to.join("README.txt"))?;
    Ok(file.write_all(text.as_bytes())?)
}
