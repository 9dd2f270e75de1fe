//! What reports of air have in common: whose air, judged days and spans, their explanations.

use super::writer::{law, number, text_of, unit_text};
use super::{Error, Ground};
use account::Text;
use account::report::Number;
use engine::assess::{Asked, Day, Subject, dust_days};
use jiff::civil::Date;
use model::{AreaKind, PlaceKind, Registry};
use standards::Span;
use standards::air::comparison::Item;
use standards::air::{Assessment, Category};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Somebody's air.
pub struct Whose {
    /// Its name.
    pub name: Text,
    /// Its stations.
    pub subject: Subject,
    /// As it stands in an address: `place=air-1`.
    pub address: String,
    /// Days of dust weather that hold for it.
    pub dust: Vec<Date>,
}

/// The district.
pub fn district(ground: &Ground<'_>, span: Span) -> Whose {
    let view = ground.asked.reader.view();
    let registry = view.registry();
    Whose {
        name: Text::new("全区", "the district"),
        subject: Subject::area(registry, None, span),
        address: "district=1".to_owned(),
        dust: dust(ground, registry, None),
    }
}

/// The standard stations that were there in a span, in the order of the registry.
pub fn stations(ground: &Ground<'_>, span: Span) -> Vec<Whose> {
    let view = ground.asked.reader.view();
    let registry = view.registry();
    let all = Subject::area(registry, None, span);
    let own = all.places().iter().filter_map(|id| {
        let place = registry.place(*id).filter(|place| place.kind == PlaceKind::AirStation)?;
        Some(Whose {
            name: text_of(&place.name),
            subject: Subject::Place(*id),
            address: format!("place={}", crate::http::encoded(&place.key)),
            dust: dust(ground, registry, Some(&place.area)),
        })
    });
    own.collect()
}

/// The sub-districts that have a standard station.
pub fn areas(ground: &Ground<'_>, span: Span) -> Vec<Whose> {
    let view = ground.asked.reader.view();
    let registry = view.registry();
    let areas = registry.areas.iter().filter(|area| area.kind == AreaKind::SubDistrict);
    let own = areas.map(|area| Whose {
        name: text_of(&area.name),
        subject: Subject::area(registry, Some(&area.key), span),
        address: format!("area={}", crate::http::encoded(&area.key)),
        dust: dust(ground, registry, Some(&area.key)),
    });
    own.filter(|whose| !whose.subject.places().is_empty()).collect()
}

/// One area; none when there is no such area, or no standard station in it.
pub fn area(ground: &Ground<'_>, key: &str, span: Span) -> Option<Whose> {
    let view = ground.asked.reader.view();
    let registry = view.registry();
    let area = registry.areas.iter().find(|area| area.key == key)?;
    let whose = Whose {
        name: text_of(&area.name),
        subject: Subject::area(registry, Some(&area.key), span),
        address: format!("area={}", crate::http::encoded(&area.key)),
        dust: dust(ground, registry, Some(&area.key)),
    };
    Some(whose).filter(|whose| !whose.subject.places().is_empty())
}

fn dust(ground: &Ground<'_>, registry: &Registry, area: Option<&str>) -> Vec<Date> {
    let area = area.filter(|area| !area.is_empty());
    dust_days(ground.dust.iter().filter(|spell| spell.holds_for(registry, area)))
}

impl Whose {
    fn asked<'a>(&'a self, ground: &Ground<'a>) -> Asked<'a> {
        Asked { dust: &self.dust, ..ground.asked }
    }

    /// Its judged days.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn days(&self, ground: &Ground<'_>, span: Span) -> Result<BTreeMap<Date, Arc<Day>>, Error> {
        Ok(self.asked(ground).days(&self.subject, span)?)
    }

    /// A span of it as a whole; none where no edition was in force.
    ///
    /// # Errors
    /// When it cannot be read or computed.
    pub fn assess(&self, ground: &Ground<'_>, span: Span) -> Result<Option<Assessment>, Error> {
        Ok(self.asked(ground).assess(&self.subject, span)?)
    }

    /// Where a number of it is explained.
    pub fn explain(&self, item: &str, span: Span) -> String {
        crate::http::explain_url(&self.address, item, span, "auto")
    }

    /// A number of it over a span, with its name and where it is explained.
    pub fn number(&self, item: Item, span: Span, value: &str) -> Number {
        let (name, when) = (law(&item.name()), super::writer::span_words(span));
        let own = &self.name;
        Number {
            unit: unit(item),
            source: Text::new("本系统评价", "judged by this system"),
            explain: self.explain(item.key(), span),
            ..number(
                Text::new(
                    format!("{} · {} · {}", name.zh, own.zh, when.zh),
                    format!("{} · {} · {}", name.en, own.en, when.en),
                ),
                value,
            )
        }
    }
}

/// The unit of an item, for people.
pub fn unit(item: Item) -> Text {
    unit_text(item.unit())
}

/// The level of an index in the edition that was in force.
pub fn category(ground: &Ground<'_>, date: Date, level: Option<u8>) -> Option<Category> {
    let set = ground.asked.set_on(date)?;
    set.index.categories().iter().find(|own| Some(own.level) == level).cloned()
}
