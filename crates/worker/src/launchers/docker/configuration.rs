//! What a docker pool's job configuration says, read once and checked.

use serde::Deserialize;
use serde::de::{self, Deserializer};
use serde_json::{Map, Value};

use super::image::PullPolicy;
use crate::launchers::LaunchError;
use crate::launchers::sizes::{bytes_of, bytes_or_unlimited, nano_cpus_of};

/// The rendered `job_configuration` of a docker pool. What is absent and what is `null` mean the same: not set. Fields
/// that stand in the [`Job`](crate::launchers::Job) itself (`command`, `env`, `labels`) are not read here.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default)]
pub(super) struct Configuration {
    /// The container's name; the run's where there is none.
    pub name: Option<String>,
    /// The image; see [`DEFAULT_IMAGE`](super::image::DEFAULT_IMAGE).
    pub image: Option<String>,
    /// When the image is pulled; by its tag where nothing is said.
    pub image_pull_policy: Option<PullPolicy>,
    /// Who pulls it.
    pub registry_credentials: Option<RegistryCredentials>,
    /// Networks that the container joins.
    #[serde(deserialize_with = "null_is_default")]
    pub networks: Vec<String>,
    /// The mode of its network. Not together with `networks`.
    pub network_mode: Option<String>,
    /// Volumes, as `docker run --volume` takes them.
    #[serde(deserialize_with = "null_is_default")]
    pub volumes: Vec<String>,
    /// Whether the container is removed when its end is known.
    #[serde(deserialize_with = "flag")]
    pub auto_remove: Option<bool>,
    /// Whether what it prints is passed on; yes where nothing is said.
    #[serde(deserialize_with = "flag")]
    pub stream_output: Option<bool>,
    /// Whether it may do everything on its machine.
    #[serde(deserialize_with = "flag")]
    pub privileged: Option<bool>,
    /// Bytes of memory that it may use.
    #[serde(deserialize_with = "memory")]
    pub mem_limit: Option<i64>,
    /// Bytes of memory and swap together; -1 for any amount.
    #[serde(deserialize_with = "memory_and_swap")]
    pub memswap_limit: Option<i64>,
    /// Billionths of a processor that it may use, said as a number of processors. Not in the reference.
    #[serde(deserialize_with = "processors", rename = "cpus")]
    pub nano_cpus: Option<i64>,
    /// Further arguments of the reference's library.
    pub container_create_kwargs: Option<Map<String, Value>>,
}

/// The fields of a block of the type `docker-registry-credentials`.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub(super) struct RegistryCredentials {
    pub username: String,
    pub password: String,
    pub registry_url: String,
}

/// Without the password: configurations are printed where something is wrong with them.
impl std::fmt::Debug for RegistryCredentials {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("RegistryCredentials")
            .field("username", &self.username)
            .field("registry_url", &self.registry_url)
            .finish_non_exhaustive()
    }
}

impl Configuration {
    /// Reads a rendered configuration. The error names the field.
    pub fn read(rendered: &Map<String, Value>) -> Result<Self, LaunchError> {
        let read: Result<Self, _> = serde_path_to_error::deserialize(Value::Object(rendered.clone()));
        let configuration = read.map_err(|error| refused(&error.path().to_string(), error.inner()))?;
        if configuration.network_mode.is_some() && !configuration.networks.is_empty() {
            return Err(refused("network_mode", "it cannot be set together with networks"));
        }
        if configuration.memswap_limit.is_some_and(|limit| limit > 0) && configuration.mem_limit.is_none() {
            return Err(refused("memswap_limit", "it needs mem_limit"));
        }
        Ok(configuration)
    }
}

/// A job that its configuration makes impossible.
pub(super) fn refused(field: &str, problem: impl std::fmt::Display) -> LaunchError {
    LaunchError::Job(format!("job variable {field}: {problem}"))
}

fn null_is_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    value: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(value)?.unwrap_or_default())
}

/// A number or a text: templates make texts of numbers and of truth values.
#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Flag(bool),
    Number(serde_json::Number),
    Text(String),
}

impl Scalar {
    fn into_text(self) -> String {
        match self {
            Self::Flag(flag) => flag.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text,
        }
    }
}

/// The text of a scalar; `None` for null and for an empty text.
fn text<'de, D: Deserializer<'de>>(value: D, expected: &str) -> Result<Option<String>, D::Error> {
    let value: Option<Value> = Option::deserialize(value)?;
    let Some(value) = value else { return Ok(None) };
    let scalar: Scalar = serde_json::from_value(value.clone())
        .map_err(|_| de::Error::custom(format!("{value} is not {expected}")))?;
    Ok(Some(scalar.into_text()).filter(|text| !text.is_empty()))
}

fn flag<'de, D: Deserializer<'de>>(value: D) -> Result<Option<bool>, D::Error> {
    let Some(text) = text(value, "true or false")? else { return Ok(None) };
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(Some(true)),
        "false" | "no" | "off" | "0" => Ok(Some(false)),
        _ => Err(de::Error::custom(format!("{text:?} is not true or false"))),
    }
}

fn amount<'de, D: Deserializer<'de>>(
    value: D,
    expected: &str,
    read: impl Fn(&str) -> Option<i64>,
) -> Result<Option<i64>, D::Error> {
    let Some(text) = text(value, expected)? else { return Ok(None) };
    read(&text).map(Some).ok_or_else(|| de::Error::custom(format!("{text:?} is not {expected}")))
}

fn memory<'de, D: Deserializer<'de>>(value: D) -> Result<Option<i64>, D::Error> {
    amount(value, "an amount of memory like 512m or 1g", bytes_of)
}

fn memory_and_swap<'de, D: Deserializer<'de>>(value: D) -> Result<Option<i64>, D::Error> {
    amount(value, "an amount of memory like 512m or 1g, or -1", bytes_or_unlimited)
}

fn processors<'de, D: Deserializer<'de>>(value: D) -> Result<Option<i64>, D::Error> {
    amount(value, "a number of processors like 2 or 0.5", nano_cpus_of)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: Value) -> Result<Configuration, String> {
        let Value::Object(map) = value else { panic!("a configuration is an object") };
        Configuration::read(&map).map_err(|error| error.to_string())
    }

    #[test]
    fn nothing_said_is_the_default() {
        assert_eq!(read(json!({})), Ok(Configuration::default()));
        let nothing = json!({"networks": null, "volumes": null, "auto_remove": null, "mem_limit": "", "image": null,
            "command": "python flow.py", "env": {"A": "1"}, "labels": {}, "container_wait_timeout": null});
        assert_eq!(read(nothing), Ok(Configuration::default()));
    }

    #[test]
    fn what_is_said_is_read_whether_templates_made_text_of_it_or_not() {
        let expected = Configuration {
            name: Some("etl".to_owned()),
            image: Some("flows:1".to_owned()),
            image_pull_policy: Some(PullPolicy::IfPossible),
            networks: vec!["flows".to_owned()],
            volumes: vec!["/data:/in".to_owned()],
            auto_remove: Some(true),
            stream_output: Some(false),
            privileged: Some(false),
            mem_limit: Some(1 << 29),
            memswap_limit: Some(-1),
            nano_cpus: Some(500_000_000),
            ..Configuration::default()
        };
        let common = json!({"name": "etl", "image": "flows:1", "image_pull_policy": "IfPossible", "networks": ["flows"],
            "volumes": ["/data:/in"]});
        let typed = json!({"auto_remove": true, "stream_output": false, "privileged": false, "mem_limit": 536870912,
            "memswap_limit": -1, "cpus": 0.5});
        let textual = json!({"auto_remove": "True", "stream_output": "no", "privileged": "0", "mem_limit": "512m",
            "memswap_limit": "-1", "cpus": "0.5"});
        for variant in [typed, textual] {
            let mut all = common.clone();
            all.as_object_mut().unwrap().extend(variant.as_object().unwrap().clone());
            assert_eq!(read(all).as_ref(), Ok(&expected));
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let cases = [
            (
                json!({"mem_limit": "lots"}),
                r#"job variable mem_limit: "lots" is not an amount of memory like 512m or 1g"#,
            ),
            (json!({"auto_remove": "maybe"}), r#"job variable auto_remove: "maybe" is not true or false"#),
            (json!({"auto_remove": []}), "job variable auto_remove: [] is not true or false"),
            (json!({"cpus": -1}), r#"job variable cpus: "-1" is not a number of processors like 2 or 0.5"#),
            (
                json!({"volumes": "/a:/b"}),
                "job variable volumes: invalid type: string \"/a:/b\", expected a sequence",
            ),
            (
                json!({"networks": ["a", 1]}),
                "job variable networks[1]: invalid type: integer `1`, expected a string",
            ),
            (
                json!({"image_pull_policy": "Sometimes"}),
                "job variable image_pull_policy: unknown variant `Sometimes`, expected one of `Always`, \
                 `IfNotPresent`, `IfPossible`, `Never`",
            ),
            (
                json!({"registry_credentials": {"username": "ada", "password": "p"}}),
                "job variable registry_credentials: missing field `registry_url`",
            ),
            (
                json!({"networks": ["a"], "network_mode": "bridge"}),
                "job variable network_mode: it cannot be set together with networks",
            ),
            (json!({"memswap_limit": "1g"}), "job variable memswap_limit: it needs mem_limit"),
        ];
        for (value, expected) in cases {
            assert_eq!(read(value).unwrap_err(), expected);
        }
    }

    #[test]
    fn a_password_is_not_printed() {
        let credentials = json!({"username": "ada", "password": "hidden", "registry_url": "registry.test"});
        let configuration = read(json!({"registry_credentials": credentials})).unwrap();
        assert!(!format!("{configuration:?}").contains("hidden"));
    }
}
