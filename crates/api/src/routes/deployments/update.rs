use std::collections::HashSet;

use axum::extract::State;
use axum::response::Response;
use sluice_operations::stored_schema_of;
use sluice_parameters::Checks;
use sluice_secrets::KeyRing;
use sluice_store::Tx;
use sluice_store::deployment_schedules::{self, Which};
use sluice_store::deployments::{self, StoredDeployment, WorkQueueChange};
use sluice_wire::deployments::{DeploymentScheduleCreate, DeploymentScheduleUpdate, DeploymentUpdate};
use sluice_wire::ids::{DeploymentId, WorkspaceId};
use sluice_wire::patch::Patch;
use sluice_wire::time::Timestamp;

use super::{create::both_limits, job_variables, parameters, schedules, work_queue};
use crate::extract::{Body, Id, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `PATCH /deployments/{id}` (wire-protocol 7.15): changes what was sent; future runs of the scheduler are made anew.
pub async fn update(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<DeploymentId>,
    Body(mut update): Body<DeploymentUpdate>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    if update.concurrency_limit.value().is_some() && update.global_concurrency_limit_id.value().is_some() {
        return Err(both_limits());
    }
    if update.enforce_parameter_schema == Patch::Null {
        return Err(ApiError::integrity_conflict());
    }
    if let Some(parameters) = &update.parameters {
        parameters::check_size(&app, parameters)?;
    }
    for (index, schedule) in update.schedules.iter_mut().flatten().enumerate() {
        if let Some(schedule) = &mut schedule.schedule {
            schedules::complete(schedule, &["schedules", &index.to_string(), "schedule"], now)?;
        }
    }
    app.store
        .write((workspace, app.secrets.ring(), id, update, now), |tx, (workspace, keys, id, update, now)| {
            Box::pin(update_in(tx, *workspace, keys, *id, update.clone(), *now))
        })
        .await?;
    Ok(no_content())
}

async fn update_in(
    tx: &mut Tx,
    workspace: WorkspaceId,
    keys: &KeyRing,
    id: DeploymentId,
    mut update: DeploymentUpdate,
    now: Timestamp,
) -> Result<(), ApiError> {
    let existing = deployments::read(tx, workspace, id)
        .await?
        .ok_or_else(|| ApiError::not_found("Deployment not found."))?;
    let plan = plan_schedules(&existing, update.schedules.as_deref())?;
    let work_queue = resolve_work_queue(tx, workspace, keys, &update, now).await?;
    check_parameters(tx, workspace, &existing, &mut update).await?;
    if let Some(limit) = update.global_concurrency_limit_id.value()
        && !deployments::limit_exists(tx, workspace, *limit).await?
    {
        return Err(ApiError::not_found("Concurrency limit not found"));
    }
    let replacement = match &plan {
        SchedulePlan::Replace(schedules) => Some(schedules.as_slice()),
        SchedulePlan::Keep | SchedulePlan::BySlug { .. } => None,
    };
    if !deployments::update(tx, workspace, id, &update, work_queue, replacement, now).await? {
        return Err(ApiError::not_found("Deployment not found."));
    }
    if let SchedulePlan::BySlug { patched, created } = plan {
        patch_schedules(tx, workspace, id, &patched, now).await?;
        deployment_schedules::create(tx, workspace, id, &created, now).await?;
    }
    Ok(())
}

/// What becomes of the schedules.
#[derive(Debug)]
enum SchedulePlan {
    /// Nothing was sent.
    Keep,
    /// These come in place of all that there are.
    Replace(Vec<DeploymentScheduleCreate>),
    /// Every schedule has a slug: those that are named are changed or created, the others stay.
    BySlug { patched: Vec<DeploymentScheduleUpdate>, created: Vec<DeploymentScheduleCreate> },
}

fn plan_schedules(
    existing: &StoredDeployment,
    sent: Option<&[DeploymentScheduleUpdate]>,
) -> Result<SchedulePlan, ApiError> {
    let Some(sent) = sent else { return Ok(SchedulePlan::Keep) };
    let schedules = &existing.deployment.schedules;
    let existing_slugs: Option<HashSet<&str>> =
        schedules.iter().map(|schedule| schedule.slug.as_deref()).collect();
    let all_sent_have_slugs = sent.iter().all(|schedule| schedule.slug.is_some());
    match existing_slugs.filter(|slugs| !slugs.is_empty()) {
        None => Ok(SchedulePlan::Replace(sent.iter().filter_map(new_schedule).collect())),
        Some(_) if !all_sent_have_slugs => Err(ApiError::unprocessable(
            "Please provide a slug for each schedule in your request to ensure schedules are updated correctly.",
        )),
        Some(slugs) => plan_by_slug(&slugs, sent),
    }
}

fn plan_by_slug(
    existing: &HashSet<&str>,
    sent: &[DeploymentScheduleUpdate],
) -> Result<SchedulePlan, ApiError> {
    let mut replaced = HashSet::new();
    for slug in sent.iter().filter_map(replaces) {
        if !replaced.insert(slug) {
            return Err(ApiError::unprocessable(format!(
                "Multiple schedules have 'replaces' targeting the same slug: {slug}"
            )));
        }
    }
    for schedule in sent {
        if let (Some(old), Some(new)) = (replaces(schedule), schedule.slug.as_deref())
            && existing.contains(new)
            && !replaced.contains(new)
        {
            return Err(ApiError::unprocessable(format!(
                "Cannot rename schedule from '{old}' to '{new}': a schedule with slug '{new}' already exists."
            )));
        }
    }
    let (mut patched, mut created) = (Vec::new(), Vec::new());
    for schedule in sent {
        let target = replaces(schedule).or(schedule.slug.as_deref());
        if target.is_some_and(|slug| existing.contains(slug)) {
            patched.push(schedule.clone());
        } else {
            if let Some(old) = replaces(schedule) {
                tracing::warn!(
                    slug = old,
                    "no schedule has the slug that is to be replaced: a new one is created"
                );
            }
            created.push(new_schedule(schedule).ok_or_else(|| {
                ApiError::unprocessable(
                    "Unable to create new deployment schedules without a schedule configuration.",
                )
            })?);
        }
    }
    Ok(SchedulePlan::BySlug { patched, created })
}

fn replaces(schedule: &DeploymentScheduleUpdate) -> Option<&str> {
    schedule.replaces.as_deref().filter(|slug| !slug.is_empty())
}

fn new_schedule(update: &DeploymentScheduleUpdate) -> Option<DeploymentScheduleCreate> {
    Some(DeploymentScheduleCreate {
        active: update.active.unwrap_or(true),
        schedule: update.schedule.clone()?,
        max_scheduled_runs: None,
        parameters: update.parameters.clone(),
        slug: update.slug.clone(),
        replaces: None,
    })
}

/// Renames go by the schedule's id, after the old slugs are gone: so two schedules can change places.
async fn patch_schedules(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: DeploymentId,
    patched: &[DeploymentScheduleUpdate],
    now: Timestamp,
) -> Result<(), ApiError> {
    let mut renamed = Vec::with_capacity(patched.len());
    for schedule in patched {
        let schedule_id = match replaces(schedule) {
            None => None,
            Some(slug) => {
                Some(deployment_schedules::find_by_slug(tx, workspace, id, slug).await?.ok_or_else(|| {
                    ApiError::not_found(format!("Schedule with slug '{slug}' no longer exists."))
                })?)
            }
        };
        renamed.push(schedule_id);
    }
    let ids: Vec<_> = renamed.iter().flatten().copied().collect();
    deployment_schedules::clear_slugs(tx, workspace, &ids).await?;
    for (schedule, schedule_id) in patched.iter().zip(renamed) {
        let which = match (schedule_id, schedule.slug.as_deref()) {
            (Some(schedule_id), _) => Which::Id(schedule_id),
            (None, Some(slug)) => Which::Slug(slug),
            (None, None) => continue,
        };
        deployment_schedules::update(tx, workspace, id, which, schedule, now).await?;
    }
    Ok(())
}

async fn resolve_work_queue(
    tx: &mut Tx,
    workspace: WorkspaceId,
    keys: &KeyRing,
    update: &DeploymentUpdate,
    now: Timestamp,
) -> Result<WorkQueueChange, ApiError> {
    if update.work_pool_name == Patch::Null {
        return Ok(WorkQueueChange::Clear);
    }
    let pool_name = update.work_pool_name.value().map(String::as_str).filter(|name| !name.is_empty());
    if let Some(name) = pool_name {
        let pool = work_queue::pool_named(tx, workspace, name).await?;
        let doing = "Error updating deployment";
        let job_variables = update.job_variables.as_ref();
        job_variables::check_of_deployment(tx, workspace, keys, &pool, job_variables, doing).await?;
    }
    let queue_name = update.work_queue_name.value().map(String::as_str);
    let queue = work_queue::resolve(tx, workspace, pool_name, queue_name, now).await?;
    Ok(queue.map_or(WorkQueueChange::Keep, WorkQueueChange::Set))
}

/// Fills templates in, and holds the parameters against the schema when the deployment enforces it.
async fn check_parameters(
    tx: &mut Tx,
    workspace: WorkspaceId,
    existing: &StoredDeployment,
    update: &mut DeploymentUpdate,
) -> Result<(), ApiError> {
    if let Some(sent) = &update.parameters {
        let hydrated = sluice_operations::hydrated(tx, workspace, sent)
            .await?
            .map_err(|error| parameters::hydration_failed("deployment", &error))?;
        update.parameters = Some(hydrated);
    }
    let enforces = update
        .enforce_parameter_schema
        .value()
        .copied()
        .unwrap_or(existing.deployment.enforce_parameter_schema);
    if !enforces {
        return Ok(());
    }
    let stored_parameters;
    let parameters = match &update.parameters {
        Some(parameters) => parameters,
        None => {
            stored_parameters = existing.parameters()?;
            &stored_parameters
        }
    };
    let stored_schema;
    let schema = match update.parameter_openapi_schema.value() {
        Some(schema) if !schema.is_empty() => Some(schema),
        Some(_) | None => {
            stored_schema = stored_schema_of(existing)?;
            stored_schema.as_ref()
        }
    };
    let checks = Checks { ignores_required: true, ..Checks::default() };
    parameters::check_schema_of(parameters, schema, checks, "Error updating deployment")
}
