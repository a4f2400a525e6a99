//! Blocks: whose they are, and how they are encrypted. What clients see is tested through the API.

use serde_json::{Value, json};
use sluice_secrets::{KeyRing, SecretKey, SecretsError};
use sluice_store::block_documents::{Filters, Reading};
use sluice_store::{StoreError, Tx, block_documents, block_schemas, block_types};
use sluice_test_support::on_both_databases;
use sluice_wire::blocks::BlockDocument;
use sluice_wire::ids::{BlockDocumentId, BlockSchemaId, BlockTypeId, WorkspaceId};
use sluice_wire::sorting::BlockDocumentSort;
use sluice_wire::time::Timestamp;
use uuid::Uuid;

const HERE: WorkspaceId = WorkspaceId::DEFAULT;
const ELSEWHERE: WorkspaceId = WorkspaceId(Uuid::from_u128(7));
const NOW: Timestamp = Timestamp::from_micros(1);

fn ring(keys: &[u8]) -> KeyRing {
    KeyRing::new(keys.iter().map(|byte| SecretKey::from_bytes([*byte; 32])))
}

fn from_json<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("a valid body")
}

async fn kind(tx: &mut Tx, workspace: WorkspaceId) -> Result<(BlockTypeId, BlockSchemaId), StoreError> {
    let body = from_json(json!({"name": "x", "slug": "x"}));
    let block_type = block_types::create(tx, workspace, &body, NOW).await?.expect("the slug is free");
    let body = from_json(json!({"block_type_id": block_type.id, "fields": {"secret_fields": ["p"]}}));
    let schema = block_schemas::create(tx, workspace, &body, NOW).await.expect("the schema is stored");
    Ok((block_type.id, schema.schema.id))
}

async fn document(
    tx: &mut Tx,
    workspace: WorkspaceId,
    keys: &KeyRing,
    kind: (BlockTypeId, BlockSchemaId),
    name: &str,
) -> BlockDocument {
    let body = json!({"name": name, "data": {"p": name}, "block_type_id": kind.0, "block_schema_id": kind.1});
    block_documents::create(tx, workspace, keys, &from_json(body), NOW).await.expect("the document is stored")
}

/// The secret of a document, as far as these keys open it.
async fn secret(tx: &mut Tx, keys: &KeyRing, id: BlockDocumentId) -> Result<Value, StoreError> {
    let document = block_documents::read(tx, HERE, keys, id, true).await?.expect("the document exists");
    Ok(document.data["p"].clone())
}

on_both_databases! {
    async fn secrets_are_rotated_in_batches(store: Store) {
        store
            .write((), |tx, ()| {
                Box::pin(async move {
                    let (old, both, new) = (ring(&[1]), ring(&[2, 1]), ring(&[2]));
                    let kind = kind(tx, HERE).await?;
                    let mut documents = Vec::new();
                    for name in ["a", "b", "c", "d", "e"] {
                        documents.push(document(tx, HERE, &old, kind, name).await.id);
                    }
                    // One that nobody can read any more stays as it is.
                    let lost = document(tx, HERE, &ring(&[9]), kind, "lost").await.id;
                    assert_eq!(block_documents::rotate_some(tx, &both, 2).await?, (2, 3));
                    // Half-way, everything is read with both keys.
                    for id in &documents {
                        secret(tx, &both, *id).await?;
                    }
                    assert_eq!(block_documents::rotate_some(tx, &both, 2).await?, (2, 1));
                    assert_eq!(block_documents::rotate_some(tx, &both, 2).await?, (1, 0));
                    assert_eq!(block_documents::rotate_some(tx, &both, 2).await?, (0, 0));
                    for (id, name) in documents.iter().zip(["a", "b", "c", "d", "e"]) {
                        assert_eq!(secret(tx, &new, *id).await?, name);
                    }
                    let lost_key = ring(&[9]).current().expect("a key").clone();
                    assert_eq!(block_documents::missing_keys(tx, &both).await?, [(lost_key.clone(), 1)]);
                    let error = secret(tx, &both, lost).await.expect_err("the key is missing");
                    assert!(matches!(error, StoreError::Secrets(SecretsError::MissingKey(key)) if key == lost_key));
                    // It can still go.
                    assert!(block_documents::delete(tx, HERE, lost, NOW).await?);
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .expect("the job runs");
    }

    async fn blocks_stay_in_their_workspace(store: Store) {
        store
            .write((), |tx, ()| {
                Box::pin(async move {
                    let keys = ring(&[1]);
                    let there = kind(tx, ELSEWHERE).await?;
                    let theirs = document(tx, ELSEWHERE, &keys, there, "mine").await;
                    assert!(block_types::read(tx, HERE, there.0).await?.is_none());
                    assert!(block_types::read_by_slug(tx, HERE, "x").await?.is_none());
                    assert!(block_schemas::read(tx, HERE, there.1).await?.is_none());
                    assert!(block_documents::read(tx, HERE, &keys, theirs.id, true).await?.is_none());
                    assert!(block_documents::read_by_name(tx, HERE, &keys, "x", "mine", true).await?.is_none());
                    assert!(!block_documents::delete(tx, HERE, theirs.id, NOW).await?);
                    assert_eq!(block_documents::count(tx, HERE, &Filters::default()).await?, 0);
                    // The same names are free here, and nothing of the others can be referred to.
                    let here = kind(tx, HERE).await?;
                    let body = |data: Value, block_type: BlockTypeId, schema: BlockSchemaId| {
                        from_json(json!({"name": "mine", "data": data, "block_type_id": block_type, "block_schema_id": schema}))
                    };
                    let reference = json!({"x": {"$ref": {"block_document_id": theirs.id}}});
                    for refused in [
                        body(reference, here.0, here.1),
                        body(json!({}), there.0, here.1),
                        body(json!({}), here.0, there.1),
                    ] {
                        assert!(block_documents::create(tx, HERE, &keys, &refused, NOW).await.is_err());
                    }
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .expect("the job runs");
    }

    async fn the_system_blocks_are_registered_once(store: Store) {
        store
            .write((), |tx, ()| {
                Box::pin(async move {
                    assert!(!block_types::is_system_registered(tx, HERE).await?);
                    block_types::register_system(tx, HERE, NOW).await?;
                    assert!(block_types::is_system_registered(tx, HERE).await?);
                    let schemas = block_schemas::filter(tx, HERE, None, 500, 0).await?;
                    block_types::register_system(tx, HERE, Timestamp::from_micros(2)).await?;
                    assert_eq!(block_schemas::filter(tx, HERE, None, 500, 0).await?.len(), schemas.len());
                    let slack = block_types::read_by_slug(tx, HERE, "slack-webhook").await?.expect("it is there");
                    block_types::delete(tx, HERE, &slack, NOW).await?;
                    assert!(!block_types::is_system_registered(tx, HERE).await?);
                    block_types::install_protected(tx, HERE, NOW).await?;
                    assert!(block_types::read_by_slug(tx, HERE, "slack-webhook").await?.is_none());
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .expect("the job runs");
    }

    async fn what_is_stored_is_not_readable(store: Store) {
        let stored = store
            .write((), |tx, ()| {
                Box::pin(async move {
                    let keys = ring(&[1]);
                    let kind = kind(tx, HERE).await?;
                    let first = document(tx, HERE, &keys, kind, "paranoid").await;
                    let second = document(tx, HERE, &keys, kind, "marvin").await;
                    // The row of one does not open as the data of the other.
                    tx.execute(
                        "UPDATE block_document SET data = (SELECT data FROM block_document AS other WHERE other.id = ?1)
                         WHERE id = ?2",
                        sluice_store::params![first.id, second.id],
                    )
                    .await?;
                    let error = secret(tx, &keys, second.id).await.expect_err("it does not belong there");
                    assert!(matches!(error, StoreError::Secrets(SecretsError::Damaged(_))));
                    tx.scalar::<Vec<u8>>(
                        "SELECT data FROM block_document WHERE id = ?1",
                        sluice_store::params![first.id],
                    )
                    .await
                })
            })
            .await
            .expect("the job runs")
            .expect("a row");
        assert!(!stored.windows(8).any(|window| window == b"paranoid"));
    }

    async fn many_documents_are_read_together(store: Store) {
        store
            .write((), |tx, ()| {
                Box::pin(async move {
                    let keys = ring(&[1]);
                    let kind = kind(tx, HERE).await?;
                    for number in 0..600 {
                        document(tx, HERE, &keys, kind, &format!("d-{number:03}")).await;
                    }
                    let reading = Reading {
                        sort: BlockDocumentSort::NameDesc, limit: None, offset: 0, include_secrets: false,
                    };
                    let found = block_documents::filter(tx, HERE, &keys, &Filters::default(), reading).await?;
                    assert_eq!(found.len(), 600);
                    assert_eq!(found[0].name.as_deref(), Some("d-599"));
                    assert!(found.iter().all(|one| one.data["p"] == "********" && one.block_schema.is_some()));
                    Ok::<_, StoreError>(())
                })
            })
            .await
            .expect("the job runs");
    }
}
