//! Tables and their columns, said once: for the schema, for help and completion, and for the guide, which a
//! test compares with this.

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use std::sync::Arc;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An instant, UTC.
    Time,
    /// A civil day.
    Day,
    /// Text.
    Text,
    /// A binary float.
    Number,
    /// A whole number of 64 bits.
    Whole,
    /// A whole number of 32 bits.
    Id,
    /// A whole number of 16 bits.
    Small,
    /// Yes or no.
    Bool,
    /// Bytes.
    Bytes,
}

/// A column: its name, what it holds, whether it may be null, what it means.
pub type Column = (&'static str, Kind, bool, &'static str);

/// A table or view.
#[derive(Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// One sentence.
    pub what: &'static str,
    /// Whether `--as-of` changes it.
    pub follows_as_of: bool,
    /// Its columns.
    pub columns: &'static [Column],
}

impl Table {
    /// Its Arrow schema.
    pub fn schema(&self) -> SchemaRef {
        schema(self.columns)
    }
}

/// The Arrow schema of columns.
pub fn schema(columns: &[Column]) -> SchemaRef {
    let field =
        |(name, kind, is_optional, _): &Column| Field::new(*name, kind.data_type(), *is_optional);
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

/// The type of every instant.
pub fn time_type() -> DataType {
    DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into()))
}

impl Kind {
    /// Its Arrow type.
    pub fn data_type(self) -> DataType {
        match self {
            Self::Time => time_type(),
            Self::Day => DataType::Date32,
            Self::Text => DataType::Utf8View,
            Self::Number => DataType::Float64,
            Self::Whole => DataType::Int64,
            Self::Id => DataType::Int32,
            Self::Small => DataType::Int16,
            Self::Bool => DataType::Boolean,
            Self::Bytes => DataType::Binary,
        }
    }

    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Time => "timestamp(ms, UTC)",
            Self::Day => "date",
            Self::Text => "text",
            Self::Number => "double",
            Self::Whole => "bigint",
            Self::Id => "int",
            Self::Small => "smallint",
            Self::Bool => "boolean",
            Self::Bytes => "bytes",
        }
    }
}

use Kind::{Bool, Bytes, Day, Id, Number, Small, Text, Time, Whole};

/// The columns of readings, in whatever version.
const READING: &[Column] = &[
    ("time", Time, false, "the instant, or the start of the period"),
    ("place", Text, false, "key of the place"),
    ("parameter", Text, false, "key of the parameter, or the factor code as sent"),
    ("statistic", Text, false, "instant, mean, min, max, total, index, state, …"),
    ("period", Text, false, "instant, minutes, hour, day"),
    ("value", Number, true, "in the unit; null is a gap that was reported"),
    ("unit", Text, true, "the one unit in which the parameter is kept"),
    ("quality", Text, false, "good, unknown, suspect, fail, missing"),
    ("edited", Bool, false, "whether a correction made this version"),
    ("device", Text, true, "MN of the device that sends it; null when it is derived"),
    ("datastream", Id, false, "number of the datastream"),
    ("flag", Small, false, "quality, mark and edited as stored"),
    ("sequence", Whole, false, "the entry of the log that brought it"),
];

/// Every table.
pub const TABLES: &[Table] = &[
    Table {
        name: "readings",
        what: "of each datastream and instant the newest version",
        follows_as_of: true,
        columns: READING,
    },
    Table {
        name: "raw_readings",
        what: "the same without any correction: what was sent",
        follows_as_of: true,
        columns: READING,
    },
    Table {
        name: "versions",
        what: "every version of every reading that was ever kept",
        follows_as_of: true,
        columns: READING,
    },
    Table {
        name: "datastreams",
        what: "what is measured where, by what, over which period",
        follows_as_of: false,
        columns: &[
            ("id", Id, false, "its number"),
            ("place", Text, false, "key of the place"),
            ("parameter", Text, false, "key of the parameter"),
            ("statistic", Text, false, "instant, mean, min, max, total, index, state, …"),
            ("period", Text, false, "instant, minutes, hour, day"),
            ("unit", Text, true, "the unit"),
            ("device", Text, true, "MN of the device; null when it is derived"),
        ],
    },
    Table {
        name: "parameters",
        what: "what can be measured, and its unit",
        follows_as_of: false,
        columns: &[
            ("key", Text, false, "stable key"),
            ("symbol", Text, false, "as it is written for people"),
            ("name_zh", Text, false, "Chinese name"),
            ("name_en", Text, false, "English name"),
            ("unit", Text, false, "the unit in which it is kept"),
            ("decimals", Small, false, "digits after the point that people read"),
        ],
    },
    Table {
        name: "places",
        what: "stations, sites, stacks, outfalls, vehicles",
        follows_as_of: true,
        columns: &[
            ("key", Text, false, "stable key"),
            ("name_zh", Text, false, "Chinese name"),
            ("name_en", Text, false, "English name, may be empty"),
            ("kind", Text, false, "air_station, micro_station, dust_site, water_site, stack, …"),
            ("lon", Number, false, "degrees east, WGS 84"),
            ("lat", Number, false, "degrees north, WGS 84"),
            ("area", Text, true, "key of the area it lies in"),
            ("line", Text, true, "key of the river, reach or road it lies on"),
            ("height_m", Number, true, "height of mouth or inlet above ground, m"),
            ("simulated", Bool, false, "whether its readings are made up"),
            ("valid_from", Text, true, "first civil day; null: always"),
            ("valid_to", Text, true, "last civil day; null: still"),
        ],
    },
    Table {
        name: "areas",
        what: "sub-districts, villages, catchments, premises",
        follows_as_of: true,
        columns: &[
            ("key", Text, false, "stable key"),
            ("name_zh", Text, false, "Chinese name"),
            ("name_en", Text, false, "English name, may be empty"),
            ("kind", Text, false, "sub_district, village, catchment, premises"),
            ("within", Text, true, "key of the area it is a part of"),
            ("valid_from", Text, true, "first civil day; null: always"),
            ("valid_to", Text, true, "last civil day; null: still"),
        ],
    },
    Table {
        name: "lines",
        what: "rivers, reaches, roads",
        follows_as_of: true,
        columns: &[
            ("key", Text, false, "stable key"),
            ("name_zh", Text, false, "Chinese name"),
            ("name_en", Text, false, "English name, may be empty"),
            ("kind", Text, false, "river, reach, road"),
            ("within", Text, true, "key of the line it is a part of"),
            ("valid_from", Text, true, "first civil day; null: always"),
            ("valid_to", Text, true, "last civil day; null: still"),
        ],
    },
    Table {
        name: "devices",
        what: "field devices; passwords are not shown",
        follows_as_of: true,
        columns: &[
            ("mn", Text, false, "name on the wire"),
            ("place", Text, false, "key of the place where it stands"),
            ("dialect", Text, false, "edition it speaks"),
            ("valid_from", Text, true, "first civil day; null: always"),
            ("valid_to", Text, true, "last civil day; null: still"),
        ],
    },
    Table {
        name: "frames",
        what: "kept frames with their bytes",
        follows_as_of: true,
        columns: &[
            ("sequence", Whole, false, "number in the log"),
            ("received_at", Time, false, "when its last byte was read"),
            ("device", Text, true, "MN of the device that sent it; null when unknown"),
            ("stranger", Text, true, "the name that it gave, when nobody has it"),
            ("disposition", Text, false, "stored, rejected, quarantined"),
            ("reason", Text, false, "none, bad_crc, unknown_device, …"),
            ("raw", Bytes, false, "its bytes as they came"),
            ("text", Text, false, "the same as text; bytes that are no UTF-8 show as �"),
        ],
    },
    Table {
        name: "ledger",
        what: "what became of every frame and reading, counted",
        follows_as_of: false,
        columns: &[
            ("hour", Time, false, "hour of arrival"),
            ("device", Text, true, "MN; null when unknown"),
            ("unit", Text, false, "frame or reading"),
            ("disposition", Text, false, "stored, duplicate, rejected, quarantined"),
            ("reason", Text, false, "none, bad_crc, …"),
            ("count", Whole, false, "how many"),
        ],
    },
    Table {
        name: "journal",
        what: "what happened that is no reading, a line each",
        follows_as_of: true,
        columns: &[
            ("id", Whole, false, "its number"),
            ("at", Time, false, "when"),
            ("kind", Text, false, "what kind of thing"),
            ("device", Text, true, "MN, when it is about one"),
            ("text", Text, false, "one sentence"),
        ],
    },
    Table {
        name: "acts",
        what: "what somebody or a rule did: corrections, cases, imports, decisions, …",
        follows_as_of: true,
        columns: &[
            ("sequence", Whole, false, "number in the log"),
            ("at", Time, false, "when"),
            ("kind", Text, false, "correction, decision, import, …"),
            ("key", Text, false, "to what"),
            ("who", Text, false, "by whom"),
            ("document", Text, false, "what, as JSON: see json_text"),
        ],
    },
    Table {
        name: "corrections",
        what: "corrections with what was done to them since",
        follows_as_of: true,
        columns: &[
            ("id", Text, false, "c and the number of its act"),
            ("sequence", Whole, false, "number in the log"),
            ("at", Time, false, "when it was made"),
            ("who", Text, false, "by whom"),
            ("datastream", Id, false, "of which datastream"),
            ("span_start", Time, false, "first instant of the span"),
            ("span_end", Time, false, "first instant after it"),
            ("operation", Text, false, "what is done, JSON"),
            ("why", Text, false, "the reason"),
            ("automatic", Bool, false, "whether a rule made it"),
            ("approved_by", Text, true, "who approved it"),
            ("approved_at", Time, true, "when"),
            ("annulled_by", Text, true, "who took it back"),
            ("annulled_at", Time, true, "when"),
        ],
    },
    Table {
        name: "revisions",
        what: "every version of every entry of the registry",
        follows_as_of: true,
        columns: &[
            ("id", Whole, false, "its number, in the order of writing"),
            ("at", Time, false, "when"),
            ("sequence", Whole, false, "the newest entry of the log at that time"),
            ("kind", Text, false, "area, line, place, device"),
            ("key", Text, false, "its key"),
            ("who", Text, false, "by whom; empty: the registry file"),
            ("way", Text, false, "file, written, ended, imported"),
            ("document", Text, false, "the entry from then on, JSON; without passwords"),
        ],
    },
    Table {
        name: "files",
        what: "the files of the archive, as any program may read them",
        follows_as_of: false,
        columns: &[
            ("path", Text, false, "path inside archive/"),
            ("kind", Text, false, "base, late, superseded, frames"),
            ("rows", Whole, false, "rows"),
            ("bytes", Whole, false, "bytes"),
            ("datastream_min", Id, false, "smallest datastream"),
            ("datastream_max", Id, false, "largest datastream"),
            ("time_min", Time, false, "oldest instant"),
            ("time_max", Time, false, "newest instant"),
            ("sequence_min", Whole, false, "smallest sequence"),
            ("sequence_max", Whole, false, "largest sequence"),
            ("hash", Text, false, "BLAKE3, as b3sum prints it"),
        ],
    },
];

/// Views: what stands in them, and the query that makes them.
pub const VIEWS: &[(Table, &str)] = &[
    (
        Table {
            name: "hours",
            what: "hourly values",
            follows_as_of: true,
            columns: &[
                ("time", Time, false, "start of the hour"),
                ("place", Text, false, "key of the place"),
                ("parameter", Text, false, "key of the parameter"),
                ("statistic", Text, false, "mean, min, max, total, …"),
                ("value", Number, true, "in the unit"),
                ("unit", Text, true, "the unit"),
                ("quality", Text, false, "good, unknown, suspect, fail, missing"),
                ("edited", Bool, false, "whether a correction made it"),
                ("device", Text, true, "MN of the device"),
                ("datastream", Id, false, "number of the datastream"),
                ("sequence", Whole, false, "the entry of the log that brought it"),
            ],
        },
        "SELECT time, place, parameter, statistic, value, unit, quality, edited, device, datastream, \
         sequence FROM readings WHERE period = 'hour' AND statistic <> 'index'",
    ),
    (
        Table {
            name: "days",
            what: "arithmetic over the good hourly means of a civil day; no capture rule, no rounding: what the law says of a day is under /assess",
            follows_as_of: true,
            columns: &[
                ("day", Day, true, "the civil day"),
                ("place", Text, false, "key of the place"),
                ("parameter", Text, false, "key of the parameter"),
                ("unit", Text, true, "the unit"),
                ("mean", Number, true, "mean of the hours"),
                ("min", Number, true, "smallest hour"),
                ("max", Number, true, "largest hour"),
                ("hours", Whole, false, "how many hours"),
            ],
        },
        "SELECT civil_day(time) AS day, place, parameter, unit, avg(value) AS mean, min(value) AS min, \
         max(value) AS max, count(value) AS hours FROM readings \
         WHERE period = 'hour' AND statistic = 'mean' AND quality = 'good' \
         GROUP BY civil_day(time), place, parameter, unit",
    ),
    (
        Table {
            name: "index",
            what: "the air quality index of hours and days, derived under the edition in force",
            follows_as_of: true,
            columns: &[
                ("time", Time, false, "start of the hour or civil day"),
                ("day", Day, true, "the civil day"),
                ("place", Text, false, "key of the place"),
                ("period", Text, false, "hour or day"),
                ("value", Number, true, "the index; null: no assessment"),
                ("datastream", Id, false, "number of the datastream"),
                ("sequence", Whole, false, "the entry of the log that derived it"),
            ],
        },
        "SELECT time, civil_day(time) AS day, place, period, value, datastream, sequence FROM readings \
         WHERE statistic = 'index'",
    ),
];

/// Tables and views, in the order in which they are told.
pub fn all() -> impl Iterator<Item = &'static Table> {
    TABLES.iter().chain(VIEWS.iter().map(|(view, _)| view))
}

/// The table or view of a name.
pub fn named(name: &str) -> Option<&'static Table> {
    all().find(|table| table.name == name)
}
