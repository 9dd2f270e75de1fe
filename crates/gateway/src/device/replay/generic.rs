//! The generic form: `time,device,parameter,value[,flag]`.

use super::{Builder, Error, is_number, names, row_error, table};
use crate::file::instant;
use model::{Device, Dialect, ParameterTable, Place, PlaceKind, Timestamp};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// Code, value and mark of each factor of a frame.
type Factors = Vec<(String, String, String)>;

/// Reads one file.
pub fn read(path: &Path, builder: &mut Builder<'_>) -> Result<(), Error> {
    let parameters = ParameterTable::builtin().map_err(|error| Error::Row {
        path: path.to_owned(),
        line: 0,
        problem: error.to_string(),
    })?;
    let places = table(&path.with_file_name("places.csv"))?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(super::open(path)?);
    // Values of one device and time make one frame; a parameter that comes again opens another.
    let mut frames: BTreeMap<(Timestamp, u32), Vec<Factors>> = BTreeMap::new();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| super::csv_error(path, &error))? {
        let cell = |at: usize| record.get(at).unwrap_or_default().trim();
        let problem = |text: &str| row_error(path, &record, text);
        let time = instant(cell(0), builder.clock)
            .ok_or_else(|| problem("time is neither RFC 3339 nor YYYY-MM-DD hh:mm"))?;
        let (mn, parameter, value) = (cell(1), cell(2), cell(3));
        if mn.is_empty() || !mn.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';') {
            return Err(problem("device must be printable characters without blanks"));
        }
        let code = match parameters.get(parameter) {
            Some(known) => known.codes.first().cloned(),
            None => Some(parameter.to_owned()),
        };
        let is_code =
            |code: &String| !code.is_empty() && code.bytes().all(|b| b.is_ascii_alphanumeric());
        let code =
            code.filter(is_code).ok_or_else(|| problem("parameter has no code on the wire"))?;
        let device = builder.device(mn, |roster| register(roster, &places, mn));
        let mark = if cell(4).is_empty() { "N" } else { cell(4) };
        let open = frames.entry((time, device)).or_default();
        let is_new = open.last().is_none_or(|frame| frame.iter().any(|(known, ..)| *known == code));
        if is_new {
            open.push(vec![]);
        }
        if let Some(frame) = open.last_mut() {
            frame.push((code, value.to_owned(), mark.to_owned()));
        }
    }
    for ((time, device), same) in frames {
        for frame in same {
            let mut items = String::new();
            for (code, value, mark) in frame.iter().filter(|(_, value, _)| is_number(value)) {
                super::add_item(&mut items, code, value, mark);
            }
            builder.row(device, time, items);
        }
    }
    Ok(())
}

fn register(
    roster: &mut super::Roster,
    places: &[HashMap<String, String>],
    mn: &str,
) -> Option<Device> {
    let row = places.iter().find(|row| row.get("device").is_some_and(|device| device == mn))?;
    let text = |name: &str| row.get(name).map_or("", String::as_str);
    let kind = match text("kind") {
        "micro_station" => PlaceKind::MicroStation,
        "dust_site" => PlaceKind::DustSite,
        "water_site" => PlaceKind::WaterSite,
        "stack" => PlaceKind::Stack,
        "weather_station" => PlaceKind::WeatherStation,
        _ => PlaceKind::AirStation,
    };
    roster.places.push(Place {
        key: mn.to_ascii_lowercase(),
        name: names(text("name_zh"), text("name_en")),
        kind,
        lon: text("lon").parse().ok()?,
        lat: text("lat").parse().ok()?,
        area: String::new(),
        simulated: false,
        ..Place::default()
    });
    let password = if text("password").is_empty() { super::PASSWORD } else { text("password") };
    Some(Device {
        mn: mn.to_owned(),
        password: password.to_owned(),
        place: mn.to_ascii_lowercase(),
        dialect: Dialect::Hj212V2017,
        period_named_by_end: false,
        units: HashMap::new(),
        ..Device::default()
    })
}
