//! `pause-automation` and `resume-automation`.

use sluice_store::automations::actions::PendingAction;
use sluice_store::{Tx, automations};
use sluice_wire::automations::AutomationTarget;
use sluice_wire::time::Timestamp;

use super::inference;
use super::outcome::{Refused, Report};

pub(super) async fn act(
    tx: &mut Tx,
    pending: &PendingAction,
    target: &AutomationTarget,
    enabled: bool,
    now: Timestamp,
    report: &mut Report,
) -> Result<(), Refused> {
    let id = inference::target(&pending.action, target.automation_id, "prefect.automation", "automation")?;
    report.target(format!("prefect.automation.{id}"));
    let kind = pending.action.action.kind();
    let Some(automation) = automations::read(tx, pending.workspace, id).await? else {
        return Err(Refused::status(kind, 404, report));
    };
    let mut changed = automation.core.clone();
    changed.enabled = enabled;
    changed.check().map_err(|message| Refused::invalid(kind, 422, message, report))?;
    automations::set_enabled(tx, pending.workspace, automation, enabled, now).await?;
    report.status(204);
    Ok(())
}
