//! One column of the breakpoint table: a concentration in, a single index out.

use crate::exact::{Exact, ExactError, product};
use crate::source::Source;
use crate::table::{Error, Problem, Row};
use serde::Serialize;
use std::sync::Arc;

/// A column of the breakpoint table, such as `PM2.5_24h`.
#[derive(Clone, Debug)]
pub struct Column {
    name: Arc<str>,
    unit: Arc<str>,
    nodes: Vec<Node>,
    cap: Option<u16>,
    source: Source,
    above_source: Source,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    concentration: Exact,
    iaqi: u16,
}

/// The two rows of the table between which a concentration lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Segment {
    /// The lower breakpoint, in the column's unit.
    pub low: Exact,
    /// The upper breakpoint.
    pub high: Exact,
    /// The index at the lower breakpoint.
    pub iaqi_low: u16,
    /// The index at the upper breakpoint.
    pub iaqi_high: u16,
}

/// Where a concentration falls in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    Inside(Segment, u16),
    /// Above the last row, where a rule fixes the index.
    Capped(u16),
    /// Above the last row, where the column gives no index.
    Above(Exact),
}

impl Column {
    pub(super) fn load<'t>(
        rows: impl Iterator<Item = &'t Row>,
        above: &Row,
    ) -> Result<Self, Error> {
        let (mut nodes, mut head): (Vec<Node>, Option<&Row>) = (Vec::new(), None);
        for row in rows {
            let node =
                Node { concentration: row.exact("concentration")?, iaqi: row.number("iaqi")? };
            let rising = nodes.last().is_none_or(|last| {
                last.concentration < node.concentration && last.iaqi < node.iaqi
            });
            if !rising {
                return Err(row.error(Problem::Shape("breakpoints must rise".to_owned())));
            }
            nodes.push(node);
            head.get_or_insert(row);
        }
        let (Some(head), true) = (head, nodes.len() >= 2) else {
            return Err(above
                .error(Problem::Missing(format!("the breakpoints of {}", above.text("column")))));
        };
        let cap = above.key("rule", |rule| match rule {
            "cap" => Some(true),
            "none" => Some(false),
            _ => None,
        })?;
        let cap = if cap { Some(above.number("iaqi")?) } else { None };
        Ok(Self {
            name: head.shared("column"),
            unit: head.shared("unit"),
            nodes,
            cap,
            source: head.source(),
            above_source: above.source(),
        })
    }

    /// As the table heads it.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The unit of its concentrations.
    pub fn unit(&self) -> &str {
        &self.unit
    }

    /// Where the breakpoints stand in the law.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// Where the law says what happens above the last breakpoint.
    pub fn above_source(&self) -> &Source {
        &self.above_source
    }

    /// The single index of a concentration, rounded up (HJ 633, equation 1); `None` above the last
    /// row where the column gives no index.
    ///
    /// # Errors
    /// [`ExactError::TooLarge`] when the concentration has too many digits to compute exactly.
    pub fn iaqi(&self, concentration: &Exact) -> Result<Option<u16>, ExactError> {
        Ok(match self.position(concentration)? {
            Position::Inside(_, iaqi) | Position::Capped(iaqi) => Some(iaqi),
            Position::Above(_) => None,
        })
    }

    pub(super) fn position(&self, concentration: &Exact) -> Result<Position, ExactError> {
        for pair in self.nodes.windows(2) {
            let (low, high) = (&pair[0], &pair[1]);
            if *concentration <= high.concentration {
                let segment = Segment {
                    low: low.concentration,
                    high: high.concentration,
                    iaqi_low: low.iaqi,
                    iaqi_high: high.iaqi,
                };
                return Ok(Position::Inside(segment, segment.index(concentration)?));
            }
        }
        let top = self.nodes.last().map_or(Exact::ZERO, |node| node.concentration);
        Ok(self.cap.map_or(Position::Above(top), Position::Capped))
    }
}

impl Segment {
    /// `ceil((Ihi - Ilo) / (BPhi - BPlo) * (C - BPlo) + Ilo)`
    fn index(&self, concentration: &Exact) -> Result<u16, ExactError> {
        let rise = i128::from(self.iaqi_high - self.iaqi_low);
        // With C = n/d, BPlo = ln/ld and BPhi = hn/hd, all over one denominator: one division in all.
        let ((n, d), (ln, ld), (hn, hd)) =
            (concentration.parts(), self.low.parts(), self.high.parts());
        let product = |a: i128, b: i128| product(a, b).ok_or(ExactError::TooLarge);
        let above = product(n, ld)? - product(ln, d)?;
        let width = product(hn, ld)? - product(ln, hd)?;
        let numerator = product(product(rise, above)?, hd)?;
        let index = Exact::ceiling_of(numerator, product(d, width)?) + i128::from(self.iaqi_low);
        u16::try_from(index).map_err(|_| ExactError::TooLarge)
    }
}
