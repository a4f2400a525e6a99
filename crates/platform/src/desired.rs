//! A deployment as it should be on the server: what the file, the flow and the command line say together.

mod pull_step;
mod schedules;
mod triggers;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use crate::project_file::Actions;
use crate::python::FlowFacts;
use crate::references::References;
use crate::templates::Filling;
use crate::version::InferredVersion;

/// What every deployment of a project shares.
pub(crate) struct Surroundings {
    /// Where the project is: the working directory of the reference's deploy.
    pub(crate) directory: PathBuf,
    pub(crate) actions: Actions,
    pub(crate) references: References,
    /// The variables of the environment, as texts.
    pub(crate) environment: Map<String, Value>,
    /// What version control says.
    pub(crate) version_of: BTreeMap<Option<String>, Option<InferredVersion>>,
}

/// A deployment as its file describes it, before templates are filled in.
#[derive(Debug, Clone)]
pub(crate) struct Description {
    /// The entry of the file, with the options of the command line.
    pub(crate) config: Map<String, Value>,
    /// Job variables of the command line: they count as outputs of steps too.
    pub(crate) variables: Map<String, Value>,
    /// Its flow.
    pub(crate) flow: FlowFacts,
}

/// A deployment as it should be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Desired {
    pub(crate) flow_name: String,
    pub(crate) name: String,
    /// The fields of `POST /deployments/` but for the flow, schedules and labels.
    pub(crate) fields: Map<String, Value>,
    /// `None`: the file says nothing of schedules, and those on the server stay.
    pub(crate) schedules: Option<Vec<Value>>,
    /// Bodies of `POST /automations/`, without the deployment's id.
    pub(crate) automations: Vec<Map<String, Value>>,
    /// Placeholders that have no value.
    pub(crate) missing: BTreeSet<String>,
    /// What to know of it.
    pub(crate) notes: Vec<String>,
}

impl Desired {
    /// As users name it.
    pub(crate) fn full_name(&self) -> String {
        format!("{}/{}", self.flow_name, self.name)
    }

    /// A field that is a text.
    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.fields.get(key).and_then(Value::as_str)
    }
}

/// The steps of a deployment: its own, or those of the file.
pub(crate) fn steps<'s>(config: &'s Map<String, Value>, actions: &'s Actions, key: &str) -> &'s [Value] {
    let of_file = match key {
        "build" => &actions.build,
        "push" => &actions.push,
        _ => &actions.pull,
    };
    config.get(key).unwrap_or(of_file).as_array().map_or(&[], Vec::as_slice)
}

/// What a deployment says with blocks, variables and the environment filled in: enough for its entrypoint and name.
pub(crate) fn resolve_early(
    config: &Map<String, Value>,
    references: &References,
    environment: &Map<String, Value>,
) -> Result<Map<String, Value>, String> {
    let resolved = references.resolve(&Value::Object(config.clone())).map_err(|error| error.to_string())?;
    let filling = Filling { values: environment, environment, remove_missing: false, stays: &|_| false };
    match filling.fill(&resolved, &mut BTreeSet::new()) {
        Some(Value::Object(config)) => Ok(config),
        _ => Ok(Map::new()),
    }
}

impl Description {
    /// Brings everything together. `outputs` are those of the build and push steps; `None` while they have not run:
    /// then what refers to them stays as it is written.
    pub(crate) fn desired(
        &self,
        around: &Surroundings,
        outputs: Option<&Map<String, Value>>,
    ) -> Result<Desired, String> {
        let config = resolve_early(&self.config, &around.references, &around.environment)?;
        let has_steps =
            ["build", "push"].iter().any(|key| !steps(&self.config, &around.actions, key).is_empty());
        let is_pending = outputs.is_none() && has_steps;
        let mut values = outputs.cloned().unwrap_or_default();
        values.extend(self.variables.clone());
        let variables = &self.variables;
        let stays = |name: &str| {
            name.starts_with("ctx.")
                || (is_pending && !name.starts_with('$') && !variables.contains_key(name))
        };
        let environment = &around.environment;
        let filling = Filling { values: &values, environment, remove_missing: true, stays: &stays };
        let mut missing = BTreeSet::new();
        let mut fill = |value: &Value, filling: &Filling<'_>| filling.fill(value, &mut missing);

        let name = fill(&config.get("name").cloned().unwrap_or_default(), &filling);
        let name = name.as_ref().and_then(Value::as_str).unwrap_or_default();
        let name = name.strip_suffix(".py").unwrap_or(name);
        if name.is_empty() {
            return Err("it has no `name`".to_owned());
        }
        let mut get = |key: &str| config.get(key).and_then(|value| fill(value, &filling)).unwrap_or_default();
        let pool = get("work_pool");
        let triggers = config.get("triggers").and_then(Value::as_array).cloned().unwrap_or_default();
        let description =
            Some(get("description")).filter(is_given).unwrap_or_else(|| json!(self.flow.description));
        let mut fields = Map::new();
        fields.insert("version".to_owned(), Value::Null);
        fields.insert("description".to_owned(), description);
        fields.insert("tags".to_owned(), tags(get("tags"))?);
        fields.insert("parameters".to_owned(), or_empty(get("parameters")));
        fields.insert("entrypoint".to_owned(), get("entrypoint"));
        fields.insert("work_pool_name".to_owned(), pool["name"].clone());
        fields.insert("work_queue_name".to_owned(), pool["work_queue_name"].clone());
        fields.insert("job_variables".to_owned(), or_empty(pool["job_variables"].clone()));
        fields.insert(
            "parameter_openapi_schema".to_owned(),
            Value::Object(self.flow.parameter_openapi_schema.clone()),
        );
        fields.insert(
            "enforce_parameter_schema".to_owned(),
            Some(get("enforce_parameter_schema")).filter(Value::is_boolean).unwrap_or(Value::Bool(true)),
        );
        if let paused @ Value::Bool(_) = get("paused") {
            fields.insert("paused".to_owned(), paused);
        }
        let (limit, options) = concurrency(get("concurrency_limit"))?;
        fields.insert("concurrency_limit".to_owned(), limit);
        fields.insert("concurrency_options".to_owned(), options);
        let version_type = get("version_type").as_str().map(str::to_owned);
        let given_version = get("version").as_str().map(str::to_owned).filter(|version| !version.is_empty());
        let inferred = around.version_of.get(&version_type).cloned().flatten();
        let version = given_version
            .or_else(|| inferred.as_ref().map(|inferred| inferred.version.clone()))
            .or_else(|| self.flow.version.clone());
        fields.insert("version".to_owned(), json!(version));
        fields.insert("version_info".to_owned(), version_info(version.as_deref(), inferred.as_ref()));

        let mut notes = Vec::new();
        let (pull_steps, note) = pull_step::of(&self.config, &config, &around.actions, &around.directory);
        notes.extend(note);
        let keeping = Filling { remove_missing: false, ..filling };
        let pull_steps = keeping.fill(&pull_steps, &mut BTreeSet::new()).unwrap_or_default();
        fields.insert("pull_steps".to_owned(), pull_steps);

        let schedules = match config.get("schedules") {
            Some(Value::Array(schedules)) => {
                let filled: Vec<Value> =
                    schedules.iter().filter_map(|schedule| filling.fill(schedule, &mut missing)).collect();
                Some(schedules::of(&filled)?)
            }
            _ => None,
        };
        let automations = triggers
            .iter()
            .enumerate()
            .filter_map(|(index, trigger)| Some((index, trigger.as_object()?)))
            .map(|(index, trigger)| triggers::automation(trigger, name, index, &filling))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Desired {
            flow_name: self.flow.name.clone(),
            name: name.to_owned(),
            fields,
            schedules,
            automations,
            missing,
            notes,
        })
    }
}

fn is_given(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

fn or_empty(value: Value) -> Value {
    if value.is_object() { value } else { json!({}) }
}

/// A list of texts; one text is a list of one.
fn tags(tags: Value) -> Result<Value, String> {
    match tags {
        Value::Null => Ok(json!([])),
        Value::String(tag) => Ok(json!([tag])),
        Value::Array(tags) => tags
            .into_iter()
            .map(|tag| match tag {
                Value::String(text) if !text.is_empty() => Ok(Value::String(text)),
                Value::Number(number) => Ok(Value::String(number.to_string())),
                other => Err(format!("the tag {other} is no text")),
            })
            .collect::<Result<_, _>>()
            .map(Value::Array),
        other => Err(format!("`tags` is a list of texts, not {other}")),
    }
}

/// The limit and the options of `concurrency_limit`.
fn concurrency(value: Value) -> Result<(Value, Value), String> {
    match value {
        Value::Null => Ok((Value::Null, Value::Null)),
        Value::Object(limit) => {
            let strategy = limit.get("collision_strategy").cloned().unwrap_or_default();
            let strategy = if strategy.is_null() { json!("ENQUEUE") } else { strategy };
            if !matches!(strategy.as_str(), Some("ENQUEUE" | "CANCEL_NEW")) {
                return Err(format!("`collision_strategy` is ENQUEUE or CANCEL_NEW, not {strategy}"));
            }
            let mut options = json!({ "collision_strategy": strategy });
            if let Some(grace) = limit.get("grace_period_seconds").filter(|grace| !grace.is_null()) {
                options["grace_period_seconds"] = grace.clone();
            }
            Ok((whole(limit.get("limit").cloned().unwrap_or_default())?, options))
        }
        other => Ok((whole(other)?, Value::Null)),
    }
}

fn whole(value: Value) -> Result<Value, String> {
    match &value {
        Value::Null => Ok(value),
        Value::Number(number) if number.as_i64().is_some_and(|limit| limit > 0) => Ok(value),
        Value::String(text) => match text.parse::<u32>() {
            Ok(number) if number > 0 => Ok(number.into()),
            _ => Err(format!("`concurrency_limit` is a number above 0, not {text:?}")),
        },
        other => Err(format!("`concurrency_limit` is a number above 0, not {other}")),
    }
}

fn version_info(version: Option<&str>, inferred: Option<&InferredVersion>) -> Value {
    match inferred {
        None => json!({ "type": "prefect:simple", "version": version.unwrap_or_default() }),
        Some(inferred) => json!({
            "type": inferred.kind,
            "version": version.unwrap_or_default(),
            "commit_sha": inferred.commit_sha,
            "message": inferred.message,
            "branch": inferred.branch,
            "repository": inferred.repository,
            "url": inferred.url,
        }),
    }
}
