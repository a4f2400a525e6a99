//! From `worker.hello.v1` to `worker.ready.v1`.

use std::collections::BTreeSet;

use sluice_store::{JobError, StoreError, Tx, work_pools, work_queues, workers};
use sluice_wire::base_job_template;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::patch::Patch;
use sluice_wire::time::Timestamp;
use sluice_wire::work_pools::{WorkPool, WorkPoolCreate, WorkPoolUpdate};
use sluice_wire::work_queues::WorkQueue;
use sluice_wire::worker_channel::{
    CHANNEL_VERSION, CLEANUP_DELIVERY, CloseReason, REQUIRED_CAPABILITIES, ResolvedWorkQueue, SCHEDULED_RUNS,
    WorkPoolSnapshot, WorkerHello, WorkerReady,
};

use crate::App;
use crate::routes::work_pools::job_variable_defaults;
use crate::routes::work_pools::lookup::is_reserved;

/// Why a worker is not let in.
enum SetupError {
    Refused(CloseReason),
    Store(StoreError),
}

impl From<StoreError> for SetupError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl JobError for SetupError {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            Self::Refused(_) => None,
        }
    }
}

/// Finds or creates the pool, gives it the worker's job template when it has none, notes the first heartbeat. All or
/// nothing: a worker that is not let in leaves nothing behind.
pub(super) async fn setup(
    app: &App,
    workspace: WorkspaceId,
    pool_name: &str,
    hello: &WorkerHello,
) -> Result<WorkerReady, CloseReason> {
    if !hello.supported_channel_versions.iter().any(|version| version == CHANNEL_VERSION) {
        return Err(CloseReason::UnsupportedVersion);
    }
    let template = &hello.default_base_job_template;
    if base_job_template::check(template).is_err()
        || job_variable_defaults::check(app, workspace, template).await.is_err()
    {
        return Err(CloseReason::ProtocolError);
    }
    let now = app.clock.now();
    let entered = app
        .store
        .write((workspace, pool_name.to_owned(), hello.clone(), now), |tx, (workspace, name, hello, now)| {
            Box::pin(enter(tx, *workspace, name, hello, *now))
        })
        .await;
    match entered {
        Ok((pool, queues)) => Ok(ready(hello, pool, queues)),
        Err(SetupError::Refused(reason)) => Err(reason),
        Err(SetupError::Store(error)) => {
            tracing::error!(%error, "cannot open the channel of a worker");
            Err(CloseReason::TransientServerError)
        }
    }
}

async fn enter(
    tx: &mut Tx,
    workspace: WorkspaceId,
    name: &str,
    hello: &WorkerHello,
    now: Timestamp,
) -> Result<(WorkPool, Vec<WorkQueue>), SetupError> {
    let refused = || SetupError::Refused(CloseReason::AuthorizationFailed);
    let pool = match work_pools::read_by_name(tx, workspace, name).await? {
        Some(pool) => pool,
        None if !hello.create_pool_if_not_found || is_reserved(name) => return Err(refused()),
        None => {
            let pool = serde_json::json!({
                "name": name, "type": hello.worker_type, "base_job_template": hello.default_base_job_template,
            });
            let pool: WorkPoolCreate =
                serde_json::from_value(pool).map_err(|_| SetupError::Refused(CloseReason::ProtocolError))?;
            work_pools::create(tx, workspace, &pool, now).await?
        }
    };
    let queues = if hello.work_queue_names.is_empty() {
        work_queues::of_pool(tx, workspace, pool.id).await?
    } else {
        let mut seen = BTreeSet::new();
        let mut queues = Vec::new();
        for name in hello.work_queue_names.iter().filter(|name| seen.insert(*name)) {
            let queue = work_queues::read_by_name(tx, workspace, pool.id, name).await?;
            queues.push(queue.ok_or_else(refused)?);
        }
        queues
    };
    let is_empty = |template: &str| template.bytes().all(|byte| b"{} \n\r\t".contains(&byte));
    if is_empty(pool.base_job_template.text()) && !is_empty(hello.default_base_job_template.text()) {
        let template = Patch::Value(hello.default_base_job_template.clone());
        let update = WorkPoolUpdate { base_job_template: template, ..WorkPoolUpdate::default() };
        work_pools::update(tx, workspace, pool.id, &update, now).await?;
    }
    let interval = Some(hello.heartbeat_interval_seconds.get());
    workers::heartbeat(tx, workspace, &pool, &hello.worker_name, interval, now).await?;
    let pool = work_pools::read(tx, workspace, pool.id).await?.ok_or_else(refused)?;
    Ok((pool, queues))
}

fn ready(hello: &WorkerHello, pool: WorkPool, queues: Vec<WorkQueue>) -> WorkerReady {
    let mut accepted = REQUIRED_CAPABILITIES.to_vec();
    if hello.requests_cleanup() {
        accepted.push(CLEANUP_DELIVERY);
    }
    if hello.requests_scheduled_runs() {
        accepted.push(SCHEDULED_RUNS);
    }
    let mut rejected: Vec<String> = Vec::new();
    for capability in &hello.requested_capabilities {
        if !accepted.contains(&&**capability) && !rejected.contains(capability) {
            rejected.push(capability.clone());
        }
    }
    WorkerReady {
        consumer_id: hello.consumer_id,
        worker_id: None,
        selected_channel_version: CHANNEL_VERSION,
        effective_heartbeat_interval_seconds: hello.heartbeat_interval_seconds.get(),
        accepted_capabilities: accepted,
        rejected_capabilities: rejected,
        effective_max_cleanup_concurrency: if hello.requests_cleanup() {
            hello.max_cleanup_concurrency()
        } else {
            0
        },
        resolved_work_queues: queues
            .into_iter()
            .map(|queue| ResolvedWorkQueue { id: queue.id, name: queue.name })
            .collect(),
        initial_snapshot: WorkPoolSnapshot { snapshot_sequence: 1, reason: "initial", work_pool: pool },
    }
}
