//! What a filter says about time and about datastreams.

use super::OF_DATASTREAM;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, Result, ScalarValue};
use datafusion::logical_expr::{Between, BinaryExpr, Expr, Operator};
use model::Timestamp;

/// A stretch of time, its end not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: Timestamp,
    pub to: Timestamp,
}

impl Default for Span {
    /// All time.
    fn default() -> Self {
        Self { from: Timestamp::MIN, to: Timestamp::MAX }
    }
}

impl Span {
    /// Takes in a filter over `time`; says whether it says exactly this and no more.
    pub fn narrow(&mut self, filter: &Expr) -> bool {
        match filter {
            Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
                match (is_time(left), instant(right), is_time(right), instant(left)) {
                    (true, Some(at), ..) => self.bound(*op, at),
                    (_, _, true, Some(at)) => op.swap().is_some_and(|op| self.bound(op, at)),
                    _ if *op == Operator::And => {
                        let mut both = *self;
                        let is_whole = both.narrow(left) && both.narrow(right);
                        *self = if is_whole { both } else { *self };
                        is_whole
                    }
                    _ => false,
                }
            }
            Expr::Between(Between { expr, negated: false, low, high }) if is_time(expr) => {
                match (instant(low), instant(high)) {
                    (Some(low), Some(high)) => {
                        self.bound(Operator::GtEq, low) && self.bound(Operator::LtEq, high)
                    }
                    _ => false,
                }
            }
            _ => false,
        }
    }

    fn bound(&mut self, op: Operator, at: Timestamp) -> bool {
        match op {
            Operator::Eq => {
                self.from = self.from.max(at);
                self.to = self.to.min(at + 1);
            }
            Operator::GtEq => self.from = self.from.max(at),
            Operator::Gt => self.from = self.from.max(at + 1),
            Operator::Lt => self.to = self.to.min(at),
            Operator::LtEq => self.to = self.to.min(at + 1),
            _ => return false,
        }
        true
    }
}

fn is_time(expr: &Expr) -> bool {
    matches!(expr, Expr::Column(column) if column.name == "time")
}

/// A literal in the unit in which readings are kept; any other is left to the engine.
fn instant(expr: &Expr) -> Option<Timestamp> {
    match expr {
        Expr::Literal(ScalarValue::TimestampMillisecond(Some(ms), _), _) => {
            Some(Timestamp::from_ms(*ms))
        }
        _ => None,
    }
}

/// Whether a filter looks at nothing but what a datastream is, and always says the same.
pub fn is_of_datastream(filter: &Expr) -> bool {
    let columns = filter.column_refs();
    !columns.is_empty()
        && !filter.is_volatile()
        && columns.iter().all(|column| OF_DATASTREAM.contains(&column.name.as_str()))
        && !filter.exists(|expr| Ok(is_foreign(expr))).unwrap_or(true)
}

/// What can only be answered by running another query.
fn is_foreign(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::ScalarSubquery(_)
            | Expr::InSubquery(_)
            | Expr::Exists(_)
            | Expr::OuterReferenceColumn(..)
            | Expr::Placeholder(_)
    )
}

/// The same filter with columns that name no table.
pub fn bare(filter: &Expr) -> Result<Expr> {
    let without = |expr: Expr| {
        Ok(match expr {
            Expr::Column(column) => {
                Transformed::yes(Expr::Column(Column::new_unqualified(column.name)))
            }
            other => Transformed::no(other),
        })
    };
    filter.clone().transform(without).map(|transformed| transformed.data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::prelude::{col, lit};

    fn at(ms: i64) -> Expr {
        lit(ScalarValue::TimestampMillisecond(Some(ms), Some("UTC".into())))
    }

    #[test]
    fn comparisons_of_time_become_a_span() {
        let check = |filter: Expr, wanted: Option<(i64, i64)>| {
            let mut span = Span::default();
            let is_whole = span.narrow(&filter);
            assert_eq!(is_whole, wanted.is_some(), "{filter}");
            let (from, to) = wanted.unwrap_or((i64::MIN, i64::MAX));
            assert_eq!((span.from.as_ms(), span.to.as_ms()), (from, to), "{filter}");
        };
        check(col("time").gt_eq(at(5)), Some((5, i64::MAX)));
        check(col("time").gt(at(5)), Some((6, i64::MAX)));
        check(col("time").lt(at(5)), Some((i64::MIN, 5)));
        check(col("time").lt_eq(at(5)), Some((i64::MIN, 6)));
        check(col("time").eq(at(5)), Some((5, 6)));
        check(at(5).lt(col("time")), Some((6, i64::MAX)));
        check(col("time").between(at(5), at(9)), Some((5, 10)));
        check(col("time").gt(at(5)).and(col("time").lt(at(7))), Some((6, 7)));
        check(col("time").gt(at(5)).or(col("time").lt(at(7))), None);
        check(col("time").gt(at(5)).and(col("value").lt(lit(7.0))), None);
        check(col("time").not_eq(at(5)), None);
        check(col("value").gt(lit(5.0)), None);
    }

    #[test]
    fn filters_over_datastreams_are_those_over_nothing_else() {
        assert!(is_of_datastream(&col("place").eq(lit("a")).or(col("datastream").eq(lit(3)))));
        assert!(!is_of_datastream(&col("place").eq(lit("a")).or(col("value").gt(lit(3.0)))));
        assert!(!is_of_datastream(&lit(true)));
    }
}
