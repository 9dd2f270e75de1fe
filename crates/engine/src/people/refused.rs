//! Why a change of people is refused.

use model::Role;

/// Why a change of people is refused. Nothing changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is nobody of that name.
    #[error("there is no account {0:?}")]
    NoAccount(String),
    /// There is somebody of that name, or there was.
    #[error("there is an account {0:?} already, or there was: a name is never given twice")]
    AccountTaken(String),
    /// There is no such unit.
    #[error("there is no unit {0:?}")]
    NoUnit(String),
    /// There is no such area.
    #[error("there is no area {0:?}")]
    NoArea(String),
    /// There is no such grant.
    #[error("there is no assignment {0:?}")]
    NoGrant(String),
    /// A unit would lie below itself.
    #[error("the unit {0:?} would lie below itself")]
    Circle(String),
    /// A unit that others lie below would end.
    #[error("the unit {0:?} has units below it")]
    HasUnits(String),
    /// A manager would hold another role at the same time.
    #[error("{account:?} holds the role {held}, which does not go with {wanted}", held = held.name(), wanted = wanted.name())]
    Combined {
        /// Who.
        account: String,
        /// What they hold.
        held: Role,
        /// What they would hold as well.
        wanted: Role,
    },
    /// A manager's work has no parts.
    #[error("the role {} holds for the whole district, not for a part of it", .0.name())]
    ManagerOfPart(Role),
    /// Somebody would change their own roles, or make or end their own account.
    #[error("nobody changes their own rights")]
    Own,
    /// Somebody holds the role already, so its link of the first start is used up.
    #[error("somebody is {} already; the link is used up", .0.name())]
    Filled(Role),
}
