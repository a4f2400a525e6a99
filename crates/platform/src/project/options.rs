//! What the command line says over the file.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::document::read_document;

/// Options of one deploy, named as the reference names them.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `path/to/file.py:function`
    pub entrypoint: Option<String>,
    /// Names or patterns; empty means all.
    pub names: Vec<String>,
    pub description: Option<String>,
    pub version: Option<String>,
    pub version_type: Option<String>,
    pub tags: Vec<String>,
    pub concurrency_limit: Option<i64>,
    pub collision_strategy: Option<String>,
    pub pool: Option<String>,
    /// The work pool of deployments for which neither the file nor `pool` names one.
    pub default_pool: Option<String>,
    pub queue: Option<String>,
    /// `key=value` or a JSON object.
    pub job_variables: Vec<String>,
    pub cron: Vec<String>,
    /// Seconds.
    pub interval: Vec<i64>,
    pub anchor_date: Option<String>,
    pub rrule: Vec<String>,
    pub timezone: Option<String>,
    /// Each is JSON, or the path of a YAML or JSON file with a list `triggers`.
    pub triggers: Vec<String>,
    /// Service level agreements, written as triggers are; the list of a file is called `sla`. They are checked, and
    /// not deployed: no server that is open source stores them.
    pub sla: Vec<String>,
    /// `key=value`, the value JSON or a text.
    pub param: Vec<String>,
    /// A JSON object.
    pub params: Option<String>,
    /// Whether parameters have to fit the flow; `None` leaves it to the file.
    pub enforce_parameter_schema: Option<bool>,
}

impl Options {
    /// Whether something is said that concerns one deployment only.
    pub(crate) fn change_a_deployment(&self) -> bool {
        let texts = [
            &self.entrypoint,
            &self.description,
            &self.version,
            &self.version_type,
            &self.pool,
            &self.queue,
            &self.anchor_date,
            &self.timezone,
            &self.params,
            &self.collision_strategy,
        ];
        let lists = [
            &self.tags,
            &self.job_variables,
            &self.cron,
            &self.rrule,
            &self.triggers,
            &self.sla,
            &self.param,
        ];
        texts.iter().any(|text| text.is_some())
            || lists.iter().any(|list| !list.is_empty())
            || !self.interval.is_empty()
            || self.concurrency_limit.is_some()
            || self.enforce_parameter_schema.is_some()
    }
}

/// A deployment with what the options say of it.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) config: Map<String, Value>,
    /// The job variables of the command line: they count as outputs of steps, too.
    pub(super) variables: Map<String, Value>,
}

/// The deployment with what the options say.
pub(super) fn apply(options: &Options, mut config: Map<String, Value>) -> Result<Chosen, String> {
    let texts = [
        ("entrypoint", &options.entrypoint),
        ("description", &options.description),
        ("version", &options.version),
        ("version_type", &options.version_type),
    ];
    for (key, text) in texts {
        if let Some(text) = text {
            config.insert(key.to_owned(), json!(text));
        }
    }
    if !options.tags.is_empty() {
        config.insert("tags".to_owned(), json!(options.tags));
    }
    match (options.concurrency_limit, &options.collision_strategy) {
        (Some(limit), None) => drop(config.insert("concurrency_limit".to_owned(), json!(limit))),
        (Some(limit), Some(strategy)) => {
            let limit = json!({ "limit": limit, "collision_strategy": strategy });
            config.insert("concurrency_limit".to_owned(), limit);
        }
        (None, Some(_)) => return Err("--collision-strategy needs --concurrency-limit".to_owned()),
        (None, None) => {}
    }
    if let Some(enforce) = options.enforce_parameter_schema {
        config.insert("enforce_parameter_schema".to_owned(), json!(enforce));
    }
    let mut variables = Map::new();
    for text in &options.job_variables {
        variables.extend(key_values(text, |value| json!(value))?);
    }
    if options.pool.is_some()
        || options.queue.is_some()
        || !variables.is_empty()
        || options.default_pool.is_some()
    {
        with_inner(&mut config, "work_pool", |pool| {
            let is_named = pool.get("name").is_some_and(|name| !name.is_null());
            if let Some(name) = options.pool.as_ref().or(options.default_pool.as_ref().filter(|_| !is_named))
            {
                pool.insert("name".to_owned(), json!(name));
            }
            if let Some(queue) = &options.queue {
                pool.insert("work_queue_name".to_owned(), json!(queue));
            }
            if !variables.is_empty() {
                with_inner(pool, "job_variables", |all| all.extend(variables.clone()));
            }
        });
    }
    add_schedules(options, &mut config);
    if !options.triggers.is_empty() {
        let triggers = definitions("--trigger", "triggers", &options.triggers)?;
        config.insert("triggers".to_owned(), Value::Array(triggers));
    }
    definitions("--sla", "sla", &options.sla)?;
    if !options.param.is_empty() && options.params.is_some() {
        return Err("only one of --param and --params can be given".to_owned());
    }
    let mut parameters = Map::new();
    for text in &options.param {
        let (key, value) =
            text.split_once('=').ok_or_else(|| format!("--param takes key=value, not {text:?}"))?;
        parameters.insert(key.to_owned(), serde_json::from_str(value).unwrap_or_else(|_| json!(value)));
    }
    if let Some(text) = &options.params {
        match serde_json::from_str(text) {
            Ok(Value::Object(given)) => parameters = given,
            _ => return Err("--params takes a JSON object".to_owned()),
        }
    }
    if !parameters.is_empty() {
        with_inner(&mut config, "parameters", |all| all.extend(parameters));
    }
    Ok(Chosen { config, variables })
}

fn add_schedules(options: &Options, config: &mut Map<String, Value>) {
    let cron = options.cron.iter().map(|cron| json!({ "cron": cron }));
    let interval = options.interval.iter().map(|seconds| json!({ "interval": seconds }));
    let rrule = options.rrule.iter().map(|rule| json!({ "rrule": rule }));
    let added: Vec<Value> = cron.chain(interval).chain(rrule).collect();
    if !added.is_empty() {
        let schedules = config.entry("schedules").or_insert_with(|| json!([]));
        if !schedules.is_array() {
            *schedules = json!([]);
        }
        schedules.as_array_mut().into_iter().for_each(|schedules| schedules.extend(added.clone()));
    }
    let schedules = config.get_mut("schedules").and_then(Value::as_array_mut);
    for schedule in schedules.into_iter().flatten().filter_map(Value::as_object_mut) {
        if let Some(anchor) = options.anchor_date.as_ref().filter(|_| schedule.contains_key("interval")) {
            schedule.insert("anchor_date".to_owned(), json!(anchor));
        }
        if let Some(timezone) = &options.timezone {
            schedule.insert("timezone".to_owned(), json!(timezone));
        }
    }
}

/// Mappings that are given as JSON, or in files that list them under `key`.
fn definitions(option: &str, key: &str, texts: &[String]) -> Result<Vec<Value>, String> {
    let mut found = Vec::new();
    for text in texts {
        let is_file = [".yaml", ".yml", ".json"].iter().any(|ending| text.ends_with(ending));
        if is_file {
            let document = read_document(Path::new(text)).map_err(|error| format!("{option}: {error}"))?;
            match document.get(key) {
                Some(Value::Array(items)) => found.extend(items.iter().cloned()),
                _ => return Err(format!("{option}: {text} has no list `{key}`")),
            }
        } else {
            let value = serde_json::from_str(text).map_err(|error| {
                format!(
                    "{option} takes JSON or a file whose name ends with .yaml or .json, not {text:?}: {error}"
                )
            })?;
            found.push(value);
        }
    }
    match found.iter().find(|value| !value.is_object()) {
        Some(other) => Err(format!("{option} takes mappings, not {other}")),
        None => Ok(found),
    }
}

/// Changes the object at a key, which is made where there is none.
fn with_inner(object: &mut Map<String, Value>, key: &str, change: impl FnOnce(&mut Map<String, Value>)) {
    let mut inner = match object.get_mut(key).map(Value::take) {
        Some(Value::Object(inner)) => inner,
        _ => Map::new(),
    };
    change(&mut inner);
    object.insert(key.to_owned(), Value::Object(inner));
}

/// `key=value`, or a JSON object.
fn key_values(text: &str, value_of: impl Fn(&str) -> Value) -> Result<Map<String, Value>, String> {
    if !text.trim_start().starts_with('{')
        && let Some((key, value)) = text.split_once('=')
    {
        return Ok(Map::from_iter([(key.to_owned(), value_of(value))]));
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(format!("{text:?} is neither key=value nor a JSON object")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Chosen, Options, apply};

    #[test]
    fn options_win_over_the_file() {
        let config = json!({
            "name": "a", "tags": ["x"], "parameters": { "p": 1, "q": 2 },
            "work_pool": { "name": "old", "job_variables": { "a": 1, "b": 2 } }, "schedules": [{ "cron": "* * * * *" }],
        });
        let options = Options {
            pool: Some("new".to_owned()),
            tags: vec!["y".to_owned()],
            param: vec!["p=[3]".to_owned(), "r=text".to_owned()],
            job_variables: vec!["a=x=y".to_owned(), "{\"c\": 4}".to_owned()],
            interval: vec![60],
            timezone: Some("UTC".to_owned()),
            concurrency_limit: Some(3),
            ..Options::default()
        };
        let Chosen { config: changed, variables } =
            apply(&options, config.as_object().cloned().unwrap()).unwrap();
        assert_eq!(
            serde_json::Value::Object(changed),
            json!({
                "name": "a", "tags": ["y"], "parameters": { "p": [3], "q": 2, "r": "text" },
                "work_pool": { "name": "new", "job_variables": { "a": "x=y", "b": 2, "c": 4 } },
                "schedules": [{ "cron": "* * * * *", "timezone": "UTC" }, { "interval": 60, "timezone": "UTC" }],
                "concurrency_limit": 3,
            })
        );
        assert_eq!(serde_json::Value::Object(variables), json!({ "a": "x=y", "c": 4 }));
    }

    #[test]
    fn the_default_pool_is_for_deployments_without_one() {
        let options = Options { default_pool: Some("default".to_owned()), ..Options::default() };
        assert!(!options.change_a_deployment());
        for (config, expected) in [
            (json!({}), json!({ "work_pool": { "name": "default" } })),
            (json!({ "work_pool": { "name": null } }), json!({ "work_pool": { "name": "default" } })),
            (json!({ "work_pool": { "name": "own" } }), json!({ "work_pool": { "name": "own" } })),
        ] {
            let changed = apply(&options, config.as_object().cloned().unwrap()).unwrap().config;
            assert_eq!(serde_json::Value::Object(changed), expected, "{config}");
        }
    }

    #[test]
    fn triggers_come_as_json_and_from_files() {
        let directory = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = directory.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let yaml = file("some.yaml", "triggers:\n- {name: b}\n- {name: c}\n");
        let other = file("other.json", r#"{ "triggers": [{ "name": "d" }] }"#);
        let triggers = |texts: &[&str]| {
            let triggers = texts.iter().map(|text| (*text).to_owned()).collect();
            let options = Options { triggers, ..Options::default() };
            apply(&options, serde_json::Map::new()).map(|chosen| chosen.config["triggers"].clone())
        };
        let names = json!([{ "name": "a" }, { "name": "b" }, { "name": "c" }, { "name": "d" }]);
        assert_eq!(triggers(&[r#"{ "name": "a" }"#, &yaml, &other]), Ok(names));
        let empty = file("empty.yaml", "trigger: []\n");
        assert_eq!(triggers(&[&empty]), Err(format!("--trigger: {empty} has no list `triggers`")));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for options in [
            Options { param: vec!["x".to_owned()], ..Options::default() },
            Options { params: Some("[1]".to_owned()), ..Options::default() },
            Options { job_variables: vec!["x".to_owned()], ..Options::default() },
            Options { collision_strategy: Some("ENQUEUE".to_owned()), ..Options::default() },
            Options { triggers: vec!["{".to_owned()], ..Options::default() },
            Options { triggers: vec!["[1]".to_owned()], ..Options::default() },
            Options { triggers: vec!["no-such-file.yaml".to_owned()], ..Options::default() },
            Options { sla: vec!["late".to_owned()], ..Options::default() },
        ] {
            assert!(options.change_a_deployment());
            assert!(apply(&options, serde_json::Map::new()).is_err(), "{options:?}");
        }
        assert!(!Options::default().change_a_deployment());
    }
}
