use std::collections::HashSet;

use sluice_wire::deployments::{DeploymentSchedule, JsonObject};
use sluice_wire::flow_runs::CreatedBy;
use sluice_wire::ids::{FlowRunId, StateId, WorkspaceId};
use sluice_wire::run_names::random_run_name;
use sluice_wire::run_policies::FlowRunPolicy;
use sluice_wire::schedules::Schedule;
use sluice_wire::states::State;
use sluice_wire::time::Timestamp;

use crate::deployments::StoredDeployment;
use crate::{Json, Result, Row, Sql, StoreError, Tx, Value, params};

/// Makes a scheduled run for each date that has none yet (wire-protocol 7.14); returns those that are new. No rules are
/// asked and no events are told: nothing happened yet.
pub async fn insert_runs(
    tx: &mut Tx,
    workspace: WorkspaceId,
    stored: &StoredDeployment,
    schedule: &DeploymentSchedule,
    dates: &[Timestamp],
    auto_scheduled: bool,
    now: Timestamp,
) -> Result<Vec<FlowRunId>> {
    if dates.is_empty() {
        return Ok(Vec::new());
    }
    let template = Template::new(stored, schedule, auto_scheduled)?;
    let (mut runs, mut states) = (Vec::with_capacity(dates.len()), Vec::with_capacity(dates.len()));
    for date in dates {
        let id = FlowRunId::sequential();
        let mut state = State::scheduled("Scheduled", *date, StateId::sequential(), now);
        state.message = Some("Flow run scheduled".to_owned());
        runs.push(template.row(workspace, id, *date, &state, now));
        states.push((id, state));
    }
    tx.execute_many(
        "INSERT INTO flow_run (id, workspace_id, created, updated, name, flow_id, deployment_id, deployment_version,
            work_queue_name, work_queue_id, parameters, idempotency_key, context, empirical_policy, tags, labels,
            run_count, expected_start_time, next_scheduled_start_time, total_run_time, auto_scheduled,
            infrastructure_document_id, created_by, state_id, state_type, state_name, state_timestamp, state)
         VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, 0, ?16, ?16, 0, ?17, ?18, ?19,
            ?20, 'SCHEDULED', ?21, ?22, ?23)
         ON CONFLICT (flow_id, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING",
        runs,
    )
    .await?;
    let mut sql = Sql::new(tx.dialect(), "SELECT id FROM flow_run WHERE workspace_id = ");
    sql.bind(workspace).push(" AND id IN (").bind_list(states.iter().map(|(id, _)| *id)).push(")");
    let inserted =
        tx.query_sql(sql).await?.into_iter().map(Row::scalar).collect::<Result<HashSet<FlowRunId>>>()?;
    states.retain(|(id, _)| inserted.contains(id));
    let rows = states
        .iter()
        .map(|(id, state)| {
            params![state.id, workspace, *id, state.timestamp, state.r#type.as_str(), Json(state)]
        })
        .collect();
    tx.execute_many(
        "INSERT INTO flow_run_state (id, workspace_id, flow_run_id, timestamp, type, state)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        rows,
    )
    .await?;
    if !states.is_empty()
        && let Some(queue) = stored.deployment.work_queue_id
    {
        tx.notify_scheduled(queue);
    }
    Ok(states.into_iter().map(|(id, _)| id).collect())
}

/// What the runs of one schedule have in common.
struct Template<'a> {
    stored: &'a StoredDeployment,
    schedule: &'a DeploymentSchedule,
    auto_scheduled: bool,
    parameters: Value,
    tags: Vec<String>,
    labels: Value,
    policy: Value,
    created_by: Value,
}

impl<'a> Template<'a> {
    fn new(
        stored: &'a StoredDeployment,
        schedule: &'a DeploymentSchedule,
        auto_scheduled: bool,
    ) -> Result<Self> {
        let deployment = &stored.deployment;
        let mut parameters = stored.parameters()?;
        let own: JsonObject =
            schedule.parameters.parse().map_err(|error| StoreError::Corrupt(error.to_string()))?;
        parameters.extend(own);
        let mut tags = deployment.tags.clone();
        if auto_scheduled {
            tags.insert(0, "auto-scheduled".to_owned());
        }
        let mut labels = stored.labels()?;
        labels.set("prefect.flow.id", deployment.flow_id.to_string());
        labels.set("prefect.deployment.id", deployment.id.to_string());
        let created_by = CreatedBy {
            id: Some(schedule.id.0),
            r#type: Some("SCHEDULE".to_owned()),
            display_value: Some(
                schedule
                    .slug
                    .clone()
                    .filter(|slug| !slug.is_empty())
                    .unwrap_or_else(|| kind(&schedule.schedule)),
            ),
        };
        Ok(Self {
            stored,
            schedule,
            auto_scheduled,
            parameters: Value::from(Json(parameters)),
            tags,
            labels: Value::from(Json(labels)),
            policy: Value::from(Json(FlowRunPolicy::default())),
            created_by: Value::from(Json(created_by)),
        })
    }

    fn row(
        &self,
        workspace: WorkspaceId,
        id: FlowRunId,
        date: Timestamp,
        state: &State,
        now: Timestamp,
    ) -> Vec<Value> {
        let deployment = &self.stored.deployment;
        params![
            id,
            workspace,
            now,
            random_run_name(),
            deployment.flow_id,
            deployment.id,
            deployment.version.as_ref(),
            self.stored.stored_work_queue_name.as_ref(),
            deployment.work_queue_id,
            self.parameters.clone(),
            format!("scheduled {} {} {}", deployment.id, self.schedule.id, date.python_str()),
            Json(JsonObject::new()),
            self.policy.clone(),
            &self.tags,
            self.labels.clone(),
            date,
            self.auto_scheduled,
            deployment.infrastructure_document_id,
            self.created_by.clone(),
            state.id,
            &state.name,
            state.timestamp,
            Json(state),
        ]
    }
}

/// The name of the kind of schedule, in the reference's terms.
fn kind(schedule: &Schedule) -> String {
    let kind = match schedule {
        Schedule::Interval(_) => "IntervalSchedule",
        Schedule::Cron(_) => "CronSchedule",
        Schedule::RRule(_) => "RRuleSchedule",
    };
    kind.to_owned()
}
