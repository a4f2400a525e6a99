//! What the schema and the data of a block mean: checksums, nested schemas, secret fields, references to other
//! blocks, and the blocks that every server knows.
//!
//! **Architecture invariant:** no I/O. JSON comes in and goes out; nothing here is endless, whatever comes in.

mod checksum;
mod definitions;
mod full_schema;
mod html;
mod new_schema;
#[cfg(test)]
mod properties;
mod python_json;
mod references;
mod secret_fields;
pub mod system;

pub use checksum::checksum;
pub use full_schema::{SchemaNode, full_fields};
pub use html::{escape_html, unescape_html};
pub use new_schema::{NewSchema, SchemaProblem, SchemaReference};
pub use references::{MissingDocumentId, Separated, separate_references};
pub use secret_fields::{HIDDEN, hide, keep_hidden, secret_paths};

/// A JSON object whose keys keep their order.
pub type Object = serde_json::Map<String, serde_json::Value>;
