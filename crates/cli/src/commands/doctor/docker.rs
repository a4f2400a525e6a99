//! Whether a Docker engine answers.

use std::path::Path;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;

use super::{Check, Health};

const SOCKET: &str = "/var/run/docker.sock";
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) async fn check() -> Check {
    let host = std::env::var("DOCKER_HOST").ok().filter(|host| !host.is_empty());
    let socket = match host.as_deref() {
        None => SOCKET,
        Some(host) => match host.strip_prefix("unix://") {
            Some(path) => path,
            None => {
                let advice = "`docker info` says whether it answers";
                return Check::other("docker", Health::Absent, format!("{host}, which is not asked"), advice);
            }
        },
    };
    if !Path::new(socket).exists() {
        let advice = "install Docker, or set DOCKER_HOST, to run flows in containers here";
        return Check::other("docker", Health::Absent, format!("there is no {socket}"), advice);
    }
    match tokio::time::timeout(PATIENCE, ping(socket)).await {
        Ok(Ok(answer)) if answer.contains("200 OK") => {
            Check::ok("docker", format!("the engine at {socket} answers"))
        }
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::PermissionDenied => Check::other(
            "docker",
            Health::Warning,
            format!("{socket} is not open for this user"),
            "add the user to the group docker, and log in again",
        ),
        _ => Check::other(
            "docker",
            Health::Warning,
            format!("nobody answers at {socket}"),
            "start the engine: `systemctl start docker`",
        ),
    }
}

async fn ping(socket: &str) -> std::io::Result<String> {
    let mut stream = UnixStream::connect(socket).await?;
    stream.write_all(b"GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n").await?;
    let mut answer = vec![0; 64];
    let length = stream.read(&mut answer).await?;
    Ok(String::from_utf8_lossy(answer.get(..length).unwrap_or_default()).into_owned())
}
