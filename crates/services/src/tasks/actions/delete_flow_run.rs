//! `delete-flow-run`.

use sluice_orchestration::Environment;
use sluice_store::automations::actions::PendingAction;
use sluice_store::{Tx, flow_runs};

use super::inference;
use super::outcome::{Refused, Report};

pub(super) async fn act(
    tx: &mut Tx,
    pending: &PendingAction,
    environment: &Environment,
    report: &mut Report,
) -> Result<(), Refused> {
    let id = inference::flow_run(&pending.action)?;
    report.target(format!("prefect.flow-run.{id}"));
    if !flow_runs::delete(tx, pending.workspace, id, environment).await? {
        return Err(Refused::status(pending.action.action.kind(), 404, report));
    }
    report.status(204);
    Ok(())
}
