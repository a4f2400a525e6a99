//! Blocks: types (what kinds there are), schemas (which fields a kind has) and documents (the values).

mod documents;
mod requests;
mod schemas;
mod types;

pub use documents::{BlockDocument, BlockDocumentCreate, BlockDocumentName, BlockDocumentUpdate};
pub use requests::{BlockDocumentFilterRequest, BlockSchemaFilterRequest, BlockTypeFilterRequest};
pub use schemas::{BlockSchema, BlockSchemaCreate, NON_VERSIONED};
pub use types::{BlockType, BlockTypeCreate, BlockTypeSlug, BlockTypeUpdate};

/// A JSON object whose keys keep their order.
pub type Object = serde_json::Map<String, serde_json::Value>;
