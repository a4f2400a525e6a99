use sluice_secrets::KeyRing;
use sluice_wire::blocks::BlockDocument;
use sluice_wire::ids::{BlockDocumentId, WorkspaceId};
use sluice_wire::sorting::BlockDocumentSort;

use super::Filters;
use super::loaded::{Loaded, Opening};
use crate::{Result, Row, Sql, Tx, filters};

/// Which part of the found documents is read, and how.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// The order.
    pub sort: BlockDocumentSort,
    /// How many at most; none: all.
    pub limit: Option<i64>,
    /// How many are passed over.
    pub offset: i64,
    /// Whether secrets are shown.
    pub include_secrets: bool,
}

/// The documents that the filters find, in order.
pub async fn filter(
    tx: &mut Tx,
    workspace: WorkspaceId,
    keys: &KeyRing,
    filters: &Filters,
    reading: Reading,
) -> Result<Vec<BlockDocument>> {
    let mut sql = Sql::new(tx.dialect(), "SELECT block_document.id FROM block_document");
    filters::block_documents::push_where(&mut sql, workspace, filters);
    filters::block_documents::push_order(&mut sql, reading.sort);
    if let Some(limit) = reading.limit {
        filters::push_page(&mut sql, limit, reading.offset);
    }
    let rows = tx.query_sql(sql).await?;
    let ids = rows.into_iter().map(Row::scalar).collect::<Result<Vec<BlockDocumentId>>>()?;
    let loaded = Loaded::load(tx, workspace, &ids).await?;
    let opening = Opening { keys, workspace, include_secrets: reading.include_secrets };
    ids.into_iter().filter_map(|id| loaded.full(id, &opening).transpose()).collect()
}

/// How many documents the filters find.
pub async fn count(tx: &mut Tx, workspace: WorkspaceId, filters: &Filters) -> Result<i64> {
    let mut sql = Sql::new(tx.dialect(), "SELECT count(*) FROM block_document");
    filters::block_documents::push_where(&mut sql, workspace, filters);
    Ok(tx.scalar_sql(sql).await?.unwrap_or(0))
}
