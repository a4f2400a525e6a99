//! Fails runs whose pause has gone on for longer than it may.

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use sluice_orchestration::FlowPolicy;
use sluice_store::flow_runs;
use sluice_wire::ids::StateId;
use sluice_wire::states::{State, StateType};

use crate::environment::environment;
use crate::{Context, Next, Service, ServiceError, ServiceSettings};

const PERIOD: Duration = Duration::from_secs(5);
/// Runs that are failed in one round.
const BATCH: i64 = 200;
const MESSAGE: &str = "The flow was paused and never resumed.";

/// The service that ends pauses.
#[derive(Debug)]
pub struct PauseExpirations;

impl Service for PauseExpirations {
    fn name(&self) -> &'static str {
        "pause_expirations"
    }

    fn period(&self, _: &ServiceSettings) -> Duration {
        PERIOD
    }

    fn run<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Next, ServiceError>> {
        fail(context).boxed()
    }
}

async fn fail(context: &Context) -> Result<Next, ServiceError> {
    let now = context.now();
    let expired =
        context.store().read(now, |tx, now| Box::pin(flow_runs::expired_pauses(tx, *now, BATCH))).await?;
    for (workspace, run) in expired {
        let environment = environment(context);
        let is_failed = context
            .write((workspace, run, environment), |tx, (workspace, run, environment)| {
                Box::pin(async move {
                    // It may have been resumed since it was found.
                    if !flow_runs::is_expired_pause(tx, *workspace, *run, environment.now).await? {
                        return Ok(false);
                    }
                    let mut failed = State::new(StateType::Failed, StateId::sequential(), environment.now);
                    failed.message = Some(MESSAGE.to_owned());
                    let policy = FlowPolicy::Minimal;
                    flow_runs::commit_state(tx, *workspace, *run, policy, failed, environment)
                        .await
                        .map(|change| change.is_some_and(|change| change.is_written))
                })
            })
            .await?;
        if is_failed {
            tracing::info!(flow_run = %run, "failed a run that was paused and never resumed");
        }
    }
    Ok(Next::Period)
}
