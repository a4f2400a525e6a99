use serde::Deserialize;

use crate::filters::{BlockDocumentFilter, BlockSchemaFilter, BlockTypeFilter, Page};
use crate::sorting::BlockDocumentSort;

/// Body of `POST /block_types/filter`.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "Fields")]
pub struct BlockTypeFilterRequest {
    pub block_types: Option<BlockTypeFilter>,
    pub block_schemas: Option<BlockSchemaFilter>,
    pub page: Page,
}

/// Body of `POST /block_schemas/filter`.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "Fields")]
pub struct BlockSchemaFilterRequest {
    pub block_schemas: Option<BlockSchemaFilter>,
    pub page: Page,
}

/// Body of `POST /block_documents/filter` and `POST /block_documents/count`.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "Fields")]
pub struct BlockDocumentFilterRequest {
    pub block_documents: Option<BlockDocumentFilter>,
    pub block_types: Option<BlockTypeFilter>,
    pub block_schemas: Option<BlockSchemaFilter>,
    pub include_secrets: bool,
    pub sort: BlockDocumentSort,
    pub page: Page,
}

#[derive(Deserialize)]
struct Fields {
    #[serde(default)]
    block_documents: Option<BlockDocumentFilter>,
    #[serde(default)]
    block_types: Option<BlockTypeFilter>,
    #[serde(default)]
    block_schemas: Option<BlockSchemaFilter>,
    #[serde(default)]
    include_secrets: bool,
    #[serde(default)]
    sort: Option<BlockDocumentSort>,
    #[serde(default)]
    limit: Option<i64>,
    #[serde(default, deserialize_with = "crate::filters::at_least::<0, _>")]
    offset: Option<i64>,
}

impl Fields {
    fn page(&self) -> Page {
        Page { limit: self.limit, offset: self.offset.unwrap_or(0), page: 1 }
    }
}

impl From<Fields> for BlockTypeFilterRequest {
    fn from(fields: Fields) -> Self {
        let page = fields.page();
        Self { block_types: fields.block_types, block_schemas: fields.block_schemas, page }
    }
}

impl From<Fields> for BlockSchemaFilterRequest {
    fn from(fields: Fields) -> Self {
        let page = fields.page();
        Self { block_schemas: fields.block_schemas, page }
    }
}

impl From<Fields> for BlockDocumentFilterRequest {
    fn from(fields: Fields) -> Self {
        let page = fields.page();
        Self {
            block_documents: fields.block_documents,
            block_types: fields.block_types,
            block_schemas: fields.block_schemas,
            include_secrets: fields.include_secrets,
            sort: fields.sort.unwrap_or_default(),
            page,
        }
    }
}
