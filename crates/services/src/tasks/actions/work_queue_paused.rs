//! `pause-work-queue` and `resume-work-queue`.

use sluice_store::automations::actions::PendingAction;
use sluice_store::{Tx, work_queues};
use sluice_wire::automations::WorkQueueTarget;
use sluice_wire::patch::Patch;
use sluice_wire::time::Timestamp;
use sluice_wire::work_queues::WorkQueueUpdate;

use super::inference;
use super::outcome::{Refused, Report};

pub(super) async fn act(
    tx: &mut Tx,
    pending: &PendingAction,
    target: &WorkQueueTarget,
    paused: bool,
    now: Timestamp,
    report: &mut Report,
) -> Result<(), Refused> {
    let id = inference::target(&pending.action, target.work_queue_id, "prefect.work-queue", "work queue")?;
    report.target(format!("prefect.work-queue.{id}"));
    let update = WorkQueueUpdate { is_paused: Patch::Value(paused), ..WorkQueueUpdate::default() };
    if !work_queues::update(tx, pending.workspace, id, &update, now).await? {
        return Err(Refused::status(pending.action.action.kind(), 404, report));
    }
    report.status(204);
    Ok(())
}
