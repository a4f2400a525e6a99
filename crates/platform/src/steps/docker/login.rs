//! The credentials of a push, for this push alone: the command line gets a configuration of its own, made of the user's,
//! so that no password stays behind in it.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

/// The name of Docker's own registry among logins.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

/// A directory for `DOCKER_CONFIG`, with `credentials` (`username`, `password`, `registry_url`) besides what the user
/// has in `usual`. It is gone when it is dropped.
pub(super) fn configuration(
    credentials: &Map<String, Value>,
    usual: Option<&Path>,
) -> Result<TempDir, String> {
    let prepare = || -> std::io::Result<TempDir> {
        let directory = tempfile::Builder::new().prefix("sluice-docker").tempdir()?;
        let content = match usual.map(|usual| std::fs::read(usual.join("config.json"))) {
            Some(Ok(text)) => serde_json::from_slice(&text).unwrap_or_default(),
            _ => Map::new(),
        };
        // Contexts and plug-ins of the command line are found beside the file.
        for shared in
            usual.into_iter().flat_map(|usual| ["contexts", "cli-plugins"].map(|name| usual.join(name)))
        {
            if let Some(name) = shared.file_name().filter(|_| shared.is_dir()) {
                std::os::unix::fs::symlink(shared.canonicalize()?, directory.path().join(name))?;
            }
        }
        let content = Value::Object(with_login(content, credentials));
        // The directory can be read by its owner alone.
        std::fs::write(directory.path().join("config.json"), content.to_string())?;
        Ok(directory)
    };
    prepare().map_err(|error| {
        format!("cannot write down the credentials of the registry for the command: {error}")
    })
}

/// Where the user's own configuration is, by the variables of the environment.
pub(super) fn usual_configuration(variable: impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    set("DOCKER_CONFIG").map(PathBuf::from).or_else(|| Some(PathBuf::from(set("HOME")?).join(".docker")))
}

fn with_login(mut content: Map<String, Value>, credentials: &Map<String, Value>) -> Map<String, Value> {
    let text = |key: &str| credentials.get(key).and_then(Value::as_str).unwrap_or_default();
    let registry = registry_of(text("registry_url"));
    // A helper program would be asked instead.
    if let Some(helpers) = content.get_mut("credHelpers").and_then(Value::as_object_mut) {
        helpers.remove(&registry);
    }
    content.remove("credsStore");
    let login = BASE64_STANDARD.encode(format!("{}:{}", text("username"), text("password")));
    let logins = content.entry("auths").or_insert_with(|| json!({}));
    if let Some(logins) = logins.as_object_mut() {
        logins.insert(registry, json!({ "auth": login }));
    }
    content
}

/// The registry as logins name it: host and port.
fn registry_of(url: &str) -> String {
    let host = url.trim().trim_start_matches("https://").trim_start_matches("http://");
    let host = host.split('/').next().unwrap_or_default();
    match host {
        "" | "docker.io" | "index.docker.io" | "registry-1.docker.io" => DOCKER_HUB.to_owned(),
        host => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{configuration, registry_of, usual_configuration};

    #[test]
    fn registries_are_named_by_their_host() {
        for (url, expected) in [
            ("registry.test:5000", "registry.test:5000"),
            ("https://registry.test/v2/", "registry.test"),
            ("http://127.0.0.1:5000", "127.0.0.1:5000"),
            ("", "https://index.docker.io/v1/"),
            ("docker.io", "https://index.docker.io/v1/"),
            ("https://index.docker.io/v1/", "https://index.docker.io/v1/"),
        ] {
            assert_eq!(registry_of(url), expected, "{url}");
        }
    }

    #[test]
    fn a_login_stands_beside_what_the_user_has_and_does_not_stay() {
        let usual = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(usual.path().join("contexts/meta")).unwrap();
        let own = json!({
            "auths": { "other.test": { "auth": "x" } }, "credsStore": "pass", "currentContext": "remote",
            "credHelpers": { "registry.test": "ecr-login", "third.test": "gcloud" },
        });
        std::fs::write(usual.path().join("config.json"), own.to_string()).unwrap();
        let credentials = json!({ "username": "ada", "password": "secret", "registry_url": "registry.test" });

        let directory = configuration(credentials.as_object().unwrap(), Some(usual.path())).unwrap();
        let path = directory.path().to_owned();
        let written: Value =
            serde_json::from_slice(&std::fs::read(path.join("config.json")).unwrap()).unwrap();
        assert_eq!(
            written,
            json!({
                "auths": { "other.test": { "auth": "x" }, "registry.test": { "auth": "YWRhOnNlY3JldA==" } },
                "currentContext": "remote", "credHelpers": { "third.test": "gcloud" },
            })
        );
        assert!(path.join("contexts/meta").is_dir());
        drop(directory);
        assert!(!path.exists());
        assert!(usual.path().join("contexts/meta").is_dir());
    }

    #[test]
    fn the_users_configuration_is_where_the_command_line_has_it() {
        let find = |variables: &[(&str, &str)]| {
            let variable = |name: &str| {
                variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
            };
            usual_configuration(variable).map(|path| path.display().to_string())
        };
        assert_eq!(find(&[("HOME", "/home/ada")]).as_deref(), Some("/home/ada/.docker"));
        assert_eq!(
            find(&[("HOME", "/home/ada"), ("DOCKER_CONFIG", "/etc/docker")]).as_deref(),
            Some("/etc/docker")
        );
        assert_eq!(find(&[]), None);
    }
}
