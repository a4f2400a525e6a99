//! `sluice flow-run retry`

use clap::Args;
use serde_json::json;
use sluice_client::SetStateBody;
use sluice_wire::states::StateType;

use super::accepted;
use crate::exit::Failure;
use crate::lookup;
use crate::session::{self, Session};

/// Run a flow run of a deployment again that has ended
#[derive(Args)]
pub(super) struct Retry {
    /// Its id, what its id begins with, or its name
    #[arg(value_name = "RUN")]
    run: String,
}

impl Retry {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let run = lookup::flow_run(session, &self.run).await?;
        let (id, name) = (run.id, run.name);
        if !run.state_type.is_some_and(StateType::is_final) {
            let state = run.state_name.as_deref().unwrap_or("without a state");
            return Err(Failure::new(format!(
                "flow run '{name}' is {state}, and only runs that have ended are retried; `sluice flow-run cancel {id}` ends it"
            )));
        }
        if run.deployment_id.is_none() {
            return Err(Failure::new(format!(
                "flow run '{name}' has no deployment, so no worker can run it; `prefect flow-run retry {id} --entrypoint FILE:FLOW` runs its code here"
            )));
        }
        let mut state = SetStateBody::new(StateType::Scheduled).named("AwaitingRetry");
        state.state_details = json!({ "scheduled_time": session::now() });
        let result = session.client.set_flow_run_state(id, &state, true).await?;
        accepted(&format!("retry flow run '{name}'"), &result)?;
        session.printer.done(
            &result,
            &format!("Flow run '{name}' is scheduled again; `sluice flow-run watch {id}` shows how it goes."),
        )
    }
}
