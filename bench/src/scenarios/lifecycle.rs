//! `lifecycle`: create, Pending, Running, Completed from one client, one request after the other.

use super::prepare;
use crate::failure::Failure;
use crate::load::Load;
use crate::report::Measurement;
use crate::servers::Server;
use crate::workload::Workload;

pub(super) async fn run(server: &mut Server, workload: &Workload) -> Result<Vec<Measurement>, Failure> {
    let client = server.client().clone();
    let flow = prepare::flow(&client).await?;
    let lifecycle = move |_| {
        let (client, flow) = (client.clone(), flow.clone());
        async move { prepare::lifecycle(&client, &flow).await }
    };
    let time_limit = workload.time_limit;
    let warm_up = Load { workers: 1, operations: workload.warm_up, time_limit };
    warm_up.run("warm-up", server.process_id(), 1, lifecycle.clone()).await?;
    let load = Load { workers: 1, operations: workload.lifecycles, time_limit };
    Ok(vec![load.run("four requests", server.process_id(), 1, lifecycle).await?])
}
