//! `pause-work-pool` and `resume-work-pool`.

use sluice_store::automations::actions::PendingAction;
use sluice_store::{Tx, work_pools};
use sluice_wire::automations::WorkPoolTarget;
use sluice_wire::events::RESOURCE_NAME;
use sluice_wire::patch::Patch;
use sluice_wire::time::Timestamp;
use sluice_wire::work_pools::WorkPoolUpdate;

use super::inference;
use super::outcome::{Refused, Report};

pub(super) async fn act(
    tx: &mut Tx,
    pending: &PendingAction,
    target: &WorkPoolTarget,
    paused: bool,
    now: Timestamp,
    report: &mut Report,
) -> Result<(), Refused> {
    let id = inference::target(&pending.action, target.work_pool_id, "prefect.work-pool", "work pool")?;
    let Some(pool) = work_pools::read(tx, pending.workspace, id).await? else {
        return Err(Refused::failed(format!("Work pool {id} not found")));
    };
    report.target(format!("prefect.work-pool.{id}"));
    if let Some(labels) = report.related.last_mut() {
        labels.insert(RESOURCE_NAME.to_owned(), pool.name);
    }
    let update = WorkPoolUpdate { is_paused: Patch::Value(paused), ..WorkPoolUpdate::default() };
    work_pools::update(tx, pending.workspace, id, &update, now).await?;
    report.status(204);
    Ok(())
}
