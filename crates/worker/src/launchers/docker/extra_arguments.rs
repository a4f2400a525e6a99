//! `container_create_kwargs`: arguments by the names of the reference's library (docker-py), in the form of the engine's
//! API.

use serde_json::{Map, Value, json};

use super::configuration::refused;
use crate::launchers::LaunchError;
use crate::launchers::sizes::bytes_of;

/// The arguments that stand in the job configuration itself and are ignored here, as the reference ignores them.
const OF_THE_CONFIGURATION: [&str; 16] = [
    "name",
    "command",
    "env",
    "labels",
    "image",
    "registry_credentials",
    "image_pull_policy",
    "networks",
    "network_mode",
    "auto_remove",
    "volumes",
    "stream_output",
    "mem_limit",
    "memswap_limit",
    "privileged",
    "container_create_kwargs",
];

/// The arguments that change how the reference's library works, not the container.
const OF_THE_LIBRARY: [&str; 3] = ["detach", "use_config_proxy", "version"];

/// Where an argument goes in the body of the engine's request.
#[derive(Clone, Copy)]
enum Place {
    Container,
    Host,
}

/// What is made of an argument's value.
#[derive(Clone, Copy)]
enum Shape {
    /// It is the engine's already.
    AsIs,
    /// A number or a text becomes a text.
    Text,
    /// So does everything in a list; a single one becomes a list.
    Texts,
    /// One line becomes words, as a shell parts them.
    Words,
    /// An amount of memory becomes bytes.
    Size,
    /// Everything in an object becomes a text.
    TextMap,
    /// The names of an object's fields become the engine's, however they are written.
    Object(&'static [&'static str]),
    /// So do those of every object in a list.
    Objects(&'static [&'static str]),
    /// `/dev/a:/dev/b:rwm` becomes an object.
    Devices,
    /// A list of paths becomes an object of paths without options.
    Paths,
    /// An object of names and aliases becomes a list of `name:alias`.
    Pairs,
    /// Ports of the container and where the host listens for them.
    Ports,
}

/// Every argument that is understood, and its name in the engine's API.
const ARGUMENTS: &[(&str, Place, &str, Shape)] = {
    use Place::{Container, Host};
    use Shape::*;
    &[
        ("domainname", Container, "Domainname", AsIs),
        ("entrypoint", Container, "Entrypoint", Words),
        (
            "healthcheck",
            Container,
            "Healthcheck",
            Object(&["Test", "Interval", "Timeout", "Retries", "StartPeriod"]),
        ),
        ("hostname", Container, "Hostname", AsIs),
        ("network_disabled", Container, "NetworkDisabled", AsIs),
        ("stdin_open", Container, "OpenStdin", AsIs),
        ("stop_signal", Container, "StopSignal", Text),
        ("tty", Container, "Tty", AsIs),
        ("user", Container, "User", Text),
        ("working_dir", Container, "WorkingDir", AsIs),
        ("blkio_weight", Host, "BlkioWeight", AsIs),
        ("cap_add", Host, "CapAdd", Texts),
        ("cap_drop", Host, "CapDrop", Texts),
        ("cgroup_parent", Host, "CgroupParent", AsIs),
        ("cgroupns", Host, "CgroupnsMode", AsIs),
        ("cpu_count", Host, "CpuCount", AsIs),
        ("cpu_percent", Host, "CpuPercent", AsIs),
        ("cpu_period", Host, "CpuPeriod", AsIs),
        ("cpu_quota", Host, "CpuQuota", AsIs),
        ("cpu_rt_period", Host, "CpuRealtimePeriod", AsIs),
        ("cpu_rt_runtime", Host, "CpuRealtimeRuntime", AsIs),
        ("cpu_shares", Host, "CpuShares", AsIs),
        ("cpuset_cpus", Host, "CpusetCpus", Text),
        ("cpuset_mems", Host, "CpusetMems", Text),
        ("device_cgroup_rules", Host, "DeviceCgroupRules", Texts),
        (
            "device_requests",
            Host,
            "DeviceRequests",
            Objects(&["Driver", "Count", "DeviceIDs", "Capabilities", "Options"]),
        ),
        ("devices", Host, "Devices", Devices),
        ("dns", Host, "Dns", Texts),
        ("dns_opt", Host, "DnsOptions", Texts),
        ("dns_search", Host, "DnsSearch", Texts),
        ("extra_hosts", Host, "ExtraHosts", Pairs),
        ("group_add", Host, "GroupAdd", Texts),
        ("init", Host, "Init", AsIs),
        ("ipc_mode", Host, "IpcMode", AsIs),
        ("isolation", Host, "Isolation", AsIs),
        ("links", Host, "Links", Pairs),
        ("log_config", Host, "LogConfig", Object(&["Type", "Config"])),
        ("mem_reservation", Host, "MemoryReservation", Size),
        ("mem_swappiness", Host, "MemorySwappiness", AsIs),
        (
            "mounts",
            Host,
            "Mounts",
            Objects(&[
                "Target",
                "Source",
                "Type",
                "ReadOnly",
                "Consistency",
                "BindOptions",
                "VolumeOptions",
                "TmpfsOptions",
            ]),
        ),
        ("nano_cpus", Host, "NanoCpus", AsIs),
        ("oom_kill_disable", Host, "OomKillDisable", AsIs),
        ("oom_score_adj", Host, "OomScoreAdj", AsIs),
        ("pid_mode", Host, "PidMode", AsIs),
        ("pids_limit", Host, "PidsLimit", AsIs),
        ("ports", Host, "PortBindings", Ports),
        ("publish_all_ports", Host, "PublishAllPorts", AsIs),
        ("read_only", Host, "ReadonlyRootfs", AsIs),
        ("restart_policy", Host, "RestartPolicy", Object(&["Name", "MaximumRetryCount"])),
        ("runtime", Host, "Runtime", AsIs),
        ("security_opt", Host, "SecurityOpt", Texts),
        ("shm_size", Host, "ShmSize", Size),
        ("storage_opt", Host, "StorageOpt", TextMap),
        ("sysctls", Host, "Sysctls", TextMap),
        ("tmpfs", Host, "Tmpfs", Paths),
        ("ulimits", Host, "Ulimits", Objects(&["Name", "Soft", "Hard"])),
        ("userns_mode", Host, "UsernsMode", AsIs),
        ("uts_mode", Host, "UTSMode", AsIs),
        ("volume_driver", Host, "VolumeDriver", AsIs),
        ("volumes_from", Host, "VolumesFrom", Texts),
    ]
};

/// What the arguments say, for the engine.
#[derive(Debug, Default, PartialEq)]
pub(super) struct ExtraArguments {
    /// The beginning of the request's body.
    pub body: Value,
    /// The platform of the image, as in `linux/arm64`: no part of the body.
    pub platform: Option<String>,
}

/// Reads the arguments. The error names the one at fault.
pub(super) fn read(arguments: &Map<String, Value>) -> Result<ExtraArguments, LaunchError> {
    let mut container = Map::new();
    let mut host = Map::new();
    let mut platform = None;
    for (name, value) in arguments {
        if OF_THE_CONFIGURATION.contains(&name.as_str()) {
            tracing::warn!(name, "ignored in container_create_kwargs: it is a job variable of its own");
            continue;
        }
        if OF_THE_LIBRARY.contains(&name.as_str()) || value.is_null() {
            continue;
        }
        if name == "platform" {
            platform = value.as_str().map(str::to_owned);
            continue;
        }
        let field = || format!("container_create_kwargs.{name}");
        let known = ARGUMENTS.iter().find(|(known, ..)| known == name);
        let (_, place, api_name, shape) =
            known.ok_or_else(|| refused(&field(), "there is no such argument"))?;
        let shaped =
            shape_of(value, *shape).ok_or_else(|| refused(&field(), format!("cannot read {value}")))?;
        if matches!(shape, Shape::Ports) {
            let exposed =
                shaped.as_object().into_iter().flat_map(Map::keys).map(|port| (port.clone(), json!({})));
            container.insert("ExposedPorts".to_owned(), Value::Object(exposed.collect()));
        }
        match place {
            Place::Container => container.insert((*api_name).to_owned(), shaped),
            Place::Host => host.insert((*api_name).to_owned(), shaped),
        };
    }
    container.insert("HostConfig".to_owned(), Value::Object(host));
    Ok(ExtraArguments { body: Value::Object(container), platform })
}

/// The argument that an API's field was written from, for messages.
pub(super) fn argument_of(api_path: &str) -> String {
    let name = api_path.trim_start_matches("HostConfig.");
    let field = name.split(['.', '[']).next().unwrap_or(name);
    let known = ARGUMENTS.iter().find(|(_, _, api_name, _)| *api_name == field);
    format!("container_create_kwargs.{}", known.map_or(field, |(argument, ..)| argument))
}

fn shape_of(value: &Value, shape: Shape) -> Option<Value> {
    match shape {
        Shape::AsIs => Some(value.clone()),
        Shape::Text => Some(Value::String(text_of(value)?)),
        Shape::Texts => texts(value),
        Shape::Words => match value {
            Value::String(line) => Some(json!(shlex::split(line)?)),
            list => texts(list),
        },
        Shape::Size => Some(json!(bytes_of(&text_of(value)?)?)),
        Shape::TextMap => {
            let entries = value.as_object()?.iter();
            let texts: Option<Map<_, _>> =
                entries.map(|(name, value)| Some((name.clone(), Value::String(text_of(value)?)))).collect();
            texts.map(Value::Object)
        }
        Shape::Object(fields) => object(value, fields),
        Shape::Objects(fields) => {
            let objects: Option<Vec<_>> =
                value.as_array()?.iter().map(|value| object(value, fields)).collect();
            objects.map(Value::Array)
        }
        Shape::Devices => {
            let devices: Option<Vec<_>> = value.as_array()?.iter().map(device).collect();
            devices.map(Value::Array)
        }
        Shape::Paths => match value {
            Value::Array(paths) => {
                let entries: Option<Map<_, _>> = paths
                    .iter()
                    .map(|path| {
                        let (path, options) = path.as_str()?.split_once(':').unwrap_or((path.as_str()?, ""));
                        Some((path.to_owned(), json!(options)))
                    })
                    .collect();
                entries.map(Value::Object)
            }
            object => shape_of(object, Shape::TextMap),
        },
        Shape::Pairs => match value {
            Value::Object(pairs) => {
                let pairs: Option<Vec<_>> =
                    pairs.iter().map(|(name, value)| Some(format!("{name}:{}", text_of(value)?))).collect();
                pairs.map(|pairs| json!(pairs))
            }
            list => texts(list),
        },
        Shape::Ports => {
            let ports = value.as_object()?.iter();
            let bindings: Option<Map<_, _>> = ports
                .map(|(port, bound)| {
                    let port = if port.contains('/') { port.clone() } else { format!("{port}/tcp") };
                    Some((port, bindings_of(bound)?))
                })
                .collect();
            bindings.map(Value::Object)
        }
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn texts(value: &Value) -> Option<Value> {
    let texts: Option<Vec<String>> = match value {
        Value::Array(values) => values.iter().map(text_of).collect(),
        single => text_of(single).map(|text| vec![text]),
    };
    texts.map(|texts| json!(texts))
}

/// An object whose fields have the engine's names: `start_period`, `StartPeriod` and `startPeriod` are the same.
fn object(value: &Value, fields: &[&str]) -> Option<Value> {
    let folded = |name: &str| name.replace('_', "").to_ascii_lowercase();
    let entries = value.as_object()?.iter();
    let renamed: Option<Map<_, _>> = entries
        .map(|(name, value)| {
            let field = fields.iter().find(|field| folded(field) == folded(name))?;
            Some(((*field).to_owned(), value.clone()))
        })
        .collect();
    renamed.map(Value::Object)
}

fn device(value: &Value) -> Option<Value> {
    if value.is_object() {
        return object(value, &["PathOnHost", "PathInContainer", "CgroupPermissions"]);
    }
    let mut parts = value.as_str()?.splitn(3, ':');
    let on_host = parts.next()?;
    let in_container = parts.next().unwrap_or(on_host);
    let permissions = parts.next().unwrap_or("rwm");
    Some(json!({"PathOnHost": on_host, "PathInContainer": in_container, "CgroupPermissions": permissions}))
}

/// Where the host listens for a port: a port, an address and a port, a list of these, or nothing for any port.
fn bindings_of(bound: &Value) -> Option<Value> {
    let one = |ip: &str, port: &Value| {
        let port = if port.is_null() { String::new() } else { text_of(port)? };
        Some(json!({"HostIp": ip, "HostPort": port}))
    };
    match bound {
        Value::Array(values) => match values.as_slice() {
            [Value::String(ip), port] if ip.contains(['.', ':']) => Some(json!([one(ip, port)?])),
            several => several.iter().map(|port| one("", port)).collect::<Option<Vec<_>>>().map(Value::Array),
        },
        port => Some(json!([one("", port)?])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_value(value: Value) -> Result<Value, String> {
        let Value::Object(arguments) = value else { panic!("arguments are an object") };
        read(&arguments).map(|extra| extra.body).map_err(|error| error.to_string())
    }

    #[test]
    fn arguments_become_what_the_engine_reads() {
        let cases = [
            (json!({}), json!({"HostConfig": {}})),
            (json!({"nano_cpus": 500000000}), json!({"HostConfig": {"NanoCpus": 500000000}})),
            (json!({"shm_size": "64m"}), json!({"HostConfig": {"ShmSize": 67108864}})),
            (json!({"user": 1000}), json!({"User": "1000", "HostConfig": {}})),
            (
                json!({"entrypoint": "sh -c 'a b'"}),
                json!({"Entrypoint": ["sh", "-c", "a b"], "HostConfig": {}}),
            ),
            (json!({"group_add": [100, "audio"]}), json!({"HostConfig": {"GroupAdd": ["100", "audio"]}})),
            (
                json!({"sysctls": {"net.core.somaxconn": 9}}),
                json!({"HostConfig": {"Sysctls": {"net.core.somaxconn": "9"}}}),
            ),
            (
                json!({"tmpfs": ["/run", "/tmp:size=1m"]}),
                json!({"HostConfig": {"Tmpfs": {"/run": "", "/tmp": "size=1m"}}}),
            ),
            (
                json!({"extra_hosts": {"db": "10.0.0.7"}}),
                json!({"HostConfig": {"ExtraHosts": ["db:10.0.0.7"]}}),
            ),
            (json!({"extra_hosts": ["db:10.0.0.7"]}), json!({"HostConfig": {"ExtraHosts": ["db:10.0.0.7"]}})),
            (
                json!({"ulimits": [{"name": "nofile", "soft": 64, "hard": 128}]}),
                json!({"HostConfig": {"Ulimits": [{"Name": "nofile", "Soft": 64, "Hard": 128}]}}),
            ),
            (
                json!({"device_requests": [{"count": -1, "capabilities": [["gpu"]]}]}),
                json!({"HostConfig": {"DeviceRequests": [{"Count": -1, "Capabilities": [["gpu"]]}]}}),
            ),
            (
                json!({"devices": ["/dev/fuse", "/dev/a:/dev/b:r"]}),
                json!({"HostConfig": {"Devices": [
                    {"PathOnHost": "/dev/fuse", "PathInContainer": "/dev/fuse", "CgroupPermissions": "rwm"},
                    {"PathOnHost": "/dev/a", "PathInContainer": "/dev/b", "CgroupPermissions": "r"}]}}),
            ),
            (
                json!({"ports": {"80": 8080, "53/udp": ["127.0.0.1", 5353], "9": null}}),
                json!({"ExposedPorts": {"80/tcp": {}, "53/udp": {}, "9/tcp": {}}, "HostConfig": {"PortBindings": {
                    "80/tcp": [{"HostIp": "", "HostPort": "8080"}],
                    "53/udp": [{"HostIp": "127.0.0.1", "HostPort": "5353"}],
                    "9/tcp": [{"HostIp": "", "HostPort": ""}]}}}),
            ),
            // Job variables of their own, and what concerns the library only.
            (
                json!({"image": "other", "volumes": {}, "detach": true, "init": null}),
                json!({"HostConfig": {}}),
            ),
        ];
        for (arguments, expected) in cases {
            assert_eq!(read_value(arguments.clone()), Ok(expected), "{arguments}");
        }
    }

    #[test]
    fn an_argument_that_cannot_be_read_is_named() {
        let cases = [
            (
                json!({"networking_config": {}}),
                "job variable container_create_kwargs.networking_config: there is no such argument",
            ),
            (
                json!({"shm_size": "lots"}),
                "job variable container_create_kwargs.shm_size: cannot read \"lots\"",
            ),
            (
                json!({"ulimits": [{"nome": 1}]}),
                "job variable container_create_kwargs.ulimits: cannot read [{\"nome\":1}]",
            ),
            (
                json!({"entrypoint": "sh 'a"}),
                "job variable container_create_kwargs.entrypoint: cannot read \"sh 'a\"",
            ),
        ];
        for (arguments, expected) in cases {
            assert_eq!(read_value(arguments).unwrap_err(), expected);
        }
    }

    #[test]
    fn the_platform_is_no_part_of_the_body() {
        let arguments = json!({"platform": "linux/arm64"});
        let extra = read(arguments.as_object().unwrap()).unwrap();
        assert_eq!(
            extra,
            ExtraArguments { body: json!({"HostConfig": {}}), platform: Some("linux/arm64".to_owned()) }
        );
    }

    #[test]
    fn every_name_stands_once() {
        for (place, (name, _, api_name, _)) in ARGUMENTS.iter().enumerate() {
            let twice = ARGUMENTS[..place]
                .iter()
                .any(|(other, _, other_api, _)| other == name || other_api == api_name);
            assert!(!twice && !OF_THE_CONFIGURATION.contains(name), "{name}");
        }
    }
}
