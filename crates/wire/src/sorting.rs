//! The orders in which objects can be asked for. The default of each is that of its `/filter` route.

use serde::{Deserialize, Serialize};

macro_rules! sorts {
    ($($(#[$doc:meta])* $name:ident { $first:ident, $($rest:ident),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        #[expect(missing_docs, reason = "the words are the protocol's own")]
        pub enum $name {
            #[default]
            $first,
            $($rest),+
        }

        impl $name {
            /// Every order.
            pub const ALL: &[Self] = &[Self::$first, $(Self::$rest),+];
        }
    )+};
}

sorts! {
    /// Orders of flow runs. By start means: by the start or, for runs that did not start, the expected start.
    FlowRunSort {
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
    TaskRunSort {
        IdDesc,
        ExpectedStartTimeAsc,
        ExpectedStartTimeDesc,
        NameAsc,
        NameDesc,
        NextScheduledStartTimeAsc,
        EndTimeDesc,
    }
    /// Orders of log lines.
    LogSort { TimestampAsc, TimestampDesc }
    /// Orders of flows.
    FlowSort { NameAsc, NameDesc, CreatedDesc, UpdatedDesc }
    /// Orders of deployments.
    DeploymentSort { NameAsc, NameDesc, CreatedDesc, UpdatedDesc }
    /// Orders of artifacts.
    ArtifactSort { IdDesc, CreatedDesc, UpdatedDesc, KeyDesc, KeyAsc }
    /// Orders of the newest artifacts of each key.
    ArtifactCollectionSort { IdDesc, CreatedDesc, UpdatedDesc, KeyDesc, KeyAsc }
    /// Orders of variables.
    VariableSort { NameAsc, NameDesc, CreatedDesc, UpdatedDesc }
}
