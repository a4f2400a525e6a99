//! What a deploy would change on the server. Making a plan writes nothing.

mod difference;
mod existing;

pub use difference::FieldChange;
pub(crate) use difference::{current_fields, current_schedule, with_deployment};
pub(crate) use existing::Existing;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value};
use sluice_client::Client;
use sluice_wire::ids::DeploymentId;

use crate::desired::{Desired, steps};
use crate::error::PlatformError;
use crate::project::{FILE_LABEL, PROJECT_LABEL, Project};
use crate::project_file::Note;

/// What is going to happen, deployment by deployment.
#[derive(Debug, Serialize)]
pub struct Plan {
    /// The name of the project.
    pub project: String,
    /// In the order of the file.
    pub deployments: Vec<Planned>,
    /// Deployments that this project made and that its file has no more; only when they were asked for.
    pub prunes: Vec<Pruned>,
    /// Queues that do not exist yet, as `pool/queue`.
    pub new_queues: BTreeSet<String>,
    /// How many times build and push steps run: once for each distinct content.
    pub builds: usize,
    /// What to know of the file.
    pub file_notes: Vec<Note>,
    /// What to know besides.
    pub notes: Vec<String>,
}

/// What is going to happen to one deployment.
#[derive(Debug, Serialize)]
pub struct Planned {
    /// `flow/deployment`.
    pub name: String,
    /// What happens.
    pub action: Action,
    /// Field by field; everything that is new, for a deployment that is new.
    pub changes: Vec<FieldChange>,
    /// What to know of it.
    pub notes: Vec<String>,
    #[serde(skip)]
    pub(crate) desired: Desired,
    #[serde(skip)]
    pub(crate) existing: Option<Existing>,
}

/// See [`Planned`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// There is none of this name.
    Create,
    /// There is one that differs.
    Change,
    /// There is one that is as it should be.
    Unchanged,
}

/// A deployment that goes.
#[derive(Debug, Serialize)]
pub struct Pruned {
    /// `flow/deployment`.
    pub name: String,
    /// Its id.
    pub id: DeploymentId,
    #[serde(skip)]
    pub(crate) existing: Existing,
}

impl Plan {
    /// Whether nothing is going to happen. Build steps always run.
    pub fn is_empty(&self) -> bool {
        self.prunes.is_empty()
            && self.builds == 0
            && self.deployments.iter().all(|planned| planned.action == Action::Unchanged)
    }

    /// How many deployments have this action.
    pub fn count(&self, action: Action) -> usize {
        self.deployments.iter().filter(|planned| planned.action == action).count()
    }

    /// Compares the project with the server. With `prune`, also what the file has no more.
    pub async fn make(client: &Client, project: &Project, prune: bool) -> Result<Self, PlatformError> {
        if prune && !project.is_whole {
            return Err(PlatformError::Selection(
                "--prune goes with all deployments of the file: leave --name out".to_owned(),
            ));
        }
        let desired = all_desired(project, &BTreeMap::new())?;
        let mut plan = Self::compare(client, project, desired).await?;
        plan.builds = distinct_builds(project).len();
        if prune {
            plan.prunes = plan.find_prunes(client, project).await?;
        }
        Ok(plan)
    }

    /// Compares what should be with what is.
    pub(crate) async fn compare(
        client: &Client,
        project: &Project,
        desired: Vec<Desired>,
    ) -> Result<Self, PlatformError> {
        let mut existing = existing::of(client, &desired).await?;
        let (pools, new_queues) = existing::pools(client, &desired).await?;
        let missing_blocks = existing::missing_blocks(client, &desired).await?;
        let missing_blocks = missing_blocks.into_iter().map(|block| {
            format!("pull steps name the block {block}, which does not exist: runs fail until it does")
        });
        let secrets = project.secrets();
        let mut problems = Vec::new();
        let mut deployments = Vec::new();
        let mut seen = BTreeSet::new();
        for desired in desired {
            let name = desired.full_name();
            if !seen.insert(name.clone()) {
                problems.push(format!("{name}: two deployments have this name"));
            }
            problems.extend(
                problems_of(&desired, &pools).into_iter().map(|problem| format!("{name}: {problem}")),
            );
            let existing = existing.remove(&name);
            let mut changes = difference::of(&desired, existing.as_ref(), &project.labels);
            let action = match (&existing, changes.is_empty()) {
                (None, _) => Action::Create,
                (Some(_), true) => Action::Unchanged,
                (Some(_), false) => Action::Change,
            };
            changes.iter_mut().for_each(|change| change.hide(&secrets));
            let mut notes = Vec::new();
            if changes.iter().any(|change| change.field == "pull_steps") {
                notes.extend(desired.notes.clone());
            }
            notes
                .extend(desired.missing.iter().map(|name| format!("there is no value for {{{{ {name} }}}}")));
            deployments.push(Planned { name, action, changes, notes, desired, existing });
        }
        if !problems.is_empty() {
            return Err(PlatformError::Invalid(problems));
        }
        Ok(Self {
            project: label(&project.labels, PROJECT_LABEL),
            deployments,
            prunes: Vec::new(),
            new_queues,
            builds: 0,
            file_notes: project.file_notes.clone(),
            notes: project.notes.iter().cloned().chain(missing_blocks).collect(),
        })
    }

    async fn find_prunes(&self, client: &Client, project: &Project) -> Result<Vec<Pruned>, PlatformError> {
        let kept: BTreeSet<&str> = self.deployments.iter().map(|planned| planned.name.as_str()).collect();
        let all = existing::made_by(client, &project.labels).await?;
        Ok(all
            .into_iter()
            .filter(|(name, _)| !kept.contains(name.as_str()))
            .map(|(name, existing)| Pruned { name, id: existing.deployment.id, existing })
            .collect())
    }
}

fn label(labels: &Map<String, Value>, key: &str) -> String {
    labels.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The steps of each distinct build, with the deployments that share them.
pub(crate) fn distinct_builds(project: &Project) -> BTreeMap<String, Vec<usize>> {
    let mut builds: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, description) in project.descriptions.iter().enumerate() {
        let build = steps(&description.config, &project.surroundings.actions, "build");
        let push = steps(&description.config, &project.surroundings.actions, "push");
        if !build.is_empty() || !push.is_empty() {
            let content = serde_json::to_string(&[build, push]).unwrap_or_default();
            builds.entry(content).or_default().push(index);
        }
    }
    builds
}

/// What every deployment should be; `outputs` of steps by deployment, where they have run.
pub(crate) fn all_desired(
    project: &Project,
    outputs: &BTreeMap<usize, Map<String, Value>>,
) -> Result<Vec<Desired>, PlatformError> {
    let mut problems = Vec::new();
    let mut all = Vec::new();
    for (index, description) in project.descriptions.iter().enumerate() {
        match description.desired(&project.surroundings, outputs.get(&index)) {
            Ok(desired) => all.push(desired),
            Err(cause) => {
                let name = description.config.get("name").and_then(Value::as_str).unwrap_or("(no name)");
                problems.push(format!("{name}: {cause}"));
            }
        }
    }
    if problems.is_empty() { Ok(all) } else { Err(PlatformError::Invalid(problems)) }
}

/// Why a deployment cannot be deployed.
fn problems_of(desired: &Desired, pools: &BTreeMap<String, Option<String>>) -> Vec<String> {
    let mut problems = Vec::new();
    match desired.text("work_pool_name") {
        None | Some("") => problems.push("it names no work pool; write `work_pool: {name: ...}` or pass --pool".to_owned()),
        Some(pool) => match pools.get(pool) {
            Some(Some(kind)) if kind == "prefect-agent" => problems.push(format!(
                "the work pool {pool:?} is for agents, which version 3 has no more; create one of type process, docker or kubernetes"
            )),
            Some(Some(_)) => {}
            _ => problems.push(format!("there is no work pool {pool:?}; create it, or name another one")),
        },
    }
    let is_enforced = desired.fields.get("enforce_parameter_schema") == Some(&Value::Bool(true));
    if let (true, Some(Value::Object(parameters)), Some(Value::Object(schema))) =
        (is_enforced, desired.fields.get("parameters"), desired.fields.get("parameter_openapi_schema"))
    {
        let known = schema.get("properties").and_then(Value::as_object);
        for name in parameters.keys().filter(|name| known.is_none_or(|known| !known.contains_key(*name))) {
            // A flow with **kwargs takes every name, but its schema does not say so.
            if known.is_some_and(|known| !known.contains_key("kwargs")) {
                problems.push(format!("the flow has no parameter {name:?}"));
            }
        }
        let has_template = parameters.values().any(|value| value.to_string().contains("{{"));
        let checks = sluice_parameters::Checks { ignores_required: true, allows_none_with_default: true };
        if !has_template && let Err(failure) = sluice_parameters::validate(parameters, schema, checks) {
            problems.push(format!("parameters: {failure}"));
        }
    }
    problems
}

/// Whether a deployment was made by this project from this file.
pub(crate) fn is_of(labels: &Map<String, Value>, project: &Map<String, Value>) -> bool {
    [PROJECT_LABEL, FILE_LABEL].iter().all(|key| labels.get(*key) == project.get(*key))
}
