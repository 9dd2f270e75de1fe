//! Readings as a table: what a query says about time and datastream decides which files, pages and blobs are
//! read at all.
//!
//! A filter over what a datastream *is* (place, parameter, unit, device, …) is asked of the registry, once, while
//! the query is planned: it becomes a list of datastreams. A filter over `time` becomes a span. Neither is
//! looked at again for each reading. Everything else is left to the engine.

mod batches;
mod filters;
mod plan;

use crate::moment::Moment;
use crate::schema::{self, Kind, Table};
use crate::tables;
use async_trait::async_trait;
use batches::Maker;
use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::compute::filter_record_batch;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{DFSchema, Result, exec_err};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use filters::{Span, is_of_datastream};
use model::DatastreamId;
pub use plan::Reading;
use std::sync::Arc;
use store::{Known, Pinned, Scan};

/// Which versions a table of readings shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Of each instant the newest.
    Current,
    /// Of each instant the newest that no correction made.
    Raw,
    /// All.
    Every,
}

/// One of the tables of readings.
#[derive(Debug)]
pub struct Readings {
    schema: SchemaRef,
    pinned: Arc<Pinned>,
    known: Known,
    which: Which,
    /// A row for each datastream, by columns of the table of readings.
    datastreams: RecordBatch,
}

impl Readings {
    /// The table of these versions, as of a moment.
    ///
    /// # Errors
    /// When the registry makes no table, which a whole build never does.
    pub fn new(
        table: &'static Table,
        which: Which,
        pinned: Arc<Pinned>,
        moment: Option<Moment>,
    ) -> Result<Self> {
        let known = match which {
            Which::Raw => Moment::known(moment).raw(),
            Which::Current | Which::Every => Moment::known(moment),
        };
        let datastreams = datastreams(&pinned)?;
        Ok(Self { schema: table.schema(), pinned, known, which, datastreams })
    }

    /// The datastreams that filters over datastreams leave.
    fn chosen(&self, state: &dyn Session, filters: &[Expr]) -> Result<Vec<DatastreamId>> {
        let mut left = self.datastreams.clone();
        let schema = DFSchema::try_from(left.schema())?;
        for filter in filters.iter().filter(|filter| is_of_datastream(filter)) {
            let filter = filters::bare(filter)?;
            let filter = state.create_physical_expr(filter, &schema)?;
            let keep = filter.evaluate(&left)?.into_array(left.num_rows())?;
            let Some(keep) = keep.as_boolean_opt() else {
                return exec_err!("a filter over datastreams says neither yes nor no");
            };
            left = filter_record_batch(&left, keep)?;
        }
        let ids = left.column(left.schema().index_of("datastream")?);
        let ids = ids.as_primitive::<datafusion::arrow::datatypes::Int32Type>();
        Ok(ids.values().iter().copied().map(DatastreamId).collect())
    }
}

/// The columns that say what a datastream is, in the order of `tables::datastream`.
const OF_DATASTREAM: [&str; 7] =
    ["datastream", "place", "parameter", "statistic", "period", "unit", "device"];

fn datastreams(pinned: &Pinned) -> Result<RecordBatch> {
    let registry = pinned.registry();
    let rows = registry.datastreams().iter();
    let rows: Vec<_> = rows.map(|one| tables::datastream(one, registry)).collect();
    let all = schema::named("readings").map_or(&[][..], |table| table.columns);
    let columns =
        OF_DATASTREAM.iter().filter_map(|name| all.iter().find(|column| column.0 == *name));
    let columns: Vec<schema::Column> = columns.copied().collect();
    let kinds: Vec<Kind> = columns.iter().map(|column| column.1).collect();
    tables::batch(&schema::schema(&columns), &kinds, &rows)
}

#[async_trait]
impl TableProvider for Readings {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        let answered = |filter: &&Expr| {
            if is_of_datastream(filter) || Span::default().narrow(filter) {
                TableProviderFilterPushDown::Exact
            } else {
                TableProviderFilterPushDown::Unsupported
            }
        };
        Ok(filters.iter().map(answered).collect())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut asked = Span::default();
        for filter in filters {
            asked.narrow(filter);
        }
        let schema = match projection {
            Some(columns) => Arc::new(self.schema.project(columns)?),
            None => Arc::clone(&self.schema),
        };
        let maker = Maker::new(schema, &self.datastreams, state.config().batch_size());
        let scan = Scan {
            datastreams: self.chosen(state, filters)?,
            from: asked.from,
            to: asked.to,
            known: self.known,
            every_version: self.which == Which::Every,
            want: maker.want(),
        };
        let partitions = state.config().target_partitions();
        Ok(Arc::new(Reading::new(Arc::clone(&self.pinned), scan, maker, partitions)))
    }
}
