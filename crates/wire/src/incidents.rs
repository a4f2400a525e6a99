//! Incidents: what automations declared, until somebody resolves it. They are Sluice's own; the reference has none.

use serde::{Deserialize, Serialize};

use crate::events::Labels;
use crate::filters::{AnyFilter, Operator, Page};
use crate::ids::{AutomationId, EventId, IncidentId, WorkspaceId};
use crate::time::Timestamp;

/// An incident, as it is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    pub id: IncidentId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub workspace_id: WorkspaceId,
    /// For people.
    pub name: String,
    /// What has happened.
    pub summary: String,
    pub severity: Severity,
    pub status: IncidentStatus,
    /// Who declared it.
    pub automation_id: Option<AutomationId>,
    /// What it is about: the resources of the event, with their labels.
    pub resources: Vec<Labels>,
    /// Why it was declared.
    pub triggering_event_id: Option<EventId>,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Somebody should know.
    Minor,
    /// Nobody has said.
    Moderate,
    /// Work suffers.
    Major,
    /// Work has stopped.
    Critical,
}

impl Severity {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Minor => "minor",
            Self::Moderate => "moderate",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }
}

/// What has become of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IncidentStatus {
    /// It needs somebody.
    Open,
    /// It is over.
    Resolved,
}

impl IncidentStatus {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Resolved => "resolved",
        }
    }
}

/// Body of `PATCH /incidents/{id}`: what is absent or null stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IncidentUpdate {
    #[serde(default)]
    pub summary: Option<String>,
    #[serde(default)]
    pub severity: Option<Severity>,
    #[serde(default)]
    pub status: Option<IncidentStatus>,
}

/// Which incidents.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IncidentFilter {
    #[serde(default)]
    pub operator: Operator,
    #[serde(default)]
    pub id: Option<AnyFilter<IncidentId>>,
    #[serde(default)]
    pub severity: Option<AnyFilter<Severity>>,
    #[serde(default)]
    pub status: Option<AnyFilter<IncidentStatus>>,
    #[serde(default)]
    pub automation_id: Option<AnyFilter<AutomationId>>,
}

/// Body of `POST /incidents/filter`, where the newest come first, and of `POST /incidents/count`, which counts all.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "Fields")]
pub struct IncidentFilterRequest {
    /// Which.
    pub incidents: Option<IncidentFilter>,
    /// Which part.
    pub page: Page,
}

#[derive(Deserialize)]
struct Fields {
    #[serde(default)]
    incidents: Option<IncidentFilter>,
    #[serde(default)]
    limit: Option<i64>,
    #[serde(default, deserialize_with = "crate::filters::at_least::<0, _>")]
    offset: Option<i64>,
}

impl From<Fields> for IncidentFilterRequest {
    fn from(fields: Fields) -> Self {
        let page = Page { limit: fields.limit, offset: fields.offset.unwrap_or(0), page: 1 };
        Self { incidents: fields.incidents, page }
    }
}
