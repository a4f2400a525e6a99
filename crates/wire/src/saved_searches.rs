//! Saved searches: sets of criteria that the user interface keeps.

use serde::{Deserialize, Serialize};

use crate::ids::SavedSearchId;
use crate::json::RawJson;
use crate::time::Timestamp;

/// A saved search, as it is read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedSearch {
    pub id: SavedSearchId,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub name: String,
    pub filters: Vec<SavedSearchFilter>,
}

/// One criterion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedSearchFilter {
    pub object: String,
    pub property: String,
    pub r#type: String,
    pub operation: String,
    pub value: RawJson,
}

/// Body of `PUT /saved_searches/`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedSearchCreate {
    pub name: String,
    #[serde(default)]
    pub filters: Vec<SavedSearchFilter>,
}
