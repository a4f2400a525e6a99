//! Parameters with their templates filled in, from the workspace's variables.

use std::collections::HashMap;
use std::sync::Arc;

use sluice_parameters::{HydrationContext, HydrationError, hydrate, names_variables};
use sluice_store::{StoreError, Tx, variables};
use sluice_wire::deployments::JsonObject;
use sluice_wire::ids::WorkspaceId;

/// What the workspace's variables are needed for, when `parameters` name any.
pub async fn hydration_context(
    tx: &mut Tx,
    workspace: WorkspaceId,
    names_any: bool,
) -> Result<HydrationContext, StoreError> {
    let variables = if names_any { variables::read_values(tx, workspace).await? } else { HashMap::new() };
    Ok(HydrationContext { variables, renderer: Some(Arc::default()) })
}

/// The parameters with their templates filled in.
pub async fn hydrated(
    tx: &mut Tx,
    workspace: WorkspaceId,
    parameters: &JsonObject,
) -> Result<Result<JsonObject, HydrationError>, StoreError> {
    let context = hydration_context(tx, workspace, names_variables(parameters)).await?;
    Ok(hydrate(parameters, &context))
}
