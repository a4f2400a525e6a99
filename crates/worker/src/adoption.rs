//! What a worker of the same name, that is gone, has left: runs that go on are seen through, the rest is stopped.

use std::sync::Arc;

use tokio::task::JoinSet;

use crate::flow_run::{conclude, is_open, print, stop_infrastructure};
use crate::launchers::{LeftOver, StopCause};
use crate::shared::{InFlight, Shared};

/// Finds what was left and takes it over. The runs count against the limit of this worker, but go on if they are more.
pub(crate) async fn adopt(shared: &Arc<Shared>, runs: &mut JoinSet<()>) {
    let left_over = match shared.launcher.left_over(&shared.options.name).await {
        Ok(left_over) => left_over,
        Err(error) => {
            tracing::warn!(%error, "cannot look for what an earlier worker of this name has left");
            return;
        }
    };
    for left in left_over {
        let id = left.flow_run;
        let entry = InFlight { identifier: Some(left.launched.identifier.clone()), stopping: None };
        shared.in_flight().insert(id, entry);
        runs.spawn(take_over(Arc::clone(shared), left));
    }
}

async fn take_over(shared: Arc<Shared>, left: LeftOver) {
    let LeftOver { flow_run: id, launched, output } = left;
    // When the server cannot tell, the run is given the benefit of the doubt.
    let goes_on = is_open(&shared, id).await.unwrap_or(true);
    let identifier = &launched.identifier;
    if goes_on {
        print(output);
        tracing::info!(flow_run = %id, identifier, "watches over a run of an earlier worker");
    } else {
        // Whoever prints would wait for somebody to listen.
        drop(output);
        tracing::info!(flow_run = %id, identifier, "stops what an earlier worker has left of a run that is over");
        stop_infrastructure(&shared, identifier, StopCause::Shutdown).await;
    }
    let exit = launched.ended.await;
    if goes_on && let Err(error) = conclude(&shared, id, &exit).await {
        tracing::error!(flow_run = %id, %error, "cannot say how a run of an earlier worker ended");
    }
    shared.release(id);
}
