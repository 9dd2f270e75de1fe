//! SQL over a data directory: the log (SQLite) and the archive (Parquet) as tables, for analysts.
//!
//! Everything is read through a [`store::Pinned`]: one moment, also while a server writes. `readings` and its
//! kin push time and datastreams down to files, pages and blobs; all else is the engine's, `DataFusion`. Nothing can be written:
//! statements that define, change, copy or set are refused, and no table of files can be made.
//!
//! This room is a workspace of its own, so that nobody builds `DataFusion` who works on the rest.
//!
//! ```
//! # let dir = tempfile::tempdir()?;
//! # drop(store::Store::open(dir.path(), store::Limits::default())?);
//! use futures::StreamExt;
//! use query::{Limits, Queries};
//!
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! let queries = Queries::new(dir.path(), Limits::default(), "Asia/Shanghai", None)?;
//! let mut answer = queries.ask("SELECT count(*) FROM readings").await?;
//! while let Some(batch) = answer.stream.next().await {
//!     assert_eq!(batch?.num_rows(), 1);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod cli;
mod error;
mod functions;
mod limits;
mod moment;
pub mod output;
mod readings;
mod run;
pub mod schema;
mod session;
mod shell;
mod tables;

pub use error::{Error, bytes};
pub use functions::FUNCTIONS;
pub use limits::Limits;
pub use session::{Answer, Progress, Queries};
