//! The blocks that messages go through.

use sluice_store::automations::actions::PendingAction;
use sluice_store::{StoreError, block_documents};
use sluice_wire::blocks::{BlockDocument, Object};
use sluice_wire::ids::BlockDocumentId;

use crate::Context;
use crate::tasks::actions::outcome::{Refused, Report};

/// A block with its secrets.
pub(super) struct Block {
    /// Of which type.
    pub(super) slug: String,
    /// Whether its type says that it can notify.
    pub(super) can_notify: bool,
    /// Its data, secrets shown.
    pub(super) data: Object,
    id: BlockDocumentId,
    name: Option<String>,
}

impl Block {
    /// Names the block and its type as what the action had to do with.
    pub(super) fn relate(&self, report: &mut Report) {
        report.relate(format!("prefect.block-document.{}", self.id), "block", self.name.clone());
        report.relate(format!("prefect.block-type.{}", self.slug), "block-type", None);
    }
}

/// Reads the block; `what` as in "The webhook block was invalid".
pub(super) async fn read(
    context: &Context,
    pending: &PendingAction,
    id: BlockDocumentId,
    what: &str,
) -> Result<Block, Refused> {
    let kind = pending.action.action.kind();
    let arguments = (pending.workspace, context.secrets(), id);
    let found: Result<Option<BlockDocument>, StoreError> = context
        .store()
        .read(arguments, |tx, (workspace, keys, id)| {
            Box::pin(block_documents::read(tx, *workspace, keys, *id, true))
        })
        .await;
    let document = match found {
        Ok(Some(document)) => document,
        Ok(None) => return Err(Refused::status(kind, 404, &mut Report::default())),
        Err(error @ (StoreError::Unavailable(_) | StoreError::Conflict(_))) => return Err(error.into()),
        // A key is missing, most likely.
        Err(error) => return Err(Refused::failed(format!("The {what} block was invalid: {error}"))),
    };
    let slug = document.block_type.map(|block_type| block_type.slug.to_string()).unwrap_or_default();
    let capabilities = document.block_schema.map(|schema| schema.capabilities).unwrap_or_default();
    let can_notify = capabilities.iter().any(|capability| capability == "notify");
    Ok(Block { slug, can_notify, data: document.data, id, name: document.name })
}
