//! `sluice deployment ls`

use clap::Args;
use serde_json::json;
use sluice_wire::deployments::{Deployment, DeploymentStatus};

use crate::exit::Failure;
use crate::lookup;
use crate::output::Cell;
use crate::session::Session;

/// List deployments, by name
#[derive(Args)]
pub(super) struct Ls {
    /// Only deployments of the flows with these names
    #[arg(value_name = "FLOW")]
    flow_name: Vec<String>,
    /// The same as FLOW; may be given several times
    #[arg(long = "flow-name", visible_alias = "flow_name", value_name = "FLOW")]
    flows: Vec<String>,
    /// The newest first, instead of by name
    #[arg(long)]
    by_created: bool,
    /// Only deployments with this tag; with several, only those that have them all
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
    /// How many at most
    #[arg(long, value_name = "NUMBER", default_value_t = 200)]
    limit: usize,
}

impl Ls {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let mut body = json!({ "sort": if self.by_created { "CREATED_DESC" } else { "NAME_ASC" } });
        let flows: Vec<&String> = self.flow_name.iter().chain(&self.flows).collect();
        if !flows.is_empty() {
            body["flows"] = json!({ "name": { "any_": flows } });
        }
        if !self.tag.is_empty() {
            body["deployments"] = json!({ "tags": { "all_": self.tag } });
        }
        let deployments = session.client.deployments(&body, self.limit).await?;
        let names = lookup::deployment_names(session, &deployments).await?;
        let mut named: Vec<_> = names.into_iter().zip(deployments).collect();
        if !self.by_created {
            named.sort_by(|one, other| one.0.cmp(&other.0));
        }
        let rows: Vec<Vec<Cell>> = named.iter().map(|(name, deployment)| row(name, deployment)).collect();
        let deployments: Vec<Deployment> = named.into_iter().map(|(_, deployment)| deployment).collect();
        let titles = ["NAME", "ID", "WORK POOL", "STATUS", "SCHEDULES"];
        session.printer.rows("deployments", &deployments, &titles, rows)
    }
}

fn row(name: &str, deployment: &Deployment) -> Vec<Cell> {
    let active = deployment.schedules.iter().filter(|schedule| schedule.active).count();
    let schedules = match deployment.schedules.len() {
        0 => String::new(),
        all if all == active => all.to_string(),
        all => format!("{active} of {all}"),
    };
    vec![
        Cell::text(name),
        Cell::id(deployment.id),
        Cell::optional(deployment.work_pool_name.as_deref()),
        Cell::readiness(deployment.paused, Some(deployment.status == DeploymentStatus::Ready)),
        Cell::exact(schedules),
    ]
}
