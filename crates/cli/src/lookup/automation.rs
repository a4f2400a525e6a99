//! Automations.

use serde_json::json;
use sluice_wire::automations::Automation;

use super::{MOST_LOOKED_THROUGH, Named, by_prefix, missing, only};
use crate::exit::Failure;
use crate::session::Session;

/// The automation that `text` names; an error where it is the name of several.
pub(crate) async fn automation(session: &Session, text: &str) -> Result<Automation, Failure> {
    let found = automations(session, text).await?;
    let found = only("automation", text, found, |automation| automation.id.to_string())?;
    found.ok_or_else(|| missing("automation", text, &[""; 0], LIST))
}

/// The automations that `text` names, at least one: all of that name, or the one with that id.
pub(crate) async fn automations(session: &Session, text: &str) -> Result<Vec<Automation>, Failure> {
    let all = session.client.automations(&json!({}), MOST_LOOKED_THROUGH).await?;
    let (named, others): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|automation| automation.core.name == text);
    if !named.is_empty() {
        return Ok(named);
    }
    let names: Vec<String> = others.iter().map(|automation| automation.core.name.clone()).collect();
    let by = |beginning: &str| by_prefix("automation", beginning, others, |other| other.id.to_string());
    let found = match Named::parse(text) {
        Named::Id(uuid) => by(&uuid.to_string())?,
        Named::Prefix(prefix) => by(&prefix)?,
        Named::Name => None,
    };
    found.map(|found| vec![found]).ok_or_else(|| missing("automation", text, &names, LIST))
}

/// What shows the automations that there are.
const LIST: &str = "sluice automation ls";
