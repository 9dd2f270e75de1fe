//! Who may sign in, and what for.

use serde::{Deserialize, Serialize};

/// Somebody who may sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The name they sign in with, unique.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Their password, hashed (PHC text); the password itself is kept nowhere.
    pub password_hash: String,
}

/// What a user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything: what is registered, and imports.
    Administrator,
    /// Look, but change nothing.
    Viewer,
}
