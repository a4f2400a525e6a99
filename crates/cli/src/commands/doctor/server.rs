//! The server: whether it answers, what it is, and whether its clock is right.

use serde_json::json;
use sluice_client::streams::EventsOut;
use sluice_client::{CLIENT_VERSION, Client};
use sluice_wire::events::filter::EventFilter;

use super::{Check, Health};

/// How many seconds two clocks may differ before runs look late or leases old.
const TOLERATED_SKEW: i64 = 5;

pub(super) async fn checks(client: &Client) -> Vec<Check> {
    let url = client.target().api.to_string();
    if let Err(error) = client.health().await {
        return vec![Check::other(
            "server",
            Health::Failed,
            error.to_string(),
            format!(
                "start the server at {url}, or say where it is with `sluice config set PREFECT_API_URL=...`"
            ),
        )];
    }
    vec![
        Check::ok("server", url),
        version(client).await,
        database(client).await,
        streams(client).await,
        clock(client).await,
    ]
}

async fn version(client: &Client) -> Check {
    match client.server_info().await {
        Ok(info) if info.version == CLIENT_VERSION => {
            Check::ok("version", format!("Prefect {}", info.version))
        }
        Ok(info) => Check::other(
            "version",
            Health::Warning,
            format!("Prefect {}, and this is made for {CLIENT_VERSION}", info.version),
            "most things work between near versions; use the same version where something does not",
        ),
        Err(error) => Check::other(
            "version",
            Health::Failed,
            error.to_string(),
            "check the credentials: PREFECT_API_AUTH_STRING or PREFECT_API_KEY",
        ),
    }
}

async fn database(client: &Client) -> Check {
    match client.ready().await {
        Ok(()) => Check::ok("database", "the server reaches it"),
        Err(error) => Check::other(
            "database",
            Health::Failed,
            error.to_string(),
            "look at the log of the server; `sluice database status` there says how its database is",
        ),
    }
}

async fn streams(client: &Client) -> Check {
    let filter = serde_json::from_value::<EventFilter>(json!({}));
    let failed = |cause: String| {
        Check::other(
            "streams",
            Health::Warning,
            cause,
            "let WebSockets through whatever stands between here and the server; until then everything is asked for, a little later",
        )
    };
    match filter {
        Ok(filter) => match EventsOut::open(client.target(), &filter).await {
            Ok(_) => Check::ok("streams", "WebSockets get through"),
            Err(error) => failed(error.to_string()),
        },
        Err(error) => failed(error.to_string()),
    }
}

async fn clock(client: &Client) -> Check {
    let Ok(Some(theirs)) = client.server_time().await else {
        return Check::other(
            "clock",
            Health::Absent,
            "the server does not say its time",
            "make sure that both machines keep their clocks (NTP)",
        );
    };
    let skew = crate::session::now().since(theirs).as_micros() / 1_000_000;
    // The server says whole seconds, and its answer took a moment.
    if skew.abs() <= TOLERATED_SKEW {
        return Check::ok("clock", "the same as that of the server");
    }
    let (seconds, direction) = (skew.abs(), if skew > 0 { "ahead of" } else { "behind" });
    Check::other(
        "clock",
        Health::Warning,
        format!("{seconds} s {direction} that of the server"),
        "set both clocks (NTP): schedules, leases and heartbeats are compared with them",
    )
}
