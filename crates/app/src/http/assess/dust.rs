//! Days of dust weather in an answer: which hold for whose air, and on what ground.

use super::explain::Step;
use crate::http::state::AppState;
use crate::words::Words;
use engine::assess::{DustSpell, dust_days};
use jiff::civil::Date;
use model::Registry;
use serde::Serialize;
use standards::Span;
use utoipa::ToSchema;

/// Days of dust weather as they were approved. Particulates of these days stay out of means and
/// composite index; the days stay in the counts.
#[derive(Serialize, ToSchema)]
#[schema(as = DustSpell)]
pub struct Dust {
    #[schema(example = "2026-03-21")]
    from: String,
    /// The last day, included.
    #[schema(example = "2026-03-22")]
    to: String,
    /// Key of the area it holds for; null for the whole district.
    area: Option<String>,
    /// The document that lists it.
    document: String,
    /// Who approved it.
    approver: String,
}

/// The same of two spans that are compared.
#[derive(Serialize, ToSchema)]
#[schema(as = CompareDust)]
pub struct DustOf {
    pub(super) this: Vec<Dust>,
    pub(super) last: Vec<Dust>,
}

/// The spells that hold for somebody's air.
#[derive(Default)]
pub(super) struct Listed {
    spells: Vec<DustSpell>,
    /// Their days, each once, in their order.
    pub days: Vec<Date>,
}

impl Listed {
    /// Those of an area, or of the district without one. A place that lies in no area has those of the
    /// whole district.
    pub fn of(app: &AppState, registry: &Registry, area: Option<&str>) -> Self {
        let area = area.filter(|area| !area.is_empty());
        let spells = app.dust.iter().filter(|spell| spell.holds_for(registry, area));
        let spells: Vec<DustSpell> = spells.cloned().collect();
        Self { days: dust_days(&spells), spells }
    }

    fn within(&self, span: Span) -> impl Iterator<Item = &DustSpell> {
        let touches = move |spell: &&DustSpell| {
            spell.span.first() <= span.last() && span.first() <= spell.span.last()
        };
        self.spells.iter().filter(touches)
    }

    /// Those of a span, as they stand in an answer.
    pub fn answer(&self, span: Span) -> Vec<Dust> {
        self.within(span).map(Dust::from).collect()
    }

    /// Those of a span, as steps of an explanation.
    pub fn steps(&self, span: Span) -> Vec<Step> {
        self.within(span).map(step).collect()
    }
}

fn step(spell: &DustSpell) -> Step {
    let DustSpell { span, document, approver, .. } = spell;
    let days = if span.len() == 1 {
        span.first().to_string()
    } else {
        format!("{}..{}", span.first(), span.last())
    };
    let mut step =
        Step::titled(Words::new(format!("沙尘天气日 {days}"), format!("dust weather {days}")));
    step.text = Some(Words::new(
        format!("依据：{document}；批准：{approver}。颗粒物不计入均值和综合指数，天数照常统计"),
        format!(
            "listed by: {document}; approved by: {approver}. Particulates stay out of means and composite index, the days stay in the counts"
        ),
    ));
    step
}

impl From<&DustSpell> for Dust {
    fn from(spell: &DustSpell) -> Self {
        Self {
            from: spell.span.first().to_string(),
            to: spell.span.last().to_string(),
            area: spell.area.clone(),
            document: spell.document.clone(),
            approver: spell.approver.clone(),
        }
    }
}
