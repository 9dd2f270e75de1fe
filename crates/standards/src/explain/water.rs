//! The tree of a section's class.

use super::{Rule, Step};
use crate::air::NotAssessed;
use crate::water::{SectionReport, WaterBody, WaterLaw};

impl WaterLaw {
    /// How the class of a section came about.
    pub fn explain_section(&self, body: WaterBody, report: &SectionReport) -> Step {
        let mut step = Step::new("class of water", "水质类别").valued(report.class);
        step.reason = report.class.is_none().then_some(NotAssessed::NoData);
        step.how = report.class.map(|_| format!("{} / {}", report.assessed, report.of));
        for row in &report.items {
            let Some(item) = self.limits().item(&row.key, body) else { continue };
            let mut part = Step::new(&*item.name_en, &*item.name_zh).valued(Some(row.class));
            part.rule = Some(Rule::of(&item.source).at(&*row.key, None));
            part.how = Some(match (row.limit_iii, item.range()) {
                (Some(limit), _) => format!("{} (III: {limit})", row.value),
                (None, Some((low, high))) => format!("{} ({low}..{high})", row.value),
                (None, None) => row.value.to_string(),
            });
            step.inputs.push(part);
        }
        step
    }
}
