//! Deletes runs that ended longer ago than runs are kept, with their logs and artifacts. Does nothing unless the
//! setting says how long that is: nobody's history disappears unasked.

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use sluice_orchestration::{Dice, Environment, Settings};
use sluice_store::{Database, StoreError, flow_runs, logs, run_logs, workspaces};
use sluice_wire::client_version::Client;
use sluice_wire::time::Timestamp;

use crate::{Context, Next, Service, ServiceError, ServiceSettings};

const PERIOD: Duration = Duration::from_secs(60);
/// A run brings its task runs, states, artifacts and logs: fewer runs than rows make a batch.
const RUNS_PER_BATCH: i64 = 50;

/// The retention of runs.
#[derive(Debug)]
pub struct RunRetention;

impl Service for RunRetention {
    fn name(&self) -> &'static str {
        "run_retention"
    }

    fn period(&self, _: &ServiceSettings) -> Duration {
        PERIOD
    }

    fn run<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<Next, ServiceError>> {
        async move {
            let Some(retention) = context.settings.run_retention else { return Ok(Next::Period) };
            let before = context.now() - retention;
            let is_more_left =
                delete_runs(context, before).await? | delete_free_logs(context, before).await?;
            Ok(if is_more_left { Next::Again } else { Next::Period })
        }
        .boxed()
    }
}

/// Returns whether more may be left.
async fn delete_runs(context: &Context, before: Timestamp) -> Result<bool, ServiceError> {
    let batch = context.settings.retention_batch.min(RUNS_PER_BATCH);
    let mut is_any_full = false;
    let workspaces =
        context.store().read((), |tx, ()| Box::pin(workspaces::with_flow_runs(tx))).await.map_err(store)?;
    for workspace in workspaces {
        // A run that is over holds nothing; what the environment says beside the time is not looked at.
        let environment = Environment {
            now: context.now(),
            client: Client::default(),
            settings: Settings::default(),
            dice: Dice::roll(0.0),
        };
        let deleted = context
            .write((workspace, before, batch, environment), |tx, (workspace, before, batch, environment)| {
                Box::pin(flow_runs::delete_expired(tx, *workspace, *before, *batch, environment))
            })
            .await?;
        if deleted.is_empty() {
            continue;
        }
        is_any_full |= i64::try_from(deleted.len()).is_ok_and(|deleted| deleted >= batch);
        tracing::info!(%workspace, runs = deleted.len(), "deleted runs that ended long ago");
        context
            .write_telemetry((workspace, deleted), |tx, (workspace, deleted)| {
                Box::pin(run_logs::delete_of_flow_runs(tx, *workspace, deleted))
            })
            .await?;
    }
    Ok(is_any_full)
}

/// Log lines that belong to no flow run go by their own age.
async fn delete_free_logs(context: &Context, before: Timestamp) -> Result<bool, ServiceError> {
    let batch = context.settings.retention_batch;
    let mut is_any_full = false;
    let workspaces = context
        .store()
        .read_from(Database::Telemetry, (), |tx, ()| Box::pin(workspaces::with_logs(tx)))
        .await
        .map_err(store)?;
    for workspace in workspaces {
        let deleted = context
            .write_telemetry((workspace, before, batch), |tx, (workspace, before, batch)| {
                Box::pin(logs::delete_expired(tx, *workspace, *before, *batch))
            })
            .await?;
        is_any_full |= i64::try_from(deleted).is_ok_and(|deleted| deleted >= batch);
    }
    Ok(is_any_full)
}

fn store(error: StoreError) -> ServiceError {
    error.into()
}
