use serde::{Deserialize, Serialize};

use super::{EqualFilter, Operator};

/// Which schedules of a deployment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeploymentScheduleFilter {
    #[serde(default)]
    pub operator: Operator,
    #[serde(default)]
    pub active: Option<EqualFilter>,
}
