//! Units, accounts and roles: what may stand together, what stood once.

use crate::world::{MIDNIGHT, World};
use engine::people::{People, PeopleChange, Refused, When, holder};
use engine::{Error, people};
use model::{Account, DAY_MS, Grant, HOUR_MS, Right, Role, Scope, Timestamp, Unit};
use store::{Known, Secret, SecretChange};

fn unit(key: &str, above: &str) -> PeopleChange {
    PeopleChange::Unit(Unit { key: key.into(), above: above.into(), ..Unit::default() })
}

fn account(name: &str) -> PeopleChange {
    PeopleChange::NewAccount(holder(name, Role::Operator).0)
}

fn grant(name: &str, role: Role) -> PeopleChange {
    PeopleChange::NewGrant(holder(name, role).1)
}

fn try_at(world: &mut World, now: Timestamp, by: &str, change: PeopleChange) -> Option<Refused> {
    let error = world.engine.change_people(now, by, vec![change], vec![], When::Always).err()?;
    assert!(matches!(error, Error::People(_)), "{error}");
    if let Error::People(refused) = error { Some(refused) } else { None }
}

fn try_it(world: &mut World, change: PeopleChange) -> Option<Refused> {
    try_at(world, MIDNIGHT, "chief", change)
}

#[test]
fn the_link_of_a_manager_is_used_up_when_somebody_is_that_manager() {
    let mut world = World::new();
    let mut make = |name: &str| {
        let (account, grant) = holder(name, Role::Security);
        let changes = vec![PeopleChange::NewAccount(account), PeopleChange::NewGrant(grant)];
        let when = When::NobodyIs(Role::Security);
        world.engine.change_people(MIDNIGHT, "the first start", changes, vec![], when)
    };
    assert_eq!(make("one").unwrap(), ["one/1"]);
    assert!(matches!(make("two"), Err(Error::People(Refused::Filled(Role::Security)))));
    let mut world = world.restart(MIDNIGHT);
    let people = world.engine.roster(MIDNIGHT).unwrap().now();
    assert!(people.has(Role::Security, MIDNIGHT) && !people.has(Role::System, MIDNIGHT));
    assert!(people.account("two").is_none());
}

#[test]
fn a_manager_holds_no_other_role_at_any_instant() {
    let mut world = World::new();
    assert_eq!(try_it(&mut world, account("one")), None);
    assert_eq!(try_it(&mut world, grant("one", Role::Operator)), None);
    assert_eq!(try_it(&mut world, grant("one", Role::Dispatcher)), None);
    for manager in Role::MANAGERS {
        let refused = try_it(&mut world, grant("one", manager));
        assert!(matches!(refused, Some(Refused::Combined { .. })), "{refused:?}");
    }
    for key in ["one/1", "one/2"] {
        assert_eq!(try_it(&mut world, PeopleChange::EndGrant(key.into())), None);
    }
    // What ends later and what begins then do not overlap.
    let end = Some(MIDNIGHT + HOUR_MS);
    let operator = Grant { until: end, ..holder("one", Role::Operator).1 };
    assert_eq!(try_it(&mut world, PeopleChange::NewGrant(operator)), None);
    assert!(try_it(&mut world, grant("one", Role::System)).is_some());
    let later = Grant { from: end, ..holder("one", Role::System).1 };
    assert_eq!(try_it(&mut world, PeopleChange::NewGrant(later)), None);
    assert!(try_it(&mut world, grant("one", Role::Handler)).is_some());
}

#[test]
fn nobody_gives_rights_to_themselves() {
    let mut world = World::new();
    assert_eq!(try_it(&mut world, account("chief")), None);
    assert_eq!(try_it(&mut world, grant("chief", Role::Leader)), Some(Refused::Own));
    assert_eq!(try_at(&mut world, MIDNIGHT, "other", grant("chief", Role::Leader)), None);
    let end = PeopleChange::EndGrant("chief/1".into());
    assert_eq!(try_it(&mut world, end), Some(Refused::Own));
}

#[test]
fn units_form_a_tree_and_what_is_named_must_be_there() {
    let mut world = World::new();
    assert_eq!(try_it(&mut world, unit("street", "")), None);
    assert_eq!(try_it(&mut world, unit("team", "street")), None);
    assert_eq!(try_it(&mut world, unit("street", "team")), Some(Refused::Circle("street".into())));
    assert_eq!(try_it(&mut world, unit("x", "nowhere")), Some(Refused::NoUnit("nowhere".into())));
    let ended = Unit { key: "street".into(), ended: true, ..Unit::default() };
    let refused = try_it(&mut world, PeopleChange::Unit(ended));
    assert_eq!(refused, Some(Refused::HasUnits("street".into())));
    assert_eq!(try_it(&mut world, account("one")), None);
    assert_eq!(try_it(&mut world, account("one")), Some(Refused::AccountTaken("one".into())));
    let known = holder("one", Role::Handler).1;
    let mut in_area = known.clone();
    in_area.scope.area = Some("nowhere".into());
    let refused = try_it(&mut world, PeopleChange::NewGrant(in_area));
    assert_eq!(refused, Some(Refused::NoArea("nowhere".into())));
    let of_part = Scope { unit: Some("team".into()), ..Scope::default() };
    let manager = Grant { role: Role::Audit, scope: of_part, ..known };
    let refused = try_it(&mut world, PeopleChange::NewGrant(manager));
    assert_eq!(refused, Some(Refused::ManagerOfPart(Role::Audit)));
}

#[test]
fn a_grant_over_a_unit_reaches_the_units_below_it_and_ends_with_its_time() {
    let mut world = World::new();
    for change in [unit("street", ""), unit("team", "street"), unit("police", ""), account("one")] {
        assert_eq!(try_it(&mut world, change), None);
    }
    let scope = Scope { unit: Some("street".into()), ..Scope::default() };
    let until = Some(MIDNIGHT + HOUR_MS);
    let from = Some(MIDNIGHT);
    let grant = Grant { scope, from, until, ..holder("one", Role::Handler).1 };
    assert_eq!(try_it(&mut world, PeopleChange::NewGrant(grant)), None);
    let people = world.engine.roster(MIDNIGHT).unwrap().now();
    let may = |unit: &str, now| {
        let thing = Scope { unit: Some(unit.into()), ..Scope::default() };
        people.lets(people.held("one", now), Right::Handle, &thing, &[])
    };
    assert!(may("team", MIDNIGHT) && may("street", MIDNIGHT));
    assert!(!may("police", MIDNIGHT) && !may("nowhere", MIDNIGHT));
    assert!(!may("team", MIDNIGHT + HOUR_MS) && !may("team", MIDNIGHT - 1));
    let closed = Account { ended: true, ..people.account("one").unwrap().clone() };
    assert_eq!(try_it(&mut world, PeopleChange::Account(closed)), None);
    let people = world.engine.roster(MIDNIGHT).unwrap().now();
    // Whatever a clock says afterwards.
    assert!([-1, 0, 1].iter().all(|day| people.held("one", MIDNIGHT + day * DAY_MS).count() == 0));
}

#[test]
fn people_are_shown_as_they_were_known_and_secrets_are_no_part_of_it() {
    let mut world = World::new();
    let secret = Secret { kind: "password".into(), key: "one".into(), value: "very secret".into() };
    let secrets = vec![SecretChange::Put(secret)];
    world
        .engine
        .change_people(MIDNIGHT, "chief", vec![account("one")], secrets, When::Always)
        .unwrap();
    let reader = world.engine.reader();
    let before = reader.acts(people::ACCOUNT, Known::Now).unwrap().last().unwrap().sequence;
    assert_eq!(try_it(&mut world, grant("one", Role::Handler)), None);
    let at = |known| People::as_of(&reader, known).unwrap();
    assert_eq!(at(Known::At(before)).held("one", MIDNIGHT).count(), 0);
    assert_eq!(at(Known::Now).held("one", MIDNIGHT).count(), 1);
    assert_eq!(*world.engine.roster(MIDNIGHT).unwrap().now(), at(Known::Now));
    let acts = reader.acts_after(model::Sequence(0), 100).unwrap();
    assert!(acts.iter().all(|row| !row.act.document.contains("very secret")), "{acts:?}");
    assert_eq!(reader.secret("password", "one").unwrap().as_deref(), Some("very secret"));
}
