//! A table that is read page by page on a thread of its own, while the query takes what is there.

use super::batch;
use super::log::{Asked, Place, page};
use crate::moment::Moment;
use crate::schema::{Kind, Table};
use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{DataFusionError, Result, ScalarValue};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{
    BinaryExpr, Expr, Operator, TableProviderFilterPushDown, TableType,
};
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::stream::RecordBatchReceiverStreamBuilder;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use model::{Disposition, Reason};
use std::sync::Arc;
use store::Pinned;

/// One table of the registry or of the log.
#[derive(Clone)]
pub struct Paged {
    table: &'static Table,
    schema: SchemaRef,
    pinned: Arc<Pinned>,
    moment: Option<Moment>,
    asked: Asked,
}

impl std::fmt::Debug for Paged {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} {:?}", self.table.name, self.asked)
    }
}

impl Paged {
    /// The table of a name, as of a moment.
    pub fn new(table: &'static Table, pinned: Arc<Pinned>, moment: Option<Moment>) -> Self {
        Self { table, schema: table.schema(), pinned, moment, asked: Asked::default() }
    }

    /// Takes in what a filter says about frames; says whether it says something.
    fn ask(&self, filter: &Expr, asked: &mut Asked) -> bool {
        let Expr::BinaryExpr(BinaryExpr { left, op, right }) = filter else { return false };
        let (Expr::Column(column), Expr::Literal(value, _)) = (left.as_ref(), right.as_ref())
        else {
            return false;
        };
        if self.table.name != "frames" {
            return false;
        }
        match (column.name.as_str(), op, value) {
            ("sequence", _, ScalarValue::Int64(Some(number))) => {
                let number = u64::try_from(*number).unwrap_or(0);
                let (from, before) = match op {
                    Operator::Eq => (Some(number), number.checked_add(1)),
                    Operator::Gt => (number.checked_add(1), None),
                    Operator::GtEq => (Some(number), None),
                    Operator::Lt => (None, Some(number)),
                    Operator::LtEq => (None, number.checked_add(1)),
                    _ => return false,
                };
                asked.from = asked.from.max(from);
                asked.before = [asked.before, before].into_iter().flatten().min();
                from.is_some() || before.is_some()
            }
            (name, Operator::Eq, value) => {
                let Some(Some(text)) = value.try_as_str() else { return false };
                self.ask_name(name, text, asked)
            }
            _ => false,
        }
    }

    fn ask_name(&self, column: &str, text: &str, asked: &mut Asked) -> bool {
        match column {
            "device" => {
                let known = self.pinned.registry().device_id(text);
                asked.filter.device = known.or(asked.filter.device);
                known.is_some()
            }
            "disposition" => {
                let known = Disposition::ALL.into_iter().find(|one| one.name() == text);
                asked.filter.disposition = known.or(asked.filter.disposition);
                known.is_some()
            }
            "reason" => {
                let known = Reason::ALL.into_iter().find(|one| one.name() == text);
                asked.filter.reason = known.or(asked.filter.reason);
                known.is_some()
            }
            _ => false,
        }
    }
}

#[async_trait]
impl TableProvider for Paged {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    /// Never exact: what a filter spares is reading, the engine looks at each row again.
    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        let says = |filter: &&Expr| {
            if self.ask(filter, &mut Asked::default()) {
                TableProviderFilterPushDown::Inexact
            } else {
                TableProviderFilterPushDown::Unsupported
            }
        };
        Ok(filters.iter().map(says).collect())
    }

    async fn scan(
        &self,
        _state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let mut asked = Asked::default();
        for filter in filters {
            self.ask(filter, &mut asked);
        }
        let stream = Arc::new(Self { asked, ..self.clone() });
        let schema = Arc::clone(&self.schema);
        let plan = StreamingTableExec::try_new(schema, vec![stream], projection, [], false, limit)?;
        Ok(Arc::new(plan))
    }
}

impl PartitionStream for Paged {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let mut builder = RecordBatchReceiverStreamBuilder::new(Arc::clone(&self.schema), 2);
        let (sender, table) = (builder.tx(), self.clone());
        builder.spawn_blocking(move || {
            let kinds: Vec<Kind> = table.table.columns.iter().map(|column| column.1).collect();
            let mut place = Place::Start;
            while !matches!(place, Place::End) {
                let (rows, next) =
                    page(table.table.name, &table.pinned, table.moment, &table.asked, &place)
                        .map_err(|error| DataFusionError::External(error.into()))?;
                place = next;
                if rows.is_empty() {
                    continue;
                }
                // Nobody takes it any more: enough was read, or the query was stopped.
                if sender.blocking_send(batch(&table.schema, &kinds, &rows)).is_err() {
                    break;
                }
            }
            Ok(())
        });
        builder.build()
    }
}
