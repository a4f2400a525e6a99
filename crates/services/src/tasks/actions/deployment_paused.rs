//! `pause-deployment` and `resume-deployment`.

use sluice_store::automations::actions::PendingAction;
use sluice_store::{Tx, deployments};
use sluice_wire::automations::DeploymentTarget;
use sluice_wire::time::Timestamp;

use super::inference;
use super::outcome::{Refused, Report};

pub(super) async fn act(
    tx: &mut Tx,
    pending: &PendingAction,
    target: &DeploymentTarget,
    paused: bool,
    now: Timestamp,
    report: &mut Report,
) -> Result<(), Refused> {
    let id = inference::target(&pending.action, target.deployment_id, "prefect.deployment", "deployment")?;
    report.target(format!("prefect.deployment.{id}"));
    if !deployments::set_paused(tx, pending.workspace, id, paused, now).await? {
        return Err(Refused::status(pending.action.action.kind(), 404, report));
    }
    report.status(200);
    Ok(())
}
