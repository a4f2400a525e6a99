//! What a flow run belongs to, as the related resources of its events name it.

use std::collections::BTreeSet;

use sluice_wire::events::{Labels, RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE};
use sluice_wire::flow_runs::CreatedBy;
use sluice_wire::ids::{DeploymentId, FlowId, TaskRunId, WorkPoolId, WorkQueueId};
use uuid::Uuid;

use crate::{Columns, Result};

/// Something with a name and tags.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub id: Uuid,
    pub name: String,
    pub tags: Vec<String>,
}

/// What a flow run belongs to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Related {
    pub flow: Option<Named>,
    pub deployment: Option<Named>,
    pub work_queue: Option<Named>,
    pub work_pool: Option<(Named, String)>,
    pub task_run: Option<Named>,
}

impl Related {
    /// Reads flow id, name, tags; deployment id, name, tags; work queue id, name; work pool id, name, type; parent
    /// task run id, name, tags.
    pub(crate) fn take(columns: &mut Columns) -> Result<Self> {
        let flow = named(columns.take::<Option<FlowId>>()?.map(Uuid::from), columns.take()?, columns.take()?);
        let deployment =
            named(columns.take::<Option<DeploymentId>>()?.map(Uuid::from), columns.take()?, columns.take()?);
        let work_queue =
            named(columns.take::<Option<WorkQueueId>>()?.map(Uuid::from), columns.take()?, Some(Vec::new()));
        let work_pool =
            named(columns.take::<Option<WorkPoolId>>()?.map(Uuid::from), columns.take()?, Some(Vec::new()));
        let work_pool = work_pool.zip(columns.take::<Option<String>>()?);
        let task_run =
            named(columns.take::<Option<TaskRunId>>()?.map(Uuid::from), columns.take()?, columns.take()?);
        Ok(Self { flow, deployment, work_queue, work_pool, task_run })
    }

    /// The related resources of an event about the flow run with these tags and this creator (wire-protocol 5.1).
    pub(crate) fn resources(&self, tags: &[String], created_by: Option<&CreatedBy>) -> Vec<Labels> {
        let mut related = Vec::new();
        let mut all_tags: BTreeSet<&str> = tags.iter().map(String::as_str).collect();
        let kinds = [
            ("flow", self.flow.as_ref(), None),
            ("deployment", self.deployment.as_ref(), None),
            ("work-queue", self.work_queue.as_ref(), None),
            (
                "work-pool",
                self.work_pool.as_ref().map(|pool| &pool.0),
                self.work_pool.as_ref().map(|pool| &pool.1),
            ),
            ("task-run", self.task_run.as_ref(), None),
        ];
        for (kind, named, pool_type) in kinds {
            let Some(named) = named else { continue };
            let mut labels = resource(format!("prefect.{kind}.{}", named.id), kind);
            labels.insert(RESOURCE_NAME.to_owned(), named.name.clone());
            if let Some(pool_type) = pool_type {
                labels.insert("prefect.work-pool.type".to_owned(), pool_type.clone());
            }
            related.push(labels);
            all_tags.extend(named.tags.iter().map(String::as_str));
        }
        related.extend(all_tags.into_iter().map(|tag| resource(format!("prefect.tag.{tag}"), "tag")));
        related.extend(created_by.and_then(creator));
        related
    }
}

fn named(id: Option<Uuid>, name: Option<String>, tags: Option<Vec<String>>) -> Option<Named> {
    Some(Named { id: id?, name: name?, tags: tags.unwrap_or_default() })
}

fn resource(id: String, role: &str) -> Labels {
    Labels::from([(RESOURCE_ID.to_owned(), id), (RESOURCE_ROLE.to_owned(), role.to_owned())])
}

fn creator(created_by: &CreatedBy) -> Option<Labels> {
    let kind = match created_by.r#type.as_deref() {
        Some("DEPLOYMENT") => "deployment",
        Some("AUTOMATION") => "automation",
        _ => return None,
    };
    let id = created_by.id.map_or_else(|| "None".to_owned(), |id| id.to_string());
    let mut labels = resource(format!("prefect.{kind}.{id}"), "creator");
    if let Some(name) = created_by.display_value.as_deref().filter(|name| !name.is_empty()) {
        labels.insert(RESOURCE_NAME.to_owned(), name.to_owned());
    }
    Some(labels)
}
