use sluice_wire::artifacts::ArtifactCollection;
use sluice_wire::filters::{ArtifactCollectionFilter, ArtifactFilterRequest, RelatedFilters};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::sorting::ArtifactCollectionSort;

use super::{COLLECTION_COLUMNS, collection_from_row};
use crate::{Result, Sql, Tx, filters};

/// The newest artifacts of a key that the filters find, in order: `limit` of them after the offset of the request.
pub async fn filter_latest(
    tx: &mut Tx,
    workspace: WorkspaceId,
    request: &ArtifactFilterRequest<ArtifactCollectionFilter, ArtifactCollectionSort>,
    limit: i64,
) -> Result<Vec<ArtifactCollection>> {
    let mut sql = Sql::new(tx.dialect(), "SELECT ");
    sql.push(COLLECTION_COLUMNS).push(" FROM artifact_collection");
    filters::artifact_collections::push_where(
        &mut sql,
        workspace,
        request.artifacts.as_ref(),
        &request.related,
    );
    filters::artifact_collections::push_order(&mut sql, request.sort);
    filters::push_page(&mut sql, limit, request.page.offset);
    tx.query_sql(sql).await?.into_iter().map(collection_from_row).collect()
}

/// How many newest artifacts of a key the filters find.
pub async fn count_latest(
    tx: &mut Tx,
    workspace: WorkspaceId,
    artifacts: Option<&ArtifactCollectionFilter>,
    related: &RelatedFilters,
) -> Result<i64> {
    let mut sql = Sql::new(tx.dialect(), "SELECT count(*) FROM artifact_collection");
    filters::artifact_collections::push_where(&mut sql, workspace, artifacts, related);
    Ok(tx.scalar_sql(sql).await?.unwrap_or(0))
}
