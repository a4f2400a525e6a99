//! The worker of `sluice up`: a process of its own, as `sluice worker start` would be.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sluice_worker::launchers::process::find_python;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::commands::server::Companion;

/// How long the worker lets runs finish when everything stops.
const SHUTDOWN_GRACE_SECONDS: u64 = 5;
/// How long it may take to end altogether.
const ENDED_BY: Duration = Duration::from_secs(SHUTDOWN_GRACE_SECONDS + 40);

/// A worker that runs beside the server.
pub(super) struct UpWorker(Child);

impl UpWorker {
    /// Starts a worker for the server at `address`. An error says why there is none, and what to do.
    pub(super) async fn start(
        address: SocketAddr,
        pool: &str,
        auth_string: Option<&str>,
    ) -> Result<Self, String> {
        let environment: BTreeMap<String, String> = std::env::vars().collect();
        let later = format!("then start one with `sluice worker start --pool {pool}`");
        let python = find_python(&environment)
            .ok_or_else(|| format!("there is no Python in PATH; install it and Prefect, {later}"))?;
        let looks_for_prefect =
            "import importlib.util, sys; sys.exit(importlib.util.find_spec('prefect') is None)";
        let has_prefect = Command::new(&python)
            .args(["-c", looks_for_prefect])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .await
            .is_ok_and(|status| status.success());
        if !has_prefect {
            return Err(format!("{} has no Prefect; pip install prefect, {later}", python.display()));
        }
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let mut command = Command::new(program);
        command
            .args([
                "worker",
                "start",
                "--ends-with-parent",
                "--type",
                "process",
                "--name",
                "up",
                "--pool",
                pool,
            ])
            .arg("--shutdown-grace")
            .arg(SHUTDOWN_GRACE_SECONDS.to_string())
            .arg("--python")
            .arg(&python)
            .env("PREFECT_API_URL", format!("http://{}/api", reachable(address)))
            .env_remove("SLUICE_API_URL")
            .stdin(Stdio::null())
            // A terminal's Ctrl+C is for the process that people started, which tells the worker.
            .process_group(0)
            .kill_on_drop(true);
        if let Some(auth_string) = auth_string {
            command.env("PREFECT_API_AUTH_STRING", auth_string);
        }
        command.spawn().map(Self).map_err(|error| error.to_string())
    }
}

impl Companion for UpWorker {
    async fn stop(mut self) {
        if let Some(pid) = self.0.id().and_then(|pid| i32::try_from(pid).ok()) {
            // An error says that it has ended.
            let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
        if timeout(ENDED_BY, self.0.wait()).await.is_err() {
            tracing::warn!("the worker did not end in time; it is killed");
        }
    }
}

/// Where a server that listens everywhere is reached from the same machine.
fn reachable(address: SocketAddr) -> SocketAddr {
    let host = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(host, address.port())
}

#[cfg(test)]
mod tests {
    use super::reachable;

    #[test]
    fn a_server_that_listens_everywhere_is_reached_on_the_loopback() {
        for (listens, reached) in [
            ("0.0.0.0:4200", "127.0.0.1:4200"),
            ("[::]:4200", "[::1]:4200"),
            ("192.0.2.1:80", "192.0.2.1:80"),
        ] {
            let address = listens.parse().expect("an address");
            assert_eq!(reachable(address).to_string(), reached);
        }
    }
}
