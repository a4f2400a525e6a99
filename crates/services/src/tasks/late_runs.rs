//! Marks runs late that did not start in time.

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use sluice_orchestration::FlowPolicy;
use sluice_store::flow_runs;
use sluice_wire::ids::StateId;
use sluice_wire::states::State;

use crate::environment::environment;
use crate::{Context, Next, Service, ServiceError, ServiceSettings};

const PERIOD: Duration = Duration::from_secs(5);
/// Runs that are looked at in one round.
const BATCH: i64 = 400;

/// The service that marks late runs.
#[derive(Debug)]
pub struct LateRuns;

impl Service for LateRuns {
    fn name(&self) -> &'static str {
        "late_runs"
    }

    fn period(&self, _: &ServiceSettings) -> Duration {
        PERIOD
    }

    fn run<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Next, ServiceError>> {
        mark(context).boxed()
    }
}

async fn mark(context: &Context) -> Result<Next, ServiceError> {
    let before = context.now() - context.settings.late_runs_after;
    let overdue =
        context.store().read(before, |tx, before| Box::pin(flow_runs::overdue(tx, *before, BATCH))).await?;
    let is_full = i64::try_from(overdue.len()).is_ok_and(|found| found == BATCH);
    let mut marked = 0;
    for run in overdue {
        let environment = environment(context);
        let change = context
            .write((run, environment), |tx, (run, environment)| {
                Box::pin(async move {
                    let (id, now) = (StateId::sequential(), environment.now);
                    let late = State::scheduled("Late", run.scheduled_time, id, now);
                    let policy = FlowPolicy::MarkLateRuns;
                    flow_runs::commit_state(tx, run.workspace, run.id, policy, late, environment).await
                })
            })
            .await?;
        marked += usize::from(change.is_some_and(|change| change.is_written));
    }
    if marked > 0 {
        tracing::info!(runs = marked, "marked runs late");
    }
    // Only when it got on: runs that cannot be marked must not keep the service busy.
    Ok(if is_full && marked > 0 { Next::Again } else { Next::Period })
}
