use std::collections::HashMap;

use sluice_wire::flows::NextFlowRun;
use sluice_wire::ids::{FlowId, WorkspaceId};
use sluice_wire::states::StateType;

use crate::{Result, Sql, Tx};

/// The scheduled run of each of these flows that comes next; flows without any are left out.
pub async fn next_runs(
    tx: &mut Tx,
    workspace: WorkspaceId,
    flows: &[FlowId],
) -> Result<HashMap<FlowId, NextFlowRun>> {
    let mut sql = Sql::new(
        tx.dialect(),
        "SELECT id, flow_id, name, state_name, next_scheduled_start_time
         FROM (SELECT flow_run.*, row_number() OVER (PARTITION BY flow_id ORDER BY next_scheduled_start_time, id) AS place
               FROM flow_run WHERE state_type = 'SCHEDULED' AND next_scheduled_start_time IS NOT NULL
               AND workspace_id = ",
    );
    sql.bind(workspace).push(" AND flow_id IN (").bind_list(flows.iter().copied());
    sql.push(")) AS scheduled WHERE place = 1");
    tx.query_sql(sql)
        .await?
        .into_iter()
        .map(|row| {
            let mut columns = row.columns();
            let run = NextFlowRun {
                id: columns.take()?,
                flow_id: columns.take()?,
                name: columns.take()?,
                state_name: columns.take()?,
                state_type: StateType::Scheduled,
                next_scheduled_start_time: columns.take()?,
            };
            Ok((run.flow_id, run))
        })
        .collect()
}
