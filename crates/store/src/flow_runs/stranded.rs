use sluice_wire::deployments::DeploymentStatus;
use sluice_wire::ids::{DeploymentId, FlowId, FlowRunId, StateId, WorkspaceId};
use sluice_wire::labels::KeyValueLabels;
use sluice_wire::time::{TimeDelta, Timestamp};
use sluice_wire::workers::WorkerStatus;

use crate::{Dialect, Json, Result, Row, Sql, Tx, params};

/// The label by which workers name themselves on a run that they have claimed.
pub const WORKER_NAME_LABEL: &str = "prefect.worker.name";

/// A run of a deployment that was claimed and has not begun, and who might still begin it.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedRun {
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// The run.
    pub id: FlowRunId,
    /// Its name.
    pub name: String,
    /// Its flow.
    pub flow_id: FlowId,
    /// The deployment that it was made of.
    pub deployment_id: DeploymentId,
    /// Its PENDING state.
    pub state_id: Option<StateId>,
    /// When it came to this state: every step of a worker is a new one.
    pub since: Timestamp,
    /// What its worker knows the infrastructure by.
    pub infrastructure_pid: Option<String>,
    /// How often it was handed out again.
    pub hand_outs: i64,
    /// Its labels, among them those of its deployment.
    pub labels: KeyValueLabels,
    /// Its tags, among them those of its deployment.
    pub tags: Vec<String>,
    /// Who takes runs of its kind.
    pub claimants: Claimants,
}

/// Who may have claimed a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimants {
    /// The workers of a pool.
    Workers {
        /// The type of the pool.
        pool_type: String,
        /// The name of the worker that has the run, if it has said so, and whether it is online.
        known: Option<(String, bool)>,
        /// Whether any worker of the pool is online.
        is_any_online: bool,
        /// Whether a worker that was there when the run came to its state has gone offline since.
        is_any_lost: bool,
    },
    /// A process that serves the deployment.
    Server {
        /// Whether it still asks for runs.
        is_polling: bool,
    },
}

/// Runs of deployments of any workspace that are PENDING since `before` or longer, after `cursor` in the order of that
/// time, at most `limit`. A worker counts as there at a moment when it was heard of no longer than `heard_within`
/// before.
pub async fn claimed_since(
    tx: &mut Tx,
    before: Timestamp,
    cursor: (Timestamp, FlowRunId),
    heard_within: TimeDelta,
    limit: i64,
) -> Result<Vec<ClaimedRun>> {
    let mut sql = select_claimed(tx, heard_within);
    sql.push(" AND flow_run.state_timestamp <= ").bind(before);
    sql.push(" AND (flow_run.state_timestamp > ").bind(cursor.0);
    sql.push(" OR (flow_run.state_timestamp = ").bind(cursor.0);
    sql.push(" AND flow_run.id > ").bind(cursor.1);
    sql.push(")) ORDER BY flow_run.state_timestamp, flow_run.id LIMIT ").bind(limit);
    tx.query_sql(sql).await?.into_iter().map(from_row).collect()
}

/// The run, if it is PENDING and of a deployment; its row is locked until the transaction ends.
pub async fn claimed_for_update(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: FlowRunId,
    heard_within: TimeDelta,
) -> Result<Option<ClaimedRun>> {
    let mut sql = select_claimed(tx, heard_within);
    sql.push(" AND flow_run.workspace_id = ").bind(workspace).push(" AND flow_run.id = ").bind(id);
    if tx.dialect() == Dialect::Postgres {
        sql.push(" FOR UPDATE OF flow_run");
    }
    tx.query_sql(sql).await?.into_iter().next().map(from_row).transpose()
}

fn select_claimed(tx: &Tx, heard_within: TimeDelta) -> Sql {
    let mut sql = Sql::new(
        tx.dialect(),
        "SELECT flow_run.workspace_id, flow_run.id, flow_run.name, flow_run.flow_id, flow_run.deployment_id,
            flow_run.state_id, flow_run.state_timestamp, flow_run.infrastructure_pid, flow_run.hand_outs,
            flow_run.labels, flow_run.tags, deployment.status, work_pool.type, claimant.status,
            EXISTS (SELECT 1 FROM worker WHERE worker.work_pool_id = work_pool.id AND worker.status = 'ONLINE'),
            EXISTS (SELECT 1 FROM worker WHERE worker.work_pool_id = work_pool.id AND worker.status = 'OFFLINE'
                    AND worker.last_heartbeat_time >= flow_run.state_timestamp - ",
    );
    match tx.dialect() {
        Dialect::Sqlite => sql.bind(heard_within),
        Dialect::Postgres => {
            sql.push("make_interval(secs => CAST(").bind(heard_within).push(" AS bigint) / 1000000.0)")
        }
    };
    sql.push(
        ") FROM flow_run
         JOIN deployment ON deployment.id = flow_run.deployment_id
         LEFT JOIN work_queue ON work_queue.id = flow_run.work_queue_id
         LEFT JOIN work_pool ON work_pool.id = work_queue.work_pool_id
         LEFT JOIN worker AS claimant ON claimant.work_pool_id = work_pool.id AND claimant.name = ",
    );
    sql.push(match tx.dialect() {
        Dialect::Sqlite => "json_extract(flow_run.labels, '$.\"prefect.worker.name\"')",
        Dialect::Postgres => "flow_run.labels ->> 'prefect.worker.name'",
    });
    // As the index has it.
    sql.push(" WHERE flow_run.state_type = 'PENDING' AND flow_run.deployment_id IS NOT NULL");
    sql
}

fn from_row(row: Row) -> Result<ClaimedRun> {
    let mut columns = row.columns();
    let (workspace, id, name) = (columns.take()?, columns.take()?, columns.take()?);
    let (flow_id, deployment_id, state_id) = (columns.take()?, columns.take()?, columns.take()?);
    let (since, infrastructure_pid) = (columns.take()?, columns.take()?);
    let hand_outs: Option<i64> = columns.take()?;
    let Json(labels): Json<KeyValueLabels> = columns.take()?;
    let tags = columns.take()?;
    let deployment_status: String = columns.take()?;
    let pool_type: Option<String> = columns.take()?;
    let worker_status: Option<String> = columns.take()?;
    let (is_any_online, is_any_lost) = (columns.take()?, columns.take()?);
    let claimants = match pool_type {
        Some(pool_type) => {
            let is_online = worker_status.as_deref() == Some(WorkerStatus::Online.as_str());
            let known = labels.text(WORKER_NAME_LABEL).map(|name| (name.to_owned(), is_online));
            Claimants::Workers { pool_type, known, is_any_online, is_any_lost }
        }
        None => Claimants::Server { is_polling: deployment_status == DeploymentStatus::Ready.as_str() },
    };
    Ok(ClaimedRun {
        workspace,
        id,
        name,
        flow_id,
        deployment_id,
        state_id,
        since,
        infrastructure_pid,
        hand_outs: hand_outs.unwrap_or(0),
        labels,
        tags,
        claimants,
    })
}

/// Notes that the run is handed out again: nobody has claimed it, and no infrastructure is known for it.
pub async fn note_hand_out(
    tx: &mut Tx,
    workspace: WorkspaceId,
    id: FlowRunId,
    labels: &KeyValueLabels,
    now: Timestamp,
) -> Result<()> {
    tx.execute(
        "UPDATE flow_run SET hand_outs = COALESCE(hand_outs, 0) + 1, infrastructure_pid = NULL, labels = ?3,
             updated = ?4
         WHERE workspace_id = ?1 AND id = ?2",
        params![workspace, id, Json(labels), now],
    )
    .await?;
    Ok(())
}
