//! Artifacts, and the newest of each key.

mod create;
mod delete;
mod event;
mod filter;
mod filter_latest;
mod read;
mod update;

pub use create::create;
pub use delete::delete;
pub use filter::{count, filter};
pub use filter_latest::{count_latest, filter_latest};
pub use read::{read, read_latest};
pub use update::update;

use sluice_wire::artifacts::{Artifact, ArtifactCollection};

use crate::{Result, Row};

/// The columns of [`from_row`], in its order.
const COLUMNS: &str = "artifact.id, artifact.created, artifact.updated, artifact.key, artifact.type,
    artifact.description, artifact.data, artifact.metadata, artifact.flow_run_id, artifact.task_run_id";

/// The columns of [`collection_from_row`], in its order.
const COLLECTION_COLUMNS: &str =
    "artifact_collection.id, artifact_collection.created, artifact_collection.updated,
    artifact_collection.key, artifact_collection.latest_id, artifact_collection.type,
    artifact_collection.description, artifact_collection.data, artifact_collection.metadata,
    artifact_collection.flow_run_id, artifact_collection.task_run_id";

fn from_row(row: Row) -> Result<Artifact> {
    let mut columns = row.columns();
    Ok(Artifact {
        id: columns.take()?,
        created: columns.take()?,
        updated: columns.take()?,
        key: columns.take()?,
        r#type: columns.take()?,
        description: columns.take()?,
        data: columns.take()?,
        metadata_: columns.take()?,
        flow_run_id: columns.take()?,
        task_run_id: columns.take()?,
    })
}

fn collection_from_row(row: Row) -> Result<ArtifactCollection> {
    let mut columns = row.columns();
    Ok(ArtifactCollection {
        id: columns.take()?,
        created: columns.take()?,
        updated: columns.take()?,
        key: columns.take()?,
        latest_id: columns.take()?,
        r#type: columns.take()?,
        description: columns.take()?,
        data: columns.take()?,
        metadata_: columns.take()?,
        flow_run_id: columns.take()?,
        task_run_id: columns.take()?,
    })
}
