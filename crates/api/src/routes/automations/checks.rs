//! What is wrong with an automation besides its form: templates, parameters, job variables.

use serde_json::Value;
use sluice_parameters::{
    HydrationContext, HydrationError, PathPart, Placeholder, hydrate_leniently, upgrade_templates,
};
use sluice_secrets::KeyRing;
use sluice_store::{Tx, deployments, work_pools};
use sluice_wire::automations::{Action, AutomationCore};
use sluice_wire::deployments::JsonObject;
use sluice_wire::ids::WorkspaceId;

use crate::ApiError;
use crate::errors::Problem;

/// 422 when a template of an action, or a parameter that is made from one, cannot be used.
pub(super) fn check_templates(core: &AutomationCore) -> Result<(), ApiError> {
    let lists = [
        ("actions", &core.actions),
        ("actions_on_trigger", &core.actions_on_trigger),
        ("actions_on_resolve", &core.actions_on_resolve),
    ];
    let mut problems = Vec::new();
    for (list, actions) in lists {
        for (index, action) in actions.iter().enumerate() {
            for (field, template) in action.templates() {
                if let Err(error) = sluice_templating::check(template) {
                    let message = format!("'{field}' is not a valid template: {error}");
                    problems.push(problem(list, index, field, message, template.into()));
                }
            }
            if let Action::RunDeployment(run) = action
                && let Some(parameters) = &run.parameters
                && let Some(message) = invalid_parameters(parameters)
            {
                let found = Value::Object(parameters.clone());
                problems.push(problem(list, index, "parameters", message, found));
            }
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(ApiError::invalid(problems, Value::Null)) }
}

fn problem(list: &str, index: usize, field: &str, message: String, input: Value) -> Problem {
    Problem {
        r#type: "value_error".to_owned(),
        loc: vec!["body".into(), list.into(), index.into(), field.into()],
        msg: format!("Value error, {message}"),
        input,
        ctx: Some(serde_json::json!({ "error": {} })),
    }
}

/// What is wrong with the parameters, whatever their templates see. Which variables there are is of no interest yet.
fn invalid_parameters(parameters: &JsonObject) -> Option<String> {
    let mut parameters = parameters.clone();
    upgrade_templates(&mut parameters);
    let hydrated = hydrate_leniently(&parameters, &HydrationContext::default());
    let mistakes: Vec<String> = hydrated
        .placeholders
        .iter()
        .filter_map(|(path, placeholder)| match placeholder {
            Placeholder::Error(HydrationError::VariableNotFound(_)) | Placeholder::Template => None,
            Placeholder::Error(error) if path.is_empty() => Some(format!(" {error}")),
            Placeholder::Error(error) => Some(format!("{}: {error}", written(path))),
        })
        .collect();
    (!mistakes.is_empty()).then(|| format!("Invalid parameters: \n{}", mistakes.join("\n  ")))
}

fn written(path: &[PathPart]) -> String {
    let mut text = String::new();
    for part in path {
        match part {
            PathPart::Key(key) if text.is_empty() => text.push_str(key),
            PathPart::Key(key) => text = format!("{text}.{key}"),
            PathPart::Index(index) => text = format!("{text}[{index}]"),
        }
    }
    text
}

/// 404 for a deployment that does not exist and is given job variables; 422 when those do not fit the template of its
/// work pool. An automation that is created may have none for it.
pub(super) async fn check_job_variables(
    tx: &mut Tx,
    workspace: WorkspaceId,
    keys: &KeyRing,
    core: &AutomationCore,
    skips_empty: bool,
) -> Result<(), ApiError> {
    let mut mistakes = Vec::new();
    for action in &core.actions {
        let Action::RunDeployment(run) = action else { continue };
        let (Some(id), Some(job_variables)) = (run.target.deployment_id, &run.job_variables) else {
            continue;
        };
        if skips_empty && job_variables.is_empty() {
            continue;
        }
        let stored = deployments::read(tx, workspace, id)
            .await?
            .ok_or_else(|| ApiError::not_found("Deployment not found."))?;
        let Some(pool) = stored.work_pool_id else { continue };
        if job_variables.is_empty() && stored.job_variables()?.is_empty() {
            continue;
        }
        let Some(pool) = work_pools::read(tx, workspace, pool).await? else { continue };
        if let Err(error) =
            sluice_operations::check_of_run(tx, workspace, keys, &pool, &[job_variables]).await?
        {
            mistakes.push(error.to_string());
        }
    }
    if mistakes.is_empty() {
        return Ok(());
    }
    Err(ApiError::unprocessable(format!("Error creating automation: {}", mistakes.join(" "))))
}
