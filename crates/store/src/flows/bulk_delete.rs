use sluice_wire::filters::{FlowFilter, RelatedFilters};
use sluice_wire::ids::{FlowId, WorkspaceId};
use sluice_wire::sorting::FlowSort;
use sluice_wire::time::Timestamp;

use super::{delete, filter};
use crate::{Result, Tx};

/// Deletes the first `limit` flows by name that the filter finds, with their deployments and runs; returns them.
pub async fn bulk_delete(
    tx: &mut Tx,
    workspace: WorkspaceId,
    flows: Option<&FlowFilter>,
    limit: i64,
    now: Timestamp,
) -> Result<Vec<FlowId>> {
    let related = RelatedFilters { flows: flows.cloned(), ..RelatedFilters::default() };
    let mut deleted = Vec::new();
    for flow in filter(tx, workspace, &related, FlowSort::NameAsc, limit, 0).await? {
        if delete(tx, workspace, flow.id, now).await? {
            deleted.push(flow.id);
        }
    }
    Ok(deleted)
}
