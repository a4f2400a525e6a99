//! What the command line says over the file.

use serde_json::{Map, Value, json};

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
    pub queue: Option<String>,
    /// `key=value` or a JSON object.
    pub job_variables: Vec<String>,
    pub cron: Vec<String>,
    /// Seconds.
    pub interval: Vec<i64>,
    pub anchor_date: Option<String>,
    pub rrule: Vec<String>,
    pub timezone: Option<String>,
    /// JSON.
    pub triggers: Vec<String>,
    /// `key=value`, the value JSON or a text.
    pub param: Vec<String>,
    /// A JSON object.
    pub params: Option<String>,
    /// Whether parameters need not fit the flow.
    pub no_enforce_parameter_schema: bool,
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
        let lists = [&self.tags, &self.job_variables, &self.cron, &self.rrule, &self.triggers, &self.param];
        texts.iter().any(|text| text.is_some())
            || lists.iter().any(|list| !list.is_empty())
            || !self.interval.is_empty()
            || self.concurrency_limit.is_some()
            || self.no_enforce_parameter_schema
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
    if options.no_enforce_parameter_schema {
        config.insert("enforce_parameter_schema".to_owned(), json!(false));
    }
    let mut variables = Map::new();
    for text in &options.job_variables {
        variables.extend(key_values(text, |value| json!(value))?);
    }
    if options.pool.is_some() || options.queue.is_some() || !variables.is_empty() {
        with_inner(&mut config, "work_pool", |pool| {
            if let Some(name) = &options.pool {
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
        let triggers: Result<Vec<Value>, _> =
            options.triggers.iter().map(|text| serde_json::from_str::<Value>(text)).collect();
        let triggers = triggers.map_err(|error| format!("--trigger takes JSON: {error}"))?;
        config.insert("triggers".to_owned(), Value::Array(triggers));
    }
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
    fn what_makes_no_sense_is_refused() {
        for options in [
            Options { param: vec!["x".to_owned()], ..Options::default() },
            Options { params: Some("[1]".to_owned()), ..Options::default() },
            Options { job_variables: vec!["x".to_owned()], ..Options::default() },
            Options { collision_strategy: Some("ENQUEUE".to_owned()), ..Options::default() },
            Options { triggers: vec!["{".to_owned()], ..Options::default() },
        ] {
            assert!(options.change_a_deployment());
            assert!(apply(&options, serde_json::Map::new()).is_err(), "{options:?}");
        }
        assert!(!Options::default().change_a_deployment());
    }
}
