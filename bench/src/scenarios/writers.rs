//! `writers`: lifecycles by 8 and by 32 clients at once. What counts besides throughput is the errors: an
//! embedded database that several requests write to must not answer "busy" to any of them.

use super::prepare;
use crate::failure::Failure;
use crate::load::Load;
use crate::report::Measurement;
use crate::servers::Server;
use crate::workload::Workload;

pub(super) async fn run(server: &mut Server, workload: &Workload) -> Result<Vec<Measurement>, Failure> {
    let client = server.client().clone();
    let flow = prepare::flow(&client).await?;
    let mut measurements = Vec::new();
    for workers in [8, 32] {
        let (client, flow) = (client.clone(), flow.clone());
        let lifecycle = move |_| {
            let (client, flow) = (client.clone(), flow.clone());
            async move { prepare::lifecycle(&client, &flow).await }
        };
        let load =
            Load { workers, operations: workload.lifecycles_of_writers, time_limit: workload.time_limit };
        let name = format!("{workers} writers, four requests");
        measurements.push(load.run(&name, server.process_id(), 1, lifecycle).await?);
    }
    Ok(measurements)
}
