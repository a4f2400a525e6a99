//! `sluice deployment schedule create`

use clap::{ArgAction, ArgGroup, Args};
use serde_json::{Value, json};

use super::{counted, describe};
use crate::confirmation::Confirmation;
use crate::exit::Failure;
use crate::lookup;
use crate::session::Session;

/// Add a schedule to a deployment
#[derive(Args)]
#[command(group = ArgGroup::new("kind").required(true).args(["interval", "cron", "rrule"]))]
pub(in crate::commands::deployment) struct Create {
    /// FLOW/DEPLOYMENT, its id, or what its id begins with
    #[arg(value_name = "DEPLOYMENT")]
    deployment: String,
    /// Every so many seconds
    #[arg(long, value_name = "SECONDS")]
    interval: Option<f64>,
    /// A date that the interval is counted from
    #[arg(long, value_name = "DATE", requires = "interval")]
    anchor_date: Option<String>,
    /// A cron expression, such as '0 9 * * 1-5'
    #[arg(long, value_name = "CRON")]
    cron: Option<String>,
    /// Whether a cron day is right by its date or by its weekday, instead of by both
    #[arg(long, visible_alias = "day_or", value_name = "BOOL", action = ArgAction::Set, num_args = 0..=1, default_value_t = true, default_missing_value = "true")]
    day_or: bool,
    /// The same as --day-or false
    #[arg(long, alias = "no-day_or", conflicts_with = "day_or", hide = true)]
    no_day_or: bool,
    /// A recurrence rule
    #[arg(long, value_name = "RRULE")]
    rrule: Option<String>,
    /// The time zone that the schedule is meant in, such as Europe/Berlin
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,
    /// Let the schedule make runs at once; this is how it is unless --no-active is said
    #[arg(long, overrides_with = "no_active", hide = true)]
    active: bool,
    /// Let the schedule make no runs yet
    #[arg(long, overrides_with = "active")]
    no_active: bool,
    /// Remove the other schedules of the deployment
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    confirmation: Confirmation,
}

impl Create {
    pub(super) async fn run(self, session: &Session) -> Result<(), Failure> {
        let deployment = lookup::deployment(session, &self.deployment).await?;
        if self.replace && !deployment.schedules.is_empty() {
            let number = counted(deployment.schedules.len());
            self.confirmation.ask(&format!("replace {number} of deployment '{}'", self.deployment))?;
        }
        let body = json!([{ "schedule": self.schedule(), "active": self.active || !self.no_active }]);
        let created = session.client.create_deployment_schedules(deployment.id, &body).await?;
        if self.replace {
            // After the new one is there: a refusal of it leaves the deployment as it was.
            for old in &deployment.schedules {
                session.client.delete_deployment_schedule(deployment.id, old.id).await?;
            }
        }
        let described = created.first().map(|schedule| describe(&schedule.schedule)).unwrap_or_default();
        let sentence = format!("Created schedule '{described}' of deployment '{}'.", self.deployment);
        session.printer.done(&created, &sentence)
    }

    fn schedule(&self) -> Value {
        let mut schedule = if let Some(interval) = self.interval {
            json!({ "interval": interval, "anchor_date": self.anchor_date })
        } else if let Some(cron) = &self.cron {
            json!({ "cron": cron, "day_or": self.day_or && !self.no_day_or })
        } else {
            json!({ "rrule": self.rrule })
        };
        if let Value::Object(fields) = &mut schedule {
            fields.retain(|_, value| !value.is_null());
        }
        if let Some(zone) = &self.timezone {
            schedule["timezone"] = json!(zone);
        }
        schedule
    }
}
