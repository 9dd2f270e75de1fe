//! Who works in the demo: three units under a command centre, and somebody of each role with a password of this run.

use crate::cli::Failure;
use crate::serve::Server;
use crate::user;
use engine::people::PeopleChange;
use model::{Names, Role, Scope, Unit};

/// Key, Chinese and English name of the units; the first is above the others.
const UNITS: [[&str; 3]; 4] = [
    ["command", "指挥中心", "Command centre"],
    ["enforcement", "综合执法大队", "Enforcement brigade"],
    ["water", "水务所", "Water office"],
    ["sanitation", "环卫所", "Sanitation office"],
];

/// Makes the units and somebody of each role, under the role's name. Nobody where there are accounts already, or nobody is
/// going to sign in.
pub async fn gather(server: &Server, once: bool) -> Result<Vec<(Role, String)>, Failure> {
    if once || server.roster.now().accounts().next().is_some() {
        return Ok(vec![]);
    }
    server.change_people(UNITS.map(|names| PeopleChange::Unit(unit(names))).into(), vec![]).await?;
    let mut people = Vec::new();
    for role in Role::ALL {
        let password = user::token()?[..16].to_owned();
        server.add(role.name(), role, scope(role), &password).await?;
        people.push((role, password));
    }
    eprintln!("  somebody of each role may sign in, with a password of this run:");
    Ok(people)
}

fn unit([key, zh, en]: [&str; 3]) -> Unit {
    let above = if key == UNITS[0][0] { "" } else { UNITS[0][0] };
    Unit {
        key: key.to_owned(),
        name: Names { zh: zh.to_owned(), en: en.to_owned() },
        above: above.to_owned(),
        ..Unit::default()
    }
}

/// A handler works for the units; everybody else for the whole district.
fn scope(role: Role) -> Scope {
    let unit = (role == Role::Handler).then(|| UNITS[0][0].to_owned());
    Scope { unit, ..Scope::EVERYTHING }
}
