//! Automations.

use serde_json::json;
use sluice_wire::automations::Automation;

use super::{MOST_LOOKED_THROUGH, Named, by_prefix, missing, only};
use crate::exit::Failure;
use crate::session::Session;

/// The automation that `text` names.
pub(crate) async fn automation(session: &Session, text: &str) -> Result<Automation, Failure> {
    let all = session.client.automations(&json!({}), MOST_LOOKED_THROUGH).await?;
    let names: Vec<String> = all.iter().map(|automation| automation.core.name.clone()).collect();
    let id = |automation: &Automation| automation.id.to_string();
    let named: Vec<Automation> =
        all.iter().filter(|automation| automation.core.name == text).cloned().collect();
    if let Some(found) = only("automation", text, named, id)? {
        return Ok(found);
    }
    let found = match Named::parse(text) {
        Named::Id(uuid) => by_prefix("automation", &uuid.to_string(), all, id)?,
        Named::Prefix(prefix) => by_prefix("automation", &prefix, all, id)?,
        Named::Name => None,
    };
    found.ok_or_else(|| missing("automation", text, &names, "sluice automation ls"))
}
