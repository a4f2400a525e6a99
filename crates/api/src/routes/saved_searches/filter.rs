use axum::Json;
use axum::extract::State;
use sluice_store::saved_searches;
use sluice_wire::filters::PageRequest;
use sluice_wire::saved_searches::SavedSearch;

use crate::extract::{OptionalBody, Workspace, page_limit};
use crate::{ApiError, App};

/// `POST /saved_searches/filter`: all searches, by name.
pub async fn filter(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    OptionalBody(PageRequest(page)): OptionalBody<PageRequest>,
) -> Result<Json<Vec<SavedSearch>>, ApiError> {
    let limit = page_limit(&app, page.limit)?;
    let found = app
        .store
        .read((workspace, limit, page.offset), |tx, (workspace, limit, offset)| {
            Box::pin(saved_searches::list(tx, *workspace, *limit, *offset))
        })
        .await?;
    Ok(Json(found))
}
