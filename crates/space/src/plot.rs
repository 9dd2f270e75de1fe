//! The analyst's plots as numbers: roses, polar plots, conditional probability, time variation, calendar,
//! trend, scatter, correlation and data capture, computed from hours. Nothing is drawn here.
//!
//! Where the R package openair defines a plot, the definition is its own (Carslaw & Ropkins 2012,
//! doi 10.1016/j.envsoft.2011.09.008); each file says where it deliberately differs. Wind comes *from* its
//! direction, in degrees clockwise from north; its speed is in m/s. An hour without a value is a gap
//! (`None`), never a number. Every plot carries how many hours stand behind it and what is in doubt.
//!
//! ```
//! use space::plot::{Civil, Kind, Place, Row, Settings, Wind, plot};
//!
//! let row = |hour: i64| Row {
//!     hour,
//!     at: Civil { year: 2026, month: 3, day: 1 + (hour / 24) as u8, hour: (hour % 24) as u8, weekday: 7 },
//!     value: Some(20.0 + (hour % 24) as f64),
//!     other: None,
//!     wind: Some(Wind { speed_m_s: 2.0, from_deg: (hour * 10 % 360) as f64 }),
//! };
//! let place = Place { name: "Gate".into(), rows: (0..240).map(row).collect() };
//! let rose = plot(Kind::WindRose, &[place], &Settings::default())?;
//! assert_eq!(rose.summary.hours, 240);
//! # Ok::<(), space::plot::NoPlot>(())
//! ```

mod annulus;
mod calendar;
mod capture;
mod check;
pub(crate) mod civil;
mod correlation;
mod polar;
mod probability;
mod quantile;
mod rose;
mod scatter;
mod season;
mod smooth;
mod summary;
#[cfg(test)]
mod tests;
mod trend;
mod variation;

pub use annulus::{Annulus, AnnulusCell, Around};
pub use calendar::{Calendar, CalendarDay};
pub use capture::{Capture, CaptureMonth, PlaceCapture};
pub use check::{Doubt, is_reversed};
pub use civil::Civil;
pub use correlation::{Correlation, Pair};
pub use polar::{Bins, Polar, PolarBin, Surface, SurfaceCell};
pub use probability::{Probability, ProbabilityBin, Sector};
pub use quantile::{quantile, quantiles};
pub use rose::{Rose, RoseSector};
pub use scatter::{Scatter, ScatterCell};
pub use season::deseasonalised;
pub use smooth::{Node, Smooth};
pub use summary::Summary;
pub use trend::{Interval, Trend, TrendMonth, theil_sen};
pub use variation::{Cell, Variation};

use serde::Serialize;

/// Where the air comes from, and how fast.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Wind {
    /// m/s
    pub speed_m_s: f64,
    /// Degrees clockwise from north *from* which it blows; meaningless when the speed is 0.
    pub from_deg: f64,
}

/// One hour of one place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row {
    /// Hours since 1970-01-01T00:00Z of the start of the hour.
    pub hour: i64,
    /// The same as the district's calendar has it.
    pub at: Civil,
    /// What was measured, in the parameter's canonical unit.
    pub value: Option<f64>,
    /// The second parameter, of a scatter plot.
    pub other: Option<f64>,
    /// The wind of the hour.
    pub wind: Option<Wind>,
}

/// One place and its hours, ascending.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// How it is named on the plot.
    pub name: String,
    /// Its hours; those of the window that are not here are gaps.
    pub rows: Vec<Row>,
}

/// What can be plotted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// How often the wind blows from where, by speed.
    WindRose,
    /// The same by concentration.
    PollutionRose,
    /// Concentration by wind direction and speed, binned and smooth.
    Polar,
    /// Concentration by wind direction and hour of the day.
    Annulus,
    /// Share of hours above a percentile, by wind direction.
    Cpf,
    /// The same by wind direction and speed.
    Cbpf,
    /// Means by hour, weekday and month.
    Variation,
    /// A day a cell.
    Calendar,
    /// Theil–Sen slope of monthly means.
    Trend,
    /// One parameter against another.
    Scatter,
    /// Each place against each other one.
    Correlation,
    /// How much was measured.
    Capture,
}

impl Kind {
    /// Every kind, in the order of the page.
    pub const ALL: [Self; 12] = [
        Self::WindRose,
        Self::PollutionRose,
        Self::Polar,
        Self::Annulus,
        Self::Cpf,
        Self::Cbpf,
        Self::Variation,
        Self::Calendar,
        Self::Trend,
        Self::Scatter,
        Self::Correlation,
        Self::Capture,
    ];

    /// Its name in addresses and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::WindRose => "wind-rose",
            Self::PollutionRose => "pollution-rose",
            Self::Polar => "polar",
            Self::Annulus => "annulus",
            Self::Cpf => "cpf",
            Self::Cbpf => "cbpf",
            Self::Variation => "variation",
            Self::Calendar => "calendar",
            Self::Trend => "trend",
            Self::Scatter => "scatter",
            Self::Correlation => "correlation",
            Self::Capture => "capture",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it cannot be made without wind.
    pub fn needs_wind(self) -> bool {
        matches!(
            self,
            Self::WindRose
                | Self::PollutionRose
                | Self::Polar
                | Self::Annulus
                | Self::Cpf
                | Self::Cbpf
        )
    }
}

/// What may be chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The percentile of conditional probability, 0 to 100.
    pub percentile: f64,
    /// Fewest hours in a polar bin that counts.
    pub hours_min: usize,
    /// What the annulus runs over.
    pub around: Around,
    /// Whether the trend is freed of its season.
    pub deseason: bool,
    /// Bootstrap samples of the trend.
    pub samples: usize,
    /// What the bootstrap begins from.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            percentile: 90.0,
            hours_min: 1,
            around: Around::Hour,
            deseason: true,
            samples: 600,
            seed: 1,
        }
    }
}

/// Why there is no plot.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum NoPlot {
    /// No hour has a value.
    #[error("no hour has a value")]
    NoValues,
    /// There are hours, and not enough.
    #[error("{have} hours with a value; {need} are needed")]
    TooFew {
        /// Hours there are.
        have: usize,
        /// Hours needed.
        need: usize,
    },
    /// Too few hours have value and wind.
    #[error("{have} hours have both a value and a wind; {need} are needed")]
    NoWind {
        /// Hours there are.
        have: usize,
        /// Hours needed.
        need: usize,
    },
    /// Directions look like radians.
    #[error("no wind direction is above 6.29: these look like radians, degrees are needed")]
    Radians,
    /// Too few months for a trend.
    #[error("{have} months have a mean; {need} are needed")]
    TooFewMonths {
        /// Months there are.
        have: usize,
        /// Months needed.
        need: usize,
    },
    /// A second parameter or place is needed.
    #[error("two are needed to compare")]
    OnlyOne,
    /// A setting is outside its range.
    #[error("{what} is {value}; it has to be between {least} and {most}")]
    Setting {
        /// Which.
        what: &'static str,
        /// What was asked.
        value: f64,
        /// The least allowed.
        least: f64,
        /// The most allowed.
        most: f64,
    },
    /// More than may be asked at once.
    #[error("{have} hours; at most {most} at once")]
    TooMany {
        /// Hours asked for.
        have: usize,
        /// The limit.
        most: usize,
    },
}

/// The most hours of one plot: fifty station-years.
pub const HOURS_MAX: usize = 50 * 8_784;

/// A plot: what was asked, what stands behind it, what is in doubt, and the numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plot {
    /// The kind.
    pub kind: Kind,
    /// Hours behind it and their distribution.
    pub summary: Summary,
    /// What is in doubt.
    pub doubts: Vec<Doubt>,
    /// The numbers.
    pub numbers: Numbers,
}

/// The numbers of a plot.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Numbers {
    /// Of both roses.
    Rose(Rose),
    /// Of the polar plot.
    Polar(Polar),
    /// Of the annulus.
    Annulus(Annulus),
    /// Of conditional probability, by direction or by direction and speed.
    Probability(Probability),
    /// Of the time variation.
    Variation(Variation),
    /// Of the calendar.
    Calendar(Calendar),
    /// Of the trend.
    Trend(Trend),
    /// Of the scatter plot.
    Scatter(Scatter),
    /// Of the correlation between places.
    Correlation(Correlation),
    /// Of the data capture.
    Capture(Capture),
}

/// Computes a plot of one place or of several together.
///
/// # Errors
/// When there is too little to say anything, or what is there cannot be what it is called.
pub fn plot(kind: Kind, places: &[Place], settings: &Settings) -> Result<Plot, NoPlot> {
    let have = places.iter().map(|place| place.rows.len()).sum::<usize>();
    if have > HOURS_MAX {
        return Err(NoPlot::TooMany { have, most: HOURS_MAX });
    }
    check_settings(settings)?;
    let mut doubts = check::doubts(kind, places)?;
    let rows: Vec<Row> =
        places.iter().flat_map(|place| &place.rows).map(|row| check::usable(*row)).collect();
    let summary = Summary::of(kind, &rows)?;
    let numbers = match kind {
        Kind::WindRose => Numbers::Rose(rose::by_speed(&rows)?),
        Kind::PollutionRose => Numbers::Rose(rose::by_value(&rows)?),
        Kind::Polar => Numbers::Polar(polar::polar(&rows, settings, &mut doubts)?),
        Kind::Annulus => Numbers::Annulus(annulus::annulus(&rows, settings.around)?),
        Kind::Cpf => Numbers::Probability(probability::by_direction(&rows, settings)?),
        Kind::Cbpf => Numbers::Probability(probability::by_direction_and_speed(&rows, settings)?),
        Kind::Variation => Numbers::Variation(variation::variation(&rows)),
        Kind::Calendar => Numbers::Calendar(calendar::calendar(&rows)),
        Kind::Trend => Numbers::Trend(trend::trend(&rows, settings)?),
        Kind::Scatter => Numbers::Scatter(scatter::scatter(&rows)?),
        Kind::Correlation => Numbers::Correlation(correlation::correlation(places)?),
        Kind::Capture => Numbers::Capture(capture::capture(places)),
    };
    Ok(Plot { kind, summary, doubts, numbers })
}

fn check_settings(settings: &Settings) -> Result<(), NoPlot> {
    let within = |what, value: f64, least: f64, most: f64| {
        if (least..=most).contains(&value) {
            Ok(())
        } else {
            Err(NoPlot::Setting { what, value, least, most })
        }
    };
    within("percentile", settings.percentile, 1.0, 99.0)?;
    within("hours_min", settings.hours_min as f64, 1.0, 100.0)?;
    within("samples", settings.samples as f64, 100.0, 2_000.0)
}
