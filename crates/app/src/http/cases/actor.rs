//! Who asks, as the desk knows people: the duties that their rights give them over one case.

use super::super::rights::Asking;
use super::reaches;
use control::{Actor, Case, Duty};
use engine::desk::Settings;
use model::{Right, Scope};

/// Which right carries which duty.
const DUTIES: [(Right, Duty); 5] = [
    (Right::File, Duty::Operate),
    (Right::Dispatch, Duty::Dispatch),
    (Right::Handle, Duty::Handle),
    (Right::Verify, Duty::Verify),
    (Right::Approve, Duty::Approve),
];

/// Where a case belongs: its unit, its area, the subject of its category.
pub fn scope_of(settings: &Settings, case: &Case) -> Scope {
    let category = settings.catalogue.category(&case.collected.category);
    Scope {
        unit: case.unit.clone(),
        area: case.collected.area.clone(),
        subject: category.and_then(|category| category.subject),
    }
}

/// Who asks, with the duties that reach this case. Units are scopes of rights here, so none is stated again.
pub fn actor(asking: &Asking, settings: &Settings, case: &Case) -> Actor {
    let duties = DUTIES.into_iter().filter(|(right, _)| reaches(asking, *right, settings, case));
    Actor {
        name: asking.name().to_owned(),
        unit: None,
        duties: duties.map(|(_, duty)| duty).collect(),
    }
}

/// Whether whoever asks may see a case: it is in the reach of their right, or they reported or handled it.
pub fn sees(asking: &Asking, settings: &Settings, case: &Case) -> bool {
    reaches(asking, Right::Cases, settings, case) || took_part(asking, case)
}

/// Whether somebody of this name has to do something about it now, or reported it.
pub fn is_mine(asking: &Asking, settings: &Settings, case: &Case) -> bool {
    use control::Stage::{Collected, Dispatched, FedBack, Filed, Handling};
    let right = match case.stage {
        Collected => Right::File,
        Filed => Right::Dispatch,
        Dispatched | Handling => Right::Handle,
        FedBack => Right::Verify,
        _ => return false,
    };
    let verifies_own = case.stage == FedBack && case.handlers.contains(asking.name());
    let has_request = case.request.is_some() && reaches(asking, Right::Approve, settings, case);
    (reaches(asking, right, settings, case) && !verifies_own) || has_request
}

fn took_part(asking: &Asking, case: &Case) -> bool {
    let name = asking.name();
    !name.is_empty()
        && (case.handlers.contains(name)
            || case.history.first().is_some_and(|first| first.who == name))
}
