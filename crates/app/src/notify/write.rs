//! What a notice says, and to whom: the words of mails, the body of web hooks, who may know of it.

use super::outbox::Notice;
use super::{Language, NoticeKind, Subscription};
use crate::http::AppState;
use crate::words::Words;
use control::{Case, Category};
use detect::Finding;
use engine::desk::{CASE, Cases, Settings};
use engine::emergency::{Emergency, WARNING};
use engine::people::People;
use engine::watch::Findings;
use model::{ActRow, Area, Registry, Right, Scope, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

mod warning;

/// Characters of a case's own text, or of what an order asks for, in a mail.
const TEXT_MAX: usize = 200;

/// Everything that a notice is made from.
pub struct World {
    /// Cases as they stand.
    pub cases: Arc<Cases>,
    /// Findings as they stand.
    pub findings: Arc<Findings>,
    /// Emergency response as it stands.
    pub emergency: Arc<Emergency>,
    /// What the desk works by.
    pub settings: Settings,
    /// Who works here.
    pub people: Arc<People>,
    /// What is registered.
    pub registry: Arc<Registry>,
    /// What everybody wants to know.
    pub subscriptions: BTreeMap<String, Subscription>,
    /// Web hooks, with what they want to know.
    pub hooks: Vec<(String, Subscription, String)>,
    /// The address of the page, for links; empty: none are written.
    pub page: String,
    /// Now.
    pub now: Timestamp,
}

/// What an act is about.
enum Thing {
    Case(Arc<Case>),
    Finding(Arc<Finding>),
}

impl World {
    /// As everything stands now.
    pub fn now(app: &AppState) -> Self {
        let hooks = app.notices.hooks.iter();
        Self {
            cases: app.desk.cases(),
            findings: app.board.findings(),
            emergency: app.warnings.now(),
            settings: app.desk.settings(),
            people: app.roster.now(),
            registry: app.door.registry(),
            subscriptions: app.notices.subscriptions(),
            hooks: hooks
                .map(|own| (own.key.clone(), own.subscription(), own.unit.clone()))
                .collect(),
            page: app.notices.config.page.clone(),
            now: app.now(),
        }
    }

    /// The notices that an act calls for.
    pub fn notices(&self, row: &ActRow) -> Vec<Notice> {
        let Some(kind) = NoticeKind::of(row) else { return vec![] };
        if row.act.kind == WARNING {
            return self.of_warning(kind, row);
        }
        let key = &row.act.key;
        let thing = if row.act.kind == CASE {
            self.cases.get(key).cloned().map(Thing::Case)
        } else {
            let id = key.strip_prefix('f').and_then(|id| id.parse().ok());
            id.and_then(|id: u64| self.findings.get(&id)).cloned().map(Thing::Finding)
        };
        let Some(thing) = thing else { return vec![] };
        let scope = self.scope(&thing);
        let mut notices = vec![];
        for (name, wanted) in &self.subscriptions {
            if wanted.kinds.contains(&kind)
                && row.act.who != *name
                && self.may_know(name, wanted, Right::Cases, &scope)
            {
                notices.push(self.mail(kind, row, &thing, name, wanted.language));
            }
        }
        for (hook, wanted, unit) in &self.hooks {
            let is_of = unit.is_empty()
                || scope.unit.as_ref().is_some_and(|own| self.people.is_within(own, unit));
            if wanted.kinds.contains(&kind) && is_of {
                notices.push(self.hook(kind, row, &thing, hook));
            }
        }
        notices
    }

    /// Where it belongs: its unit, its area, its subject.
    fn scope(&self, thing: &Thing) -> Scope {
        match thing {
            Thing::Case(case) => Scope {
                unit: case.unit.clone(),
                area: case.collected.area.clone(),
                subject: self.category(&case.collected.category).and_then(|own| own.subject),
            },
            Thing::Finding(finding) => {
                let place = self.registry.place_id(&finding.raised.place);
                let place = place.and_then(|id| self.registry.place(id));
                Scope {
                    unit: None,
                    area: place.map(|own| own.area.clone()).filter(|area| !area.is_empty()),
                    subject: self.category(&finding.raised.category).and_then(|own| own.subject),
                }
            }
        }
    }

    /// Whether somebody who wants to know of it may: a person by their rights, the mail of a unit when it is the unit's.
    fn may_know(&self, name: &str, wanted: &Subscription, right: Right, scope: &Scope) -> bool {
        if let Some(unit) = name.strip_prefix("unit/") {
            return scope.unit.as_ref().is_some_and(|own| self.people.is_within(own, unit));
        }
        let Some(account) = self.people.account(name) else { return false };
        let areas: &[Area] = &self.registry.areas;
        let held = self.people.held(name, self.now);
        let is_own = scope
            .unit
            .as_ref()
            .is_none_or(|unit| !wanted.own_unit || self.people.is_within(unit, &account.unit));
        is_own && self.people.lets(held, right, scope, areas)
    }

    /// Whether a name that somebody wanted to know something under is still that of somebody or a unit.
    fn is_here(&self, name: &str) -> bool {
        match name.strip_prefix("unit/") {
            Some(unit) => self.people.unit(unit).is_some_and(|own| !own.ended),
            None => {
                self.people.account(name).is_some()
                    && self.people.held(name, self.now).next().is_some()
            }
        }
    }

    fn category(&self, key: &str) -> Option<&Category> {
        self.settings.catalogue.category(key)
    }

    fn mail(
        &self,
        kind: NoticeKind,
        row: &ActRow,
        thing: &Thing,
        to: &str,
        language: Language,
    ) -> Notice {
        let pick = |zh: &str, en: &str| language.of(&Words::new(zh, en)).to_owned();
        let (name, text, is_simulated) = match thing {
            Thing::Case(case) => (
                self.name_of(&case.collected.category, language),
                case.collected.text.chars().take(TEXT_MAX).collect(),
                case.collected.simulated,
            ),
            Thing::Finding(finding) => {
                let text = &finding.raised.text;
                let text = language.of(&Words::new(&text.zh, &text.en)).to_owned();
                (self.name_of(&finding.raised.category, language), text, finding.raised.simulated)
            }
        };
        let mark = if is_simulated { pick("（模拟）", " (simulated)") } else { String::new() };
        let mut lines = vec![name, text];
        if let Thing::Case(case) = thing {
            lines.extend(self.clock(case, language));
        }
        self.letter((kind, row), (to, language), &mark, (lines, folder(thing)))
    }

    /// A mail: what it says, of what, these lines, a link, how it is stopped.
    fn letter(
        &self,
        (kind, row): (NoticeKind, &ActRow),
        (to, language): (&str, Language),
        mark: &str,
        (mut lines, folder): (Vec<String>, &str),
    ) -> Notice {
        let said = language.of(&kind.words()).to_owned();
        let key = &row.act.key;
        let pick = |zh: &str, en: &str| language.of(&Words::new(zh, en)).to_owned();
        let subject = format!("[{}] {said}: {key}{mark}", pick("碧空清流", "Skyriver"));
        if !lines.is_empty() {
            lines[0] = format!("{key} · {}", lines[0]);
        }
        lines.splice(0..0, [format!("{said}{mark}"), String::new()]);
        lines.extend(self.link(folder, key));
        lines.push(String::new());
        lines.push(pick(
            "在“我的账户”中可更改或停止这些通知。",
            "Change or stop these notices under Me.",
        ));
        let body = lines.join("\n");
        let (about, to) = (key.clone(), to.to_owned());
        Notice { kind, about, sequence: row.sequence.0, to, subject, body }
    }

    fn name_of(&self, category: &str, language: Language) -> String {
        self.category(category).map_or_else(
            || category.to_owned(),
            |own| language.of(&Words::new(&own.name.zh, &own.name.en)).to_owned(),
        )
    }

    /// Until when a case that somebody works on is to be done.
    fn clock(&self, case: &Case, language: Language) -> Option<String> {
        let run = case.run().filter(|run| run.closed.is_none())?;
        let calendar = &self.settings.calendar;
        let (spent, allowed) = run.spent_and_allowed(calendar, self.now);
        if spent > allowed {
            return Some(language.of(&Words::new("已超期", "overdue")).to_owned());
        }
        let due = calendar.ahead(self.now, allowed - spent, run.allowed.counting);
        Some(format!("{} {}", language.of(&Words::new("期限", "due")), self.minute(due)))
    }

    /// A minute by the district's clock.
    fn minute(&self, at: Timestamp) -> String {
        let civil = self.settings.calendar.zone().civil(at);
        civil.map_or_else(|_| at.to_string(), |civil| civil.strftime("%Y-%m-%d %H:%M").to_string())
    }

    fn link(&self, folder: &str, key: &str) -> Option<String> {
        (!self.page.is_empty())
            .then(|| format!("{}/{folder}/{key}", self.page.trim_end_matches('/')))
    }

    /// The body of a web hook: names and numbers only, no text that somebody wrote. What else there is, the receiver asks for with
    /// a token.
    fn hook(&self, kind: NoticeKind, row: &ActRow, thing: &Thing, hook: &str) -> Notice {
        let key = &row.act.key;
        let about = match thing {
            Thing::Case(case) => json!({
                "case": key, "version": case.version, "category": case.collected.category,
                "unit": case.unit, "area": case.collected.area, "place": case.collected.place,
                "simulated": case.collected.simulated,
            }),
            Thing::Finding(finding) => {
                let raised = &finding.raised;
                json!({
                    "finding": key, "rule": raised.rule, "severity": raised.severity,
                    "category": raised.category, "place": raised.place, "simulated": raised.simulated,
                })
            }
        };
        self.post((kind, row), hook, (about, folder(thing)))
    }

    fn post(
        &self,
        (kind, row): (NoticeKind, &ActRow),
        hook: &str,
        (about, folder): (Value, &str),
    ) -> Notice {
        let key = &row.act.key;
        let mut notice = Notice {
            kind,
            about: key.clone(),
            sequence: row.sequence.0,
            to: format!("hook/{hook}"),
            subject: String::new(),
            body: String::new(),
        };
        notice.body = json!({
            "id": notice.id(), "kind": kind, "at": row.at.to_string(), "sequence": row.sequence.0,
            "about": about, "link": self.link(folder, key),
        })
        .to_string();
        notice
    }
}

/// Where the page shows it.
fn folder(thing: &Thing) -> &'static str {
    match thing {
        Thing::Case(_) => "cases",
        Thing::Finding(_) => "findings",
    }
}

/// A notice that tries the way to somebody.
pub fn test(to: &str, language: Language, sequence: u64, now: Timestamp) -> Notice {
    let kind = NoticeKind::Test;
    let said = language.of(&kind.words()).to_owned();
    let brand = language.of(&Words::new("碧空清流", "Skyriver")).to_owned();
    let mut notice = Notice {
        kind,
        about: String::new(),
        sequence,
        to: to.to_owned(),
        subject: format!("[{brand}] {said}"),
        body: said,
    };
    if to.starts_with("hook/") {
        notice.subject.clear();
        notice.body = json!({"id": notice.id(), "kind": kind, "at": now.to_string()}).to_string();
    }
    notice
}

/// Under which name the address of a receiver is kept; none of a web hook.
pub fn address_key(to: &str) -> Option<&str> {
    (!to.starts_with("hook/")).then_some(to)
}
