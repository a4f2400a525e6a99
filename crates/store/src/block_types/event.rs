use serde::Serialize;
use sluice_wire::blocks::BlockType;
use sluice_wire::ids::WorkspaceId;
use sluice_wire::json::RawJson;
use sluice_wire::time::Timestamp;

use crate::{Result, StoreError, Tx, outbox};

#[derive(Serialize)]
struct Payload<'t> {
    name: &'t str,
    slug: &'t str,
    logo_url: Option<&'t str>,
    documentation_url: Option<&'t str>,
    description: Option<&'t str>,
    code_example: Option<&'t str>,
    is_protected: bool,
}

/// Tells that the type was `created`, `updated` or `deleted`.
pub(super) async fn push_event(
    tx: &mut Tx,
    workspace: WorkspaceId,
    action: &str,
    block_type: &BlockType,
    now: Timestamp,
) -> Result<()> {
    let payload = Payload {
        name: &block_type.name,
        slug: &block_type.slug,
        logo_url: block_type.logo_url.as_deref(),
        documentation_url: block_type.documentation_url.as_deref(),
        description: block_type.description.as_deref(),
        code_example: block_type.code_example.as_deref(),
        is_protected: block_type.is_protected,
    };
    let payload = RawJson::from_value(&payload).map_err(|error| StoreError::Internal(error.to_string()))?;
    let event = outbox::lifecycle_event(now, "block-type", action, block_type.id, &block_type.name, payload);
    outbox::push(tx, workspace, &event).await
}
