//! The node of a plan that reads readings: parts are shared out to the threads, each reads its own one after
//! another and hands batches over as they come.

use super::batches::Maker;
use datafusion::arrow::array::RecordBatch;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DataFusionError, Result};
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::metrics::{
    Count, ExecutionPlanMetricsSet, MetricBuilder, MetricsSet,
};
use datafusion::physical_plan::stream::RecordBatchReceiverStreamBuilder;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties,
};
use model::Timestamp;
use std::fmt;
use std::sync::Arc;
use store::{Part, Pinned, Rows, Scan, Sink};
use tokio::sync::mpsc::Sender;

/// Bytes that a thread holds of the row group that it is reading, at most.
const GROUP_BYTES: usize = (256 << 10) * 48;
/// Batches that wait to be taken, of each thread.
const WAITING: usize = 4;

/// Reads a scan.
#[derive(Debug)]
pub struct Reading {
    pinned: Arc<Pinned>,
    scan: Arc<Scan>,
    maker: Maker,
    /// What each thread reads.
    shares: Vec<Arc<Vec<Part>>>,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl Reading {
    pub fn new(pinned: Arc<Pinned>, scan: Scan, maker: Maker, partitions: usize) -> Self {
        let shares = shared_out(pinned.parts(&scan), partitions);
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::clone(maker.schema())),
            Partitioning::UnknownPartitioning(shares.len()),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Self {
            pinned,
            scan: Arc::new(scan),
            maker,
            shares,
            properties: Arc::new(properties),
            metrics: ExecutionPlanMetricsSet::new(),
        }
    }

    /// Rows of all files and blobs that may have to be read: the whole of a progress bar.
    pub fn rows(&self) -> u64 {
        self.shares.iter().flat_map(|share| share.iter()).map(Part::rows).sum()
    }
}

impl Reading {
    /// A counter summed over all threads; 0 when nothing was counted.
    pub fn metric(&self, name: &str) -> u64 {
        let sum = self.metrics.clone_inner().sum_by_name(name);
        sum.map_or(0, |value| value.as_usize() as u64)
    }
}

/// Each part to the thread that has least, the largest first; of each thread in the order of time.
fn shared_out(parts: Vec<Part>, partitions: usize) -> Vec<Arc<Vec<Part>>> {
    let count = partitions.min(parts.len()).max(1);
    let mut shares: Vec<(u64, Vec<(usize, Part)>)> = vec![(0, vec![]); count];
    let mut parts: Vec<_> = parts.into_iter().enumerate().collect();
    parts.sort_by_key(|(place, part)| (std::cmp::Reverse(part.rows()), *place));
    for (place, part) in parts {
        if let Some(share) = shares.iter_mut().min_by_key(|(rows, _)| *rows) {
            share.0 += part.rows().max(1);
            share.1.push((place, part));
        }
    }
    let in_order = |mut parts: Vec<(usize, Part)>| {
        parts.sort_by_key(|(place, _)| *place);
        Arc::new(parts.into_iter().map(|(_, part)| part).collect())
    };
    shares.into_iter().map(|(_, parts)| in_order(parts)).collect()
}

impl DisplayAs for Reading {
    fn fmt_as(&self, _: DisplayFormatType, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: usize = self.shares.iter().map(|share| share.len()).sum();
        let files: usize = self.shares.iter().flat_map(|share| share.iter()).map(Part::files).sum();
        write!(out, "ReadingsExec: datastreams={}", self.scan.datastreams.len())?;
        if self.scan.from > Timestamp::MIN {
            write!(out, ", from={}", self.scan.from)?;
        }
        if self.scan.to < Timestamp::MAX {
            write!(out, ", to={}", self.scan.to)?;
        }
        write!(out, ", known={:?}, parts={parts}, files={files}", self.scan.known)
    }
}

impl ExecutionPlan for Reading {
    fn name(&self) -> &'static str {
        "ReadingsExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(
        self: Arc<Self>,
        _: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let mut builder =
            RecordBatchReceiverStreamBuilder::new(Arc::clone(self.maker.schema()), WAITING);
        let counter =
            |name: &'static str| MetricBuilder::new(&self.metrics).counter(name, partition);
        let consumer = MemoryConsumer::new("reading readings");
        let mut taker = Taker {
            sender: builder.tx(),
            maker: self.maker.clone(),
            held: consumer.register(context.memory_pool()),
            files_opened: counter("files_opened"),
            rows_decoded: counter("rows_decoded"),
            output_rows: counter("output_rows"),
            parts_done: counter("rows_done"),
            error: None,
        };
        let share = self.shares.get(partition).map(Arc::clone).unwrap_or_default();
        let (pinned, scan) = (Arc::clone(&self.pinned), Arc::clone(&self.scan));
        builder.spawn_blocking(move || {
            for part in share.iter() {
                taker.held.try_resize(GROUP_BYTES)?;
                let read = pinned.read(part, &scan, &mut taker);
                read.map_err(|error| DataFusionError::External(error.into()))?;
                if let Some(error) = taker.error.take() {
                    return Err(error);
                }
                if taker.sender.is_closed() {
                    break;
                }
                taker.parts_done.add(part.rows() as usize);
            }
            Ok(())
        });
        Ok(builder.build())
    }
}

/// Takes rows from the store and hands batches to the engine.
struct Taker {
    sender: Sender<Result<RecordBatch>>,
    maker: Maker,
    held: MemoryReservation,
    files_opened: Count,
    rows_decoded: Count,
    output_rows: Count,
    parts_done: Count,
    error: Option<DataFusionError>,
}

impl Sink for Taker {
    fn hold(&mut self, bytes: usize) -> bool {
        self.error = self.held.try_resize(bytes + GROUP_BYTES).err();
        self.error.is_none() && !self.sender.is_closed()
    }

    fn opened(&mut self) {
        self.files_opened.add(1);
    }

    fn decoded(&mut self, rows: usize) {
        self.rows_decoded.add(rows);
    }

    fn rows(&mut self, rows: Rows) -> bool {
        self.output_rows.add(rows.len());
        match self.maker.batches(rows) {
            // Nobody takes it any more: enough was read, or the query was stopped.
            Ok(mut batches) => batches.all(|batch| self.sender.blocking_send(Ok(batch)).is_ok()),
            Err(error) => {
                self.error = Some(error);
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_parts_are_one_empty_share() {
        let shares = shared_out(vec![], 8);
        assert_eq!(shares.len(), 1);
        assert!(shares[0].is_empty());
    }
}
