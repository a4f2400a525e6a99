//! Who pulls an image: the pool's registry credentials, or what `docker login` left behind for the worker's user.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bollard::auth::DockerCredentials;
use serde::Deserialize;

use super::configuration::RegistryCredentials;
use super::image::Reference;

/// The credentials for an image's registry, and for no other: a registry must not see what is meant for another one.
pub(super) async fn credentials_for(
    image: &str,
    of_the_pool: Option<&RegistryCredentials>,
) -> Option<DockerCredentials> {
    let registry = Reference::parse(image).registry();
    if let Some(credentials) = of_the_pool {
        if host_of(&credentials.registry_url) == host_of(registry) {
            return Some(DockerCredentials {
                username: Some(credentials.username.clone()),
                password: Some(credentials.password.clone()),
                serveraddress: Some(credentials.registry_url.clone()),
                ..DockerCredentials::default()
            });
        }
        let named = &credentials.registry_url;
        tracing::warn!(
            image,
            registry,
            named,
            "the pool's registry credentials are for another registry than the image's"
        );
    }
    let registry = registry.to_owned();
    // Files and programs: not on the threads that drive the runs.
    let found = tokio::task::spawn_blocking(move || ConfigurationFile::load()?.credentials(&registry)).await;
    found.ok().flatten()
}

/// What `docker login` writes: `config.json` in the directory that `DOCKER_CONFIG` names.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ConfigurationFile {
    auths: BTreeMap<String, StoredLogin>,
    cred_helpers: BTreeMap<String, String>,
    creds_store: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct StoredLogin {
    /// User and password, separated by a colon, in base64.
    auth: String,
    identitytoken: Option<String>,
}

/// What a helper program (`docker-credential-NAME get`) answers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HelperAnswer {
    username: String,
    secret: String,
}

impl ConfigurationFile {
    fn load() -> Option<Self> {
        let directory = std::env::var_os("DOCKER_CONFIG").map(PathBuf::from);
        let directory = directory.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".docker")))?;
        let path = directory.join("config.json");
        let text = std::fs::read_to_string(&path).ok()?;
        serde_json::from_str(&text)
            .inspect_err(
                |error| tracing::warn!(path = %path.display(), %error, "cannot read Docker's configuration"),
            )
            .ok()
    }

    fn credentials(&self, registry: &str) -> Option<DockerCredentials> {
        let of_registry = |name: &str| host_of(name) == host_of(registry);
        let helper = self.cred_helpers.iter().find(|(name, _)| of_registry(name)).map(|(_, helper)| helper);
        let login = self.auths.iter().find(|(name, _)| of_registry(name));
        if let Some(helper) = helper.or(self.creds_store.as_ref()) {
            // The program is asked by the name under which the login was stored.
            let server = login.map_or_else(|| server_name(registry), |(name, _)| name.as_str());
            return ask(helper, server).map(|answer| from_helper(answer, server));
        }
        login.and_then(|(name, login)| login.credentials(name))
    }
}

impl StoredLogin {
    fn credentials(&self, server: &str) -> Option<DockerCredentials> {
        let decoded = String::from_utf8(STANDARD.decode(&self.auth).ok()?).ok()?;
        let (username, password) = decoded.split_once(':')?;
        Some(DockerCredentials {
            username: Some(username.to_owned()),
            password: Some(password.trim_end_matches('\0').to_owned()),
            serveraddress: Some(server.to_owned()),
            identitytoken: self.identitytoken.clone(),
            ..DockerCredentials::default()
        })
    }
}

fn from_helper(answer: HelperAnswer, server: &str) -> DockerCredentials {
    let mut credentials =
        DockerCredentials { serveraddress: Some(server.to_owned()), ..DockerCredentials::default() };
    // By this name a helper says that the secret is a token and no password.
    if answer.username == "<token>" {
        credentials.identitytoken = Some(answer.secret);
    } else {
        credentials.username = Some(answer.username);
        credentials.password = Some(answer.secret);
    }
    credentials
}

fn ask(helper: &str, server: &str) -> Option<HelperAnswer> {
    let program = format!("docker-credential-{helper}");
    let run = || -> std::io::Result<std::process::Output> {
        let mut child = Command::new(&program)
            .arg("get")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        if let Some(mut input) = child.stdin.take() {
            input.write_all(server.as_bytes())?;
        }
        child.wait_with_output()
    };
    match run() {
        // A helper that knows no login says so by its exit code: the pull goes on without.
        Ok(output) => serde_json::from_slice(&output.stdout).ok(),
        Err(error) => {
            tracing::warn!(program, %error, "cannot run the helper for registry logins");
            None
        }
    }
}

/// The host of a registry, however it is written: `https://index.docker.io/v1/` is `docker.io`.
fn host_of(registry: &str) -> &str {
    let rest = registry.split_once("://").map_or(registry, |(_, rest)| rest);
    match rest.split('/').next().unwrap_or(rest) {
        "index.docker.io" | "registry-1.docker.io" | "registry.hub.docker.com" => "docker.io",
        host => host,
    }
}

/// The name under which `docker login` stores a registry.
fn server_name(registry: &str) -> &str {
    if host_of(registry) == "docker.io" { "https://index.docker.io/v1/" } else { registry }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_has_one_host_however_it_is_written() {
        let cases = [
            ("docker.io", "docker.io"),
            ("index.docker.io", "docker.io"),
            ("https://index.docker.io/v1/", "docker.io"),
            ("registry.test:5000", "registry.test:5000"),
            ("http://registry.test:5000/", "registry.test:5000"),
        ];
        for (registry, expected) in cases {
            assert_eq!(host_of(registry), expected);
        }
    }

    #[tokio::test]
    async fn credentials_of_the_pool_go_to_their_registry_only() {
        let credentials = RegistryCredentials {
            username: "ada".to_owned(),
            password: "p".to_owned(),
            registry_url: "https://registry.test:5000".to_owned(),
        };
        let used = credentials_for("registry.test:5000/flows:1", Some(&credentials)).await.unwrap();
        assert_eq!((used.username.as_deref(), used.password.as_deref()), (Some("ada"), Some("p")));
        let elsewhere = credentials_for("other.test/flows:1", Some(&credentials)).await;
        assert!(elsewhere.is_none_or(|used| used.username.as_deref() != Some("ada")));
    }

    #[test]
    fn logins_of_the_docker_command_are_found() {
        let file: ConfigurationFile = serde_json::from_str(
            r#"{"auths": {"https://index.docker.io/v1/": {"auth": "YWRhOnA6cQ=="},
                          "registry.test": {"auth": "Z3JhY2U6eA==", "identitytoken": "t"},
                          "broken.test": {"auth": "???"}},
                "HttpHeaders": {}}"#,
        )
        .unwrap();
        let login = |registry| {
            let found = file.credentials(registry)?;
            Some((found.username?, found.password?, found.identitytoken))
        };
        assert_eq!(login("docker.io"), Some(("ada".to_owned(), "p:q".to_owned(), None)));
        assert_eq!(login("registry.test"), Some(("grace".to_owned(), "x".to_owned(), Some("t".to_owned()))));
        assert_eq!(login("broken.test"), None);
        assert_eq!(login("unknown.test"), None);
    }

    #[test]
    fn a_helpers_token_is_no_password() {
        let answer: HelperAnswer = serde_json::from_str(r#"{"Username": "<token>", "Secret": "t"}"#).unwrap();
        let credentials = from_helper(answer, "registry.test");
        assert_eq!((credentials.identitytoken.as_deref(), credentials.password), (Some("t"), None));
    }
}
