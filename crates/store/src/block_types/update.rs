use sluice_blocks::unescape_html;
use sluice_wire::blocks::{BlockType, BlockTypeUpdate};
use sluice_wire::ids::WorkspaceId;
use sluice_wire::patch::Patch;
use sluice_wire::time::Timestamp;

use super::event::push_event;
use crate::{Result, Tx, params};

/// Changes what was sent of a type that was just read. Clients send the whole type whenever they register it: when
/// nothing differs, nothing is written or told.
pub async fn update(
    tx: &mut Tx,
    workspace: WorkspaceId,
    block_type: BlockType,
    update: &BlockTypeUpdate,
    now: Timestamp,
) -> Result<()> {
    if !differs(&block_type, update) {
        return Ok(());
    }
    let changed = |current: Option<String>, sent: &Patch<String>| match sent {
        Patch::Absent => current,
        Patch::Null => None,
        Patch::Value(value) => Some(value.clone()),
    };
    let updated = BlockType {
        updated: now,
        logo_url: changed(block_type.logo_url, &update.logo_url),
        documentation_url: changed(block_type.documentation_url, &update.documentation_url),
        description: changed(block_type.description, &update.description),
        code_example: changed(block_type.code_example, &update.code_example),
        ..block_type
    };
    tx.execute(
        "UPDATE block_type SET updated = ?3, logo_url = ?4, documentation_url = ?5, description = ?6,
             code_example = ?7
         WHERE workspace_id = ?1 AND id = ?2",
        params![
            workspace,
            updated.id,
            now,
            updated.logo_url.as_deref(),
            updated.documentation_url.as_deref(),
            updated.description.as_deref(),
            updated.code_example.as_deref(),
        ],
    )
    .await?;
    push_event(tx, workspace, "updated", &updated, now).await
}

fn differs(block_type: &BlockType, update: &BlockTypeUpdate) -> bool {
    let is_other = |current: &Option<String>, sent: &Patch<String>, is_html: bool| {
        let plain = |text: &str| if is_html { unescape_html(text) } else { text.to_owned() };
        match sent.as_option() {
            None => false,
            Some(sent) => sent.map(String::as_str).map(plain) != current.as_deref().map(plain),
        }
    };
    is_other(&block_type.logo_url, &update.logo_url, false)
        || is_other(&block_type.documentation_url, &update.documentation_url, false)
        || is_other(&block_type.description, &update.description, true)
        || is_other(&block_type.code_example, &update.code_example, true)
}
