//! `resume-flow-run`.

use sluice_operations::ResumeRefusal;
use sluice_orchestration::Environment;
use sluice_parameters::JsonObject;
use sluice_store::Tx;
use sluice_store::automations::actions::PendingAction;
use sluice_wire::orchestration_results::StateResponseDetails;

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
    let kind = pending.action.action.kind();
    let resumed = sluice_operations::resume(tx, pending.workspace, id, &JsonObject::new(), environment).await;
    let change = resumed.map_err(|refusal| match refusal {
        ResumeRefusal::NoSuchRun => Refused::status(kind, 404, report),
        ResumeRefusal::KeyTaken => Refused::status(kind, 409, report),
        ResumeRefusal::Store(error) => error.into(),
    })?;
    let reason = match change.result.details {
        StateResponseDetails::Accept {} => return Ok(()),
        StateResponseDetails::Reject { reason } | StateResponseDetails::Abort { reason } => reason,
        StateResponseDetails::Wait { reason, .. } => reason,
    };
    report.denied = Some(format!("Failed to resume flow run: {}", reason.unwrap_or_default()));
    Ok(())
}
