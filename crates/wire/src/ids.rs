//! Typed ids, so that a flow-run id cannot be passed for a task-run id.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! typed_ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A random id (version 4): what the reference mints for objects that are looked up, not scanned.
            pub fn random() -> Self {
                Self(Uuid::new_v4())
            }

            /// An id that grows with time (version 7): keeps inserts at the end of an index.
            pub fn sequential() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )+};
}

typed_ids! {
    ArtifactId,
    AutomationId,
    BlockDocumentId,
    BlockSchemaId,
    BlockTypeId,
    ConcurrencyLimitId,
    DeploymentId,
    EventId,
    FlowId,
    FlowRunId,
    IncidentId,
    LeaseId,
    LogId,
    SavedSearchId,
    ScheduleId,
    /// A state of a flow run or of a task run.
    StateId,
    TaskRunId,
    VariableId,
    WorkPoolId,
    WorkQueueId,
    WorkerId,
    /// The tenant that a row belongs to.
    WorkspaceId,
}

impl WorkspaceId {
    /// The workspace behind `/api/...`.
    pub const DEFAULT: Self = Self(Uuid::nil());
}
