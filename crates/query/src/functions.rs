//! Functions of our own: the civil day of an instant, and a field of a JSON document.

use datafusion::arrow::array::{Array, ArrayRef, AsArray, Date32Array, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, TimestampMillisecondType};
use datafusion::common::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarUDF, Volatility, create_udf};
use model::{DAY_MS, Timestamp};
use standards::Zone;
use std::sync::Arc;

/// Name, how it is called, and what it gives: for help and documentation.
pub const FUNCTIONS: [(&str, &str); 2] = [
    ("civil_day(time)", "the civil day of an instant in the zone, as a date"),
    ("json_text(document, path)", "a field of a JSON document as text; path like `operation.kind`"),
];

/// `civil_day(time)`: the civil day that holds an instant, in a zone.
pub fn civil_day(zone: Zone) -> ScalarUDF {
    let function = move |arguments: &[ColumnarValue]| -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(arguments)?;
        let times = arrays[0].as_primitive::<TimestampMillisecondType>();
        // Neighbours are mostly of one day: its ends are looked up once.
        let mut last: Option<(i64, i64, i32)> = None;
        let days: Date32Array = times
            .iter()
            .map(|time| {
                let time = time?;
                if let Some((start, end, day)) = last
                    && (start..end).contains(&time)
                {
                    return Some(day);
                }
                let day = zone.day_of(Timestamp::from_ms(time)).ok()?;
                let (start, end) = (day.start().as_ms(), day.end().as_ms());
                // A date's number is that of the UTC day of the same name.
                let name = day.date().at(0, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).ok()?;
                let number = name.timestamp().as_millisecond().div_euclid(DAY_MS) as i32;
                last = Some((start, end, number));
                Some(number)
            })
            .collect();
        Ok(ColumnarValue::Array(Arc::new(days)))
    };
    let time = crate::schema::time_type();
    create_udf("civil_day", vec![time], DataType::Date32, Volatility::Immutable, Arc::new(function))
}

/// `json_text(document, path)`: a field of a JSON document as text, null when it is not there.
pub fn json_text() -> ScalarUDF {
    let function = |arguments: &[ColumnarValue]| -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(arguments)?;
        let text = |array: &ArrayRef| cast(array, &DataType::Utf8);
        let (documents, paths) = (text(&arrays[0])?, text(&arrays[1])?);
        let (documents, paths) = (documents.as_string::<i32>(), paths.as_string::<i32>());
        let fields: StringArray = (0..documents.len())
            .map(|row| {
                let is_there = documents.is_valid(row) && paths.is_valid(row);
                is_there.then(|| field(documents.value(row), paths.value(row))).flatten()
            })
            .collect();
        Ok(ColumnarValue::Array(Arc::new(fields)))
    };
    let text = DataType::Utf8;
    create_udf(
        "json_text",
        vec![text.clone(), text.clone()],
        text,
        Volatility::Immutable,
        Arc::new(function),
    )
}

fn field(document: &str, path: &str) -> Option<String> {
    let document: serde_json::Value = serde_json::from_str(document).ok()?;
    let step = |value: serde_json::Value, name: &str| match value {
        serde_json::Value::Array(mut items) => {
            let place: usize = name.parse().ok()?;
            (place < items.len()).then(|| items.swap_remove(place))
        }
        serde_json::Value::Object(mut fields) => fields.shift_remove(name),
        _ => None,
    };
    match path.split('.').try_fold(document, step)? {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_its_path() {
        let check = |path, wanted: Option<&str>| {
            let document = r#"{"a":{"b":[1,"x"],"c":null},"d":true}"#;
            assert_eq!(field(document, path).as_deref(), wanted, "{path}");
        };
        check("a.b.1", Some("x"));
        check("a.b.0", Some("1"));
        check("d", Some("true"));
        check("a.c", None);
        check("a.z", None);
        check("a.b.9", None);
        assert_eq!(field("no json", "a"), None);
    }
}
