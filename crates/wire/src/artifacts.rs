//! Artifacts: what runs show people, and the newest of each key.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::ids::{ArtifactId, FlowRunId, TaskRunId};
use crate::json::RawJson;
use crate::patch::Patch;
use crate::time::Timestamp;

const MOST_METADATA_CHARACTERS: usize = 500;

/// An artifact, as it is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Artifact {
    pub id: ArtifactId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub key: Option<String>,
    pub r#type: Option<String>,
    pub description: Option<String>,
    pub data: Option<RawJson>,
    pub metadata_: Option<RawJson>,
    pub flow_run_id: Option<FlowRunId>,
    pub task_run_id: Option<TaskRunId>,
}

/// The newest artifact of a key. Its id stays the same when a newer artifact comes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ArtifactCollection {
    pub id: ArtifactId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub key: String,
    pub latest_id: ArtifactId,
    pub r#type: Option<String>,
    pub description: Option<String>,
    pub data: Option<RawJson>,
    pub metadata_: Option<RawJson>,
    pub flow_run_id: Option<FlowRunId>,
    pub task_run_id: Option<TaskRunId>,
}

impl From<ArtifactCollection> for Artifact {
    /// How `GET /artifacts/{key}/latest` shows it: with the id of the collection.
    fn from(collection: ArtifactCollection) -> Self {
        Self {
            id: collection.id,
            created: collection.created,
            updated: collection.updated,
            key: Some(collection.key),
            r#type: collection.r#type,
            description: collection.description,
            data: collection.data,
            metadata_: collection.metadata_,
            flow_run_id: collection.flow_run_id,
            task_run_id: collection.task_run_id,
        }
    }
}

/// Body of `POST /artifacts/`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArtifactCreate {
    #[serde(default)]
    pub key: Option<ArtifactKey>,
    #[serde(default)]
    pub r#type: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub data: Option<RawJson>,
    #[serde(default)]
    pub metadata_: Option<Metadata>,
    #[serde(default)]
    pub flow_run_id: Option<FlowRunId>,
    #[serde(default)]
    pub task_run_id: Option<TaskRunId>,
}

/// Body of `PATCH /artifacts/{id}`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArtifactUpdate {
    #[serde(default)]
    pub data: Patch<RawJson>,
    #[serde(default)]
    pub description: Patch<String>,
    #[serde(default)]
    pub metadata_: Patch<Metadata>,
}

/// Lower-case letters, digits and `-`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactKey(String);

impl ArtifactKey {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for ArtifactKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let key = String::deserialize(deserializer)?;
        if !key.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')) {
            return Err(de::Error::custom(
                "Artifact key must only contain lowercase letters, numbers, and dashes.",
            ));
        }
        Ok(Self(key))
    }
}

/// Texts by name; texts of over 500 characters are cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Metadata(BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut texts = BTreeMap::<String, String>::deserialize(deserializer)?;
        for text in texts.values_mut() {
            if let Some((end, _)) = text.char_indices().nth(MOST_METADATA_CHARACTERS) {
                text.truncate(end);
                text.push_str("...");
            }
        }
        Ok(Self(texts))
    }
}

#[cfg(test)]
mod tests {
    use super::{ArtifactCreate, Metadata};

    #[test]
    fn keys_are_lower_case_words_with_dashes() {
        for (key, is_valid) in [("my-report-1", true), ("My", false), ("a_b", false), ("a b", false)] {
            let body = format!(r#"{{"key":"{key}"}}"#);
            assert_eq!(serde_json::from_str::<ArtifactCreate>(&body).is_ok(), is_valid, "{key}");
        }
    }

    #[test]
    fn long_metadata_is_cut() {
        let body = format!(r#"{{"a":"{}","b":"{}"}}"#, "ä".repeat(501), "x".repeat(500));
        let metadata: Metadata = serde_json::from_str(&body).expect("valid");
        assert_eq!(metadata.0["a"], "ä".repeat(500) + "...");
        assert_eq!(metadata.0["b"], "x".repeat(500));
    }
}
