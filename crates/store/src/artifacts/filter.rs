use sluice_wire::artifacts::Artifact;
use sluice_wire::filters::{ArtifactFilter, ArtifactFilterRequest, RelatedFilters};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::sorting::ArtifactSort;

use super::{COLUMNS, from_row};
use crate::{Result, Sql, Tx, filters};

/// The artifacts that the filters find, in order: `limit` of them after the offset of the request.
pub async fn filter(
    tx: &mut Tx,
    workspace: WorkspaceId,
    request: &ArtifactFilterRequest<ArtifactFilter, ArtifactSort>,
    limit: i64,
) -> Result<Vec<Artifact>> {
    let mut sql = Sql::new(tx.dialect(), "SELECT ");
    sql.push(COLUMNS).push(" FROM artifact");
    filters::artifacts::push_where(&mut sql, workspace, request.artifacts.as_ref(), &request.related);
    filters::artifacts::push_order(&mut sql, request.sort);
    filters::push_page(&mut sql, limit, request.page.offset);
    tx.query_sql(sql).await?.into_iter().map(from_row).collect()
}

/// How many artifacts the filters find.
pub async fn count(
    tx: &mut Tx,
    workspace: WorkspaceId,
    artifacts: Option<&ArtifactFilter>,
    related: &RelatedFilters,
) -> Result<i64> {
    let mut sql = Sql::new(tx.dialect(), "SELECT count(*) FROM artifact");
    filters::artifacts::push_where(&mut sql, workspace, artifacts, related);
    Ok(tx.scalar_sql(sql).await?.unwrap_or(0))
}
