//! What somebody may do, where: roles, the rights that a role carries, and how far an assignment reaches.

use serde::{Deserialize, Serialize};

/// What an account is for. A role carries rights ([`Role::rights`]); an account may hold several, each
/// with a [`Scope`], but a manager holds nothing beside ([`Role::is_manager`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// System manager 系统管理员: registry, rules, units, accounts without rights.
    System,
    /// Security manager 安全管理员: gives and takes rights, unlocks, ends sessions and tokens.
    Security,
    /// Audit manager 审计管理员: reads and exports the audit trail.
    Audit,
    /// Duty operator 值班员: looks at findings, files cases, marks readings.
    Operator,
    /// Dispatcher 派遣员: gives cases to units, extends, returns.
    Dispatcher,
    /// Handler 处置人员, grid member 网格员: works on the cases of the own unit, patrols.
    Handler,
    /// Verifier 核查员: says whether a case is done; never one that they handled themselves.
    Verifier,
    /// Analyst 分析员: reads everything that has no names of people, asks by SQL.
    Analyst,
    /// Leader 领导: reads cases and scores, approves, declares warnings.
    Leader,
}

/// One thing that may be done. Every route of the API states which of them it needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// See places, readings, judgements: what the public sees where it may see anything.
    Look,
    /// Change what is registered, import registries and files of readings.
    Registry,
    /// Change rules, categories, calendars, plans, also the plan of emergency response.
    Configure,
    /// Change the tree of units.
    Units,
    /// Make and end accounts, and give a link by which somebody sets a password.
    Accounts,
    /// Give and take roles, unlock, take away a second factor, end sessions and tokens of others.
    Grant,
    /// Read and export the audit trail.
    Audit,
    /// See the list of units and people.
    People,
    /// See cases with all that is in them.
    Cases,
    /// Take up a finding: file it as a case, or dismiss it with a reason.
    File,
    /// Give a case to a unit, return it, join duplicates.
    Dispatch,
    /// Work on a case: accept, report, send photos; receive an order and say what was done; patrol.
    Handle,
    /// Say whether a case is done, close it, or send it back.
    Verify,
    /// Approve an extension, a suspension, a correction.
    Approve,
    /// Declare, change and lift warnings, by which orders are sent; remind of orders.
    Order,
    /// Correct and flag readings, as later versions.
    Correct,
    /// Ask by SQL, take whole tables out.
    Query,
    /// Enter figures for which a document stands: programmes, rivers, samples.
    Enter,
    /// Publish a rank, a report.
    Publish,
}

/// What a thing is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Ambient air.
    Air,
    /// Surface water and outfalls.
    Water,
    /// Dust of sites and roads.
    Dust,
    /// Noise.
    Noise,
    /// Waste and litter.
    Waste,
}

/// How far an assignment reaches, or where a thing belongs. Of an assignment, `None` is *everything*;
/// of a thing, `None` is *none in particular*, and only an assignment to everything reaches it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Key of a unit; of an assignment, with all units below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Key of an area; of an assignment, with all areas within it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// Subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
}

impl Scope {
    /// Everything, as the reach of an assignment.
    pub const EVERYTHING: Self = Self { unit: None, area: None, subject: None };

    /// Whether an assignment of this scope reaches a thing. `unit_within(a, b)` and `area_within(a, b)` say
    /// whether `a` is `b` or lies below it.
    pub fn covers(
        &self,
        thing: &Self,
        unit_within: impl Fn(&str, &str) -> bool,
        area_within: impl Fn(&str, &str) -> bool,
    ) -> bool {
        let reaches =
            |reach: &Option<String>, of: &Option<String>, within: &dyn Fn(&str, &str) -> bool| {
                reach.as_ref().is_none_or(|reach| of.as_ref().is_some_and(|of| within(of, reach)))
            };
        reaches(&self.unit, &thing.unit, &unit_within)
            && reaches(&self.area, &thing.area, &area_within)
            && self.subject.is_none_or(|subject| thing.subject == Some(subject))
    }
}

impl Role {
    /// All of them, managers first.
    pub const ALL: [Self; 9] = [
        Self::System,
        Self::Security,
        Self::Audit,
        Self::Operator,
        Self::Dispatcher,
        Self::Handler,
        Self::Verifier,
        Self::Analyst,
        Self::Leader,
    ];

    /// The three managers, none of whom may do another's work or any work of the day.
    pub const MANAGERS: [Self; 3] = [Self::System, Self::Security, Self::Audit];

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Security => "security",
            Self::Audit => "audit",
            Self::Operator => "operator",
            Self::Dispatcher => "dispatcher",
            Self::Handler => "handler",
            Self::Verifier => "verifier",
            Self::Analyst => "analyst",
            Self::Leader => "leader",
        }
    }

    /// The role of a stable name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }

    /// Whether it is one of the three managers: an account that holds one of them holds no other role.
    pub fn is_manager(self) -> bool {
        Self::MANAGERS.contains(&self)
    }

    /// Whether one account may hold both at the same time.
    pub fn goes_with(self, other: Self) -> bool {
        self == other || !(self.is_manager() || other.is_manager())
    }

    /// What it may do: the whole table.
    pub fn rights(self) -> &'static [Right] {
        use Right::{
            Accounts, Approve, Audit, Cases, Configure, Correct, Dispatch, Enter, File, Grant,
            Handle, Look, Order, People, Publish, Query, Registry, Units, Verify,
        };
        match self {
            Self::System => &[Look, Registry, Configure, Units, Accounts, People],
            Self::Security => &[Look, Grant, People],
            Self::Audit => &[Look, Audit, People],
            Self::Operator => &[Look, Cases, File, Correct, Enter, People],
            Self::Dispatcher => &[Look, Cases, File, Dispatch, Approve, Enter, People],
            Self::Handler => &[Look, Cases, Handle],
            Self::Verifier => &[Look, Cases, Verify],
            Self::Analyst => &[Look, Query],
            Self::Leader => &[Look, Cases, Approve, Order, Enter, Publish, People],
        }
    }

    /// Whether it carries a right.
    pub fn may(self, right: Right) -> bool {
        self.rights().contains(&right)
    }
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::Look,
        Self::Registry,
        Self::Configure,
        Self::Units,
        Self::Accounts,
        Self::Grant,
        Self::Audit,
        Self::People,
        Self::Cases,
        Self::File,
        Self::Dispatch,
        Self::Handle,
        Self::Verify,
        Self::Approve,
        Self::Order,
        Self::Correct,
        Self::Query,
        Self::Enter,
        Self::Publish,
    ];

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::Registry => "registry",
            Self::Configure => "configure",
            Self::Units => "units",
            Self::Accounts => "accounts",
            Self::Grant => "grant",
            Self::Audit => "audit",
            Self::People => "people",
            Self::Cases => "cases",
            Self::File => "file",
            Self::Dispatch => "dispatch",
            Self::Handle => "handle",
            Self::Verify => "verify",
            Self::Approve => "approve",
            Self::Order => "order",
            Self::Correct => "correct",
            Self::Query => "query",
            Self::Enter => "enter",
            Self::Publish => "publish",
        }
    }

    /// The right of a stable name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.name() == name)
    }

    /// The roles that carry it.
    pub fn roles(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| role.may(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_managers_share_more_than_looking() {
        for one in Role::MANAGERS {
            for other in Role::ALL.into_iter().filter(|other| *other != one) {
                let shared: Vec<_> =
                    one.rights().iter().filter(|right| other.may(**right)).copied().collect();
                assert!(
                    shared.iter().all(|right| matches!(right, Right::Look | Right::People)),
                    "{one:?} and {other:?} both may {shared:?}"
                );
                assert!(!one.goes_with(other), "{one:?} {other:?}");
            }
        }
        assert!(Role::Operator.goes_with(Role::Dispatcher));
    }

    #[test]
    fn every_right_is_carried_by_some_role_and_has_a_name_of_its_own() {
        for right in Right::ALL {
            assert!(right.roles().count() > 0, "{right:?}");
            assert_eq!(Right::named(right.name()), Some(right));
        }
        for role in Role::ALL {
            assert_eq!(Role::named(role.name()), Some(role));
        }
    }

    #[test]
    fn an_assignment_reaches_what_lies_below_and_nothing_beside() {
        let scope = |unit: Option<&str>, area: Option<&str>, subject| Scope {
            unit: unit.map(str::to_owned),
            area: area.map(str::to_owned),
            subject,
        };
        // A key is within another when it begins with it.
        let within = |one: &str, of: &str| one.starts_with(of);
        let covers = |reach: &Scope, thing: &Scope| reach.covers(thing, within, within);
        let thing = scope(Some("street/team"), Some("north/lane"), Some(Subject::Dust));
        assert!(covers(&Scope::EVERYTHING, &thing));
        assert!(covers(&scope(Some("street"), Some("north"), Some(Subject::Dust)), &thing));
        assert!(!covers(&scope(Some("police"), None, None), &thing));
        assert!(!covers(&scope(None, Some("south"), None), &thing));
        assert!(!covers(&scope(None, None, Some(Subject::Water)), &thing));
        // What belongs to nobody yet is reached by assignments to everything only.
        assert!(!covers(&scope(Some("street"), None, None), &Scope::default()));
        assert!(covers(&Scope::EVERYTHING, &Scope::default()));
    }
}
