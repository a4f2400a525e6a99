//! `sluice flow-run cancel`

use clap::Args;
use sluice_client::SetStateBody;
use sluice_wire::states::{State, StateType};

use super::accepted;
use crate::exit::Failure;
use crate::lookup;
use crate::session::Session;

/// Cancel a flow run: its worker ends it, or it never begins
#[derive(Args)]
pub(super) struct Cancel {
    /// Its id, what its id begins with, or its name
    #[arg(value_name = "RUN")]
    run: String,
}

impl Cancel {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let run = lookup::flow_run(session, &self.run).await?;
        let state = SetStateBody::new(StateType::Cancelling);
        let result = session.client.set_flow_run_state(run.id, &state, false).await?;
        // A run that has not begun is cancelled at once: another state than the one that was asked for.
        let is_cancelled =
            |state: &&State| matches!(state.r#type, StateType::Cancelled | StateType::Cancelling);
        let state = result.state.as_ref().filter(is_cancelled);
        if state.is_none() {
            accepted(&format!("cancel flow run '{}'", run.name), &result)?;
        }
        let now = state.map_or("Cancelling", |state| state.name.as_str());
        session.printer.done(&result, &format!("Flow run '{}' is {now}.", run.name))
    }
}
