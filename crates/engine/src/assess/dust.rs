//! Days of dust weather as they were approved: when, where, by which document. Particulates of these days
//! stay out of means and composite index of the air they hold for; the days stay in the counts.

use super::air::lies_in;
use jiff::civil::Date;
use model::Registry;
use standards::Span;

/// A spell of dust weather that was approved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DustSpell {
    /// Its days.
    pub span: Span,
    /// Key of the area it holds for; `None`: the whole district.
    pub area: Option<String>,
    /// The document that lists it.
    pub document: String,
    /// Who approved it.
    pub approver: String,
}

impl DustSpell {
    /// Whether it holds for the air of an area, or of the district without one: a spell of an area holds
    /// for what lies in it, and not for what the area is only a part of.
    pub fn holds_for(&self, registry: &Registry, area: Option<&str>) -> bool {
        match (self.area.as_deref(), area) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(own), Some(area)) => lies_in(registry, area, own),
        }
    }
}

/// The days of spells, each once, in their order.
pub fn dust_days<'s>(spells: impl IntoIterator<Item = &'s DustSpell>) -> Vec<Date> {
    let mut days = Vec::new();
    for spell in spells {
        let mut date = spell.span.first();
        while date <= spell.span.last() {
            days.push(date);
            let Ok(next) = date.tomorrow() else { break };
            date = next;
        }
    }
    days.sort_unstable();
    days.dedup();
    days
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn spell(first: Date, last: Date, area: Option<&str>) -> DustSpell {
        let span = Span::new(first, last).unwrap();
        let area = area.map(str::to_owned);
        DustSpell { span, area, document: "No. 1".into(), approver: "bureau".into() }
    }

    #[test]
    fn spells_that_overlap_give_each_day_once() {
        let (a, b) = (date(2026, 2, 27), date(2026, 3, 1));
        let spells = [spell(b, b, None), spell(a, b, None)];
        assert_eq!(dust_days(&spells), [a, date(2026, 2, 28), b]);
    }

    #[test]
    fn a_spell_of_an_area_holds_for_what_lies_in_it_and_not_for_the_district() {
        let area = |key: &str, within: &str| model::Area {
            key: key.into(),
            within: within.into(),
            ..model::Area::default()
        };
        let mut registry = Registry::default();
        registry.areas = vec![area("north", ""), area("mill", "north"), area("south", "")];
        let day = date(2026, 3, 1);
        let own = spell(day, day, Some("north"));
        let holds = |area| own.holds_for(&registry, area);
        assert!(holds(Some("north")) && holds(Some("mill")));
        assert!(!holds(Some("south")) && !holds(None));
        assert!(spell(day, day, None).holds_for(&registry, Some("south")));
    }
}
