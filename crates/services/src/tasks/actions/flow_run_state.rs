//! `cancel-flow-run`, `suspend-flow-run` and `change-flow-run-state`.

use sluice_orchestration::{Environment, FlowPolicy};
use sluice_store::automations::actions::PendingAction;
use sluice_store::{Tx, flow_runs};
use sluice_wire::automations::Action;
use sluice_wire::ids::StateId;
use sluice_wire::orchestration_results::StateResponseDetails;
use sluice_wire::states::{State, StateType};
use sluice_wire::time::{TimeDelta, Timestamp};

use super::inference;
use super::outcome::{Refused, Report};

/// How long a run stays suspended before it fails.
const SUSPENDED_FOR: TimeDelta = TimeDelta::from_secs(3_600);

pub(super) async fn act(
    tx: &mut Tx,
    pending: &PendingAction,
    environment: &Environment,
    report: &mut Report,
) -> Result<(), Refused> {
    let id = inference::flow_run(&pending.action)?;
    report.target(format!("prefect.flow-run.{id}"));
    let (state, force) = proposed(pending, environment.now);
    let policy = FlowPolicy::for_request(force);
    let change = flow_runs::commit_state(tx, pending.workspace, id, policy, state, environment).await?;
    let Some(change) = change else {
        return Err(Refused::status(pending.action.action.kind(), 404, report));
    };
    report.status(if change.is_written { 201 } else { 200 });
    let reason = match change.result.details {
        StateResponseDetails::Accept {} => return Ok(()),
        StateResponseDetails::Reject { reason } | StateResponseDetails::Abort { reason } => reason,
        StateResponseDetails::Wait { reason, .. } => reason,
    };
    report.denied = Some(format!("Failed to set state: {}", reason.unwrap_or_default()));
    Ok(())
}

fn proposed(pending: &PendingAction, now: Timestamp) -> (State, bool) {
    let automation = pending.action.automation.id;
    let new = |state_type| State::new(state_type, StateId::sequential(), now);
    match &pending.action.action {
        Action::ChangeFlowRunState(change) => {
            let mut state = new(change.state);
            if let Some(name) = change.name.as_ref().filter(|name| !name.is_empty()) {
                state.name.clone_from(name);
            }
            let message = change.message.clone().filter(|message| !message.is_empty());
            state.message =
                Some(message.unwrap_or_else(|| format!("State changed by Automation {automation}")));
            (state, change.force)
        }
        Action::SuspendFlowRun => {
            let mut state = new(StateType::Paused);
            "Suspended".clone_into(&mut state.name);
            state.message = Some(format!("Suspended by Automation {automation}"));
            state.state_details.pause_timeout = Some(now + SUSPENDED_FOR);
            state.state_details.pause_reschedule = true;
            (state, false)
        }
        _ => {
            let mut state = new(StateType::Cancelling);
            state.message = Some(format!("Cancelled by Automation {automation}"));
            (state, false)
        }
    }
}
