//! Why the server could not be started.

use std::net::SocketAddr;

/// Why the server could not be started.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address is taken, not ours, or needs a privilege.
    #[error(
        "HJ 212: cannot listen on {address}\nhint: another program may hold the port; choose another one"
    )]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The zone is not in the time zone database.
    #[error("HJ 212: unknown time zone `{name}`\nhint: a name such as Asia/Shanghai")]
    Zone {
        /// What was asked for.
        name: String,
        /// What the database says.
        #[source]
        source: jiff::Error,
    },
    /// The table of parameters of this build is broken.
    #[error("HJ 212: the table of parameters cannot be loaded")]
    Parameters(#[from] model::ParameterTableError),
}
