//! What became of an action.

use serde_json::{Map, Value};
use sluice_store::{JobError, StoreError};
use sluice_wire::events::{Labels, RESOURCE_ID, RESOURCE_NAME, RESOURCE_ROLE};

/// What the events about an action tell.
#[derive(Debug, Clone, Default)]
pub(in crate::tasks) struct Report {
    /// Goes into the payload.
    pub(in crate::tasks) details: Map<String, Value>,
    /// What the action was about.
    pub(in crate::tasks) related: Vec<Labels>,
    /// Why the action counts as failed although what it did stays: the rules of states answered with another state.
    pub(in crate::tasks) denied: Option<String>,
}

impl Report {
    /// The status that the same request would have had.
    pub(in crate::tasks) fn status(&mut self, status: u16) {
        self.details.insert("status_code".to_owned(), status.into());
    }

    /// What the action is applied to, such as `prefect.deployment.<id>`.
    pub(in crate::tasks) fn target(&mut self, id: String) {
        self.relate(id, "target", None);
    }

    pub(in crate::tasks) fn relate(&mut self, id: String, role: &str, name: Option<String>) {
        let mut labels =
            Labels::from([(RESOURCE_ID.to_owned(), id), (RESOURCE_ROLE.to_owned(), role.to_owned())]);
        if let Some(name) = name {
            labels.insert(RESOURCE_NAME.to_owned(), name);
        }
        self.related.push(labels);
    }
}

/// Why an action is not done.
#[derive(Debug)]
pub(in crate::tasks) enum Refused {
    /// It is not possible.
    Failed {
        /// In words.
        reason: String,
        /// What is known about it.
        report: Box<Report>,
    },
    /// The database.
    Store(StoreError),
}

impl Refused {
    pub(in crate::tasks) fn failed(reason: impl Into<String>) -> Self {
        Self::Failed { reason: reason.into(), report: Box::default() }
    }

    /// The same request would have had this status.
    pub(in crate::tasks) fn status(kind: &str, status: u16, report: &mut Report) -> Self {
        report.status(status);
        Self::failed(format!("Unexpected status from '{kind}' action: {status}"))
    }

    /// The same request would have been refused with 409 or 422 and this text.
    pub(in crate::tasks) fn invalid(kind: &str, status: u16, detail: &str, report: &mut Report) -> Self {
        report.status(status);
        Self::failed(format!("Validation error occurred for '{kind}' - {detail}"))
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl JobError for Refused {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            Self::Failed { .. } => None,
        }
    }
}
