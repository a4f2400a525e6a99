//! The inputs of `build_docker_image` as options of `docker build`.

use serde_json::{Map, Value};

use crate::templates::as_text;

/// Inputs that are no options: they are read elsewhere, or say how the reference's library talks to the engine.
const NO_OPTIONS: [&str; 18] = [
    "image_name",
    "dockerfile",
    "tag",
    "additional_tags",
    "ignore_cache",
    "persist_dockerfile",
    "dockerfile_output_path",
    "build_backend",
    "path",
    "pull",
    "push",
    "labels",
    "decode",
    "encoding",
    "gzip",
    "quiet",
    "timeout",
    "use_config_proxy",
];

/// The options for every input that is one. An error names what nobody knows.
pub(super) fn arguments(inputs: &Map<String, Value>) -> Result<Vec<String>, String> {
    let mut arguments = Vec::new();
    for (name, value) in inputs {
        if NO_OPTIONS.contains(&name.as_str()) || value.is_null() {
            continue;
        }
        match name.as_str() {
            "nocache" => flag(&mut arguments, "--no-cache", value),
            "squash" => flag(&mut arguments, "--squash", value),
            "forcerm" => flag(&mut arguments, "--force-rm", value),
            // What the command does unless it is told otherwise; the newer builder keeps no containers at all.
            "rm" => {}
            "buildargs" | "build_args" => pairs(&mut arguments, "--build-arg", "=", name, value)?,
            "extra_hosts" | "add_hosts" => pairs(&mut arguments, "--add-host", ":", name, value)?,
            "cache_from" => each(&mut arguments, "--cache-from", value),
            "cache_to" => each(&mut arguments, "--cache-to", value),
            "secrets" => each(&mut arguments, "--secret", value),
            "ssh" => each(&mut arguments, "--ssh", value),
            "target" => each(&mut arguments, "--target", value),
            "network_mode" | "network" => each(&mut arguments, "--network", value),
            "shmsize" => each(&mut arguments, "--shm-size", value),
            "isolation" => each(&mut arguments, "--isolation", value),
            "platform" => each(&mut arguments, "--platform", value),
            "platforms" => {
                let platforms: Vec<String> = items(value).map(as_text).collect();
                arguments.extend(["--platform".to_owned(), platforms.join(",")]);
            }
            "container_limits" => limits(&mut arguments, value)?,
            _ => return Err(format!("there is no input {name:?}; leave it away, or correct its name")),
        }
    }
    Ok(arguments)
}

fn flag(arguments: &mut Vec<String>, option: &str, value: &Value) {
    if value.as_bool() == Some(true) {
        arguments.push(option.to_owned());
    }
}

/// The option once for a value, and for each value of a list.
fn each(arguments: &mut Vec<String>, option: &str, value: &Value) {
    for item in items(value) {
        let text = match item {
            // `{"type": "registry", "ref": "..."}` is written `type=registry,ref=...`.
            Value::Object(fields) => {
                let fields: Vec<_> =
                    fields.iter().map(|(name, value)| format!("{name}={}", as_text(value))).collect();
                fields.join(",")
            }
            other => as_text(other),
        };
        arguments.extend([option.to_owned(), text]);
    }
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(items) => items.as_slice(),
        other => std::slice::from_ref(other),
    }
    .iter()
}

fn pairs(
    arguments: &mut Vec<String>,
    option: &str,
    between: &str,
    name: &str,
    value: &Value,
) -> Result<(), String> {
    let pairs = value.as_object().ok_or_else(|| format!("`{name}` is no mapping: {value}"))?;
    for (key, value) in pairs {
        arguments.extend([option.to_owned(), format!("{key}{between}{}", as_text(value))]);
    }
    Ok(())
}

fn limits(arguments: &mut Vec<String>, value: &Value) -> Result<(), String> {
    let limits = value.as_object().ok_or_else(|| format!("`container_limits` is no mapping: {value}"))?;
    for (name, value) in limits {
        let option = match name.as_str() {
            "memory" => "--memory",
            "memswap" => "--memory-swap",
            "cpushares" => "--cpu-shares",
            "cpusetcpus" => "--cpuset-cpus",
            _ => return Err(format!("`container_limits` knows no {name:?}")),
        };
        arguments.extend([option.to_owned(), as_text(value)]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::arguments;

    #[test]
    fn inputs_become_options_of_the_command() {
        for (inputs, expected) in [
            (
                json!({ "image_name": "app", "tag": "1", "ignore_cache": true, "timeout": 9, "target": null }),
                "",
            ),
            (json!({ "nocache": true, "squash": false, "rm": true }), "--no-cache"),
            (json!({ "buildargs": { "A": "1", "B": 2 } }), "--build-arg A=1 --build-arg B=2"),
            (json!({ "extra_hosts": { "db": "10.0.0.7" } }), "--add-host db:10.0.0.7"),
            (
                json!({ "platform": "linux/amd64", "target": "flows" }),
                "--platform linux/amd64 --target flows",
            ),
            (json!({ "platforms": ["linux/amd64", "linux/arm64"] }), "--platform linux/amd64,linux/arm64"),
            (
                json!({ "cache_from": ["app:1", { "type": "gha", "mode": "max" }] }),
                "--cache-from app:1 --cache-from type=gha,mode=max",
            ),
            (
                json!({ "secrets": "id=ca,src=ca.crt", "network_mode": "host" }),
                "--secret id=ca,src=ca.crt --network host",
            ),
            (
                json!({ "container_limits": { "memory": 9, "cpusetcpus": "0-1" } }),
                "--memory 9 --cpuset-cpus 0-1",
            ),
        ] {
            assert_eq!(arguments(inputs.as_object().unwrap()).unwrap().join(" "), expected, "{inputs}");
        }
    }

    #[test]
    fn an_input_that_nobody_knows_is_named() {
        for (inputs, expected) in [
            (
                json!({ "no_cache": true }),
                "there is no input \"no_cache\"; leave it away, or correct its name",
            ),
            (json!({ "buildargs": ["A=1"] }), "`buildargs` is no mapping: [\"A=1\"]"),
            (json!({ "container_limits": { "disk": 1 } }), "`container_limits` knows no \"disk\""),
        ] {
            assert_eq!(arguments(inputs.as_object().unwrap()).unwrap_err(), expected);
        }
    }
}
