//! The engine: where it is, and how it is called in identifiers.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bollard::{API_DEFAULT_VERSION, Docker};

use super::errors::root_cause;

/// Where the engine listens when nothing else is said.
const DEFAULT_SOCKET: &str = "/var/run/docker.sock";

/// Seconds until an engine must have begun to answer. Pulls and waits stream for as long as they take.
const REQUEST_TIMEOUT: u64 = 120;

/// Where an engine listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EngineAddress {
    /// A socket on this machine.
    Socket(PathBuf),
    /// A host and port, without encryption.
    Http(String),
    /// A host and port, with the directory of the certificates by which both sides know each other: `ca.pem`,
    /// `cert.pem` and `key.pem`.
    Https(String, PathBuf),
}

/// The address cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("DOCKER_HOST={0:?} cannot be used: say unix:///path/to/docker.sock or tcp://host:port")]
pub struct UnusableAddress(String);

impl EngineAddress {
    /// The address that `DOCKER_HOST`, `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH` name, read as the reference's library
    /// reads them; the default socket without them. `variable` looks one up.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Self, UnusableAddress> {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let host = set("DOCKER_HOST").unwrap_or_default();
        let certificates = set("DOCKER_CERT_PATH").map(PathBuf::from);
        let uses_tls = certificates.is_some() || set("DOCKER_TLS_VERIFY").is_some();
        let certificates = || {
            certificates
                .clone()
                .unwrap_or_else(|| PathBuf::from(set("HOME").unwrap_or_default()).join(".docker"))
        };

        let text = host.trim();
        let (scheme, rest) = text.split_once("://").unwrap_or(("tcp", text));
        match scheme {
            _ if text.is_empty() => Ok(Self::Socket(PathBuf::from(DEFAULT_SOCKET))),
            "unix" | "http+unix" if rest.is_empty() => Ok(Self::Socket(PathBuf::from(DEFAULT_SOCKET))),
            // `unix://path` is taken for `unix:///path` by every client of Docker.
            "unix" | "http+unix" => Ok(Self::Socket(Path::new("/").join(rest))),
            "tcp" | "http" | "https" => {
                let is_https = scheme == "https" || (scheme == "tcp" && uses_tls);
                let authority = authority(rest, if is_https { 2376 } else { 2375 });
                let authority = authority.ok_or_else(|| UnusableAddress(host.clone()))?;
                Ok(if is_https { Self::Https(authority, certificates()) } else { Self::Http(authority) })
            }
            _ => Err(UnusableAddress(host)),
        }
    }

    fn client(&self) -> Result<Docker, bollard::errors::Error> {
        match self {
            Self::Socket(path) => {
                Docker::connect_with_socket(&path.to_string_lossy(), REQUEST_TIMEOUT, API_DEFAULT_VERSION)
            }
            Self::Http(authority) => {
                Docker::connect_with_http(&format!("tcp://{authority}"), REQUEST_TIMEOUT, API_DEFAULT_VERSION)
            }
            Self::Https(authority, certificates) => {
                // Refused when the process has one already: then that one is used.
                let _ = rustls::crypto::ring::default_provider().install_default();
                Docker::connect_with_ssl(
                    &format!("tcp://{authority}"),
                    &certificates.join("key.pem"),
                    &certificates.join("cert.pem"),
                    &certificates.join("ca.pem"),
                    REQUEST_TIMEOUT,
                    API_DEFAULT_VERSION,
                )
            }
        }
    }

    /// How identifiers call this engine. A socket and a loopback address are the same on every machine, so they give way
    /// to the name of the engine's host: a worker elsewhere must see that the container is not its own.
    fn name(&self, host: &str) -> String {
        let public = |authority: &str| match authority.rsplit_once(':') {
            Some((name, port)) if is_loopback(name) => format!("{host}:{port}"),
            _ => authority.to_owned(),
        };
        match self {
            Self::Socket(_) => format!("http+docker://{host}"),
            Self::Http(authority) => format!("http://{}", public(authority)),
            Self::Https(authority, _) => format!("https://{}", public(authority)),
        }
    }
}

impl std::fmt::Display for EngineAddress {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Socket(path) => write!(formatter, "unix://{}", path.display()),
            Self::Http(authority) => write!(formatter, "tcp://{authority}"),
            Self::Https(authority, _) => write!(formatter, "https://{authority}"),
        }
    }
}

/// A host and its port; `None` if there is more in the text, or no host.
fn authority(text: &str, default_port: u16) -> Option<String> {
    let url = url::Url::parse(&format!("http://{text}")).ok()?;
    let is_plain = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    // A URL forgets the port 80, which its own scheme would mean.
    let port =
        url.port().unwrap_or(if text.trim_end_matches('/').ends_with(":80") { 80 } else { default_port });
    is_plain.then(|| format!("{}:{port}", url.host_str().unwrap_or_default()))
}

/// Whether a host of a URL means the machine that reads it.
pub(super) fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// An engine that answered.
#[derive(Clone)]
pub(super) struct Engine {
    /// The client, with the version of the API that both sides speak.
    pub docker: Docker,
    /// Where it listens, for messages.
    pub address: EngineAddress,
    /// How identifiers call it.
    pub name: String,
    /// What it calls itself: another one for every engine, also on one machine.
    pub id: String,
}

/// Nobody answers at the address.
#[derive(Debug, thiserror::Error)]
#[error("cannot reach Docker at {address}: {cause}; start it or set DOCKER_HOST")]
pub struct Unreachable {
    address: EngineAddress,
    cause: String,
}

impl Unreachable {
    pub(super) fn new(address: &EngineAddress, error: &bollard::errors::Error) -> Self {
        Self { address: address.clone(), cause: root_cause(error) }
    }
}

impl Engine {
    /// Asks the engine who it is and which version of the API it speaks.
    pub async fn connect(address: &EngineAddress) -> Result<Self, Unreachable> {
        let unreachable = |error| Unreachable::new(address, &error);
        let docker = address.client().map_err(unreachable)?.negotiate_version().await.map_err(unreachable)?;
        let info = docker.info().await.map_err(unreachable)?;
        let name = address.name(info.name.as_deref().unwrap_or("localhost"));
        let id = info.id.filter(|id| !id.is_empty()).unwrap_or_else(|| name.clone());
        Ok(Self { docker, address: address.clone(), name, id })
    }

    /// A client that waits this much longer than usual for an answer to begin.
    pub fn patient(&self, longer: Duration) -> Docker {
        let timeout = Duration::from_secs(REQUEST_TIMEOUT).saturating_add(longer);
        self.docker.clone().with_timeout(timeout)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_from_the_environment() {
        let socket = |path: &str| Ok(EngineAddress::Socket(PathBuf::from(path)));
        let http = |authority: &str| Ok(EngineAddress::Http(authority.to_owned()));
        let https =
            |authority: &str, path: &str| Ok(EngineAddress::Https(authority.to_owned(), PathBuf::from(path)));
        let unusable = |text: &str| Err(UnusableAddress(text.to_owned()));
        let tls: &'static [(&'static str, &'static str)] =
            &[("DOCKER_TLS_VERIFY", "1"), ("HOME", "/home/ada")];
        type Variables = &'static [(&'static str, &'static str)];
        let cases: &[(&str, Variables, Result<EngineAddress, UnusableAddress>)] = &[
            ("", &[], socket("/var/run/docker.sock")),
            ("unix://", &[], socket("/var/run/docker.sock")),
            ("unix:///run/user/7/docker.sock", &[], socket("/run/user/7/docker.sock")),
            ("unix://run/docker.sock", &[], socket("/run/docker.sock")),
            ("tcp://10.0.0.7:2375", &[], http("10.0.0.7:2375")),
            ("tcp://10.0.0.7:80", &[], http("10.0.0.7:80")),
            ("tcp://build-7", &[], http("build-7:2375")),
            ("10.0.0.7:4000", &[], http("10.0.0.7:4000")),
            ("http://[::1]:2375/", &[], http("[::1]:2375")),
            ("tcp://build-7", tls, https("build-7:2376", "/home/ada/.docker")),
            ("tcp://build-7:9", &[("DOCKER_CERT_PATH", "/certs")], https("build-7:9", "/certs")),
            ("https://build-7:9", &[("DOCKER_CERT_PATH", "/certs")], https("build-7:9", "/certs")),
            ("tcp://build-7:9", &[("DOCKER_TLS_VERIFY", "")], http("build-7:9")),
            ("ssh://ada@build-7", &[], unusable("ssh://ada@build-7")),
            ("npipe:////./pipe/docker_engine", &[], unusable("npipe:////./pipe/docker_engine")),
            ("tcp://build-7:2375/v1.41?x=1", &[], unusable("tcp://build-7:2375/v1.41?x=1")),
            ("tcp://", &[], unusable("tcp://")),
        ];
        for (host, others, expected) in cases {
            let variable = |name: &str| {
                let all = others.iter().copied().chain([("DOCKER_HOST", *host)]);
                all.into_iter().find(|(other, _)| *other == name).map(|(_, value)| value.to_owned())
            };
            assert_eq!(EngineAddress::from_environment(variable), *expected, "{host} {others:?}");
        }
    }

    #[test]
    fn an_engine_is_called_so_that_other_machines_do_not_take_it_for_theirs() {
        let cases = [
            (EngineAddress::Socket(PathBuf::from("/var/run/docker.sock")), "http+docker://build-7"),
            (EngineAddress::Http("10.0.0.7:2375".to_owned()), "http://10.0.0.7:2375"),
            (EngineAddress::Http("localhost:2375".to_owned()), "http://build-7:2375"),
            (EngineAddress::Https("[::1]:2376".to_owned(), PathBuf::new()), "https://build-7:2376"),
        ];
        for (address, expected) in cases {
            assert_eq!(address.name("build-7"), expected);
        }
    }

    #[tokio::test]
    async fn where_nobody_answers_the_error_says_what_to_do() {
        let address = EngineAddress::Socket(PathBuf::from("/nowhere/docker.sock"));
        let error = Engine::connect(&address).await.err().map(|error| error.to_string());
        let expected = "cannot reach Docker at unix:///nowhere/docker.sock: there is no such socket; \
                        start it or set DOCKER_HOST";
        assert_eq!(error.as_deref(), Some(expected));
    }
}
