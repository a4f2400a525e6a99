//! `/block_types`, `/block_schemas`, `/block_documents`

use serde::Serialize;
use sluice_wire::blocks::{BlockDocument, BlockType};
use sluice_wire::ids::{BlockDocumentId, BlockTypeId};

use super::{all_pages, segment};
use crate::{Client, ClientError};

impl Client {
    /// The block types that match the body of `POST /block_types/filter` (without its page), `most` at the most.
    pub async fn block_types(
        &self,
        body: &impl Serialize,
        most: usize,
    ) -> Result<Vec<BlockType>, ClientError> {
        all_pages!(self, "/block_types/filter", body, most)
    }

    /// The block type with this slug, if there is one.
    pub async fn block_type(&self, slug: &str) -> Result<Option<BlockType>, ClientError> {
        self.find(&format!("/block_types/slug/{}", segment(slug))).await
    }

    /// Deletes a block type with its blocks.
    pub async fn delete_block_type(&self, id: BlockTypeId) -> Result<(), ClientError> {
        self.delete(&format!("/block_types/{id}")).await
    }

    /// The blocks that match the body of `POST /block_documents/filter` (without its page), `most` at the most.
    pub async fn block_documents(
        &self,
        body: &impl Serialize,
        most: usize,
    ) -> Result<Vec<BlockDocument>, ClientError> {
        all_pages!(self, "/block_documents/filter", body, most)
    }

    /// The block of that type with this name, if there is one; its secrets too when asked for.
    pub async fn block_document(
        &self,
        type_slug: &str,
        name: &str,
        include_secrets: bool,
    ) -> Result<Option<BlockDocument>, ClientError> {
        let (slug, name) = (segment(type_slug), segment(name));
        let path =
            format!("/block_types/slug/{slug}/block_documents/name/{name}?include_secrets={include_secrets}");
        self.find(&path).await
    }

    /// The block with this id; its secrets too when asked for.
    pub async fn block_document_by_id(
        &self,
        id: BlockDocumentId,
        include_secrets: bool,
    ) -> Result<BlockDocument, ClientError> {
        self.get(&format!("/block_documents/{id}?include_secrets={include_secrets}")).await
    }

    /// Deletes a block.
    pub async fn delete_block_document(&self, id: BlockDocumentId) -> Result<(), ClientError> {
        self.delete(&format!("/block_documents/{id}")).await
    }
}
