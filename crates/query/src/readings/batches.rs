//! Rows of the store as batches of the engine.

use crate::schema::time_type;
use datafusion::arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int16Array, Int32Array, Int64Array, RecordBatch,
    RecordBatchOptions, StringViewArray, TimestampMillisecondArray,
};
use datafusion::arrow::buffer::NullBuffer;
use datafusion::arrow::compute::take;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::common::{DataFusionError, Result};
use model::Flag;
use std::sync::Arc;
use store::{Rows, Want};

/// Makes batches of the columns that a query wants.
#[derive(Clone, Debug)]
pub struct Maker {
    schema: SchemaRef,
    /// What a datastream is, a row for each: the number is the row.
    datastreams: RecordBatch,
    rows_max: usize,
}

impl Maker {
    pub fn new(schema: SchemaRef, datastreams: &RecordBatch, rows_max: usize) -> Self {
        Self { schema, datastreams: datastreams.clone(), rows_max: rows_max.max(1) }
    }

    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The columns of the store that are needed.
    pub fn want(&self) -> Want {
        let has = |name: &str| self.schema.index_of(name).is_ok();
        Want {
            time: has("time"),
            value: has("value"),
            flag: has("flag") || has("quality") || has("edited"),
            sequence: has("sequence"),
        }
    }

    /// Batches of at most the engine's size.
    pub fn batches(&self, rows: Rows) -> Result<impl Iterator<Item = RecordBatch> + use<>> {
        let (count, rows_max) = (rows.len(), self.rows_max);
        let batch = self.batch(rows)?;
        let starts = (0..count).step_by(rows_max);
        Ok(starts.map(move |start| batch.slice(start, rows_max.min(count - start))))
    }

    fn batch(&self, rows: Rows) -> Result<RecordBatch> {
        let count = rows.len();
        let nulls = (!rows.is_there.is_empty()).then(|| NullBuffer::from(rows.is_there));
        let datastream = Int32Array::from(rows.datastream);
        let mut value = Some(rows.value);
        let mut time = Some(rows.time);
        let mut sequence = Some(rows.sequence);
        let flag = rows.flag;
        let columns = self.schema.fields().iter().map(|field| -> Result<ArrayRef> {
            Ok(match field.name().as_str() {
                "time" => {
                    let time = TimestampMillisecondArray::from(time.take().unwrap_or_default());
                    Arc::new(time.with_data_type(time_type()))
                }
                "value" => {
                    let value = value.take().unwrap_or_default();
                    Arc::new(Float64Array::try_new(value.into(), nulls.clone())?)
                }
                "sequence" => Arc::new(Int64Array::from(sequence.take().unwrap_or_default())),
                "datastream" => Arc::new(datastream.clone()),
                "flag" => Arc::new(Int16Array::from(flag.clone())),
                "edited" => {
                    let edited = flag.iter().map(|flag| Flag::from_bits(*flag).is_edited());
                    Arc::new(edited.map(Some).collect::<BooleanArray>())
                }
                "quality" => qualities(&flag),
                name => {
                    let column = self.datastreams.column_by_name(name);
                    let column = column.ok_or_else(|| {
                        DataFusionError::Internal(format!("readings have no column {name}"))
                    })?;
                    take(column, &datastream, None)?
                }
            })
        });
        let columns: Vec<ArrayRef> = columns.collect::<Result<_>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(count));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?)
    }
}

fn qualities(flags: &[i16]) -> ArrayRef {
    let names = flags.iter().map(|flag| Some(Flag::from_bits(*flag).quality().name()));
    Arc::new(names.collect::<StringViewArray>())
}
