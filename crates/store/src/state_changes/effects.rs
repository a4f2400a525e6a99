//! Applies what a decision asks for besides the state and the run.

use sluice_orchestration::{Effect, Environment, TaskPolicy};
use sluice_wire::ids::{FlowRunId, TaskRunId, WorkspaceId};
use sluice_wire::states::{State, StateType};
use sluice_wire::time::Timestamp;

use super::event::{self, Subject};
use super::leases::{self, NewLease};
use super::limits;
use crate::{Result, Tx, params, task_queue, task_runs};

/// What effects refer to without carrying it.
pub(crate) struct Scene<'a> {
    pub workspace: WorkspaceId,
    pub environment: &'a Environment,
    /// The flow run whose state changed; none when a task run's did.
    pub subject: Option<Subject<'a>>,
    /// The state before.
    pub initial: Option<&'a State>,
    /// The state that was written.
    pub written: Option<&'a State>,
}

/// Applies the effects in their order.
pub(crate) async fn apply(tx: &mut Tx, scene: &Scene<'_>, effects: &[Effect]) -> Result<()> {
    for effect in effects {
        apply_one(tx, scene, effect).await?;
    }
    Ok(())
}

async fn apply_one(tx: &mut Tx, scene: &Scene<'_>, effect: &Effect) -> Result<()> {
    let Scene { workspace, environment, .. } = *scene;
    match effect {
        Effect::WriteResultArtifact { id, key, r#type, description, data, flow_run_id, task_run_id } => {
            let data = crate::Json(data);
            tx.execute(
                "INSERT INTO artifact (id, workspace_id, created, updated, key, type, description, data,
                 flow_run_id, task_run_id) VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                params![
                    *id,
                    workspace,
                    environment.now,
                    key.as_ref(),
                    r#type.as_ref(),
                    description.as_ref(),
                    data,
                    *flow_run_id,
                    *task_run_id,
                ],
            )
            .await?;
            Ok(())
        }
        Effect::AcquireSlots { limit_id, counters, .. } => {
            limits::write_counters(tx, workspace, *limit_id, *counters).await
        }
        Effect::CreateLease { id, limit_ids, slots, holder, expires_at } => {
            let lease =
                NewLease { id: *id, limit_ids, slots: *slots, holder: *holder, expires_at: *expires_at };
            leases::create(tx, workspace, lease, environment.now).await
        }
        Effect::RenewLease { id, expires_at } => leases::renew(tx, workspace, *id, *expires_at).await,
        Effect::ReleaseLease { id } => leases::release(tx, workspace, *id, environment).await,
        Effect::ReleaseSlots { limit_id, slots, occupancy_seconds } => {
            limits::give_back(tx, workspace, &[*limit_id], *slots, *occupancy_seconds, environment).await
        }
        // Limits on tags are limits named `tag:<tag>`; those of the older kind are never loaded, so nobody asks.
        Effect::HoldLegacyTagSlot { .. } | Effect::FreeLegacyTagSlot { .. } => Ok(()),
        Effect::EmitFlowRunStateEvent => match (&scene.subject, scene.written) {
            (Some(subject), Some(written)) => {
                event::push(tx, workspace, subject, scene.initial, written).await
            }
            _ => Ok(()),
        },
        Effect::MirrorStateToParentTaskRun { task_run_id, state } => {
            let policy = TaskPolicy::for_request(true, state);
            // Whether the task run is still there does not matter to its subflow.
            propose(tx, workspace, *task_run_id, policy, (**state).clone(), environment).await
        }
        Effect::ForceFailedTaskRunsToAwaitingRetry { flow_run_id, scheduled_time } => {
            retry_failed_task_runs(tx, scene, *flow_run_id, *scheduled_time).await
        }
        Effect::InsertStateCache { cache_key, cache_expiration, state_id } => {
            tx.execute(
                "INSERT INTO task_run_state_cache (id, workspace_id, created, cache_key, cache_expiration,
                 task_run_state_id) VALUES (?1, ?2, ?3, ?4, ?5, ?1)",
                params![*state_id, workspace, environment.now, cache_key, *cache_expiration],
            )
            .await?;
            Ok(())
        }
        Effect::EnqueueTaskRun { task_run_id, retry } => {
            task_queue::push(tx, workspace, *task_run_id, *retry, environment.now).await
        }
        // Who cancels stuck runs finds them by the state and its time, which are in the run's row.
        Effect::ScheduleCancellingTimeout { .. } => Ok(()),
    }
}

/// A proposal to a task run in the course of another change. Boxed: a task run's change may have effects, too.
async fn propose(
    tx: &mut Tx,
    workspace: WorkspaceId,
    task_run_id: TaskRunId,
    policy: TaskPolicy,
    state: State,
    environment: &Environment,
) -> Result<()> {
    let mut environment = environment.clone();
    environment.dice = sluice_orchestration::Dice::roll(environment.dice.uniform);
    Box::pin(task_runs::commit_state(tx, workspace, task_run_id, policy, state, &environment)).await?;
    Ok(())
}

async fn retry_failed_task_runs(
    tx: &mut Tx,
    scene: &Scene<'_>,
    flow_run_id: FlowRunId,
    scheduled_time: Timestamp,
) -> Result<()> {
    let Scene { workspace, environment, .. } = *scene;
    let failed = tx
        .query(
            "SELECT id FROM task_run WHERE workspace_id = ?1 AND flow_run_id = ?2 AND state_type = ?3 ORDER BY id",
            params![workspace, flow_run_id, StateType::Failed],
        )
        .await?;
    for row in failed {
        let id: TaskRunId = row.scalar()?;
        let state_id = sluice_wire::ids::StateId::sequential();
        let state = State::scheduled("AwaitingRetry", scheduled_time, state_id, environment.now);
        propose(tx, workspace, id, TaskPolicy::Minimal, state, environment).await?;
        tx.execute(
            "UPDATE task_run SET run_count = 0 WHERE workspace_id = ?1 AND id = ?2",
            params![workspace, id],
        )
        .await?;
    }
    Ok(())
}
