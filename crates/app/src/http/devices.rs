//! Devices: who speaks to us, when it was last heard, and what is wrong with it.

use super::error::Answer;
use super::state::AppState;
use super::time::Instant;
use axum::Json;
use axum::extract::State;
use gateway::hj212::{ProblemCount, SessionView};
use model::DeviceId;
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(devices))
}

/// Everybody who speaks to us.
#[derive(Serialize, ToSchema)]
pub struct Devices {
    /// Those that are registered.
    devices: Vec<Device>,
    /// Those that nobody registered, or that gave a wrong password.
    strangers: Vec<Stranger>,
}

/// A registered device.
#[derive(Serialize, ToSchema)]
pub struct Device {
    /// Name on the wire.
    mn: String,
    /// Key of the place where it stands.
    place: String,
    connected: bool,
    /// When it was last heard since the server started.
    last_seen: Option<Instant>,
    /// Its clock minus ours, in seconds, when that was measured.
    skew_s: Option<f64>,
    /// What was odd or wrong in its frames since the server started.
    problems: Vec<DeviceProblem>,
}

/// Something odd or wrong, and how often.
#[derive(Serialize, ToSchema)]
pub struct DeviceProblem {
    /// Stable name.
    name: &'static str,
    count: u64,
}

/// Somebody whom nobody registered.
#[derive(Serialize, ToSchema)]
pub struct Stranger {
    /// The name it gave.
    mn: String,
    first_seen: Instant,
    last_seen: Instant,
    frames: u64,
}

/// Devices and strangers.
#[utoipa::path(get, path = "/devices", tag = "devices", responses((status = 200, body = Devices)))]
async fn devices(State(app): State<AppState>) -> Answer<Json<Devices>> {
    app.ask(|app| Ok(Json(heard(app)))).await
}

fn heard(app: &AppState) -> Devices {
    let seen = app.gateway();
    let sessions: HashMap<DeviceId, &SessionView> =
        seen.sessions.iter().map(|session| (session.device, session)).collect();
    let mut problems: HashMap<DeviceId, Vec<DeviceProblem>> = HashMap::new();
    for ProblemCount { name, device, count } in &seen.problems {
        if let Some(device) = device {
            problems.entry(*device).or_default().push(DeviceProblem { name, count: *count });
        }
    }
    let view = app.reader.view();
    let devices = (0..).map(DeviceId).zip(view.registry().devices()).map(|(id, device)| {
        let session = sessions.get(&id);
        Device {
            mn: device.mn.clone(),
            place: device.place.clone(),
            connected: session.is_some_and(|session| session.peer.is_some()),
            last_seen: session.map(|session| Instant(session.last_seen)),
            skew_s: session.and_then(|session| session.skew_ms).map(|ms| ms as f64 / 1_000.0),
            problems: problems.remove(&id).unwrap_or_default(),
        }
    });
    let strangers = seen.strangers.iter().map(|stranger| Stranger {
        mn: stranger.mn.clone(),
        first_seen: Instant(stranger.first_seen),
        last_seen: Instant(stranger.last_seen),
        frames: stranger.frames,
    });
    Devices { devices: devices.collect(), strangers: strangers.collect() }
}
