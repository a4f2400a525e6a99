use sluice_wire::events::filter::EventFilter;
use sluice_wire::ids::WorkspaceId;

use super::criteria::push_where;
use crate::{Result, Sql, Tx};

/// How many events meet the filter; with `distinct` resources, how many resources they are about.
pub async fn count(tx: &mut Tx, workspace: WorkspaceId, filter: &EventFilter) -> Result<i64> {
    let is_distinct = filter.resource.as_ref().is_some_and(|resource| resource.distinct);
    let what = if is_distinct { "SELECT count(DISTINCT event.resource_id)" } else { "SELECT count(*)" };
    let mut sql = Sql::new(tx.dialect(), what);
    sql.push(" FROM event");
    push_where(&mut sql, workspace, filter);
    Ok(tx.scalar_sql(sql).await?.unwrap_or(0))
}
