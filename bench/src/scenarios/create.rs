//! `create`: `POST /flow_runs/` from one client, one request after the other, in the
//! state in which the SDK creates the run of a flow that is called.

use super::prepare;
use crate::failure::Failure;
use crate::load::Load;
use crate::report::Measurement;
use crate::servers::Server;
use crate::workload::Workload;

pub(super) async fn run(server: &mut Server, workload: &Workload) -> Result<Vec<Measurement>, Failure> {
    let client = server.client().clone();
    let body = prepare::run_in(&prepare::flow(&client).await?, "PENDING", "Pending");
    let create = move |_| {
        let (client, body) = (client.clone(), body.clone());
        async move { client.measured_post("/flow_runs/", body).await.map(drop) }
    };
    let time_limit = workload.time_limit;
    let warm_up = Load { workers: 1, operations: workload.warm_up, time_limit };
    warm_up.run("warm-up", server.process_id(), 1, create.clone()).await?;
    let load = Load { workers: 1, operations: workload.created_runs, time_limit };
    Ok(vec![load.run("flow run", server.process_id(), 1, create).await?])
}
