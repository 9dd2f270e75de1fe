//! Notices of emergency response: a warning, its lifting, orders that wait for their receipt.

use super::World;
use crate::http::BasisAnswer;
use crate::notify::outbox::Notice;
use crate::notify::{Language, NoticeKind, Subscription};
use crate::words::Words;
use control::emergency::{Basis, Event, Level, Order, Step};
use model::{ActRow, Right, Scope, Subject, Timestamp};
use serde_json::{Value, json};

impl World {
    /// The notices that an act on a warning calls for.
    pub(super) fn of_warning(&self, kind: NoticeKind, row: &ActRow) -> Vec<Notice> {
        let Ok(event) = serde_json::from_str::<Event>(&row.act.document) else { return vec![] };
        match &event.step {
            Step::Level { level, from, basis, orders, .. } => {
                let mut notices = self.to_all((kind, row), Some((*level, *from)), basis);
                // Those that stood before were told of when they were given.
                let new: Vec<&Order> = orders.iter().filter(|own| own.given == event.at).collect();
                notices.extend(self.to_units((NoticeKind::OrderGiven, row), &new));
                notices
            }
            Step::Lift { basis, .. } => self.to_all((kind, row), None, basis),
            Step::Remind { order } => {
                let warning = self.emergency.warnings.get(&row.act.key);
                let own = warning.and_then(|warning| warning.order(*order));
                self.to_units((kind, row), own.map(|own| &own.order).as_slice())
            }
            Step::Receive { .. } | Step::FeedBack { .. } => vec![],
        }
    }

    /// That there is a warning is told to everybody who wants to know.
    fn to_all(
        &self,
        (kind, row): (NoticeKind, &ActRow),
        level: Option<(Level, Timestamp)>,
        basis: &Basis,
    ) -> Vec<Notice> {
        let basis = BasisAnswer::of(basis).text;
        let mail = |name: &str, wanted: &Subscription| {
            let own = wanted.language;
            self.is_here(name).then(|| {
                let mut lines = vec![];
                if let Some((level, from)) = level {
                    let words = level.words();
                    let level = own.of(&Words::new(words.zh, words.en)).to_owned();
                    let at = self.minute(from);
                    lines.push(
                        own.of(&Words::new(
                            format!("{level}，{at} 起"),
                            format!("{level}, from {at}"),
                        ))
                        .to_owned(),
                    );
                }
                lines.push(own.of(&basis).to_owned());
                self.letter((kind, row), (name, own), "", (lines, "emergency"))
            })
        };
        let post = |hook: &str, unit: &str| {
            let about = json!({
                "warning": row.act.key, "level": level.map(|(level, _)| level.name()),
                "from": level.map(|(_, from)| from.to_string()),
            });
            unit.is_empty().then(|| self.post((kind, row), hook, (about, "emergency")))
        };
        self.each((kind, row), mail, post)
    }

    /// Orders are told to those in whose reach they lie.
    fn to_units(&self, (kind, row): (NoticeKind, &ActRow), orders: &[&Order]) -> Vec<Notice> {
        let mail = |name: &str, wanted: &Subscription| {
            let is_theirs = |own: &&&Order| self.may_know_order(name, wanted, own);
            let lines: Vec<String> = orders
                .iter()
                .filter(is_theirs)
                .map(|own| self.line(own, wanted.language))
                .collect();
            (!lines.is_empty()).then(|| {
                self.letter((kind, row), (name, wanted.language), "", (lines, "emergency"))
            })
        };
        let post = |hook: &str, unit: &str| {
            let is_theirs =
                |own: &&&Order| unit.is_empty() || self.people.is_within(&own.unit, unit);
            let all: Vec<Value> = orders
                .iter()
                .filter(is_theirs)
                .map(|own| {
                    json!({
                        "order": own.number, "unit": own.unit, "place": own.place,
                        "receive_by": own.receive_by.to_string(),
                    })
                })
                .collect();
            let about = json!({ "warning": row.act.key, "orders": all });
            (!all.is_empty()).then(|| self.post((kind, row), hook, (about, "emergency")))
        };
        self.each((kind, row), mail, post)
    }

    /// Every receiver who wants to know of it and may.
    fn each(
        &self,
        (kind, row): (NoticeKind, &ActRow),
        mail: impl Fn(&str, &Subscription) -> Option<Notice>,
        post: impl Fn(&str, &str) -> Option<Notice>,
    ) -> Vec<Notice> {
        let people = self.subscriptions.iter();
        let people =
            people.filter(|(name, own)| own.kinds.contains(&kind) && row.act.who != **name);
        let hooks = self.hooks.iter().filter(|(_, own, _)| own.kinds.contains(&kind));
        people
            .filter_map(|(name, own)| mail(name, own))
            .chain(hooks.filter_map(|(hook, _, unit)| post(hook, unit)))
            .collect()
    }

    fn may_know_order(&self, name: &str, wanted: &Subscription, order: &Order) -> bool {
        let place = self.registry.place_id(&order.place).and_then(|id| self.registry.place(id));
        let area = place.map(|place| place.area.clone()).filter(|area| !area.is_empty());
        let scope = Scope { unit: Some(order.unit.clone()), area, subject: Some(Subject::Air) };
        let may = |right| self.may_know(name, wanted, right, &scope);
        may(Right::Handle) || may(Right::Cases)
    }

    /// An order in a line.
    fn line(&self, order: &Order, language: Language) -> String {
        let pick = |zh: &str, en: &str| language.of(&Words::new(zh, en)).to_owned();
        let place = self.registry.place_id(&order.place).and_then(|id| self.registry.place(id));
        let place = match place {
            Some(place) => language.of(&Words::from(&place.name)).to_owned(),
            None if order.place.is_empty() => pick("一般措施", "general measures"),
            None => order.place.clone(),
        };
        let texts: Vec<String> = order
            .measures
            .iter()
            .map(|own| pick(&own.measure.text.zh, &own.measure.text.en))
            .collect();
        let text: String = texts.join(&pick("；", "; ")).chars().take(super::TEXT_MAX).collect();
        let by = self.minute(order.receive_by);
        let by = pick(&format!("请于 {by} 前签收"), &format!("to be received by {by}"));
        format!("{} · {place}: {text} ({by})", order.number)
    }
}
