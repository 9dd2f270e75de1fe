//! A query from text to a stream of batches: on a directory pinned for it, read-only, within limits.

use crate::limits::Limits;
use crate::moment::Moment;
use crate::readings::{Reading, Readings, Which};
use crate::tables::Paged;
use crate::{Error, functions, schema};
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::catalog::view::ViewTable;
use datafusion::common::DataFusionError;
use datafusion::common::config::ConfigNonZeroUsize;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::execution::SendableRecordBatchStream;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::GreedyMemoryPool;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::logical_expr::LogicalPlan;
use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::{SQLOptions, SessionConfig, SessionContext};
use standards::Zone;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Damage, Pinned};

/// Asks a data directory.
#[derive(Clone, Debug)]
pub struct Queries {
    dir: PathBuf,
    limits: Limits,
    zone: Zone,
    as_of: Option<String>,
    threads: usize,
}

/// What a query gives: batches that are made while they are taken.
pub struct Answer {
    /// The batches.
    pub stream: SendableRecordBatchStream,
    plan: Arc<dyn ExecutionPlan>,
    pinned: Arc<Pinned>,
    limits: Limits,
    /// Tables that were asked as of a past moment and are shown as of now.
    pub shown_as_of_now: Vec<&'static str>,
}

impl Queries {
    /// Asks this directory. A server may use it meanwhile; nothing is written.
    ///
    /// # Errors
    /// When it cannot be read, or `as_of` names no moment.
    pub fn new(dir: &Path, limits: Limits, zone: &str, as_of: Option<&str>) -> Result<Self, Error> {
        let zone = Zone::named(zone).map_err(|_| Error::Zone(zone.to_owned()))?;
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let as_of = as_of.map(str::to_owned);
        let queries = Self { dir: dir.to_owned(), limits, zone, as_of, threads };
        queries.moment(&queries.pinned()?)?;
        Ok(queries)
    }

    /// The same directory as of another moment.
    ///
    /// # Errors
    /// As [`Queries::new`].
    pub fn as_of(&self, as_of: Option<&str>) -> Result<Self, Error> {
        let queries = Self { as_of: as_of.map(str::to_owned), ..self.clone() };
        queries.moment(&queries.pinned()?)?;
        Ok(queries)
    }

    /// The bounds of each query.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    fn pinned(&self) -> Result<Pinned, Error> {
        Ok(Pinned::open(&self.dir, store::Limits::default())?)
    }

    fn moment(&self, pinned: &Pinned) -> Result<Option<Moment>, Error> {
        let as_of = self.as_of.as_deref();
        as_of.map(|text| Moment::read(text, pinned, &self.zone)).transpose()
    }

    /// Plans a statement; reading begins when the answer's stream is taken.
    ///
    /// # Errors
    /// When the statement is too long, is not understood, or would change anything.
    pub async fn ask(&self, sql: &str) -> Result<Answer, Error> {
        let (found, max) = (sql.len(), self.limits.statement_bytes);
        if found > max {
            return Err(Error::TooLong { found, max });
        }
        let pinned = Arc::new(self.pinned()?);
        let moment = self.moment(&pinned)?;
        let of = |error| Error::of(&error, &self.limits);
        let context = self.context(&pinned, moment).await.map_err(of)?;
        let plan = context.state().create_logical_plan(sql).await.map_err(of)?;
        read_only().verify_plan(&plan).map_err(of)?;
        let shown_as_of_now = moment.map(|_| of_now(&plan)).unwrap_or_default();
        let frame = context.execute_logical_plan(plan).await.map_err(of)?;
        let task = Arc::new(frame.task_ctx());
        let plan = frame.create_physical_plan().await.map_err(of)?;
        let stream = execute_stream(Arc::clone(&plan), task).map_err(of)?;
        Ok(Answer { stream, plan, pinned, limits: self.limits, shown_as_of_now })
    }

    /// All tables, views and functions on one pinned directory.
    async fn context(
        &self,
        pinned: &Arc<Pinned>,
        moment: Option<Moment>,
    ) -> Result<SessionContext, DataFusionError> {
        let mut config =
            SessionConfig::new().with_information_schema(true).with_target_partitions(self.threads);
        config.options_mut().sql_parser.recursion_limit =
            ConfigNonZeroUsize::try_new(self.limits.nesting)?;
        let context = SessionContext::new_with_config_rt(config, runtime(&self.limits)?);
        context.register_udf(functions::civil_day(self.zone.clone()));
        context.register_udf(functions::json_text());
        for table in schema::TABLES {
            let pinned = Arc::clone(pinned);
            let which = match table.name {
                "readings" => Some(Which::Current),
                "raw_readings" => Some(Which::Raw),
                "versions" => Some(Which::Every),
                _ => None,
            };
            let provider: Arc<dyn TableProvider> = match which {
                Some(which) => Arc::new(Readings::new(table, which, pinned, moment)?),
                None => Arc::new(Paged::new(table, pinned, moment)),
            };
            context.register_table(table.name, provider)?;
        }
        for (view, query) in schema::VIEWS {
            let plan = context.state().create_logical_plan(query).await?;
            let provider = ViewTable::new(plan, Some((*query).to_owned()));
            context.register_table(view.name, Arc::new(provider))?;
        }
        Ok(context)
    }
}

/// Nothing that defines, changes, copies or sets anything.
fn read_only() -> SQLOptions {
    SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false)
}

/// Memory within limits, and no way to any file: not even to those of this machine.
fn runtime(limits: &Limits) -> Result<Arc<RuntimeEnv>, DataFusionError> {
    let mode = match limits.spill_bytes {
        0 => DiskManagerMode::Disabled,
        _ => DiskManagerMode::OsTmpDirectory,
    };
    let disk = DiskManagerBuilder::default()
        .with_mode(mode)
        .with_max_temp_directory_size(limits.spill_bytes);
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(GreedyMemoryPool::new(limits.memory_bytes)))
        .with_disk_manager_builder(disk)
        .build_arc()?;
    runtime.deregister_object_store(ObjectStoreUrl::local_filesystem().as_ref())?;
    Ok(runtime)
}

/// The tables of a plan that know no past moment.
fn of_now(plan: &LogicalPlan) -> Vec<&'static str> {
    let mut names = vec![];
    // The closure never fails, so neither does the walk.
    let _ = plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node
            && let Some(table) = schema::named(scan.table_name.table())
            && !table.follows_as_of
            && !names.contains(&table.name)
        {
            names.push(table.name);
        }
        Ok(TreeNodeRecursion::Continue)
    });
    names
}

impl Answer {
    /// The columns.
    pub fn schema(&self) -> SchemaRef {
        self.stream.schema()
    }

    /// What could not be read so far: the answer lacks it.
    pub fn missed(&self) -> Vec<Damage> {
        self.pinned.missed()
    }

    /// What went wrong on the way, as one of our errors.
    pub fn error(&self, error: &DataFusionError) -> Error {
        Error::of(error, &self.limits)
    }

    /// What is to be said about how far it is, while the stream is taken.
    pub fn progress(&self) -> Progress {
        Progress(Arc::clone(&self.plan))
    }
}

/// How far a query is.
#[derive(Clone)]
pub struct Progress(Arc<dyn ExecutionPlan>);

impl Progress {
    /// Rows of readings that were gone through, and that there are to go through.
    pub fn rows(&self) -> (u64, u64) {
        self.sum(&|reading| (reading.metric("rows_done"), reading.rows()))
    }

    /// Archive files that were opened, and rows that were decoded.
    pub fn touched(&self) -> (u64, u64) {
        self.sum(&|reading| (reading.metric("files_opened"), reading.metric("rows_decoded")))
    }

    fn sum(&self, of: &dyn Fn(&Reading) -> (u64, u64)) -> (u64, u64) {
        let mut sum = (0, 0);
        // The closure never fails, so neither does the walk.
        let _ = self.0.apply(|node| {
            if let Some(reading) = node.downcast_ref::<Reading>() {
                let (one, other) = of(reading);
                sum = (sum.0 + one, sum.1 + other);
            }
            Ok(TreeNodeRecursion::Continue)
        });
        sum
    }
}
