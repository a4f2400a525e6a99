//! The orders in which objects can be asked for. The default of each is that of its `/filter` route.

use serde::{Deserialize, Serialize};

macro_rules! sorts {
    ($($(#[$doc:meta])* $name:ident = $default:ident { $($variant:ident),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        #[expect(missing_docs, reason = "the words are the protocol's own")]
        pub enum $name {
            $($variant),+
        }

        impl $name {
            /// Every order, in the order of the protocol.
            pub const ALL: &[Self] = &[$(Self::$variant),+];
        }

        impl Default for $name {
            fn default() -> Self {
                Self::$default
            }
        }
    )+};
}

sorts! {
    /// Orders of flow runs. By start means: by the start or, for runs that did not start, the expected start.
    FlowRunSort = IdDesc {
        IdDesc,
        StartTimeAsc,
        StartTimeDesc,
        ExpectedStartTimeAsc,
        ExpectedStartTimeDesc,
        NameAsc,
        NameDesc,
        NextScheduledStartTimeAsc,
        EndTimeDesc,
    }
    /// Orders of task runs.
    TaskRunSort = IdDesc {
        IdDesc,
        ExpectedStartTimeAsc,
        ExpectedStartTimeDesc,
        NameAsc,
        NameDesc,
        NextScheduledStartTimeAsc,
        EndTimeDesc,
    }
    /// Orders of log lines.
    LogSort = TimestampAsc { TimestampAsc, TimestampDesc }
    /// Orders of flows.
    FlowSort = NameAsc { CreatedDesc, UpdatedDesc, NameAsc, NameDesc }
    /// Orders of deployments.
    DeploymentSort = NameAsc { CreatedDesc, UpdatedDesc, NameAsc, NameDesc }
    /// Orders of artifacts.
    ArtifactSort = IdDesc { CreatedDesc, UpdatedDesc, IdDesc, KeyDesc, KeyAsc }
    /// Orders of block documents.
    BlockDocumentSort = NameAsc { NameDesc, NameAsc, BlockTypeAndNameAsc }
    /// Orders of the newest artifacts of each key.
    ArtifactCollectionSort = IdDesc { CreatedDesc, UpdatedDesc, IdDesc, KeyDesc, KeyAsc }
    /// Orders of automations.
    AutomationSort = NameAsc { CreatedDesc, UpdatedDesc, NameAsc, NameDesc }
    /// Orders of variables.
    VariableSort = NameAsc { CreatedDesc, UpdatedDesc, NameDesc, NameAsc }
}
