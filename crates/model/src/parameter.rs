//! Parameters: what can be measured, its unit, and the codes by which devices name it.

use serde::Deserialize;
use std::collections::HashMap;

/// One parameter. Readings of it are kept in `unit` and in no other.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Stable key: `pm25`, `so2`, `wind_speed`.
    pub key: String,
    /// How it is written for people: `PM2.5`.
    pub symbol: String,
    /// Chinese name.
    pub zh: String,
    /// English name.
    pub en: String,
    /// The one unit in which it is kept: `ug/m3`.
    pub unit: String,
    /// Digits after the point that people read; the page formats with it, nothing is computed with it.
    pub decimals: u8,
    /// Codes by which devices name it, newest edition first.
    pub codes: Vec<String>,
    /// Values above this are taken for another unit by mistake (ng for µg) and marked suspect.
    pub plausible_max: Option<f64>,
}

/// The table of parameters.
#[derive(Clone, Debug)]
pub struct ParameterTable {
    rows: Vec<Parameter>,
    by_key: HashMap<String, usize>,
    by_code: HashMap<String, usize>,
}

/// Why a table of parameters was refused.
#[derive(Debug, thiserror::Error)]
pub enum ParameterTableError {
    /// The text is no CSV of the expected columns.
    #[error("parameters.csv: the table cannot be read")]
    Csv(#[from] csv::Error),
    /// A row has no source.
    #[error("parameters.csv: `{0}` has no source")]
    NoSource(String),
    /// Two rows claim one key or code.
    #[error("parameters.csv: `{0}` stands twice")]
    Twice(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    key: String,
    symbol: String,
    zh: String,
    en: String,
    unit: String,
    decimals: u8,
    codes: String,
    plausible_max: Option<f64>,
    source: String,
}

impl ParameterTable {
    /// The table that comes with the program.
    ///
    /// # Errors
    /// When a row has no source, or a key or code stands twice: a defect of this build.
    pub fn builtin() -> Result<Self, ParameterTableError> {
        Self::from_csv(include_str!("../data/parameters.csv"))
    }

    /// Reads a table: `key,symbol,zh,en,unit,decimals,codes,plausible_max,source`.
    ///
    /// # Errors
    /// When the text is not such a table, a row has no source, or a key or code stands twice.
    pub fn from_csv(text: &str) -> Result<Self, ParameterTableError> {
        let mut table = Self { rows: vec![], by_key: HashMap::new(), by_code: HashMap::new() };
        for row in csv::Reader::from_reader(text.as_bytes()).deserialize() {
            table.push(row?)?;
        }
        Ok(table)
    }

    fn push(&mut self, row: Row) -> Result<(), ParameterTableError> {
        if row.source.trim().is_empty() {
            return Err(ParameterTableError::NoSource(row.key));
        }
        let number = self.rows.len();
        if self.by_key.insert(row.key.clone(), number).is_some() {
            return Err(ParameterTableError::Twice(row.key));
        }
        let codes: Vec<String> = row.codes.split_whitespace().map(str::to_owned).collect();
        for code in &codes {
            if self.by_code.insert(code.clone(), number).is_some() {
                return Err(ParameterTableError::Twice(code.clone()));
            }
        }
        self.rows.push(Parameter {
            key: row.key,
            symbol: row.symbol,
            zh: row.zh,
            en: row.en,
            unit: row.unit,
            decimals: row.decimals,
            codes,
            plausible_max: row.plausible_max,
        });
        Ok(())
    }

    /// All parameters, in the order of the table.
    pub fn all(&self) -> &[Parameter] {
        &self.rows
    }

    /// The parameter of a key.
    pub fn get(&self, key: &str) -> Option<&Parameter> {
        self.by_key.get(key).map(|&row| &self.rows[row])
    }

    /// The parameter that a device names by this code.
    pub fn by_code(&self, code: &str) -> Option<&Parameter> {
        self.by_code.get(code).map(|&row| &self.rows[row])
    }
}

/// The power of ten that turns a value in `from` into one in `to`; `None` when the units are no
/// decimal multiples of each other.
///
/// Only the decimal point moves, so the decimal text of a reading stays exact.
pub fn shift(from: &str, to: &str) -> Option<i32> {
    const MASS: [(&str, i32); 4] = [("ng/m3", -9), ("ug/m3", -6), ("mg/m3", -3), ("g/m3", 0)];
    const WATER: [(&str, i32); 4] = [("ng/L", -9), ("ug/L", -6), ("mg/L", -3), ("g/L", 0)];
    if from == to {
        return Some(0);
    }
    for family in [MASS, WATER] {
        let power = |unit: &str| family.iter().find(|(name, _)| *name == unit).map(|(_, p)| *p);
        if let (Some(from), Some(to)) = (power(from), power(to)) {
            return Some(from - to);
        }
    }
    None
}

/// A unit of the table as people write it: `µg/m³`, `°C`; nothing for a bare number.
pub fn unit_text(unit: &str) -> String {
    match unit {
        "ug/m3" => "µg/m³".to_owned(),
        "mg/m3" => "mg/m³".to_owned(),
        "Cel" => "°C".to_owned(),
        "deg" => "°".to_owned(),
        "1" => String::new(),
        other => other.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builtin_table_loads_and_knows_the_six_pollutants() {
        let table = ParameterTable::builtin().unwrap();
        let check = |code, key: &str, unit: &str| {
            let parameter = table.by_code(code).unwrap();
            assert_eq!((parameter.key.as_str(), parameter.unit.as_str()), (key, unit));
        };
        check("a34004", "pm25", "ug/m3");
        check("a34002", "pm10", "ug/m3");
        check("a21026", "so2", "ug/m3");
        check("a21004", "no2", "ug/m3");
        check("a21005", "co", "mg/m3");
        check("a05024", "o3", "ug/m3");
        assert!(table.by_code("zzz").is_none());
    }

    #[test]
    fn a_row_without_a_source_is_refused() {
        let text = "key,symbol,zh,en,unit,decimals,codes,plausible_max,source\nx,X,x,x,1,0,c,,\n";
        let error = ParameterTable::from_csv(text).unwrap_err();
        assert_eq!(error.to_string(), "parameters.csv: `x` has no source");
    }

    #[test]
    fn units_shift_the_decimal_point_only_within_a_family() {
        assert_eq!(shift("ng/m3", "ug/m3"), Some(-3));
        assert_eq!(shift("mg/m3", "ug/m3"), Some(3));
        assert_eq!(shift("ug/L", "mg/L"), Some(-3));
        assert_eq!(shift("ug/m3", "mg/L"), None);
        assert_eq!(shift("Cel", "Cel"), Some(0));
    }
}
