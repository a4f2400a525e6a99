//! Finds each setting's value and what it means.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sluice_api::ApiSettings;
use sluice_delivery::{Deliverer, DeliveryOptions, MailServer, MailTls, PrivateAddresses};
use sluice_orchestration::slots::SlotSettings;
use sluice_secrets::{KeyRing, SecretsError};
use sluice_services::ServiceSettings;
use sluice_store::{DatabaseUrl, StoreError, StoreOptions};
use sluice_wire::time::TimeDelta;

use super::{Kind, SETTINGS, Setting};
use crate::{SecretKeys, ServerOptions};

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// A value cannot be read.
    #[error("{name} ({origin}): `{value}` is not {expected}")]
    Invalid {
        /// The setting.
        name: String,
        /// Where the value was found.
        origin: String,
        /// What was found.
        value: String,
        /// What was expected.
        expected: &'static str,
    },
    /// The file names a setting that does not exist.
    #[error("{file}: there is no setting `{name}`; `sluice server settings` lists all of them")]
    Unknown {
        /// The file.
        file: String,
        /// What it names.
        name: String,
    },
    /// The file cannot be read.
    #[error("{file}: {cause}")]
    File {
        /// The file.
        file: String,
        /// Why.
        cause: String,
    },
    /// The database URL is wrong.
    #[error(transparent)]
    Database(#[from] StoreError),
    /// The keys for secrets cannot be read.
    #[error("secrets-key: {0}")]
    SecretsKey(#[from] SecretsError),
    /// One setting means nothing without another.
    #[error("{name} is set, but {needs} is not: set both or none")]
    Incomplete {
        /// The setting.
        name: &'static str,
        /// What it needs.
        needs: &'static str,
    },
    /// There is no home directory.
    #[error("cannot tell where to keep data: set SLUICE_HOME to a directory")]
    NoHome,
}

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `--name value`
    CommandLine,
    /// This variable.
    Environment(String),
    /// The settings file.
    File(String),
    /// Nobody said anything.
    Default,
}

impl Source {
    fn describe(&self, setting: &Setting) -> String {
        match self {
            Self::CommandLine => format!("from --{}", setting.name),
            Self::Environment(variable) => format!("from {variable}"),
            Self::File(file) => format!("from {file}"),
            Self::Default => "the default".to_owned(),
        }
    }
}

/// For people: where the value was found.
impl std::fmt::Display for Source {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CommandLine => formatter.write_str("command line"),
            Self::Environment(name) | Self::File(name) => formatter.write_str(name),
            Self::Default => formatter.write_str("default"),
        }
    }
}

/// The value of every setting, as text, with its source.
#[derive(Debug, Clone)]
pub struct Settings {
    values: BTreeMap<&'static str, (String, Source)>,
    home: PathBuf,
}

impl Settings {
    /// Finds all values. `arguments`: what was given on the command line, by name. `environment`: how to read a
    /// variable. `file`: a settings file that must exist; without one, `sluice.toml` in the home directory is
    /// read when it is there.
    pub fn load(
        arguments: &BTreeMap<String, String>,
        environment: impl Fn(&str) -> Option<String>,
        file: Option<&Path>,
    ) -> Result<Self, SettingsError> {
        let home = arguments
            .get("home")
            .cloned()
            .or_else(|| environment("SLUICE_HOME"))
            .map(PathBuf::from)
            .or_else(|| environment("HOME").map(|home| PathBuf::from(home).join(".sluice")))
            .ok_or(SettingsError::NoHome)?;
        let from_file = match file {
            Some(file) => read_file(file)?,
            None => {
                let file = home.join("sluice.toml");
                if file.exists() { read_file(&file)? } else { BTreeMap::new() }
            }
        };
        let file_name = file.unwrap_or(&home.join("sluice.toml")).display().to_string();
        if let Some(name) =
            from_file.keys().find(|name| SETTINGS.iter().all(|setting| setting.name != **name))
        {
            return Err(SettingsError::Unknown { file: file_name, name: name.clone() });
        }
        let mut values = BTreeMap::new();
        for setting in SETTINGS {
            let variable = setting.variable();
            let found = if let Some(value) = arguments.get(setting.name) {
                Some((value.clone(), Source::CommandLine))
            } else if let Some(value) = environment(&variable) {
                Some((value, Source::Environment(variable)))
            } else if let Some((variable, value)) =
                setting.accepts.and_then(|name| environment(name).map(|value| (name, value)))
            {
                Some((value, Source::Environment(variable.to_owned())))
            } else {
                from_file.get(setting.name).map(|value| (value.clone(), Source::File(file_name.clone())))
            };
            let (value, source) = found.unwrap_or_else(|| (setting.default.to_owned(), Source::Default));
            check(setting, &value, &source)?;
            values.insert(setting.name, (value, source));
        }
        Ok(Self { values, home })
    }

    /// The text of a setting; `None` when it is not set.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(|(value, _)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// Every setting with its value as people may see it and the value's source: secrets and passwords are
    /// hidden, and what follows from other settings is filled in.
    pub fn shown(&self) -> impl Iterator<Item = (&'static Setting, String, &Source)> {
        SETTINGS.iter().filter_map(|setting| {
            let (value, source) = self.values.get(setting.name)?;
            let shown = match (setting.name, setting.kind) {
                ("home", _) => self.home.display().to_string(),
                ("database-url", _) if value.is_empty() => {
                    format!("sqlite:///{}", self.home.join("sluice.db").display())
                }
                ("database-url", _) => without_password(value),
                (_, Kind::Secret) if !value.is_empty() => "***".to_owned(),
                _ => value.clone(),
            };
            Some((setting, shown, source))
        })
    }

    /// Where the database is.
    pub fn database(&self) -> Result<DatabaseUrl, SettingsError> {
        match self.get("database-url") {
            Some(url) => Ok(url.parse()?),
            None => Ok(DatabaseUrl::Sqlite(self.home.join("sluice.db"))),
        }
    }

    /// How much the store may use.
    pub fn store_options(&self) -> StoreOptions {
        StoreOptions {
            reader_threads: self.count("database-reader-threads").max(1),
            connections: self.count("database-connections").max(2),
        }
    }

    /// Where the keys for secrets are.
    pub fn secret_keys(&self) -> Result<SecretKeys, SettingsError> {
        match self.get("secrets-key") {
            Some(text) => Ok(SecretKeys::Given(Arc::new(KeyRing::parse(text)?))),
            None => Ok(SecretKeys::File(self.home.join("secrets.key"))),
        }
    }

    /// Everything that a server is started with.
    pub fn server_options(&self) -> Result<ServerOptions, SettingsError> {
        let integer = |name: &str| self.integer(name);
        let slots = SlotSettings {
            tag_wait_seconds: self.seconds("tag-slot-wait-seconds").as_secs_f64(),
            maximum_wait_seconds: self.seconds("slot-wait-seconds").as_secs_f64(),
        };
        let api = ApiSettings {
            default_limit: integer("default-limit"),
            max_body_bytes: self.count("max-body-bytes"),
            max_parameter_bytes: self.count("max-parameter-bytes"),
            auth_string: self.get("auth-string").map(str::to_owned),
            csrf_enabled: self.bool("csrf-enabled"),
            csrf_token_seconds: self.seconds("csrf-token-seconds").as_micros() / 1_000_000,
            slots,
            orchestration: sluice_orchestration::Settings {
                slots,
                initial_deployment_lease_duration: self.seconds("deployment-lease-seconds"),
                deployment_slot_wait: self.seconds("deployment-slot-wait-seconds"),
                cancelling_timeout: Some(self.seconds("cancelling-timeout-seconds")),
                ..sluice_orchestration::Settings::default()
            },
        };
        let services = ServiceSettings {
            disabled: self.words("services-disabled"),
            scheduler_period: self.seconds("scheduler-loop-seconds"),
            scheduler_min_runs: self.count("scheduler-min-runs"),
            scheduler_max_runs: self.count("scheduler-max-runs"),
            scheduler_min_scheduled_time: self.seconds("scheduler-min-scheduled-seconds"),
            scheduler_max_scheduled_time: self.seconds("scheduler-max-scheduled-seconds"),
            late_runs_after: self.seconds("late-runs-after-seconds"),
            foreman_period: self.seconds("foreman-loop-seconds"),
            last_polled_timeout: self.seconds("last-polled-timeout-seconds"),
            worker_missed_heartbeats: integer("worker-missed-heartbeats"),
            worker_heartbeat_interval: self.seconds("worker-heartbeat-seconds"),
            cancelling_timeout: self.seconds("cancelling-timeout-seconds"),
            flow_run_heartbeat_interval: self.seconds("flow-run-heartbeat-seconds"),
            flow_run_missed_heartbeats: integer("flow-run-missed-heartbeats"),
            zombie_runs_after: self.seconds("zombie-runs-after-seconds"),
            zombie_runs_unheard: self.bool("zombie-runs-unheard"),
            stranded_runs_claim: self.seconds("stranded-runs-claim-seconds"),
            stranded_runs_infrastructure: self.seconds("stranded-runs-infrastructure-seconds"),
            stranded_runs_despite_worker: self
                .get("stranded-runs-despite-worker-seconds")
                .map(|_| self.seconds("stranded-runs-despite-worker-seconds")),
            stranded_runs_hand_outs: integer("stranded-runs-hand-outs"),
            slots,
            event_retention: self.seconds("event-retention-seconds"),
            run_retention: self.get("run-retention-seconds").map(|_| self.seconds("run-retention-seconds")),
            incident_retention: self
                .get("incident-retention-seconds")
                .map(|_| self.seconds("incident-retention-seconds")),
            retention_batch: integer("retention-batch"),
            secrets: None,
            events: None,
            ui_url: String::new(),
            deliverer: Arc::new(self.deliverer()?),
            endpoints: sluice_notifications::Endpoints::default(),
        };
        Ok(ServerOptions {
            host: self.get("host").unwrap_or("127.0.0.1").to_owned(),
            port: u16::try_from(integer("port")).unwrap_or(0),
            database: self.database()?,
            migrate: self.bool("database-migrate-on-start"),
            metrics: self.bool("metrics-enabled"),
            secret_keys: self.secret_keys()?,
            store: self.store_options(),
            api,
            services: Arc::new(services),
        })
    }

    /// What brings messages out.
    fn deliverer(&self) -> Result<Deliverer, SettingsError> {
        let mail_server = match (self.get("smtp-host"), self.get("smtp-from")) {
            (None, _) => None,
            (Some(_), None) => {
                return Err(SettingsError::Incomplete { name: "smtp-host", needs: "smtp-from" });
            }
            (Some(host), Some(from)) => {
                let tls = self.get("smtp-tls").and_then(MailTls::parse).unwrap_or_default();
                let port = self.get("smtp-port").and_then(|port| port.parse().ok());
                let user = self.get("smtp-user").map(str::to_owned);
                let password = self.get("smtp-password").unwrap_or_default();
                Some(MailServer {
                    host: host.to_owned(),
                    port: port.unwrap_or_else(|| tls.default_port()),
                    tls,
                    credentials: user.map(|user| (user, password.to_owned())),
                    from: from.to_owned(),
                })
            }
        };
        let private_addresses = self.get("notifications-private-addresses").and_then(PrivateAddresses::parse);
        Ok(Deliverer::new(DeliveryOptions {
            private_addresses: private_addresses.unwrap_or_default(),
            mail_server,
            ..DeliveryOptions::default()
        }))
    }

    // The values were checked when they were loaded: what cannot be read is not there.

    fn integer(&self, name: &str) -> i64 {
        self.get(name).and_then(|value| value.parse().ok()).unwrap_or(0)
    }

    fn count(&self, name: &str) -> usize {
        usize::try_from(self.integer(name)).unwrap_or(0)
    }

    fn bool(&self, name: &str) -> bool {
        self.get(name).and_then(parse_bool).unwrap_or(false)
    }

    fn seconds(&self, name: &str) -> TimeDelta {
        self.get(name).and_then(parse_seconds).unwrap_or(TimeDelta::ZERO)
    }

    fn words(&self, name: &str) -> Vec<String> {
        let words = self.get(name).unwrap_or_default().split(',').map(str::trim);
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }
}

/// `scheme://user:***@host/...`
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return "***".to_owned() };
    // A password may hold an `@` that nobody escaped: the last one ends it.
    let shown = match rest.rsplit_once('@') {
        Some((credentials, place)) => {
            let user = credentials.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}:***@{place}")
        }
        None => url.to_owned(),
    };
    // The driver of the database also reads a password from the query.
    match shown.find("password=") {
        Some(start) => format!("{}password=***", &shown[..start]),
        None => shown,
    }
}

fn read_file(path: &Path) -> Result<BTreeMap<String, String>, SettingsError> {
    let file = path.display().to_string();
    let text = std::fs::read_to_string(path)
        .map_err(|error| SettingsError::File { file: file.clone(), cause: error.to_string() })?;
    let table: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| SettingsError::File { file, cause: error.to_string() })?;
    let as_text = |value: toml::Value| match value {
        toml::Value::String(text) => text,
        toml::Value::Array(items) => items
            .into_iter()
            .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
            .collect::<Vec<_>>()
            .join(","),
        other => other.to_string(),
    };
    Ok(table.into_iter().map(|(name, value)| (name.replace('_', "-"), as_text(value))).collect())
}

fn check(setting: &Setting, value: &str, source: &Source) -> Result<(), SettingsError> {
    let (is_valid, expected) = match setting.kind {
        Kind::Text if setting.name == "smtp-tls" => {
            (MailTls::parse(value).is_some(), "starttls, implicit or none")
        }
        Kind::Text if setting.name == "notifications-private-addresses" => {
            (PrivateAddresses::parse(value).is_some(), "by-block, never or always")
        }
        Kind::Text | Kind::Secret | Kind::Words => (true, "text"),
        Kind::Bool => (parse_bool(value).is_some(), "true or false"),
        Kind::Integer if setting.name == "smtp-port" => (
            value.is_empty() || value.parse::<u16>().is_ok_and(|port| port > 0),
            "a port between 1 and 65535",
        ),
        Kind::Integer if setting.name == "port" => {
            (value.parse::<u16>().is_ok(), "a port between 0 and 65535")
        }
        Kind::Integer => {
            (value.parse::<i64>().is_ok_and(|number| number >= 0), "a whole number of at least 0")
        }
        Kind::Seconds => (
            value.is_empty() || parse_seconds(value).is_some_and(|span| span >= TimeDelta::ZERO),
            "a number of seconds of at least 0",
        ),
    };
    if is_valid {
        return Ok(());
    }
    let shown = if setting.kind == Kind::Secret { "***" } else { value };
    Err(SettingsError::Invalid {
        name: setting.name.to_owned(),
        origin: source.describe(setting),
        value: shown.to_owned(),
        expected,
    })
}

fn parse_bool(value: &str) -> Option<bool> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Some(true),
        "false" | "0" | "no" | "off" => Some(false),
        _ => None,
    }
}

fn parse_seconds(value: &str) -> Option<TimeDelta> {
    let json = if value.parse::<f64>().is_ok() { value.to_owned() } else { format!("\"{value}\"") };
    serde_json::from_str(&json).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{SETTINGS, Settings, SettingsError};

    fn load(arguments: &[(&str, &str)], environment: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let arguments: BTreeMap<String, String> =
            arguments.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let environment: BTreeMap<String, String> =
            environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Settings::load(&arguments, |name| environment.get(name).cloned(), None)
    }

    const HOME: (&str, &str) = ("SLUICE_HOME", "/nonexistent/home");

    #[test]
    fn the_command_line_comes_before_the_environment_before_the_default() {
        let port = |arguments: &[(&str, &str)], environment: &[(&str, &str)]| {
            load(arguments, environment).expect("valid").get("port").map(str::to_owned)
        };
        let both = [HOME, ("SLUICE_PORT", "2"), ("PREFECT_SERVER_API_PORT", "3")];
        assert_eq!(port(&[("port", "1")], &both).as_deref(), Some("1"));
        assert_eq!(port(&[], &both).as_deref(), Some("2"));
        assert_eq!(port(&[], &[HOME, both[2]]).as_deref(), Some("3"));
        assert_eq!(port(&[], &[HOME]).as_deref(), Some("4200"));
    }

    #[test]
    fn what_is_shown_holds_no_password() {
        let shown = |environment: &[(&str, &str)], name: &str| {
            let settings = load(&[], environment).expect("valid");
            let found = settings.shown().find(|(setting, ..)| setting.name == name);
            found.map(|(_, value, source)| format!("{value} ({source})")).expect("every setting is shown")
        };
        for (variable, value, name, expected) in [
            ("SLUICE_AUTH_STRING", "admin:secret", "auth-string", "*** (SLUICE_AUTH_STRING)"),
            ("SLUICE_PORT", "5000", "port", "5000 (SLUICE_PORT)"),
            (
                "SLUICE_DATABASE_URL",
                "postgres://sluice:sec@ret@db:5432/sluice",
                "database-url",
                "postgres://sluice:***@db:5432/sluice (SLUICE_DATABASE_URL)",
            ),
            (
                "SLUICE_DATABASE_URL",
                "postgres://db/sluice?user=sluice&password=secret",
                "database-url",
                "postgres://db/sluice?user=sluice&password=*** (SLUICE_DATABASE_URL)",
            ),
        ] {
            assert_eq!(shown(&[HOME, (variable, value)], name), expected);
        }
        assert_eq!(shown(&[HOME], "database-url"), "sqlite:////nonexistent/home/sluice.db (default)");
        assert_eq!(shown(&[HOME], "auth-string"), " (default)");
    }

    #[test]
    fn a_wrong_value_names_its_setting_and_its_source() {
        let error = load(&[], &[HOME, ("PREFECT_SERVER_API_PORT", "many")]).expect_err("no port");
        assert_eq!(
            error.to_string(),
            "port (from PREFECT_SERVER_API_PORT): `many` is not a port between 0 and 65535"
        );
    }

    #[test]
    fn a_mail_server_needs_a_sender_and_has_a_usual_port() {
        let smtp = |more: &[(&str, &str)]| {
            let arguments = [&[("smtp-host", "mail.example.com")], more].concat();
            load(&arguments, &[HOME]).and_then(|settings| settings.server_options())
        };
        assert_eq!(
            smtp(&[]).expect_err("no sender").to_string(),
            "smtp-host is set, but smtp-from is not: set both or none"
        );
        for (more, port, credentials) in [
            (&[][..], 587, None),
            (&[("smtp-tls", "implicit"), ("smtp-user", "u"), ("smtp-password", "p")], 465, Some(("u", "p"))),
            (&[("smtp-tls", "none"), ("smtp-port", "2525")], 2525, None),
        ] {
            let options = smtp(&[&[("smtp-from", "a@b.c")], more].concat()).expect("valid");
            let server = options.services.deliverer.mail_server().expect("a mail server").clone();
            assert_eq!((server.port, server.from.as_str()), (port, "a@b.c"));
            let found =
                server.credentials.as_ref().map(|(user, password)| (user.as_str(), password.as_str()));
            assert_eq!(found, credentials);
        }
        for (name, value, expected) in [
            ("smtp-tls", "ssl", "starttls, implicit or none"),
            ("smtp-port", "0", "a port between 1 and 65535"),
            ("notifications-private-addresses", "maybe", "by-block, never or always"),
        ] {
            let error = load(&[(name, value)], &[HOME]).expect_err("wrong").to_string();
            assert!(error.ends_with(expected), "{error}");
        }
    }

    #[test]
    fn every_default_is_valid_and_every_name_is_used_once() {
        let settings = load(&[], &[HOME]).expect("the defaults are valid");
        settings.server_options().expect("a server can start with them");
        let names: std::collections::BTreeSet<_> = SETTINGS.iter().map(|setting| setting.name).collect();
        assert_eq!(names.len(), SETTINGS.len());
    }

    #[test]
    fn a_file_is_read_and_its_mistakes_are_named() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("sluice.toml");
        let read = |text: &str| {
            std::fs::write(&file, text).expect("the file is written");
            Settings::load(
                &BTreeMap::new(),
                |name| (name == "SLUICE_HOME").then(|| "/nonexistent".to_owned()),
                Some(&file),
            )
        };
        let settings = read("port = 5000\nservices-disabled = [\"a\", \"b\"]\n").expect("valid");
        assert_eq!(settings.get("port"), Some("5000"));
        assert_eq!(settings.words("services-disabled"), ["a", "b"]);
        assert!(read("prot = 1").expect_err("unknown").to_string().contains("there is no setting `prot`"));
        assert!(read("port = ").is_err());
    }
}
