//! Which server is meant, and who asks: from the environment and from the profiles that Prefect's own command line
//! writes, so that an existing login just works.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use url::Url;

/// The server that a command speaks with when nothing says another one.
const DEFAULT_API: &str = "http://127.0.0.1:4200/api";

/// A server and the credentials for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The address of the API, without a slash at its end: `http://127.0.0.1:4200/api`.
    pub api: Url,
    /// Who asks.
    pub credentials: Credentials,
    /// Headers that are sent with every request (`PREFECT_CLIENT_CUSTOM_HEADERS`).
    pub headers: BTreeMap<String, String>,
}

/// Who asks.
#[derive(Clone, PartialEq, Eq, Default)]
pub enum Credentials {
    /// Nobody in particular.
    #[default]
    None,
    /// `user:password` of a server that is protected by one (`PREFECT_API_AUTH_STRING`).
    AuthString(String),
    /// A key (`PREFECT_API_KEY`).
    ApiKey(String),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::None => "None",
            Self::AuthString(_) => "AuthString(***)",
            Self::ApiKey(_) => "ApiKey(***)",
        })
    }
}

/// The server cannot be told from what is set.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The address is none.
    #[error(
        "{setting} is not an address of an API: {value:?} ({cause}); it looks like http://127.0.0.1:4200/api"
    )]
    BadUrl {
        /// What says it.
        setting: String,
        /// Its value.
        value: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The file of profiles cannot be read.
    #[error("cannot read the profiles in {}: {cause}", path.display())]
    BadProfiles {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// A profile was asked for that does not exist.
    #[error("there is no profile {name:?} in {}; `sluice profile ls` shows those that there are", path.display())]
    NoSuchProfile {
        /// Its name.
        name: String,
        /// The file.
        path: PathBuf,
    },
}

/// The profiles of a user: named sets of settings, one of which is in use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Profiles {
    /// The one that is used when nothing says another one.
    pub active: Option<String>,
    /// The settings of each, by the names of Prefect's variables (`PREFECT_API_URL`).
    pub profiles: BTreeMap<String, BTreeMap<String, String>>,
}

impl Profiles {
    /// Reads a file such as `~/.prefect/profiles.toml`; one that does not exist has no profiles.
    pub fn read(path: &Path) -> Result<Self, TargetError> {
        let bad = |cause: String| TargetError::BadProfiles { path: path.to_owned(), cause };
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(bad(error.to_string())),
        };
        Self::parse(&text).map_err(|error| bad(error.message().to_owned()))
    }

    fn parse(text: &str) -> Result<Self, toml::de::Error> {
        let document: toml::Table = text.parse()?;
        let active = document.get("active").and_then(|name| name.as_str()).map(str::to_owned);
        let tables = document.get("profiles").and_then(toml::Value::as_table);
        let settings =
            |table: &toml::Table| table.iter().map(|(name, value)| (name.clone(), plain(value))).collect();
        let profiles = tables
            .into_iter()
            .flatten()
            .filter_map(|(name, table)| Some((name.clone(), settings(table.as_table()?))))
            .collect();
        Ok(Self { active, profiles })
    }
}

/// A setting as the environment would say it.
fn plain(value: &toml::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl Target {
    /// The server that `api` names, without credentials.
    pub fn at(api: &str) -> Result<Self, TargetError> {
        Ok(Self {
            api: parse_api("the address", api)?,
            credentials: Credentials::None,
            headers: BTreeMap::new(),
        })
    }

    /// Finds the server: `environment` looks a variable up. `SLUICE_API_URL` and `SLUICE_API_KEY` come first, then the
    /// variables of Prefect, then the profile in use (`profile`, `PREFECT_PROFILE`, or the active one) of
    /// `PREFECT_PROFILES_PATH`, by default `profiles.toml` in `PREFECT_HOME`, by default `~/.prefect`.
    pub fn find(
        environment: impl Fn(&str) -> Option<String>,
        profile: Option<&str>,
    ) -> Result<Self, TargetError> {
        let environment = |name: &str| environment(name).filter(|value| !value.is_empty());
        let settings = profile_settings(&environment, profile)?;
        let find = |names: &[&str]| {
            let set = names.iter().find_map(|name| Some(((*name).to_owned(), environment(name)?)));
            set.or_else(|| {
                names.iter().find_map(|name| Some(((*name).to_owned(), settings.get(*name)?.clone())))
            })
        };
        let (setting, url) = find(&["SLUICE_API_URL", "PREFECT_API_URL"])
            .unwrap_or_else(|| ("the default address".to_owned(), DEFAULT_API.to_owned()));
        let credentials = if let Some((_, text)) = find(&["PREFECT_API_AUTH_STRING"]) {
            Credentials::AuthString(text)
        } else if let Some((_, key)) = find(&["SLUICE_API_KEY", "PREFECT_API_KEY"]) {
            Credentials::ApiKey(key)
        } else {
            Credentials::None
        };
        let headers = find(&["PREFECT_CLIENT_CUSTOM_HEADERS"])
            .and_then(|(_, text)| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        Ok(Self { api: parse_api(&setting, &url)?, credentials, headers })
    }

    /// A setting, by the names that it has had: of the environment, else of the profile in use.
    pub fn setting(
        environment: impl Fn(&str) -> Option<String>,
        profile: Option<&str>,
        names: &[&str],
    ) -> Result<Option<String>, TargetError> {
        let environment = |name: &str| environment(name).filter(|value| !value.is_empty());
        if let Some(value) = names.iter().find_map(|name| environment(name)) {
            return Ok(Some(value));
        }
        let settings = profile_settings(&environment, profile)?;
        Ok(names.iter().find_map(|name| settings.get(*name).cloned()))
    }

    /// The variables that lead Prefect's SDK to the same server with the same credentials.
    pub fn to_environment(&self) -> BTreeMap<String, String> {
        let mut environment = BTreeMap::new();
        let mut set = |name: &str, value: String| environment.insert(name.to_owned(), value);
        set("PREFECT_API_URL", self.api.as_str().trim_end_matches('/').to_owned());
        match &self.credentials {
            Credentials::None => {}
            Credentials::AuthString(text) => {
                set("PREFECT_API_AUTH_STRING", text.clone());
            }
            Credentials::ApiKey(key) => {
                set("PREFECT_API_KEY", key.clone());
            }
        }
        if !self.headers.is_empty() {
            let headers = serde_json::Value::from_iter(self.headers.clone());
            set("PREFECT_CLIENT_CUSTOM_HEADERS", headers.to_string());
        }
        environment
    }

    /// The file that holds the profiles.
    pub fn profiles_path(environment: impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
        let home = || environment("HOME").map(|home| Path::new(&home).join(".prefect"));
        environment("PREFECT_PROFILES_PATH").map(PathBuf::from).or_else(|| {
            let home = environment("PREFECT_HOME").map(PathBuf::from).or_else(home)?;
            Some(home.join("profiles.toml"))
        })
    }

    /// The address of a path of the API.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.api.as_str().trim_end_matches('/'))
    }

    /// The address of a WebSocket of the API.
    pub(crate) fn websocket_url(&self, path: &str) -> String {
        let url = self.url(path);
        url.strip_prefix("http").map_or_else(|| url.clone(), |rest| format!("ws{rest}"))
    }
}

fn profile_settings(
    environment: &impl Fn(&str) -> Option<String>,
    profile: Option<&str>,
) -> Result<BTreeMap<String, String>, TargetError> {
    let Some(path) = Target::profiles_path(environment) else {
        return Ok(BTreeMap::new());
    };
    let profiles = Profiles::read(&path)?;
    let asked_for = profile.map(str::to_owned).or_else(|| environment("PREFECT_PROFILE"));
    let Some(name) = asked_for.clone().or(profiles.active) else {
        return Ok(BTreeMap::new());
    };
    match profiles.profiles.get(&name) {
        Some(settings) => Ok(settings.clone()),
        // The client of the reference knows some profiles by itself, such as `ephemeral`.
        None if asked_for.is_none() || name == "ephemeral" => Ok(BTreeMap::new()),
        None => Err(TargetError::NoSuchProfile { name, path }),
    }
}

fn parse_api(setting: &str, value: &str) -> Result<Url, TargetError> {
    let bad = |cause: &str| TargetError::BadUrl {
        setting: setting.to_owned(),
        value: value.to_owned(),
        cause: cause.to_owned(),
    };
    let url = Url::parse(value.trim_end_matches('/')).map_err(|error| bad(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(bad("it begins with http:// or https://"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use super::{Credentials, Profiles, Target};

    fn find(variables: &[(&str, &str)], profile: Option<&str>) -> Result<Target, String> {
        let variables: BTreeMap<&str, &str> = variables.iter().copied().collect();
        Target::find(|name| variables.get(name).map(|value| (*value).to_owned()), profile)
            .map_err(|error| error.to_string())
    }

    fn profiles(directory: &Path) -> String {
        let path = directory.join("profiles.toml");
        let text = r#"
active = "work"

[profiles.work]
PREFECT_API_URL = "https://work.example.com/api/"
PREFECT_API_AUTH_STRING = "user:secret"

[profiles.other]
PREFECT_API_URL = "http://other:4200/api"
"#;
        std::fs::write(&path, text).expect("a file");
        path.display().to_string()
    }

    #[test]
    fn the_server_is_the_one_that_is_nearest_at_hand() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = profiles(directory.path());
        let file = ("PREFECT_PROFILES_PATH", path.as_str());
        let cases = [
            (vec![], None, "http://127.0.0.1:4200/api"),
            (vec![file], None, "https://work.example.com/api"),
            (vec![file, ("PREFECT_PROFILE", "other")], None, "http://other:4200/api"),
            (vec![file, ("PREFECT_PROFILE", "work")], Some("other"), "http://other:4200/api"),
            (vec![file, ("PREFECT_API_URL", "http://here/api")], None, "http://here/api"),
            (
                vec![("PREFECT_API_URL", "http://a/api"), ("SLUICE_API_URL", "http://b/api")],
                None,
                "http://b/api",
            ),
        ];
        for (variables, profile, expected) in cases {
            let target = find(&variables, profile).expect("a server");
            assert_eq!(target.api.as_str(), expected, "{variables:?}");
        }
        let target = find(&[file], None).expect("a server");
        assert_eq!(target.credentials, Credentials::AuthString("user:secret".to_owned()));
        assert!(!format!("{target:?}").contains("secret"));
        assert_eq!(target.websocket_url("/events/in"), "wss://work.example.com/api/events/in");
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = profiles(directory.path());
        let cases = [
            (vec![("PREFECT_API_URL", "nonsense")], None, "PREFECT_API_URL is not an address of an API"),
            (vec![("PREFECT_API_URL", "ftp://a/api")], None, "it begins with http:// or https://"),
            (
                vec![("PREFECT_PROFILES_PATH", path.as_str())],
                Some("missing"),
                "there is no profile \"missing\"",
            ),
        ];
        for (variables, profile, expected) in cases {
            let error = find(&variables, profile).expect_err("an error");
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn profiles_keep_what_is_not_text_too() {
        let profiles = Profiles::parse("[profiles.a]\nPREFECT_API_ENABLE_HTTP2 = true\n").expect("profiles");
        assert_eq!(profiles.active, None);
        assert_eq!(profiles.profiles["a"]["PREFECT_API_ENABLE_HTTP2"], "true");
    }
}
