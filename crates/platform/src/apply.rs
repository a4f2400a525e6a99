//! Carries a plan out: all of it, or what was done is undone.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, stream};
use serde::Serialize;
use serde_json::{Map, Value, json};
use sluice_client::{Client, ClientError};
use sluice_wire::deployments::Deployment;
use sluice_wire::ids::{DeploymentId, FlowId};

use crate::error::PlatformError;
use crate::plan::{
    Action, Existing, Plan, Planned, all_desired, current_fields, current_schedule, distinct_builds,
    with_deployment,
};
use crate::project::Project;
use crate::steps;

/// How many deployments are written at the same time.
const AT_ONCE: usize = 16;
/// The fields that a deployment is restored with.
const RESTORED: &[&str] = &[
    "version",
    "description",
    "paused",
    "concurrency_options",
    "parameters",
    "tags",
    "labels",
    "pull_steps",
    "work_queue_name",
    "work_pool_name",
    "storage_document_id",
    "infrastructure_document_id",
    "path",
    "entrypoint",
    "job_variables",
    "parameter_openapi_schema",
    "enforce_parameter_schema",
];

/// What happens while a plan is carried out.
#[derive(Debug)]
pub enum Progress<'p> {
    /// A line that a step prints, or which step runs.
    Step(&'p str),
    /// A deployment is as it should be.
    Done {
        /// `flow/deployment`.
        name: &'p str,
        /// What was done.
        action: Action,
    },
    /// A deployment is gone.
    Pruned {
        /// `flow/deployment`.
        name: &'p str,
    },
}

/// What was done.
#[derive(Debug, Default, Serialize)]
pub struct Applied {
    /// The id of each deployment of the plan, by `flow/deployment`.
    pub deployments: BTreeMap<String, DeploymentId>,
    /// How many are new.
    pub created: usize,
    /// How many have changed.
    pub changed: usize,
    /// How many were as they should be.
    pub unchanged: usize,
    /// How many were deleted.
    pub pruned: usize,
}

/// Runs the build and push steps, once for each distinct content, and brings every deployment of the project to what
/// it should be. When one fails, those that were written before are brought back to what they were.
pub async fn apply(
    client: &Client,
    project: &Project,
    plan: Plan,
    report: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Applied, PlatformError> {
    let prunes = plan.prunes;
    let plan = if plan.builds == 0 {
        Plan { prunes: Vec::new(), ..plan }
    } else {
        let outputs = run_builds(client, project, report).await?;
        Plan::compare(client, project, all_desired(project, &outputs)?).await?
    };
    let mut writer = Writer { client, project, flows: BTreeMap::new(), undo: Vec::new() };
    match writer.write(&plan, &prunes, report).await {
        Ok(applied) => Ok(applied),
        Err(cause) => {
            let undone = writer.roll_back(&plan.new_queues).await;
            Err(PlatformError::Apply { cause, undone })
        }
    }
}

/// The outputs of the steps, by deployment.
async fn run_builds(
    client: &Client,
    project: &Project,
    report: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<BTreeMap<usize, Map<String, Value>>, PlatformError> {
    let mut outputs = BTreeMap::new();
    let images = steps::Images::default();
    for indices in distinct_builds(project).into_values() {
        let Some(description) = indices.first().and_then(|index| project.descriptions.get(*index)) else {
            continue;
        };
        let actions = &project.surroundings.actions;
        let tell = |line: &str| report(Progress::Step(line));
        let mut runner = steps::Runner::new(client, project, &images, &tell);
        for key in ["build", "push"] {
            runner.run(crate::desired::steps(&description.config, actions, key)).await?;
        }
        for index in indices {
            outputs.insert(index, runner.outputs().clone());
        }
    }
    Ok(outputs)
}

/// How to undo one change.
enum Undo {
    DeleteFlow(FlowId),
    Delete { name: String, id: DeploymentId },
    Restore { name: String, existing: Box<Existing>, automations: bool },
}

struct Writer<'a> {
    client: &'a Client,
    project: &'a Project,
    flows: BTreeMap<String, FlowId>,
    undo: Vec<Undo>,
}

impl Writer<'_> {
    async fn write(
        &mut self,
        plan: &Plan,
        prunes: &[crate::plan::Pruned],
        report: &(dyn Fn(Progress<'_>) + Sync),
    ) -> Result<Applied, String> {
        self.create_flows(plan).await?;
        let mut applied = Applied::default();
        let this: &Self = self;
        let mut writes = stream::iter(&plan.deployments)
            .map(async |planned| (planned, this.write_one(planned).await))
            .buffer_unordered(AT_ONCE);
        let mut failure = None;
        let mut undo = Vec::new();
        while let Some((planned, (steps, result))) = writes.next().await {
            undo.extend(steps);
            match result {
                Ok(id) => {
                    applied.deployments.insert(planned.name.clone(), id);
                    match planned.action {
                        Action::Create => applied.created += 1,
                        Action::Change => applied.changed += 1,
                        Action::Unchanged => applied.unchanged += 1,
                    }
                    report(Progress::Done { name: &planned.name, action: planned.action });
                }
                // Those that are under way are waited for: what they did has to be known to be undone.
                Err(error) => drop(failure.get_or_insert_with(|| format!("{}: {error}", planned.name))),
            }
        }
        drop(writes);
        self.undo.extend(undo);
        if let Some(failure) = failure {
            return Err(failure);
        }
        for pruned in prunes {
            let owner = format!("prefect.deployment.{}", pruned.id);
            let deleted = match self.client.delete_automations_owned_by(&owner).await {
                Ok(()) => self.client.delete_deployment(pruned.id).await,
                failed => failed,
            };
            deleted.map_err(|error| format!("{}: {error}", pruned.name))?;
            self.undo.push(Undo::Restore {
                name: pruned.name.clone(),
                existing: Box::new(pruned.existing.clone()),
                automations: true,
            });
            applied.pruned += 1;
            report(Progress::Pruned { name: &pruned.name });
        }
        Ok(applied)
    }

    /// The ids of the flows of what is created; flows that do not exist are created.
    async fn create_flows(&mut self, plan: &Plan) -> Result<(), String> {
        let names: BTreeSet<&str> =
            plan.deployments.iter().map(|planned| planned.desired.flow_name.as_str()).collect();
        for name in names {
            let found =
                self.client.flow_by_name(name).await.map_err(|error| format!("flow {name}: {error}"))?;
            let id = match found {
                Some(flow) => flow.id,
                None => {
                    let flow = self.client.create_flow(name, &Map::new()).await;
                    let flow = flow.map_err(|error| format!("flow {name}: {error}"))?;
                    self.undo.push(Undo::DeleteFlow(flow.id));
                    flow.id
                }
            };
            self.flows.insert(name.to_owned(), id);
        }
        Ok(())
    }

    /// Writes one deployment. Returns how to undo it, also where it failed half-way.
    async fn write_one(&self, planned: &Planned) -> (Vec<Undo>, Result<DeploymentId, ClientError>) {
        let desired = &planned.desired;
        let mut undo = Vec::new();
        let Some(existing) = &planned.existing else {
            let body = self.body(planned, desired.schedules.clone().unwrap_or_default());
            let created: Deployment = match self.client.create_deployment(&body).await {
                Ok(created) => created,
                Err(error) => return (undo, Err(error)),
            };
            undo.push(Undo::Delete { name: planned.name.clone(), id: created.id });
            let result = self.write_automations(planned, created.id).await;
            return (undo, result.map(|()| created.id));
        };
        let id = existing.deployment.id;
        let changes_triggers = planned.changes.iter().any(|change| change.field == "triggers");
        if planned.action == Action::Unchanged {
            // Automations of a trigger that had a name of its own and is not in the file any more.
            let result = if desired.automations.is_empty() && !existing.automations.is_empty() {
                self.client.delete_automations_owned_by(&format!("prefect.deployment.{id}")).await
            } else {
                Ok(())
            };
            return (undo, result.map(|()| id));
        }
        undo.push(Undo::Restore {
            name: planned.name.clone(),
            existing: Box::new(existing.clone()),
            automations: changes_triggers,
        });
        let result = self.change(planned, existing).await;
        let result = match result {
            Ok(()) if changes_triggers => self.write_automations(planned, id).await,
            other => other,
        };
        (undo, result.map(|()| id))
    }

    async fn change(&self, planned: &Planned, existing: &Existing) -> Result<(), ClientError> {
        let id = existing.deployment.id;
        let changes = |field: &str| planned.changes.iter().any(|change| change.field == field);
        let current: Vec<Value> = existing.deployment.schedules.iter().map(current_schedule).collect();
        if changes("project") {
            // Labels travel with this request only; it replaces the schedules.
            let schedules = planned.desired.schedules.clone().unwrap_or(current);
            return self.client.create_deployment(&self.body(planned, schedules)).await.map(drop);
        }
        let mut body = planned.desired.fields.clone();
        if body.get("work_queue_name").is_some_and(Value::is_null) {
            body.insert("work_queue_name".to_owned(), json!("default"));
        }
        if let Some(schedules) = planned.desired.schedules.as_ref().filter(|_| changes("schedules")) {
            self.make_room(existing, schedules).await?;
            body.insert("schedules".to_owned(), json!(schedules));
        }
        self.client.update_deployment(id, &body).await
    }

    /// Deletes the schedules that would stay although the file has them no more: where schedules have slugs, an update
    /// touches only those that it names.
    async fn make_room(&self, existing: &Existing, schedules: &[Value]) -> Result<(), ClientError> {
        let kept: Option<BTreeSet<&str>> =
            schedules.iter().map(|schedule| schedule["slug"].as_str()).collect();
        let replaced: BTreeSet<&str> =
            schedules.iter().filter_map(|schedule| schedule["replaces"].as_str()).collect();
        for schedule in &existing.deployment.schedules {
            let stays = match (&kept, schedule.slug.as_deref()) {
                (Some(kept), Some(slug)) => kept.contains(slug) || replaced.contains(slug),
                _ => false,
            };
            if !stays {
                self.client.delete_deployment_schedule(existing.deployment.id, schedule.id).await?;
            }
        }
        Ok(())
    }

    /// The body of `POST /deployments/`.
    fn body(&self, planned: &Planned, schedules: Vec<Value>) -> Map<String, Value> {
        let mut body = planned.desired.fields.clone();
        body.insert("name".to_owned(), json!(planned.desired.name));
        body.insert("flow_id".to_owned(), json!(self.flows.get(&planned.desired.flow_name)));
        body.insert("labels".to_owned(), Value::Object(self.project.labels.clone()));
        body.insert("schedules".to_owned(), Value::Array(schedules));
        body
    }

    async fn write_automations(&self, planned: &Planned, id: DeploymentId) -> Result<(), ClientError> {
        let owner = format!("prefect.deployment.{id}");
        if planned.existing.is_some() {
            self.client.delete_automations_owned_by(&owner).await?;
        }
        for automation in &planned.desired.automations {
            let mut body = automation.clone();
            with_deployment(&mut body, &id.to_string());
            body.insert("owner_resource".to_owned(), json!(owner));
            self.client.create_automation(&body).await?;
        }
        Ok(())
    }

    /// Undoes what was done, the last first, and says what became of it.
    async fn roll_back(&mut self, new_queues: &BTreeSet<String>) -> String {
        let mut undone = 0;
        let mut left = Vec::new();
        let undo: Vec<Undo> = self.undo.drain(..).rev().collect();
        // Flows last: what was made of them goes before.
        let (flows, others): (Vec<_>, Vec<_>) =
            undo.into_iter().partition(|undo| matches!(undo, Undo::DeleteFlow(_)));
        for change in others.into_iter().chain(flows) {
            let (name, result) = match change {
                Undo::DeleteFlow(id) => ("a flow".to_owned(), self.client.delete_flow(id).await),
                Undo::Delete { name, id } => {
                    let owner = format!("prefect.deployment.{id}");
                    let automations = self.client.delete_automations_owned_by(&owner).await;
                    (name, automations.and(self.client.delete_deployment(id).await))
                }
                Undo::Restore { name, existing, automations } => {
                    let result = self.restore(&existing, automations).await;
                    (name, result)
                }
            };
            match result {
                Ok(()) => undone += 1,
                Err(error) => left.push(format!("{name} ({error})")),
            }
        }
        for queue in new_queues {
            if let Some((pool, queue)) = queue.split_once('/') {
                // It may not have been made yet.
                let _ = self.client.delete_pool_queue(pool, queue).await;
            }
        }
        match (undone, left.as_slice()) {
            (0, []) => "nothing was changed".to_owned(),
            (_, []) => format!("what was changed before is undone ({undone})"),
            (_, left) => format!("could not be undone: {}", left.join(", ")),
        }
    }

    async fn restore(&self, existing: &Existing, automations: bool) -> Result<(), ClientError> {
        let current = current_fields(existing);
        let mut body: Map<String, Value> = RESTORED
            .iter()
            .filter_map(|field| Some(((*field).to_owned(), current.get(*field)?.clone())))
            .collect();
        let deployment = &existing.deployment;
        let schedules: Vec<Value> = deployment.schedules.iter().map(current_schedule).collect();
        body.insert("name".to_owned(), json!(deployment.name));
        body.insert("flow_id".to_owned(), json!(deployment.flow_id));
        body.insert("concurrency_limit".to_owned(), current["concurrency_limit"].clone());
        body.insert("schedules".to_owned(), Value::Array(schedules));
        let restored = self.client.create_deployment(&body).await?;
        if automations {
            let owner = format!("prefect.deployment.{}", restored.id);
            self.client.delete_automations_owned_by(&owner).await?;
            for automation in &existing.automations {
                let Ok(Value::Object(mut body)) = serde_json::to_value(&automation.core) else { continue };
                with_deployment(&mut body, &restored.id.to_string());
                body.insert("owner_resource".to_owned(), json!(owner));
                self.client.create_automation(&body).await?;
            }
        }
        Ok(())
    }
}
