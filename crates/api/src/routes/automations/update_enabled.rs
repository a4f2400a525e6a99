use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};
use sluice_store::automations;
use sluice_wire::automations::AutomationPartialUpdate;
use sluice_wire::ids::AutomationId;

use super::no_such_automation;
use crate::errors::Problem;
use crate::extract::{Body, Id, Workspace};
use crate::responses::no_content;
use crate::{ApiError, App};

/// `PATCH /automations/{id}`: pauses it or lets it go on. 422 when it would start itself again and again.
pub async fn update_enabled(
    State(app): State<App>,
    Workspace(workspace): Workspace,
    Id(id): Id<AutomationId>,
    Body(update): Body<AutomationPartialUpdate>,
) -> Result<Response, ApiError> {
    let now = app.clock.now();
    app.store
        .write((workspace, id, update, now), |tx, (workspace, id, update, now)| {
            Box::pin(async move {
                let automation =
                    automations::read(tx, *workspace, *id).await?.ok_or_else(no_such_automation)?;
                let enabled = update.enabled.unwrap_or(automation.core.enabled);
                let mut changed = automation.core.clone();
                // Read as enabled when nothing is said, as the reference does it.
                changed.enabled = update.enabled.unwrap_or(true);
                changed.check().map_err(|message| invalid(message, *update))?;
                Ok::<_, ApiError>(automations::set_enabled(tx, *workspace, automation, enabled, *now).await?)
            })
        })
        .await?;
    Ok(no_content())
}

fn invalid(message: &str, update: AutomationPartialUpdate) -> ApiError {
    let problem = Problem {
        r#type: "value_error".to_owned(),
        loc: Vec::new(),
        msg: format!("Value error, {message}"),
        input: Value::Null,
        ctx: Some(json!({ "error": {} })),
    };
    ApiError::invalid(vec![problem], json!({ "enabled": update.enabled.unwrap_or(true) }))
}
