//! Plots drawn: the numbers of [`space`] as SVG for page, file and print, and as a table for a spreadsheet.
//!
//! One renderer for all: the page shows the same picture that the command line writes. Colours are the page's tokens with
//! a fallback, so that a picture in the page follows light and dark and a picture in a file is light; amounts are viridis,
//! differences blue to brown. Each mark carries its numbers as `data-*` and, where they are few, as a `<title>` that a
//! pointer and a screen reader find. Every picture names how many hours stand behind it and what is in doubt.
//!
//! Nothing is computed here but places on the paper. No clock, no file, no network.
//!
//! ```
//! use draw::{Language, Look};
//! use space::plot::{Civil, Kind, Place, Row, Settings, plot};
//!
//! let row = |hour: i64| Row {
//!     hour,
//!     at: Civil { year: 2026, month: 3, day: 1 + (hour / 24) as u8, hour: (hour % 24) as u8, weekday: 7 },
//!     value: Some((hour % 24) as f64),
//!     other: None,
//!     wind: None,
//! };
//! let place = Place { name: "Gate".into(), rows: (0..240).map(row).collect() };
//! let made = plot(Kind::Variation, &[place], &Settings::default())?;
//! let look = Look { language: Language::En, title: "Gate", parameter: "PM2.5", other: "", unit: "µg/m³" };
//! assert!(draw::svg(&made, &look).starts_with("<svg"));
//! assert!(draw::table(&made).to_string().starts_with("panel,weekday,hour"));
//! # Ok::<(), space::plot::NoPlot>(())
//! ```

mod axis;
mod colour;
mod figure;
mod paper;
mod table;
#[cfg(test)]
mod tests;
mod words;

pub use figure::{Beside, effect, forecast, svg};
pub use table::{Table, effect_table, forecast_table, outside_rows, table};
pub use words::{Language, doubt, kind, method, no_effect, no_forecast, no_plot};

/// How a picture is labelled.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The language of its words.
    pub language: Language,
    /// What was chosen: places and time.
    pub title: &'a str,
    /// The parameter.
    pub parameter: &'a str,
    /// The second parameter, of a scatter plot.
    pub other: &'a str,
    /// The parameter's unit.
    pub unit: &'a str,
}
