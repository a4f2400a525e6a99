//! `run-deployment`. Its parameters are made before the transaction of the run: templates take their time.

use std::sync::Arc;

use serde_json::json;
use sluice_operations::{Maker, Refusal};
use sluice_orchestration::Environment;
use sluice_parameters::{Failure, HydrationContext, JobVariablesError, hydrate, upgrade_templates};
use sluice_secrets::KeyRing;
use sluice_store::automations::actions::PendingAction;
use sluice_store::{StoreError, Tx, deployments, variables};
use sluice_templating::Renderer;
use sluice_wire::automations::{Action, RunDeployment, TriggeredAction};
use sluice_wire::deployments::{DeploymentFlowRunCreate, JsonObject};
use sluice_wire::flow_runs::CreatedBy;
use sluice_wire::ids::DeploymentId;

use super::outcome::{Refused, Report};
use super::{inference, template_context};
use crate::Context;

/// The parameters with their templates filled in.
#[derive(Debug)]
pub(super) struct Prepared(JsonObject);

/// Makes the parameters of a run, if the action makes one.
pub(super) async fn prepare(context: &Context, pending: &PendingAction) -> Result<Option<Prepared>, Refused> {
    let Action::RunDeployment(run) = &pending.action.action else { return Ok(None) };
    let id = deployment(&pending.action, run)?;
    let mut parameters = run.parameters.clone().unwrap_or_default();
    upgrade_templates(&mut parameters);
    let texts = template_context::texts_in(&parameters);
    if texts.is_empty() {
        return Ok(Some(Prepared(parameters)));
    }
    let values = template_context::read(context, pending, &texts).await?;
    let variables = context
        .store()
        .read(pending.workspace, |tx, workspace| Box::pin(variables::read_values(tx, *workspace)))
        .await?;
    let renderer = Renderer::new(&context.settings.ui_url, values);
    let hydration = HydrationContext { variables, renderer: Some(Arc::new(renderer)) };
    match hydrate(&parameters, &hydration) {
        Ok(parameters) => Ok(Some(Prepared(parameters))),
        Err(error) => {
            let mut report = Box::<Report>::default();
            report.target(format!("prefect.deployment.{id}"));
            let reason = format!("Unable to create flow run from deployment: {error}");
            Err(Refused::Failed { reason, report })
        }
    }
}

pub(super) async fn act(
    tx: &mut Tx,
    pending: &PendingAction,
    run: &RunDeployment,
    prepared: Option<&Prepared>,
    keys: &KeyRing,
    environment: &Environment,
    report: &mut Report,
) -> Result<(), Refused> {
    let action = &pending.action;
    let kind = action.action.kind();
    let id = deployment(action, run)?;
    report.target(format!("prefect.deployment.{id}"));
    let Some(stored) = deployments::read(tx, pending.workspace, id).await? else {
        return Err(Refused::status(kind, 404, report));
    };
    let scheduled_time = environment.now + run.schedule_after;
    let mut request: DeploymentFlowRunCreate = serde_json::from_value(json!({
        "state": {"type": "SCHEDULED", "state_details": {"scheduled_time": scheduled_time}},
        "idempotency_key": action.idempotency_key(),
        "job_variables": run.job_variables,
    }))
    .map_err(|error| StoreError::Internal(error.to_string()))?;
    request.parameters = prepared.map(|prepared| prepared.0.clone()).unwrap_or_default();
    let created_by = CreatedBy {
        id: Some(action.automation.id.0),
        r#type: Some("AUTOMATION".to_owned()),
        display_value: Some(action.automation.core.name.clone()),
    };
    let maker = Maker::new(tx, pending.workspace, keys, &stored, Some(&created_by), environment).await?;
    match maker.make(tx, &request).await {
        Ok((run, is_new)) => {
            report.status(if is_new { 201 } else { 200 });
            report.relate(format!("prefect.flow-run.{}", run.id), "flow-run", Some(run.name));
            Ok(())
        }
        Err(refusal) => Err(refused(kind, refusal, report)),
    }
}

fn deployment(action: &TriggeredAction, run: &RunDeployment) -> Result<DeploymentId, Refused> {
    inference::target(action, run.target.deployment_id, "prefect.deployment", "deployment")
}

/// As the same request over HTTP is refused.
fn refused(kind: &str, refusal: Refusal, report: &mut Report) -> Refused {
    let (status, detail) = match refusal {
        Refusal::Store(error) => return error.into(),
        Refusal::Hydration(_) | Refusal::NoPool { .. } => return Refused::status(kind, 400, report),
        Refusal::JobVariables(JobVariablesError::BlockNotFound) => {
            return Refused::status(kind, 404, report);
        }
        Refusal::NoSchema => (
            409,
            "Error updating deployment: Cannot update parameters because parameter schema enforcement is \
             enabled and the deployment does not have a valid parameter schema."
                .to_owned(),
        ),
        Refusal::Parameters(Failure::Invalid(message)) => {
            (409, format!("Error creating flow run: {message}"))
        }
        Refusal::Parameters(failure) => (422, failure.to_string()),
        Refusal::JobVariables(error) => (422, format!("Error creating flow run: {error}")),
    };
    if status == 409 {
        report.details.insert("validation_error".to_owned(), detail.clone().into());
    }
    Refused::invalid(kind, status, &detail, report)
}
